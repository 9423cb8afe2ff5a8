//! The transaction `deposit`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::{Source, deposit};
use clap::Args;

use super::{Batch, Verb};
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
}

impl Verb for Deposit {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let source = Source::open(&self.dir)?;
        let call = deposit(source.ledger(), self.amount)?;
        Ok(Batch::of(&source, vec![call]))
    }
}
