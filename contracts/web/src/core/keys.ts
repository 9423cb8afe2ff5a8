// SPDX-License-Identifier: MIT OR Apache-2.0

import { x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { bech32 } from "@scure/base";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { abiWord, fromHex, toHex } from "./hash.ts";
import { Malformed } from "./refusal.ts";
import type { Hex } from "./values.ts";

// Keys that open receipts, and nothing else: age identities (X25519). A dataset's owner is told the public half, the developer encrypts to it,
// and the file can lie anywhere. None of them can move money, and the page keeps none.

const PREFIX = "age-secret-key-";
/** The first line of every file that age encrypted. */
const AGE = utf8ToBytes("age-encryption.org/v1\n");

export interface ReceiptKey {
  /** AGE-SECRET-KEY-1.. */
  readonly identity: string;
  /** age1.., for the dataset's column `recipient`. */
  readonly recipient: string;
}

export const isEncrypted = (bytes: Uint8Array): boolean => AGE.every((byte, i) => bytes[i] === byte);

async function keyOf(identity: string): Promise<ReceiptKey> {
  return { identity, recipient: await identityToRecipient(identity) };
}

export const newKey = async (): Promise<ReceiptKey> => keyOf(await generateX25519Identity());

/** The key in a file as `age-keygen` writes it: one line, others are comments. Undefined where there is none. */
export async function keyIn(text: string): Promise<ReceiptKey | undefined> {
  const line = text.split(/\r?\n/).map((one) => one.trim()).find((one) => /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/.test(one));
  if (line === undefined) return undefined;
  try {
    return await keyOf(line);
  } catch {
    return undefined;
  }
}

/** What a wallet signs to make a key: a text that can't be mistaken for a transaction or for another page's login. */
export const keyText = (account: Hex): string =>
  `Apportion: make the key that opens my encrypted receipts.\n\nWho has this signature can read my receipts. It moves no money.\nSign it on a page that you trust only.\n\nAccount: ${account}`;

/** The key that follows from a wallet's signature of `keyText`, 65 bytes. */
export async function keyFromSignature(signature: Hex, account: Hex): Promise<ReceiptKey> {
  const secret = hkdf(sha256, fromHex(signature), utf8ToBytes("apportion-receipt-key-1"), fromHex(account), 32);
  return keyOf(bech32.encodeFromBytes(PREFIX, secret).toUpperCase());
}

export async function decrypt(bytes: Uint8Array, { identity }: ReceiptKey): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(bytes, "uint8array");
  } catch {
    throw new Malformed("file.locked");
  }
}

export interface NamedLedger {
  readonly chainId: bigint;
  readonly contract: Hex;
  readonly model: Hex;
  /** The ledger's public key for names. */
  readonly receiptKey: Hex;
}

/** The name of the file that holds a payee's receipt: only the developer and the key's holder can tell it. */
export function fileName({ chainId, contract, model, receiptKey }: NamedLedger, { identity, recipient }: ReceiptKey, payee: Hex): string | undefined {
  const field = (bytes: Uint8Array): Uint8Array => concatBytes(abiWord(bytes.length).subarray(28), bytes);
  const [secret, own] = [identity, recipient].map((text) => bech32.decodeToBytes(text).bytes);
  if (secret === undefined || own === undefined) return undefined;
  const info = concatBytes(...[abiWord(chainId).subarray(24), fromHex(contract), fromHex(model), fromHex(receiptKey), own, fromHex(payee)].map(field));
  try {
    const shared = x25519.getSharedSecret(secret, fromHex(receiptKey));
    return `${toHex(hkdf(sha256, shared, utf8ToBytes("apportion-names-1"), info, 16)).slice(2)}.age`;
  } catch {
    return undefined;
  }
}
