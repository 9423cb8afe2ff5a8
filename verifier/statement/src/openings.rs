//! V8: how often each linked column is opened off its subgroup.
//!
//! A proof opens every linked column of its table at one point, since no table reads one at a rotation (tested in the
//! proof systems' crate): a payee column once per enrolment proof, a score column once per Split proof, a balance
//! column once as New and once as Old. Receipts open columns on the subgroup, which takes nothing from the mask. Proofs are
//! counted, not runs: a run that made the very same proof again opened nothing new.

use std::collections::HashMap;

use apportion_circuits::column::OPENING_BUDGET;

use crate::{
    Commitment, SegmentId, Violation,
    files::{Bundle, DatasetBundle, EpochDoc, ScoresDoc},
};

/// How often every column of a ledger has been opened.
#[derive(Clone, Debug, Default)]
pub struct OpeningCount {
    openings: HashMap<Commitment, usize>,
}

impl OpeningCount {
    /// The count of all proofs of a ledger's files, attempts that were taken back included.
    pub fn of_bundle(bundle: &Bundle) -> Result<Self, Violation> {
        Self::of(bundle, None)
    }

    /// The count as it will be with one more epoch: for whoever is about to prove it, by the rule of whoever audits it.
    pub fn with_next(bundle: &Bundle, doc: &EpochDoc, scores: &ScoresDoc) -> Result<Self, Violation> {
        Self::of(bundle, Some((doc, scores)))
    }

    fn of(bundle: &Bundle, next: Option<(&EpochDoc, &ScoresDoc)>) -> Result<Self, Violation> {
        let mut count = Self::default();
        for dataset in &bundle.datasets {
            count.dataset(&dataset.dataset)?;
        }
        let mut balances: HashMap<SegmentId, &Commitment> = HashMap::new();
        for (doc, scores) in bundle.epochs.iter().map(|epoch| (&epoch.doc, &epoch.scores)).chain(next) {
            let moved = doc.segments.iter().map(|moved| (moved.id(), &moved.balance_column));
            let moved: HashMap<SegmentId, &Commitment> =
                if doc.replaced.is_empty() { HashMap::new() } else { moved.collect() };
            for segment in doc.replaced.iter().flat_map(|attempt| &attempt.segments) {
                let id = segment.id();
                // Its New is not listed: equal payouts make it the epoch's, so it counts as that one.
                let (old, new) = (balances.get(&id).copied(), moved.get(&id).copied());
                count.proof(old.into_iter().chain([&segment.score_column]).chain(new))?;
            }
            for segment in &doc.segments {
                let id = segment.id();
                let score = scores.segment(id).map(|posted| &posted.commitment);
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
    pub fn openings(&self, column: &Commitment) -> usize {
        self.openings.get(column).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        files::{Amount, ReplacedAttempt, ReplacedSegment},
        samples::{self, column},
    };
    use apportion_circuits::types::Word;

    #[test]
    fn v8_openings() {
        let (a, b) = (Commitment(vec![1; 32]), Commitment(vec![2; 32]));
        let mut count = OpeningCount::default();
        for _ in 0..OPENING_BUDGET {
            count.proof([&a]).unwrap();
        }
        count.proof([&b]).unwrap();
        assert_eq!(count.proof([&b, &a]).unwrap_err().id().name(), "V8.openings");
        assert_eq!((count.openings(&a), count.openings(&b)), (OPENING_BUDGET + 1, 2));
        assert_eq!(count.openings(&Commitment(vec![3; 32])), 0);
    }

    #[test]
    fn every_proof_of_a_ledger_counts() {
        let bundle = samples::bundle();
        let count = OpeningCount::of_bundle(&bundle).unwrap();
        let of = |n| count.openings(&column(n));
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
    fn an_epoch_that_comes_next_counts_as_one_that_is_there() {
        let whole = samples::bundle();
        let mut begun = whole.clone();
        let last = begun.epochs.pop().unwrap();
        let [whole, next] = [
            OpeningCount::of_bundle(&whole).unwrap(),
            OpeningCount::with_next(&begun, &last.doc, &last.scores).unwrap(),
        ];
        assert_eq!(whole.openings, next.openings);
        // In a segment's first epoch and in a later one, up to the last attempt that is allowed and beyond.
        for (number, allowed) in [(1, OPENING_BUDGET - 1), (2, OPENING_BUDGET - 2)] {
            for attempts in [allowed, allowed + 1] {
                let mut whole = samples::bundle();
                whole.epochs.truncate(number);
                whole.epochs.iter_mut().for_each(|epoch| epoch.doc.replaced.clear());
                let segment = ReplacedSegment { dataset: 0, segment: 1, score_column: column(50) };
                let distinct = |n: usize| ReplacedAttempt {
                    pool: Amount(80),
                    total_score: Amount(7),
                    score_root: Word::default(),
                    segments: vec![ReplacedSegment {
                        score_column: Commitment(vec![n as u8; 64]),
                        ..segment.clone()
                    }],
                };
                whole.epochs[number - 1].doc.replaced = (0..attempts).map(distinct).collect();
                let mut begun = whole.clone();
                let last = begun.epochs.pop().unwrap();
                let of_auditor = OpeningCount::of_bundle(&whole).map(|count| count.openings);
                let of_prover = OpeningCount::with_next(&begun, &last.doc, &last.scores);
                assert_eq!(of_auditor, of_prover.map(|count| count.openings));
                assert_eq!(of_auditor.is_ok(), attempts == allowed, "epoch {number}: {attempts}");
            }
        }
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
        assert_eq!(with(&mut bundle, OPENING_BUDGET - 2).unwrap().openings(&column(71)), OPENING_BUDGET);
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
        assert_eq!((count.openings(&column(70)), count.openings(&column(71))), (2, 5));
    }
}
