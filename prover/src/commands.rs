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
mod man;
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

#[cfg(all(test, feature = "rpc", feature = "demo"))]
mod tests;

use std::path::{Path, PathBuf};

use apportion::{Error, ExitCode, ledger::Ledger};
use apportion_statement::counted;
use apportion_suite::params::ParamsCache;
use clap::{Args, Parser, Subcommand};

use crate::console::Console;

const AFTER_HELP: &str = "\
Exit codes:
  0  done
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
  apportion-verify ledger ledger

A walk through all of it with files of your own: prover/docs/first-steps.md.";

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
    /// Print no progress; warnings and results are printed all the same.
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
    /// Print the manual, or write a page for every command.
    Man(man::Man),
    /// Auditing is another program's: `apportion-verify`.
    #[command(hide = true, alias = "audit", disable_help_flag = true)]
    Verify(Verify),
}

/// What people try who look for `apportion-verify`.
#[derive(Debug, Args)]
struct Verify {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

impl Verify {
    fn run(self) -> Result<(), Error> {
        let rest = if self.rest.is_empty() { "ledger LEDGER".to_owned() } else { self.rest.join(" ") };
        Err(Error::usage(format!("auditing is another program's, did you mean `apportion-verify {rest}`?")))
    }
}

/// What a command works with.
struct Session {
    console: Console,
    cache: ParamsCache,
}

impl Cli {
    /// Whether the command keeps what it finished when it is interrupted.
    pub(crate) fn goes_on(&self) -> bool {
        match &self.command {
            Command::Prove(_) => true,
            Command::Dataset(command) => matches!(command, dataset::Dataset::Prove(_)),
            Command::Receipt(command) => command.is_of_everybody(),
            _ => false,
        }
    }

    /// Whether the command needs no parameters, hence no directory of them.
    fn is_free(&self) -> bool {
        matches!(
            self.command,
            Command::Cost(_) | Command::Completions(_) | Command::Man(_) | Command::Verify(_)
        )
    }

    /// Runs the command.
    pub(crate) fn run(self) -> ExitCode {
        let free = self.is_free();
        let Global { json, quiet, threads, params_dir } = self.global;
        if let Some(threads) = threads {
            // Fails only where the pool exists already, and it is first used below.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
        }
        let console = Console::new(json, quiet);
        let dir = params_dir.or_else(apportion::setup::default_params_dir);
        let Some(dir) = dir.or_else(|| free.then(PathBuf::new)) else {
            let error = Error::usage(
                "there is no place to cache parameters: neither HOME nor XDG_CACHE_HOME is set. Name one with \
                 --params-dir DIR, or in APPORTION_PARAMS",
            );
            console.failure(&error);
            return error.exit_code();
        };
        let session = Session { console, cache: ParamsCache::new(dir) };
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
            Command::Man(command) => command.run(),
            Command::Verify(command) => command.run(),
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
        session.console.warn("INSECURE development parameters: anyone can forge proofs made with them");
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

/// Reads a number from 1 on the command line: an epoch, say.
fn from_one(text: &str) -> Result<u32, String> {
    match text.parse::<i64>() {
        Ok(number) if number < 1 => Err("it is counted from 1".into()),
        Ok(number) => u32::try_from(number).map_err(|_| "it is too large".into()),
        Err(_) => Err("it is no whole number".into()),
    }
}

/// Reads a number from 0 on the command line: a dataset's, say.
fn from_zero(text: &str) -> Result<u32, String> {
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Err("it is counted from 0".into()),
        Ok(number) => u32::try_from(number).map_err(|_| "it is too large".into()),
        Err(_) => Err("it is no whole number".into()),
    }
}
