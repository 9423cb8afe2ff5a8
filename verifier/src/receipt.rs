//! Auditing a receipt: alone, or against a ledger.

use std::path::Path;

use apportion_circuits::field::SuiteId;
use apportion_statement::{
    CheckId,
    files::{Bundle, Document, InputError, PublicDir, ReceiptAccount, ReceiptDoc, read_file, sha256},
};
use apportion_suite::{Bn254, Pasta};

use crate::{
    audit::{AuditSuite, Claims, Options},
    claims::{Known, Opened, Stated, alone, check_openings, place_of, verify_columns},
    report::{AuditError, Check, Report, Subject},
};

/// Audits a `receipt.json`. Alone, it can only be consistent with itself: the columns that it opens are its own word.
/// With a ledger, they must be the ledger's, and the proofs behind them are verified.
pub fn audit_receipt(path: &Path, ledger: Option<&Path>, options: &Options) -> Report {
    let read = || -> Result<_, InputError> {
        let bytes = read_file(path, ReceiptDoc::MAX_BYTES)?;
        let doc = ReceiptDoc::from_json(&bytes).map_err(|fault| InputError::new(path, fault))?;
        let bundle = ledger.map(|dir| Bundle::read(PublicDir::of_ledger(dir))).transpose()?;
        Ok((doc, sha256(&bytes), bundle))
    };
    let (doc, digest, bundle) = match read() {
        Ok(read) => read,
        Err(error) => return Report::of_error(error),
    };
    let mut report = match doc.suite {
        SuiteId::Bn254 => audit_receipt_in::<Bn254>(&doc, bundle.as_ref(), options),
        SuiteId::Pasta => audit_receipt_in::<Pasta>(&doc, bundle.as_ref(), options),
    };
    report.subject.add("receipt_digest", digest);
    report
}

/// Audits a receipt in its suite.
pub fn audit_receipt_in<S: AuditSuite>(
    doc: &ReceiptDoc,
    bundle: Option<&Bundle>,
    options: &Options,
) -> Report {
    let mut report = Report::default();
    describe(&mut report.subject, doc);
    let known = bundle.map(Known::of);
    if known.is_none() {
        stated(doc).describe(&mut report.subject);
        alone(&mut report, "receipt");
    }
    if let Err(error) = receipt::<S>(doc, known.as_ref(), options, &mut report) {
        report.error.get_or_insert(error);
    }
    report
}

fn stated(doc: &ReceiptDoc) -> Stated {
    Stated { suite: doc.suite, chain_id: doc.chain_id, contract: doc.contract, model: doc.model }
}

fn describe(subject: &mut Subject, doc: &ReceiptDoc) {
    let total = doc.accounts.iter().try_fold(0u128, |sum, account| sum.checked_add(account.cumulative.0));
    let epochs = doc.accounts.iter().map(|account| account.epoch);
    subject.add("payee", doc.payee);
    subject.add("accounts", doc.accounts.len());
    subject.add("earned in all", total.map_or("2^128 or more".into(), |total| total.to_string()));
    let (first, last) = (epochs.clone().min().unwrap_or(0), epochs.max().unwrap_or(0));
    let text = if first == last { format!("{last}") } else { format!("{first} to {last}, by account") };
    subject.add("up to epoch", text);
}

fn receipt<S: AuditSuite>(
    doc: &ReceiptDoc,
    known: Option<&Known<'_>>,
    options: &Options,
    report: &mut Report,
) -> Result<(), AuditError> {
    let mut opened = Vec::new();
    for account in &doc.accounts {
        let claim = doc.claim(account);
        let place = place_of(&claim);
        match claim.check() {
            Err(violation) => report.checks.push(Check::failed(violation.id(), &place, violation)),
            Ok(()) => {
                report.checks.push(Check::ok(CheckId::ReceiptIndex, &place));
                report.checks.push(Check::ok(CheckId::ReceiptPayee, &place));
                opened.push(Opened { place, claim, score: None, proof: &account.proof });
            }
        }
    }
    let Some(known) = known else {
        match S::own_setup(options)? {
            Some(setup) => check_openings::<S>(&setup, &opened, &mut report.checks)?,
            None => report.not_checked.push("openings: give the setup's parameters with --params".into()),
        }
        return Ok(());
    };
    let Some(claims) = against(doc, known, report) else { return Ok(()) };
    let setup = S::load_setup(&known.bundle.dir.keys(), &known.bundle.ledger.setup, options)?;
    check_openings::<S>(&setup, &opened, &mut report.checks)?;
    if report.failed().is_none() {
        verify_columns::<S>(known.bundle, claims, options, report);
    }
    Ok(())
}

/// receipt.ledger and receipt.columns. `None` where the receipt is of another ledger.
fn against(doc: &ReceiptDoc, known: &Known<'_>, report: &mut Report) -> Option<Claims> {
    let check = stated(doc).check(known.bundle, "receipt");
    let same = check.ok;
    report.checks.push(check);
    if !same {
        return None;
    }
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
        None => format!("newest: none of the {} accounts earned anything later", doc.accounts.len()),
        Some(last) => format!(
            "superseded, but still good: {} of {} accounts were settled again, up to epoch {last}. A newer receipt \
             shows more",
            newer.len(),
            doc.accounts.len()
        ),
    });
    Some(claims)
}

fn columns(
    account: &ReceiptAccount,
    known: &Known<'_>,
    id: apportion_statement::SegmentId,
) -> Result<u32, String> {
    let revision = known.payee_column(id, &account.payee_column)?;
    match known.history.moved_in(id, account.epoch) {
        None => Err(format!("the segment did not move in epoch {} of this ledger", account.epoch)),
        Some(moved) if moved.balance != account.balance_column => {
            Err(format!("the balance column is not that of epoch {} of this ledger", account.epoch))
        }
        Some(_) => Ok(revision),
    }
}
