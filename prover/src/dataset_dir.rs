//! A dataset's own directory, as its owner has it: `public/`, `licence/`, `private/`.

use std::path::{Path, PathBuf};

use apportion_circuits::types::Record;
use apportion_secrets::{Recipient, Seed};
use apportion_statement::files::{DatasetBundle, DatasetDir};

use crate::{
    error::Error,
    hint,
    ledger::{LedgerError, LicenceDir, Lock, PrivateDir, files},
};

/// A dataset's own directory.
#[derive(Debug)]
pub struct OwnDataset {
    /// The directory.
    pub dir: PathBuf,
    /// `public/`.
    pub public: DatasetDir,
    /// `licence/`: what developers are handed.
    pub licence: LicenceDir,
    /// `private/`: the owner's seed and unfinished work.
    pub private: PrivateDir,
    /// Every public document.
    pub bundle: DatasetBundle,
    _lock: Option<Lock>,
}

impl OwnDataset {
    /// Opens a dataset for a command that changes it. A second such command waits some seconds and is then
    /// refused.
    ///
    /// # Errors
    /// If there is no dataset, it cannot be read or is in use, or `private/` is missing.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        expect_dataset(dir)?;
        let private = PrivateDir::new(dir.join("private"));
        if !private.root().exists() {
            let explanation = "it holds the owner's seed, from which the masks of the payee columns follow: only the \
                               dataset's owner can prove and extend it. Bring it back from your backup";
            let path = private.root().to_owned();
            return Err(LedgerError::Missing { path, explanation: explanation.into() }.into());
        }
        let lock = Lock::take(&private.lock())?;
        files::remove_temporary(private.root())?;
        let public = DatasetDir::new(dir.join("public"));
        files::remove_temporary(public.root())?;
        crate::setup::remove_unfinished_keys(&public.keys())?;
        Self::load(dir, Some(lock))
    }

    /// Reads a dataset: takes no lock and writes nothing. `private/` may be missing, as it is where a
    /// developer was handed the others.
    ///
    /// # Errors
    /// If there is no dataset or it cannot be read.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        expect_dataset(dir)?;
        Self::load(dir, None)
    }

    fn load(dir: &Path, lock: Option<Lock>) -> Result<Self, Error> {
        let public = DatasetDir::new(dir.join("public"));
        Ok(Self {
            dir: dir.to_owned(),
            bundle: DatasetBundle::read(public.clone())?,
            public,
            licence: LicenceDir::new(dir.join("licence")),
            private: PrivateDir::new(dir.join("private")),
            _lock: lock,
        })
    }

    /// The owner's seed.
    ///
    /// # Errors
    /// If it is missing or damaged.
    pub fn seed(&self) -> Result<Seed, Error> {
        let path = self.private.seed();
        if path.exists() {
            return Ok(Seed::read(&path)?);
        }
        let explanation = "it is the owner's seed, from which the masks of the payee columns follow. Bring it back \
                           from where you keep it";
        Err(LedgerError::Missing { path, explanation: explanation.into() }.into())
    }

    /// The records of the newest revision, in order.
    ///
    /// # Errors
    /// If they are missing or damaged.
    pub fn records(&self) -> Result<Vec<Record>, Error> {
        let count = self.bundle.newest().records;
        self.licence.read_records(&self.bundle.doc, count).map_err(|error| missing_licence(error).into())
    }

    /// To whom the receipts of the records are encrypted, in the records' order.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn recipients(&self) -> Result<Vec<Option<Recipient>>, Error> {
        Ok(self.licence.read_recipients(&self.bundle.doc, self.bundle.newest().records)?)
    }
}

fn expect_dataset(dir: &Path) -> Result<(), Error> {
    if dir.join("public").join("dataset.json").exists() {
        return Ok(());
    }
    Err(hint::absent(dir, hint::Kind::Dataset))
}

fn missing_licence(error: LedgerError) -> LedgerError {
    match error {
        LedgerError::Io { path, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            let explanation =
                "it is part of the dataset's licence/, which its owner hands to developers in private";
            LedgerError::Missing { path, explanation: explanation.into() }
        }
        error => error,
    }
}
