// SPDX-License-Identifier: MIT OR Apache-2.0

import type { Document, Ledger, Receipt, RecordReceipt, Slot, Statement, StatementAccount, StatementLine } from "./documents.ts";
import { abiWord, domain, keccak, toInteger } from "./hash.ts";
import { type Opening, SCALARS, type Setup, type Term, firstWrong, termOf } from "./openings.ts";
import { NODE_TAG, RECORD_TAG, poseidon } from "./poseidon.ts";
import type { Why } from "./refusal.ts";
import { SETUPS } from "./setups.generated.ts";
import { type Hex, ZERO_ADDRESS, accountsOf } from "./values.ts";

// What follows from a file alone, without a ledger or a chain. Names of checks are those of verifier/docs/formats.md.

export type CheckId =
  | "receipt.index" | "receipt.payee" | "receipt.opening" | "statement.payout" | "statement.epochs" | "record.path" | "record.content";

export interface Failure {
  readonly id: CheckId;
  readonly why: Why;
}

export interface Outcome {
  /** The first check that failed; without one the file agrees with itself. */
  readonly failed?: Failure;
  /** How many checks held, by name. */
  readonly held: ReadonlyMap<CheckId, number>;
  /** Under which setup the openings hold; none where there are none, or the page can't check them. */
  readonly setup?: Setup;
  /** Openings of the suite `pasta` are checked by `apportion-verify` only. */
  readonly openingsSkipped: boolean;
}

class Findings {
  private readonly held = new Map<CheckId, number>();
  failed: Failure | undefined;
  check(id: CheckId, why: Why | undefined): boolean {
    if (why === undefined) this.held.set(id, (this.held.get(id) ?? 0) + 1);
    else this.failed ??= { id, why };
    return why === undefined;
  }
  outcome(setup: Setup | undefined, openingsSkipped: boolean): Outcome {
    const failed = this.failed === undefined ? {} : { failed: this.failed };
    return { ...failed, ...(setup === undefined ? {} : { setup }), held: this.held, openingsSkipped };
  }
}

interface Claim extends Slot {
  readonly payee: Hex;
  readonly cumulative: bigint;
  readonly payeeColumn: Uint8Array;
  readonly balanceColumn: Uint8Array;
  readonly proof: Uint8Array;
  readonly score?: { readonly value: bigint; readonly column: Uint8Array };
  readonly place: Record<string, string>;
}

/** gamma: the first 31 bytes of a hash of everything that is claimed. */
function challenge(ledger: Ledger, claim: Claim): bigint {
  const { score } = claim;
  const hash = keccak(
    domain(score === undefined ? "apportion.receipt.v1" : "apportion.statement.v1"),
    abiWord(ledger.chainId), abiWord(ledger.contract), abiWord(ledger.model), abiWord(claim.dataset), abiWord(claim.segment),
    claim.payeeColumn, claim.balanceColumn,
    abiWord(claim.index), abiWord(claim.payee), abiWord(claim.cumulative),
    ...(score === undefined ? [] : [score.column, abiWord(score.value)]),
  );
  return toInteger(hash.subarray(0, 31));
}

function openingOf(ledger: Ledger, claim: Claim): Opening {
  const columns = [claim.payeeColumn, claim.balanceColumn];
  const values = [BigInt(claim.payee), claim.cumulative];
  if (claim.score !== undefined) {
    columns.push(claim.score.column);
    values.push(claim.score.value);
  }
  return { tier: claim.tier, index: claim.index, columns, values, gamma: challenge(ledger, claim), proof: claim.proof };
}

const placeOf = (slot: Slot, epoch?: number): Record<string, string> => ({
  segment: String(slot.segment), slot: String(slot.index), ...(epoch === undefined ? {} : { epoch: String(epoch) }),
});

/** receipt.index and receipt.payee. */
function sound(findings: Findings, slot: Slot, payee: Hex): boolean {
  const place = placeOf(slot);
  if (!findings.check("receipt.index", slot.index < accountsOf(slot.tier) ? undefined : { code: "receipt.index", args: place })) return false;
  return findings.check("receipt.payee", payee === ZERO_ADDRESS ? { code: "receipt.payee" } : undefined);
}

/** receipt.opening, of all claims: under the first setup under which all of them hold. */
async function open(findings: Findings, ledger: Ledger, claims: readonly Claim[]): Promise<Setup | undefined> {
  const terms: Term[] = [];
  for (const claim of claims) {
    const term = termOf(openingOf(ledger, claim));
    // As in a batch of the other implementation: a point that is none is found before anything is computed.
    if (term === undefined) {
      findings.check("receipt.opening", { code: "receipt.point", args: claim.place });
      return undefined;
    }
    terms.push(term);
  }
  if (terms.length === 0) return undefined;
  let wrong = 0;
  for (const setup of SETUPS) {
    const first = await firstWrong(terms, setup);
    if (first < 0) {
      terms.forEach(() => findings.check("receipt.opening", undefined));
      return setup;
    }
    wrong = Math.max(wrong, first);
  }
  findings.check("receipt.opening", { code: "receipt.opening", args: claims[wrong]?.place ?? {} });
  return undefined;
}

export async function checkReceipt(receipt: Receipt): Promise<Outcome> {
  const findings = new Findings();
  const claims: Claim[] = [];
  for (const account of receipt.accounts) {
    if (sound(findings, account, receipt.payee)) claims.push({ ...account, payee: receipt.payee, place: placeOf(account) });
  }
  const skipped = receipt.suite === "pasta";
  const setup = skipped ? undefined : await open(findings, receipt, claims);
  return findings.outcome(setup, skipped);
}

/** floor(pool * score / total), below 2^128; undefined where it is none. */
export function payoutOf({ pool, score, totalScore }: StatementLine): bigint | undefined {
  if (totalScore === 0n) return undefined;
  const payout = (pool * score) / totalScore;
  return payout < 2n ** 128n ? payout : undefined;
}

/** statement.payout: every payout follows from score, total and pool, and every balance from the one before. */
function payouts(account: StatementAccount): Why | undefined {
  let balance = 0n;
  for (const line of account.epochs) {
    const place = placeOf(account, line.epoch);
    if (payoutOf(line) !== line.payout) return { code: "statement.payout", args: place };
    if (balance + line.payout !== line.cumulative) return { code: "statement.balance", args: place };
    balance = line.cumulative;
  }
  return undefined;
}

export async function checkStatement(statement: Statement): Promise<Outcome> {
  const findings = new Findings();
  const claims: Claim[] = [];
  for (const account of statement.accounts) {
    if (!sound(findings, account, statement.payee)) continue;
    if (account.epochs.length === 0) {
      findings.check("statement.epochs", { code: "statement.nothing", args: placeOf(account) });
      continue;
    }
    findings.check("statement.payout", payouts(account));
    for (const line of account.epochs) {
      claims.push({
        ...account, ...line, payee: statement.payee, score: { value: line.score, column: line.scoreColumn }, place: placeOf(account, line.epoch),
      });
    }
  }
  for (const account of statement.accounts) {
    const beyond = account.epochs.find((line) => line.epoch > statement.lastEpoch);
    findings.check("statement.epochs", beyond && { code: "statement.beyond", args: placeOf(account, beyond.epoch) });
  }
  const skipped = statement.suite === "pasta";
  const setup = skipped ? undefined : await open(findings, statement, claims);
  return findings.outcome(setup, skipped);
}

/** record.path: the record's leaf and siblings lead to the stated root. The suite `pasta` hashes in another field. */
export function checkRecord(record: RecordReceipt): Outcome {
  const findings = new Findings();
  const skipped = record.suite === "pasta";
  if (!skipped) findings.check("record.path", path(record));
  findings.check("receipt.payee", record.payee === ZERO_ADDRESS ? { code: "record.payee" } : undefined);
  return findings.outcome(undefined, skipped);
}

function path(record: RecordReceipt): Why | undefined {
  if (record.index >= accountsOf(record.tier)) return { code: "record.index" };
  const depth = Math.log2(record.tier) / 2;
  if (record.siblings.length !== depth) return { code: "record.depth", args: { expected: String(depth), found: String(record.siblings.length) } };
  const root = BigInt(record.root);
  if (root >= SCALARS || record.siblings.flat().some((sibling) => BigInt(sibling) >= SCALARS)) return { code: "record.canonical" };
  return rootOf(record) === root ? undefined : { code: "record.root" };
}

function rootOf(record: RecordReceipt): bigint {
  const content = BigInt(record.content);
  let node = poseidon([RECORD_TAG, BigInt(record.payee), content >> 128n, content & (2n ** 128n - 1n), 0n]);
  record.siblings.forEach((siblings, level) => {
    const place = (record.index >> (2 * level)) & 3;
    const children = siblings.map(BigInt);
    children.splice(place, 0, node);
    const [a = 0n, b = 0n, c = 0n, d = 0n] = children;
    node = poseidon([NODE_TAG, a, b, c, d]);
  });
  return node;
}

/** record.content: whether a file with this digest is the record's content. */
export function checkContent(record: RecordReceipt, digest: Hex): Failure | undefined {
  return digest === record.content ? undefined : { id: "record.content", why: { code: "record.content", args: { found: digest } } };
}

/** Checks what can be checked of a document alone; of public documents nothing can. */
export async function checkDocument(document: Document): Promise<Outcome | undefined> {
  switch (document.kind) {
    case "receipt": return checkReceipt(document);
    case "statement": return checkStatement(document);
    case "record": return checkRecord(document);
    default: return undefined;
  }
}
