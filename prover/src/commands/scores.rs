//! `apportion scores`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::{
        dataset::check_roots,
        scores::{self, DatasetFile, SCORES_FILE},
    },
    input::read_records,
    ledger::{Paths, PrivateDir, State},
};
use apportion_circuits::types::Record;
use apportion_statement::files::PublicDir;
use apportion_suite::Suite;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Session, in_suite, warn_insecure};

/// Scores.
#[derive(Debug, Subcommand)]
pub(crate) enum ScoresCommand {
    /// Commit to an epoch's scores: a file to post, and its private opening.
    Commit(Commit),
}

/// Commit to an epoch's scores.
#[derive(Debug, Args)]
#[command(
    after_help = "scores.csv has the header `record,score` (the record's number, from 0) or, where every payee \
    has one record, `payee,score`. Scores are integers below 2^64; every record has one, 0 where nothing is \
    earned.\n\nOnly the ledger's public/ is needed. Scores by payee also need the records: they are taken from the \
    ledger's private/ or from --records.\n\nThe directory holds scores.json, to be posted before the epoch's \
    revenue is closed, and opening/, to be handed to the developer in private.\n\nExamples:\n  apportion scores \
    commit --dir ledger --scores scores.csv --epoch 1 --out scores-1\n  apportion scores commit --dir ledger \
    --scores 0=books.csv --scores 1=songs.csv --epoch 2 --out scores-2"
)]
pub(crate) struct Commit {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The scores; once per dataset, with its number, where the ledger has several.
    #[arg(long, value_name = "[DATASET=]FILE", required = true)]
    scores: Vec<DatasetFile>,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
    /// Where to write the commitment and its opening.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The records, for scores by payee without the ledger's private/.
    #[arg(long, value_name = "[DATASET=]FILE")]
    records: Vec<DatasetFile>,
}

#[derive(Serialize)]
struct Output {
    scores: String,
    opening: String,
    epoch: u32,
    segments: usize,
    total_score: String,
}

impl ScoresCommand {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            ScoresCommand::Commit(command) => command.run(session),
        }
    }
}

impl Commit {
    fn run(self, session: &Session) -> Result<(), Error> {
        let state = State::read(&PublicDir::of_ledger(&self.dir))?;
        warn_insecure(state.ledger.setup.insecure, session);
        let records = self.read_records(&state)?;
        let find =
            |number: u32| records.iter().find(|(n, _)| *n == number).map(|(_, records)| records.as_slice());
        let scores = scores::read_all(&state, self.epoch, &self.scores, |dataset| find(dataset.number))?;
        let doc = in_suite!(state.ledger.suite, S =>
            scores::commit::<S>(&state, self.epoch, &scores, &session.cache, &self.out))?;
        let output = Output {
            scores: self.out.join(SCORES_FILE).display().to_string(),
            opening: scores::opening_dir(&self.out).root().display().to_string(),
            epoch: doc.epoch,
            segments: doc.segments.len(),
            total_score: doc.total_score.to_string(),
        };
        let text = format!(
            "{}: {} commitments for epoch {}, total score {}; keep {} private",
            output.scores, output.segments, output.epoch, output.total_score, output.opening
        );
        session.console.result(&output, &text);
        Ok(())
    }

    /// The records of every dataset where they are known.
    fn read_records(&self, state: &State) -> Result<Vec<(u32, Vec<Record>)>, Error> {
        let datasets = scores::taking_part(state, self.epoch)?;
        let mut known = Vec::new();
        if !self.records.is_empty() {
            let paths = scores::assign_files(&datasets, &self.records, "--records")?;
            for (dataset, path) in datasets.iter().zip(paths) {
                let records = read_records(path)?;
                in_suite!(state.ledger.suite, S => check_roots::<<S as Suite>::F>(&dataset.doc, &records))?;
                known.push((dataset.number, records));
            }
            return Ok(known);
        }
        let private = PrivateDir::new(Paths::of(&self.dir).private);
        for dataset in datasets {
            let dir = private.dataset(dataset.number);
            if dir.records().exists() {
                known.push((dataset.number, dir.read_records(dataset.digest)?.0));
            }
        }
        Ok(known)
    }
}
