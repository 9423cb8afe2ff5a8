//! The whole life of a ledger, as a user would type it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use common::{SUITES, Work, files};

/// Two segments.
const RECORDS: usize = 70;
const EPOCHS: u32 = 3;

/// The balance that a receipt states for every record.
fn receipts(work: &Work) -> Vec<u128> {
    let of = |record: usize| {
        work.run(&format!("receipt --dir ledger --account 0:{record} --out r.json -q")).exits(0);
        let receipt: serde_json::Value =
            serde_json::from_slice(&fs::read(work.path("r.json")).unwrap()).unwrap();
        receipt["cumulative"].as_str().unwrap().parse().unwrap()
    };
    (0..RECORDS).map(of).collect()
}

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
fn three_epochs_are_proven_published_and_audited_in_both_suites() {
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
            printed += &(ran.out + &ran.err);
            let again = work.run(&work.prove_line(epoch)).exits(2);
            again.says(&format!("epoch {epoch} is proven already; epoch {} is next", epoch + 1));
            // Without a contract nobody could tell whether an epoch should have been taken back.
            let before = work.ledger_files();
            let undone = work.run(&format!("ledger undo --dir ledger --epoch {epoch}")).exits(2);
            undone.says("bound to no contract");
            assert_eq!(work.ledger_files(), before);
        }
        let ran = work.run("publish --dir ledger").exits(0);
        printed += &(ran.out + &ran.err);

        let balances = receipts(&work);
        assert_eq!(balances, expected(&work));
        compare_with_the_reference_model(&work, &balances);

        let audit = work.verify("ledger ledger").exits(0);
        assert!(audit.out.contains("VALID"), "{}", audit.out);
        work.verify("epoch ledger/public/epochs/000002").exits(0);
        work.verify("receipt r.json --ledger ledger").exits(0);
        work.verify("receipt r.json").exits(0);

        only_the_owner_reads_secrets(&work);
        nothing_secret_is_public(&work, &balances, &printed);
        amounts.push(balances);
    }
    assert_eq!(amounts[0], amounts[1], "both suites give the same amounts");
}

/// The independent model of the split, where Python is there.
fn compare_with_the_reference_model(work: &Work, balances: &[u128]) {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../circuits/tests/vectors/epochs.py");
    let mut python = Command::new("python3");
    python.arg(&model).current_dir(work.path(""));
    python.args(["--records", "records.csv", "--policy", "policy.toml"]);
    for epoch in 1..=EPOCHS {
        python.arg("--epoch").arg(format!("scores-{epoch}.csv:{}", work.revenue(epoch)));
    }
    let output = match python.output() {
        Ok(output) if model.exists() => output,
        _ => return println!("skipped: python3 or the reference model is not there"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let last = json["epochs"].as_array().unwrap().last().unwrap();
    let number = |value: &serde_json::Value| -> u128 {
        value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().unwrap()
    };
    let found: Vec<u128> = last["cumulative"].as_array().unwrap().iter().map(number).collect();
    assert_eq!(found, balances);
}

fn only_the_owner_reads_secrets(work: &Work) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let private = work.path("ledger/private");
        for dir in [private.clone(), work.path("posted-1/opening")] {
            assert_eq!(mode(&dir), 0o700, "{}", dir.display());
            for name in files(&dir).keys() {
                assert_eq!(mode(&dir.join(name)), 0o600, "{}", name.display());
            }
        }
        assert_eq!(mode(&work.path("dataset/records.bin")), 0o600);
        assert_eq!(mode(&work.path("r.json")), 0o600);
    }
}

/// Scores, balances, contents and payees, as numbers and as bytes, occur in no public file and no output.
fn nothing_secret_is_public(work: &Work, balances: &[u128], printed: &str) {
    let mut public = files(&work.path("ledger/public"));
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
fn an_epoch_without_scores_or_without_a_pool() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    let scores: String = (0..RECORDS).map(|i| format!("{i},0\n")).collect();
    // Epoch 1: nobody earned anything.
    work.write("zero.csv", format!("record,score\n{scores}"));
    work.run("scores commit --dir ledger --scores zero.csv --epoch 1 --out posted-1").exits(0);
    let ran = work.run("prove --dir ledger --epoch 1 --scores posted-1 --revenue 1001").exits(0);
    let ran =
        ran.says("the total score is 0: the whole pool is carried to the next epoch, there is no proof");
    assert!(ran.out.contains("the pool of 501 is carried"), "{}", ran.out);
    work.run("publish --dir ledger").exits(2).says("no epoch is proven yet");
    // Epoch 2: no revenue, but the carried pool.
    work.write("scores-2.csv", &work.sample.scores[0]);
    work.commit_scores(2).exits(0);
    let ran = work.run("prove --dir ledger --epoch 2 --scores posted-2 --revenue 0 --json").exits(0);
    assert_eq!(ran.json()["pool"], "501");
    // Epoch 3: a pool of almost nothing, for which everybody's share rounds to zero.
    work.write("scores-3.csv", &work.sample.scores[0]);
    work.commit_scores(3).exits(0);
    let ran = work.run("prove --dir ledger --epoch 3 --scores posted-3 --revenue 0 --json").exits(0);
    let pool: u128 = ran.json()["pool"].as_str().unwrap().parse().unwrap();
    assert!(pool < RECORDS as u128);
    // Epoch 4: nothing at all.
    work.write("zero.csv", format!("record,score\n{scores}"));
    work.run("scores commit --dir ledger --scores zero.csv --epoch 4 --out posted-4").exits(0);
    work.run("prove --dir ledger --epoch 4 --scores posted-4 --revenue 0").exits(0);
    work.run("publish --dir ledger").exits(0);
    work.run("receipt --dir ledger --account 0:1 --out r.json").exits(0);
    work.verify("ledger ledger").exits(0);
    work.verify("receipt r.json --ledger ledger").exits(0);
}

#[test]
fn a_pool_of_zero_is_proven() {
    let work = Work::enrolled("pasta", RECORDS, 1);
    work.commit_scores(1).exits(0);
    let ran = work.run("prove --dir ledger --epoch 1 --scores posted-1 --revenue 0 --json").exits(0);
    assert_eq!(ran.json()["pool"], "0");
    work.verify("ledger ledger").exits(0);
}

#[test]
fn several_datasets_renewals_and_receipts_by_payee() {
    let work = Work::enrolled("bn254", 12, 1);
    work.epoch(1);
    // A second dataset joins; the first is renewed.
    let other: String = (1..=5).map(|i| format!("0x{:040x},0x{:064x}\n", 0xabc, i)).collect();
    work.write("records-1.csv", format!("payee,content\n{other}"));
    work.run("dataset commit --records records-1.csv --out dataset-1 --suite bn254 --tier 64").exits(0);
    let ran = work.run("ledger enroll --dir ledger --dataset dataset-1 --json").exits(0);
    assert_eq!((ran.json()["dataset"].as_u64(), ran.json()["first_epoch"].as_u64()), (Some(1), Some(2)));
    let ran = work.run("ledger enroll --dir ledger --dataset dataset --json").exits(0);
    assert_eq!((ran.json()["dataset"].as_u64(), ran.json()["renewal"].as_u64()), (Some(0), Some(1)));
    // Before it took part, the newcomer is not published.
    work.run("publish --dir ledger").exits(0);
    work.run("receipt --dir ledger --account 1:0 --out r.json").exits(2).says("not published yet");

    work.write("scores-2.csv", &work.sample.scores[0]);
    work.write("more.csv", "record,score\n0,1\n1,2\n2,3\n3,4\n4,5000\n");
    let commit = "scores commit --dir ledger --epoch 2 --out posted-2 --scores";
    work.run(&format!("{commit} scores-2.csv")).exits(2).says("no file for dataset 0: write --scores 0=FILE");
    work.run(&format!("{commit} 0=scores-2.csv")).exits(2).says("no file for dataset 1");
    work.run(&format!("{commit} 0=scores-2.csv --scores 7=more.csv")).exits(2).says("no dataset 7");
    work.run(&format!("{commit} 0=scores-2.csv --scores 1=more.csv")).exits(0);
    work.run("prove --dir ledger --epoch 2 --scores posted-2 --revenue 5000000").exits(0);
    work.run("publish --dir ledger").exits(0);
    work.verify("ledger ledger").exits(0);

    // The sample's first payee owns records 0 and 9.
    let payee = |line: usize| work.sample.records.lines().nth(line + 1).unwrap()[..42].to_owned();
    let ran = work.run(&format!("receipt --dir ledger --account {} --out r.json", payee(0))).exits(2);
    ran.says("has 2 accounts; name one with --account DATASET:RECORD: 0:0, 0:9");
    work.run(&format!("receipt --dir ledger --account {} --out r.json", payee(4))).exits(0);
    work.verify("receipt r.json --ledger ledger").exits(0);
    work.run("receipt --dir ledger --account 1:4 --out r.json").exits(0);
    work.verify("receipt r.json --ledger ledger").exits(0);
    let nobody = format!("0x{}", "77".repeat(20));
    work.run(&format!("receipt --dir ledger --account {nobody} --out r.json"))
        .exits(2)
        .says("has no account");
    work.run("receipt --dir ledger --account 0:12 --out r.json").exits(2).says("has 12 records");
    work.run("receipt --dir ledger --account 5:0 --out r.json").exits(2).says("no dataset 5");
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
    // An attributor has the public files only, and is told the records.
    let public = work.path("public-only");
    common::copy(&work.path("ledger/public"), &public);
    let commit = "scores commit --dir public-only --scores payees.csv --epoch 1 --out posted";
    work.run(commit).exits(3).says("payees.csv:1: wrong header: expected `record,score`");
    work.run(&format!("{commit} --records records.csv")).exits(0);
    work.run("prove --dir ledger --epoch 1 --scores posted --revenue 1000").exits(0);
    // Other records have other roots.
    let other = work.sample.records.replace("\n0x", "\n0x00").replacen("0x00", "0x0", 0);
    work.write("other.csv", other.replace("0x00", "0x"));
    let short: String = work.sample.records.lines().take(5).map(|line| format!("{line}\n")).collect();
    work.write("short.csv", short);
    let commit = "scores commit --dir public-only --scores payees.csv --epoch 2 --out posted-2";
    work.run(&format!("{commit} --records short.csv")).exits(1).says("they have other roots");
}

#[test]
fn the_demo_runs_and_explains_itself() {
    let work = Work::new("bn254", 1, 1);
    let ran = work.run("demo --suite bn254 --dir demo").exits(0);
    for text in ["DEVELOPER", "CONTRIBUTOR", "AUDITOR", "PROVEN", "NOT PROVEN", "VALID", "INVALID, by"] {
        assert!(ran.out.contains(text), "{text} in:\n{}", ran.out);
    }
    for said in
        ["INSECURE development ceremony", " gas  settle", "with a forged proof", "the same claim once more"]
    {
        assert!(ran.out.contains(said), "{said:?} in:\n{}", ran.out);
    }
    work.verify("ledger demo/ledger").exits(0);
    work.run("demo --dir demo").exits(2).says("exists already");
}

#[test]
fn helps_costs_and_completions() {
    let work = Work::new("pasta", 1, 1);
    for command in [
        "",
        "demo",
        "dataset commit",
        "ledger init",
        "ledger enroll",
        "scores commit",
        "check",
        "prove",
        "publish",
        "receipt",
        "cost",
        "params make",
        "params import",
        "params info",
        "completions",
    ] {
        let ran = work.run(&format!("{command} --help")).exits(0);
        assert!(ran.out.contains("apportion "), "{command} has an example");
    }
    let costs = work.run("cost --suite bn254 --tier 64 --json").exits(0).json();
    assert_eq!(costs.as_array().unwrap().len(), 2);
    assert!(costs[0]["proof_bytes"].as_u64().unwrap() > 0);
    assert_eq!(work.run("cost --json").exits(0).json().as_array().unwrap().len(), 12);
    for shell in ["bash", "zsh", "fish"] {
        assert!(work.run(&format!("completions {shell}")).exits(0).out.contains("apportion"));
    }
    work.run("cost --suite bls").exits(2);
    work.run("").exits(2);
}
