// SPDX-License-Identifier: MIT OR Apache-2.0

import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Hex } from "./values.ts";

/** 32 bytes, big-endian, as Solidity's `abi.encode` has integers, addresses and words. */
export function abiWord(value: bigint | number | Hex): Uint8Array {
  return hexToBytes(BigInt(value).toString(16).padStart(64, "0"));
}

/** What a domain's name stands for in a hash. */
export const domain = (text: string): Uint8Array => keccak_256(utf8ToBytes(text));

export const keccak = (...parts: Uint8Array[]): Uint8Array => keccak_256(concatBytes(...parts));

export const toHex = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`;
export const fromHex = (hex: Hex): Uint8Array => hexToBytes(hex.slice(2));

export const toInteger = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`));

/** keccak256(abi.encode(x, y)): what contracts keep of a column. */
export const columnDigest = (column: Uint8Array): Hex => toHex(keccak_256(column));

export const sha256Hex = (bytes: Uint8Array): Hex => toHex(sha256(bytes));

/** SHA-256 of a file that need not fit into memory. */
export async function sha256Stream(chunks: AsyncIterable<Uint8Array>): Promise<Hex> {
  const hash = sha256.create();
  for await (const chunk of chunks) hash.update(chunk);
  return toHex(hash.digest());
}

/** Runs through a file piece by piece. */
export async function* pieces(file: Blob): AsyncGenerator<Uint8Array> {
  const size = 4 * 1024 * 1024;
  for (let at = 0; at < file.size; at += size) yield new Uint8Array(await file.slice(at, at + size).arrayBuffer());
}
