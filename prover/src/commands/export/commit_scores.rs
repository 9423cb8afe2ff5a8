//! `apportion export calldata commitScores`.

use std::path::PathBuf;

use apportion::{Error, actions::scores::SCORES_FILE, progress::Progress};
use apportion_verifier::{
    bundle::{Document, ScoresDoc},
    chain::{Call, Source, commit_scores},
};
use clap::Args;

use super::calldata::{Deliver, Verb};

/// The options.
#[derive(Debug, Args)]
pub(crate) struct CommitScores {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The directory that `scores commit` wrote, or its scores.json.
    #[arg(long, value_name = "DIR")]
    scores: PathBuf,
    #[command(flatten)]
    pub(super) deliver: Deliver,
}

impl Verb for CommitScores {
    fn calls(&self, _: &dyn Progress) -> Result<Vec<Call>, Error> {
        let file = if self.scores.is_dir() { self.scores.join(SCORES_FILE) } else { self.scores.clone() };
        Ok(vec![commit_scores(Source::open(&self.dir)?.ledger(), &ScoresDoc::read(&file)?)?])
    }
}
