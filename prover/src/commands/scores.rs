//! `apportion scores`.

use std::{fmt::Write as _, path::PathBuf};

use apportion::{
    Error,
    actions::scores::{self, DatasetFile, OPENINGS_DIR, Participant, Preview, SCORES_FILE},
    hint,
    input::read_records,
    ledger::{LicenceDir, Paths, PrivateDir},
    progress::Progress as _,
};
use apportion_circuits::types::Record;
use apportion_statement::{
    dataset::check_records,
    files::{Bundle, PublicDir},
};
use apportion_suite::Suite;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Session, counted, in_suite, warn_insecure};

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
    revenue is closed, and openings/, to be handed to the developer in private. The seed is yours: made the first time, \
    kept by you; with it and the scores the same commitment can be made again.\n\nExamples:\n  apportion scores commit --dir \
    ledger --scores scores.csv --epoch 1 --seed attributor.seed --out scores-1\n  apportion scores commit --public \
    public --scores 0=books.csv --scores 1=songs.csv --zero 2 --epoch 2 --seed attributor.seed --out scores-2"
)]
#[command(group(clap::ArgGroup::new("ledger").required(true).args(["dir", "public"])))]
pub(crate) struct Commit {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The ledger's public/ alone, or a directory that holds one.
    #[arg(long, value_name = "DIR")]
    public: Option<PathBuf>,
    /// The scores; once per dataset, with its number, where several take part.
    #[arg(long, value_name = "[DATASET=]FILE", required = true)]
    scores: Vec<DatasetFile>,
    /// The dataset of the files that name none.
    #[arg(long, value_name = "N", value_parser = super::from_zero, allow_negative_numbers = true)]
    dataset: Option<u32>,
    /// A dataset of which nothing earns anything in this epoch.
    #[arg(long, value_name = "N", value_parser = super::from_zero, allow_negative_numbers = true)]
    zero: Vec<u32>,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = super::from_one, allow_negative_numbers = true)]
    epoch: u32,
    /// Where to write the commitment and its openings.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Your seed; made where there is none.
    #[arg(long, value_name = "FILE")]
    seed: PathBuf,
    /// The records, for scores by payee without the ledger's private/.
    #[arg(long, value_name = "[DATASET=]FILE")]
    records: Vec<DatasetFile>,
}

#[derive(Serialize)]
struct Output {
    scores: String,
    openings: String,
    epoch: u32,
    segments: usize,
    total_score: String,
    root: String,
    seed: String,
    preview: Preview,
}

impl ScoresCommand {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            ScoresCommand::Commit(command) => command.run(session),
        }
    }
}

impl Commit {
    fn run(mut self, session: &Session) -> Result<(), Error> {
        for file in self.scores.iter_mut().chain(&mut self.records) {
            file.dataset = file.dataset.or(self.dataset);
        }
        // clap asks for one of them.
        let dir = self.dir.as_ref().or(self.public.as_ref());
        let dir = dir.ok_or_else(|| Error::usage("say --dir or --public"))?;
        hint::expect_public(dir, hint::Kind::Ledger)?;
        let bundle = Bundle::read(PublicDir::of_ledger(dir))?;
        warn_insecure(bundle.ledger.setup.insecure, session);
        let records = self.read_records(&bundle)?;
        let find =
            |number: u32| records.iter().find(|(n, _)| *n == number).map(|(_, records)| records.as_slice());
        let scores = scores::read_all(&bundle, self.epoch, &self.scores, &self.zero, find)?;
        let preview = scores::preview(&scores);
        session.console.note(&preview_text(&preview));
        let (seed, made) = scores::seed_at(&self.seed)?;
        if made {
            session.console.warn(&format!(
                "{}: a fresh seed of yours, {}; keep it in a second place too",
                self.seed.display(),
                seed.id()
            ));
        }
        let doc = in_suite!(bundle.ledger.suite, S =>
            scores::commit::<S>(&bundle, self.epoch, &scores, &seed, &session.cache, &self.out, &session.console))?;
        let output = Output {
            scores: self.out.join(SCORES_FILE).display().to_string(),
            openings: self.out.join(OPENINGS_DIR).display().to_string(),
            epoch: doc.epoch,
            segments: doc.segments.len(),
            total_score: doc.total_score.to_string(),
            root: doc.root.to_string(),
            seed: seed.id().to_string(),
            preview,
        };
        let text = format!(
            "{}: {} for epoch {}, total score {}, root {}; keep {} private",
            output.scores,
            counted(output.segments, "commitment"),
            output.epoch,
            output.total_score,
            output.root,
            output.openings
        );
        session.console.result(&output, &text);
        Ok(())
    }

    /// The records of every dataset where they are known, those of the revision that scores are posted under.
    fn read_records(&self, bundle: &Bundle) -> Result<Vec<(u32, Vec<Record>)>, Error> {
        let datasets = scores::participants(bundle, self.epoch)?;
        let mut known = Vec::new();
        if !self.records.is_empty() {
            let paths = scores::assign_files(&datasets, &self.records, &self.zero, "--records")?;
            for (dataset, path) in datasets.iter().zip(paths) {
                let Some(path) = path else { continue };
                let records = read_records(path)?.records;
                check(bundle, dataset, &records).map_err(|error| {
                    Error::Unreadable(format!(
                        "{}: not the records of dataset {}, revision {}: {error}",
                        path.display(),
                        dataset.number,
                        dataset.revision
                    ))
                })?;
                known.push((dataset.number, records));
            }
            return Ok(known);
        }
        let Some(dir) = &self.dir else { return Ok(known) };
        let private = PrivateDir::new(Paths::of(dir).private);
        for dataset in datasets {
            let licence: LicenceDir = private.dataset(dataset.number);
            if licence.records().exists() {
                let records = licence.read_records(&dataset.enrolled.dataset.doc, dataset.records as u64)?;
                known.push((dataset.number, records));
            }
        }
        Ok(known)
    }
}

fn check(bundle: &Bundle, dataset: &Participant<'_>, records: &[Record]) -> Result<(), Error> {
    let Some(revision) = dataset.enrolled.dataset.revisions.get(dataset.revision as usize) else {
        return Ok(());
    };
    let tier = dataset.enrolled.dataset.doc.tier;
    in_suite!(bundle.ledger.suite, S => check_records::<<S as Suite>::F>(tier, &revision.doc, records))?;
    Ok(())
}

fn preview_text(preview: &Preview) -> String {
    let mut text = format!(
        "{}, total score {}; {} 0 and get nothing",
        counted(preview.records, "record"),
        preview.total_score,
        match preview.zeros {
            1 => "1 has".to_owned(),
            zeros => format!("{zeros} have"),
        }
    );
    for share in &preview.top {
        // Writing to a string does not fail.
        let _ = write!(text, "\n  dataset {} record {}: {} %", share.dataset, share.record, share.percent);
    }
    text
}
