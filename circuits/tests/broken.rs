//! Broken on purpose: with one constraint taken out of a layout, the cheat that it stops passes.
//!
//! So every polynomial, lookup, copy and row of a selector has a cheat of its own, and a suite that no longer saw a
//! weakened layout would fail here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Cell, Checker, Expr, Layout, Query, Table},
    relation::{Relation, Violation},
    tree::{Tree, TreeInstance},
    types::Tier,
};
use common::{
    TestRng, refused_only,
    solver::{Item, Solver, Target},
    tree::{self, TreeCase},
};
use rayon::prelude::*;

const T64: Tier = Tier::T64;

/// Without one polynomial of a gate.
fn insecure_without_polynomial<F: SuiteField>(layout: &Layout<F>, gate: usize, poly: usize) -> Layout<F> {
    let mut layout = layout.clone();
    layout.gates[gate].polys.remove(poly);
    layout
}

/// Without one copy.
fn insecure_without_copy<F: SuiteField>(layout: &Layout<F>, copy: usize) -> Layout<F> {
    let mut layout = layout.clone();
    layout.copies.remove(copy);
    layout
}

/// With the fixed cells that a gate's selector reads at one row set to 0: it is not enforced there, nor is whatever
/// else reads them.
fn insecure_without_row<F: SuiteField>(layout: &Layout<F>, gate: usize, row: usize) -> Layout<F> {
    let mut insecure = layout.clone();
    layout.gates[gate].selector.visit(&mut |query| {
        let Query::Fixed(column, rotation) = query else { panic!("a selector over {query:?}") };
        insecure.fixed_values[column][common::read::turn(layout, row, rotation)] = F::ZERO;
    });
    insecure
}

fn passes<F: SuiteField>(layout: &Layout<F>, table: &Table<F>) -> bool {
    Checker::new(layout).check(table).is_ok()
}

/// The honest witness does not prove the root that the table proves.
fn proves_another_root<F: SuiteField>(case: &TreeCase<F>, table: &Table<F>) -> bool {
    let instance = TreeInstance { root: table.public[0], context: table.public[1] };
    Tree::check(case.tier, &instance, &case.witness) == Err(Violation::T2)
}

/// Every polynomial of a Tree, on the first, the last and a middle row on which it is enforced.
fn every_polynomial_of_a_tree<F: SuiteField>() {
    let case = TreeCase::<F>::new(T64, 61);
    let solver = Solver::new(&case.layout, T64);
    let polys: Vec<(usize, usize)> = (0..case.layout.gates.len())
        .flat_map(|gate| (0..case.layout.gates[gate].polys.len()).map(move |poly| (gate, poly)))
        .collect();
    assert_eq!(polys.len(), 5 * 7 + 1 + 5 + 4 + 1 + 1);
    polys.par_iter().for_each(|(gate, poly)| {
        let place = format!("{}: {}", case.layout.gates[*gate].name, case.layout.gates[*gate].polys[*poly].0);
        let items: Vec<(Item, Target)> = solver
            .items
            .iter()
            .filter(
                |(item, _)| matches!(item, Item::Claim { gate: g, poly: p, .. } if (g, p) == (gate, poly)),
            )
            .copied()
            .collect();
        let insecure = insecure_without_polynomial(&case.layout, *gate, *poly);
        let mut chosen = vec![items[0], items[items.len() / 2], items[items.len() - 1]];
        chosen.dedup();
        for (item, target) in chosen {
            let Item::Claim { row, .. } = item else { unreachable!() };
            let table = solver.cheat(&case.table, item, target, F::random(TestRng(row as u64)));
            refused_only(&case.layout, &table, &place, row);
            assert!(passes(&insecure, &table), "{place} at row {row} is redundant or untested");
            assert!(proves_another_root(&case, &table), "{place} at row {row}");
        }
    });
}

/// Every copy of a Tree.
fn every_copy_of_a_tree<F: SuiteField>() {
    let case = TreeCase::<F>::new(T64, 62);
    let solver = Solver::new(&case.layout, T64);
    // Four inputs a node, and the repetition of the root.
    assert_eq!(case.layout.copies.len(), 4 * 21 + 1);
    (0..case.layout.copies.len()).into_par_iter().for_each(|number| {
        let (from, to) = case.layout.copies[number];
        let delta = F::random(TestRng(number as u64));
        let table = solver.cheat(&case.table, Item::Copy(number), Target::Advice(to), delta);
        refused_only(&case.layout, &table, "copy", from.row);
        assert!(passes(&insecure_without_copy(&case.layout, number), &table));
        assert!(proves_another_root(&case, &table));
    });
}

/// Selectors: one row of every kind left out, and what then passes there.
fn rows_of_selectors<F: SuiteField>() {
    let case = TreeCase::<F>::new(T64, 63);
    let layout = &case.layout;
    let solver = Solver::new(layout, T64);
    // (gate, a row of it)
    let starts = |slot| tree::leaf_hash(slot).rows[0];
    for (gate, row) in [
        ("T1 leaf inputs", starts(0)),
        ("T1 leaf inputs", starts(33)),
        ("T2 node inputs", tree::node_hash(0).rows[0]),
        ("T2 node inputs", tree::node_hash(20).rows[0]),
        ("poseidon carry", tree::node_hash(9).carries[0]),
        ("poseidon carry", tree::node_hash(9).carries[1]),
        ("poseidon output", tree::leaf_hash(61).output),
        ("poseidon output", tree::node_hash(20).output),
        ("poseidon into the partial rounds", tree::node_hash(4).rows[2]),
        ("public inputs", 0),
        ("public inputs", tree::zero_row(T64)),
    ] {
        let index = layout.gates.iter().position(|g| g.name == gate).unwrap();
        let last = layout.gates[index].polys.len() - 1;
        let item = Item::Claim { gate: index, poly: if gate == "T1 leaf inputs" { 0 } else { last }, row };
        let (_, target) = *solver.items.iter().find(|(i, _)| *i == item).unwrap();
        let table = solver.cheat(&case.table, item, target, F::from(5));
        assert!(!passes(layout, &table));
        assert!(passes(&insecure_without_row(layout, index, row), &table), "{gate} at row {row}");
        assert!(proves_another_root(&case, &table));
    }
}

/// The `index`-th constant of an expression, in order of appearance, one higher. Returns how many constants it
/// passed before it was done.
fn raise<F: SuiteField>(expr: &mut Expr<F>, index: usize) -> usize {
    let raise_here = |c: &mut F| {
        if index == 0 {
            *c += F::ONE;
        }
        1
    };
    match expr {
        Expr::Constant(c) => raise_here(c),
        Expr::Cell(_) => 0,
        Expr::Sum(terms) => terms.iter_mut().fold(0, |passed, term| {
            if passed > index { passed } else { passed + raise(term, index - passed) }
        }),
        Expr::Product(a, b) => {
            let passed = raise(a, index);
            if passed > index { passed } else { passed + raise(b, index - passed) }
        }
        Expr::Scaled(a, c) => {
            let passed = raise_here(c);
            if index == 0 { passed } else { passed + raise(a, index - passed) }
        }
    }
}

/// Each constant of the permutation counts, of a round and of a matrix: with one altered the honest table is refused.
fn altered_permutations<F: SuiteField>() {
    let case = TreeCase::<F>::new(T64, 64);
    let gates = case.layout.gates.iter().enumerate().filter(|(_, gate)| gate.name.starts_with("poseidon"));
    let polys: Vec<(usize, usize)> =
        gates.flat_map(|(index, gate)| (0..gate.polys.len()).map(move |poly| (index, poly))).collect();
    let altered: usize = polys
        .par_iter()
        .map(|(gate, poly)| {
            let mut count = 0;
            loop {
                let mut insecure = case.layout.clone();
                if raise(&mut insecure.gates[*gate].polys[*poly].1, count) <= count {
                    return count;
                }
                let (gate, (claim, _)) = (&insecure.gates[*gate].name, &insecure.gates[*gate].polys[*poly]);
                assert!(!passes(&insecure, &case.table), "{gate}: {claim}: constant {count}");
                count += 1;
            }
        })
        .sum();
    // Ten rows of ten round constants, less the five of row 0, and the matrices.
    assert!(altered > 95, "{altered}");
}

/// Copies that end in the wrong places: a tree whose leaves are wired in another order.
fn rewired<F: SuiteField>() {
    let case = TreeCase::<F>::new(T64, 65);
    let mut insecure = case.layout.clone();
    let (first, second) = (insecure.copies[0].1, insecure.copies[1].1);
    (insecure.copies[0].1, insecure.copies[1].1) = (second, first);
    assert!(!passes(&insecure, &case.table));
    // Its own honest tables prove another root for the same columns.
    let solver = Solver::new(&insecure, T64);
    let mut table = case.table.clone();
    let outputs: Vec<Cell> = insecure.copies[..2].iter().map(|(from, _)| *from).collect();
    solver.repair(&mut table, &outputs, None);
    assert!(passes(&insecure, &table) && proves_another_root(&case, &table));
}

/// The gates' order of the layout is the one that the other tests rely on, and claims are unique.
#[test]
fn claims_are_unique() {
    fn unique<F: SuiteField>(layout: &Layout<F>) {
        let mut names: Vec<String> = Vec::new();
        for gate in &layout.gates {
            assert!(!gate.polys.is_empty());
            names.extend(gate.polys.iter().map(|(claim, _)| format!("{}: {claim}", gate.name)));
            assert!(gate.polys.iter().all(|(_, poly)| *poly != Expr::Constant(F::ZERO)));
        }
        names.extend(layout.lookups.iter().map(|lookup| lookup.name.clone()));
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
    for tier in Tier::ALL {
        unique(&Tree::layout(tier) as &Layout<common::Fr>);
        unique(&apportion_circuits::split::Split::layout(tier) as &Layout<common::Fr>);
    }
}

both_fields! {
    no_polynomial_is_redundant => every_polynomial_of_a_tree();
    no_row_of_a_selector_is_redundant => rows_of_selectors();
    constants_are_checked => altered_permutations();
    wires_are_checked => rewired();
}

/// In one field: `pinned.rs` asserts that the wiring is the same in both.
#[test]
fn no_copy_is_redundant() {
    every_copy_of_a_tree::<common::Fr>();
}
