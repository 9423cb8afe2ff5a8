//! V8: how often each linked column is opened off its subgroup.
//!
//! A proof opens every linked column of its table at one point, since no table reads one at a rotation (tested in the
//! proof systems' crate): a payee column once per enrolment proof, a score column once per Split proof, a balance
//! column once as New and once as Old. Receipts open columns on the subgroup, which takes nothing from the mask. A proof
//! is determined by its statement, witness, masks and seed, so making it again opens nothing new: statements are counted,
//! not runs.

use std::collections::HashMap;

use apportion_circuits::column::OPENING_BUDGET;

use crate::{
    Commitment, SegmentId, Violation,
    files::{Bundle, DatasetBundle},
};

/// How often every column of a ledger has been opened.
#[derive(Clone, Debug, Default)]
pub struct OpeningCount {
    openings: HashMap<Commitment, usize>,
}

impl OpeningCount {
    /// The count of all proofs of a ledger's files, attempts that were taken back included.
    pub fn of_bundle(bundle: &Bundle) -> Result<Self, Violation> {
        let mut count = Self::default();
        for dataset in &bundle.datasets {
            count.dataset(&dataset.dataset)?;
        }
        let mut balances: HashMap<SegmentId, &Commitment> = HashMap::new();
        for epoch in &bundle.epochs {
            for attempt in &epoch.doc.replaced {
                for segment in &attempt.segments {
                    let id = segment.id();
                    // Its New is not listed: equal payouts make it the epoch's, so it counts as that one.
                    let new = epoch.doc.segments.iter().find(|moved| moved.id() == id);
                    let new = new.map(|moved| &moved.balance_column);
                    let old = balances.get(&id).copied();
                    count.proof(old.into_iter().chain([&segment.score_column]).chain(new))?;
                }
            }
            for segment in &epoch.doc.segments {
                let id = segment.id();
                let score = epoch.scores.segment(id).map(|posted| &posted.commitment);
                let old = balances.get(&id).copied();
                count.proof(old.into_iter().chain(score).chain([&segment.balance_column]))?;
                balances.insert(id, &segment.balance_column);
            }
        }
        Ok(count)
    }

    /// Counts the enrolment proofs of a dataset.
    pub fn dataset(&mut self, dataset: &DatasetBundle) -> Result<(), Violation> {
        let columns = dataset.revisions.iter().filter_map(|revision| revision.columns.as_ref());
        columns.flat_map(|columns| &columns.columns).try_for_each(|column| self.proof([&column.payee_column]))
    }

    /// Counts a proof in which the columns stand. Fails where one was opened more often than its mask allows.
    pub fn proof<'a>(&mut self, columns: impl IntoIterator<Item = &'a Commitment>) -> Result<(), Violation> {
        let mut outcome = Ok(());
        for column in columns {
            let openings = self.openings.entry(column.clone()).or_default();
            *openings = openings.saturating_add(1);
            if *openings > OPENING_BUDGET && outcome.is_ok() {
                outcome = Err(Violation::Openings { column: column.to_string(), openings: *openings });
            }
        }
        outcome
    }

    /// How often a column has been opened.
    pub fn of(&self, column: &Commitment) -> usize {
        self.openings.get(column).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, column};

    #[test]
    fn v8_openings() {
        let (a, b) = (Commitment(vec![1; 32]), Commitment(vec![2; 32]));
        let mut count = OpeningCount::default();
        for _ in 0..OPENING_BUDGET {
            count.proof([&a]).unwrap();
        }
        count.proof([&b]).unwrap();
        assert_eq!(count.proof([&b, &a]).unwrap_err().id().name(), "V8.openings");
        assert_eq!((count.of(&a), count.of(&b)), (OPENING_BUDGET + 1, 2));
        assert_eq!(count.of(&Commitment(vec![3; 32])), 0);
    }

    #[test]
    fn every_proof_of_a_ledger_counts() {
        let bundle = samples::bundle();
        let count = OpeningCount::of_bundle(&bundle).unwrap();
        let of = |n| count.of(&column(n));
        // Payee columns: once each. Scores: once each.
        assert_eq!([20, 21, 22, 23].map(of), [1; 4]);
        assert_eq!([40, 41, 51, 52].map(of), [1; 4]);
        // Segment 0 moved once. Segment 1: New of epoch 1, for it and its replaced attempt; Old of epoch 2, twice; New of
        // epoch 2 twice. Segment 2 moved once.
        assert_eq!([70, 71, 81, 82].map(of), [1, 4, 2, 1]);
        // The replaced attempts' own scores: the same column in both epochs.
        assert_eq!(of(50), 2);
    }

    #[test]
    fn attempts_that_were_taken_back_count_against_the_old_balances() {
        let mut bundle = samples::bundle();
        let attempt = bundle.epochs[1].doc.replaced[0].clone();
        bundle.epochs[0].doc.replaced.clear();
        let with = |bundle: &mut Bundle, attempts: usize| {
            bundle.epochs[1].doc.replaced = (0..attempts)
                .map(|n| {
                    let mut attempt = attempt.clone();
                    // Different scores each time.
                    attempt.segments[0].score_column = Commitment(vec![n as u8; 64]);
                    attempt
                })
                .collect();
            OpeningCount::of_bundle(bundle)
        };
        // New of epoch 1 was opened there, and in epoch 2 as Old.
        assert_eq!(with(&mut bundle, OPENING_BUDGET - 2).unwrap().of(&column(71)), OPENING_BUDGET);
        let violation = with(&mut bundle, OPENING_BUDGET - 1).unwrap_err();
        assert_eq!(violation.id().name(), "V8.openings");
        // A segment's first epoch has no Old; its New and its scores are counted.
        let mut first = samples::bundle();
        first.epochs[0].doc.replaced = vec![attempt.clone(); OPENING_BUDGET];
        assert!(OpeningCount::of_bundle(&first).is_err());
        // An attempt at a segment that did not move in the end.
        let mut gone = samples::bundle();
        gone.epochs[1].doc.replaced = vec![attempt; 3];
        gone.epochs[1].doc.replaced[0].segments[0].segment = 0;
        let count = OpeningCount::of_bundle(&gone).unwrap();
        assert_eq!((count.of(&column(70)), count.of(&column(71))), (2, 5));
    }
}
