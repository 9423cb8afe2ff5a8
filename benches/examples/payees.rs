//! A whole dataset and an epoch of it, with the engine and with halo2-axiom's prover: every segment by both, in turn.
//!
//!     cargo run --release -p apportion-benches --example payees -- ALLOCATIONS.csv [--tier 16384] [--params DIR]
//!
//! The file has a line `payee,score` for each record. Printed is what proving takes, keys and parameters made beforehand; every
//! proof is verified.
#![allow(clippy::print_stdout, reason = "its output")]

use std::{env, error::Error, fs, path::PathBuf, sync::Arc, time::Instant};

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    plonkish::Table,
    relation::Relation,
    split::{Split, SplitInstance, SplitWitness, split},
    tree::{Tree, TreeInstance, TreeWitness, record_tree},
    types::{ContentDigest, Payee, Record, Tier},
};
use apportion_engine::Engine;
use apportion_reference::ReferenceKey;
use apportion_suite::{Bn254, Suite, params::ParamsCache};
use ff::{Field as _, PrimeField as _};
use halo2_axiom::halo2curves::bn256::Fr;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::OsRng;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What one epoch shares out, in units of a token with 6 decimals.
const POOL: u128 = 1_000_000_000_000;

struct Line {
    payee: Payee,
    score: u64,
}

fn main() -> Outcome {
    let usage = "usage: payees FILE.csv [--tier TIER] [--params DIR]";
    let mut words = env::args().skip(1);
    let file = words.next().ok_or(usage)?;
    let (mut tier, mut params) = (Tier::T16384, env::temp_dir().join("apportion-engines"));
    while let Some(word) = words.next() {
        match word.as_str() {
            "--tier" => tier = words.next().ok_or(usage)?.parse()?,
            "--params" => params = PathBuf::from(words.next().ok_or(usage)?),
            _ => return Err(usage.into()),
        }
    }
    let lines = read(&file)?;
    let segments: Vec<&[Line]> = lines.chunks(tier.accounts()).collect();
    println!("{} payees in {} segments of tier {tier}", lines.len(), segments.len());
    let cache = ParamsCache::new(&params);
    let trees = segments.iter().map(|lines| tree(tier, lines)).collect::<Outcome<Vec<_>>>()?;
    compare::<Tree>("dataset prove", tier, &cache, trees)?;
    let total = lines.iter().map(|line| u128::from(line.score)).sum();
    let splits = segments.iter().map(|lines| epoch(tier, lines, total)).collect::<Outcome<Vec<_>>>()?;
    compare::<Split>("prove", tier, &cache, splits)
}

fn read(file: &str) -> Outcome<Vec<Line>> {
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let line = |(number, line): (usize, &str)| {
        let faulty = || format!("{file}:{}: not `payee,score`", number + 1);
        let (payee, score) = line.split_once(',').ok_or_else(faulty)?;
        let payee = payee.to_ascii_lowercase().parse().map_err(|_| faulty())?;
        Ok(Line { payee, score: score.trim().parse().map_err(|_| faulty())? })
    };
    text.lines().enumerate().skip(1).map(line).collect()
}

fn tree(tier: Tier, lines: &[Line]) -> Outcome<(TreeInstance<Fr>, TreeWitness<Fr>)> {
    // Any digest: a proof takes the same time for all.
    let content = |payee: Payee| {
        let mut digest = [0; 32];
        digest[..20].copy_from_slice(&payee.0);
        ContentDigest(digest)
    };
    let records: Vec<_> =
        lines.iter().map(|line| Record { payee: line.payee, content: content(line.payee) }).collect();
    let mask = || Mask::random(&mut OsRng);
    let witness = TreeWitness::enroll(tier, &records, &mask(), &mask()).ok_or("the records do not fit")?;
    Ok((
        TreeInstance {
            context: Fr::from(1),
            root: record_tree(tier, &records).ok_or("the records do not fit")?.root(),
        },
        witness,
    ))
}

fn epoch(tier: Tier, lines: &[Line], total_score: u128) -> Outcome<(SplitInstance<Fr>, SplitWitness<Fr>)> {
    let scores: Vec<u64> = lines.iter().map(|line| line.score).collect();
    let old = vec![0; lines.len()];
    let outcome = split(POOL, total_score, &old, &scores)?;
    let column = |mut values: Vec<Fr>| {
        values.resize(tier.slots(), Fr::ZERO);
        MaskedColumn::new(&values, &Mask::random(&mut OsRng))
    };
    let new = outcome.new.iter().map(|value| Fr::from_u128(*value)).collect();
    let witness = SplitWitness {
        old: column(vec![]),
        new: column(new),
        score: column(scores.iter().map(|score| Fr::from(*score)).collect()),
    };
    let instance = SplitInstance {
        context: Fr::from(1),
        genesis: true,
        pool: POOL,
        total_score,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records: lines.len(),
    };
    Ok((instance, witness))
}

fn compare<R: Relation<Fr>>(
    step: &str,
    tier: Tier,
    cache: &ParamsCache,
    segments: Vec<(R::Instance, R::Witness)>,
) -> Outcome {
    let layout = Arc::new(R::layout(tier));
    let params = cache.load_or_make_insecure_dev(layout.k)?.kzg().clone();
    let ours = Bn254::proving_key(&params, layout.clone())?;
    let reference = ReferenceKey::new(&params, layout.clone())?;
    let verifier = Bn254::verifier_params(&params);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (mut ours_s, mut reference_s) = (0.0, 0.0);
    for (instance, witness) in segments {
        let table: Table<Fr> = R::assign(&layout, &instance, &witness);
        let start = Instant::now();
        let proof = Bn254::prove_unchecked(&params, &ours, &table, &mut rng)?;
        ours_s += start.elapsed().as_secs_f64();
        Bn254::verify(&verifier, reference.key(), &table.public, &proof)?;
        let start = Instant::now();
        let proof = apportion_reference::prove(&params, &reference, &table, &mut rng)?;
        reference_s += start.elapsed().as_secs_f64();
        Bn254::verify(&verifier, Bn254::key_of(&ours), &table.public, &proof)?;
    }
    println!(
        "{step}: {ours_s:.1} s; halo2-axiom's prover {reference_s:.1} s, {:.2} times",
        reference_s / ours_s
    );
    Ok(())
}
