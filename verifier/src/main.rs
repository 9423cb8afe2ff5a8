//! `apportion-verify`: audits ledgers, epochs and receipts, offline and without secrets.

mod commands;

use std::process::ExitCode;

use clap::Parser;

use self::commands::Cli;

fn main() -> ExitCode {
    // clap ends with 2, the exit code for usage, by itself.
    ExitCode::from(Cli::parse().run() as u8)
}
