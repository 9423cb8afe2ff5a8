//! An opened ledger directory.

use std::{
    fs,
    path::{Path, PathBuf},
};

use apportion_statement::files::{Document as _, EpochDoc, PublicDir};

use super::{Config, LedgerError, PrivateDir, State, files};
use crate::{error::Error, ledger::Lock};

/// A ledger directory under its lock, with its state.
#[derive(Debug)]
pub struct Ledger {
    /// `public/`.
    pub public: PublicDir,
    /// `private/`.
    pub private: PrivateDir,
    /// Where it stands.
    pub state: State,
    _lock: Lock,
}

/// The paths of a ledger directory.
#[derive(Clone, Debug)]
pub struct Paths {
    /// `ledger.toml`.
    pub config: PathBuf,
    /// `public/`.
    pub public: PathBuf,
    /// `private/`.
    pub private: PathBuf,
}

impl Paths {
    /// The paths in a ledger directory.
    pub fn of(dir: &Path) -> Self {
        Self { config: dir.join("ledger.toml"), public: dir.join("public"), private: dir.join("private") }
    }
}

impl Ledger {
    /// Opens the ledger in a directory for a command that may change it.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let paths = Paths::of(dir);
        if !paths.config.exists() {
            let text = format!("{} holds no ledger: `apportion ledger init` makes one", dir.display());
            return Err(Error::usage(text));
        }
        let config = Config::read(&paths.config)?;
        let private = PrivateDir::new(paths.private);
        let lock = Lock::take(&private.lock())?;
        files::remove_temporary(private.root())?;
        let public = PublicDir::new(paths.public);
        files::remove_temporary(public.root())?;
        let mut state = State::read(&public)?;
        for (path, _) in numbered(&private.undone(), "")? {
            state.undone.push(EpochDoc::read(&path.join("epoch.json"))?);
        }
        if config != Config::of(&state.ledger) {
            let reason = "does not say what public/ledger.json says";
            return Err(LedgerError::corrupt(&paths.config, reason).into());
        }
        let ledger = Self { public, private, state, _lock: lock };
        ledger.tidy()?;
        Ok(ledger)
    }

    /// Removes what a command that was interrupted after its last step did not: finished jobs, and balances that
    /// no segment stands at any more.
    fn tidy(&self) -> Result<(), LedgerError> {
        let next = self.state.next_epoch();
        for (path, number) in numbered(&self.private.jobs(), "epoch-")? {
            if number < next {
                files::remove_dir(&path)?;
            }
        }
        let publications = self.state.publications.len() as u32;
        for (path, number) in numbered(&self.private.jobs(), "publish-")? {
            if number <= publications {
                files::remove_dir(&path)?;
            }
        }
        let enrolments: usize = self.state.datasets.iter().map(|dataset| dataset.enrolments.len()).sum();
        for (path, number) in numbered(&self.private.jobs(), "enroll-")? {
            if number as usize <= enrolments {
                files::remove_dir(&path)?;
            }
        }
        let mut settled: Vec<_> =
            self.state.moving(u32::MAX).into_iter().filter_map(|id| self.state.settled(id)).collect();
        if !self.state.ledger.contract.is_zero() {
            // The newest epoch can be taken back until the contract has settled it, so what it began from is kept.
            settled.extend(self.state.settled_before_last());
        }
        for (path, epoch) in numbered(&self.private.all_balances(), "")? {
            // Balances of an epoch to come are a commit that was interrupted; they are written again.
            if epoch < next && !settled.contains(&epoch) {
                files::remove_dir(&path)?;
            }
        }
        Ok(())
    }
}

/// The entries of a directory whose names are a prefix and a number.
fn numbered(dir: &Path, prefix: &str) -> Result<Vec<(PathBuf, u32)>, LedgerError> {
    let io = |source| LedgerError::io("read", dir, source);
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(prefix)).and_then(|n| n.parse().ok());
        found.extend(number.map(|number| (entry.path(), number)));
    }
    Ok(found)
}
