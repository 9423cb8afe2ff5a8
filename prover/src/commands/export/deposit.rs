//! `apportion export calldata deposit`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::{Call, Source, deposit};
use clap::Args;

use super::calldata::{Deliver, Verb};
use crate::commands::amount;

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Deposit {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How much, in the token's base units; the ledger contract must be allowed to take it.
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    amount: u128,
    #[command(flatten)]
    pub(super) deliver: Deliver,
}

impl Verb for Deposit {
    fn calls(&self, _: &dyn Progress) -> Result<Vec<Call>, Error> {
        Ok(vec![deposit(Source::open(&self.dir)?.ledger(), self.amount)?])
    }
}
