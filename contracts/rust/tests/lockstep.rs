//! The compiled ledger and a plain model of what is promised of it, step by step on an in-process EVM: what is accepted,
//! why something is refused, all that can be read, and where the money is. Proofs are mocks; `onchain` has real ones.
//!
//! `APPORTION_LOCKSTEP_CASES` is how many sequences are played; those of the ordinary tests are the same in every run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[path = "lockstep/model.rs"]
mod model;
#[path = "lockstep/run.rs"]
mod run;
#[path = "lockstep/steps.rs"]
mod steps;

use std::cell::RefCell;

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use crate::{
    model::Fault,
    run::{Run, Seen},
    steps::{Step, step},
};

const CASES: u32 = 96;
const STEPS: std::ops::Range<usize> = 60..120;

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
    let seen = play(cases(CASES), 500, false, None).unwrap_or_else(|error| panic!("{error}"));
    println!("{seen:#?}");
    if cases(CASES) < CASES {
        return;
    }
    // The sequences come far: every function works in them, epochs end in every way, and nearly everything that can be
    // refused is.
    for function in [
        "createModel",
        "enroll",
        "commitScores",
        "deposit",
        "closeEpoch",
        "settle",
        "abandonEpoch",
        "publish",
        "claim",
        "withdraw",
    ] {
        let times = seen.accepted.get(function).copied().unwrap_or_default();
        assert!(times >= 5, "{function}: accepted {times} times");
    }
    assert!(seen.finals >= 50 && seen.deepest >= 4, "{seen:?}");
    assert!(seen.abandoned > 0 && seen.carried_without_scores > 0 && seen.renewals > 0, "{seen:?}");
    for error in REACHED {
        assert!(seen.refused.contains_key(*error), "{error} never occurred");
    }
}

/// Errors that the sequences must reach.
const REACHED: &[&str] = &[
    "AlreadyPublished",
    "AlreadySettled",
    "BalanceColumnMismatch",
    "InvalidAccount",
    "InvalidIndex",
    "InvalidPoint",
    "InvalidTotalScore",
    "ModelExists",
    "NotAttributor",
    "NotCanonical",
    "NotDeveloper",
    "NotInEpoch",
    "NothingOwed",
    "NothingReceived",
    "NothingSettled",
    "NothingToClose",
    "OldColumnMismatch",
    "PayeeColumnMismatch",
    "PoolExceeded",
    "ProofRejected",
    "ScoreColumnMismatch",
    "ScoreSumExceeded",
    "ScoreSumMismatch",
    "TooEarly",
    "UnknownModel",
    "UnknownRoot",
    "UnsupportedTier",
    "WrongEpoch",
    "WrongPathLength",
    "WrongPointCount",
    "WrongStage",
];

/// The comparison can fail: it notices every wrong rule that a model can be given.
#[test]
fn a_wrong_model_is_caught() {
    for fault in Fault::ALL {
        match play(2 * CASES, 0, false, Some(fault)) {
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
