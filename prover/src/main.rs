//! `apportion`: the model developer's command.

mod commands;
mod console;

use std::{io::Write as _, process::ExitCode};

use clap::Parser;

use commands::Cli;

/// What a shell makes of an interruption: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    // clap ends the process with 2 on a wrong command line and with 0 on --help.
    let cli = Cli::parse();
    let goes_on = cli.goes_on();
    let _ = ctrlc::set_handler(move || {
        // Files are written whole or not at all; directories in the making would stay.
        apportion::ledger::files::remove_unfinished();
        let text = if goes_on {
            "what is finished is kept: the same command goes on from there"
        } else {
            "nothing was changed: the same command begins anew"
        };
        let _ = writeln!(std::io::stderr(), "\ninterrupted: {text}");
        std::process::exit(INTERRUPTED);
    });
    ExitCode::from(cli.run() as u8)
}
