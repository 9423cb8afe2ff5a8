//! `apportion ledger recover`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::recover::{Sources, recover},
    hint,
    progress::Progress as _,
};
use apportion_statement::files::{Document as _, LedgerDoc, PublicDir};
use clap::Args;
use serde::Serialize;

use super::{Session, counted, in_suite, warn_insecure};

/// Make a lost private/ again from the seed, the records and the scores.
#[derive(Debug, Args)]
#[command(
    after_help = "Needed are the ledger's public/, the seed, every dataset's directory with its licence/, and \
    the directory of `scores commit` of every epoch. Balances are computed again epoch by epoch, and every \
    column is compared with the one that public/ states: what comes out is what was lost, byte for byte, or it \
    is refused and the segment named. Epochs that were taken back and not proven again are not \
    recovered.\n\nExample:\n  apportion ledger recover --public ledger/public --seed seed.txt --dataset dataset \
    --scores scores-1 --scores scores-2 --dir recovered"
)]
pub(crate) struct Recover {
    /// The ledger's public/.
    #[arg(long, value_name = "DIR")]
    public: PathBuf,
    /// The file of the ledger's seed.
    #[arg(long, value_name = "FILE")]
    seed: PathBuf,
    /// The directory of each enrolled dataset.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    dataset: Vec<PathBuf>,
    /// The directory of each epoch's scores.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    scores: Vec<PathBuf>,
    /// The directory to make, which must not exist.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Serialize)]
struct Output {
    ledger: String,
    datasets: usize,
    epochs: usize,
    columns: usize,
}

impl Recover {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        hint::expect_public(&self.public, hint::Kind::Ledger)?;
        let doc = LedgerDoc::read(&PublicDir::of_ledger(&self.public).ledger())?;
        warn_insecure(doc.setup.insecure, session);
        let sources =
            Sources { public: &self.public, seed: &self.seed, datasets: &self.dataset, scores: &self.scores };
        let recovered = in_suite!(doc.suite, S =>
            recover::<S>(&sources, &self.dir, &session.cache, &session.console))?;
        let output = Output {
            ledger: self.dir.display().to_string(),
            datasets: recovered.datasets,
            epochs: recovered.epochs,
            columns: recovered.columns,
        };
        session.console.warn(
            "whether an epoch was proven and taken back is not known: attempts are not in public/. Where the epoch that comes \
             next was, its next proof names no attempt, and an auditor does not count it (V8.openings): take private/undone \
             over from a copy, if there is one",
        );
        let text = format!(
            "{}: {} and {} recovered; {} made again, each the one in public/",
            output.ledger,
            counted(output.datasets, "dataset"),
            counted(output.epochs, "epoch"),
            counted(output.columns, "column")
        );
        session.console.result(&output, &text);
        Ok(())
    }
}
