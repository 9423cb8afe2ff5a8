//! Many segments of one job, as many at once as memory allows.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use apportion_circuits::relation::Relation;
use apportion_statement::Use;
use apportion_statement::files::{FileName, FileRef, ProofBlob};

use super::{Link, Named, Prover, available_memory, memory_text};
use crate::{error::Error, jobs::Job, ledger::SegmentId, progress::Progress, setup::ProverSuite};

/// A segment to be proven, and the name of its proof.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Which one.
    pub id: SegmentId,
    /// The proof's file.
    pub file: FileName,
}

/// What is to be proven of a segment.
pub struct Statement<I, W> {
    /// What is public.
    pub instance: I,
    /// What is private.
    pub witness: W,
    /// What the linked columns must commit to.
    pub links: Vec<Link>,
}

/// Proves every segment that a job does not hold a valid proof of already. `build` makes a segment's statement;
/// it runs when the segment's turn comes, so that few witnesses exist at a time.
pub fn prove_segments<S, R, B>(
    prover: &Prover<S, R>,
    job: &Job,
    purpose: Use,
    segments: &[Segment],
    build: B,
    progress: &dyn Progress,
) -> Result<Vec<FileRef>, Error>
where
    S: ProverSuite,
    R: Relation<S::F> + Named,
    Prover<S, R>: Sync,
    B: Fn(SegmentId) -> Result<Statement<R::Instance, R::Witness>, Error> + Sync,
{
    let at_once = at_once(prover.predicted_memory(), segments.len(), progress);
    let existing = segments.iter().filter(|segment| job.public().join(&segment.file).exists()).count();
    progress.begin(&format!("{purpose} proofs"), segments.len(), existing);
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<FileRef>>> = Mutex::new(vec![None; segments.len()]);
    let failure: Mutex<Option<Error>> = Mutex::new(None);
    let work = || {
        while lock(&failure).is_none() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(segment) = segments.get(index) else { return };
            match one(prover, job, purpose, segment, &build, progress) {
                Ok(file) => lock(&results)[index] = Some(file),
                Err(error) => _ = lock(&failure).get_or_insert(error),
            }
        }
    };
    std::thread::scope(|scope| (0..at_once).for_each(|_| _ = scope.spawn(work)));
    progress.end();
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => {
            Ok(results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect())
        }
    }
}

fn one<S, R, B>(
    prover: &Prover<S, R>,
    job: &Job,
    purpose: Use,
    segment: &Segment,
    build: &B,
    progress: &dyn Progress,
) -> Result<FileRef, Error>
where
    S: ProverSuite,
    R: Relation<S::F> + Named,
    B: Fn(SegmentId) -> Result<Statement<R::Instance, R::Witness>, Error>,
{
    let start = Instant::now();
    let id = segment.id;
    let statement = build(id)?;
    let path = job.public().join(&segment.file);
    if path.exists() {
        let found = ProofBlob::read(&path, S::proof_bytes(prover.layout())).ok().filter(|(blob, _)| {
            let expected = prover.blob(purpose, blob.proof.clone());
            *blob == expected && prover.verify(&statement.instance, &statement.links, &blob.proof).is_ok()
        });
        if let Some((_, bytes)) = found {
            progress.step(&format!("{id}: proof of the interrupted run verified again"));
            return Ok(FileRef::new(segment.file.clone(), &bytes));
        }
        progress.note(&format!("{id}: the interrupted run's proof does not verify; proving again"));
    }
    let proof = prover.prove(&statement.instance, &statement.witness, &statement.links)?;
    let bytes = prover.blob(purpose, proof).to_bytes();
    job.write_public(&segment.file, &bytes)?;
    progress.step(&format!("{id}: proven and verified in {:.1} s", start.elapsed().as_secs_f64()));
    Ok(FileRef::new(segment.file.clone(), &bytes))
}

/// How many proofs are made at once; each uses all threads when it can.
fn at_once(predicted: u64, segments: usize, progress: &dyn Progress) -> usize {
    let threads = rayon::current_num_threads().max(1);
    let free = available_memory();
    // A fifth is left to others, and to what the prediction misses.
    let fit = free.map_or(1, |free| (free / 5 * 4 / predicted.max(1)) as usize);
    let at_once = segments.min(threads).min(fit.max(1)).max(1);
    let predicted_text = memory_text(predicted);
    let free_text = free.map_or("unknown".into(), memory_text);
    progress.note(&format!(
        "{segments} segments, {at_once} at once on {threads} threads: about {} each of {free_text} free memory",
        predicted_text
    ));
    if fit == 0 && free.is_some() {
        progress.note("that is more than there is: expect swapping or a failure");
    }
    at_once
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
