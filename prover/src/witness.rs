//! From a ledger's secrets to what Split takes: one value per segment, computed once.

use apportion_circuits::{
    column::MaskedColumn,
    field::SuiteField,
    relation::Violation,
    split::{self, Outcome, SplitInstance, SplitWitness},
    types::{Score, Tier},
};
use apportion_secrets::{WitnessDigest, WitnessHasher};
use apportion_statement::{CheckId, Commitment, SegmentId, history, inputs, inputs::SplitNumbers};
use zeroize::Zeroizing;

use crate::{
    error::Error,
    ledger::{Ledger, Opening},
    prove::Link,
};

/// An epoch's numbers that all segments share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochNumbers {
    /// The epoch, from 1.
    pub epoch: u32,
    /// The contributors' pool, in the token's base units.
    pub pool: u128,
    /// The sum of all scores.
    pub total_score: u128,
}

/// One segment's move: values, commitments and statement, each computed once and checked against what the
/// ledger and the attributor say. Values are kept and not columns, which are made again of them when the
/// segment's turn comes: an epoch of many segments must fit in memory. Secret.
pub struct SegmentEpoch<F: SuiteField> {
    /// The segment.
    pub id: SegmentId,
    /// Slots of it.
    pub tier: Tier,
    /// The public numbers.
    pub numbers: SplitNumbers,
    /// What is proven.
    pub instance: SplitInstance<F>,
    /// Balances before, one an account.
    pub old: Zeroizing<Vec<u128>>,
    /// Balances after, one an account.
    pub new: Zeroizing<Vec<u128>>,
    /// Scores, and the attributor's mask over them.
    pub scores: Opening<F>,
    /// Commitment to the balances before; `None` in a segment's first move, which starts from zeros under any mask.
    pub old_column: Link,
    /// Commitment to the balances after.
    pub new_column: Commitment,
    /// Commitment to the scores.
    pub score_column: Commitment,
    epoch: u32,
    old_epoch: u32,
}

/// What a segment starts from in an epoch.
pub struct Start {
    /// The segment.
    pub id: SegmentId,
    /// Its balances before, one an account.
    pub old: Zeroizing<Vec<u128>>,
    /// The dataset's revision whose number of records it moves with.
    pub revision: u32,
}

impl Start {
    /// What a segment that moves under a revision starts from.
    ///
    /// # Errors
    /// If its balances are missing or damaged.
    pub fn of(ledger: &Ledger, id: SegmentId, revision: u32) -> Result<Self, Error> {
        Ok(Self { id, old: ledger.old_balances(id)?, revision })
    }

    /// Computes what scores do to the segment, and the public numbers of that.
    ///
    /// # Errors
    /// The clause that no witness could satisfy: S7 where a slot without a record has a score.
    pub fn outcome(
        &self,
        ledger: &Ledger,
        epoch: EpochNumbers,
        scores: &[Score],
    ) -> Result<(Outcome, SplitNumbers), Error> {
        let id = self.id;
        let clause = |source| Error::Clause { id, source };
        let outcome = outcome(ledger.tier(id)?, epoch, &self.old, scores).map_err(clause)?;
        let records = ledger.history.records(id, self.revision);
        let records =
            records.ok_or(apportion_statement::Violation::Revision { id, revision: self.revision })?;
        if let Some(slot) = earning_beyond(scores, records) {
            return Err(clause(Violation::S7 { slot }));
        }
        let numbers = SplitNumbers {
            segment_score: outcome.segment_score,
            segment_paid: outcome.segment_paid,
            pool: epoch.pool,
            total_score: epoch.total_score,
            genesis: ledger.history.genesis(id),
            records,
        };
        Ok((outcome, numbers))
    }
}

impl<F: SuiteField> SegmentEpoch<F> {
    /// Computes a segment's move, and checks that its columns are those that the ledger and the attributor
    /// committed to (V3.old, V3.score). `posted` is the attributor's commitment.
    ///
    /// # Errors
    /// The clause or check that does not hold.
    pub fn compute(
        ledger: &Ledger,
        epoch: EpochNumbers,
        start: Start,
        scores: Opening<F>,
        posted: &Commitment,
        commit: impl Fn(&MaskedColumn<F>) -> Result<Commitment, Error>,
    ) -> Result<Self, Error> {
        let id = start.id;
        let tier = ledger.tier(id)?;
        let score_column = commit(&scores.column(tier)?)?;
        history::check_link(CheckId::V3Score, posted, &score_column)?;
        let old_epoch = ledger.history.moves(id).last().map_or(0, |last| last.epoch);
        let mut old_column = None;
        if let Some(current) = ledger.history.balance(id) {
            let column = commit(&ledger.balance_column(id, old_epoch, &start.old)?)?;
            history::check_link(CheckId::V3Old, current, &column)?;
            old_column = Some(column);
        }
        let (mut outcome, numbers) = start.outcome(ledger, epoch, scores.values())?;
        let new = Zeroizing::new(std::mem::take(&mut outcome.new));
        let new_column = commit(&ledger.balance_column(id, epoch.epoch, &new)?)?;
        let context = ledger.segment_context(id, epoch.epoch)?;
        let instance = inputs::split_instance(&context, tier, &numbers)?;
        let (epoch, old) = (epoch.epoch, start.old);
        Ok(Self {
            id,
            tier,
            numbers,
            instance,
            old,
            new,
            scores,
            old_column,
            new_column,
            score_column,
            epoch,
            old_epoch,
        })
    }

    /// The three columns.
    ///
    /// # Errors
    /// If the seed is gone: the columns were made before.
    pub fn witness(&self, ledger: &Ledger) -> Result<SplitWitness<F>, Error> {
        Ok(SplitWitness {
            old: ledger.balance_column(self.id, self.old_epoch, &self.old)?,
            new: ledger.balance_column(self.id, self.epoch, &self.new)?,
            score: self.scores.column(self.tier)?,
        })
    }

    /// What the proof's linked columns must be, in the relation's order.
    pub fn links(&self) -> Vec<Link> {
        vec![self.old_column.clone(), Some(self.new_column.clone()), Some(self.score_column.clone())]
    }
}

/// The digest of everything secret that a Split proof depends on: values and masks, as the columns have them.
pub fn split_digest<F: SuiteField>(witness: &SplitWitness<F>) -> WitnessDigest {
    let columns = [&witness.old, &witness.new, &witness.score];
    let add = |hasher: WitnessHasher, column: &MaskedColumn<F>| {
        hasher.elements(column.coefficients()).elements(&[column.blind()])
    };
    columns.into_iter().fold(WitnessHasher::new(), add).finish()
}

/// Computes what an epoch does to one segment; values beyond those given are 0.
///
/// # Errors
/// The clause that no witness could satisfy, or `Size` where there are more values than accounts.
pub fn outcome(
    tier: Tier,
    epoch: EpochNumbers,
    old: &[u128],
    scores: &[Score],
) -> Result<Outcome, Violation> {
    let accounts = tier.accounts();
    if old.len() > accounts || scores.len() > accounts {
        return Err(Violation::Size);
    }
    let mut padded_old = Zeroizing::new(Vec::with_capacity(accounts));
    let mut padded_scores = Zeroizing::new(Vec::with_capacity(accounts));
    padded_old.extend_from_slice(old);
    padded_old.resize(accounts, 0);
    padded_scores.extend_from_slice(scores);
    padded_scores.resize(accounts, 0);
    split::split(epoch.pool, epoch.total_score, &padded_old, &padded_scores)
}

/// The first slot without a record that has a score (S7).
fn earning_beyond(scores: &[Score], records: u32) -> Option<usize> {
    scores.iter().enumerate().skip(records as usize).find(|(_, score)| **score != 0).map(|(slot, _)| slot)
}
