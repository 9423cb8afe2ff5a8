//! What deploying and verifying costs, compared with contracts/gas.json and docs/gas.md of the verifier.
//! `APPORTION_REGENERATE=1 cargo test --release -p apportion-evm --test gas` writes both again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use apportion_evm::evm::{MAX_CODE, Profile};
use apportion_generator::AccumulateCall;
use common::{Fixture, split_64, split_1024, tree_64, tree_1024};
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
    /// Gas of a transaction that verifies, had its proof no zero byte: an upper bound that no run changes. Each zero
    /// byte saves 12.
    verify: u64,
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
        verify: outcome.gas + 12 * zeros,
        execution: outcome.gas - own,
    };
    (snapshot, profile)
}

fn table(name: &str, snapshot: &Snapshot, profile: &Profile, zeros: u64) -> String {
    let mut text = format!(
        "### {name}\n\n{} bytes of code, deployed for {} gas; a proof of {} bytes; {} gas in all.\n\n\
         | step | what | times | gas |\n| --- | --- | ---: | ---: |\n",
        snapshot.code, snapshot.deploy, snapshot.proof, snapshot.verify
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
    let text = fs::read_to_string(&document).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let new = format!("{before}{BEGIN}{tables}{END}{after}");
    if std::env::var_os("APPORTION_REGENERATE").is_some() {
        fs::write(&file, serde_json::to_string_pretty(&snapshots).unwrap() + "\n").unwrap();
        fs::write(&document, new).unwrap();
        return;
    }
    let recorded: BTreeMap<String, Snapshot> =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(snapshots, recorded, "APPORTION_REGENERATE=1 writes the file again");
    assert!(text == new, "contracts/docs/gas.md is out of date: APPORTION_REGENERATE=1");
}

#[test]
fn targets_are_met() {
    for (fixture, gas, bytes) in [(split_1024(), 360_000, 20 * 1024), (tree_1024(), 450_000, MAX_CODE)] {
        let snapshot = measure(fixture).0;
        assert!(snapshot.verify <= gas, "{snapshot:?}");
        assert!(snapshot.code <= bytes, "{snapshot:?}");
    }
}
