//! The auditor's command on a ledger with real proofs, in both suites.
#![allow(clippy::unwrap_used)]

mod real;

use std::{fs, path::Path, process::Output};

use apportion_statement::Relation;
use apportion_statement::files::*;
use apportion_suite::{Bn254, Pasta};
use assert_cmd::Command;
use serde_json::Value;

use self::real::{Setup, TIER};

const DEV: &str = "--allow-insecure-params";

fn run(args: &[&str]) -> Output {
    Command::cargo_bin("apportion-verify").unwrap().args(args).output().unwrap()
}

/// Runs a command, and checks that VALID is printed with exit code 0 only.
fn ends(code: i32, args: &[&str]) -> String {
    let output = run(args);
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{text}\n{errors}");
    assert_eq!(text.contains("VALID"), code == 0, "{text}");
    assert!(!errors.contains("panicked"), "{errors}");
    text + &errors
}

fn str(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn change(path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn every_verdict<S: Setup>(flags: &[&str]) {
    let temp = tempfile::tempdir().unwrap();
    real::write::<S>(temp.path());
    let dir = PublicDir::new(temp.path().join("public"));
    let with = |args: &[&'static str], path: &Path| -> Vec<String> {
        [args, &[str(path)], flags].concat().into_iter().map(String::from).collect()
    };
    let ends = |code, args: &[&'static str], path: &Path| {
        let args = with(args, path);
        ends(code, &args.iter().map(String::as_str).collect::<Vec<_>>())
    };

    // The whole ledger, by either directory; every epoch, by directory and file.
    let text = ends(0, &["ledger"], temp.path());
    assert!(text.contains("ok   V3.old             epoch 3 dataset 0 segment 1"), "{text}");
    ends(0, &["ledger", "--threads", "1", "-q"], dir.root());
    for epoch in 1..=3 {
        ends(0, &["epoch"], &dir.epoch(epoch));
    }
    ends(0, &["epoch", "-q"], &dir.epoch(3).join("epoch.json"));
    let verdict: Value = serde_json::from_str(&{
        let args = with(&["epoch", "--json"], &dir.epoch(3));
        String::from_utf8(run(&args.iter().map(String::as_str).collect::<Vec<_>>()).stdout).unwrap()
    })
    .unwrap();
    assert_eq!(verdict["valid"], true);
    assert!(verdict.get("failed").is_none());
    assert!(verdict["checks"].as_array().unwrap().iter().any(|check| check["id"] == "V3.score"));

    // Receipts, alone and against the ledger.
    let receipt = temp.path().join("receipt.json");
    let against = [&["receipt", "--ledger", str(temp.path()), str(&receipt)], flags].concat();
    crate::ends(0, &["receipt", str(&receipt)]);
    crate::ends(0, &against);
    let honest = ReceiptDoc::read(&receipt).unwrap();
    let with_receipt = |code, change: &dyn Fn(&mut ReceiptDoc), failing: &str| {
        let mut doc = honest.clone();
        change(&mut doc);
        fs::write(&receipt, doc.to_json()).unwrap();
        let text = crate::ends(code, &against);
        assert!(text.contains(&format!("REJECTED: {failing} ")), "{text}");
    };
    with_receipt(1, &|doc| doc.cumulative.0 += 1, "receipt.path");
    with_receipt(1, &|doc| doc.payee = real::payee(1), "receipt.path");
    with_receipt(1, &|doc| doc.siblings[2].swap(0, 1), "receipt.path");
    with_receipt(1, &|doc| _ = doc.siblings.pop(), "receipt.depth");
    with_receipt(1, &|doc| doc.index = 62, "receipt.index");
    with_receipt(1, &|doc| doc.index += 64, "receipt.index");
    with_receipt(1, &|doc| doc.salt.0 = [0xff; 32], "receipt.canonical");
    with_receipt(1, &|doc| doc.epoch = 1, "receipt.root");
    with_receipt(1, &|doc| doc.model.0[0] ^= 1, "receipt.ledger");
    with_receipt(1, &|doc| doc.dataset.0[0] ^= 1, "receipt.ledger");
    with_receipt(1, &|doc| doc.segment = 0, "receipt.root");
    fs::write(&receipt, honest.to_json()).unwrap();

    // One bit of one proof, in its header's eyes too: the proof itself fails.
    let header = dir.epoch(3).join("epoch.json");
    let kept = fs::read(&header).unwrap();
    let proof = dir.epoch(3).join("0-1.proof");
    let kept_proof = fs::read(&proof).unwrap();
    for position in [0, 31, 200, 1000] {
        let mut blob = ProofBlob::from_bytes(&kept_proof).unwrap();
        blob.proof[position] ^= 1;
        fs::write(&proof, blob.to_bytes()).unwrap();
        let mut doc = EpochDoc::from_json(&kept).unwrap();
        doc.segments[1].proof.sha256 = sha256(&blob.to_bytes());
        fs::write(&header, doc.to_json()).unwrap();
        let text = ends(1, &["ledger"], temp.path());
        assert!(text.contains("REJECTED: proof.split fails"), "{text}");
    }
    // The other segment's proof in its place, and amounts that are not those of the proof.
    fs::copy(dir.epoch(3).join("0-0.proof"), &proof).unwrap();
    fs::write(&header, &kept).unwrap();
    assert!(ends(1, &["epoch"], &dir.epoch(3)).contains("FAIL proof.split"));
    fs::write(&proof, &kept_proof).unwrap();
    let mut doc = EpochDoc::from_json(&kept).unwrap();
    doc.segments[0].segment_paid.0 += 1;
    doc.segments[1].segment_paid.0 -= 1;
    fs::write(&header, doc.to_json()).unwrap();
    assert!(ends(1, &["epoch"], &dir.epoch(3)).contains("REJECTED: proof.split"));
    fs::write(&header, &kept).unwrap();

    // Unreadable, malformed, of another version.
    ends(3, &["ledger"], &temp.path().join("nowhere"));
    ends(3, &["epoch"], dir.root());
    change(&proof, |bytes| bytes.push(0));
    ends(3, &["ledger"], temp.path());
    fs::write(&proof, &kept_proof).unwrap();
    let ledger = LedgerDoc::read(&dir.ledger()).unwrap();
    change(&dir.ledger(), |bytes| {
        *bytes = LedgerDoc { version: 2, ..ledger.clone() }.to_json();
    });
    ends(4, &["ledger"], temp.path());
    change(&dir.ledger(), |bytes| {
        let mut doc = ledger.clone();
        doc.keys[0].key_digest.0[0] ^= 1;
        *bytes = doc.to_json();
    });
    ends(4, &["ledger"], temp.path());
    change(&dir.ledger(), |bytes| {
        let mut doc = ledger.clone();
        doc.setup.insecure = !doc.setup.insecure;
        *bytes = doc.to_json();
    });
    ends(4, &["ledger"], temp.path());
    fs::write(dir.ledger(), ledger.to_json()).unwrap();
    ends(0, &["ledger", "-q"], temp.path());
}

#[test]
fn pasta() {
    every_verdict::<Pasta>(&[]);
}

#[test]
fn bn254() {
    every_verdict::<Bn254>(&[DEV]);
}

#[test]
fn bn254_keys_and_setups() {
    let temp = tempfile::tempdir().unwrap();
    real::write::<Bn254>(temp.path());
    let dir = PublicDir::new(temp.path().join("public"));
    let path = str(temp.path());
    // The development setup is refused unless asked for, and then said to be insecure.
    assert!(ends(4, &["ledger", path]).contains("insecure_dev"));
    assert!(ends(0, &["ledger", path, DEV]).contains("INSECURE"));
    // Keys derived again from the auditor's own parameters, in a file or a directory.
    let params = tempfile::tempdir().unwrap();
    let cache = apportion_suite::params::ParamsCache::new(params.path());
    let k = apportion_verifier::audit::layout::<pasta_curves::Fp>(Relation::Tree, TIER).k;
    let file = cache.store_bn254(&cache.load_or_make_insecure_dev(k).unwrap()).unwrap();
    ends(0, &["ledger", path, DEV, "--rederive-keys", "--params", str(&file)]);
    ends(0, &["ledger", path, DEV, "--rederive-keys", "--params", str(params.path())]);
    ends(4, &["ledger", path, DEV, "--rederive-keys"]);
    // A key file that is another relation's, cut, or of another setup.
    let [tree, split] = Relation::ALL.map(|relation| dir.key(relation, TIER));
    let kept = fs::read(&tree).unwrap();
    fs::copy(&split, &tree).unwrap();
    ends(3, &["ledger", path, DEV]);
    fs::write(&tree, &kept[..kept.len() - 1]).unwrap();
    ends(3, &["ledger", path, DEV]);
    fs::write(&tree, &kept).unwrap();
    change(&dir.setup(), |bytes| _ = bytes.pop());
    ends(3, &["ledger", path, DEV]);
}

#[test]
fn usage() {
    for args in
        [&[][..], &["ledger"], &["audit"], &["ledger", "x", "--threads", "0"], &["epoch", "x", "--nope"]]
    {
        assert_eq!(run(args).status.code(), Some(2), "{args:?}");
    }
    let output = run(&["completions", "bash"]);
    assert!(output.status.success() && !output.stdout.is_empty());
}
