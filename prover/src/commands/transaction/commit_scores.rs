//! The transaction `commitScores`.

use std::path::PathBuf;

use apportion::{Error, actions::scores::SCORES_FILE, progress::Progress};
use apportion_verifier::{
    bundle::{Document, ScoresDoc},
    chain::Source,
};
use clap::Args;

use super::{Batch, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct CommitScores {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The directory that `scores commit` wrote, or its scores.json.
    #[arg(long, value_name = "DIR")]
    scores: PathBuf,
}

impl CommitScores {
    fn read(&self) -> Result<(Source, ScoresDoc), Error> {
        let file = if self.scores.is_dir() { self.scores.join(SCORES_FILE) } else { self.scores.clone() };
        Ok((Source::open(&self.dir)?, ScoresDoc::read(&file)?))
    }
}

impl Verb for CommitScores {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let (source, scores) = self.read()?;
        Ok(Batch::of(&source, vec![source.commit_scores(&scores)?]))
    }

    #[cfg(feature = "rpc")]
    fn batch_on(
        &self,
        _: apportion_circuits::types::Payee,
        chain: &mut dyn apportion_verifier::chain::ReadChain,
        _: &dyn Progress,
    ) -> Result<Batch, Error> {
        let (source, scores) = self.read()?;
        Ok(Batch::of(&source, vec![source.commit_scores_on(&scores, chain)?]))
    }
}
