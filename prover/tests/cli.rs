//! What the command says: causes that are the right ones, warnings that stay, and steps that are taken back alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::fs;

use common::Work;

const RECORDS: usize = 10;

/// Grows the dataset by one record and takes the revision into the ledger.
fn grow(work: &Work) {
    work.write("new.csv", format!("payee,content\n0x{},0x{}\n", "77".repeat(20), "78".repeat(32)));
    work.run("dataset extend --dir dataset --records new.csv --append").exits(0);
    work.run("dataset prove --dir dataset").exits(0);
    work.enroll("dataset").exits(0);
}

#[test]
fn undo_takes_back_what_is_meant_and_nothing_else() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    let before = work.ledger_files();
    work.run("ledger undo revision --dir ledger").exits(2).says("no dataset has a revision");
    grow(&work);
    // The dataset or its revision: nobody guesses.
    work.run("ledger undo enrolment --dir ledger").exits(2).says("ledger undo revision --number 0");
    work.run("ledger undo revision --dir ledger").exits(0).prints("revision 1 of dataset 0");
    let public = |files: &std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>| {
        files.keys().filter(|path| path.starts_with("public")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(public(&before), public(&work.ledger_files()));
    work.verify("ledger ledger").exits(0);
    work.enroll("dataset").exits(0);
    work.run("ledger undo enrolment --dir ledger --number 0").exits(0);
    work.enroll("dataset").exits(0);
    // What an epoch used stays.
    let mut scores = work.sample.scores[0].clone();
    scores.push_str(&format!("{RECORDS},5\n"));
    work.write("scores-1.csv", scores);
    work.epoch(1);
    work.run("ledger undo revision --dir ledger").exits(2).says("it stays");
}

/// What must be kept is said where it is made, and version control changes no byte of it.
#[test]
fn what_must_be_kept_is_said_where_it_is_made() {
    let work = Work::new("bn254", RECORDS, 0);
    work.commit_dataset().exits(0).prints("dataset/private/seed").prints("in a second place too");
    let made = work.init().exits(0).prints("keep private/seed (one line, also on paper)");
    for name in ["licence/", "directory of scores", "public/"] {
        assert!(made.out.contains(name), "{name}: {}", made.out);
    }
    for dir in ["dataset", "ledger"] {
        assert_eq!(fs::read_to_string(work.path(&format!("{dir}/.gitattributes"))).unwrap(), "* -text\n");
    }
}

/// The table of counts in benches/README.md is what `apportion cost` says.
#[test]
fn documented_counts_are_those_of_todays_tables() {
    let rows = Work::new("pasta", 1, 0).run("cost --json").exits(0).json();
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/README.md")).unwrap();
    for relation in ["split", "tree"] {
        for tier in [64, 1024, 16384] {
            let [bn254, pasta] = ["bn254", "pasta"].map(|suite| {
                let is = |row: &&serde_json::Value| {
                    row["suite"] == suite && row["relation"] == relation && row["tier"] == tier
                };
                rows.as_array().unwrap().iter().find(is).unwrap()
            });
            let bytes = |row: &serde_json::Value| {
                let bytes = row["proof_bytes"].as_u64().unwrap();
                format!("{},{:03}", bytes / 1000, bytes % 1000)
            };
            let memory = |row: &serde_json::Value| {
                format!("{} MiB", row["predicted_memory_bytes"].as_u64().unwrap().div_ceil(1 << 20))
            };
            let (k, cells, degree) = (&bn254["k"], &bn254["committed_cells_per_account"], &bn254["degree"]);
            let numbers = [bytes(bn254), bytes(pasta), memory(bn254), memory(pasta)].join(" | ");
            let line = format!("| {relation}/{tier} | 2^{k} | {cells} | {degree} | {numbers} |");
            assert!(page.contains(&line), "benches/README.md should have: {line}");
        }
    }
}

#[test]
fn what_begins_with_the_open_epoch_stays() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    work.write("policy-2.toml", "contributors_bps = 10000\n");
    work.run("ledger policy --dir ledger --policy policy-2.toml --from 2").exits(0);
    work.run("ledger retire --dir ledger --dataset 0 --from 2").exits(0);
    work.epoch(1);
    work.run("ledger undo policy --dir ledger").exits(2).says("epoch 2 on, which is open already");
    work.run("ledger undo retirement --dir ledger --number 0").exits(2).says("which is open already");
    // Before that, both can be taken back.
    work.run("ledger undo epoch --dir ledger").exits(0);
    work.run("ledger undo policy --dir ledger").exits(0);
    work.run("ledger undo retirement --dir ledger").exits(0);
}

#[test]
fn status_knows_how_old_the_backup_is() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    let key = apportion_secrets::Identity::generate(&mut rand_core::OsRng).unwrap();
    work.write("backup.key", key.to_text().as_bytes());
    let status = || work.run("ledger status --dir ledger").exits(0).out;
    let backup = |out: &str| {
        work.run(&format!("ledger backup --dir ledger --to {} --out {out}", key.recipient())).exits(0);
    };
    assert!(status().contains("last backup: none is noted here"));
    backup("a");
    assert!(status().contains("last backup: of epoch 0, less than an hour ago\n"), "{}", status());
    grow(&work);
    assert!(status().contains("It is old, the ledger has changed since"), "{}", status());
    work.run("ledger undo revision --dir ledger").exits(0);
    work.epoch(1);
    backup("b");
    work.run("ledger undo epoch --dir ledger").exits(0);
    assert!(status().contains("epoch 1 was taken back since, the ledger's last is 0"), "{}", status());
    fs::remove_dir_all(work.path("ledger/private")).unwrap();
    assert!(status().contains("unknown: the note was in private/"), "{}", status());
    work.run("ledger restore --from a --identity backup.key --dir ledger").exits(0);
    assert!(status().contains("private/ was restored from the backup of epoch 0"), "{}", status());
    let json = work.run("ledger status --dir ledger --json").exits(0).json();
    assert_eq!(json["last_backup"]["origin"], "restored");
    let next = json["next_command"].as_str().unwrap();
    assert!(next.starts_with("apportion scores commit") && !next.contains("then"), "{next}");
    assert!(json["then_command"].as_str().unwrap().starts_with("apportion prove"));
}

#[test]
fn the_cause_is_named() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    // Scores that are older than a revision, and a seed that is the ledger's own.
    work.commit_scores(1).exits(0);
    grow(&work);
    let check = "check --dir ledger --epoch 1 --revenue 1000 --scores";
    work.run(&format!("{check} posted-1")).exits(0).prints("revision 1 was taken after they were committed");
    work.run(&format!("{check} scores-1.csv")).exits(3).says("dataset 0 has grown: 11 records in revision 1");
    work.run(&work.prove_line(1)).exits(0).says("revision 1 was taken after they were committed");
    work.run("ledger undo epoch --dir ledger").exits(0);
    work.run("ledger undo revision --dir ledger").exits(0);
    let commit = "scores commit --scores scores-1.csv";
    work.run(&format!("{commit} --dir ledger --epoch 1 --seed ledger/private/seed --out own -q"))
        .exits(0)
        .says("this is the ledger's own seed");
    work.run(&format!("{commit} --public ledger --epoch 77 --seed a.seed --out late -q"))
        .exits(0)
        .says("epoch 1 is next");
    work.write("other.csv", format!("payee,content\n0x{},0x{}\n", "11".repeat(20), "12".repeat(32)));
    work.run(&format!("{commit} --public ledger/public --records other.csv --epoch 1 --seed a.seed --out x"))
        .exits(3)
        .says("other.csv: not the records of dataset 0");
    // A second dataset: a path that leads nowhere is the cause, and a dataset without a file is named.
    work.proven_dataset("other.csv", "second", 64);
    work.enroll("second").exits(0);
    work.run(&format!("{check} nowhere")).exits(3).says("cannot read nowhere");
    work.run(&format!("{check} scores-1.csv"))
        .exits(2)
        .says("no file for dataset 0, which takes part from epoch 1 on");
    let next = work.run("ledger status --dir ledger --json").exits(0).json();
    let next = next["next_command"].as_str().unwrap().to_owned();
    assert!(next.contains("--scores 0=scores-0.csv --scores 1=scores-1.csv"), "{next}");
    // Records that are in another dataset already are counted, also where that is allowed.
    work.write(
        "twice.csv",
        work.sample.records.clone() + &fs::read_to_string(work.path("other.csv")).unwrap()[14..],
    );
    work.proven_dataset("twice.csv", "twice", 64);
    work.enroll("twice").exits(2).says("10 of 11 records are in dataset 0 already");
    work.run("ledger enroll --dir ledger --dataset twice --allow-overlap -q")
        .exits(0)
        .says("10 of 11 records are in dataset 0 too, and paid twice");
}

#[test]
fn the_command_line_helps() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    work.run("verify ledger x").exits(2).says("did you mean `apportion-verify ledger x`?");
    work.run("man").exits(0).prints(".TH");
    work.run("man --out pages").exits(0);
    assert!(work.path("pages/apportion-prove.1").exists());
    let prove = "prove --dir ledger --scores posted-1";
    work.run(&format!("{prove} --epoch 1 --revenue -5")).exits(2).says("the amount is negative");
    work.run(&format!("{prove} --epoch -1 --revenue 5")).exits(2).says("it is counted from 1");
    work.run("ledger retire --dir ledger --dataset -1 --from 2").exits(2).says("it is counted from 0");
    // Warnings are no progress.
    work.run("ledger status --dir ledger -q").exits(0).says("INSECURE");
    let demo = work.run("demo --suite bn254").exits(0);
    assert!(demo.out.lines().last().unwrap().contains("INSECURE"), "{}", demo.out);
    work.epoch(1);
    work.run("receipt --dir ledger --all --encrypt --out sealed").exits(2).says("names a key to encrypt to");
    // Nothing that another program wrote is written over.
    work.write("mine.sol", "// mine");
    let export = "export verifier --relation split --tier 64 --insecure-dev --out";
    work.run(&format!("{export} mine.sol")).exits(2).says("nothing was changed");
    work.run(&format!("{export} ours.sol")).exits(0);
    work.run(&format!("{export} ours.sol")).exits(0);
    let mut command = work.command("params info");
    command.env_remove("APPORTION_PARAMS").env_remove("HOME").env_remove("XDG_CACHE_HOME");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--params-dir"));
}
