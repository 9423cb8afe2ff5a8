//! A workspace for tests that use the commands as a user would.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
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
        work.commit_dataset().exits(0);
        work.init().exits(0);
        work.run("ledger enroll --dir ledger --dataset dataset").exits(0);
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

    pub fn commit_dataset(&self) -> Ran {
        let suite = self.suite;
        self.run(&format!("dataset commit --records records.csv --out dataset --suite {suite} --tier 64"))
    }

    pub fn init(&self) -> Ran {
        let dev = if self.suite == "bn254" { " --insecure-dev" } else { "" };
        let suite = self.suite;
        self.run(&format!(
            "ledger init --dir ledger --suite {suite} --tier 64 --model m --policy policy.toml{dev}"
        ))
    }

    pub fn commit_scores(&self, epoch: u32) -> Ran {
        self.run(&format!(
            "scores commit --dir ledger --scores scores-{epoch}.csv --epoch {epoch} --out posted-{epoch}"
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

    /// Every file of the ledger but its lock, with its content.
    pub fn ledger_files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = files(&self.path("ledger"));
        files.remove(Path::new("private/lock"));
        files
    }
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
