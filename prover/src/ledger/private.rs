//! Where things are under a ledger's `private/`.

use std::path::{Path, PathBuf};

use apportion_statement::SegmentId;

use super::{LedgerError, LicenceDir, files};

/// A directory of secrets, mode 0700, files 0600.
///
/// ```text
/// seed  lock
/// datasets/<n>/            the licence of an enrolled dataset: see `LicenceDir`
/// scores/<000001>/         the openings of an epoch's posted scores, one file a segment
/// balances/<000001>/       the balances after an epoch, one file a segment that moved
/// undone/                  what was taken back
/// jobs/                    unfinished work
/// backups                  when the last backups were made
/// ```
#[derive(Clone, Debug)]
pub struct PrivateDir {
    root: PathBuf,
}

/// The name of a segment's file in a directory that holds one file a segment: `<dataset>-<segment>.bin`.
pub fn segment_file(id: SegmentId) -> String {
    format!("{}-{}.bin", id.dataset, id.segment)
}

impl PrivateDir {
    /// The directory of that path; it need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Creates the directory.
    pub fn create(&self) -> Result<(), LedgerError> {
        files::create_private_dir(&self.root)
    }

    /// The seed of whoever owns the directory.
    pub fn seed(&self) -> PathBuf {
        self.root.join("seed")
    }

    /// The licence of an enrolled dataset.
    pub fn dataset(&self, dataset: u32) -> LicenceDir {
        LicenceDir::new(self.root.join("datasets").join(dataset.to_string()))
    }

    /// The directory of the balances of all epochs.
    pub fn all_balances(&self) -> PathBuf {
        self.root.join("balances")
    }

    /// The directory of the balances after an epoch.
    pub fn balances(&self, epoch: u32) -> PathBuf {
        self.all_balances().join(six(epoch))
    }

    /// The directory of the openings of all epochs' scores.
    pub fn all_scores(&self) -> PathBuf {
        self.root.join("scores")
    }

    /// The directory of the openings of an epoch's scores.
    pub fn scores(&self, epoch: u32) -> PathBuf {
        self.all_scores().join(six(epoch))
    }

    /// The directory of what was taken back.
    pub fn undone(&self) -> PathBuf {
        self.root.join("undone")
    }

    /// A place for something that is taken back: `undone/<what>-<k>` with the first free `k` from 1.
    pub fn undone_place(&self, what: &str) -> PathBuf {
        let place = |k: u64| self.undone().join(format!("{what}-{k}"));
        (1..).map(place).find(|place| !place.exists()).unwrap_or_else(|| place(0))
    }

    /// The directory of unfinished work.
    pub fn jobs(&self) -> PathBuf {
        self.root.join("jobs")
    }

    /// The file that commands lock.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// A line for every backup: its epoch and when it was made.
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }
}

pub(super) fn six(n: u32) -> String {
    format!("{n:06}")
}
