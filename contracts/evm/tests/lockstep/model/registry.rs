//! The registry as the ledger sees it: how many records, which roots, which payee columns.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, U256};

use super::{Place, Point, digest};

#[derive(Clone, Debug)]
pub(crate) struct Dataset {
    pub(crate) slots: u64,
    /// Records and block of every revision.
    pub(crate) revisions: Vec<(u64, u64)>,
    /// Root of every segment, and the revision in which it last changed.
    pub(crate) segments: Vec<(U256, u32)>,
    /// Records under every root that a segment ever had.
    pub(crate) under: BTreeMap<(u32, U256), u64>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    pub(crate) datasets: BTreeMap<B256, Dataset>,
    /// Digests of proven payee columns, and the youngest revision of the segment for which there is one.
    pub(crate) columns: BTreeMap<Place, (BTreeSet<B256>, u32)>,
}

impl Dataset {
    pub(crate) fn accounts(&self) -> u64 {
        self.slots - 2
    }

    /// Records of a segment in a revision.
    pub(crate) fn records(&self, revision: u32, segment: u32) -> Option<u64> {
        let (records, _) = self.revisions.get(revision as usize)?;
        Some(records.saturating_sub(u64::from(segment) * self.accounts()).min(self.accounts()))
    }

    pub(crate) fn newest(&self) -> u32 {
        self.revisions.len() as u32 - 1
    }

    /// Notes how many records stand under the segments' roots now.
    pub(crate) fn keep_roots(&mut self) {
        for segment in 0..self.segments.len() as u32 {
            let records = self.records(self.newest(), segment).unwrap_or_default();
            self.under.insert((segment, self.segments[segment as usize].0), records);
        }
    }
}

impl Registry {
    pub(crate) fn slots(&self, dataset: B256) -> u64 {
        self.datasets.get(&dataset).map_or(0, |d| d.slots)
    }

    pub(crate) fn is_payee_column(&self, place: Place, point: Point) -> bool {
        self.columns.get(&place).is_some_and(|(known, _)| known.contains(&digest(point)))
    }

    /// Records of the segment in the youngest of its revisions that has a payee column.
    pub(crate) fn proven_records(&self, place: Place) -> u64 {
        let revision = self.columns.get(&place).map(|(_, revision)| *revision);
        revision.and_then(|r| self.datasets.get(&place.0)?.records(r, place.1)).unwrap_or_default()
    }

    pub(crate) fn prove(&mut self, place: Place, point: Point) {
        let revision = self.datasets[&place.0].segments[place.1 as usize].1;
        let known = self.columns.entry(place).or_default();
        known.0.insert(digest(point));
        known.1 = known.1.max(revision);
    }
}
