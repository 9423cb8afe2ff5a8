//! The engine of bn254 as its callers see it: what it refuses, what it does at the edges, and what it leaves behind.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    sync::Arc,
};

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    plonkish::Cell,
    relation::Relation,
    split::{Split, SplitInstance, SplitWitness, split},
    types::Tier,
};
use apportion_engine::Engine;
use apportion_suite::{Bn254, Suite, SuiteError, params::Srs};
use common::{ALL, COPIES, PLAIN, Proven, Values, X, masks};
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::{bn256::Fr, serde::SerdeObject};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

#[test]
fn any_number_of_threads_makes_the_same_proof() {
    let proven = Proven::<Bn254>::new(ALL);
    let prove = || Bn254::prove(&proven.params, &proven.key, &proven.table, &mut rng()).unwrap();
    let expected = prove();
    for threads in [1, 2, 16] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(prove) == expected, "{threads} threads");
    }
}

#[test]
fn a_lookup_that_misses_is_an_error() {
    let proven = Proven::<Bn254>::new(COPIES);
    for value in [Fr::from(16), Fr::from(1 << 40), -Fr::ONE] {
        let mut table = proven.table.clone();
        table.set(Cell { column: X, row: 1 }, value);
        let result = Bn254::prove_unchecked(&proven.params, &proven.key, &table, &mut rng());
        assert!(matches!(result, Err(SuiteError::Witness(text)) if text.contains("x is small")));
    }
}

/// `2^k` powers are a setup of size k to halo2, and one too few for us.
#[test]
fn a_setup_without_the_next_power_is_refused() {
    use halo2_axiom::poly::commitment::ParamsProver;
    let layout = PLAIN.layout::<Fr>();
    let srs = Srs::insecure_dev(layout.k).unwrap();
    let params = srs.kzg();
    Bn254::proving_key(params, layout.clone()).unwrap();
    let powers = params.get_g()[..layout.rows()].to_vec();
    let lagrange = apportion_suite::params::bn254::lagrange_points(params).unwrap();
    let short = params.from_parts(layout.k, powers, Some(lagrange), params.g2(), params.s_g2());
    // Enough to verify with.
    let key = Bn254::verifying_key(&short, layout.clone()).unwrap();
    assert_eq!(
        Bn254::key_digest(&key),
        Bn254::key_digest(&Bn254::verifying_key(params, layout.clone()).unwrap())
    );
    let refused = Bn254::proving_key(&short, layout);
    assert!(matches!(refused, Err(SuiteError::Params(text)) if text.contains("hide its quotient")));
}

/// One epoch of a segment with so many records.
fn epoch(scores: &[u64], old: &[u128], pool: u128) {
    let tier = Tier::T64;
    let total_score = scores.iter().map(|score| u128::from(*score)).sum();
    let outcome = split(pool, total_score, old, scores).unwrap();
    let column = |values: Vec<u128>| {
        let mut values: Vec<_> = values.into_iter().map(Fr::from_u128).collect();
        values.resize(tier.slots(), Fr::ZERO);
        MaskedColumn::new(&values, &Mask::random(&mut OsRng))
    };
    let witness = SplitWitness {
        old: column(old.to_vec()),
        new: column(outcome.new.clone()),
        score: column(scores.iter().map(|score| u128::from(*score)).collect()),
    };
    let instance = SplitInstance {
        context: Fr::ONE,
        genesis: false,
        pool,
        total_score,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records: scores.len(),
    };
    let layout = Arc::new(<Split as Relation<Fr>>::layout(tier));
    let srs = Srs::insecure_dev(layout.k).unwrap();
    let key = Bn254::proving_key(srs.kzg(), layout.clone()).unwrap();
    let table = Split::assign(&layout, &instance, &witness);
    let proof = Bn254::prove(srs.kzg(), &key, &table, &mut rng()).unwrap();
    Bn254::verify(&Bn254::verifier_params(srs.kzg()), Bn254::key_of(&key), &table.public, &proof).unwrap();
}

#[test]
fn tables_at_the_edges_are_proven() {
    // One account; one that scores among some that do not; the largest values.
    epoch(&[1], &[0], 1);
    epoch(&[0, 0, 5, 0], &[0; 4], 10);
    epoch(&[u64::MAX; 62], &[(1 << 127) - 1; 62], (1 << 127) - 1);
    // All zero.
    let zeros = Values { a: vec![Fr::ZERO; 64], b: vec![Fr::ZERO; 64], x: vec![0; 62] };
    let proven = Proven::<Bn254>::with(ALL, zeros, masks());
    Bn254::verify(&proven.verifier, Bn254::key_of(&proven.key), &proven.table.public, &proven.proof).unwrap();
}

/// Every writable page of this process, searched for a value in the forms that the prover has of it.
fn found_in_memory(hidden: [u64; 4]) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut found = 0;
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw")))
    {
        let (start, end) = line.split(' ').next().and_then(|range| range.split_once('-')).unwrap();
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        // Chunks overlap by a value's length.
        let mut chunk = vec![0; 1 << 20];
        let mut at = start;
        while at < end {
            let len = chunk.len().min((end - at) as usize);
            let Ok(read) = memory.read_at(&mut chunk[..len], at) else { break };
            let words = chunk[..read].as_chunks::<8>().0;
            found += words
                .windows(4)
                .filter(|window| {
                    window.iter().zip(hidden).all(|(word, hidden)| u64::from_le_bytes(*word) == !hidden)
                })
                .count();
            chunk.fill(0);
            if read < 64 {
                break;
            }
            at += read as u64 - 32 * u64::from(at + (read as u64) < end);
        }
    }
    found
}

/// The words of a value, inverted, so that a search for it does not find what it searches for.
fn inverted(bytes: &[u8]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = !u64::from_le_bytes(*bytes);
    }
    words
}

#[test]
fn secrets_are_overwritten() {
    let layout = ALL.layout::<Fr>();
    let srs = Srs::insecure_dev(layout.k).unwrap();
    let key = Bn254::proving_key(srs.kzg(), layout.clone()).unwrap();
    let (montgomery, canonical) = {
        let canary =
            Fr::from_raw([0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0x0f1e_2d3c_4b5a_6978, 0x1122_3344]);
        (inverted(&canary.to_raw_bytes()), inverted(&canary.to_repr()))
    };
    let canary = || Fr::from_raw(canonical.map(|word| !word));
    {
        // A free cell: nothing but the prover's own columns has it.
        let proven = Values { a: vec![Fr::ZERO; 64], b: vec![Fr::ZERO; 64], x: vec![0; 62] };
        let mut table = ALL.table(&layout, &proven, &masks(), 1234);
        let free = apportion_circuits::plonkish::AdviceColumn(5);
        for row in 0..16 {
            table.set(Cell { column: free, row: 8 * row + 3 }, canary());
        }
        assert!(found_in_memory(montgomery) >= 16, "the search finds what is there");
        Bn254::prove(srs.kzg(), &key, &table, &mut rng()).unwrap();
    }
    // A value or two may be left on a stack; no column is left.
    assert!(found_in_memory(montgomery) + found_in_memory(canonical) < 4);
}
