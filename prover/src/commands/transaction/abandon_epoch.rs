//! The transaction `abandonEpoch`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::{Source, abandon_epoch};
use clap::Args;

use super::{Batch, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct AbandonEpoch {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
}

impl Verb for AbandonEpoch {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let source = Source::open(&self.dir)?;
        let call = abandon_epoch(source.ledger(), self.epoch)?;
        Ok(Batch::of(&source, vec![call]))
    }
}
