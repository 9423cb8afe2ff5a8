//! Jobs in this process.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::{Failed, Job, Queue};

/// Runs jobs on threads of this process, at most so many at once. What bounds the number is memory: every job may use
/// all cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InProcess {
    at_once: usize,
}

/// Where one job's outcome goes, empty until it ends.
type Slot<R, E> = Mutex<Option<Result<R, Failed<E>>>>;

impl InProcess {
    /// At most that many jobs at once; at least one.
    pub fn new(at_once: usize) -> Self {
        Self { at_once: at_once.max(1) }
    }

    /// How many jobs run at once.
    pub fn at_once(&self) -> usize {
        self.at_once
    }
}

impl Queue for InProcess {
    fn run<T, R, E>(
        &self,
        jobs: Vec<Job<T>>,
        work: impl Fn(&Job<T>) -> Result<R, E> + Sync,
    ) -> Result<Vec<R>, Failed<E>>
    where
        T: Send + Sync,
        R: Send,
        E: Send,
    {
        // Every job is taken by one thread, and dropped as soon as it is done: payloads are large and secret.
        let waiting: Vec<_> = jobs.into_iter().map(|job| Mutex::new(Some(job))).collect();
        let done: Vec<Slot<R, E>> = waiting.iter().map(|_| Mutex::new(None)).collect();
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let worker = || {
            while !stop.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = waiting.get(index).and_then(|slot| lock(slot).take()) else { return };
                let result = one(&job, &work);
                stop.fetch_or(result.is_err(), Ordering::Relaxed);
                *lock(&done[index]) = Some(result);
            }
        };
        let threads = self.at_once.min(waiting.len());
        std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(worker)));
        // After a failure some jobs were never begun; the first failure stands before none that succeeded or not.
        let mut results = Vec::with_capacity(done.len());
        let mut begun = done.into_iter();
        for slot in begun.by_ref() {
            match slot.into_inner().unwrap_or_else(PoisonError::into_inner) {
                Some(Ok(result)) => results.push(result),
                Some(Err(failed)) => return Err(failed),
                None => break,
            }
        }
        let failed = begun.find_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner)?.err());
        failed.map_or(Ok(results), Err)
    }
}

fn one<T, R, E>(job: &Job<T>, work: &impl Fn(&Job<T>) -> Result<R, E>) -> Result<R, Failed<E>> {
    // The payload is dropped with the job and seen by nobody else, whatever state the panic left it in.
    match catch_unwind(AssertUnwindSafe(|| work(job))) {
        Ok(result) => result.map_err(|error| Failed::Job { id: job.id, error }),
        Err(panic) => Err(Failed::Poisoned { id: job.id, reason: reason(panic.as_ref()) }),
    }
}

fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".into())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JobId;
    use apportion_circuits::{relation::RelationId, types::Word};
    use apportion_statement::SegmentId;

    fn jobs(count: u32) -> Vec<Job<u32>> {
        let id = |segment| JobId {
            relation: RelationId::Split,
            key: Word::default(),
            segment: SegmentId { dataset: 0, segment },
            number: 7,
        };
        (0..count).map(|segment| Job { id: id(segment), payload: segment }).collect()
    }

    #[test]
    fn results_come_in_order_and_no_more_run_at_once_than_allowed() {
        for at_once in [0, 1, 3, 100] {
            let queue = InProcess::new(at_once);
            let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let results = queue.run(jobs(20), |job| {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(1));
                running.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, String>(job.payload * 2)
            });
            assert_eq!(results.unwrap(), (0..20).map(|i| 2 * i).collect::<Vec<_>>());
            assert!(most.into_inner() <= queue.at_once());
        }
        assert!(InProcess::new(2).run(jobs(0), |_| Ok::<_, String>(())).unwrap().is_empty());
    }

    #[test]
    fn every_job_runs_once_and_a_failure_names_its_job() {
        for at_once in [1, 4] {
            let runs: Vec<_> = (0..20).map(|_| AtomicUsize::new(0)).collect();
            let failed = InProcess::new(at_once)
                .run(jobs(20), |job| {
                    runs[job.payload as usize].fetch_add(1, Ordering::Relaxed);
                    if job.payload == 5 { Err("no") } else { Ok(()) }
                })
                .unwrap_err();
            assert_eq!(failed.to_string(), "dataset 0 segment 5 of epoch 7: no");
            assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) <= 1));
            if at_once == 1 {
                assert!(runs[6..].iter().all(|runs| runs.load(Ordering::Relaxed) == 0), "no job is begun");
            }
        }
    }

    #[test]
    fn a_job_that_panics_is_poisoned_and_the_process_lives() {
        let failed = InProcess::new(2).run(jobs(3), |job| {
            assert!(job.payload != 1, "a table that cannot be");
            Ok::<_, String>(())
        });
        let failed = failed.unwrap_err();
        assert_eq!(failed.id().segment.segment, 1);
        assert_eq!(failed.to_string(), "dataset 0 segment 1 of epoch 7 is poisoned: a table that cannot be");
    }
}
