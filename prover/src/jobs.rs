//! Unfinished work that survives an interruption.
//!
//! A job is a directory under `private/jobs/`. It holds the digest of its inputs and the public files as they
//! are finished; secrets follow from the seed and need not be kept. One rename makes the files part of a
//! ledger or dataset.

use std::path::{Path, PathBuf};

use apportion_circuits::types::Word;
use apportion_statement::files::FileName;
use sha2::{Digest, Sha256};

use crate::ledger::{
    LedgerError,
    files::{self, Access},
};

/// Where a job says which command goes on with it.
pub const COMMAND_FILE: &str = "command";
const INPUTS_FILE: &str = "inputs";

/// A job's directory.
#[derive(Clone, Debug)]
pub struct Job {
    root: PathBuf,
}

/// What was found when a job was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the job begins.
    Nothing,
    /// The same job, interrupted: it goes on.
    Interrupted,
    /// A job on other inputs, interrupted: it was discarded. None of its proofs was part of anything.
    Other,
}

impl Found {
    /// Says what became of an earlier run.
    pub fn tell(self, progress: &dyn crate::progress::Progress) {
        match self {
            Found::Nothing => {}
            Found::Interrupted => progress.note("an interrupted run of the same inputs goes on"),
            Found::Other => progress.note("an interrupted run of other inputs was discarded"),
        }
    }
}

impl Job {
    /// Opens a job in a directory of jobs, on the inputs with that digest, going on where an earlier run on
    /// the same inputs stopped.
    ///
    /// # Errors
    /// Those of the system.
    pub fn open(jobs: &Path, name: &str, inputs: Word) -> Result<(Self, Found), LedgerError> {
        let job = Self { root: jobs.join(name) };
        let mut found = Found::Nothing;
        if job.root.exists() {
            let digest = files::read_limited(&job.root.join(INPUTS_FILE), 32).ok();
            if digest.as_ref().is_some_and(|digest| digest.as_slice() == inputs.0) {
                // Its removal may have been interrupted too.
                files::create_dir(&job.public())?;
                return Ok((job, Found::Interrupted));
            }
            if digest.is_some() {
                found = Found::Other;
            }
            files::remove_dir(&job.root)?;
        }
        files::create_private_dir(&job.root)?;
        files::create_dir(&job.public())?;
        // Last: a job without its digest has not begun.
        files::write_atomic(&job.root.join(INPUTS_FILE), &inputs.0, Access::Private)?;
        Ok((job, found))
    }

    /// The directory that becomes public.
    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// Says which command goes on with the job.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write_command(&self, command: &str) -> Result<(), LedgerError> {
        files::write_atomic(&self.root.join(COMMAND_FILE), command.as_bytes(), Access::Private)
    }

    /// Adds a public file.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write_public(&self, name: &FileName, bytes: &[u8]) -> Result<(), LedgerError> {
        files::write_atomic(&self.public().join(name), bytes, Access::Public)
    }

    /// The step that commits: the public files stand in their place, at once.
    ///
    /// # Errors
    /// Those of the system; the place must be free.
    pub fn commit(&self, to: &Path) -> Result<(), LedgerError> {
        files::create_dir(&files::parent(to))?;
        files::commit(&self.public(), to)
    }

    /// Removes the job.
    ///
    /// # Errors
    /// Those of the system.
    pub fn remove(&self) -> Result<(), LedgerError> {
        files::remove_dir(&self.root)
    }
}

/// Collects what a job depends on.
#[derive(Clone, Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Adds an item.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    /// The digest of all items.
    pub fn digest(self) -> Word {
        Word(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_goes_on_with_the_same_inputs_only() {
        let dir = tempfile::tempdir().unwrap();
        let jobs = dir.path().join("private/jobs");
        let (a, b) = (Word([1; 32]), Word([2; 32]));
        let name: FileName = "0-0.proof".parse().unwrap();
        let (job, found) = Job::open(&jobs, "epoch-1", a).unwrap();
        assert_eq!(found, Found::Nothing);
        job.write_public(&name, b"proof").unwrap();
        assert_eq!(Job::open(&jobs, "epoch-1", a).unwrap().1, Found::Interrupted);
        assert!(job.public().join(&name).exists());
        assert_eq!(Job::open(&jobs, "epoch-1", b).unwrap().1, Found::Other);
        assert!(!job.public().join(&name).exists());
        // A job whose removal was interrupted is still usable.
        std::fs::remove_dir_all(job.public()).unwrap();
        let (job, found) = Job::open(&jobs, "epoch-1", b).unwrap();
        assert_eq!(found, Found::Interrupted);
        job.write_public(&name, b"proof").unwrap();
        // A job that was interrupted while it was set up begins again.
        std::fs::remove_file(job.root.join(INPUTS_FILE)).unwrap();
        assert_eq!(Job::open(&jobs, "epoch-1", b).unwrap().1, Found::Nothing);
        job.write_public(&name, b"proof").unwrap();
        let place = dir.path().join("public/epochs/000001");
        job.commit(&place).unwrap();
        job.remove().unwrap();
        assert!(place.join(&name).exists() && !job.root.exists());
    }
}
