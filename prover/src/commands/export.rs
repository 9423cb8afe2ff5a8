//! `apportion export`.

mod calldata;
mod claim;
mod close_epoch;
mod commit_scores;
mod create_model;
mod deposit;
mod enroll;
mod publish;
mod register;
mod settle;
mod verifier;
mod withdraw;

use apportion::Error;
use clap::Subcommand;

use super::Session;

/// What a chain needs.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// A verifier contract in Solidity.
    Verifier(verifier::Verifier),
    /// The calldata of a transaction, made of the files that the commands before it wrote.
    #[command(subcommand)]
    Calldata(calldata::Calldata),
}

impl Export {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            Export::Verifier(command) => command.run(session),
            Export::Calldata(command) => command.run(session),
        }
    }
}
