//! `apportion export calldata claim`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_verifier::{
    bundle::{Document, ReceiptDoc},
    chain::{Call, claim},
};
use clap::Args;

use super::calldata::{Deliver, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// The receipt.
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    #[command(flatten)]
    pub(super) deliver: Deliver,
}

impl Verb for Claim {
    fn calls(&self, _: &dyn Progress) -> Result<Vec<Call>, Error> {
        Ok(vec![claim(&ReceiptDoc::read(&self.receipt)?)?])
    }
}
