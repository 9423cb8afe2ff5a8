//! Verifier contracts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

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
}
