//! `receipt`: what a contributor needs to check and to claim.

use std::{fmt, path::Path, str::FromStr};

use apportion_circuits::{
    merkle,
    types::{Payee, Word},
};
use apportion_statement::files::{Amount, Document, FORMAT_VERSION, ReceiptDoc};

use super::publish::read_leaves;
use crate::{
    error::Error,
    ledger::{
        Accounts, Ledger, SegmentId,
        files::{self, Access},
    },
    setup::ProverSuite,
};

/// Accounts that an ambiguous payee is answered with.
const LISTED: usize = 20;

/// How a contributor names an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountName {
    /// By its payee, who must have one account only.
    Payee(Payee),
    /// By dataset and record.
    Record(RecordName),
}

/// One account: dataset and record, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordName {
    /// The dataset's number.
    pub dataset: u32,
    /// The record's number in it.
    pub record: usize,
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.dataset, self.record)
    }
}

impl FromStr for AccountName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((dataset, record)) = text.split_once(':') {
            let name = (dataset.parse().ok()).zip(record.parse().ok());
            let (dataset, record) = name.ok_or("expected DATASET:RECORD, two numbers, as in 0:17")?;
            return Ok(Self::Record(RecordName { dataset, record }));
        }
        text.parse().map(Self::Payee)
    }
}

/// Makes the receipt of an account from the newest publication that has it.
pub fn receipt<S: ProverSuite>(ledger: &Ledger, account: AccountName) -> Result<ReceiptDoc, Error> {
    let state = &ledger.state;
    let name = match account {
        AccountName::Record(name) => name,
        AccountName::Payee(payee) => only_account(ledger, payee)?,
    };
    let dataset = state.dataset(name.dataset)?;
    if name.record >= dataset.records() {
        let text = format!("dataset {} has {} records, numbered from 0", name.dataset, dataset.records());
        return Err(Error::Usage(text));
    }
    let tier = state.ledger.tier;
    let index = name.record % tier.accounts();
    let id = SegmentId { dataset: name.dataset, segment: (name.record / tier.accounts()) as u32 };
    let publication = state.publications.iter().rev().find_map(|publication| {
        let mut segments = publication.segments.iter();
        let segment = segments.find(|s| (s.dataset, s.segment) == (id.dataset, id.segment))?;
        Some((publication, segment))
    });
    let Some((publication, segment)) = publication else {
        return Err(Error::usage("the account is not published yet: run `apportion publish` after an epoch"));
    };
    let context = state.publish_context(id, publication.epoch)?;
    let secrets = ledger.private.publication(publication.publication);
    let accounts: Accounts<S::F> = secrets.read_segment(id, &context)?;
    let leaves = read_leaves(ledger, publication.publication, segment)?;
    let records = ledger.private.dataset(name.dataset).read_records(dataset.digest)?;

    let inconsistent = || Error::Claim(format!("the private files of {id} do not fit its publication"));
    let record = records.0.get(name.record).ok_or_else(inconsistent)?;
    let cumulative = *accounts.cumulative.get(index).ok_or_else(inconsistent)?;
    let salt = *accounts.salts.get(index).ok_or_else(inconsistent)?;
    let fields: Option<Vec<S::F>> = leaves.leaves.iter().map(|leaf| leaf.to_field()).collect();
    let tree = merkle::Tree::new(tier, fields.ok_or_else(inconsistent)?).ok_or_else(inconsistent)?;
    let path = tree.path(index).ok_or_else(inconsistent)?;
    let leaf = apportion_circuits::tree::account_leaf(record.payee, cumulative, salt);
    let root = merkle::root_of_path(tier, index, leaf, &path).ok_or_else(inconsistent)?;
    if Word::from_field(&root) != segment.root {
        return Err(inconsistent());
    }
    Ok(ReceiptDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        chain_id: state.ledger.chain_id,
        contract: state.ledger.contract,
        model: state.ledger.model_id,
        dataset: dataset.id,
        segment: id.segment,
        index: index as u32,
        epoch: publication.epoch,
        payee: record.payee,
        cumulative: Amount(cumulative),
        salt: Word::from_field(&salt),
        siblings: path.iter().map(|level| level.each_ref().map(Word::from_field)).collect(),
        root: segment.root,
    })
}

/// Writes a receipt, readable by its owner alone: it shows a balance.
pub fn write(receipt: &ReceiptDoc, path: &Path) -> Result<(), Error> {
    Ok(files::write_atomic(path, &receipt.to_json(), Access::Private)?)
}

/// The only account of a payee; the accounts are listed where there are several.
fn only_account(ledger: &Ledger, payee: Payee) -> Result<RecordName, Error> {
    let mut found = Vec::new();
    for dataset in &ledger.state.datasets {
        let records = ledger.private.dataset(dataset.number).read_records(dataset.digest)?;
        let owned = records.0.iter().enumerate().filter(|(_, record)| record.payee == payee);
        found.extend(owned.map(|(record, _)| RecordName { dataset: dataset.number, record }));
    }
    match found.as_slice() {
        [] => Err(Error::Usage(format!("payee {payee} has no account"))),
        [name] => Ok(*name),
        names => {
            let listed: Vec<_> = names.iter().take(LISTED).map(ToString::to_string).collect();
            let more = if names.len() > LISTED { ", .." } else { "" };
            Err(Error::Usage(format!(
                "payee {payee} has {} accounts; name one with --account DATASET:RECORD: {}{more}",
                names.len(),
                listed.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_named_by_payee_or_record() {
        let record = RecordName { dataset: 1, record: 17 };
        assert_eq!("1:17".parse(), Ok(AccountName::Record(record)));
        let payee = Payee([0x11; 20]);
        assert_eq!(payee.to_string().parse(), Ok(AccountName::Payee(payee)));
        for text in ["", "1", "1:", ":1", "1:-1", "0x11", "a:b"] {
            assert!(text.parse::<AccountName>().is_err(), "{text}");
        }
    }
}
