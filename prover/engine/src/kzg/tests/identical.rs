//! The strongest differential there is: with the same draws, the same bytes.

use std::sync::Arc;

use apportion_circuits::{
    plonkish::{Layout, Table},
    types::Tier,
};
use apportion_suite::{Bn254, Suite, params::Srs};
use halo2_axiom::halo2curves::bn256::Fr;
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use super::{
    super::{Drawn, ProvingKey, prove},
    layouts,
    recorded::reference,
};

fn identical(layout: &Arc<Layout<Fr>>, table: &Table<Fr>, seed: u64) {
    let srs = Srs::insecure_dev(layout.k).unwrap();
    let params = srs.kzg();
    let key = ProvingKey::new(params, layout.clone()).unwrap();
    let (expected, mut replay) = reference(params, layout, table, seed);
    let proof = prove(params, &key, table, &mut replay, &mut |_| ());
    let verifier = Bn254::verifier_params(params);
    let expected = match (proof, expected) {
        (Ok(proof), Ok(expected)) => {
            assert!(proof == expected, "{}: the proofs differ", layout.name());
            Bn254::verify(&verifier, &key.key, &table.public, &expected).unwrap();
            expected
        }
        // A numerator of a smaller degree than its gates allow: the last piece is zero, and both say so.
        (Err(_), Err(_)) => Vec::new(),
        (ours, theirs) => panic!("{}: ours {:?}, theirs {:?}", layout.name(), ours.err(), theirs.err()),
    };
    // What ships differs from it and verifies, too.
    let proof =
        prove(params, &key, table, &mut Drawn(&mut ChaCha20Rng::seed_from_u64(seed)), &mut |_| ()).unwrap();
    assert!(proof != expected);
    Bn254::verify(&verifier, &key.key, &table.public, &proof).unwrap();
}

#[test]
fn relations_of_64() {
    for (layout, table) in [layouts::split(Tier::T64), layouts::tree(Tier::T64)] {
        identical(&layout, &table, 64);
    }
}

#[test]
fn relations_of_1024() {
    for (layout, table) in [layouts::split(Tier::T1024), layouts::tree(Tier::T1024)] {
        identical(&layout, &table, 1024);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_layouts(seed: u64) {
        let (layout, table) = layouts::random(seed);
        identical(&layout, &table, seed);
    }
}

#[test]
fn a_quotient_without_its_last_piece() {
    let (layout, table) = layouts::random(13_376_138_248_447_775_671);
    identical(&layout, &table, 1);
}
