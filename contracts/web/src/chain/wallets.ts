// SPDX-License-Identifier: MIT OR Apache-2.0

import { checksummed } from "../core/values.ts";
import type { Hex } from "../core/values.ts";
import { type Provider, Trouble, ask, quantity } from "./rpc.ts";
import { printable } from "./read.ts";

// Wallets announce themselves by EIP-6963, so that two of them do not fight over one global. What they say of themselves is shown as text; an
// icon is shown only where it is an image within the announcement, since anything else would ask a stranger's server.

export interface Events {
  on?(event: string, listener: (value: unknown) => void): void;
}

export interface Wallet {
  readonly id: string;
  readonly name: string;
  readonly icon: string | undefined;
  readonly provider: Provider & Events;
}

const MAX_WALLETS = 20;
const MAX_ICON = 64 * 1024;

export function discover(found: (wallets: readonly Wallet[]) => void): void {
  const wallets = new Map<string, Wallet>();
  window.addEventListener("eip6963:announceProvider", (event) => {
    const wallet = read((event as CustomEvent<unknown>).detail);
    if (wallet === undefined || wallets.has(wallet.id) || wallets.size >= MAX_WALLETS) return;
    wallets.set(wallet.id, wallet);
    found([...wallets.values()]);
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  // Wallets from before EIP-6963: one, of which nothing is known.
  setTimeout(() => {
    const old = (window as { ethereum?: unknown }).ethereum;
    if (wallets.size > 0 || !isProvider(old)) return;
    found([{ id: "window.ethereum", name: "", icon: undefined, provider: old }]);
  }, 500);
}

function isProvider(value: unknown): value is Provider & Events {
  return typeof value === "object" && value !== null && "request" in value && typeof value.request === "function";
}

function read(detail: unknown): Wallet | undefined {
  if (typeof detail !== "object" || detail === null || !("info" in detail) || !("provider" in detail)) return undefined;
  const { info, provider } = detail;
  if (typeof info !== "object" || info === null || !isProvider(provider)) return undefined;
  const { uuid, name, icon } = info as Record<string, unknown>;
  if (typeof uuid !== "string" || uuid.length > 64 || typeof name !== "string") return undefined;
  const image = typeof icon === "string" && icon.length <= MAX_ICON && /^data:image\/(png|jpeg|webp|gif|svg\+xml)[;,]/.test(icon);
  return { id: uuid, name: printable(name, 40).trim(), icon: image ? icon : undefined, provider };
}

const isAddress = (value: unknown): value is Hex => typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value);

/** Asks for an account; the wallet asks its user. */
export async function connect({ provider }: Wallet): Promise<Hex> {
  const accounts = await ask(provider, "eth_requestAccounts");
  const first: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
  if (!isAddress(first)) throw new Trouble("locked");
  return checksummed(first);
}

/** The account that the wallet shows now, without asking anybody. */
export const accountIn = (value: unknown): Hex | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return isAddress(first) ? checksummed(first) : undefined;
};

export async function switchChain({ provider }: Wallet, chainId: bigint): Promise<void> {
  await ask(provider, "wallet_switchEthereumChain", [{ chainId: quantity(chainId) }]);
}
