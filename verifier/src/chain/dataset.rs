//! A dataset's files against what its registry has.

use apportion_chain::{
    abi::column_digest,
    state::{DatasetState, Registered},
};
use apportion_circuits::types::{Payee, Word};
use apportion_statement::{
    CheckId, counted,
    files::{DatasetBundle, Document as _, KeyDoc},
};

use super::ChainOptions;
use crate::report::{Check, Report};

/// Compares a dataset with what its registry has, and the registry with contracts that are known, and adds what was found to
/// the dataset's report.
pub fn compare_dataset(
    dataset: &DatasetBundle,
    contracts: &Registered,
    found: Option<&DatasetState>,
    options: &ChainOptions,
    report: &mut Report,
) {
    let place = "dataset";
    let doc = &dataset.doc;
    super::describe_block(&mut report.subject, contracts.chain_id, contracts.block);
    super::registry(contracts, doc.chain_id, doc.setup.digest.unwrap_or_default(), options, report);
    let keys = dataset.dir.keys();
    for verifier in &contracts.verifiers {
        if let Ok(key) = KeyDoc::read(&keys.doc(verifier.relation, verifier.tier)) {
            let place = format!("{} verifier of tier {}", verifier.relation, verifier.tier);
            super::same(report, CheckId::ChainKey, &place, key.key_digest, verifier.key_digest);
        }
    }
    let Some(found) = found else {
        let why = "it is not registered";
        report.checks.push(Check::failed(CheckId::ChainDataset, place, why));
        return;
    };
    report.subject.add("owner on chain", apportion_chain::abi::payee(found.dataset.owner));
    report.subject.add("revisions on chain", format!("0 to {}", found.dataset.revision));
    if !found.offered_to.is_zero() {
        report.notes.push(format!("the dataset is offered to {}", found.offered_to));
    }
    registered(dataset, found, dataset.doc.registry, place, &mut report.checks);
    let newest = u64::from(dataset.newest().revision);
    if u64::from(found.dataset.revision) > newest {
        let text =
            format!("the registry has revision {}, the files end with {newest}", found.dataset.revision);
        report.notes.push(text);
    }
}

/// Registered where it says, with these records, roots and columns.
pub(super) fn registered(
    dataset: &DatasetBundle,
    found: &DatasetState,
    registry: Payee,
    place: &str,
    checks: &mut Vec<Check>,
) {
    let doc = &dataset.doc;
    let mut same = |id, place: &str, files: String, chain: String| {
        checks.push(if files == chain {
            Check::ok(id, place)
        } else {
            Check::failed(id, place, format!("{files} in the files, {chain} on the chain"))
        });
    };
    let text = |registry: Payee, slots: u64| format!("{slots} slots in registry {registry}");
    let (here, there) =
        (text(doc.registry, doc.tier.slots() as u64), text(registry, u64::from(found.dataset.slots)));
    same(CheckId::ChainDataset, place, here, there);
    for revision in &dataset.revisions {
        let number = revision.doc.revision;
        let place = format!("{place} revision {number}");
        let there = found.revisions.get(number as usize);
        let records = there.map_or("none".into(), |(records, _)| counted(*records, "record"));
        same(CheckId::ChainRevision, &place, counted(revision.doc.records, "record"), records);
        let roots = |list: &[Word]| {
            let bytes: Vec<u8> = list.iter().flat_map(|root| root.0).collect();
            format!("{} (Keccak-256 {})", counted(list.len(), "root"), apportion_statement::keccak256(&bytes))
        };
        let there = there.map_or("none".into(), |(_, list)| roots(list));
        same(CheckId::ChainRoots, &place, roots(&revision.doc.roots), there);
        for column in revision.columns.iter().flat_map(|columns| &columns.columns) {
            let digest = column_digest(&column.payee_column);
            let of_segment =
                found.columns.iter().filter(|(segment, of, _)| (*segment, *of) == (column.segment, number));
            let listed: Vec<Word> = of_segment.map(|(_, _, digest)| *digest).collect();
            let there = listed.iter().find(|known| **known == digest).or(listed.first());
            let there = there.map_or("none".into(), ToString::to_string);
            same(
                CheckId::ChainPayees,
                &format!("{place} segment {}", column.segment),
                digest.to_string(),
                there,
            );
        }
    }
}
