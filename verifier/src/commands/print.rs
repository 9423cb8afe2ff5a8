//! Verdicts for people and programs.

use std::io::{self, BufWriter, Write};

use apportion_verifier::report::{Check, Exit, Report};

/// Prints a report and returns its exit code. An output that cannot be written makes no audit valid.
pub(super) fn report(report: &Report, json: bool, quiet: bool) -> Exit {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = if json { writeln!(out, "{}", report.to_json()) } else { lines(&mut out, report, quiet) };
    let written = written.and_then(|()| out.flush());
    if json && let Some(error) = &report.error {
        eprintln!("error: {}", printable(&error.to_string()));
    }
    match (written, report.exit()) {
        (Err(error), Exit::Valid) => {
            eprintln!("error: cannot write to stdout: {error}");
            Exit::Input
        }
        (_, exit) => exit,
    }
}

fn lines(out: &mut impl Write, report: &Report, quiet: bool) -> io::Result<()> {
    for check in report.checks.iter().filter(|check| !quiet || !check.ok) {
        line(out, check)?;
    }
    for note in report.notes.iter().filter(|_| !quiet) {
        writeln!(out, "note {}", printable(note))?;
    }
    if let Some(error) = &report.error {
        out.flush()?;
        eprintln!("error: {}", printable(&error.to_string()));
    }
    // The word VALID stands in no other verdict.
    match report.exit() {
        Exit::Valid => writeln!(out, "VALID ({} checks)", report.checks.len()),
        Exit::Invalid => {
            let first = report.failed().map_or("", |check| check.id.name());
            let failed = report.checks.iter().filter(|check| !check.ok).count();
            writeln!(out, "REJECTED: {first} fails ({failed} of {} checks fail)", report.checks.len())
        }
        Exit::NotCheckable => writeln!(out, "NOT CHECKABLE"),
        Exit::Input | Exit::Usage => writeln!(out, "NOT CHECKED: input unreadable or malformed"),
    }
}

fn line(out: &mut impl Write, check: &Check) -> io::Result<()> {
    let word = if check.ok { "ok  " } else { "FAIL" };
    writeln!(out, "{word} {:<18} {}", check.id.name(), printable(&check.detail))
}

/// Names and paths come from outside: no control character of theirs reaches the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
