//! `receipt`: what contributors need to check and to claim: their accounts' balances, opened.

mod all;

use std::{collections::BTreeMap, fmt, path::Path, str::FromStr};

use apportion_circuits::types::{Payee, Record, Tier};
use apportion_engine::openings::Open;
use apportion_secrets::{Recipient, encrypt};
use apportion_statement::{
    SegmentId, counted,
    files::{Amount, Document, FORMAT_VERSION, Hex, ReceiptAccount, ReceiptDoc},
    history::{Move, PayeeColumn},
    receipt::AccountClaim,
};
use apportion_suite::{openings::OpeningClaim, params::ParamsCache};

pub use self::all::{Written, write_all};
use crate::{
    error::Error,
    ledger::{
        Ledger, column_of,
        files::{self, Access},
    },
    prove::Opener,
    setup::ProverSuite,
};

/// One record: its dataset and its number in it, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordName {
    /// The dataset's number in the ledger.
    pub dataset: u32,
    /// The record's number in the dataset.
    pub record: u64,
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.dataset, self.record)
    }
}

impl FromStr for RecordName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok());
        text.split_once(':')
            .and_then(|(dataset, record)| Some((number(dataset)??, number(record)??)))
            .and_then(|(dataset, record): (u64, u64)| Some((u32::try_from(dataset).ok()?, record)))
            .map(|(dataset, record)| Self { dataset, record })
            .ok_or_else(|| "expected DATASET:RECORD, two numbers from 0, as in 0:17".into())
    }
}

/// Whose receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A payee's: all of the payee's accounts.
    Payee(Payee),
    /// One record's.
    Record(RecordName),
}

/// A segment's accounts that are shown, with the columns in which they are: those of the segment's last move up
/// to an epoch.
#[derive(Clone, Debug)]
pub(super) struct Shown<'a> {
    pub(super) id: SegmentId,
    pub(super) tier: Tier,
    /// The newest payee column: an account in an old slot keeps its payee.
    pub(super) payees: &'a PayeeColumn,
    pub(super) moved: &'a Move,
    /// In order, each once.
    pub(super) slots: Vec<u32>,
}

/// The records of every dataset, read once.
#[derive(Debug)]
pub struct Book {
    pub(super) datasets: Vec<Vec<Record>>,
}

impl Book {
    /// Reads the records of all datasets of a ledger, those of their newest revisions.
    ///
    /// # Errors
    /// If they are missing or damaged.
    pub fn read(ledger: &Ledger) -> Result<Self, Error> {
        let count = ledger.bundle.datasets.len() as u32;
        Ok(Self { datasets: (0..count).map(|number| ledger.records(number)).collect::<Result<_, _>>()? })
    }

    /// The records of a dataset.
    pub fn dataset(&self, number: u32) -> Option<&[Record]> {
        self.datasets.get(number as usize).map(Vec::as_slice)
    }

    /// The records of a segment.
    pub(super) fn segment(&self, id: SegmentId, tier: Tier) -> &[Record] {
        let records = self.dataset(id.dataset).unwrap_or_default();
        apportion_circuits::tree::segment_of(tier, records, id.segment as usize)
    }

    /// The records of a payee.
    pub(super) fn of_payee(&self, payee: Payee) -> Vec<RecordName> {
        let mut found = Vec::new();
        for (dataset, records) in (0u32..).zip(&self.datasets) {
            let owned = (0u64..).zip(records).filter(|(_, record)| record.payee == payee);
            found.extend(owned.map(|(record, _)| RecordName { dataset, record }));
        }
        found
    }
}

/// The records that a request names.
pub(super) fn records_of(
    ledger: &Ledger,
    book: &Book,
    whose: Whose,
) -> Result<(Payee, Vec<RecordName>), Error> {
    match whose {
        Whose::Payee(payee) => match book.of_payee(payee) {
            found if found.is_empty() => Err(Error::usage(format!(
                "payee {payee} has no record in the ledger's {}",
                counted(book.datasets.len(), "dataset")
            ))),
            found => Ok((payee, found)),
        },
        Whose::Record(name) => {
            ledger.dataset(name.dataset)?;
            let records = book.dataset(name.dataset).unwrap_or_default();
            let record = usize::try_from(name.record).ok().and_then(|record| records.get(record));
            let record = record.ok_or_else(|| {
                let (n, count) = (name.dataset, records.len());
                Error::usage(format!("dataset {n} has {}, numbered from 0", counted(count, "record")))
            })?;
            Ok((record.payee, vec![name]))
        }
    }
}

/// The accounts of records that took part in a move up to an epoch, by segment. An account whose segment has
/// not moved since the record was added has earned nothing, and there is no column that shows it.
pub(super) fn shown<'a>(
    ledger: &'a Ledger,
    names: &[RecordName],
    epoch: u32,
) -> Result<Vec<Shown<'a>>, Error> {
    let mut segments: BTreeMap<SegmentId, Vec<u32>> = BTreeMap::new();
    for name in names {
        let accounts = ledger.dataset(name.dataset)?.dataset.doc.tier.accounts() as u64;
        // A dataset has fewer records than 2^32 times a segment's accounts.
        let segment = u32::try_from(name.record / accounts).unwrap_or(u32::MAX);
        let id = SegmentId { dataset: name.dataset, segment };
        segments.entry(id).or_default().push((name.record % accounts) as u32);
    }
    let mut found = Vec::new();
    for (id, mut slots) in segments {
        let Some(moved) = ledger.history.moves(id).iter().rev().find(|moved| moved.epoch <= epoch) else {
            continue;
        };
        let records = ledger.history.records(id, moved.revision).unwrap_or(0);
        slots.retain(|slot| *slot < records);
        slots.sort_unstable();
        slots.dedup();
        let Some(payees) = ledger.history.payees(id).last().filter(|_| !slots.is_empty()) else { continue };
        found.push(Shown { id, tier: ledger.tier(id)?, payees, moved, slots });
    }
    Ok(found)
}

/// The epoch up to which receipts show: the one that is asked for, or the last.
pub(super) fn up_to(ledger: &Ledger, epoch: Option<u32>) -> Result<u32, Error> {
    let last = ledger.history.last_epoch();
    match epoch {
        _ if last == 0 => Err(Error::usage("no epoch is proven yet: nobody has earned anything")),
        Some(epoch) if epoch > last || epoch == 0 => {
            Err(Error::usage(format!("epoch {epoch} is not proven: the last one is epoch {last}")))
        }
        Some(epoch) => Ok(epoch),
        None => Ok(last),
    }
}

/// The openers of the tiers of segments.
pub(super) fn openers<S: ProverSuite + Open>(
    ledger: &Ledger,
    cache: &ParamsCache,
    tiers: impl IntoIterator<Item = Tier>,
) -> Result<BTreeMap<Tier, Opener<S>>, Error> {
    let mut openers = BTreeMap::new();
    for tier in tiers {
        if let std::collections::btree_map::Entry::Vacant(place) = openers.entry(tier) {
            place.insert(Opener::load(cache, tier, &ledger.bundle.ledger.setup)?);
        }
    }
    Ok(openers)
}

/// One segment's accounts without their openings, and what each claims, in the order of the slots.
pub(super) fn accounts(
    ledger: &Ledger,
    book: &Book,
    shown: &Shown<'_>,
    balances: &[u128],
) -> Result<Vec<(Payee, ReceiptAccount)>, Error> {
    let Shown { id, tier, payees, moved, slots } = shown;
    let records = book.segment(*id, *tier);
    let dataset = ledger.dataset(id.dataset)?.dataset.doc.dataset_id;
    let one = |slot: &u32| {
        let index = *slot as usize;
        let found = records.get(index).zip(balances.get(index));
        let (record, balance) =
            found.ok_or_else(|| Error::Claim(format!("the private files of {id} do not fit the ledger")))?;
        let account = ReceiptAccount {
            dataset,
            tier: *tier,
            segment: id.segment,
            index: *slot,
            epoch: moved.epoch,
            cumulative: Amount(*balance),
            payee_column: payees.column.clone(),
            balance_column: moved.balance.clone(),
            proof: Hex(Vec::new()),
        };
        Ok((record.payee, account))
    };
    slots.iter().map(one).collect()
}

/// What one account claims, for its opening.
pub(super) fn claim<S: ProverSuite>(
    ledger: &Ledger,
    payee: Payee,
    account: &ReceiptAccount,
) -> Result<OpeningClaim<S::F>, Error> {
    let ledger = &ledger.bundle.ledger;
    let claim = AccountClaim {
        chain_id: ledger.chain_id,
        contract: ledger.contract,
        model: ledger.model_id,
        dataset: account.dataset,
        segment: account.segment,
        tier: account.tier,
        index: account.index,
        payee,
        cumulative: account.cumulative.0,
        payee_column: &account.payee_column,
        balance_column: &account.balance_column,
    };
    claim.check()?;
    Ok(OpeningClaim {
        tier: account.tier,
        slot: account.index as usize,
        columns: vec![account.payee_column.clone(), account.balance_column.clone()],
        values: claim.values().to_vec(),
        gamma: claim.challenge(),
    })
}

/// Opens the accounts of one segment, and checks every opening. `kept` are openings that an earlier run made:
/// where they hold, they are taken, and nothing is made.
pub(super) fn open<S: ProverSuite + Open>(
    ledger: &Ledger,
    book: &Book,
    opener: &Opener<S>,
    shown: &Shown<'_>,
    kept: Option<Vec<Vec<u8>>>,
) -> Result<Vec<(Payee, ReceiptAccount)>, Error> {
    let balances = ledger.balances(shown.moved.epoch, shown.id)?;
    let mut accounts = accounts(ledger, book, shown, &balances)?;
    let claims = accounts.iter().map(|(payee, account)| claim::<S>(ledger, *payee, account));
    let claims = claims.collect::<Result<Vec<_>, _>>()?;
    let kept = kept.filter(|kept| kept.len() == claims.len() && opener.check(claims.clone(), kept).is_ok());
    let proofs = match kept {
        Some(kept) => kept,
        None => {
            let payees = payee_column::<S>(ledger, book, shown)?;
            let balances = ledger.balance_column(shown.id, shown.moved.epoch, &balances)?;
            opener.open(ledger.seed()?, &[&payees, &balances], claims)?
        }
    };
    for ((_, account), proof) in accounts.iter_mut().zip(proofs) {
        account.proof = Hex(proof);
    }
    Ok(accounts)
}

/// The newest payee column of a segment, from records at hand.
pub(super) fn payee_column<S: ProverSuite>(
    ledger: &Ledger,
    book: &Book,
    shown: &Shown<'_>,
) -> Result<apportion_circuits::column::MaskedColumn<S::F>, Error> {
    let (id, revision) = (shown.id, shown.payees.revision);
    let records = book.dataset(id.dataset).unwrap_or_default();
    let payees = ledger.payees_of(records, id, revision)?;
    column_of(shown.tier, &payees, &ledger.payee_mask(id, revision)?)
}

/// A payee's receipt, its accounts in the format's order.
pub(super) fn document(
    ledger: &Ledger,
    payee: Payee,
    mut accounts: Vec<ReceiptAccount>,
) -> Result<ReceiptDoc, Error> {
    accounts.sort_by_key(|account| (account.dataset, account.segment, account.index));
    let ledger = &ledger.bundle.ledger;
    let doc = ReceiptDoc {
        version: FORMAT_VERSION,
        suite: ledger.suite,
        chain_id: ledger.chain_id,
        contract: ledger.contract,
        model: ledger.model_id,
        payee,
        accounts,
    };
    doc.check().map_err(Error::Claim)?;
    Ok(doc)
}

/// Makes one receipt, of the balances after each segment's last move up to an epoch; the last one by default.
///
/// # Errors
/// If the payee has no record, or none of the accounts took part in an epoch.
pub fn receipt<S: ProverSuite + Open>(
    ledger: &Ledger,
    whose: Whose,
    epoch: Option<u32>,
    cache: &ParamsCache,
) -> Result<ReceiptDoc, Error> {
    let epoch = up_to(ledger, epoch)?;
    let book = Book::read(ledger)?;
    let (payee, names) = records_of(ledger, &book, whose)?;
    let shown = shown(ledger, &names, epoch)?;
    if shown.is_empty() {
        return Err(Error::usage(format!(
            "of {} of payee {payee} none took part in an epoch up to {epoch}: there is no balance to show",
            counted(names.len(), "account")
        )));
    }
    let openers = openers::<S>(ledger, cache, shown.iter().map(|shown| shown.tier))?;
    let mut accounts = Vec::new();
    for shown in &shown {
        if let Some(opener) = openers.get(&shown.tier) {
            accounts
                .extend(open(ledger, &book, opener, shown, None)?.into_iter().map(|(_, account)| account));
        }
    }
    document(ledger, payee, accounts)
}

/// What a receipt shows in all.
pub fn total(doc: &ReceiptDoc) -> u128 {
    // Balances of one ledger sum to less than 2^127 (V7).
    doc.accounts.iter().fold(0u128, |sum, account| sum.saturating_add(account.cumulative.0))
}

/// Writes a receipt, readable by its owner alone: it shows balances. Only an older receipt is written over.
///
/// # Errors
/// If something else stands there, or the system refuses.
pub fn write(receipt: &ReceiptDoc, path: &Path) -> Result<(), Error> {
    let older = |bytes: &[u8]| ReceiptDoc::from_json(bytes).is_ok();
    Ok(files::write_over(path, ReceiptDoc::NAME, older, &receipt.to_json(), Access::Private)?)
}

/// Writes a receipt encrypted to the key that the dataset names for all of its records.
///
/// # Errors
/// If the records name no key or several, or something else than an encrypted file stands there.
pub fn write_encrypted(ledger: &Ledger, receipt: &ReceiptDoc, path: &Path) -> Result<Recipient, Error> {
    let mut keys: Vec<Option<Recipient>> = Vec::new();
    for account in &receipt.accounts {
        let number = ledger.history.dataset_of(account.dataset).unwrap_or(u32::MAX);
        let record = account.segment as usize * account.tier.accounts() + account.index as usize;
        let key = ledger.recipients(number)?.get(record).cloned().flatten();
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let key = match keys.as_slice() {
        [Some(key)] => key.clone(),
        [None] => {
            return Err(Error::usage(format!(
                "the records of payee {} name no key to encrypt to (column `recipient` of records.csv)",
                receipt.payee
            )));
        }
        _ => {
            return Err(Error::usage(format!(
                "the records of payee {} name {} different keys, or some name none: a file for each key is \
                 written by `receipt --all --encrypt`",
                receipt.payee,
                keys.len()
            )));
        }
    };
    let bytes = encrypt(&receipt.to_json(), std::slice::from_ref(&key))?;
    files::write_over(path, "file that age encrypted", is_age, &bytes, Access::Private)?;
    Ok(key)
}

/// Whether a file is one that age encrypted.
pub(super) fn is_age(bytes: &[u8]) -> bool {
    bytes.starts_with(b"age-encryption.org/v1\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_named_by_dataset_and_number() {
        assert_eq!("1:17".parse(), Ok(RecordName { dataset: 1, record: 17 }));
        assert_eq!(RecordName { dataset: 1, record: 17 }.to_string(), "1:17");
        for text in ["", "1", "1:", ":1", "1:-1", "+1:1", "0x11", "a:b", "4294967296:1", "1:2:3"] {
            assert!(text.parse::<RecordName>().is_err(), "{text}");
        }
    }
}
