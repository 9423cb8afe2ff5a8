// SPDX-License-Identifier: MIT OR Apache-2.0

import { SCALARS as P } from "./openings.ts";

// The hash of record trees: Poseidon over the scalar field of BN254, width 5, x^5, 8 full and 60 partial rounds. Nothing is copied from
// another implementation: constants and matrix come from the Grain generator of the Poseidon paper (eprint 2019/458, section 4.2 and
// appendix F), as in contracts/script/poseidon_gen.py, and the tests hold the result to the project's vectors.

const WIDTH = 5;
const FULL = 8;
const PARTIAL = 60;
const FIELD_BITS = 254;

interface Parameters {
  readonly constants: readonly (readonly bigint[])[];
  readonly matrix: readonly (readonly bigint[])[];
}

/** The self-shrinking Grain LFSR: 80 bits that spell out the instance, 160 rounds thrown away, pairs that start with 1. */
function* grain(): Generator<number> {
  const fields: [number, number][] = [[1, 2], [0, 4], [FIELD_BITS, 12], [WIDTH, 12], [FULL, 10], [PARTIAL, 10], [2 ** 30 - 1, 30]];
  const state = fields.flatMap(([value, width]) => [...value.toString(2).padStart(width, "0")].map(Number));
  const step = (): number => {
    const bit = [62, 51, 38, 23, 13, 0].reduce((sum, place) => sum ^ (state[place] ?? 0), 0);
    state.shift();
    state.push(bit);
    return bit;
  };
  for (let i = 0; i < 160; i++) step();
  for (;;) {
    const keep = step();
    const bit = step();
    if (keep === 1) yield bit;
  }
}

function derive(): Parameters {
  const bits = grain();
  const draw = (): bigint => {
    let text = "0b";
    for (let i = 0; i < FIELD_BITS; i++) text += String(bits.next().value);
    return BigInt(text);
  };
  const below = (): bigint => {
    for (;;) {
      const value = draw();
      if (value < P) return value;
    }
  };
  const constants = Array.from({ length: FULL + PARTIAL }, () => Array.from({ length: WIDTH }, below));
  for (;;) {
    const points = Array.from({ length: 2 * WIDTH }, () => draw() % P);
    const [xs, ys] = [points.slice(0, WIDTH), points.slice(WIDTH)];
    const distinct = new Set(points).size === points.length;
    if (distinct && xs.every((x) => ys.every((y) => (x + y) % P !== 0n))) {
      return { constants, matrix: xs.map((x) => ys.map((y) => inverse((x + y) % P))) };
    }
  }
}

/** By Fermat: no secret is in it. */
function inverse(value: bigint): bigint {
  let [result, base, exponent] = [1n, value, P - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % P;
    base = (base * base) % P;
  }
  return result;
}

let parameters: Parameters | undefined;

/** H(tag; a, b, c, d): the state starts as these five, the result is its first lane. */
export function poseidon(state: readonly [bigint, bigint, bigint, bigint, bigint]): bigint {
  const { constants, matrix } = (parameters ??= derive());
  let lanes: readonly bigint[] = state;
  constants.forEach((row, round) => {
    const full = round < FULL / 2 || round >= FULL / 2 + PARTIAL;
    const raised = lanes.map((lane, i) => {
      const sum = (lane + (row[i] ?? 0n)) % P;
      if (!full && i > 0) return sum;
      const square = (sum * sum) % P;
      return (((square * square) % P) * sum) % P;
    });
    lanes = matrix.map((weights) => weights.reduce((sum, weight, i) => sum + weight * (raised[i] ?? 0n), 0n) % P);
  });
  return lanes[0] ?? 0n;
}

/** The big-endian integer of an ASCII string: a tag that separates uses of the hash. */
const tag = (text: string): bigint => [...text].reduce((sum, letter) => sum * 256n + BigInt(letter.charCodeAt(0)), 0n);

export const RECORD_TAG = tag("apportion.record.v1");
export const NODE_TAG = tag("apportion.node.v1");
