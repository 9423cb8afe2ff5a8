//! Cheating with what is public about a Split: sums, constants, genesis, and what stands where nothing looks.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use apportion_circuits::{
    field::SuiteField,
    plonkish::Layout,
    relation::{Relation, Violation},
    split::Split,
    types::Tier,
};
use common::{
    TestRng, accepted, cell, read, refused_only,
    split::{
        BELOW, DIVISION, GENESIS, Input, LAST_S5, LAST_S6, LIMBS0, LIMBS1, LIMBS2, Number, PAYOUT, POOL,
        PUBLIC, S1, S2, S5, S6, SAME_GENESIS, SAME_POOL, SAME_TOTAL, SEGMENT_PAID, SEGMENT_SCORE, Sheet,
        TOTAL, element, integer,
    },
};

const T64: Tier = Tier::T64;
const SLOT: usize = 30;
/// The first row of that slot, and where the first limb of its remainder stands.
const ROW: usize = SLOT * 16;
const REMAINDER_ROW: usize = ROW + 5;

fn honest<F: SuiteField>(genesis: bool) -> (Layout<F>, Sheet<F>) {
    let layout = Split::layout(T64);
    let sheet = Sheet::honest(&Input::random(T64, genesis, 41), 41);
    assert_eq!(sheet.native(), Ok(()));
    accepted(&layout, &sheet.table(&layout, 1));
    (layout, sheet)
}

both_fields! {
    hidden_where_nothing_looks => hidden();
    sums_do_not_start_at_zero => started();
    scores_that_sum_modulo_p => scores_modulo_p();
    payouts_that_sum_modulo_p => payouts_modulo_p();
    genesis_claimed_twice => genesis_twice();
    another_pool_or_total_further_down => constants();
    a_chain_cannot_skip_a_slot => chain();
}

/// Reserved slots and rows between slots: whatever stands there, the same public inputs are proven and no other.
fn hidden<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let sizes = layout.usable_rows();
    let rng = &mut TestRng(44);
    let mut sheet = honest.clone();
    for values in sheet.reserved.iter_mut().flatten() {
        *values = F::random(&mut *rng);
    }
    assert_ne!(sheet.linked(), honest.linked());
    assert_eq!(sheet.native(), Ok(()));
    let mut table = sheet.table(&layout, 1);
    // `state` below its sixth row, and all of it in the reserved slots.
    let taken = |row: usize| row / 16 < 62 && row % 16 < 6;
    for row in (0..sizes).filter(|row| !taken(*row)) {
        table.set(cell(&layout, "state", row), F::random(&mut *rng));
    }
    for (column, row) in (0..3).flat_map(|i| (62 * 16..sizes).map(move |row| (i, row))) {
        table.set(cell(&layout, &format!("limbs{column}"), row), F::from(rng.bits(9) as u64));
    }
    assert_eq!(table.public, honest.public);
    accepted(&layout, &table);
    // Nothing hidden there moves a public input: with any of them altered the table is refused at its own row.
    for place in 0..6 {
        let mut table = table.clone();
        table.public[place] += F::ONE;
        refused_only(&layout, &table, PUBLIC, place);
    }
    // Even there a limb is looked up.
    table.set(cell(&layout, "limbs1", 62 * 16 + 2), F::from(772));
    refused_only(&layout, &table, LIMBS1, 62 * 16 + 2);
}

/// What the reserved slots cannot hide: an account that exists only in the sums.
fn started<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    for place in [SEGMENT_SCORE, SEGMENT_PAID] {
        let [chain, last] = if place == SEGMENT_SCORE { [S5, LAST_S5] } else { [S6, LAST_S6] };
        // Added below the last account, and half-way up.
        for (from, name) in [(61, last), (SLOT, chain)] {
            let mut sheet = honest.clone();
            for slot in &mut sheet.slots[..=from] {
                slot.state[place] += F::from(1000);
            }
            sheet.public[place] += F::from(1000);
            assert!(sheet.is_false());
            refused_only(&layout, &sheet.table(&layout, 1), name, from * 16);
        }
    }
}

/// One score is higher by x, another is p - something: the sum is the public one modulo p only.
fn scores_modulo_p<F: SuiteField>() {
    let layout = Split::layout(T64);
    let input = Input { pool: 0, ..Input::random(T64, false, 45) };
    let honest = Sheet::<F>::honest(&input, 45);
    let mut sheet = honest.clone();
    // Slot 0 scores 0; below 0 there is only p - 1.
    sheet.score(0, -F::ONE);
    let score = sheet.slots[SLOT].score + F::ONE;
    sheet.score(SLOT, score);
    sheet.sum();
    assert_eq!(sheet.public, honest.public);
    assert_eq!(sheet.native(), Err(Violation::S2 { slot: 0 }));
    refused_only(&layout, &sheet.table(&layout, 1), S2, 0);
    sheet.force(0, Number::Score, -F::ONE);
    refused_only(&layout, &sheet.table(&layout, 1), LIMBS0, 0);
}

/// One is paid a negative amount, another the more: the sum is right, in the field.
fn payouts_modulo_p<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let mut sheet = honest.clone();
    // One unit of the payout of slot 0, which is 0, is a total of its remainder.
    let total = sheet.public[TOTAL];
    let (q, r) = (sheet.payout(SLOT), sheet.due_rest(SLOT));
    sheet.slots[0].new -= F::ONE;
    sheet.force(0, Number::Payout, -F::ONE);
    sheet.rest(0, total);
    sheet.force(0, Number::Slack, -F::ONE);
    sheet.pay(SLOT, q + F::ONE);
    sheet.rest(SLOT, r - total);
    sheet.force(SLOT, Number::Remainder, r - total);
    sheet.sum();
    assert_eq!(sheet.public, honest.public);
    assert_eq!(sheet.native(), Err(Violation::S4 { slot: 0 }));
    let expected = [(LIMBS0, 7), (LIMBS1, REMAINDER_ROW), (LIMBS2, 3)];
    let expected: Vec<_> = expected.iter().map(|(place, row)| (place.to_string(), *row)).collect();
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), expected);
    // Without the limbs out of the table.
    sheet.cut(0, Number::Payout, F::ZERO);
    sheet.cut(0, Number::Slack, F::ZERO);
    sheet.cut(SLOT, Number::Remainder, F::ZERO);
    sheet.cut(SLOT, Number::Slack, total - F::ONE);
    let expected = [(PAYOUT, 0), (BELOW, 0), (DIVISION, ROW)];
    let expected: Vec<_> = expected.iter().map(|(place, row)| (place.to_string(), *row)).collect();
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), expected);
}

/// Balances that are not 0 in an epoch that claims to be the first; and the ways to hide the claim.
fn genesis_twice<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let mut sheet = honest.clone();
    sheet.public[GENESIS] = F::ONE;
    sheet.slots.iter_mut().for_each(|slot| slot.state[GENESIS] = F::ONE);
    assert_eq!(sheet.native(), Err(Violation::S1 { slot: 0 }));
    let everywhere: Vec<_> = (0..62).map(|slot| (S1.to_string(), 16 * slot)).collect();
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), everywhere);
    // One balance only.
    let mut one = sheet.clone();
    for slot in (0..62).filter(|slot| *slot != SLOT) {
        let payout = one.payout(slot);
        one.slots[slot].old = F::ZERO;
        one.slots[slot].new = payout;
    }
    refused_only(&layout, &one.table(&layout, 1), S1, ROW);
    // Genesis in public, not so in the table: from the first slot on, from a later one, in one slot only.
    let mut zeros = sheet.clone();
    zeros.slots.iter_mut().for_each(|slot| slot.state[GENESIS] = F::ZERO);
    refused_only(&layout, &zeros.table(&layout, 1), PUBLIC, GENESIS);
    let mut later = one.clone();
    later.slots[SLOT..].iter_mut().for_each(|slot| slot.state[GENESIS] = F::ZERO);
    refused_only(&layout, &later.table(&layout, 1), SAME_GENESIS, ROW - 16);
    let mut once = one;
    once.slots[SLOT].state[GENESIS] = F::ZERO;
    let both = vec![(SAME_GENESIS.to_string(), ROW - 16), (SAME_GENESIS.to_string(), ROW)];
    assert_eq!(read::failures(&layout, &once.table(&layout, 1)), both);
    // Values other than 0 and 1 are the verifier's to refuse (V3); in the table they are as strict as 1.
    let mut two = sheet;
    two.public[GENESIS] = -F::ONE;
    two.slots.iter_mut().for_each(|slot| slot.state[GENESIS] = -F::ONE);
    assert_eq!(read::failures(&layout, &two.table(&layout, 1)), everywhere);
}

/// A chain of constants that changes half-way: everything below is honest about the wrong numbers.
fn constants<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    for (place, name) in [(POOL, SAME_POOL), (TOTAL, SAME_TOTAL)] {
        for from in [1, SLOT, 61] {
            let mut sheet = honest.clone();
            for slot in from..62 {
                // Twice the pool, or half the total.
                let state = &mut sheet.slots[slot].state;
                state[place] =
                    if place == POOL { state[place].double() } else { element(integer(&state[place]) >> 1) };
                let product = integer(&state[POOL]) * integer(&honest.slots[slot].score);
                let (q, r) = product.div_rem(integer(&state[TOTAL]));
                sheet.pay(slot, element(q));
                sheet.rest(slot, element(r));
            }
            sheet.sum();
            assert_eq!(sheet.native(), Err(Violation::S4 { slot: from }));
            refused_only(&layout, &sheet.table(&layout, 1), name, (from - 1) * 16);
        }
        // All slots, against the public input.
        let mut sheet = honest.clone();
        sheet.public[place] += F::ONE;
        refused_only(&layout, &sheet.table(&layout, 1), PUBLIC, place);
    }
}

/// A slot left out of the sums: its neighbour above continues from the slot below it.
fn chain<F: SuiteField>() {
    let (layout, honest) = honest::<F>(false);
    let mut sheet = honest.clone();
    let Sheet { slots, public, .. } = &mut sheet;
    let (score, payout) = (slots[SLOT].score, slots[SLOT].new - slots[SLOT].old);
    for slot in &mut slots[..=SLOT] {
        slot.state[SEGMENT_SCORE] -= score;
        slot.state[SEGMENT_PAID] -= payout;
    }
    public[SEGMENT_SCORE] -= score;
    public[SEGMENT_PAID] -= payout;
    assert_eq!(sheet.native(), Err(Violation::S5));
    let both = vec![(S5.to_string(), ROW), (S6.to_string(), ROW)];
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), both);
}
