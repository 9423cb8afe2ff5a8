//! Clauses T1 and T2: what is valid is accepted by both checks, what is invalid is refused by both.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use apportion_circuits::{
    column::MaskedColumn,
    field::SuiteField,
    merkle,
    poseidon::Tag,
    relation::{Relation, Violation},
    tree::{Tree, TreeInstance},
    types::Tier,
};
use common::{
    Fp, Fr, accepted, refused_only,
    tree::{self, RECORD_TAG, ROOT, TreeCase},
};
use proptest::prelude::*;

const T64: Tier = Tier::T64;

fn valid_tree<F: SuiteField>(tier: Tier, seed: u64) {
    let case = TreeCase::<F>::new(tier, seed);
    assert_eq!(Tree::check(tier, &case.instance, &case.witness), Ok(()));
    accepted(&case.layout, &case.table);
}

/// T1: not one private value for every account. The missing one counts as 0 in the prover's table, which has
/// another root then.
fn invalid_t1<F: SuiteField>(seed: u64) {
    let mut case = TreeCase::<F>::new(T64, seed);
    case.witness.c.pop();
    assert_eq!(Tree::check(T64, &case.instance, &case.witness), Err(Violation::T1));
    let table = Tree::assign(&case.layout, &case.instance, &case.witness);
    refused_only(&case.layout, &table, ROOT, 0);
    // In the table T1 is more: each leaf is made of T_record, a_i, b_i, c_i and 0.
    let row = tree::leaf_hash(61).rows[0];
    for (column, place) in [
        ("w0", RECORD_TAG),
        ("w1", "T1 leaf inputs: w1 is a"),
        ("w2", "T1 leaf inputs: w2 is b"),
        ("w4", "T1 leaf inputs: w4 is 0"),
        ("w3", "poseidon first row: w5 is round 1 of the state that enters"),
    ] {
        let mut table = case.table.clone();
        let cell = common::cell(&case.layout, column, row);
        table.set(cell, table.get(cell) + F::ONE);
        // Gates are checked in the order of the layout: the permutation's come first.
        let failures = common::read::failures(&case.layout, &table);
        assert_eq!(failures[0], ("poseidon first row: w5 is round 1 of the state that enters".into(), row));
        assert!(failures.contains(&(place.to_string(), row)));
        assert_eq!(failures.len(), if column == "w3" { 5 } else { 6 });
    }
}

/// The same values as leaves of another kind.
fn root_of_other_leaves<F: SuiteField>(case: &TreeCase<F>, tag: F) -> F {
    let [a, b] = [&case.witness.a, &case.witness.b].map(MaskedColumn::values);
    let leaves = case.witness.c.iter().zip(a.iter().zip(&b));
    let leaves = leaves.map(|(c, (a, b))| F::poseidon().hash(tag, [*a, *b, *c, F::ZERO])).collect();
    merkle::Tree::new(case.tier, leaves).unwrap().root()
}

fn invalid_t2<F: SuiteField>(seed: u64, slot: usize) {
    let case = TreeCase::<F>::new(T64, seed);
    let tree = case.tree();
    let roots = [
        case.instance.root + F::ONE,
        F::ZERO,
        -F::ONE,
        tree.leaves()[slot],
        root_of_other_leaves(&case, Tag::Node.to_field()),
        root_of_other_leaves(&case, F::ZERO),
    ];
    let inner: Vec<F> = tree.inner().skip(14).take(6).copied().collect();
    for root in roots.into_iter().chain(inner) {
        let instance = TreeInstance { root, ..case.instance };
        assert_eq!(Tree::check(T64, &instance, &case.witness), Err(Violation::T2));
        let table = Tree::assign(&case.layout, &instance, &case.witness);
        refused_only(&case.layout, &table, ROOT, 0);
    }
    assert_eq!(root_of_other_leaves(&case, Tag::Record.to_field()), case.instance.root);
}

/// Columns of another size are refused before anything is read.
fn sizes<F: SuiteField>() {
    let tier = T64;
    let case = TreeCase::<F>::new(tier, 1);
    assert_eq!(Tree::check(Tier::T1024, &case.instance, &case.witness), Err(Violation::Size));
    let mut long = TreeCase::<F>::new(tier, 1);
    long.witness.c.push(F::ZERO);
    assert_eq!(Tree::check(tier, &long.instance, &long.witness), Err(Violation::T1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arb_valid_trees_are_accepted_by_both(seed: u64) {
        valid_tree::<Fr>(T64, seed);
        valid_tree::<Fp>(T64, seed);
    }

    #[test]
    fn arb_invalid_t1(seed: u64) {
        invalid_t1::<Fr>(seed);
        invalid_t1::<Fp>(seed);
    }

    #[test]
    fn arb_invalid_t2(seed: u64, slot in 0..62usize) {
        invalid_t2::<Fr>(seed, slot);
        invalid_t2::<Fp>(seed, slot);
    }
}

both_fields! {
    at_1024 => valid_tree(Tier::T1024, 5);
    other_sizes_are_refused => sizes();
}
