//! `apportion export calldata publish`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::{Call, Source};
use clap::Args;

use super::calldata::{Deliver, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The publication's number, from 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    publication: u32,
    #[command(flatten)]
    pub(super) deliver: Deliver,
}

impl Verb for Publish {
    fn calls(&self, _: &dyn Progress) -> Result<Vec<Call>, Error> {
        Ok(Source::open(&self.dir)?.publish(self.publication)?)
    }
}
