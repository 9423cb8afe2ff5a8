//! What holds of every epoch, whatever the numbers.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use apportion_circuits::{
    column::MaskedColumn,
    field::{SuiteField, to_u128},
    plonkish::Checker,
    relation::Relation,
    split::{Outcome, Split, SplitInstance, SplitWitness, split},
    tree::{dataset_roots, record_tree, segment_of},
    types::{ContentDigest, Payee, Record, Tier},
};
use common::{Fp, Fr, TestRng, masked};
use proptest::prelude::*;

const T64: Tier = Tier::T64;

/// A dataset's epoch: balances and scores of any number of accounts.
#[derive(Clone, Debug)]
struct Epoch {
    pool: u128,
    old: Vec<u128>,
    scores: Vec<u64>,
}

impl Epoch {
    fn total(&self) -> u128 {
        self.scores.iter().map(|score| u128::from(*score)).sum()
    }

    /// Payouts, the dataset being cut into segments of these sizes in turn.
    fn payouts(&self, sizes: &[usize]) -> Vec<u128> {
        let mut payouts = Vec::new();
        let mut sizes = sizes.iter().cycle();
        while payouts.len() < self.scores.len() {
            let from = payouts.len();
            let to = (from + sizes.next().unwrap()).min(self.scores.len());
            let outcome =
                split(self.pool, self.total(), &self.old[from..to], &self.scores[from..to]).unwrap();
            let grown = self.old[from..to].iter().zip(&outcome.payouts).map(|(old, payout)| old + payout);
            assert_eq!(outcome.new, grown.collect::<Vec<_>>());
            assert_eq!(outcome.segment_paid, outcome.payouts.iter().sum::<u128>());
            payouts.extend(&outcome.payouts);
        }
        payouts
    }
}

/// Heavy-tailed, as attributions are: many small, some 0, some at the top.
fn arb_scores(accounts: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u64>> {
    let score = prop_oneof![
        2 => Just(0), 4 => 0..100u64, 3 => any::<u32>().prop_map(u64::from), 2 => any::<u64>(), 1 => Just(u64::MAX)
    ];
    // Somebody scores: otherwise the pool is carried and nothing is proven.
    (prop::collection::vec(score, accounts), any::<prop::sample::Index>(), 1..=u64::MAX).prop_map(
        |(mut scores, index, positive)| {
            let i = index.index(scores.len());
            scores[i] = scores[i].max(positive);
            scores
        },
    )
}

fn arb_pool() -> impl Strategy<Value = u128> {
    prop_oneof![Just(0), 0..1000u128, any::<u64>().prop_map(u128::from), 0..1u128 << 125]
}

fn arb_epoch(accounts: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Epoch> {
    (arb_scores(accounts), arb_pool(), any::<u64>()).prop_map(|(scores, pool, seed)| {
        let rng = &mut TestRng(seed);
        Epoch { pool, old: scores.iter().map(|_| rng.bits(126)).collect(), scores }
    })
}

/// One segment's epoch in a suite: accepted by both checks; the balances after, read back from the column.
fn prove<F: SuiteField>(
    genesis: bool,
    pool: u128,
    total: u128,
    old: &MaskedColumn<F>,
    scores: &[u64],
    outcome: &Outcome,
    seed: u64,
) -> MaskedColumn<F> {
    let rng = &mut TestRng(seed);
    let column = |values: Vec<F>| {
        let mut values = values;
        values.resize(T64.slots(), F::ZERO);
        values
    };
    let new = masked(&column(outcome.new.iter().map(|x| F::from_u128(*x)).collect()), rng);
    let score = masked(&column(scores.iter().map(|x| F::from(*x)).collect()), rng);
    let instance = SplitInstance {
        context: F::random(&mut *rng),
        genesis,
        pool,
        total_score: total,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records: scores.len(),
    };
    let witness = SplitWitness { old: old.clone(), new, score };
    assert_eq!(Split::check(T64, &instance, &witness), Ok(()));
    let layout = Split::layout(T64);
    let table = Split::assign(&layout, &instance, &witness);
    assert!(Checker::new(&layout).check(&table).is_ok());
    // The column that goes in as Old next time is the very one that came out as New.
    witness.new.clone()
}

fn amounts<F: SuiteField>(column: &MaskedColumn<F>) -> Vec<u128> {
    column.values().iter().map(|value| to_u128(value).unwrap()).collect()
}

/// Three epochs, each from the column that the one before left, the dust carried; returns all balances on the way.
fn three_epochs<F: SuiteField>(revenues: [u128; 3], scores: &[Vec<u64>; 3]) -> Vec<Vec<u128>> {
    let mut old = masked(&[F::ZERO; 64], &mut TestRng(1));
    let mut history = Vec::new();
    let (mut carried, mut paid) = (0, 0u128);
    for (i, scores) in scores.iter().enumerate() {
        let pool = revenues[i] + carried;
        let total = scores.iter().map(|score| u128::from(*score)).sum();
        let accounts = scores.len() as u128;
        // Accounts that are not in this epoch score 0 and keep what they have.
        let mut scores = scores.clone();
        scores.resize(T64.accounts(), 0);
        let outcome = split(pool, total, &amounts(&old)[..T64.accounts()], &scores).unwrap();
        old = prove(i == 0, pool, total, &old, &scores, &outcome, i as u64);
        carried = pool - outcome.segment_paid;
        paid += outcome.segment_paid;
        assert!(carried < accounts);
        let balances = amounts(&old);
        assert_eq!(balances.iter().sum::<u128>(), paid);
        assert_eq!(balances[62..], [0, 0]);
        history.push(balances);
    }
    assert_eq!(paid + carried, revenues.iter().sum::<u128>());
    history
}

fn roots_follow_segments<F: SuiteField>(records: &[Record]) {
    let roots = dataset_roots::<F>(T64, records);
    assert_eq!(roots.len(), T64.segments(records.len()));
    for (segment, root) in roots.iter().enumerate() {
        let tree = record_tree::<F>(T64, segment_of(T64, records, segment)).unwrap();
        assert_eq!(tree.root(), *root);
    }
    let cut: usize = (0..roots.len()).map(|segment| segment_of(T64, records, segment).len()).sum();
    assert_eq!(cut, records.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost(epoch in arb_epoch(1..=300)) {
        let payouts = epoch.payouts(&[62]);
        let paid: u128 = payouts.iter().sum();
        prop_assert!(paid <= epoch.pool);
        let dust = epoch.pool - paid;
        prop_assert!(dust < payouts.len() as u128, "dust {dust} of {} accounts", payouts.len());
        // Dust comes from those who score only.
        let scoring = epoch.scores.iter().filter(|score| **score != 0).count();
        prop_assert!(dust < scoring as u128);
        for (score, payout) in epoch.scores.iter().zip(&payouts) {
            prop_assert!(*score != 0 || *payout == 0);
        }
    }

    #[test]
    fn who_scores_more_is_not_paid_less(epoch in arb_epoch(2..=62)) {
        let payouts = epoch.payouts(&[62]);
        let mut order: Vec<usize> = (0..payouts.len()).collect();
        order.sort_by_key(|i| epoch.scores[*i]);
        for pair in order.windows(2) {
            prop_assert!(payouts[pair[0]] <= payouts[pair[1]]);
            if epoch.scores[pair[0]] == epoch.scores[pair[1]] {
                prop_assert_eq!(payouts[pair[0]], payouts[pair[1]]);
            }
        }
    }

    #[test]
    fn order_does_not_matter(epoch in arb_epoch(1..=200), seed: u64) {
        let payouts = epoch.payouts(&[62]);
        let rng = &mut TestRng(seed);
        let mut order: Vec<usize> = (0..payouts.len()).collect();
        (1..order.len()).rev().for_each(|i| order.swap(i, rng.below(i + 1)));
        let shuffled = Epoch {
            pool: epoch.pool,
            old: order.iter().map(|i| epoch.old[*i]).collect(),
            scores: order.iter().map(|i| epoch.scores[*i]).collect(),
        };
        let expected: Vec<u128> = order.iter().map(|i| payouts[*i]).collect();
        prop_assert_eq!(shuffled.payouts(&[62]), expected);
    }

    #[test]
    fn cuts_do_not_matter(epoch in arb_epoch(1..=300), sizes in prop::collection::vec(1..120usize, 1..5)) {
        let whole = epoch.payouts(&[usize::MAX >> 1]);
        prop_assert_eq!(&epoch.payouts(&[62]), &whole);
        prop_assert_eq!(&epoch.payouts(&[1]), &whole);
        prop_assert_eq!(&epoch.payouts(&sizes), &whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn three_epochs_in_a_row_in_both_suites(
        scores in [arb_scores(1..=62), arb_scores(1..=62), arb_scores(1..=62)],
        revenues in [arb_pool(), arb_pool(), arb_pool()],
    ) {
        let bn254 = three_epochs::<Fr>(revenues, &scores);
        let pasta = three_epochs::<Fp>(revenues, &scores);
        prop_assert_eq!(bn254.len(), 3);
        prop_assert_eq!(bn254, pasta);
    }

    #[test]
    fn a_dataset_enters_whole_and_in_order(count in 0..200usize, seed: u64) {
        let rng = &mut TestRng(seed);
        let mut record = || {
            let (mut payee, mut content) = ([0; 20], [0; 32]);
            rand_core::RngCore::fill_bytes(rng, &mut payee);
            rand_core::RngCore::fill_bytes(rng, &mut content);
            Record { payee: Payee(payee), content: ContentDigest(content) }
        };
        let mut records: Vec<Record> = (0..count).map(|_| record()).collect();
        roots_follow_segments::<Fr>(&records);
        let roots = dataset_roots::<Fr>(T64, &records);
        // One record added, left out, or exchanged with its neighbour is another dataset.
        let mut longer = records.clone();
        longer.push(record());
        prop_assert_ne!(&dataset_roots::<Fr>(T64, &longer), &roots);
        if count > 1 {
            prop_assert_ne!(&dataset_roots::<Fr>(T64, &records[1..]), &roots);
            prop_assert_ne!(&dataset_roots::<Fr>(T64, &records[..count - 1]), &roots);
            records.swap(0, 1);
            prop_assert_ne!(&dataset_roots::<Fr>(T64, &records), &roots);
        }
    }
}

#[test]
fn an_outcome_hides_payouts_and_balances() {
    let outcome = split(1_000_007, 3, &[987_654_321, 0], &[2, 1]).unwrap();
    let shown = format!("{outcome:?}");
    assert_eq!(shown, "Outcome(2 hidden, scores 3, paid 1000006)");
}
