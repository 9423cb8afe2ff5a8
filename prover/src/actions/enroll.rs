//! `ledger enroll`: a dataset's records become accounts of a model. Nothing is proven: the owner did that.

use std::{collections::HashSet, fs, path::Path, sync::Arc};

use apportion_circuits::{
    relation::Relation,
    split::Split,
    tree::Tree,
    types::{Record, Word},
};
use apportion_statement::{
    Commitment, RelationId, counted,
    dataset::check_records,
    files::{DatasetBundle, Document, EnrolledDataset, EnrolmentDoc, FORMAT_VERSION, KeyDoc, ProofBlob},
    inputs::{enroll_inputs, enroll_instance},
    verb,
};
use apportion_suite::{SuiteError, params::ParamsCache};
use rayon::prelude::*;

use super::{dataset::check_public, undo::set_aside};
use crate::{
    dataset_dir::OwnDataset,
    error::Error,
    ledger::{
        Ledger, column_of,
        files::{self, Access, NewDir},
    },
    progress::Progress,
    prove::making_key,
    setup::{Choice, Loaded, ProverSuite, make_key},
};

/// What an enrolment did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The enrolment.
    pub doc: EnrolmentDoc,
    /// Whether the dataset was enrolled already, and its new revisions were taken.
    pub renewed: bool,
    /// Its newest revision.
    pub revision: u32,
    /// Records of it.
    pub records: u64,
    /// Segments of it.
    pub segments: usize,
}

/// Enrolls a dataset from the next epoch on or, where it is enrolled already, takes its new revisions.
/// Everything is checked first: id, roots, counts, extensions, proofs, records and masks.
///
/// # Errors
/// If the dataset is of another suite, setup or chain, is not proven, fails a check, overlaps with another
/// one (unless `overlap` allows it), or is not a continuation of what the ledger has.
pub fn enroll<S: ProverSuite>(
    ledger: &Ledger,
    dataset: &OwnDataset,
    overlap: bool,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<Enrolled, Error> {
    check_fit(ledger, &dataset.bundle)?;
    let doc = &dataset.bundle.doc;
    if let Some(unproven) = dataset.bundle.revisions.iter().find(|revision| revision.columns.is_none()) {
        return Err(Error::usage(format!(
            "revision {} of the dataset has no proven columns: `apportion dataset prove --dir {}` makes them",
            unproven.doc.revision,
            dataset.dir.display()
        )));
    }
    let known = ledger.history.dataset_of(doc.dataset_id);
    if let Some(number) = known {
        check_continues(ledger.dataset(number)?, dataset)?;
    }
    progress.note("checking roots, records and proofs");
    check_public::<S::F>(&dataset.bundle)?;
    let records = dataset.records()?;
    check_records::<S::F>(doc.tier, dataset.bundle.newest(), &records)?;
    check_overlap(ledger, known, &records, overlap, progress)?;
    check_columns::<S>(dataset, &records, cache, progress)?;
    progress.note(&making_key(doc.tier));
    let keys = ledger.public.keys();
    let key = make_key::<S, Split>(cache, doc.tier, &ledger.bundle.ledger.setup, &keys)?;
    let doc = match known {
        Some(number) => renew(ledger, number, dataset)?,
        None => add(ledger, dataset)?,
    };
    // Only keys of tiers that are in use have a place in the ledger. After an interruption here the first proof writes it.
    key.map_or(Ok(()), |key| key.write(&keys))?;
    let newest = dataset.bundle.newest();
    let (revision, records, segments) = (newest.revision, newest.records, newest.roots.len());
    Ok(Enrolled { doc, renewed: known.is_some(), revision, records, segments })
}

fn add(ledger: &Ledger, dataset: &OwnDataset) -> Result<EnrolmentDoc, Error> {
    let number = ledger.bundle.datasets.len() as u32;
    let doc = EnrolmentDoc {
        version: FORMAT_VERSION,
        model_id: ledger.bundle.ledger.model_id,
        dataset: number,
        dataset_id: dataset.bundle.doc.dataset_id,
        first_epoch: ledger.next_epoch(),
    };
    // Private files first: a dataset that is public has them. What an earlier dataset of that number left
    // stays.
    let licence = ledger.licence(number);
    set_aside(licence.root().to_owned(), ledger.private.undone_place(&format!("licence-{number}")))?;
    files::copy_secrets(dataset.licence.root(), licence.root())?;
    let place = NewDir::begin(ledger.public.dataset(number).root())?;
    files::copy_public(dataset.public.root(), place.path())?;
    files::write_atomic(&place.path().join("enrolment.json"), &doc.to_json(), Access::Public)?;
    place.commit()?;
    Ok(doc)
}

fn renew(ledger: &Ledger, number: u32, dataset: &OwnDataset) -> Result<EnrolmentDoc, Error> {
    let enrolled = ledger.dataset(number)?;
    files::copy_secrets(dataset.licence.root(), ledger.licence(number).root())?;
    let have = enrolled.dataset.revisions.len();
    for revision in dataset.bundle.revisions.iter().skip(have) {
        // One by one and in order: an interruption leaves fewer revisions, never a hole.
        let place = NewDir::begin(&enrolled.dataset.dir.revision(revision.doc.revision))?;
        files::copy_public(&dataset.public.revision(revision.doc.revision), place.path())?;
        place.commit()?;
    }
    Ok(enrolled.enrolment.clone())
}

/// Suite, setup and chain are the ledger's.
fn check_fit(ledger: &Ledger, dataset: &DatasetBundle) -> Result<(), Error> {
    let (own, doc) = (&ledger.bundle.ledger, &dataset.doc);
    if doc.suite != own.suite {
        return Err(Error::Mismatch(format!(
            "the dataset is of suite {}, the ledger of {}: its owner commits it again with --suite {}",
            doc.suite, own.suite, own.suite
        )));
    }
    if doc.setup != own.setup {
        return Err(Error::Mismatch(format!(
            "the dataset was made with setup {}, the ledger with {}",
            doc.setup.provenance, own.setup.provenance
        )));
    }
    if !own.contract.is_zero() && (doc.registry.is_zero() || doc.chain_id != own.chain_id) {
        return Err(Error::Mismatch(format!(
            "the ledger is bound to chain {}: the dataset must be registered there (commit it with --chain-id, \
             --registry and --owner)",
            own.chain_id
        )));
    }
    Ok(())
}

/// What the ledger has of a dataset is the beginning of what is given, byte for byte.
fn check_continues(enrolled: &EnrolledDataset, dataset: &OwnDataset) -> Result<(), Error> {
    let (have, given) = (enrolled.dataset.revisions.len(), dataset.bundle.revisions.len());
    let number = enrolled.enrolment.dataset;
    if given < have {
        return Err(Error::usage(format!(
            "{} names another revision than the newest: its newest is {}, the ledger has revision {} of dataset {number}",
            dataset.dir.display(),
            given.saturating_sub(1),
            have - 1
        )));
    }
    let (own, other) = (&enrolled.dataset.dir, &dataset.public);
    let mut same = same_files(own.dataset().as_path(), other.dataset().as_path())?
        && same_files(own.keys().root(), other.keys().root())?;
    for revision in 0..have as u32 {
        same = same && same_files(&own.revision(revision), &other.revision(revision))?;
        if !same {
            return Err(Error::usage(format!(
                "{} does not continue dataset {number}: revision {revision} or the dataset's description is not, byte for \
                 byte, the one that the ledger has",
                dataset.dir.display()
            )));
        }
    }
    if given == have {
        return Err(Error::usage(format!(
            "dataset {number} is enrolled already, with all that {} has: {}",
            dataset.dir.display(),
            counted(have, "revision")
        )));
    }
    Ok(())
}

/// Whether two files, or directories of files, are equal.
fn same_files(a: &Path, b: &Path) -> Result<bool, Error> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| crate::ledger::LedgerError::io("read", &path, source)
    };
    if !a.is_dir() {
        // The ledger's own file has a sensible length, and another's is read only where it has the same.
        let length = |path: &Path| fs::metadata(path).map(|meta| meta.len()).map_err(io(path));
        return Ok(b.is_file()
            && length(a)? == length(b)?
            && fs::read(a).map_err(io(a))? == fs::read(b).map_err(io(b))?);
    }
    let names = |dir: &Path| -> Result<HashSet<_>, Error> {
        let entries = fs::read_dir(dir).map_err(io(dir))?;
        let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
        let names: HashSet<_> = names.collect::<Result<_, _>>().map_err(io(dir))?;
        Ok(names.into_iter().filter(|name| !name.to_string_lossy().starts_with('.')).collect())
    };
    if !b.is_dir() || names(a)? != names(b)? {
        return Ok(false);
    }
    for name in names(a)? {
        if !same_files(&a.join(&name), &b.join(&name))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// No record is enrolled in another dataset already: it would be paid twice.
fn check_overlap(
    ledger: &Ledger,
    known: Option<u32>,
    records: &[Record],
    allowed: bool,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let new: HashSet<_> = records.iter().map(|record| (record.payee, record.content)).collect();
    for number in (0..ledger.bundle.datasets.len() as u32).filter(|number| Some(*number) != known) {
        if ledger.dataset(number)?.retirement.is_some() {
            continue;
        }
        let old = ledger.records(number)?;
        let both = old.iter().filter(|record| new.contains(&(record.payee, record.content))).count();
        if both > 0 && allowed {
            let (total, are) = (counted(records.len(), "record"), verb(both, "is", "are"));
            progress.warn(&format!(
                "{both} of {total} {are} in dataset {number} too, and paid twice in every epoch from now on"
            ));
        } else if both > 0 {
            return Err(Error::usage(format!(
                "{both} of {} {} in dataset {number} already: paid twice in every epoch. Where the \
                 dataset has grown, its owner extends it (`apportion dataset extend`) and it is enrolled again; where that \
                 is meant, say --allow-overlap",
                counted(records.len(), "record"),
                verb(both, "is", "are")
            )));
        }
    }
    Ok(())
}

/// The proofs verify, their columns are those that the documents state, and the masks at hand open them.
fn check_columns<S: ProverSuite>(
    dataset: &OwnDataset,
    records: &[Record],
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let doc = &dataset.bundle.doc;
    let layout = Arc::new(<Tree as Relation<S::F>>::layout(doc.tier));
    let (table_digest, proof_bytes) = (Word(layout.digest()), S::proof_bytes(&layout));
    let Loaded { params, setup, .. } = S::load(cache, layout.k, Choice::Label(&doc.setup.provenance))?;
    if setup != doc.setup {
        return Err(Error::Mismatch(
            "the parameters at hand are not those that the dataset was made with".into(),
        ));
    }
    let (verifier, key) = (S::verifier_params(&params), S::verifying_key(&params, layout)?);
    let key_digest = Word(S::key_digest(&key));
    let path = dataset.public.keys().doc(RelationId::Tree, doc.tier);
    let stated = KeyDoc::read(&path)?;
    if (stated.key_digest, stated.table_digest) != (key_digest, table_digest) {
        return Err(Error::Mismatch(format!(
            "{}: this build's key is another one: the dataset was proven by another version",
            path.display()
        )));
    }
    let columns: Vec<_> = dataset
        .bundle
        .revisions
        .iter()
        .flat_map(|revision| revision.columns.iter().map(move |columns| (&revision.doc, columns)))
        .flat_map(|(state, columns)| columns.columns.iter().map(move |column| (state, column)))
        .collect();
    for revision in &dataset.bundle.revisions {
        let listed = revision.columns.iter().flat_map(|columns| columns.columns.iter().map(|c| c.segment));
        if !listed.eq(dataset.bundle.changed(revision.doc.revision)) {
            let number = revision.doc.revision;
            let text = "does not list exactly the segments whose roots the revision changed";
            return Err(Error::Claim(format!("{}: {text}", dataset.public.columns(number).display())));
        }
    }
    progress.begin("enrolment proofs", columns.len(), 0);
    let outcome = columns.par_iter().try_for_each(|(state, column)| {
        let (segment, number) = (column.segment, state.revision);
        let context = doc.context(segment, number);
        let root = state.roots.get(segment as usize).copied().unwrap_or_default();
        let inputs = enroll_inputs(&enroll_instance::<S::F>(&context, root)?);
        let path = dataset.public.columns(number).join(&column.proof.file);
        let (blob, bytes) = ProofBlob::read(&path, proof_bytes)?;
        if apportion_statement::files::sha256(&bytes) != column.proof.sha256 {
            let text = "is not the file that columns.json names: its digest differs";
            return Err(Error::Claim(format!("{}: {text}", path.display())));
        }
        if (blob.key_digest, blob.suite, blob.tier) != (key_digest, S::ID, doc.tier) {
            return Err(Error::Claim(format!("{}: a proof under another key", path.display())));
        }
        let linked = S::verify(&verifier, &key, &inputs, &blob.proof).map_err(|error| named(&path, error))?;
        check_link(&path, &column.payee_column, linked.first())?;
        let accounts = doc.tier.accounts();
        let count = usize::try_from(state.records).unwrap_or(usize::MAX);
        let (start, end) = (segment as usize * accounts, (segment as usize + 1) * accounts);
        let payees: Vec<_> =
            records.iter().take(count.min(end)).skip(start).map(|record| record.payee).collect();
        let mask = dataset.licence.read_payee_mask::<S::F>(&context)?;
        let opened = S::commit(&params, &column_of(doc.tier, &payees, &mask)?)?;
        if opened != column.payee_column {
            let path = dataset.licence.payee_mask(segment, number);
            let text = "does not open the payee column that was proven: ask the dataset's owner for the right licence/";
            return Err(crate::ledger::LedgerError::corrupt(&path, text).into());
        }
        progress.step(&format!("segment {segment}, revision {number}: verified"));
        Ok(())
    });
    progress.end();
    outcome
}

fn check_link(path: &Path, expected: &Commitment, found: Option<&Commitment>) -> Result<(), Error> {
    if found == Some(expected) {
        return Ok(());
    }
    Err(Error::Claim(format!(
        "{}: the proof is about another payee column than columns.json states",
        path.display()
    )))
}

fn named(path: &Path, error: SuiteError) -> Error {
    Error::Claim(format!("{}: {error}", path.display()))
}
