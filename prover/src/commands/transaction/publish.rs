//! The transaction `publish`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::Source;
use clap::Args;

use super::{Batch, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The publication's number, from 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    publication: u32,
}

impl Verb for Publish {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let source = Source::open(&self.dir)?;
        let calls = source.publish(self.publication)?;
        Ok(Batch::of(&source, calls))
    }
}
