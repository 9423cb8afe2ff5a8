//! `apportion export calldata withdraw`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_circuits::types::Payee;
use apportion_verifier::chain::{Call, Source, withdraw};
use clap::Args;

use super::calldata::{Deliver, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Withdraw {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The beneficiary.
    #[arg(long, value_name = "ADDRESS")]
    account: Payee,
    #[command(flatten)]
    pub(super) deliver: Deliver,
}

impl Verb for Withdraw {
    fn calls(&self, _: &dyn Progress) -> Result<Vec<Call>, Error> {
        Ok(vec![withdraw(Source::open(&self.dir)?.ledger(), self.account)?])
    }
}
