//! The transaction `commitScores`.

use std::path::PathBuf;

use apportion::{Error, actions::scores::SCORES_FILE, progress::Progress};
use apportion_verifier::{
    bundle::{Document, ScoresDoc},
    chain::{Source, commit_scores},
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

impl Verb for CommitScores {
    fn batch(&self, _: &dyn Progress) -> Result<Batch, Error> {
        let file = if self.scores.is_dir() { self.scores.join(SCORES_FILE) } else { self.scores.clone() };
        let source = Source::open(&self.dir)?;
        let call = commit_scores(source.ledger(), &ScoresDoc::read(&file)?)?;
        Ok(Batch::of(&source, vec![call]))
    }
}
