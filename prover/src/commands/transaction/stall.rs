//! What anyone can do about somebody who does nothing.

use std::path::PathBuf;

use apportion::Error;
use apportion_chain::{
    ReadChain,
    abi::{IRevenueLedger as ledger, bytes32},
    ask,
    calls::{self, ACCOUNTS_A_CALL},
};
use apportion_statement::files::{Document as _, ReceiptDoc, RecordReceiptDoc};
use clap::Args;

use super::{Batch, OfLedger, Sender, Verb, needs, payout::of_receipts, read_all, unanswered};

#[derive(Debug, Args)]
pub(crate) struct Demand {
    #[command(flatten)]
    of: OfLedger,
    /// The record, as `apportion dataset receipt` wrote it.
    #[arg(long, value_name = "FILE")]
    record: PathBuf,
    /// The bond, in wei.
    #[arg(long, value_name = "WEI")]
    bond: Option<u128>,
}

impl Verb for Demand {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let own = self.of.bundle()?.ledger;
        let record = RecordReceiptDoc::read(&self.record)?;
        let bond = match (self.bond, chain) {
            (Some(bond), _) => bond,
            (None, Some(chain)) => {
                let call = ledger::getTermsCall { modelId: bytes32(own.model_id) };
                ask(chain, own.contract, &call).map_err(unanswered)?.demandBond
            }
            (None, None) => return Err(needs("--bond", "the model's terms say how much it is")),
        };
        let sender = Sender::Somebody("who pays the bond");
        Ok(Batch::of(&own, [calls::demand(&own, &record, bond)?]).sent_by(sender))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// A receipt that shows what was demanded; may be repeated.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    receipt: Vec<PathBuf>,
    /// The most accounts in one transaction.
    #[arg(long, value_name = "N", default_value_t = ACCOUNTS_A_CALL, value_parser = super::super::batch)]
    batch: usize,
}

impl Verb for Answer {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let docs: Vec<ReceiptDoc> = read_all(&self.receipt)?;
        of_receipts(&docs, calls::answer(&docs, self.batch)?, chain)
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReturnBond {
    #[command(flatten)]
    of: OfLedger,
    /// The record that was demanded.
    #[arg(long, value_name = "FILE")]
    record: PathBuf,
}

impl Verb for ReturnBond {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let own = self.of.bundle()?.ledger;
        let record = RecordReceiptDoc::read(&self.record)?;
        Ok(Batch::of(&own, [calls::return_bond(&own, &record)?]))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Dissolve {
    #[command(flatten)]
    of: OfLedger,
}

impl Verb for Dissolve {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let own = self.of.bundle()?.ledger;
        Ok(Batch::of(&own, [calls::dissolve(&own)?]))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Exit {
    #[command(flatten)]
    of: OfLedger,
    /// A record, as `apportion dataset receipt` wrote it; may be repeated.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    record: Vec<PathBuf>,
    /// The model's last final epoch, 0 where none ever was.
    #[arg(long, value_name = "N")]
    final_epoch: Option<u32>,
}

impl Verb for Exit {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let records: Vec<RecordReceiptDoc> = read_all(&self.record)?;
        let last = match (self.final_epoch, chain) {
            (Some(last), _) => last,
            (None, Some(chain)) => {
                let call = ledger::getModelCall { modelId: bytes32(bundle.ledger.model_id) };
                let model = ask(chain, bundle.ledger.contract, &call).map_err(unanswered)?;
                u32::try_from(model.finalEpoch).unwrap_or(u32::MAX)
            }
            (None, None) => return Err(needs("--final-epoch", "parts follow from its scores")),
        };
        Ok(Batch::of(&bundle.ledger, [calls::exit(&bundle, &records, last)?]))
    }
}
