// SPDX-License-Identifier: MIT OR Apache-2.0

import { en } from "./en.ts";
import { zh } from "./zh.ts";

export type Language = "en" | "zh";
export type Key = keyof typeof en;

const TEXTS: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, zh };
let current: Language = "en";

export const language = (): Language => current;
export function speak(chosen: Language): void {
  current = chosen;
}

/** A sentence, with what stands in its braces. It becomes a text node: what is put in can't be markup. */
export function t(key: Key, args: Readonly<Record<string, string>> = {}): string {
  return TEXTS[current][key].replace(/\{(\w+)\}/g, (_, name: string) => (Object.hasOwn(args, name) ? (args[name] ?? "") : ""));
}

export const isKey = (key: string): key is Key => Object.hasOwn(en, key);
