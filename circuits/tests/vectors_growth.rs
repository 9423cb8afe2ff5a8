//! Rust against the reference model in Python: datasets that grow, and what a contract hashes.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use apportion_circuits::{
    column::Commitment,
    field::{SuiteField, from_short_bytes, to_bytes},
    merkle::{EmptySubtrees, ExtensionPath, ExtensionRoots},
    tree::{dataset_roots, empty_subtrees, record_leaf, record_tree, segment_of},
    types::{Payee, Tier, Word},
};
use common::{Fr, vectors::*};
use serde_json::Value;
use sha3::{Digest, Keccak256};

both_fields! {
    empty => check_empty();
    counts => check_counts();
    revisions => check_revisions();
}

fn check_empty<F: SuiteField>() {
    let file = load("growth.json");
    for (case, expected) in cases::<F>(&file["empty"], 3).into_iter().zip(Tier::ALL) {
        assert_eq!(tier(case), expected);
        let empty: EmptySubtrees<F> = empty_subtrees(expected);
        assert_eq!(empty.inner(), element_list(&case["inner"]));
        assert_eq!(empty.edge(), element_list(&case["edge"]));
    }
}

fn check_counts<F: SuiteField>() {
    let file = load("growth.json");
    for case in cases::<F>(&file["counts"], 16) {
        let (tier, n) = (tier(case), index(&case["records_by_rule"]));
        let tree = record_tree::<F>(tier, &records(n)).unwrap();
        let left = element_list(&case["left"]);
        assert_eq!(tree.root(), element::<F>(&case["root"]));
        assert_eq!(tree.count_path(n).unwrap(), left);
        assert_eq!(empty_subtrees(tier).count_root(n, &left), Some(tree.root()));
    }
}

fn check_revisions<F: SuiteField>() {
    let file = load("growth.json");
    let (mut extensions, mut full) = (0, 0);
    for case in cases::<F>(&file["datasets"], 4) {
        let tier = tier(case);
        let empty: EmptySubtrees<F> = empty_subtrees(tier);
        let (mut roots, mut count): (Vec<F>, usize) = (Vec::new(), 0);
        let mut changed: Vec<usize> = Vec::new();
        for (number, revision) in case["revisions"].as_array().unwrap().iter().enumerate() {
            let (old_roots, old_count) = (roots, count);
            count = index(&revision["records"]);
            let records = records(count);
            roots = dataset_roots(tier, &records);
            assert_eq!(roots, element_list(&revision["roots"]));
            assert_eq!(roots.len(), tier.segments(count));
            // The last segment, and how many records it has.
            let last = roots.len() - 1;
            let n = tier.records_in(count, last);
            assert_eq!(
                (index(&revision["count"]["segment"]), index(&revision["count"]["records"])),
                (last, n)
            );
            let left = element_list(&revision["count"]["left"]);
            assert_eq!(empty.count_root(n, &left), Some(roots[last]));
            assert_eq!(
                record_tree::<F>(tier, segment_of(tier, &records, last)).unwrap().count_path(n),
                Some(left)
            );
            // A segment's revision is the one in which its root last changed.
            for (segment, root) in roots.iter().enumerate() {
                match old_roots.get(segment) {
                    None => changed.push(number),
                    Some(old) if old != root => changed[segment] = number,
                    Some(_) => {}
                }
            }
            let listed: Vec<usize> =
                revision["segment_revisions"].as_array().unwrap().iter().map(index).collect();
            assert_eq!(listed, changed);
            if number == 0 {
                assert!(revision["extension"].is_null());
                continue;
            }
            let last = old_roots.len() - 1;
            let n = tier.records_in(old_count, last);
            let extension = &revision["extension"];
            if n == tier.accounts() {
                assert!(extension.is_null());
                assert_eq!(old_roots[last], roots[last]);
                full += 1;
                continue;
            }
            let path = ExtensionPath {
                left: element_list(&extension["left"]),
                leaf: element(&extension["leaf"]),
                right: element_list(&extension["right"]),
            };
            assert_eq!((index(&extension["segment"]), index(&extension["records"])), (last, n));
            assert_eq!(path.leaf, record_leaf(&record(old_count)));
            let tree = record_tree::<F>(tier, segment_of(tier, &records, last)).unwrap();
            assert_eq!(tree.extension_path(n).as_ref(), Some(&path));
            let expected = ExtensionRoots { old: old_roots[last], new: roots[last] };
            assert_eq!(empty.extension_roots(n, &path), Some(expected));
            extensions += 1;
        }
    }
    assert_eq!((extensions, full), (8, 4));
}

fn keccak(parts: &[&[u8]]) -> [u8; 32] {
    Keccak256::digest(parts.concat()).into()
}

fn domain(text: &str) -> [u8; 32] {
    keccak(&[text.as_bytes()])
}

fn big_endian(value: &Value) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number::<u128>(value).to_be_bytes());
    word
}

fn address(value: &Value) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&number::<Payee>(value).0);
    word
}

#[test]
fn hashes() {
    let file = load("chain.json");
    for case in cases::<Fr>(&file["keccak"], 11) {
        assert_eq!(keccak(&[&bytes(&case["message"])]), word(&case["digest"]));
    }
    let domains = file["domains"].as_object().unwrap();
    assert_eq!(domains.len(), 3);
    for (text, digest) in domains {
        assert_eq!(domain(text), word(digest));
    }
}

/// Positions decide: a leaf has no number of its own.
fn climb(leaf: [u8; 32], position: usize, path: &[[u8; 32]]) -> [u8; 32] {
    let tag = domain("apportion.score-node.v1");
    path.iter().enumerate().fold(leaf, |below, (height, sibling)| {
        let pair = if position >> height & 1 == 1 { [sibling, &below] } else { [&below, sibling] };
        keccak(&[&tag, pair[0], pair[1]])
    })
}

#[test]
fn score_roots() {
    let file = load("chain.json");
    for case in cases::<Fr>(&file["score_roots"], 8) {
        let mut level: Vec<[u8; 32]> = Vec::new();
        for (segment, leaf) in
            case["segments"].as_array().unwrap().iter().zip(case["leaves"].as_array().unwrap())
        {
            let commitment: Commitment = number(&segment["commitment"]);
            let dataset: Word = number(&segment["dataset"]);
            let [number, revision, sum] =
                ["segment", "revision", "score_sum"].map(|name| big_endian(&segment[name]));
            let tag = domain("apportion.score.v1");
            level.push(keccak(&[&tag, &dataset.0, &number, &revision, &sum, &commitment.0]));
            assert_eq!(level[level.len() - 1], word(leaf));
        }
        let leaves = level.clone();
        let depth = leaves.len().next_power_of_two().trailing_zeros();
        assert_eq!(index(&case["depth"]), depth as usize);
        level.resize(1 << depth, [0; 32]);
        while level.len() > 1 {
            let tag = domain("apportion.score-node.v1");
            level = level.chunks_exact(2).map(|pair| keccak(&[&tag, &pair[0], &pair[1]])).collect();
        }
        assert_eq!(level, [word(&case["root"])]);
        for path in case["paths"].as_array().unwrap() {
            let position = index(&path["position"]);
            let siblings: Vec<[u8; 32]> = path["siblings"].as_array().unwrap().iter().map(word).collect();
            assert_eq!(siblings.len(), depth as usize);
            assert_eq!(climb(leaves[position], position, &siblings), level[0]);
            if depth > 0 {
                assert_ne!(climb(leaves[position], position ^ 1, &siblings), level[0]);
            }
        }
    }
}

#[test]
fn challenges() {
    let file = load("chain.json");
    for case in cases::<Fr>(&file["challenges"], 8) {
        let [payees, balances] = ["payees", "balances"].map(|name| number::<Commitment>(&case[name]));
        let [model, dataset] = ["model", "dataset"].map(|name| word(&case[name]));
        let [chain, segment, slot, cumulative] =
            ["chain", "segment", "index", "cumulative"].map(|name| big_endian(&case[name]));
        let [contract, payee] = ["contract", "payee"].map(|name| address(&case[name]));
        let digest = keccak(&[
            &domain("apportion.receipt.v1"),
            &chain,
            &contract,
            &model,
            &dataset,
            &segment,
            &payees.0,
            &balances.0,
            &slot,
            &payee,
            &cumulative,
        ]);
        // 31 bytes are below either modulus.
        assert_eq!(word(&case["gamma"])[1..], digest[..31]);
        assert_eq!(to_bytes(&from_short_bytes::<Fr>(&digest[..31])), word(&case["gamma"]));
    }
}
