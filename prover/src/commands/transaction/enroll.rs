//! The transaction `enroll`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::Source;
use clap::Args;

use super::{Batch, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Enroll {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The dataset's number in the ledger.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    dataset: u32,
    /// 0 for the enrolment, or the number of a renewal.
    #[arg(long, value_name = "N", default_value_t = 0)]
    renewal: u32,
}

impl Verb for Enroll {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let source = Source::open(&self.dir)?;
        let calls = source.enroll(self.dataset, self.renewal)?;
        Ok(Batch { renewal: self.renewal, ..Batch::of(&source, calls) })
    }
}
