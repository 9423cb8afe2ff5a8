//! `apportion prove`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::{backup, closed, epoch, scores::Posted},
    ledger::Ledger,
    progress::Progress as _,
};
use clap::Args;

use super::{Session, amount, counted, in_suite, open_ledger};

/// Prove the next epoch.
#[derive(Debug, Args)]
#[command(
    after_help = "Epochs are proven strictly in order, each once. Everything that an auditor checks is checked \
    before the first proof, and every proof is verified before it is written. Segments whose scores are all 0 \
    do not move. A run that was interrupted goes on with the segments that it had finished when the same \
    command is given again; with other scores or revenue it begins anew. `apportion ledger undo epoch` takes \
    the newest epoch back.\n\nExample:\n  apportion prove --dir ledger --epoch 1 --scores scores-1 --revenue 1000000\n  apportion prove --dir ledger --epoch 1 --scores scores-1 --rpc https://node.example"
)]
pub(crate) struct Prove {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = super::from_one, allow_negative_numbers = true)]
    epoch: u32,
    /// The directory that `scores commit` wrote.
    #[arg(long, value_name = "DIR")]
    scores: PathBuf,
    /// The epoch's revenue, in the token's base units. Not needed with --rpc; another one than the chain's is refused.
    #[arg(long, value_name = "AMOUNT", value_parser = amount, allow_negative_numbers = true)]
    #[cfg_attr(feature = "rpc", arg(required_unless_present = "rpc"))]
    #[cfg_attr(not(feature = "rpc"), arg(required = true))]
    revenue: Option<u128>,
    /// A node: revenue, policy and scores must be those with which the chain closed the epoch.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// The block of whose state the chain is asked: a number, finalized, safe or latest.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "BLOCK", default_value = "latest", requires = "rpc")]
    block: apportion_chain::At,
}

impl Prove {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        // Said before the scores are read: they are another epoch's.
        epoch::Plan::check_order(&ledger, self.epoch)?;
        let posted = Posted::read(&self.scores, &ledger, self.epoch)?;
        let revenue = self.revenue(&ledger, &posted, session)?;
        let doc = in_suite!(ledger.bundle.ledger.suite, S =>
            epoch::prove::<S>(&ledger, self.epoch, &posted, revenue, &session.cache, &session.console))?;
        let paid: u128 = doc.segments.iter().map(|segment| segment.paid.0).sum();
        let mut text = format!(
            "epoch {}: {} proven and verified, {paid} of {} paid, {} carried",
            doc.epoch,
            counted(doc.segments.len(), "segment"),
            doc.pool,
            doc.pool.0.saturating_sub(paid)
        );
        if !doc.replaced.is_empty() {
            text += &format!("; it names {} that it replaces", counted(doc.replaced.len(), "attempt"));
        }
        session.console.result(&doc, &text);
        backup::remind(&ledger, doc.epoch, &session.console);
        Ok(())
    }

    /// The revenue: the one that was typed in, or the chain's.
    #[cfg(feature = "rpc")]
    fn revenue(&self, ledger: &Ledger, posted: &Posted, session: &Session) -> Result<u128, Error> {
        let Some(url) = &self.rpc else { return self.typed(ledger, session) };
        let node = apportion_chain::Node::new(url).pinned(self.block);
        let mut node = node.map_err(apportion_chain::ChainError::from)?;
        let revenue = closed::revenue(ledger, self.epoch, &posted.doc, self.revenue, &mut node)?;
        session.console.note(&format!("epoch {}: the chain has a revenue of {revenue}", self.epoch));
        Ok(revenue)
    }

    #[cfg(not(feature = "rpc"))]
    fn revenue(&self, ledger: &Ledger, _: &Posted, session: &Session) -> Result<u128, Error> {
        self.typed(ledger, session)
    }

    fn typed(&self, ledger: &Ledger, session: &Session) -> Result<u128, Error> {
        if let Some(warning) = closed::not_asked(&ledger.bundle.ledger, self.epoch) {
            session.console.warn(&warning);
        }
        self.revenue.ok_or_else(|| Error::usage("say --revenue"))
    }
}
