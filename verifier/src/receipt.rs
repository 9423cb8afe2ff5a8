//! Auditing a receipt: alone, or against a published and proven root.

use std::path::Path;

use apportion_circuits::{
    field::{SuiteField, SuiteId},
    merkle,
    tree::account_leaf,
    types::{Tier, Word},
};
use halo2_axiom::halo2curves::bn256::Fr;
use pasta_curves::Fp;

use crate::audit::{Options, Scope, audit};
use crate::report::{AuditError, Check, Report};
use apportion_statement::CheckId;
use apportion_statement::files::{
    DatasetDoc, Document, EnrolmentDoc, InputError, LedgerDoc, PublicDir, PublicationDoc, ReceiptDoc,
};

/// Audits a `receipt.json`. Alone, it is only known to lead to the root that it states; with a ledger, that root
/// must have been published, and its proof is verified.
pub fn audit_receipt(path: &Path, ledger: Option<&Path>, options: &Options) -> Report {
    let doc = match ReceiptDoc::read(path) {
        Ok(doc) => doc,
        Err(error) => return Report::of_error(error),
    };
    let mut report = Report { checks: check_receipt(&doc), ..Report::default() };
    let Some(ledger) = ledger else {
        report
            .notes
            .push("the root is taken as stated: give --ledger DIR, or ask the contract, to check it".into());
        return report;
    };
    if report.failed().is_some() {
        return report;
    }
    let dir = PublicDir::of_ledger(ledger);
    match locate(&dir, &doc, &mut report.checks) {
        Ok(Some(scope)) => {
            let mut proven = audit(&dir, options, scope);
            report.checks.append(&mut proven.checks);
            report.notes.append(&mut proven.notes);
            report.error = proven.error;
        }
        Ok(None) => {}
        Err(error) => report.error = Some(error),
    }
    report
}

/// The checks that need no ledger.
pub fn check_receipt(doc: &ReceiptDoc) -> Vec<Check> {
    match doc.suite {
        SuiteId::Bn254 => check_in::<Fr>(doc),
        SuiteId::Pasta => check_in::<Fp>(doc),
    }
}

/// The tier whose trees are as deep as the receipt's path.
fn tier_of(doc: &ReceiptDoc) -> Option<Tier> {
    Tier::ALL.into_iter().find(|tier| tier.depth() as usize == doc.siblings.len())
}

fn check_in<F: SuiteField>(doc: &ReceiptDoc) -> Vec<Check> {
    let place = "receipt";
    let Some(tier) = tier_of(doc) else {
        let why = format!("{} levels, trees have 3, 5 or 7", doc.siblings.len());
        return vec![Check::failed(CheckId::ReceiptDepth, place, why)];
    };
    let mut checks = vec![Check::ok(CheckId::ReceiptDepth, format!("{place} of tier {tier}"))];
    let index = doc.index as usize;
    checks.push(if index < tier.accounts() {
        Check::ok(CheckId::ReceiptIndex, format!("{place} account {index}"))
    } else {
        let why = format!("slot {index} holds no account, a segment has {}", tier.accounts());
        Check::failed(CheckId::ReceiptIndex, place, why)
    });
    let Some((salt, root, path)) = decode::<F>(doc) else {
        checks.push(Check::failed(
            CheckId::ReceiptCanonical,
            place,
            "salt, root or a sibling is not canonical",
        ));
        return checks;
    };
    checks.push(Check::ok(CheckId::ReceiptCanonical, place));
    if index < tier.accounts() {
        let leaf = account_leaf::<F>(doc.payee, doc.cumulative.0, salt);
        let reached = merkle::root_of_path(tier, index, leaf, &path);
        checks.push(match reached {
            Some(reached) if reached == root => Check::ok(
                CheckId::ReceiptPath,
                format!("{place} {} has earned {}", doc.payee, doc.cumulative),
            ),
            _ => Check::failed(CheckId::ReceiptPath, place, "leaf and path do not lead to the root"),
        });
    }
    checks
}

fn decode<F: SuiteField>(doc: &ReceiptDoc) -> Option<(F, F, merkle::Path<F>)> {
    let level = |[a, b, c]: &[Word; 3]| Some([a.to_field()?, b.to_field()?, c.to_field()?]);
    let path = doc.siblings.iter().map(level).collect::<Option<_>>()?;
    Some((doc.salt.to_field()?, doc.root.to_field()?, path))
}

/// Finds the publication that the receipt is of. `None` where a check fails.
fn locate(dir: &PublicDir, doc: &ReceiptDoc, checks: &mut Vec<Check>) -> Result<Option<Scope>, AuditError> {
    let ledger = LedgerDoc::read(&dir.ledger())?;
    let mut differs = Vec::new();
    if ledger.suite != doc.suite {
        differs.push("suite");
    }
    if Some(ledger.tier) != tier_of(doc) {
        differs.push("tier");
    }
    if ledger.chain_id != doc.chain_id {
        differs.push("chain_id");
    }
    if ledger.contract != doc.contract {
        differs.push("contract");
    }
    if ledger.model_id != doc.model {
        differs.push("model");
    }
    let dataset = find_dataset(dir, doc)?;
    if dataset.is_none() {
        differs.push("dataset");
    }
    let (Some(dataset), true) = (dataset, differs.is_empty()) else {
        let why = format!("not the ledger's: {}", differs.join(", "));
        checks.push(Check::failed(CheckId::ReceiptLedger, "receipt", why));
        return Ok(None);
    };
    checks.push(Check::ok(CheckId::ReceiptLedger, format!("receipt of dataset {dataset}")));
    for number in 1.. {
        let file = dir.publication(number).join("publication.json");
        if !file.exists() {
            break;
        }
        let publication = PublicationDoc::read(&file)?;
        let published = |entry: &apportion_statement::files::PublishedSegment| {
            (entry.dataset, entry.segment, entry.root) == (dataset, doc.segment, doc.root)
        };
        if publication.epoch == doc.epoch && publication.segments.iter().any(published) {
            checks.push(Check::ok(CheckId::ReceiptRoot, format!("receipt publication {number}")));
            return Ok(Some(Scope::Publication { number, dataset, segment: doc.segment }));
        }
    }
    let why = format!("root {} of epoch {} was not published", doc.root, doc.epoch);
    checks.push(Check::failed(CheckId::ReceiptRoot, "receipt", why));
    Ok(None)
}

/// The number of the dataset with the receipt's id.
fn find_dataset(dir: &PublicDir, doc: &ReceiptDoc) -> Result<Option<u32>, InputError> {
    for n in 0.. {
        let path = dir.dataset(n);
        if !path.join("dataset.json").exists() {
            break;
        }
        DatasetDoc::read(&path.join("dataset.json"))?;
        if EnrolmentDoc::read(&path.join("enrolment.json"))?.dataset_id == doc.dataset {
            return Ok(Some(n));
        }
    }
    Ok(None)
}
