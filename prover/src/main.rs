//! `apportion`: the model developer's command.

mod commands;
mod console;

use std::{io::Write as _, process::ExitCode};

use clap::Parser;

use commands::Cli;

/// What a shell makes of an interruption: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    // Files are written whole or not at all: there is nothing to tidy up.
    let _ = ctrlc::set_handler(|| {
        let _ = writeln!(
            std::io::stderr(),
            "\ninterrupted: what is finished is kept, the same command goes on from there"
        );
        std::process::exit(INTERRUPTED);
    });
    // clap ends the process with 2 on a wrong command line and with 0 on --help.
    let cli = Cli::parse();
    ExitCode::from(cli.run() as u8)
}
