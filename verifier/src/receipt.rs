//! Auditing a receipt: alone, or against a ledger.

use std::path::Path;

use apportion_statement::{
    CheckId, SegmentId, counted,
    files::{Bundle, ReceiptAccount, ReceiptDoc},
    verb,
};

use crate::{
    audit::{AuditSuite, Claims, Options},
    chain::{ChainOptions, audit_receipt_on_chain},
    claims::{Known, Opened, Shows, Stated, audit_document, audit_file, place_of},
    report::{Check, Report, Subject},
};

/// Audits a `receipt.json`. Alone, it can only be consistent with itself: the columns that it opens are its own word.
/// With a ledger, they must be the ledger's, and the proofs behind them are verified. With a chain, they must be final there.
pub fn audit_receipt(
    path: &Path,
    ledger: Option<&Path>,
    chain: Option<&ChainOptions>,
    options: &Options,
) -> Report {
    audit_file::<ReceiptDoc>(path, ledger, chain, options)
}

/// Audits a receipt in its suite.
pub fn audit_receipt_in<S: AuditSuite>(
    doc: &ReceiptDoc,
    bundle: Option<&Bundle>,
    options: &Options,
) -> Report {
    audit_document::<S, _>(doc, bundle, options)
}

impl Shows for ReceiptDoc {
    const KIND: &'static str = "receipt";

    fn stated(&self) -> Stated {
        Stated { suite: self.suite, chain_id: self.chain_id, contract: self.contract, model: self.model }
    }

    fn describe(&self, subject: &mut Subject) {
        let total =
            self.accounts.iter().try_fold(0u128, |sum, account| sum.checked_add(account.cumulative.0));
        let epochs = self.accounts.iter().map(|account| account.epoch);
        subject.add("payee", self.payee);
        subject.count("accounts", self.accounts.len() as u64);
        subject.add("earned in all", total.map_or("2^128 or more".into(), |total| total.to_string()));
        let (first, last) = (epochs.clone().min().unwrap_or(0), epochs.max().unwrap_or(0));
        let text = if first == last { format!("{last}") } else { format!("{first} to {last}, by account") };
        subject.add("up to epoch", text);
    }

    fn check_accounts(&self, checks: &mut Vec<Check>) -> Vec<Opened<'_>> {
        let mut opened = Vec::new();
        for account in &self.accounts {
            let claim = self.claim(account);
            let place = place_of(&claim);
            match claim.check() {
                Err(violation) => checks.push(Check::failed(violation.id(), &place, violation)),
                Ok(()) => {
                    checks.push(Check::ok(CheckId::ReceiptIndex, &place));
                    checks.push(Check::ok(CheckId::ReceiptPayee, &place));
                    opened.push(Opened { place, claim, score: None, proof: &account.proof });
                }
            }
        }
        opened
    }

    fn check_alone(&self, _: &mut Vec<Check>) {}

    fn check_against(&self, known: &Known<'_>, report: &mut Report) -> Claims {
        against(self, known, report)
    }

    fn check_chain(&self, chain: &ChainOptions, _: Option<&Bundle>, report: &mut Report) {
        audit_receipt_on_chain(self, chain, report);
    }
}

/// receipt.ledger, of each account, and receipt.columns.
fn against(doc: &ReceiptDoc, known: &Known<'_>, report: &mut Report) -> Claims {
    let mut claims = Claims::default();
    let mut newer = Vec::new();
    for account in &doc.accounts {
        let place = place_of(&doc.claim(account));
        let id = match known.segment(account.dataset, account.tier, account.segment) {
            Ok(id) => id,
            Err(why) => {
                report.checks.push(Check::failed(CheckId::ReceiptLedger, &place, why));
                continue;
            }
        };
        match columns(account, known, id) {
            Ok(revision) => {
                claims.add(id, revision, account.epoch);
                report.checks.push(Check::ok(CheckId::ReceiptColumns, place));
            }
            Err(why) => report.checks.push(Check::failed(CheckId::ReceiptColumns, &place, why)),
        }
        newer.extend(
            known.history.moves(id).last().map(|last| last.epoch).filter(|last| *last > account.epoch),
        );
    }
    report.notes.push(match newer.iter().max() {
        None => format!("newest: of {} none earned anything later", counted(doc.accounts.len(), "account")),
        Some(last) => format!(
            "superseded, but still good: {} of {} {} settled again, up to epoch {last}. A newer receipt shows more",
            newer.len(),
            counted(doc.accounts.len(), "account"),
            verb(newer.len(), "was", "were")
        ),
    });
    claims
}

fn columns(account: &ReceiptAccount, known: &Known<'_>, id: SegmentId) -> Result<u32, String> {
    let revision = known.payee_column(id, &account.payee_column)?;
    match known.history.moved_in(id, account.epoch) {
        None => Err(format!("the segment did not move in epoch {} of this ledger", account.epoch)),
        Some(moved) if moved.balance != account.balance_column => {
            Err(format!("the balance column is not that of epoch {} of this ledger", account.epoch))
        }
        Some(_) => Ok(revision),
    }
}
