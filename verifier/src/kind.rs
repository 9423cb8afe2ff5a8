//! What kind of file something is that was given for another.

use std::path::Path;

use apportion_statement::files::{Document as _, StatementDoc, read_file};

use crate::report::{AuditError, Report};

/// A kind of file that a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A ledger's directory.
    Ledger,
    /// An epoch's.
    Epoch,
    /// A dataset's.
    Dataset,
    /// A `record.json`.
    Record,
    /// A `receipt.json`.
    Receipt,
    /// A `statement.json`.
    Statement,
    /// What age encrypted.
    Encrypted,
    /// A directory of `scores commit`, or the `scores.json` in it.
    Scores,
}

impl Kind {
    /// What a file or directory looks like, told by a few names and members; `None` where it is nothing of ours.
    pub fn of(path: &Path) -> Option<Self> {
        if path.is_dir() {
            let has = |name: &str| path.join(name).exists();
            return match () {
                () if has("ledger.json") || has("public/ledger.json") => Some(Self::Ledger),
                () if has("epoch.json") => Some(Self::Epoch),
                () if has("dataset.json") || has("public/dataset.json") => Some(Self::Dataset),
                () if has("scores.json") => Some(Self::Scores),
                () => None,
            };
        }
        let bytes = read_file(path, StatementDoc::MAX_BYTES).ok()?;
        if bytes.starts_with(b"age-encryption.org/v1\n") {
            return Some(Self::Encrypted);
        }
        let json: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let has = |name: &str| json.get(name).is_some();
        match () {
            () if has("accounts") && has("last_epoch") => Some(Self::Statement),
            () if has("accounts") => Some(Self::Receipt),
            () if has("content") && has("payee") => Some(Self::Record),
            () if has("carried") && has("pool") => Some(Self::Epoch),
            () if has("total_score") && has("root") => Some(Self::Scores),
            () if has("receipt_key") => Some(Self::Ledger),
            () if has("dataset_id") && has("tier") => Some(Self::Dataset),
            () => None,
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Ledger => "this is a ledger: use `apportion-verify ledger`",
            Self::Epoch => "this is an epoch of a ledger: use `apportion-verify epoch`",
            Self::Dataset => "this is a dataset: use `apportion-verify dataset`",
            Self::Record => "this is a record receipt: use `apportion-verify dataset DATASET --record FILE`",
            Self::Receipt => "this is a receipt: use `apportion-verify receipt`",
            Self::Statement => "this is a statement: use `apportion-verify statement`",
            Self::Encrypted => {
                "this file is encrypted with age: its owner opens it with `age -d -i KEY.txt FILE > receipt.json` and checks \
                 what comes out"
            }
            Self::Scores => {
                "these are an attributor's scores: `apportion check` and `apportion prove` take them"
            }
        }
    }
}

/// Says in a report whose input could not be read what the file is, where it is of another kind than the one expected.
pub fn explain(report: &mut Report, path: &Path, expected: Kind) {
    if !matches!(report.error, Some(AuditError::Input(_))) {
        return;
    }
    report.hint = Kind::of(path).filter(|found| *found != expected).map(|found| found.advice().to_owned());
}
