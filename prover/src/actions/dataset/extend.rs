//! `dataset extend`: a revision that keeps every record in its place and appends.

use apportion_circuits::types::Record;
use apportion_secrets::Recipient;
use apportion_statement::{
    counted,
    dataset::{check_extension, check_records, check_revision, revision},
    files::{Document, RevisionDoc},
    verb,
};

use super::{check_payees, check_suite, too_many};
use crate::{
    dataset_dir::OwnDataset,
    error::Error,
    input::{MAX_RECORDS, RecordsFile},
    ledger::files::{self, Access, NewDir},
    setup::ProverSuite,
};

/// What can be done where a payee should be another one.
const PAYEES_NEVER_CHANGE: &str = "a record keeps its payee for good: accounts and receipts are bound to it. The payee \
    can have the money sent elsewhere on the chain, and new records can name another payee";

/// What an extension did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extended {
    /// A new revision.
    Revision {
        /// Its document.
        doc: RevisionDoc,
        /// Records that are new in it.
        appended: usize,
        /// Segments whose roots it changed: `dataset prove` proves those.
        changed: usize,
    },
    /// The same records, some with other recipients.
    Recipients,
}

/// Appends records. `given` is the full list, old records in their places, or, with `append`, the new ones
/// alone.
///
/// # Errors
/// Names the first record that was moved, dropped or changed, the records that stand there already, or that
/// there is nothing to append.
pub fn extend<S: ProverSuite>(
    dataset: &OwnDataset,
    given: RecordsFile,
    append: bool,
) -> Result<Extended, Error> {
    check_suite::<S>(dataset)?;
    let (old, doc, newest) = (dataset.records()?, &dataset.bundle.doc, dataset.bundle.newest());
    let old_recipients = dataset.recipients()?;
    let (records, recipients) = if append {
        check_overlap(&old, &given)?;
        let RecordsFile { records, recipients, .. } = given;
        ([old.clone(), records].concat(), [old_recipients.clone(), recipients].concat())
    } else {
        check_kept(&old, &given)?;
        // A list without the column says nothing about recipients: they stay.
        let RecordsFile { records, mut recipients, .. } = given;
        if recipients.iter().all(Option::is_none) {
            recipients.splice(..old_recipients.len().min(recipients.len()), old_recipients.iter().cloned());
        }
        (records, recipients)
    };
    if records.len() > MAX_RECORDS {
        return Err(Error::Unreadable(format!("more than {MAX_RECORDS} records: split the dataset")));
    }
    if records.len() == old.len() {
        return keep(dataset, &old_recipients, recipients);
    }
    check_payees(&records)?;
    check_records::<S::F>(doc.tier, newest, &old)?;
    let next = revision::<S::F>(doc.tier, doc.dataset_id, Some(newest), &records).ok_or_else(too_many)?;
    check_revision::<S::F>(doc.tier, &next)?;
    check_extension::<S::F>(doc.tier, newest, &next)?;
    let appended = records.len() - old.len();
    let changed = (0..next.roots.len()).filter(|s| newest.roots.get(*s) != next.roots.get(*s)).count();
    // Private files first: a reader takes as many records as the newest revision has.
    dataset.licence.write_records(doc, records)?;
    dataset.licence.write_recipients(doc, recipients)?;
    let place = NewDir::begin(&dataset.public.revision(next.revision))?;
    files::write_atomic(&place.path().join("revision.json"), &next.to_json(), Access::Public)?;
    place.commit()?;
    Ok(Extended::Revision { doc: next, appended, changed })
}

fn keep(
    dataset: &OwnDataset,
    old: &[Option<Recipient>],
    recipients: Vec<Option<Recipient>>,
) -> Result<Extended, Error> {
    if recipients == old {
        return Err(Error::usage("nothing to append: the dataset has exactly these records"));
    }
    dataset.licence.write_recipients(&dataset.bundle.doc, recipients)?;
    Ok(Extended::Recipients)
}

/// Every old record stands where it stood.
fn check_kept(old: &[Record], given: &RecordsFile) -> Result<(), Error> {
    let line = |record: usize| given.lines.get(record).map_or(String::new(), |line| format!("line {line}: "));
    let moved = old.iter().zip(&given.records).position(|(old, new)| old != new);
    if let Some(record) = moved {
        let (was, is) = (&old[record], &given.records[record]);
        if was.content == is.content {
            let text = format!("record {record} had payee {}, here it has {}", was.payee, is.payee);
            return Err(Error::usage(format!("{}{text}: {PAYEES_NEVER_CHANGE}", line(record))));
        }
        let now = given.records.iter().position(|other| other == was);
        let fate = match now {
            Some(now) => format!("stands at {now} here: every record keeps its place, new ones follow at the end"),
            None => "is not in this list: none may be changed or dropped. To give the new records alone, say --append"
                .to_owned(),
        };
        return Err(Error::usage(format!("{}record {record} {fate}", line(record))));
    }
    if given.records.len() < old.len() {
        return Err(Error::usage(format!(
            "of {} {} missing here: none may be dropped. To give the new records alone, say --append",
            counted(old.len(), "record"),
            old.len() - given.records.len()
        )));
    }
    Ok(())
}

/// None of the records to be appended is there already.
fn check_overlap(old: &[Record], given: &RecordsFile) -> Result<(), Error> {
    let known: std::collections::HashMap<_, _> =
        old.iter().enumerate().map(|(i, record)| ((record.payee, record.content), i)).collect();
    let mut found = given
        .records
        .iter()
        .enumerate()
        .filter_map(|(new, record)| known.get(&(record.payee, record.content)).map(|old| (new, *old)));
    let Some((new, old)) = found.next() else { return Ok(()) };
    let count = 1 + found.count();
    let line = given.lines.get(new).copied().unwrap_or_default();
    Err(Error::usage(format!(
        "{count} of {} {} in the dataset already, the first on line {line}, which is record {old}: paid twice in every \
         epoch. Leave them out, or give the full list without --append",
        counted(given.records.len(), "record"),
        verb(count, "stands", "stand")
    )))
}
