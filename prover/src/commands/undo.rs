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
    after_help = "Nothing is deleted: files move to private/undone/. The next epoch to be proven counts as open: policies and \
    retirements that begin with it stay. An epoch's proofs may be known to others, so the next proof of \
    that epoch names the attempt. Where the ledger is bound to a contract, never take back what the contract has: \
    the files would say something else than the chain.\n\nExamples:\n  apportion ledger undo epoch --dir ledger\n  apportion \
    ledger undo enrolment --dir ledger --number 1\n  apportion ledger undo revision --dir ledger --number 0"
)]
pub(crate) struct Undo {
    /// What is taken back.
    #[arg(value_enum)]
    what: What,
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The number of the epoch, dataset or policy: needed where it is not clear which one is meant.
    #[arg(long, value_name = "N", value_parser = super::from_zero, allow_negative_numbers = true)]
    number: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The newest epoch.
    Epoch,
    /// The newest enrolment, if no epoch moved it, with all of its revisions.
    Enrolment,
    /// The newest revision of a dataset, if no epoch used it.
    Revision,
    /// A retirement from an epoch that is not open yet.
    Retirement,
    /// The newest policy, if its first epoch is not open yet.
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
            What::Revision => Step::Revision,
            What::Retirement => Step::Retirement,
            What::Policy => Step::Policy,
        };
        let undone = undo(&ledger, step, self.number)?;
        let text = format!("{}: taken back, its files are under private/undone", undone.what);
        session.console.result(&Undone { undone: undone.what, number: undone.number }, &text);
        Ok(())
    }
}
