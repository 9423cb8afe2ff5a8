//! Rust against the reference model in Python: splits, ledgers and limbs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;

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
    split::{Input, RECORDS, Sheet},
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
        records: index(&case["records"]),
        old: numbers(&case["old"]),
        scores: numbers(&case["scores"]),
    }
}

fn check_splits<F: SuiteField>() {
    let file = load("split.json");
    let layout = Split::layout(Tier::T64);
    for case in cases::<F>(&file["segments"], 67) {
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
        let counts: Vec<u128> =
            sheet.slots.iter().map(|slot| to_u128(&slot.state[RECORDS]).unwrap()).collect();
        assert_eq!(list_digest(&counts), case["counts_sha256"].as_str().unwrap());
        let layout = Split::layout(tier);
        assert!(Checker::new(&layout).check(&sheet.table(&layout, 2)).is_ok());
    }
}

/// What the model refuses is refused here by a type, by a clause, or by the caller's checks (V1, V5, V7).
#[test]
fn refused_inputs() {
    let file = load("split.json");
    let mut seen = Vec::new();
    for case in cases::<common::Fr>(&file["rejected"], 9) {
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
            "more records than accounts" => {
                let sheet = Sheet::<common::Fr>::honest(&input(case), 3);
                assert_eq!(sheet.native(), Err(Violation::Records));
            }
            "an empty slot has a score" => {
                let sheet = Sheet::<common::Fr>::honest(&input(case), 3);
                assert_eq!(sheet.native(), Err(Violation::S7 { slot: 1 }));
            }
            "no record has a score" => {
                let sheet = Sheet::<common::Fr>::honest(&input(case), 3);
                assert_eq!(sheet.native(), Err(Violation::S7 { slot: 0 }));
            }
            other => panic!("no test for '{other}'"),
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 9);
}

/// One dataset in a ledger.
struct Account {
    tier: Tier,
    balances: Vec<u128>,
    moved: BTreeSet<usize>,
}

/// Whole lives of ledgers: pools are given, policies are not the circuits' business.
#[test]
fn ledgers() {
    let file = load("split.json");
    let mut epochs = 0;
    for case in cases::<common::Fr>(&file["ledgers"], 11) {
        let mut datasets: Vec<Account> = Vec::new();
        for event in case["events"].as_array().unwrap() {
            match event["event"].as_str().unwrap() {
                "enroll" => datasets.push(Account {
                    tier: tier(event),
                    balances: vec![0; index(&event["records"])],
                    moved: BTreeSet::new(),
                }),
                "extend" => {
                    let balances = &mut datasets[index(&event["dataset"])].balances;
                    balances.resize(balances.len() + index(&event["records"]), 0);
                }
                // Its list of scores is empty from now on.
                "retire" => {}
                "epoch" => {
                    epochs += 1;
                    epoch(&mut datasets, event, case["name"].as_str().unwrap());
                }
                other => panic!("no such event: '{other}'"),
            }
        }
    }
    assert!(epochs >= 25, "{epochs}");
}

fn epoch(datasets: &mut [Account], event: &Value, name: &str) {
    let scores: Vec<Vec<u64>> = event["scores"].as_array().unwrap().iter().map(numbers).collect();
    let (pool, total): (u128, u128) = (number(&event["pool"]), number(&event["total_score"]));
    assert_eq!(scores.iter().flatten().map(|score| u128::from(*score)).sum::<u128>(), total);
    let mut payouts: Vec<Vec<u128>> = datasets.iter().map(|each| vec![0; each.balances.len()]).collect();
    let (mut paid, mut taking_part) = (0, 0);
    let mut moves = event["segments"].as_array().unwrap().iter();
    for (dataset, given) in scores.iter().enumerate() {
        let Account { tier, balances, moved } = &mut datasets[dataset];
        let cut = tier.accounts();
        for (segment, scores) in given.chunks(cut).enumerate() {
            // A segment in which nobody scores is not listed.
            if scores.iter().all(|score| *score == 0) {
                continue;
            }
            let listed = moves.next().unwrap();
            assert_eq!((index(&listed["dataset"]), index(&listed["segment"])), (dataset, segment), "{name}");
            assert_eq!(index(&listed["records"]), tier.records_in(given.len(), segment));
            assert_eq!(listed["genesis"].as_bool().unwrap(), moved.insert(segment));
            let old = &mut balances[segment * cut..][..scores.len()];
            let outcome = split(pool, total, old, scores).unwrap();
            assert_eq!(outcome.segment_score, number::<u128>(&listed["segment_score"]));
            assert_eq!(outcome.segment_paid, number::<u128>(&listed["segment_paid"]));
            old.copy_from_slice(&outcome.new);
            payouts[dataset][segment * cut..][..scores.len()].copy_from_slice(&outcome.payouts);
            paid += outcome.segment_paid;
            taking_part += scores.len() as u128;
        }
    }
    assert!(moves.next().is_none(), "{name}: a segment moves and nobody scores");
    let dust = pool - paid;
    assert_eq!(dust, number::<u128>(&event["dust"]));
    assert!(dust < taking_part);
    for (dataset, account) in datasets.iter().enumerate() {
        assert_eq!(payouts[dataset], numbers::<u128>(&event["payouts"][dataset]), "{name}");
        assert_eq!(account.balances, numbers::<u128>(&event["balances"][dataset]), "{name}");
    }
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
