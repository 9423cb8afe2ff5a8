//! `apportion export calldata` and `apportion export safe`.

use std::{fmt::Write, path::PathBuf};

use apportion::{Error, progress::Progress as _};
use apportion_chain::{Call, safe_batch};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::commands::{
    Session,
    transaction::{Deliver, Transaction},
};

/// Shown under the verbs of `export calldata`.
pub(super) const AFTER_HELP: &str = "\
Each line of the output is the calldata of one transaction; standard error says what it does and where it goes:
  cast send $LEDGER $(apportion export calldata closeEpoch --dir ledger --epoch 1 --scores scores-1) ...
With --json the output is a list of objects with `what`, `to`, `value` and `data`. `apportion send` sends the same \
transactions.

Example:
  apportion export calldata closeEpoch --dir ledger --epoch 1 --scores scores-1";

/// Shown under the verbs of `export safe`.
pub(super) const SAFE_HELP: &str = "\
The output is a file for the Transaction Builder of a Safe: all transactions of it are done together, or none is. \
Example:
  apportion export safe deposit --dir ledger --epoch 1 --amount 1000000 --attributor \
  0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --token 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48 --out deposit.json";

/// The transactions as calldata.
pub(crate) type Calldata = Transaction<Print>;

/// The transactions as a batch for a Safe.
pub(crate) type Safe = Transaction<Propose>;

/// Where the output goes.
#[derive(Debug, Args)]
pub(crate) struct Print {
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Deliver for Print {
    fn example(verb: &str, asked: &str) -> String {
        format!("Example:\n  apportion export calldata {verb} {asked}").trim_end().to_owned()
    }
}

/// The same, for a Safe.
#[derive(Debug, Args)]
pub(crate) struct Propose {
    #[command(flatten)]
    print: Print,
}

impl Deliver for Propose {
    fn example(verb: &str, asked: &str) -> String {
        let space = if asked.is_empty() { "" } else { " " };
        format!("Example:\n  apportion export safe {verb}{space}{asked} --out batch.json")
    }
}

#[derive(Serialize, Deserialize)]
struct Output {
    what: String,
    to: String,
    value: String,
    data: String,
}

/// Prints calldata.
pub(super) fn run(calldata: &Calldata, session: &Session) -> Result<(), Error> {
    let (verb, deliver) = calldata.parts();
    let mut text = String::new();
    let mut outputs = Vec::new();
    let batch = verb.batch(None)?;
    batch.notes.iter().for_each(|note| session.console.note(note));
    for Call { what, to, data, value, .. } in batch.calls {
        let coin = if value == 0 { String::new() } else { format!(" with {value} wei") };
        session.console.note(&format!("to {to}{coin}: {what}"));
        let data = format!("0x{}", hex::encode(data));
        let newline = if text.is_empty() { "" } else { "\n" };
        // Writing to a string does not fail.
        let _ = write!(text, "{newline}{data}");
        outputs.push(Output { what, to: to.to_string(), value: value.to_string(), data });
    }
    let Some(path) = &deliver.out else {
        session.console.result(&outputs, &text);
        return Ok(());
    };
    let json = session.console.is_json();
    super::write(
        path,
        if json { serde_json::to_string_pretty(&outputs).unwrap_or_default() } else { text } + "\n",
        is_calldata,
    )
}

/// Whether an older file holds calldata: as lines, or as a list.
fn is_calldata(bytes: &[u8]) -> bool {
    let lines = || bytes.split(|byte| *byte == b'\n').all(|line| line.is_empty() || line.starts_with(b"0x"));
    serde_json::from_slice::<Vec<Output>>(bytes).is_ok() || lines()
}

/// Prints a batch for a Safe.
pub(super) fn run_safe(safe: &Safe, session: &Session) -> Result<(), Error> {
    let (verb, Propose { print: deliver }) = safe.parts();
    let batch = verb.batch(None)?;
    batch.notes.iter().for_each(|note| session.console.note(note));
    batch.calls.iter().for_each(|call| session.console.note(&format!("to {}: {}", call.to, call.what)));
    let json = safe_batch(batch.chain_id, &batch.calls);
    let text = serde_json::to_string_pretty(&json).unwrap_or_default();
    match &deliver.out {
        Some(path) => super::write(path, text + "\n", |bytes| {
            let older: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
            older["meta"]["name"] == json["meta"]["name"]
        }),
        None => {
            session.console.result(&json, &text);
            Ok(())
        }
    }
}
