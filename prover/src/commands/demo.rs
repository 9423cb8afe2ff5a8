//! `apportion demo`.

mod story;

use std::{
    fs,
    path::{Path, PathBuf},
};

use apportion::{Error, ledger::LedgerError, sample::sample};
use apportion_circuits::field::SuiteId;
use clap::Args;

use self::story::Story;
use super::{Session, in_suite};

const RECORDS: usize = 100;
const EPOCHS: u32 = 3;

/// Show the whole life of a ledger on generated data.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  apportion demo --dir demo")]
pub(crate) struct Demo {
    /// The proof system. With bn254 the demo uses a setup whose secret everybody knows.
    #[arg(long, default_value = "pasta")]
    suite: SuiteId,
    /// Keep all files in this directory, which must not exist; by default they are removed at the end.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Demo {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let (dir, kept) = match self.dir {
            Some(dir) if dir.exists() => {
                return Err(Error::usage(format!("{} exists already", dir.display())));
            }
            Some(dir) => (dir.clone(), Some(dir)),
            None => (std::env::temp_dir(), None),
        };
        let io = |source| LedgerError::Io { action: "create", path: dir.clone(), source };
        match kept {
            Some(_) => {
                fs::create_dir_all(&dir).map_err(io)?;
                tell(self.suite, &dir, session)
            }
            None => {
                let temporary = tempfile::tempdir().map_err(io)?;
                tell(self.suite, temporary.path(), session)
            }
        }
    }
}

fn tell(suite: SuiteId, dir: &Path, session: &Session) -> Result<(), Error> {
    let story = Story { dir, session, sample: sample(RECORDS, EPOCHS) };
    in_suite!(suite, S => story.tell::<S>())
}
