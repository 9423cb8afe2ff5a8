//! `apportion completions`.

use apportion::Error;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;

/// Print a completion script.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  apportion completions bash > ~/.local/share/bash-completion/completions/apportion"
)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Error> {
        clap_complete::generate(self.shell, &mut Cli::command(), "apportion", &mut std::io::stdout());
        Ok(())
    }
}
