//! `apportion export calldata`.

use std::{fmt::Write, path::PathBuf};

use apportion::{Error, progress::Progress};
use apportion_verifier::chain::Call;
use clap::Args;
use serde::Serialize;

use crate::commands::{Session, transaction::Transaction};

/// Shown under the verbs.
pub(super) const AFTER_HELP: &str = "\
Each line of the output is the calldata of one transaction; standard error says what it does and where it goes:
  cast send $LEDGER $(apportion export calldata closeEpoch --dir ledger --epoch 1) ...
With --json the output is a list of objects with `what`, `to` and `data`. `apportion send` sends the same transactions.";

/// The transactions as calldata.
pub(crate) type Calldata = Transaction<Deliver>;

/// Where the calldata goes.
#[derive(Debug, Args)]
pub(crate) struct Deliver {
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

/// Prints calldata.
pub(super) fn run(calldata: &Calldata, session: &Session) -> Result<(), Error> {
    let (verb, deliver) = calldata.parts();
    deliver.deliver(verb.batch(&session.console)?.calls, session)
}

impl Deliver {
    fn deliver(&self, calls: Vec<Call>, session: &Session) -> Result<(), Error> {
        let mut text = String::new();
        let mut outputs = Vec::new();
        for Call { what, to, data, .. } in calls {
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
        super::write(path, bytes + "\n")
    }
}
