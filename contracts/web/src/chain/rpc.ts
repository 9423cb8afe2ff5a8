// SPDX-License-Identifier: MIT OR Apache-2.0

import { type Abi, type ContractFunctionArgs, type ContractFunctionName, type ContractFunctionReturnType, decodeErrorResult, decodeFunctionResult, encodeFunctionData } from "viem";
import { MAX_BYTES } from "../core/documents.ts";
import { Malformed } from "../core/refusal.ts";
import type { Hex } from "../core/values.ts";
import { ERRORS } from "./abi.generated.ts";

// How the page talks to a node: through a wallet (EIP-1193) or an RPC address. Whoever answers is believed, and the page says so.

export interface Provider {
  request(call: { method: string; params?: readonly unknown[] }): Promise<unknown>;
}

/** Why a question or a transaction has no answer: each has a sentence in both languages. */
export type TroubleCode =
  | "unreachable" | "limited" | "answer" | "rejected" | "locked" | "pending" | "unsupported" | "unknown-chain" | "funds" | "reverted" | "node";

export class Trouble extends Error {
  readonly code: TroubleCode;
  /** The error's name where a contract refused. */
  readonly refusal?: string;
  readonly args: readonly string[];
  constructor(code: TroubleCode, detail = "", refusal?: string, args: readonly string[] = []) {
    super(detail);
    this.code = code;
    this.args = args;
    if (refusal !== undefined) this.refusal = refusal;
  }
}

const TIMEOUT = 20_000;
const MAX_ANSWER = 8 * 1024 * 1024;
/** More of a node's own words than this is noise. */
const MAX_DETAIL = 160;

/** A node at an address that the user typed. Nothing but the questions is sent to it: no cookies, no referrer. */
export function nodeAt(url: string): Provider {
  let id = 0;
  return {
    async request({ method, params = [] }) {
      const body = JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params });
      let response: Response;
      let text: string;
      try {
        response = await fetch(url, {
          method: "POST", headers: { "content-type": "application/json" }, body, credentials: "omit", referrerPolicy: "no-referrer",
          redirect: "error", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT),
        });
        text = await response.text();
      } catch {
        throw new Trouble("unreachable");
      }
      if (response.status === 429) throw new Trouble("limited");
      if (text.length > MAX_ANSWER) throw new Trouble("answer");
      let answer: unknown;
      try {
        answer = JSON.parse(text);
      } catch {
        throw new Trouble(response.ok ? "answer" : "unreachable", `HTTP ${String(response.status)}`);
      }
      if (typeof answer !== "object" || answer === null) throw new Trouble("answer");
      if ("error" in answer && answer.error) throw troubleOf(answer.error);
      if (!("result" in answer)) throw new Trouble("answer");
      return answer.result;
    },
  };
}

/** A file of a folder that the user named. */
export async function download(url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer", redirect: "error", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
    if (!response.ok) throw new Malformed("file.fetch", { why: `HTTP ${String(response.status)}` });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length > MAX_BYTES) throw new Malformed("file.size");
    return bytes;
  } catch (error) {
    throw error instanceof Malformed ? error : new Malformed("file.fetch", { why: "" });
  }
}

/** An RPC address: https, or http on this machine, without a password in it. */
export function validUrl(text: string): string | undefined {
  try {
    const url = new URL(text.trim());
    const local = ["localhost", "127.0.0.1"].includes(url.hostname);
    const allowed = url.protocol === "https:" || (url.protocol === "http:" && local);
    return allowed && url.username === "" && url.password === "" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

const isHex = (value: unknown): value is Hex => typeof value === "string" && /^0x([0-9a-fA-F]{2})*$/.test(value);

/** Nodes and wallets put a revert's data in different places of their errors. */
function revertData(error: unknown, depth = 0): Hex | undefined {
  if (depth > 4 || typeof error !== "object" || error === null) return undefined;
  const data: unknown = "data" in error ? error.data : undefined;
  if (isHex(data) && data.length >= 10) return data;
  for (const key of ["data", "error", "originalError", "cause"] as const) {
    const found = revertData((error as Record<string, unknown>)[key], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An error as a wallet or node gives it, as one of ours. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const of = (typeof error === "object" && error !== null ? error : {}) as { code?: unknown; message?: unknown };
  const message = typeof of.message === "string" ? of.message : "";
  const detail = message.replace(/\p{C}/gu, " ").slice(0, MAX_DETAIL);
  if (of.code === 4001 || of.code === "ACTION_REJECTED") return new Trouble("rejected");
  if (of.code === 4100) return new Trouble("locked");
  if (of.code === -32002) return new Trouble("pending");
  if (of.code === 4200 || of.code === -32601) return new Trouble("unsupported", detail);
  if (of.code === 4902) return new Trouble("unknown-chain");
  if (of.code === 4900 || of.code === 4901) return new Trouble("unreachable");
  if (of.code === -32005) return new Trouble("limited");
  const data = revertData(error);
  if (data !== undefined) return refusalOf(data);
  if (/insufficient funds/i.test(message)) return new Trouble("funds");
  if (/revert/i.test(message)) return new Trouble("reverted", detail);
  if (error instanceof TypeError || /fetch|network|timeout|disconnected/i.test(message)) return new Trouble("unreachable");
  return new Trouble("node", detail);
}

export function refusalOf(data: Hex): Trouble {
  try {
    const abi: Abi = ERRORS;
    const { errorName, args } = decodeErrorResult({ abi, data });
    return new Trouble("reverted", "", errorName, (args ?? []).map(String));
  } catch {
    return new Trouble("reverted", data.slice(0, 10));
  }
}

export async function ask(provider: Provider, method: string, params: readonly unknown[] = []): Promise<unknown> {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    throw troubleOf(error);
  }
}

/** A quantity: hexadecimal without leading zeros. */
export const quantity = (value: bigint): Hex => `0x${value.toString(16)}`;

export async function askNumber(provider: Provider, method: string, params: readonly unknown[] = []): Promise<bigint> {
  const answer = await ask(provider, method, params);
  if (typeof answer !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(answer)) throw new Trouble("answer");
  return BigInt(answer);
}

export async function askBytes(provider: Provider, method: string, params: readonly unknown[]): Promise<Hex> {
  const answer = await ask(provider, method, params);
  if (!isHex(answer)) throw new Trouble("answer");
  return answer;
}

/** A contract's functions, asked about one block. */
export class Contract<const A extends Abi> {
  readonly address: Hex;
  private readonly abi: A;
  private readonly provider: Provider;
  private readonly block: Hex | "latest";
  constructor(provider: Provider, address: Hex, abi: A, block: Hex | "latest" = "latest") {
    [this.provider, this.address, this.abi, this.block] = [provider, address, abi, block];
  }

  async read<N extends ContractFunctionName<A, "view" | "pure">, const P extends ContractFunctionArgs<A, "view" | "pure", N>>(
    name: N, args: P,
  ): Promise<ContractFunctionReturnType<A, "view" | "pure", N, P>> {
    // viem's types can't follow a name that is a type parameter: the signature above says what goes in and what comes out.
    const [abi, functionName]: [Abi, string] = [this.abi, name];
    const data = encodeFunctionData({ abi, functionName, args: args as readonly unknown[] });
    const answer = await askBytes(this.provider, "eth_call", [{ to: this.address, data }, this.block]);
    try {
      return decodeFunctionResult({ abi, functionName, data: answer }) as ContractFunctionReturnType<A, "view" | "pure", N, P>;
    } catch {
      throw new Trouble("answer", functionName);
    }
  }
}

/** Maps with a bounded number of questions on their way. */
export async function mapLimited<T, R>(items: readonly T[], limit: number, one: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await one(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
