//! `apportion`: the model developer's command.

mod commands;
mod console;

use std::process::ExitCode;

use clap::Parser;

use commands::Cli;

fn main() -> ExitCode {
    // clap ends the process with 2 on a wrong command line and with 0 on --help.
    let cli = Cli::parse();
    ExitCode::from(cli.run() as u8)
}
