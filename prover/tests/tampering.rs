//! Public files that were changed: what an auditor says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::{fs, sync::OnceLock};

use common::{SUITES, Work, copy};

/// A ledger with two segments and two epochs, made once a suite.
fn ledger(suite: &str) -> &'static Work {
    static LEDGERS: [OnceLock<Work>; 2] = [OnceLock::new(), OnceLock::new()];
    let index = SUITES.iter().position(|name| *name == suite).unwrap();
    LEDGERS[index].get_or_init(|| {
        let work = Work::enrolled(SUITES[index], 70, 2);
        work.epoch(1);
        work.epoch(2);
        work.run("receipt --dir ledger --record 0:65 --out receipt.json").exits(0);
        work.run(&format!("statement --dir ledger --payee {} --out statement.json", work.payee(65))).exits(0);
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
            ("epochs/000001/epoch.json", "\"revenue\": \"1000000\"", "\"revenue\": \"1000001\"", "V6.pool"),
            ("epochs/000001/epoch.json", "\"carried\": \"0\"", "\"carried\": \"1\"", "V6.carried"),
            ("epochs/000001/epoch.json", "\"amount\": \"450000\"", "\"amount\": \"450001\"", "V6.shares"),
            ("epochs/000002/epoch.json", "\"policy\": 1", "\"policy\": 2", "V6.version"),
            ("datasets/0/enrolment.json", "\"first_epoch\": 1", "\"first_epoch\": 2", "V3.once"),
        ] {
            assert_eq!(audit(suite, name, text(from, to)), (1, Some(failed.into())), "{suite} {name} {to}");
        }
        // Bits of a proof: the file is not the one named any more.
        for name in [
            "datasets/0/revisions/000000/columns/segment-0.proof",
            "epochs/000001/0-0.proof",
            "epochs/000002/0-1.proof",
        ] {
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
    for name in ["ledger.json", "epochs/000002/epoch.json", "datasets/0/dataset.json", "policies/000001.json"]
    {
        assert_eq!(audit("bn254", name, |bytes| bytes[..bytes.len() / 2].to_vec()).0, 3, "{name}");
        assert_eq!(audit("bn254", name, text("\"version\": 1", "\"version\": 2")).0, 4, "{name}");
    }
}

/// Every field of a receipt and of a statement, changed: refused, and for which reason.
#[test]
fn changed_receipts_and_statements_are_invalid() {
    for suite in SUITES {
        let work = ledger(suite);
        let public = work.path("ledger/public");
        let more = |number: &str| (number.parse::<u128>().unwrap() + 1).to_string();
        let address = "0x1111111111111111111111111111111111111111";
        for (command, file) in [("receipt", "receipt.json"), ("statement", "statement.json")] {
            let honest = fs::read_to_string(work.path(file)).unwrap();
            let json: serde_json::Value = serde_json::from_str(&honest).unwrap();
            let account = &json["accounts"][0];
            let line = if command == "receipt" { account } else { &account["epochs"][1] };
            let cumulative = line["cumulative"].as_str().unwrap();
            let quoted = |name: &str, value: &str| format!("\"{name}\": \"{value}\"");
            let field = |json: &serde_json::Value, name: &str| json[name].as_str().unwrap().to_owned();
            let other = |text: &str| {
                let last = if text.ends_with('0') { "1" } else { "0" };
                format!("{}{last}", &text[..text.len() - 1])
            };
            let mut changes: Vec<(String, String, i32)> = vec![
                (String::new(), String::new(), 0),
                (quoted("cumulative", cumulative), quoted("cumulative", &more(cumulative)), 1),
                (field(&json, "payee"), address.into(), 1),
                (field(&json, "model"), other(&field(&json, "model")), 1),
                (field(account, "dataset"), other(&field(account, "dataset")), 1),
                ("\"index\": 3".into(), "\"index\": 4".into(), 1),
                ("\"index\": 3".into(), "\"index\": 62".into(), 1),
                ("\"index\": 3".into(), "\"index\": 67".into(), 1),
                ("\"segment\": 1".into(), "\"segment\": 0".into(), 1),
                ("\"chain_id\": 0".into(), "\"chain_id\": 1".into(), 1),
                ("\"version\": 1".into(), "\"version\": 2".into(), 4),
                ("{".into(), String::new(), 3),
            ];
            if command == "statement" {
                let score = line["score"].as_u64().unwrap();
                changes.push((format!("\"score\": {score},"), format!("\"score\": {},", score + 1), 1));
                for name in ["payout", "pool", "total_score"] {
                    let value = field(line, name);
                    changes.push((quoted(name, &value), quoted(name, &more(&value)), 1));
                }
                changes.push(("\"last_epoch\": 2".into(), "\"last_epoch\": 1".into(), 1));
            } else {
                changes.push(("\"epoch\": 2".into(), "\"epoch\": 1".into(), 1));
            }
            for (from, to, code) in changes {
                let changed = honest.replacen(&from, &to, 1);
                assert!(code == 0 || changed != honest, "{from}");
                work.write("changed.json", changed);
                let ran = work.verify(&format!("{command} changed.json --ledger {}", public.display()));
                assert_eq!(ran.code, code, "{suite} {command}: {from} -> {to}\n{}{}", ran.out, ran.err);
            }
        }
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
