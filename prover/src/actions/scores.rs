//! `scores commit`: an attributor's commitment to an epoch's scores, and its private opening.

use std::path::{Path, PathBuf};

use apportion_circuits::{
    relation::Relation,
    split::Split,
    types::{Record, Score, TOTAL_SCORE_BITS},
};
use apportion_statement::files::{Amount, Document, FORMAT_VERSION, ScoredSegment, ScoresDoc};
use apportion_suite::params::ParamsCache;
use rand_core::OsRng;

use crate::{
    error::Error,
    input::{Scores, read_scores},
    ledger::{
        Dataset, Opening, PrivateDir, SegmentId, State,
        files::{self, Access},
        read_posted_scores,
    },
    setup::{Choice, ProverSuite},
};

/// The public file of a directory of scores.
pub const SCORES_FILE: &str = "scores.json";
/// Where its openings are.
const OPENING_DIR: &str = "opening";

/// A file for one dataset, or for the ledger's only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetFile {
    /// The dataset; `None` where the ledger has one only.
    pub dataset: Option<u32>,
    /// The file.
    pub path: PathBuf,
}

impl std::str::FromStr for DatasetFile {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // `NUMBER=FILE`, or a file whose name merely contains the sign.
        let named = text.split_once('=').and_then(|(n, path)| Some((n.parse().ok()?, path)));
        Ok(match named {
            Some((number, path)) => Self { dataset: Some(number), path: path.into() },
            None => Self { dataset: None, path: text.into() },
        })
    }
}

/// The file of each dataset, in the datasets' order.
pub fn assign_files<'a>(
    datasets: &[&Dataset],
    files: &'a [DatasetFile],
    option: &str,
) -> Result<Vec<&'a Path>, Error> {
    let of = |number: u32| {
        let mut found = files
            .iter()
            .filter(|file| file.dataset == Some(number) || (file.dataset.is_none() && datasets.len() == 1));
        match (found.next(), found.next()) {
            (Some(file), None) => Ok(file.path.as_path()),
            (None, _) => {
                Err(Error::usage(format!("no file for dataset {number}: write {option} {number}=FILE")))
            }
            (Some(_), Some(_)) => Err(Error::usage(format!("several files for dataset {number}"))),
        }
    };
    if let Some(number) =
        files.iter().filter_map(|file| file.dataset).find(|n| datasets.iter().all(|d| d.number != *n))
    {
        return Err(Error::usage(format!("no dataset {number} takes part in the epoch")));
    }
    datasets.iter().map(|dataset| of(dataset.number)).collect()
}

/// Reads the scores of every dataset that takes part in an epoch. `records` gives a dataset's records where they
/// are known: only then can scores name payees.
pub fn read_all<'a>(
    state: &State,
    epoch: u32,
    files: &[DatasetFile],
    records: impl Fn(&Dataset) -> Option<&'a [Record]>,
) -> Result<Vec<(u32, Scores)>, Error> {
    let datasets = taking_part(state, epoch)?;
    let paths = assign_files(&datasets, files, "--scores")?;
    let mut all = Vec::new();
    for (dataset, path) in datasets.into_iter().zip(paths) {
        all.push((dataset.number, read_scores(path, dataset.records(), records(dataset))?));
    }
    let total: u128 = all.iter().map(|(_, scores)| scores.total()).sum();
    if total >> TOTAL_SCORE_BITS != 0 {
        return Err(Error::TotalScore);
    }
    Ok(all)
}

/// The datasets that take part in an epoch.
pub fn taking_part(state: &State, epoch: u32) -> Result<Vec<&Dataset>, Error> {
    let datasets: Vec<_> = state.datasets.iter().filter(|dataset| dataset.first_epoch() <= epoch).collect();
    if datasets.is_empty() {
        return Err(Error::usage("no dataset is enrolled: `apportion ledger enroll` does that"));
    }
    Ok(datasets)
}

/// Writes a directory of scores: `scores.json` to post, the opening to hand to the developer in private.
pub fn commit<S: ProverSuite>(
    state: &State,
    epoch: u32,
    scores: &[(u32, Scores)],
    cache: &ParamsCache,
    out: &Path,
) -> Result<ScoresDoc, Error> {
    let path = out.join(SCORES_FILE);
    if path.exists() {
        return Err(Error::usage(format!("{} exists already", path.display())));
    }
    if epoch < state.next_epoch() {
        return Err(Error::usage(format!("epoch {epoch} is proven; epoch {} is next", state.next_epoch())));
    }
    let tier = state.ledger.tier;
    let k = <Split as Relation<S::F>>::layout(tier).k;
    let params = S::load(cache, k, Choice::Label(&state.ledger.setup.provenance))?.params;
    files::create_dir(out)?;
    let openings = opening_dir(out);
    openings.create()?;
    let mut segments = Vec::new();
    let mut total = 0u128;
    for (number, scores) in scores {
        let dataset = state.dataset(*number)?;
        total += scores.total();
        for segment in 0..dataset.segments() {
            let id = SegmentId { dataset: *number, segment };
            let values: &[Score] = scores.values().get(dataset.range(tier, segment)).unwrap_or_default();
            let opening = Opening::<S::F>::new(tier, values, 0, &mut OsRng);
            openings.write_segment(id, &state.split_context(id, epoch)?, &opening)?;
            let commitment = S::commit(&params, &opening.column(tier))?;
            segments.push(ScoredSegment { dataset: *number, segment, commitment });
        }
    }
    let doc = ScoresDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        model_id: state.ledger.model_id,
        epoch,
        total_score: Amount(total),
        segments,
    };
    files::write_atomic(&path, &doc.to_json(), Access::Public)?;
    Ok(doc)
}

/// A directory of scores, as its reader has it.
#[derive(Clone, Debug)]
pub struct Posted {
    /// What was posted.
    pub doc: ScoresDoc,
    /// Where the openings are.
    pub openings: PrivateDir,
}

impl Posted {
    /// Reads a directory of `commit` for an epoch.
    pub fn read(dir: &Path, state: &State, epoch: u32) -> Result<Self, Error> {
        if dir.is_file() {
            let text = "is a file, not a directory of `apportion scores commit`";
            return Err(Error::usage(format!("{} {text}", dir.display())));
        }
        let doc = read_posted_scores(&dir.join(SCORES_FILE), state, epoch)?;
        Ok(Self { doc, openings: opening_dir(dir) })
    }

    /// Reads the opening of one segment's scores.
    pub fn opening<S: ProverSuite>(
        &self,
        state: &State,
        epoch: u32,
        id: SegmentId,
    ) -> Result<Opening<S::F>, Error> {
        Ok(self.openings.read_segment(id, &state.split_context(id, epoch)?)?)
    }

    /// The commitment to one segment's scores.
    pub fn commitment(&self, id: SegmentId) -> Option<&apportion_suite::Commitment> {
        let segment = self.doc.segments.iter().find(|s| (s.dataset, s.segment) == (id.dataset, id.segment));
        segment.map(|segment| &segment.commitment)
    }
}

/// Where the openings of a directory of scores are.
pub fn opening_dir(dir: &Path) -> PrivateDir {
    PrivateDir::new(dir.join(OPENING_DIR))
}
