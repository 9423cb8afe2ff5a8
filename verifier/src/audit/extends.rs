//! bundle.extends: a newer copy of a ledger holds everything that an older one held, and more only where history grows.

use std::collections::BTreeSet;

use apportion_statement::{
    CheckId,
    files::{Bundle, InputError, digest_file, read_file, sha256},
};

use super::{
    job::{line_ends, without_returns},
    subject::{bound, ledger_binaries, ledger_documents},
};
use crate::report::{Check, Subject};

/// Compares an older copy with a newer one, byte for byte. The facts say what grew.
pub(super) fn check_extends(old: &Bundle, new: &Bundle) -> Result<(Subject, Vec<Check>), InputError> {
    let files = |bundle: &Bundle| -> BTreeSet<String> {
        ledger_documents(bundle).into_iter().chain(ledger_binaries(bundle)).collect()
    };
    let (before, after) = (files(old), files(new));
    let mut checks = Vec::new();
    for file in &before {
        let fault = if after.contains(file) { changed(old, new, file)? } else { Some("is gone".to_owned()) };
        checks.extend(fault.map(|why| Check::failed(CheckId::BundleExtends, file, why)));
    }
    checks.extend(backdated(old, new));
    let (kept, added) = (before.len(), after.difference(&before).count());
    let mut subject = Subject::default();
    subject.add("since", format!("epoch {}: {kept} files then, {added} new ones", old.epochs.len()));
    if checks.is_empty() {
        let text = format!("{kept} files are as they were, {added} are new");
        checks.push(Check::ok(CheckId::BundleExtends, text));
    }
    Ok((subject, checks))
}

/// Whether a file is another one now.
fn changed(old: &Bundle, new: &Bundle, file: &str) -> Result<Option<String>, InputError> {
    let [before, after] = [old, new].map(|bundle| bundle.dir.root().join(file));
    let max = bound(file);
    if digest_file(&before, max)? == digest_file(&after, max)? {
        return Ok(None);
    }
    let (before, after) = (read_file(&before, max)?, read_file(&after, max)?);
    let hint = line_ends(&after, sha256(&before))
        .or_else(|| (without_returns(&before) == after).then_some("the older copy has CRLF line ends"));
    Ok(Some(hint.map_or("is another file now".into(), |hint| format!("is another file now: {hint}"))))
}

/// Whatever is new begins after the epochs that were there before.
fn backdated(old: &Bundle, new: &Bundle) -> Vec<Check> {
    let last = old.epochs.len() as u32;
    let mut checks = Vec::new();
    let mut expect = |what: String, first: u32| {
        if first <= last {
            let why = format!("is new, and begins with epoch {first}, which was proven before");
            checks.push(Check::failed(CheckId::BundleExtends, &what, why));
        }
    };
    for policy in new.policies.iter().skip(old.policies.len()) {
        expect(format!("policy {}", policy.policy), policy.first_epoch);
    }
    for (n, dataset) in new.datasets.iter().enumerate() {
        match old.datasets.get(n) {
            None => expect(format!("dataset {n}"), dataset.enrolment.first_epoch),
            Some(before) => {
                if let (None, Some(retired)) = (&before.retirement, &dataset.retirement) {
                    expect(format!("retirement of dataset {n}"), retired.from_epoch);
                }
            }
        }
    }
    checks
}
