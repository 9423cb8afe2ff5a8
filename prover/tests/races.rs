//! Two commands at once, reading while another command writes, read-only copies, full disks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]
#![cfg(unix)]

mod common;

use std::{
    fs,
    process::{Child, Stdio},
};

use common::Work;

fn start(work: &Work, line: &str) -> Child {
    work.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Exit codes and standard errors of commands that run at the same time.
fn at_once(work: &Work, lines: &[&str]) -> Vec<(i32, String)> {
    let children: Vec<_> = lines.iter().map(|line| start(work, line)).collect();
    let end = |child: Child| {
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    children.into_iter().map(end).collect()
}

#[test]
fn of_two_proofs_of_one_epoch_one_wins() {
    let work = Work::enrolled("bn254", 70, 1);
    work.commit_scores(1).exits(0);
    let prove = work.prove_line(1);
    let ran = at_once(&work, &[&prove, &prove]);
    let won = ran.iter().filter(|(code, _)| *code == 0).count();
    assert_eq!(won, 1, "{ran:?}");
    // The other waited and found the epoch proven, or was refused.
    let (code, err) = ran.iter().find(|(code, _)| *code != 0).unwrap();
    assert_eq!(*code, 2, "{err}");
    assert!(err.contains("is proven already") || err.contains("another command"), "{err}");
    work.verify("ledger ledger").exits(0);
}

#[test]
fn of_two_commands_that_make_a_directory_one_wins() {
    let work = Work::enrolled("bn254", 10, 1);
    let (dev, suite) = (work.dev(), work.suite);
    for (dir, line) in [
        ("d", format!("dataset commit --records records.csv --out d --suite {suite} --tier 64{dev}")),
        ("l", format!("ledger init --dir l --suite {suite} --model m --policy policy.toml{dev}")),
        (
            "s",
            "scores commit --dir ledger --scores scores-1.csv --epoch 1 --seed attributor.seed --out s"
                .into(),
        ),
    ] {
        let ran = at_once(&work, &[&line, &line, &line]);
        let won = ran.iter().filter(|(code, _)| *code == 0).count();
        // The winner's seed may be another one than the loser's: what is there must be one command's.
        assert!(won >= 1, "{dir}: {ran:?}");
        assert_eq!(won, 1, "{dir}: {ran:?}");
        assert!(ran.iter().filter(|(code, _)| *code != 0).all(|(code, _)| *code == 2), "{dir}: {ran:?}");
    }
    work.run("dataset prove --dir d").exits(0);
    work.run("prove --dir ledger --epoch 1 --scores s --revenue 1000").exits(0);
    work.verify("ledger ledger").exits(0);
    // Nothing else is left beside them.
    let stray = fs::read_dir(work.path(""))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".tmp-"));
    assert_eq!(stray.count(), 0);
}

/// Newcomer 13: `check`, `receipt` and `statement` take no lock, and a read-only copy will do.
#[test]
fn reading_goes_on_while_another_command_writes() {
    let work = Work::enrolled("bn254", 70, 2);
    work.epoch(1);
    work.commit_scores(2).exits(0);
    let payee = work.payee(3);
    let reads = [
        format!("check --dir ledger --epoch 2 --scores posted-2 --revenue {}", work.revenue(2)),
        format!("receipt --dir ledger --payee {payee} --out r.json"),
        format!("statement --dir ledger --payee {payee} --out s.json"),
    ];
    let lock = fs::OpenOptions::new().write(true).open(work.path("ledger/private/lock")).unwrap();
    lock.lock().unwrap();
    for line in &reads {
        work.run(line).exits(0);
    }
    let refused = work.run(&work.prove_line(2)).exits(2);
    refused.says("another command");
    drop(lock);

    // While the epoch is proven, whoever reads sees the ledger before or after it.
    let mut child = start(&work, &work.prove_line(2));
    let mut rounds = 0;
    while child.try_wait().unwrap().is_none() || rounds == 0 {
        work.run(&reads[1]).exits(0);
        work.verify("receipt r.json --ledger ledger").exits(0);
        rounds += 1;
    }
    assert!(child.wait().unwrap().success());

    // A copy that nobody may write to. (Root may all the same: then at least nothing is written.)
    common::copy(&work.path("ledger"), &work.path("copy"));
    let modes = |mode: &str| {
        std::process::Command::new("chmod")
            .args(["-R", mode, "copy"])
            .current_dir(work.path(""))
            .status()
            .unwrap();
    };
    modes("a-w");
    let before = common::files(&work.path("copy"));
    work.run(&format!("receipt --dir copy --payee {payee} --out r.json")).exits(0);
    work.run(&format!("statement --dir copy --payee {payee} --out s.json")).exits(0);
    work.verify("ledger copy").exits(0);
    assert_eq!(common::files(&work.path("copy")), before);
    modes("u+w");
}

/// A full disk: files may not grow beyond a limit, and the system refuses as it does where nothing is free.
#[test]
fn a_full_disk_is_said_and_costs_nothing() {
    let work = Work::enrolled("bn254", 70, 2);
    work.epoch(1);
    work.commit_scores(2).exits(0);
    let before = work.ledger_files();
    let full = |line: &str| {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""]);
        let command = work.command(line);
        shell.arg(command.get_program()).args(command.get_args()).current_dir(work.path(""));
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = shell.output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{line}: {err}");
        assert!(err.contains("cannot write"), "{line}: {err}");
    };
    full(&work.prove_line(2));
    full("receipt --dir ledger --all --out receipts");
    full(&format!("statement --dir ledger --payee {} --out s.json", work.payee(0)));
    full("scores commit --dir ledger --scores scores-2.csv --epoch 2 --seed attributor.seed --out again");
    assert!(!work.path("receipts").exists() && !work.path("s.json").exists() && !work.path("again").exists());
    let after = work.ledger_files().into_iter().filter(|(path, _)| !path.starts_with("private/jobs"));
    assert!(after.eq(before), "the ledger is as it was");
    work.run(&work.prove_line(2)).exits(0);
    work.run("receipt --dir ledger --all --out receipts").exits(0);
    work.verify("ledger ledger").exits(0);
}
