//! An epoch: deposits, scores, its close, its moves.

use alloy_primitives::{Bytes, U256};
use apportion_circuits::types::{Payee, Word};
use apportion_statement::{
    RelationId,
    files::{Bundle, LedgerDoc, ScoresDoc},
    scores::ScoreTree,
};

use super::{Call, check_bound, chunks, counted, proof};
use crate::{
    ChainError,
    abi::{IRevenueLedger as abi, IToken, address, bytes32},
};

/// `approve` and `deposit`: the token is allowed to move exactly what is deposited.
pub fn deposit(
    ledger: &LedgerDoc,
    token: Payee,
    epoch: u32,
    amount: u128,
    policy: u32,
    attributor: Payee,
) -> Result<[Call; 2], ChainError> {
    check_bound(ledger)?;
    let approve = IToken::approveCall { spender: address(ledger.contract), amount: U256::from(amount) };
    let call = abi::depositCall {
        modelId: bytes32(ledger.model_id),
        epoch: u64::from(epoch),
        amount,
        policy,
        attributor: address(attributor),
    };
    Ok([
        Call::new(format!("approve {amount} units"), token, &approve),
        Call::new(format!("deposit {amount} units for epoch {epoch}"), ledger.contract, &call),
    ])
}

/// `commitScores`.
pub fn commit_scores(ledger: &LedgerDoc, scores: &ScoresDoc) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    if scores.suite != ledger.suite || scores.model_id != ledger.model_id {
        return Err(ChainError::refused("scores of another model"));
    }
    let call = abi::commitScoresCall {
        modelId: bytes32(ledger.model_id),
        epoch: u64::from(scores.epoch),
        root: bytes32(scores.root),
        totalScore: narrow(scores.total_score.0, "the total score")?,
        count: scores.segments.len() as u32,
    };
    Ok(Call::new(format!("commit the scores of epoch {}", scores.epoch), ledger.contract, &call))
}

/// `closeEpoch`, with the scores that it is meant to close with.
pub fn close_epoch(ledger: &LedgerDoc, scores: &ScoresDoc) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    if scores.model_id != ledger.model_id {
        return Err(ChainError::refused("scores of another model"));
    }
    let call = abi::closeEpochCall {
        modelId: bytes32(ledger.model_id),
        epoch: u64::from(scores.epoch),
        scoreRoot: bytes32(scores.root),
    };
    Ok(Call::new(format!("close epoch {}", scores.epoch), ledger.contract, &call))
}

/// `settle`: the moves of a proven epoch, `most` in a transaction.
pub fn settle(bundle: &Bundle, epoch: u32, most: usize) -> Result<Vec<Call>, ChainError> {
    check_bound(&bundle.ledger)?;
    let found = epoch.checked_sub(1).and_then(|at| bundle.epochs.get(at as usize)).ok_or_else(|| {
        ChainError::refused(format!(
            "epoch {epoch} is not proven in these files: `apportion prove` does that"
        ))
    })?;
    let id_of = |number: u32| dataset_id(bundle, number);
    let leaves = found.scores.leaves(id_of).ok_or_else(unknown_dataset)?;
    let tree = ScoreTree::of(&leaves);
    if tree.root() != found.scores.root {
        return Err(ChainError::refused(format!("the scores of epoch {epoch} do not lead to their root")));
    }
    let mut moves = Vec::new();
    for (position, posted) in found.scores.segments.iter().enumerate() {
        let id = posted.id();
        let moved = found.doc.segments.iter().find(|moved| moved.id() == id);
        let moved =
            moved.ok_or_else(|| ChainError::refused(format!("{id} does not move in epoch {epoch}")))?;
        let dataset = bundle.datasets.get(id.dataset as usize).ok_or_else(unknown_dataset)?;
        let path = bundle.dir.epoch(epoch).join(&moved.proof.file);
        let tier = dataset.dataset.doc.tier;
        let bytes = proof(&bundle.dir.keys(), RelationId::Split, tier, &path, &moved.proof)?;
        moves.push(abi::Move {
            datasetId: bytes32(dataset.dataset.doc.dataset_id),
            segment: id.segment,
            revision: posted.revision,
            position: position as u32,
            segmentScore: narrow(posted.score.0, "a segment's score")?,
            segmentPaid: moved.paid.0,
            path: tree.path(position).unwrap_or_default().into_iter().map(bytes32).collect(),
            proof: Bytes::from(bytes),
        });
    }
    let calls = chunks(&moves, most).map(|moves| {
        let what = format!("settle {} of epoch {epoch}", counted(moves.len(), "segment"));
        let call =
            abi::settleCall { modelId: bytes32(bundle.ledger.model_id), epoch: u64::from(epoch), moves };
        Call::new(what, bundle.ledger.contract, &call)
    });
    Ok(calls.collect())
}

pub(super) fn dataset_id(bundle: &Bundle, number: u32) -> Option<Word> {
    bundle.datasets.get(number as usize).map(|enrolled| enrolled.dataset.doc.dataset_id)
}

pub(super) fn unknown_dataset() -> ChainError {
    ChainError::refused("the scores list a dataset that is not enrolled in these files")
}

/// As the contract's `uint96`.
pub(super) fn narrow(value: u128, what: &str) -> Result<alloy_primitives::Uint<96, 2>, ChainError> {
    let narrow =
        alloy_primitives::Uint::<96, 2>::checked_from_limbs_slice(&[value as u64, (value >> 64) as u64]);
    narrow.ok_or_else(|| ChainError::refused(format!("{what} is 2^96 or more")))
}
