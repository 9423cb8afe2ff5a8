//! `apportion export calldata closeEpoch`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::{Call, Source, close_epoch};
use clap::Args;

use super::calldata::{Deliver, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct CloseEpoch {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
    #[command(flatten)]
    pub(super) deliver: Deliver,
}

impl Verb for CloseEpoch {
    fn calls(&self, _: &dyn Progress) -> Result<Vec<Call>, Error> {
        Ok(vec![close_epoch(Source::open(&self.dir)?.ledger(), self.epoch)?])
    }
}
