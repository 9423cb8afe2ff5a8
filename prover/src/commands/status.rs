//! `apportion ledger status`.

use std::{
    fmt::Write as _,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

#[cfg(feature = "rpc")]
use apportion::actions::standing;
use apportion::{
    Error,
    actions::{
        standing::Standing,
        status::{self, status},
    },
};
use apportion_statement::files::Bundle;
use clap::Args;
use serde::Serialize;

use super::{Session, counted, read_ledger};

/// Say where a ledger stands.
#[derive(Debug, Args)]
#[command(
    after_help = "Reads only: a read-only copy will do, and a ledger that another command is changing.\n\nExample:\n  apportion ledger \
    status --dir ledger"
)]
pub(crate) struct Status {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// A node: say too where the model stands on its chain, what is due, from whom, and until when.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// The block of whose state the chain is asked: a number, finalized, safe or latest.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "BLOCK", default_value = "latest", requires = "rpc")]
    block: apportion_chain::At,
}

#[derive(Serialize)]
struct Output {
    #[serde(flatten)]
    files: status::Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<Standing>,
}

impl Status {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = read_ledger(&self.dir, session)?;
        let files = status(&ledger)?;
        let chain = self.standing(&ledger.bundle)?;
        let mut text = text(&files);
        if let Some(standing) = &chain {
            text += &on_chain(standing);
        }
        session.console.result(&Output { files, chain }, &text);
        Ok(())
    }

    #[cfg(feature = "rpc")]
    fn standing(&self, bundle: &Bundle) -> Result<Option<Standing>, Error> {
        let Some(url) = &self.rpc else { return Ok(None) };
        let node = apportion_chain::Node::new(url).pinned(self.block);
        let mut node = node.map_err(apportion_chain::ChainError::from)?;
        let dir = self.dir.display().to_string();
        Ok(Some(standing::standing(bundle, &dir, &mut node)?))
    }

    #[cfg(not(feature = "rpc"))]
    fn standing(&self, _: &Bundle) -> Result<Option<Standing>, Error> {
        Ok(None)
    }
}

fn on_chain(standing: &Standing) -> String {
    let mut text = format!(
        "\non the chain, block {}: contract {}, developer {}, owed {}\n",
        standing.block, standing.contract, standing.developer, standing.owed
    );
    for epoch in &standing.epochs {
        let scores = match &epoch.score_root {
            Some(root) => format!(
                "scores {root} (commitment {}), {} of {} segments moved",
                epoch.attempt, epoch.moved, epoch.listed
            ),
            None => "no scores".to_owned(),
        };
        let _ = writeln!(
            text,
            "epoch {} {}: revenue {}, pool {} of at least {}, {scores}",
            epoch.epoch, epoch.stage, epoch.revenue, epoch.pool, epoch.min_pool
        );
    }
    for due in &standing.due {
        let from = due.from.map_or(String::new(), |from| {
            let hours = from.saturating_sub(standing.time).div_ceil(3600);
            format!(" in {}", counted(u128::from(hours), "hour"))
        });
        let _ = writeln!(text, "due{from}: {} ({})\n  {}", due.what, due.who, due.command);
    }
    text.truncate(text.trim_end().len());
    text
}

fn text(status: &status::Status) -> String {
    let mut text = format!(
        "model {:?}, suite {}: {}; next is epoch {}\n",
        status.model, status.suite, status.stage, status.next_epoch
    );
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "entered the pools {}, paid to records {}, carried {}",
        status.entered, status.paid, status.carried
    );
    for policy in &status.policies {
        let share = f64::from(policy.contributors_bps) / 100.0;
        let (number, first) = (policy.policy, policy.first_epoch);
        let _ = writeln!(text, "policy {number}: from epoch {first} on, contributors get {share} %");
    }
    for dataset in &status.datasets {
        let retired =
            dataset.retired_from.map_or(String::new(), |from| format!(", retired from epoch {from} on"));
        let unproven = match dataset.proven_revision {
            Some(proven) if proven == dataset.revision => String::new(),
            _ => ", NOT PROVEN".to_owned(),
        };
        let _ = writeln!(
            text,
            "dataset {}: {} in {} of {}, revision {}{unproven}, from epoch {} on{retired}",
            dataset.dataset,
            counted(dataset.records, "record"),
            counted(dataset.segments as u64, "segment"),
            dataset.tier,
            dataset.revision,
            dataset.first_epoch
        );
    }
    if status.missing_count > 0 {
        let _ = writeln!(
            text,
            "MISSING: {}; those that are there are of epoch {}:",
            counted(status.missing_count as u64, "private file"),
            status.private_epoch
        );
        status.missing.iter().for_each(|path| _ = writeln!(text, "  {path}"));
    }
    if let Some(seed) = &status.seed {
        let _ = writeln!(text, "seed {seed}");
    }
    let backup = match status.last_backup {
        Some(backup) if backup.epoch < status.last_epoch => {
            format!("of epoch {}, {}: make another one", backup.epoch, age(backup.seconds))
        }
        Some(backup) => format!("of epoch {}, {}", backup.epoch, age(backup.seconds)),
        None => "none: `apportion ledger backup` makes one".to_owned(),
    };
    let _ = write!(text, "last backup: {backup}\nnext: {}", status.next_command);
    text
}

/// How long ago a moment was.
fn age(seconds: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(seconds, |since| since.as_secs());
    match now.saturating_sub(seconds) / 3600 {
        0 => "less than an hour ago".to_owned(),
        hours if hours < 48 => format!("{} ago", counted(hours, "hour")),
        hours => format!("{} days ago", hours / 24),
    }
}
