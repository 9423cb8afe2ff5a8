//! Clauses T1 and T2: what is valid is accepted by both checks, what is invalid is refused by both.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use apportion_circuits::{
    field::SuiteField,
    poseidon::Tag,
    relation::{Relation, Violation},
    tree::{Tree, TreeInstance},
    types::Tier,
};
use common::{
    Fp, Fr, accepted, refused_only,
    tree::{self, ROOT, TreeCase},
};
use proptest::prelude::*;

const T64: Tier = Tier::T64;

fn arb_valid_tree() -> impl Strategy<Value = (Tag, u64)> {
    (prop::sample::select(vec![Tag::Record, Tag::Account]), any::<u64>())
}

fn valid_tree<F: SuiteField>(tier: Tier, tag: Tag, seed: u64) {
    let case = TreeCase::<F>::new(tier, tag, seed);
    assert_eq!(Tree::check(tier, &case.instance, &case.witness), Ok(()));
    accepted(&case.layout, &case.table);
}

/// T1: not one private value for every account. The missing one counts as 0 in the prover's table, which has
/// another root then.
fn invalid_t1<F: SuiteField>(tag: Tag, seed: u64) {
    let mut case = TreeCase::<F>::new(T64, tag, seed);
    case.witness.c.pop();
    assert_eq!(Tree::check(T64, &case.instance, &case.witness), Err(Violation::T1));
    let table = Tree::assign(&case.layout, &case.instance, &case.witness);
    refused_only(&case.layout, &table, ROOT, 1);
    // In the table T1 is more: each leaf is made of the tag, a_i, b_i, c_i and 0.
    let row = tree::leaf_hash(61).rows[0];
    for (column, place) in [
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

fn invalid_t2<F: SuiteField>(tag: Tag, seed: u64, slot: usize) {
    let case = TreeCase::<F>::new(T64, tag, seed);
    let other = if tag == Tag::Record { Tag::Account } else { Tag::Record };
    let tree = case.tree();
    let roots = [
        case.instance.root + F::ONE,
        F::ZERO,
        -F::ONE,
        tree.leaves()[slot],
        case.witness.tree(T64, other).unwrap().root(),
    ];
    let inner: Vec<F> = tree.inner().skip(14).take(6).copied().collect();
    for root in roots.into_iter().chain(inner) {
        let instance = TreeInstance { root, ..case.instance };
        assert_eq!(Tree::check(T64, &instance, &case.witness), Err(Violation::T2));
        let table = Tree::assign(&case.layout, &instance, &case.witness);
        refused_only(&case.layout, &table, ROOT, 1);
    }
    // The right root under the wrong tag.
    let instance = TreeInstance { tag: other, ..case.instance };
    assert_eq!(Tree::check(T64, &instance, &case.witness), Err(Violation::T2));
    refused_only(&case.layout, &Tree::assign(&case.layout, &instance, &case.witness), ROOT, 1);
}

/// Columns of another size are refused before anything is read.
fn sizes<F: SuiteField>() {
    let tier = T64;
    let case = TreeCase::<F>::new(tier, Tag::Record, 1);
    assert_eq!(Tree::check(Tier::T1024, &case.instance, &case.witness), Err(Violation::Size));
    let mut long = TreeCase::<F>::new(tier, Tag::Record, 1);
    long.witness.c.push(F::ZERO);
    assert_eq!(Tree::check(tier, &long.instance, &long.witness), Err(Violation::T1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arb_valid_trees_are_accepted_by_both((tag, seed) in arb_valid_tree()) {
        valid_tree::<Fr>(T64, tag, seed);
        valid_tree::<Fp>(T64, tag, seed);
    }

    #[test]
    fn arb_invalid_t1((tag, seed) in arb_valid_tree()) {
        invalid_t1::<Fr>(tag, seed);
        invalid_t1::<Fp>(tag, seed);
    }

    #[test]
    fn arb_invalid_t2((tag, seed) in arb_valid_tree(), slot in 0..62usize) {
        invalid_t2::<Fr>(tag, seed, slot);
        invalid_t2::<Fp>(tag, seed, slot);
    }
}

both_fields! {
    at_1024 => valid_tree(Tier::T1024, Tag::Account, 5);
    other_sizes_are_refused => sizes();
}
