//! Input that must be refused: the exit code, the file, the line, the reason, and a ledger that is unchanged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::fs;

use common::{Ran, Work};

const RECORDS: usize = 12;

/// Runs a command that must fail and change nothing.
#[track_caller]
fn refused(work: &Work, line: &str, code: i32, says: &str) -> Ran {
    let before = work.ledger_files();
    let ran = work.run(line).exits(code).says(says);
    assert!(work.ledger_files() == before, "the ledger was changed by: {line}");
    ran
}

#[test]
fn bad_records() {
    let work = Work::new("pasta", 1, 1);
    let payee = "0x00004ee398ca93038d193dd34e89db467a298536";
    let digest = format!("0x{}", "ab".repeat(32));
    let zero = format!("0x{}", "0".repeat(40));
    for (rows, says) in [
        (format!("{zero},{digest}"), "records.csv:2: record 0 has the zero address as payee"),
        (
            format!("\n{},{digest}", &payee[..40]),
            "records.csv:3: a payee must have 40 hex digits after 0x, found 38",
        ),
        (format!("{payee},{}", &digest[..64]), "records.csv:2: a content digest must have 64 hex digits"),
        (
            format!("{payee},{digest}\n\n{payee},{digest}"),
            "records.csv:4: the same record already stands on line 2",
        ),
        (format!("{payee};{digest}"), "records.csv:2: expected 2 columns, found 1"),
        (String::new(), "records.csv: the file holds no records"),
    ] {
        work.write("records.csv", format!("payee,content\n{rows}\n"));
        work.commit_dataset().exits(3).says(says);
        assert!(!work.path("dataset").exists());
    }
    work.write("records.csv", format!("address,content\n{payee},{digest}\n"));
    work.commit_dataset().exits(3).says("records.csv:1: wrong header: expected `payee,content`");
    work.write("records.csv", b"payee,content\n\xff\xfe,1\n");
    work.commit_dataset().exits(3).says("records.csv:2: not UTF-8 text");
    work.write("records.csv", "");
    work.commit_dataset().exits(3).says("records.csv: the file is empty");
    fs::remove_file(work.path("records.csv")).unwrap();
    work.commit_dataset().exits(3).says("cannot read records.csv");
    // What Windows and spreadsheets make of a good file is good.
    work.write("records.csv", format!("\u{feff}payee,content\r\n\r\n\"{payee}\",\"{digest}\"\r\n"));
    work.commit_dataset().exits(0);
    work.commit_dataset().exits(2).says("exists already");
}

#[test]
fn bad_policies() {
    let work = Work::new("bn254", 1, 1);
    for (text, code, says) in [
        ("contributors_bps = 9999\n", 3, "policy.toml: basis points sum to 9999, not to 10000"),
        ("contributors_bps = -1\n", 3, "policy.toml: "),
        ("contributors = 1\n", 3, "policy.toml: "),
        ("", 3, "policy.toml: "),
        ("\u{1}", 3, "policy.toml: "),
    ] {
        work.write("policy.toml", text);
        work.init().exits(code).says(says);
        assert!(!work.path("ledger").exists(), "{text}");
    }
    work.write("policy.toml", b"\xff");
    work.init().exits(3).says("policy.toml: not UTF-8 text");
    fs::remove_file(work.path("policy.toml")).unwrap();
    work.init().exits(3).says("policy.toml");
    work.write("policy.toml", "\u{feff}contributors_bps = 10000\r\n");
    work.init().exits(0);
    work.init().exits(2).says("ledger exists already");
}

#[test]
fn bad_scores_and_wrong_requests() {
    let work = Work::enrolled("bn254", RECORDS, 2);
    let check = "check --dir ledger --epoch 1 --revenue 1000 --scores bad.csv".to_owned();
    let commit = "scores commit --dir ledger --scores bad.csv --epoch 1 --seed attributor.seed --out bad";
    let rows = |first: &str| {
        let rest: String = (1..RECORDS).map(|i| format!("{i},{}\n", 98_765_432 + i)).collect();
        format!("record,score\n{first}\n{rest}")
    };
    for (first, says) in [
        ("0,-98765", "bad.csv:2: the score is negative"),
        ("0,98765.5", "bad.csv:2: the score is not a whole number"),
        ("0,98765432109876543210", "bad.csv:2: the score is 2^64 or more"),
        ("0,", "bad.csv:2: the score is missing"),
        ("0,98765x", "bad.csv:2: the score is not a decimal integer"),
        ("", "bad.csv: record 0 has no score"),
        ("12,98765", "bad.csv:2: there is no record 12: the dataset holds 12, numbered from 0"),
        ("0,98765\n0,98765", "bad.csv:3: record 0 already has a score, on line 2"),
        ("0,98765,1", "bad.csv:2: expected 2 columns, found 3"),
        ("\"0,98765", "bad.csv:2: a quote is not closed on its line"),
    ] {
        work.write("bad.csv", rows(first));
        for line in [check.as_str(), commit] {
            let ran = refused(&work, line, 3, says);
            assert!(!ran.err.contains("98765"), "a score was shown: {}", ran.err);
        }
        assert!(!work.path("bad").exists());
    }
    // Every bad row is named, up to a limit.
    work.write("bad.csv", format!("record,score\n{}", "x,1\n".repeat(50)));
    let ran = refused(&work, &check, 3, "bad.csv:21: the record number is not a decimal integer");
    assert!(ran.err.contains("bad.csv: and 42 more"), "{}", ran.err);
    // By payee: the sample's first payee owns two records.
    let payee = &work.sample.records.lines().nth(1).unwrap()[..42].to_owned();
    work.write("bad.csv", format!("payee,score\n{payee},1\n0x{},1\n", "77".repeat(20)));
    let ran = refused(&work, &check, 3, "bad.csv:2: payee 0x");
    assert!(ran.err.contains("owns 2 records: use the header `record,score`"));
    assert!(ran.err.contains("bad.csv:3: payee 0x7777"));

    work.commit_scores(1).exits(0);
    work.commit_scores(2).exits(0);
    let prove = |epoch: u32, scores: &str, revenue: &str| {
        format!("prove --dir ledger --epoch {epoch} --scores {scores} --revenue {revenue}")
    };
    refused(&work, &prove(2, "posted-2", "1000"), 2, "epoch 1 comes before epoch 2");
    refused(&work, &prove(1, "posted-2", "1000"), 3, "scores of epoch 2, not of epoch 1");
    refused(
        &work,
        &prove(1, "scores-1.csv", "1000"),
        2,
        "is a file, not a directory of `apportion scores commit`",
    );
    refused(&work, &prove(1, "nowhere", "1000"), 3, "nowhere");
    refused(&work, &prove(0, "posted-1", "1000"), 2, "");
    // V7: 2^128 is no revenue at all, half of 2^128 - 1 is over the bound on all pools.
    refused(
        &work,
        &prove(1, "posted-1", "340282366920938463463374607431768211456"),
        2,
        "the amount is 2^128 or more",
    );
    refused(&work, &prove(1, "posted-1", "340282366920938463463374607431768211455"), 3, "V7.lifetime");
    for revenue in ["-1", "1.5", "1e18", "", "0x10"] {
        let mut command = work.command("prove --dir ledger --epoch 1 --scores posted-1");
        command.arg(format!("--revenue={revenue}"));
        assert_eq!(command.output().unwrap().status.code(), Some(2), "{revenue}");
    }
    refused(&work, "receipt --dir ledger --record 0:0 --out r.json", 2, "no epoch is proven yet");
    refused(&work, "receipt --dir ledger --out r.json", 2, "");
    refused(&work, "receipt --dir ledger --record 0 --out r.json", 2, "expected DATASET:RECORD");
    refused(&work, "receipt --dir ledger --record 0:1 --all --out r.json", 2, "");
    refused(
        &work,
        "prove --dir nowhere --epoch 1 --scores posted-1 --revenue 1",
        2,
        "nowhere holds no ledger",
    );
    // An epoch that takes almost all of the bound leaves room for nothing but small ones.
    let half = (1u128 << 127) - 2;
    work.run(&prove(1, "posted-1", &(half * 2).to_string())).exits(0);
    refused(&work, &prove(2, "posted-2", "1000"), 3, "V7.lifetime");
    work.verify("ledger ledger").exits(0);
}

#[test]
fn scores_that_do_not_open_what_was_posted() {
    let work = Work::enrolled("bn254", RECORDS, 2);
    work.commit_scores(1).exits(0);
    let prove = work.prove_line(1);
    let check = prove.replacen("prove", "check", 1);
    let json = fs::read_to_string(work.path("posted-1/scores.json")).unwrap();
    let opening = fs::read(work.path("posted-1/openings/0-0.bin")).unwrap();

    // Another commitment at the same place: the opening does not fit.
    work.commit_scores_as("scores-2.csv", 1, "again").exits(0);
    fs::copy(work.path("again/openings/0-0.bin"), work.path("posted-1/openings/0-0.bin")).unwrap();
    for line in [&check, &prove] {
        refused(&work, line, 1, "V3.score");
    }
    work.write("posted-1/openings/0-0.bin", &opening);

    // Another total, another sum: the root is not that of the list any more.
    let total = json.split("\"total_score\": \"").nth(1).unwrap().split('"').next().unwrap();
    let more = format!("{}", total.parse::<u128>().unwrap() + 1);
    work.write(
        "posted-1/scores.json",
        json.replace(&format!("\"total_score\": \"{total}\""), &format!("\"total_score\": \"{more}\"")),
    );
    for line in [&check, &prove] {
        refused(&work, line, 1, "V5.score");
    }
    work.write(
        "posted-1/scores.json",
        json.replace(&format!("\"score\": \"{total}\""), &format!("\"score\": \"{more}\"")),
    );
    for line in [&check, &prove] {
        refused(&work, line, 3, "V4.posted");
    }

    // Files that are damaged, of another version or absent.
    for (from, to, code) in [
        ("\"version\": 1", "\"version\": 2", 4),
        ("\"suite\": \"bn254\"", "\"suite\": \"pasta\"", 3),
        ("\"epoch\": 1", "\"epoch\": 7", 3),
        ("\"dataset\": 0", "\"dataset\": 1", 3),
        ("\"revision\": 0", "\"revision\": 1", 3),
        ("{", "", 3),
    ] {
        work.write("posted-1/scores.json", json.replacen(from, to, 1));
        refused(&work, &prove, code, "scores.json");
    }
    work.write("posted-1/scores.json", &json);
    for (bytes, says) in [
        (opening[..opening.len() - 1].to_vec(), "truncated or extended"),
        ([opening.as_slice(), &[0]].concat(), "truncated or extended"),
        (Vec::new(), "truncated"),
        (vec![0; 1 << 20], "longer than"),
    ] {
        work.write("posted-1/openings/0-0.bin", bytes);
        refused(&work, &prove, 3, says);
    }
    let mut flipped = opening.clone();
    flipped[100] ^= 1;
    work.write("posted-1/openings/0-0.bin", flipped);
    refused(&work, &prove, 3, "0-0.bin: damaged: its digest does not match");
    fs::remove_file(work.path("posted-1/openings/0-0.bin")).unwrap();
    refused(&work, &prove, 3, "0-0.bin");
    work.write("posted-1/openings/0-0.bin", &opening);
    work.run(&prove).exits(0);
}

#[test]
fn ledgers_that_are_damaged_or_of_another_kind() {
    let work = Work::enrolled("bn254", RECORDS, 2);
    work.epoch(1);
    work.commit_scores(2).exits(0);
    let prove = work.prove_line(2);
    let files = work.ledger_files();
    let restore = |name: &str| {
        fs::write(work.path("ledger").join(name), &files[std::path::Path::new(name)]).unwrap();
    };

    // Balances of another kind, or of another epoch.
    let balances = "private/balances/000001/0-0.bin";
    fs::copy(work.path("posted-1/openings/0-0.bin"), work.path("ledger").join(balances)).unwrap();
    refused(&work, &prove, 3, "a file of another kind");
    restore(balances);
    // The seed of another ledger.
    let dev = work.dev();
    work.run(&format!("ledger init --dir other --suite bn254 --model other --policy policy.toml{dev}"))
        .exits(0);
    fs::copy(work.path("other/private/seed"), work.path("ledger/private/seed")).unwrap();
    refused(&work, &prove, 3, "of another ledger");
    restore("private/seed");

    let edit = |name: &str, from: &str, to: &str| {
        let path = work.path("ledger").join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{name}: {text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    for (name, from, to, code, says) in [
        ("ledger.toml", "model = \"m\"", "model = \"other\"", 3, "does not say what public/ledger.json says"),
        ("ledger.toml", "version = 1", "version = ", 3, "ledger.toml"),
        ("public/ledger.json", "\"version\": 1", "\"version\": 9", 4, "ledger.json"),
        ("public/ledger.json", "{", "[", 3, "ledger.json"),
        (
            "public/epochs/000001/epoch.json",
            "\"epoch\": 1",
            "\"epoch\": 3",
            3,
            "is not that of the directory",
        ),
    ] {
        edit(name, from, to);
        refused(&work, &prove, code, says);
        restore(name);
    }
    // A key of another build.
    let name = "public/keys/split-64.json";
    let text = fs::read_to_string(work.path("ledger").join(name)).unwrap();
    let digest = text.split("\"key_digest\": \"").nth(1).unwrap()[..66].to_owned();
    edit(name, &digest, &format!("0x{}", "11".repeat(32)));
    refused(&work, &prove, 4, "this build's split key");
    restore(name);
    // A stray file.
    work.write("ledger/public/epochs/000001/README.txt", "hello");
    refused(&work, &prove, 3, "README.txt: has no place here");
    fs::remove_file(work.path("ledger/public/epochs/000001/README.txt")).unwrap();

    // A dataset of another suite, without proven columns, or nowhere.
    work.run("dataset commit --records records.csv --out d-pasta --suite pasta --tier 64").exits(0);
    refused(&work, "ledger enroll --dir ledger --dataset d-pasta", 4, "of suite pasta");
    work.commit_as("records.csv", "d-1024", 1024).exits(0);
    refused(&work, "ledger enroll --dir ledger --dataset d-1024", 2, "dataset prove");
    refused(&work, "ledger enroll --dir ledger --dataset nowhere", 2, "nowhere");
    work.run(&prove).exits(0);
    work.verify("ledger ledger").exits(0);
}

#[test]
fn a_bn254_ledger_needs_a_setup() {
    let work = Work::new("bn254", 1, 1);
    let line = "ledger init --dir ledger --suite bn254 --model m --policy policy.toml --params-dir empty";
    let ran = work.run(line).exits(4);
    let ran = ran.says("apportion params import FILE");
    ran.says("apportion params make --suite bn254 --k 10 --insecure-dev");
    assert!(!work.path("ledger").exists() && !work.path("empty").exists());
    let make = "params make --params-dir empty";
    work.run(&format!("{make} --suite bn254 --k 10")).exits(2).says("comes from a ceremony");
    work.run(&format!("{make} --suite pasta --k 5 --insecure-dev")).exits(2);
    let ran = work.run(&format!("{make} --suite bn254 --k 10 --insecure-dev --json")).exits(0);
    let ran = ran.says("anyone can forge proofs");
    assert_eq!(ran.json()[0]["insecure"], true);
    // It is never taken without being asked for, and whoever has it is told.
    work.run(line).exits(4);
    let ran = work.run(&format!("{line} --insecure-dev --json")).exits(0).says("anyone can forge proofs");
    assert_eq!(ran.json()["setup"]["insecure"], true);
    let ran = work.run("params info --params-dir empty").exits(0);
    assert!(ran.out.contains("INSECURE"), "{}", ran.out);
    work.run("params info records.csv").exits(3);
    work.write("x.ptau", "no");
    work.run("params import x.ptau").exits(3).says("x.ptau");
    work.run("params import records.csv").exits(2).says("--g2 FILE");
}
