//! The memory and time of one proof in a process of its own, beside what is predicted.
//!
//!     cargo run --release -p apportion --example peak -- bn254 split 1024 PARAMS_DIR
//!
//! The directory caches parameters; the run that makes them takes more than one that finds them.
#![allow(clippy::print_stdout, reason = "its output")]

use std::{env, error::Error, sync::Arc, time::Instant};

use apportion::{
    prove::predicted_memory,
    witness::{EpochNumbers, outcome},
};
use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    relation::Relation,
    split::{Split, SplitInstance, SplitWitness},
    tree::{Tree, TreeInstance, TreeWitness},
    types::{ContentDigest, Payee, Record, Score, Tier},
};
use apportion_engine::Engine;
use apportion_suite::{Bn254, Pasta, params::ParamsCache};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::OsRng;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [suite, relation, tier, dir] = &arguments[..] else {
        return Err("usage: peak SUITE RELATION TIER PARAMS_DIR".into());
    };
    let (tier, cache) = (tier.parse::<Tier>()?, ParamsCache::new(dir));
    let pasta = |k| Ok(cache.load_or_make_pasta(k)?.params().clone());
    let bn254 = |k| Ok(cache.load_or_make_insecure_dev(k)?.kzg().clone());
    match (suite.as_str(), relation.as_str()) {
        ("pasta", "split") => one::<Pasta, Split>(tier, pasta, epoch),
        ("pasta", "tree") => one::<Pasta, Tree>(tier, pasta, tree),
        ("bn254", "split") => one::<Bn254, Split>(tier, bn254, epoch),
        ("bn254", "tree") => one::<Bn254, Tree>(tier, bn254, tree),
        _ => Err("suites are pasta and bn254, relations split and tree".into()),
    }
}

fn one<S: Engine, R: Relation<S::F>>(
    tier: Tier,
    params: impl Fn(u32) -> Result<S::Params, Box<dyn Error>>,
    sample: fn(Tier) -> (R::Instance, R::Witness),
) -> Outcome {
    let layout = Arc::new(R::layout(tier));
    let params = params(layout.k)?;
    let key = S::proving_key(&params, layout.clone())?;
    let with_key = peak()?;
    let (instance, witness) = sample(tier);
    let start = Instant::now();
    let table = R::assign(&layout, &instance, &witness);
    S::prove(&params, &key, &table, &mut ChaCha20Rng::seed_from_u64(1))?;
    let seconds = start.elapsed().as_secs_f64();
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    println!(
        "{} {} {tier}: {seconds:.2} s, peak {} MiB ({} MiB with the key alone), predicted {} MiB",
        S::ID,
        R::ID,
        mib(peak()?),
        mib(with_key),
        mib(predicted_memory::<S>(&layout))
    );
    Ok(())
}

/// A full segment's epoch.
fn epoch<F: SuiteField>(tier: Tier) -> (SplitInstance<F>, SplitWitness<F>) {
    let scores: Vec<Score> = (1..=tier.accounts() as u64).collect();
    let total_score = scores.iter().map(|score| u128::from(*score)).sum();
    let numbers = EpochNumbers { epoch: 1, pool: 1 << 70, total_score };
    let column = |values: &[u128]| {
        let mut fields: Vec<F> = values.iter().map(|value| F::from_u128(*value)).collect();
        fields.resize(tier.slots(), F::ZERO);
        MaskedColumn::new(&fields, &Mask::random(&mut OsRng))
    };
    // Scores that sum to the total have payouts.
    let Ok(outcome) = outcome(tier, numbers, &[], &scores) else { unreachable!("valid scores") };
    let instance = SplitInstance {
        context: F::from(1),
        genesis: true,
        pool: numbers.pool,
        total_score,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records: tier.accounts(),
    };
    let score: Vec<u128> = scores.into_iter().map(u128::from).collect();
    (instance, SplitWitness { old: column(&[]), new: column(&outcome.new), score: column(&score) })
}

/// A full segment's enrolment.
fn tree<F: SuiteField>(tier: Tier) -> (TreeInstance<F>, TreeWitness<F>) {
    let record = |i: usize| {
        let (mut payee, mut content) = ([1; 20], [2; 32]);
        payee[..8].copy_from_slice(&(i as u64).to_be_bytes());
        content[..8].copy_from_slice(&(i as u64).to_be_bytes());
        Record { payee: Payee(payee), content: ContentDigest(content) }
    };
    let records: Vec<_> = (0..tier.accounts()).map(record).collect();
    let masks = [Mask::random(&mut OsRng), Mask::random(&mut OsRng)];
    let witness = TreeWitness::enroll(tier, &records, &masks[0], &masks[1]);
    let (Some(witness), Some(root)) =
        (witness, apportion_circuits::tree::record_tree::<F>(tier, &records).map(|tree| tree.root()))
    else {
        unreachable!("as many records as accounts")
    };
    (TreeInstance { context: F::from(1), root }, witness)
}

/// The largest resident set so far, in bytes.
fn peak() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?.parse()?;
    Ok(kib * 1024)
}
