//! Commands that are killed, and what is there when they are given again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]
#![cfg(unix)]

mod common;

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use common::Work;

/// Four segments.
const RECORDS: usize = 200;

/// Starts a command, one segment at a time.
fn start(work: &Work, line: &str) -> Child {
    let mut command = work.command(&format!("{line} --threads 1 --quiet"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits for a file, then sends a signal and waits for the end.
fn kill_when(mut child: Child, file: &Path, signal: &str) {
    let start = Instant::now();
    while !file.exists() {
        assert!(child.try_wait().unwrap().is_none(), "ended before {} was there", file.display());
        assert!(start.elapsed() < Duration::from_secs(300), "{} never appeared", file.display());
        sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    assert!(!child.wait().unwrap().success());
}

#[test]
fn prove_and_publish_go_on_after_a_kill() {
    let work = Work::enrolled("bn254", RECORDS, 2);
    work.commit_scores(1).exits(0);
    let prove = work.prove_line(1);
    let jobs = work.path("ledger/private/jobs/epoch-1");
    let public = work.path("ledger/public");
    let before = common::files(&public);

    // Killed before the first proof: the new balance columns are there, nothing else.
    kill_when(start(&work, &prove), &jobs.join("secrets/0-3.bin"), "-KILL");
    assert_eq!(common::files(&public), before);
    let column = fs::read(jobs.join("secrets/0-0.bin")).unwrap();

    // Killed and interrupted after a proof.
    kill_when(start(&work, &prove), &jobs.join("public/0-0.proof"), "-INT");
    assert_eq!(common::files(&public), before);
    assert_eq!(
        fs::read(jobs.join("secrets/0-0.bin")).unwrap(),
        column,
        "the same column under the same mask"
    );
    let proof = fs::read(jobs.join("public/0-0.proof")).unwrap();
    kill_when(start(&work, &prove), &jobs.join("public/0-1.proof"), "-KILL");
    work.verify("ledger ledger").exits(0);

    // One finished proof is damaged meanwhile, a temporary file was left.
    let damaged = jobs.join("public/0-1.proof");
    let mut bytes = fs::read(&damaged).unwrap();
    bytes[200] ^= 1;
    fs::write(&damaged, &bytes).unwrap();
    fs::write(jobs.join("public/.tmp-x"), "half").unwrap();

    let ran = work.run(&prove).exits(0);
    assert!(ran.err.contains("an interrupted run of the same inputs goes on"), "{}", ran.err);
    assert!(ran.err.contains("segment 0: proof of the interrupted run verified again"), "{}", ran.err);
    assert!(ran.err.contains("segment 1: the interrupted run's proof does not verify"), "{}", ran.err);
    assert_eq!(fs::read(public.join("epochs/000001/0-0.proof")).unwrap(), proof);
    assert!(!jobs.exists());
    assert!(!public.join("epochs/000001/.tmp-x").exists());
    assert_eq!(fs::read(work.path("ledger/private/balances/000001/0-0.bin")).unwrap(), column);

    // The next epoch links to it.
    work.epoch(2);
    let jobs = work.path("ledger/private/jobs/publish-1");
    kill_when(start(&work, "publish --dir ledger"), &jobs.join("public/0-0.proof"), "-KILL");
    assert!(!public.join("publications").exists());
    let ran = work.run("publish --dir ledger").exits(0);
    assert!(ran.err.contains("segment 0: proof of the interrupted run verified again"), "{}", ran.err);
    work.run("receipt --dir ledger --account 0:0 --out r.json").exits(0);
    work.verify("receipt r.json --ledger ledger").exits(0);
    work.verify("ledger ledger").exits(0);

    // Salts are fresh at every publication.
    work.run("publish --dir ledger").exits(0);
    let leaves = |n: u32| fs::read(public.join(format!("publications/00000{n}/0-0.leaves.json"))).unwrap();
    assert_ne!(leaves(1), leaves(2));
}

#[test]
fn an_interrupted_epoch_begins_anew_with_other_inputs() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    work.commit_scores(1).exits(0);
    let jobs = work.path("ledger/private/jobs/epoch-1");
    kill_when(start(&work, &work.prove_line(1)), &jobs.join("public/0-0.proof"), "-KILL");
    let ran = work.run("prove --dir ledger --epoch 1 --scores posted-1 --revenue 5").exits(0);
    assert!(ran.err.contains("an interrupted run of other inputs was discarded"), "{}", ran.err);
    assert!(!ran.err.contains("verified again"), "{}", ran.err);
    work.verify("ledger ledger").exits(0);
}

#[test]
fn enrolment_goes_on_after_a_kill() {
    let work = Work::new("bn254", RECORDS, 1);
    work.commit_dataset().exits(0);
    work.init().exits(0);
    let enroll = "ledger enroll --dir ledger --dataset dataset";
    let jobs = work.path("ledger/private/jobs/enroll-1");
    kill_when(start(&work, enroll), &jobs.join("public/segment-1.proof"), "-KILL");
    let ran = work.run(enroll).exits(0);
    assert_eq!(ran.err.matches("verified again").count(), 2, "{}", ran.err);
    work.epoch(1);
    work.run("publish --dir ledger").exits(0);
    work.verify("ledger ledger").exits(0);
}

/// A crash between the steps of a commit: each is simulated by the state that it leaves.
#[test]
fn a_crash_between_the_steps_of_a_commit() {
    let work = Work::enrolled("bn254", 12, 2);
    work.commit_scores(1).exits(0);
    let ledger = work.path("ledger");
    // Balances are in place, the epoch is not.
    fs::create_dir_all(ledger.join("private/balances/000001")).unwrap();
    fs::copy(work.path("posted-1/opening/0-0.bin"), ledger.join("private/balances/000001/0-0.bin")).unwrap();
    work.run(&work.prove_line(1)).exits(0);
    // The epoch is there, its job and the balances of the epoch before were not removed yet.
    fs::create_dir_all(ledger.join("private/jobs/epoch-1/public")).unwrap();
    work.epoch(2);
    fs::create_dir_all(ledger.join("private/balances/000001")).unwrap();
    fs::create_dir_all(ledger.join("private/jobs/epoch-2/public")).unwrap();
    // So is an enrolment, whose job still has its secrets.
    fs::create_dir_all(ledger.join("private/jobs/enroll-1/secrets")).unwrap();
    work.run("publish --dir ledger").exits(0);
    assert!(!ledger.join("private/jobs/epoch-1").exists());
    assert!(!ledger.join("private/jobs/epoch-2").exists());
    assert!(!ledger.join("private/jobs/enroll-1").exists());
    assert!(!ledger.join("private/balances/000001").exists());
    assert!(ledger.join("private/balances/000002").exists());
    work.verify("ledger ledger").exits(0);
}
