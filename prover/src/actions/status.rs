//! `ledger status`: where a ledger stands, what is missing, what comes next.

use apportion_statement::{SegmentId, files::Amount};
use serde::Serialize;

use super::backup::{LastBackup, last_backup};
use crate::{
    error::Error,
    ledger::{Ledger, proven_revision},
};

/// Where a ledger stands.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The model's name.
    pub model: String,
    /// The proof system.
    pub suite: String,
    /// Whether the setup's secret is public: such proofs prove nothing.
    pub insecure: bool,
    /// The chain, 0 where the ledger is bound to none.
    pub chain_id: u64,
    /// In a few words.
    pub stage: String,
    /// The last proven epoch; 0 before the first.
    pub last_epoch: u32,
    /// The epoch that comes next.
    pub next_epoch: u32,
    /// What the last epoch left, which the next one's pool takes over.
    pub carried: Amount,
    /// What entered the pools so far.
    pub entered: Amount,
    /// What was paid to records so far.
    pub paid: Amount,
    /// The policies.
    pub policies: Vec<PolicyStatus>,
    /// The datasets.
    pub datasets: Vec<DatasetStatus>,
    /// Private files that are missing, at most the first ten.
    pub missing: Vec<String>,
    /// How many private files are missing.
    pub missing_count: usize,
    /// The epoch of which the private files are, where some are missing.
    pub private_epoch: u32,
    /// The seed's fingerprint; absent where there is none.
    pub seed: Option<String>,
    /// The last backup of which there is a note; absent where there is none.
    pub last_backup: Option<LastBackup>,
    /// Whether the note could be lost: it is in `private/`, and that is not there.
    pub last_backup_unknown: bool,
    /// The command of an epoch that was interrupted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted_command: Option<String>,
    /// The command that comes next; words in capitals stand for what only its user knows.
    pub next_command: String,
    /// The command after that one, where it is known.
    pub then_command: Option<String>,
    /// What may be done instead, where there is a choice.
    pub or_command: Option<String>,
}

/// A policy.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyStatus {
    /// Its number.
    pub policy: u32,
    /// Its first epoch.
    pub first_epoch: u32,
    /// The contributors' basis points.
    pub contributors_bps: u32,
}

/// A dataset.
#[derive(Clone, Debug, Serialize)]
pub struct DatasetStatus {
    /// Its number.
    pub dataset: u32,
    /// Its id.
    pub id: String,
    /// Slots of its segments.
    pub tier: u64,
    /// Records of the newest revision.
    pub records: u64,
    /// Segments of it.
    pub segments: usize,
    /// The newest revision.
    pub revision: u32,
    /// The newest revision up to which every column is proven.
    pub proven_revision: Option<u32>,
    /// The first epoch in which it takes part.
    pub first_epoch: u32,
    /// The first epoch in which it does not take part any more.
    pub retired_from: Option<u32>,
    /// Segments that moved in some epoch.
    pub moved_segments: usize,
}

/// Where a ledger stands. Reads only.
///
/// # Errors
/// If what is there does not fit together.
pub fn status(ledger: &Ledger) -> Result<Status, Error> {
    let (own, next) = (&ledger.bundle.ledger, ledger.next_epoch());
    let missing = ledger.missing_private();
    let datasets: Vec<_> = (0u32..)
        .zip(&ledger.bundle.datasets)
        .map(|(number, enrolled)| {
            let newest = enrolled.dataset.newest();
            let segments = newest.roots.len();
            let moved = |segment: &u32| {
                !ledger.history.moves(SegmentId { dataset: number, segment: *segment }).is_empty()
            };
            DatasetStatus {
                dataset: number,
                id: enrolled.dataset.doc.dataset_id.to_string(),
                tier: enrolled.dataset.doc.tier.slots() as u64,
                records: newest.records,
                segments,
                revision: newest.revision,
                proven_revision: proven_revision(&enrolled.dataset),
                first_epoch: enrolled.enrolment.first_epoch,
                retired_from: enrolled.retirement.as_ref().map(|retirement| retirement.from_epoch),
                moved_segments: (0..segments as u32).filter(moved).count(),
            }
        })
        .collect();
    let taking_part = ledger.history.taking_part(next).next().is_some();
    let (mut then_command, mut or_command) = (None, None);
    let interrupted_command = interrupted(ledger);
    let dir = ledger.dir.display();
    let (stage, next_command) = if !missing.is_empty() {
        or_command = Some(recover_command(ledger));
        let command = format!("apportion ledger restore --from BACKUP --identity KEY --dir {dir}-restored");
        ("private files are missing".to_owned(), command)
    } else if let Some(command) = interrupted_command.clone() {
        (format!("epoch {next} was interrupted: its finished proofs are kept"), command)
    } else if !taking_part {
        let stage =
            if datasets.is_empty() { "no dataset is enrolled" } else { "no dataset takes part any more" };
        (stage.to_owned(), format!("apportion ledger enroll --dir {dir} --dataset DATASET"))
    } else {
        let stage = if next == 1 {
            "no epoch is proven yet".to_owned()
        } else {
            format!("epoch {} is proven", next - 1)
        };
        // On a chain the revenue is the chain's.
        let revenue = if own.contract.is_zero() { "--revenue AMOUNT" } else { "--rpc URL" };
        then_command =
            Some(format!("apportion prove --dir {dir} --epoch {next} --scores scores-{next} {revenue}"));
        (stage, scores_command(ledger, next))
    };
    let paid = ledger.bundle.epochs.iter().flat_map(|epoch| &epoch.doc.segments);
    let paid = paid.fold(0u128, |sum, segment| sum.saturating_add(segment.paid.0));
    let seed = if ledger.private.seed().exists() { Some(ledger.seed()?.id().to_string()) } else { None };
    Ok(Status {
        model: own.model.clone(),
        suite: own.suite.to_string(),
        insecure: own.setup.insecure,
        chain_id: own.chain_id,
        stage,
        last_epoch: ledger.history.last_epoch(),
        next_epoch: next,
        carried: Amount(ledger.carried()),
        entered: Amount(ledger.lifetime()?.entered()),
        paid: Amount(paid),
        policies: ledger.bundle.policies.iter().map(policy).collect(),
        datasets,
        missing: missing.iter().take(10).map(|path| path.display().to_string()).collect(),
        missing_count: missing.len(),
        private_epoch: ledger.private_epoch(),
        seed,
        last_backup: last_backup(&ledger.private, &ledger.bundle),
        last_backup_unknown: !ledger.private.root().exists(),
        interrupted_command,
        next_command,
        then_command,
        or_command,
    })
}

/// The command that commits to an epoch's scores, with a file for every dataset that takes part.
pub(super) fn scores_command(ledger: &Ledger, epoch: u32) -> String {
    let dir = ledger.dir.display();
    let mut numbers: Vec<_> = ledger.history.taking_part(epoch).map(|id| id.dataset).collect();
    numbers.dedup();
    let files: String = match numbers.as_slice() {
        [] | [_] => " --scores scores.csv".to_owned(),
        several => several.iter().map(|number| format!(" --scores {number}=scores-{number}.csv")).collect(),
    };
    format!(
        "apportion scores commit --dir {dir}{files} --epoch {epoch} --seed attributor.seed --out scores-{epoch}"
    )
}

/// The command of an epoch that was interrupted.
fn interrupted(ledger: &Ledger) -> Option<String> {
    let jobs = ledger.private.jobs().join(format!("epoch-{}", ledger.next_epoch()));
    let bytes = crate::ledger::files::read_limited(&jobs.join(crate::jobs::COMMAND_FILE), 1 << 16).ok()?;
    Some(String::from_utf8(bytes.to_vec()).ok()?.trim().to_owned())
}

/// The command that makes everything private again, with a place for every dataset and epoch.
fn recover_command(ledger: &Ledger) -> String {
    let dir = ledger.dir.display();
    let datasets: String =
        (0..ledger.bundle.datasets.len()).map(|n| format!(" --dataset DATASET-{n}")).collect();
    let scores: String = (1..ledger.next_epoch()).map(|epoch| format!(" --scores SCORES-{epoch}")).collect();
    format!(
        "apportion ledger recover --public {dir}/public --seed SEED{datasets}{scores} --dir {dir}-recovered"
    )
}

fn policy(doc: &apportion_statement::files::PolicyDoc) -> PolicyStatus {
    PolicyStatus {
        policy: doc.policy,
        first_epoch: doc.first_epoch,
        contributors_bps: doc.terms.contributors_bps,
    }
}
