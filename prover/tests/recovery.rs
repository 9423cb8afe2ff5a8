//! What is lost and comes back: undo (F3), backup and restore, recovery (F11), enrolments after scores (F12),
//! seeds (F18).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::{fs, path::Path};

use common::{Ran, Work, copy, files};

const RECORDS: usize = 70;

fn recover_line(scores: &[u32], seed: &str) -> String {
    let scores: String = scores.iter().map(|epoch| format!(" --scores posted-{epoch}")).collect();
    format!("ledger recover --public ledger/public --seed {seed} --dataset dataset{scores} --dir again")
}

fn deterministic(suite: &str) -> bool {
    use apportion_engine::Engine as _;
    match suite {
        "pasta" => apportion_suite::Pasta::DETERMINISTIC,
        _ => apportion_suite::Bn254::DETERMINISTIC,
    }
}

fn undo(work: &Work) -> Ran {
    work.run("ledger undo epoch --dir ledger")
}

/// F3: prove N and N + 1, take both back, prove N again: as the same statement it is the same proof.
#[test]
fn two_epochs_are_taken_back_and_proven_again() {
    for suite in common::SUITES {
        let work = Work::enrolled(suite, RECORDS, 2);
        undo(&work).exits(2).says("no epoch is proven");
        work.epoch(1);
        work.epoch(2);
        let before = work.ledger_files();
        work.run("ledger undo epoch --dir ledger --number 1").exits(2).says("only the newest epoch");
        undo(&work).exits(0);
        undo(&work).exits(0);
        assert!(!work.path("ledger/public/epochs/000001").exists());
        // Nothing is deleted: files, balances and openings stand in private/undone/.
        let undone = files(&work.path("ledger/private/undone"));
        for name in ["epoch/epoch.json", "epoch/0-0.proof", "balances/0-1.bin", "scores/0-1.bin"] {
            for epoch in [1, 2] {
                assert!(undone.contains_key(Path::new(&format!("epoch-00000{epoch}-1/{name}"))), "{name}");
            }
        }
        work.verify("ledger ledger").exits(0);
        work.run(&work.prove_line(1)).exits(0);
        work.run(&work.prove_line(2)).exits(0);
        let kept = |mut files: std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>| {
            files.retain(|path, _| !path.starts_with("private/undone"));
            if !deterministic(suite) {
                // Columns and balances are the same; proofs, and the documents that name them, are not.
                files.retain(|path, _| !path.starts_with("public/epochs"));
            }
            files
        };
        assert!(kept(work.ledger_files()) == kept(before), "{suite}: the same statement is the same files");
        work.verify("ledger ledger").exits(0);

        // Another revenue: another statement, which names what it replaces.
        undo(&work).exits(0);
        let ran = work.run("prove --dir ledger --epoch 2 --scores posted-2 --revenue 7777 --json").exits(0);
        // Whatever was opened twice is named: where proofs are not the same ones, both attempts.
        let replaced = if deterministic(suite) { 1 } else { 2 };
        assert_eq!(ran.json()["replaced"].as_array().unwrap().len(), replaced);
        work.verify("ledger ledger").exits(0);
    }
}

/// F11: `private/` is gone, or one file of it.
#[test]
fn what_is_lost_is_said_and_made_again() {
    let work = Work::enrolled("pasta", RECORDS, 3);
    for epoch in 1..=2 {
        work.epoch(epoch);
    }
    work.commit_scores(3).exits(0);
    let whole = work.ledger_files();
    let ledger = work.path("ledger");
    work.write("kept.seed", fs::read(ledger.join("private/seed")).unwrap());

    // One file: what it is, of which state the others are, and what to do.
    fs::remove_file(ledger.join("private/balances/000002/0-0.bin")).unwrap();
    let ran = work.run(&work.prove_line(3)).exits(3);
    let ran = ran.says("private/balances/000002/0-0.bin is missing").says("ledger restore");
    ran.says("ledger recover");
    work.run("receipt --dir ledger --record 0:3 --out r.json").exits(3).says("is missing");
    // All of it.
    fs::remove_dir_all(ledger.join("private")).unwrap();
    work.run(&work.prove_line(3)).exits(3).says("ledger recover");
    work.run("receipt --dir ledger --record 0:3 --out r.json").exits(3).says("ledger recover");

    // Refused without leaving anything: another seed, scores that are missing or of another epoch, no dataset.
    work.run("ledger init --dir other --model other --policy policy.toml").exits(0);
    let other = work.run(&recover_line(&[1, 2], "other/private/seed")).exits(3);
    other.says("of another ledger");
    work.run(&recover_line(&[1], "kept.seed")).exits(2).says("the scores of epoch 2 are missing");
    work.run(&recover_line(&[1, 2, 3], "kept.seed")).exits(3).says("no epoch of the ledger was split by");
    let none = recover_line(&[1, 2], "kept.seed").replace(" --dataset dataset", "");
    work.run(&none).exits(2).says("dataset 0");
    assert!(!work.path("again").exists());
    // Openings that are not those of the scores: the check and the segment are named.
    let opening = work.path("posted-2/openings/0-0.bin");
    let good = fs::read(&opening).unwrap();
    let mut bad = good.clone();
    bad[100] ^= 1;
    fs::write(&opening, bad).unwrap();
    work.run(&recover_line(&[1, 2], "kept.seed")).exits(3).says("0-0.bin");
    fs::write(&opening, good).unwrap();
    assert!(!work.path("again").exists());

    work.run(&recover_line(&[2, 1], "kept.seed")).exits(0);
    assert!(common::ledger_files(&work.path("again")) == whole, "recovering gives the same bytes");
    work.run(&recover_line(&[1, 2], "kept.seed")).exits(2).says("exists already");
    // It goes on from there.
    fs::rename(&ledger, work.path("lost")).unwrap();
    fs::rename(work.path("again"), &ledger).unwrap();
    work.run(&work.prove_line(3)).exits(0);
    work.verify("ledger ledger").exits(0);
}

/// Attempts that were taken back are in nobody's public files: what is recovered does not know them, and says so.
#[test]
fn a_recovered_ledger_says_that_it_knows_no_attempts() {
    let work = Work::enrolled("pasta", 10, 2);
    work.epoch(1);
    work.write("kept.seed", fs::read(work.path("ledger/private/seed")).unwrap());
    work.epoch(2);
    work.run("ledger undo epoch --dir ledger").exits(0);
    let ran = work.run(&recover_line(&[1], "kept.seed")).exits(0);
    ran.says("attempts are not in public/").says("private/undone");
    work.commit_scores_as("scores-1.csv", 2, "other").exits(0);
    let named = |dir: &str| {
        let line = work.prove_line(2).replace("--dir ledger", &format!("--dir {dir}"));
        work.run(&line.replace("posted-2", "other")).exits(0);
        let text = fs::read(work.path(&format!("{dir}/public/epochs/000002/epoch.json"))).unwrap();
        let doc: serde_json::Value = serde_json::from_slice(&text).unwrap();
        doc["replaced"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((named("ledger"), named("again")), (1, 0));
    // With what was kept of it, it is named as if nothing had been lost.
    work.run("ledger undo epoch --dir again").exits(0);
    fs::remove_dir_all(work.path("again/private/undone")).unwrap();
    copy(&work.path("ledger/private/undone"), &work.path("again/private/undone"));
    assert_eq!(named("again"), 1);
}

/// What is recovered is the ledger's files, each as its document names it, and nothing that links lead to.
#[cfg(unix)]
#[test]
fn recovery_follows_no_link_and_takes_no_changed_file() {
    use std::os::unix::fs::symlink;
    let work = Work::enrolled("pasta", 10, 1);
    work.epoch(1);
    work.write("kept.seed", fs::read(work.path("ledger/private/seed")).unwrap());
    work.write("secret", "secret");
    let line = recover_line(&[1], "kept.seed")
        .replace("ledger/public", "given")
        .replace("--dataset dataset", "--dataset own");
    let refused = |damage: &dyn Fn(), says: &str| {
        for (from, to) in [("ledger/public", "given"), ("dataset", "own")] {
            let _ = fs::remove_dir_all(work.path(to));
            copy(&work.path(from), &work.path(to));
        }
        damage();
        work.run(&line).exits(3).says(says);
        assert!(!work.path("again").exists(), "{says}: nothing is left");
    };
    for place in
        ["given/link", "given/keys/link", "given/epochs/000001/link", "given/datasets/0/revisions/link"]
    {
        for target in ["secret", ".", "nowhere"] {
            refused(&|| symlink(work.path(target), work.path(place)).unwrap(), "link");
        }
    }
    let changed = |name: &str| {
        let path = work.path(name);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    for proof in ["epochs/000001/0-0.proof", "datasets/0/revisions/000000/columns/segment-0.proof"] {
        refused(&|| changed(&format!("given/{proof}")), proof);
    }
    refused(
        &|| {
            let path = work.path("given/epochs/000001/scores.json");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text + "\n").unwrap();
        },
        "scores.json",
    );
    // In the owner's directory, which is copied too when a dataset is enrolled.
    refused(&|| symlink(work.path("secret"), work.path("own/public/link")).unwrap(), "link");
    for (from, to) in [("ledger/public", "given"), ("dataset", "own")] {
        fs::remove_dir_all(work.path(to)).unwrap();
        copy(&work.path(from), &work.path(to));
    }
    work.init().exits(2);
    work.run("ledger init --dir second --model n --policy policy.toml").exits(0);
    symlink(work.path("secret"), work.path("own/licence/payees/link")).unwrap();
    work.run("ledger enroll --dir second --dataset own").exits(3).says("link");
    assert!(!work.path("second/public/datasets/0").exists());
    fs::remove_file(work.path("own/licence/payees/link")).unwrap();
    work.run("ledger enroll --dir second --dataset own").exits(0);
    work.run(&line).exits(0);
}

#[test]
fn a_backup_is_restored_and_an_older_one_says_what_it_lacks() {
    let work = Work::enrolled("pasta", RECORDS, 3);
    work.epoch(1);
    let key = apportion_secrets::Identity::generate(&mut rand_core::OsRng).unwrap();
    work.write("backup.key", key.to_text().as_bytes());
    work.write("recipients.txt", format!("# mine\n{}\n", key.recipient()));
    let backup = |to: &str, out: &str| work.run(&format!("ledger backup --dir ledger --to {to} --out {out}"));
    backup(&key.recipient().to_string(), "one.backup").exits(0);
    backup("recipients.txt", "two.backup").exits(0);
    backup("recipients.txt", "two.backup").exits(2).says("exists already");
    backup("nonsense", "three.backup").exits(2).says("--to");
    let restore = |from: &str, dir: &str| {
        work.run(&format!("ledger restore --from {from} --identity backup.key --dir {dir}"))
    };
    let whole = work.ledger_files();
    restore("one.backup", "copy").exits(0);
    assert!(common::ledger_files(&work.path("copy")) == whole);
    restore("one.backup", "copy").exits(2).says("exists already");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| fs::metadata(work.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("copy/private"), 0o700);
        assert_eq!(mode("copy/private/seed"), 0o600);
        assert_eq!(mode("copy/public/ledger.json"), 0o644);
    }
    // Another key, a damaged file.
    let other = apportion_secrets::Identity::generate(&mut rand_core::OsRng).unwrap();
    work.write("other.key", other.to_text().as_bytes());
    work.run("ledger restore --from one.backup --identity other.key --dir x")
        .exits(3)
        .says("none of the keys");
    let mut bytes = fs::read(work.path("one.backup")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    work.write("bad.backup", bytes);
    restore("bad.backup", "x").exits(3).says("damaged");
    assert!(!work.path("x").exists());

    // An epoch later private/ is lost: the backup says what it lacks.
    let ran = work.epoch(2);
    assert!(ran.err.contains("the last backup is of epoch 1"), "{}", ran.err);
    fs::remove_dir_all(work.path("ledger/private")).unwrap();
    let ran = restore("one.backup", "ledger").exits(0);
    let ran = ran.says("the backup is of epoch 1, the ledger's last epoch is 2").says("ledger recover");
    assert!(ran.err.contains("4 private files missing"), "{}", ran.err);
    work.commit_scores(3).exits(0);
    work.run(&work.prove_line(3)).exits(3).says("of the state after epoch 1");
    work.run(&recover_line(&[1, 2], "ledger/private/seed")).exits(0);
    assert_eq!(files(&work.path("again/public")), files(&work.path("ledger/public")));

    // A backup of another ledger, or of a later epoch than the public files at hand.
    work.run("ledger init --dir other --model other --policy policy.toml").exits(0);
    fs::remove_dir_all(work.path("other/private")).unwrap();
    restore("one.backup", "other").exits(3).says("a backup of model");
    copy(&work.path("ledger/public"), &work.path("old/public"));
    fs::remove_dir_all(work.path("old/public/epochs")).unwrap();
    restore("one.backup", "old").exits(3).says("new directory");
}

/// F12: a dataset that is enrolled after scores were posted jams nothing, and can be taken back.
#[test]
fn an_enrolment_after_scores_jams_nothing() {
    let work = Work::enrolled("pasta", 10, 1);
    work.commit_scores(1).exits(0);
    let rows: String =
        (0..5).map(|i| format!("0x{},0x{}\n", "a1".repeat(20), format!("b{i}").repeat(32))).collect();
    work.write("late.csv", format!("payee,content\n{rows}"));
    work.proven_dataset("late.csv", "late", 64);
    let before = work.ledger_files();
    work.enroll("late").exits(0);
    work.run("ledger undo enrolment --dir ledger").exits(0);
    let mut after = work.ledger_files();
    after.retain(|path, _| !path.starts_with("private/undone"));
    assert_eq!(after, before);
    work.enroll("late").exits(0);
    work.run(&work.prove_line(1)).exits(0);
    work.verify("ledger ledger").exits(0);
    work.run("ledger undo enrolment --dir ledger").exits(0);
    work.verify("ledger ledger").exits(0);
}

/// F18: one seed on two score files gives two masks; on the same file twice, the same directory.
#[test]
fn a_seed_gives_every_score_column_a_mask_of_its_own() {
    let work = Work::enrolled("pasta", 10, 2);
    for (file, out) in [("scores-1.csv", "a"), ("scores-1.csv", "b"), ("scores-2.csv", "c")] {
        work.commit_scores_as(file, 1, out).exits(0);
    }
    assert_eq!(files(&work.path("a")), files(&work.path("b")));
    // 129 elements of a mask, then the file's digest.
    let mask = |dir: &str| {
        let bytes = fs::read(work.path(&format!("{dir}/openings/0-0.bin"))).unwrap();
        bytes[bytes.len() - 32 - 129 * 32..bytes.len() - 32].to_vec()
    };
    let (a, c) = (mask("a"), mask("c"));
    let shared = a.chunks(32).filter(|element| c.chunks(32).any(|other| other == *element)).count();
    assert_eq!(shared, 0, "an attacker who subtracts the columns learns nothing");
}

/// F10: a newer bundle extends an older one, and a rolled-back one does not.
#[test]
fn a_rolled_back_ledger_does_not_extend_what_it_was() {
    let work = Work::enrolled("pasta", 10, 2);
    work.epoch(1);
    copy(&work.path("ledger/public"), &work.path("old"));
    work.epoch(2);
    let ran = work.verify("ledger ledger --since old").exits(0);
    assert!(
        ran.out.contains("\"m\"") || ran.out.contains("model"),
        "the report names its subject: {}",
        ran.out
    );
    copy(&work.path("ledger/public"), &work.path("newer"));
    work.verify("ledger old --since newer").exits(1).prints("bundle.extends");
}
