//! `open`, `deposit`, `commitScores`, `closeEpoch` and `settle`.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolValue;
use apportion_circuits::types::Word;
use apportion_statement::{
    Commitment,
    scores::{self, ScoreLeaf},
};

use super::{
    Against, Column, Epoch, Fault, Ledger, Model, Moved, Place, Point, Reasons, Relation, Stage, short,
};
use crate::abi::ledger::{
    EpochClosed, EpochFinal, EpochOpened, Move, PoolReached, RevenueDeposited, ScoresCommitted, SegmentMoved,
    closeEpochCall, commitScoresCall, depositCall, openCall, settleCall,
};

/// A point as the files have it.
pub(crate) fn commitment(point: Point) -> Commitment {
    Commitment([point[0].to_be_bytes::<32>(), point[1].to_be_bytes::<32>()].concat())
}

impl Ledger {
    /// The policy and the attributor that an epoch opening now has.
    pub(crate) fn terms_now(&self, m: &Model) -> (u32, Address) {
        let policy = m.next_policy.as_ref().filter(|next| next.from <= self.now);
        let attributor = m.next_attributor.as_ref().filter(|next| next.from <= self.now);
        (policy.map_or(m.policy, |next| next.value), attributor.map_or(m.attributor, |next| next.value))
    }

    /// The developer opens the first epoch.
    pub(crate) fn open(&mut self, from: Address, call: &openCall) -> Result<(), Reasons> {
        let id = call.modelId;
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(m.dissolved_at != 0, "ModelDissolved");
        no.when(from != m.developer && !self.is(Fault::StrangersOpen), "NotDeveloper");
        no.when(m.open_epoch != 0, "AlreadyOpen");
        no.when(m.enrolments.is_empty(), "NothingEnrolled");
        no.verdict()?;
        self.model_mut(id).open_epoch = 1;
        self.open_epoch(id);
        Ok(())
    }

    fn open_epoch(&mut self, id: B256) {
        self.take_force(id);
        let m = &self.models[&id];
        let mut min_pool = u128::from(m.terms.minPool) * u128::from(self.records_enrolled(m));
        if let Some(before) = m.epochs.get(&(m.open_epoch - 1))
            && !self.is(Fault::MinimumsGrowAtWill)
        {
            min_pool = min_pool.min(2 * before.min_pool);
        }
        let (number, policy, attributor) = (m.open_epoch, m.policy, m.attributor);
        let opened_at = self.now;
        let e = Epoch { policy, attributor, opened_at, min_pool, ..Epoch::default() };
        self.model_mut(id).epochs.insert(number, e);
        self.emit(&EpochOpened {
            modelId: id,
            epoch: U256::from(number),
            policy: U256::from(policy),
            attributor,
            minPool: U256::from(min_pool),
        });
    }

    /// Notes when the pool of the open epoch first reached its minimum.
    fn note_pool(&mut self, id: B256) {
        let again = self.is(Fault::EveryDepositRestartsTheWindow);
        let now = self.now;
        let m = self.model_mut(id);
        let number = m.open_epoch;
        let Some(e) = m.epochs.get(&number) else { return };
        let reached = e.pool_reached_at == 0 && m.contributors_part(e) >= e.min_pool;
        if reached || (again && e.pool_reached_at != 0) {
            m.epochs.get_mut(&number).unwrap().pool_reached_at = now;
        }
        if reached {
            self.emit(&PoolReached { modelId: id, epoch: U256::from(number) });
        }
    }

    pub(crate) fn deposit(&mut self, from: Address, call: &depositCall) -> Result<(), Reasons> {
        let id = call.modelId;
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(m.dissolved_at != 0 && !self.is(Fault::DissolvedTakesDeposits), "ModelDissolved");
        let number = m.open_epoch.max(1);
        no.when(call.epoch != number && !self.is(Fault::DepositGoesToTheOpenEpoch), "WrongEpoch");
        no.when(m.open_epoch == 0 && !self.is(Fault::DepositsOpen), "NotOpen");
        no.when(m.open_epoch == 0 && m.enrolments.is_empty(), "NothingEnrolled");
        let (policy, attributor) = match m.epochs.get(&number) {
            Some(e) => (e.policy, e.attributor),
            None => self.terms_now(m),
        };
        let any = self.is(Fault::DepositTakesAnyTerms);
        no.when(policy != call.policy && !any, "WrongPolicy");
        no.when(attributor != call.attributor && !any, "WrongAttributor");
        let amount = U256::from(call.amount);
        no.when(amount.is_zero(), "NothingReceived");
        let token = &self.tokens[&m.terms.token];
        no.when(!token.payers.contains(&from) && !amount.is_zero(), "ERC20InsufficientAllowance");
        no.when(token.balances.get(&from).copied().unwrap_or_default() < amount, "ERC20InsufficientBalance");
        no.when(amount > U256::from((1u128 << 127) - 1 - m.received), "RevenueLimit");
        no.verdict()?;
        let token = m.terms.token;
        // By that fault only.
        if m.open_epoch == 0 {
            self.model_mut(id).open_epoch = 1;
            self.open_epoch(id);
        }
        let m = self.model_mut(id);
        m.received += call.amount;
        m.epochs.get_mut(&number).unwrap().revenue += call.amount;
        self.emit(&RevenueDeposited {
            modelId: id,
            epoch: U256::from(number),
            from,
            sent: amount,
            received: amount,
        });
        self.note_pool(id);
        self.transfer(token, from, self.address, call.amount);
        Ok(())
    }

    pub(crate) fn commit(&mut self, from: Address, call: &commitScoresCall) -> Result<(), Reasons> {
        let id = call.modelId;
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(m.dissolved_at != 0, "ModelDissolved");
        let total = call.totalScore.to::<u128>();
        no.when(total == 0 || total >> 80 != 0, "InvalidCommitment");
        no.when(call.count == 0, "InvalidCommitment");
        no.when(call.root.is_zero(), "InvalidCommitment");
        let Some(e) = m.epochs.get(&call.epoch) else {
            no.0.push("NotAttributor");
            return Err(no.0);
        };
        no.when(from != e.attributor, "NotAttributor");
        no.when(e.stage == Stage::Final, "WrongStage");
        let stalled = self.now > e.progress_at + u64::from(m.terms.settleWindow);
        let early = e.stage == Stage::Closed && !stalled && !self.is(Fault::AttemptsAtAnyTime);
        no.when(early, "TooEarly");
        no.verdict()?;
        let (now, block) = (self.now, self.block);
        let (keep, restart) =
            (self.is(Fault::MovesOutliveTheirAttempt), self.is(Fault::AttemptsRestartTheExit));
        let e = self.model_mut(id).epochs.get_mut(&call.epoch).unwrap();
        if e.stage == Stage::Closed {
            let before = e.moves();
            e.attempt += 1;
            e.progress_at = now;
            if keep {
                e.moved.insert(e.attempt, before);
            }
            if restart {
                e.closed_at = now;
            }
        }
        (e.root, e.total_score, e.count, e.committed_block) = (call.root, total, call.count, block);
        let attempt = e.attempt;
        self.emit(&ScoresCommitted {
            modelId: id,
            epoch: U256::from(call.epoch),
            attempt: U256::from(attempt),
            root: call.root,
            totalScore: U256::from(total),
            count: U256::from(call.count),
        });
        Ok(())
    }

    pub(crate) fn close(&mut self, from: Address, call: &closeEpochCall) -> Result<(), Reasons> {
        let id = call.modelId;
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(m.dissolved_at != 0, "ModelDissolved");
        no.when(call.epoch != m.open_epoch || call.epoch == 0, "WrongEpoch");
        no.when(m.closed().is_some() && !self.is(Fault::TwoEpochsWait), "EpochPending");
        no.when(self.overdue(m) && !self.is(Fault::OverdueDemandsStopNothing), "DemandOverdue");
        let e = m.open();
        no.when(e.committed_block == 0, "NotCommitted");
        no.when(call.scoreRoot != e.root, "WrongScoreRoot");
        no.when(e.pool_reached_at == 0 && !self.is(Fault::DustCloses), "PoolTooSmall");
        let early = self.now <= e.pool_reached_at + u64::from(m.terms.openWindow);
        let early = early && !self.is(Fault::AnyoneClosesAtOnce) || self.is(Fault::OnlyTheDeveloperCloses);
        no.when(from != m.developer && early, "TooEarly");
        no.verdict()?;
        let (now, number) = (self.now, m.open_epoch);
        let up = self.is(Fault::SharesRoundUp);
        let mut pool = m.pool_of(&e);
        if up {
            pool -= m.shares(&e).len() as u128;
        }
        let m = self.model_mut(id);
        let e = m.epochs.get_mut(&number).unwrap();
        (e.stage, e.pool, e.closed_at, e.progress_at) = (Stage::Closed, pool, now, now);
        let event = EpochClosed {
            modelId: id,
            epoch: U256::from(number),
            scoreRoot: e.root,
            revenue: U256::from(e.revenue),
            carried: U256::from(e.carried),
            pool: U256::from(e.pool),
        };
        m.open_epoch += 1;
        self.emit(&event);
        self.open_epoch(id);
        Ok(())
    }

    /// V2.
    pub(crate) fn context(&self, model: B256, epoch: u64, place: Place) -> U256 {
        let domain = keccak256("apportion.split.v1");
        let (chain, epoch) = (U256::from(self.chain_id), U256::from(epoch));
        let words = (domain, chain, self.address, model, epoch, place.0, U256::from(place.1));
        short(keccak256(words.abi_encode()))
    }

    pub(crate) fn split_inputs(
        &self,
        model: B256,
        epoch: u64,
        place: Place,
        records: u64,
        (score, paid): (u128, u128),
    ) -> Vec<U256> {
        let m = &self.models[&model];
        let e = m.epochs.get(&epoch).cloned().unwrap_or_default();
        let genesis = m.balance(place).is_none();
        let context = self.context(model, epoch, place);
        let genesis = u128::from(genesis);
        let numbers = [score, paid, e.pool, e.total_score, genesis, u128::from(records)];
        numbers.into_iter().map(U256::from).chain([context]).collect()
    }

    pub(crate) fn settle(&mut self, call: &settleCall, from: Address) -> Result<(), Reasons> {
        let id = call.modelId;
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(m.dissolved_at != 0, "ModelDissolved");
        no.when(from != m.developer && self.is(Fault::OnlyTheDeveloperSettles), "NotDeveloper");
        let closed = m.closed().filter(|(number, _)| *number == call.epoch);
        no.when(closed.is_none(), "WrongStage");
        no.verdict()?;
        let before = self.clone();
        for (number, list) in call.moves.iter().enumerate() {
            // A move of the batch may be refused for what an earlier one of it did.
            if let Err(reasons) = self.settle_one(id, call.epoch, list) {
                // All proofs are checked together, after everything else.
                let later = call.moves.iter().skip(number + 1).any(|m| !self.proof_holds(id, call.epoch, m));
                let mut reasons = reasons;
                if later {
                    reasons.extend(["ProofRejected", "Invalid"]);
                }
                *self = before;
                return Err(reasons);
            }
        }
        let m = &self.models[&id];
        let e = &m.epochs[&call.epoch];
        if self.events.is_empty() {
            return Err(vec!["NothingToSettle"]);
        }
        if e.moves().len() == e.count as usize {
            let outcome = self.finish(id, call.epoch);
            if outcome.is_err() {
                *self = before;
            }
            return outcome;
        }
        Ok(())
    }

    fn proof_holds(&self, id: B256, epoch: u64, given: &Move) -> bool {
        let place = (given.datasetId, given.segment);
        let records = self.registry.datasets.get(&place.0).and_then(|d| d.records(given.revision, place.1));
        let numbers = (given.segmentScore.to::<u128>(), given.segmentPaid);
        let inputs = self.split_inputs(id, epoch, place, records.unwrap_or_default(), numbers);
        self.proofs.contains_key(&(Relation::Split, given.proof.clone(), inputs))
    }

    fn settle_one(&mut self, id: B256, number: u64, given: &Move) -> Result<(), Reasons> {
        let m = &self.models[&id];
        let e = &m.epochs[&number];
        let place = (given.datasetId, given.segment);
        if e.moves().contains_key(&place) {
            return Ok(());
        }
        let mut no = Against::default();
        let Some(dataset) = self.registry.datasets.get(&place.0) else {
            return Err(vec!["UnknownDataset", "NotEnrolled", "TooYoung"]);
        };
        let enrolment = m.enrolments.get(&place.0);
        let young = enrolment.is_none_or(|en| en.block >= e.committed_block);
        no.when(enrolment.is_none_or(|en| en.revision < given.revision), "NotEnrolled");
        no.when(young, "TooYoung");
        if self.is(Fault::RetirementStopsMoves) {
            no.when(enrolment.is_some_and(|e| e.retired_from != 0), "AlreadyRetired");
        }
        let Some((_, block)) = dataset.revisions.get(given.revision as usize) else {
            no.0.push("UnknownRevision");
            return Err(no.0);
        };
        no.when(*block >= e.committed_block && !self.is(Fault::RevisionOfTheSameBlock), "TooYoung");
        let newest = self.is(Fault::RecordsOfTheNewestRevision);
        let revision = if newest { dataset.newest() } else { given.revision };
        let records = dataset.records(revision, place.1).unwrap_or_default();
        let before = m.balance(place).map_or(0, |(_, column)| column.records);
        no.when(records == 0 || records < before, "InvalidRevision");

        let proven = self.registry.proven_records(place) >= records && records > 0;
        no.when(!proven && !self.is(Fault::PayeesUnproven), "PayeesNotProven");
        let (score, paid) = (given.segmentScore.to::<u128>(), given.segmentPaid);
        no.when(score == 0, "ZeroScore");
        no.when(e.score_sum().saturating_add(score) > e.total_score, "ScoreSumExceeded");
        no.when(e.paid().saturating_add(paid) > e.pool, "PoolExceeded");
        let inputs = self.split_inputs(id, number, place, records, (score, paid));
        let linked = self.proofs.get(&(Relation::Split, given.proof.clone(), inputs)).cloned();
        let Some(linked) = linked else {
            no.0.push("ProofRejected");
            return Err(no.0);
        };
        let old = m.balance(place).map(|(_, column)| column.point);
        no.when(old.is_some_and(|old| old != linked[0]), "OldColumnMismatch");
        let leaf = ScoreLeaf {
            dataset: Word(place.0.0),
            segment: place.1,
            revision: given.revision,
            score,
            commitment: &commitment(linked[2]),
        };
        let path: Vec<_> = given.path.iter().map(|word| Word(word.0)).collect();
        let listed =
            scores::verify(Word(e.root.0), e.count as usize, given.position as usize, leaf.hash(), &path);
        no.when(!listed, "ScoreNotShown");
        no.verdict()?;
        let (now, attempt) = (self.now, e.attempt);
        let column = Column { point: linked[1], records, score };
        self.emit(&SegmentMoved {
            modelId: id,
            epoch: U256::from(number),
            datasetId: place.0,
            segment: U256::from(place.1),
            attempt: U256::from(attempt),
            records: U256::from(records),
            segmentScore: U256::from(score),
            segmentPaid: U256::from(paid),
            x: linked[1][0],
            y: linked[1][1],
        });
        let e = self.model_mut(id).epochs.get_mut(&number).unwrap();
        e.moved.entry(attempt).or_default().insert(place, Moved { column, paid });
        e.progress_at = now;
        Ok(())
    }

    /// With the last segment the epoch is final, if its sums hold.
    fn finish(&mut self, id: B256, number: u64) -> Result<(), Reasons> {
        let e = &self.models[&id].epochs[&number];
        let mut no = Against::default();
        let dust = e.pool - e.paid();
        no.when(e.score_sum() != e.total_score && !self.is(Fault::ScoreSumUnchecked), "ScoreSumMismatch");
        no.when(dust >= u128::from(e.records()) && !self.is(Fault::DustUnbounded), "DustTooLarge");
        no.verdict()?;
        let (paid, attempt) = (e.paid(), e.attempt);
        let lost = self.is(Fault::CarriedIsLost);
        let m = self.model_mut(id);
        m.epochs.get_mut(&number).unwrap().stage = Stage::Final;
        m.final_epoch = number;
        m.unclaimed += paid;
        if !lost {
            m.epochs.get_mut(&(number + 1)).unwrap().carried = dust;
        }
        self.emit(&EpochFinal {
            modelId: id,
            epoch: U256::from(number),
            attempt: U256::from(attempt),
            paid: U256::from(paid),
            dust: U256::from(dust),
        });
        Ok(())
    }

    /// A proof of this statement becomes valid.
    pub(crate) fn accept(&mut self, relation: Relation, proof: Bytes, inputs: Vec<U256>, linked: Vec<Point>) {
        self.proofs.insert((relation, proof, inputs), linked);
    }
}
