//! The transaction `register`.

use std::path::PathBuf;

use apportion::{Error, actions::dataset::DATASET_FILE, progress::Progress};
use apportion_verifier::{
    bundle::{DatasetDoc, Document},
    chain::register,
};
use clap::Args;

use super::{Batch, Verb};
use crate::commands::ledger::Registered;

/// The options.
#[derive(Debug, Args)]
pub(crate) struct Register {
    /// The directory that `dataset commit` wrote, or its dataset.json.
    #[arg(long, value_name = "DIR")]
    dataset: PathBuf,
    /// The chain, from which, with the owner, the dataset's id follows.
    #[arg(long, value_name = "N")]
    chain_id: u64,
    #[command(flatten)]
    registered: Registered,
}

impl Verb for Register {
    fn batch(&self, progress: &dyn Progress) -> Result<Batch, Error> {
        let file = if self.dataset.is_dir() { self.dataset.join(DATASET_FILE) } else { self.dataset.clone() };
        let doc = DatasetDoc::read(&file)?;
        let Some(registration) = self.registered.on(self.chain_id) else {
            return Err(Error::usage("give --registry and --owner"));
        };
        let call = register(registration.registry, &doc, registration.parent, &registration.uri)?;
        progress.note(&format!("dataset id {}", registration.dataset_id(&doc)));
        Ok(Batch { chain_id: self.chain_id, renewal: 0, calls: vec![call] })
    }

    #[cfg(feature = "rpc")]
    fn batch_on(
        &self,
        from: apportion_circuits::types::Payee,
        _: &mut dyn apportion_verifier::chain::ReadChain,
        progress: &dyn Progress,
    ) -> Result<Batch, Error> {
        match self.registered.owner {
            Some(owner) if owner != from => {
                Err(Error::usage(format!("{from} sends, and would be the owner instead of {owner}")))
            }
            _ => self.batch(progress),
        }
    }
}
