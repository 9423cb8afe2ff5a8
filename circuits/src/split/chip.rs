//! How a Split lies in its table.
//!
//! Row 0 of a slot holds Old, New and Score. The limb columns hold, on all rows of the slot, the limbs of the score,
//! of the payout q, of the remainder r and of `total - 1 - r`, each limb looked up in `0 .. base`. One more column,
//! `state`, holds in rows 0 to 5 the sums of scores and of payouts from this slot to the last, the pool, the total
//! score, genesis, and the number of records from this slot on; the public inputs stand in the same rows of the public
//! column, so in slot 0 they are compared cell by cell.
//!
//! | gate | on row 0 of | claims |
//! | --- | --- | --- |
//! | account | every account | S1 to S4, degree 2 |
//! | chain | every account that another follows | S5, S6, S7 and the constants, from slot to slot, degree 2 |
//! | last | the last account | S5, S6, S7: what `chain` would say with zeros below, degree 2 |
//! | public inputs | rows 0 to 5 of slot 0 | state is the public input, degree 1 |
//!
//! With their selectors, of degree 1, 2, 2 and 1, the gates have degree 4 at most, as the lookups do. No row of a
//! reserved slot is read: where a slot has 8 rows, blinding leaves only one row of them.

use rayon::prelude::*;
use ruint::aliases::U256;

use super::{SplitInstance, SplitWitness, slot};
use crate::{
    column::MaskedColumn,
    division,
    field::{SuiteField, to_u128},
    plonkish::{AdviceColumn, Cell, Expr, FixedColumn, Layout, Table, advice, fixed, public},
    range::{Limbs, chip::LimbColumns},
    relation::{Relation, RelationId},
    types::{PAYOUT_BITS, SCORE_BITS, TOTAL_SCORE_BITS, Tier},
};

/// The free choices of the layout. docs/gates.md has the candidates' figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows from one slot to the next, a power of two, at least 8.
    pub rows_per_slot: usize,
    /// Columns of limbs, each with a lookup.
    pub limb_columns: usize,
    /// The range table is `0 .. base`; `base - 1` divides `2^64 - 1`.
    pub base: u64,
}

impl Shape {
    /// The shape of a tier.
    pub const fn of(tier: Tier) -> Self {
        match tier {
            Tier::T64 => Self { rows_per_slot: 16, limb_columns: 3, base: 772 },
            Tier::T1024 => Self { rows_per_slot: 16, limb_columns: 2, base: 13108 },
            Tier::T16384 => Self { rows_per_slot: 8, limb_columns: 3, base: 65536 },
        }
    }
}

/// Rows of `state` in a slot: one for each public input but the context.
const STATE_ROWS: usize = slot::CONTEXT;

pub(super) struct SplitChip {
    old: AdviceColumn,
    new: AdviceColumn,
    score: AdviceColumn,
    state: AdviceColumn,
    limbs: LimbColumns,
    table: FixedColumn,
    account: FixedColumn,
    public: FixedColumn,
    numbers: Numbers,
    shape: Shape,
}

/// The numbers cut into limbs, in the order of their cells.
struct Numbers {
    score: Limbs,
    payout: Limbs,
    remainder: Limbs,
    /// `total - 1 - remainder`.
    slack: Limbs,
}

impl Numbers {
    /// `None` where the limbs do not fit. Cells left over go to the remainder and the slack, whose bounds need not
    /// be tight, so that no looked-up cell is free.
    fn new(shape: Shape) -> Option<Self> {
        let score = Limbs::exact(shape.base, SCORE_BITS)?;
        let payout = Limbs::exact(shape.base, PAYOUT_BITS)?;
        let needed = Limbs::powers_for(shape.base, TOTAL_SCORE_BITS)?;
        let left = (shape.rows_per_slot * shape.limb_columns).checked_sub(score.count() + payout.count())?;
        let (slack, remainder) = (left / 2, left - left / 2);
        if slack < needed {
            return None;
        }
        Some(Self {
            score,
            payout,
            remainder: Limbs::powers(shape.base, remainder)?,
            slack: Limbs::powers(shape.base, slack)?,
        })
    }

    fn starts(&self) -> [usize; 4] {
        let payout = self.score.count();
        let remainder = payout + self.payout.count();
        [0, payout, remainder, remainder + self.remainder.count()]
    }
}

impl SplitChip {
    /// The layout, complete; `None` where the shape does not fit.
    pub(super) fn layout<F: SuiteField>(tier: Tier, shape: Shape) -> Option<Layout<F>> {
        let chip = Self::new(shape)?;
        let mut layout = Layout::new(RelationId::Split, tier, shape.rows_per_slot);
        chip.add_columns(&mut layout);
        chip.gates(&mut layout);
        // All that is read stands in slots of accounts, above the rows that hold blinding.
        let usable = layout.usable_rows();
        if shape.base as usize > usable || chip.row(tier.accounts(), 0) > usable {
            return None;
        }
        chip.fix(&mut layout, tier);
        Some(layout)
    }

    /// Where the columns stand; `None` where the state or the numbers' limbs do not fit the shape.
    pub(super) fn new(shape: Shape) -> Option<Self> {
        if shape.rows_per_slot < STATE_ROWS {
            return None;
        }
        Some(Self {
            old: AdviceColumn(0),
            new: AdviceColumn(1),
            score: AdviceColumn(2),
            state: AdviceColumn(3),
            limbs: LimbColumns::at(4, shape.limb_columns, shape.rows_per_slot),
            table: FixedColumn(0),
            account: FixedColumn(1),
            public: FixedColumn(2),
            numbers: Numbers::new(shape)?,
            shape,
        })
    }

    fn add_columns<F: SuiteField>(&self, layout: &mut Layout<F>) {
        layout.public = RelationId::Split.public_inputs().to_vec();
        let linked = ["Old", "New", "Score"].map(|name| layout.linked_column(name));
        debug_assert_eq!(linked, [self.old, self.new, self.score]);
        let state = layout.advice_column("state");
        debug_assert_eq!(state, self.state);
        let fixed = ["range table", "account", "public"].map(|name| layout.fixed_column(name));
        debug_assert_eq!(fixed, [self.table, self.account, self.public]);
        self.limbs.add_columns(layout, self.table);
    }

    fn row(&self, slot: usize, row: usize) -> usize {
        slot * self.shape.rows_per_slot + row
    }

    fn gates<F: SuiteField>(&self, layout: &mut Layout<F>) {
        let linked = |column| advice::<F>(column, 0);
        let here = |row: usize| advice::<F>(self.state, row as i32);
        let next = |row: usize| advice::<F>(self.state, (self.shape.rows_per_slot + row) as i32);
        let [score_start, payout_start, remainder_start, slack_start] = self.numbers.starts();
        let payout = || linked(self.new) - linked(self.old);
        let remainder = self.limbs.number(remainder_start, &self.numbers.remainder);
        let one = || Expr::Constant(F::ONE);

        let account = || fixed(self.account, 0);
        let another = || fixed(self.account, self.shape.rows_per_slot as i32);
        let poly = |claim: &str, poly| (claim.to_string(), poly);
        layout.gate(
            "account",
            account(),
            vec![
                poly("S1: genesis starts from 0", here(slot::GENESIS) * linked(self.old)),
                poly(
                    "S2: the score is its limbs",
                    self.limbs.number(score_start, &self.numbers.score) - linked(self.score),
                ),
                poly(
                    "S3, S4: the balance grows by the payout's limbs",
                    self.limbs.number(payout_start, &self.numbers.payout) - payout(),
                ),
                poly(
                    "S3: pool * score = payout * total + remainder",
                    here(slot::POOL) * linked(self.score)
                        - payout() * here(slot::TOTAL_SCORE)
                        - remainder.clone(),
                ),
                poly(
                    "S3: the remainder is below the total",
                    here(slot::TOTAL_SCORE)
                        - one()
                        - remainder
                        - self.limbs.number(slack_start, &self.numbers.slack),
                ),
            ],
        );

        // 0 where the slot holds a record.
        let empty = || here(slot::RECORDS) - one() - next(slot::RECORDS);
        let last_empty = || here(slot::RECORDS) - one();
        let mut chain = vec![
            poly(
                "S5: scores are summed",
                here(slot::SEGMENT_SCORE) - next(slot::SEGMENT_SCORE) - linked(self.score),
            ),
            poly("S6: payouts are summed", here(slot::SEGMENT_PAID) - next(slot::SEGMENT_PAID) - payout()),
            poly("S7: a count that is not 0 falls by 1", here(slot::RECORDS) * empty()),
            poly("S7: a count of 0 stays 0", next(slot::RECORDS) * empty()),
            poly("S7: an empty slot scores 0", linked(self.score) * empty()),
        ];
        chain.extend([slot::POOL, slot::TOTAL_SCORE, slot::GENESIS].map(|row| {
            let claim = format!("the next slot has the same {}", layout.public[row].name);
            (claim, here(row) - next(row))
        }));
        layout.gate("chain", account() * another(), chain);
        layout.gate(
            "last",
            account() * (one() - another()),
            vec![
                poly("S5: scores are summed", here(slot::SEGMENT_SCORE) - linked(self.score)),
                poly("S6: payouts are summed", here(slot::SEGMENT_PAID) - payout()),
                poly("S7: at most 1 record is left", here(slot::RECORDS) * last_empty()),
                poly("S7: an empty slot scores 0", linked(self.score) * last_empty()),
            ],
        );
        layout.gate(
            "public inputs",
            fixed(self.public, 0),
            vec![poly("state is the public input", here(0) - public(0))],
        );
    }

    fn fix<F: SuiteField>(&self, layout: &mut Layout<F>, tier: Tier) {
        LimbColumns::fix(layout, self.table, self.shape.base);
        for slot in 0..tier.accounts() {
            layout.set_fixed(self.account, self.row(slot, 0), F::ONE);
        }
        for row in 0..STATE_ROWS {
            layout.set_fixed(self.public, row, F::ONE);
        }
    }

    /// Fills the table.
    pub(super) fn assign<F: SuiteField>(
        &self,
        layout: &Layout<F>,
        instance: &SplitInstance<F>,
        witness: &SplitWitness<F>,
    ) -> Table<F> {
        let tier = layout.tier;
        let public = super::Split::public_inputs(instance);
        let constants = public.clone();
        let linked: Vec<MaskedColumn<F>> =
            [&witness.old, &witness.new, &witness.score].map(Clone::clone).into();
        let mut table = Table::new(layout, public, linked);
        let linked =
            |table: &Table<F>, column, slot: usize| table.get(Cell { column, row: self.row(slot, 0) });

        let limbs: Vec<Vec<u64>> = (0..tier.accounts())
            .into_par_iter()
            .map(|slot| {
                let score = to_u128(&linked(&table, self.score, slot)).unwrap_or(0);
                self.slot_limbs(instance, score)
            })
            .collect();
        for (slot, limbs) in limbs.iter().enumerate() {
            for (i, limb) in limbs.iter().enumerate() {
                let (column, row) = self.limbs.cell(i);
                table.set(Cell { column, row: self.row(slot, row) }, F::from(*limb));
            }
        }

        // Sums from the last account up, so that slot 0 holds those of the segment.
        let mut sums = [F::ZERO; 2];
        for slot in (0..tier.accounts()).rev() {
            sums[0] += linked(&table, self.score, slot);
            sums[1] += linked(&table, self.new, slot) - linked(&table, self.old, slot);
            for row in 0..STATE_ROWS {
                let value = match row {
                    slot::SEGMENT_SCORE => sums[0],
                    slot::SEGMENT_PAID => sums[1],
                    slot::RECORDS => F::from(instance.records.saturating_sub(slot) as u64),
                    constant => constants[constant],
                };
                table.set(Cell { column: self.state, row: self.row(slot, row) }, value);
            }
        }
        table
    }

    /// The limbs of one slot, in the order of their cells.
    fn slot_limbs<F>(&self, instance: &SplitInstance<F>, score: u128) -> Vec<u64> {
        let total = U256::from(instance.total_score);
        let score = U256::from(score);
        let division = division::divide(instance.pool, score.saturating_to(), instance.total_score);
        let (quotient, remainder) = division.map_or((U256::ZERO, U256::ZERO), |d| (d.quotient, d.remainder));
        let slack = total.saturating_sub(remainder + U256::from(1));
        let numbers = &self.numbers;
        let mut limbs = Vec::with_capacity(self.limbs.capacity());
        limbs.extend(numbers.score.decompose(score));
        limbs.extend(numbers.payout.decompose(quotient));
        limbs.extend(numbers.remainder.decompose(remainder));
        limbs.extend(numbers.slack.decompose(slack));
        limbs
    }
}
