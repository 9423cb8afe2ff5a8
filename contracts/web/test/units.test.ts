// SPDX-License-Identifier: MIT OR Apache-2.0

import { readFileSync } from "node:fs";
import { concat, encodeErrorResult, keccak256, pad, stringToHex, toHex as toViemHex } from "viem";
import { bn254 } from "@noble/curves/bn254.js";
import { Encrypter } from "age-encryption";
import { describe, expect, test } from "vitest";
import { ERRORS } from "../src/chain/abi.generated.ts";
import { leafOf } from "../src/chain/calls.ts";
import { createdAt, matches } from "../src/chain/codes.ts";
import { printable } from "../src/chain/read.ts";
import { troubleOf, validUrl } from "../src/chain/rpc.ts";
import { parseJson } from "../src/core/json.ts";
import { sha256Hex, toHex } from "../src/core/hash.ts";
import { decrypt, fileName, isEncrypted, keyFromSignature, keyIn, newKey } from "../src/core/keys.ts";
import { poseidon } from "../src/core/poseidon.ts";
import { Malformed } from "../src/core/refusal.ts";
import { SETUPS } from "../src/core/setups.generated.ts";
import { checksummed } from "../src/core/values.ts";
import { en } from "../src/ui/en.ts";
import { brief, coin, date, decimal } from "../src/ui/format.ts";
import { zh } from "../src/ui/zh.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("JSON", () => {
  const why = (text: string): string => {
    try {
      parseJson(bytes(text));
      return "taken";
    } catch (error) {
      return error instanceof Malformed ? error.why.code : "another error";
    }
  };

  test("is read exactly", () => {
    expect(parseJson(bytes('{"a": [1, 18446744073709551615, "\\u00e9\\n", true, null], "b": {}}'))).toEqual(
      new Map<string, unknown>([["a", [1n, 18446744073709551615n, "é\n", true, null]], ["b", new Map()]]),
    );
    expect(parseJson(bytes('{"__proto__": 1, "constructor": 2}'))).toEqual(new Map([["__proto__", 1n], ["constructor", 2n]]));
  });

  test("is refused where two readers could differ, for its reason", () => {
    const cases: [string, string][] = [
      ['{"a": 1, "a": 1}', "file.repeated"], ['{"a": 1, "\\u0061": 2}', "file.repeated"], ["1.0", "file.number"], ["1e3", "file.number"],
      ["-1", "file.number"], ["01", "file.number"], ["99999999999999999999999", "file.number"], ["+1", "file.json"], ["NaN", "file.json"],
      ["[1,]", "file.json"], ['{"a": 1,}', "file.json"], ["{a: 1}", "file.json"], ["'a'", "file.json"], ['"a', "file.json"], ['"\t"', "file.json"],
      ["", "file.json"], ["{} {}", "file.json"], ["// x\n{}", "file.json"], ["\ufeff{}", "file.json"], ['"\\ud800"', "file.json"],
      ["[".repeat(100_000), "file.depth"], ['{"a":'.repeat(50), "file.depth"],
    ];
    for (const [text, expected] of cases) expect([text.slice(0, 30), why(text)]).toEqual([text.slice(0, 30), expected]);
    expect(() => parseJson(new Uint8Array([0x22, 0xff, 0x22]))).toThrow("file.utf8");
  });
});

test("Poseidon agrees with the project's vectors", () => {
  const file = JSON.parse(readFileSync(new URL("../../../circuits/tests/vectors/poseidon.json", import.meta.url), "utf8")) as {
    suites: { bn254: { hashes: { tag: string; inputs: string[]; output: string }[] } };
  };
  const { hashes } = file.suites.bn254;
  expect(hashes.length).toBeGreaterThan(3);
  for (const { tag, inputs, output } of hashes) {
    const [a = "0", b = "0", c = "0", d = "0"] = inputs;
    expect(poseidon([BigInt(tag), BigInt(a), BigInt(b), BigInt(c), BigInt(d)])).toBe(BigInt(output));
  }
});

test("the setups are told apart, are points of the right group, and one of them is insecure", () => {
  const { Fp2 } = bn254.fields;
  for (const { tau } of SETUPS) {
    const [x1 = 0n, x0 = 0n, y1 = 0n, y0 = 0n] = tau.map(BigInt);
    bn254.G2.Point.fromAffine({ x: Fp2.fromBigTuple([x0, x1]), y: Fp2.fromBigTuple([y0, y1]) }).assertValidity();
  }
  expect(SETUPS.map(({ label, insecure }) => [label, insecure])).toEqual([["challenge_0085", false], ["insecure_dev", true]]);
});

describe("code", () => {
  const code = Uint8Array.from({ length: 150 }, (_, i) => i + 1);
  const zeroed = code.slice();
  for (const [from, to] of [[10, 42], [60, 92], [100, 120]] as const) zeroed.fill(0, from, to);
  const expected = { contract: "A", sha256: sha256Hex(zeroed), immutables: [[10, 60]], libraries: { L: [100] } };
  const used = code.slice();
  used.fill(7, 10, 42).fill(7, 60, 92).fill(9, 100, 120);

  test("only places of values are free, and one value stands in all of its places", () => {
    expect(matches(used, expected)).toEqual(new Map([["L", `0x${"09".repeat(20)}`]]));
    for (const at of [9, 42, 99, 120]) {
      const other = used.slice();
      other[at] = (other[at] ?? 0) ^ 1;
      expect(matches(other, expected)).toBeUndefined();
    }
    const two = used.slice().fill(8, 60, 92);
    expect(matches(two, expected)).toBeUndefined();
    expect(matches(two.fill(8, 10, 42), expected)).toBeDefined();
    expect(matches(used.slice(0, 100), expected)).toBeUndefined();
    expect(matches(new Uint8Array(), expected)).toBeUndefined();
  });

  test("libraries are where the proxy creates them", () => {
    const { bytecode } = JSON.parse(readFileSync(new URL("../../generated/OpeningVerifier.json", import.meta.url), "utf8")) as { bytecode: `0x${string}` };
    const known = JSON.parse(readFileSync(new URL("../../../verifier/chain/code-hashes.json", import.meta.url), "utf8")) as { verifiers: { contract: string; created: string }[] };
    const places = known.verifiers.filter(({ contract }) => contract === "OpeningVerifier").map(({ created }) => created.toLowerCase());
    expect(places).toContain(createdAt(Uint8Array.from(Buffer.from(bytecode.slice(2), "hex"))).toLowerCase());
  });
});

test("a score's path leads to the root, and to no other", () => {
  const id = (n: number): `0x${string}` => `0x${n.toString(16).padStart(64, "0")}`;
  const segment = (n: number) => ({ dataset: n, segment: 0, revision: 0, score: BigInt(n + 1), commitment: new Uint8Array(64).fill(n + 1) });
  const scores = { kind: "scores", suite: "bn254", model: id(9), epoch: 1, totalScore: 6n, root: id(0), segments: [0, 1, 2].map(segment) } as const;
  const numbers = new Map([0, 1, 2].map((n) => [n, id(n + 100)] as const));
  // The tree once more, by other code: three leaves, zero behind the last, domains hashed from their names.
  const [leafDomain, nodeDomain] = ["apportion.score.v1", "apportion.score-node.v1"].map((name) => keccak256(stringToHex(name)));
  const word = (n: number): bigint => BigInt(`0x${n.toString(16).padStart(2, "0").repeat(32)}`);
  const words = (...values: (bigint | `0x${string}` | undefined)[]) => keccak256(concat(values.map((value) => pad(toViemHex(BigInt(value ?? 0))))));
  const leaves = [0, 1, 2].map((n) => words(leafDomain, id(n + 100), 0n, 0n, BigInt(n + 1), word(n + 1), word(n + 1)));
  const left = words(nodeDomain, leaves[0], leaves[1]);
  const root = words(nodeDomain, left, words(nodeDomain, leaves[2], 0n));
  expect(leafOf({ ...scores, root }, numbers, id(102), 0)).toEqual({
    revision: 0, position: 2, score: 3n, scores: [word(3), word(3)], path: [id(0), left],
  });
  expect(leafOf({ ...scores, root }, numbers, id(101), 0)?.path[0]).toBe(leaves[0]);
  expect(leafOf({ ...scores, root }, numbers, id(102), 1)).toBeUndefined();
  expect(leafOf(scores, numbers, id(100), 0)).toBeUndefined();
  expect(leafOf({ ...scores, segments: [] }, numbers, id(100), 0)).toBeUndefined();
  expect(leafOf(scores, new Map(), id(100), 0)).toBeUndefined();
});

describe("keys that open receipts", () => {
  test("tell the names that the developer gives", async () => {
    const { name } = JSON.parse(readFileSync(new URL("../../../prover/secrets/tests/vectors/derive.json", import.meta.url), "utf8")) as {
      name: Record<"contract" | "model" | "payee" | "ledger_key" | "identity" | "recipient" | "name", `0x${string}`> & { chain_id: number };
    };
    const key = await keyIn(`# created: today\n# public key: ${name.recipient}\n${name.identity}\n`);
    expect(key?.recipient).toBe(name.recipient);
    const ledger = { chainId: BigInt(name.chain_id), contract: name.contract, model: name.model, receiptKey: name.ledger_key };
    expect(key && fileName(ledger, key, name.payee)).toBe(name.name);
    expect(key && fileName({ ...ledger, chainId: 11n }, key, name.payee)).not.toBe(name.name);
    expect(key && fileName({ ...ledger, receiptKey: `0x${"00".repeat(32)}` }, key, name.payee)).toBeUndefined();
    expect(await keyIn("AGE-SECRET-KEY-1 and more")).toBeUndefined();
    expect(await keyIn(name.identity.replace("7", "8"))).toBeUndefined();
  });

  test("follow from a signature, and open what was encrypted to them", async () => {
    const key = await keyFromSignature(`0x${"11".repeat(65)}`, checksummed(`0x${"22".repeat(20)}`));
    expect((await keyFromSignature(`0x${"11".repeat(65)}`, checksummed(`0x${"23".repeat(20)}`))).identity).not.toBe(key.identity);
    const encrypter = new Encrypter();
    encrypter.addRecipient(key.recipient);
    const locked = await encrypter.encrypt("a receipt");
    expect(isEncrypted(locked)).toBe(true);
    expect(new TextDecoder().decode(await decrypt(locked, key))).toBe("a receipt");
    await expect(decrypt(locked, await newKey())).rejects.toThrow("file.locked");
  });
});

describe("refusals", () => {
  test("of wallets and nodes have their own words", () => {
    const of = (error: unknown): string => troubleOf(error).code;
    expect(of({ code: 4001, message: "no" })).toBe("rejected");
    expect(of({ code: -32002 })).toBe("pending");
    expect(of({ code: 4902 })).toBe("unknown-chain");
    expect(of({ code: -32601, message: "the method does not exist" })).toBe("unsupported");
    expect(of({ code: -32000, message: "insufficient funds for gas * price + value" })).toBe("funds");
    expect(of(new TypeError("Failed to fetch"))).toBe("unreachable");
    expect(of({ code: -32000, message: "x\u202ey".repeat(500) })).toBe("node");
    expect(troubleOf({ code: -32000, message: "x\u202ey".repeat(500) }).message).not.toMatch(/\u202e/);
    expect(of(undefined)).toBe("node");
  });

  test("of contracts are found wherever a node puts them", () => {
    const data = encodeErrorResult({ abi: ERRORS, errorName: "NothingDue" });
    for (const error of [{ code: 3, message: "execution reverted", data }, { data: { data } }, { error: { data } }, { code: -32603, data: { originalError: { data } } }]) {
      expect(troubleOf(error).refusal).toBe("NothingDue");
    }
    expect(troubleOf({ code: 3, message: "execution reverted", data: "0x12345678" }).code).toBe("reverted");
  });
});

describe("texts", () => {
  test("in both languages have the same places", () => {
    const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect([key, places(zh[key])]).toEqual([key, places(en[key])]);
  });

  test("exist for every error that a contract can answer a contributor with", () => {
    const known = new Set(ERRORS.map(({ name }) => `refusal.${name}`));
    const own = ["refusal.OtherSignature", "refusal.WrongChain", "refusal.NoContract", "refusal.NoLedger"];
    const named = Object.keys(en).filter((key) => key.startsWith("refusal."));
    expect(named.filter((key) => !known.has(key) && !own.includes(key))).toEqual([]);
  });

  test("amounts are exact, fees never too small", () => {
    expect(decimal(1234567890123456789012n, 18)).toBe("1,234.567890123456789012");
    expect(decimal(0n, 18)).toBe("0");
    expect(decimal(1_000_000n, 0)).toBe("1,000,000");
    const token = { address: "0x", symbol: "T", decimals: 6 } as const;
    expect(brief(1_234_567n, token)).toBe("≈ 1.2345 T");
    expect(brief(1_500_000n, token)).toBe("1.5 T");
    expect(coin(795_318n * 1_000_000_007n)).toBe("0.0007954");
    expect(coin(0n)).toBe("0");
  });

  test("of strangers can't hide or turn text", () => {
    expect(printable("a\u202eb\u0000c\u200dd", 10)).toBe("abcd");
    expect(printable("x".repeat(100), 5)).toBe("xxxxx");
  });

  test("addresses have their checksum", () => {
    expect(checksummed("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")).toBe("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  });

  test("RPC addresses are https, or of this machine", () => {
    for (const url of ["https://node.example/key", "http://127.0.0.1:8545", "http://localhost:8545/"]) expect(validUrl(url)).toBeDefined();
    for (const url of ["http://node.example", "javascript:alert(1)", "file:///etc/passwd", "https://user:word@node.example", "ws://127.0.0.1", "", "x"]) {
      expect(validUrl(url)).toBeUndefined();
    }
  });
});

test("hex of bytes", () => {
  expect(toHex(new Uint8Array([0, 255]))).toBe("0x00ff");
});

test("a date is shown whatever a contract says", () => {
  expect(date(0n, "en")).toContain("1970");
  for (const seconds of [8_640_000_000_000n, 2n ** 64n - 1n, 2n ** 256n - 1n]) expect(date(seconds, "en")).toBe(date(8_640_000_000_000n, "en"));
});
