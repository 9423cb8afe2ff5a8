//! V3: what happened to a ledger's segments so far, as far as the next proof must link to it.
//!
//! The history is a machine that takes steps: [`History::enroll`], [`History::retire`], [`History::begin_epoch`],
//! [`History::check_posted`], [`History::settle`]. Prover, auditor and chain comparison apply the same steps to the
//! same documents ([`crate::files::Bundle`]).

use apportion_circuits::types::{Tier, Word};

use crate::{
    CheckId, Commitment, Violation,
    files::{Bundle, EnrolledDataset, Epoch, EpochSegment, ScoredSegment},
};

/// One segment of a ledger: dataset and segment, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId {
    /// The dataset's number in the ledger.
    pub dataset: u32,
    /// The segment's number in the dataset.
    pub segment: u32,
}

impl std::fmt::Display for SegmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "dataset {} segment {}", self.dataset, self.segment)
    }
}

/// A payee column of a segment: proven for the revision in which the segment's root last changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayeeColumn {
    /// That revision.
    pub revision: u32,
    /// The column.
    pub column: Commitment,
}

/// A segment's move in an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The epoch.
    pub epoch: u32,
    /// The revision whose number of records it moved with.
    pub revision: u32,
    /// New of that epoch.
    pub balance: Commitment,
    /// Score of that epoch.
    pub score: Commitment,
}

/// An enrolled dataset.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The dataset's id.
    pub id: Word,
    /// Slots of its segments.
    pub tier: Tier,
    /// The first epoch in which it takes part.
    pub first_epoch: u32,
    /// The first epoch in which it does not take part any more.
    pub retired_from: Option<u32>,
    /// The number of records of every revision, oldest first.
    pub records: Vec<u64>,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, Default)]
struct Segment {
    /// The revisions in which the root changed, oldest first.
    changed: Vec<u32>,
    payees: Vec<PayeeColumn>,
    moves: Vec<Move>,
}

impl Enrolled {
    /// How many records a segment has in a revision; `None` where the revision is unknown.
    pub fn records_of(&self, segment: u32, revision: u32) -> Option<u32> {
        let records = *self.records.get(revision as usize)?;
        let (accounts, segment) = (self.tier.accounts() as u64, u64::from(segment));
        // At most the number of accounts.
        Some(records.saturating_sub(segment.saturating_mul(accounts)).min(accounts) as u32)
    }

    /// Whether it takes part in an epoch.
    pub fn takes_part(&self, epoch: u32) -> bool {
        self.first_epoch <= epoch && self.retired_from.is_none_or(|retired| epoch < retired)
    }

    /// The number of segments of the newest revision.
    pub fn segments(&self) -> u32 {
        self.segments.len() as u32
    }
}

/// A segment that an attributor posted scores of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The segment.
    pub id: SegmentId,
    /// The revision whose number of records it moves with.
    pub revision: u32,
    /// The sum of its scores.
    pub score: u128,
}

/// What happened to a ledger's segments so far.
#[derive(Clone, Debug, Default)]
pub struct History {
    last_epoch: u32,
    datasets: Vec<Enrolled>,
}

impl History {
    /// The history of a ledger's files, each step checked: for whoever made them. An auditor takes the same steps and
    /// reports each.
    pub fn of(bundle: &Bundle) -> Result<Self, Violation> {
        let mut history = Self::default();
        bundle.datasets.iter().for_each(|dataset| history.add(dataset));
        for epoch in &bundle.epochs {
            history.begin_epoch(epoch.doc.epoch)?;
            history.check_posted(epoch.doc.epoch, &epoch.scores.posted())?;
            let posted = epoch.scores.segments.iter().map(ScoredSegment::id);
            Self::check_moved(posted, epoch.doc.segments.iter().map(EpochSegment::id))?;
            history.settle_epoch(epoch);
        }
        Ok(history)
    }

    /// Adds the next dataset with all its revisions, and its end.
    pub fn add(&mut self, enrolled: &EnrolledDataset) {
        let EnrolledDataset { dataset, enrolment, retirement } = enrolled;
        self.enroll(dataset.doc.dataset_id, dataset.doc.tier, enrolment.first_epoch);
        for revision in &dataset.revisions {
            let columns = revision.columns.iter().flat_map(|columns| &columns.columns);
            let columns = columns.map(|column| (column.segment, column.payee_column.clone()));
            let changed = dataset.changed(revision.doc.revision);
            self.extend(enrolment.dataset, revision.doc.records, changed, columns);
        }
        if let Some(retirement) = retirement {
            self.retire(enrolment.dataset, retirement.from_epoch);
        }
    }

    /// Records an epoch's moves: those of its segments that have posted scores.
    pub fn settle_epoch(&mut self, epoch: &Epoch) {
        for segment in &epoch.doc.segments {
            let Some(posted) = epoch.scores.segment(segment.id()) else { continue };
            let moved = Move {
                epoch: epoch.doc.epoch,
                revision: posted.revision,
                balance: segment.balance_column.clone(),
                score: posted.commitment.clone(),
            };
            self.settle(segment.id(), moved);
        }
    }

    /// Adds the next dataset, with nothing known of its revisions.
    pub fn enroll(&mut self, id: Word, tier: Tier, first_epoch: u32) {
        self.datasets.push(Enrolled {
            id,
            tier,
            first_epoch,
            retired_from: None,
            records: Vec::new(),
            segments: Vec::new(),
        });
    }

    /// Adds a revision to a dataset: its number of records, the segments whose roots changed, and the columns that are
    /// proven of them. A new segment's root counts as changed. Room is made for what is listed, never for what the number
    /// of records announces: nothing has been checked yet.
    pub fn extend(
        &mut self,
        dataset: u32,
        records: u64,
        changed: impl IntoIterator<Item = u32>,
        columns: impl IntoIterator<Item = (u32, Commitment)>,
    ) {
        let Some(enrolled) = self.datasets.get_mut(dataset as usize) else { return };
        let revision = enrolled.records.len() as u32;
        enrolled.records.push(records);
        let announced = enrolled.tier.segments(usize::try_from(records).unwrap_or(usize::MAX));
        for segment in changed {
            if segment as usize == enrolled.segments.len() && enrolled.segments.len() < announced {
                enrolled.segments.push(Segment::default());
            }
            if let Some(segment) = enrolled.segments.get_mut(segment as usize) {
                segment.changed.push(revision);
            }
        }
        for (segment, column) in columns {
            if let Some(segment) = enrolled.segments.get_mut(segment as usize) {
                segment.payees.push(PayeeColumn { revision, column });
            }
        }
    }

    /// Ends a dataset's part: it moves in no epoch from this one on.
    pub fn retire(&mut self, dataset: u32, epoch: u32) {
        if let Some(enrolled) = self.datasets.get_mut(dataset as usize) {
            enrolled.retired_from = Some(epoch);
        }
    }

    /// The enrolled datasets, by number.
    pub fn datasets(&self) -> &[Enrolled] {
        &self.datasets
    }

    /// The number of the dataset with an id.
    pub fn dataset_of(&self, id: Word) -> Option<u32> {
        self.datasets.iter().position(|dataset| dataset.id == id).map(|number| number as u32)
    }

    /// The last epoch; 0 before the first.
    pub fn last_epoch(&self) -> u32 {
        self.last_epoch
    }

    /// The segments that may move in an epoch, in order.
    pub fn taking_part(&self, epoch: u32) -> impl Iterator<Item = SegmentId> {
        (0u32..).zip(&self.datasets).filter(move |(_, dataset)| dataset.takes_part(epoch)).flat_map(
            |(dataset, enrolled)| (0..enrolled.segments()).map(move |segment| SegmentId { dataset, segment }),
        )
    }

    /// Starts the next epoch (V3.order).
    pub fn begin_epoch(&mut self, epoch: u32) -> Result<(), Violation> {
        if self.last_epoch.checked_add(1) != Some(epoch) {
            return Err(Violation::Order { last: self.last_epoch, found: epoch });
        }
        self.last_epoch = epoch;
        Ok(())
    }

    /// What an attributor posted for an epoch: segments in order, each once, enrolled and not retired (V3.once), each
    /// with a positive sum (V4.posted), under a revision that is known and not older than that of its last move
    /// (V3.revision) and that has a proven payee column (V3.proven). Segments that are not listed have score 0.
    pub fn check_posted(&self, epoch: u32, posted: &[Posted]) -> Result<(), Violation> {
        let mut last = None;
        for Posted { id, revision, score } in posted {
            let once = |fault| Err(Violation::Once { id: *id, fault });
            if last >= Some(*id) {
                return once("is listed twice or out of order");
            }
            last = Some(*id);
            let Some(enrolled) = self.datasets.get(id.dataset as usize) else {
                return once("is not enrolled");
            };
            let Some(segment) = enrolled.segments.get(id.segment as usize) else {
                return once("is not enrolled");
            };
            if epoch < enrolled.first_epoch {
                return once("does not take part yet");
            }
            if !enrolled.takes_part(epoch) {
                return once("is retired");
            }
            if *score == 0 {
                return Err(Violation::ZeroSum { id: *id });
            }
            let records = enrolled.records_of(id.segment, *revision);
            let known = records.is_some_and(|records| records > 0);
            if !known || segment.moves.last().is_some_and(|last| *revision < last.revision) {
                return Err(Violation::Revision { id: *id, revision: *revision });
            }
            if self.payee_for(*id, *revision).is_none() {
                return Err(Violation::NotProven { id: *id, revision: *revision });
            }
        }
        Ok(())
    }

    /// V4.moved: an epoch moves exactly the segments that were posted, in their order.
    pub fn check_moved(
        posted: impl IntoIterator<Item = SegmentId>,
        moved: impl IntoIterator<Item = SegmentId>,
    ) -> Result<(), Violation> {
        let extra = |id| Violation::Moved { id, fault: "moves twice, out of order, or has no posted scores" };
        let mut moved = moved.into_iter();
        for id in posted {
            match moved.next() {
                Some(found) if found == id => {}
                Some(found) if found < id => return Err(extra(found)),
                _ => {
                    return Err(Violation::Moved {
                        id,
                        fault: "does not move, or not in the order of the scores",
                    });
                }
            }
        }
        moved.next().map_or(Ok(()), |id| Err(extra(id)))
    }

    /// The number of records that a segment moves with.
    pub fn records(&self, id: SegmentId, revision: u32) -> Option<u32> {
        self.datasets.get(id.dataset as usize)?.records_of(id.segment, revision)
    }

    /// The payee columns of a segment, oldest first. An account in an old slot keeps its payee, so each of them is good
    /// for receipts.
    pub fn payees(&self, id: SegmentId) -> &[PayeeColumn] {
        self.segment(id).map_or(&[], |segment| segment.payees.as_slice())
    }

    /// A payee column that covers the segment as it is in a revision: proven for that state of it, or for a later one.
    pub fn payee_for(&self, id: SegmentId, revision: u32) -> Option<&PayeeColumn> {
        let segment = self.segment(id)?;
        let state = segment.changed.iter().rev().find(|changed| **changed <= revision)?;
        segment.payees.iter().find(|column| column.revision >= *state)
    }

    /// A segment's moves, oldest first.
    pub fn moves(&self, id: SegmentId) -> &[Move] {
        self.segment(id).map_or(&[], |segment| segment.moves.as_slice())
    }

    /// The current balance column: New of the last move. `None` before the first: Old is then any column of zeros.
    pub fn balance(&self, id: SegmentId) -> Option<&Commitment> {
        self.moves(id).last().map(|last| &last.balance)
    }

    /// Whether a segment's next move is its first.
    pub fn genesis(&self, id: SegmentId) -> bool {
        self.balance(id).is_none()
    }

    /// A segment's move of exactly this epoch.
    pub fn moved_in(&self, id: SegmentId, epoch: u32) -> Option<&Move> {
        let moves = self.moves(id);
        // Oldest first.
        moves.get(moves.partition_point(|moved| moved.epoch < epoch)).filter(|moved| moved.epoch == epoch)
    }

    /// Records a segment's move.
    pub fn settle(&mut self, id: SegmentId, moved: Move) {
        let segment =
            self.datasets.get_mut(id.dataset as usize).and_then(|d| d.segments.get_mut(id.segment as usize));
        if let Some(segment) = segment {
            segment.moves.push(moved);
        }
    }

    fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.datasets.get(id.dataset as usize)?.segments.get(id.segment as usize)
    }
}

/// Compares one linked column of a proof with what it must be (V3.old, .new, .score, .payee).
pub fn check_link(id: CheckId, expected: &Commitment, found: &Commitment) -> Result<(), Violation> {
    if expected == found {
        return Ok(());
    }
    Err(Violation::Link { id, expected: expected.to_string(), found: found.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn column(x: u8) -> Commitment {
        Commitment(vec![x; 32])
    }

    const fn id(dataset: u32, segment: u32) -> SegmentId {
        SegmentId { dataset, segment }
    }

    fn posted(list: &[(u32, u32, u32)]) -> Vec<Posted> {
        let one = |(dataset, segment, revision): &(u32, u32, u32)| Posted {
            id: id(*dataset, *segment),
            revision: *revision,
            score: 1,
        };
        list.iter().map(one).collect()
    }

    /// Two datasets: 70 records in two segments, extended to 130 in three; 10 records from epoch 2 on.
    fn history() -> History {
        let mut history = History::default();
        history.enroll(Word([1; 32]), Tier::T64, 1);
        history.extend(0, 70, [0, 1], [(0, column(1)), (1, column(2))]);
        history.enroll(Word([2; 32]), Tier::T64, 2);
        history.extend(1, 10, [0], [(0, column(3))]);
        history.extend(0, 130, [1, 2], [(1, column(4)), (2, column(5))]);
        history
    }

    #[test]
    fn v3_order() {
        let mut history = history();
        for epoch in [0, 2, u32::MAX] {
            assert_eq!(history.begin_epoch(epoch).unwrap_err().id().name(), "V3.order");
        }
        history.begin_epoch(1).unwrap();
        assert_eq!(history.begin_epoch(1).unwrap_err().id().name(), "V3.order");
        history.begin_epoch(2).unwrap();
    }

    #[test]
    fn v3_once() {
        let mut history = history();
        history.check_posted(1, &posted(&[(0, 0, 0), (0, 2, 1)])).unwrap();
        history.check_posted(2, &posted(&[(0, 1, 0), (1, 0, 0)])).unwrap();
        history.retire(1, 4);
        history.check_posted(3, &posted(&[(1, 0, 0)])).unwrap();
        for (epoch, list) in [
            (1, &[(0, 0, 0), (0, 0, 0)][..]),
            (1, &[(0, 1, 0), (0, 0, 0)]),
            (1, &[(0, 3, 1)]),
            (1, &[(2, 0, 0)]),
            (1, &[(1, 0, 0)]),
            (4, &[(1, 0, 0)]),
        ] {
            let violation = history.check_posted(epoch, &posted(list)).unwrap_err();
            assert_eq!(violation.id().name(), "V3.once", "{epoch} {list:?}");
        }
    }

    #[test]
    fn v3_revision_and_proven() {
        let mut history = history();
        for list in [&[(0, 0, 2)], &[(0, 2, 0)]] {
            let violation = history.check_posted(1, &posted(list)).unwrap_err();
            assert_eq!(violation.id().name(), "V3.revision");
        }
        let moved = |revision| Move { epoch: 1, revision, balance: column(9), score: column(8) };
        history.settle(id(0, 1), moved(1));
        let violation = history.check_posted(2, &posted(&[(0, 1, 0)])).unwrap_err();
        assert_eq!(violation.id().name(), "V3.revision");
        history.extend(1, 70, [0, 1], []);
        // The column of revision 0 does not cover the records that segment 0 has got since.
        let violation = history.check_posted(2, &posted(&[(1, 0, 1)])).unwrap_err();
        assert_eq!(violation.id().name(), "V3.proven");
        history.check_posted(2, &posted(&[(1, 0, 0)])).unwrap();
        let violation = history.check_posted(2, &posted(&[(1, 1, 1)])).unwrap_err();
        assert_eq!(violation.id().name(), "V3.proven");
    }

    #[test]
    fn v3_proven_for_the_records_that_came_last() {
        let mut history = history();
        history.extend(0, 131, [2], []);
        let refused = history.check_posted(1, &posted(&[(0, 2, 2)])).unwrap_err();
        assert_eq!(refused.id().name(), "V3.proven");
        // The other segments stayed as they were, and so did this one before.
        history.check_posted(1, &posted(&[(0, 0, 2), (0, 1, 2), (0, 2, 1)])).unwrap();
        // A later column covers what came before.
        history.extend(0, 132, [2], [(2, column(7))]);
        assert_eq!(history.payee_for(id(0, 2), 2).unwrap().column, column(7));
        assert_eq!(history.payee_for(id(0, 2), 1).unwrap().column, column(5));
    }

    #[test]
    fn v4_zero_sums_are_not_listed() {
        let mut list = posted(&[(0, 0, 0)]);
        list[0].score = 0;
        assert_eq!(history().check_posted(1, &list).unwrap_err().id().name(), "V4.posted");
    }

    #[test]
    fn v4_moved() {
        let ids = [id(0, 0), id(0, 2)];
        History::check_moved(ids, ids).unwrap();
        let wrong: [&[SegmentId]; 6] = [
            &[id(0, 0)],
            &[id(0, 0), id(0, 1)],
            &[id(0, 0), id(0, 2), id(0, 2)],
            &[id(0, 0), id(0, 0), id(0, 2)],
            &[id(0, 2), id(0, 0)],
            &[],
        ];
        for moved in wrong {
            let violation = History::check_moved(ids, moved.iter().copied()).unwrap_err();
            assert_eq!(violation.id().name(), "V4.moved");
        }
    }

    #[test]
    fn records_are_counted_by_segment_and_revision() {
        let history = history();
        let records = |segment, revision| history.records(id(0, segment), revision);
        assert_eq!((records(0, 0), records(1, 0), records(2, 0)), (Some(62), Some(8), Some(0)));
        assert_eq!((records(0, 1), records(1, 1), records(2, 1)), (Some(62), Some(62), Some(6)));
        assert_eq!(records(0, 2), None);
    }

    #[test]
    fn room_is_made_for_what_is_listed_only() {
        for records in [u64::MAX, 1 << 63, 6_200_000_000] {
            let mut bundle = samples::bundle();
            let revision = bundle.datasets[0].dataset.revisions.last_mut().unwrap();
            revision.doc.records = records;
            let listed = revision.doc.roots.len();
            assert!(History::of(&bundle).unwrap().datasets()[0].segments() as usize <= listed);
        }
        // Nor for segments beyond the records, or behind a gap.
        let mut history = history();
        history.extend(1, 10, [0, 1, 2, u32::MAX], []);
        assert_eq!(history.datasets()[1].segments(), 1);
        history.extend(1, u64::MAX, [2, u32::MAX], []);
        assert_eq!(history.datasets()[1].segments(), 1);
    }

    #[test]
    fn columns_are_found_by_revision_and_epoch() {
        let mut history = history();
        assert_eq!(history.payee_for(id(0, 0), 1).unwrap().column, column(1));
        assert_eq!(history.payee_for(id(0, 1), 0).unwrap().column, column(2));
        assert_eq!(history.payee_for(id(0, 1), 1).unwrap().column, column(4));
        assert!(history.payees(id(7, 0)).is_empty() && history.genesis(id(0, 0)));
        let moved = Move { epoch: 3, revision: 0, balance: column(9), score: column(8) };
        history.settle(id(0, 0), moved.clone());
        assert_eq!(history.balance(id(0, 0)), Some(&column(9)));
        assert_eq!(history.moved_in(id(0, 0), 3), Some(&moved));
        assert_eq!(history.moved_in(id(0, 0), 2), None);
        assert_eq!(history.taking_part(1).count(), 3);
        assert_eq!(history.taking_part(2).count(), 4);
    }

    #[test]
    fn a_ledgers_files_have_one_history() {
        let bundle = samples::bundle();
        let history = History::of(&bundle).unwrap();
        assert_eq!((history.last_epoch(), history.datasets().len()), (2, 1));
        assert_eq!(
            (history.dataset_of(samples::DATASET), history.dataset_of(samples::MODEL)),
            (Some(0), None)
        );
        let dataset = &history.datasets()[0];
        assert_eq!((&dataset.records[..], dataset.segments()), (&[70, 130][..], 3));
        assert_eq!([0, 1, 2, 3].map(|epoch| dataset.takes_part(epoch)), [false, true, true, false]);
        assert_eq!(history.payees(id(0, 1)).iter().map(|payee| payee.revision).collect::<Vec<_>>(), [0, 1]);
        // Segment 0 moved in epoch 1, segment 1 in both, segment 2 in epoch 2.
        let moves = |segment| history.moves(id(0, segment)).iter().map(|m| m.epoch).collect::<Vec<_>>();
        assert_eq!((moves(0), moves(1), moves(2)), (vec![1], vec![1, 2], vec![2]));
        assert_eq!(history.balance(id(0, 1)), Some(&column(81)));
        let moved = history.moved_in(id(0, 1), 1).unwrap();
        assert_eq!((moved.revision, &moved.balance, &moved.score), (0, &column(71), &column(41)));
    }

    #[test]
    fn files_whose_steps_do_not_follow_have_no_history() {
        let refused = |edit: &dyn Fn(&mut Bundle), check: &str| {
            let mut bundle = samples::bundle();
            edit(&mut bundle);
            assert_eq!(History::of(&bundle).unwrap_err().id().name(), check);
        };
        refused(&|bundle| _ = bundle.epochs.remove(0), "V3.order");
        refused(&|bundle| bundle.epochs[1].doc.epoch = 3, "V3.order");
        refused(&|bundle| bundle.epochs[0].scores.segments.reverse(), "V3.once");
        refused(&|bundle| bundle.datasets[0].enrolment.first_epoch = 2, "V3.once");
        let retired = |bundle: &mut Bundle| {
            bundle.datasets[0].retirement.as_mut().unwrap().from_epoch = 2;
        };
        refused(&retired, "V3.once");
        refused(&|bundle| bundle.datasets.clear(), "V3.once");
        refused(&|bundle| bundle.epochs[1].scores.segments[0].revision = 2, "V3.revision");
        // Segment 2 has no record in revision 0.
        refused(&|bundle| bundle.epochs[1].scores.segments[1].revision = 0, "V3.revision");
        let back = |bundle: &mut Bundle| {
            bundle.epochs[0].scores.segments[1].revision = 1;
            bundle.epochs[1].scores.segments[0].revision = 0;
        };
        refused(&back, "V3.revision");
        refused(&|bundle| bundle.datasets[0].dataset.revisions[0].columns = None, "V3.proven");
        refused(&|bundle| bundle.epochs[0].scores.segments[0].score.0 = 0, "V4.posted");
        refused(&|bundle| _ = bundle.epochs[0].doc.segments.pop(), "V4.moved");
        refused(&|bundle| _ = bundle.epochs[0].scores.segments.pop(), "V4.moved");
        // Taken back before it is missed: a retirement is no part of the past.
        let mut bundle = samples::bundle();
        bundle.datasets[0].retirement = None;
        assert!(History::of(&bundle).unwrap().datasets()[0].takes_part(9));
    }

    #[test]
    fn an_extension_needs_no_columns_of_segments_that_stay() {
        let mut history = history();
        history.extend(0, 131, [2], [(2, column(6))]);
        // Segments 0 and 1 move under revision 2 with the columns of revisions 0 and 1.
        history.check_posted(1, &posted(&[(0, 0, 2), (0, 1, 2), (0, 2, 2)])).unwrap();
        assert_eq!(history.payee_for(id(0, 0), 2).unwrap().column, column(1));
        assert_eq!(history.payee_for(id(0, 1), 2).unwrap().column, column(4));
        assert_eq!(history.payee_for(id(0, 2), 2).unwrap().column, column(6));
        assert_eq!(history.payee_for(id(0, 2), 0), None);
    }

    #[test]
    fn v3_links() {
        for id in [CheckId::V3Old, CheckId::V3New, CheckId::V3Score, CheckId::V3Payee] {
            check_link(id, &column(1), &column(1)).unwrap();
            assert_eq!(check_link(id, &column(1), &column(2)).unwrap_err().id(), id);
        }
    }
}
