// SPDX-License-Identifier: MIT OR Apache-2.0

// Everything but claims: silent developers and dissolved models, statements and records, and that everybody can use the page.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Encrypter, generateX25519Identity } from "age-encryption";
import { DEPLOYER, DESKTOP, PHONE, file, web, who } from "./harness.mjs";
import { FOX, RABBIT, browser, chain, json, open, sendAs, site, text, view } from "./setting.mjs";

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
  await one.says("demand", "1 hour after it is mined");
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
  await chain.rpc("evm_increaseTime", 3_601);
  await chain.rpc("evm_mine");
  await again.choose("silent-ledger.json");
  const before = BigInt(await chain.rpc("eth_getBalance", who.alice, "latest"));
  await again.page.locator("#bond-button").click();
  await again.says("demand", "The bond was returned.");
  assert.equal(BigInt(await chain.rpc("eth_getBalance", who.alice, "latest")) - before, BigInt(who.bond));
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

// ---------------------------------------------------------------- encrypted receipts

test("an encrypted receipt is opened by its key, from a file and from a public folder", async () => {
  const [name] = readdirSync(file("encrypted")).filter((one) => one.endsWith(".age"));
  const one = await open({ wallets: [FOX] });
  await one.choose(`encrypted/${name}`);
  await one.page.locator("main").filter({ hasText: "encrypted: choose or make the key" }).waitFor();
  await one.choose("key.txt", `encrypted/${name}`);
  await one.says("receipt", "The receipt agrees with itself");
  await one.says("receipt", who.alice);
  // A stranger's key does not take its place.
  const stranger = `${await generateX25519Identity()}\n`;
  await one.choose({ name: "stranger.txt", mimeType: "text/plain", buffer: Buffer.from(stranger) });
  await one.page.locator("main").filter({ hasText: "another key than the one that is held" }).waitFor();
  await one.choose(`encrypted/${name}`);
  await one.says("receipt", "The receipt agrees with itself");
  const two = await open({ wallets: [FOX] });
  await two.choose("key.txt", "orchard-ledger.json");
  await two.unfold("keys");
  await two.page.fill("#folder", `${site.url}encrypted`);
  await two.page.fill("#folder-payee", who.bob);
  await two.page.locator("#folder-fetch").click();
  await two.page.locator("main").filter({ hasText: "could not be fetched. HTTP 404" }).waitFor();
  await two.page.fill("#folder-payee", who.alice);
  await two.fine();
  await two.shot("keys");
  await two.page.locator("#folder-fetch").click();
  await two.says("receipt", "The receipt agrees with itself");
  assert.equal(site.asked.at(-1), `/encrypted/${name}`);
});

test("a key from a wallet is the same each time, and opens what was encrypted to it", async () => {
  const keys = [];
  const one = await open({ wallets: [FOX] });
  await one.choose("bob.json");
  await one.connect("Test Fox");
  await one.says("claim", "function claim");
  await one.unfold("keys");
  for (let i = 0; i < 2; i++) {
    await one.page.locator("#key-derive").click();
    keys.push(await one.page.locator("#recipient-key").textContent());
    if (i === 0) await one.page.locator("#key-forget").click();
  }
  assert.equal(keys[0], keys[1]);
  const encrypter = new Encrypter();
  encrypter.addRecipient(keys[0]);
  await one.choose({ name: "x.age", mimeType: "application/octet-stream", buffer: Buffer.from(await encrypter.encrypt(JSON.stringify(json("alice.json")))) });
  await one.says("receipt", who.alice);
  one.wallets[0].reject = ["personal_sign"];
  await one.page.locator("#key-forget").click();
  await one.page.locator("#key-derive").click();
  await one.says("keys", "You declined in your wallet");
  await one.page.locator("#key-new").click();
  await one.says("keys", "Save the key: nobody can make it again.");
  const [saved] = await Promise.all([one.page.waitForEvent("download"), one.page.locator("#key-save").click()]);
  assert.match(readFileSync(await saved.path(), "utf8"), /AGE-SECRET-KEY-1[0-9A-Z]{58}/);
  assert.equal(one.sent.length, 0);
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
