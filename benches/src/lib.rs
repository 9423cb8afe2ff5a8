//! Honest instances of both relations, of any tier, for benches and measurements.

use std::fs;

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    plonkish::{Layout, Table},
    relation::{Relation, RelationId},
    split::{Split, SplitInstance, SplitWitness, split},
    tree::{Tree, TreeInstance, TreeWitness, record_tree},
    types::{ContentDigest, Payee, Record, Tier},
};
use rand_core::OsRng;

/// A full segment of records.
pub fn records(tier: Tier) -> Vec<Record> {
    (0..tier.accounts() as u64)
        .map(|i| {
            let mut record = Record { payee: Payee([1; 20]), content: ContentDigest([2; 32]) };
            record.payee.0[..8].copy_from_slice(&i.to_be_bytes());
            record.content.0[..8].copy_from_slice(&i.to_be_bytes());
            record
        })
        .collect()
}

/// An enrolment of a full segment.
///
/// # Panics
/// Never for a valid tier: the records fit by construction.
#[expect(clippy::expect_used, reason = "a bench's own data")]
pub fn tree<F: SuiteField>(tier: Tier) -> (TreeInstance<F>, TreeWitness<F>) {
    let records = records(tier);
    let mask = || Mask::random(&mut OsRng);
    let witness = TreeWitness::enroll(tier, &records, &mask(), &mask()).expect("the records fit");
    let root = record_tree(tier, &records).expect("the records fit").root();
    (TreeInstance { context: F::from(1), root }, witness)
}

/// An epoch of a full segment with heavy-tailed scores.
///
/// # Panics
/// Never: the scores and the pool are within bounds.
#[expect(clippy::expect_used, reason = "a bench's own data")]
pub fn epoch<F: SuiteField>(tier: Tier) -> (SplitInstance<F>, SplitWitness<F>) {
    let accounts = tier.accounts() as u64;
    let scores: Vec<u64> = (0..accounts).map(|i| u64::MAX / (1 + i * i) + i).collect();
    let old: Vec<u128> = (0..accounts).map(|i| u128::from(i) << 90).collect();
    let total_score = scores.iter().map(|score| u128::from(*score)).sum();
    let pool = (1u128 << 120) - 12_345;
    let outcome = split(pool, total_score, &old, &scores).expect("within bounds");
    let column = |values: Vec<F>| {
        let mut values = values;
        values.resize(tier.slots(), F::ZERO);
        MaskedColumn::new(&values, &Mask::random(&mut OsRng))
    };
    let amounts = |values: &[u128]| values.iter().map(|value| F::from_u128(*value)).collect();
    let witness = SplitWitness {
        old: column(amounts(&old)),
        new: column(amounts(&outcome.new)),
        score: column(scores.iter().map(|score| F::from(*score)).collect()),
    };
    let instance = SplitInstance {
        context: F::from(1),
        genesis: false,
        pool,
        total_score,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records: tier.accounts(),
    };
    (instance, witness)
}

/// A relation's layout and an honest table of it.
pub fn sample<F: SuiteField>(relation: RelationId, tier: Tier) -> (Layout<F>, Table<F>) {
    fn of<F: SuiteField, R: Relation<F>>(
        tier: Tier,
        sample: fn(Tier) -> (R::Instance, R::Witness),
    ) -> (Layout<F>, Table<F>) {
        let layout = R::layout(tier);
        let (instance, witness) = sample(tier);
        let table = R::assign(&layout, &instance, &witness);
        (layout, table)
    }
    match relation {
        RelationId::Split => of::<F, Split>(tier, epoch),
        RelationId::Tree => of::<F, Tree>(tier, tree),
    }
}

/// Seconds that this process' threads have used of all cores, where the system tells it.
pub fn processor_time() -> f64 {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    nanoseconds.sum::<u64>() as f64 / 1e9
}

/// The tiers to bench: 64 and 1,024, and with the feature `large` 16,384.
pub fn tiers() -> &'static [Tier] {
    if cfg!(feature = "large") { &Tier::ALL } else { &[Tier::T64, Tier::T1024] }
}
