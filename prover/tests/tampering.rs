//! Public files that were changed: what an auditor says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::{fs, sync::OnceLock};

use common::{SUITES, Work, copy};

/// A ledger with two segments, two epochs and a publication, made once a suite.
fn ledger(suite: &str) -> &'static Work {
    static LEDGERS: [OnceLock<Work>; 2] = [OnceLock::new(), OnceLock::new()];
    let index = SUITES.iter().position(|name| *name == suite).unwrap();
    LEDGERS[index].get_or_init(|| {
        let work = Work::enrolled(SUITES[index], 70, 2);
        work.epoch(1);
        work.epoch(2);
        work.run("publish --dir ledger").exits(0);
        work.run("receipt --dir ledger --account 0:65 --out receipt.json").exits(0);
        work
    })
}

/// Audits a copy of the public files in which one file was changed.
fn audit(suite: &str, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> (i32, Option<String>) {
    let work = ledger(suite);
    let copied = tempfile::tempdir_in(work.path("")).unwrap();
    copy(&work.path("ledger/public"), copied.path());
    let path = copied.path().join(name);
    fs::write(&path, change(fs::read(&path).unwrap())).unwrap();
    let ran = work.verify(&format!("ledger {} --json", copied.path().display()));
    let failed = ran.json()["failed"].as_str().map(str::to_owned);
    (ran.code, failed)
}

fn text(from: &str, to: &str) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    let (from, to) = (from.to_owned(), to.to_owned());
    move |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(&from), "{from} in {text}");
        text.replacen(&from, &to, 1).into_bytes()
    }
}

#[test]
fn what_was_not_touched_is_valid() {
    for suite in SUITES {
        assert_eq!(audit(suite, "ledger.json", |bytes| bytes), (0, None));
    }
}

#[test]
fn changed_statements_are_invalid() {
    for suite in SUITES {
        for (name, from, to, failed) in [
            ("epochs/000001/epoch.json", "\"genesis\": true", "\"genesis\": false", "V3.genesis"),
            ("epochs/000002/epoch.json", "\"genesis\": false", "\"genesis\": true", "V3.genesis"),
            ("epochs/000001/epoch.json", "\"revenue\": \"1000000\"", "\"revenue\": \"1000001\"", "V6.pool"),
            ("epochs/000001/epoch.json", "\"carried\": \"0\"", "\"carried\": \"1\"", "V6.carried"),
            ("epochs/000001/epoch.json", "\"amount\": \"450000\"", "\"amount\": \"450001\"", "V6.shares"),
        ] {
            assert_eq!(audit(suite, name, text(from, to)), (1, Some(failed.into())), "{suite} {name} {to}");
        }
        // Bits of a proof: the file is not the one named any more.
        for name in ["datasets/0/segment-0.proof", "epochs/000001/0-0.proof", "publications/000001/0-1.proof"]
        {
            let flip = |mut bytes: Vec<u8>| {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                bytes
            };
            let (code, _) = audit(suite, name, flip);
            assert!(code == 1 || code == 3, "{suite} {name}: {code}");
        }
    }
}

#[test]
fn malformed_files_are_input_errors_and_other_versions_not_checkable() {
    for (name, code) in [("ledger.json", 3), ("epochs/000002/epoch.json", 3), ("datasets/0/dataset.json", 3)]
    {
        assert_eq!(audit("bn254", name, |bytes| bytes[..bytes.len() / 2].to_vec()).0, code, "{name}");
        assert_eq!(audit("bn254", name, text("\"version\": 1", "\"version\": 2")).0, 4, "{name}");
    }
}

#[test]
fn changed_receipts_are_invalid() {
    let work = ledger("pasta");
    let honest = fs::read_to_string(work.path("receipt.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&honest).unwrap();
    let cumulative = json["cumulative"].as_str().unwrap();
    let more = (cumulative.parse::<u128>().unwrap() + 1).to_string();
    let payee = json["payee"].as_str().unwrap();
    for (from, to, code) in [
        ("", "", 0),
        (cumulative, more.as_str(), 1),
        (payee, "0x1111111111111111111111111111111111111111", 1),
        ("\"index\": 3", "\"index\": 4", 1),
        ("\"index\": 3", "\"index\": 62", 1),
        ("\"version\": 1", "\"version\": 2", 4),
        ("{", "", 3),
    ] {
        work.write("changed.json", honest.replacen(from, to, 1));
        let public = work.path("ledger/public");
        work.verify(&format!("receipt changed.json --ledger {}", public.display())).exits(code);
    }
}

/// Without the flag that says so, proofs under the insecure setup are not worth checking.
#[test]
fn an_insecure_setup_is_not_checkable() {
    let work = ledger("bn254");
    let mut command = work.verify_command("ledger ledger");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stdout));
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("anyone can forge these proofs"), "{text}");
}
