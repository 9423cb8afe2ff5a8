// SPDX-License-Identifier: MIT OR Apache-2.0

import { type Json, parseJson } from "./json.ts";
import { Malformed } from "./refusal.ts";
import {
  type At, type Hex, type Suite, type Tier, address, amount, commitment, list, members, name, opening, suite, tier, u32, u64, word,
} from "./values.ts";

// The documents that the page opens: verifier/docs/formats.md lists their members.

/** More is refused before it is read: some 25,000 accounts of a receipt. */
export const MAX_BYTES = 16 * 1024 * 1024;

/** Of which ledger a receipt or statement is. */
export interface Ledger {
  readonly suite: Suite;
  readonly chainId: bigint;
  readonly contract: Hex;
  readonly model: Hex;
}

/** Where an account is. */
export interface Slot {
  readonly dataset: Hex;
  readonly tier: Tier;
  readonly segment: number;
  readonly index: number;
}

export interface ReceiptAccount extends Slot {
  readonly epoch: number;
  readonly cumulative: bigint;
  readonly payeeColumn: Uint8Array;
  readonly balanceColumn: Uint8Array;
  readonly proof: Uint8Array;
}

export interface Receipt extends Ledger {
  readonly kind: "receipt";
  readonly payee: Hex;
  readonly accounts: readonly ReceiptAccount[];
}

export interface StatementLine {
  readonly epoch: number;
  readonly score: bigint;
  readonly totalScore: bigint;
  readonly pool: bigint;
  readonly payout: bigint;
  readonly cumulative: bigint;
  readonly balanceColumn: Uint8Array;
  readonly scoreColumn: Uint8Array;
  readonly proof: Uint8Array;
}

export interface StatementAccount extends Slot {
  readonly payeeColumn: Uint8Array;
  readonly epochs: readonly StatementLine[];
}

export interface Statement extends Ledger {
  readonly kind: "statement";
  readonly payee: Hex;
  readonly lastEpoch: number;
  readonly accounts: readonly StatementAccount[];
}

export interface RecordReceipt extends Slot {
  readonly kind: "record";
  readonly suite: Suite;
  readonly chainId: bigint;
  readonly registry: Hex;
  readonly revision: number;
  readonly payee: Hex;
  readonly content: Hex;
  readonly siblings: readonly (readonly [Hex, Hex, Hex])[];
  readonly root: Hex;
}

/** A ledger's public description: it says of which contract and model a demand or an exit is. */
export interface LedgerDocument extends Ledger {
  readonly kind: "ledger";
  readonly name: string;
  /** The key under which encrypted receipts are named. */
  readonly receiptKey: Hex;
}

export interface ScoredSegment {
  readonly dataset: number;
  readonly segment: number;
  readonly revision: number;
  readonly score: bigint;
  readonly commitment: Uint8Array;
}

/** The attributor's posted scores: an exit shows its segment's leaf in them. */
export interface Scores {
  readonly kind: "scores";
  readonly suite: Suite;
  readonly model: Hex;
  readonly epoch: number;
  readonly totalScore: bigint;
  readonly root: Hex;
  readonly segments: readonly ScoredSegment[];
}

/** Which dataset has which number in a ledger: scores name datasets by number. */
export interface Enrolment {
  readonly kind: "enrolment";
  readonly model: Hex;
  readonly dataset: number;
  readonly datasetId: Hex;
}

export type Document = Receipt | Statement | RecordReceipt | LedgerDocument | Scores | Enrolment;

/** Reads a document of any kind: its members say which it is. */
export function readDocument(bytes: Uint8Array): Document {
  if (bytes.length > MAX_BYTES) throw new Malformed("file.size");
  const value = parseJson(bytes);
  // A file of another version may differ in any field: its version is what must be said about it.
  if (!(value instanceof Map)) throw new Malformed("file.unknown");
  const object: ReadonlyMap<string, Json> = value;
  const version = object.get("version");
  if (typeof version === "bigint" && version !== 1n) throw new Malformed("file.version", { version: String(version) });
  const root: At = { value, place: "" };
  const has = (...names: string[]): boolean => names.every((member) => object.has(member));
  if (has("root", "total_score")) return scores(root);
  if (has("receipt_key") || has("developer")) return ledgerDocument(root);
  if (has("siblings") || has("registry")) return record(root);
  if (has("last_epoch")) return statement(root);
  if (has("first_epoch", "dataset_id")) return enrolment(root);
  if (has("accounts") || has("payee")) return receipt(root);
  throw new Malformed("file.unknown");
}

function version(at: At): void {
  const found = u32(at);
  if (found !== 1) throw new Malformed("file.version", { version: String(found) });
}

const OF_LEDGER = ["version", "suite", "chain_id", "contract", "model"] as const;

function ledger(of: (name: string) => At): Ledger {
  version(of("version"));
  return { suite: suite(of("suite")), chainId: u64(of("chain_id")), contract: address(of("contract")), model: word(of("model")) };
}

function slot(of: (name: string) => At): Slot {
  return { dataset: word(of("dataset")), tier: tier(of("tier")), segment: u32(of("segment")), index: u32(of("index")) };
}

function receipt(root: At): Receipt {
  const of = members(root, [...OF_LEDGER, "payee", "accounts"]);
  const accounts = list(of("accounts")).map((at): ReceiptAccount => {
    const account = members(at, ["dataset", "tier", "segment", "index", "epoch", "cumulative", "payee_column", "balance_column", "proof"]);
    return {
      ...slot(account),
      epoch: u32(account("epoch")),
      cumulative: amount(account("cumulative")),
      payeeColumn: commitment(account("payee_column")),
      balanceColumn: commitment(account("balance_column")),
      proof: opening(account("proof")),
    };
  });
  return { kind: "receipt", ...ledger(of), payee: address(of("payee")), accounts: inOrder(accounts) };
}

/** Each account once, by dataset, segment and slot: a receipt that lists one twice would count it twice. */
function inOrder<T extends Slot>(accounts: readonly T[]): readonly T[] {
  const key = (a: Slot): string => [a.dataset, ...[a.segment, a.index].map((n) => n.toString(16).padStart(8, "0"))].join();
  const keys = accounts.map(key);
  if (keys.length === 0 || keys.some((found, i) => i > 0 && found <= (keys[i - 1] ?? ""))) throw new Malformed("list.accounts");
  return accounts;
}

function statement(root: At): Statement {
  const of = members(root, [...OF_LEDGER, "payee", "last_epoch", "accounts"]);
  const accounts = list(of("accounts")).map((at): StatementAccount => {
    const account = members(at, ["dataset", "tier", "segment", "index", "payee_column", "epochs"]);
    const epochs = list(account("epochs")).map(line);
    if (epochs.some((found, i) => i > 0 && found.epoch <= (epochs[i - 1]?.epoch ?? 0))) {
      throw new Malformed("list.epochs", { place: at.place });
    }
    return { ...slot(account), payeeColumn: commitment(account("payee_column")), epochs };
  });
  return {
    kind: "statement", ...ledger(of), payee: address(of("payee")), lastEpoch: u32(of("last_epoch")), accounts: inOrder(accounts),
  };
}

function line(at: At): StatementLine {
  const of = members(at, [
    "epoch", "score", "total_score", "pool", "payout", "cumulative", "balance_column", "score_column", "proof",
  ]);
  return {
    epoch: u32(of("epoch")),
    score: u64(of("score")),
    totalScore: amount(of("total_score")),
    pool: amount(of("pool")),
    payout: amount(of("payout")),
    cumulative: amount(of("cumulative")),
    balanceColumn: commitment(of("balance_column")),
    scoreColumn: commitment(of("score_column")),
    proof: opening(of("proof")),
  };
}

function record(root: At): RecordReceipt {
  const of = members(root, [
    "version", "suite", "chain_id", "registry", "dataset", "tier", "revision", "segment", "index", "payee", "content", "siblings", "root",
  ]);
  version(of("version"));
  const siblings = list(of("siblings")).map((at): readonly [Hex, Hex, Hex] => {
    const [a, b, c, ...more] = list(at).map(word);
    if (a === undefined || b === undefined || c === undefined || more.length > 0) throw new Malformed("list.siblings", { place: at.place });
    return [a, b, c];
  });
  return {
    kind: "record", suite: suite(of("suite")), chainId: u64(of("chain_id")), registry: address(of("registry")), ...slot(of),
    revision: u32(of("revision")), payee: address(of("payee")), content: word(of("content")), siblings, root: word(of("root")),
  };
}

function ledgerDocument(root: At): LedgerDocument {
  const of = members(root, [
    "version", "suite", "model", "model_id", "chain_id", "contract", "developer", "setup", "receipt_key",
  ]);
  version(of("version"));
  return {
    kind: "ledger", suite: suite(of("suite")), name: name(of("model")), model: word(of("model_id")), chainId: u64(of("chain_id")),
    contract: address(of("contract")), receiptKey: word(of("receipt_key")),
  };
}

function scores(root: At): Scores {
  const of = members(root, ["version", "suite", "model_id", "epoch", "total_score", "root", "segments"]);
  version(of("version"));
  const segments = list(of("segments")).map((at): ScoredSegment => {
    const segment = members(at, ["dataset", "segment", "revision", "score", "commitment"]);
    return {
      dataset: u32(segment("dataset")), segment: u32(segment("segment")), revision: u32(segment("revision")),
      score: amount(segment("score")), commitment: commitment(segment("commitment")),
    };
  });
  return {
    kind: "scores", suite: suite(of("suite")), model: word(of("model_id")), epoch: u32(of("epoch")), totalScore: amount(of("total_score")),
    root: word(of("root")), segments,
  };
}

function enrolment(root: At): Enrolment {
  const of = members(root, ["version", "model_id", "dataset", "dataset_id", "first_epoch"]);
  version(of("version"));
  return { kind: "enrolment", model: word(of("model_id")), dataset: u32(of("dataset")), datasetId: word(of("dataset_id")) };
}
