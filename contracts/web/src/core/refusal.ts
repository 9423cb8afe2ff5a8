// SPDX-License-Identifier: MIT OR Apache-2.0

/** Why something was refused: a name for which both languages have a sentence, and what stands in the sentence. */
export interface Why {
  readonly code: WhyCode;
  readonly args?: Readonly<Record<string, string>>;
}

/** Every reason for which the page refuses what a file says. */
export type WhyCode =
  | "file.size"
  | "file.locked"
  | "file.key"
  | "file.otherKey"
  | "file.unreadable"
  | "file.fetch"
  | "file.utf8"
  | "file.json"
  | "file.repeated"
  | "file.depth"
  | "file.number"
  | "file.member"
  | "file.missing"
  | "file.type"
  | "file.unknown"
  | "file.version"
  | "value.word"
  | "value.address"
  | "value.checksum"
  | "value.amount"
  | "value.commitment"
  | "value.proof"
  | "value.tier"
  | "value.suite"
  | "value.integer"
  | "value.name"
  | "list.accounts"
  | "list.epochs"
  | "list.siblings"
  | "receipt.index"
  | "receipt.payee"
  | "receipt.point"
  | "receipt.opening"
  | "statement.nothing"
  | "statement.payout"
  | "statement.balance"
  | "statement.beyond"
  | "record.index"
  | "record.payee"
  | "record.depth"
  | "record.canonical"
  | "record.root"
  | "record.content";

/** A file that is not what it should be: nothing else is said about it. */
export class Malformed extends Error {
  readonly why: Why;
  constructor(code: WhyCode, args?: Record<string, string>) {
    super(args === undefined ? code : `${code} ${JSON.stringify(args)}`);
    this.why = args === undefined ? { code } : { code, args };
  }
}
