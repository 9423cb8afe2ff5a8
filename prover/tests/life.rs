//! The whole life of a ledger, as its users would type it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::{collections::BTreeMap, fs, path::Path};

use apportion_circuits::types::Payee;
use common::{SUITES, Work, files};

/// Two segments.
const RECORDS: usize = 70;
const EPOCHS: u32 = 3;

/// Balances after all epochs by the plain rule: floor(pool * score / total).
fn expected(work: &Work) -> Vec<u128> {
    let mut balances = vec![0u128; RECORDS];
    let mut carried = 0;
    for (text, revenue) in work.sample.scores.iter().zip(&work.sample.revenue) {
        let scores: Vec<u128> =
            text.lines().skip(1).map(|line| line.split_once(',').unwrap().1.parse().unwrap()).collect();
        let total: u128 = scores.iter().sum();
        // The sample's policy gives others 45 and 5 per cent.
        let pool = revenue - revenue * 4500 / 10_000 - revenue * 500 / 10_000 + carried;
        let payouts: Vec<u128> = scores.iter().map(|score| pool * score / total).collect();
        balances.iter_mut().zip(&payouts).for_each(|(balance, payout)| *balance += payout);
        carried = pool - payouts.iter().sum::<u128>();
    }
    balances
}

#[test]
fn three_epochs_are_proven_shown_and_audited_in_both_suites() {
    let mut amounts = Vec::new();
    for suite in SUITES {
        let work = Work::enrolled(suite, RECORDS, EPOCHS);
        let mut printed = String::new();
        for epoch in 1..=EPOCHS {
            work.commit_scores(epoch).exits(0);
            let revenue = work.revenue(epoch);
            let line = format!("check --dir ledger --epoch {epoch} --revenue {revenue} --json --scores");
            let before = work.ledger_files();
            let by_file = work.run(&format!("{line} scores-{epoch}.csv")).exits(0);
            let by_commitment = work.run(&format!("{line} posted-{epoch}")).exits(0);
            assert_eq!(by_file.json(), by_commitment.json());
            assert_eq!(work.ledger_files(), before, "check writes nothing");
            let ran = work.run(&work.prove_line(epoch)).exits(0);
            assert!(ran.err.contains("free memory"), "memory is predicted: {}", ran.err);
            assert!(ran.err.contains("no backup of this ledger is noted"), "{}", ran.err);
            printed += &(ran.out + &ran.err);
            let again = work.run(&work.prove_line(epoch)).exits(2);
            again.says(&format!("epoch {epoch} is proven already; epoch {} is next", epoch + 1));
        }
        let balances: Vec<u128> = work.balances().into_values().collect();
        assert_eq!(balances, expected(&work), "accounts in the order of the records: one dataset");
        compare_with_the_reference_model(&work, &balances);

        work.verify("ledger ledger").exits(0).prints("VALID");
        work.verify("epoch ledger/public/epochs/000002").exits(0);
        contributors(&work);
        only_the_owner_reads_secrets(&work);
        nothing_secret_is_public(&work, &balances, &printed);
        amounts.push(balances);
    }
    assert_eq!(amounts[0], amounts[1], "both suites give the same amounts");
}

/// Receipt, statement and record receipt, alone and against the ledger.
fn contributors(work: &Work) {
    // The sample's first payee has two records: one receipt, one total.
    let payee = work.payee(0);
    let ran = work.run(&format!("receipt --dir ledger --payee {payee} --out r.json --json")).exits(0);
    assert_eq!(ran.json()["accounts"], 2);
    let own: u128 =
        expected(work).iter().enumerate().filter(|(i, _)| [0, 9].contains(i)).map(|(_, x)| x).sum();
    assert_eq!(ran.json()["total"], own.to_string());
    work.verify("receipt r.json --ledger ledger").exits(0).prints("VALID");
    // F9: alone, nothing says that there is such a ledger.
    let alone = work.verify("receipt r.json").exits(4);
    assert!(!alone.out.contains("VALID") && alone.out.contains("NOT CONFIRMED"), "{}", alone.out);

    work.run("receipt --dir ledger --record 0:65 --epoch 2 --out older.json").exits(0);
    work.verify("receipt older.json --ledger ledger").exits(0);
    work.run("receipt --dir ledger --record 0:65 --out r.json").exits(0);
    work.verify("receipt r.json --ledger ledger").exits(0);

    let ran = work.run(&format!("statement --dir ledger --payee {payee} --out s.json --json")).exits(0);
    assert_eq!((ran.json()["lines"].as_u64(), &ran.json()["total"]), (Some(6), &own.to_string().into()));
    work.verify("statement s.json --ledger ledger").exits(0).prints("VALID");
    let alone = work.verify("statement s.json").exits(4);
    assert!(!alone.out.contains("VALID"), "{}", alone.out);

    work.run("dataset receipt --dir dataset --record 3 --out record.json").exits(0);
    work.verify("dataset ledger/public/datasets/0 --record record.json").exits(0).prints("VALID");
    work.verify("dataset dataset").exits(0).prints("VALID");
    let nobody = format!("0x{}", "77".repeat(20));
    work.run(&format!("receipt --dir ledger --payee {nobody} --out r.json"))
        .exits(2)
        .says("has no record in the ledger");
    work.run(&format!("statement --dir ledger --payee {nobody} --out s.json"))
        .exits(2)
        .says("has no record in the ledger");
    work.run("receipt --dir ledger --record 0:70 --out r.json").exits(2).says("dataset 0 has 70 records");
    work.run("receipt --dir ledger --record 5:0 --out r.json").exits(2).says("no dataset 5");
    work.run("receipt --dir ledger --record 0:1 --epoch 9 --out r.json")
        .exits(2)
        .says("epoch 9 is not proven");
    // Only an older receipt is written over.
    for (line, file) in [
        ("receipt --dir ledger --record 0:1", "records.csv"),
        ("receipt --dir ledger --record 0:1", "s.json"),
    ] {
        let before = fs::read(work.path(file)).unwrap();
        work.run(&format!("{line} --out {file}")).exits(2).says("exists and is no");
        assert_eq!(fs::read(work.path(file)).unwrap(), before);
    }
}

/// The independent model of the split, where Python is there.
fn compare_with_the_reference_model(work: &Work, balances: &[u128]) {
    let mut args = ["--records", "records.csv", "--policy", "policy.toml"].map(String::from).to_vec();
    for epoch in 1..=EPOCHS {
        args.extend(["--epoch".into(), format!("scores-{epoch}.csv:{}", work.revenue(epoch))]);
    }
    let Some(json) = common::reference_model("epochs.py", work, &args, "") else { return };
    let last = json["epochs"].as_array().unwrap().last().unwrap();
    let number = |value: &serde_json::Value| -> u128 { value.as_str().unwrap().parse().unwrap() };
    let found: Vec<u128> = last["cumulative"].as_array().unwrap().iter().map(number).collect();
    assert_eq!(found, balances);
}

fn only_the_owner_reads_secrets(work: &Work) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for dir in
            ["ledger/private", "dataset/licence", "dataset/private", "posted-1/openings", "all-receipts"]
        {
            let dir = work.path(dir);
            assert_eq!(mode(&dir), 0o700, "{}", dir.display());
            for name in files(&dir).keys() {
                assert_eq!(mode(&dir.join(name)), 0o600, "{}", name.display());
            }
        }
        for file in ["attributor.seed", "r.json", "s.json"] {
            assert_eq!(mode(&work.path(file)), 0o600, "{file}");
        }
    }
}

/// Scores, balances, contents and payees, as numbers and as bytes, occur in no public file and no output.
fn nothing_secret_is_public(work: &Work, balances: &[u128], printed: &str) {
    let mut public = files(&work.path("ledger/public"));
    for (name, bytes) in files(&work.path("dataset/public")) {
        public.insert(Path::new("dataset").join(name), bytes);
    }
    for epoch in 1..=EPOCHS {
        public.insert(
            format!("posted-{epoch}").into(),
            fs::read(work.path(&format!("posted-{epoch}/scores.json"))).unwrap(),
        );
    }
    public.insert("printed".into(), printed.into());
    let mut secrets: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let scores = work.sample.scores.iter().flat_map(|text| text.lines().skip(1));
    let scores: Vec<u128> = scores.map(|line| line.split_once(',').unwrap().1.parse().unwrap()).collect();
    for secret in balances.iter().chain(&scores).filter(|secret| **secret > 10_000) {
        let forms = vec![
            format!("\"{secret}\"").into_bytes(),
            format!(" {secret} ").into_bytes(),
            secret.to_be_bytes().to_vec(),
            secret.to_le_bytes().to_vec(),
        ];
        secrets.insert(format!("amount {secret}"), forms);
    }
    for line in work.sample.records.lines().skip(1) {
        for field in line.split(',') {
            let bytes = hex::decode(&field[2..]).unwrap();
            secrets.insert(field.into(), vec![field.as_bytes()[2..].to_vec(), bytes]);
        }
    }
    assert!(secrets.len() > 100);
    for (name, content) in &public {
        for (secret, forms) in &secrets {
            for form in forms {
                let found = content.windows(form.len()).any(|window| window == form);
                assert!(!found, "{secret} stands in {}", name.display());
            }
        }
    }
}

#[test]
fn a_total_of_zero_is_refused_and_zero_segments_do_not_move() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    let scores =
        |of: fn(usize) -> usize| -> String { (0..RECORDS).map(|i| format!("{i},{}\n", of(i))).collect() };
    work.write("zero.csv", format!("record,score\n{}", scores(|_| 0)));
    work.commit_scores_as("zero.csv", 1, "posted-zero").exits(2).says("all scores are 0");
    assert!(!work.path("posted-zero").exists());
    let before = work.ledger_files();
    let check = "check --dir ledger --epoch 1 --revenue 1000 --scores";
    work.run(&format!("{check} zero.csv")).exits(2).says("wait for scores");
    assert_eq!(work.ledger_files(), before);
    // The second segment earns nothing: it does not move, and its accounts have no balance to show.
    work.write("first.csv", format!("record,score\n{}", scores(|i| if i < 62 { i + 1 } else { 0 })));
    work.commit_scores_as("first.csv", 1, "posted-1").exits(0);
    work.run("prove --dir ledger --epoch 1 --scores posted-1 --revenue 1000000").exits(0);
    assert!(!work.path("ledger/public/epochs/000001/0-1.proof").exists());
    let ran = work.run("receipt --dir ledger --all --out receipts --json").exits(0).json();
    assert_eq!((ran["accounts"].as_u64(), ran["records_not_yet"].as_u64()), (Some(62), Some(8)));
    work.run("receipt --dir ledger --record 0:65 --out r.json").exits(2).says("took part in an epoch");
    work.verify("ledger ledger").exits(0);
}

#[test]
fn scores_may_name_payees_where_they_are_unique() {
    let work = Work::enrolled("bn254", 9, 1);
    let rows = work
        .sample
        .records
        .lines()
        .zip(work.sample.scores[0].lines())
        .skip(1)
        .map(|(record, score)| format!("\"{}\",{}\r\n", &record[..42], score.split_once(',').unwrap().1));
    let mut rows: Vec<_> = rows.collect();
    rows.reverse();
    work.write("payees.csv", format!("\u{feff}payee,score\r\n\r\n{}", rows.concat()));
    let check = "check --dir ledger --epoch 1 --revenue 1000 --json --scores";
    let by_payee = work.run(&format!("{check} payees.csv")).exits(0).json();
    assert_eq!(by_payee, work.run(&format!("{check} scores-1.csv")).exits(0).json());
}

#[test]
fn check_names_whales_and_zeros_and_writes_a_table() {
    let work = Work::enrolled("bn254", 12, 1);
    let rows: String = (0..12).map(|i| format!("{i},{}\n", if i == 4 { 999_988 } else { i % 2 })).collect();
    work.write("whale.csv", format!("record,score\n{rows}"));
    let line = "check --dir ledger --epoch 1 --revenue 1000000 --scores whale.csv";
    let ran = work.run(&format!("{line} --table table.csv")).exits(0);
    let whale: Payee = work.payee(4).parse().unwrap();
    for said in [&format!("payee {whale} gets 99.99 % of the pool"), "records have a score of 0"] {
        assert!(ran.out.contains(said), "{said} in {}", ran.out);
    }
    let table = fs::read_to_string(work.path("table.csv")).unwrap();
    assert_eq!(table.lines().count(), 13);
    assert!(table.lines().nth(5).unwrap().starts_with(&format!("0,4,{whale},999988,")), "{table}");
    work.run(&format!("{line} --strict")).exits(1).says("--strict");
    work.run(&format!("{line} --table records.csv")).exits(2).says("exists and is no table of payouts");
}

#[test]
fn receipts_are_encrypted_to_the_keys_that_records_name() {
    use apportion_secrets::{Identity, LedgerId, PublicNameKey, decrypt, own_file_name};
    let work = Work::new("pasta", 12, 1);
    let keys: Vec<Identity> = (0..2).map(|_| Identity::generate(&mut rand_core::OsRng).unwrap()).collect();
    let mut lines: Vec<String> = work.sample.records.lines().map(|line| format!("{line},")).collect();
    lines[0] = "payee,content,recipient".into();
    // Records 0 and 9 are one payee's, under two keys: neither sees the other's account.
    lines[1] += &keys[0].recipient().to_string();
    lines[10] += &keys[1].recipient().to_string();
    lines[3] += &keys[1].recipient().to_string();
    work.write("records.csv", lines.join("\n"));
    work.proven_dataset("records.csv", "dataset", 64);
    work.init().exits(0);
    work.enroll("dataset").exits(0);
    work.epoch(1);
    let ran = work.run("receipt --dir ledger --all --encrypt --out sealed --json").exits(0).json();
    assert_eq!((ran["files"].as_u64(), ran["accounts_without_key"].as_u64()), (Some(3), Some(9)));
    let doc: serde_json::Value =
        serde_json::from_slice(&fs::read(work.path("ledger/public/ledger.json")).unwrap()).unwrap();
    let ledger = LedgerId {
        chain_id: 0,
        contract: Default::default(),
        model: doc["model_id"].as_str().unwrap().parse().unwrap(),
    };
    let name_key: PublicNameKey = doc["receipt_key"].as_str().unwrap().parse().unwrap();
    for (record, key) in [(0, &keys[0]), (9, &keys[1]), (2, &keys[1])] {
        let payee = work.payee(record).parse().unwrap();
        let name = own_file_name(key, &ledger, &name_key, payee).unwrap();
        let sealed = fs::read(work.path("sealed").join(&name)).unwrap();
        let opened = decrypt(&sealed, std::slice::from_ref(key)).unwrap();
        let receipt: serde_json::Value = serde_json::from_slice(&opened).unwrap();
        let accounts = receipt["accounts"].as_array().unwrap();
        assert_eq!((accounts.len(), accounts[0]["index"].as_u64()), (1, Some(record as u64)));
        work.write("r.json", &*opened);
        work.verify("receipt r.json --ledger ledger").exits(0);
    }
    // Names and contents tell nobody else anything.
    let names: Vec<_> = files(&work.path("sealed")).into_keys().collect();
    assert!(names.iter().all(|name| !name.to_str().unwrap().contains(&work.payee(0)[2..])));
    work.run("receipt --dir ledger --record 0:2 --encrypt --out one.age").exits(0);
    assert!(fs::read(work.path("one.age")).unwrap().starts_with(b"age-encryption.org/v1\n"));
    work.run("receipt --dir ledger --record 0:3 --encrypt --out two.age").exits(2).says("name no key");
    let both = format!("receipt --dir ledger --payee {} --encrypt --out two.age", work.payee(0));
    work.run(&both).exits(2).says("different keys");
    // A directory of one kind, or of anything else, is not mixed with the other kind.
    work.run("receipt --dir ledger --all --out sealed").exits(2).says("holds encrypted receipts");
    work.run("receipt --dir ledger --all --out dataset").exits(2).says("no receipt");
    work.run("receipt --dir ledger --all --encrypt --out sealed").exits(0);
}

#[test]
fn the_demo_runs_and_explains_itself() {
    for suite in SUITES {
        let work = Work::new(suite, 1, 1);
        let ran = work.run(&format!("demo --suite {suite} --dir demo")).exits(0);
        for text in [
            "OWNER",
            "DEVELOPER",
            "ATTRIBUTOR",
            "CONTRIBUTOR",
            "AUDITOR",
            "PROVEN",
            "HIDDEN",
            "NOT PROVEN",
            "VALID",
            "INVALID: receipt.opening fails",
        ] {
            assert!(ran.out.contains(text), "{text} in:\n{}", ran.out);
        }
        work.verify("ledger demo/ledger").exits(0);
        work.run("demo --dir demo").exits(2).says("exists already");
    }
}

#[test]
fn helps_costs_and_completions() {
    let work = Work::new("pasta", 1, 1);
    for command in [
        "",
        "demo",
        "dataset commit",
        "dataset prove",
        "dataset extend",
        "dataset receipt",
        "ledger init",
        "ledger enroll",
        "ledger undo",
        "ledger backup",
        "ledger restore",
        "ledger recover",
        "scores commit",
        "check",
        "prove",
        "receipt",
        "statement",
        "cost",
        "params make",
        "params import",
        "params info",
        "completions",
        "man",
        "ledger status",
        "ledger policy",
        "ledger retire",
        "export verifier",
    ] {
        let ran = work.run(&format!("{command} --help")).exits(0);
        assert!(ran.out.contains("apportion "), "{command} has an example");
    }
    let costs = work.run("cost --suite bn254 --tier 64 --json").exits(0).json();
    assert_eq!(costs.as_array().unwrap().len(), 2);
    assert!(costs[0]["proof_bytes"].as_u64().unwrap() > 0);
    for shell in ["bash", "zsh", "fish"] {
        assert!(work.run(&format!("completions {shell}")).exits(0).out.contains("apportion"));
    }
    work.run("cost --suite bls").exits(2);
    work.run("").exits(2);
}
