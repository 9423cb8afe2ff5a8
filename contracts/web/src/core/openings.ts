// SPDX-License-Identifier: MIT OR Apache-2.0

import { pippenger } from "@noble/curves/abstract/curve.js";
import { bn254 } from "@noble/curves/bn254.js";
import { toInteger } from "./hash.ts";
import type { Hex, Tier } from "./values.ts";

// KZG openings on BN254: "Openings" of verifier/docs/formats.md. The proof of F(z) = y at z = w^i is pi = [(F(tau) - y) / (tau - z)]1, and it
// holds if and only if e([F] - y G + z pi, G2) = e(pi, [tau]2). Both sides are linear, so that one product of two pairings decides about
// many openings, each multiplied by a random number of 128 bits.

const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
type Point = InstanceType<typeof G1>;

/** The order of the group, over which columns are polynomials. */
export const SCALARS = bn254.fields.Fr.ORDER;
const BASE = bn254.fields.Fp.ORDER;

export interface Setup {
  readonly label: string;
  /** Whether its secret is public, so that anybody can forge openings. */
  readonly insecure: boolean;
  /** SHA-256 of g1, g2 and [tau]2. */
  readonly digest: Hex;
  /** [tau]2 as x1, x0, y1, y0. */
  readonly tau: readonly string[];
}

export interface Opening {
  readonly tier: Tier;
  readonly index: number;
  /** Commitments, and what each is said to hold at the slot. */
  readonly columns: readonly Uint8Array[];
  readonly values: readonly bigint[];
  readonly gamma: bigint;
  readonly proof: Uint8Array;
}

/** An opening whose points are points of the curve. */
export interface Term {
  readonly columns: readonly (readonly [key: string, point: Point, power: bigint])[];
  readonly z: bigint;
  readonly y: bigint;
  readonly pi: Point;
}

/** A point in 64 bytes: coordinates below the modulus, on the curve, not the identity. */
function decode(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== 64) return undefined;
  const [x, y] = [toInteger(bytes.subarray(0, 32)), toInteger(bytes.subarray(32))];
  if (x >= BASE || y >= BASE || (x === 0n && y === 0n)) return undefined;
  const { Fp } = bn254.fields;
  if (!Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), 3n))) return undefined;
  return G1.fromAffine({ x, y });
}

/** w^index, where w has order `tier`: 7 generates the field's units. */
function pointOf(tier: Tier, index: number): bigint {
  const { Fr } = bn254.fields;
  return Fr.pow(Fr.pow(7n, (SCALARS - 1n) / BigInt(tier)), BigInt(index));
}

/** Decodes an opening; undefined where one of its points is none. */
export function termOf(opening: Opening): Term | undefined {
  const columns: [string, Point, bigint][] = [];
  let [power, y] = [1n, 0n];
  for (const [i, column] of opening.columns.entries()) {
    const point = decode(column);
    if (point === undefined) return undefined;
    columns.push([toInteger(column).toString(16), point, power]);
    y = (y + power * (opening.values[i] ?? 0n)) % SCALARS;
    power = (power * opening.gamma) % SCALARS;
  }
  const pi = decode(opening.proof);
  return pi && { columns, z: pointOf(opening.tier, opening.index), y, pi };
}

function randomiser(): bigint {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return toInteger(bytes) | 1n;
}

/** From so many points on Pippenger's buckets are cheaper than one multiplication after the other. */
const MANY = 48;

function sum(points: Point[], scalars: bigint[]): Point {
  const [kept, factors]: [Point[], bigint[]] = [[], []];
  points.forEach((point, i) => {
    const factor = ((scalars[i] ?? 0n) % SCALARS + SCALARS) % SCALARS;
    if (factor !== 0n) {
      kept.push(point);
      factors.push(factor);
    }
  });
  if (kept.length >= MANY) return pippenger(G1, kept, factors);
  return kept.reduce((total, point, i) => total.add(point.multiplyUnsafe(factors[i] ?? 0n)), G1.ZERO);
}

/** Whether all of them hold under the setup. */
export function allHold(terms: readonly Term[], setup: Setup): boolean {
  const weights = terms.map(randomiser);
  const columns = new Map<string, [Point, bigint]>();
  let generator = 0n;
  terms.forEach((term, i) => {
    const weight = weights[i] ?? 0n;
    for (const [key, point, power] of term.columns) {
      const before = columns.get(key)?.[1] ?? 0n;
      columns.set(key, [point, (before + weight * power) % SCALARS]);
    }
    generator = (generator + weight * term.y) % SCALARS;
  });
  const pis = terms.map((term) => term.pi);
  const shared = [...columns.values()];
  const right = sum(pis, weights);
  const left = sum(
    [...pis, ...shared.map(([point]) => point), G1.BASE],
    [...terms.map((term, i) => term.z * (weights[i] ?? 0n)), ...shared.map(([, factor]) => factor), -generator],
  );
  if (left.is0() || right.is0()) return left.is0() && right.is0();
  const product = bn254.pairingBatch([{ g1: left, g2: G2.BASE }, { g1: right.negate(), g2: tauOf(setup) }]);
  return bn254.fields.Fp12.eql(product, bn254.fields.Fp12.ONE);
}

function tauOf({ tau }: Setup): InstanceType<typeof G2> {
  const [x1, x0, y1, y0] = tau.map(BigInt);
  const { Fp2 } = bn254.fields;
  return G2.fromAffine({ x: Fp2.fromBigTuple([x0 ?? 0n, x1 ?? 0n]), y: Fp2.fromBigTuple([y0 ?? 0n, y1 ?? 0n]) });
}

/** Openings in one product of pairings: more would keep the page from answering for too long. */
const BATCH = 256;

/** The first opening that does not hold, or -1. */
export async function firstWrong(terms: readonly Term[], setup: Setup): Promise<number> {
  for (let from = 0; from < terms.length; from += BATCH) {
    const batch = terms.slice(from, from + BATCH);
    await new Promise((resolve) => setTimeout(resolve));
    if (allHold(batch, setup)) continue;
    // Halves: the wrong one is in the first, or else in the second.
    let [low, high] = [0, batch.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (allHold(batch.slice(low, middle), setup)) low = middle;
      else high = middle;
    }
    return from + low;
  }
  return -1;
}
