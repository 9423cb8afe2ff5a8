//! Cheating with a Split, repaired: every cell that can follow the lie does, and exactly one place gives it away.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Failure, Layout},
    relation::{Relation, Violation},
    split::Split,
    types::Tier,
};
use common::{
    TestRng, accepted, read, refused, refused_only,
    split::{
        BELOW, DIVISION, Input, LIMBS0, LIMBS1, LIMBS2, Number, POOL, PUBLIC, SEGMENT_PAID, Sheet, TOTAL,
    },
};

const T64: Tier = Tier::T64;
const SLOT: usize = 30;
/// The first row of that slot, and where the first limbs of its numbers stand.
const ROW: usize = SLOT * 16;
const PAYOUT_ROW: usize = ROW + 7;
const REMAINDER_ROW: usize = ROW + 5;
const SLACK_ROW: usize = ROW + 3;

fn honest<F: SuiteField>(genesis: bool) -> (Layout<F>, Sheet<F>) {
    let layout = Split::layout(T64);
    let sheet = Sheet::honest(&Input::random(T64, genesis, 41), 41);
    assert_eq!(sheet.native(), Ok(()));
    accepted(&layout, &sheet.table(&layout, 1));
    for (number, column, row) in [(Number::Payout, 0, 7), (Number::Remainder, 1, 5), (Number::Slack, 2, 3)] {
        assert_eq!(sheet.plan.place(number, 0), (column, row));
    }
    (layout, sheet)
}

both_fields! {
    quotient_one_up => one_up();
    quotient_one_down => one_down();
    quotient_off_by_random => off_by_random();
    payouts_swapped_between_neighbours => swapped();
    dust_kept => dust();
    balance_lowered => lowered();
    another_committed_column => other_column();
}

/// The quotient is one too high: the remainder would be negative.
fn one_up<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let mut sheet = honest.clone();
    let (q, r) = (sheet.payout(SLOT), sheet.due_rest(SLOT));
    let total = sheet.public[TOTAL];
    sheet.pay(SLOT, q + F::ONE);
    sheet.sum();
    assert_eq!(sheet.native(), Err(Violation::S4 { slot: SLOT }));
    // The remainder stays as it was.
    refused_only(&layout, &sheet.table(&layout, 1), DIVISION, ROW);
    // The least remainder there is.
    sheet.rest(SLOT, F::ZERO);
    refused_only(&layout, &sheet.table(&layout, 1), DIVISION, ROW);
    // The remainder is what the equation wants, modulo p: as a lowest limb it is not in the table. The slack, above
    // the total, is fine: both ends are needed.
    sheet.rest(SLOT, r - total);
    sheet.force(SLOT, Number::Remainder, r - total);
    refused_only(&layout, &sheet.table(&layout, 1), LIMBS1, REMAINDER_ROW);
}

/// The quotient is too low by k: the remainder is k totals too high, which its limbs can hold.
fn one_down<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    for k in [1, 2, 1000, 1 << 40] {
        let k = F::from(k);
        let mut sheet = honest.clone();
        let (q, r) = (sheet.payout(SLOT), sheet.due_rest(SLOT));
        let total = sheet.public[TOTAL];
        sheet.pay(SLOT, q - k);
        sheet.sum();
        sheet.rest(SLOT, r + k * total);
        assert_eq!(sheet.native(), Err(Violation::S4 { slot: SLOT }));
        refused_only(&layout, &sheet.table(&layout, 1), BELOW, ROW);
        sheet.force(SLOT, Number::Slack, total - F::ONE - r - k * total);
        refused_only(&layout, &sheet.table(&layout, 1), LIMBS2, SLACK_ROW);
    }
}

/// q + t and r - t * d modulo p.
fn off_by_random<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let rng = &mut TestRng(42);
    for _ in 0..4 {
        let t = F::random(&mut *rng);
        let mut sheet = honest.clone();
        let (q, r) = (sheet.payout(SLOT), sheet.due_rest(SLOT));
        let total = sheet.public[TOTAL];
        sheet.slots[SLOT].new += t;
        sheet.sum();
        sheet.force(SLOT, Number::Payout, q + t);
        sheet.force(SLOT, Number::Remainder, r - t * total);
        sheet.force(SLOT, Number::Slack, total - F::ONE - (r - t * total));
        let expected = [(LIMBS0, PAYOUT_ROW), (LIMBS1, REMAINDER_ROW), (LIMBS2, SLACK_ROW)];
        let expected: Vec<_> = expected.iter().map(|(place, row)| (place.to_string(), *row)).collect();
        assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), expected);
        // Another proper remainder, the quotient solved for modulo p: only the payout's range is left.
        let other = r + total - F::ONE - (r + r);
        let q = q + (r - other) * total.invert().unwrap();
        sheet.slots[SLOT].new = sheet.slots[SLOT].old + q;
        sheet.sum();
        sheet.rest(SLOT, other);
        sheet.force(SLOT, Number::Payout, q);
        refused_only(&layout, &sheet.table(&layout, 1), LIMBS0, PAYOUT_ROW);
    }
}

/// Both sums stay what they are.
fn swapped<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let mut sheet = honest.clone();
    let (a, b) = (sheet.payout(SLOT), sheet.payout(SLOT + 1));
    assert_ne!(a, b);
    sheet.pay(SLOT, b);
    sheet.pay(SLOT + 1, a);
    sheet.sum();
    assert_eq!(sheet.public, honest.public);
    assert_eq!(sheet.native(), Err(Violation::S4 { slot: SLOT }));
    let both = vec![(DIVISION.to_string(), ROW), (DIVISION.to_string(), ROW + 16)];
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), both);
    // With the remainders adjusted as well, the one that gained needs a negative one, the other one too high.
    let mut forced = Vec::new();
    for slot in [SLOT, SLOT + 1] {
        let (rest, total) = (sheet.due_rest(slot), sheet.public[TOTAL]);
        let slack = total - F::ONE - rest;
        for (number, value, place, row) in
            [(Number::Remainder, rest, LIMBS1, REMAINDER_ROW), (Number::Slack, slack, LIMBS2, SLACK_ROW)]
        {
            sheet.force(slot, number, value);
            forced.push((place.to_string(), row + 16 * (slot - SLOT)));
        }
    }
    forced.sort();
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), forced);
    // Swapping the scores along is a different, true statement: the linked Score column tells them apart.
    let mut sheet = honest.clone();
    let scores = [honest.slots[SLOT].score, honest.slots[SLOT + 1].score];
    for (slot, score, q, other) in [(SLOT, scores[1], b, SLOT + 1), (SLOT + 1, scores[0], a, SLOT)] {
        sheet.score(slot, score);
        sheet.pay(slot, q);
        sheet.rest(slot, honest.due_rest(other));
    }
    sheet.sum();
    let mut table = sheet.table(&layout, 1);
    accepted(&layout, &table);
    table.linked[2] = honest.witness(1).score;
    // Row 0 is that of slot 0, which is the same; row 1 is the polynomial's own.
    refused(&layout, &table, "link", 1);
}

/// The last account takes what all the others' rounding left.
fn dust<F: SuiteField>() {
    let scores = vec![3; 62];
    let input = Input {
        tier: T64,
        genesis: true,
        pool: 1_000_003,
        total: 186,
        records: 62,
        old: vec![0; 62],
        scores,
    };
    let layout = Split::layout(T64);
    let mut sheet = Sheet::<F>::honest(&input, 43);
    let dust = F::from(1_000_003) - sheet.public[SEGMENT_PAID];
    assert_eq!(dust, F::from(1_000_003 % 62));
    let payout = sheet.payout(61);
    sheet.pay(61, payout + dust);
    sheet.sum();
    assert_eq!(sheet.public[SEGMENT_PAID], sheet.public[POOL]);
    assert_eq!(sheet.native(), Err(Violation::S4 { slot: 61 }));
    refused_only(&layout, &sheet.table(&layout, 1), DIVISION, 61 * 16);
    // Kept in the public sum only: claimed to be paid, credited to nobody.
    let mut sheet = Sheet::<F>::honest(&input, 43);
    sheet.public[SEGMENT_PAID] += dust;
    refused_only(&layout, &sheet.table(&layout, 1), PUBLIC, SEGMENT_PAID);
    // Kept by where the sum starts: see `started`.
}

fn lowered<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let by = F::from(5);
    let mut sheet = honest.clone();
    let payout = sheet.payout(SLOT);
    sheet.pay(SLOT, payout - by);
    sheet.sum();
    assert_eq!(sheet.native(), Err(Violation::S4 { slot: SLOT }));
    refused_only(&layout, &sheet.table(&layout, 1), DIVISION, ROW);
    // Lowered to less than it was.
    let mut sheet = honest.clone();
    sheet.slots[SLOT].new = sheet.slots[SLOT].old - by;
    sheet.sum();
    sheet.force(SLOT, Number::Payout, -by);
    sheet.rest(SLOT, F::ZERO);
    assert_eq!(
        read::failures(&layout, &sheet.table(&layout, 1)),
        vec![(DIVISION.to_string(), ROW), (LIMBS0.to_string(), PAYOUT_ROW)]
    );
    // Both lowered: a true statement about another Old, which is not the committed one.
    let mut sheet = honest.clone();
    sheet.slots[SLOT].old -= by;
    sheet.slots[SLOT].new -= by;
    let mut table = sheet.table(&layout, 1);
    accepted(&layout, &table);
    table.linked[0] = honest.witness(1).old;
    refused(&layout, &table, "link", 1);
}

/// Linked columns: the same values under another mask, one value altered, columns exchanged.
fn other_column<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let table = honest.table(&layout, 1);
    for column in 0..3 {
        let mut remasked = table.clone();
        let mut one = honest.linked()[column].clone();
        remasked.linked[column] = common::masked(&one, &mut TestRng(99));
        // Slot values agree; the first row between slots does not.
        refused(&layout, &remasked, "link", 1);
        one[SLOT] += F::ONE;
        let mut altered = table.clone();
        altered.linked[column] = common::masked(&one, &mut TestRng(99));
        assert!(matches!(
            apportion_circuits::plonkish::Checker::new(&layout).check(&altered),
            Err(Failure::Link { column: c, .. }) if c.0 == column
        ));
        let mut exchanged = table.clone();
        exchanged.linked.swap(column, (column + 1) % 3);
        // Slot 0 scores 0, so its balance stays and Old and New agree there.
        refused(&layout, &exchanged, "link", usize::from(column == 0));
        // In the rows between slots as well as in those that hold blinding.
        for row in [1, ROW + 9, layout.usable_rows(), layout.rows() - 1] {
            let mut between = table.clone();
            between.advice[column][row] += F::ONE;
            refused_only(&layout, &between, "link", row);
        }
    }
}
