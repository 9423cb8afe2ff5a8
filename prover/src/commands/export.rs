//! `apportion export`.

mod calldata;
mod code_hashes;
mod verifier;

use std::path::Path;

use apportion::{
    Error,
    ledger::files::{self, Access},
};
use clap::Subcommand;

use super::Session;

/// What a chain needs.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// A verifier contract in Solidity.
    Verifier(verifier::Verifier),
    /// The calldata of a transaction, for `cast send` and the like.
    #[command(subcommand, after_help = calldata::AFTER_HELP)]
    Calldata(calldata::Calldata),
    /// Transactions for the Transaction Builder of a Safe.
    #[command(subcommand, after_help = calldata::SAFE_HELP)]
    Safe(calldata::Safe),
    /// The digests of the code that contracts have, for an auditor.
    CodeHashes(code_hashes::CodeHashes),
}

impl Export {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            Export::Verifier(command) => command.run(session),
            Export::Calldata(command) => calldata::run(&command, session),
            Export::Safe(command) => calldata::run_safe(&command, session),
            Export::CodeHashes(command) => command.run(session),
        }
    }
}

/// Writes what is exported over nothing, or over an older file of the same kind, which `is_ours` tells by its bytes.
pub(super) fn write(path: &Path, text: String, is_ours: impl Fn(&[u8]) -> bool) -> Result<(), Error> {
    Ok(files::write_over(path, "older file of this command", is_ours, text.as_bytes(), Access::Public)?)
}
