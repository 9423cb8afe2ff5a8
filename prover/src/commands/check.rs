//! `apportion check`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::{
        check::{self, Checked, Payouts},
        receipt::Book,
        scores::{self, DatasetFile, Posted},
    },
    progress::Progress as _,
};
use apportion_statement::{policy::Share, verb};
use clap::Args;
use serde::Serialize;

use super::{Session, amount, counted, in_suite, read_ledger};

/// Check an epoch's input without proving anything.
#[derive(Debug, Args)]
#[command(
    after_help = "Every bad row is named with its file and line, and everything is checked that `prove` checks \
    before it proves. Then follows who would get most, and what should be looked at: payees with most of the \
    pool, records that get nothing. That is as private as the scores. The ledger is not changed.\n\nExamples:\n \
     apportion check --dir ledger --epoch 1 --scores scores-1 --revenue 1000000\n  apportion check --dir ledger \
    --epoch 1 --scores scores.csv --revenue 1000000 --table payouts.csv --strict"
)]
pub(crate) struct Check {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = super::from_one, allow_negative_numbers = true)]
    epoch: u32,
    /// A directory of `scores commit`, or, before that, the scores themselves, once per dataset.
    #[arg(long, value_name = "DIR|[DATASET=]FILE", required = true)]
    scores: Vec<DatasetFile>,
    /// A dataset of which nothing earns anything in this epoch.
    #[arg(long, value_name = "DATASET", value_parser = super::from_zero, allow_negative_numbers = true)]
    zero: Vec<u32>,
    /// The epoch's revenue, in the token's base units.
    #[arg(long, value_name = "AMOUNT", value_parser = amount, allow_negative_numbers = true)]
    revenue: u128,
    /// Write every record's score and payout there, for you alone.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// Fail, with exit code 1, where there is anything that should be looked at.
    #[arg(long)]
    strict: bool,
}

/// What an epoch would do.
#[derive(Serialize)]
struct Summary {
    ok: bool,
    epoch: u32,
    policy: u32,
    revenue: String,
    shares: Vec<Share>,
    carried_in: String,
    pool: String,
    total_score: String,
    paid: String,
    left: String,
    segments: usize,
    payouts: Payouts,
}

impl Summary {
    fn new(checked: Checked) -> Self {
        let Checked { plan, segments, dust, payouts } = checked;
        Self {
            ok: true,
            epoch: plan.epoch,
            policy: plan.policy,
            revenue: plan.revenue.to_string(),
            shares: plan.shares,
            carried_in: plan.carried.to_string(),
            pool: plan.pool.to_string(),
            total_score: plan.total_score.to_string(),
            paid: (plan.pool - dust).to_string(),
            left: dust.to_string(),
            segments: segments.len(),
            payouts,
        }
    }

    fn text(&self) -> String {
        let mut text =
            format!("epoch {}: revenue {}, split by policy {}", self.epoch, self.revenue, self.policy);
        for share in &self.shares {
            text += &format!("\n  {}: {} to {}", share.name, share.amount, share.address);
        }
        text += &format!(
            "\n  contributors: {} ({} of it carried in), {} of it paid in {}, {} carried to the next epoch",
            self.pool,
            self.carried_in,
            self.paid,
            counted(self.segments, "segment"),
            self.left
        );
        let payouts = &self.payouts;
        text += &format!(
            "\n  {} of {} {} something{}",
            payouts.payees - payouts.payees_without,
            counted(payouts.payees, "payee"),
            verb(payouts.payees - payouts.payees_without, "gets", "get"),
            if payouts.top.is_empty() { "" } else { "; most get:" }
        );
        for top in &payouts.top {
            let records = counted(top.records, "record");
            text += &format!("\n    {}: {}, {} %, {records}", top.payee, top.payout, top.percent);
        }
        for warning in &payouts.warnings {
            text += &format!("\n  WARNING: {warning}");
        }
        text
    }
}

impl Check {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = read_ledger(&self.dir, session)?;
        epoch_order(&ledger, self.epoch)?;
        let table = self.table.as_deref();
        let checked = match self.scores.as_slice() {
            [DatasetFile { dataset: None, path }] if path.is_dir() => {
                if !self.zero.is_empty() {
                    return Err(Error::usage(
                        "--zero goes with score files: a directory of `scores commit` says it all",
                    ));
                }
                let posted = Posted::read(path, &ledger, self.epoch)?;
                in_suite!(ledger.bundle.ledger.suite, S =>
                    check::check::<S>(&ledger, self.epoch, &posted, self.revenue, table, &session.cache))?
            }
            files => {
                let book = Book::read(&ledger)?;
                // Scores are for the records whose columns are proven.
                let known = scores::participants(&ledger.bundle, self.epoch)?;
                let records = |number: u32| {
                    let count = known.iter().find(|participant| participant.number == number)?.records;
                    book.dataset(number)?.get(..count)
                };
                let scores = scores::read_all(&ledger.bundle, self.epoch, files, &self.zero, records)?;
                check::check_scores(&ledger, self.epoch, &scores, self.revenue, table)?
            }
        };
        let summary = Summary::new(checked);
        let warnings = summary.payouts.warnings.len();
        if let Some(path) = table {
            session
                .console
                .note(&format!("{}: every record's score and payout; keep it to yourself", path.display()));
        }
        if self.strict && warnings > 0 {
            session.console.say(&summary.text());
            return Err(Error::Claim(format!("--strict: {}", counted(warnings, "warning"))));
        }
        session.console.result(&summary, &format!("{}\nOK: the ledger was not changed", summary.text()));
        Ok(())
    }
}

fn epoch_order(ledger: &apportion::ledger::Ledger, epoch: u32) -> Result<(), Error> {
    apportion::actions::epoch::Plan::check_order(ledger, epoch)
}
