//! `apportion export`.

mod verifier;

use std::{fs, path::Path};

use apportion::{Error, ledger::LedgerError};
use clap::Subcommand;

use super::Session;

/// What a chain needs.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// A verifier contract in Solidity.
    Verifier(verifier::Verifier),
}

impl Export {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            Export::Verifier(command) => command.run(session),
        }
    }
}

fn write(path: &Path, text: String) -> Result<(), Error> {
    fs::write(path, text)
        .map_err(|source| LedgerError::Io { action: "write", path: path.to_owned(), source }.into())
}
