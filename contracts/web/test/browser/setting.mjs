// SPDX-License-Identifier: MIT OR Apache-2.0

// One chain, one site and one browser for all tests of a file. Every test starts from the same chain; every page that was opened must have asked
// nothing of anybody else, logged no error, and broken no rule of axe-core's where it was looked at.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { decodeFunctionResult, encodeFunctionData } from "viem";
import { DEPLOYER, file, openPage, serve, startBrowser, startChain, web, who } from "./harness.mjs";

const abi = JSON.parse(readFileSync(join(web, "../artifacts/RevenueLedger.json"), "utf8")).abi;
export const json = (name) => JSON.parse(readFileSync(file(name), "utf8"));
export const total = (receipt) => receipt.accounts.reduce((sum, { cumulative }) => sum + BigInt(cumulative), 0n);
export const text = (name, document) => ({ name, mimeType: "application/json", buffer: Buffer.from(typeof document === "string" ? document : JSON.stringify(document)) });
export const FOX = { name: "Test Fox", account: who.alice };
export const RABBIT = { name: "Test Rabbit", account: DEPLOYER };

export let chain, site, browser;
let snapshot;
let opened = [];

before(async () => {
  [chain, site, browser] = [await startChain(), await serve(), await startBrowser()];
});
after(async () => {
  await browser?.close();
  site?.stop();
  chain?.stop();
});
beforeEach(async () => {
  snapshot = await chain.rpc("evm_snapshot");
});
afterEach(async () => {
  const faults = opened.flatMap((one) => one.faults);
  for (const one of opened) await one.close();
  opened = [];
  await chain.rpc("evm_revert", snapshot);
  assert.deepEqual(faults, []);
});

export async function open(options) {
  const one = await openPage(browser, site, chain, options);
  opened.push(one);
  const { page } = one;
  one.says = (id, expected) => page.locator(`#${id}`).filter({ hasText: expected }).first().waitFor({ timeout: 40_000 });
  one.connect = (name) => page.getByRole("button", { name: new RegExp(name) }).click();
  one.unfold = (id) => page.locator(`#${id} > summary`).first().click();
  one.fine = async () => assert.deepEqual(await one.accessible(), []);
  return one;
}

const read = async (name, ...args) => chain.rpc("eth_call", { to: who.ledger, data: encodeFunctionData({ abi, functionName: name, args }) }, "latest");
export const view = async (functionName, ...args) => decodeFunctionResult({ abi, functionName, data: await read(functionName, ...args) });
export const sendAs = async (from, functionName, args) => {
  const hash = await chain.rpc("eth_sendTransaction", { from, to: who.ledger, data: encodeFunctionData({ abi, functionName, args }), gas: "0x7a1200" });
  // A node on a busy machine answers before it has mined.
  let receipt = null;
  for (let i = 0; receipt === null && i < 100; i++) {
    receipt = await chain.rpc("eth_getTransactionReceipt", hash);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(receipt?.status, "0x1");
};

