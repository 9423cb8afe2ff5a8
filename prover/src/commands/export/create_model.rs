//! `apportion export calldata createModel`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_circuits::types::Payee;
use apportion_verifier::chain::{Call, Source, Terms, create_model};
use clap::Args;

use super::calldata::{Deliver, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct CreateModel {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Who commits the scores.
    #[arg(long, value_name = "ADDRESS")]
    attributor: Payee,
    /// The token that revenue is paid in.
    #[arg(long, value_name = "ADDRESS")]
    token: Payee,
    /// Seconds from an epoch's opening, or its first revenue, until anyone may close it.
    #[arg(long, value_name = "SECONDS", default_value_t = 30 * 86_400)]
    open_window: u32,
    /// Seconds from an epoch's close until anyone may give it up.
    #[arg(long, value_name = "SECONDS", default_value_t = 14 * 86_400)]
    settle_window: u32,
    #[command(flatten)]
    pub(super) deliver: Deliver,
}

impl Verb for CreateModel {
    fn calls(&self, _: &dyn Progress) -> Result<Vec<Call>, Error> {
        let Self { attributor, token, open_window, settle_window, .. } = *self;
        let terms = Terms { attributor, token, open_window, settle_window };
        Ok(vec![create_model(Source::open(&self.dir)?.ledger(), &terms)?])
    }
}
