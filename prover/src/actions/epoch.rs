//! `check` and `prove`: one payout epoch.

mod plan;
mod undo;

use apportion_circuits::{relation::Relation, split::Split};
use apportion_statement::files::{
    Amount, Document, EpochDoc, EpochSegment, FORMAT_VERSION, FileRef, PublicDir,
};
use apportion_statement::{SplitInputs, Use};
use apportion_suite::params::ParamsCache;
use rand_core::OsRng;

pub use self::{
    plan::{Plan, SegmentPlan},
    undo::{abandon, undo},
};
use super::{budget::Openings, enroll::tell, scores::Posted};
use crate::{
    error::Error,
    input::Scores,
    jobs::{Inputs, Job},
    ledger::{
        Balances, Ledger, Opening, SegmentId,
        files::{self, Access},
    },
    progress::Progress,
    prove::{Prover, Segment, Statement, prove_segments},
    setup::{Choice, ProverSuite},
    witness,
};

/// Proves the next epoch and makes it part of the ledger.
pub fn prove<S: ProverSuite>(
    ledger: &Ledger,
    epoch: u32,
    posted: &Posted,
    revenue: u128,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<EpochDoc, Error> {
    let plan = Plan::new(&ledger.state, epoch, revenue, posted.doc.total_score.0)?;
    if plan.total_score == 0 {
        progress.note("the total score is 0: the whole pool is carried to the next epoch, there is no proof");
        return carry(ledger, &plan, posted, false);
    }
    let prover = Prover::<S, Split>::for_ledger(cache, &ledger.state.ledger)?;
    progress.note("checking scores, balances and sums");
    let segments = plan.segments::<S>(ledger, posted, |column| prover.commit(column))?;
    let mut budget = Openings::of::<S::F>(&ledger.state)?;
    for SegmentPlan { id, .. } in &segments {
        budget.open_split(ledger.state.history.balance(id.dataset, id.segment), posted.commitment(*id))?;
    }
    // Nothing was written so far: refused input leaves no trace.
    let (job, found) =
        Job::open(&ledger.private, &format!("epoch-{epoch}"), inputs(&prover, ledger, &plan, posted))?;
    tell(found, progress);
    store_new_balances::<S>(ledger, &plan, posted, &segments, &job)?;

    let build = |id: SegmentId| {
        let fault = |source| Error::Clause { dataset: id.dataset, segment: id.segment, source };
        let context = ledger.state.split_context(id, epoch)?;
        let genesis = ledger.state.history.genesis(id.dataset, id.segment);
        let old = plan::old_balances::<S>(ledger, id)?;
        let new: Balances<S::F> = job.secrets().read_segment(id, &context)?;
        let scores = posted.opening::<S>(&ledger.state, epoch, id)?;
        let (instance, witness) =
            witness::split(ledger.state.ledger.tier, &context, plan.numbers(), genesis, &old, &new, &scores)
                .map_err(fault)?;
        let links = vec![
            ledger.state.history.balance(id.dataset, id.segment).cloned(),
            Some(prover.commit(&witness.new)?),
            posted.commitment(id).cloned(),
        ];
        Ok(Statement { instance, witness, links })
    };
    let list: Vec<_> = segments
        .iter()
        .map(|s| Segment { id: s.id, file: PublicDir::segment_proof(s.id.dataset, s.id.segment) })
        .collect();
    let proofs = prove_segments(&prover, &job, Use::Split, &list, build, progress)?;

    let mut entries = Vec::new();
    for (segment, proof) in segments.iter().zip(proofs) {
        let context = ledger.state.split_context(segment.id, epoch)?;
        let new: Balances<S::F> = job.secrets().read_segment(segment.id, &context)?;
        let balance_column = prover.commit(&new.column(ledger.state.ledger.tier))?;
        entries.push(entry(segment, posted, balance_column, proof)?);
    }
    let scores = posted.doc.to_json();
    job.write_public(&PublicDir::scores(), &scores)?;
    let doc = document(ledger, &plan, Some(FileRef::new(PublicDir::scores(), &scores)), entries);
    files::write_atomic(&job.public().join("epoch.json"), &doc.to_json(), Access::Public)?;
    job.install_secrets(&ledger.private.balances(epoch))?;
    job.commit(&ledger.public.epoch(epoch))?;
    job.remove()?;
    Ok(doc)
}

/// Checks everything about the next epoch that can be checked without proving.
pub fn check<S: ProverSuite>(
    ledger: &Ledger,
    epoch: u32,
    posted: &Posted,
    revenue: u128,
    cache: &ParamsCache,
) -> Result<(Plan, Vec<SegmentPlan>), Error> {
    let plan = Plan::new(&ledger.state, epoch, revenue, posted.doc.total_score.0)?;
    if plan.total_score == 0 {
        return Ok((plan, Vec::new()));
    }
    let k = <Split as Relation<S::F>>::layout(ledger.state.ledger.tier).k;
    let params = S::load(cache, k, Choice::Label(&ledger.state.ledger.setup.provenance))?.params;
    let segments = plan.segments::<S>(ledger, posted, |column| S::commit(&params, column))?;
    Ok((plan, segments))
}

/// Checks the next epoch with scores that are not committed to yet.
pub fn check_scores<S: ProverSuite>(
    ledger: &Ledger,
    epoch: u32,
    scores: &[(u32, Scores)],
    revenue: u128,
) -> Result<(Plan, Vec<SegmentPlan>), Error> {
    let state = &ledger.state;
    let total = scores.iter().map(|(_, scores)| scores.total()).sum();
    let plan = Plan::new(state, epoch, revenue, total)?;
    let mut segments = Vec::new();
    if total == 0 {
        return Ok((plan, segments));
    }
    for id in state.moving(epoch) {
        let values = scores.iter().find(|(number, _)| *number == id.dataset);
        let values = values.map_or(&[][..], |(_, scores)| scores.values());
        let tier = state.ledger.tier;
        let range = state.dataset(id.dataset)?.range(tier, id.segment);
        let padded = Opening::<S::F>::new(tier, values.get(range).unwrap_or_default(), 0, &mut OsRng);
        let outcome = plan.outcome_of::<S>(ledger, id, padded.values())?;
        segments.push(plan.segment(state, id, &outcome));
    }
    plan.check_sums(state, &segments)?;
    Ok((plan, segments))
}

/// The new balances are stored before the first proof: a resumed run must link to the same columns.
fn store_new_balances<S: ProverSuite>(
    ledger: &Ledger,
    plan: &Plan,
    posted: &Posted,
    segments: &[SegmentPlan],
    job: &Job,
) -> Result<(), Error> {
    let tier = ledger.state.ledger.tier;
    for segment in segments {
        let id = segment.id;
        let context = ledger.state.split_context(id, plan.epoch)?;
        let outcome = plan.outcome::<S>(ledger, posted, id)?;
        let stored = job.secrets().read_segment::<Balances<S::F>>(id, &context);
        if stored.is_ok_and(|stored| stored.values() == outcome.new) {
            continue;
        }
        let new = Balances::<S::F>::new(tier, &outcome.new, 0, &mut OsRng);
        job.secrets().write_segment(id, &context, &new)?;
    }
    Ok(())
}

/// An epoch without scores, or one that was abandoned: the pool is carried.
fn carry(ledger: &Ledger, plan: &Plan, posted: &Posted, abandoned: bool) -> Result<EpochDoc, Error> {
    let mut inputs = Inputs::default();
    inputs.add(if abandoned { b"abandon" } else { b"carry" });
    let (job, _) = Job::open(&ledger.private, &format!("epoch-{}", plan.epoch), inputs.digest())?;
    let scores = posted.doc.to_json();
    job.write_public(&PublicDir::scores(), &scores)?;
    let mut doc = document(ledger, plan, Some(FileRef::new(PublicDir::scores(), &scores)), Vec::new());
    doc.abandoned = abandoned;
    doc.carried_only = true;
    files::write_atomic(&job.public().join("epoch.json"), &doc.to_json(), Access::Public)?;
    job.commit(&ledger.public.epoch(plan.epoch))?;
    job.remove()?;
    Ok(doc)
}

fn document(ledger: &Ledger, plan: &Plan, scores: Option<FileRef>, segments: Vec<EpochSegment>) -> EpochDoc {
    EpochDoc {
        version: FORMAT_VERSION,
        suite: ledger.state.ledger.suite,
        model_id: ledger.state.ledger.model_id,
        epoch: plan.epoch,
        revenue: Amount(plan.revenue),
        carried: Amount(plan.carried),
        shares: plan.shares.clone(),
        pool: Amount(plan.pool),
        total_score: Amount(plan.total_score),
        carried_only: plan.total_score == 0,
        abandoned: false,
        scores,
        segments,
    }
}

fn entry(
    segment: &SegmentPlan,
    posted: &Posted,
    balance_column: apportion_suite::Commitment,
    proof: FileRef,
) -> Result<EpochSegment, Error> {
    let SplitInputs { segment_score, segment_paid, genesis, .. } = segment.numbers;
    let score_column = posted.commitment(segment.id).cloned();
    Ok(EpochSegment {
        dataset: segment.id.dataset,
        segment: segment.id.segment,
        genesis,
        score_column: score_column
            .ok_or_else(|| Error::Claim("a segment's scores were not posted".into()))?,
        balance_column,
        segment_score: Amount(segment_score),
        segment_paid: Amount(segment_paid),
        proof,
    })
}

/// Everything that the proofs of an epoch depend on.
fn inputs<S: ProverSuite>(
    prover: &Prover<S, Split>,
    ledger: &Ledger,
    plan: &Plan,
    posted: &Posted,
) -> apportion_circuits::types::Word {
    let state = &ledger.state;
    let mut inputs = Inputs::default();
    inputs.add(b"epoch");
    inputs.add(&state.ledger.to_json());
    inputs.add(&prover.key_entry().key_digest.0);
    inputs.add(&plan.epoch.to_be_bytes());
    inputs.add(&plan.revenue.to_be_bytes());
    inputs.add(&posted.doc.to_json());
    for enrolment in state.datasets.iter().flat_map(|dataset| &dataset.enrolments) {
        inputs.add(&enrolment.dataset_id.0);
    }
    if let Some(last) = state.epochs.last() {
        inputs.add(&last.to_json());
    }
    inputs.digest()
}
