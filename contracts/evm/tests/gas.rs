//! What deploying and verifying costs, compared with contracts/gas.json and docs/gas.md of the verifier.
//! `APPORTION_REGENERATE=1 cargo test --release -p apportion-evm --test gas` writes both again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use apportion_evm::evm::{MAX_CODE, Profile};
use apportion_generator::AccumulateCall;
use common::{
    Fixture,
    opening_verifier::{check, check_pairs},
    segments::fixture,
    split_64, split_1024, tree_64, tree_1024,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Snapshot {
    /// Bytes of deployed code.
    code: usize,
    /// Gas of the deployment.
    deploy: u64,
    /// Bytes of a proof.
    proof: usize,
    /// Bytes of a call.
    calldata: usize,
    /// Gas of a transaction that accumulates, had its proof no zero byte: an upper bound that no run changes. Each
    /// zero byte saves 12.
    accumulate: u64,
    /// Of these, what the contract itself uses.
    execution: u64,
}

fn measure(fixture: &Fixture) -> (Snapshot, Profile) {
    let (inputs, proof) = &fixture.proofs[0];
    let call = AccumulateCall::unchecked(proof.clone(), inputs.clone()).encode();
    let steps = &fixture.artifact.steps;
    assert!(!steps.is_empty());
    let (outcome, profile) = fixture.evm.clone().profile(fixture.address, &call, steps).unwrap();
    assert!(outcome.is_success(), "{outcome:?}");
    let zeros = proof.iter().filter(|byte| **byte == 0).count() as u64;
    let own: u64 = profile.items[0].gas;
    let code = fixture.evm.clone().code(fixture.address).len();
    let snapshot = Snapshot {
        code,
        deploy: fixture.deployment,
        proof: proof.len(),
        calldata: call.len(),
        accumulate: outcome.gas + 12 * zeros,
        execution: outcome.gas - own,
    };
    (snapshot, profile)
}

/// What openings and pairs cost: gas of the contract itself, by how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Openings {
    /// Bytes of deployed code.
    code: usize,
    /// `checkPairs`.
    pairs: BTreeMap<usize, u64>,
    /// `check`, all openings being of one segment.
    openings: BTreeMap<usize, u64>,
    /// The same, one opening of each segment.
    segments: BTreeMap<usize, u64>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Recorded {
    relations: BTreeMap<String, Snapshot>,
    openings: Openings,
}

const COUNTS: [usize; 5] = [1, 2, 4, 8, 16];

fn measure_openings() -> Openings {
    let fixture = fixture();
    let execution = |call: &[u8]| {
        let (outcome, profile) = fixture.evm.clone().profile(fixture.address, call, &[]).unwrap();
        assert!(outcome.is_success(), "{outcome:?}");
        outcome.gas - profile.items[0].gas
    };
    let each =
        |make: &dyn Fn(usize) -> Vec<u8>| COUNTS.map(|n| (n, execution(&make(n)))).into_iter().collect();
    let (inputs, proof) = &split_64().proofs[0];
    let pair = split_64().accumulate(inputs, proof).unwrap().0.pair;
    let segment = &fixture.segments[0];
    Openings {
        code: fixture.evm.clone().code(fixture.address).len(),
        pairs: each(&|n| check_pairs(&vec![pair; n], [1; 32])),
        // Slots of three digits to the base 4.
        openings: each(&|n| check(&[segment.open(&fixture.setup, 31..31 + n)])),
        segments: each(&|n| check(&vec![segment.open(&fixture.setup, [31]); n])),
    }
}

fn openings_table(openings: &Openings) -> String {
    let mut text = format!(
        "### OpeningVerifier\n\n{} bytes of code. Gas of the contract itself, without transaction and calldata, all and each:\n\n\
         | how many | pairs | each | openings of one segment | each | of a segment each | each |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        openings.code
    );
    for n in COUNTS {
        write!(text, "| {n} |").unwrap();
        for gas in [&openings.pairs, &openings.openings, &openings.segments].map(|gas| gas[&n]) {
            write!(text, " {gas} | {} |", gas / n as u64).unwrap();
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

fn table(name: &str, snapshot: &Snapshot, profile: &Profile, zeros: u64) -> String {
    let mut text = format!(
        "### {name}\n\n{} bytes of code, deployed for {} gas; a proof of {} bytes; {} gas in all.\n\n\
         | step | what | times | gas |\n| --- | --- | ---: | ---: |\n",
        snapshot.code, snapshot.deploy, snapshot.proof, snapshot.accumulate
    );
    let base = 21_000;
    let data = profile.items[0].gas + 12 * zeros - base;
    writeln!(text, "| transaction | base | 1 | {base} |").unwrap();
    writeln!(text, "| transaction | calldata | {} | {data} |", snapshot.calldata).unwrap();
    for item in &profile.items[1..] {
        let count = if item.what == "code" { String::new() } else { item.count.to_string() };
        writeln!(text, "| {} | {} | {count} | {} |", item.step.trim_start_matches('_'), item.what, item.gas)
            .unwrap();
    }
    text.push('\n');
    text
}

const BEGIN: &str = "<!-- measured: begin -->\n";
const END: &str = "<!-- measured: end -->";

#[test]
fn costs_are_those_on_record() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (file, document) = (root.join("contracts/gas.json"), root.join("contracts/docs/gas.md"));
    let mut snapshots = BTreeMap::new();
    let mut tables = String::new();
    for fixture in [split_64(), tree_64(), split_1024(), tree_1024()] {
        let (snapshot, profile) = measure(fixture);
        assert!(snapshot.code <= MAX_CODE);
        let name = fixture.artifact.name.clone();
        eprintln!("{name}: {snapshot:?}");
        if name.contains("1024") {
            let zeros = fixture.proofs[0].1.iter().filter(|byte| **byte == 0).count() as u64;
            tables.push_str(&table(&name, &snapshot, &profile, zeros));
        }
        snapshots.insert(name, snapshot);
    }
    let openings = measure_openings();
    tables.push_str(&openings_table(&openings));
    let measured = Recorded { relations: snapshots, openings };
    let text = fs::read_to_string(&document).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let new = format!("{before}{BEGIN}{tables}{END}{after}");
    if std::env::var_os("APPORTION_REGENERATE").is_some() {
        fs::write(&file, serde_json::to_string_pretty(&measured).unwrap() + "\n").unwrap();
        fs::write(&document, new).unwrap();
        return;
    }
    let recorded: Recorded = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(measured, recorded, "APPORTION_REGENERATE=1 writes the file again");
    assert!(text == new, "contracts/docs/gas.md is out of date: APPORTION_REGENERATE=1");
}

#[test]
fn targets_are_met() {
    for (fixture, gas, bytes) in [(split_1024(), 250_000, 20 * 1024), (tree_1024(), 310_000, MAX_CODE)] {
        let snapshot = measure(fixture).0;
        assert!(snapshot.accumulate <= gas, "{snapshot:?}");
        assert!(snapshot.code <= bytes, "{snapshot:?}");
    }
    let openings = measure_openings();
    assert!(openings.code <= 8 * 1024);
    // One receipt alone, 16 of one segment, the next one; the pairing of one proof, and what another adds.
    assert!(openings.openings[&1] <= 150_000, "{openings:?}");
    assert!(openings.openings[&16] <= 16 * 23_000, "{openings:?}");
    assert!(openings.openings[&16] - openings.openings[&8] <= 8 * 15_000, "{openings:?}");
    assert!(openings.pairs[&1] <= 118_000, "{openings:?}");
    assert!(openings.pairs[&16] - openings.pairs[&8] <= 8 * 14_000, "{openings:?}");
}
