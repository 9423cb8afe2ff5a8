//! Splits broken on purpose: with one constraint taken out or weakened, the cheat that it stops passes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Checker, Expr, Layout},
    relation::Relation,
    split::Split,
    types::Tier,
};
use common::{
    read, refused_only,
    split::{
        BELOW, DIVISION, EMPTY, FALLS, GENESIS, Input, LAST_COUNT, LAST_EMPTY, LAST_S5, LAST_S6, LIMBS0,
        Number, PAYOUT, POOL, PUBLIC, RECORDS, S1, S2, S5, S6, SAME_GENESIS, SAME_POOL, SAME_TOTAL,
        SEGMENT_PAID, SEGMENT_SCORE, STATE, STAYS, Sheet, TOTAL, element, integer,
    },
};
use ruint::aliases::U256;

const T64: Tier = Tier::T64;
const SLOT: usize = 30;
const ROW: usize = SLOT * 16;
const NUMBERS: [Number; 4] = [Number::Score, Number::Payout, Number::Remainder, Number::Slack];

/// Without one polynomial or lookup, by the name under which its failures are reported.
fn insecure_without<F: SuiteField>(layout: &Layout<F>, place: &str) -> Layout<F> {
    let mut layout = layout.clone();
    let constraints = |layout: &Layout<F>| -> usize {
        layout.lookups.len() + layout.gates.iter().map(|gate| gate.polys.len()).sum::<usize>()
    };
    let before = constraints(&layout);
    for gate in &mut layout.gates {
        let name = gate.name.clone();
        gate.polys.retain(|(claim, _)| format!("{name}: {claim}") != place);
    }
    layout.lookups.retain(|lookup| lookup.name != place);
    assert_eq!(constraints(&layout), before - 1, "{place}");
    layout
}

/// With one fixed cell set to something else.
fn insecure_with<F: SuiteField>(layout: &Layout<F>, column: &str, row: usize, value: F) -> Layout<F> {
    let mut layout = layout.clone();
    let index = layout.fixed.iter().position(|fixed| fixed.name == column).unwrap();
    assert_ne!(layout.fixed_values[index][row], value);
    layout.fixed_values[index][row] = value;
    layout
}

/// With the plain powers of the base as weights of a number: the top limb reaches too far.
fn insecure_plain_powers<F: SuiteField>(layout: &Layout<F>, place: &str, number: Number) -> Layout<F> {
    fn replace<F: SuiteField>(expr: &mut Expr<F>, from: F, to: F) -> usize {
        match expr {
            Expr::Constant(_) | Expr::Cell(_) => 0,
            Expr::Sum(terms) => terms.iter_mut().map(|term| replace(term, from, to)).sum(),
            Expr::Product(a, b) => replace(a, from, to) + replace(b, from, to),
            Expr::Scaled(a, c) if *c == from => {
                *c = to;
                1 + replace(a, from, to)
            }
            Expr::Scaled(a, _) => replace(a, from, to),
        }
    }
    let plan = common::split::Plan::of(T64);
    let weights = plan.limbs(number).weights();
    let plain = weights[weights.len() - 2] * U256::from(plan.base);
    let top = weights[weights.len() - 1];
    assert!(top < plain);
    let mut layout = layout.clone();
    let mut replaced = 0;
    for gate in &mut layout.gates {
        let name = gate.name.clone();
        for (_, poly) in gate.polys.iter_mut().filter(|(claim, _)| format!("{name}: {claim}") == place) {
            replaced += replace(poly, element(top), element(plain));
        }
    }
    assert_eq!(replaced, 1);
    layout
}

fn passes<F: SuiteField>(layout: &Layout<F>, sheet: &Sheet<F>) -> bool {
    Checker::new(layout).check(&sheet.table(layout, 2)).is_ok()
}

fn honest<F: SuiteField>(tier: Tier) -> Sheet<F> {
    Sheet::honest(&Input::random(tier, false, 71), 71)
}

/// A number out of its range, the rest of its slot made to fit: nothing stops it but the range of its limbs.
fn out_of_range<F: SuiteField>(tier: Tier, number: Number) -> (Sheet<F>, F) {
    let mut sheet = honest::<F>(tier);
    let (q, r, total) = (sheet.payout(SLOT), sheet.due_rest(SLOT), sheet.public[TOTAL]);
    let value = match number {
        Number::Score => {
            sheet = Sheet::honest(&Input { pool: 0, ..Input::random(tier, false, 71) }, 71);
            let value = F::from_u128(1 << 64);
            sheet.score(SLOT, value);
            value
        }
        Number::Payout => {
            // Another remainder, the payout solved for modulo p.
            let value = q + (r - F::from(7)) * total.invert().unwrap();
            sheet.slots[SLOT].new = sheet.slots[SLOT].old + value;
            sheet.rest(SLOT, F::from(7));
            sheet.cut(SLOT, Number::Payout, F::ZERO);
            value
        }
        Number::Remainder => {
            sheet.pay(SLOT, q + F::ONE);
            sheet.rest(SLOT, r - total);
            sheet.cut(SLOT, Number::Remainder, F::ZERO);
            r - total
        }
        Number::Slack => {
            sheet.pay(SLOT, q - F::ONE);
            sheet.rest(SLOT, r + total);
            sheet.cut(SLOT, Number::Slack, F::ZERO);
            -F::ONE - r
        }
    };
    sheet.sum();
    (sheet, value)
}

/// The cheat that nothing stops but the polynomial with this name; and the row where it is seen.
fn cheat<F: SuiteField>(tier: Tier, place: &str) -> (Sheet<F>, usize) {
    let mut sheet = honest::<F>(tier);
    let q = sheet.payout(SLOT);
    let last = tier.accounts() - 1;
    let row = sheet.plan.row(SLOT, 0);
    let row = match place {
        S1 => {
            let none = vec![0; tier.accounts()];
            sheet = Sheet::honest(&Input { old: none, ..Input::random(tier, true, 71) }, 71);
            let payout = sheet.payout(SLOT);
            sheet.slots[SLOT].old = F::ONE;
            sheet.pay(SLOT, payout);
            row
        }
        S2 => return (out_of_range(tier, Number::Score).0, row),
        PAYOUT => return (out_of_range(tier, Number::Payout).0, row),
        BELOW => return (out_of_range(tier, Number::Slack).0, row),
        DIVISION => {
            sheet.pay(SLOT, q + F::ONE);
            row
        }
        S5 | S6 | LAST_S5 | LAST_S6 => {
            let sum = if matches!(place, S5 | LAST_S5) { SEGMENT_SCORE } else { SEGMENT_PAID };
            let from = if matches!(place, S5 | S6) { SLOT } else { last };
            sheet.slots[..=from].iter_mut().for_each(|slot| slot.state[sum] += F::from(1000));
            sheet.public[sum] += F::from(1000);
            return (sheet.clone(), sheet.plan.row(from, 0));
        }
        FALLS => {
            // An empty slot scores, freed by a count of -1 below it that comes back to 0.
            let input = Input::random(tier, false, 71).of_records(SLOT + 1);
            sheet = Sheet::honest(&Input { records: SLOT, ..input }, 71);
            sheet.slots[SLOT + 1].state[RECORDS] = -F::ONE;
            sheet.plan.row(SLOT + 1, 0)
        }
        STAYS => {
            // Empty slots in the middle, before slots that score: the count starts again.
            let mut input = Input::random(tier, false, 71);
            input.scores[SLOT] = 0;
            sheet = Sheet::honest(&input, 71);
            sheet.count(|slot| F::from(if slot > SLOT { last + 1 - slot } else { SLOT - slot } as u64));
            row
        }
        EMPTY | LAST_EMPTY => {
            let slot = if place == EMPTY { SLOT } else { last };
            let mut input = Input::random(tier, false, 71);
            input.scores[slot + 1..].fill(0);
            sheet = Sheet::honest(&Input { records: slot, ..input }, 71);
            sheet.plan.row(slot, 0)
        }
        LAST_COUNT => {
            let mut input = Input::random(tier, false, 71);
            input.scores[last] = 0;
            sheet = Sheet::honest(&Input { records: last + 2, ..input }, 71);
            sheet.plan.row(last, 0)
        }
        SAME_POOL | SAME_TOTAL => {
            for slot in SLOT..tier.accounts() {
                let state = &mut sheet.slots[slot].state;
                if place == SAME_POOL {
                    state[POOL] = state[POOL].double();
                } else {
                    state[TOTAL] = element(integer(&state[TOTAL]) >> 1);
                }
                let (pool, total) = (integer(&state[POOL]), integer(&state[TOTAL]));
                let (q, r) = (pool * integer(&sheet.slots[slot].score)).div_rem(total);
                sheet.pay(slot, element(q));
                sheet.rest(slot, element(r));
            }
            sheet.plan.row(SLOT - 1, 0)
        }
        SAME_GENESIS => {
            sheet.public[GENESIS] = F::ONE;
            for slot in &mut sheet.slots[..SLOT] {
                slot.new -= slot.old;
                slot.old = F::ZERO;
                slot.state[GENESIS] = F::ONE;
            }
            sheet.plan.row(SLOT - 1, 0)
        }
        PUBLIC => {
            sheet.public[SEGMENT_PAID] -= F::ONE;
            return (sheet, SEGMENT_PAID);
        }
        other => panic!("no cheat for '{other}'"),
    };
    sheet.sum();
    (sheet, row)
}

/// Every polynomial of the layout, whatever there is, has its cheat, and no other constraint stops it.
fn every_polynomial<F: SuiteField>(tier: Tier) {
    let layout = Split::layout(tier);
    let polys = layout
        .gates
        .iter()
        .flat_map(|gate| gate.polys.iter().map(|(claim, _)| format!("{}: {claim}", gate.name)));
    let places: Vec<String> = polys.collect();
    assert_eq!(places.len(), 5 + 8 + 4 + 1);
    for place in &places {
        let (sheet, row) = cheat::<F>(tier, place);
        assert!(sheet.is_false(), "{place}: the cheat claims something true");
        refused_only(&layout, &sheet.table(&layout, 2), place, row);
        assert!(passes(&insecure_without(&layout, place), &sheet), "{place} is redundant or untested");
    }
    assert_eq!(layout.copies, vec![], "a Split copies nothing");
}

/// Every limb of every number is looked up: through any of them the number leaves its range.
fn every_limb<F: SuiteField>(tier: Tier, every: usize) {
    let layout = Split::layout(tier);
    let mut columns = std::collections::BTreeSet::new();
    for number in NUMBERS {
        let (honest, value) = out_of_range::<F>(tier, number);
        for limb in (0..honest.plan.limbs(number).count()).step_by(every) {
            let mut sheet = honest.clone();
            let weight = element::<F>(honest.plan.limbs(number).weights()[limb]);
            let cells = &mut sheet.slots[SLOT].limbs[number as usize];
            cells.fill(F::ZERO);
            cells[limb] = value * weight.invert().unwrap();
            let (column, row) = sheet.plan.place(number, limb);
            let place = format!("limbs{column} is in the range table");
            assert!(sheet.is_false());
            let unstopped =
                integer(&sheet.slots[SLOT].limbs[number as usize][limb]) < U256::from(sheet.plan.base);
            assert!(!unstopped, "{number:?}, limb {limb}: in the table after all");
            refused_only(&layout, &sheet.table(&layout, 2), &place, sheet.plan.row(SLOT, row));
            assert!(passes(&insecure_without(&layout, &place), &sheet));
            columns.insert(column);
        }
    }
    assert_eq!(columns.len(), layout.lookups.len(), "a lookup without a cheat");
}

/// The public inputs' gate, row by row: each stops its own lie.
fn every_public_row<F: SuiteField>() {
    let layout = Split::layout(T64);
    let column = layout.fixed.iter().position(|fixed| fixed.name == "public").unwrap();
    let rows: Vec<usize> = (0..1024).filter(|row| layout.fixed_values[column][*row] != F::ZERO).collect();
    assert_eq!(rows, (0..STATE).collect::<Vec<_>>());
    for place in rows {
        let mut sheet = honest::<F>(T64);
        sheet.public[place] += F::ONE;
        refused_only(&layout, &sheet.table(&layout, 2), PUBLIC, place);
        assert!(passes(&insecure_with(&layout, "public", place, F::ZERO), &sheet));
    }
}

/// An account whose row is not selected is paid what it likes: the segment ends before it.
fn every_account_row<F: SuiteField>() {
    let layout = Split::layout(T64);
    let column = layout.fixed.iter().position(|fixed| fixed.name == "account").unwrap();
    let rows: Vec<usize> = (0..1024).filter(|row| layout.fixed_values[column][*row] != F::ZERO).collect();
    assert_eq!(rows, (0..62).map(|slot| slot * 16).collect::<Vec<_>>());
    for slot in [0, SLOT, 61] {
        let insecure = insecure_with(&layout, "account", slot * 16, F::ZERO);
        let mut sheet = Sheet::<F>::honest(&Input::random(T64, false, 71).of_records(slot), 71);
        sheet.slots[slot].new += F::from_u128(1 << 100);
        assert!(sheet.is_false());
        let seen = [PAYOUT, DIVISION, if slot == 61 { LAST_S6 } else { S6 }];
        let seen: Vec<_> = seen.iter().map(|place| (place.to_string(), slot * 16)).collect();
        assert_eq!(read::failures(&layout, &sheet.table(&layout, 2)), seen);
        assert!(passes(&insecure, &sheet));
    }
}

/// One value too many in the range table, or a top weight that is a plain power: 2^64 is a score.
fn weaker_ranges<F: SuiteField>() {
    let layout = Split::layout(T64);
    let input = Input { pool: 0, ..Input::random(T64, false, 72) };
    let mut sheet = Sheet::<F>::honest(&input, 72);
    // Every limb at its highest is 2^64 - 1; one limb one higher is one more.
    sheet.score(SLOT, F::from(u64::MAX));
    let base = sheet.plan.base;
    assert!(sheet.slots[SLOT].limbs[Number::Score as usize].iter().all(|limb| *limb == F::from(base - 1)));
    sheet.slots[SLOT].score += F::ONE;
    sheet.slots[SLOT].limbs[Number::Score as usize][0] += F::ONE;
    sheet.sum();
    assert!(sheet.is_false());
    refused_only(&layout, &sheet.table(&layout, 2), LIMBS0, ROW);
    assert!(passes(&insecure_with(&layout, "range table", base as usize, F::from(base)), &sheet));

    for (place, number) in [(S2, Number::Score), (PAYOUT, Number::Payout)] {
        // Numbers that need no top limb are the same under both weights: everybody else's.
        let small = Input { scores: vec![1; 62], ..input.clone() };
        let insecure = insecure_plain_powers(&layout, place, number);
        let mut sheet = Sheet::<F>::honest(&small, 72);
        assert!(passes(&insecure, &sheet));
        let limbs = sheet.plan.limbs(number);
        let top = limbs.count() - 1;
        let mut cells = vec![F::ZERO; top + 1];
        cells[top] = F::from(base - 1);
        let value = element::<F>(limbs.weights()[top - 1]) * F::from(base) * F::from(base - 1);
        match number {
            Number::Score => sheet.slots[SLOT].score = value,
            _ => {
                // One of one is paid the whole pool, which is too large.
                for slot in 0..62 {
                    sheet.score(slot, F::from(u64::from(slot == SLOT)));
                    (sheet.slots[slot].state[POOL], sheet.slots[slot].state[TOTAL]) = (value, F::ONE);
                    sheet.pay(slot, F::ZERO);
                    sheet.rest(slot, F::ZERO);
                }
                (sheet.public[POOL], sheet.public[TOTAL]) = (value, F::ONE);
                sheet.slots[SLOT].new += value;
            }
        }
        sheet.slots[SLOT].limbs[number as usize] = cells;
        sheet.sum();
        refused_only(&layout, &sheet.table(&layout, 2), place, ROW);
        assert!(passes(&insecure, &sheet), "{place}");
    }
    // A value too few in the table: honest numbers no longer pass.
    let full = honest::<F>(T64);
    let cells = full.slots.iter().flat_map(|slot| slot.limbs.iter().flatten());
    assert!(cells.clone().any(|limb| *limb == F::from(base - 1)));
    assert!(!passes(&insecure_with(&layout, "range table", base as usize - 1, F::ZERO), &full));
}

both_fields! {
    no_polynomial_is_redundant => every_polynomial(T64);
    no_polynomial_is_redundant_at_1024 => every_polynomial(Tier::T1024);
    no_limb_goes_unchecked => every_limb(T64, 1);
    no_limb_goes_unchecked_at_1024 => every_limb(Tier::T1024, 3);
    no_row_of_the_public_gate_is_redundant => every_public_row();
    no_account_row_is_redundant => every_account_row();
    ranges_are_exact => weaker_ranges();
}

#[test]
fn the_largest_tier_looks_every_limb_up() {
    every_limb::<common::Fr>(Tier::T16384, 4);
}
