//! Splits as a cheater writes them: every cell of every slot by name, filled from plain integers.

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Cell, Layout, Table},
    range::Limbs,
    relation::{Relation, Violation},
    split::{Shape, Split, SplitInstance, SplitWitness},
    types::Tier,
};
use ruint::aliases::U256;

use super::{TestRng, cell, masked};

/// Places of the public inputs and, in every slot, rows of the column `state`.
pub(crate) const SEGMENT_SCORE: usize = 0;
pub(crate) const SEGMENT_PAID: usize = 1;
pub(crate) const POOL: usize = 2;
pub(crate) const TOTAL: usize = 3;
pub(crate) const GENESIS: usize = 4;
pub(crate) const RECORDS: usize = 5;
pub(crate) const CONTEXT: usize = 6;
/// Rows of `state` in a slot.
pub(crate) const STATE: usize = 6;

/// Names under which failures are reported.
pub(crate) const S1: &str = "account: S1: genesis starts from 0";
pub(crate) const S2: &str = "account: S2: the score is its limbs";
pub(crate) const PAYOUT: &str = "account: S3, S4: the balance grows by the payout's limbs";
pub(crate) const DIVISION: &str = "account: S3: pool * score = payout * total + remainder";
pub(crate) const BELOW: &str = "account: S3: the remainder is below the total";
pub(crate) const S5: &str = "chain: S5: scores are summed";
pub(crate) const S6: &str = "chain: S6: payouts are summed";
pub(crate) const FALLS: &str = "chain: S7: a count that is not 0 falls by 1";
pub(crate) const STAYS: &str = "chain: S7: a count of 0 stays 0";
pub(crate) const EMPTY: &str = "chain: S7: an empty slot scores 0";
pub(crate) const SAME_POOL: &str = "chain: the next slot has the same pool";
pub(crate) const SAME_TOTAL: &str = "chain: the next slot has the same total_score";
pub(crate) const SAME_GENESIS: &str = "chain: the next slot has the same genesis";
pub(crate) const LAST_S5: &str = "last: S5: scores are summed";
pub(crate) const LAST_S6: &str = "last: S6: payouts are summed";
pub(crate) const LAST_COUNT: &str = "last: S7: at most 1 record is left";
pub(crate) const LAST_EMPTY: &str = "last: S7: an empty slot scores 0";
pub(crate) const PUBLIC: &str = "public inputs: state is the public input";
pub(crate) const LIMBS0: &str = "limbs0 is in the range table";
pub(crate) const LIMBS1: &str = "limbs1 is in the range table";
pub(crate) const LIMBS2: &str = "limbs2 is in the range table";

/// The numbers of a slot that are cut into limbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    Score,
    Payout,
    Remainder,
    Slack,
}

/// How the limb cells of a slot are shared out.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) stride: usize,
    pub(crate) base: u64,
    pub(crate) columns: usize,
    numbers: [(usize, Limbs); 4],
}

impl Plan {
    pub(crate) fn of(tier: Tier) -> Self {
        let shape = Shape::of(tier);
        let (stride, base, columns) = (shape.rows_per_slot, shape.base, shape.limb_columns);
        let score = Limbs::exact(base, 64).unwrap();
        let payout = Limbs::exact(base, 128).unwrap();
        let left = stride * columns - score.count() - payout.count();
        let remainder = Limbs::powers(base, left.div_ceil(2)).unwrap();
        let slack = Limbs::powers(base, left / 2).unwrap();
        let mut start = 0;
        let numbers = [score, payout, remainder, slack].map(|limbs| {
            start += limbs.count();
            (start - limbs.count(), limbs)
        });
        assert_eq!(start, stride * columns, "no limb cell is left over");
        Self { stride, base, columns, numbers }
    }

    pub(crate) fn limbs(&self, number: Number) -> &Limbs {
        &self.numbers[number as usize].1
    }

    /// Column (counted from the first of limbs) and row within the slot of a number's limb.
    pub(crate) fn place(&self, number: Number, limb: usize) -> (usize, usize) {
        let i = self.numbers[number as usize].0 + limb;
        (i / self.stride, i % self.stride)
    }

    /// The greedy limbs; what does not fit is left out.
    pub(crate) fn cut<F: SuiteField>(&self, number: Number, value: F) -> Vec<F> {
        self.limbs(number).decompose(integer(&value)).into_iter().map(F::from).collect()
    }

    /// The greedy limbs of what fits, the lowest limb made so that the sum is right: it leaves its table instead.
    pub(crate) fn force<F: SuiteField>(&self, number: Number, value: F) -> Vec<F> {
        let mut limbs = vec![F::ZERO; self.limbs(number).count()];
        limbs[0] = value;
        limbs
    }

    pub(crate) fn row(&self, slot: usize, row: usize) -> usize {
        slot * self.stride + row
    }
}

/// A field element as an integer.
pub(crate) fn integer<F: SuiteField>(x: &F) -> U256 {
    U256::from_le_bytes(x.to_repr())
}

/// An integer as a field element.
pub(crate) fn element<F: SuiteField>(x: U256) -> F {
    let radix = F::from_u128(1 << 127) + F::from_u128(1 << 127);
    let [a, b, c, d] = *x.as_limbs();
    let half = |low, high| F::from_u128(u128::from(low) | u128::from(high) << 64);
    half(a, b) + half(c, d) * radix
}

/// One slot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot<F> {
    pub(crate) old: F,
    pub(crate) new: F,
    pub(crate) score: F,
    pub(crate) limbs: [Vec<F>; 4],
    /// `state`, rows 0 to 5; the sums are filled by `Sheet::sum`, the count by `Sheet::count`.
    pub(crate) state: [F; STATE],
}

/// A whole Split: what a cheater decides.
#[derive(Clone, Debug)]
pub(crate) struct Sheet<F> {
    pub(crate) tier: Tier,
    pub(crate) plan: Plan,
    pub(crate) public: [F; 7],
    pub(crate) slots: Vec<Slot<F>>,
    /// Old, New and Score in the two reserved slots.
    pub(crate) reserved: [[F; 3]; 2],
}

/// What an epoch is computed from.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) tier: Tier,
    pub(crate) genesis: bool,
    pub(crate) pool: u128,
    pub(crate) total: u128,
    pub(crate) records: usize,
    pub(crate) old: Vec<u128>,
    pub(crate) scores: Vec<u64>,
}

impl Input {
    /// A full segment whose total is shared with others; slots 0 and 1 score 0 and the highest.
    pub(crate) fn random(tier: Tier, genesis: bool, seed: u64) -> Self {
        let rng = &mut TestRng(seed);
        let mut scores: Vec<u64> = (0..tier.accounts()).map(|_| 1 + rng.bits(63) as u64).collect();
        scores[0] = 0;
        scores[1] = u64::MAX;
        let total = scores.iter().map(|score| u128::from(*score)).sum::<u128>() + 1 + rng.bits(70);
        let pool = 1 << 126 | rng.bits(126);
        let old = scores.iter().map(|_| if genesis { 0 } else { 1 + rng.bits(100) }).collect();
        Self { tier, genesis, pool, total, records: tier.accounts(), old, scores }
    }

    /// The same with so many records: the slots behind them score 0, and keep their balances.
    pub(crate) fn of_records(mut self, records: usize) -> Self {
        self.scores.truncate(records);
        Self { records, ..self }
    }
}

impl<F: SuiteField> Sheet<F> {
    /// The honest sheet, from 256-bit integers.
    pub(crate) fn honest(input: &Input, seed: u64) -> Self {
        let rng = &mut TestRng(seed);
        let (pool, total) = (F::from_u128(input.pool), F::from_u128(input.total));
        let zero = || Slot {
            old: F::ZERO,
            new: F::ZERO,
            score: F::ZERO,
            limbs: std::array::from_fn(|_| vec![]),
            state: [F::ZERO, F::ZERO, pool, total, F::from(u64::from(input.genesis)), F::ZERO],
        };
        let genesis = F::from(u64::from(input.genesis));
        let mut sheet = Self {
            tier: input.tier,
            plan: Plan::of(input.tier),
            public: [F::ZERO, F::ZERO, pool, total, genesis, F::ZERO, F::random(&mut *rng)],
            slots: (0..input.tier.accounts()).map(|_| zero()).collect(),
            reserved: std::array::from_fn(|_| std::array::from_fn(|_| F::random(&mut *rng))),
        };
        for i in 0..input.tier.accounts() {
            let score = input.scores.get(i).copied().unwrap_or(0);
            let old = input.old.get(i).copied().unwrap_or(0);
            let product = U256::from(input.pool) * U256::from(score);
            let (quotient, remainder) = product.div_rem(U256::from(input.total));
            sheet.slots[i].old = F::from_u128(old);
            sheet.score(i, F::from(score));
            sheet.pay(i, element(quotient));
            sheet.rest(i, element(remainder));
        }
        sheet.sum();
        sheet.records(input.records);
        sheet
    }

    /// Claims a number of records, counted down to 0 and no further.
    pub(crate) fn records(&mut self, records: usize) {
        self.count(|slot| F::from(records.saturating_sub(slot) as u64));
    }

    /// Claims what stands in the row of the count, slot by slot; the first is public.
    pub(crate) fn count(&mut self, count: impl Fn(usize) -> F) {
        for (i, slot) in self.slots.iter_mut().enumerate() {
            slot.state[RECORDS] = count(i);
        }
        self.public[RECORDS] = self.slots[0].state[RECORDS];
    }

    /// Sets a score and its limbs.
    pub(crate) fn score(&mut self, slot: usize, score: F) {
        self.slots[slot].score = score;
        self.cut(slot, Number::Score, score);
    }

    /// Sets a payout: the balance after and the payout's limbs.
    pub(crate) fn pay(&mut self, slot: usize, payout: F) {
        self.slots[slot].new = self.slots[slot].old + payout;
        self.cut(slot, Number::Payout, payout);
    }

    /// Sets a remainder and the slack that belongs to it.
    pub(crate) fn rest(&mut self, slot: usize, remainder: F) {
        self.cut(slot, Number::Remainder, remainder);
        let total = self.slots[slot].state[TOTAL];
        self.cut(slot, Number::Slack, total - F::ONE - remainder);
    }

    pub(crate) fn cut(&mut self, slot: usize, number: Number, value: F) {
        self.slots[slot].limbs[number as usize] = self.plan.cut(number, value);
    }

    pub(crate) fn force(&mut self, slot: usize, number: Number, value: F) {
        self.slots[slot].limbs[number as usize] = self.plan.force(number, value);
    }

    /// What a slot is paid, as its balances say.
    pub(crate) fn payout(&self, slot: usize) -> F {
        self.slots[slot].new - self.slots[slot].old
    }

    /// The remainder that the division's equation asks for, modulo p.
    pub(crate) fn due_rest(&self, slot: usize) -> F {
        let Slot { score, state, .. } = &self.slots[slot];
        state[POOL] * score - self.payout(slot) * state[TOTAL]
    }

    /// Recomputes the running sums and the public ones.
    pub(crate) fn sum(&mut self) {
        let mut sums = [F::ZERO; 2];
        for slot in self.slots.iter_mut().rev() {
            sums[SEGMENT_SCORE] += slot.score;
            sums[SEGMENT_PAID] += slot.new - slot.old;
            slot.state[..2].copy_from_slice(&sums);
        }
        self.public[..2].copy_from_slice(&sums);
    }

    /// The linked columns, all slots: Old, New, Score.
    pub(crate) fn linked(&self) -> [Vec<F>; 3] {
        let slots = self.slots.iter().map(|slot| [slot.old, slot.new, slot.score]);
        let all: Vec<[F; 3]> = slots.chain(self.reserved).collect();
        std::array::from_fn(|i| all.iter().map(|values| values[i]).collect())
    }

    /// The table, its linked columns masked from `seed`.
    pub(crate) fn table(&self, layout: &Layout<F>, seed: u64) -> Table<F> {
        let SplitWitness { old, new, score } = self.witness(seed);
        let mut table = Table::new(layout, self.public.to_vec(), vec![old, new, score]);
        for (i, slot) in self.slots.iter().enumerate() {
            for (number, limbs) in
                [Number::Score, Number::Payout, Number::Remainder, Number::Slack].iter().zip(&slot.limbs)
            {
                for (j, limb) in limbs.iter().enumerate() {
                    table.set(self.limb(layout, i, *number, j), *limb);
                }
            }
            for (row, value) in slot.state.iter().enumerate() {
                table.set(self.state(layout, i, row), *value);
            }
        }
        table
    }

    /// A row of `state` in a slot.
    pub(crate) fn state(&self, layout: &Layout<F>, slot: usize, row: usize) -> Cell {
        cell(layout, "state", self.plan.row(slot, row))
    }

    /// A limb of a number in a slot.
    pub(crate) fn limb(&self, layout: &Layout<F>, slot: usize, number: Number, limb: usize) -> Cell {
        let (column, row) = self.plan.place(number, limb);
        cell(layout, &format!("limbs{column}"), self.plan.row(slot, row))
    }

    /// The relation's witness.
    pub(crate) fn witness(&self, seed: u64) -> SplitWitness<F> {
        let rng = &mut TestRng(seed);
        let [old, new, score] = self.linked().map(|values| masked(&values, rng));
        SplitWitness { old, new, score }
    }

    /// The relation's instance; `None` where a public input is not in its type's range.
    pub(crate) fn instance(&self) -> Option<SplitInstance<F>> {
        let amount = |place: usize| u128::try_from(integer(&self.public[place])).ok();
        let genesis = amount(GENESIS).filter(|genesis| *genesis < 2)? == 1;
        Some(SplitInstance {
            context: self.public[CONTEXT],
            genesis,
            pool: amount(POOL)?,
            total_score: amount(TOTAL)?,
            segment_score: amount(SEGMENT_SCORE)?,
            segment_paid: amount(SEGMENT_PAID)?,
            records: amount(RECORDS)?.try_into().ok()?,
        })
    }

    /// The native check of the same values.
    pub(crate) fn native(&self) -> Result<(), Violation> {
        Split::check(self.tier, &self.instance().unwrap(), &self.witness(0))
    }

    /// Whether the claim is false: the native check refuses it, or its numbers are not even in range.
    pub(crate) fn is_false(&self) -> bool {
        self.instance().is_none_or(|instance| Split::check(self.tier, &instance, &self.witness(0)).is_err())
    }
}
