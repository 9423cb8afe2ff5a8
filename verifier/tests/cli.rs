//! The auditor's command on a ledger with real proofs, in both suites.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod real;

use std::{fs, path::Path, process::Output};

use apportion_statement::{RelationId, files::*};
use apportion_suite::{Bn254, Pasta};
use assert_cmd::Command;
use serde_json::Value;

use self::real::{RECORD, Setup, TIER};

const DEV: &str = "--allow-insecure-params";

fn run(args: &[&str]) -> Output {
    Command::cargo_bin("apportion-verify").unwrap().args(args).output().unwrap()
}

/// Runs a command, and checks that a verdict begins with VALID with exit code 0 only.
fn ends(code: i32, args: &[&str]) -> String {
    let output = run(args);
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{text}\n{errors}");
    assert_eq!(text.lines().any(|line| line.starts_with("VALID")), code == 0, "{text}");
    assert!(!errors.contains("panicked"), "{errors}");
    text + &errors
}

fn str(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Changes a document, runs a command, and puts the document back.
fn changed<D: Document>(path: &Path, change: impl Fn(&mut D), then: impl Fn()) {
    let kept = fs::read(path).unwrap();
    let mut doc = D::from_json(&kept).unwrap();
    change(&mut doc);
    fs::write(path, doc.to_json()).unwrap();
    then();
    fs::write(path, kept).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if entry.is_dir() {
            copy(&entry, &to.join(name));
        } else {
            fs::copy(&entry, to.join(name)).unwrap();
        }
    }
}

struct Case {
    temp: tempfile::TempDir,
    /// The ledger as it was after its first epoch.
    old: tempfile::TempDir,
    flags: Vec<&'static str>,
}

impl Case {
    fn new<S: Setup>(flags: &[&'static str]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        real::write::<S>(temp.path());
        let old = tempfile::tempdir().unwrap();
        copy(&temp.path().join("public"), old.path());
        [2, 3].iter().for_each(|n| fs::remove_dir_all(PublicDir::new(old.path()).epoch(*n)).unwrap());
        Self { temp, old, flags: flags.to_vec() }
    }

    fn root(&self) -> &Path {
        self.temp.path()
    }

    fn public(&self) -> PublicDir {
        PublicDir::new(self.root().join("public"))
    }

    fn ends(&self, code: i32, args: &[&str], path: &Path) -> String {
        ends(code, &[args, &[str(path)], &self.flags].concat())
    }

    fn refused(&self, args: &[&str], path: &Path, check: &str) {
        let text = self.ends(1, args, path);
        assert!(text.contains(&format!("INVALID: {check} fails")), "{check}: {text}");
    }
}

fn ledgers(case: &Case) {
    let (root, dir) = (case.root(), case.public());
    // By either directory; every epoch, by directory and file.
    let text = case.ends(0, &["ledger"], root);
    assert!(text.starts_with("model ") && text.contains("documents digest"), "{text}");
    assert!(text.contains("ok   proof.split") && text.contains("not checked:"), "{text}");
    // One line a check, however many there are.
    assert_eq!(text.lines().filter(|line| line.starts_with("ok   V3.new ")).count(), 1, "{text}");
    let quiet = case.ends(0, &["ledger", "--threads", "1", "-q"], dir.root());
    assert_eq!(quiet.lines().count(), 1, "{quiet}");
    for epoch in 1..=3 {
        case.ends(0, &["epoch"], &dir.epoch(epoch));
    }
    case.ends(0, &["epoch", "-q"], &dir.epoch(3).join("epoch.json"));
    let output = run(&[&["epoch", "--json", str(&dir.epoch(3))], &case.flags[..]].concat());
    let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((verdict["valid"].as_bool(), verdict["verdict"].as_str()), (Some(true), Some("VALID")));
    assert_eq!(verdict["subject"]["model"], "m");
    assert_eq!(verdict["epochs"][0]["revenue"], "3000009");
    assert!(verdict["tool"].as_str().unwrap().starts_with("apportion-verify "));
    assert!(verdict.get("failed").is_none() && verdict.get("error").is_none());
    assert!(verdict["checks"].as_array().unwrap().iter().any(|check| check["id"] == "V3.score"));
    // It extends what it was after the first epoch, and not the other way round.
    let old = case.old.path();
    case.ends(0, &["ledger", "--since", str(old)], root);
    case.refused(&["ledger", "--since", str(root)], old, "bundle.extends");
}

fn tampering(case: &Case) {
    let (root, dir) = (case.root(), case.public());
    let (header, proof) = (dir.epoch(3).join("epoch.json"), dir.epoch(3).join("0-1.proof"));
    // One bit of one proof, in its document's eyes too: the proof itself fails.
    let kept = fs::read(&proof).unwrap();
    for position in [0, 31, 200, 1000] {
        let mut blob = ProofBlob::from_bytes(&kept).unwrap();
        blob.proof[position] ^= 1;
        fs::write(&proof, blob.to_bytes()).unwrap();
        changed::<EpochDoc>(
            &header,
            |doc| doc.segments[1].proof.sha256 = sha256(&blob.to_bytes()),
            || case.refused(&["ledger"], root, "proof.split"),
        );
    }
    // The other segment's proof in its place, and amounts that are not those of the proof.
    fs::copy(dir.epoch(3).join("0-0.proof"), &proof).unwrap();
    assert!(case.ends(1, &["epoch"], &dir.epoch(3)).contains("FAIL proof.split"));
    fs::write(&proof, &kept).unwrap();
    changed::<EpochDoc>(
        &header,
        |doc| {
            doc.segments[0].paid.0 += 1;
            doc.segments[1].paid.0 -= 1;
        },
        || case.refused(&["epoch"], &dir.epoch(3), "proof.split"),
    );
    // Unreadable, malformed, of another version, of another key or setup.
    case.ends(3, &["ledger"], &root.join("nowhere"));
    case.ends(3, &["epoch"], dir.root());
    fs::write(&proof, [&kept[..], &[0]].concat()).unwrap();
    case.ends(3, &["ledger"], root);
    fs::write(&proof, &kept).unwrap();
    changed::<LedgerDoc>(&dir.ledger(), |doc| doc.version = 2, || _ = case.ends(4, &["ledger"], root));
    for (keys, relation) in [(dir.keys(), RelationId::Split), (dir.dataset(0).keys(), RelationId::Tree)] {
        let digest = |doc: &mut KeyDoc| doc.key_digest.0[0] ^= 1;
        changed::<KeyDoc>(&keys.doc(relation, TIER), digest, || _ = case.ends(4, &["ledger"], root));
    }
    let flip = |setup: &mut SetupDoc| setup.insecure = !setup.insecure;
    changed::<LedgerDoc>(
        &dir.ledger(),
        |doc| flip(&mut doc.setup),
        || {
            changed::<DatasetDoc>(
                &dir.dataset(0).dataset(),
                |doc| flip(&mut doc.setup),
                || {
                    case.ends(4, &["ledger"], root);
                },
            );
        },
    );
    case.ends(0, &["ledger", "-q"], root);
}

fn datasets(case: &Case) {
    let (root, dir) = (case.root(), case.public());
    let (copy, record, content) = (dir.dataset(0), root.join("record.json"), root.join("content"));
    assert!(case.ends(0, &["dataset"], copy.root()).contains("ok   proof.enroll"));
    let with = ["dataset", "--record", str(&record), "--content", str(&content)];
    let text = case.ends(0, &with, copy.root());
    assert!(text.contains(&real::payee(RECORD).to_string()), "{text}");
    changed::<RecordReceiptDoc>(
        &record,
        |doc| doc.payee = real::payee(1),
        || case.refused(&with, copy.root(), "record.path"),
    );
    fs::write(&content, real::content(RECORD + 1)).unwrap();
    case.refused(&with, copy.root(), "record.content");
    ends(2, &["dataset", str(copy.root()), "--content", str(&content)]);
    case.ends(3, &["dataset"], root);
}

fn claims(case: &Case) {
    let root = case.root();
    let (receipt, statement) = (root.join("receipt.json"), root.join("statement.json"));
    for (name, path) in [("receipt", &receipt), ("statement", &statement)] {
        let text = case.ends(4, &[name], path);
        assert!(text.contains("CONSISTENT, NOT CONFIRMED"), "{text}");
        let against = [name, "--ledger", str(root)];
        let text = case.ends(0, &against, path);
        assert!(text.starts_with("payee ") && text.contains("ok   receipt.opening"), "{text}");
        // Against the ledger before the columns were proven.
        let old = case.old.path();
        case.refused(
            &[name, "--ledger", str(old)],
            path,
            if name == "receipt" { "receipt.columns" } else { "statement.epochs" },
        );
    }
    let against = ["receipt", "--ledger", str(root)];
    let with = |change: &dyn Fn(&mut ReceiptDoc), check: &str| {
        changed::<ReceiptDoc>(&receipt, change, || case.refused(&against, &receipt, check));
    };
    with(&|doc| doc.accounts[0].cumulative.0 += 1, "receipt.opening");
    with(&|doc| doc.payee = real::payee(1), "receipt.opening");
    with(&|doc| doc.accounts[0].index += 1, "receipt.opening");
    with(&|doc| doc.accounts[0].proof.0[40] ^= 1, "receipt.opening");
    with(&|doc| doc.accounts[0].index = 62, "receipt.index");
    with(&|doc| doc.accounts[0].index += 64, "receipt.index");
    with(&|doc| doc.accounts[0].epoch = 1, "receipt.columns");
    with(&|doc| doc.model.0[0] ^= 1, "receipt.ledger");
    with(&|doc| doc.accounts[0].dataset.0[0] ^= 1, "receipt.ledger");
    let against = ["statement", "--ledger", str(root)];
    let with = |change: &dyn Fn(&mut StatementDoc), check: &str| {
        changed::<StatementDoc>(&statement, change, || case.refused(&against, &statement, check));
    };
    with(&|doc| doc.accounts[0].epochs[0].score += 1, "statement.payout");
    with(&|doc| doc.accounts[0].epochs[1].proof.0[40] ^= 1, "receipt.opening");
    with(&|doc| _ = doc.accounts[0].epochs.pop(), "statement.epochs");
    // One file given for the other is recognised, and so is one that age encrypted.
    assert!(case.ends(3, &["receipt"], &statement).contains("hint: this is a statement: use"));
    assert!(case.ends(3, &["statement"], &receipt).contains("hint: this is a receipt: use"));
    assert!(case.ends(3, &["receipt"], root).contains("hint: this is a ledger: use"));
    let sealed = root.join("receipt.age");
    fs::write(&sealed, "age-encryption.org/v1\n-> X25519 ..").unwrap();
    assert!(case.ends(3, &["receipt"], &sealed).contains("age -d -i KEY.txt"));
    // A statement says line by line how its amounts came about.
    let text = case.ends(0, &["statement", "--ledger", str(root)], &statement);
    assert!(text.contains("  epoch 1: pool ") && text.contains(" in all"), "{text}");
}

fn every_verdict<S: Setup>(flags: &[&'static str]) {
    let case = Case::new::<S>(flags);
    ledgers(&case);
    tampering(&case);
    claims(&case);
    datasets(&case);
}

#[test]
fn pasta() {
    every_verdict::<Pasta>(&[]);
}

#[test]
fn bn254() {
    let params = tempfile::tempdir().unwrap();
    let cache = apportion_suite::params::ParamsCache::new(params.path());
    let k = apportion_verifier::audit::layout::<pasta_curves::Fp>(RelationId::Tree, TIER).k;
    let file = cache.store_bn254(&cache.load_or_make_insecure_dev(k).unwrap()).unwrap();
    // The flags live as long as the program.
    let file: &'static str = Box::leak(str(&file).to_owned().into_boxed_str());
    every_verdict::<Bn254>(&[DEV, "--params", file]);

    let case = Case::new::<Bn254>(&[]);
    let (path, dir) = (str(case.root()), case.public());
    // The development setup is refused unless asked for, and then said to be insecure.
    assert!(ends(4, &["ledger", path]).contains("insecure_dev"));
    for quiet in [&[][..], &["-q"]] {
        let text = ends(0, &[&["ledger", path, DEV], quiet].concat());
        let verdict = text.lines().find(|line| line.starts_with("VALID")).unwrap();
        assert!(verdict.contains("INSECURE"), "{verdict}");
    }
    let json: Value = serde_json::from_slice(&run(&["ledger", path, DEV, "--json"]).stdout).unwrap();
    assert_eq!(json["insecure"], true);
    assert_eq!(
        (json["subject"]["datasets"][0]["dataset"].as_u64(), json["subject"]["documents"].is_u64()),
        (Some(0), true)
    );
    // A receipt's openings cannot be checked without any setup, which is said.
    let receipt = case.root().join("receipt.json");
    assert!(ends(4, &["receipt", str(&receipt)]).contains("--params"));
    ends(4, &["receipt", str(&receipt), "--params", file]);
    assert!(
        ends(4, &["receipt", str(&receipt), "--params", str(params.path()), DEV]).contains("receipt.opening")
    );
    // Keys derived again from the auditor's own parameters, in a file or a directory.
    ends(0, &["ledger", path, DEV, "--rederive-keys", "--params", file]);
    ends(0, &["ledger", path, DEV, "--rederive-keys", "--params", str(params.path())]);
    ends(4, &["ledger", path, DEV, "--rederive-keys"]);
    // A key file that is another relation's, cut, or of another setup.
    let (keys, tree) = (dir.dataset(0).keys(), dir.dataset(0).keys().key(RelationId::Tree, TIER));
    let kept = fs::read(&tree).unwrap();
    fs::copy(dir.keys().key(RelationId::Split, TIER), &tree).unwrap();
    ends(3, &["ledger", path, DEV]);
    fs::write(&tree, &kept[..kept.len() - 1]).unwrap();
    ends(3, &["ledger", path, DEV]);
    fs::write(&tree, &kept).unwrap();
    let kept = fs::read(keys.setup()).unwrap();
    fs::write(keys.setup(), &kept[1..]).unwrap();
    ends(3, &["ledger", path, DEV]);
    fs::write(keys.setup(), &kept).unwrap();
    ends(0, &["ledger", path, DEV, "-q"]);
}

#[test]
fn usage() {
    for args in [
        &[][..],
        &["ledger"],
        &["audit"],
        &["ledger", "x", "--threads", "0"],
        &["epoch", "x", "--nope"],
        &["dataset"],
        &["statement"],
    ] {
        assert_eq!(run(args).status.code(), Some(2), "{args:?}");
    }
    for args in [&["completions", "bash"][..], &["man"]] {
        let output = run(args);
        assert!(output.status.success() && !output.stdout.is_empty());
    }
    let dir = tempfile::tempdir().unwrap();
    assert!(run(&["man", "--out", str(dir.path())]).status.success());
    assert!(dir.path().join("apportion-verify-ledger.1").exists());
}
