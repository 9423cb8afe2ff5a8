//! The command line. Logic lives in the library: a command parses, calls and prints.

mod backup;
mod check;
mod completions;
mod cost;
mod dataset;
#[cfg(feature = "demo")]
mod demo;
#[cfg(feature = "rpc")]
mod deploy;
mod export;
mod ledger;
mod params;
mod prove;
mod receipt;
mod recover;
mod scores;
#[cfg(feature = "rpc")]
mod send;
mod statement;
mod status;
mod transaction;
mod undo;

use std::path::{Path, PathBuf};

use apportion::{Error, ExitCode, ledger::Ledger};
use apportion_suite::params::ParamsCache;
use clap::{Args, Parser, Subcommand};

use crate::console::Console;

const AFTER_HELP: &str = "\
Exit codes:
  0  done (VALID is printed only then)
  1  a proof or claim is invalid
  2  the command line is wrong, or asks for what makes no sense now
  3  input is unreadable or malformed, or beyond its bounds
  4  not checkable: another version, other parameters, another key

First steps:
  apportion demo
  apportion dataset commit --records records.csv --out dataset
  apportion dataset prove --dir dataset
  apportion ledger init --dir ledger --model my-model --policy policy.toml
  apportion ledger enroll --dir ledger --dataset dataset
  apportion scores commit --dir ledger --scores scores.csv --epoch 1 --seed attributor.seed --out scores-1
  apportion prove --dir ledger --epoch 1 --scores scores-1 --revenue 1000000
  apportion receipt --dir ledger --payee 0x1111111111111111111111111111111111111111 --out receipt.json
  apportion-verify ledger ledger";

/// Proves that a model's revenue was split as its policy and scores say, without showing who got what.
#[derive(Debug, Parser)]
#[command(name = "apportion", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Global {
    /// Print the result as one JSON object on standard output.
    #[arg(long, global = true)]
    json: bool,
    /// Print no progress.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Threads to work with; all by default.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Where parameters are cached; by default a directory of yours for caches.
    #[arg(long, global = true, value_name = "DIR", env = "APPORTION_PARAMS")]
    params_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole life of a ledger on generated data: what is proven, and what an auditor sees.
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Datasets: who contributed what. Proven once, by their owner, for any number of models.
    #[command(subcommand)]
    Dataset(dataset::Dataset),
    /// Ledgers: one private balance per record and model.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Scores: what each record earned in an epoch, for the attributor.
    #[command(subcommand)]
    Scores(scores::ScoresCommand),
    /// Check an epoch's input without proving anything; names every bad row with its line.
    Check(check::Check),
    /// Prove the next epoch and make it part of the ledger. Run it again after an interruption.
    Prove(prove::Prove),
    /// Write what a contributor needs to check and to claim.
    Receipt(receipt::Receipt),
    /// Write how a contributor's amounts came about, epoch by epoch.
    Statement(statement::Statement),
    /// What a chain needs: verifier contracts, transactions, digests of code.
    #[command(subcommand)]
    Export(export::Export),
    /// Send transactions through a node; what the chain has already is left out.
    #[cfg(feature = "rpc")]
    #[command(subcommand, after_help = send::AFTER_HELP)]
    Send(send::Send),
    /// Deploy the contracts and write a file of their addresses.
    #[cfg(feature = "rpc")]
    Deploy(Box<deploy::Deploy>),
    /// What the tables cost: rows, columns, memory, proof size.
    Cost(cost::CostCommand),
    /// Parameters of the proof systems.
    #[command(subcommand)]
    Params(params::Params),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
}

/// What a command works with.
struct Session {
    console: Console,
    cache: ParamsCache,
}

impl Cli {
    /// Runs the command.
    pub(crate) fn run(self) -> ExitCode {
        let Global { json, quiet, threads, params_dir } = self.global;
        if let Some(threads) = threads {
            // Fails only where the pool exists already, and it is first used below.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
        }
        let cache = ParamsCache::new(params_dir.unwrap_or_else(apportion::setup::default_params_dir));
        let session = Session { console: Console::new(json, quiet), cache };
        let outcome = match self.command {
            #[cfg(feature = "demo")]
            Command::Demo(command) => command.run(&session),
            Command::Dataset(command) => command.run(&session),
            Command::Ledger(command) => command.run(&session),
            Command::Scores(command) => command.run(&session),
            Command::Check(command) => command.run(&session),
            Command::Prove(command) => command.run(&session),
            Command::Receipt(command) => command.run(&session),
            Command::Statement(command) => command.run(&session),
            Command::Export(command) => command.run(&session),
            #[cfg(feature = "rpc")]
            Command::Send(command) => send::run(&command, &session),
            #[cfg(feature = "rpc")]
            Command::Deploy(command) => command.run(&session),
            Command::Cost(command) => command.run(&session),
            Command::Params(command) => command.run(&session),
            Command::Completions(command) => command.run(),
        };
        match outcome {
            Ok(()) => ExitCode::Valid,
            Err(error) => {
                session.console.failure(&error);
                error.exit_code()
            }
        }
    }
}

/// Calls a function that is generic over the suite.
macro_rules! in_suite {
    ($suite:expr, $S:ident => $call:expr) => {
        match $suite {
            apportion_circuits::field::SuiteId::Pasta => {
                type $S = apportion_suite::Pasta;
                $call
            }
            apportion_circuits::field::SuiteId::Bn254 => {
                type $S = apportion_suite::Bn254;
                $call
            }
        }
    };
}
use in_suite;

/// Opens a ledger for a command that changes it, and says so where its proofs prove nothing.
fn open_ledger(dir: &Path, session: &Session) -> Result<Ledger, Error> {
    let ledger = Ledger::open(dir)?;
    warn_insecure(ledger.bundle.ledger.setup.insecure, session);
    Ok(ledger)
}

/// Reads a ledger for a command that changes nothing, and says so where its proofs prove nothing.
fn read_ledger(dir: &Path, session: &Session) -> Result<Ledger, Error> {
    let ledger = Ledger::read(dir)?;
    warn_insecure(ledger.bundle.ledger.setup.insecure, session);
    Ok(ledger)
}

fn warn_insecure(insecure: bool, session: &Session) {
    if insecure {
        use apportion::progress::Progress;
        session
            .console
            .note("WARNING: insecure development parameters: anyone can forge proofs made with them");
    }
}

/// Reads an amount from the command line.
fn amount(text: &str) -> Result<u128, String> {
    apportion::input::parse_amount(text).map_err(|error| format!("the amount {error}"))
}

/// Reads how much fits into one transaction.
fn batch(text: &str) -> Result<usize, String> {
    let number = text.parse::<u16>().ok().filter(|number| *number > 0);
    number.map(usize::from).ok_or_else(|| "write a number from 1 to 65535".into())
}

/// A number and its noun: `1 record`, `2 records`.
fn counted(count: impl Into<u128>, noun: &str) -> String {
    let count = count.into();
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
