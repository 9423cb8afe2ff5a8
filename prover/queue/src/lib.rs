//! Work as jobs: what is to be proven, segment by segment, and who does it.
//!
//! A [`Job`] is a value: its [`JobId`] says under which key and about which segment, its payload says what. A
//! [`Queue`] runs jobs. [`InProcess`] runs them here, a bounded number at once, and holds no leases: a job is
//! run once, and what succeeded is final. A job that fails or panics is named in the [`Failed`] that comes
//! back, so that nobody has to guess which segment it was.
#![forbid(unsafe_code)]

mod in_process;

use std::fmt;

use apportion_circuits::{relation::RelationId, types::Word};
use apportion_statement::SegmentId;

pub use self::in_process::InProcess;

/// Which job: the same id always stands for the same statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId {
    /// The relation that is proven.
    pub relation: RelationId,
    /// The digest of the key under which it is proven.
    pub key: Word,
    /// The segment.
    pub segment: SegmentId,
    /// The epoch of a move, the revision of an enrolment.
    pub number: u32,
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.relation {
            RelationId::Tree => "revision",
            RelationId::Split => "epoch",
        };
        write!(f, "{} of {what} {}", self.segment, self.number)
    }
}

/// A job: what it is called, and what there is to do.
#[derive(Clone, Debug)]
pub struct Job<T> {
    /// Which one.
    pub id: JobId,
    /// What there is to do.
    pub payload: T,
}

/// What became of jobs that were not all done.
#[derive(Debug, thiserror::Error)]
pub enum Failed<E> {
    /// A job's own error.
    #[error("{id}: {error}")]
    Job {
        /// The job.
        id: JobId,
        /// Why it failed.
        error: E,
    },
    /// A job that ended the one who worked at it. It is not tried again: it would do the same to the next.
    #[error("{id} is poisoned: {reason}")]
    Poisoned {
        /// The job.
        id: JobId,
        /// What it said before it broke.
        reason: String,
    },
}

impl<E> Failed<E> {
    /// The job that failed.
    pub fn id(&self) -> JobId {
        match self {
            Failed::Job { id, .. } | Failed::Poisoned { id, .. } => *id,
        }
    }
}

/// Who runs jobs.
pub trait Queue {
    /// Runs every job, and gives the results in the order of the jobs. A result is final: its job is never run again.
    ///
    /// # Errors
    /// The first failure, in the order of the jobs. No job is begun after a failure is known; those that were begun
    /// are awaited.
    fn run<T, R, E>(
        &self,
        jobs: Vec<Job<T>>,
        work: impl Fn(&Job<T>) -> Result<R, E> + Sync,
    ) -> Result<Vec<R>, Failed<E>>
    where
        T: Send + Sync,
        R: Send,
        E: Send;
}
