// SPDX-License-Identifier: MIT OR Apache-2.0

// Claims in Chromium against anvil, with the real contracts and real proofs: what is paid, and what is refused in which words.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DEPLOYER, DESKTOP, file, web, who } from "./harness.mjs";
import { FOX, RABBIT, chain, json, open, site, text, total, view } from "./setting.mjs";

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
  // It moves on without a word.
  await one.page.locator("#claim-button:not([disabled])").waitFor();
  one.wallets[0].chainId = 1;
  await one.page.locator("#claim-button").click();
  await one.says("connect", "Your wallet is on Ethereum (1)");
  assert.equal(one.sent.length, 0);
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
  assert.equal(await view("recipientOf", who.contract), who.bob);
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

test("a transfer that fails is credited, and withdrawn later", async () => {
  const code = await chain.rpc("eth_getCode", who.token, "latest");
  const one = await open({ wallets: [RABBIT] });
  await one.choose("bob.json");
  await one.connect("Test Rabbit");
  await one.page.locator("#claim-button:not([disabled])").waitFor();
  await chain.rpc("anvil_setCode", who.token, "0x5f5ffd");
  await one.page.locator("#claim-button").click();
  await one.says("claim", "could not be transferred and wait in the ledger for the payee");
  await chain.rpc("anvil_setCode", who.token, code);
  await one.choose("bob.json");
  await one.unfold("recipient");
  await one.says("recipient", "could not be transferred to you before");
  await one.page.locator("#withdraw-try").click();
  await one.page.locator("#withdraw-button").click();
  await one.says("recipient", "Withdrawn: ");
  await one.page.waitForTimeout(1500);
  await one.says("recipient", "Withdrawn: ");
  assert.equal(await chain.balanceOf(who.bob), total(json("bob.json")));
});

test("a node that fails while a claim is tried", async () => {
  const one = await open({ wallets: [FOX] });
  await one.choose("alice.json");
  one.wallets[0].down = ["eth_estimateGas"];
  await one.connect("Test Fox");
  await one.says("claim", "The node does not answer");
  one.wallets[0].down = [];
  await one.page.locator("#claim-retry").click();
  await one.page.locator("#claim-button:not([disabled])").click();
  await one.says("claim", "Paid: ");
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
  await one.says("receipt", "The chain agrees, by contracts that this page does not know");
  assert.equal(await one.page.locator("#claim-button").isDisabled(), true);
  await one.fine();
  await one.shot("unknown-code");
  // What was accepted holds for the files that were shown, and for none that come later.
  await one.page.locator("#accept").check();
  await one.page.locator("#claim-button:not([disabled])").waitFor();
  await one.choose("orchard-ledger.json");
  await one.page.locator("#claim-button[disabled]").waitFor();
  await one.page.locator("#accept").check();
  await one.page.locator("#claim-button:not([disabled])").click();
  await one.says("claim", "Paid: ");
});

test("a file that cannot be read leaves nothing of the receipt before in its place", async () => {
  const one = await open({ wallets: [FOX] });
  await one.choose("alice.json");
  await one.connect("Test Fox");
  await one.says("receipt", who.alice);
  await one.page.locator("#claim-button:not([disabled])").waitFor();
  await one.page.evaluate(() => {
    const { Blob, DOMException } = globalThis;
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = function () {
      return this.name === "gone.json" ? Promise.reject(new DOMException("gone", "NotFoundError")) : read.call(this);
    };
  });
  const nothing = { name: "gone.json", mimeType: "application/json", buffer: Buffer.from("{}") };
  const carol = { name: "carol.json", mimeType: "application/json", buffer: readFileSync(file("carol.json")) };
  await one.choose(carol, nothing);
  await one.page.locator("main").filter({ hasText: "gone.json: cannot be read" }).waitFor();
  await one.says("receipt", who.carol);
  await one.says("claim", "these records earned nothing");
  assert.equal(await one.page.locator("#claim-button").count(), 0);
});
