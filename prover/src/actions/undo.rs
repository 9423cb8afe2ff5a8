//! `ledger undo`: every step that can be taken back, one at a time, the newest first. Nothing is deleted: files
//! move to `private/undone/`.

use std::path::PathBuf;

use apportion_statement::{RelationId, SegmentId, files::EnrolledDataset};

use super::epoch;
use crate::{
    error::Error,
    ledger::{Ledger, files},
};

/// What is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The newest epoch.
    Epoch,
    /// The newest enrolment, with all of its revisions.
    Enrolment,
    /// The newest revision of a dataset, which was taken after its enrolment.
    Revision,
    /// A retirement that has not begun.
    Retirement,
    /// The newest policy.
    Policy,
}

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// In words.
    pub what: String,
    /// The epoch, dataset or policy.
    pub number: u32,
}

/// Takes a step back. `number` names the epoch, dataset or policy; without it, the newest is meant.
///
/// # Errors
/// If there is nothing to take back, another one is the newest, or an epoch was built on it.
pub fn undo(ledger: &Ledger, step: Step, number: Option<u32>) -> Result<Undone, Error> {
    match step {
        Step::Epoch => {
            let number = number.unwrap_or(ledger.history.last_epoch());
            epoch::undo(ledger, number)?;
            Ok(Undone { what: format!("epoch {number}"), number })
        }
        Step::Enrolment => enrolment(ledger, number),
        Step::Revision => revision(ledger, number),
        Step::Retirement => retirement(ledger, number),
        Step::Policy => policy(ledger, number),
    }
}

fn enrolment(ledger: &Ledger, number: Option<u32>) -> Result<Undone, Error> {
    let Some(newest) = (ledger.bundle.datasets.len() as u32).checked_sub(1) else {
        return Err(Error::usage("no dataset is enrolled: there is none to take back"));
    };
    only_newest("dataset", newest, number)?;
    // Nothing says which was taken last, an enrolment or a revision: whoever asks for the wrong one must be stopped.
    if let (None, Some(other)) = (number, revisions(ledger).first()) {
        return Err(Error::usage(format!(
            "dataset {newest} is the newest, and of dataset {other} a revision was taken: say `apportion ledger undo \
             enrolment --number {newest}` for the dataset with all of its revisions, or `apportion ledger undo revision \
             --number {other}` for that revision alone"
        )));
    }
    let segments = ledger.history.datasets().get(newest as usize).map_or(0, |dataset| dataset.segments());
    let moves = |segment| ledger.history.moves(SegmentId { dataset: newest, segment }).last();
    if let Some(moved) = (0..segments).find_map(moves) {
        return Err(Error::usage(format!(
            "dataset {newest} earned in epoch {}: it stays. `apportion ledger retire` ends its part from an epoch on; \
             `apportion ledger undo epoch` takes the newest epoch back",
            moved.epoch
        )));
    }
    let place = ledger.private.undone_place(&format!("dataset-{newest}"));
    files::create_private_dir(&place)?;
    // First the key, where no other dataset needs it: the ledger holds keys of tiers that are in use.
    let tier = ledger.dataset(newest)?.dataset.doc.tier;
    let others = ledger.bundle.datasets.iter().take(newest as usize);
    if !others.into_iter().any(|other| other.dataset.doc.tier == tier) {
        let keys = ledger.public.keys();
        for key in [keys.doc(RelationId::Split, tier), keys.key(RelationId::Split, tier)] {
            if let Some(name) = key.file_name().filter(|_| key.exists()) {
                files::commit(&key, &place.join(name))?;
            }
        }
    }
    files::commit(ledger.public.dataset(newest).root(), &place.join("public"))?;
    set_aside(ledger.licence(newest).root().to_owned(), place.join("licence"))?;
    Ok(Undone { what: format!("the enrolment of dataset {newest}"), number: newest })
}

/// The datasets that have a revision beyond the first.
fn revisions(ledger: &Ledger) -> Vec<u32> {
    let grown = |(number, enrolled): (u32, &EnrolledDataset)| {
        (enrolled.dataset.revisions.len() > 1).then_some(number)
    };
    (0u32..).zip(&ledger.bundle.datasets).filter_map(grown).collect()
}

fn revision(ledger: &Ledger, number: Option<u32>) -> Result<Undone, Error> {
    let grown = revisions(ledger);
    let number = match (number, grown.as_slice()) {
        (Some(number), grown) if grown.contains(&number) => number,
        (Some(number), _) => {
            ledger.dataset(number)?;
            return Err(Error::usage(format!(
                "dataset {number} has its first revision only: that is its enrolment"
            )));
        }
        (None, [only]) => *only,
        (None, []) => return Err(Error::usage("no dataset has a revision beyond its first")),
        (None, several) => {
            let list: Vec<_> = several.iter().map(ToString::to_string).collect();
            return Err(Error::usage(format!(
                "datasets {} have revisions: say which with --number",
                list.join(", ")
            )));
        }
    };
    let dataset = &ledger.dataset(number)?.dataset;
    let newest = dataset.newest().revision;
    let segments = dataset.newest().roots.len() as u32;
    let used = |segment: u32| {
        let moves = ledger.history.moves(SegmentId { dataset: number, segment });
        moves.iter().find(|moved| moved.revision >= newest).map(|moved| moved.epoch)
    };
    if let Some(epoch) = (0..segments).find_map(used) {
        return Err(Error::usage(format!(
            "epoch {epoch} was split by scores for revision {newest} of dataset {number}: it stays. `apportion ledger undo \
             epoch` takes the newest epoch back"
        )));
    }
    // The licence keeps what belongs to the revision: nothing reads it without the public files.
    let place = ledger.private.undone_place(&format!("revision-{number}-{newest}"));
    files::create_private_dir(&place)?;
    files::commit(&dataset.dir.revision(newest), &place.join("public"))?;
    Ok(Undone { what: format!("revision {newest} of dataset {number}"), number })
}

fn retirement(ledger: &Ledger, number: Option<u32>) -> Result<Undone, Error> {
    let next = ledger.next_epoch();
    let retired = (0u32..).zip(&ledger.bundle.datasets);
    let retired = retired.filter_map(|(n, dataset)| Some((n, dataset.retirement.as_ref()?.from_epoch)));
    // The next epoch counts as open: the attributor may have posted scores that rely on it.
    let open: Vec<_> = retired.clone().filter(|(_, from)| *from > next).map(|(n, _)| n).collect();
    let number = match (number, open.as_slice()) {
        (Some(number), open) if open.contains(&number) => number,
        (Some(number), _) => {
            let text = match retired.into_iter().find(|(n, _)| *n == number) {
                Some((_, from)) => {
                    let state = if from < next { "is proven" } else { "is open already" };
                    format!("dataset {number} is retired from epoch {from} on, which {state}: that stays")
                }
                None => format!("dataset {number} is not retired"),
            };
            return Err(Error::usage(text));
        }
        (None, [only]) => *only,
        (None, []) => {
            let text =
                format!("no retirement can be taken back: none begins after epoch {next}, which is open");
            return Err(Error::usage(text));
        }
        (None, several) => {
            let list: Vec<_> = several.iter().map(ToString::to_string).collect();
            return Err(Error::usage(format!(
                "datasets {} are retired: say which with --number",
                list.join(", ")
            )));
        }
    };
    let place = ledger.private.undone_place(&format!("retirement-{number}"));
    files::create_private_dir(&place)?;
    let file = ledger.dataset(number)?.dataset.dir.retirement();
    files::commit(&file, &place.join("retirement.json"))?;
    Ok(Undone { what: format!("the retirement of dataset {number}"), number })
}

fn policy(ledger: &Ledger, number: Option<u32>) -> Result<Undone, Error> {
    let last = ledger.bundle.policies.last();
    let (newest, first_epoch) = last.map_or((0, 0), |policy| (policy.policy, policy.first_epoch));
    if newest <= 1 {
        return Err(Error::usage("policy 1 is the ledger's first: there is none to take back"));
    }
    only_newest("policy", newest, number)?;
    // The rule of announcing: revenue of an open epoch may have arrived under this policy.
    let next = ledger.next_epoch();
    if first_epoch <= next {
        let state = if first_epoch < next { "is proven" } else { "is open already" };
        return Err(Error::usage(format!(
            "policy {newest} is in force from epoch {first_epoch} on, which {state}: it stays. `apportion ledger policy` \
             announces the next one"
        )));
    }
    let place = ledger.private.undone_place(&format!("policy-{newest}"));
    files::create_private_dir(&place)?;
    files::commit(&ledger.public.policy(newest), &place.join("policy.json"))?;
    Ok(Undone { what: format!("policy {newest}"), number: newest })
}

fn only_newest(what: &str, newest: u32, number: Option<u32>) -> Result<(), Error> {
    match number {
        Some(number) if number != newest => {
            Err(Error::usage(format!("only the newest can be taken back, that is {what} {newest}")))
        }
        _ => Ok(()),
    }
}

/// Moves a directory, where it is there.
pub(super) fn set_aside(from: PathBuf, to: PathBuf) -> Result<(), Error> {
    if from.exists() {
        files::create_private_dir(&files::parent(&to))?;
        files::commit(&from, &to)?;
    }
    Ok(())
}
