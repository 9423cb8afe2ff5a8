//! Rust against the reference model in Python: the vectors under `vectors/`, both fields.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::{path::PathBuf, process::Command};

use apportion_circuits::{
    field::{SuiteField, from_bytes, to_bytes},
    merkle,
    plonkish::Checker,
    poseidon::Tag,
    range::Limbs,
    relation::{Relation, Violation},
    split::{Split, split},
    tree::{Tree, TreeInstance, TreeWitness, account_leaf, dataset_roots, record_leaf, record_tree},
    types::{ContentDigest, Payee, Record, Tier},
};
use common::{
    TestRng, accepted, masked,
    split::{Input, Sheet},
};
use ruint::aliases::U256;
use serde_json::Value;
use sha2::{Digest, Sha256};

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn load(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(directory().join(name)).unwrap()).unwrap()
}

/// The cases of a list, of which there must be `count` for this suite where the list is by suite.
fn cases<'a, F: SuiteField>(list: &'a Value, count: usize) -> Vec<&'a Value> {
    let cases: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["suite"].as_str().is_none_or(|suite| suite == F::SUITE.name()))
        .collect();
    assert_eq!(cases.len(), count);
    cases
}

fn word(value: &Value) -> [u8; 32] {
    let mut bytes = [0; 32];
    hex::decode_to_slice(value.as_str().unwrap().strip_prefix("0x").unwrap(), &mut bytes).unwrap();
    bytes
}

fn element<F: SuiteField>(value: &Value) -> F {
    from_bytes(&word(value)).unwrap()
}

fn elements<F: SuiteField, const N: usize>(values: &Value) -> [F; N] {
    let list: Vec<F> = values.as_array().unwrap().iter().map(element).collect();
    list.try_into().unwrap()
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap()
}

fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(values: &Value) -> Vec<T> {
    values.as_array().unwrap().iter().map(number).collect()
}

fn tier(case: &Value) -> Tier {
    Tier::from_slots(case["tier"].as_u64().unwrap() as usize).unwrap()
}

// Inputs by rule.

fn digest(text: &str, i: usize) -> [u8; 32] {
    Sha256::digest(format!("{text}{i}")).into()
}

fn leading(text: &str, i: usize, bytes: usize) -> u128 {
    digest(text, i)[..bytes].iter().fold(0, |acc, byte| acc << 8 | u128::from(*byte))
}

fn payee(i: usize) -> Payee {
    Payee(digest("payee", i)[..20].try_into().unwrap())
}

fn record(i: usize) -> Record {
    Record { payee: payee(i), content: ContentDigest(digest("content", i)) }
}

fn salt<F: SuiteField>(i: usize) -> F {
    let mut bytes = [0; 32];
    bytes[1..].copy_from_slice(&digest("salt", i)[..31]);
    from_bytes(&bytes).unwrap()
}

fn list_digest(numbers: &[u128]) -> String {
    let text: Vec<String> = numbers.iter().map(u128::to_string).collect();
    hex::encode(Sha256::digest(text.join(",")))
}

both_fields! {
    poseidon => check_poseidon();
    record_trees => check_record_trees();
    datasets => check_datasets();
    account_trees => check_account_trees();
    splits => check_splits();
    splits_by_rule => check_splits_by_rule();
}

fn check_poseidon<F: SuiteField>() {
    let file = load("poseidon.json");
    for (tag, name) in [(Tag::Record, "record"), (Tag::Account, "account"), (Tag::Node, "node")] {
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
    for case in cases::<F>(&suite["hashes"], 7) {
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
fn check_tree<F: SuiteField>(tier: Tier, tag: Tag, root: F, witness: &TreeWitness<F>) {
    let instance = TreeInstance { context: F::from(3), tag, root };
    assert_eq!(Tree::check(tier, &instance, witness), Ok(()));
    let layout = Tree::layout(tier);
    let table = Tree::assign(&layout, tier, &instance, witness);
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
        check_tree(tier, Tag::Record, tree.root(), &witness);
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

fn check_account_trees<F: SuiteField>() {
    let file = load("tree.json");
    for case in cases::<F>(&file["accounts"], 5) {
        let tier = tier(case);
        let mut accounts: Vec<(Payee, u128, F)> = match case["accounts_by_rule"].as_u64() {
            Some(count) => (0..tier.accounts())
                .map(|i| {
                    let listed = i < count as usize;
                    let cumulative = if listed { leading("cumulative", i, 16) >> 1 } else { 0 };
                    (if listed { payee(i) } else { Payee::default() }, cumulative, salt(i))
                })
                .collect(),
            None => {
                let rows = case["accounts"].as_array().unwrap().iter();
                rows.map(|row| (number(&row["payee"]), number(&row["cumulative"]), element(&row["salt"])))
                    .collect()
            }
        };
        accounts.resize(tier.accounts(), (Payee::default(), 0, F::ZERO));
        let leaves =
            accounts.iter().map(|(payee, cumulative, salt)| account_leaf(*payee, *cumulative, *salt));
        let tree = merkle::Tree::new(tier, leaves.collect()).unwrap();
        assert!(check_paths(tier, &tree, case) >= 2);
        let mut a: Vec<F> = accounts.iter().map(|account| account.0.to_field()).collect();
        let mut b: Vec<F> = accounts.iter().map(|account| F::from_u128(account.1)).collect();
        a.resize(tier.slots(), F::ZERO);
        b.resize(tier.slots(), F::ZERO);
        let rng = &mut TestRng(8);
        let c = accounts.iter().map(|account| account.2).collect();
        let witness = TreeWitness { a: masked(&a, rng), b: masked(&b, rng), c };
        check_tree(tier, Tag::Account, tree.root(), &witness);
    }
}

fn input(case: &Value) -> Input {
    Input {
        tier: Tier::T64,
        genesis: case["genesis"].as_bool().unwrap(),
        pool: number(&case["pool"]),
        total: number(&case["total_score"]),
        old: numbers(&case["old"]),
        scores: numbers(&case["scores"]),
    }
}

fn check_splits<F: SuiteField>() {
    let file = load("split.json");
    let layout = Split::layout(Tier::T64);
    for case in cases::<F>(&file["segments"], 60) {
        let input = input(case);
        let outcome = split(input.pool, input.total, &input.old, &input.scores).unwrap();
        assert_eq!(outcome.payouts, numbers::<u128>(&case["payouts"]), "{}", case["name"]);
        assert_eq!(outcome.new, numbers::<u128>(&case["new"]));
        assert_eq!(outcome.segment_score, number::<u128>(&case["segment_score"]));
        assert_eq!(outcome.segment_paid, number::<u128>(&case["segment_paid"]));
        if !case["dust"].is_null() {
            assert_eq!(input.pool - outcome.segment_paid, number::<u128>(&case["dust"]));
        }
        let sheet = Sheet::<F>::honest(&input, 1);
        assert_eq!(sheet.native(), Ok(()));
        for (slot, remainder) in numbers::<u128>(&case["remainders"]).into_iter().enumerate() {
            assert_eq!(sheet.due_rest(slot), F::from_u128(remainder));
        }
        accepted(&layout, &sheet.table(&layout, 1));
    }
}

fn check_splits_by_rule<F: SuiteField>() {
    let file = load("split.json");
    for case in cases::<F>(&file["segments_by_rule"], 8) {
        let tier = tier(case);
        let genesis = case["genesis"].as_bool().unwrap();
        let accounts = case["accounts_by_rule"].as_u64().unwrap() as usize;
        let input = Input {
            tier,
            genesis,
            pool: number(&case["pool"]),
            total: number(&case["total_score"]),
            old: (0..accounts).map(|i| if genesis { 0 } else { leading("old", i, 15) }).collect(),
            scores: (0..accounts).map(|i| leading("score", i, 8) as u64).collect(),
        };
        let outcome = split(input.pool, input.total, &input.old, &input.scores).unwrap();
        assert_eq!(outcome.payouts.first(), Some(&number::<u128>(&case["payout_first"])));
        assert_eq!(outcome.payouts.last(), Some(&number::<u128>(&case["payout_last"])));
        assert_eq!(list_digest(&outcome.payouts), case["payouts_sha256"].as_str().unwrap());
        assert_eq!(list_digest(&outcome.new), case["new_sha256"].as_str().unwrap());
        assert_eq!(outcome.segment_score, number::<u128>(&case["segment_score"]));
        assert_eq!(outcome.segment_paid, number::<u128>(&case["segment_paid"]));
        let sheet = Sheet::<F>::honest(&input, 2);
        let rests: Vec<u128> = (0..accounts)
            .map(|slot| sheet.due_rest(slot))
            .map(|r| apportion_circuits::field::to_u128(&r).unwrap())
            .collect();
        assert_eq!(list_digest(&rests), case["remainders_sha256"].as_str().unwrap());
        assert_eq!(sheet.native(), Ok(()));
        let layout = Split::layout(tier);
        assert!(Checker::new(&layout).check(&sheet.table(&layout, 2)).is_ok());
    }
}

/// What the model refuses is refused here by a type, by a clause, or by the caller's checks (V1, V5, V7).
#[test]
fn refused_inputs() {
    let file = load("split.json");
    let mut seen = Vec::new();
    for case in cases::<common::Fr>(&file["rejected"], 6) {
        let name = case["name"].as_str().unwrap();
        seen.push(name);
        match name {
            "pool 2^128" => assert!(case["pool"].as_str().unwrap().parse::<u128>().is_err()),
            "score 2^64" => assert!(case["scores"][0].as_str().unwrap().parse::<u64>().is_err()),
            "total_score 0" => {
                let input = input(case);
                let violation = split(input.pool, input.total, &input.old, &input.scores).unwrap_err();
                assert_eq!(violation, Violation::S3 { slot: 0 });
            }
            // The bound on the total is V1's; the table has room above it.
            "total_score 2^80" => {
                assert!(
                    number::<u128>(&case["total_score"]) >> apportion_circuits::types::TOTAL_SCORE_BITS != 0
                );
            }
            "segment scores more than the total" => {
                let input = input(case);
                let outcome = split(input.pool, input.total, &input.old, &input.scores).unwrap();
                assert!(outcome.segment_score > input.total, "V5's to refuse");
            }
            "a balance at genesis" => {
                let sheet = Sheet::<common::Fr>::honest(&input(case), 3);
                assert_eq!(sheet.native(), Err(Violation::S1 { slot: 0 }));
            }
            other => panic!("no test for '{other}'"),
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 6);
}

/// Whole lives of a ledger: pools are given, policies are not the circuits' business.
#[test]
fn ledgers() {
    let file = load("split.json");
    let mut settled = 0;
    for case in cases::<common::Fr>(&file["ledgers"], 8) {
        let tier = tier(case);
        let accounts = case["accounts"].as_u64().unwrap() as usize;
        let mut balances = vec![0u128; accounts];
        let mut genesis = true;
        for epoch in case["epochs"].as_array().unwrap() {
            let scores: Vec<u64> = numbers(&epoch["scores"]);
            let (pool, total): (u128, u128) = (number(&epoch["pool"]), number(&epoch["total_score"]));
            assert_eq!(total != 0, epoch["settled"].as_bool().unwrap());
            if total != 0 {
                settled += 1;
                let cut = tier.accounts();
                let mut payouts = Vec::new();
                let segments = epoch["segments"].as_array().unwrap();
                assert_eq!(segments.len(), tier.segments(accounts));
                for ((scores, balances), segment) in
                    scores.chunks(cut).zip(balances.chunks_mut(cut)).zip(segments)
                {
                    let outcome = split(pool, total, balances, scores).unwrap();
                    assert_eq!(genesis, segment["genesis"].as_bool().unwrap());
                    assert_eq!(outcome.segment_score, number::<u128>(&segment["segment_score"]));
                    assert_eq!(outcome.segment_paid, number::<u128>(&segment["segment_paid"]));
                    balances.copy_from_slice(&outcome.new);
                    payouts.extend(outcome.payouts);
                }
                genesis = false;
                assert_eq!(payouts, numbers::<u128>(&epoch["payouts"]));
                assert_eq!(pool - payouts.iter().sum::<u128>(), number::<u128>(&epoch["dust"]));
            }
            assert_eq!(balances, numbers::<u128>(&epoch["balances"]));
        }
    }
    assert!(settled >= 12, "{settled}");
}

#[test]
fn limbs() {
    let file = load("limbs.json");
    let (mut exact, mut tables) = (0, 0);
    for table in file["tables"].as_array().unwrap() {
        tables += 1;
        let (bits, base) = (table["bits"].as_u64().unwrap() as u32, table["base"].as_u64().unwrap());
        let limbs = Limbs::exact(base, bits).unwrap();
        assert_eq!(limbs.weights(), numbers::<U256>(&table["weights"]));
        for case in table["cases"].as_array().unwrap() {
            exact += 1;
            let parts: Vec<u64> =
                case["limbs"].as_array().unwrap().iter().map(|x| x.as_u64().unwrap()).collect();
            assert_eq!(limbs.decompose(number(&case["value"])), parts, "{bits} bits, base {base}");
        }
    }
    assert!(tables >= 16 && exact > 400, "{tables} {exact}");
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
