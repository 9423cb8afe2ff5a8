//! The transaction `claim`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::{
    bundle::{Document, ReceiptDoc},
    chain::claim,
};
use clap::Args;

use super::{Batch, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// The receipt.
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
}

impl Verb for Claim {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let receipt = ReceiptDoc::read(&self.receipt)?;
        Ok(Batch { chain_id: receipt.chain_id, renewal: 0, calls: vec![claim(&receipt)?] })
    }
}
