//! `apportion export calldata enroll`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::{Call, Source};
use clap::Args;

use super::calldata::{Deliver, Verb};

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
    #[command(flatten)]
    pub(super) deliver: Deliver,
}

impl Verb for Enroll {
    fn calls(&self, _: &dyn Progress) -> Result<Vec<Call>, Error> {
        Ok(Source::open(&self.dir)?.enroll(self.dataset, self.renewal)?)
    }
}
