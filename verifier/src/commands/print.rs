//! Verdicts for people and programs.

use std::io::{self, BufWriter, Write};

use apportion_statement::{counted, text::is_printable, verb};
use apportion_verifier::report::{EpochAmounts, Exit, Report, StatementLine, TOOL, Verdict};

/// Prints a report and returns its exit code. An output that cannot be written makes no audit valid.
pub(super) fn report(report: &Report, json: bool, quiet: bool) -> Exit {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = if json { writeln!(out, "{}", report.to_json()) } else { text(&mut out, report, quiet) };
    let written = written.and_then(|()| out.flush());
    if let Some(error) = &report.error {
        eprintln!("error: {}", printable(&error.to_string()));
    }
    if let Some(hint) = &report.hint {
        eprintln!("hint: {}", printable(hint));
    }
    match (written, report.exit()) {
        (Err(error), Exit::Valid) => {
            eprintln!("error: cannot write to stdout: {error}");
            Exit::Input
        }
        (_, exit) => exit,
    }
}

fn text(out: &mut impl Write, report: &Report, quiet: bool) -> io::Result<()> {
    if !quiet {
        subject(out, report)?;
    }
    checks(out, report, quiet)?;
    if !quiet {
        list(out, "notes", &report.notes)?;
        list(out, "not checked", &report.not_checked)?;
    }
    verdict(out, report)
}

fn subject(out: &mut impl Write, report: &Report) -> io::Result<()> {
    for (name, value) in report.subject.facts() {
        writeln!(out, "{:<22} {}", printable(&name.replace('_', " ")), printable(value))?;
    }
    writeln!(out, "{:<22} {TOOL}", "tool")?;
    epochs(out, &report.epochs)?;
    lines(out, &report.lines)?;
    writeln!(out)
}

/// How each amount of a statement came about, account by account.
fn lines(out: &mut impl Write, lines: &[StatementLine]) -> io::Result<()> {
    let mut account = None;
    for line in lines {
        if account != Some(&line.account) {
            writeln!(out, "\n{}", line.account)?;
            account = Some(&line.account);
        }
        let StatementLine { epoch, score, total_score, pool, payout, balance, .. } = line;
        writeln!(
            out,
            "  epoch {epoch}: pool {pool} * score {score} / total {total_score} = {payout}; {balance} in all"
        )?;
    }
    Ok(())
}

/// A table whose columns are as wide as their widest entries.
fn epochs(out: &mut impl Write, epochs: &[EpochAmounts]) -> io::Result<()> {
    if epochs.is_empty() {
        return Ok(());
    }
    let head = ["epoch", "policy", "revenue", "carried", "pool", "paid", "left", "segments", "records"];
    let mut rows = vec![head.map(String::from)];
    rows.extend(epochs.iter().map(|epoch| {
        [
            epoch.epoch.to_string(),
            epoch.policy.to_string(),
            epoch.revenue.clone(),
            epoch.carried.clone(),
            epoch.pool.clone(),
            epoch.paid.clone(),
            epoch.left.clone(),
            epoch.segments.to_string(),
            epoch.records.to_string(),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 9] = std::array::from_fn(width);
    writeln!(out)?;
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        writeln!(out, "{}", cells.join("  "))?;
    }
    Ok(())
}

/// One line a check id, and one for everything that fails.
fn checks(out: &mut impl Write, report: &Report, quiet: bool) -> io::Result<()> {
    for (id, hold, failing) in report.by_id() {
        if failing.is_empty() {
            if !quiet {
                writeln!(out, "ok   {:<18} {hold:>6}  {}", id.name(), id.meaning())?;
            }
            continue;
        }
        let all = hold + failing.len();
        let fail = verb(failing.len(), "fails", "fail");
        writeln!(out, "FAIL {:<18} {:>6}  of {all} {fail}: {}", id.name(), failing.len(), id.meaning())?;
        for check in failing {
            writeln!(out, "       {}", printable(&check.detail))?;
        }
    }
    Ok(())
}

fn list(out: &mut impl Write, name: &str, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{name}:")?;
    lines.iter().try_for_each(|line| writeln!(out, "  - {}", printable(line)))
}

fn verdict(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let verdict = report.verdict();
    let (made, failed) = (report.checks.len(), report.checks.iter().filter(|check| !check.ok).count());
    let checks = counted(made, "check");
    let text = match verdict {
        Verdict::Valid => format!("{verdict} ({checks})"),
        Verdict::Invalid => {
            let first = report.failed().map_or("", |check| check.id.name());
            let fail = verb(failed, "fails", "fail");
            format!("{verdict}: {first} fails ({failed} of {checks} {fail})")
        }
        Verdict::NotConfirmed => {
            let hold = verb(made, "holds", "hold");
            format!("{verdict} ({checks} {hold}; nothing says that a ledger agrees)")
        }
        Verdict::NotCheckable => verdict.to_string(),
        Verdict::Unreadable => format!("{verdict}: input unreadable or malformed"),
    };
    // Whoever reads one line must read this.
    let insecure =
        if report.insecure { "; INSECURE: the setup's secret is public, this proves nothing" } else { "" };
    writeln!(out, "{text}{insecure}")
}

/// Names and paths come from outside: nothing of theirs that hides or turns text reaches the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_hides_text_is_not_printed() {
        assert_eq!(
            printable("a\u{202e}b\u{1b}[2J\u{200b}c\u{2066}\n"),
            "a\u{fffd}b\u{fffd}[2J\u{fffd}c\u{fffd}\u{fffd}"
        );
        assert_eq!(printable("plain, Ärzte"), "plain, Ärzte");
    }
}
