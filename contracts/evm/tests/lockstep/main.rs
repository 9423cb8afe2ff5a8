//! The compiled contracts and a plain model of what is promised of them, step by step on an in-process EVM: what is
//! accepted, why something is refused, all that can be read, every event, and where the money is. Proofs of relations are
//! mocks, openings are checked by the generated verifier; `onchain` of the prover's tests has real proofs.
//!
//! `APPORTION_LOCKSTEP_CASES` is how many sequences are played; those of the ordinary tests are the same in every run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test")]

mod abi;
mod invariants;
mod model;
mod openings;
mod run;
mod steps;
mod world;

use std::cell::RefCell;

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use crate::{
    model::Fault,
    run::{Run, Seen, TRANSACTIONS},
    steps::{Step, step},
};

const CASES: u32 = 72;
const STEPS: std::ops::Range<usize> = 80..160;

fn cases(otherwise: u32) -> u32 {
    let given = std::env::var("APPORTION_LOCKSTEP_CASES").ok();
    given.map_or(otherwise, |text| text.parse().expect("APPORTION_LOCKSTEP_CASES is a number"))
}

/// Plays many sequences; returns what they reached, or the first difference.
fn play(cases: u32, shrink: u32, random: bool, fault: Option<Fault>) -> Result<Seen, TestError<Vec<Step>>> {
    let config = Config { cases, max_shrink_iters: shrink, failure_persistence: None, ..Config::default() };
    let mut runner = if random {
        TestRunner::new(config)
    } else {
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    let seen = RefCell::new(Seen::default());
    runner.run(&prop::collection::vec(step(), STEPS), |steps| {
        let mut run = Run::new(fault);
        run.play(&steps, &mut seen.borrow_mut()).map_err(TestCaseError::fail)
    })?;
    Ok(seen.into_inner())
}

#[test]
fn the_ledger_does_what_is_promised() {
    let seen = play(cases(CASES), 200, false, None).unwrap_or_else(|error| panic!("{error}"));
    println!("{seen:#?}");
    if cases(CASES) < CASES {
        return;
    }
    // The sequences come far: every function works in them, epochs end in every way, and nearly everything that can be
    // refused is.
    for function in TRANSACTIONS.iter().chain(&["extend", "provePayees"]) {
        let times = seen.accepted.get(function).copied().unwrap_or_default();
        assert!(times >= 2, "{function}: accepted {times} times");
    }
    assert!(seen.finals >= 50 && seen.deepest >= 4, "{seen:?}");
    assert!(seen.retried > 0 && seen.dissolved > 0 && seen.credited > 0, "{seen:?}");
}

/// The comparison can fail: it notices every wrong rule that a model can be given.
#[test]
fn a_wrong_model_is_caught() {
    for fault in Fault::ALL {
        match play(4 * CASES, 0, false, Some(*fault)) {
            Err(TestError::Fail(difference, _)) => println!("{fault:?}: {difference}"),
            other => panic!("{fault:?} was not noticed: {other:?}"),
        }
    }
}

/// The same with other sequences each time.
#[test]
#[ignore = "slow: APPORTION_LOCKSTEP_CASES sequences, 2,000 unless told"]
fn the_ledger_does_what_is_promised_at_length() {
    let seen = play(cases(2_000), 500, true, None).unwrap_or_else(|error| panic!("{error}"));
    println!("{seen:#?}");
}
