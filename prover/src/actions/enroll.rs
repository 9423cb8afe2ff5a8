//! `ledger enroll`: a dataset's records become accounts.

use apportion_circuits::{
    column::Mask,
    tree::{Tree, segment_of},
    types::Word,
};
use apportion_statement::files::{Document, EnrolledSegment, EnrolmentDoc, FORMAT_VERSION, PublicDir};
use apportion_statement::{Context, Use};
use apportion_suite::params::ParamsCache;
use rand_core::OsRng;

use super::dataset::{Committed, DATASET_FILE};
use crate::{
    error::Error,
    jobs::{Found, Inputs, Job},
    ledger::{
        Ledger, PayeeMask, PrivateDir, SegmentId,
        files::{self, Access},
    },
    progress::Progress,
    prove::{Prover, Segment, Statement, prove_segments},
    setup::ProverSuite,
    witness,
};

/// What an enrolment did.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The enrolment's public part.
    pub doc: EnrolmentDoc,
    /// Records of the dataset.
    pub records: u64,
}

/// Enrolls a dataset, or, where it is enrolled already, renews its payee columns (V8). In a ledger that is bound to
/// a contract, `registered` is the id that the contract's registry gave the dataset, and `first_epoch`, the next one
/// unless said, may be one later: the contract freezes who takes part in an epoch when its scores come.
pub fn enroll<S: ProverSuite>(
    ledger: &Ledger,
    dataset: &Committed,
    registered: Option<Word>,
    first_epoch: Option<u32>,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<Enrolled, Error> {
    let state = &ledger.state;
    let tier = state.ledger.tier;
    if dataset.doc.tier != tier {
        let text = format!("the dataset's tier is {}, the ledger's is {tier}", dataset.doc.tier);
        return Err(Error::Mismatch(text));
    }
    if registered.is_some() && state.ledger.contract.is_zero() {
        return Err(Error::usage(
            "only a ledger that is bound to a contract takes a dataset's registered id",
        ));
    }
    let enrolled = state.datasets.iter().find(|other| other.digest == dataset.id);
    let bound = !state.ledger.contract.is_zero();
    let dataset_id = match (registered, enrolled) {
        (Some(id), _) => id,
        (None, Some(enrolled)) => enrolled.id,
        (None, None) if bound => {
            return Err(Error::usage(
                "the ledger is bound to a contract: give --registry, --owner, --uri and --parent as the dataset was \
                 registered, or the id that the registry gave it as --dataset-id",
            ));
        }
        (None, None) => dataset.id,
    };
    if let Some(other) = enrolled
        && other.id != dataset_id
    {
        return Err(Error::usage(format!("the dataset is enrolled already, with the id {}", other.id)));
    }
    let (number, renewal) = match enrolled {
        Some(dataset) => (dataset.number, dataset.renewal() + 1),
        None => (state.datasets.len() as u32, 0),
    };
    if renewal > 0 {
        progress.note(&format!("dataset {number} is enrolled already: its payee columns are renewed"));
    }
    let next = state.next_epoch();
    let first_epoch = first_epoch.unwrap_or(next);
    if first_epoch != next && !(bound && first_epoch == next.saturating_add(1)) {
        let or = if bound { ", or the one after it once the next one's scores are committed" } else { "" };
        return Err(Error::usage(format!("a dataset takes part from the next epoch on, that is {next}{or}")));
    }
    let context = |id: SegmentId| state.binding().enroll(dataset_id, id.segment, renewal);
    let prover = Prover::<S, Tree>::for_ledger(cache, &state.ledger)?;

    let mut inputs = Inputs::default();
    inputs.add(b"enroll");
    inputs.add(&dataset.id.0);
    inputs.add(&context(SegmentId { dataset: number, segment: 0 }).to_word().0);
    inputs.add(&first_epoch.to_be_bytes());
    inputs.add(&prover.key_entry().key_digest.0);
    let done: usize = state.datasets.iter().map(|dataset| dataset.enrolments.len()).sum();
    let (job, found) = Job::open(&ledger.private, &format!("enroll-{}", done + 1), inputs.digest())?;
    tell(found, progress);

    let ids: Vec<_> =
        (0..dataset.doc.roots.len() as u32).map(|segment| SegmentId { dataset: number, segment }).collect();
    store_masks::<S>(&job.secrets(), &ids, context)?;
    let segments: Vec<_> =
        ids.iter().map(|id| Segment { id: *id, file: PublicDir::enrolment_proof(id.segment) }).collect();
    let build = |id: SegmentId| {
        let records = segment_of(tier, &dataset.records.0, id.segment as usize);
        let payees: PayeeMask<S::F> = job.secrets().read_segment(id, &context(id))?;
        let (instance, witness) = witness::enroll(tier, &context(id), records, &payees)
            .map_err(|source| Error::Clause { dataset: number, segment: id.segment, source })?;
        if dataset.doc.roots.get(id.segment as usize) != Some(&Word::from_field(&instance.root)) {
            return Err(Error::Claim("the records are not those of dataset.json".into()));
        }
        let links = vec![Some(prover.commit(&witness.a)?), None];
        Ok(Statement { instance, witness, links })
    };
    let proofs = prove_segments(&prover, &job, Use::Enroll, &segments, build, progress)?;

    let mut entries = Vec::new();
    for (id, proof) in ids.iter().zip(proofs) {
        let payees: PayeeMask<S::F> = job.secrets().read_segment(*id, &context(*id))?;
        let records = segment_of(tier, &dataset.records.0, id.segment as usize);
        let payee_column = prover.commit(&payees.column(tier, records))?;
        entries.push(EnrolledSegment { payee_column, proof });
    }
    let doc = EnrolmentDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        model_id: state.ledger.model_id,
        dataset: number,
        dataset_id,
        renewal,
        first_epoch,
        segments: entries,
    };
    let public = job.public();
    files::write_atomic(&public.join("enrolment.json"), &doc.to_json(), Access::Public)?;
    let private = ledger.private.dataset(number);
    private.create()?;
    if renewal == 0 {
        files::write_atomic(&public.join(DATASET_FILE), &dataset.doc.to_json(), Access::Public)?;
        private.write_records(dataset.id, &dataset.records)?;
    }
    job.install_secrets(&ledger.private.payees(number, renewal))?;
    job.commit(&ledger.public.enrolment(number, renewal))?;
    job.remove()?;
    Ok(Enrolled { doc, records: dataset.doc.records })
}

/// Says what became of an earlier run.
pub(super) fn tell(found: Found, progress: &dyn Progress) {
    match found {
        Found::Nothing => {}
        Found::Interrupted => progress.note("an interrupted run of the same inputs goes on"),
        Found::Other => progress.note("an interrupted run of other inputs was discarded"),
    }
}

fn store_masks<S: ProverSuite>(
    secrets: &PrivateDir,
    ids: &[SegmentId],
    context: impl Fn(SegmentId) -> Context,
) -> Result<(), Error> {
    for id in ids {
        if secrets.read_segment::<PayeeMask<S::F>>(*id, &context(*id)).is_err() {
            secrets.write_segment(*id, &context(*id), &PayeeMask(Mask::<S::F>::random(&mut OsRng)))?;
        }
    }
    Ok(())
}
