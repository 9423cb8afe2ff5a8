//! The transactions, each from values.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolCall;
use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Word},
};

use super::{
    ChainError,
    abi::{IDatasetRegistry, IRevenueLedger, address, bytes32, coordinates, word},
};
use crate::bundle::{
    DatasetDoc, EpochSegment, LedgerDoc, PublishedSegment, ReceiptDoc, ScoredSegment, ScoresDoc,
};

/// The most beneficiaries that the contract takes.
const MAX_BENEFICIARIES: usize = 16;
/// The shortest window, in seconds.
const MIN_WINDOW: u32 = 3_600;
/// The longest window, in seconds.
const MAX_WINDOW: u32 = 365 * 86_400;

/// A transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// What it does, for people.
    pub what: String,
    /// The contract; zero where something is deployed.
    pub to: Payee,
    /// The calldata.
    pub data: Vec<u8>,
    /// The digest of the column that the contract has once it is done, where it moves one.
    pub column: Option<Word>,
}

impl Call {
    pub(super) fn new(what: impl Into<String>, to: Payee, call: &impl SolCall) -> Self {
        Self { what: what.into(), to, data: call.abi_encode(), column: None }
    }
}

/// What `createModel` takes beside what a ledger's files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who commits the scores.
    pub attributor: Payee,
    /// The token that revenue is paid in.
    pub token: Payee,
    /// Seconds from an epoch's opening until anyone may close it.
    pub open_window: u32,
    /// Seconds from an epoch's close until anyone may give it up.
    pub settle_window: u32,
}

/// Refuses a ledger that no contract can follow.
pub(super) fn check_bound(ledger: &LedgerDoc) -> Result<(), ChainError> {
    if ledger.suite != SuiteId::Bn254 {
        let text = format!("the ledger's suite is {}; a contract checks bn254 only", ledger.suite);
        return Err(ChainError::refused(text));
    }
    if ledger.contract.is_zero() || ledger.chain_id == 0 {
        return Err(ChainError::refused("the ledger is bound to no contract: see `ledger init --contract`"));
    }
    Ok(())
}

/// `DatasetRegistry.register`.
pub fn register(registry: Payee, doc: &DatasetDoc, parent: Word, uri: &str) -> Result<Call, ChainError> {
    if doc.suite != SuiteId::Bn254 {
        return Err(ChainError::refused(format!(
            "the dataset's roots are of suite {}, not bn254",
            doc.suite
        )));
    }
    let call = IDatasetRegistry::registerCall {
        parent: bytes32(parent),
        tier: doc.tier.depth() as u8,
        records: doc.records,
        roots: doc.roots.iter().map(|root| word(*root)).collect(),
        uri: uri.into(),
    };
    Ok(Call::new(format!("register a dataset of {} records", doc.records), registry, &call))
}

/// `RevenueLedger.createModel`. Refuses a policy that the contract refuses.
pub fn create_model(ledger: &LedgerDoc, terms: &Terms) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let policy = &ledger.policy;
    let bps = |bps: u32| {
        let share = u16::try_from(bps).ok().filter(|share| *share > 0);
        share.ok_or_else(|| ChainError::refused("on a chain every share is at least one basis point"))
    };
    if policy.beneficiaries.len() > MAX_BENEFICIARIES {
        let text = format!("on a chain a policy has at most {MAX_BENEFICIARIES} beneficiaries");
        return Err(ChainError::refused(text));
    }
    for window in [terms.open_window, terms.settle_window] {
        if !(MIN_WINDOW..=MAX_WINDOW).contains(&window) {
            return Err(ChainError::refused("windows are one hour to 365 days, in seconds"));
        }
    }
    let beneficiaries = policy
        .beneficiaries
        .iter()
        .map(|b| Ok(IRevenueLedger::Beneficiary { account: address(b.address), bps: bps(b.bps)? }));
    let terms = IRevenueLedger::Terms {
        name: ledger.model.clone(),
        attributor: address(terms.attributor),
        token: address(terms.token),
        contributorsBps: bps(policy.contributors_bps)?,
        openWindow: terms.open_window,
        settleWindow: terms.settle_window,
        beneficiaries: beneficiaries.collect::<Result<_, ChainError>>()?,
    };
    let what = format!("create model {:?}", ledger.model);
    Ok(Call::new(what, ledger.contract, &IRevenueLedger::createModelCall { terms }))
}

/// `RevenueLedger.enroll`.
pub(super) fn enroll(ledger: &LedgerDoc, dataset: Word, segment: u32, proof: Vec<u8>) -> Call {
    let call = IRevenueLedger::enrollCall {
        modelId: bytes32(ledger.model_id),
        datasetId: bytes32(dataset),
        segment: U256::from(segment),
        proof: Bytes::from(proof),
    };
    Call::new(format!("enroll segment {segment}"), ledger.contract, &call)
}

/// `RevenueLedger.commitScores`, the commitments by dataset and segment: the contract wants them in the order in which
/// enrolments were completed, see [`super::Source::commit_scores_on`]. It wants none where the total is 0.
pub fn commit_scores(ledger: &LedgerDoc, scores: &ScoresDoc) -> Result<Call, ChainError> {
    commit_scores_by(ledger, scores, |segment| (u64::from(segment.dataset), u64::from(segment.segment)))
}

/// The same in another order.
pub(super) fn commit_scores_by<K: Ord>(
    ledger: &LedgerDoc,
    scores: &ScoresDoc,
    order: impl Fn(&ScoredSegment) -> K,
) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    if scores.suite != ledger.suite || scores.model_id != ledger.model_id {
        return Err(ChainError::refused("scores of another model"));
    }
    let mut points = Vec::new();
    if scores.total_score.0 != 0 {
        let mut segments: Vec<_> = scores.segments.iter().collect();
        segments.sort_by_key(|segment| order(segment));
        if segments.windows(2).any(|pair| order(pair[0]) == order(pair[1])) {
            return Err(ChainError::refused("the scores have a segment twice"));
        }
        for segment in segments {
            points.push(coordinates(&segment.commitment)?);
        }
    }
    let call = IRevenueLedger::commitScoresCall {
        modelId: bytes32(ledger.model_id),
        epoch: U256::from(scores.epoch),
        totalScore: U256::from(scores.total_score.0),
        points,
    };
    Ok(Call::new(format!("commit the scores of epoch {}", scores.epoch), ledger.contract, &call))
}

/// `RevenueLedger.deposit`.
pub fn deposit(ledger: &LedgerDoc, amount: u128) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = IRevenueLedger::depositCall { modelId: bytes32(ledger.model_id), amount: U256::from(amount) };
    Ok(Call::new("deposit revenue", ledger.contract, &call))
}

/// `RevenueLedger.closeEpoch`.
pub fn close_epoch(ledger: &LedgerDoc, epoch: u32) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = IRevenueLedger::closeEpochCall { modelId: bytes32(ledger.model_id), epoch: U256::from(epoch) };
    Ok(Call::new(format!("close epoch {epoch}"), ledger.contract, &call))
}

/// `RevenueLedger.abandonEpoch`.
pub fn abandon_epoch(ledger: &LedgerDoc, epoch: u32) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call =
        IRevenueLedger::abandonEpochCall { modelId: bytes32(ledger.model_id), epoch: U256::from(epoch) };
    Ok(Call::new(format!("give up epoch {epoch}"), ledger.contract, &call))
}

/// `RevenueLedger.settle`.
pub(super) fn settle(
    ledger: &LedgerDoc,
    epoch: u32,
    dataset: Word,
    segment: &EpochSegment,
    proof: Vec<u8>,
) -> Call {
    let call = IRevenueLedger::settleCall {
        modelId: bytes32(ledger.model_id),
        epoch: U256::from(epoch),
        datasetId: bytes32(dataset),
        segment: U256::from(segment.segment),
        segmentScore: U256::from(segment.segment_score.0),
        segmentPaid: U256::from(segment.segment_paid.0),
        proof: Bytes::from(proof),
    };
    let what = format!("settle dataset {} segment {} in epoch {epoch}", segment.dataset, segment.segment);
    Call::new(what, ledger.contract, &call)
}

/// `RevenueLedger.publish`.
pub(super) fn publish(ledger: &LedgerDoc, dataset: Word, segment: &PublishedSegment, proof: Vec<u8>) -> Call {
    let call = IRevenueLedger::publishCall {
        modelId: bytes32(ledger.model_id),
        datasetId: bytes32(dataset),
        segment: U256::from(segment.segment),
        root: word(segment.root),
        proof: Bytes::from(proof),
    };
    let what = format!("publish dataset {} segment {}", segment.dataset, segment.segment);
    Call::new(what, ledger.contract, &call)
}

/// `RevenueLedger.claim`, of a receipt alone.
pub fn claim(receipt: &ReceiptDoc) -> Result<Call, ChainError> {
    if receipt.suite != SuiteId::Bn254 || receipt.contract.is_zero() {
        return Err(ChainError::refused("the receipt is of a ledger that is bound to no contract"));
    }
    let call = IRevenueLedger::claimCall {
        modelId: bytes32(receipt.model),
        datasetId: bytes32(receipt.dataset),
        segment: U256::from(receipt.segment),
        index: U256::from(receipt.index),
        payee: address(receipt.payee),
        cumulative: U256::from(receipt.cumulative.0),
        salt: word(receipt.salt),
        path: receipt.siblings.iter().map(|level| level.map(word)).collect(),
    };
    Ok(Call::new("claim", receipt.contract, &call))
}

/// `RevenueLedger.withdraw`.
pub fn withdraw(ledger: &LedgerDoc, account: Payee) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = IRevenueLedger::withdrawCall { modelId: bytes32(ledger.model_id), account: address(account) };
    Ok(Call::new(format!("withdraw for {account}"), ledger.contract, &call))
}
