//! `publish`: account roots of the last proven epoch.

use apportion_circuits::{
    tree::{Tree, segment_of},
    types::Word,
};
use apportion_statement::files::{
    Document, FORMAT_VERSION, FileRef, LeavesDoc, PublicDir, PublicationDoc, PublishedSegment, read_file,
};
use apportion_statement::{CheckId, Use, check_link};
use apportion_suite::params::ParamsCache;
use rand_core::OsRng;

use super::{budget::Openings, enroll::tell};
use crate::{
    error::Error,
    jobs::{Inputs, Job},
    ledger::{
        Accounts, Balances, Ledger, PayeeMask, Records, SegmentId,
        files::{self, Access},
    },
    progress::Progress,
    prove::{Prover, Segment, Statement, prove_segments},
    setup::ProverSuite,
    witness,
};

/// A segment to be published.
struct Source<S: ProverSuite> {
    payees: PayeeMask<S::F>,
    balances: Balances<S::F>,
}

/// Publishes the account roots of the last proven epoch, under fresh salts.
pub fn publish<S: ProverSuite>(
    ledger: &Ledger,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<PublicationDoc, Error> {
    let state = &ledger.state;
    let tier = state.ledger.tier;
    let Some(epoch) = state.last_settled() else {
        return Err(Error::usage("no epoch is proven yet: there are no balances to publish"));
    };
    let ids = state.moving(epoch);
    let number = state.publications.len() as u32 + 1;
    check_columns::<S>(ledger, &ids)?;
    let prover = Prover::<S, Tree>::for_ledger(cache, &state.ledger)?;
    let (job, found) =
        Job::open(&ledger.private, &format!("publish-{number}"), inputs(&prover, ledger, number, epoch))?;
    tell(found, progress);

    let datasets: Vec<Option<Records>> = state
        .datasets
        .iter()
        .map(|dataset| {
            let moved = ids.iter().any(|id| id.dataset == dataset.number);
            moved.then(|| ledger.private.dataset(dataset.number).read_records(dataset.digest)).transpose()
        })
        .collect::<Result<_, _>>()?;
    let records_of = |id: SegmentId| {
        let records = datasets.get(id.dataset as usize).and_then(Option::as_ref);
        records.map_or(&[][..], |records| segment_of(tier, &records.0, id.segment as usize))
    };
    // Salts are stored before the first proof: a resumed run must publish the same roots.
    for id in &ids {
        let context = state.publish_context(*id, epoch)?;
        let source = source::<S>(ledger, *id)?;
        let stored = job.secrets().read_segment::<Accounts<S::F>>(*id, &context);
        if !stored.is_ok_and(|stored| *stored.cumulative == source.balances.values()) {
            let accounts = Accounts::<S::F>::new(source.balances.values(), &mut OsRng);
            job.secrets().write_segment(*id, &context, &accounts)?;
        }
    }
    let build = |id: SegmentId| {
        let context = state.publish_context(id, epoch)?;
        let Source { payees, balances } = source::<S>(ledger, id)?;
        let accounts: Accounts<S::F> = job.secrets().read_segment(id, &context)?;
        let (instance, witness) =
            witness::publish(tier, &context, records_of(id), &payees, &balances, &accounts)
                .map_err(|source| Error::Clause { dataset: id.dataset, segment: id.segment, source })?;
        let links = vec![Some(prover.commit(&witness.a)?), Some(prover.commit(&witness.b)?)];
        for (check, expected, found) in [
            (CheckId::V3Payee, state.dataset(id.dataset)?.payee_column(id.segment), &links[0]),
            (CheckId::V3Balance, state.history.balance(id.dataset, id.segment), &links[1]),
        ] {
            if let (Some(expected), Some(found)) = (expected, found) {
                check_link(check, expected, found)?;
            }
        }
        Ok(Statement { instance, witness, links })
    };
    let list: Vec<_> = ids
        .iter()
        .map(|id| Segment { id: *id, file: PublicDir::segment_proof(id.dataset, id.segment) })
        .collect();
    let proofs = prove_segments(&prover, &job, Use::Publish, &list, build, progress)?;

    let mut segments = Vec::new();
    for (id, proof) in ids.iter().zip(proofs) {
        let context = state.publish_context(*id, epoch)?;
        let accounts: Accounts<S::F> = job.secrets().read_segment(*id, &context)?;
        let payees = records_of(*id).iter().map(|record| record.payee);
        let tree = witness::account_tree(tier, payees, &accounts)
            .ok_or_else(|| Error::Claim("the accounts are not one a slot".into()))?;
        let leaves = LeavesDoc {
            version: FORMAT_VERSION,
            suite: S::ID,
            tier,
            dataset: id.dataset,
            segment: id.segment,
            leaves: tree.leaves().iter().take(tier.accounts()).map(Word::from_field).collect(),
        };
        let (name, bytes) = (PublicDir::segment_leaves(id.dataset, id.segment), leaves.to_json());
        job.write_public(&name, &bytes)?;
        segments.push(PublishedSegment {
            dataset: id.dataset,
            segment: id.segment,
            renewal: state.dataset(id.dataset)?.renewal(),
            root: Word::from_field(&tree.root()),
            leaves: FileRef::new(name, &bytes),
            proof,
        });
    }
    let doc = PublicationDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        model_id: state.ledger.model_id,
        publication: number,
        epoch,
        segments,
    };
    files::write_atomic(&job.public().join("publication.json"), &doc.to_json(), Access::Public)?;
    job.install_secrets(&ledger.private.publication(number))?;
    job.commit(&ledger.public.publication(number))?;
    job.remove()?;
    Ok(doc)
}

/// Reads the list of leaves of a published segment.
pub fn read_leaves(
    ledger: &Ledger,
    publication: u32,
    segment: &PublishedSegment,
) -> Result<LeavesDoc, Error> {
    let path = ledger.public.publication(publication).join(&segment.leaves.file);
    let bytes = read_file(&path, LeavesDoc::MAX_BYTES)?;
    let value = |text: &str| Error::from(apportion_statement::files::InputError::value(&path, text));
    if apportion_statement::files::sha256(&bytes) != segment.leaves.sha256 {
        return Err(value("not the file that publication.json names"));
    }
    LeavesDoc::from_json(&bytes)
        .map_err(|fault| apportion_statement::files::InputError::new(&path, fault).into())
}

/// V8, and that every column is there.
fn check_columns<S: ProverSuite>(ledger: &Ledger, ids: &[SegmentId]) -> Result<(), Error> {
    let state = &ledger.state;
    let mut budget = Openings::of::<S::F>(state)?;
    for id in ids {
        let payees = state.dataset(id.dataset)?.payee_column(id.segment);
        let balance = state.history.balance(id.dataset, id.segment);
        if let (Some(payees), Some(balance)) = (payees, balance) {
            budget.open_publication(id.dataset, payees, balance)?;
        }
    }
    Ok(())
}

fn source<S: ProverSuite>(ledger: &Ledger, id: SegmentId) -> Result<Source<S>, Error> {
    let state = &ledger.state;
    let dataset = state.dataset(id.dataset)?;
    let renewal = dataset.renewal();
    let payees_context = state.enroll_context(id, renewal)?;
    let payees = ledger.private.payees(id.dataset, renewal).read_segment(id, &payees_context)?;
    let settled = state.settled(id).unwrap_or(0);
    let context = state.split_context(id, settled)?;
    let balances = ledger.private.balances(settled).read_segment(id, &context)?;
    Ok(Source { payees, balances })
}

/// Everything that the proofs of a publication depend on, but for their salts.
fn inputs<S: ProverSuite>(prover: &Prover<S, Tree>, ledger: &Ledger, number: u32, epoch: u32) -> Word {
    let state = &ledger.state;
    let mut inputs = Inputs::default();
    inputs.add(b"publish");
    inputs.add(&state.ledger.to_json());
    inputs.add(&prover.key_entry().key_digest.0);
    inputs.add(&number.to_be_bytes());
    inputs.add(&epoch.to_be_bytes());
    for enrolment in state.datasets.iter().flat_map(|dataset| &dataset.enrolments) {
        inputs.add(&enrolment.to_json());
    }
    if let Some(last) = state.epochs.last() {
        inputs.add(&last.to_json());
    }
    inputs.digest()
}
