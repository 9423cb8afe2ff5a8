//! `ledger recover`: the private files again, from the seed, the records and the scores alone.
//!
//! Balances are computed epoch by epoch, as `prove` computed them, and every column is compared with the one
//! that `public/` states: what comes out is what was lost, byte for byte, or nothing.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use apportion_circuits::{
    column::MaskedColumn,
    relation::Relation,
    split::Split,
    types::{Tier, Word},
};
use apportion_secrets::Seed;
use apportion_statement::{
    CheckId, Commitment, History, SegmentId,
    dataset::check_records,
    files::{
        Bundle, Document as _, EnrolledDataset, Epoch, KeysDir, MAX_BINARY_BYTES, PublicDir, ScoresDoc,
        SetupDoc, digest_file,
    },
    history::check_link,
};
use apportion_suite::{Suite, params::ParamsCache};

use super::{
    epoch::{Plan, compute},
    scores::{Posted, SCORES_FILE},
};
use crate::{
    dataset_dir::OwnDataset,
    error::Error,
    ledger::{
        Config, Ledger, Paths, PrivateDir, column_of,
        files::{self, Access, NewDir},
    },
    progress::Progress,
    setup::{Choice, ProverSuite},
};

/// What a ledger is recovered from.
#[derive(Clone, Debug)]
pub struct Sources<'a> {
    /// The ledger's `public/`.
    pub public: &'a Path,
    /// The file of the developer's seed.
    pub seed: &'a Path,
    /// Directories of the enrolled datasets, with their `licence/`.
    pub datasets: &'a [PathBuf],
    /// Directories of every epoch's scores, with their openings.
    pub scores: &'a [PathBuf],
}

/// What was recovered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Datasets.
    pub datasets: usize,
    /// Epochs.
    pub epochs: usize,
    /// Columns that were made again and compared with those in `public/`.
    pub columns: usize,
}

/// Makes a ledger directory again, in a new directory.
///
/// # Errors
/// If the seed is another ledger's, a dataset's or an epoch's directory is missing, or a column comes out as
/// another one: the message names the segment. Nothing is left behind.
pub fn recover<S: ProverSuite>(
    sources: &Sources<'_>,
    dir: &Path,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<Recovered, Error> {
    let made = NewDir::begin(dir)?;
    let public = PublicDir::of_ledger(sources.public);
    // The reader refuses what has no place there, before anything is copied.
    let doc = Bundle::read(public.clone())?.ledger;
    let paths = Paths::of(made.path());
    files::copy_public(public.root(), &paths.public)?;
    files::write_atomic(&made.path().join(".gitattributes"), b"* -text\n", Access::Public)?;
    Config::of(&doc).write(&paths.config)?;
    let private = PrivateDir::new(&paths.private);
    private.create()?;
    let mut ledger = Ledger::read(made.path())?;
    check_files(&ledger.bundle)?;
    let seed = Seed::read(sources.seed)?;
    ledger.check_seed(sources.seed, &seed)?;
    seed.write_new(&private.seed())?;

    let scores = scores_of(&ledger, sources.scores)?;
    let datasets = datasets_of(&ledger, sources.datasets)?;
    let mut committer = Committer::<S>::new(&ledger, cache);
    let mut columns = 0;
    for (number, own) in (0u32..).zip(&datasets) {
        columns += licence::<S>(&ledger, number, own, &mut committer)?;
        progress.note(&format!("dataset {number}: its payee columns are those in public/"));
    }
    let epochs = std::mem::take(&mut ledger.bundle.epochs);
    ledger.history = History::of(&ledger.bundle)?;
    progress.begin("epochs", epochs.len(), 0);
    for (epoch, scores) in epochs.iter().zip(&scores) {
        columns += one_epoch::<S>(&ledger, epoch, scores, &committer)?;
        let number = epoch.doc.epoch;
        ledger.history.begin_epoch(number)?;
        ledger.history.settle_epoch(epoch);
        ledger.bundle.epochs.push(epoch.clone());
        progress.step(&format!("epoch {number}: all columns are those in public/"));
    }
    progress.end();
    drop(ledger);
    made.commit()?;
    Ok(Recovered { datasets: datasets.len(), epochs: epochs.len(), columns })
}

/// Every file is the one that a document names: proofs, posted scores, the setup.
fn check_files(bundle: &Bundle) -> Result<(), Error> {
    let check = |path: PathBuf, expected: Word| {
        if digest_file(&path, MAX_BINARY_BYTES)? == expected {
            return Ok(());
        }
        let text = "is not the file that its document names: its digest differs";
        Err(Error::Unreadable(format!("{}: {text}", path.display())))
    };
    let setup = |keys: KeysDir, doc: &SetupDoc| match doc.digest {
        Some(digest) => check(keys.setup(), digest),
        None => Ok(()),
    };
    setup(bundle.dir.keys(), &bundle.ledger.setup)?;
    for EnrolledDataset { dataset, .. } in &bundle.datasets {
        setup(dataset.dir.keys(), &dataset.doc.setup)?;
        for columns in dataset.revisions.iter().filter_map(|revision| revision.columns.as_ref()) {
            let root = dataset.dir.columns(columns.revision);
            for proof in columns.columns.iter().map(|column| &column.proof) {
                check(root.join(&proof.file), proof.sha256)?;
            }
        }
    }
    for epoch in &bundle.epochs {
        let root = bundle.dir.epoch(epoch.doc.epoch);
        if !epoch.scores_match {
            let path = root.join(&epoch.doc.scores.file);
            let text = "is not the file that epoch.json names: its digest differs";
            return Err(Error::Unreadable(format!("{}: {text}", path.display())));
        }
        for proof in epoch.doc.segments.iter().map(|segment| &segment.proof) {
            check(root.join(&proof.file), proof.sha256)?;
        }
    }
    Ok(())
}

/// Parameters to commit with, by tier.
struct Committer<'a, S: Suite> {
    cache: &'a ParamsCache,
    label: String,
    params: BTreeMap<Tier, S::Params>,
}

impl<'a, S: ProverSuite> Committer<'a, S> {
    fn new(ledger: &Ledger, cache: &'a ParamsCache) -> Self {
        Self { cache, label: ledger.bundle.ledger.setup.provenance.clone(), params: BTreeMap::new() }
    }

    fn load(&mut self, tier: Tier) -> Result<(), Error> {
        if let std::collections::btree_map::Entry::Vacant(place) = self.params.entry(tier) {
            let k = <Split as Relation<S::F>>::layout(tier).k;
            place.insert(S::load(self.cache, k, Choice::Label(&self.label))?.params);
        }
        Ok(())
    }

    fn commit(&self, tier: Tier, column: &MaskedColumn<S::F>) -> Result<Commitment, Error> {
        match self.params.get(&tier) {
            Some(params) => Ok(S::commit(params, column)?),
            None => Err(Error::Mismatch(format!("there are no parameters of tier {tier}"))),
        }
    }
}

/// The directory of every epoch's scores, in the epochs' order.
fn scores_of(ledger: &Ledger, dirs: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut by_root: BTreeMap<Word, &PathBuf> = BTreeMap::new();
    for dir in dirs {
        let doc = ScoresDoc::read(&dir.join(SCORES_FILE))?;
        let known = ledger.bundle.epochs.iter().any(|epoch| epoch.scores == doc);
        if !known {
            return Err(Error::Unreadable(format!(
                "{}: scores of epoch {} that no epoch of the ledger was split by",
                dir.display(),
                doc.epoch
            )));
        }
        by_root.insert(doc.root, dir);
    }
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for epoch in &ledger.bundle.epochs {
        match by_root.get(&epoch.scores.root) {
            Some(dir) => found.push((*dir).clone()),
            None => missing.push(epoch.doc.epoch.to_string()),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    Err(Error::usage(format!(
        "the scores of epoch {} are missing: give the directory of `scores commit` of every epoch with \
         --scores; the attributor has it, or makes it again from the scores and its seed",
        missing.join(", ")
    )))
}

/// The directory of every enrolled dataset, in the datasets' order.
fn datasets_of(ledger: &Ledger, dirs: &[PathBuf]) -> Result<Vec<OwnDataset>, Error> {
    let mut by_id: BTreeMap<Word, OwnDataset> = BTreeMap::new();
    for dir in dirs {
        let own = OwnDataset::read(dir)?;
        let id = own.bundle.doc.dataset_id;
        if ledger.history.dataset_of(id).is_none() {
            return Err(Error::Unreadable(format!(
                "{}: dataset {id} is not enrolled in the ledger",
                dir.display()
            )));
        }
        by_id.insert(id, own);
    }
    let mut found = Vec::new();
    for (number, EnrolledDataset { dataset, .. }) in (0u32..).zip(&ledger.bundle.datasets) {
        let id = dataset.doc.dataset_id;
        found.push(by_id.remove(&id).ok_or_else(|| {
            Error::usage(format!(
                "dataset {number}, {id}, is missing: give its directory, which has licence/ too, with --dataset; \
                 its owner has it"
            ))
        })?);
    }
    Ok(found)
}

/// Takes over a dataset's licence, and compares every payee column with the proven one. Returns how many.
fn licence<S: ProverSuite>(
    ledger: &Ledger,
    number: u32,
    own: &OwnDataset,
    committer: &mut Committer<'_, S>,
) -> Result<usize, Error> {
    let enrolled = &ledger.dataset(number)?.dataset;
    let (doc, newest) = (&enrolled.doc, enrolled.newest());
    let to = ledger.licence(number);
    // The owner's directory may have gone on: the ledger's revision counts.
    let records = own.licence.read_records(doc, newest.records)?;
    check_records::<S::F>(doc.tier, newest, &records)?;
    to.write_records(doc, records)?;
    to.write_recipients(doc, own.licence.read_recipients(doc, newest.records)?)?;
    committer.load(doc.tier)?;
    let mut columns = 0;
    for revision in &enrolled.revisions {
        for proven in revision.columns.iter().flat_map(|columns| &columns.columns) {
            let id = SegmentId { dataset: number, segment: proven.segment };
            let context = doc.context(proven.segment, revision.doc.revision);
            let mask = own.licence.read_payee_mask::<S::F>(&context)?;
            let payees = ledger.payees(id, revision.doc.revision)?;
            let column = committer.commit(doc.tier, &column_of(doc.tier, &payees, &mask)?)?;
            check_link(CheckId::V3Payee, &proven.payee_column, &column).map_err(|_| {
                Error::Claim(format!(
                    "{id}: records and mask in {} do not give the payee column of revision {}",
                    own.licence.root().display(),
                    revision.doc.revision
                ))
            })?;
            to.write_payee_mask(&context, mask)?;
            columns += 1;
        }
    }
    Ok(columns)
}

/// Computes one epoch again, and compares every column. Returns how many.
fn one_epoch<S: ProverSuite>(
    ledger: &Ledger,
    epoch: &Epoch,
    scores: &Path,
    committer: &Committer<'_, S>,
) -> Result<usize, Error> {
    let number = epoch.doc.epoch;
    let posted = Posted::read(scores, ledger, number)?;
    let plan = Plan::new(ledger, number, epoch.doc.revenue.0, posted.doc.total_score.0)?;
    if plan.pool != epoch.doc.pool.0 {
        return Err(Error::Claim(format!(
            "epoch {number}: public/ does not say what revenue and policy give"
        )));
    }
    let computed = compute::<S>(ledger, plan, &posted, |tier, column| committer.commit(tier, column))?;
    for (segment, stated) in computed.segments.iter().zip(&epoch.doc.segments) {
        let id = segment.id;
        if id != stated.id() || segment.new_column != stated.balance_column {
            return Err(Error::Claim(format!(
                "{id}: what seed, records and scores give after epoch {number} is not the balance column that \
                 public/ states: the seed or the files are another ledger's"
            )));
        }
        ledger.write_score_opening(number, id, &segment.scores)?;
        ledger.write_balances(number, id, &segment.new)?;
    }
    if computed.segments.len() != epoch.doc.segments.len() {
        return Err(Error::Claim(format!("epoch {number}: public/ states other segments than its scores")));
    }
    Ok(3 * computed.segments.len())
}
