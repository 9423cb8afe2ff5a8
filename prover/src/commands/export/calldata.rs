//! `apportion export calldata`: one verb per transaction of a model's life.

use std::{fmt::Write, path::PathBuf};

use apportion::{Error, ledger::LedgerError, progress::Progress};
use apportion_verifier::chain::Call;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    claim::Claim, close_epoch::CloseEpoch, commit_scores::CommitScores, create_model::CreateModel,
    deposit::Deposit, enroll::Enroll, publish::Publish, register::Register, settle::Settle,
    withdraw::Withdraw,
};
use crate::commands::Session;

/// The transactions, in the order of a model's life.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Each line of the output is the calldata of one transaction; standard error says what it does and where it goes:
  cast send $LEDGER $(apportion export calldata closeEpoch --dir ledger --epoch 1) ...
With --json the output is a list of objects with `what`, `to` and `data`.")]
pub(crate) enum Calldata {
    /// Dataset owner: register a dataset.
    Register(Register),
    /// Developer: create the model.
    #[command(name = "createModel", alias = "create-model")]
    CreateModel(CreateModel),
    /// Developer: enrol a dataset, one transaction per segment.
    Enroll(Enroll),
    /// Attributor: commit the scores of an epoch.
    #[command(name = "commitScores", alias = "commit-scores")]
    CommitScores(CommitScores),
    /// Anyone: bring revenue.
    Deposit(Deposit),
    /// Developer: freeze an epoch's revenue.
    #[command(name = "closeEpoch", alias = "close-epoch")]
    CloseEpoch(CloseEpoch),
    /// Developer: settle a proven epoch, one transaction per segment.
    Settle(Settle),
    /// Developer: publish proven account roots, one transaction per segment.
    Publish(Publish),
    /// Anyone: pay an account what it has earned, by its receipt.
    Claim(Claim),
    /// Anyone: pay a beneficiary its shares.
    Withdraw(Withdraw),
}

/// A transaction that can be made of files.
pub(super) trait Verb {
    /// The calls, in order.
    fn calls(&self, progress: &dyn Progress) -> Result<Vec<Call>, Error>;
}

/// Where the calls go.
#[derive(Debug, Args)]
pub(super) struct Deliver {
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Output {
    what: String,
    to: String,
    data: String,
}

impl Calldata {
    pub(super) fn run(self, session: &Session) -> Result<(), Error> {
        let (verb, deliver): (&dyn Verb, &Deliver) = match &self {
            Calldata::Register(verb) => (verb, &verb.deliver),
            Calldata::CreateModel(verb) => (verb, &verb.deliver),
            Calldata::Enroll(verb) => (verb, &verb.deliver),
            Calldata::CommitScores(verb) => (verb, &verb.deliver),
            Calldata::Deposit(verb) => (verb, &verb.deliver),
            Calldata::CloseEpoch(verb) => (verb, &verb.deliver),
            Calldata::Settle(verb) => (verb, &verb.deliver),
            Calldata::Publish(verb) => (verb, &verb.deliver),
            Calldata::Claim(verb) => (verb, &verb.deliver),
            Calldata::Withdraw(verb) => (verb, &verb.deliver),
        };
        let calls = verb.calls(&session.console)?;
        deliver.deliver(calls, session)
    }
}

impl Deliver {
    fn deliver(&self, calls: Vec<Call>, session: &Session) -> Result<(), Error> {
        let mut text = String::new();
        let mut outputs = Vec::new();
        for Call { what, to, data } in calls {
            session.console.note(&format!("to {to}: {what}"));
            let data = format!("0x{}", hex::encode(data));
            let newline = if text.is_empty() { "" } else { "\n" };
            // Writing to a string does not fail.
            let _ = write!(text, "{newline}{data}");
            outputs.push(Output { what, to: to.to_string(), data });
        }
        let Some(path) = &self.out else {
            session.console.result(&outputs, &text);
            return Ok(());
        };
        let bytes = if session.console.is_json() {
            serde_json::to_string_pretty(&outputs).unwrap_or_default()
        } else {
            text
        };
        std::fs::write(path, bytes + "\n")
            .map_err(|source| LedgerError::Io { action: "write", path: path.clone(), source }.into())
    }
}
