//! `apportion check`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::{
        epoch::{self, Plan, SegmentPlan},
        scores::{self, DatasetFile, Posted},
    },
    ledger::Ledger,
};
use apportion_circuits::types::Record;
use apportion_statement::policy::Share;
use clap::Args;
use serde::Serialize;

use super::{Session, amount, in_suite, open_ledger};

/// Check an epoch's input without proving anything.
#[derive(Debug, Args)]
#[command(
    after_help = "Every bad row is named with its file and line. Nothing is written.\n\nExamples:\n  apportion \
    check --dir ledger --epoch 1 --scores scores-1 --revenue 1000000\n  apportion check --dir ledger --epoch 1 \
    --scores scores.csv --revenue 1000000"
)]
pub(crate) struct Check {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
    /// A directory of `scores commit`, or, before that, the scores themselves, once per dataset.
    #[arg(long, value_name = "DIR|[DATASET=]FILE", required = true)]
    scores: Vec<DatasetFile>,
    /// The epoch's revenue, in the token's base units.
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    revenue: u128,
}

/// What an epoch will do, as far as it is public.
#[derive(Serialize)]
pub(crate) struct Summary {
    pub(crate) ok: bool,
    pub(crate) epoch: u32,
    pub(crate) revenue: String,
    pub(crate) shares: Vec<Share>,
    pub(crate) carried_in: String,
    pub(crate) pool: String,
    pub(crate) total_score: String,
    pub(crate) paid: String,
    pub(crate) left: String,
    pub(crate) segments: usize,
}

impl Summary {
    pub(crate) fn new(plan: &Plan, segments: &[SegmentPlan]) -> Self {
        let paid: u128 = segments.iter().map(|segment| segment.numbers.segment_paid).sum();
        Self {
            ok: true,
            epoch: plan.epoch,
            revenue: plan.revenue.to_string(),
            shares: plan.shares.clone(),
            carried_in: plan.carried.to_string(),
            pool: plan.pool.to_string(),
            total_score: plan.total_score.to_string(),
            paid: paid.to_string(),
            left: (plan.pool - paid).to_string(),
            segments: segments.len(),
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!("epoch {}: revenue {}", self.epoch, self.revenue);
        for share in &self.shares {
            text += &format!("\n  {}: {} to {}", share.name, share.amount, share.address);
        }
        text += &format!("\n  contributors: {} ({} of it carried in)", self.pool, self.carried_in);
        if self.total_score == "0" {
            text + "\n  the total score is 0: the whole pool is carried to the next epoch, without a proof"
        } else {
            text + &format!(
                "\n  paid to {} segments: {}, carried to the next epoch: {}",
                self.segments, self.paid, self.left
            )
        }
    }
}

impl Check {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        let (plan, segments) = match self.scores.as_slice() {
            [DatasetFile { dataset: None, path }] if path.is_dir() => {
                let posted = Posted::read(path, &ledger.state, self.epoch)?;
                in_suite!(ledger.state.ledger.suite, S =>
                    epoch::check::<S>(&ledger, self.epoch, &posted, self.revenue, &session.cache))?
            }
            files => self.check_files(&ledger, files)?,
        };
        let summary = Summary::new(&plan, &segments);
        session.console.result(&summary, &format!("{}\nOK: nothing was written", summary.text()));
        Ok(())
    }

    fn check_files(&self, ledger: &Ledger, files: &[DatasetFile]) -> Result<(Plan, Vec<SegmentPlan>), Error> {
        let state = &ledger.state;
        let mut known: Vec<(u32, Vec<Record>)> = Vec::new();
        for dataset in scores::taking_part(state, self.epoch)? {
            known.push((
                dataset.number,
                ledger.private.dataset(dataset.number).read_records(dataset.digest)?.0,
            ));
        }
        let find =
            |number: u32| known.iter().find(|(n, _)| *n == number).map(|(_, records)| records.as_slice());
        let scores = scores::read_all(state, self.epoch, files, |dataset| find(dataset.number))?;
        in_suite!(state.ledger.suite, S => epoch::check_scores::<S>(ledger, self.epoch, &scores, self.revenue))
    }
}
