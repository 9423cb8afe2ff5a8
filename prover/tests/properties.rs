//! What must hold for any scores and revenue, at library level and without proofs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use apportion::witness::{EpochNumbers, outcome};
use apportion_circuits::types::{Score, Tier};
use apportion_statement::sums::{EpochSums, check_sums};
use proptest::prelude::*;

/// Payouts and carry of one epoch of a dataset that is cut into segments of a tier.
fn epoch(tier: Tier, pool: u128, scores: &[Score], old: &[u128]) -> (Vec<u128>, u128) {
    let total: u128 = scores.iter().map(|score| u128::from(*score)).sum();
    let numbers = EpochNumbers { epoch: 1, pool, total_score: total };
    let mut sums = EpochSums::default();
    let mut balances = Vec::new();
    let accounts = tier.accounts();
    for segment in 0..tier.segments(scores.len()) {
        let range = segment * accounts..((segment + 1) * accounts).min(scores.len());
        let mut segment_scores = scores[range.clone()].to_vec();
        let mut segment_old = old[range.clone()].to_vec();
        segment_scores.resize(accounts, 0);
        segment_old.resize(accounts, 0);
        let outcome = outcome(tier, numbers, &segment_old, &segment_scores).unwrap();
        sums.add(outcome.segment_score, outcome.segment_paid);
        assert!(outcome.new[range.len()..].iter().all(|balance| *balance == 0), "empty slots earn nothing");
        balances.extend_from_slice(&outcome.new[..range.len()]);
    }
    // S7: dust is less than a unit a record, not an account.
    let dust = check_sums(&sums, pool, total, scores.len() as u128).unwrap();
    (balances, dust)
}

prop_compose! {
    fn scores(max: usize)(
        scores in prop::collection::vec(prop_oneof![Just(0), 0..100u64, any::<u64>(), Just(u64::MAX)], 1..max)
    ) -> Vec<Score> {
        let mut scores = scores;
        // A total of zero is refused.
        if scores.iter().all(|score| *score == 0) {
            scores[0] = 1;
        }
        scores
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Payouts and dust sum to the pool; the dust is smaller than the number of records.
    #[test]
    fn conservation(scores in scores(300), pool in prop_oneof![0..1000u128, 0..(1u128 << 126)]) {
        let (balances, dust) = epoch(Tier::T64, pool, &scores, &vec![0; scores.len()]);
        prop_assert_eq!(balances.iter().sum::<u128>() + dust, pool);
        prop_assert!(dust < scores.len() as u128);
    }

    /// No payout depends on how the dataset was cut, nor on the order of its records.
    #[test]
    fn segmentation_and_order_do_not_matter(scores in scores(300), pool in 0..(1u128 << 126)) {
        let none = vec![0; scores.len()];
        let (small, dust) = epoch(Tier::T64, pool, &scores, &none);
        prop_assert_eq!(&epoch(Tier::T1024, pool, &scores, &none), &(small.clone(), dust));
        let reversed: Vec<_> = scores.iter().rev().copied().collect();
        let (mut other, _) = epoch(Tier::T64, pool, &reversed, &none);
        other.reverse();
        prop_assert_eq!(other, small);
    }

    /// Three epochs in a row: balances grow, and nothing is lost between them.
    #[test]
    fn three_epochs(
        scores in prop::collection::vec(scores(100), 3),
        revenue in prop::collection::vec(0..(1u128 << 124), 3),
    ) {
        let records = scores.iter().map(Vec::len).max().unwrap();
        let mut balances = vec![0u128; records];
        let (mut carried, mut received) = (0, 0);
        for (scores, revenue) in scores.iter().zip(&revenue) {
            let mut padded = scores.clone();
            padded.resize(records, 0);
            let (new, dust) = epoch(Tier::T64, revenue + carried, &padded, &balances);
            prop_assert!(new.iter().zip(&balances).all(|(new, old)| new >= old));
            balances = new;
            carried = dust;
            received += revenue;
        }
        prop_assert_eq!(balances.iter().sum::<u128>() + carried, received);
    }
}
