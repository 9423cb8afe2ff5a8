//! Where things are under `private/`, and how they are read and written.

use std::path::{Path, PathBuf};

use apportion_circuits::types::Word;
use apportion_statement::Context;

use super::{
    LedgerError, Records,
    blob::{self, Blob},
    files,
};

/// One segment of a ledger: dataset and segment, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId {
    /// The dataset's number.
    pub dataset: u32,
    /// The segment's number in it.
    pub segment: u32,
}

impl SegmentId {
    /// The name of this segment's file in a directory of secrets.
    pub fn file_name(self) -> String {
        format!("{}-{}.bin", self.dataset, self.segment)
    }
}

impl std::fmt::Display for SegmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "dataset {}, segment {}", self.dataset, self.segment)
    }
}

/// A directory of secrets, mode 0700, files 0600.
#[derive(Clone, Debug)]
pub struct PrivateDir {
    root: PathBuf,
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

    /// The directory of a dataset.
    pub fn dataset(&self, dataset: u32) -> Self {
        Self::new(self.root.join("datasets").join(dataset.to_string()))
    }

    /// The directory of the balances after an epoch.
    pub fn balances(&self, epoch: u32) -> Self {
        Self::new(self.root.join("balances").join(six(epoch)))
    }

    /// The directory of the balances of all epochs.
    pub fn all_balances(&self) -> PathBuf {
        self.root.join("balances")
    }

    /// The directory of epochs that were taken back, one directory each, numbered from 1.
    pub fn undone(&self) -> PathBuf {
        self.root.join("undone")
    }

    /// The directory of what a publication hides.
    pub fn publication(&self, publication: u32) -> Self {
        Self::new(self.root.join("publications").join(six(publication)))
    }

    /// The directory of unfinished work.
    pub fn jobs(&self) -> PathBuf {
        self.root.join("jobs")
    }

    /// The file that commands lock.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The records of a dataset's directory.
    pub fn records(&self) -> PathBuf {
        self.root.join("records.bin")
    }

    /// The directory of a dataset's payee masks: those of its enrolment (0) or of a renewal.
    pub fn payees(&self, dataset: u32, renewal: u32) -> Self {
        Self::new(self.dataset(dataset).root.join(format!("payees-{}", six(renewal))))
    }

    /// Reads a dataset's records.
    pub fn read_records(&self, dataset_id: Word) -> Result<Records, LedgerError> {
        blob::read(&self.records(), dataset_id)
    }

    /// Writes a dataset's records.
    pub fn write_records(&self, dataset_id: Word, records: &Records) -> Result<(), LedgerError> {
        blob::write(&self.records(), dataset_id, records)
    }

    /// Reads one segment's secret of a directory that holds one file a segment.
    pub(crate) fn read_segment<B: Blob>(&self, id: SegmentId, context: &Context) -> Result<B, LedgerError> {
        blob::read(&self.root.join(id.file_name()), context.to_word())
    }

    /// Writes one segment's secret.
    pub(crate) fn write_segment<B: Blob>(
        &self,
        id: SegmentId,
        context: &Context,
        secret: &B,
    ) -> Result<(), LedgerError> {
        blob::write(&self.root.join(id.file_name()), context.to_word(), secret)
    }
}

fn six(n: u32) -> String {
    format!("{n:06}")
}
