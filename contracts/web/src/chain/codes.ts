// SPDX-License-Identifier: MIT OR Apache-2.0

import { encodeAbiParameters, getContractAddress } from "viem";
import known from "../../../../verifier/chain/code-hashes.json";
import { fromHex, sha256Hex, toHex } from "../core/hash.ts";
import type { Hex } from "../core/values.ts";
import { LEDGER, OPENINGS, REGISTRY } from "./abi.generated.ts";
import { Contract, type Provider, askBytes } from "./rpc.ts";

// Which code the contracts have, and what created them: chain.code and chain.creation of verifier/docs/formats.md. Values that are fixed at
// construction and addresses of libraries stand in a contract's code; the digest is that of the code with zeros in their places. Code says
// nothing about storage, so contracts must also be where the deterministic deployment proxy creates known creation code.

interface ContractCode {
  readonly contract: string;
  readonly sha256: string;
  readonly immutables?: readonly (readonly number[])[];
  readonly libraries?: Readonly<Record<string, readonly number[] | undefined>>;
  readonly library?: boolean;
  readonly created?: string;
  readonly creation?: { readonly code: string; readonly libraries?: Readonly<Record<string, readonly number[] | undefined>> };
}
interface VerifierCode {
  readonly contract: string;
  readonly sha256: string;
  readonly created: string;
}
const CONTRACTS: readonly ContractCode[] = known.contracts;
const VERIFIERS: readonly VerifierCode[] = known.verifiers;

const PROXY: Hex = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const PROXY_CODE = "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";
const TIERS = [64, 1024, 16384] as const;

export interface CodeFinding {
  readonly contract: string;
  readonly address: Hex;
  /** "place": the code is known, and nobody knows what created it. */
  readonly state: "known" | "none" | "unknown" | "place";
}

export interface Deployment {
  readonly registry: Hex;
  readonly openings: Hex;
  /** SHA-256 of the setup with which the chain's verifier checks openings. */
  readonly setup: Hex;
  readonly version: Hex;
  readonly maxBond: bigint;
  readonly codes: readonly CodeFinding[];
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

type Libraries = ReadonlyMap<string, Hex>;

/** The addresses of libraries, where the code is this one. */
export function matches(code: Uint8Array, expected: ContractCode): Libraries | undefined {
  const masked = code.slice();
  const take = (at: number, bytes: number): string => {
    const value = toHex(masked.slice(at, at + bytes));
    masked.fill(0, at, at + bytes);
    return value;
  };
  const one = (places: readonly number[], bytes: number): Hex | undefined => {
    const values = places.map((at) => take(at, bytes));
    // One value stands in all the places that the compiler gave it: else a getter would say one, and the code use another.
    return new Set(values).size === 1 ? (values[0] as Hex) : undefined;
  };
  if ((expected.immutables ?? []).map((places) => one(places, 32)).includes(undefined)) return undefined;
  const libraries = new Map<string, Hex>();
  for (const [name, places] of Object.entries(expected.libraries ?? {})) {
    const address = one(places ?? [], 20);
    if (address === undefined) return undefined;
    libraries.set(name, address);
  }
  // A library's own address stands behind its first byte.
  if (expected.library === true) take(1, 20);
  return same(sha256Hex(masked), expected.sha256) ? libraries : undefined;
}

/** Where the proxy creates this code, with salt 0. */
export function createdAt(creation: Uint8Array): Hex {
  return getContractAddress({ opcode: "CREATE2", from: PROXY, salt: new Uint8Array(32), bytecode: toHex(creation) });
}

function linked(expected: ContractCode, libraries: Libraries, args: Hex): Uint8Array | undefined {
  if (expected.creation === undefined) return undefined;
  const code = fromHex(expected.creation.code as Hex);
  for (const [name, places] of Object.entries(expected.creation.libraries ?? {})) {
    const address = libraries.get(name);
    if (address === undefined) return undefined;
    for (const at of places ?? []) code.set(fromHex(address), at);
  }
  const tail = fromHex(args);
  const whole = new Uint8Array(code.length + tail.length);
  whole.set(code);
  whole.set(tail, code.length);
  return whole;
}

const VERIFIER_LIST = { type: "tuple[]", components: [{ type: "uint32", name: "slots" }, { type: "address", name: "verifier" }] } as const;
type Listed = readonly { slots: number; verifier: Hex }[];

class Inspection {
  readonly findings: CodeFinding[] = [];
  private readonly provider: Provider;
  private readonly block: Hex;
  constructor(provider: Provider, block: Hex) {
    [this.provider, this.block] = [provider, block];
  }

  async code(address: Hex): Promise<Uint8Array> {
    return fromHex(await askBytes(this.provider, "eth_getCode", [address, this.block]));
  }

  private found(contract: string, address: Hex, state: CodeFinding["state"]): void {
    this.findings.push({ contract, address, state });
  }

  /** A contract of which any ledger has the same, and the libraries that it is linked with. */
  async contract(name: string, address: Hex, args?: Hex): Promise<void> {
    const code = await this.code(address);
    if (code.length === 0) {
      this.found(name, address, "none");
      return;
    }
    for (const expected of CONTRACTS.filter((one) => one.contract === name)) {
      const libraries = matches(code, expected);
      if (libraries === undefined) continue;
      const creation = args === undefined ? undefined : linked(expected, libraries, args);
      const placed = args === undefined || (creation !== undefined && same(createdAt(creation), address));
      this.found(name, address, placed ? "known" : "place");
      for (const [library, at] of libraries) await this.library(library, at);
      return;
    }
    this.found(name, address, "unknown");
  }

  private async library(name: string, address: Hex): Promise<void> {
    const code = await this.code(address);
    const expected = CONTRACTS.filter((one) => one.contract === name).find((one) => matches(code, one) !== undefined);
    if (expected === undefined) this.found(name, address, code.length === 0 ? "none" : "unknown");
    else this.found(name, address, expected.created !== undefined && same(expected.created, address) ? "known" : "place");
  }

  async verifier(name: string, address: Hex): Promise<void> {
    const code = await this.code(address);
    const digest = sha256Hex(code);
    const expected = VERIFIERS.filter((one) => one.contract === name && same(one.sha256, digest));
    if (expected.length === 0) this.found(name, address, code.length === 0 ? "none" : "unknown");
    else this.found(name, address, expected.some((one) => same(one.created, address)) ? "known" : "place");
  }

  async proxy(): Promise<void> {
    const code = toHex(await this.code(PROXY));
    this.found("deployment proxy", PROXY, same(code, PROXY_CODE) ? "known" : code === "0x" ? "none" : "unknown");
  }
}

async function listed(of: (slots: bigint) => Promise<Hex>): Promise<Listed> {
  const all = await Promise.all(TIERS.map(async (slots) => ({ slots, verifier: await of(BigInt(slots)) })));
  return all.filter(({ verifier }) => BigInt(verifier) !== 0n);
}

/** A registry and what it rests on, whose code is looked at by `inspection`; gives its opening verifier. */
async function inspectRegistered(inspection: Inspection, provider: Provider, address: Hex, block: Hex): Promise<Hex> {
  const registry = new Contract(provider, address, REGISTRY, block);
  const [trees, recordTree, openings] = await Promise.all([
    listed((slots) => registry.read("treeVerifier", [slots])), registry.read("recordTree", []), registry.read("openingVerifier", []),
  ]);
  await Promise.all([
    inspection.contract("DatasetRegistry", address, encodeAbiParameters([{ type: "address" }, VERIFIER_LIST], [openings, trees])),
    inspection.contract("RecordTree", recordTree),
    inspection.proxy(),
    inspection.verifier("OpeningVerifier", openings),
    ...trees.map(({ slots, verifier }) => inspection.verifier(`Tree${String(slots)}Verifier`, verifier)),
  ]);
  return openings;
}

/** Whether this page knows the code of a registry and of what it rests on. */
export async function inspectRegistry(provider: Provider, address: Hex, block: Hex): Promise<readonly CodeFinding[]> {
  const inspection = new Inspection(provider, block);
  await inspectRegistered(inspection, provider, address, block);
  return inspection.findings;
}

/** What a ledger and its contracts are, and whether this page knows their code. */
export async function inspect(provider: Provider, address: Hex, block: Hex): Promise<Deployment> {
  const ledger = new Contract(provider, address, LEDGER, block);
  const [registry, openings, version, maxBond] = await Promise.all([
    ledger.read("registry", []), ledger.read("openingVerifier", []), ledger.read("version", []), ledger.read("maxBond", []),
  ]);
  const inspection = new Inspection(provider, block);
  const [splits, setup, registryOpenings] = await Promise.all([
    listed((slots) => ledger.read("splitVerifier", [slots])),
    new Contract(provider, openings, OPENINGS, block).read("setup", []),
    inspectRegistered(inspection, provider, registry, block),
  ]);
  const ofLedger = encodeAbiParameters(
    [{ type: "address" }, { type: "address" }, VERIFIER_LIST, { type: "uint256" }], [registry, openings, splits, maxBond],
  );
  await Promise.all([
    inspection.contract("RevenueLedger", address, ofLedger),
    ...(same(openings, registryOpenings) ? [] : [inspection.verifier("OpeningVerifier", openings)]),
    ...splits.map(({ slots, verifier }) => inspection.verifier(`Split${String(slots)}Verifier`, verifier)),
  ]);
  return { registry, openings, setup, version, maxBond, codes: inspection.findings };
}
