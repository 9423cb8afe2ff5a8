//! Datasets that grow: count and extension paths, and every way to get them wrong.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use apportion_circuits::{
    field::SuiteField,
    merkle::{self, EmptySubtrees, ExtensionPath, ExtensionRoots},
    tree::{empty_subtrees, record_leaf, record_tree, segment_of},
    types::{Record, Tier},
};
use common::vectors::{record, records};

const T64: Tier = Tier::T64;

fn tree<F: SuiteField>(tier: Tier, count: usize) -> merkle::Tree<F> {
    record_tree(tier, &records(count)).unwrap()
}

/// Every list with one element altered.
fn altered<F: SuiteField>(list: &[F]) -> impl Iterator<Item = Vec<F>> {
    (0..list.len()).flat_map(move |i| {
        [F::ONE, -F::ONE].map(|by| {
            let mut list = list.to_vec();
            list[i] += by;
            list
        })
    })
}

/// One element too few, at either end, and one too many.
fn other_lengths<F: SuiteField>(list: &[F]) -> Vec<Vec<F>> {
    let mut lists = vec![[list, &[F::ZERO]].concat(), [&[F::ZERO], list].concat()];
    if let [first, rest @ ..] = list {
        lists.extend([rest.to_vec(), list[..list.len() - 1].to_vec(), [list, &[*first]].concat(), vec![]]);
    }
    lists
}

both_fields! {
    empty_subtrees_are_those_of_an_empty_segment => empties();
    every_count => counts();
    every_extension => extensions();
    at_1024 => samples(Tier::T1024);
}

fn empties<F: SuiteField>() {
    for tier in [T64, Tier::T1024] {
        let empty: EmptySubtrees<F> = empty_subtrees(tier);
        let tree = tree::<F>(tier, 0);
        let depth = tier.depth() as usize;
        assert_eq!((empty.inner().len(), empty.edge().len()), (depth, depth + 1));
        assert_eq!((empty.inner()[0], empty.edge()[0]), (record_leaf(&Record::default()), F::ZERO));
        // All inner nodes, the lowest level first.
        let mut nodes = tree.inner();
        for level in 1..=depth {
            let count = tier.slots() >> (2 * level);
            for index in 0..count {
                let expected = if index + 1 < count { empty.inner()[level] } else { empty.edge()[level] };
                assert_eq!(*nodes.next().unwrap(), expected, "level {level}, {index}");
            }
        }
        assert_eq!(empty.edge()[depth], tree.root());
        assert_eq!(empty, EmptySubtrees::new(tier, record_leaf(&Record::default())));
    }
}

/// Left siblings of slot n: the sum of the base-4 digits of n.
fn left_siblings(tier: Tier, n: usize) -> usize {
    (0..tier.depth()).map(|level| (n >> (2 * level)) % 4).sum()
}

/// A path of slot n leads to the root of n records; nothing else does.
fn counts<F: SuiteField>() {
    let empty: EmptySubtrees<F> = empty_subtrees(T64);
    let trees: Vec<merkle::Tree<F>> = (0..=62).map(|count| tree(T64, count)).collect();
    for n in 0..=62 {
        let left = trees[n].count_path(n).unwrap();
        assert_eq!(left.len(), left_siblings(T64, n));
        assert_eq!(empty.count_root(n, &left), Some(trees[n].root()));
        for wrong in altered(&left) {
            assert_ne!(empty.count_root(n, &wrong), Some(trees[n].root()));
        }
        for wrong in other_lengths(&left) {
            assert_eq!(empty.count_root(n, &wrong), None);
        }
        for (other, tree) in trees.iter().enumerate().filter(|(other, _)| *other != n) {
            // With the same siblings another slot leads elsewhere, if it has as many.
            assert_ne!(empty.count_root(other, &left), Some(trees[n].root()), "{n} and {other}");
            assert_eq!(empty.count_root(other, &left).is_some(), left.len() == left_siblings(T64, other));
            // With its own siblings, a smaller number than there are records does not lead to the root. A larger one
            // does: it is an upper bound.
            let own = tree.count_path(n).unwrap();
            assert_eq!(empty.count_root(n, &own) == Some(tree.root()), other < n, "{n} of {other}");
        }
    }
    assert_eq!(trees[0].count_path(63), None);
    assert_eq!(empty.count_root(63, &vec![F::ZERO; left_siblings(T64, 63)]), None);
    assert_eq!(empty.count_root(64, &[F::ZERO]), None);
    assert_eq!(empty.count_root(usize::MAX, &[]), None);
}

/// From any number of records to more.
fn extensions<F: SuiteField>() {
    let empty: EmptySubtrees<F> = empty_subtrees(T64);
    let trees: Vec<merkle::Tree<F>> = (0..=62).map(|count| tree(T64, count)).collect();
    for n in 0..62 {
        for count in [n + 1, (n + 17).min(62), 62] {
            let (old, new) = (trees[n].root(), trees[count].root());
            let roots = ExtensionRoots { old, new };
            let path = trees[count].extension_path(n).unwrap();
            assert_eq!(path.left.len() + path.right.len(), 9);
            assert_eq!(path.left, trees[n].count_path(n).unwrap());
            assert_eq!(empty.extension_roots(n, &path), Some(roots));
            // An altered left sibling moves both roots, anything else the new one only.
            for left in altered(&path.left) {
                let found = empty.extension_roots(n, &ExtensionPath { left, ..path.clone() }).unwrap();
                assert!(found.old != old && found.new != new);
            }
            for right in altered(&path.right) {
                let found = empty.extension_roots(n, &ExtensionPath { right, ..path.clone() }).unwrap();
                assert!(found.old == old && found.new != new);
            }
            let leaf = path.leaf + F::ONE;
            let found = empty.extension_roots(n, &ExtensionPath { leaf, ..path.clone() }).unwrap();
            assert!(found.old == old && found.new != new);
            for left in other_lengths(&path.left) {
                assert_eq!(empty.extension_roots(n, &ExtensionPath { left, ..path.clone() }), None);
            }
            for right in other_lengths(&path.right) {
                assert_eq!(empty.extension_roots(n, &ExtensionPath { right, ..path.clone() }), None);
            }
            for other in (0..70).filter(|other| *other != n) {
                let found = empty.extension_roots(other, &path);
                assert!(found.is_none_or(|found| found.old != old && found.new != new), "{n} and {other}");
            }
        }
        // A path of an altered past: the record in slot n - 1 replaced, one removed.
        if n > 0 {
            let mut altered = records(62);
            altered[n - 1] = record(500);
            let tree = record_tree::<F>(T64, &altered).unwrap();
            let found = empty.extension_roots(n, &tree.extension_path(n).unwrap()).unwrap();
            assert_eq!(found.new, tree.root());
            assert_ne!(found.old, trees[n].root());
            altered.remove(n - 1);
            let tree = record_tree::<F>(T64, &altered).unwrap();
            let found = empty.extension_roots(n, &tree.extension_path(n).unwrap()).unwrap();
            assert_ne!(found.old, trees[n].root());
        }
    }
    // A full segment is not extended.
    for n in [62, 63, 64, usize::MAX] {
        assert_eq!(trees[62].extension_path(n), None);
        let path = trees[62].extension_path(61).unwrap();
        assert_eq!(empty.extension_roots(n, &path), None);
    }
}

fn samples<F: SuiteField>(tier: Tier) {
    let empty: EmptySubtrees<F> = empty_subtrees(tier);
    let full = tree::<F>(tier, tier.accounts());
    for n in [0, 1, 3, 4, 63, 64, 341, 1019, 1020, 1021, 1022] {
        let tree = tree::<F>(tier, n);
        let left = tree.count_path(n).unwrap();
        assert_eq!(empty.count_root(n, &left), Some(tree.root()));
        let path = full.extension_path(n);
        assert_eq!(path.is_some(), n < 1022);
        if let Some(path) = path {
            let roots = ExtensionRoots { old: tree.root(), new: full.root() };
            assert_eq!(empty.extension_roots(n, &path), Some(roots));
        }
    }
}

/// Records by segment, as the registry counts them.
#[test]
fn records_by_segment() {
    for tier in [T64, Tier::T1024] {
        for count in [0, 1, 61, 62, 63, 124, 125, 1021, 1022, 1023, 2044] {
            let all = records(count);
            let segments = tier.segments(count);
            for segment in 0..segments + 2 {
                assert_eq!(tier.records_in(count, segment), segment_of(tier, &all, segment).len());
            }
            assert_eq!((0..segments).map(|segment| tier.records_in(count, segment)).sum::<usize>(), count);
        }
    }
    assert_eq!(T64.records_in(usize::MAX, usize::MAX), 0);
}
