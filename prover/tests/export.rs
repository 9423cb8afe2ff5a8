//! Calldata from the files that the commands before wrote.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;

use alloy_sol_types::SolCall;
use apportion_circuits::types::{Payee, Tier, Word};
use apportion_verifier::{
    bundle::{DatasetDoc, Document, ReceiptDoc},
    chain::{
        Registration,
        abi::{IDatasetRegistry, IRevenueLedger},
        model_id,
    },
};
use common::Work;

const LEDGER: &str = "0x1234567890123456789012345678901234567890";
const DEVELOPER: &str = "0x00000000000000000000000000000000000000d1";
const OWNER: &str = "0x00000000000000000000000000000000000000d2";
const REGISTRY: &str = "0x00000000000000000000000000000000000000d3";
const TOKEN: &str = "0x00000000000000000000000000000000000000d4";
/// Two segments.
const RECORDS: usize = 70;

/// The calldata that a verb prints, one transaction a line; the same with --json and --out.
fn export<C: SolCall>(work: &Work, line: &str) -> Vec<C> {
    let ran = work.run(&format!("export calldata {line}")).exits(0);
    let json = work.run(&format!("export calldata {line} --json")).exits(0).json();
    work.run(&format!("export calldata {line} --out calldata.txt")).exits(0);
    assert_eq!(std::fs::read_to_string(work.path("calldata.txt")).unwrap(), ran.out);
    let lines: Vec<_> = ran.out.lines().collect();
    let listed: Vec<_> = json.as_array().unwrap().iter().map(|call| call["data"].as_str().unwrap()).collect();
    assert_eq!(lines, listed);
    lines
        .iter()
        .map(|line| {
            let bytes = hex::decode(line.strip_prefix("0x").unwrap()).unwrap();
            let call = C::abi_decode(&bytes).unwrap();
            assert_eq!(call.abi_encode(), bytes, "the encoding is canonical");
            call
        })
        .collect()
}

#[test]
fn every_step_of_a_bound_ledger_has_its_calldata() {
    let work = Work::new("bn254", RECORDS, 1);
    work.commit_dataset().exits(0);
    let init = format!(
        "ledger init --dir ledger --suite bn254 --tier 64 --model m --policy policy.toml --insecure-dev --chain-id 5 \
         --contract {LEDGER}"
    );
    work.run(&init).exits(2).says("--developer");
    work.run(&format!("{init} --developer {DEVELOPER}")).exits(0);
    let contract: Payee = LEDGER.parse().unwrap();
    let model = model_id(5, contract, DEVELOPER.parse().unwrap(), "m");

    let registered = format!("--registry {REGISTRY} --owner {OWNER} --uri ipfs://x");
    let calls: Vec<IDatasetRegistry::registerCall> =
        export(&work, &format!("register --dataset dataset --chain-id 5 {registered}"));
    let doc = DatasetDoc::read(&work.path("dataset/dataset.json")).unwrap();
    assert_eq!((calls[0].tier, calls[0].records, calls[0].roots.len()), (3, 70, 2));
    let registration = Registration {
        chain_id: 5,
        registry: REGISTRY.parse().unwrap(),
        owner: OWNER.parse().unwrap(),
        parent: Word::default(),
        uri: "ipfs://x".into(),
    };
    let dataset = registration.dataset_id(&doc);

    let terms = format!("createModel --dir ledger --attributor {OWNER} --token {TOKEN}");
    let calls: Vec<IRevenueLedger::createModelCall> = export(&work, &terms);
    assert_eq!(calls[0].terms.contributorsBps, 5_000);
    assert_eq!(calls[0].terms.beneficiaries.len(), 2);
    // Refused before the node is asked.
    #[cfg(feature = "rpc")]
    work.run(&format!("send {terms} --rpc http://127.0.0.1:1 --unlocked --from {OWNER}"))
        .exits(2)
        .says("not the developer of this ledger");
    work.run(&format!("export calldata {terms} --open-window 5")).exits(2).says("one hour");

    work.run("ledger enroll --dir ledger --dataset dataset").exits(2).says("--registry");
    work.run(&format!("ledger enroll --dir ledger --dataset dataset {registered}")).exits(0);
    let calls: Vec<IRevenueLedger::enrollCall> = export(&work, "enroll --dir ledger");
    assert_eq!(calls.len(), 2);
    for (segment, call) in calls.iter().enumerate() {
        assert_eq!((call.modelId.0, call.datasetId.0), (model.0, dataset.0));
        assert_eq!(call.segment.to::<usize>(), segment);
    }
    work.commit_scores(1).exits(0);
    let calls: Vec<IRevenueLedger::commitScoresCall> =
        export(&work, "commitScores --dir ledger --scores posted-1");
    assert_eq!(calls[0].points.len(), 2);
    let calls: Vec<IRevenueLedger::depositCall> = export(&work, "deposit --dir ledger --amount 17");
    assert_eq!(calls[0].amount.to::<u32>(), 17);
    let _: Vec<IRevenueLedger::closeEpochCall> = export(&work, "closeEpoch --dir ledger --epoch 1");
    work.run(&work.prove_line(1)).exits(0);
    let calls: Vec<IRevenueLedger::settleCall> = export(&work, "settle --dir ledger --epoch 1");
    assert_eq!(calls.len(), 2);
    work.run("publish --dir ledger").exits(0);
    let calls: Vec<IRevenueLedger::publishCall> = export(&work, "publish --dir ledger --publication 1");
    assert_eq!(calls.len(), 2);
    work.run("receipt --dir ledger --account 0:65 --out r.json").exits(0);
    let receipt = ReceiptDoc::read(&work.path("r.json")).unwrap();
    let calls: Vec<IRevenueLedger::claimCall> = export(&work, "claim --receipt r.json");
    assert_eq!(calls[0].payee.into_array(), receipt.payee.0);
    assert_eq!(calls[0].cumulative.to::<u128>(), receipt.cumulative.0);
    assert_eq!(calls[0].path.len(), Tier::T64.depth() as usize);
    let _: Vec<IRevenueLedger::withdrawCall> =
        export(&work, &format!("withdraw --dir ledger --account {OWNER}"));
}

#[test]
fn an_unbound_ledger_has_none() {
    let work = Work::enrolled("pasta", 10, 1);
    work.run("export calldata enroll --dir ledger").exits(2).says("bn254 only");
    work.run("export calldata settle --dir nowhere --epoch 1").exits(3);
    work.run("export verifier --suite pasta --relation split --tier 64 --out v.sol")
        .exits(2)
        .says("bn254 only");
}

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
