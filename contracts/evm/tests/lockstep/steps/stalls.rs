//! Demands, answers and exits.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, Uint};
use apportion_statement::scores::ScoreTree;

use super::{Step, Twist, epochs::leaf, payout::receipt};
use crate::{
    abi::ledger::{Account, Exit, RecordPath, answerCall, demandCall},
    model::{Model, Place, Point, Stage},
    openings::open,
    run::{Action, Call, Run},
    world::{TIER, record_path, stranger},
};

impl Step {
    pub(super) fn demand(&self, run: &Run, id: B256, m: &Model) -> Action {
        let mut places: Vec<Place> = Vec::new();
        for dataset in m.enrolments.keys() {
            places.extend((0..2).map(|segment| (*dataset, segment)).filter(|p| m.balance(*p).is_some()));
        }
        let place = self.pick(130, &places).copied().unwrap_or((run.sources[0].id, 0));
        let records = m.balance(place).map_or(1, |(_, column)| column.records);
        let above = u64::from(self.is(Twist::Little));
        let slot = (self.part(131, records) + above * records).min(61) as usize;
        let record = self.record(run, place, slot);
        let bond = m.terms.demandBond;
        let value = if self.is(Twist::Huge) { bond + 1 } else { bond };
        let call = demandCall { modelId: id, datasetId: place.0, segment: place.1, record };
        Action::Ledger(Call::demand(call), value)
    }

    pub(super) fn record(&self, run: &Run, place: Place, slot: usize) -> RecordPath {
        let source = &run.sources[run.number(place.0)];
        let known = &run.model.registry.datasets[&source.id];
        // Often the path of an older revision: an extension makes none useless.
        let newest = known.newest() as u64;
        let revision = if self.part(141, 2) == 0 { self.part(142, newest + 1) } else { newest };
        let count = known.revisions[revision as usize].0 as usize;
        let mut path = record_path(source, count, place.1 as usize * TIER.accounts() + slot);
        match self.twist {
            Twist::Account => path.payee = self.anybody(132),
            Twist::Zero => path.payee = Address::ZERO,
            Twist::Length => drop(path.siblings.pop()),
            Twist::Order => path.siblings[0].swap(0, 1),
            Twist::Column => path.siblings[1][0] += crate::model::modulus(),
            _ => {}
        }
        path
    }

    pub(super) fn answer(&self, run: &mut Run, id: B256, m: &Model) -> Action {
        let mut of: BTreeMap<(Place, u64), Vec<u32>> = BTreeMap::new();
        for ((place, index), demand) in &m.demands {
            if of.is_empty() || self.part(133, 2) == 0 {
                of.entry((*place, demand.epoch)).or_default().push(*index);
            }
        }
        let mut receipts = Vec::new();
        for ((place, number), indices) in of {
            let column = m.epochs.get(&number).and_then(|e| Some(e.moves().get(&place)?.column.point));
            let mut columns = (self.payee_column(run, place), column.unwrap_or_else(|| run.fresh()));
            if self.is(Twist::Column) {
                columns.1 = run.fresh();
            }
            let accounts =
                indices.into_iter().map(|slot| self.account(run, id, place, columns, slot)).collect();
            receipts.push(receipt(place, number, columns, accounts));
        }
        if self.is(Twist::Length) {
            receipts.clear();
        }
        Action::Ledger(Call::answer(answerCall { modelId: id, receipts }), 0)
    }

    pub(super) fn exits(&self, run: &mut Run, m: &Model) -> Vec<Exit> {
        let empty = |place: Place| Exit {
            datasetId: place.0,
            segment: place.1,
            revision: 0,
            position: 0,
            segmentScore: Uint::ZERO,
            scores: [U256::ZERO; 2],
            path: vec![],
            records: vec![],
            payees: [U256::ZERO; 2],
            accounts: vec![],
        };
        let mut exits = Vec::new();
        let mut bounds: Vec<u64> = Vec::new();
        match m.last_final().filter(|e| e.stage == Stage::Final) {
            Some(e) => {
                let list = run.posted.get(&e.root).cloned().unwrap_or_default();
                let leaves: Vec<_> = list.iter().map(leaf).collect();
                for (position, scored) in list.iter().enumerate() {
                    let mut exit = empty(scored.place);
                    exit.revision = scored.revision;
                    exit.position = position as u32;
                    exit.segmentScore = Uint::<96, 2>::from(scored.sum());
                    exit.scores = scored.point;
                    let path = ScoreTree::of(&leaves).path(position).unwrap_or_default();
                    exit.path = path.into_iter().map(|word| B256::from(word.0)).collect();
                    exits.push(exit);
                    bounds.push(scored.scores.len() as u64);
                }
            }
            None => {
                for (dataset, enrolment) in &m.enrolments {
                    let known = &run.model.registry.datasets[dataset];
                    for segment in 0..known.segments.len() as u32 {
                        let revision = enrolment.exit_revision.unwrap_or(enrolment.revision);
                        exits.push(empty((*dataset, segment)));
                        bounds.push(known.records(revision, segment).unwrap_or_default());
                    }
                }
            }
        }
        for (exit, below) in exits.iter_mut().zip(bounds) {
            let place = (exit.datasetId, exit.segment);
            exit.payees = self.payee_column(run, place);
            // Sometimes one record more than was counted.
            let below = below + u64::from(self.is(Twist::Little)) + u64::from(self.part(134, 8) == 0);
            let slots = [self.part(135, below), self.part(136, below)].map(|slot| slot.min(61) as usize);
            for (i, slot) in slots.into_iter().enumerate() {
                if self.part(137 + i as u64, 2) == 0 {
                    exit.records.push(self.record(run, place, slot));
                } else {
                    exit.accounts.push(self.opened_payee(run, place, exit.payees, slot as u32));
                }
            }
        }
        match self.twist {
            Twist::Huge => exits.iter_mut().for_each(|exit| exit.segmentScore += Uint::<96, 2>::from(1)),
            Twist::Proof => exits.iter_mut().for_each(|exit| exit.position ^= 1),
            _ => {}
        }
        if exits.len() > 1 && self.part(139, 2) == 0 {
            exits.truncate(1);
        }
        exits
    }

    pub(super) fn opened_payee(&self, run: &Run, place: Place, column: Point, slot: u32) -> Account {
        let source = &run.sources[run.number(place.0)];
        let record = place.1 as usize * TIER.accounts() + slot as usize;
        let mut payee = source.records.get(record).map_or(stranger(), |r| Address::from(r.payee.0));
        let value = U256::from_be_slice(payee.as_slice());
        let proof = open(64, (column, [U256::ZERO; 2]), slot, U256::ZERO, value);
        if self.is(Twist::Account) {
            payee = self.anybody(140);
        }
        Account { index: slot, payee, cumulative: 0, proof }
    }
}
