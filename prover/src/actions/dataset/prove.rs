//! `dataset prove`: payee columns, one Tree proof per segment whose root changed.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use apportion_circuits::{
    column::Mask,
    tree::{Tree, TreeWitness, segment_of},
    types::{Payee, Record},
};
use apportion_secrets::{Seed, WitnessHasher};
use apportion_statement::{
    Commitment, SegmentId,
    dataset::check_records,
    files::{ColumnsDoc, DatasetDir, Document, FORMAT_VERSION, ProvenColumn},
    inputs::enroll_instance,
};
use apportion_suite::params::ParamsCache;
use zeroize::Zeroizing;

use super::check_suite;
use crate::{
    dataset_dir::OwnDataset,
    error::Error,
    jobs::{Inputs, Job},
    ledger::{
        LedgerError, Places, column_of,
        files::{self, Access},
    },
    progress::Progress,
    prove::{Prover, Segment, Statement, making_key, prove_segments},
    setup::{ProverSuite, write_keys},
};

/// What was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The revisions whose columns were proven now.
    pub revisions: Vec<u32>,
    /// Their segments.
    pub segments: usize,
}

/// Proves the payee columns of every revision that has none: one proof per segment whose root the revision
/// changed. The masks follow from the owner's seed. A run that was interrupted goes on with the proofs that
/// it finished.
///
/// # Errors
/// If records and roots do not belong together, the seed is another dataset's, or a proof fails.
pub fn prove<S: ProverSuite>(
    dataset: &OwnDataset,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<Proven, Error> {
    check_suite::<S>(dataset)?;
    let doc = &dataset.bundle.doc;
    let due: Vec<u32> = (0u32..)
        .zip(&dataset.bundle.revisions)
        .filter(|(_, revision)| revision.columns.is_none())
        .map(|(number, _)| number)
        .collect();
    if due.is_empty() {
        return Ok(Proven { revisions: due, segments: 0 });
    }
    let (records, seed) = (dataset.records()?, dataset.seed()?);
    progress.note("checking the records against the roots");
    check_records::<S::F>(doc.tier, dataset.bundle.newest(), &records)?;
    check_seed::<S>(dataset, &records, &seed)?;
    progress.note(&making_key(doc.tier));
    write_keys::<S, Tree>(cache, doc.tier, &doc.setup, &dataset.public.keys())?;
    let prover = Prover::<S, Tree>::for_keys(cache, doc.tier, &doc.setup, &dataset.public.keys())?;
    let mut segments = 0;
    for revision in &due {
        segments += prove_revision(dataset, *revision, &records, &seed, &prover, progress)?;
    }
    Ok(Proven { revisions: due, segments })
}

fn prove_revision<S: ProverSuite>(
    dataset: &OwnDataset,
    revision: u32,
    records: &[Record],
    seed: &Seed,
    prover: &Prover<S, Tree>,
    progress: &dyn Progress,
) -> Result<usize, Error> {
    let doc = &dataset.bundle.doc;
    let Some(state) = dataset.bundle.revisions.get(revision as usize).map(|revision| &revision.doc) else {
        return Err(Error::usage(format!("the dataset has no revision {revision}")));
    };
    let count = usize::try_from(state.records).unwrap_or(usize::MAX).min(records.len());
    let records = &records[..count];
    let changed = dataset.bundle.changed(revision);
    let mut inputs = Inputs::default();
    inputs.add(b"columns");
    inputs.add(&doc.to_json());
    inputs.add(&state.to_json());
    inputs.add(&prover.key_doc().key_digest.0);
    inputs.add(&seed.id().0);
    let (job, found) = Job::open(&dataset.private.jobs(), &format!("columns-{revision}"), inputs.digest())?;
    found.tell(progress);

    let list: Vec<_> = changed
        .iter()
        .map(|segment| Segment {
            // A dataset is no ledger's: it has number 0 of its own.
            id: SegmentId { dataset: 0, segment: *segment },
            number: revision,
            file: DatasetDir::enroll_proof(*segment),
        })
        .collect();
    let columns: Mutex<BTreeMap<u32, Commitment>> = Mutex::default();
    let build = |id: SegmentId| {
        let segment = id.segment;
        let context = doc.context(segment, revision);
        let root = state.roots.get(segment as usize).copied().unwrap_or_default();
        let instance = enroll_instance::<S::F>(&context, root)?;
        let records = segment_of(doc.tier, records, segment as usize);
        let masks = Masks::<S>::derive(dataset, seed, records, segment, revision)?;
        let witness = TreeWitness::enroll(doc.tier, records, &masks.payee, &masks.content)
            .ok_or_else(|| Error::Claim(format!("segment {segment} has more records than accounts")))?;
        let column = prover.commit(&witness.a)?;
        let digest = WitnessHasher::new()
            .values(&payees(records))
            .mask(&masks.payee)
            .values(&highs(records))
            .mask(&masks.content)
            .elements(&witness.c)
            .finish();
        let rng = prover.rng_seed(seed, &instance, &digest);
        columns.lock().unwrap_or_else(PoisonError::into_inner).insert(segment, column.clone());
        // The developers whom the owner licenses get the mask; in place before the column is public.
        dataset.licence.write_payee_mask(&context, masks.payee)?;
        Ok(Statement { instance, witness, links: vec![Some(column), None], rng })
    };
    let proofs = prove_segments(prover, &job.public(), &list, build, progress)?;
    let columns = columns.into_inner().unwrap_or_else(PoisonError::into_inner);
    let entry = |(segment, proof)| {
        let payee_column = columns.get(&segment).cloned();
        let payee_column =
            payee_column.ok_or_else(|| Error::Claim(format!("segment {segment} was not proven")))?;
        Ok(ProvenColumn { segment, payee_column, proof })
    };
    let entries: Vec<_> = changed.iter().copied().zip(proofs).map(entry).collect::<Result<_, Error>>()?;
    let document =
        ColumnsDoc { version: FORMAT_VERSION, dataset_id: doc.dataset_id, revision, columns: entries };
    files::write_atomic(&job.public().join("columns.json"), &document.to_json(), Access::Public)?;
    job.commit(&dataset.public.columns(revision))?;
    job.remove()?;
    Ok(changed.len())
}

/// The masks of a segment's two linked columns.
struct Masks<S: ProverSuite> {
    payee: Mask<S::F>,
    content: Mask<S::F>,
}

impl<S: ProverSuite> Masks<S> {
    fn derive(
        dataset: &OwnDataset,
        seed: &Seed,
        records: &[Record],
        segment: u32,
        revision: u32,
    ) -> Result<Self, Error> {
        let doc = &dataset.bundle.doc;
        let places = Places::of_dataset(doc);
        let payee =
            apportion_secrets::mask(seed, &places.payee(doc.tier, segment, revision), &payees(records))?;
        let place = places.content(doc.tier, segment, revision);
        let content = apportion_secrets::mask(seed, &place, &highs(records))?;
        Ok(Self { payee, content })
    }
}

fn payees(records: &[Record]) -> Vec<Payee> {
    records.iter().map(|record| record.payee).collect()
}

/// The contents' high halves, as the relation's column B has them.
fn highs(records: &[Record]) -> Zeroizing<Vec<u128>> {
    let high = |record: &Record| {
        let (high, _) = record.content.0.split_at(16);
        high.try_into().map_or(0, u128::from_be_bytes)
    };
    Zeroizing::new(records.iter().map(high).collect())
}

/// A column that was proven before must follow from the seed: the seed of another dataset would make columns
/// that no recovery could make again.
fn check_seed<S: ProverSuite>(dataset: &OwnDataset, records: &[Record], seed: &Seed) -> Result<(), Error> {
    let doc = &dataset.bundle.doc;
    let proven = dataset.bundle.revisions.iter().find_map(|revision| {
        let column = revision.columns.as_ref()?.columns.first()?;
        Some((&revision.doc, column))
    });
    let Some((state, column)) = proven else { return Ok(()) };
    let records = &records[..records.len().min(usize::try_from(state.records).unwrap_or(usize::MAX))];
    let records = segment_of(doc.tier, records, column.segment as usize);
    let masks = Masks::<S>::derive(dataset, seed, records, column.segment, state.revision)?;
    let context = doc.context(column.segment, state.revision);
    let kept = dataset.licence.read_payee_mask::<S::F>(&context)?;
    if kept == masks.payee {
        return Ok(());
    }
    let reason =
        format!("is the seed {} of another dataset: proven columns do not follow from it", seed.id());
    Err(LedgerError::corrupt(&dataset.private.seed(), reason).into())
}

/// Makes the payee masks of every proven column again, from records and seed alone: what `licence/payees/`
/// held.
///
/// # Errors
/// If a column does not follow from seed and records.
pub fn restore_masks<S: ProverSuite>(
    dataset: &OwnDataset,
    commit: impl Fn(&apportion_circuits::column::MaskedColumn<S::F>) -> Result<Commitment, Error>,
) -> Result<usize, Error> {
    let (records, seed, doc) = (dataset.records()?, dataset.seed()?, &dataset.bundle.doc);
    let mut restored = 0;
    for revision in &dataset.bundle.revisions {
        let count = usize::try_from(revision.doc.records).unwrap_or(usize::MAX).min(records.len());
        for column in revision.columns.iter().flat_map(|columns| &columns.columns) {
            let records = segment_of(doc.tier, &records[..count], column.segment as usize);
            let masks = Masks::<S>::derive(dataset, &seed, records, column.segment, revision.doc.revision)?;
            let found = commit(&column_of(doc.tier, &payees(records), &masks.payee)?)?;
            if found != column.payee_column {
                let reason = format!("is the seed {} of another dataset", seed.id());
                return Err(LedgerError::corrupt(&dataset.private.seed(), reason).into());
            }
            let context = doc.context(column.segment, revision.doc.revision);
            dataset.licence.write_payee_mask(&context, masks.payee)?;
            restored += 1;
        }
    }
    Ok(restored)
}
