//! `apportion ledger undo` and `ledger abandon`: epochs that a contract did not settle.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::{epoch, scores::Posted},
};
use clap::Args;
use serde::Serialize;

use super::{Session, amount, open_ledger};

/// Take back the newest epoch.
#[derive(Debug, Args)]
#[command(
    after_help = "For a ledger that is bound to a contract, where the newest epoch was proven with another revenue or \
    other scores than the contract has, or where the contract gave it up. Its files move to private/undone/, and \
    the epoch can be proven again or abandoned. Never take back an epoch of which the contract has settled a \
    segment, unless the contract gave it up; where that happened, move private/undone/N back to public/epochs/ and \
    N.balances to private/balances/, each under the name that it had.\n\nExample:\n  apportion ledger undo --dir ledger --epoch 3"
)]
pub(crate) struct Undo {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The newest epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
}

/// Record that the contract gave the next epoch up.
#[derive(Debug, Args)]
#[command(
    after_help = "The contract's `abandonEpoch` gives an epoch up that was not settled in time; whoever sent it, the \
    files must say the same. The revenue is what the contract's EpochClosed event says.\n\nExample:\n  apportion \
    ledger abandon --dir ledger --epoch 3 --scores scores-3 --revenue 1000000"
)]
pub(crate) struct Abandon {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The next epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
    /// The directory with the scores.json that was committed for the epoch.
    #[arg(long, value_name = "DIR")]
    scores: PathBuf,
    /// The epoch's revenue, in the token's base units.
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    revenue: u128,
}

#[derive(Serialize)]
struct Undone {
    epoch: u32,
}

impl Undo {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        epoch::undo(&ledger, self.epoch)?;
        let text = format!("epoch {}: taken back, its files are under private/undone", self.epoch);
        session.console.result(&Undone { epoch: self.epoch }, &text);
        Ok(())
    }
}

impl Abandon {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        epoch::Plan::check_order(&ledger.state, self.epoch)?;
        let posted = Posted::read(&self.scores, &ledger.state, self.epoch)?;
        let doc = epoch::abandon(&ledger, self.epoch, &posted, self.revenue)?;
        let text = format!("epoch {}: abandoned, the pool of {} is carried", doc.epoch, doc.pool);
        session.console.result(&doc, &text);
        Ok(())
    }
}
