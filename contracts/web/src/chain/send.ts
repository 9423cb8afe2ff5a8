// SPDX-License-Identifier: MIT OR Apache-2.0

import { decodeEventLog } from "viem";
import type { Hex } from "../core/values.ts";
import { LEDGER } from "./abi.generated.ts";
import type { Call } from "./calls.ts";
import { type Provider, Trouble, ask, askNumber, quantity } from "./rpc.ts";

// From a call to a mined transaction: tried first without a signature, so that what a contract refuses costs nothing.

export interface Estimate {
  readonly gas: bigint;
  /** The most that it costs in the chain's coin, at the price that the node says now. */
  readonly fee: bigint;
}

const transaction = (from: Hex, { to, data, value }: Call): Record<string, Hex> => ({
  from, to, data, ...(value === 0n ? {} : { value: quantity(value) }),
});

export async function estimate(provider: Provider, from: Hex, call: Call): Promise<Estimate> {
  // The call comes first: nodes say of a call why it is refused, and of an estimate not always.
  await ask(provider, "eth_call", [transaction(from, call), "latest"]);
  const [gas, price] = await Promise.all([
    askNumber(provider, "eth_estimateGas", [transaction(from, call)]),
    askNumber(provider, "eth_gasPrice"),
  ]);
  // Prices and balances move until it is mined.
  const most = gas + gas / 8n;
  return { gas: most, fee: most * price };
}

export async function send(provider: Provider, from: Hex, call: Call, gas: bigint): Promise<Hex> {
  const hash = await ask(provider, "eth_sendTransaction", [{ ...transaction(from, call), gas: quantity(gas) }]);
  if (typeof hash !== "string" || !/^0x[0-9a-fA-F]{64}$/.test(hash)) throw new Trouble("answer");
  return hash.toLowerCase() as Hex;
}

export interface Mined {
  readonly block: bigint;
  readonly paid: readonly { readonly to: Hex; readonly amount: bigint }[];
  /** What could not be transferred: it waits in the ledger for its owner. */
  readonly credited: bigint;
}

const POLL = 1500;
/** Three minutes; a contract wallet that needs more signatures may take longer. */
const POLLS = 120;

export async function mined(provider: Provider, hash: Hex, ledger: Hex): Promise<Mined | undefined> {
  for (let i = 0; i < POLLS; i++) {
    const receipt = await ask(provider, "eth_getTransactionReceipt", [hash]);
    if (typeof receipt === "object" && receipt !== null) return readMined(receipt as Record<string, unknown>, ledger);
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return undefined;
}

function readMined({ status, blockNumber, logs }: Record<string, unknown>, ledger: Hex): Mined {
  if (status !== "0x1") throw new Trouble("reverted");
  const paid: { to: Hex; amount: bigint }[] = [];
  let credited = 0n;
  for (const log of Array.isArray(logs) ? (logs as { address: Hex; topics: [Hex, ...Hex[]]; data: Hex }[]) : []) {
    if (log.address.toLowerCase() !== ledger.toLowerCase()) continue;
    try {
      const event = decodeEventLog({ abi: LEDGER, topics: log.topics, data: log.data });
      if (event.eventName === "Paid") paid.push({ to: event.args.to, amount: event.args.amount });
      if (event.eventName === "Credited") credited += event.args.amount;
    } catch {
      // An event that the page does not read.
    }
  }
  return { block: typeof blockNumber === "string" ? BigInt(blockNumber) : 0n, paid, credited };
}
