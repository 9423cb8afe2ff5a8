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

/// The order of a suite's field.
fn order(suite: &str) -> &'static str {
    match suite {
        "pasta" => "28948022309329048855892746252171976963363056481941560715954676764349967630337",
        _ => "21888242871839275222246405745257275088548364400416034343698204186575808495617",
    }
}

fn decimal_sum(a: &str, b: &str) -> String {
    let digits = |text: &str| text.bytes().rev().map(|digit| digit - b'0').collect::<Vec<_>>();
    let (a, b) = (digits(a), digits(b));
    let (mut sum, mut carry) = (Vec::new(), 0);
    for i in 0..a.len().max(b.len()) {
        let digit = a.get(i).unwrap_or(&0) + b.get(i).unwrap_or(&0) + carry;
        (carry, _) = (digit / 10, sum.push(b'0' + digit % 10));
    }
    sum.extend((carry > 0).then_some(b'1'));
    String::from_utf8(sum.into_iter().rev().collect()).unwrap()
}

/// Every field of a receipt and of a statement, changed: refused, and for which reason.
#[test]
fn changed_receipts_and_statements_are_invalid() {
    let mut wrong = Vec::new();
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
            let hex = |json: &serde_json::Value, name: &str, check: &'static str| {
                let value = field(json, name);
                (quoted(name, &value), quoted(name, &other(&value)), Ok(check))
            };
            let number = |from: &str, to: &str, check: &'static str| (from.into(), to.into(), Ok(check));
            // A statement's balance has to follow from its lines as well.
            let balance = if command == "receipt" { "receipt.opening" } else { "statement.payout" };
            // What fails, or the exit code where nothing is checked.
            let mut changes: Vec<(String, String, Result<&str, i32>)> = vec![
                (String::new(), String::new(), Err(0)),
                (quoted("cumulative", cumulative), quoted("cumulative", &more(cumulative)), Ok(balance)),
                (field(&json, "payee"), address.into(), Ok("receipt.opening")),
                hex(&json, "model", "receipt.ledger"),
                (
                    quoted("contract", &field(&json, "contract")),
                    quoted("contract", address),
                    Ok("receipt.ledger"),
                ),
                hex(account, "dataset", "receipt.ledger"),
                hex(account, "payee_column", "receipt.columns"),
                hex(line, "balance_column", "receipt.columns"),
                hex(line, "proof", "receipt.opening"),
                number("\"tier\": 64", "\"tier\": 1024", "receipt.ledger"),
                number("\"index\": 3", "\"index\": 4", "receipt.opening"),
                number("\"index\": 3", "\"index\": 62", "receipt.index"),
                number("\"index\": 3", "\"index\": 67", "receipt.index"),
                number("\"segment\": 1", "\"segment\": 0", "receipt.columns"),
                number("\"chain_id\": 0", "\"chain_id\": 1", "receipt.ledger"),
                ("\"version\": 1".into(), "\"version\": 2".into(), Err(4)),
                ("{".into(), String::new(), Err(3)),
                // The same number modulo the field's order.
                (
                    quoted("cumulative", cumulative),
                    quoted("cumulative", &decimal_sum(cumulative, order(suite))),
                    Err(3),
                ),
            ];
            if command == "statement" {
                let score = line["score"].as_u64().unwrap();
                // So much more that the payout is another one, for whatever it is divided by.
                let (from, to) =
                    (format!("\"score\": {score},"), format!("\"score\": {},", score + (1 << 40)));
                changes.push((from, to, Ok("statement.payout")));
                changes.push(hex(line, "score_column", "receipt.columns"));
                for name in ["payout", "pool", "total_score"] {
                    let value = field(line, name);
                    changes.push((quoted(name, &value), quoted(name, &more(&value)), Ok("statement.payout")));
                }
                changes.push(number("\"last_epoch\": 2", "\"last_epoch\": 1", "statement.epochs"));
            } else {
                changes.push(number("\"epoch\": 2", "\"epoch\": 1", "receipt.columns"));
            }
            for (from, to, expected) in changes {
                let changed = honest.replacen(&from, &to, 1);
                assert!(expected == Err(0) || changed != honest, "{from}");
                work.write("changed.json", changed);
                let ran =
                    work.verify(&format!("{command} changed.json --ledger {} --json", public.display()));
                let found = if ran.code == 1 {
                    Ok(ran.json()["failed"].as_str().unwrap().to_owned())
                } else {
                    Err(ran.code)
                };
                if found != expected.map(str::to_owned) {
                    wrong.push(format!("{suite} {command}: {from} -> {to}: {found:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
