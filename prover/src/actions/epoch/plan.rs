//! What an epoch will do, computed and checked before any proving.

use apportion_circuits::{column::MaskedColumn, split::Outcome, types::Score};
use apportion_statement::policy::{Share, Shares};
use apportion_statement::{
    CheckId, EpochSums, SplitInputs, check_link, check_posted, check_posted_total, check_sums,
};
use apportion_suite::{Commitment, SuiteError};
use rand_core::OsRng;

use crate::{
    actions::scores::Posted,
    error::Error,
    ledger::{Balances, Ledger, SegmentId, State},
    setup::ProverSuite,
    witness::{self, Computed, EpochNumbers},
};

/// An epoch's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The epoch.
    pub epoch: u32,
    /// Its revenue.
    pub revenue: u128,
    /// What the epoch before left.
    pub carried: u128,
    /// The beneficiaries' shares.
    pub shares: Vec<Share>,
    /// The contributors' pool.
    pub pool: u128,
    /// The sum of all scores.
    pub total_score: u128,
}

/// What an epoch does to a segment, as far as it is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentPlan {
    /// The segment.
    pub id: SegmentId,
    /// The numbers of its statement.
    pub numbers: SplitInputs,
}

impl Plan {
    /// Plans an epoch: it must be the next one, and its pool within bounds (V3.order, V6, V7).
    pub fn new(state: &State, epoch: u32, revenue: u128, total_score: u128) -> Result<Self, Error> {
        Self::check_order(state, epoch)?;
        let carried = state.carried();
        let Shares { shares, pool } = state.ledger.policy.split(revenue, carried)?;
        state.lifetime.clone().add(pool, carried)?;
        Ok(Self { epoch, revenue, carried, shares, pool, total_score })
    }

    /// Epochs are proven in order, each once.
    pub fn check_order(state: &State, epoch: u32) -> Result<(), Error> {
        let next = state.next_epoch();
        if epoch < next {
            return Err(Error::usage(format!("epoch {epoch} is proven already; epoch {next} is next")));
        }
        if epoch > next {
            return Err(Error::usage(format!("epoch {next} comes before epoch {epoch}")));
        }
        Ok(())
    }

    /// The numbers that all segments share.
    pub fn numbers(&self) -> EpochNumbers {
        EpochNumbers { pool: self.pool, total_score: self.total_score }
    }

    /// Computes what the epoch does to one segment.
    pub fn outcome<S: ProverSuite>(
        &self,
        ledger: &Ledger,
        posted: &Posted,
        id: SegmentId,
    ) -> Result<Computed, Error> {
        let scores = posted.opening::<S>(&ledger.state, self.epoch, id)?;
        self.outcome_of::<S>(ledger, id, scores.values())
    }

    /// Computes what scores do to one segment.
    pub fn outcome_of<S: ProverSuite>(
        &self,
        ledger: &Ledger,
        id: SegmentId,
        scores: &[Score],
    ) -> Result<Computed, Error> {
        let old = old_balances::<S>(ledger, id)?;
        witness::outcome(ledger.state.ledger.tier, self.numbers(), old.values(), scores)
            .map_err(|source| Error::Clause { dataset: id.dataset, segment: id.segment, source })
    }

    /// Computes every segment, and checks what auditors will: openings against posted commitments, balances
    /// against the last epoch's columns, sums (V3.old, V4, V5).
    pub fn segments<S: ProverSuite>(
        &self,
        ledger: &Ledger,
        posted: &Posted,
        commit: impl Fn(&MaskedColumn<S::F>) -> Result<Commitment, SuiteError>,
    ) -> Result<Vec<SegmentPlan>, Error> {
        let state = &ledger.state;
        check_posted_total(posted.doc.total_score.0, self.total_score)?;
        let mut segments = Vec::new();
        for id in state.moving(self.epoch) {
            let opening = posted.opening::<S>(state, self.epoch, id)?;
            if let Some(posted) = posted.commitment(id) {
                check_posted(posted, &commit(&opening.column(state.ledger.tier))?)?;
            }
            if let Some(current) = state.history.balance(id.dataset, id.segment) {
                let old = old_balances::<S>(ledger, id)?;
                check_link(CheckId::V3Old, current, &commit(&old.column(state.ledger.tier))?)?;
            }
            let outcome = self.outcome_of::<S>(ledger, id, opening.values())?;
            segments.push(self.segment(state, id, &outcome));
        }
        self.check_sums(state, &segments)?;
        Ok(segments)
    }

    /// The public part of an outcome.
    pub fn segment(&self, state: &State, id: SegmentId, outcome: &Outcome) -> SegmentPlan {
        let numbers = SplitInputs {
            segment_score: outcome.segment_score,
            segment_paid: outcome.segment_paid,
            pool: self.pool,
            total_score: self.total_score,
            genesis: state.history.genesis(id.dataset, id.segment),
        };
        SegmentPlan { id, numbers }
    }

    /// V5; returns the dust.
    pub fn check_sums(&self, state: &State, segments: &[SegmentPlan]) -> Result<u128, Error> {
        let mut sums = EpochSums::default();
        segments.iter().for_each(|s| sums.add(s.numbers.segment_score, s.numbers.segment_paid));
        Ok(check_sums(&sums, self.pool, self.total_score, state.accounts(self.epoch))?)
    }
}

/// A segment's current balances: zero, under any mask, before its first settled epoch.
pub(super) fn old_balances<S: ProverSuite>(ledger: &Ledger, id: SegmentId) -> Result<Balances<S::F>, Error> {
    let state = &ledger.state;
    match state.settled(id) {
        None => Ok(Balances::new(state.ledger.tier, &[], 0, &mut OsRng)),
        Some(epoch) => {
            let context = state.split_context(id, epoch)?;
            Ok(ledger.private.balances(epoch).read_segment(id, &context)?)
        }
    }
}
