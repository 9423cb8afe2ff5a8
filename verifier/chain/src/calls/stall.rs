//! What anyone can do about somebody who does nothing: demands, the end of a model, exits.

use std::collections::{BTreeMap, btree_map::Entry};

use alloy_primitives::U256;
use apportion_circuits::field::SuiteId;
use apportion_statement::{
    SegmentId,
    files::{Bundle, LedgerDoc, ReceiptDoc, RecordReceiptDoc},
    scores::ScoreTree,
};

use super::{
    Call, check_bound, counted,
    epoch::{dataset_id, narrow, unknown_dataset},
    payout::{batches, receipts},
};
use crate::{
    ChainError,
    abi::{IRevenueLedger as abi, address, bytes32, coordinates, word},
};

fn path(record: &RecordReceiptDoc) -> Result<abi::RecordPath, ChainError> {
    if record.suite != SuiteId::Bn254 || record.registry.is_zero() {
        return Err(ChainError::refused("the record is of a dataset that is registered on no chain"));
    }
    if record.payee.is_zero() {
        return Err(ChainError::refused("the record's payee is the zero address: nobody can be paid there"));
    }
    Ok(abi::RecordPath {
        index: record.index,
        payee: address(record.payee),
        content: alloy_primitives::B256::from(record.content.0),
        siblings: record.siblings.iter().map(|level| level.map(word)).collect(),
    })
}

fn of_chain(ledger: &LedgerDoc, record: &RecordReceiptDoc) -> Result<(), ChainError> {
    check_bound(ledger)?;
    if record.chain_id == ledger.chain_id {
        return Ok(());
    }
    let (there, here) = (record.chain_id, ledger.chain_id);
    Err(ChainError::refused(format!("the record is of chain {there}, the ledger of chain {here}")))
}

/// `demand`: the opening of a record's slot, for a bond of the chain's coin.
pub fn demand(ledger: &LedgerDoc, record: &RecordReceiptDoc, bond: u128) -> Result<Call, ChainError> {
    of_chain(ledger, record)?;
    let call = abi::demandCall {
        modelId: bytes32(ledger.model_id),
        datasetId: bytes32(record.dataset),
        segment: record.segment,
        record: path(record)?,
    };
    let what = format!("demand segment {} slot {}", record.segment, record.index);
    Ok(Call { value: bond, ..Call::new(what, ledger.contract, &call) })
}

/// `answer`: demands, by receipts.
pub fn answer(docs: &[ReceiptDoc], most: usize) -> Result<Vec<Call>, ChainError> {
    let receipts = receipts(docs)?;
    let Some(first) = docs.first() else { return Ok(Vec::new()) };
    let calls = batches(receipts, most).into_iter().map(|receipts| {
        let accounts = receipts.iter().map(|receipt| receipt.accounts.len()).sum();
        let call = abi::answerCall { modelId: bytes32(first.model), receipts };
        Call::new(format!("answer {}", counted(accounts, "demand")), first.contract, &call)
    });
    Ok(calls.collect())
}

/// `returnBond`: of a demand that nobody answered.
pub fn return_bond(ledger: &LedgerDoc, record: &RecordReceiptDoc) -> Result<Call, ChainError> {
    of_chain(ledger, record)?;
    let call = abi::returnBondCall {
        modelId: bytes32(ledger.model_id),
        datasetId: bytes32(record.dataset),
        segment: record.segment,
        index: record.index,
    };
    let what = format!("return the bond of segment {} slot {}", record.segment, record.index);
    Ok(Call::new(what, ledger.contract, &call))
}

/// `dissolve`.
pub fn dissolve(ledger: &LedgerDoc) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = abi::dissolveCall { modelId: bytes32(ledger.model_id) };
    Ok(Call::new("dissolve the model", ledger.contract, &call))
}

/// `exit`: parts of a dissolved model by records' paths, in the proportion of its last final epoch (0 where none ever was).
pub fn exit(bundle: &Bundle, records: &[RecordReceiptDoc], final_epoch: u32) -> Result<Call, ChainError> {
    check_bound(&bundle.ledger)?;
    let mut segments: BTreeMap<SegmentId, abi::Exit> = BTreeMap::new();
    for record in records {
        of_chain(&bundle.ledger, record)?;
        let listed = bundle.datasets.iter().position(|d| d.dataset.doc.dataset_id == record.dataset);
        let dataset = listed.ok_or_else(unknown_dataset)? as u32;
        let id = SegmentId { dataset, segment: record.segment };
        let exit = match segments.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(segment(bundle, id, record, final_epoch)?),
        };
        exit.records.push(path(record)?);
    }
    if segments.is_empty() {
        return Err(ChainError::refused("no record is given"));
    }
    let exits = segments.into_values().collect();
    let call = abi::exitCall { modelId: bytes32(bundle.ledger.model_id), exits };
    Ok(Call::new(format!("exit with {}", counted(records.len(), "record")), bundle.ledger.contract, &call))
}

/// A segment's leaf in the scores of the last final epoch.
fn segment(
    bundle: &Bundle,
    id: SegmentId,
    record: &RecordReceiptDoc,
    final_epoch: u32,
) -> Result<abi::Exit, ChainError> {
    let mut exit = abi::Exit {
        datasetId: bytes32(record.dataset),
        segment: id.segment,
        revision: 0,
        position: 0,
        segmentScore: alloy_primitives::Uint::ZERO,
        scores: [U256::ZERO; 2],
        path: Vec::new(),
        records: Vec::new(),
        payees: [U256::ZERO; 2],
        accounts: Vec::new(),
    };
    let Some(at) = final_epoch.checked_sub(1) else { return Ok(exit) };
    let epoch = bundle.epochs.get(at as usize);
    let epoch = epoch.ok_or_else(|| ChainError::refused(format!("the files have no epoch {final_epoch}")))?;
    let position = epoch.scores.segments.iter().position(|posted| posted.id() == id);
    let (position, posted) =
        position.and_then(|position| Some((position, epoch.scores.segments.get(position)?))).ok_or_else(
            || ChainError::refused(format!("{id} had no scores in epoch {final_epoch}: it has no part")),
        )?;
    let leaves = epoch.scores.leaves(|number| dataset_id(bundle, number)).ok_or_else(unknown_dataset)?;
    exit.revision = posted.revision;
    exit.position = position as u32;
    exit.segmentScore = narrow(posted.score.0, "a segment's score")?;
    exit.scores = coordinates(&posted.commitment)?;
    exit.path = ScoreTree::of(&leaves).path(position).unwrap_or_default().into_iter().map(bytes32).collect();
    Ok(exit)
}
