//! `scores commit`: an attributor's commitment to an epoch's scores, and its private opening.

use std::path::{Path, PathBuf};

use apportion_circuits::{
    field::SuiteField,
    relation::Relation,
    split::Split,
    types::{Record, Score, TOTAL_SCORE_BITS, Tier, Word},
};
use apportion_secrets::{NameKey, Seed};
use apportion_statement::{
    Context, History, SegmentId, counted,
    files::{
        Amount, Bundle, Document, EnrolledDataset, FORMAT_VERSION, InputError, ScoredSegment, ScoresDoc,
    },
};
use apportion_suite::params::ParamsCache;
use rand_core::OsRng;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    error::Error,
    input::{InputError as InputFault, Reason, Scores, read_scores},
    ledger::{
        Ledger, Opening, Places,
        files::{self, Access, NewDir},
        ledger_id, proven_revision, read_secret, segment_file, write_secret,
    },
    progress::Progress,
    setup::{Choice, ProverSuite},
};

/// The public file of a directory of scores.
pub const SCORES_FILE: &str = "scores.json";
/// Where its openings are.
pub const OPENINGS_DIR: &str = "openings";
/// How many of the largest shares a preview lists.
const TOP: usize = 5;

/// A file for one dataset, or for the only one that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetFile {
    /// The dataset; `None` where only one takes part.
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

/// A dataset that takes part in an epoch, as scores see it.
#[derive(Clone, Copy, Debug)]
pub struct Participant<'a> {
    /// Its number.
    pub number: u32,
    /// Its documents.
    pub enrolled: &'a EnrolledDataset,
    /// The revision that scores are posted under: the newest up to which every column is proven.
    pub revision: u32,
    /// Its number of records in that revision.
    pub records: usize,
}

/// The datasets that take part in an epoch.
///
/// # Errors
/// If none does, or one has no proven columns.
pub fn participants(bundle: &Bundle, epoch: u32) -> Result<Vec<Participant<'_>>, Error> {
    let mut found = Vec::new();
    for (number, enrolled) in (0u32..).zip(&bundle.datasets) {
        let retired = enrolled.retirement.as_ref().map(|retirement| retirement.from_epoch);
        if epoch < enrolled.enrolment.first_epoch || retired.is_some_and(|from| from <= epoch) {
            continue;
        }
        let revision = proven_revision(&enrolled.dataset).ok_or_else(|| {
            Error::usage(format!(
                "dataset {number} has no proven columns: `apportion dataset prove` makes them"
            ))
        })?;
        let records = enrolled.dataset.revisions.get(revision as usize).map_or(0, |r| r.doc.records);
        let records = usize::try_from(records).unwrap_or(usize::MAX);
        found.push(Participant { number, enrolled, revision, records });
    }
    if !found.is_empty() {
        return Ok(found);
    }
    Err(Error::usage(if bundle.datasets.is_empty() {
        "no dataset is enrolled: `apportion ledger enroll` does that".to_owned()
    } else {
        format!("no dataset takes part in epoch {epoch}: each begins later or is retired")
    }))
}

/// The file of each dataset, in the datasets' order; `None` for those that are said to earn nothing.
///
/// # Errors
/// If a dataset has no file or several, or a file's dataset does not take part.
pub fn assign_files<'a>(
    datasets: &[Participant<'_>],
    files: &'a [DatasetFile],
    zero: &[u32],
    option: &str,
) -> Result<Vec<Option<&'a Path>>, Error> {
    // Whatever else is wrong, a path that leads nowhere is the cause that its writer can see.
    if let Some(file) = files.iter().find(|file| !file.path.exists()) {
        return Err(Error::Unreadable(format!("cannot read {}: there is no such file", file.path.display())));
    }
    let named = files.iter().filter_map(|file| file.dataset).chain(zero.iter().copied());
    if let Some(number) = named.into_iter().find(|n| datasets.iter().all(|d| d.number != *n)) {
        return Err(Error::usage(format!("no dataset {number} takes part in the epoch")));
    }
    let of = |number: u32| {
        let mut found = files
            .iter()
            .filter(|file| file.dataset == Some(number) || (file.dataset.is_none() && datasets.len() == 1));
        match (found.next(), found.next(), zero.contains(&number)) {
            (Some(file), None, false) => Ok(Some(file.path.as_path())),
            (None, _, true) => Ok(None),
            (None, _, false) => Err(Error::usage(format!(
                "no file for dataset {number}, which takes part from epoch {} on: write {option} {number}=FILE, or --zero \
                 {number} if nothing of it earns anything",
                datasets.iter().find(|d| d.number == number).map_or(0, |d| d.enrolled.enrolment.first_epoch)
            ))),
            _ => Err(Error::usage(format!("several files for dataset {number}"))),
        }
    };
    datasets.iter().map(|dataset| of(dataset.number)).collect()
}

/// Reads the scores of every dataset that takes part in an epoch. `records` gives a dataset's records where
/// they are known: only then can scores name payees.
///
/// # Errors
/// Every bad row, with its line, or a total that is too large.
pub fn read_all<'a>(
    bundle: &Bundle,
    epoch: u32,
    files: &[DatasetFile],
    zero: &[u32],
    records: impl Fn(u32) -> Option<&'a [Record]>,
) -> Result<Vec<(u32, Scores)>, Error> {
    let datasets = participants(bundle, epoch)?;
    let paths = assign_files(&datasets, files, zero, "--scores")?;
    let mut all = Vec::new();
    for (dataset, path) in datasets.into_iter().zip(paths) {
        let scores = match path {
            Some(path) => read_scores(path, dataset.records, records(dataset.number))
                .map_err(|error| grown(&dataset, error))?,
            None => Scores::new(vec![0; dataset.records]),
        };
        all.push((dataset.number, scores));
    }
    let total: u128 = all.iter().map(|(_, scores)| scores.total()).sum();
    if total >> TOTAL_SCORE_BITS != 0 {
        return Err(Error::TotalScore);
    }
    Ok(all)
}

/// Scores that do not fit a dataset which has grown: says so.
fn grown(dataset: &Participant<'_>, error: InputFault) -> Error {
    let before =
        dataset.revision.checked_sub(1).and_then(|r| dataset.enrolled.dataset.revisions.get(r as usize));
    let of_count =
        |reason: &Reason| matches!(reason, Reason::MissingScore { .. } | Reason::RecordOutOfRange { .. });
    match (&error, before) {
        (InputFault::Rows(bad), Some(before)) if bad.rows.iter().any(|row| of_count(&row.reason)) => {
            Error::Unreadable(format!(
                "{error}\ndataset {} has grown: {} in revision {}, {} before; every one of them needs a score",
                dataset.number,
                counted(dataset.records, "record"),
                dataset.revision,
                before.doc.records
            ))
        }
        _ => error.into(),
    }
}

/// What scores will do, for whoever posts them to look at before. As private as the scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Records that have a score.
    pub records: u64,
    /// Records whose score is 0.
    pub zeros: u64,
    /// The sum of all scores.
    pub total_score: String,
    /// The largest shares, largest first.
    pub top: Vec<TopShare>,
}

/// One record's share of the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopShare {
    /// The dataset's number.
    pub dataset: u32,
    /// The record's number.
    pub record: usize,
    /// The share, in percent with two digits, rounded down.
    pub percent: String,
}

/// Looks at scores before they are posted.
pub fn preview(scores: &[(u32, Scores)]) -> Preview {
    let total: u128 = scores.iter().map(|(_, scores)| scores.total()).sum();
    let (mut records, mut zeros) = (0u64, 0u64);
    let mut top: Vec<(Score, u32, usize)> = Vec::new();
    for (dataset, scores) in scores {
        for (record, score) in scores.values().iter().enumerate() {
            records += 1;
            zeros += u64::from(*score == 0);
            let last = top.last().map_or(0, |(score, ..)| *score);
            if *score > 0 && (top.len() < TOP || *score > last) {
                let at = top.partition_point(|(other, ..)| other >= score);
                top.insert(at, (*score, *dataset, record));
                top.truncate(TOP);
            }
        }
    }
    let share = |(score, dataset, record): (Score, u32, usize)| {
        // Below 2^64 * 10^4: no overflow.
        let basis = (u128::from(score) * 10_000).checked_div(total).unwrap_or(0);
        TopShare { dataset, record, percent: format!("{}.{:02}", basis / 100, basis % 100) }
    };
    Preview { records, zeros, total_score: total.to_string(), top: top.into_iter().map(share).collect() }
}

/// Writes a directory of scores: `scores.json` to post, the openings to hand to the developer in private.
/// Only segments with a positive sum are listed; they move, the others don't. The masks follow from the
/// attributor's seed and the scores.
///
/// # Errors
/// If all scores are 0, the epoch is proven already, or `out` exists.
pub fn commit<S: ProverSuite>(
    bundle: &Bundle,
    epoch: u32,
    scores: &[(u32, Scores)],
    seed: &Seed,
    cache: &ParamsCache,
    out: &Path,
    progress: &dyn Progress,
) -> Result<ScoresDoc, Error> {
    let history = History::of(bundle)?;
    let next = history.last_epoch().saturating_add(1);
    if epoch < next {
        return Err(Error::usage(format!("epoch {epoch} is proven already; epoch {next} is next")));
    }
    if epoch > next {
        progress.warn(&format!(
            "epoch {next} is next: scores of epoch {epoch} can be proven when the epochs before it are, and what is \
             enrolled until then is not in them"
        ));
    }
    let own = NameKey::derive(seed, ledger_id(&bundle.ledger)).public();
    if Word::from(own) == bundle.ledger.receipt_key {
        progress.warn(
            "this is the ledger's own seed: its developer has it, so these scores are nobody's but the developer's. An \
             attributor keeps a seed of its own",
        );
    }
    let total: u128 = scores.iter().map(|(_, scores)| scores.total()).sum();
    if total == 0 {
        return Err(Error::usage(
            "all scores are 0: there is nobody to pay, so nothing is committed. Wait, and commit scores when some \
             record earned something: until then the revenue stays in the epoch, which stays open",
        ));
    }
    let dir = NewDir::begin(out)?;
    let openings = dir.path().join(OPENINGS_DIR);
    files::create_private_dir(&openings)?;
    let participants = participants(bundle, epoch)?;
    let places = Places::of_ledger(&bundle.ledger);
    let mut params: Option<(Tier, S::Params)> = None;
    let mut segments = Vec::new();
    let positive =
        |tier: Tier, scores: &Scores| scores.values().chunks(tier.accounts()).filter(|c| sum(c) > 0).count();
    let tier_of = |number: u32| bundle.datasets.get(number as usize).map(|d| d.dataset.doc.tier);
    let steps = scores.iter().filter_map(|(n, s)| tier_of(*n).map(|tier| positive(tier, s))).sum();
    progress.begin("score commitments", steps, 0);
    for participant in &participants {
        let Some((_, scores)) = scores.iter().find(|(number, _)| *number == participant.number) else {
            continue;
        };
        let doc = &participant.enrolled.dataset.doc;
        for (segment, values) in (0u32..).zip(scores.values().chunks(doc.tier.accounts())) {
            let score = sum(values);
            if score == 0 {
                continue;
            }
            if params.as_ref().is_none_or(|(tier, _)| *tier != doc.tier) {
                let k = <Split as Relation<S::F>>::layout(doc.tier).k;
                let loaded = S::load(cache, k, Choice::Label(&bundle.ledger.setup.provenance))?;
                if loaded.setup != bundle.ledger.setup {
                    return Err(Error::Mismatch(
                        "the parameters are not those that the ledger was made with".into(),
                    ));
                }
                params = Some((doc.tier, loaded.params));
            }
            let Some((tier, params)) = &params else { continue };
            let id = SegmentId { dataset: participant.number, segment };
            let mut padded = Zeroizing::new(Vec::with_capacity(tier.accounts()));
            padded.extend_from_slice(values);
            padded.resize(tier.accounts(), 0);
            let mask = apportion_secrets::mask(seed, &places.score(*tier, id, epoch), &padded)?;
            let opening = Opening::<S::F>::new(padded, mask);
            let commitment = S::commit(params, &opening.column(*tier)?)?;
            let place = bundle.ledger.context(doc.dataset_id, segment, epoch).to_word();
            write_secret(&openings.join(segment_file(id)), place, &opening)?;
            let revision = participant.revision;
            let score = Amount(score);
            segments.push(ScoredSegment { dataset: id.dataset, segment, revision, score, commitment });
            progress.step(&format!("{id}: committed"));
        }
    }
    progress.end();
    let mut doc = ScoresDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        model_id: bundle.ledger.model_id,
        epoch,
        total_score: Amount(total),
        root: Word::default(),
        segments,
    };
    doc.root = doc.computed_root(|number| id_of(&history, number)).unwrap_or_default();
    history.check_posted(epoch, &doc.posted())?;
    files::write_atomic(&dir.path().join(SCORES_FILE), &doc.to_json(), Access::Public)?;
    dir.commit()?;
    Ok(doc)
}

/// Reads the attributor's seed; the first time, makes it. Returns whether it was made.
///
/// # Errors
/// If the file holds no seed, or cannot be read or written.
pub fn seed_at(path: &Path) -> Result<(Seed, bool), Error> {
    if path.exists() {
        return Ok((Seed::read(path)?, false));
    }
    let seed = Seed::generate(&mut OsRng)?;
    files::create_dir(&files::parent(path))?;
    seed.write_new(path)?;
    Ok((seed, true))
}

/// A directory of scores, as its reader has it.
#[derive(Clone, Debug)]
pub struct Posted {
    /// What was posted.
    pub doc: ScoresDoc,
    /// The directory of the openings.
    pub openings: PathBuf,
}

impl Posted {
    /// Reads a directory of [`commit`] for an epoch of a ledger.
    ///
    /// # Errors
    /// If the document cannot be read, is of another suite, model or epoch, does not lead to its root, or
    /// lists segments that may not move.
    pub fn read(dir: &Path, ledger: &Ledger, epoch: u32) -> Result<Self, Error> {
        if dir.is_file() {
            let text = "is a file, not a directory of `apportion scores commit`";
            return Err(Error::usage(format!("{} {text}", dir.display())));
        }
        if !dir.exists() {
            return Err(Error::Unreadable(format!(
                "cannot read {}: there is no such directory",
                dir.display()
            )));
        }
        let path = dir.join(SCORES_FILE);
        let doc = ScoresDoc::read(&path)?;
        let value = |text: String| Error::from(InputError::value(&path, text));
        let own = &ledger.bundle.ledger;
        if doc.suite != own.suite {
            return Err(value(format!("scores of suite {}, the ledger's is {}", doc.suite, own.suite)));
        }
        if doc.model_id != own.model_id {
            return Err(value(format!(
                "scores of another model, {}: the ledger's is {}",
                doc.model_id, own.model_id
            )));
        }
        if doc.epoch != epoch {
            return Err(value(format!("scores of epoch {}, not of epoch {epoch}", doc.epoch)));
        }
        let of_violation =
            |violation: apportion_statement::Violation| value(format!("{}: {violation}", violation.id()));
        doc.check_root(|number| id_of(&ledger.history, number)).map_err(of_violation)?;
        ledger.history.check_posted(epoch, &doc.posted()).map_err(of_violation)?;
        Ok(Self { doc, openings: dir.join(OPENINGS_DIR) })
    }

    /// What was enrolled after these scores were committed, or earns nothing by them, for people to look at.
    ///
    /// # Errors
    /// As [`participants`].
    pub fn warnings(&self, ledger: &Ledger) -> Result<Vec<String>, Error> {
        let mut warnings = Vec::new();
        for participant in participants(&ledger.bundle, self.doc.epoch)? {
            let Participant { number, revision, .. } = participant;
            let mut listed = self.doc.segments.iter().filter(|scored| scored.dataset == number).peekable();
            if listed.peek().is_none() {
                warnings.push(format!(
                    "nothing of dataset {number} earns anything in epoch {}: its scores are all 0, or it was enrolled after \
                     they were committed",
                    self.doc.epoch
                ));
            } else if let Some(older) = listed.map(|scored| scored.revision).min().filter(|r| *r < revision) {
                warnings.push(format!(
                    "the scores are for revision {older} of dataset {number}, and revision {revision} was taken after they \
                     were committed: its new records earn nothing in epoch {}",
                    self.doc.epoch
                ));
            }
        }
        Ok(warnings)
    }

    /// Reads the opening of one segment's scores; generic over the field, as the ledger's own readers are.
    ///
    /// # Errors
    /// If it is missing, damaged or of another place.
    pub fn opening<F: SuiteField>(&self, ledger: &Ledger, id: SegmentId) -> Result<Opening<F>, Error> {
        let path = self.openings.join(segment_file(id));
        let place = ledger.segment_context(id, self.doc.epoch)?.to_word();
        match read_secret(&path, place) {
            Err(error) if error.is_not_found() => Err(Error::Unreadable(format!(
                "{} is missing: it is the opening of scores, which the attributor hands over in private with scores.json",
                path.display()
            ))),
            read => Ok(read?),
        }
    }
}

fn id_of(history: &History, number: u32) -> Option<Word> {
    history.datasets().get(number as usize).map(|dataset| dataset.id)
}

fn sum(scores: &[Score]) -> u128 {
    scores.iter().map(|score| u128::from(*score)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_names_the_largest_shares_and_who_gets_nothing() {
        let scores = [(0, Scores::new(vec![0, 1, 9_998, 0])), (1, Scores::new(vec![1, 0, 0, 0, 0, 0]))];
        let preview = preview(&scores);
        assert_eq!((preview.records, preview.zeros, preview.total_score.as_str()), (10, 7, "10000"));
        let first = &preview.top[0];
        assert_eq!((first.dataset, first.record, first.percent.as_str()), (0, 2, "99.98"));
        assert_eq!(preview.top.len(), 3);
    }

    #[test]
    fn a_seed_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("attributor.seed");
        let (seed, made) = seed_at(&path).unwrap();
        assert!(made);
        let (again, made) = seed_at(&path).unwrap();
        assert!(!made && again.id() == seed.id());
    }
}
