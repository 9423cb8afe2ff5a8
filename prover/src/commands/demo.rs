//! `apportion demo`.

mod chain;
mod story;

use std::{
    fs,
    path::{Path, PathBuf},
};

use apportion::{Error, ledger::LedgerError};
use apportion_circuits::field::SuiteId;
use clap::Args;

use self::story::Story;
use super::{Session, in_suite};

/// Show the whole life of a ledger on generated data.
#[derive(Debug, Args)]
#[command(
    after_help = "Owner, developer, attributor, contributors and auditor each do their part, with real proofs, \
    in a few seconds; contributors are paid by the contracts, in an EVM in process. At the end it says what was proven, what was hidden and what nobody proves.\n\nExample:\n \
     apportion demo --dir demo"
)]
pub(crate) struct Demo {
    /// The proof system. With bn254 the demo uses a setup whose secret everybody knows, and pays on a chain in process;
    /// pasta needs no setup, and no contract checks it.
    #[arg(long, default_value = "bn254")]
    suite: SuiteId,
    /// Keep all files in this directory, which must not exist; by default they are removed at the end.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Demo {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let io = |path: &Path, source| LedgerError::io("create", path, source);
        match self.dir {
            Some(dir) if dir.exists() => Err(LedgerError::exists(&dir, "exists already").into()),
            Some(dir) => {
                fs::create_dir_all(&dir).map_err(|source| io(&dir, source))?;
                tell(self.suite, &dir, session)
            }
            None => {
                let temporary = tempfile::tempdir().map_err(|source| io(&std::env::temp_dir(), source))?;
                tell(self.suite, temporary.path(), session)
            }
        }
    }
}

fn tell(suite: SuiteId, dir: &Path, session: &Session) -> Result<(), Error> {
    let story = Story::new(dir, session, suite)?;
    in_suite!(suite, S => story.tell::<S>())
}
