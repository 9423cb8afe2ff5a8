//! Rust against the reference model in Python: Poseidon and trees, both fields.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::process::Command;

use apportion_circuits::{
    field::{SuiteField, to_bytes},
    merkle,
    plonkish::Checker,
    poseidon::Tag,
    relation::{Relation, Violation},
    tree::{Tree, TreeInstance, TreeWitness, dataset_roots, record_leaf, record_tree},
    types::{Record, Tier},
};
use common::{TestRng, vectors::*};
use serde_json::Value;
use sha2::{Digest, Sha256};

both_fields! {
    poseidon => check_poseidon();
    record_trees => check_record_trees();
    datasets => check_datasets();
}

fn check_poseidon<F: SuiteField>() {
    let file = load("poseidon.json");
    for (tag, name) in [(Tag::Record, "record"), (Tag::Node, "node")] {
        assert_eq!(to_bytes(&tag.to_field::<F>()), word(&file["tags"][name]));
    }
    let suite = &file["suites"][F::SUITE.name()];
    let poseidon = F::poseidon();
    assert_eq!(to_bytes(&-F::ONE)[..31], word(&suite["modulus"])[..31]);
    assert_eq!(to_bytes(&-F::ONE)[31], word(&suite["modulus"])[31] - 1);
    assert_eq!(F::NUM_BITS as u64, suite["bits"].as_u64().unwrap());
    let constants = &poseidon.round_constants;
    assert_eq!(constants.len(), 68);
    assert_eq!(constants[0], elements::<F, 5>(&suite["round_constants_first"]));
    assert_eq!(constants[67], elements::<F, 5>(&suite["round_constants_last"]));
    let bytes: Vec<u8> = constants.iter().flatten().flat_map(to_bytes).collect();
    assert_eq!(hex::encode(Sha256::digest(bytes)), suite["round_constants_sha256"].as_str().unwrap());
    for (row, expected) in poseidon.mds.iter().zip(cases::<F>(&suite["mds"], 5)) {
        assert_eq!(*row, elements::<F, 5>(expected));
    }
    for case in cases::<F>(&suite["permutations"], 11) {
        let (input, output) = (elements::<F, 5>(&case["input"]), elements::<F, 5>(&case["output"]));
        assert_eq!(poseidon.permute_reference(input), output);
        let [tag, a, b, c, d] = input;
        assert_eq!(poseidon.hash(tag, [a, b, c, d]), output[0]);
    }
    for case in cases::<F>(&suite["hashes"], 6) {
        let output = poseidon.hash(element(&case["tag"]), elements(&case["inputs"]));
        assert_eq!(output, element::<F>(&case["output"]));
    }
}

fn check_paths<F: SuiteField>(tier: Tier, tree: &merkle::Tree<F>, case: &Value) -> usize {
    assert_eq!(tree.root(), element::<F>(&case["root"]), "{}", case["name"]);
    let paths = case["paths"].as_array().unwrap();
    for path in paths {
        let index = path["index"].as_u64().unwrap() as usize;
        let siblings: Vec<[F; 3]> = path["siblings"].as_array().unwrap().iter().map(elements).collect();
        let leaf = element::<F>(&path["leaf"]);
        assert_eq!(tree.leaves()[index], leaf);
        assert_eq!(tree.path(index).as_ref(), Some(&siblings));
        assert_eq!(merkle::root_of_path(tier, index, leaf, &siblings), Some(tree.root()));
    }
    paths.len()
}

/// The witness leads to the vector's root by both checks.
fn check_tree<F: SuiteField>(tier: Tier, root: F, witness: &TreeWitness<F>) {
    let instance = TreeInstance { context: F::from(3), root };
    assert_eq!(Tree::check(tier, &instance, witness), Ok(()));
    let layout = Tree::layout(tier);
    let table = Tree::assign(&layout, &instance, witness);
    assert!(Checker::new(&layout).check(&table).is_ok());
    let wrong = TreeInstance { root: root + F::ONE, ..instance };
    assert_eq!(Tree::check(tier, &wrong, witness), Err(Violation::T2));
}

fn check_record_trees<F: SuiteField>() {
    let file = load("tree.json");
    let mut paths = 0;
    for case in cases::<F>(&file["segments"], 13) {
        let tier = tier(case);
        let records: Vec<Record> = match case["records_by_rule"].as_u64() {
            Some(count) => (0..count as usize).map(record).collect(),
            None => {
                let parse = |r: &Value| Record { payee: number(&r["payee"]), content: number(&r["content"]) };
                case["records"].as_array().unwrap().iter().map(parse).collect()
            }
        };
        let tree = record_tree::<F>(tier, &records).unwrap();
        paths += check_paths(tier, &tree, case);
        let rng = &mut TestRng(7);
        let masks = [(); 2].map(|()| apportion_circuits::column::Mask::random(rng));
        let witness = TreeWitness::enroll(tier, &records, &masks[0], &masks[1]).unwrap();
        check_tree(tier, tree.root(), &witness);
        assert_eq!(
            tree.leaves()[tier.accounts() - 1],
            record_leaf(&records.get(tier.accounts() - 1).copied().unwrap_or_default())
        );
    }
    assert_eq!(paths, 22);
}

fn check_datasets<F: SuiteField>() {
    let file = load("tree.json");
    for case in cases::<F>(&file["datasets"], 9) {
        let count = case["records_by_rule"].as_u64().unwrap() as usize;
        let records: Vec<Record> = (0..count).map(record).collect();
        let roots: Vec<F> = case["roots"].as_array().unwrap().iter().map(element).collect();
        assert_eq!(roots.len(), tier(case).segments(count));
        assert_eq!(dataset_roots::<F>(tier(case), &records), roots);
    }
}

/// The files are what the generator writes.
#[test]
fn the_files_are_up_to_date() {
    let generator = directory().join("gen.py");
    match Command::new("python3").arg("--version").output() {
        Ok(version) if version.status.success() => {
            let output = Command::new("python3").arg("-B").arg(generator).arg("--check").output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        _ => println!("skipped: no python3 to run {} with", generator.display()),
    }
}
