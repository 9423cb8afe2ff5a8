//! `apportion receipt`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::receipt::{self, RecordName, Whose, Written},
};
use apportion_circuits::types::Payee;
use apportion_statement::{files::ReceiptDoc, verb};
use clap::{ArgGroup, Args};
use serde::Serialize;

use super::{Session, counted, in_suite, read_ledger};

/// Write what a contributor needs to check and to claim.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("whose").required(true),
    after_help = "A receipt shows the balances of one payee, all accounts in one file, each opened against the \
    columns in public/: nothing else is shown. Hand it to its owner only. A receipt of any epoch stays good: \
    what was claimed before is taken off.\n\nWith --all, one file per payee is written into a directory; with \
    --encrypt, files are encrypted to the keys that the datasets name (column `recipient`) and have names that \
    only their owners can tell, so that the directory can be published. An owner opens a file with the secret key: \
    `age -d -i key.txt FILE.age > receipt.json`.\n\nExamples:\n  apportion receipt --dir \
    ledger --payee 0x1111111111111111111111111111111111111111 --out receipt.json\n  apportion receipt --dir \
    ledger --record 0:17 --out receipt.json\n  apportion receipt --dir ledger --all --encrypt --out receipts"
)]
pub(crate) struct Receipt {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Whose: all accounts of this payee.
    #[arg(long, value_name = "ADDRESS", group = "whose")]
    payee: Option<Payee>,
    /// The account of one record: dataset and number, both from 0.
    #[arg(long, value_name = "DATASET:RECORD", group = "whose")]
    record: Option<RecordName>,
    /// Everybody's, one file per payee.
    #[arg(long, group = "whose")]
    all: bool,
    /// Where to write the receipt; with --all, a directory that is new or holds older receipts.
    #[arg(long, value_name = "FILE|DIR")]
    out: PathBuf,
    /// Show the balances after this epoch; the last one by default.
    #[arg(long, value_name = "N", value_parser = super::from_one, allow_negative_numbers = true)]
    epoch: Option<u32>,
    /// Encrypt to the keys that the datasets name.
    #[arg(long)]
    encrypt: bool,
}

#[derive(Serialize)]
struct Output {
    receipt: String,
    payee: String,
    accounts: usize,
    epoch: u32,
    total: String,
    encrypted_to: Option<String>,
}

#[derive(Serialize)]
struct AllOutput {
    receipts: String,
    files: usize,
    accounts: usize,
    total: String,
    records_not_yet: usize,
    accounts_without_key: usize,
}

impl Receipt {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        if self.all { self.everybody(session) } else { self.one(session) }
    }

    /// Whether it is everybody's, which is long work.
    pub(crate) fn is_of_everybody(&self) -> bool {
        self.all
    }

    fn one(self, session: &Session) -> Result<(), Error> {
        let ledger = read_ledger(&self.dir, session)?;
        let whose = match (self.payee, self.record) {
            (Some(payee), _) => Whose::Payee(payee),
            (None, Some(record)) => Whose::Record(record),
            (None, None) => return Err(Error::usage("give --payee, --record or --all")),
        };
        let doc: ReceiptDoc = in_suite!(ledger.bundle.ledger.suite, S =>
            receipt::receipt::<S>(&ledger, whose, self.epoch, &session.cache))?;
        let key = if self.encrypt {
            Some(receipt::write_encrypted(&ledger, &doc, &self.out)?.to_string())
        } else {
            receipt::write(&doc, &self.out)?;
            None
        };
        let output = Output {
            receipt: self.out.display().to_string(),
            payee: doc.payee.to_string(),
            accounts: doc.accounts.len(),
            epoch: doc.accounts.iter().map(|account| account.epoch).max().unwrap_or(0),
            total: receipt::total(&doc).to_string(),
            encrypted_to: key,
        };
        let text = format!(
            "{}: {} of {}, {} in all after epoch {}",
            output.receipt,
            counted(output.accounts, "account"),
            output.payee,
            output.total,
            output.epoch
        );
        session.console.result(&output, &text);
        Ok(())
    }

    fn everybody(self, session: &Session) -> Result<(), Error> {
        let ledger = read_ledger(&self.dir, session)?;
        let written: Written = in_suite!(ledger.bundle.ledger.suite, S => receipt::write_all::<S>(
            &ledger, self.epoch, &self.out, self.encrypt, &session.cache, &session.console))?;
        let output = AllOutput {
            receipts: self.out.display().to_string(),
            files: written.files,
            accounts: written.accounts,
            total: written.total.to_string(),
            records_not_yet: written.not_yet,
            accounts_without_key: written.without_key,
        };
        let mut text = format!(
            "{}: {} with {}, {} in all, each opened and checked",
            output.receipts,
            counted(output.files, "file"),
            counted(output.accounts, "account"),
            output.total
        );
        if output.records_not_yet > 0 {
            let records = counted(output.records_not_yet, "record");
            let (took, are) = (
                verb(output.records_not_yet, "has taken", "have taken"),
                verb(output.records_not_yet, "is", "are"),
            );
            text += &format!("\n{records} {took} part in no epoch yet and {are} in no receipt");
        }
        if output.accounts_without_key > 0 {
            let accounts = counted(output.accounts_without_key, "account");
            text += &format!(
                "\n{accounts} {} no key to encrypt to (column `recipient`) and {} in no file: hand those \
                 receipts over yourself, `receipt --payee` writes them",
                verb(output.accounts_without_key, "has", "have"),
                verb(output.accounts_without_key, "is", "are")
            );
        }
        if self.encrypt {
            text += "\nAn owner opens a file with the secret key: age -d -i key.txt FILE.age > receipt.json";
        }
        session.console.result(&output, &text);
        Ok(())
    }
}
