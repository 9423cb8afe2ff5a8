//! The transaction `createModel`.

use std::path::PathBuf;

use apportion::{Error, progress::Progress};
use apportion_circuits::types::Payee;
use apportion_verifier::chain::{Source, Terms, create_model};
use clap::Args;

use super::{Batch, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct CreateModel {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Who commits the scores.
    #[arg(long, value_name = "ADDRESS")]
    attributor: Payee,
    /// The token that revenue is paid in.
    #[arg(long, value_name = "ADDRESS")]
    token: Payee,
    /// Seconds from an epoch's opening, or its first revenue, until anyone may close it.
    #[arg(long, value_name = "SECONDS", default_value_t = 30 * 86_400)]
    open_window: u32,
    /// Seconds from an epoch's close until anyone may give it up.
    #[arg(long, value_name = "SECONDS", default_value_t = 14 * 86_400)]
    settle_window: u32,
}

impl Verb for CreateModel {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let Self { attributor, token, open_window, settle_window, .. } = *self;
        let terms = Terms { attributor, token, open_window, settle_window };
        let source = Source::open(&self.dir)?;
        let call = create_model(source.ledger(), &terms)?;
        Ok(Batch::of(&source, vec![call]))
    }

    #[cfg(feature = "rpc")]
    fn batch_on(
        &self,
        from: Payee,
        _: &mut dyn apportion_verifier::chain::ReadChain,
        progress: &dyn Progress,
    ) -> Result<Batch, Error> {
        let source = Source::open(&self.dir)?;
        let ledger = source.ledger();
        let id = apportion_verifier::chain::model_id(ledger.chain_id, ledger.contract, from, &ledger.model);
        if id != ledger.model_id {
            let text =
                format!("{from} is not the developer of this ledger: its model would have the id {id}");
            return Err(Error::usage(text));
        }
        self.batch(progress)
    }
}
