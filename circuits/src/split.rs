//! Relation Split(m): one payout epoch of one segment.
//!
//! Clauses S1 to S7 of docs/statement.md, the no-wrap argument in docs/gates.md. Linked columns Old, New, Score.

mod chip;

use std::fmt;

use rayon::prelude::*;
use zeroize::Zeroize;

pub use self::chip::Shape;
use self::chip::SplitChip;
use crate::{
    column::MaskedColumn,
    division,
    field::{SuiteField, to_u128},
    plonkish::{Layout, PublicInput, Table},
    relation::{Relation, RelationId, Violation},
    types::{SCORE_BITS, Score, Tier},
};

/// The relation.
#[derive(Clone, Copy, Debug)]
pub struct Split;

/// What is public. The bounds are the caller's to check: `pool < 2^127` (V7), `total_score < 2^80`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitInstance<F> {
    /// Binds the proof to its use (V2).
    pub context: F,
    /// Whether this is the segment's first epoch.
    pub genesis: bool,
    /// What the contributors share in this epoch, in the token's base units.
    pub pool: u128,
    /// The sum of all scores, over all segments.
    pub total_score: u128,
    /// The sum of this segment's scores.
    pub segment_score: u128,
    /// The sum of this segment's payouts, in the token's base units.
    pub segment_paid: u128,
    /// How many records the segment has, `0 ..= C - 2`: its first slots hold them, the others are empty (S7). Counted
    /// in `usize`, as slots and segments are.
    pub records: usize,
}

/// What is private: three linked columns, one value a slot.
#[derive(Clone)]
pub struct SplitWitness<F: SuiteField> {
    /// Balances before.
    pub old: MaskedColumn<F>,
    /// Balances after.
    pub new: MaskedColumn<F>,
    /// Scores.
    pub score: MaskedColumn<F>,
}

/// Public inputs by place.
pub mod slot {
    /// The sum of the segment's scores.
    pub const SEGMENT_SCORE: usize = 0;
    /// The sum of the segment's payouts.
    pub const SEGMENT_PAID: usize = 1;
    /// The pool.
    pub const POOL: usize = 2;
    /// The sum of all scores.
    pub const TOTAL_SCORE: usize = 3;
    /// 1 in the segment's first epoch, else 0.
    pub const GENESIS: usize = 4;
    /// The number of records.
    pub const RECORDS: usize = 5;
    /// The context.
    pub const CONTEXT: usize = 6;
}

/// The public inputs' names, by place. All but the context stand in the rows in which the table's column `state` keeps
/// them, so that one gate with one rotation ties both: that is why the order is not the statement's.
pub const PUBLIC: [PublicInput; 7] = [
    PublicInput { name: "segment_score" },
    PublicInput { name: "segment_paid" },
    PublicInput { name: "pool" },
    PublicInput { name: "total_score" },
    PublicInput { name: "genesis" },
    PublicInput { name: "records" },
    PublicInput { name: "context" },
];

/// What an epoch does to one segment. Payouts and balances are secret: never shown, overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Payouts, one an account, in the token's base units.
    pub payouts: Vec<u128>,
    /// Balances after, one an account.
    pub new: Vec<u128>,
    /// Sum of the scores.
    pub segment_score: u128,
    /// Sum of the payouts.
    pub segment_paid: u128,
}

impl Drop for Outcome {
    fn drop(&mut self) {
        self.payouts.zeroize();
        self.new.zeroize();
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payouts, segment_score, segment_paid, .. } = self;
        write!(f, "Outcome({} hidden, scores {segment_score}, paid {segment_paid})", payouts.len())
    }
}

/// Computes an epoch of one segment: what the relation proves. `old` and `scores` hold one value an account.
///
/// Fails with the clause that no witness could satisfy: S3 where a payout reaches 2^128 or `total_score` is 0,
/// S4 where a balance would leave 128 bits (V7 rules that out).
pub fn split(pool: u128, total_score: u128, old: &[u128], scores: &[Score]) -> Result<Outcome, Violation> {
    if old.len() != scores.len() {
        return Err(Violation::Size);
    }
    let payouts: Vec<u128> = scores
        .par_iter()
        .enumerate()
        .map(|(slot, score)| division::payout(pool, *score, total_score).ok_or(Violation::S3 { slot }))
        .collect::<Vec<_>>()
        .into_iter()
        // In order: a parallel collection of results stops at any failure, not at the first.
        .collect::<Result<_, _>>()?;
    let new = old
        .iter()
        .zip(&payouts)
        .enumerate()
        .map(|(slot, (old, payout))| old.checked_add(*payout).ok_or(Violation::S4 { slot }))
        .collect::<Result<_, _>>()?;
    let segment_paid =
        payouts.iter().try_fold(0u128, |sum, payout| sum.checked_add(*payout)).ok_or(Violation::S6)?;
    let segment_score = scores.iter().map(|score| u128::from(*score)).sum();
    Ok(Outcome { payouts, new, segment_score, segment_paid })
}

impl<F: SuiteField> Relation<F> for Split {
    type Instance = SplitInstance<F>;
    type Witness = SplitWitness<F>;

    const ID: RelationId = RelationId::Split;

    #[expect(clippy::expect_used, reason = "our own constants, tested for every tier")]
    fn layout(tier: Tier) -> Layout<F> {
        SplitChip::layout(tier, Shape::of(tier)).expect(FITS)
    }

    fn public_inputs(instance: &SplitInstance<F>) -> Vec<F> {
        vec![
            F::from_u128(instance.segment_score),
            F::from_u128(instance.segment_paid),
            F::from_u128(instance.pool),
            F::from_u128(instance.total_score),
            F::from(u64::from(instance.genesis)),
            F::from(instance.records as u64),
            instance.context,
        ]
    }

    fn check(tier: Tier, instance: &SplitInstance<F>, witness: &SplitWitness<F>) -> Result<(), Violation> {
        let columns = [&witness.old, &witness.new, &witness.score];
        if columns.iter().any(|column| column.slots() != tier.slots()) {
            return Err(Violation::Size);
        }
        let [old, new, score] = columns.map(MaskedColumn::values);
        let slots = || 0..tier.accounts();
        if instance.genesis
            && let Some(slot) = slots().find(|slot| !old[*slot].is_zero_vartime())
        {
            return Err(Violation::S1 { slot });
        }
        let scores: Vec<Score> = slots()
            .map(|slot| to_u128(&score[slot]).and_then(|x| x.try_into().ok()).ok_or(Violation::S2 { slot }))
            .collect::<Result<_, _>>()?;
        let payouts: Vec<u128> = slots()
            .into_par_iter()
            .map(|slot| {
                let payout = division::payout(instance.pool, scores[slot], instance.total_score);
                let payout = payout.ok_or(Violation::S3 { slot })?;
                if new[slot] == old[slot] + F::from_u128(payout) {
                    Ok(payout)
                } else {
                    Err(Violation::S4 { slot })
                }
            })
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<_, _>>()?;
        if scores.iter().map(|score| u128::from(*score)).sum::<u128>() != instance.segment_score {
            return Err(Violation::S5);
        }
        let paid = payouts.iter().try_fold(0u128, |sum, payout| sum.checked_add(*payout));
        if paid != Some(instance.segment_paid) {
            return Err(Violation::S6);
        }
        if instance.records > tier.accounts() {
            return Err(Violation::Records);
        }
        match (instance.records..tier.accounts()).find(|slot| scores[*slot] != 0) {
            Some(slot) => Err(Violation::S7 { slot }),
            None => Ok(()),
        }
    }

    #[expect(clippy::expect_used, reason = "our own constants, tested for every tier")]
    fn assign(layout: &Layout<F>, instance: &SplitInstance<F>, witness: &SplitWitness<F>) -> Table<F> {
        SplitChip::new(Shape::of(layout.tier)).expect(FITS).assign(layout, instance, witness)
    }
}

/// A layout of another shape than the tier's own, for comparing candidates; `None` where the shape does not fit.
pub fn candidate_layout<F: SuiteField>(tier: Tier, shape: Shape) -> Option<Layout<F>> {
    SplitChip::layout(tier, shape)
}

const FITS: &str = "the shapes of all tiers fit";

// S3 in integers: both sides of `pool * score = q * total + r` stay far below either modulus (about 2^254), the
// limbs of r and of `total - 1 - r` reaching at most 2^192. S5 and S6: sums of at most 2^14 values. See docs/gates.md, "No wrap".
const _: () = {
    use crate::types::{PAYOUT_BITS, TOTAL_SCORE_BITS};
    assert!(128 + SCORE_BITS < 250);
    assert!(PAYOUT_BITS + TOTAL_SCORE_BITS < 250 && 192 < 250);
    assert!(PAYOUT_BITS + 14 < 250);
};
