//! The fuzz targets' seeds, replayed as a test. Seeds named `valid-..` are accepted, all others refused.
//!
//! `APPORTION_REGENERATE=1 cargo test --release -p apportion --test corpus` makes the valid seeds anew, which is due when
//! a format changes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]
#![allow(unreachable_pub)]

mod common;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::{fs, path::Path};

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds");

#[test]
fn seeds_are_accepted_or_refused_as_named() {
    if std::env::var_os("APPORTION_REGENERATE").is_some_and(|value| value == "1") {
        common::SUITES.into_iter().for_each(regenerate);
    }
    let mut wrong = Vec::new();
    for (name, target) in targets::TARGETS {
        let mut kinds = [0; 2];
        for entry in fs::read_dir(Path::new(SEEDS).join(name)).unwrap() {
            let path = entry.unwrap().path();
            let valid = path.file_name().unwrap().to_str().unwrap().starts_with("valid-");
            if target(&fs::read(&path).unwrap()) != valid {
                wrong.push(path);
            }
            kinds[usize::from(valid)] += 1;
        }
        assert!(kinds[0] > 0 && kinds[1] > 0, "{name}: seeds of both kinds");
    }
    assert!(wrong.is_empty(), "accepted or refused against their name: {wrong:#?}");
}

#[test]
fn damaged_seeds_break_no_property() {
    for (name, target) in targets::TARGETS {
        assert!(!target(&[]), "{name}");
        for entry in fs::read_dir(Path::new(SEEDS).join(name)).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            target(&bytes[..bytes.len() / 2]);
            target(&[&bytes[..], b"\0"].concat());
            for at in [bytes.len() / 3, bytes.len() / 2] {
                let mut flipped = bytes.clone();
                flipped[at] ^= 0x10;
                target(&flipped);
            }
        }
    }
}

/// Every kind of private file of a ledger at tier 64, its `ledger.toml` and its dataset.
fn regenerate(suite: &'static str) {
    let work = common::Work::enrolled(suite, 3, 1);
    work.epoch(1);
    work.run("publish --dir ledger").exits(0);
    let put = |target: &str, name: &str, bytes: &[u8]| {
        fs::write(Path::new(SEEDS).join(target).join(format!("valid-{name}-{suite}")), bytes).unwrap();
    };
    for (path, bytes) in common::files(&work.path("ledger")) {
        let path = path.to_str().unwrap();
        let name =
            ["payees", "balances", "publications", "records"].into_iter().find(|name| path.contains(name));
        if path.starts_with("private")
            && path.ends_with(".bin")
            && let Some(name) = name
        {
            put("private_files", name, &bytes);
        }
        if path == "ledger.toml" {
            put("ledger_toml", "ledger", &bytes);
        }
    }
    for (path, bytes) in common::files(&work.path("posted-1")) {
        if path.extension().is_some_and(|end| end == "bin") {
            put("private_files", "scores", &bytes);
        }
    }
    put("records_csv", "sample", work.sample.records.as_ref());
}
