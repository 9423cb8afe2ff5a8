//! `apportion ledger undo`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::undo::{Step, undo},
};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Session, open_ledger};

/// Take the newest step of a kind back.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is deleted: files move to private/undone/. An epoch's proofs may be known to others, so the next proof of \
    that epoch names the attempt. Where the ledger is bound to a contract, never take back what the contract has: \
    the files would say something else than the chain.\n\nExamples:\n  apportion ledger undo epoch --dir ledger\n  apportion \
    ledger undo enrolment --dir ledger"
)]
pub(crate) struct Undo {
    /// What is taken back.
    #[arg(value_enum)]
    what: What,
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The epoch, dataset or policy, to be sure that it is the one that is meant.
    #[arg(long, value_name = "N")]
    number: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The newest epoch.
    Epoch,
    /// The newest enrolment, if no epoch moved it.
    Enrolment,
    /// A retirement that has not begun.
    Retirement,
    /// The newest policy, if no epoch used it.
    Policy,
}

#[derive(Serialize)]
struct Undone {
    undone: String,
    number: u32,
}

impl Undo {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        let step = match self.what {
            What::Epoch => Step::Epoch,
            What::Enrolment => Step::Enrolment,
            What::Retirement => Step::Retirement,
            What::Policy => Step::Policy,
        };
        let undone = undo(&ledger, step, self.number)?;
        let text = format!("{}: taken back, its files are under private/undone", undone.what);
        session.console.result(&Undone { undone: undone.what, number: undone.number }, &text);
        Ok(())
    }
}
