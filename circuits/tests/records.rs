//! S7, an empty slot earns nothing: exhaustively over small fields, cheats on the count, and the ends of its range.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Expr, Gate, Layout, Query},
    relation::{Relation, Violation},
    split::{Shape, Split},
    types::Tier,
};
use common::{
    Fr, accepted, read, refused_only,
    split::{
        DIVISION, EMPTY, FALLS, Input, LAST_COUNT, LAST_EMPTY, LAST_S5, LAST_S6, POOL, PUBLIC, RECORDS, S5,
        S6, STAYS, Sheet, TOTAL, element, integer,
    },
};
use ruint::aliases::U256;

const T64: Tier = Tier::T64;
const SLOT: usize = 30;

/// S7 as the layout has it, read from its gates, in the integers modulo a small prime.
struct Small {
    modulus: i64,
    chain: Vec<Expr<Fr>>,
    last: Vec<Expr<Fr>>,
}

impl Small {
    fn new(modulus: i64) -> Self {
        let layout: Layout<Fr> = Split::layout(T64);
        let polys = |name: &str| -> Vec<Expr<Fr>> {
            let gate: &Gate<Fr> = layout.gates.iter().find(|gate| gate.name == name).unwrap();
            let counts = gate.polys.iter().filter(|(claim, _)| claim.starts_with("S7"));
            counts.map(|(_, poly)| poly.clone()).collect()
        };
        let small = Self { modulus, chain: polys("chain"), last: polys("last") };
        assert_eq!((small.chain.len(), small.last.len()), (3, 2));
        small
    }

    /// The value of a polynomial where the count here and in the next slot, and the score, are these.
    fn value(&self, poly: &Expr<Fr>, count: i64, next: i64, score: i64) -> i64 {
        let constant = |c: &Fr| match *c {
            c if c == Fr::from(1) => 1,
            c if c == -Fr::from(1) => -1,
            c => panic!("{c:?}: neither 1 nor -1"),
        };
        let value = |poly: &Expr<Fr>| self.value(poly, count, next, score);
        let value = match poly {
            Expr::Constant(c) => constant(c),
            // Score is the third column, `state` the fourth; the count stands in row 5 of 16.
            Expr::Cell(Query::Advice(2, 0)) => score,
            Expr::Cell(Query::Advice(3, 5)) => count,
            Expr::Cell(Query::Advice(3, 21)) => next,
            Expr::Cell(query) => panic!("{query:?}"),
            Expr::Sum(terms) => terms.iter().map(value).sum(),
            Expr::Product(a, b) => value(a) * value(b),
            Expr::Scaled(a, c) => value(a) * constant(c),
        };
        value.rem_euclid(self.modulus)
    }

    /// Every claim that some counts satisfy: the public number of records, and which of `accounts` slots score.
    fn claims(&self, accounts: usize) -> BTreeSet<(i64, u32)> {
        // All counts of a slot with the patterns of scores from it on, from the last slot up.
        let holds = |polys: &[Expr<Fr>], count, next, score| {
            polys.iter().all(|poly| self.value(poly, count, next, score) == 0)
        };
        let all = 0..self.modulus;
        let scores = [(0, false), (1, true), (self.modulus - 1, true)];
        let mut claims = BTreeSet::new();
        for count in all.clone() {
            for (score, scores) in scores {
                if holds(&self.last, count, 0, score) {
                    claims.insert((count, u32::from(scores)));
                }
            }
        }
        for _ in 1..accounts {
            let mut longer = BTreeSet::new();
            for (count, next) in all.clone().flat_map(|count| all.clone().map(move |next| (count, next))) {
                for (score, scores) in scores {
                    if holds(&self.chain, count, next, score) {
                        let patterns = claims.iter().filter(|(first, _)| *first == next);
                        longer.extend(patterns.map(|(_, below)| (count, below << 1 | u32::from(scores))));
                    }
                }
            }
            claims = longer;
        }
        claims
    }
}

/// At most as many records as accounts, and scores in the first slots only: bit i of the pattern is slot i.
fn truths(accounts: usize) -> BTreeSet<(i64, u32)> {
    (0..=accounts)
        .flat_map(|records| (0..1u32 << records).map(move |pattern| (records as i64, pattern)))
        .collect()
}

const SMALL: [(i64, usize); 6] = [(2, 1), (3, 2), (5, 4), (7, 6), (11, 10), (13, 12)];

/// Every number of records, every pattern of scores, all counts: exactly the true claims can be proven, in any field
/// that has more elements than the segment has accounts.
#[test]
fn s7_is_sound_and_complete_in_small_fields() {
    for (modulus, most) in SMALL {
        for accounts in 1..=most {
            let found = Small::new(modulus).claims(accounts);
            assert_eq!(found, truths(accounts), "{accounts} accounts modulo {modulus}");
        }
    }
}

/// Without any one of its constraints, of those on the chain and of those on the last slot, S7 lets a false claim
/// through: two accounts are enough, or three, and one of each kind is named here.
#[test]
fn s7_needs_each_of_its_constraints() {
    for (modulus, most) in SMALL {
        for accounts in 2..=most {
            let truths = truths(accounts);
            let without = |change: &dyn Fn(&mut Small)| {
                let mut small = Small::new(modulus);
                change(&mut small);
                let found = small.claims(accounts);
                assert!(found.is_superset(&truths), "a constraint less and a true claim less");
                found.difference(&truths).copied().collect::<BTreeSet<_>>()
            };
            let (first, last) = (1, 1 << (accounts - 1));
            // A count of 0 frees its slot by -1 below it, and comes back to 0.
            let falls = without(&|small| _ = small.chain.remove(0));
            assert_eq!(falls.contains(&(0, first)), accounts > 2);
            // Or records that the segment does not hold are dropped.
            let too_many = accounts as i64 + 1;
            assert_eq!(falls.contains(&(too_many, 0)), too_many < modulus);
            // The count starts again.
            assert!(without(&|small| _ = small.chain.remove(1)).contains(&(0, last)));
            // Nobody asks whether a slot is empty.
            assert!(without(&|small| _ = small.chain.remove(2)).contains(&(0, first)));
            // A count of -1 is never asked back to 0.
            let at_most = without(&|small| _ = small.last.remove(0));
            assert!(at_most.contains(&(0, 1 << (accounts - 2))));
            assert_eq!(at_most.contains(&(too_many, 0)), too_many < modulus);
            assert!(without(&|small| _ = small.last.remove(1)).contains(&(0, last)));
        }
    }
}

both_fields! {
    the_ends_of_the_range => ends(T64);
    the_ends_of_the_range_at_1024 => ends(Tier::T1024);
    one_record_too_many_or_too_few => one_off();
    a_count_that_steps_to_minus_one => minus_one();
    a_count_that_skips => skips();
    a_count_that_starts_again => again();
    a_count_that_stays => constant();
    a_count_past_the_end => past_the_end();
    a_count_of_its_own => unbound();
    a_score_that_is_not_there => hidden_score();
    edges_of_the_field => edges();
}

#[test]
fn the_ends_of_the_range_at_16384() {
    ends::<Fr>(Tier::T16384);
}

/// 0, 1, C - 3 and C - 2 records, all of them scoring or none: accepted; the slot behind them scoring: refused.
fn ends<F: SuiteField>(tier: Tier) {
    let layout = Split::layout(tier);
    let stride = Shape::of(tier).rows_per_slot;
    let accounts = tier.accounts();
    for records in [0, 1, accounts - 1, accounts] {
        let input = Input::random(tier, false, 81);
        for scores in [input.scores.clone(), vec![]] {
            let input = Input { scores, ..input.clone() }.of_records(records);
            let sheet = Sheet::<F>::honest(&input, 81);
            assert_eq!(sheet.native(), Ok(()));
            let table = Split::assign(&layout, &sheet.instance().unwrap(), &sheet.witness(2));
            accepted(&layout, &table);
            assert!(table.advice == sheet.table(&layout, 2).advice, "the tables differ");
        }
        if records < accounts {
            let mut scores = input.scores.clone();
            scores[0] = 1;
            scores.truncate(records + 1);
            let sheet = Sheet::<F>::honest(&Input { scores, records, ..input }, 81);
            assert_eq!(sheet.native(), Err(Violation::S7 { slot: records }));
            let place = if records + 1 == accounts { LAST_EMPTY } else { EMPTY };
            refused_only(&layout, &sheet.table(&layout, 2), place, records * stride);
        }
    }
}

/// A segment whose records all score but the first, and its number of records.
fn some<F: SuiteField>(records: usize) -> (Layout<F>, Sheet<F>) {
    let layout = Split::layout(T64);
    let sheet = Sheet::honest(&Input::random(T64, false, 82).of_records(records), 82);
    accepted(&layout, &sheet.table(&layout, 1));
    (layout, sheet)
}

fn places(places: &[(&str, usize)]) -> Vec<(String, usize)> {
    places.iter().map(|(place, slot)| (place.to_string(), slot * 16)).collect()
}

fn one_off<F: SuiteField>() {
    // One too few: the last record's score stands in an empty slot.
    let (layout, honest) = some::<F>(SLOT);
    let mut sheet = honest.clone();
    sheet.records(SLOT - 1);
    assert_eq!(sheet.native(), Err(Violation::S7 { slot: SLOT - 1 }));
    refused_only(&layout, &sheet.table(&layout, 1), EMPTY, (SLOT - 1) * 16);
    // In public only, and in the table only.
    let mut public = honest.clone();
    public.public[RECORDS] -= F::ONE;
    refused_only(&layout, &public.table(&layout, 1), PUBLIC, RECORDS);
    sheet.public = honest.public;
    let both = vec![(EMPTY.to_string(), (SLOT - 1) * 16), (PUBLIC.to_string(), RECORDS)];
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), both);
    // One too many is no lie about scores: a record may score 0. How many there are is the verifier's to know (V3).
    let mut sheet = honest.clone();
    sheet.records(SLOT + 1);
    assert_eq!(sheet.native(), Ok(()));
    accepted(&layout, &sheet.table(&layout, 1));
    // But never more than the segment holds.
    let mut sheet = honest;
    sheet.records(63);
    assert_eq!(sheet.native(), Err(Violation::Records));
    refused_only(&layout, &sheet.table(&layout, 1), LAST_COUNT, 61 * 16);
}

/// From 0 the count can step to -1, which frees the slot; it can never come back.
fn minus_one<F: SuiteField>() {
    let (layout, mut sheet) = some::<F>(62);
    sheet.score(61, F::ZERO);
    sheet.pay(61, F::ZERO);
    sheet.rest(61, F::ZERO);
    sheet.sum();
    let down = |slot: usize| F::from(SLOT as u64) - F::from(slot as u64);
    sheet.count(down);
    assert_eq!(sheet.native(), Err(Violation::S7 { slot: SLOT }));
    let last = places(&[(LAST_COUNT, 61), (LAST_EMPTY, 61)]);
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), last[..1]);
    // A score in the last slot is one more reason.
    let mut scored = some::<F>(62).1;
    scored.count(down);
    assert_eq!(read::failures(&layout, &scored.table(&layout, 1)), last);
    // Back at 0 in the last slot, or from anywhere in between.
    for back in [61, 50] {
        let mut sheet = sheet.clone();
        sheet.count(|slot| if slot < back { down(slot) } else { F::ZERO });
        let from = back - 1;
        let failures = read::failures(&layout, &sheet.table(&layout, 1));
        assert_eq!(failures[..2], places(&[(FALLS, from), (EMPTY, from)]));
        // And nobody may score after that.
        assert_eq!(failures.len(), 2 + (61 - back));
    }
    // The slot at -1 scores 0 as well, and all below it: only the way back is left.
    let mut scores = Input::random(T64, false, 82).scores;
    scores[SLOT + 1..].fill(0);
    let input = Input { scores, records: SLOT, ..Input::random(T64, false, 82) };
    let mut sheet = Sheet::<F>::honest(&input, 82);
    sheet.count(|slot| if slot < SLOT + 2 { down(slot) } else { F::ZERO });
    assert_eq!(sheet.native(), Err(Violation::S7 { slot: SLOT }));
    refused_only(&layout, &sheet.table(&layout, 1), FALLS, (SLOT + 1) * 16);
}

/// A count that passes over slots: no record is left for them, or more than one is lost.
fn skips<F: SuiteField>() {
    // Falls by two: one slot fewer than records.
    let (layout, mut sheet) = some::<F>(62);
    sheet.count(|slot| F::from(if slot <= SLOT { 63 - slot } else { 62 - slot } as u64));
    assert_eq!(sheet.native(), Err(Violation::Records));
    let skipped = places(&[(FALLS, SLOT), (STAYS, SLOT), (EMPTY, SLOT)]);
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), skipped);
    // Nobody scores there: two reasons are left.
    sheet.score(SLOT, F::ZERO);
    sheet.pay(SLOT, F::ZERO);
    sheet.rest(SLOT, F::ZERO);
    sheet.sum();
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), skipped[..2]);
    // Does not fall, once: one slot more than records.
    let (_, mut sheet) = some::<F>(62);
    sheet.count(|slot| F::from(if slot <= SLOT { 61 - slot } else { 62 - slot } as u64));
    assert_eq!(sheet.native(), Err(Violation::S7 { slot: 61 }));
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), skipped);
}

/// Empty slots in the middle: records - 1 in front of them, the rest behind.
fn again<F: SuiteField>() {
    let mut input = Input::random(T64, false, 83);
    input.scores[SLOT] = 0;
    let layout = Split::layout(T64);
    let mut sheet = Sheet::<F>::honest(&input, 83);
    sheet.count(|slot| F::from(if slot <= SLOT { SLOT - slot } else { 62 - slot } as u64));
    assert_eq!(sheet.native(), Err(Violation::S7 { slot: SLOT + 1 }));
    refused_only(&layout, &sheet.table(&layout, 1), STAYS, SLOT * 16);
    // The same with the score that it has: refused there as well.
    let mut sheet = some::<F>(62).1;
    sheet.count(|slot| F::from(if slot <= SLOT { SLOT - slot } else { 62 - slot } as u64));
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), places(&[(STAYS, SLOT), (EMPTY, SLOT)]));
}

/// The same count in every slot: its difference is -1 everywhere.
fn constant<F: SuiteField>() {
    let (layout, honest) = some::<F>(62);
    for count in [1, SLOT as u64, 62] {
        let mut sheet = honest.clone();
        sheet.count(|_| F::from(count));
        let failures = read::failures(&layout, &sheet.table(&layout, 1));
        // Slot 0 scores 0; the last slot ends only a count of 1.
        let last = if count == 1 { 0 } else { 2 };
        assert_eq!(failures.len(), 3 * 61 - 1 + last);
        assert_eq!(failures[..2], places(&[(FALLS, 0), (STAYS, 0)]));
    }
    // A count of 0 in every slot is fine where nobody scores, and only there.
    let mut sheet = honest;
    sheet.count(|_| F::ZERO);
    let failures = read::failures(&layout, &sheet.table(&layout, 1));
    let mut expected: Vec<_> = (1..61).map(|slot| (EMPTY, slot)).collect();
    expected.push((LAST_EMPTY, 61));
    assert_eq!(failures, places(&expected));
}

/// Records that are still left after the last account.
fn past_the_end<F: SuiteField>() {
    for records in [63, 64, 65, 1000] {
        let (layout, mut sheet) = some::<F>(62);
        sheet.records(records);
        assert_eq!(sheet.native(), Err(Violation::Records));
        let last = places(&[(LAST_COUNT, 61), (LAST_EMPTY, 61)]);
        assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), last);
        // Dropped half-way instead.
        sheet.count(|slot| F::from(if slot <= SLOT { records - slot } else { 62 - slot } as u64));
        let dropped = places(&[(FALLS, SLOT), (STAYS, SLOT), (EMPTY, SLOT)]);
        assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), dropped);
    }
}

/// A count that is right further down and another one above, or in public.
fn unbound<F: SuiteField>() {
    let (layout, honest) = some::<F>(SLOT);
    let mut sheet = honest.clone();
    sheet.count(|slot| F::from(if slot == 0 { 12 } else { SLOT.saturating_sub(slot) as u64 }));
    // Slot 0 scores 0, so nothing but the count itself is wrong there.
    let mut expected = places(&[(FALLS, 0), (STAYS, 0)]);
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), expected);
    sheet.public = honest.public;
    expected.push((PUBLIC.to_string(), RECORDS));
    assert_eq!(read::failures(&layout, &sheet.table(&layout, 1)), expected);
}

/// An empty slot cannot earn without a score either: the payout is the score's.
fn hidden_score<F: SuiteField>() {
    let (layout, honest) = some::<F>(SLOT);
    for slot in [SLOT, 61] {
        let mut sheet = honest.clone();
        sheet.pay(slot, F::ONE);
        sheet.sum();
        assert_eq!(sheet.native(), Err(Violation::S4 { slot }));
        refused_only(&layout, &sheet.table(&layout, 1), DIVISION, slot * 16);
        // With the score that pays 1 unit, hidden from the sums.
        let mut sheet = honest.clone();
        let (pool, total) = (integer(&sheet.public[POOL]), integer(&sheet.public[TOTAL]));
        let score = element::<F>(total.div_ceil(pool).max(U256::from(1)));
        sheet.score(slot, score);
        let (q, r) = (pool * integer(&score)).div_rem(total);
        sheet.pay(slot, element(q));
        sheet.rest(slot, element(r));
        let [s5, s6, empty] = if slot == 61 { [LAST_S5, LAST_S6, LAST_EMPTY] } else { [S5, S6, EMPTY] };
        assert_eq!(
            read::failures(&layout, &sheet.table(&layout, 1)),
            places(&[(s5, slot), (s6, slot), (empty, slot)])
        );
        sheet.sum();
        refused_only(&layout, &sheet.table(&layout, 1), empty, slot * 16);
    }
}

/// Numbers of records around 0 and around the modulus, counted down honestly from there.
fn edges<F: SuiteField>() {
    let (layout, honest) = some::<F>(0);
    let half = F::TWO_INV;
    for records in [-F::ONE, -F::from(61), -F::from(62), half, half - F::ONE, F::from(u64::MAX)] {
        let mut sheet = honest.clone();
        sheet.count(|slot| records - F::from(slot as u64));
        assert!(sheet.is_false());
        refused_only(&layout, &sheet.table(&layout, 1), LAST_COUNT, 61 * 16);
    }
}
