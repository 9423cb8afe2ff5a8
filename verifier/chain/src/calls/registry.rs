//! The registry: a dataset's owner.

use alloy_primitives::Bytes;
use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Word},
};
use apportion_statement::{
    RelationId,
    files::{DatasetBundle, DatasetDoc, ExtensionDoc, RevisionDoc},
};

use super::{Call, chunks, counted, proof};
use crate::{
    ChainError,
    abi::{IDatasetRegistry as abi, address, bytes32, word},
};

fn words(list: &[Word]) -> Vec<alloy_primitives::U256> {
    list.iter().copied().map(word).collect()
}

fn check_registered(doc: &DatasetDoc) -> Result<(), ChainError> {
    if doc.suite != SuiteId::Bn254 {
        let text = format!("the dataset's roots are of suite {}; a contract checks bn254 only", doc.suite);
        return Err(ChainError::refused(text));
    }
    if doc.registry.is_zero() || doc.chain_id == 0 {
        return Err(ChainError::refused(
            "the dataset was committed for no registry: `dataset commit --addresses` or --registry names one",
        ));
    }
    Ok(())
}

fn revision(dataset: &DatasetBundle, revision: u32) -> Result<&RevisionDoc, ChainError> {
    let found = dataset.revisions.get(revision as usize).map(|revision| &revision.doc);
    found.ok_or_else(|| ChainError::refused(format!("the files have no revision {revision} of the dataset")))
}

/// `register`: revision 0.
pub fn register(dataset: &DatasetBundle) -> Result<Call, ChainError> {
    let (doc, first) = (&dataset.doc, revision(dataset, 0)?);
    check_registered(doc)?;
    let call = abi::registerCall {
        slots: doc.tier.slots() as u32,
        records: first.records,
        roots: words(&first.roots),
        count: words(&first.count),
        uri: doc.uri.clone(),
    };
    let what = format!("register the dataset with {}", counted(first.records as usize, "record"));
    Ok(Call::new(what, doc.registry, &call))
}

/// `extend`: one revision, which extends the one before.
pub fn extend(dataset: &DatasetBundle, to: u32) -> Result<Call, ChainError> {
    check_registered(&dataset.doc)?;
    let Some(before) = to.checked_sub(1) else {
        return Err(ChainError::refused("revision 0 extends nothing: `register` registers it"));
    };
    let (old, new) = (revision(dataset, before)?, revision(dataset, to)?);
    // The roots of the segments that grew or are new: all behind those that were full.
    let accounts = dataset.doc.tier.accounts() as u64;
    let kept = usize::try_from(old.records / accounts).unwrap_or(usize::MAX);
    let ExtensionDoc { left, leaf, right } = new.extension.clone().unwrap_or_else(|| ExtensionDoc {
        left: Vec::new(),
        leaf: Word::default(),
        right: Vec::new(),
    });
    let call = abi::extendCall {
        datasetId: bytes32(dataset.doc.dataset_id),
        revision: before,
        records: new.records,
        roots: words(new.roots.get(kept..).unwrap_or_default()),
        extension: abi::Extension { left: words(&left), leaf: word(leaf), right: words(&right) },
        count: words(&new.count),
    };
    let what = format!("extend the dataset to {} (revision {to})", counted(new.records as usize, "record"));
    Ok(Call::new(what, dataset.doc.registry, &call))
}

/// `provePayees`: the columns of all segments as they are in a revision, `most` in a transaction.
pub fn prove_payees(dataset: &DatasetBundle, as_of: u32, most: usize) -> Result<Vec<Call>, ChainError> {
    let doc = &dataset.doc;
    check_registered(doc)?;
    let segments = revision(dataset, as_of)?.roots.len() as u32;
    let mut proofs = Vec::new();
    for segment in 0..segments {
        let changed = dataset.changed_in(segment, as_of).unwrap_or(as_of);
        let columns = dataset.revisions.get(changed as usize).and_then(|found| found.columns.as_ref());
        let column = columns.and_then(|list| list.columns.iter().find(|column| column.segment == segment));
        let column = column.ok_or_else(|| {
            ChainError::refused(format!(
                "segment {segment} has no proof for revision {changed}: `apportion dataset prove` makes it"
            ))
        })?;
        let path = dataset.dir.columns(changed).join(&column.proof.file);
        let bytes = proof(&dataset.dir.keys(), RelationId::Tree, doc.tier, &path, &column.proof)?;
        proofs.push(abi::PayeesProof { segment, proof: Bytes::from(bytes) });
    }
    let calls = chunks(&proofs, most).map(|proofs| {
        let what = format!("prove the payees of {}", counted(proofs.len(), "segment"));
        let call = abi::provePayeesCall { datasetId: bytes32(doc.dataset_id), proofs };
        Call::new(what, doc.registry, &call)
    });
    Ok(calls.collect())
}

/// `offerOwnership`.
pub fn offer_ownership(doc: &DatasetDoc, to: Payee) -> Result<Call, ChainError> {
    check_registered(doc)?;
    let call = abi::offerOwnershipCall { datasetId: bytes32(doc.dataset_id), to: address(to) };
    Ok(Call::new(format!("offer the dataset to {to}"), doc.registry, &call))
}

/// `acceptOwnership`.
pub fn accept_ownership(doc: &DatasetDoc) -> Result<Call, ChainError> {
    check_registered(doc)?;
    let call = abi::acceptOwnershipCall { datasetId: bytes32(doc.dataset_id) };
    Ok(Call::new("accept the dataset", doc.registry, &call))
}
