//! The two relations, proven for real in both suites.
#![allow(clippy::unwrap_used)]

mod common;

use std::{sync::Arc, time::Instant};

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    plonkish::{AdviceColumn, Cost, Layout},
    relation::Relation,
    split::{Split, SplitInstance, SplitWitness, split},
    tree::{Tree, TreeInstance, TreeWitness, record_tree},
    types::{ContentDigest, Payee, Record, Tier},
};
use apportion_suite::{Bn254, Commitment, Pasta, Suite};
use common::{Setup, rng};
use ff::{Field, PrimeField};
use rand_core::OsRng;

fn proves<S: Setup, R: Relation<S::F>>(
    tier: Tier,
    instance: &R::Instance,
    witness: &R::Witness,
) -> Vec<Commitment> {
    let layout = Arc::new(R::layout(tier));
    let params = S::setup(layout.k);
    let start = Instant::now();
    let key = S::proving_key(&params, layout.clone()).unwrap();
    let keys = start.elapsed();
    let table = R::assign(&layout, instance, witness);
    let start = Instant::now();
    let proof = S::prove(&params, &key, &table, &mut rng()).unwrap();
    let prove = start.elapsed();
    let start = Instant::now();
    let public = R::public_inputs(instance);
    let heads = S::verify(&S::verifier_params(&params), S::key_of(&key), &public, &proof).unwrap();
    let verify = start.elapsed();
    let Cost { k, degree, .. } = Cost::of(&*layout);
    eprintln!(
        "{} {} k = {k}, degree {degree}: {} bytes; keys {keys:.2?}, proof {prove:.2?}, verified {verify:.2?}",
        S::ID,
        layout.name(),
        proof.len()
    );
    heads
}

fn tree<S: Setup>(tier: Tier) {
    let records: Vec<_> = (0..tier.accounts() - 3)
        .map(|i| Record { payee: Payee([i as u8; 20]), content: ContentDigest([7; 32]) })
        .collect();
    let masks = [Mask::random(&mut OsRng), Mask::random(&mut OsRng)];
    let witness = TreeWitness::enroll(tier, &records, &masks[0], &masks[1]).unwrap();
    let root = record_tree(tier, &records).unwrap().root();
    let instance = TreeInstance { context: S::F::from(5), root };
    let heads = proves::<S, Tree>(tier, &instance, &witness);
    assert_eq!(heads.len(), 2);
}

fn splits<S: Setup>(tier: Tier) {
    let scores: Vec<u64> = (0..tier.accounts() as u64).map(|i| i * i * 77_777 % 1_000_003).collect();
    let total_score = scores.iter().map(|score| u128::from(*score)).sum();
    let old: Vec<u128> = (0..tier.accounts() as u128).map(|i| i << 100).collect();
    let pool = (1 << 100) - 12_345;
    let outcome = split(pool, total_score, &old, &scores).unwrap();
    let column = |values: &mut dyn Iterator<Item = u128>| {
        let mut values: Vec<_> = values.map(S::F::from_u128).collect();
        values.resize(tier.slots(), S::F::ZERO);
        MaskedColumn::new(&values, &Mask::random(&mut OsRng))
    };
    let witness = SplitWitness {
        old: column(&mut old.iter().copied()),
        new: column(&mut outcome.new.iter().copied()),
        score: column(&mut scores.iter().map(|score| u128::from(*score))),
    };
    let instance = SplitInstance {
        context: S::F::from(9),
        genesis: false,
        pool,
        total_score,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records: tier.accounts(),
    };
    let heads = proves::<S, Split>(tier, &instance, &witness);
    assert_eq!(heads.len(), 3);
}

#[test]
fn trees_of_64() {
    tree::<Bn254>(Tier::T64);
    tree::<Pasta>(Tier::T64);
}

#[test]
fn splits_of_64() {
    splits::<Bn254>(Tier::T64);
    splits::<Pasta>(Tier::T64);
}

#[test]
#[ignore = "minutes"]
fn trees_of_1024() {
    tree::<Bn254>(Tier::T1024);
    tree::<Pasta>(Tier::T1024);
}

#[test]
#[ignore = "minutes"]
fn splits_of_1024() {
    splits::<Bn254>(Tier::T1024);
    splits::<Pasta>(Tier::T1024);
}

/// V8 counts one opening a linked column and proof: every table reads each at one rotation.
#[test]
fn a_proof_opens_each_linked_column_once() {
    fn of<F: SuiteField>() {
        for tier in Tier::ALL {
            let layouts: [Layout<F>; 2] = [Split::layout(tier), Tree::layout(tier)];
            for layout in layouts {
                for column in 0..layout.linked {
                    let rotations = layout.rotations(AdviceColumn(column)).len();
                    assert_eq!(rotations, 1, "{} column {column}", layout.name());
                }
            }
        }
    }
    of::<<Bn254 as Suite>::F>();
    of::<<Pasta as Suite>::F>();
}
