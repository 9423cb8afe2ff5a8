//! What a command prints: results on standard output, everything else on standard error.

use std::{
    fmt::{self, Display},
    io::{self, IsTerminal, Write},
    sync::Mutex,
    time::Duration,
};

use apportion::progress::Progress;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;

/// How a command talks.
pub(crate) struct Console {
    json: bool,
    quiet: bool,
    terminal: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Console {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet, terminal: io::stderr().is_terminal(), bar: Mutex::new(None) }
    }

    /// Whether results are printed as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a result: the value with `--json`, the text without.
    pub(crate) fn result(&self, value: &impl Serialize, text: &impl Display) {
        let mut out = io::stdout().lock();
        // A reader that went away is no failure of the command.
        let _ = if self.json {
            let json = serde_json::to_string_pretty(value).unwrap_or_default();
            writeln!(out, "{json}")
        } else {
            writeln!(out, "{text}")
        };
    }

    /// Prints part of a longer text on standard output; nothing with `--json`.
    pub(crate) fn say(&self, text: &str) {
        if !self.json {
            let _ = writeln!(io::stdout().lock(), "{text}");
        }
    }

    /// Prints why a command failed.
    pub(crate) fn failure(&self, error: &apportion::Error) {
        self.end();
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "error: {error}");
        if self.json {
            #[derive(Serialize)]
            struct Failure {
                ok: bool,
                error: String,
                exit: u8,
            }
            let failure = Failure { ok: false, error: error.to_string(), exit: error.exit_code() as u8 };
            let _ = writeln!(
                io::stdout().lock(),
                "{}",
                serde_json::to_string_pretty(&failure).unwrap_or_default()
            );
        }
    }

    fn with_bar(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        act(&mut self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    fn line(&self, text: &str) {
        if !self.quiet {
            self.print(text);
        }
    }

    fn print(&self, text: &str) {
        self.with_bar(|bar| match bar {
            Some(bar) => bar.suspend(|| _ = writeln!(io::stderr().lock(), "{text}")),
            None => _ = writeln!(io::stderr().lock(), "{text}"),
        });
    }
}

impl Progress for Console {
    fn note(&self, text: &str) {
        self.line(text);
    }

    fn warn(&self, text: &str) {
        self.print(&format!("WARNING: {text}"));
    }

    fn begin(&self, what: &str, steps: usize, done: usize) {
        if self.quiet || !self.terminal {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
        let template = "{msg} [{bar:30}] {pos}/{len}, {elapsed} gone, {left}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            // Before the first step is done nobody knows how long one takes.
            let left = |state: &ProgressState, out: &mut dyn fmt::Write| {
                _ = match state.pos() {
                    0 => write!(out, "time to go not known yet"),
                    _ => write!(out, "{:#} to go", HumanDuration(state.eta())),
                };
            };
            bar.set_style(style.with_key("left", left));
        }
        let left = steps.saturating_sub(done);
        bar.set_message(if done > 0 { format!("{what} ({left} new)") } else { what.to_owned() });
        bar.enable_steady_tick(Duration::from_millis(250));
        self.with_bar(|slot| *slot = Some(bar));
    }

    fn step(&self, text: &str) {
        self.line(text);
        self.with_bar(|bar| {
            if let Some(bar) = bar {
                bar.inc(1);
            }
        });
    }

    fn end(&self) {
        self.with_bar(|bar| {
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
        });
    }
}
