// SPDX-License-Identifier: MIT OR Apache-2.0

import { type Abi, decodeEventLog, encodeEventTopics, erc20Abi } from "viem";
import type { Ledger, Receipt, ReceiptAccount, RecordReceipt, Slot, Statement } from "../core/documents.ts";
import { columnDigest } from "../core/hash.ts";
import { SETUPS } from "../core/setups.generated.ts";
import type { Setup } from "../core/openings.ts";
import type { Hex } from "../core/values.ts";
import { LEDGER, REGISTRY } from "./abi.generated.ts";
import { receiptsOf } from "./calls.ts";
import { type CodeFinding, type Deployment, inspect, inspectRegistry } from "./codes.ts";
import { Contract, type Provider, Trouble, ask, askBytes, askNumber, mapLimited, quantity } from "./rpc.ts";

// What a chain says about a receipt, a statement or a record: everything of one block.

export interface Block {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly tag: Hex;
}

export interface Token {
  readonly address: Hex;
  /** What the token calls itself: anybody can take any name. */
  readonly symbol: string;
  readonly decimals: number;
}

export interface Model {
  readonly name: string;
  readonly developer: Hex;
  readonly token: Token;
  readonly openEpoch: bigint;
  readonly finalEpoch: bigint;
  readonly dissolvedAt: bigint;
  readonly demandBond: bigint;
  readonly demandWindow: number;
}

/** What every page about a ledger begins with. */
export interface Place {
  readonly block: Block;
  readonly deployment: Deployment;
  readonly known: boolean;
  readonly strange: readonly CodeFinding[];
  readonly setup: Setup | undefined;
  readonly model: Model;
}

export type AccountState = "good" | "not-final" | "not-moved" | "other-balances" | "other-payees" | "other-tier";

export interface AccountView {
  readonly state: AccountState;
  readonly claimed: bigint;
  readonly due: bigint;
  /** The last final epoch in which the account's segment moved: a receipt of an earlier one shows less. */
  readonly newest: bigint;
}

export interface ReceiptView extends Place {
  readonly accounts: readonly AccountView[];
  readonly due: bigint;
  readonly paid: bigint;
  readonly stale: boolean;
  readonly recipient: Hex;
  readonly credit: bigint;
  readonly datasets: ReadonlyMap<Hex, string>;
}

const VERSION_TEXT = "apportion.ledger.v2";
/** Openings that the chain checks in one question: each costs it some 200,000 gas. */
const OPENINGS_A_CALL = 48;
const QUESTIONS = 6;

export const latest = async (provider: Provider): Promise<Block> => {
  const found = await ask(provider, "eth_getBlockByNumber", ["latest", false]);
  const { number, timestamp } = (typeof found === "object" && found !== null ? found : {}) as Record<string, unknown>;
  if (typeof number !== "string" || typeof timestamp !== "string" || !/^0x[0-9a-f]+$/i.test(number + timestamp.slice(2))) throw new Trouble("answer");
  return { number: BigInt(number), timestamp: BigInt(timestamp), tag: quantity(BigInt(number)) };
};

/** Names come from strangers: control and format characters, which hide or turn text, are left out. */
export const printable = (text: string, most: number): string => [...text.replace(/\p{C}/gu, "")].slice(0, most).join("");

async function token(provider: Provider, address: Hex, block: Block): Promise<Token> {
  const contract = new Contract(provider, address, erc20Abi, block.tag);
  const symbol = await contract.read("symbol", []).catch(() => "");
  const decimals = await contract.read("decimals", []).catch(() => 0);
  return { address, symbol: printable(symbol, 12), decimals: decimals <= 36 ? decimals : 0 };
}

const versionWord = (text: string): string => [...text].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("").padEnd(64, "0");

/** The ledger that a document names, on the chain that the provider is on. */
export async function readPlace(provider: Provider, { chainId, contract, model }: Pick<Ledger, "chainId" | "contract" | "model">): Promise<Place> {
  const there = await askNumber(provider, "eth_chainId");
  if (there !== chainId) throw new Trouble("node", "chain", "WrongChain", [String(there), String(chainId)]);
  const block = await latest(provider);
  const code = await askBytes(provider, "eth_getCode", [contract, block.tag]);
  if (code === "0x") throw new Trouble("node", "", "NoContract", [contract]);
  const deployment = await inspect(provider, contract, block.tag);
  if (deployment.version.slice(2) !== versionWord(VERSION_TEXT)) throw new Trouble("node", "", "NoLedger", [contract]);
  const ledger = new Contract(provider, contract, LEDGER, block.tag);
  const [found, terms] = await Promise.all([ledger.read("getModel", [model]), ledger.read("getTerms", [model])]);
  if (BigInt(found.developer) === 0n) throw new Trouble("node", "", "UnknownModel", [model]);
  const strange = deployment.codes.filter(({ state }) => state !== "known");
  return {
    block, deployment, strange, known: strange.length === 0,
    setup: SETUPS.find(({ digest }) => digest === deployment.setup.toLowerCase()),
    model: {
      name: printable(terms.name, 64), developer: found.developer, token: await token(provider, found.token, block), openEpoch: found.openEpoch,
      finalEpoch: found.finalEpoch, dissolvedAt: found.dissolvedAt, demandBond: terms.demandBond, demandWindow: terms.demandWindow,
    },
  };
}

/** The last final epoch in which a segment moved, and with how many records. */
export async function lastFinal(ledger: Contract<typeof LEDGER>, model: Hex, dataset: Hex, segment: number): Promise<{ epoch: bigint; records: number }> {
  const found = await ledger.read("getSegment", [model, dataset, BigInt(segment)]);
  if (found.epoch !== 0) {
    const epoch = await ledger.read("getEpoch", [model, BigInt(found.epoch)]);
    if (epoch.stage === FINAL && epoch.attempt === found.attempt) return { epoch: BigInt(found.epoch), records: found.records };
  }
  return { epoch: BigInt(found.previousEpoch), records: found.previousRecords };
}

/** `Stage.Final` of the ledger. */
export const FINAL = 3;

export async function readReceipt(provider: Provider, receipt: Receipt): Promise<ReceiptView> {
  const place = await readPlace(provider, receipt);
  const ledger = new Contract(provider, receipt.contract, LEDGER, place.block.tag);
  const registry = new Contract(provider, place.deployment.registry, REGISTRY, place.block.tag);
  const { model } = receipt;
  const cached = <T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> => {
    const found = map.get(key) ?? make();
    map.set(key, found);
    return found;
  };
  const [epochs, columns, payees, segments] = [new Map<string, ReturnType<typeof epochOf>>(), new Map<string, Promise<Hex>>(), new Map<string, Promise<bigint>>(), new Map<string, ReturnType<typeof lastFinal>>()];
  const epochOf = (epoch: number) => ledger.read("getEpoch", [model, BigInt(epoch)]);
  const seen = await mapLimited(receipt.accounts, QUESTIONS, async (account) => {
    const { dataset, segment, epoch } = account;
    const at = `${dataset}/${String(segment)}`;
    const stage = await cached(epochs, String(epoch), () => epochOf(epoch));
    const [column, slots, newest, claimed] = await Promise.all([
      cached(columns, `${at}/${String(epoch)}`, () => ledger.read("balanceColumn", [model, dataset, BigInt(segment), BigInt(epoch), BigInt(stage.attempt)])),
      cached(payees, `${at}/${columnDigest(account.payeeColumn)}`, () => registry.read("payeeColumnSlots", [dataset, BigInt(segment), columnDigest(account.payeeColumn)])),
      cached(segments, at, () => lastFinal(ledger, model, dataset, segment)),
      ledger.read("claimed", [model, dataset, BigInt(segment), BigInt(account.index)]),
    ]);
    return { state: stateOf(account, stage.stage, column, slots), claimed, newest: newest.epoch };
  });
  const due = await claimable(ledger, receipt);
  const accounts = seen.map((one, i): AccountView => ({ ...one, due: due[i] ?? 0n }));
  const sum = (of: (account: AccountView, i: number) => bigint): bigint => accounts.reduce((total, account, i) => total + of(account, i), 0n);
  return {
    ...place, accounts, due: sum(({ due }) => due),
    paid: sum(({ claimed }, i) => (claimed < (receipt.accounts[i]?.cumulative ?? 0n) ? claimed : (receipt.accounts[i]?.cumulative ?? 0n))),
    stale: accounts.some(({ newest }, i) => newest > BigInt(receipt.accounts[i]?.epoch ?? 0)),
    recipient: await ledger.read("recipientOf", [receipt.payee]),
    credit: await ledger.read("credit", [place.model.token.address, receipt.payee]),
    datasets: await datasetNames(provider, place.deployment.registry, receipt.accounts),
  };
}

function stateOf(account: ReceiptAccount, stage: number, column: Hex, slots: bigint): AccountState {
  if (stage !== FINAL) return "not-final";
  if (BigInt(column) === 0n) return "not-moved";
  if (column.toLowerCase() !== columnDigest(account.balanceColumn)) return "other-balances";
  if (slots === 0n) return "other-payees";
  return slots === BigInt(account.tier) ? "good" : "other-tier";
}

/** What the contract would pay each account: it checks the openings by itself. */
async function claimable(ledger: Contract<typeof LEDGER>, receipt: Receipt): Promise<bigint[]> {
  const due: bigint[] = [];
  for (let from = 0; from < receipt.accounts.length; from += OPENINGS_A_CALL) {
    const part = receipt.accounts.slice(from, from + OPENINGS_A_CALL);
    const { receipts, order } = receiptsOf(receipt, part);
    const amounts = await ledger.read("claimable", [receipt.model, receipts]);
    order.forEach((place, i) => {
      due[from + place] = amounts[i] ?? 0n;
    });
  }
  return due;
}

interface Log {
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** Events of a contract. Nodes may bound a search: no answer is no error, only a name less. */
export async function logs(provider: Provider, address: Hex, topics: readonly unknown[]): Promise<readonly Log[]> {
  const found = await ask(provider, "eth_getLogs", [{ address, topics, fromBlock: "0x0", toBlock: "latest" }]);
  return Array.isArray(found) ? (found as Log[]) : [];
}

export const eventTopics = (abi: Abi, eventName: string, args: Record<string, unknown>): readonly unknown[] =>
  encodeEventTopics({ abi, eventName, args });

/** What owners call their datasets: the uri under which they registered them. */
export async function datasetNames(provider: Provider, registry: Hex, accounts: readonly Slot[]): Promise<ReadonlyMap<Hex, string>> {
  const names = new Map<Hex, string>();
  for (const dataset of new Set(accounts.map((account) => account.dataset))) {
    try {
      const topics = eventTopics(REGISTRY, "DatasetRegistered", { datasetId: dataset });
      const [log] = await logs(provider, registry, topics);
      if (log === undefined) continue;
      const { args } = decodeEventLog({ abi: REGISTRY, eventName: "DatasetRegistered", topics: log.topics as [Hex, ...Hex[]], data: log.data });
      names.set(dataset, printable(args.uri, 120));
    } catch {
      // Without a name the dataset's id stands there.
    }
  }
  return names;
}

export interface StatementView extends Place {
  /** By account and line: whether columns, pool and total are the chain's. */
  readonly lines: readonly (readonly LineState[])[];
}
export type LineState = "good" | "not-final" | "other-balances" | "other-money" | "other-payees";

/** The chain has no score columns, only their root: pools, totals, balances and payees are compared. */
export async function readStatement(provider: Provider, statement: Statement): Promise<StatementView> {
  const place = await readPlace(provider, statement);
  const ledger = new Contract(provider, statement.contract, LEDGER, place.block.tag);
  const registry = new Contract(provider, place.deployment.registry, REGISTRY, place.block.tag);
  const { model } = statement;
  const lines = await mapLimited(statement.accounts, QUESTIONS, async (account) => {
    const slots = await registry.read("payeeColumnSlots", [account.dataset, BigInt(account.segment), columnDigest(account.payeeColumn)]);
    return mapLimited(account.epochs, 2, async (line): Promise<LineState> => {
      const epoch = await ledger.read("getEpoch", [model, BigInt(line.epoch)]);
      if (epoch.stage !== FINAL) return "not-final";
      if (slots !== BigInt(account.tier)) return "other-payees";
      if (epoch.pool !== line.pool || epoch.totalScore !== line.totalScore) return "other-money";
      const column = await ledger.read("balanceColumn", [model, account.dataset, BigInt(account.segment), BigInt(line.epoch), BigInt(epoch.attempt)]);
      return column.toLowerCase() === columnDigest(line.balanceColumn) ? "good" : "other-balances";
    });
  });
  return { ...place, lines };
}

export interface RecordView {
  /** How many records stand under the root; 0 where the segment never had it. */
  readonly records: bigint;
  readonly block: Block;
  readonly name: string | undefined;
  readonly codes: readonly CodeFinding[];
}

/** Whether the root that a record's path leads to is one that its segment has or had. A file may name any contract as its registry: its code says what it is. */
export async function readRecord(provider: Provider, record: RecordReceipt): Promise<RecordView> {
  const there = await askNumber(provider, "eth_chainId");
  if (there !== record.chainId) throw new Trouble("node", "chain", "WrongChain", [String(there), String(record.chainId)]);
  const block = await latest(provider);
  if (await askBytes(provider, "eth_getCode", [record.registry, block.tag]) === "0x") throw new Trouble("node", "", "NoContract", [record.registry]);
  const codes = await inspectRegistry(provider, record.registry, block.tag);
  const registry = new Contract(provider, record.registry, REGISTRY, block.tag);
  const { slots } = await registry.read("dataset", [record.dataset]);
  const records = slots === record.tier ? await registry.read("recordsUnder", [record.dataset, BigInt(record.segment), BigInt(record.root)]) : 0n;
  const names = await datasetNames(provider, record.registry, [record]);
  return { records, block, name: names.get(record.dataset), codes };
}

