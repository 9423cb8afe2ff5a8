//! What the getters show.

use alloy_primitives::{Address, B256, Uint};

use super::{Ledger, Model, Place, Stage, digest};
use crate::abi::ledger as abi;

/// `Stage.Final`.
pub(crate) const FINAL: u8 = 3;

impl Ledger {
    pub(crate) fn model_view(&self, m: &Model) -> abi::Model {
        abi::Model {
            developer: m.developer,
            token: m.terms.token,
            openEpoch: m.open_epoch,
            finalEpoch: m.final_epoch,
            dissolvedAt: m.dissolved_at,
            policies: m.policies.len() as u32,
            records: self.records_enrolled(m),
            received: m.received,
            unclaimed: m.unclaimed,
        }
    }

    pub(crate) fn enrolment_view(&self, m: &Model, dataset: B256) -> abi::Enrolment {
        let Some(e) = m.enrolments.get(&dataset) else {
            return abi::Enrolment {
                enrolledBlock: 0,
                revision: 0,
                records: 0,
                exitRevision: 0,
                retiredFrom: 0,
            };
        };
        abi::Enrolment {
            enrolledBlock: e.block,
            revision: e.revision,
            records: self.registry.datasets[&dataset].revisions[e.revision as usize].0,
            exitRevision: e.exit_revision.map_or(0, |revision| revision + 1),
            retiredFrom: e.retired_from,
        }
    }

    /// What is announced and has not come into force.
    pub(crate) fn announced_view(&self, m: &Model) -> (u32, u64, Address, u64) {
        let policy = m.next_policy.as_ref();
        let attributor = m.next_attributor.as_ref();
        (
            policy.map_or(0, |next| next.value),
            policy.map_or(0, |next| next.from),
            attributor.map_or(Address::ZERO, |next| next.value),
            attributor.map_or(0, |next| next.from),
        )
    }
}

impl Model {
    pub(crate) fn epoch_view(&self, number: u64) -> abi::Epoch {
        let known = self.epochs.contains_key(&number);
        let e = self.epochs.get(&number).cloned().unwrap_or_default();
        abi::Epoch {
            stage: match e.stage {
                Stage::Open if !known => 0,
                Stage::Open => 1,
                Stage::Closed => 2,
                Stage::Final => FINAL,
            },
            attempt: e.attempt,
            policy: e.policy,
            attributor: e.attributor,
            openedAt: e.opened_at,
            poolReachedAt: e.pool_reached_at,
            committedBlock: e.committed_block,
            closedAt: e.closed_at,
            progressAt: e.progress_at,
            count: e.count,
            moved: e.moves().len() as u32,
            records: e.records(),
            scoreRoot: e.root,
            totalScore: Uint::<96, 2>::from(e.total_score),
            scoreSum: Uint::<96, 2>::from(e.score_sum()),
            revenue: e.revenue,
            carried: e.carried,
            pool: e.pool,
            paid: e.paid(),
            minPool: e.min_pool,
        }
    }

    /// The newest move, and where that is not final, the final one before.
    pub(crate) fn segment_view(&self, place: Place) -> abi::Segment {
        let mut view = abi::Segment {
            epoch: 0,
            attempt: 0,
            records: 0,
            previousEpoch: 0,
            previousAttempt: 0,
            previousRecords: 0,
        };
        let newest = self.epochs.iter().rev().find_map(|(number, e)| {
            let (attempt, moves) = e.moved.iter().rev().find(|(_, moves)| moves.contains_key(&place))?;
            Some((*number, *attempt, moves[&place].column.records))
        });
        let Some((epoch, attempt, records)) = newest else { return view };
        (view.epoch, view.attempt, view.records) = (epoch as u32, attempt, records as u32);
        // The final one before: it stays there when the newest becomes final itself.
        let earlier = self.epochs.range(..epoch).rev().filter(|(_, e)| e.stage == Stage::Final);
        let moved = earlier
            .filter_map(|(number, e)| Some((number, e.attempt, e.moves().get(&place)?.column.records)));
        if let Some((number, attempt, records)) = moved.into_iter().next() {
            view.previousEpoch = *number as u32;
            view.previousAttempt = attempt;
            view.previousRecords = records as u32;
        }
        view
    }

    pub(crate) fn column_view(&self, place: Place, epoch: u64, attempt: u32) -> B256 {
        let moved = self.epochs.get(&epoch).and_then(|e| e.moved.get(&attempt)?.get(&place));
        moved.map_or(B256::ZERO, |moved| digest(moved.column.point))
    }

    pub(crate) fn demands_view(&self) -> Vec<abi::Demand> {
        let view = |key: &(Place, u32)| {
            let ((dataset, segment), index) = key;
            let demand = &self.demands[key];
            abi::Demand {
                datasetId: *dataset,
                segment: *segment,
                index: *index,
                epoch: demand.epoch,
                deadline: demand.deadline,
                sender: demand.sender,
                bond: demand.bond,
                bondReturned: demand.bond_returned,
            }
        };
        self.demand_order.iter().map(view).collect()
    }

    pub(crate) fn claimed_view(&self, place: Place, index: u32) -> u128 {
        self.claimed.get(&(place, index)).copied().unwrap_or_default()
    }
}
