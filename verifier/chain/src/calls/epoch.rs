//! An epoch: deposits, scores, its close, its moves.

use alloy_primitives::{Bytes, U256};
use apportion_circuits::types::{Payee, Word};
use apportion_statement::{
    RelationId,
    files::{Bundle, LedgerDoc, ScoresDoc},
    scores::ScoreTree,
};

use super::{Call, Listed, check_bound, chunks, counted, proof};
use crate::{
    ChainError, ReadChain,
    abi::{IRevenueLedger as abi, IToken, SolCall as _, address, bytes32},
    ask,
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

/// An approval that takes back what an earlier one left, before every one that would raise it: some tokens refuse to change
/// an approval that is not used up.
///
/// # Errors
/// If the chain does not answer.
pub fn reset_approvals(
    calls: Vec<Call>,
    from: Payee,
    chain: &mut dyn ReadChain,
) -> Result<Vec<Call>, ChainError> {
    let mut list = Vec::new();
    for call in calls {
        if let Ok(IToken::approveCall { spender, amount }) = IToken::approveCall::abi_decode(&call.data) {
            let allowed = ask(chain, call.to, &IToken::allowanceCall { owner: address(from), spender })?;
            if !allowed.is_zero() && allowed < amount {
                let nothing = IToken::approveCall { spender, amount: U256::ZERO };
                list.push(Call::new(format!("take back an approval of {allowed} units"), call.to, &nothing));
            }
        }
        list.push(call);
    }
    Ok(list)
}

/// `commitScores`.
pub fn commit_scores(bundle: &Bundle, scores: &ScoresDoc) -> Result<Call, ChainError> {
    let ledger = &bundle.ledger;
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
    let mut listed: Vec<Listed> = Vec::new();
    for posted in &scores.segments {
        let dataset = Word(dataset_id(bundle, posted.dataset).ok_or_else(unknown_dataset)?.0);
        let (revision, segment) = (posted.revision, posted.segment);
        if !listed.iter().any(|known| (known.dataset, known.revision) == (dataset, revision)) {
            listed.push(Listed { dataset, revision, segment });
        }
    }
    let what = format!("commit the scores of epoch {}", scores.epoch);
    Ok(Call { listed, ..Call::new(what, ledger.contract, &call) })
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
