// SPDX-License-Identifier: MIT OR Apache-2.0

import type { ReceiptView, RecordView, StatementView } from "../chain/read.ts";
import type { Provider, Trouble } from "../chain/rpc.ts";
import type { Call } from "../chain/calls.ts";
import type { Estimate, Mined } from "../chain/send.ts";
import type { StallView } from "../chain/stalls.ts";
import type { Wallet } from "../chain/wallets.ts";
import type { Failure, Outcome } from "../core/check.ts";
import type { Enrolment, LedgerDocument, Receipt, RecordReceipt, Scores, Statement } from "../core/documents.ts";
import type { ReceiptKey } from "../core/keys.ts";
import type { Why } from "../core/refusal.ts";
import type { Hex } from "../core/values.ts";

export interface Held<D> {
  readonly document: D;
  readonly outcome: Outcome;
  readonly name: string;
}

export interface HeldRecord extends Held<RecordReceipt> {
  /** The original file, if one was given: its name and digest, and whether it is the record's. */
  content: { readonly name: string; readonly digest: Hex; readonly failure: Failure | undefined } | undefined;
}

export type Loadable<T> =
  | { readonly state: "reading" }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "failed"; readonly trouble: Trouble };

/** Something that a wallet is asked to sign, from its trial to its block. */
export interface Job {
  readonly call: Call;
  readonly amount: bigint;
  readonly state: "trying" | "ready" | "signing" | "mining" | "slow" | "done" | "failed";
  readonly estimate?: Estimate;
  readonly hash?: Hex;
  readonly mined?: Mined;
  readonly trouble?: Trouble;
}
export type JobName = "claim" | "recipient" | "withdraw" | "demand" | "bond" | "exit";

export interface Note {
  readonly good: boolean;
  readonly name: string;
  readonly why: Why | undefined;
  readonly kind?: "ledger" | "scores" | "enrolment" | "key";
}

export interface Connected {
  readonly wallet: Wallet;
  account: Hex;
  chainId: bigint;
}

export interface State {
  receipt: Held<Receipt> | undefined;
  statement: Held<Statement> | undefined;
  records: HeldRecord[];
  ledger: LedgerDocument | undefined;
  scores: Scores | undefined;
  enrolments: Enrolment[];
  notes: Note[];
  checking: string | undefined;
  wallets: readonly Wallet[];
  connected: Connected | undefined;
  connecting: Trouble | undefined;
  rpc: { readonly url: string; readonly provider: Provider } | undefined;
  rpcText: string;
  rpcBad: boolean;
  recipientText: string;
  recipientBad: boolean;
  /** The key that opens encrypted receipts: in memory only. */
  key: ReceiptKey | undefined;
  keySaved: boolean;
  keyTrouble: Trouble | undefined;
  folderText: string;
  payeeText: string;
  folderBad: boolean;
  /** The card to which the page moves once it is there: what a wallet was connected for. */
  heading: string | undefined;
  accepted: boolean;
  receiptView: Loadable<ReceiptView> | undefined;
  statementView: Loadable<StatementView> | undefined;
  recordViews: (Loadable<RecordView> | undefined)[];
  stallView: Loadable<StallView> | undefined;
  jobs: Partial<Record<JobName, Job>>;
}

export const empty = (): State => ({
  receipt: undefined, statement: undefined, records: [], ledger: undefined, scores: undefined, enrolments: [], notes: [], checking: undefined,
  wallets: [], connected: undefined, connecting: undefined, rpc: undefined, rpcText: "", rpcBad: false, recipientText: "", recipientBad: false,
  key: undefined, keySaved: true, keyTrouble: undefined, folderText: "", payeeText: "", folderBad: false, heading: undefined, accepted: false, receiptView: undefined, statementView: undefined, recordViews: [], stallView: undefined, jobs: {},
});
