//! V3, V4 and V8: linked columns and the history that they must agree with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use apportion_circuits::column::OPENING_BUDGET;

use super::{CheckId, Violation};
use crate::Commitment;

/// How many openings of one linked column are allowed (V8).
pub(super) const BUDGET: usize = OPENING_BUDGET;

/// What happened to a ledger's segments so far, as far as the next proof must link to it.
///
/// Segments are named by dataset and segment index. Prover and auditor keep one each and apply the same steps.
#[derive(Clone, Debug, Default)]
pub struct History {
    last_epoch: u32,
    segments: BTreeMap<(u32, u32), Segment>,
}

#[derive(Clone, Debug)]
struct Segment {
    first_epoch: u32,
    payees: Vec<Commitment>,
    /// New of every settled epoch, oldest first.
    balances: Vec<(u32, Commitment)>,
}

impl History {
    /// Adds a dataset: one payee column per segment. It takes part from `first_epoch` on.
    pub fn enroll(&mut self, dataset: u32, first_epoch: u32, payee_columns: &[Commitment]) {
        for (segment, column) in (0..).zip(payee_columns) {
            let state = Segment { first_epoch, payees: vec![column.clone()], balances: Vec::new() };
            self.segments.insert((dataset, segment), state);
        }
    }

    /// Adds fresh payee columns to a dataset: the same values under new masks, because the old ones' budget is
    /// used up (V8).
    pub fn renew(&mut self, dataset: u32, payee_columns: &[Commitment]) {
        for (segment, column) in (0..).zip(payee_columns) {
            if let Some(state) = self.segments.get_mut(&(dataset, segment)) {
                state.payees.push(column.clone());
            }
        }
    }

    /// The last epoch, settled or carried; 0 before the first.
    pub fn last_epoch(&self) -> u32 {
        self.last_epoch
    }

    /// The segments that move in an epoch, in order.
    pub fn moving(&self, epoch: u32) -> impl Iterator<Item = (u32, u32)> {
        self.segments.iter().filter(move |(_, state)| state.first_epoch <= epoch).map(|(key, _)| *key)
    }

    /// Every enrolled segment with the epoch from which it takes part.
    pub fn enrolled(&self) -> impl Iterator<Item = ((u32, u32), u32)> {
        self.segments.iter().map(|(key, state)| (*key, state.first_epoch))
    }

    /// Starts the next epoch (V3.order).
    pub fn begin_epoch(&mut self, epoch: u32) -> Result<(), Violation> {
        if self.last_epoch.checked_add(1) != Some(epoch) {
            return Err(Violation::Order { last: self.last_epoch, found: epoch });
        }
        self.last_epoch = epoch;
        Ok(())
    }

    /// Every segment that takes part in the epoch is listed exactly once, and no other (V3.once).
    pub fn check_once(
        &self,
        epoch: u32,
        listed: impl IntoIterator<Item = (u32, u32)>,
    ) -> Result<(), Violation> {
        let once = |(dataset, segment), fault| Violation::Once { dataset, segment, fault };
        let mut due: BTreeSet<_> = self.moving(epoch).collect();
        let mut seen = BTreeSet::new();
        for key in listed {
            if !seen.insert(key) {
                return Err(once(key, "moves twice"));
            }
            if !due.remove(&key) {
                return Err(once(key, "is not enrolled"));
            }
        }
        due.into_iter().next().map_or(Ok(()), |key| Err(once(key, "does not move")))
    }

    /// Whether a segment's next settled epoch is its first.
    pub fn genesis(&self, dataset: u32, segment: u32) -> bool {
        self.balance(dataset, segment).is_none()
    }

    /// V3.genesis.
    pub fn check_genesis(&self, dataset: u32, segment: u32, found: bool) -> Result<(), Violation> {
        let expected = self.genesis(dataset, segment);
        if expected == found { Ok(()) } else { Err(Violation::Genesis { expected, found }) }
    }

    /// The current balance column: New of the last settled epoch. `None` before the first: Old is then any
    /// column of zeros.
    pub fn balance(&self, dataset: u32, segment: u32) -> Option<&Commitment> {
        self.segments.get(&(dataset, segment))?.balances.last().map(|(_, column)| column)
    }

    /// The balance column as it was after an epoch.
    pub fn balance_after(&self, dataset: u32, segment: u32, epoch: u32) -> Option<&Commitment> {
        let balances = &self.segments.get(&(dataset, segment))?.balances;
        balances.iter().rev().find(|(settled, _)| *settled <= epoch).map(|(_, column)| column)
    }

    /// The balance column that was settled in exactly this epoch.
    pub fn settled_in(&self, dataset: u32, segment: u32, epoch: u32) -> Option<&Commitment> {
        let balances = &self.segments.get(&(dataset, segment))?.balances;
        balances.iter().find(|(settled, _)| *settled == epoch).map(|(_, column)| column)
    }

    /// The payee columns of a segment, oldest first: the enrolled one and its renewals.
    pub fn payees(&self, dataset: u32, segment: u32) -> &[Commitment] {
        self.segments.get(&(dataset, segment)).map_or(&[], |state| state.payees.as_slice())
    }

    /// Records a segment's New of an epoch.
    pub fn settle(&mut self, dataset: u32, segment: u32, epoch: u32, new: Commitment) {
        if let Some(state) = self.segments.get_mut(&(dataset, segment)) {
            state.balances.push((epoch, new));
        }
    }
}

/// Compares one linked column of a proof with what it must be (V3.old, .new, .score, .payee, .balance).
pub fn check_link(id: CheckId, expected: &Commitment, found: &Commitment) -> Result<(), Violation> {
    if expected == found {
        return Ok(());
    }
    Err(Violation::Link { id, expected: hex(expected), found: hex(found) })
}

/// V4.posted: an epoch's score commitment is the one that the attributor posted.
pub fn check_posted(posted: &Commitment, used: &Commitment) -> Result<(), Violation> {
    if posted == used { Ok(()) } else { Err(Violation::Posted { expected: hex(posted), found: hex(used) }) }
}

/// V4.total: an epoch's total score is the one that the attributor posted.
pub fn check_posted_total(posted: u128, used: u128) -> Result<(), Violation> {
    if posted == used { Ok(()) } else { Err(Violation::PostedTotal { expected: posted, found: used }) }
}

/// V8: how often each linked column has been opened.
#[derive(Clone, Debug, Default)]
pub struct OpeningBudget {
    openings: HashMap<Commitment, usize>,
}

impl OpeningBudget {
    /// Counts a proof in which the column stands; `points` is the number of rotations at which its table reads
    /// it. Fails where that is more than the mask allows.
    pub fn open(&mut self, column: &Commitment, points: usize) -> Result<(), Violation> {
        let openings = self.openings.entry(column.clone()).or_default();
        *openings = openings.saturating_add(points);
        if *openings <= BUDGET {
            return Ok(());
        }
        Err(Violation::Openings { column: hex(column), openings: *openings })
    }

    /// How often a column has been opened.
    pub fn openings(&self, column: &Commitment) -> usize {
        self.openings.get(column).copied().unwrap_or(0)
    }
}

fn hex(commitment: &Commitment) -> String {
    format!("0x{}", hex::encode(&commitment.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(n: u8) -> Commitment {
        Commitment(vec![n; 32])
    }

    fn history() -> History {
        let mut history = History::default();
        history.enroll(0, 1, &[column(1), column(2)]);
        history.enroll(1, 2, &[column(3)]);
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
        let history = history();
        history.check_once(1, [(0, 1), (0, 0)]).unwrap();
        history.check_once(2, [(0, 0), (0, 1), (1, 0)]).unwrap();
        let fault = |epoch, listed: &[(u32, u32)]| match history.check_once(epoch, listed.iter().copied()) {
            Err(violation @ Violation::Once { fault, .. }) => {
                assert_eq!(violation.id().name(), "V3.once");
                fault
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(1, &[(0, 0)]), "does not move");
        assert_eq!(fault(1, &[(0, 0), (0, 1), (0, 0)]), "moves twice");
        assert_eq!(fault(1, &[(0, 0), (0, 1), (1, 0)]), "is not enrolled");
        assert_eq!(fault(1, &[(0, 0), (0, 1), (0, 2)]), "is not enrolled");
        assert_eq!(fault(2, &[(0, 0), (0, 1)]), "does not move");
    }

    #[test]
    fn v3_genesis_and_current_columns() {
        let mut history = history();
        history.check_genesis(0, 0, true).unwrap();
        assert_eq!(history.check_genesis(0, 0, false).unwrap_err().id().name(), "V3.genesis");
        history.settle(0, 0, 1, column(9));
        history.settle(0, 0, 3, column(8));
        history.check_genesis(0, 0, false).unwrap();
        assert_eq!(history.check_genesis(0, 0, true).unwrap_err().id().name(), "V3.genesis");
        assert_eq!(history.balance(0, 0), Some(&column(8)));
        assert_eq!(history.balance_after(0, 0, 2), Some(&column(9)));
        assert_eq!(history.balance_after(0, 0, 0), None);
        assert_eq!(history.settled_in(0, 0, 1), Some(&column(9)));
        assert_eq!(history.settled_in(0, 0, 2), None);
        assert_eq!(history.balance(0, 1), None);
        history.renew(0, &[column(4), column(5)]);
        assert_eq!(history.payees(0, 1), [column(2), column(5)]);
        assert!(history.payees(7, 0).is_empty());
    }

    #[test]
    fn v3_links() {
        for id in [CheckId::V3Old, CheckId::V3New, CheckId::V3Score, CheckId::V3Payee, CheckId::V3Balance] {
            check_link(id, &column(1), &column(1)).unwrap();
            assert_eq!(check_link(id, &column(1), &column(2)).unwrap_err().id(), id);
        }
    }

    #[test]
    fn v4_posted_and_total() {
        check_posted(&column(1), &column(1)).unwrap();
        assert_eq!(check_posted(&column(1), &column(2)).unwrap_err().id().name(), "V4.posted");
        check_posted_total(5, 5).unwrap();
        assert_eq!(check_posted_total(5, 6).unwrap_err().id().name(), "V4.total");
    }

    #[test]
    fn v8_openings() {
        let mut budget = OpeningBudget::default();
        for _ in 0..BUDGET {
            budget.open(&column(1), 1).unwrap();
        }
        budget.open(&column(2), BUDGET).unwrap();
        assert_eq!(budget.open(&column(1), 1).unwrap_err().id().name(), "V8.openings");
        assert_eq!(budget.open(&column(2), 1).unwrap_err().id().name(), "V8.openings");
        assert_eq!(budget.openings(&column(3)), 0);
    }
}
