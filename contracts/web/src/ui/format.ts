// SPDX-License-Identifier: MIT OR Apache-2.0

import { formatUnits } from "viem";
import type { Token } from "../chain/read.ts";
import type { Hex } from "../core/values.ts";
import { type Language, t } from "./i18n.ts";

const GROUPS = /\B(?=(\d{3})+(?!\d))/g;

/** An amount in the token's units where the token is known, exact to the last digit; else in base units. */
export function money(amount: bigint, token?: Token): string {
  if (token === undefined) return t("units", { amount: amount.toString().replace(GROUPS, ",") });
  return `${decimal(amount, token.decimals)} ${token.symbol || t("tokens")}`;
}

/** In a table, whose head says the unit. */
export const cell = (amount: bigint, token?: Token): string => decimal(amount, token?.decimals ?? 0);

/** For a button: cut where it is long, and then said to be. The exact amount stands above it. */
export function brief(amount: bigint, token: Token): string {
  const [whole = "0", part = ""] = decimal(amount, token.decimals).split(".");
  const cut = part.length > 4;
  return `${cut ? "≈ " : ""}${whole}${part === "" ? "" : `.${part.slice(0, 4)}`} ${token.symbol || t("tokens")}`;
}

export function decimal(amount: bigint, decimals: number): string {
  const [whole = "0", part] = formatUnits(amount, decimals).split(".");
  return whole.replace(GROUPS, ",") + (part === undefined ? "" : `.${part}`);
}

/** Rounded up to four significant digits: a fee is never said to be less than it is. */
export function coin(wei: bigint): string {
  const scale = 10n ** BigInt(Math.max(0, wei.toString().length - 4));
  return decimal(((wei + scale - 1n) / scale) * scale, 18);
}

export const short = (hex: Hex): string => `${hex.slice(0, 8)}…${hex.slice(-6)}`;

/** The last second that a date can have: a contract may say any number. */
const LAST = 8_640_000_000_000n;

export const date = (seconds: bigint, language: Language): string =>
  new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" }).format(new Date(Number(seconds < LAST ? seconds : LAST) * 1000));

export function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return seconds === 86_400 ? t("day") : t("days", { n: String(seconds / 86_400) });
  return seconds === 3_600 ? t("hour") : t("hours", { n: String(Math.round(seconds / 360) / 10) });
}

/** Chains that people know by name; others by number. */
const CHAINS: Readonly<Record<string, string>> = {
  1: "Ethereum", 10: "OP Mainnet", 56: "BNB Smart Chain", 100: "Gnosis", 137: "Polygon", 8453: "Base", 42161: "Arbitrum One", 43114: "Avalanche",
  11155111: "Sepolia", 31337: "Anvil",
};
export const chainName = (id: bigint): string => {
  const name = CHAINS[id.toString()];
  return name === undefined ? t("chain.number", { id: id.toString() }) : `${name} (${id.toString()})`;
};

export const COIN = "ETH";
