use std::{fs, io, path::PathBuf};

use apportion_verifier::report::Exit;
use clap::{Args, CommandFactory};

use super::Cli;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  apportion-verify man | man -l -\n  apportion-verify man --out ~/.local/share/man/man1"
)]
pub(super) struct Man {
    /// Write a page for every command there, which `man apportion-verify-ledger` and so on show.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self) -> Exit {
        let command = Cli::command();
        let written = match &self.out {
            None => clap_mangen::Man::new(command).render(&mut io::stdout()),
            Some(dir) => fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(command, dir)),
        };
        match written {
            Ok(()) => Exit::Valid,
            Err(error) => {
                eprintln!("error: cannot write the manual: {error}");
                Exit::Input
            }
        }
    }
}
