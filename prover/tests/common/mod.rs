//! A workspace for tests that use the commands as a user would.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use apportion::sample::{Sample, sample};
use tempfile::TempDir;

pub const SUITES: [&str; 2] = ["pasta", "bn254"];

/// A directory with sample input in it.
pub struct Work {
    dir: TempDir,
    pub suite: &'static str,
    pub sample: Sample,
}

/// What a command did.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test unless the exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Fails the test unless standard output has this text.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "expected {text:?} in stdout:\n{}", self.out);
        self
    }

    /// Fails the test unless standard error has this text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "expected {text:?} in stderr:\n{}", self.err);
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in:\n{}", self.out))
    }
}

impl Work {
    /// A workspace with a sample of that size.
    pub fn new(suite: &'static str, records: usize, epochs: u32) -> Self {
        let work = Self { dir: tempfile::tempdir().unwrap(), suite, sample: sample(records, epochs) };
        work.write("records.csv", &work.sample.records);
        work.write("policy.toml", &work.sample.policy);
        for (i, scores) in work.sample.scores.iter().enumerate() {
            work.write(&format!("scores-{}.csv", i + 1), scores);
        }
        work
    }

    /// A workspace with a ledger in which the sample's dataset is enrolled.
    pub fn enrolled(suite: &'static str, records: usize, epochs: u32) -> Self {
        let work = Self::new(suite, records, epochs);
        work.proven_dataset("records.csv", "dataset", 64);
        work.init().exits(0);
        work.enroll("dataset").exits(0);
        work
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The command `apportion`, not started yet.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apportion"));
        command.args(line.split_whitespace()).current_dir(self.dir.path()).env("APPORTION_PARAMS", params());
        command
    }

    /// Runs `apportion`.
    pub fn run(&self, line: &str) -> Ran {
        Ran::of(self.command(line).output().unwrap())
    }

    /// Runs `apportion`, which may have done its work already in an earlier run.
    pub fn run_or_done(&self, line: &str) {
        let ran = self.run(line);
        assert!(ran.code == 0 || ran.err.contains("is proven already"), "{}", ran.err);
    }

    /// The command `apportion-verify`, not started yet.
    pub fn verify_command(&self, line: &str) -> Command {
        let mut command = Command::new(verifier());
        command.args(line.split_whitespace()).current_dir(self.dir.path());
        command.arg("--params").arg(params());
        command
    }

    /// Runs `apportion-verify`; the tests' bn254 setup is the insecure one.
    pub fn verify(&self, line: &str) -> Ran {
        let mut command = self.verify_command(line);
        if self.suite == "bn254" {
            command.arg("--allow-insecure-params");
        }
        Ran::of(command.output().unwrap())
    }

    /// The option that names the tests' bn254 setup, whose secret is public.
    pub fn dev(&self) -> &'static str {
        if self.suite == "bn254" { " --insecure-dev" } else { "" }
    }

    pub fn commit_dataset(&self) -> Ran {
        self.commit_as("records.csv", "dataset", 64)
    }

    pub fn commit_as(&self, records: &str, out: &str, tier: usize) -> Ran {
        let (suite, dev) = (self.suite, self.dev());
        self.run(&format!(
            "dataset commit --records {records} --out {out} --suite {suite} --tier {tier}{dev}"
        ))
    }

    /// Commits a dataset and proves its columns.
    pub fn proven_dataset(&self, records: &str, out: &str, tier: usize) {
        self.commit_as(records, out, tier).exits(0);
        self.run(&format!("dataset prove --dir {out}")).exits(0);
    }

    pub fn init(&self) -> Ran {
        let (suite, dev) = (self.suite, self.dev());
        self.run(&format!("ledger init --dir ledger --suite {suite} --model m --policy policy.toml{dev}"))
    }

    pub fn enroll(&self, dataset: &str) -> Ran {
        self.run(&format!("ledger enroll --dir ledger --dataset {dataset}"))
    }

    pub fn commit_scores(&self, epoch: u32) -> Ran {
        self.commit_scores_as(&format!("scores-{epoch}.csv"), epoch, &format!("posted-{epoch}"))
    }

    /// Commits to scores; `files` are the values of `--scores`, separated by blanks.
    pub fn commit_scores_as(&self, files: &str, epoch: u32, out: &str) -> Ran {
        let files: String = files.split_whitespace().map(|file| format!(" --scores {file}")).collect();
        self.run(&format!(
            "scores commit --dir ledger{files} --epoch {epoch} --seed attributor.seed --out {out}"
        ))
    }

    pub fn revenue(&self, epoch: u32) -> u128 {
        self.sample.revenue[epoch as usize - 1]
    }

    pub fn prove_line(&self, epoch: u32) -> String {
        format!(
            "prove --dir ledger --epoch {epoch} --scores posted-{epoch} --revenue {}",
            self.revenue(epoch)
        )
    }

    /// Commits to the scores of an epoch and proves it.
    pub fn epoch(&self, epoch: u32) -> Ran {
        self.commit_scores(epoch).exits(0);
        self.run(&self.prove_line(epoch)).exits(0)
    }

    /// Every file of the ledger but its lock and the list of backups, with its content.
    pub fn ledger_files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        ledger_files(&self.path("ledger"))
    }

    /// The payee of a record of the sample.
    pub fn payee(&self, record: usize) -> String {
        self.sample.records.lines().nth(record + 1).unwrap()[..42].to_owned()
    }

    /// What `receipt --all` says of every payee: the balance of each of the payee's accounts, by dataset id,
    /// segment and slot.
    pub fn balances(&self) -> BTreeMap<(String, u64, u64), u128> {
        let out = self.path("all-receipts");
        let _ = fs::remove_dir_all(&out);
        self.run("receipt --dir ledger --all --out all-receipts -q").exits(0);
        let mut found = BTreeMap::new();
        for (name, bytes) in files(&out) {
            let receipt: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let expected = format!("{}.json", receipt["payee"].as_str().unwrap().to_lowercase());
            assert_eq!(name.to_str().unwrap(), expected, "file names are in lower case");
            for account in receipt["accounts"].as_array().unwrap() {
                let key = (
                    account["dataset"].as_str().unwrap().to_owned(),
                    account["segment"].as_u64().unwrap(),
                    account["index"].as_u64().unwrap(),
                );
                let balance = account["cumulative"].as_str().unwrap().parse().unwrap();
                assert_eq!(found.insert(key, balance), None, "one account stands in two receipts");
            }
        }
        found
    }
}

/// What a script of the reference model in Python prints, given standard input; nothing where Python is not there.
pub fn reference_model(script: &str, work: &Work, args: &[String], input: &str) -> Option<serde_json::Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../circuits/tests/vectors").join(script);
    let mut python = Command::new("python3");
    python.arg(&script).args(args).current_dir(work.path(""));
    python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Some(mut child) = script.exists().then(|| python.spawn().ok()).flatten() else {
        println!("skipped: python3 or the reference model is not there");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap()).exits(0);
    Some(ran.json())
}

/// Every file of a ledger directory but its lock and the list of backups, with its content.
pub fn ledger_files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files(dir);
    files.remove(Path::new("private/lock"));
    files.remove(Path::new("private/backups"));
    files
}

/// Every file below a directory, with its content.
pub fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn walk(root: &Path, dir: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                files.insert(path.strip_prefix(root).unwrap().into(), fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(dir, dir, &mut found);
    found
}

/// Copies a directory.
pub fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Parameters that all tests share.
fn params() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("params")
}

/// `apportion-verify`: another package's binary. `cargo test --workspace` has built it; for tests of this package
/// alone it is built here, once.
fn verifier() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let dir = Path::new(env!("CARGO_BIN_EXE_apportion")).parent().unwrap();
        let path = dir.join(format!("apportion-verify{}", std::env::consts::EXE_SUFFIX));
        if !path.exists() {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--quiet", "--workspace", "--bin", "apportion-verify"]);
            if !cfg!(debug_assertions) {
                build.arg("--release");
            }
            build.arg("--target-dir").arg(dir.parent().unwrap());
            assert!(build.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success());
        }
        path
    })
}
