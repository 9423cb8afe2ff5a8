//! Deposits, scores and moves.

use alloy_primitives::{Address, B256, U256, Uint};
use apportion_circuits::types::Word;
use apportion_statement::scores::{ScoreLeaf, ScoreTree};

use super::{Step, Twist};
use crate::{
    abi::ledger::{Move, commitScoresCall, depositCall, settleCall},
    model::{Epoch, Model, Point, Relation, commitment},
    run::{Action, Call, Run, Scored},
    world::TIER,
};

impl Step {
    pub(super) fn deposit(&self, run: &Run, id: B256, m: &Model) -> Action {
        let epoch = m.open_epoch.max(1);
        let (policy, attributor) = match m.epochs.get(&epoch) {
            Some(e) => (e.policy, e.attributor),
            None => run.model.terms_now(m),
        };
        let missing = m.open().min_pool * 3;
        let amount = match self.twist {
            Twist::Zero => 0,
            // Close to, or beyond, what a life may bring.
            Twist::Huge => (1 << 127) - 1 - u128::from(self.part(80, 3)),
            Twist::Little => 1,
            _ => match self.part(81, 4) {
                0 => 1 + u128::from(self.part(82, 100)),
                1 => missing + 1,
                _ => missing + u128::from(self.part(83, 1 << 40)),
            },
        };
        let (policy, attributor) = match self.twist {
            Twist::Order => (policy + 1, attributor),
            Twist::Account => (policy, self.anybody(84)),
            _ => (policy, attributor),
        };
        Action::Ledger(Call::deposit(depositCall { modelId: id, epoch, amount, policy, attributor }), 0)
    }

    /// The open epoch's scores, or another attempt at the closed one's.
    pub(super) fn commit(&self, run: &mut Run, id: B256, m: &Model) -> (Address, Action) {
        let closed = m.closed().map(|(number, e)| (number, e.clone()));
        let again = closed.filter(|_| self.part(90, 2) == 0);
        let (number, e) = again.unwrap_or_else(|| (m.open_epoch, m.open()));
        let list = self.scores(run, m);
        let leaves: Vec<_> = list.iter().map(leaf).collect();
        let root = B256::from(ScoreTree::of(&leaves).root().0);
        let mut total: u128 = list.iter().map(Scored::sum).sum();
        let mut count = list.len() as u32;
        run.posted.insert(root, list);
        match self.twist {
            Twist::Little if self.part(91, 2) == 0 => total += 1,
            Twist::Little => count += 1,
            Twist::Huge => total = 1 << 80,
            Twist::Zero if self.part(92, 2) == 0 => total = 0,
            Twist::Zero => count = 0,
            _ => {}
        }
        let call = commitScoresCall {
            modelId: id,
            epoch: number,
            root: if self.is(Twist::Length) { B256::ZERO } else { root },
            totalScore: Uint::<96, 2>::from(total),
            count,
        };
        let by = if e.attributor.is_zero() { m.attributor } else { e.attributor };
        (by, Action::Ledger(Call::commitScores(call), 0))
    }

    /// Scores of segments that could move: in their enrolled revision mostly.
    pub(super) fn scores(&self, run: &mut Run, m: &Model) -> Vec<Scored> {
        let mut list = Vec::new();
        for (dataset, enrolment) in &m.enrolments {
            let known = &run.model.registry.datasets[dataset];
            let newest = known.newest();
            let revision = if self.part(93, 6) == 0 { newest } else { enrolment.revision };
            let segments = known.revisions[revision as usize].0.div_ceil(known.accounts()) as u32;
            for segment in 0..segments {
                let records = known.records(revision, segment).unwrap_or_default();
                let salt = u64::from(segment) * 97 + u64::from(dataset.0[0]);
                let skip = self.part(94 + salt, 6) == 0;
                if records == 0 || (skip && !list.is_empty()) {
                    continue;
                }
                // Few have a score: payouts are looked at one by one.
                let score = |slot: u64| match self.part(95 + salt + slot, 3) {
                    0 if slot != 1 => 0,
                    _ => 1 + self.part(96 + salt + slot, 1 << 20),
                };
                let scores = (0..records).map(score).collect();
                list.push(((*dataset, segment), revision, scores));
            }
        }
        list.into_iter()
            .map(|(place, revision, scores)| Scored { place, revision, scores, point: run.fresh() })
            .collect()
    }

    /// Segments that did not move yet, mostly; with real shares.
    pub(super) fn settle(&self, run: &mut Run, id: B256, m: &Model) -> Action {
        let (number, e) = match m.closed() {
            Some((number, e)) => (number, e.clone()),
            None => (m.open_epoch, m.open()),
        };
        let list = run.posted.get(&e.root).cloned().unwrap_or_default();
        let leaves: Vec<_> = list.iter().map(leaf).collect();
        let moved = e.moves();
        let mut moves = Vec::new();
        let all = self.part(100, 2) == 0;
        for (position, scored) in list.iter().enumerate() {
            let again = self.is(Twist::Order) || self.part(101, 12) == 0;
            if (moved.contains_key(&scored.place) && !again) || (!all && !moves.is_empty()) {
                continue;
            }
            moves.push(self.one_move(run, id, m, (number, &e), scored, position, &leaves));
        }
        if self.is(Twist::Length) {
            moves.clear();
        }
        Action::Ledger(Call::settle(settleCall { modelId: id, epoch: number, moves }), 0)
    }

    #[allow(clippy::too_many_arguments, reason = "all of a move")]
    pub(super) fn one_move(
        &self,
        run: &mut Run,
        id: B256,
        m: &Model,
        (number, e): (u64, &Epoch),
        scored: &Scored,
        position: usize,
        leaves: &[Word],
    ) -> Move {
        let place = scored.place;
        let known = m.balance(place).map(|(_, column)| column.point);
        let old = known.unwrap_or_else(|| run.fresh());
        let zeros = vec![0u128; TIER.slots()];
        let balances = known.and_then(|old| run.columns.get(&old)).unwrap_or(&zeros).clone();
        let total = U256::from(e.total_score.max(1));
        let payout =
            |score: &u64| -> u128 { (U256::from(e.pool) * U256::from(*score) / total).saturating_to() };
        let payouts: Vec<u128> = scored.scores.iter().map(payout).collect();
        let mut new_balances = balances;
        new_balances.iter_mut().zip(&payouts).for_each(|(b, p)| *b = b.saturating_add(*p));
        let new = run.fresh();
        run.columns.insert(new, new_balances);
        let (mut score, mut paid) = (scored.sum(), payouts.iter().fold(0u128, |a, b| a.saturating_add(*b)));
        let mut linked: Vec<Point> = vec![old, new, scored.point];
        match self.twist {
            // What only a broken proof system allows.
            Twist::Little if self.part(102, 2) == 0 => score += 1,
            Twist::Little => paid = paid.saturating_sub(1 + u128::from(self.part(103, 300))),
            Twist::Huge if self.part(102, 2) == 0 => score = (1 << 96) - 1,
            Twist::Huge => paid = e.pool + 1,
            Twist::Zero => (score, paid) = (0, 0),
            Twist::Column => linked[2 * self.part(104, 2) as usize] = run.fresh(),
            _ => {}
        }
        let revision = if self.is(Twist::Order) && self.part(105, 2) == 0 {
            scored.revision + 1
        } else {
            scored.revision
        };
        let records = run.model.registry.datasets[&place.0].records(revision, place.1).unwrap_or_default();
        let inputs = run.model.split_inputs(id, number, place, records, (score, paid));
        let proof = run.accept(Relation::Split, inputs, linked);
        let path = ScoreTree::of(leaves).path(position).unwrap_or_default();
        Move {
            datasetId: place.0,
            segment: place.1,
            revision,
            position: position as u32,
            segmentScore: Uint::<96, 2>::from(score),
            segmentPaid: paid,
            path: path.into_iter().map(|word| B256::from(word.0)).collect(),
            proof,
        }
    }
}

pub(super) fn leaf(scored: &Scored) -> Word {
    let commitment = commitment(scored.point);
    ScoreLeaf {
        dataset: Word(scored.place.0.0),
        segment: scored.place.1,
        revision: scored.revision,
        score: scored.sum(),
        commitment: &commitment,
    }
    .hash()
}
