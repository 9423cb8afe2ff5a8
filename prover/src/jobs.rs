//! Unfinished work that survives an interruption.
//!
//! A job is a directory under `private/jobs/`. It holds the digest of its inputs, the secrets that its proofs
//! depend on (written before the first proof, so that a resumed run links to the same columns) and the public
//! files as they are finished. One rename makes them part of the ledger.

use std::path::{Path, PathBuf};

use apportion_circuits::types::Word;
use apportion_statement::files::FileName;
use sha2::{Digest, Sha256};

use crate::ledger::{
    LedgerError, PrivateDir,
    files::{self, Access},
};

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
    /// A job on other inputs, interrupted: it was discarded.
    Other,
}

impl Job {
    /// Opens a job on the inputs with that digest, going on where an earlier run on the same inputs stopped.
    pub fn open(private: &PrivateDir, name: &str, inputs: Word) -> Result<(Self, Found), LedgerError> {
        let job = Self { root: private.jobs().join(name) };
        let mut found = Found::Nothing;
        if job.root.exists() {
            let digest = files::read_limited(&job.root.join(INPUTS_FILE), 32).ok();
            if digest.as_ref().is_some_and(|digest| digest.as_slice() == inputs.0) {
                // Its removal may have been interrupted too.
                job.secrets().create()?;
                files::create_dir(&job.public())?;
                return Ok((job, Found::Interrupted));
            }
            if digest.is_some() {
                found = Found::Other;
            }
            files::remove_dir(&job.root)?;
        }
        job.secrets().create()?;
        files::create_dir(&job.public())?;
        // Last: a job without its digest has not begun.
        files::write_atomic(&job.root.join(INPUTS_FILE), &inputs.0, Access::Private)?;
        Ok((job, found))
    }

    /// The directory of secrets.
    pub fn secrets(&self) -> PrivateDir {
        PrivateDir::new(self.root.join("secrets"))
    }

    /// The directory that becomes public.
    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// Adds a public file.
    pub fn write_public(&self, name: &FileName, bytes: &[u8]) -> Result<(), LedgerError> {
        files::write_atomic(&self.public().join(name), bytes, Access::Public)
    }

    /// Copies the secrets to their place, replacing what an interrupted commit left there. The job keeps its own
    /// until it is removed: a run that is interrupted before the commit still needs them.
    pub fn install_secrets(&self, to: &PrivateDir) -> Result<(), LedgerError> {
        files::remove_dir(to.root())?;
        to.create()?;
        files::copy_secrets(self.secrets().root(), to.root())
    }

    /// The step that commits: the public files become part of the ledger, at once.
    pub fn commit(&self, to: &Path) -> Result<(), LedgerError> {
        if let Some(parent) = to.parent() {
            files::create_dir(parent)?;
        }
        files::commit(&self.public(), to)
    }

    /// Removes the job.
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
        let private = PrivateDir::new(dir.path().join("private"));
        let (a, b) = (Word([1; 32]), Word([2; 32]));
        let name: FileName = "0-0.proof".parse().unwrap();
        let (job, found) = Job::open(&private, "epoch-1", a).unwrap();
        assert_eq!(found, Found::Nothing);
        job.write_public(&name, b"proof").unwrap();
        assert_eq!(Job::open(&private, "epoch-1", a).unwrap().1, Found::Interrupted);
        assert!(job.public().join(&name).exists());
        assert_eq!(Job::open(&private, "epoch-1", b).unwrap().1, Found::Other);
        assert!(!job.public().join(&name).exists());
        // A job whose removal was interrupted is still usable.
        std::fs::remove_dir_all(job.secrets().root()).unwrap();
        std::fs::remove_dir_all(job.public()).unwrap();
        let (job, found) = Job::open(&private, "epoch-1", b).unwrap();
        assert_eq!(found, Found::Interrupted);
        job.write_public(&name, b"proof").unwrap();
        assert!(job.secrets().root().is_dir());
        // A job that was interrupted while it was set up begins again.
        std::fs::remove_file(job.root.join(INPUTS_FILE)).unwrap();
        assert_eq!(Job::open(&private, "epoch-1", b).unwrap().1, Found::Nothing);
    }

    #[test]
    fn a_commit_can_be_repeated_after_an_interruption_between_its_steps() {
        let dir = tempfile::tempdir().unwrap();
        let private = PrivateDir::new(dir.path().join("private"));
        let (job, _) = Job::open(&private, "epoch-1", Word([1; 32])).unwrap();
        let (balances, public) = (private.balances(1), dir.path().join("public/epochs/1"));
        files::write_atomic(&job.secrets().root().join("0-0.bin"), b"secret", Access::Private).unwrap();
        job.install_secrets(&balances).unwrap();
        let (job, found) = Job::open(&private, "epoch-1", Word([1; 32])).unwrap();
        assert_eq!(found, Found::Interrupted);
        job.install_secrets(&balances).unwrap();
        job.commit(&public).unwrap();
        job.remove().unwrap();
        assert!(balances.root().join("0-0.bin").exists() && public.exists() && !job.root.exists());
    }
}
