#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Writes vectors.json: a receipt, a statement and a record receipt with real proofs, and what `apportion-verify` says of each of them and of
// many tampered copies. The page's own check has to say the same. Run it again when a format changes:
//
//     cargo build --release --bins && node contracts/web/test/vectors/generate.mjs
//
// `--check` asks `apportion-verify` again about every case that is written, and compares: then both implementations say what the file says.
// APPORTION_BIN names another directory of the two programs. Masks are drawn anew, so every run gives other proofs of the same statements.
// The setup is the INSECURE development one.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const bin = process.env.APPORTION_BIN ?? join(here, "../../../../target/release");
const work = mkdtempSync(join(tmpdir(), "apportion-vectors-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const params = process.env.APPORTION_PARAMS ?? join(work, "params");
const at = (name) => join(work, name);
const write = (name, text) => writeFileSync(at(name), text);
const apportion = (...args) => execFileSync(join(bin, "apportion"), ["-q", "--params-dir", params, ...args], { cwd: work, stdio: ["ignore", "ignore", "pipe"] });

const CHAIN = ["--chain-id", "31337"];
const WHO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const PAYEE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const UPLOAD = "What somebody uploaded: twelve lines of a poem, say.\n";

// One payee with records in both segments of a small dataset and in a larger one, so that tiers mix.
write("upload.txt", UPLOAD);
const digest = (n, salt) => `0x${(n + 1 + salt * 1000).toString(16).padStart(64, "0")}`;
const upload = `0x${execFileSync("sha256sum", [at("upload.txt")]).toString().slice(0, 64)}`;
const records = (count, mine, salt, content = {}) =>
  ["payee,content", ...Array.from({ length: count }, (_, i) => `${mine.includes(i) ? PAYEE : `0x${(0xc0ffee00 + i).toString(16).padStart(40, "0")}`},${content[i] ?? digest(i, salt)}`)].join("\n") + "\n";
write("small.csv", records(70, [3, 61, 65], 1, { 3: upload }));
write("large.csv", records(100, [50], 2));
const scores = (count, salt) => ["record,score", ...Array.from({ length: count }, (_, i) => `${i},${(i * 7919 * salt) % 1000 + 1}`)].join("\n") + "\n";
write("policy.toml", 'contributors_bps = 5000\n[[beneficiaries]]\nname = "developer"\naddress = "0x1111111111111111111111111111111111111111"\nbps = 5000\n');
const checking = process.argv.includes("--check");
for (const [name, tier] of [["small", "64"], ...(checking ? [] : [["large", "1024"]])]) {
  apportion("dataset", "commit", "--records", `${name}.csv`, "--out", name, "--suite", "bn254", "--tier", tier, "--insecure-dev", ...CHAIN,
    "--registry", "0x3333333333333333333333333333333333333333", "--owner", WHO, "--uri", `ipfs://${name}`);
  apportion("dataset", "prove", "--dir", name);
}
if (checking) {
  check();
  process.exit();
}
apportion("ledger", "init", "--dir", "ledger", "--suite", "bn254", "--model", "vectors", "--policy", "policy.toml", "--insecure-dev", ...CHAIN,
  "--contract", "0x4444444444444444444444444444444444444444", "--developer", WHO);
for (const name of ["small", "large"]) apportion("ledger", "enroll", "--dir", "ledger", "--dataset", name);
for (const epoch of [1, 2]) {
  write(`0-${epoch}.csv`, scores(70, epoch));
  write(`1-${epoch}.csv`, scores(100, epoch + 2));
  apportion("scores", "commit", "--dir", "ledger", "--scores", `0=0-${epoch}.csv`, "--scores", `1=1-${epoch}.csv`, "--epoch", String(epoch), "--seed",
    "attributor.seed", "--out", `posted-${epoch}`);
  apportion("prove", "--dir", "ledger", "--epoch", String(epoch), "--scores", `posted-${epoch}`, "--revenue", "123456789012345678901");
}
apportion("receipt", "--dir", "ledger", "--payee", PAYEE, "--out", "receipt.json");
apportion("statement", "--dir", "ledger", "--payee", PAYEE, "--out", "statement.json");
apportion("dataset", "receipt", "--dir", "small", "--content", "upload.txt", "--out", "record.json");

const documents = Object.fromEntries(["receipt", "statement", "record"].map((kind) => [kind, JSON.stringify(JSON.parse(readFileSync(at(`${kind}.json`), "utf8")), null, 1)]));

/** What apportion-verify says of a file. A record is checked against its dataset, a receipt and a statement alone. */
function verdict(kind, text, content = "upload.txt") {
  write("case.json", text);
  const alone = ["case.json", "--params", params, "--allow-insecure-params", "--json"];
  const args = kind === "record" ? ["dataset", "small", "--record", "case.json", "--content", content, "--allow-insecure-params", "--json"] : [kind, ...alone];
  const { stdout, status } = spawnSync(join(bin, "apportion-verify"), args, { cwd: work, encoding: "utf8" });
  const { verdict, failed } = JSON.parse(stdout);
  return { exit: status, verdict, failed: failed ?? null };
}

/** The dataset is made of the same records, so its roots are the same: only its proofs are new. */
function check() {
  const { documents, cases, upload } = JSON.parse(readFileSync(join(here, "vectors.json"), "utf8"));
  let other = 0;
  for (const { kind, name, content, rust, from, to, put } of cases) {
    write("content.txt", content ?? upload);
    const found = verdict(kind, documents[kind].slice(0, from) + put + documents[kind].slice(to), "content.txt");
    if (JSON.stringify(found) === JSON.stringify(rust)) continue;
    console.error(`${kind}: ${name}: written is ${JSON.stringify(rust)}, apportion-verify says ${JSON.stringify(found)}`);
    other++;
  }
  console.log(`vectors: ${cases.length - other} of ${cases.length} as apportion-verify says`);
  process.exitCode = other === 0 ? 0 : 1;
}

const point = JSON.parse(documents.receipt).accounts[1].balance_column;
const last = JSON.parse(documents.receipt).accounts[3].balance_column;
const other = JSON.parse(documents.receipt).accounts[1].proof;
const flip = (hex, from = -1) => hex.slice(0, from) + (hex.at(from) === "0" ? "1" : "0") + (from === -1 ? "" : hex.slice(from + 1));
const P = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
/** The same point with x + p: another encoding of one value. */
const beyond = (hex) => `0x${(BigInt(hex.slice(0, 66)) + P).toString(16).padStart(64, "0")}${hex.slice(66)}`;
const ZEROS = `0x${"00".repeat(64)}`;

const set = (name, path, change) => ({ name, path, change });
const account = (i, member) => ["accounts", i, member];
const of = {
  receipt: [
    set("version 2", ["version"], () => 2),
    set("version 1.0", ["version"], () => "RAW:1.0"),
    set("version 1e0", ["version"], () => "RAW:1e0"),
    set("another suite", ["suite"], () => "bls12"),
    set("chain", ["chain_id"], () => 1),
    set("a chain beyond 64 bits", ["chain_id"], () => "RAW:18446744073709551616"),
    set("a chain below 0", ["chain_id"], () => -1),
    set("contract", ["contract"], () => "0x5555555555555555555555555555555555555555"),
    set("a contract's checksum", ["contract"], () => "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    set("a contract that is short", ["contract"], () => "0x55"),
    set("model", ["model"], (old) => flip(old)),
    set("payee", ["payee"], () => WHO),
    set("payee in lower case", ["payee"], (old) => old.toLowerCase()),
    set("payee 0", ["payee"], () => `0x${"00".repeat(20)}`),
    set("dataset", account(3, "dataset"), (old) => flip(old)),
    set("tier", account(0, "tier"), () => 1024),
    set("a tier that there is not", account(0, "tier"), () => 128),
    set("segment", account(2, "segment"), () => 7),
    set("index", account(0, "index"), (old) => old + 1),
    set("a reserved index", account(1, "index"), () => 62),
    set("an index beyond", account(1, "index"), () => 64 + 61),
    set("an index beyond 32 bits", account(0, "index"), () => 4294967296),
    set("epoch: it is not hashed, so only a ledger or a chain can tell", account(0, "epoch"), () => 1),
    set("cumulative, one more", account(0, "cumulative"), (old) => String(BigInt(old) + 1n)),
    set("cumulative, one more in the last account", account(3, "cumulative"), (old) => String(BigInt(old) + 1n)),
    set("cumulative as a number", account(0, "cumulative"), () => 5),
    set("cumulative with a zero", account(0, "cumulative"), (old) => `0${old}`),
    set("cumulative of 2^128", account(0, "cumulative"), () => String(2n ** 128n)),
    set("cumulative of r more", account(0, "cumulative"), (old) => String(BigInt(old) + 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n)),
    set("cumulative below 0", account(0, "cumulative"), () => "-1"),
    set("payee column", account(0, "payee_column"), () => point),
    set("balance column", account(3, "balance_column"), () => point),
    set("a column that is no point", account(0, "balance_column"), (old) => flip(old)),
    set("a column at infinity", account(0, "balance_column"), () => ZEROS),
    set("a column beyond the modulus", account(0, "balance_column"), beyond),
    set("a column of 32 bytes", account(0, "balance_column"), (old) => old.slice(0, 66)),
    set("a column of 33 bytes", account(0, "balance_column"), (old) => old.slice(0, 68)),
    set("proof of another account", account(0, "proof"), () => other),
    set("a proof that is no point", account(0, "proof"), (old) => flip(old)),
    set("a proof at infinity", account(0, "proof"), () => ZEROS),
    set("a proof beyond the modulus", account(0, "proof"), beyond),
    set("a proof of 63 bytes", account(0, "proof"), (old) => old.slice(0, -2)),
    set("a proof of 65 bytes", account(0, "proof"), (old) => `${old}00`),
    set("an empty proof", account(0, "proof"), () => "0x"),
    set("an account twice", ["accounts"], ([a, ...rest]) => [a, a, ...rest]),
    set("accounts out of order", ["accounts"], (list) => [...list].reverse()),
    set("an account left out", ["accounts"], (list) => list.slice(1)),
    set("no accounts", ["accounts"], () => []),
    set("accounts that are no list", ["accounts"], () => ({})),
    set("a member more", ["note"], () => "x"),
    set("a member named __proto__", ["__proto__"], () => ({})),
    set("an account's member more", account(0, "note"), () => 1),
    set("a member less", account(0, "epoch"), () => undefined),
  ],
  statement: [
    set("version 3", ["version"], () => 3),
    set("chain", ["chain_id"], () => 1),
    set("contract", ["contract"], () => "0x5555555555555555555555555555555555555555"),
    set("model", ["model"], (old) => flip(old)),
    set("payee", ["payee"], () => WHO),
    set("payee 0", ["payee"], () => `0x${"00".repeat(20)}`),
    set("last epoch, before the last line", ["last_epoch"], () => 1),
    set("a reserved index", account(1, "index"), () => 63),
    set("segment", account(2, "segment"), () => 7),
    set("payee column", account(0, "payee_column"), () => point),
    set("no epochs", account(1, "epochs"), () => []),
    set("epochs out of order", account(1, "epochs"), (list) => [...list].reverse()),
    set("an epoch left out", account(1, "epochs"), (list) => list.slice(1)),
    set("epoch", ["accounts", 0, "epochs", 1, "epoch"], () => 5),
    ...[["score", (old) => old + 1], ["total_score", (old) => String(BigInt(old) + 1n)], ["total_score", () => "0"], ["pool", (old) => String(BigInt(old) * 2n)],
      ["pool", (old) => String(BigInt(old) + 1n)], ["payout", (old) => String(BigInt(old) + 1n)], ["cumulative", (old) => String(BigInt(old) + 1n)],
      ["balance_column", () => last], ["score_column", () => point], ["score_column", (old) => flip(old)], ["proof", () => other]]
      .map(([member, change], i) => set(`${member} of a line (${i})`, ["accounts", 0, "epochs", 1, member], change)),
    set("score as text", ["accounts", 0, "epochs", 1, "score"], () => "1"),
    set("a score beyond 64 bits", ["accounts", 0, "epochs", 1, "score"], () => "RAW:18446744073709551616"),
    set("a line's member more", ["accounts", 0, "epochs", 0, "note"], () => 1),
  ],
  record: [
    set("version 2", ["version"], () => 2),
    set("payee", ["payee"], () => WHO),
    set("content", ["content"], (old) => flip(old)),
    set("index", ["index"], (old) => old + 1),
    set("a reserved index", ["index"], () => 62),
    set("a sibling", ["siblings", 1, 2], (old) => flip(old)),
    set("a sibling beyond the modulus", ["siblings", 0, 0], () => `0x${"ff".repeat(32)}`),
    set("a level more", ["siblings"], (list) => [...list, list[0]]),
    set("a level less", ["siblings"], (list) => list.slice(1)),
    set("a sibling more", ["siblings", 0], (list) => [...list, list[0]]),
    set("a sibling less", ["siblings", 0], (list) => list.slice(1)),
    set("root", ["root"], (old) => flip(old)),
  ],
};

function tampered(kind, { path, change }) {
  const document = JSON.parse(documents[kind]);
  const place = path.slice(0, -1).reduce((part, key) => part[key], document);
  const key = path.at(-1);
  const value = change(place[key]);
  if (key === "__proto__") return documents[kind].replace("{", '{ "__proto__": {},');
  if (value === undefined) delete place[key];
  else place[key] = value;
  return JSON.stringify(document, null, 1).replace(/"RAW:([^"]*)"/, "$1");
}

const texts = [
  ["receipt", "a repeated member", (text) => text.replace('"version": 1,', '"version": 1, "version": 1,')],
  ["receipt", "a repeated member of an account", (text) => text.replace('"segment": 0,', '"segment": 0, "segment": 0,')],
  ["receipt", "bytes behind the end", (text) => `${text}x`],
  ["receipt", "a comma behind the last member", (text) => `${text.slice(0, -1)},}`],
  ["receipt", "cut", (text) => text.slice(0, 500)],
  ["receipt", "empty", () => ""],
  ["receipt", "a byte order mark", (text) => `\ufeff${text}`],
  ["receipt", "a lone surrogate", (text) => text.replace('"suite"', '"\\ud800"')],
  ["receipt", "a comment", (text) => text.replace("{", "{ // x")],
  ["receipt", "spelled by escapes", (text) => text.replace('"version"', '"\\u0076ersion"')],
];

const cases = [];
for (const kind of Object.keys(documents)) {
  cases.push({ kind, name: "as it is", text: documents[kind], rust: verdict(kind, documents[kind]) });
  for (const one of of[kind]) {
    const text = tampered(kind, one);
    cases.push({ kind, name: one.name, text, rust: verdict(kind, text) });
  }
}
for (const [kind, name, change] of texts) {
  const text = change(documents[kind]);
  cases.push({ kind, name, text, rust: verdict(kind, text) });
}
write("other.txt", `${UPLOAD} `);
cases.push({ kind: "record", name: "another file", content: `${UPLOAD} `, text: documents.record, rust: verdict("record", documents.record, "other.txt") });

/** Copies differ in one place: only that is written. */
function compact({ text, ...rest }) {
  const whole = documents[rest.kind];
  let [start, end] = [0, 0];
  while (start < Math.min(text.length, whole.length) && text[start] === whole[start]) start++;
  while (end < Math.min(text.length, whole.length) - start && text.at(-1 - end) === whole.at(-1 - end)) end++;
  return { ...rest, from: start, to: whole.length - end, put: text.slice(start, text.length - end) };
}
const list = cases.map(compact);
writeFileSync(join(here, "vectors.json"), `${JSON.stringify({ generatedBy: "node contracts/web/test/vectors/generate.mjs", upload: UPLOAD, documents, cases: list }, null, 1)}\n`);
console.log(`${cases.length} cases, ${cases.filter((one) => one.rust.exit === 1).length} invalid, ${cases.filter((one) => one.rust.exit === 3).length} malformed`);
