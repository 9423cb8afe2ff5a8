//! Rust against the reference model in Python: splits, ledgers and limbs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use apportion_circuits::{
    field::{SuiteField, to_u128},
    plonkish::Checker,
    range::Limbs,
    relation::{Relation, Violation},
    split::{Split, split},
    types::{TOTAL_SCORE_BITS, Tier},
};
use common::{
    accepted,
    split::{Input, Sheet},
    vectors::*,
};
use ruint::aliases::U256;
use serde_json::Value;

both_fields! {
    splits => check_splits();
    splits_by_rule => check_splits_by_rule();
}

fn input(case: &Value) -> Input {
    Input {
        tier: Tier::T64,
        genesis: case["genesis"].as_bool().unwrap(),
        pool: number(&case["pool"]),
        total: number(&case["total_score"]),
        records: case["scores"].as_array().unwrap().len(),
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
            records: accounts,
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
        let rests: Vec<u128> =
            (0..accounts).map(|slot| sheet.due_rest(slot)).map(|r| to_u128(&r).unwrap()).collect();
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
                assert!(number::<u128>(&case["total_score"]) >> TOTAL_SCORE_BITS != 0);
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
                    payouts.extend(&outcome.payouts);
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
