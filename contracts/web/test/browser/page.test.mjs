// SPDX-License-Identifier: MIT OR Apache-2.0

// The page in Chromium against anvil, with the real contracts and real proofs. Every test starts from the same chain; every page that was opened
// must have asked nothing of anybody else, logged no error and broken no rule of axe-core's where it was looked at.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { decodeFunctionResult, encodeFunctionData } from "viem";
import { DEPLOYER, DESKTOP, PHONE, file, openPage, serve, startBrowser, startChain, web, who } from "./harness.mjs";

const abi = JSON.parse(readFileSync(join(web, "../artifacts/RevenueLedger.json"), "utf8")).abi;
const json = (name) => JSON.parse(readFileSync(file(name), "utf8"));
const total = (receipt) => receipt.accounts.reduce((sum, { cumulative }) => sum + BigInt(cumulative), 0n);
const text = (name, document) => ({ name, mimeType: "application/json", buffer: Buffer.from(typeof document === "string" ? document : JSON.stringify(document)) });
const FOX = { name: "Test Fox", account: who.alice };
const RABBIT = { name: "Test Rabbit", account: DEPLOYER };

let chain, site, browser, snapshot;
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

async function open(options) {
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
const view = async (functionName, ...args) => decodeFunctionResult({ abi, functionName, data: await read(functionName, ...args) });
const sendAs = async (from, functionName, args) => {
  const hash = await chain.rpc("eth_sendTransaction", { from, to: who.ledger, data: encodeFunctionData({ abi, functionName, args }), gas: "0x7a1200" });
  assert.equal((await chain.rpc("eth_getTransactionReceipt", hash)).status, "0x1");
};

// ---------------------------------------------------------------- claim

test("a payee with seven records is paid in four clicks, on a phone", async () => {
  const one = await open({ wallets: [FOX, RABBIT] });
  await one.fine();
  await one.shot("phone-1-start");
  await one.choose("alice.json");
  await one.says("receipt", "The receipt agrees with itself");
  await one.says("receipt", who.alice);
  await one.says("receipt", "Not checked against the chain yet");
  await one.says("receipt", "INSECURE");
  await one.fine();
  await one.shot("phone-2-checked");
  await one.connect("Test Fox");
  await one.says("receipt", "Confirmed by the chain");
  await one.says("receipt", "Orchard 7B");
  await one.says("claim", "function claim, for 7 records");
  assert.equal(one.sent.length, 0);
  await one.fine();
  await one.shot("phone-3-claim");
  const before = await chain.balanceOf(who.alice);
  await one.page.locator("#claim-button").click();
  await one.says("claim", "Paid: ");
  const due = total(json("alice.json"));
  assert.equal(await chain.balanceOf(who.alice) - before, due);
  assert.equal(one.sent.length, 1);
  assert.match(await one.card("claim").innerText(), /0x[0-9a-f]{64}/);
  await one.says("receipt", "Due now 0");
  await one.fine();
  await one.shot("phone-4-paid");
});

test("two wallets: the one that was chosen signs, and the payee is paid", async () => {
  const one = await open({ wallets: [FOX, RABBIT], viewport: DESKTOP });
  await one.choose("bob.json");
  await one.says("connect", "Test Fox");
  await one.connect("Test Rabbit");
  await one.says("claim", "You are not the payee");
  await one.shot("desktop-claim");
  await one.fine();
  const before = await chain.balanceOf(who.bob);
  await one.page.locator("#claim-button").click();
  await one.says("claim", "Paid: ");
  assert.equal(await chain.balanceOf(who.bob) - before, total(json("bob.json")));
  assert.deepEqual(one.sent.map(({ wallet, from }) => [wallet, from]), [["Test Rabbit", DEPLOYER]]);
});

test("a wallet on another chain: nothing is signed before it switched", async () => {
  const one = await open({ wallets: [{ ...FOX, chainId: 1 }] });
  await one.choose("alice.json");
  await one.connect("Test Fox");
  await one.says("connect", "Your wallet is on Ethereum (1); this ledger is on Anvil (31337).");
  assert.equal(await one.page.locator("#claim").count(), 0);
  await one.fine();
  await one.shot("wrong-chain");
  one.wallets[0].unknownChain = true;
  await one.page.locator("#switch").click();
  await one.says("connect", "Your wallet does not know this chain");
  one.wallets[0].unknownChain = false;
  await one.page.locator("#switch").click();
  await one.says("claim", "function claim");
});

test("a declined connection and a declined signature are said in words, and can be tried again", async () => {
  const one = await open({ wallets: [{ ...FOX, reject: ["eth_requestAccounts"] }] });
  await one.choose("alice.json");
  await one.connect("Test Fox");
  await one.says("connect", "You declined in your wallet. Nothing was sent.");
  one.wallets[0].reject = ["eth_sendTransaction"];
  await one.connect("Test Fox");
  await one.page.locator("#claim-button").click();
  await one.says("claim", "You declined in your wallet. Nothing was sent.");
  await one.fine();
  await one.shot("declined");
  one.wallets[0].reject = [];
  await one.page.locator("#claim-button").click();
  await one.says("claim", "Paid: ");
});

test("nothing due: nothing earned, or paid already", async () => {
  const one = await open({ wallets: [FOX] });
  await one.choose("carol.json");
  await one.connect("Test Fox");
  await one.says("claim", "these records earned nothing");
  assert.equal(await one.page.locator("#claim-button").count(), 0);
  await one.choose("alice.json");
  await one.page.locator("#claim-button").click();
  await one.says("claim", "Paid: ");
  const again = await open({ wallets: [RABBIT] });
  await again.choose("alice.json");
  await again.connect("Test Rabbit");
  await again.says("claim", "was paid already");
  await again.says("receipt", "Paid already 198");
  await again.shot("nothing-due");
});

test("a stale receipt pays what it shows, and says that there is more", async () => {
  const one = await open({ wallets: [FOX] });
  await one.choose("alice-older.json");
  await one.says("receipt", "up to epoch 1");
  await one.connect("Test Fox");
  await one.says("receipt", "There is a newer epoch");
  const before = await chain.balanceOf(who.alice);
  await one.page.locator("#claim-button").click();
  await one.says("claim", "Paid: ");
  assert.equal(await chain.balanceOf(who.alice) - before, total(json("alice-older.json")));
  await one.choose("alice.json");
  await one.page.locator("#claim-button").click();
  await one.says("claim", "Paid: ");
  assert.equal(await chain.balanceOf(who.alice) - before, total(json("alice.json")));
});

test("a receipt of an epoch that is not final yet", async () => {
  const one = await open({ wallets: [FOX] });
  await one.choose("alice-pending.json");
  await one.connect("Test Fox");
  await one.says("receipt", "Epoch 3 is not final on the chain yet");
  assert.equal(await one.page.locator("#claim-button").count(), 0);
});

test("a contract wallet: paid by anybody, and it names its recipient itself", async () => {
  await chain.rpc("anvil_impersonateAccount", who.contract);
  await chain.rpc("anvil_setBalance", who.contract, "0xde0b6b3a7640000");
  const one = await open({ wallets: [{ name: "Test Safe", account: who.contract }] });
  await one.choose("contract.json");
  await one.connect("Test Safe");
  await one.page.locator("#claim-button").click();
  await one.says("claim", "Paid: ");
  assert.equal(await chain.balanceOf(who.contract), total(json("contract.json")));
  await one.unfold("recipient");
  await one.page.fill("#recipient-to", who.bob);
  await one.page.locator("#recipient-try").click();
  await one.page.locator("#recipient-button").click();
  await one.says("recipient", "Recipient set.");
  assert.equal(BigInt(await read("recipientOf", who.contract)), BigInt(who.bob));
});

test("a recipient is set by the payee, and paid from then on", async () => {
  const one = await open({ wallets: [FOX] });
  await one.choose("alice.json");
  await one.connect("Test Fox");
  await one.says("claim", "function claim");
  await one.unfold("recipient");
  await one.page.fill("#recipient-to", who.carol.replace("e", "E"));
  await one.page.locator("#recipient-try").click();
  await one.says("recipient", "That is no address");
  await one.page.fill("#recipient-to", who.ledger);
  await one.page.locator("#recipient-try").click();
  await one.says("recipient", "This address can have no part");
  await one.page.fill("#recipient-to", who.carol);
  await one.page.locator("#recipient-try").click();
  await one.says("recipient", `function setRecipient. All later payments to you go to ${who.carol}`);
  await one.fine();
  await one.shot("recipient");
  await one.page.locator("#recipient-button").click();
  await one.says("recipient", "Recipient set.");
  await one.says("claim", "the payee's recipient");
  await one.page.locator("#claim-button").click();
  await one.says("claim", `to ${who.carol}`);
  assert.equal(await chain.balanceOf(who.carol), total(json("alice.json")));
  const other = await open({ wallets: [RABBIT] });
  await other.choose("alice.json");
  await other.connect("Test Rabbit");
  await other.unfold("recipient");
  await other.says("recipient", "Only the payee");
});

// ---------------------------------------------------------------- refused

test("forged receipts are refused without a network, each for its reason", async () => {
  const one = await open();
  const asked = site.asked.length;
  const forge = (change) => {
    const receipt = json("alice.json");
    change(receipt);
    return receipt;
  };
  for (const [change, why] of [
    [(r) => { r.accounts[2].cumulative = String(BigInt(r.accounts[2].cumulative) + 1n); }, "segment 0, slot 2: the proof does not show these values"],
    [(r) => { r.payee = DEPLOYER; }, "the proof does not show these values"],
    [(r) => { r.accounts[0].index = 62; r.accounts = [r.accounts[0]]; }, "holds no record"],
    [(r) => { r.accounts[0].proof = r.accounts[0].proof.slice(0, -1) + "z"; }, "accounts[0].proof is not a proof"],
    [(r) => { r.accounts[0].cumulative = "1e3"; }, "accounts[0].cumulative is not an amount"],
    [(r) => { r.payee = r.payee.replace("E", "e"); }, "mistyped"],
    [(r) => { r.note = "<img src=x onerror=alert(1)>"; }, "a member that there is not:  note"],
  ]) {
    await one.choose(text("forged.json", forge(change)));
    await one.page.locator("main").filter({ hasText: why }).waitFor({ timeout: 40_000 });
    assert.equal(await one.page.locator("#claim").count(), 0);
  }
  await one.choose(text("<b>x</b>.json", "{"), text("deep.json", "[".repeat(100_000)), text("no.json", "{\"__proto__\": {\"payee\": 1}}"));
  await one.page.locator("main").filter({ hasText: "<b>x</b>.json: not JSON, at line 1, column 2" }).waitFor();
  assert.equal(await one.page.locator("main b").count(), 0);
  assert.equal(site.asked.length, asked);
  await one.choose(text("forged.json", forge((r) => { r.accounts[2].cumulative = "999000000000000000000"; })));
  await one.says("receipt", "Refused");
  await one.fine();
  await one.shot("forged");
});

test("a receipt that agrees with itself and with no ledger on the chain", async () => {
  const vectors = JSON.parse(readFileSync(join(web, "test/vectors/vectors.json"), "utf8"));
  const one = await open({ wallets: [FOX] });
  await one.choose(text("other.json", vectors.documents.receipt));
  await one.says("receipt", "The receipt agrees with itself");
  await one.connect("Test Fox");
  await one.says("receipt", "There is no contract at the ledger's address on this chain.");
  assert.equal(await one.page.locator("#claim").count(), 0);
});

test("a node that is down, an address that is none, and one that answers", async () => {
  const one = await open();
  await one.choose("alice.json");
  await one.says("connect", "No wallet was found in this browser");
  await one.page.fill("#rpc", "http://example.com");
  await one.page.locator("#rpc-use").click();
  await one.says("connect", "An address that begins with https://");
  await one.page.fill("#rpc", "http://127.0.0.1:9/");
  await one.page.locator("#rpc-use").click();
  await one.says("receipt", "The node does not answer");
  await one.fine();
  await one.shot("node-down");
  await one.page.fill("#rpc", chain.url);
  await one.page.locator("#rpc-use").click();
  await one.says("receipt", "Confirmed by the chain");
  await one.says("claim", "Connect a wallet to claim them");
  await one.unfold("receipt-checks");
  await one.says("receipt-checks", "the node at the address that you gave tells the truth");
});

test("contracts whose code is not known: a claim needs a word first", async () => {
  await chain.rpc("anvil_setCode", who.opening_verifier.toLowerCase(), (await chain.rpc("eth_getCode", who.opening_verifier, "latest")) + "00");
  const one = await open({ wallets: [FOX] });
  await one.choose("alice.json");
  await one.connect("Test Fox");
  await one.says("claim", "not known to this page: OpeningVerifier");
  assert.equal(await one.page.locator("#claim-button").isDisabled(), true);
  await one.fine();
  await one.shot("unknown-code");
  await one.page.locator("#accept").check();
  await one.page.locator("#claim-button:not([disabled])").click();
  await one.says("claim", "Paid: ");
});

// ---------------------------------------------------------------- silence and the end

test("a demand shows bond and deadline, and is open afterwards", async () => {
  const one = await open({ wallets: [FOX] });
  await one.unfold("demand");
  await one.says("demand", "Choose your record.json");
  await one.choose("record.json");
  await one.says("demand", "Choose the ledger.json");
  await one.choose("silent-ledger.json");
  await one.connect("Test Fox");
  await one.says("demand", "Silent 1B");
  await one.says("demand", "0.01 ETH");
  await one.says("demand", "1 hours after it is mined");
  await one.fine();
  await one.shot("demand");
  await one.page.locator("#demand-button").click();
  await one.says("demand", "Demanded. The deadline is");
  assert.equal(BigInt(one.sent[0].value), BigInt(who.bond));
  const again = await open({ wallets: [RABBIT] });
  await again.choose("record.json", "silent-ledger.json");
  await again.connect("Test Rabbit");
  await again.unfold("demand");
  await again.says("demand", "A demand for this record is open since before");
});

test("an exit after dissolution: two records in two segments, by the last final scores", async () => {
  const one = await open({ wallets: [FOX] });
  await one.choose("record.json", "record-63.json", "silent-ledger.json");
  await one.connect("Test Fox");
  await one.unfold("exit");
  await one.says("exit", "Silent 1B is not dissolved");
  await chain.rpc("evm_increaseTime", 10_801);
  await chain.rpc("evm_mine");
  await sendAs(DEPLOYER, "dissolve", [json("silent-ledger.json").model_id]);
  await one.choose("silent-ledger.json");
  await one.says("exit", "Choose the scores.json of epoch 1");
  const scores = json("silent-scores.json");
  scores.segments[0].score = String(BigInt(scores.segments[0].score) + 1n);
  await one.choose(text("scores.json", scores));
  await one.says("exit", "choose the enrolment.json");
  await one.choose("silent-scores.json", "silent-enrolment.json");
  await one.page.locator("#exit-button").waitFor();
  await one.fine();
  await one.shot("exit");
  const before = await chain.balanceOf(who.alice);
  await one.page.locator("#exit-button").click();
  await one.says("exit", "Paid by the exit: ");
  const { segments, total_score } = json("silent-scores.json");
  // All money of epochs that are not final: what the customer paid, and the dust of the epoch before.
  const epoch = await view("getEpoch", json("silent-ledger.json").model_id, 2n);
  const parts = segments.map(({ score }, i) => (epoch.revenue + epoch.carried) * BigInt(score) / BigInt(total_score) / [62n, 8n][i]);
  assert.equal(await chain.balanceOf(who.alice) - before, parts[0] + parts[1]);
  await one.choose("record.json");
  await one.says("exit", "took their part already");
});

// ---------------------------------------------------------------- statements and records

test("a statement: every line verified, as table and picture; another pool is found on the chain", async () => {
  const one = await open({ wallets: [FOX], viewport: DESKTOP });
  await one.choose("statement.json");
  await one.says("statement", "The statement agrees with itself");
  assert.match(await one.page.locator("#statement svg[role=img]").getAttribute("aria-label"), /Payouts by epoch: 1: .*; 2: /);
  await one.connect("Test Fox");
  await one.says("statement", "Confirmed by the chain");
  await one.unfold("lines-0");
  assert.equal(await one.page.locator("#lines-0 tbody tr").count(), 2);
  assert.equal(await one.page.locator("#lines-0 td.ok").count(), 2);
  await one.fine();
  await one.shot("desktop-statement");
  const statement = json("statement.json");
  statement.accounts[0].epochs[0].pool = String(BigInt(statement.accounts[0].epochs[0].pool) + 1n);
  await one.choose(text("statement.json", statement));
  await one.says("statement", "another pool or total on the chain");
  statement.accounts[0].epochs[0].payout = String(BigInt(statement.accounts[0].epochs[0].payout) + 1n);
  await one.choose(text("statement.json", statement));
  await one.says("statement", "the payout does not follow");
});

test("a record: its path, the original file, the registry", async () => {
  const one = await open({ wallets: [FOX] });
  await one.choose("record.json");
  await one.says("record-0", "The record leads to the stated root");
  await one.page.setInputFiles("#record-0-file", text("other.jpg", "another"));
  await one.says("record-0", "other.jpg is another file");
  await one.choose("upload.jpg");
  await one.says("record-0", "upload.jpg is the record's content");
  await one.connect("Test Fox");
  await one.says("record-0", "The registry has this root");
  await one.fine();
  await one.shot("record");
  const record = json("record.json");
  record.payee = DEPLOYER;
  await one.choose(text("record.json", record));
  await one.says("record-0", "the path does not lead to the stated root");
});

// ---------------------------------------------------------------- for everybody

test("in Chinese, dark, on a desktop and on a phone", async () => {
  for (const [viewport, scheme, name] of [[DESKTOP, "dark", "desktop-dark-zh"], [PHONE, "light", "phone-zh"], [{ width: 320, height: 640 }, "dark", "small-dark-zh"]]) {
    const one = await open({ wallets: [FOX], viewport, scheme, language: "zh" });
    await one.fine();
    await one.choose("alice.json", "statement.json");
    await one.connect("Test Fox");
    await one.says("receipt", "已由链上记录确认");
    await one.says("statement", "已由链上记录确认");
    await one.page.locator("#claim-button:not([disabled])").waitFor();
    await one.fine();
    assert.equal(await one.page.locator("html").getAttribute("lang"), "zh-CN");
    // Nothing is wider than the screen but tables, which scroll by themselves.
    assert.equal(await one.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, name);
    await one.shot(name);
    await one.page.locator("#language-en").click();
    await one.says("receipt", "Confirmed by the chain");
  }
});

test("with a keyboard alone, and what a screen reader is told", async () => {
  const one = await open({ wallets: [FOX] });
  const focused = () => one.page.evaluate(() => document.activeElement?.id);
  const tabTo = async (id) => {
    for (let i = 0; i < 40 && await focused() !== id; i++) await one.page.keyboard.press("Tab");
    assert.equal(await focused(), id);
  };
  await tabTo("language-en");
  await tabTo("files");
  const chooser = one.page.waitForEvent("filechooser");
  await one.page.keyboard.press("Space");
  await (await chooser).setFiles(file("alice.json"));
  await one.says("receipt", "agrees with itself");
  assert.match(await one.page.locator("#said").textContent(), /The receipt agrees with itself/);
  await tabTo(await one.page.locator("[id^=wallet-]").getAttribute("id"));
  await one.page.keyboard.press("Enter");
  await one.page.locator("#claim-button:not([disabled])").waitFor();
  assert.equal(await focused(), "claim-title");
  await tabTo("claim-button");
  await one.page.keyboard.press("Enter");
  await one.says("claim", "Paid: ");
  assert.match(await one.page.locator("#said").textContent(), /Paid: /);
});

test("from a folder, without a server", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(web, "dist/index.html")).href);
  await page.setInputFiles("#files", file("alice.json"));
  await page.locator("#receipt").filter({ hasText: /agrees with itself|自身一致/ }).waitFor();
  await context.close();
});
