//! Verifier contracts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test")]

mod common;

use common::Work;

#[test]
fn a_verifier_contract_is_written() {
    let work = Work::new("bn254", 10, 1);
    for relation in ["split", "tree"] {
        let line = format!(
            "export verifier --suite bn254 --relation {relation} --tier 64 --insecure-dev --out {relation}.sol"
        );
        work.run(&line).exits(0);
        let text = std::fs::read_to_string(work.path(&format!("{relation}.sol"))).unwrap();
        assert!(text.contains("pragma solidity") && text.contains("apportion export verifier"));
    }
    work.run("export verifier --suite bn254 --opening --insecure-dev --out opening.sol").exits(0);
    let text = std::fs::read_to_string(work.path("opening.sol")).unwrap();
    assert!(
        text.contains("contract OpeningVerifier {") && text.contains("--opening --insecure-dev --out FILE")
    );
    assert!(!text.contains('$'), "a place that was not filled in");
    // One or the other.
    for line in ["--opening --relation split", "--opening --tier 64", ""] {
        work.run(&format!("export verifier --suite bn254 {line} --insecure-dev --out none.sol")).exits(2);
    }
}
