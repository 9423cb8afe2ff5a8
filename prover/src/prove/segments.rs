//! Many segments of one job, as many at once as memory allows.

use std::{path::Path, time::Instant};

use apportion_circuits::relation::Relation;
use apportion_queue::{Failed, InProcess, Job, JobId, Queue as _};
use apportion_secrets::RngSeed;
use apportion_statement::{
    RelationId, SegmentId, counted,
    files::{FileName, FileRef, ProofBlob},
};

use super::{Link, Prover, available_memory, memory_text};
use crate::{
    error::Error,
    ledger::files::{self, Access},
    progress::Progress,
    setup::ProverSuite,
};

/// A segment to be proven, and the name of its proof.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Which one.
    pub id: SegmentId,
    /// The epoch of a move, the revision of an enrolment.
    pub number: u32,
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
    /// What the proof's randomness is drawn from: [`Prover::rng_seed`].
    pub rng: RngSeed,
}

/// Proves every segment whose proof is not in `dir` already, and gives the files in the order of the segments.
/// `build` makes a segment's statement; it runs when the segment's turn comes, so that few witnesses exist at a
/// time.
///
/// # Errors
/// The first segment that fails, by name. Proofs that are finished stay in `dir`, for a run that goes on.
pub fn prove_segments<S, R, B>(
    prover: &Prover<S, R>,
    dir: &Path,
    segments: &[Segment],
    build: B,
    progress: &dyn Progress,
) -> Result<Vec<FileRef>, Error>
where
    S: ProverSuite,
    R: Relation<S::F>,
    Prover<S, R>: Sync,
    B: Fn(SegmentId) -> Result<Statement<R::Instance, R::Witness>, Error> + Sync,
{
    let (key, relation) = (prover.key_doc().key_digest, R::ID);
    let name = |s: &Segment| JobId { relation, key, segment: s.id, number: s.number };
    let jobs = segments.iter().map(|segment| Job { id: name(segment), payload: segment }).collect();
    let existing = segments.iter().filter(|segment| dir.join(&segment.file).exists()).count();
    let what = match R::ID {
        RelationId::Tree => "enrolment proofs",
        RelationId::Split => "epoch proofs",
    };
    let queue = InProcess::new(at_once(prover.predicted_memory(), segments.len(), progress));
    progress.begin(what, segments.len(), existing);
    let results = queue.run(jobs, |job| one(prover, dir, job.payload, &build, progress));
    progress.end();
    results.map_err(|failed| match failed {
        Failed::Job { error, .. } => error,
        Failed::Poisoned { .. } => apportion_suite::SuiteError::Backend(failed.to_string()).into(),
    })
}

fn one<S, R, B>(
    prover: &Prover<S, R>,
    dir: &Path,
    segment: &Segment,
    build: &B,
    progress: &dyn Progress,
) -> Result<FileRef, Error>
where
    S: ProverSuite,
    R: Relation<S::F>,
    B: Fn(SegmentId) -> Result<Statement<R::Instance, R::Witness>, Error>,
{
    let start = Instant::now();
    let id = segment.id;
    let Statement { instance, witness, links, rng } = build(id)?;
    let path = dir.join(&segment.file);
    if path.exists() {
        let found = ProofBlob::read(&path, S::proof_bytes(prover.layout())).ok().filter(|(blob, _)| {
            *blob == prover.blob(blob.proof.clone()) && prover.verify(&instance, &links, &blob.proof).is_ok()
        });
        if let Some((_, bytes)) = found {
            progress.step(&format!("{id}: proof of the interrupted run verified again"));
            return Ok(FileRef::new(segment.file.clone(), &bytes));
        }
        progress.note(&format!("{id}: the interrupted run's proof does not verify; proving again"));
    }
    let proof = prover.prove(&instance, &witness, &links, &rng)?;
    let bytes = prover.blob(proof).to_bytes();
    files::write_atomic(&path, &bytes, Access::Public)?;
    progress.step(&format!("{id}: proven and verified in {:.1} s", start.elapsed().as_secs_f64()));
    Ok(FileRef::new(segment.file.clone(), &bytes))
}

/// How many proofs are made at once, for a number of bytes that each is expected to take; each uses all threads
/// when it can. Tells what it found.
pub fn at_once(predicted: u64, segments: usize, progress: &dyn Progress) -> usize {
    at_once_in(available_memory(), rayon::current_num_threads().max(1), predicted, segments, progress)
}

fn at_once_in(
    free: Option<u64>,
    threads: usize,
    predicted: u64,
    segments: usize,
    progress: &dyn Progress,
) -> usize {
    // A fifth is left to others, and to what the prediction misses.
    let fit = free.map_or(1, |free| (free / 5 * 4 / predicted.max(1)) as usize);
    let at_once = segments.min(threads).min(fit.max(1)).max(1);
    let (each, free_text) = (memory_text(predicted), free.map_or("unknown".into(), memory_text));
    progress.note(&format!(
        "{}, {at_once} at once on {}: about {each} each of {free_text} free memory",
        counted(segments, "segment"),
        counted(threads, "thread")
    ));
    if fit == 0 && free.is_some() {
        progress.warn("that is more memory than there is: expect swapping or a failure");
    }
    at_once
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use apportion_circuits::{relation::Relation, split::Split, tree::Tree, types::Tier};
    use apportion_suite::{Bn254, Pasta, Suite};

    use super::{
        super::{memory::available_in, predicted_memory},
        *,
    };

    #[derive(Default)]
    struct Warnings(Mutex<usize>);

    impl Progress for Warnings {
        fn note(&self, _: &str) {}
        fn warn(&self, _: &str) {
            *self.0.lock().unwrap() += 1;
        }
        fn begin(&self, _: &str, _: usize, _: usize) {}
        fn step(&self, _: &str) {}
        fn end(&self) {}
    }

    /// Proofs of a relation at once on eight threads, of ten segments, and whether there is a warning.
    fn chosen<S: Suite, R: Relation<S::F>>(tier: Tier, free: Option<u64>) -> (usize, bool) {
        let warnings = Warnings::default();
        let at_once = at_once_in(free, 8, predicted_memory::<S>(&R::layout(tier)), 10, &warnings);
        (at_once, *warnings.0.lock().unwrap() > 0)
    }

    /// A container of 1.5 GiB on a machine of 24: its limit counts, not the machine's memory.
    #[test]
    fn under_a_small_memory_limit_fewer_segments_run_at_once() {
        let machine = available_in(24 << 30, None);
        let container = available_in(24 << 30, Some(3 << 29));
        assert_eq!(chosen::<Bn254, Split>(Tier::T1024, machine), (8, false));
        assert_eq!(chosen::<Bn254, Split>(Tier::T1024, container), (8, false));
        assert_eq!(chosen::<Pasta, Tree>(Tier::T1024, machine), (8, false));
        assert_eq!(chosen::<Pasta, Tree>(Tier::T1024, container), (2, false));
        assert_eq!(chosen::<Bn254, Split>(Tier::T16384, machine), (8, false));
        assert_eq!(chosen::<Bn254, Split>(Tier::T16384, container), (4, false));
        assert_eq!(chosen::<Bn254, Tree>(Tier::T16384, container), (1, false));
        // One is more than there is: tried all the same, and said before.
        assert_eq!(chosen::<Pasta, Tree>(Tier::T16384, machine), (2, false));
        assert_eq!(chosen::<Pasta, Tree>(Tier::T16384, container), (1, true));
        // Nobody knows how much there is.
        assert_eq!(chosen::<Bn254, Split>(Tier::T64, None), (1, false));
    }
}
