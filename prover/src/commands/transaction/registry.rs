//! A dataset's owner.

use std::path::PathBuf;

use apportion::{Error, hint};
use apportion_chain::{
    ReadChain,
    abi::{IDatasetRegistry as registry, bytes32},
    ask,
    calls::{self, PROOFS_A_CALL},
};
use apportion_circuits::types::Payee;
use apportion_statement::files::{DatasetBundle, DatasetDir, DatasetDoc};
use clap::Args;

use super::{Batch, Sender, Verb, unanswered};

#[derive(Debug, Args)]
struct OfDataset {
    /// The dataset's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dataset: PathBuf,
}

impl OfDataset {
    fn bundle(&self) -> Result<DatasetBundle, Error> {
        hint::expect_public(&self.dataset, hint::Kind::Dataset)?;
        Ok(DatasetBundle::read(DatasetDir::of(&self.dataset))?)
    }
}

fn by_owner(doc: &DatasetDoc, calls: Vec<apportion_chain::Call>, first: bool) -> Batch {
    // A dataset can change hands: only its registration is bound to who committed it.
    let sender =
        if first { Sender::Only("the dataset's owner", doc.owner) } else { Sender::Usually(doc.owner) };
    Batch { chain_id: doc.chain_id, sender, notes: Vec::new(), calls }
}

#[derive(Debug, Args)]
pub(crate) struct Register {
    #[command(flatten)]
    of: OfDataset,
}

impl Verb for Register {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let dataset = self.of.bundle()?;
        Ok(by_owner(&dataset.doc, vec![calls::register(&dataset)?], true))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Extend {
    #[command(flatten)]
    of: OfDataset,
    /// This revision alone; all after revision 0 without it, in order.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    revision: Option<u32>,
}

impl Verb for Extend {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let dataset = self.of.bundle()?;
        let revisions = match self.revision {
            Some(only) => only..=only,
            None => 1..=dataset.newest().revision,
        };
        let calls =
            revisions.map(|revision| calls::extend(&dataset, revision)).collect::<Result<Vec<_>, _>>()?;
        if calls.is_empty() {
            return Err(Error::usage(
                "the dataset has no later revision: `apportion dataset extend` makes one",
            ));
        }
        Ok(by_owner(&dataset.doc, calls, false))
    }
}

#[derive(Debug, Args)]
pub(crate) struct ProvePayees {
    #[command(flatten)]
    of: OfDataset,
    /// The columns as of this revision; of the one that the chain has, or the newest in the files, without it.
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
    /// The most proofs in one transaction.
    #[arg(long, value_name = "N", default_value_t = PROOFS_A_CALL, value_parser = super::super::batch)]
    batch: usize,
}

impl Verb for ProvePayees {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let dataset = self.of.bundle()?;
        let revision = match (self.revision, chain) {
            (Some(revision), _) => revision,
            (None, Some(chain)) => {
                let call = registry::datasetCall { datasetId: bytes32(dataset.doc.dataset_id) };
                ask(chain, dataset.doc.registry, &call).map_err(unanswered)?.revision
            }
            (None, None) => dataset.newest().revision,
        };
        let calls = calls::prove_payees(&dataset, revision, self.batch)?;
        Ok(by_owner(&dataset.doc, calls, false))
    }
}

#[derive(Debug, Args)]
pub(crate) struct OfferOwnership {
    #[command(flatten)]
    of: OfDataset,
    /// Who may take it.
    #[arg(long, value_name = "ADDRESS")]
    to: Payee,
}

impl Verb for OfferOwnership {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let doc = self.of.bundle()?.doc;
        Ok(by_owner(&doc, vec![calls::offer_ownership(&doc, self.to)?], false))
    }
}

#[derive(Debug, Args)]
pub(crate) struct AcceptOwnership {
    #[command(flatten)]
    of: OfDataset,
}

impl Verb for AcceptOwnership {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let doc = self.of.bundle()?.doc;
        let sender = Sender::Somebody("whom the dataset is offered to");
        Ok(by_owner(&doc, vec![calls::accept_ownership(&doc)?], false).sent_by(sender))
    }
}
