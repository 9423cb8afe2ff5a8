//! `apportion demo`.

use apportion::Error;
use clap::Args;

use super::Session;

/// Show the whole life of a ledger on generated data.
#[derive(Debug, Args)]
pub(crate) struct Demo {}

impl Demo {
    pub(crate) fn run(self, _: &Session) -> Result<(), Error> {
        Ok(())
    }
}
