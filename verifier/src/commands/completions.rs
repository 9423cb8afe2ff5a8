use std::io;

use apportion_verifier::report::Exit;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  apportion-verify completions bash > ~/.local/share/bash-completion/completions/apportion-verify"
)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Exit {
        clap_complete::generate(self.shell, &mut Cli::command(), "apportion-verify", &mut io::stdout());
        Exit::Valid
    }
}
