//! `apportion ledger status`.

use std::{
    cmp::Ordering,
    fmt::Write as _,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

#[cfg(feature = "rpc")]
use apportion::actions::standing;
use apportion::{
    Error,
    actions::{
        backup::{LastBackup, Origin},
        standing::Standing,
        status::{self, status},
    },
    ledger::Ledger,
};
use clap::Args;
use serde::Serialize;

use super::{Session, counted, read_ledger};

/// Say where a ledger stands.
#[derive(Debug, Args)]
#[command(
    after_help = "Reads only: a read-only copy will do, and a ledger that another command is changing.\n\nExamples:\n  apportion ledger \
    status --dir ledger\n  apportion ledger status --dir ledger --rpc https://node.example"
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
        let mut files = status(&ledger)?;
        let chain = self.standing(&ledger, &files)?;
        let mut text = text(&files);
        text += &chain.as_ref().map_or_else(|| next(&files), on_chain);
        if let Some(standing) = &chain {
            // What the files alone would say is in the chain's list, or contradicts it.
            let mut due = standing.due.iter().map(|due| due.command.clone());
            files.next_command = due.next().unwrap_or_default();
            (files.then_command, files.or_command) = (due.next(), None);
        }
        session.console.result(&Output { files, chain }, &text);
        Ok(())
    }

    #[cfg(feature = "rpc")]
    fn standing(&self, ledger: &Ledger, files: &status::Status) -> Result<Option<Standing>, Error> {
        let Some(url) = &self.rpc else { return Ok(None) };
        let node = apportion_chain::Node::new(url).pinned(self.block);
        let mut node = node.map_err(apportion_chain::ChainError::from)?;
        Ok(Some(standing::standing(ledger, files, &mut node)?))
    }

    #[cfg(not(feature = "rpc"))]
    fn standing(&self, _: &Ledger, _: &status::Status) -> Result<Option<Standing>, Error> {
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
                "scores {root} (commitment {}), {} of {} moved",
                epoch.attempt,
                epoch.moved,
                counted(epoch.listed, "segment")
            ),
            None => "no scores".to_owned(),
        };
        let _ = writeln!(
            text,
            "epoch {} {}: revenue {}, pool {} of at least {}, {scores}",
            epoch.epoch, epoch.stage, epoch.revenue, epoch.pool, epoch.min_pool
        );
    }
    if standing.differs.is_empty() {
        text += "files and chain agree\n";
    }
    for difference in &standing.differs {
        let _ = writeln!(text, "DIFFERS: {difference}");
    }
    // The one list of what comes next: what the files alone would say is in it, where the chain agrees.
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
            counted(dataset.segments, "segment"),
            dataset.tier,
            dataset.revision,
            dataset.first_epoch
        );
    }
    if status.missing_count > 0 {
        let _ = writeln!(
            text,
            "MISSING: {}; those that are there are of epoch {}:",
            counted(status.missing_count, "private file"),
            status.private_epoch
        );
        status.missing.iter().for_each(|path| _ = writeln!(text, "  {path}"));
    }
    if let Some(seed) = &status.seed {
        let _ = writeln!(text, "seed {seed}");
    }
    let _ = write!(text, "last backup: {}", backup(status));
    text
}

/// What comes next by the files alone.
fn next(status: &status::Status) -> String {
    let mut text = format!("\nnext: {}", status.next_command);
    if let Some(then) = &status.then_command {
        let _ = write!(text, "\nthen: {then}");
    }
    if let Some(or) = &status.or_command {
        let _ = write!(text, "\nor: {or}");
    }
    if status.chain_id != 0 {
        text += "\n(by the files alone: with --rpc URL also by what the chain has)";
    }
    text
}

fn backup(status: &status::Status) -> String {
    const MAKE: &str = "`apportion ledger backup` makes one";
    let Some(LastBackup { epoch, seconds, origin, current }) = status.last_backup else {
        return if status.last_backup_unknown {
            "unknown: the note was in private/".to_owned()
        } else {
            format!("none is noted here: {MAKE}")
        };
    };
    let age = age(seconds);
    let what = match origin {
        Origin::Made => format!("of epoch {epoch}, {age}"),
        Origin::Restored => format!("private/ was restored from the backup of epoch {epoch}, {age}"),
    };
    let old = match epoch.cmp(&status.last_epoch) {
        _ if current => return what,
        Ordering::Less => format!("the ledger's last epoch is {}", status.last_epoch),
        Ordering::Equal => {
            "the ledger has changed since: an enrolment, a policy, or the epoch itself".to_owned()
        }
        Ordering::Greater => {
            format!("epoch {epoch} was taken back since, the ledger's last is {}", status.last_epoch)
        }
    };
    format!("{what}. It is old, {old}: make another one")
}

/// How long ago a moment was.
fn age(seconds: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(seconds, |since| since.as_secs());
    match now.saturating_sub(seconds) / 3600 {
        0 => "less than an hour ago".to_owned(),
        hours if hours < 48 => format!("{} ago", counted(hours, "hour")),
        hours => format!("{} ago", counted(hours / 24, "day")),
    }
}
