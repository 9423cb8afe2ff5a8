//! What a verdict is of: which ledger, which datasets, which epochs and amounts, which documents.

use std::{collections::BTreeSet, path::Path};

use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::{
    History, RelationId, counted,
    files::{
        Bundle, ColumnsDoc, DatasetBundle, DatasetDoc, Document as _, EpochDoc, InputError, KeysDir,
        LedgerDoc, MAX_BINARY_BYTES, RevisionDoc, ScoresDoc, SetupDoc, digest_file, sha256,
    },
    verb,
};
use rayon::prelude::*;
use serde_json::json;

use super::Scope;
use crate::report::{EpochAmounts, Report, Subject};

/// Names a ledger, its money and what an audit of files cannot show.
pub(super) fn describe(report: &mut Report, bundle: &Bundle, scope: &Scope) -> Result<(), InputError> {
    let ledger = &bundle.ledger;
    let subject = &mut report.subject;
    subject.add("model", &ledger.model);
    subject.add("model_id", ledger.model_id);
    subject.add("suite", ledger.suite);
    setup(subject, &ledger.setup);
    place(subject, ledger.chain_id, "contract", ledger.contract, "developer", ledger.developer);
    let documents = ledger_documents(bundle);
    subject.count("documents", documents.len() as u64);
    subject.add("documents_digest", documents_digest(bundle.dir.root(), &documents)?);
    for policy in &bundle.policies {
        let json = json!({ "policy": policy.policy, "first_epoch": policy.first_epoch });
        let text = format!("from epoch {}", policy.first_epoch);
        subject.item("policies", format!("policy {}", policy.policy), text, json);
    }
    for enrolled in &bundle.datasets {
        let (dataset, enrolment) = (&enrolled.dataset, &enrolled.enrolment);
        let until = enrolled
            .retirement
            .as_ref()
            .map(|retired| format!(", retired from epoch {}", retired.from_epoch));
        let text = format!(
            "{}, tier {}, {} in {}, {}, from epoch {}{}",
            dataset.doc.dataset_id,
            dataset.doc.tier,
            counted(dataset.newest().records, "record"),
            counted(dataset.newest().roots.len(), "segment"),
            counted(dataset.revisions.len(), "revision"),
            enrolment.first_epoch,
            until.unwrap_or_default()
        );
        let json = json!({
            "dataset": enrolment.dataset,
            "id": dataset.doc.dataset_id,
            "tier": dataset.doc.tier.slots(),
            "records": dataset.newest().records,
            "segments": dataset.newest().roots.len(),
            "revisions": dataset.revisions.len(),
            "first_epoch": enrolment.first_epoch,
            "retired_from": enrolled.retirement.as_ref().map(|retired| retired.from_epoch),
        });
        subject.item("datasets", format!("dataset {}", enrolment.dataset), text, json);
    }
    let last = bundle.epochs.len();
    subject.add("epochs", if last == 0 { "none".into() } else { format!("1 to {last}") });
    if let Scope::Epoch(epoch) = scope {
        subject.add("audited", format!("epoch {epoch} alone"));
    }
    if !matches!(scope, Scope::Claims(_)) {
        amounts(report, bundle, scope);
    }
    limits(report, bundle, scope);
    Ok(())
}

/// Names a dataset.
pub(crate) fn dataset_facts(subject: &mut Subject, dataset: &DatasetBundle) -> Result<(), InputError> {
    let DatasetDoc { dataset_id, suite, tier, chain_id, registry, owner, uri, .. } = &dataset.doc;
    subject.add("dataset_id", dataset_id);
    subject.add("uri", if uri.is_empty() { "none" } else { uri });
    subject.add("suite", suite);
    subject.add("tier", tier);
    setup(subject, &dataset.doc.setup);
    place(subject, *chain_id, "registry", *registry, "owner", *owner);
    subject.count("records", dataset.newest().records);
    subject.count("segments", dataset.newest().roots.len() as u64);
    subject.add("revisions", format!("0 to {}", dataset.newest().revision));
    let documents = dataset_documents("", dataset);
    subject.count("documents", documents.len() as u64);
    subject.add("documents_digest", documents_digest(dataset.dir.root(), &documents)?);
    Ok(())
}

fn setup(subject: &mut Subject, setup: &SetupDoc) {
    let insecure = if setup.insecure { " (its secret is public)" } else { "" };
    subject.add("setup", format!("{}{insecure}", setup.provenance));
    if let Some(digest) = setup.digest {
        subject.add("setup_digest", digest);
    }
}

fn place(
    subject: &mut Subject,
    chain_id: u64,
    contract_is: &'static str,
    contract: Payee,
    owner_is: &'static str,
    owner: Payee,
) {
    subject.add("chain_id", if chain_id == 0 { "none".into() } else { chain_id.to_string() });
    if contract.is_zero() {
        subject.add(contract_is, "none");
    } else {
        subject.add(contract_is, contract);
        subject.add(owner_is, owner);
    }
}

/// The money of the epochs in scope.
fn amounts(report: &mut Report, bundle: &Bundle, scope: &Scope) {
    let mut history = History::default();
    bundle.datasets.iter().for_each(|dataset| history.add(dataset));
    let (mut revenue, mut paid, mut left) = (Some(0u128), Some(0u128), 0u128);
    for epoch in bundle.epochs.iter().filter(|epoch| scope.epoch(epoch.doc.epoch)) {
        let doc = &epoch.doc;
        let of_epoch = doc.segments.iter().try_fold(0u128, |sum, segment| sum.checked_add(segment.paid.0));
        let records = epoch.scores.segments.iter().filter_map(|s| history.records(s.id(), s.revision));
        left = doc.pool.0.saturating_sub(of_epoch.unwrap_or(u128::MAX));
        revenue = revenue.and_then(|sum| sum.checked_add(doc.revenue.0));
        paid = paid.zip(of_epoch).and_then(|(sum, paid)| sum.checked_add(paid));
        report.epochs.push(EpochAmounts {
            epoch: doc.epoch,
            policy: doc.policy,
            revenue: doc.revenue.to_string(),
            carried: doc.carried.to_string(),
            pool: doc.pool.to_string(),
            paid: amount(of_epoch),
            left: left.to_string(),
            segments: doc.segments.len(),
            records: records.map(u64::from).sum(),
            replaced: doc.replaced.len(),
        });
    }
    report.subject.add("revenue", amount(revenue));
    report.subject.add("paid to contributors", amount(paid));
    report.subject.add("left for the next epoch", left);
}

fn amount(sum: Option<u128>) -> String {
    sum.map_or("2^128 or more".into(), |sum| sum.to_string())
}

/// What no audit of files can show.
fn limits(report: &mut Report, bundle: &Bundle, scope: &Scope) {
    let limits = &mut report.not_checked;
    match scope {
        Scope::Ledger => {}
        Scope::Epoch(_) => limits
            .push("enrolment proofs, and all other epochs: audit the whole ledger to verify them".into()),
        Scope::Claims(_) => limits.push("anything else of this ledger: audit it with `ledger`".into()),
    }
    limits.push(
        "whether scores are honest, and who the attributor is: compare each scores.json with what the attributor \
         posted"
            .into(),
    );
    limits.push("whether revenue is what was earned, and when policies were announced".into());
    let ledger = &bundle.ledger;
    limits.push(if ledger.contract.is_zero() {
        "any chain: the ledger is bound to no contract, so nobody but its developer has kept its history"
            .into()
    } else {
        format!("the chain: compare with contract {} on chain {}", ledger.contract, ledger.chain_id)
    });
    limits.push("whether a dataset is registered, by whom, and what its records are".into());
    let replaced: usize = bundle.epochs.iter().map(|epoch| epoch.doc.replaced.len()).sum();
    if replaced > 0 {
        let attempts = counted(replaced, "proven attempt");
        let were = verb(replaced, "was", "were");
        report.notes.push(format!("{attempts} at epochs {were} taken back and proven again"));
    }
}

/// The documents of a ledger, below its `public/`.
pub(super) fn ledger_documents(bundle: &Bundle) -> BTreeSet<String> {
    let mut files = BTreeSet::from(["ledger.json".to_owned()]);
    key_documents(&mut files, "", &bundle.dir.keys(), RelationId::Split);
    files.extend(bundle.policies.iter().map(|policy| format!("policies/{:06}.json", policy.policy)));
    for enrolled in &bundle.datasets {
        let n = enrolled.enrolment.dataset;
        files.extend(dataset_documents(&format!("datasets/{n}/"), &enrolled.dataset));
        files.insert(format!("datasets/{n}/enrolment.json"));
        if enrolled.retirement.is_some() {
            files.insert(format!("datasets/{n}/retirement.json"));
        }
    }
    for epoch in &bundle.epochs {
        let root = format!("epochs/{:06}", epoch.doc.epoch);
        files.extend([format!("{root}/epoch.json"), format!("{root}/{}", epoch.doc.scores.file)]);
    }
    files
}

fn dataset_documents(prefix: &str, dataset: &DatasetBundle) -> BTreeSet<String> {
    let mut files = BTreeSet::from([format!("{prefix}dataset.json")]);
    key_documents(&mut files, prefix, &dataset.dir.keys(), RelationId::Tree);
    for revision in &dataset.revisions {
        let root = format!("{prefix}revisions/{:06}", revision.doc.revision);
        files.insert(format!("{root}/revision.json"));
        if revision.columns.is_some() {
            files.insert(format!("{root}/columns/columns.json"));
        }
    }
    files
}

fn key_documents(files: &mut BTreeSet<String>, prefix: &str, keys: &KeysDir, relation: RelationId) {
    let present = Tier::ALL.into_iter().filter(|tier| keys.doc(relation, *tier).exists());
    files.extend(present.map(|tier| format!("{prefix}keys/{relation}-{tier}.json")));
}

/// All other files of a ledger: setups, keys and proofs, each named or pinned by a document.
pub(super) fn ledger_binaries(bundle: &Bundle) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    key_files(&mut files, "", &bundle.dir.keys(), RelationId::Split);
    for enrolled in &bundle.datasets {
        let prefix = format!("datasets/{}/", enrolled.enrolment.dataset);
        key_files(&mut files, &prefix, &enrolled.dataset.dir.keys(), RelationId::Tree);
        for columns in enrolled.dataset.revisions.iter().filter_map(|revision| revision.columns.as_ref()) {
            let root = format!("{prefix}revisions/{:06}/columns", columns.revision);
            files.extend(columns.columns.iter().map(|column| format!("{root}/{}", column.proof.file)));
        }
    }
    for epoch in &bundle.epochs {
        let proofs = epoch.doc.segments.iter().map(|segment| &segment.proof.file);
        files.extend(proofs.map(|file| format!("epochs/{:06}/{file}", epoch.doc.epoch)));
    }
    files
}

fn key_files(files: &mut BTreeSet<String>, prefix: &str, keys: &KeysDir, relation: RelationId) {
    if keys.setup().exists() {
        files.insert(format!("{prefix}keys/setup.bin"));
    }
    let present = Tier::ALL.into_iter().filter(|tier| keys.key(relation, *tier).exists());
    files.extend(present.map(|tier| format!("{prefix}keys/{relation}-{tier}.vk")));
}

/// One digest over documents: the SHA-256 of what `find . -name '*.json' | LC_ALL=C sort | xargs sha256sum` prints in
/// their directory. Documents name proofs and keys by their digests, so it stands for all files.
fn documents_digest(root: &Path, files: &BTreeSet<String>) -> Result<Word, InputError> {
    let lines: Result<Vec<String>, InputError> = files
        .par_iter()
        .map(|file| {
            let digest = digest_file(&root.join(file), bound(file))?.to_string();
            Ok(format!("{}  ./{file}\n", digest.trim_start_matches("0x")))
        })
        .collect();
    Ok(sha256(lines?.concat().as_bytes()))
}

/// The most bytes of a file of a bundle, by its name: files may have changed since the reader bounded them, and keys and
/// proofs are read where they are needed only.
pub(super) fn bound(file: &str) -> u64 {
    match file.rsplit('/').next().unwrap_or(file) {
        "epoch.json" => EpochDoc::MAX_BYTES,
        "scores.json" => ScoresDoc::MAX_BYTES,
        "columns.json" => ColumnsDoc::MAX_BYTES,
        "revision.json" => RevisionDoc::MAX_BYTES,
        name if name.ends_with(".json") => LedgerDoc::MAX_BYTES,
        _ => MAX_BINARY_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_statement::files::{DatasetDoc, EnrolmentDoc, KeyDoc, PolicyDoc, RetirementDoc};

    #[test]
    fn every_file_has_the_bound_of_its_kind() {
        let [known, small] = [LedgerDoc::MAX_BYTES, DatasetDoc::MAX_BYTES];
        assert!(
            [
                KeyDoc::MAX_BYTES,
                PolicyDoc::MAX_BYTES,
                EnrolmentDoc::MAX_BYTES,
                RetirementDoc::MAX_BYTES,
                small
            ]
            .iter()
            .all(|max| *max <= known)
        );
        assert_eq!(bound("ledger.json"), known);
        assert_eq!(bound("keys/split-64.json"), known);
        assert_eq!(bound("epochs/000001/epoch.json"), EpochDoc::MAX_BYTES);
        assert_eq!(bound("epochs/000001/scores.json"), ScoresDoc::MAX_BYTES);
        assert_eq!(bound("datasets/0/revisions/000000/revision.json"), RevisionDoc::MAX_BYTES);
        assert_eq!(bound("datasets/0/revisions/000000/columns/columns.json"), ColumnsDoc::MAX_BYTES);
        for binary in ["keys/setup.bin", "keys/split-64.vk", "epochs/000001/0-0.proof"] {
            assert_eq!(bound(binary), MAX_BINARY_BYTES);
        }
    }
}
