//! The transaction `withdraw`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_circuits::types::Payee;
use apportion_verifier::chain::{Source, withdraw};
use clap::Args;

use super::{Batch, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Withdraw {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The beneficiary.
    #[arg(long, value_name = "ADDRESS")]
    account: Payee,
}

impl Verb for Withdraw {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let source = Source::open(&self.dir)?;
        let call = withdraw(source.ledger(), self.account)?;
        Ok(Batch::of(&source, vec![call]))
    }
}
