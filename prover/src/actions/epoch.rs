//! `prove`: one payout epoch, computed once, checked before anything is proven, proven segment by segment.

mod plan;
mod undo;

use std::collections::BTreeMap;

use apportion_circuits::{
    column::MaskedColumn,
    split::Split,
    types::{Tier, Word},
};
use apportion_statement::{
    Commitment, OpeningCount, SegmentId, Violation,
    files::{Amount, Document as _, EpochDoc, EpochSegment, FORMAT_VERSION, FileName, FileRef, PublicDir},
    inputs,
    sums::{EpochSums, check_sums},
};
use apportion_suite::params::ParamsCache;
use rayon::prelude::*;

use self::undo::{Attempt, Repeats, replaced};
pub use self::{plan::Plan, undo::undo};
use super::scores::Posted;
use crate::{
    error::Error,
    jobs::{Inputs, Job},
    ledger::{
        Ledger,
        files::{self, Access},
    },
    progress::Progress,
    prove::{Prover, Segment, Statement, making_key, prove_segments},
    setup::{ProverSuite, write_keys},
    witness::{self, SegmentEpoch, Start},
};

/// An epoch whose segments are computed and checked, in the order in which the attributor posted them.
pub struct Computed<S: ProverSuite> {
    /// The money.
    pub plan: Plan,
    /// The segments that move.
    pub segments: Vec<SegmentEpoch<S::F>>,
    /// What is left of the pool.
    pub dust: u128,
}

/// Proves the next epoch and makes it part of the ledger. Everything that auditors check is checked before the first
/// proof; input that is refused leaves no trace. A run that was interrupted goes on with the proofs that it finished.
///
/// # Errors
/// The first check that does not hold, by name.
pub fn prove<S: ProverSuite>(
    ledger: &Ledger,
    epoch: u32,
    posted: &Posted,
    revenue: u128,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<EpochDoc, Error> {
    let plan = Plan::new(ledger, epoch, revenue, posted.doc.total_score.0)?;
    for warning in posted.warnings(ledger)? {
        progress.warn(&warning);
    }
    let provers = provers::<S>(ledger, posted, cache, progress)?;
    progress.note("checking scores, balances and sums");
    let commit = |tier: Tier, column: &MaskedColumn<S::F>| match provers.get(&tier) {
        Some(prover) => Ok(prover.commit(column)?),
        None => Err(Error::Mismatch(format!("there is no key of tier {tier}"))),
    };
    let computed = compute::<S>(ledger, plan, posted, commit)?;
    let attempts = Attempt::all(ledger, epoch)?;
    let scores = posted.doc.to_json();
    let reference = FileRef::new(PublicDir::scores(), &scores);
    // V8, by what this epoch's document will say: its proofs alone are not known yet.
    let mut doc = document(ledger, &computed, reference, |id| Ok(FileRef::new(proof_name(id), b"")))?;
    let repeats = if S::DETERMINISTIC { Repeats::Statement } else { Repeats::Never };
    doc.replaced = replaced(&attempts, &doc, repeats);
    OpeningCount::with_next(&ledger.bundle, &doc, &posted.doc)?;

    // Nothing of the epoch was written so far.
    let keys = provers.values().map(|prover| prover.key_doc().key_digest);
    let inputs = inputs_of(ledger, &computed.plan, posted, keys);
    let (job, found) = Job::open(&ledger.private.jobs(), &format!("epoch-{epoch}"), inputs)?;
    found.tell(progress);
    job.write_command(&format!(
        "apportion prove --dir {} --epoch {epoch} --scores {} --revenue {revenue}",
        ledger.dir.display(),
        files::parent(&posted.openings).display()
    ))?;
    let mut proofs: BTreeMap<SegmentId, FileRef> = BTreeMap::new();
    for (tier, prover) in &provers {
        proofs.extend(prove_tier(ledger, *tier, prover, &computed, &job, progress)?);
    }
    job.write_public(&PublicDir::scores(), &scores)?;
    let proof = |id: SegmentId| {
        let proof = proofs.get(&id).cloned();
        proof.ok_or_else(|| Error::Claim(format!("{id} was not proven")))
    };
    let mut doc = document(ledger, &computed, doc.scores, proof)?;
    doc.replaced = replaced(&attempts, &doc, Repeats::Proofs);
    // Another version of the engine may have made the attempts: then their proofs are others, and there are more of them.
    OpeningCount::with_next(&ledger.bundle, &doc, &posted.doc)?;
    files::write_atomic(&job.public().join("epoch.json"), &doc.to_json(), Access::Public)?;
    // Private files first: an epoch that is public has them. What an interruption leaves is written again.
    for segment in &computed.segments {
        ledger.write_score_opening(epoch, segment.id, &segment.scores)?;
        ledger.write_balances(epoch, segment.id, &segment.new)?;
    }
    job.commit(&ledger.public.epoch(epoch))?;
    job.remove()?;
    Ok(doc)
}

/// Computes every segment that the attributor posted, once, and checks what auditors will: the posted root (V4), the
/// segments (V3), openings against commitments, balances against the last columns, numbers and sums (V1, V5).
///
/// # Errors
/// The first check that does not hold.
pub fn compute<S: ProverSuite>(
    ledger: &Ledger,
    plan: Plan,
    posted: &Posted,
    commit: impl Fn(Tier, &MaskedColumn<S::F>) -> Result<Commitment, Error> + Sync,
) -> Result<Computed<S>, Error> {
    let doc = &posted.doc;
    inputs::check_total(plan.total_score)?;
    ledger.history.check_posted(plan.epoch, &doc.posted())?;
    doc.check_root(|number| ledger.history.datasets().get(number as usize).map(|dataset| dataset.id))?;
    let numbers = plan.numbers();
    let one = |scored: &apportion_statement::files::ScoredSegment| {
        let id = scored.id();
        let tier = ledger.tier(id)?;
        let start = Start::of(ledger, id, scored.revision)?;
        let opening = posted.opening::<S::F>(ledger, id)?;
        let commit = |column: &MaskedColumn<S::F>| commit(tier, column);
        let moved = SegmentEpoch::compute(ledger, numbers, start, opening, &scored.commitment, commit)?;
        if moved.numbers.segment_score != scored.score.0 {
            let found = moved.numbers.segment_score.to_string();
            return Err(Violation::ScoreSum { expected: scored.score.0, found }.into());
        }
        Ok(moved)
    };
    let segments: Vec<Result<SegmentEpoch<S::F>, Error>> = doc.segments.par_iter().map(one).collect();
    // In order: a parallel collection of results stops at any failure, not at the first.
    let segments: Vec<_> = segments.into_iter().collect::<Result<_, _>>()?;
    let dust = check_numbers(&plan, segments.iter().map(|segment| &segment.numbers))?;
    Ok(Computed { plan, segments, dust })
}

/// V5; returns the dust.
pub(super) fn check_numbers<'a>(
    plan: &Plan,
    segments: impl Iterator<Item = &'a inputs::SplitNumbers>,
) -> Result<u128, Error> {
    let (mut sums, mut records) = (EpochSums::default(), 0u128);
    for numbers in segments {
        sums.add(numbers.segment_score, numbers.segment_paid);
        records += u128::from(numbers.records);
    }
    Ok(check_sums(&sums, plan.pool, plan.total_score, records)?)
}

/// The provers of the tiers of all segments that move, with the ledger's keys.
fn provers<S: ProverSuite>(
    ledger: &Ledger,
    posted: &Posted,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<BTreeMap<Tier, Prover<S, Split>>, Error> {
    let mut provers = BTreeMap::new();
    for segment in &posted.doc.segments {
        let tier = ledger.tier(segment.id())?;
        if let std::collections::btree_map::Entry::Vacant(place) = provers.entry(tier) {
            progress.note(&making_key(tier));
            let setup = &ledger.bundle.ledger.setup;
            // Where an enrolment was interrupted before its last step.
            write_keys::<S, Split>(cache, tier, setup, &ledger.public.keys())?;
            place.insert(Prover::for_keys(cache, tier, setup, &ledger.public.keys())?);
        }
    }
    Ok(provers)
}

/// Proves the segments of one tier.
fn prove_tier<S: ProverSuite>(
    ledger: &Ledger,
    tier: Tier,
    prover: &Prover<S, Split>,
    computed: &Computed<S>,
    job: &Job,
    progress: &dyn Progress,
) -> Result<Vec<(SegmentId, FileRef)>, Error> {
    let moved: BTreeMap<_, _> =
        computed.segments.iter().filter(|s| s.tier == tier).map(|segment| (segment.id, segment)).collect();
    let name = |id: &SegmentId| Segment { id: *id, number: computed.plan.epoch, file: proof_name(*id) };
    let list: Vec<_> = moved.keys().map(name).collect();
    let build = |id: SegmentId| {
        let segment = moved.get(&id).ok_or_else(|| Error::Claim(format!("{id} does not move")))?;
        let witness = segment.witness(ledger)?;
        let rng = prover.rng_seed(ledger.seed()?, &segment.instance, &witness::split_digest(&witness));
        Ok(Statement { instance: segment.instance, witness, links: segment.links(), rng })
    };
    let proofs = prove_segments(prover, &job.public(), &list, build, progress)?;
    Ok(list.into_iter().map(|segment| segment.id).zip(proofs).collect())
}

fn proof_name(id: SegmentId) -> FileName {
    PublicDir::split_proof(id.dataset, id.segment)
}

/// The epoch's document, which does not say yet what it replaces.
fn document<S: ProverSuite>(
    ledger: &Ledger,
    computed: &Computed<S>,
    scores: FileRef,
    proof: impl Fn(SegmentId) -> Result<FileRef, Error>,
) -> Result<EpochDoc, Error> {
    let Computed { plan, segments, .. } = computed;
    let entry = |segment: &SegmentEpoch<S::F>| {
        Ok(EpochSegment {
            dataset: segment.id.dataset,
            segment: segment.id.segment,
            balance_column: segment.new_column.clone(),
            paid: Amount(segment.numbers.segment_paid),
            proof: proof(segment.id)?,
        })
    };
    Ok(EpochDoc {
        version: FORMAT_VERSION,
        suite: ledger.bundle.ledger.suite,
        model_id: ledger.bundle.ledger.model_id,
        epoch: plan.epoch,
        policy: plan.policy,
        revenue: Amount(plan.revenue),
        carried: Amount(plan.carried),
        shares: plan.shares.clone(),
        pool: Amount(plan.pool),
        scores,
        segments: segments.iter().map(entry).collect::<Result<_, Error>>()?,
        replaced: Vec::new(),
    })
}

/// Everything that the proofs of an epoch depend on.
fn inputs_of(ledger: &Ledger, plan: &Plan, posted: &Posted, keys: impl Iterator<Item = Word>) -> Word {
    let mut inputs = Inputs::default();
    inputs.add(b"epoch");
    inputs.add(&ledger.bundle.ledger.to_json());
    keys.for_each(|key| inputs.add(&key.0));
    inputs.add(&plan.epoch.to_be_bytes());
    inputs.add(&plan.revenue.to_be_bytes());
    inputs.add(&plan.pool.to_be_bytes());
    inputs.add(&posted.doc.to_json());
    if let Some(last) = ledger.bundle.epochs.last() {
        inputs.add(&last.doc.to_json());
    }
    inputs.digest()
}
