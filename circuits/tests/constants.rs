//! The committed constants of Poseidon are those of halo2_gadgets' reference generator.
//!
//! `APPORTION_REGENERATE=1 cargo test -p apportion-circuits --test constants` writes them anew; the crate then has to be
//! built again before anything reads them.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use apportion_circuits::{
    field::{SuiteField, to_bytes},
    poseidon::{FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH},
};
use halo2_gadgets::poseidon::primitives::{Mds, Spec, generate_constants};
use halo2curves_axiom::bn256::Fr;
use pasta_curves::Fp;

#[derive(Debug)]
struct WidthFive;

impl<F: SuiteField> Spec<F, WIDTH, 4> for WidthFive {
    fn full_rounds() -> usize {
        FULL_ROUNDS
    }

    fn partial_rounds() -> usize {
        PARTIAL_ROUNDS
    }

    fn sbox(x: F) -> F {
        x.pow_vartime([5])
    }

    fn secure_mds() -> usize {
        0
    }

    fn constants() -> (Vec<[F; WIDTH]>, Mds<F, WIDTH>, Mds<F, WIDTH>) {
        generate_constants::<F, Self, WIDTH, 4>()
    }
}

fn committed<F: SuiteField>() {
    let (rounds, mds, _) = generate_constants::<F, WidthFive, WIDTH, 4>();
    let line = |x: &F| format!("{}\n", hex::encode(to_bytes(x)));
    let text: String = rounds.iter().chain(&mds).flatten().map(line).collect();
    let path = format!("{}/src/poseidon/{}.hex", env!("CARGO_MANIFEST_DIR"), F::SUITE);
    if std::env::var_os("APPORTION_REGENERATE").is_some_and(|value| value == "1") {
        fs::write(&path, &text).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == text, "{path} is not what the generator gives");
    let poseidon = F::poseidon();
    assert!(poseidon.round_constants == rounds && poseidon.mds == mds);
}

#[test]
fn constants_of_bn254_are_those_of_the_reference_generator() {
    committed::<Fr>();
}

#[test]
fn constants_of_pasta_are_those_of_the_reference_generator() {
    committed::<Fp>();
}
