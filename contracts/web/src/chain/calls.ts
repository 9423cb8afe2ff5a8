// SPDX-License-Identifier: MIT OR Apache-2.0

import { type Abi, encodeFunctionData } from "viem";
import type { Receipt, ReceiptAccount, RecordReceipt, ScoredSegment, Scores } from "../core/documents.ts";
import { abiWord, domain, keccak, toHex, toInteger } from "../core/hash.ts";
import type { Hex } from "../core/values.ts";
import { LEDGER } from "./abi.generated.ts";

// Transactions, made of files. verifier/chain/src/calls makes the same ones.

export interface Call {
  readonly to: Hex;
  readonly data: Hex;
  readonly value: bigint;
}

/** Accounts in one transaction: at most some 55,000 gas each, and a transaction has at most 2^24 gas (EIP-7825). */
export const MOST_ACCOUNTS = 200;

// Widened: the compiler can't follow a function's name that is a variable, and every call below has a test on a real chain.
const abi: Abi = LEDGER;
const call = (to: Hex, functionName: string, args: readonly unknown[], value = 0n): Call => ({
  to, value, data: encodeFunctionData({ abi, functionName, args }),
});

type Pair = readonly [bigint, bigint];
const pair = (bytes: Uint8Array): Pair => [toInteger(bytes.subarray(0, 32)), toInteger(bytes.subarray(32, 64))];

interface OnChainReceipt {
  readonly datasetId: Hex;
  readonly segment: number;
  readonly epoch: bigint;
  readonly payees: Pair;
  readonly balances: Pair;
  readonly accounts: { readonly index: number; readonly payee: Hex; readonly cumulative: bigint; readonly proof: Pair }[];
}

/** Accounts as the contract reads them: those of one segment and epoch share their columns. `order` says which account stands where. */
export function receiptsOf(receipt: Receipt, accounts: readonly ReceiptAccount[]): { readonly receipts: readonly OnChainReceipt[]; readonly order: readonly number[] } {
  const groups = new Map<string, { readonly receipt: OnChainReceipt; readonly places: number[] }>();
  accounts.forEach((account, place) => {
    const { dataset, segment, epoch, payeeColumn, balanceColumn } = account;
    const key = [dataset, segment, epoch, toHex(payeeColumn), toHex(balanceColumn)].join();
    const group = groups.get(key) ?? {
      receipt: { datasetId: dataset, segment, epoch: BigInt(epoch), payees: pair(payeeColumn), balances: pair(balanceColumn), accounts: [] },
      places: [],
    };
    groups.set(key, group);
    group.receipt.accounts.push({ index: account.index, payee: receipt.payee, cumulative: account.cumulative, proof: pair(account.proof) });
    group.places.push(place);
  });
  const list = [...groups.values()];
  return { receipts: list.map((group) => group.receipt), order: list.flatMap((group) => group.places) };
}

export const claimCall = (receipt: Receipt, accounts: readonly ReceiptAccount[]): Call =>
  call(receipt.contract, "claim", [receipt.model, receiptsOf(receipt, accounts).receipts]);

export const recipientCall = (contract: Hex, recipient: Hex): Call => call(contract, "setRecipient", [recipient]);

export const withdrawCall = (contract: Hex, token: Hex, account: Hex): Call => call(contract, "withdraw", [token, account]);

const pathOf = (record: RecordReceipt): unknown => ({
  index: record.index, payee: record.payee, content: record.content, siblings: record.siblings.map((level) => level.map(BigInt)),
});

export const demandCall = (contract: Hex, model: Hex, record: RecordReceipt, bond: bigint): Call =>
  call(contract, "demand", [model, record.dataset, record.segment, pathOf(record)], bond);

export const returnBondCall = (contract: Hex, model: Hex, { dataset, segment, index }: RecordReceipt): Call =>
  call(contract, "returnBond", [model, dataset, segment, index]);

/** Where a segment's scores stand in an epoch's score root. */
export interface Leaf {
  readonly revision: number;
  readonly position: number;
  readonly score: bigint;
  readonly scores: Pair;
  readonly path: readonly Hex[];
}

/** Without a final epoch an exit is by records alone: then the leaf is empty. */
export const NO_LEAF: Leaf = { revision: 0, position: 0, score: 0n, scores: [0n, 0n], path: [] };

export function exitCall(contract: Hex, model: Hex, exits: readonly (readonly [Leaf, readonly RecordReceipt[]])[]): Call {
  const list = exits.map(([leaf, records]) => ({
    datasetId: records[0]?.dataset, segment: records[0]?.segment, revision: leaf.revision, position: leaf.position, segmentScore: leaf.score,
    scores: leaf.scores, path: leaf.path, records: records.map(pathOf), payees: [0n, 0n], accounts: [],
  }));
  return call(contract, "exit", [model, list]);
}

const LEAF_DOMAIN = domain("apportion.score.v1");
const NODE_DOMAIN = domain("apportion.score-node.v1");

const leafHash = (dataset: Hex, { segment, revision, score, commitment }: ScoredSegment): Uint8Array =>
  keccak(LEAF_DOMAIN, abiWord(dataset), abiWord(segment), abiWord(revision), abiWord(score), commitment);

/** The tree over posted scores: positional, with zeros behind the last leaf. Undefined where it does not lead to the stated root. */
export function leafOf(scores: Scores, datasets: ReadonlyMap<number, Hex>, dataset: Hex, segment: number): Leaf | undefined {
  const leaves: Uint8Array[] = [];
  for (const one of scores.segments) {
    const id = datasets.get(one.dataset);
    if (id === undefined) return undefined;
    leaves.push(leafHash(id, one));
  }
  const position = scores.segments.findIndex((one) => datasets.get(one.dataset) === dataset && one.segment === segment);
  const own = scores.segments[position];
  if (own === undefined) return undefined;
  const path: Hex[] = [];
  let level = leaves;
  for (let at = position; level.length > 1; at >>= 1) {
    const zero = new Uint8Array(32);
    path.push(toHex(level[at ^ 1] ?? zero));
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => keccak(NODE_DOMAIN, level[2 * i] ?? zero, level[2 * i + 1] ?? zero));
  }
  if (level[0] === undefined || toHex(level[0]) !== scores.root) return undefined;
  return { revision: own.revision, position, score: own.score, scores: pair(own.commitment), path };
}
