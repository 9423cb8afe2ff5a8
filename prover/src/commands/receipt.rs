//! `apportion receipt`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::receipt::{AccountName, receipt, write},
};
use clap::Args;
use serde::Serialize;

use super::{Session, in_suite, open_ledger};

/// Write what a contributor needs to check and to claim.
#[derive(Debug, Args)]
#[command(
    after_help = "A payee with several records must be told which: the accounts are listed, and one is named as \
    DATASET:RECORD, both numbered from 0. The receipt shows the account's balance: hand it to its owner \
    only.\n\nExamples:\n  apportion receipt --dir ledger --account 0x1111111111111111111111111111111111111111 --out \
    receipt.json\n  apportion receipt --dir ledger --account 0:17 --out receipt.json"
)]
pub(crate) struct Receipt {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The account: its payee, or dataset and record.
    #[arg(long, value_name = "PAYEE|DATASET:RECORD")]
    account: AccountName,
    /// Where to write the receipt.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Output {
    receipt: String,
    dataset: String,
    segment: u32,
    index: u32,
    epoch: u32,
    root: String,
}

impl Receipt {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        let doc = in_suite!(ledger.state.ledger.suite, S => receipt::<S>(&ledger, self.account))?;
        write(&doc, &self.out)?;
        let output = Output {
            receipt: self.out.display().to_string(),
            dataset: doc.dataset.to_string(),
            segment: doc.segment,
            index: doc.index,
            epoch: doc.epoch,
            root: doc.root.to_string(),
        };
        let text = format!("{}: balance after epoch {}", output.receipt, output.epoch);
        session.console.result(&output, &text);
        Ok(())
    }
}
