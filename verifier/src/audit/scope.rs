//! How much of a ledger is audited.

use std::collections::{BTreeMap, BTreeSet};

use apportion_statement::SegmentId;

/// How much of a ledger is audited. All documents are read and cross-checked whatever the scope; it decides which
/// proofs are verified, and which checks are shown where they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Ledger,
    /// One epoch. Other epochs' documents and the enrolments are taken as stated, later epochs not looked at.
    Epoch(u32),
    /// What a receipt or a statement rests on.
    Claims(Claims),
}

/// The columns that a receipt or a statement opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Payee columns: segment, and the revision that they were proven for.
    pub payees: BTreeSet<(SegmentId, u32)>,
    /// Balance columns: each segment, with the last epoch whose balances are opened. They rest on the proof of that
    /// epoch and of every earlier one in which the segment moved.
    pub balances: BTreeMap<SegmentId, u32>,
}

impl Claims {
    /// Adds an account's columns.
    pub fn add(&mut self, id: SegmentId, revision: u32, epoch: u32) {
        self.payees.insert((id, revision));
        let last = self.balances.entry(id).or_insert(epoch);
        *last = epoch.max(*last);
    }
}

impl Scope {
    /// Whether an enrolment proof is verified.
    pub(super) fn enrolment(&self, id: SegmentId, revision: u32) -> bool {
        match self {
            Scope::Ledger => true,
            Scope::Epoch(_) => false,
            Scope::Claims(claims) => claims.payees.contains(&(id, revision)),
        }
    }

    /// Whether the proof of a segment's move is verified.
    pub(super) fn moved(&self, id: SegmentId, epoch: u32) -> bool {
        match self {
            Scope::Ledger => true,
            Scope::Epoch(only) => *only == epoch,
            Scope::Claims(claims) => claims.balances.get(&id).is_some_and(|last| epoch <= *last),
        }
    }

    /// Whether an epoch's own checks are shown where they hold.
    pub(super) fn epoch(&self, epoch: u32) -> bool {
        match self {
            Scope::Ledger => true,
            Scope::Epoch(only) => *only == epoch,
            Scope::Claims(_) => false,
        }
    }
}
