//! `apportion statement`.

use std::path::PathBuf;

use apportion::{Error, actions::statement};
use apportion_circuits::types::Payee;
use apportion_statement::files::StatementDoc;
use clap::Args;
use serde::Serialize;

use super::{Session, counted, in_suite, read_ledger};

/// Write how a contributor's amounts came about, epoch by epoch.
#[derive(Debug, Args)]
#[command(
    after_help = "A statement shows, for every epoch in which one of the payee's accounts took part, its score, \
    the sum of all scores, the pool, the payout that follows, and the balance, each opened against the columns \
    in public/. It shows nobody else's figures. Hand it to its owner only.\n\nExample:\n  apportion statement \
    --dir ledger --payee 0x1111111111111111111111111111111111111111 --out statement.json"
)]
pub(crate) struct Statement {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Whose.
    #[arg(long, value_name = "ADDRESS")]
    payee: Payee,
    /// Where to write the statement.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Output {
    statement: String,
    payee: String,
    accounts: usize,
    lines: usize,
    last_epoch: u32,
    total: String,
}

impl Statement {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = read_ledger(&self.dir, session)?;
        let doc: StatementDoc = in_suite!(ledger.bundle.ledger.suite, S =>
            statement::statement::<S>(&ledger, self.payee, &session.cache))?;
        statement::write(&doc, &self.out)?;
        let output = Output {
            statement: self.out.display().to_string(),
            payee: doc.payee.to_string(),
            accounts: doc.accounts.len(),
            lines: doc.accounts.iter().map(|account| account.epochs.len()).sum(),
            last_epoch: doc.last_epoch,
            total: statement::total(&doc).to_string(),
        };
        let text = format!(
            "{}: {} of {} with {} up to epoch {}, {} in all",
            output.statement,
            counted(output.accounts, "account"),
            output.payee,
            counted(output.lines, "line"),
            output.last_epoch,
            output.total
        );
        session.console.result(&output, &text);
        Ok(())
    }
}
