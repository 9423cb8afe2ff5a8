//! `apportion dataset`.

use std::path::PathBuf;

use apportion::{Error, actions::dataset, input::read_records};
use apportion_circuits::{field::SuiteId, types::Tier};
use apportion_suite::Suite;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Session, in_suite};

/// Datasets.
#[derive(Debug, Subcommand)]
pub(crate) enum Dataset {
    /// Compute the Merkle roots of a dataset's records.
    Commit(Commit),
}

/// Compute the Merkle roots of a dataset's records.
#[derive(Debug, Args)]
#[command(
    after_help = "records.csv has the header `payee,content`: an address (0x and 40 hex digits) and the digest \
    of what was contributed (0x and 64 hex digits). A row's place is the record's number, from 0.\n\nThe directory \
    holds dataset.json, which is public, and the records, which are not.\n\nExample:\n  apportion dataset commit \
    --records records.csv --out dataset --suite bn254 --tier 1024"
)]
pub(crate) struct Commit {
    /// The records.
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// Where to write the dataset's directory.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The proof system of the ledger that will take the dataset.
    #[arg(long, default_value = "pasta")]
    suite: SuiteId,
    /// Slots per segment: 64, 1024 or 16384.
    #[arg(long, default_value = "1024")]
    tier: Tier,
}

#[derive(Serialize)]
struct Output {
    dataset: String,
    suite: SuiteId,
    tier: Tier,
    records: u64,
    segments: usize,
    id: String,
    roots: Vec<String>,
}

impl Dataset {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            Dataset::Commit(command) => command.run(session),
        }
    }
}

impl Commit {
    fn run(self, session: &Session) -> Result<(), Error> {
        let records = read_records(&self.records)?;
        let committed =
            in_suite!(self.suite, S => dataset::commit::<<S as Suite>::F>(records, self.tier, &self.out))?;
        let path = self.out.join(dataset::DATASET_FILE);
        let output = Output {
            dataset: path.display().to_string(),
            suite: self.suite,
            tier: self.tier,
            records: committed.doc.records,
            segments: committed.doc.roots.len(),
            id: committed.id.to_string(),
            roots: committed.doc.roots.iter().map(ToString::to_string).collect(),
        };
        let text = format!(
            "{}: {} records in {} segments of {}, dataset {}",
            output.dataset, output.records, output.segments, self.tier, output.id
        );
        session.console.result(&output, &text);
        Ok(())
    }
}
