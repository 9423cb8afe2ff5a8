//! Gas of whole transactions with real proofs, compared with what is recorded.
#![allow(dead_code, unreachable_pub, reason = "shared by tests")]

use std::{collections::BTreeMap, fs, path::Path};

use apportion::onchain::Step;

/// A proof's bytes are random, and calldata costs less where they are zero.
const TOLERANCE: u64 = 100;

/// Compares each kind of transaction's dearest with `contracts/snapshots/<file>`; `APPORTION_REGENERATE=1` writes it.
pub fn compare(steps: &[Step], file: &str) {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for step in steps {
        // The numbers in a step's name are not its kind's.
        let words = step.what.split_whitespace().filter(|word| !word.contains("0x"));
        let kind: Vec<_> = words.filter(|word| word.parse::<u64>().is_err()).collect();
        let gas = found.entry(kind.join(" ")).or_default();
        *gas = step.gas.max(*gas);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots").join(file);
    if std::env::var_os("APPORTION_REGENERATE").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let recorded: BTreeMap<String, u64> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let kinds = |map: &BTreeMap<String, u64>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(kinds(&found), kinds(&recorded));
    for (kind, gas) in &found {
        let recorded = recorded[kind];
        assert!(gas.abs_diff(recorded) * TOLERANCE <= recorded, "{kind}: {gas} gas, recorded are {recorded}");
    }
}
