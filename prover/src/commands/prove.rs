//! `apportion prove`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::{epoch, scores::Posted},
};
use clap::Args;

use super::{Session, amount, in_suite, open_ledger};

/// Prove the next epoch.
#[derive(Debug, Args)]
#[command(
    after_help = "Epochs are proven strictly in order, each once. Every proof is verified before anything is \
    written. A run that was interrupted goes on with the segments that it had finished when the same command is \
    given again; with other scores or revenue it begins anew.\n\nExample:\n  apportion prove --dir ledger --epoch 1 \
    --scores scores-1 --revenue 1000000"
)]
pub(crate) struct Prove {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
    /// The directory that `scores commit` wrote.
    #[arg(long, value_name = "DIR")]
    scores: PathBuf,
    /// The epoch's revenue, in the token's base units.
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    revenue: u128,
}

impl Prove {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        // Said before the scores are read: they are another epoch's.
        epoch::Plan::check_order(&ledger.state, self.epoch)?;
        let posted = Posted::read(&self.scores, &ledger.state, self.epoch)?;
        let doc = in_suite!(ledger.state.ledger.suite, S =>
            epoch::prove::<S>(&ledger, self.epoch, &posted, self.revenue, &session.cache, &session.console))?;
        let text = if doc.carried_only {
            format!("epoch {}: the pool of {} is carried, the total score being 0", doc.epoch, doc.pool)
        } else {
            let paid: u128 = doc.segments.iter().map(|segment| segment.segment_paid.0).sum();
            format!(
                "epoch {}: {} segments proven and verified, {paid} of {} paid, {} carried",
                doc.epoch,
                doc.segments.len(),
                doc.pool,
                doc.pool.0 - paid
            )
        };
        session.console.result(&doc, &text);
        Ok(())
    }
}
