//! Per clause: what is valid is accepted by both checks, what is invalid is refused by both, for exactly that reason.
//!
//! "Both" are the native check and the table checker; the table is the prover's own and, where the prover's would
//! not get that far, a cheater's best (`common::split::Sheet`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use apportion_circuits::{
    field::SuiteField,
    plonkish::Layout,
    relation::{Relation, Violation},
    split::{Shape, Split},
    types::{SCORE_BITS, Tier},
};
use common::{
    Fp, Fr, accepted, read, refused, refused_only,
    split::{
        DIVISION, EMPTY, Input, LAST_COUNT, LAST_EMPTY, LIMBS0, Number, PAYOUT, PUBLIC, S1, S2, SEGMENT_PAID,
        SEGMENT_SCORE, Sheet, integer,
    },
};
use proptest::prelude::*;

const T64: Tier = Tier::T64;

fn arb_score() -> impl Strategy<Value = u64> {
    prop_oneof![3 => any::<u64>(), 2 => 0..1000u64, 1 => Just(0), 1 => Just(u64::MAX)]
}

/// Up to a full segment, the last records possibly without a score; the total is that of the scores, or shared with
/// other segments.
fn arb_valid_split(tier: Tier) -> impl Strategy<Value = Input> {
    let scores = prop::collection::vec(arb_score(), 1..=tier.accounts());
    let pool =
        prop_oneof![any::<u128>(), any::<u64>().prop_map(u128::from), Just(0), Just(1), Just(u128::MAX)];
    let others = prop_oneof![Just(0), 0..1u128 << 79];
    (scores, any::<bool>(), pool, others, any::<prop::sample::Index>(), any::<u64>()).prop_map(
        move |(scores, genesis, pool, others, more, seed)| {
            let sum: u128 = scores.iter().map(|score| u128::from(*score)).sum();
            let total = (sum + others).max(1);
            let records = scores.len() + more.index(tier.accounts() - scores.len() + 1);
            let rng = &mut common::TestRng(seed);
            let old = scores.iter().map(|_| if genesis { 0 } else { rng.bits(127) }).collect();
            Input { tier, genesis, pool, total, records, old, scores }
        },
    )
}

/// A full valid segment, a slot of it and an amount other than 0: what the invalid cases start from.
fn arb_case() -> impl Strategy<Value = (Input, usize, u64)> {
    (any::<u64>(), any::<bool>(), 0..T64.accounts(), 1..u64::MAX)
        .prop_map(|(seed, genesis, slot, by)| (Input::random(T64, genesis, seed), slot, by))
}

fn both_accept<F: SuiteField>(layout: &Layout<F>, input: &Input) {
    let sheet = Sheet::<F>::honest(input, 5);
    assert_eq!(sheet.native(), Ok(()));
    let table = Split::assign(layout, &sheet.instance().unwrap(), &sheet.witness(6));
    accepted(layout, &table);
    // The table written down independently is the same, cell by cell.
    assert!(table.advice == sheet.table(layout, 6).advice, "the tables differ");
}

/// Natively refused with `violation`; the prover's own table refused first for `place` at `row`.
#[track_caller]
fn both_refuse<F: SuiteField>(
    layout: &Layout<F>,
    sheet: &Sheet<F>,
    violation: Violation,
    place: &str,
    row: usize,
) {
    assert_eq!(sheet.native(), Err(violation));
    let table = Split::assign(layout, &sheet.instance().unwrap(), &sheet.witness(6));
    refused(layout, &table, place, row);
}

fn invalid_s1<F: SuiteField>(input: &Input, slot: usize, by: u64) {
    let layout = Split::layout(T64);
    let mut sheet = Sheet::<F>::honest(&Input { genesis: true, old: vec![0; 62], ..input.clone() }, 1);
    let payout = sheet.payout(slot);
    sheet.slots[slot].old = F::from(by);
    sheet.pay(slot, payout);
    both_refuse(&layout, &sheet, Violation::S1 { slot }, S1, slot * 16);
    refused_only(&layout, &sheet.table(&layout, 1), S1, slot * 16);
}

fn invalid_s2<F: SuiteField>(input: &Input, slot: usize, by: u64) {
    let layout = Split::layout(T64);
    // A pool of 0 pays nothing whatever the score: nothing but the range of the score is at stake.
    let mut sheet = Sheet::<F>::honest(&Input { pool: 0, ..input.clone() }, 1);
    sheet.score(slot, F::from(by) + F::from_u128(1 << SCORE_BITS));
    sheet.sum();
    both_refuse(&layout, &sheet, Violation::S2 { slot }, S2, slot * 16);
    refused_only(&layout, &sheet.table(&layout, 1), S2, slot * 16);
    // The sum made right by a limb that is not in the table: score limbs begin the first column.
    let score = sheet.slots[slot].score;
    sheet.force(slot, Number::Score, score);
    refused_only(&layout, &sheet.table(&layout, 1), LIMBS0, slot * 16);
}

/// No payout below 2^128 exists: the score exceeds the total so far that the quotient is too large.
fn invalid_s3<F: SuiteField>(input: &Input, slot: usize) {
    let layout = Split::layout(T64);
    let mut scores = vec![0; 62];
    scores[slot] = u64::MAX;
    let input = Input { pool: 1 << 127 | input.pool, total: 1 << 62, scores, ..input.clone() };
    let mut sheet = Sheet::<F>::honest(&input, 1);
    let quotient = sheet.payout(slot);
    assert!(quotient > F::from_u128(u128::MAX));
    // The public sum would not fit either; it is claimed to be what fits.
    sheet.public[SEGMENT_PAID] = F::from_u128(u128::MAX);
    both_refuse(&layout, &sheet, Violation::S3 { slot }, PAYOUT, slot * 16);
    sheet.sum();
    refused_only(&layout, &sheet.table(&layout, 1), PAYOUT, slot * 16);
    // All payout limbs but the first stand in the first column too.
    sheet.force(slot, Number::Payout, quotient);
    refused_only(&layout, &sheet.table(&layout, 1), LIMBS0, slot * 16 + 7);
}

fn invalid_s4<F: SuiteField>(input: &Input, slot: usize, by: u64) {
    let layout = Split::layout(T64);
    let row = slot * 16;
    for by in [F::from(by), -F::ONE, -F::from(by)] {
        let mut sheet = Sheet::<F>::honest(input, 1);
        let payout = sheet.payout(slot);
        sheet.slots[slot].new += by;
        both_refuse(&layout, &sheet, Violation::S4 { slot }, PAYOUT, row);
        sheet.sum();
        let both = vec![(PAYOUT.to_string(), row), (DIVISION.to_string(), row)];
        assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), both);
        // The payout's limbs follow the balance, where they can.
        sheet.cut(slot, Number::Payout, payout + by);
        let fits = integer(&(payout + by)) <= sheet.plan.limbs(Number::Payout).max();
        let expected = if fits { both[1..].to_vec() } else { both };
        assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), expected);
    }
}

/// A public sum that is not the sum: S5 and S6.
fn invalid_sum<F: SuiteField>(input: &Input, place: usize, violation: Violation, by: u64) {
    let layout = Split::layout(T64);
    for by in [F::from(by), F::ONE, -F::ONE] {
        let mut sheet = Sheet::<F>::honest(input, 1);
        sheet.public[place] += by;
        both_refuse(&layout, &sheet, violation, PUBLIC, place);
        refused_only(&layout, &sheet.table(&layout, 1), PUBLIC, place);
    }
}

/// A slot without a record has a score; those between it and the last record have none.
fn invalid_s7<F: SuiteField>(input: &Input, slot: usize, by: u64) {
    let layout = Split::layout(T64);
    let records = by as usize % (slot + 1);
    let mut scores = input.scores.clone();
    scores[records..].fill(0);
    scores[slot] = by;
    let sheet = Sheet::<F>::honest(&Input { scores, records, ..input.clone() }, 1);
    let place = if slot == 61 { LAST_EMPTY } else { EMPTY };
    both_refuse(&layout, &sheet, Violation::S7 { slot }, place, slot * 16);
    refused_only(&layout, &sheet.table(&layout, 1), place, slot * 16);
}

/// More records than the segment holds.
fn invalid_records<F: SuiteField>(input: &Input, by: usize) {
    let layout = Split::layout(T64);
    let mut scores = input.scores.clone();
    // One of the two constraints on the last slot asks for this alone.
    scores[61] = 0;
    let sheet = Sheet::<F>::honest(&Input { scores, records: 62 + by, ..input.clone() }, 1);
    both_refuse(&layout, &sheet, Violation::Records, LAST_COUNT, 61 * 16);
    refused_only(&layout, &sheet.table(&layout, 1), LAST_COUNT, 61 * 16);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arb_valid_splits_are_accepted_by_both(input in arb_valid_split(T64)) {
        both_accept::<Fr>(&Split::layout(T64), &input);
        both_accept::<Fp>(&Split::layout(T64), &input);
    }

    #[test]
    fn arb_invalid_s1((input, slot, by) in arb_case()) {
        invalid_s1::<Fr>(&input, slot, by);
        invalid_s1::<Fp>(&input, slot, by);
    }

    #[test]
    fn arb_invalid_s2((input, slot, by) in arb_case()) {
        invalid_s2::<Fr>(&input, slot, by);
        invalid_s2::<Fp>(&input, slot, by);
    }

    #[test]
    fn arb_invalid_s3((input, slot, _) in arb_case()) {
        invalid_s3::<Fr>(&input, slot);
        invalid_s3::<Fp>(&input, slot);
    }

    #[test]
    fn arb_invalid_s4((input, slot, by) in arb_case()) {
        invalid_s4::<Fr>(&input, slot, by);
        invalid_s4::<Fp>(&input, slot, by);
    }

    #[test]
    fn arb_invalid_s5((input, _, by) in arb_case()) {
        invalid_sum::<Fr>(&input, SEGMENT_SCORE, Violation::S5, by);
        invalid_sum::<Fp>(&input, SEGMENT_SCORE, Violation::S5, by);
    }

    #[test]
    fn arb_invalid_s6((input, _, by) in arb_case()) {
        invalid_sum::<Fr>(&input, SEGMENT_PAID, Violation::S6, by);
        invalid_sum::<Fp>(&input, SEGMENT_PAID, Violation::S6, by);
    }

    #[test]
    fn arb_invalid_s7((input, slot, by) in arb_case()) {
        invalid_s7::<Fr>(&input, slot, by);
        invalid_s7::<Fp>(&input, slot, by);
    }

    #[test]
    fn arb_invalid_records((input, _, by) in arb_case(), few in 1..3usize) {
        for by in [few, by as usize >> 1] {
            invalid_records::<Fr>(&input, by);
            invalid_records::<Fp>(&input, by);
        }
    }
}

/// A sample at the next tier, where slots have other rows and limbs another base.
fn samples_at_1024<F: SuiteField>() {
    let tier = Tier::T1024;
    let layout = Split::layout(tier);
    for (genesis, seed) in [(true, 1), (false, 2)] {
        both_accept::<F>(&layout, &Input::random(tier, genesis, seed));
    }
    let input = Input::random(tier, false, 3);
    both_accept::<F>(&layout, &Input { scores: vec![5], old: vec![9], records: 1, ..input.clone() });
    for slot in [0, 511, 1021] {
        let honest = Sheet::<F>::honest(&input, 4);
        let row = slot * Shape::of(tier).rows_per_slot;
        let mut sheet = honest.clone();
        sheet.slots[slot].new += F::ONE;
        both_refuse(&layout, &sheet, Violation::S4 { slot }, PAYOUT, row);
        let mut sheet = honest.clone();
        sheet.public[common::split::GENESIS] = F::ONE;
        assert_eq!(sheet.native(), Err(Violation::S1 { slot: 0 }));
        let mut sheet = honest;
        sheet.slots[slot].score += F::from_u128(1 << SCORE_BITS);
        both_refuse(&layout, &sheet, Violation::S2 { slot }, S2, row);
    }
}

/// Columns of another size are refused before anything is read.
fn sizes<F: SuiteField>() {
    let tier = Tier::T64;
    let small = Sheet::<F>::honest(&Input::random(tier, true, 1), 1);
    let (instance, witness) = (small.instance().unwrap(), small.witness(1));
    assert_eq!(Split::check(Tier::T1024, &instance, &witness), Err(Violation::Size));
}

/// Where many slots are wrong the lowest is named, every time.
fn the_first_slot<F: SuiteField>() {
    let input = Input::random(Tier::T1024, false, 1);
    let mut sheet = Sheet::<F>::honest(&input, 1);
    sheet.slots[400..].iter_mut().for_each(|slot| slot.new += F::ONE);
    for _ in 0..50 {
        assert_eq!(sheet.native(), Err(Violation::S4 { slot: 400 }));
        let everywhere = apportion_circuits::split::split(1, 0, &input.old, &input.scores);
        assert_eq!(everywhere, Err(Violation::S3 { slot: 0 }));
    }
}

both_fields! {
    the_first_slot_is_named => the_first_slot();
    at_1024 => samples_at_1024();
    other_sizes_are_refused => sizes();
}
