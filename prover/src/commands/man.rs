//! `apportion man`.

use std::{fs, io, path::PathBuf};

use apportion::{Error, ledger::LedgerError};
use clap::{Args, CommandFactory};

use super::Cli;

/// Print the manual.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  apportion man | man -l -\n  apportion man --out ~/.local/share/man/man1"
)]
pub(crate) struct Man {
    /// Write a page for every command there, which `man apportion-prove` and so on show.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self) -> Result<(), Error> {
        let command = Cli::command();
        match &self.out {
            // A reader that went away is no failure of the command.
            None => _ = clap_mangen::Man::new(command).render(&mut io::stdout()),
            Some(dir) => fs::create_dir_all(dir)
                .and_then(|()| clap_mangen::generate_to(command, dir))
                .map_err(|source| LedgerError::io("write", dir, source))?,
        }
        Ok(())
    }
}
