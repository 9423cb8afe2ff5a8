//! Commands that are killed, and what is there when they are given again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]
#![cfg(unix)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use common::Work;

/// Four segments.
const RECORDS: usize = 200;

/// Kills at random points: few by default, more with `APPORTION_TEST_KILLS`.
fn kills() -> u32 {
    std::env::var("APPORTION_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(4)
}

/// Starts a command, one segment at a time.
fn start(work: &Work, line: &str) -> Child {
    let mut command = work.command(&format!("{line} --threads 1 --quiet"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn signal(child: &Child, signal: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

/// Waits for a file, then sends a signal and waits for the end.
fn kill_when(mut child: Child, file: &Path, with: &str) {
    let start = Instant::now();
    while !file.exists() {
        assert!(child.try_wait().unwrap().is_none(), "ended before {} was there", file.display());
        assert!(start.elapsed() < Duration::from_secs(300), "{} never appeared", file.display());
        sleep(Duration::from_millis(5));
    }
    signal(&child, with);
    assert!(!child.wait().unwrap().success());
}

/// Kills a command again and again at random points of the time that a whole run takes, until it has ended by itself.
/// Returns how many kills hit.
fn kill_at_random(work: &Work, line: &str, whole: Duration, check: impl Fn()) -> u32 {
    let mut hits = 0;
    for kill in 0..kills() {
        let mut child = start(work, line);
        // Spread over the run and a little beyond, differently for every kill.
        let part = (u64::from(kill) * 7919 + u64::from(std::process::id())) % 1_100;
        sleep(whole.mul_f64(part as f64 / 1_000.0));
        if child.try_wait().unwrap().is_some() {
            break;
        }
        signal(&child, "-KILL");
        // It may have ended between the two.
        hits += u32::from(!child.wait().unwrap().success());
        check();
    }
    hits
}

#[test]
fn prove_goes_on_after_a_kill() {
    let work = Work::enrolled("pasta", RECORDS, 2);
    work.commit_scores(1).exits(0);
    let prove = work.prove_line(1);
    let jobs = work.path("ledger/private/jobs/epoch-1");
    let public = work.path("ledger/public");
    let before = common::files(&public);

    // Killed before the first proof, then interrupted and killed after a proof.
    kill_when(start(&work, &prove), &jobs.join("inputs"), "-KILL");
    assert_eq!(common::files(&public), before);
    kill_when(start(&work, &prove), &jobs.join("public/0-0.proof"), "-INT");
    assert_eq!(common::files(&public), before);
    let proof = fs::read(jobs.join("public/0-0.proof")).unwrap();
    kill_when(start(&work, &prove), &jobs.join("public/0-1.proof"), "-KILL");
    work.verify("ledger ledger").exits(0);

    // One finished proof is damaged meanwhile, a temporary file was left.
    let damaged = jobs.join("public/0-1.proof");
    let good = fs::read(&damaged).unwrap();
    let mut bytes = good.clone();
    bytes[200] ^= 1;
    fs::write(&damaged, &bytes).unwrap();
    fs::write(jobs.join("public/.tmp-x"), "half").unwrap();

    let ran = work.run(&prove).exits(0);
    assert!(ran.err.contains("an interrupted run of the same inputs goes on"), "{}", ran.err);
    assert!(ran.err.contains("segment 0: proof of the interrupted run verified again"), "{}", ran.err);
    assert!(ran.err.contains("segment 1: the interrupted run's proof does not verify"), "{}", ran.err);
    assert_eq!(fs::read(public.join("epochs/000001/0-0.proof")).unwrap(), proof);
    let again = fs::read(public.join("epochs/000001/0-1.proof")).unwrap();
    assert_eq!(again, good, "a proof made again is the same proof");
    assert!(!jobs.exists());
    assert!(!public.join("epochs/000001/.tmp-x").exists());
    // The next epoch links to it.
    work.epoch(2);
    work.verify("ledger ledger").exits(0);
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

/// Killed at random points, and given again until it is done, every command leaves what one whole run leaves.
#[test]
fn kills_at_random_points_leave_no_trace() {
    let whole = Work::enrolled("pasta", RECORDS, 1);
    let work = Work::new("pasta", RECORDS, 1);
    // The same seeds, so that everything can be compared.
    for name in ["dataset/private/seed", "ledger/private/seed"] {
        work.write(&name.replace('/', "-"), fs::read(whole.path(name)).unwrap());
    }
    let line = "dataset commit --records records.csv --out dataset --suite pasta --tier 64";
    work.run(&format!("{line} --seed dataset-private-seed")).exits(0);
    let prove = "dataset prove --dir dataset";
    let seconds = timed(|| drop(start(&whole, "dataset prove --dir dataset").wait()));
    let mut hits = kill_at_random(&work, prove, seconds.max(Duration::from_secs(3)), || {
        let ran = work.verify("dataset dataset");
        // Not proven yet, or proven: never wrong.
        assert!(ran.code == 0 || ran.code == 4, "{}", ran.out);
    });
    work.run(prove).exits(0);
    assert_eq!(common::files(&work.path("dataset/public")), common::files(&whole.path("dataset/public")));

    let line = "ledger init --dir ledger --suite pasta --model m --policy policy.toml";
    work.run(&format!("{line} --seed ledger-private-seed")).exits(0);
    work.enroll("dataset").exits(0);
    work.run(
        "scores commit --dir ledger --scores scores-1.csv --epoch 1 --seed attributor.seed --out posted-1",
    )
    .exits(0);
    common::copy(&work.path("posted-1"), &whole.path("posted-1"));
    let prove = work.prove_line(1);
    let seconds = timed(|| drop(start(&whole, &prove).wait()));
    hits += kill_at_random(&work, &prove, seconds, || drop(work.verify("ledger ledger").exits(0)));
    work.run_or_done(&prove);
    assert!(work.ledger_files() == whole.ledger_files(), "the ledger is what one whole run makes");

    let all = "receipt --dir ledger --all --out receipts";
    let seconds = timed(|| drop(start(&whole, all).wait()));
    hits += kill_at_random(&work, all, seconds, || {
        let there = work.path("receipts").exists();
        assert!(!there || common::files(&work.path("receipts")).len() == RECORDS - 1, "all of it or nothing");
    });
    work.run(all).exits(0);
    assert!(common::files(&work.path("receipts")) == common::files(&whole.path("receipts")));
    assert!(!work.path(".receipts.unfinished").exists());
    assert!(hits > 0, "no kill hit anything");
}

/// Temporary entries of a directory.
fn temporary(work: &Work) -> Vec<PathBuf> {
    let entries = fs::read_dir(work.path("")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(".tmp-")).collect()
}

/// Starts a command and sends it a signal as soon as its directory is in the making; `None` if it was too fast.
fn signal_in_the_making(work: &Work, line: &str, with: &str) -> Option<Child> {
    let before = temporary(work);
    let mut child = start(work, line);
    while temporary(work).iter().all(|path| before.contains(path)) {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
    }
    signal(&child, with);
    Some(child)
}

/// A kill leaves a directory in the making, with a seed and records in it, beside its place. The next command that writes there
/// removes it, and nothing that a living command is making.
#[test]
fn what_a_kill_leaves_in_the_making_is_removed_by_the_next_command() {
    let work = Work::new("pasta", 10_000, 0);
    let commit =
        |out: &str| format!("dataset commit --records records.csv --out {out} --suite pasta --tier 64");
    let killed = |out: &str| {
        for _ in 0..20 {
            if let Some(mut child) = signal_in_the_making(&work, &commit(out), "-KILL") {
                child.wait().unwrap();
            }
            if !work.path(out).exists() {
                return;
            }
            fs::remove_dir_all(work.path(out)).unwrap();
        }
        panic!("no kill was in time");
    };
    killed("dataset");
    assert_eq!(temporary(&work).len(), 1, "a kill leaves what was in the making");
    fs::write(work.path(".tmp-other"), "not ours").unwrap();

    // One that was stopped is at work still: what it makes stays, and what the killed one left goes.
    let mut stopped = signal_in_the_making(&work, &commit("stopped"), "-STOP").expect("too fast");
    let made: Vec<_> = temporary(&work).into_iter().filter(|path| path.is_dir()).collect();
    assert_eq!(made.len(), 1, "the one of the stopped command: {made:?}");
    work.run(&commit("dataset")).exits(0);
    assert!(made[0].exists(), "what a living command makes is nobody else's");
    signal(&stopped, "-CONT");
    assert!(stopped.wait().unwrap().success());
    assert!(work.path("stopped/licence").exists());
    assert_eq!(temporary(&work), [work.path(".tmp-other")]);

    // A command that writes one file does the same.
    killed("other");
    assert_eq!(temporary(&work).len(), 2);
    work.run("dataset receipt --dir dataset --record 7 --out record.json").exits(0);
    assert_eq!(temporary(&work), [work.path(".tmp-other")]);
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

#[test]
fn receipts_go_on_after_a_kill() {
    let work = Work::enrolled("bn254", RECORDS, 1);
    work.epoch(1);
    let line = "receipt --dir ledger --all --out receipts";
    let unfinished = work.path(".receipts.unfinished");
    kill_when(start(&work, line), &unfinished.join("openings/0-1.bin"), "-KILL");
    assert!(!work.path("receipts").exists());
    let ran = work.run(line).exits(0);
    assert!(
        ran.err.contains("segment 0: 62 accounts openings of the interrupted run checked again"),
        "{}",
        ran.err
    );
    work.verify(&format!("receipt receipts/{}.json --ledger ledger", work.payee(0))).exits(0);
    assert!(!unfinished.exists());
}

/// A crash between the steps of a commit: each is simulated by the state that it leaves.
#[test]
fn a_crash_between_the_steps_of_a_commit() {
    let work = Work::enrolled("bn254", 12, 2);
    work.commit_scores(1).exits(0);
    let ledger = work.path("ledger");
    // Balances and openings are in place, the epoch is not: garbage there is written again.
    for dir in ["balances", "scores"] {
        let dir = ledger.join(format!("private/{dir}/000001"));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("0-0.bin"), "half").unwrap();
    }
    work.run(&work.prove_line(1)).exits(0);
    // The epoch is there, its job was not removed yet.
    fs::create_dir_all(ledger.join("private/jobs/epoch-1/public")).unwrap();
    work.epoch(2);
    fs::create_dir_all(ledger.join("private/jobs/epoch-2/public")).unwrap();
    work.run("ledger undo epoch --dir ledger").exits(0);
    assert!(!ledger.join("private/jobs/epoch-1").exists());
    // An undo that stopped after its copies: the next one takes another place.
    fs::create_dir_all(ledger.join("private/undone/epoch-000002-2/balances")).unwrap();
    work.run(&work.prove_line(2)).exits(0);
    work.run("ledger undo epoch --dir ledger").exits(0);
    assert!(ledger.join("private/undone/epoch-000002-3/epoch/epoch.json").exists());
    work.verify("ledger ledger").exits(0);
}
