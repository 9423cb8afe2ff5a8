//! The command line. Logic lives in the library: a command parses, calls and prints.

mod completions;
mod dataset;
mod epoch;
mod ledger;
mod man;
#[cfg(feature = "rpc")]
mod on_chain;
mod print;
mod receipt;
mod statement;

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
};

use apportion_verifier::{
    audit::Options,
    report::{Exit, Report},
};
use clap::{Args, Parser, Subcommand};

const AFTER_HELP: &str = "\
Exit codes:
  0  valid: every check holds (the verdict begins with VALID only then)
  1  a proof or claim is invalid
  2  the command line is wrong
  3  a file is unreadable or malformed
  4  not checkable: another version, other parameters, another key, a setup whose secret is public, code that is not
     known, a node that does not answer, or a receipt or statement with nothing to compare it with

Verdicts:
  VALID                      every check holds
  INVALID                    a check does not hold; the first one is named
  CONSISTENT, NOT CONFIRMED  a receipt or statement agrees with itself, and neither a ledger nor a chain was given
  NOT CHECKABLE              nothing can be said

Examples:
  apportion-verify ledger ledger
  apportion-verify receipt receipt.json --ledger ledger

No secrets, and no network but for the node that --rpc names. Suite pasta is checked from source alone; suite bn254 rests on its setup.";

/// Audits the payout ledger of a model: are all proofs valid, do they prove what the ledger states, do the
/// amounts follow from revenue and policy?
#[derive(Debug, Parser)]
#[command(name = "apportion-verify", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Audit a ledger's whole history.
    Ledger(ledger::Ledger),
    /// Audit one epoch of a ledger; enrolments and other epochs are taken as stated.
    Epoch(epoch::Epoch),
    /// Audit a dataset, and whether an upload is in it.
    Dataset(dataset::Dataset),
    /// Audit a contributor's receipt, alone or against a ledger.
    Receipt(receipt::Receipt),
    /// Audit how a contributor's amounts came about, alone or against a ledger.
    Statement(statement::Statement),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
    /// Print the manual, or write a page for every command.
    Man(man::Man),
}

/// What every audit takes.
#[derive(Debug, Args)]
struct Common {
    /// Print everything that was found as one JSON object on stdout.
    #[arg(long)]
    json: bool,
    /// Print the verdict and what failed, nothing else: no progress, subject or notes. What failed is never left out.
    #[arg(short, long)]
    quiet: bool,
    /// Your own parameters: a parameter file, or a directory of them. Pasta: saves deriving them. Bn254: see
    /// --rederive-keys.
    #[arg(long, value_name = "FILE|DIR")]
    params: Option<PathBuf>,
    /// Derive bn254's verifying keys from --params instead of trusting the digests that this program pins.
    #[arg(long)]
    rederive_keys: bool,
    /// Go on where the setup's secret is public. The verdict then proves nothing.
    #[arg(long)]
    allow_insecure_params: bool,
    /// Threads to verify with; all by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl Cli {
    /// Runs the command.
    pub(crate) fn run(self) -> Exit {
        match self.command {
            Command::Ledger(command) => command.run(),
            Command::Epoch(command) => command.run(),
            Command::Dataset(command) => command.run(),
            Command::Receipt(command) => command.run(),
            Command::Statement(command) => command.run(),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

impl Common {
    /// Runs an audit and prints what it found.
    fn audit(&self, audit: impl FnOnce(&Options) -> Report) -> Exit {
        if let Some(threads) = self.threads {
            // Fails only where the pool exists already, and it is first used below.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
        }
        let watched = !self.json && !self.quiet && io::stderr().is_terminal();
        let options = Options {
            params: self.params.clone(),
            rederive_keys: self.rederive_keys,
            allow_insecure_params: self.allow_insecure_params,
            progress: watched.then_some(|text| eprintln!("{text} ..")),
        };
        let report = audit(&options);
        print::report(&report, self.json, self.quiet)
    }
}
