// SPDX-License-Identifier: MIT OR Apache-2.0

import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Json, JsonObject } from "./json.ts";
import { Malformed, type WhyCode } from "./refusal.ts";

// Values as the files spell them: the "Conventions" of verifier/docs/formats.md.

export type Hex = `0x${string}`;
export type Tier = 64 | 1024 | 16384;
export type Suite = "bn254" | "pasta";

const U32 = 2n ** 32n;
const U64 = 2n ** 64n;
const U128 = 2n ** 128n;
/** Bytes of the longest opening of any suite. */
const MAX_PROOF_BYTES = 4096;

/** A member's value, with the place that an error names. */
export interface At {
  readonly value: Json;
  readonly place: string;
}

const wrong = (code: WhyCode, at: At): Malformed => new Malformed(code, { place: at.place });

/** The members of an object: exactly these, but for those that may be left out. */
export function members(at: At, required: readonly string[], optional: readonly string[] = []): (name: string) => At {
  const { value, place } = at;
  if (!(value instanceof Map)) throw wrong("file.type", at);
  const object: JsonObject = value;
  for (const name of object.keys()) {
    if (!required.includes(name) && !optional.includes(name)) throw new Malformed("file.member", { place, member: name.slice(0, 40) });
  }
  for (const name of required) if (!object.has(name)) throw new Malformed("file.missing", { place, member: name });
  return (name) => ({ value: object.get(name) ?? null, place: place === "" ? name : `${place}.${name}` });
}

export function list(at: At): At[] {
  if (!Array.isArray(at.value)) throw wrong("file.type", at);
  const items: readonly Json[] = at.value;
  return items.map((value, i) => ({ value, place: `${at.place}[${String(i)}]` }));
}

function text(at: At): string {
  if (typeof at.value !== "string") throw wrong("file.type", at);
  return at.value;
}

function integer(at: At, bound: bigint): bigint {
  if (typeof at.value !== "bigint" || at.value >= bound) throw wrong("value.integer", at);
  return at.value;
}

export const u32 = (at: At): number => Number(integer(at, U32));
export const u64 = (at: At): bigint => integer(at, U64);

export function amount(at: At): bigint {
  const digits = text(at);
  if (!/^(0|[1-9][0-9]{0,38})$/.test(digits)) throw wrong("value.amount", at);
  const value = BigInt(digits);
  if (value >= U128) throw wrong("value.amount", at);
  return value;
}

export function word(at: At): Hex {
  const found = text(at);
  if (!/^0x[0-9a-fA-F]{64}$/.test(found)) throw wrong("value.word", at);
  return found.toLowerCase() as Hex;
}

/** Letters of both cases are a checksum, and a wrong one is a typo. */
export function address(at: At): Hex {
  const found = text(at);
  if (!/^0x[0-9a-fA-F]{40}$/.test(found)) throw wrong("value.address", at);
  const right = checksummed(found as Hex);
  const mixed = /[a-f]/.test(found.slice(2)) && /[A-F]/.test(found.slice(2));
  if (mixed && found !== right) throw new Malformed("value.checksum", { place: at.place });
  return right;
}

/** The address that somebody typed, where it is one. */
export function addressIn(typed: string): Hex | undefined {
  try {
    return address({ value: typed.trim(), place: "" });
  } catch {
    return undefined;
  }
}

/** EIP-55: a letter is upper-case where the Keccak-256 of the lower-case digits has a nibble of 8 or more. */
export function checksummed(found: Hex): Hex {
  const digits = found.slice(2).toLowerCase();
  const hash = bytesToHex(keccak_256(utf8ToBytes(digits)));
  const cased = [...digits].map((digit, i) => (Number.parseInt(hash.charAt(i), 16) >= 8 ? digit.toUpperCase() : digit));
  return `0x${cased.join("")}`;
}

function hex(at: At, code: WhyCode, allowed: (bytes: number) => boolean): Uint8Array {
  const found = text(at);
  const digits = found.slice(2);
  if (!found.startsWith("0x") || digits.length % 2 !== 0 || !allowed(digits.length / 2) || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw wrong(code, at);
  }
  return hexToBytes(digits);
}

export const commitment = (at: At): Uint8Array => hex(at, "value.commitment", (bytes) => bytes === 32 || bytes === 64);
export const opening = (at: At): Uint8Array => hex(at, "value.proof", (bytes) => bytes > 0 && bytes <= MAX_PROOF_BYTES);

export function tier(at: At): Tier {
  switch (at.value) {
    case 64n: return 64;
    case 1024n: return 1024;
    case 16384n: return 16384;
    default: throw wrong("value.tier", at);
  }
}

export function suite(at: At): Suite {
  if (at.value !== "bn254" && at.value !== "pasta") throw wrong("value.suite", at);
  return at.value;
}

/** Printable, so that nothing in it hides or turns text. */
export function name(at: At): string {
  const found = text(at);
  if (found === "" || utf8ToBytes(found).length > 64 || /\p{C}/u.test(found)) throw wrong("value.name", at);
  return found;
}

/** Slots of a segment that hold accounts: the last two are reserved. */
export const accountsOf = (slots: Tier): number => slots - 2;

export const ZERO_ADDRESS: Hex = "0x0000000000000000000000000000000000000000";
