//! Steps 7 to 9: the multi-opening argument (SHPLONK), up to the pairing.
//!
//! With Z_i the vanishing polynomial of the i-th set of points and r_ij the polynomials that interpolate the claimed
//! evaluations, the proof's W and W' satisfy, for F = sum_i v^i Z_0(u)/Z_i(u) sum_j zeta^j (C_ij - r_ij(u) G),
//!
//! ```text
//! e(W', [tau]2) = e(F - Z_0(u) W + u W', [1]2).
//! ```
//!
//! Over the points p_k of a set of m, p_k = x w_k: r_ij(u) / Z_i(u) = x^(1-m) sum_k e_ijk / (D_k (u - p_k)), where
//! D_k = prod_{l != k} (w_k - w_l) is a constant. Weights serve all members of a set, and Z_i(u) cancels.

use std::collections::BTreeMap;

use ff::Field;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};

use super::{
    domain::{Domain, omega},
    errors::Failure,
    plan::{Commitment, PROOF_AT, Plan, RotationSet, literal},
    text::{Memory, Text, calldata, mload, mstore, mul, require},
    transcript::Challenges,
};
use apportion_suite::params::bn254::points::g1_to_bytes;

/// Values passed between the steps.
pub(super) struct Opening {
    /// The claimed evaluation of the quotient.
    pub(super) quotient: usize,
    /// The claimed evaluations' part of F, negated: the factor of G.
    pub(super) evaluations: usize,
    /// Six words in a row: a sum, a product and a scalar, or a modular exponentiation's input.
    pub(super) curve: usize,
}

fn weights(k: u32, set: &RotationSet) -> Vec<Fr> {
    let points: Vec<Fr> = set.rotations.iter().map(|rotation| omega(k, *rotation)).collect();
    points
        .iter()
        .map(|a| {
            let product: Fr = points.iter().filter(|b| *b != a).map(|b| *a - b).product();
            product.invert().unwrap_or(Fr::ZERO)
        })
        .collect()
}

pub(super) fn evaluations(
    out: &mut Text,
    plan: &Plan<'_>,
    challenges: &Challenges,
    domain: &Domain,
    opening: &Opening,
    memory: &mut Memory,
) {
    let doc = [
        "Step 7: the claimed evaluations, interpolated at u and folded: within a set by zeta, over the sets by nu.",
    ];
    out.step(&doc, "_evaluations", "pure", |out| {
        out.line(format!("let zeta := {}", mload(challenges.zeta)));
        out.line(format!("let nu := {}", mload(challenges.nu)));
        out.line("let total := 0");
        out.line("let sum := 0");
        out.line("let t := 0");
        let powers = inverse_powers(out, plan, domain, memory);
        // Horner's rule in nu: the last set first.
        for (index, set) in plan.sets.iter().enumerate().rev() {
            out.line("");
            out.line(format!("// Set {index}: {}", points(set)));
            let single = set.rotations.len() == 1;
            let at = memory.next();
            if !single {
                for (rotation, weight) in set.rotations.iter().zip(weights(plan.layout.k, set)) {
                    let weight = mul(mload(domain.point_inverses[rotation]), literal(&weight));
                    out.line(mstore(memory.take(1), weight));
                }
            }
            for (j, member) in set.members.iter().enumerate().rev() {
                let poly = &plan.opened[*member];
                let values: Vec<_> = poly
                    .evaluations
                    .iter()
                    .map(|(_, at)| at.map_or_else(|| mload(opening.quotient), calldata))
                    .collect();
                let last = j + 1 == set.members.len();
                if single {
                    let value = &values[0];
                    let folded =
                        if last { value.clone() } else { format!("add(mulmod(sum, zeta, r), {value})") };
                    out.line(format!("sum := {folded} // {}", poly.name));
                    continue;
                }
                out.line(format!("// {}", poly.name));
                let target = if last { "sum" } else { "t" };
                let mut bound = 0;
                for (i, value) in values.iter().enumerate() {
                    let term = mul(value, mload(at + 32 * i));
                    out.line(match bound {
                        0 => format!("{target} := {term}"),
                        1..4 => format!("{target} := add({target}, {term})"),
                        _ => format!("{target} := addmod({target}, {term}, r)"),
                    });
                    bound = if bound == 4 { 1 } else { bound + 1 };
                }
                if !last {
                    out.line("sum := add(mulmod(sum, zeta, r), t)");
                }
            }
            memory.rewind(at);
            let factor = match powers.get(&(set.rotations.len() - 1)) {
                Some(at) => mload(*at),
                None => mload(domain.point_inverses[&set.rotations[0]]),
            };
            let sum = mul("sum", factor);
            if index + 1 == plan.sets.len() {
                out.line(format!("total := {sum}"));
            } else {
                out.line(format!("total := add(mulmod(total, nu, r), {sum})"));
            }
        }
        out.line("");
        let total = mul("total", mload(domain.first_vanishing));
        out.line(mstore(opening.evaluations, format!("sub(r, {total})")));
    });
}

/// x^-e for every set's e = number of points - 1 > 0: an addition chain, squares kept in between.
fn inverse_powers(
    out: &mut Text,
    plan: &Plan<'_>,
    domain: &Domain,
    memory: &mut Memory,
) -> BTreeMap<usize, usize> {
    let mut known = BTreeMap::from([(1, domain.x_inverse)]);
    let mut wanted: Vec<_> = plan.sets.iter().map(|set| set.rotations.len() - 1).filter(|e| *e > 0).collect();
    wanted.sort_unstable();
    wanted.dedup();
    for exponent in wanted {
        power(out, memory, &mut known, exponent);
    }
    known
}

fn power(out: &mut Text, memory: &mut Memory, known: &mut BTreeMap<usize, usize>, exponent: usize) -> usize {
    if let Some(at) = known.get(&exponent) {
        return *at;
    }
    // The largest known power that leaves a known one, or else halves.
    let split = known.keys().rev().copied().find(|a| known.contains_key(&exponent.saturating_sub(*a)));
    let a = split.unwrap_or(exponent - exponent / 2);
    let left = power(out, memory, known, a);
    let right = power(out, memory, known, exponent - a);
    let at = memory.take(1);
    out.line(format!("{} // x^-{exponent}", mstore(at, mul(mload(left), mload(right)))));
    known.insert(exponent, at);
    at
}

fn points(set: &RotationSet) -> String {
    let points: Vec<_> = set
        .rotations
        .iter()
        .map(|rotation| match rotation {
            0 => "x".to_string(),
            1 => "x w".to_string(),
            _ => format!("x w^{rotation}"),
        })
        .collect();
    points.join(", ")
}

/// Multiplies the point at `curve + 0x40` by a scalar and adds it to the point at `curve`.
fn add_multiple(out: &mut Text, curve: usize, scalar: &str) {
    out.line(mstore(curve + 0x80, scalar));
    let product = curve + 0x40;
    out.line(format!("ok := and(ok, staticcall(GAS_ECMUL, 0x07, {product:#x}, 0x60, {product:#x}, 0x40))"));
    out.line(format!("ok := and(ok, staticcall(GAS_ECADD, 0x06, {curve:#x}, 0x80, {curve:#x}, 0x40))"));
}

fn load_point(out: &mut Text, at: usize, commitment: Commitment, name: &str) {
    match commitment {
        Commitment::Key(point) => {
            let (x, y) = coordinates(&point);
            out.line(format!("{} // {name}", mstore(at, x)));
            out.line(mstore(at + 0x20, y));
        }
        Commitment::Proof(from) => out.line(format!("calldatacopy({at:#x}, {from:#x}, 0x40) // {name}")),
        Commitment::Quotient => {}
    }
}

/// Affine coordinates as literals; (0, 0) for the identity, as precompiles have it.
fn coordinates(point: &G1Affine) -> (String, String) {
    let bytes = g1_to_bytes(point);
    let (x, y) = bytes.split_at(32);
    (format!("0x{}", hex::encode(x)), format!("0x{}", hex::encode(y)))
}

pub(super) fn commitments(
    out: &mut Text,
    plan: &Plan<'_>,
    challenges: &Challenges,
    domain: &Domain,
    opening: &Opening,
) {
    let doc = [
        "Step 8: F - Z_0(u) W + u W', one multiplication and one addition a commitment. The first commitment's factor is",
        "1: everything is divided by it.",
    ];
    out.step(&doc, "_commitments", "view", |out| {
        let curve = opening.curve;
        out.line(format!("let zeta := {}", mload(challenges.zeta)));
        out.line("let nu := 1");
        out.line("let s := 1");
        out.line("let ok := 1");
        let mut empty = true;
        for (index, set) in plan.sets.iter().enumerate() {
            out.line("");
            out.line(format!("// Set {index}: {}", points(set)));
            if index > 0 {
                let nu = mload(challenges.nu);
                out.line(if index == 1 { format!("nu := {nu}") } else { format!("nu := {}", mul("nu", nu)) });
                out.line(format!("s := {}", mul("nu", mload(domain.first_vanishing))));
                for rotation in &set.rotations {
                    out.line(format!("s := {}", mul("s", mload(domain.point_inverses[rotation]))));
                }
            }
            for (j, member) in set.members.iter().enumerate() {
                let poly = &plan.opened[*member];
                if j > 0 {
                    let unit = index == 0 && j == 1;
                    out.line(if unit { "s := zeta".into() } else { format!("s := {}", mul("s", "zeta")) });
                }
                let pieces: Vec<_> = match poly.commitment {
                    Commitment::Quotient => plan
                        .quotient_pieces
                        .iter()
                        .enumerate()
                        .map(|(i, at)| (Commitment::Proof(*at), format!("{}: piece {i}", poly.name)))
                        .collect(),
                    commitment => vec![(commitment, poly.name.clone())],
                };
                if pieces.len() > 1 {
                    out.line("let h := s");
                }
                for (i, (commitment, name)) in pieces.iter().enumerate() {
                    if empty {
                        load_point(out, curve, *commitment, name);
                        empty = false;
                        continue;
                    }
                    if i > 0 {
                        out.line(format!("h := {} // times x^n", mul("h", mload(domain.xn))));
                    }
                    load_point(out, curve + 0x40, *commitment, name);
                    add_multiple(out, curve, if pieces.len() > 1 { "h" } else { "s" });
                }
            }
        }
        out.line("");
        let (w, w_prime) = plan.opening();
        out.line("// The claimed evaluations, times the generator (1, 2)");
        out.line(mstore(curve + 0x40, 1));
        out.line(mstore(curve + 0x60, 2));
        add_multiple(out, curve, &mload(opening.evaluations));
        load_point(out, curve + 0x40, Commitment::Proof(w), "W");
        add_multiple(out, curve, &format!("sub(r, {})", mload(domain.first_vanishing)));
        load_point(out, curve + 0x40, Commitment::Proof(w_prime), "W'");
        add_multiple(out, curve, &mload(challenges.u));
        require(out, "ok", Failure::PrecompileFailed);
    });
}

/// Lays out what is returned: an array of the linked columns' commitments, W' and the sum.
pub(super) fn answer(out: &mut Text, plan: &Plan<'_>, opening: &Opening, answer: usize) {
    let doc = [
        "Step 9: the answer. The proof is valid if and only if e(W', [tau]2) = e(F - Z_0(u) W + u W', [1]2). W' is not the",
        "identity (step 2), so with the identity on the right it does not hold.",
    ];
    let curve = opening.curve;
    out.step(&doc, "_answer", "pure", |out| {
        require(out, format!("or({}, {})", mload(curve), mload(curve + 0x20)), Failure::ProofInvalid);
        let linked = 64 * plan.layout.linked;
        let (_, w_prime) = plan.opening();
        out.line(mstore(answer, 0x20));
        out.line(mstore(answer + 0x20, 2 * plan.layout.linked + 4));
        out.line(format!("calldatacopy({:#x}, {PROOF_AT:#x}, {linked:#x}) // linked columns", answer + 0x40));
        let pair = answer + 0x40 + linked;
        out.line(format!("calldatacopy({pair:#x}, {w_prime:#x}, 0x40) // left: W'"));
        out.line(format!("{} // right", mstore(pair + 0x40, mload(curve))));
        out.line(mstore(pair + 0x60, mload(curve + 0x20)));
    });
}
