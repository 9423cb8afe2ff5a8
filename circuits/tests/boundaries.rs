//! The edges of every range, and the uniqueness of the Euclidean pair: accepted exactly where the integers say so.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use apportion_circuits::{
    field::{SuiteField, two_pow},
    plonkish::Layout,
    relation::Relation,
    split::Split,
    types::Tier,
};
use common::{
    TestRng, accepted, read, refused_only,
    split::{BELOW, DIVISION, Input, Number, PAYOUT, POOL, S2, Sheet, TOTAL, element, integer},
};
use ruint::aliases::U256;

const T64: Tier = Tier::T64;

/// A slot in the middle: both its neighbours are accounts.
const SLOT: usize = 20;

/// Around 2^bits, and around the modulus: those below 2^bits are the first three.
fn edges<F: SuiteField>(bits: u32) -> Vec<F> {
    let (end, half) = (two_pow::<F>(bits), F::TWO_INV);
    // (p + 1) / 2 is the inverse of 2.
    vec![F::ZERO, F::ONE, end - F::ONE, end, end + F::ONE, -F::ONE, -end, half - F::ONE, half]
}

/// One account with this score in a segment that pays nothing to anybody else.
fn lone<F: SuiteField>(pool: F, score: F, total: F) -> Sheet<F> {
    let input =
        Input { tier: T64, genesis: false, pool: 0, total: 1, records: 62, old: vec![1; 62], scores: vec![] };
    let mut sheet = Sheet::honest(&input, 1);
    (sheet.public[POOL], sheet.public[TOTAL]) = (pool, total);
    for slot in 0..62 {
        (sheet.slots[slot].state[POOL], sheet.slots[slot].state[TOTAL]) = (pool, total);
        sheet.rest(slot, F::ZERO);
    }
    sheet.score(SLOT, score);
    sheet
}

/// Writes a number's limbs: properly where it fits, else with a lowest limb that makes the sum right.
/// Returns what a checker must say then.
fn write<F: SuiteField>(sheet: &mut Sheet<F>, number: Number, value: F) -> Option<(String, usize)> {
    if integer(&value) <= sheet.plan.limbs(number).max() {
        sheet.cut(SLOT, number, value);
        return None;
    }
    sheet.force(SLOT, number, value);
    let (column, row) = sheet.plan.place(number, 0);
    Some((format!("limbs{column} is in the range table"), sheet.plan.row(SLOT, row)))
}

/// A cheater claims payout and remainder and makes every equation hold; the names of the limbs that give it away.
fn claim<F: SuiteField>(
    layout: &Layout<F>,
    sheet: &mut Sheet<F>,
    payout: F,
    remainder: F,
) -> Vec<(String, usize)> {
    let total = sheet.slots[SLOT].state[TOTAL];
    sheet.slots[SLOT].new = sheet.slots[SLOT].old + payout;
    assert_eq!(sheet.due_rest(SLOT), remainder, "not a solution even modulo p");
    let expected: Vec<_> = [
        write(sheet, Number::Payout, payout),
        write(sheet, Number::Remainder, remainder),
        write(sheet, Number::Slack, total - F::ONE - remainder),
    ]
    .into_iter()
    .flatten()
    .collect();
    sheet.sum();
    assert_eq!(read::failures(layout, &sheet.table(layout, 2)), expected);
    expected
}

both_fields! {
    a_score_is_below_2_64 => scores();
    a_payout_is_below_2_128 => payouts();
    a_remainder_is_below_the_total => remainders();
    a_total_is_positive => totals();
    only_the_euclidean_pair => euclid();
    every_remainder_of_small_totals => every_remainder();
    another_cut_of_a_number_changes_nothing => other_limbs();
    equations_cannot_wrap => no_wrap();
}

fn scores<F: SuiteField>() {
    let layout = Split::layout(T64);
    for (i, score) in edges::<F>(64).into_iter().enumerate() {
        // The pool is 0: whatever the score, payout and remainder are 0.
        let mut sheet = lone(F::ZERO, score, two_pow::<F>(79));
        sheet.sum();
        let table = sheet.table(&layout, 1);
        if i < 3 {
            accepted(&layout, &table);
            continue;
        }
        refused_only(&layout, &table, S2, SLOT * 16);
        let (place, row) = write(&mut sheet, Number::Score, score).unwrap();
        refused_only(&layout, &sheet.table(&layout, 1), &place, row);
    }
}

fn payouts<F: SuiteField>() {
    let layout = Split::layout(T64);
    for (i, payout) in edges::<F>(128).into_iter().enumerate() {
        // One of one: the payout is the pool, whatever the pool is.
        let mut sheet = lone(payout, F::ONE, F::ONE);
        sheet.pay(SLOT, payout);
        sheet.sum();
        let table = sheet.table(&layout, 1);
        if i < 3 {
            accepted(&layout, &table);
            continue;
        }
        refused_only(&layout, &table, PAYOUT, SLOT * 16);
        let places = claim(&layout, &mut sheet, payout, F::ZERO);
        assert_eq!(places, vec![("limbs0 is in the range table".into(), SLOT * 16 + 7)]);
    }
}

fn remainders<F: SuiteField>() {
    let layout = Split::layout(T64);
    for bits in [0, 1, 31, 79] {
        let total = two_pow::<F>(bits);
        for (i, remainder) in edges::<F>(bits).into_iter().enumerate() {
            // Nothing is paid: the pool times a score of 1 is the remainder.
            let below = integer(&remainder) < U256::from(1) << bits;
            assert_eq!(below, if bits == 0 { i == 0 || i == 2 } else { i < 3 });
            let mut sheet = lone(remainder, F::ONE, total);
            let places = claim(&layout, &mut sheet, F::ZERO, remainder);
            assert_eq!(places.is_empty(), below);
            if below {
                accepted(&layout, &sheet.table(&layout, 2));
            } else if integer(&remainder) <= sheet.plan.limbs(Number::Remainder).max() {
                // Limbs that stay in the table instead.
                sheet.cut(SLOT, Number::Slack, F::ZERO);
                refused_only(&layout, &sheet.table(&layout, 2), BELOW, SLOT * 16);
            }
        }
    }
}

/// The table needs no bound on the total but that remainders and slacks reach it: 0 and everything from their reach
/// up is refused. `total < 2^80` is the verifier's to check (V1), as for all public inputs.
fn totals<F: SuiteField>() {
    let layout = Split::layout(T64);
    for total in edges::<F>(80) {
        let mut sheet = lone(F::from(5), F::ZERO, total);
        for slot in 0..62 {
            sheet.rest(slot, F::ZERO);
        }
        sheet.sum();
        let failures = read::failures(&layout, &sheet.table(&layout, 1));
        let within = integer(&(total - F::ONE)) <= sheet.plan.limbs(Number::Slack).max();
        assert_eq!(within, total != F::ZERO && integer(&total) <= (U256::from(1) << 80) + U256::from(1));
        let everywhere: Vec<_> = (0..62).map(|slot| (BELOW.to_string(), slot * 16)).collect();
        assert_eq!(failures, if within { vec![] } else { everywhere });
    }
}

fn euclid<F: SuiteField>() {
    let layout = Split::layout(T64);
    let rng = &mut TestRng(11);
    let largest = (1 << 80) - 1;
    let mut cases =
        vec![(0, 7, 9), (5, 0, 9), (u128::MAX, u64::MAX, largest), (u128::MAX, 1, 1), (1 << 127, 3, 3)];
    cases.extend((0..12).map(|_| (rng.bits(128), rng.bits(64) as u64, 1 + rng.bits(80) % largest)));
    cases.extend((0..4).map(|_| (rng.bits(64), rng.bits(16) as u64, 1 + rng.bits(18))));
    for (pool, score, total) in cases {
        let (quotient, remainder) = (U256::from(pool) * U256::from(score)).div_rem(U256::from(total));
        if quotient >> 128 != U256::ZERO {
            continue;
        }
        let (q, r, d) = (element::<F>(quotient), element::<F>(remainder), F::from_u128(total));
        let mut sheet = lone(F::from_u128(pool), F::from(score), d);
        assert_eq!(claim(&layout, &mut sheet, q, r), vec![]);
        accepted(&layout, &sheet.table(&layout, 3));
        let t = F::random(&mut *rng);
        let small = F::from(2 + rng.bits(20) as u64);
        for k in [F::ONE, -F::ONE, small, -small, t] {
            let places = claim(&layout, &mut sheet.clone(), q + k, r - k * d);
            assert!(!places.is_empty(), "{k:?} quotients up");
            // The equation alone, the remainder left as it is.
            let mut plain = sheet.clone();
            plain.slots[SLOT].new += k;
            let fits = write(&mut plain, Number::Payout, q + k).is_none();
            plain.sum();
            if fits {
                refused_only(&layout, &plain.table(&layout, 3), DIVISION, SLOT * 16);
            }
        }
        // A payout that solves the equation modulo p for another remainder below the total.
        let other = (r + F::ONE) * F::from(u64::from(r + F::ONE != d));
        if other != r {
            let places = claim(&layout, &mut sheet.clone(), q + (r - other) * d.invert().unwrap(), other);
            assert_eq!(places, vec![("limbs0 is in the range table".into(), SLOT * 16 + 7)]);
        }
    }
}

/// All pairs, for totals small enough to try them.
fn every_remainder<F: SuiteField>() {
    let layout = Split::layout(T64);
    for (pool, score, total) in
        [(1000, 7, 1), (1000, 7, 2), (1000, 7, 13), (0, 7, 5), (77, 11, 7), (3, 5, 31)]
    {
        let d = F::from(total);
        let good: Vec<u64> = (0..total + 2)
            .filter(|r| {
                let mut sheet = lone(F::from(pool), F::from(score), d);
                let payout = (F::from(pool * score) - F::from(*r)) * d.invert().unwrap();
                claim(&layout, &mut sheet, payout, F::from(*r)).is_empty()
            })
            .collect();
        assert_eq!(good, vec![pool * score % total]);
    }
    // A total of 0 has no pair at all, whatever is claimed: even where nobody scores.
    for (pool, score) in [(0, 0), (5, 0), (0, 5), (5, 7)] {
        let mut sheet = lone(F::from(pool), F::from(score), F::ZERO);
        for slot in 0..62 {
            sheet.cut(slot, Number::Slack, F::ZERO);
        }
        sheet.cut(SLOT, Number::Remainder, F::from(pool * score));
        sheet.sum();
        let everywhere: Vec<_> = (0..62).map(|slot| (BELOW.to_string(), slot * 16)).collect();
        assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), everywhere);
    }
}

/// The top weights of exact ranges overlap the lower ones: a number may be cut in several ways. That is the one
/// freedom in a Split's limbs, and nothing public, linked or summed depends on it.
fn other_limbs<F: SuiteField>() {
    let layout = Split::layout(T64);
    let sheet = Sheet::<F>::honest(&Input::random(T64, false, 12), 1);
    let mut found = 0;
    for (slot, number) in (0..62).flat_map(|slot| [(slot, Number::Score), (slot, Number::Payout)]) {
        let limbs = sheet.plan.limbs(number);
        let top = limbs.count() - 1;
        // One unit of the top weight, cut again into the lower ones.
        let lower: U256 = limbs.weights()[..top].iter().fold(U256::ZERO, |sum, w| sum + w * U256::from(771));
        let mut value = U256::ZERO;
        for (limb, weight) in sheet.slots[slot].limbs[number as usize][..top].iter().zip(limbs.weights()) {
            value += integer(limb) * weight;
        }
        let value = value + limbs.weights()[top];
        if sheet.slots[slot].limbs[number as usize][top] == F::ZERO || value > lower {
            continue;
        }
        let mut other = sheet.clone();
        let cells = &mut other.slots[slot].limbs[number as usize];
        cells[top] -= F::ONE;
        let mut rest = value;
        for (cell, weight) in cells[..top].iter_mut().zip(limbs.weights()).rev() {
            let limb = (rest / weight).min(U256::from(771));
            rest -= limb * weight;
            *cell = element(limb);
        }
        assert_eq!(rest, U256::ZERO);
        let table = other.table(&layout, 1);
        assert_ne!(other.slots[slot].limbs, sheet.slots[slot].limbs);
        accepted(&layout, &table);
        assert_eq!((other.public, other.linked()), (sheet.public, sheet.linked()));
        found += 1;
    }
    assert!(found > 0, "no number with a second cut");
}

/// The no-wrap argument in numbers: both sides of every equation, at their largest, stay below either modulus.
fn no_wrap<F: SuiteField>() {
    let modulus = integer(&-F::ONE) + U256::from(1);
    for tier in Tier::ALL {
        let plan = common::split::Plan::of(tier);
        let max = |number| plan.limbs(number).max();
        let one = U256::from(1);
        assert_eq!(max(Number::Score), (one << 64) - one);
        assert_eq!(max(Number::Payout), (one << 128) - one);
        let pool = (one << 128) - one;
        let total = (one << 80) - one;
        assert!(max(Number::Remainder) >= total && max(Number::Slack) >= total);
        assert!(pool * max(Number::Score) < modulus);
        assert!(max(Number::Payout) * total + max(Number::Remainder) < modulus);
        assert!(max(Number::Remainder) + max(Number::Slack) + one < modulus);
        assert!(max(Number::Payout) * U256::from(tier.slots()) < modulus);
    }
}
