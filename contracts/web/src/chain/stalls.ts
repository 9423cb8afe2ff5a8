// SPDX-License-Identifier: MIT OR Apache-2.0

import { type Abi, decodeEventLog } from "viem";
import type { Enrolment, Ledger, RecordReceipt, Scores } from "../core/documents.ts";
import type { Hex } from "../core/values.ts";
import { LEDGER } from "./abi.generated.ts";
import { type Leaf, NO_LEAF, leafOf } from "./calls.ts";
import { type Place, eventTopics, logs, readPlace } from "./read.ts";
import { Contract, type Provider } from "./rpc.ts";

// What can be done about a developer who does nothing: the state of demands and exits.

export type Target = Pick<Ledger, "chainId" | "contract" | "model">;

export interface RecordState {
  readonly exited: boolean;
  /** An open demand for the record. */
  readonly demand: { readonly deadline: bigint; readonly sender: Hex; readonly bondReturned: boolean } | undefined;
}

export interface StallView extends Place {
  readonly target: Target;
  readonly records: readonly RecordState[];
  /** Datasets in the order of their first enrolment: as a ledger's files number them, unless its developer sent them in another order. */
  readonly enrolled: readonly Hex[];
}

export async function readStall(provider: Provider, target: Target, records: readonly RecordReceipt[]): Promise<StallView> {
  const place = await readPlace(provider, target);
  const ledger = new Contract(provider, target.contract, LEDGER, place.block.tag);
  const states = await Promise.all(records.map(async ({ dataset, segment, index }): Promise<RecordState> => {
    const at = [target.model, dataset, BigInt(segment), BigInt(index)] as const;
    const [exited, demand] = await Promise.all([ledger.read("exited", at), ledger.read("getDemand", at)]);
    return { exited, demand: demand.deadline === 0n ? undefined : demand };
  }));
  const enrolled = place.model.dissolvedAt === 0n ? [] : await enrolledIn(provider, target).catch(() => []);
  return { ...place, target, records: states, enrolled };
}

async function enrolledIn(provider: Provider, { contract, model }: Target): Promise<Hex[]> {
  const abi: Abi = LEDGER;
  const found = await logs(provider, contract, eventTopics(abi, "DatasetEnrolled", { modelId: model }));
  const ids = found.map(({ topics, data }) => {
    const event = decodeEventLog({ abi: LEDGER, eventName: "DatasetEnrolled", topics: topics as [Hex, ...Hex[]], data });
    return event.args.datasetId.toLowerCase() as Hex;
  });
  return [...new Set(ids)];
}

/** Whether the bond goes back to whoever sent it: nobody answered in time, or there is nobody left to answer. */
export const bondIsBack = ({ block, model }: StallView, { deadline, bondReturned }: NonNullable<RecordState["demand"]>): boolean =>
  !bondReturned && (block.timestamp > deadline || model.dissolvedAt !== 0n);

export type Exits =
  | { readonly state: "ready"; readonly exits: readonly (readonly [Leaf, readonly RecordReceipt[]])[]; readonly records: number }
  | { readonly state: "nothing" | "scores" | "enrolments" };

/** What an exit shows: for every segment its leaf in the last final epoch's scores, and the records that have not left yet. */
export function exitsOf(view: StallView, records: readonly RecordReceipt[], scores: Scores | undefined, enrolments: readonly Enrolment[]): Exits {
  const staying = records.filter((record, i) => view.records[i]?.exited === false && record.suite === "bn254");
  if (staying.length === 0) return { state: "nothing" };
  const { model: { finalEpoch }, target: { model } } = view;
  const segments = new Map<string, RecordReceipt[]>();
  for (const record of staying) {
    const key = `${record.dataset}/${String(record.segment)}`;
    segments.set(key, [...(segments.get(key) ?? []), record]);
  }
  if (finalEpoch === 0n) return { state: "ready", exits: [...segments.values()].map((list) => [NO_LEAF, list] as const), records: staying.length };
  if (scores?.model !== model || BigInt(scores.epoch) !== finalEpoch) return { state: "scores" };
  const own = enrolments.filter((one) => one.model === model);
  const numbers = new Map(own.length > 0 ? own.map((one) => [one.dataset, one.datasetId] as const) : view.enrolled.map((id, i) => [i, id] as const));
  const exits: (readonly [Leaf, readonly RecordReceipt[]])[] = [];
  for (const list of segments.values()) {
    const [first] = list;
    const leaf = first && leafOf(scores, numbers, first.dataset, first.segment);
    if (leaf === undefined) return { state: "enrolments" };
    exits.push([leaf, list]);
  }
  return { state: "ready", exits, records: staying.length };
}
