//! Has a transaction been done already? So that an interrupted run can be started again.
//!
//! Only what the chain says for certain counts. Deposits and withdrawals leave nothing to tell one from another, and are
//! never taken for done.

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolInterface};
use apportion_circuits::types::{Payee, Word};

use super::{
    Call, ChainError, ReadChain,
    abi::{
        IDatasetRegistry::{self, IDatasetRegistryCalls},
        IRevenueLedger::{self, IRevenueLedgerCalls, Stage},
        address, bytes32,
    },
};
use crate::statement::keccak256;

/// Who sends, and what calldata does not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sender {
    /// The account.
    pub from: Payee,
    /// Which renewal an `enroll` is; 0 for the first enrolment.
    pub renewal: u32,
}

/// Whether the chain has what a transaction would do. What it has instead, where that excludes the transaction for good,
/// is an error.
pub fn already_done(call: &Call, sender: Sender, chain: &mut dyn ReadChain) -> Result<bool, ChainError> {
    let mut asking = Asking { to: call.to, column: call.column, sender, chain };
    if let Ok(IDatasetRegistryCalls::register(register)) = IDatasetRegistryCalls::abi_decode(&call.data) {
        return asking.registered(register);
    }
    match IRevenueLedgerCalls::abi_decode(&call.data) {
        Ok(IRevenueLedgerCalls::createModel(create)) => asking.created(&create.terms),
        Ok(IRevenueLedgerCalls::enroll(enroll)) => asking.enrolled(&enroll),
        Ok(IRevenueLedgerCalls::commitScores(commit)) => asking.committed(&commit),
        Ok(IRevenueLedgerCalls::closeEpoch(close)) => {
            Ok(!matches!(asking.epoch(close.modelId, close.epoch)?.stage, Stage::Open | Stage::Scored))
        }
        Ok(IRevenueLedgerCalls::settle(settle)) => asking.settled(&settle),
        Ok(IRevenueLedgerCalls::publish(publish)) => asking.published(&publish),
        Ok(IRevenueLedgerCalls::claim(claim)) => asking.claimed(&claim),
        _ => Ok(false),
    }
}

struct Asking<'a> {
    to: Payee,
    column: Option<Word>,
    sender: Sender,
    chain: &'a mut dyn ReadChain,
}

impl Asking<'_> {
    fn ask<C: SolCall>(&mut self, call: &C) -> Result<C::Return, ChainError> {
        let answer = self.chain.call(self.to, call.abi_encode()).map_err(ChainError::Unanswered)?;
        C::abi_decode_returns(&answer).map_err(|error| ChainError::Unanswered(error.to_string()))
    }

    fn epoch(&mut self, model: B256, epoch: U256) -> Result<IRevenueLedger::Epoch, ChainError> {
        self.ask(&IRevenueLedger::getEpochCall { modelId: model, epoch })
    }

    fn registered(&mut self, register: IDatasetRegistry::registerCall) -> Result<bool, ChainError> {
        let IDatasetRegistry::registerCall { parent, tier, records, roots, uri } = register;
        let owner = address(self.sender.from);
        let id = self.ask(&IDatasetRegistry::computeIdCall { owner, parent, tier, records, roots, uri })?;
        // The registry refuses to describe what it does not know; where a node fails just here, registering is refused.
        Ok(self.ask(&IDatasetRegistry::datasetCall { datasetId: id }).is_ok())
    }

    fn created(&mut self, terms: &IRevenueLedger::Terms) -> Result<bool, ChainError> {
        let developer = address(self.sender.from);
        let name = terms.name.clone();
        let id = self.ask(&IRevenueLedger::computeModelIdCall { developer, name })?;
        let model = self.ask(&IRevenueLedger::getModelCall { modelId: id })?;
        if model.developer.is_zero() {
            return Ok(false);
        }
        let listed = self.ask(&IRevenueLedger::getBeneficiariesCall { modelId: id })?;
        let there =
            (model.attributor, model.token, model.contributorsBps, model.openWindow, model.settleWindow);
        let here =
            (terms.attributor, terms.token, terms.contributorsBps, terms.openWindow, terms.settleWindow);
        if there == here && listed == terms.beneficiaries {
            return Ok(true);
        }
        Err(ChainError::refused("the model exists already, with other terms"))
    }

    fn enrolled(&mut self, enroll: &IRevenueLedger::enrollCall) -> Result<bool, ChainError> {
        let IRevenueLedger::enrollCall { modelId, datasetId, segment, .. } = *enroll;
        let found = self.ask(&IRevenueLedger::getSegmentCall { modelId, datasetId, segment })?;
        match found.enrolments.checked_sub(u64::from(self.sender.renewal)) {
            None | Some(0) => Ok(false),
            Some(1) => self.same_column(found.payees, "payees"),
            Some(_) => Err(ChainError::refused("the segment was enrolled again since")),
        }
    }

    /// Whoever did it did it with these columns: another run's have other blinding, and what it kept secret is needed to
    /// go on.
    fn same_column(&self, found: B256, what: &str) -> Result<bool, ChainError> {
        match self.column {
            Some(column) if bytes32(column) != found => Err(ChainError::refused(format!(
                "the chain has other {what} for the segment than these files"
            ))),
            _ => Ok(true),
        }
    }

    fn committed(&mut self, commit: &IRevenueLedger::commitScoresCall) -> Result<bool, ChainError> {
        let epoch = self.epoch(commit.modelId, commit.epoch)?;
        if epoch.stage == Stage::Open {
            return Ok(false);
        }
        let mut same = U256::from(epoch.totalScore) == commit.totalScore;
        let model = self.ask(&IRevenueLedger::getModelCall { modelId: commit.modelId })?;
        // The next epoch's commitments take the place of these.
        if same && U256::from(model.epoch) == commit.epoch {
            for (index, [x, y]) in (0u64..).zip(&commit.points) {
                let call =
                    IRevenueLedger::scoreColumnCall { modelId: commit.modelId, index: U256::from(index) };
                let encoded = [x.to_be_bytes::<32>(), y.to_be_bytes()].concat();
                same &= self.ask(&call)?.0 == keccak256(&encoded).0;
            }
        }
        let other = || ChainError::refused("the epoch has other scores, or was closed without any");
        if same { Ok(true) } else { Err(other()) }
    }

    fn settled(&mut self, settle: &IRevenueLedger::settleCall) -> Result<bool, ChainError> {
        let IRevenueLedger::settleCall { modelId, datasetId, segment, .. } = *settle;
        let stage = self.epoch(modelId, settle.epoch)?.stage;
        let found = self.ask(&IRevenueLedger::getSegmentCall { modelId, datasetId, segment })?;
        match stage {
            Stage::Final if U256::from(found.balancesEpoch) == settle.epoch => {
                self.same_column(found.balances, "balances")
            }
            Stage::Final => Err(ChainError::refused(format!(
                "the epoch is final, and the chain has the segment's balances of epoch {}",
                found.balancesEpoch
            ))),
            // Which balances it was settled with can be asked once the epoch is final.
            Stage::Settling => Ok(U256::from(found.movedEpoch) == settle.epoch),
            Stage::Carried => Err(ChainError::refused("the epoch was carried: nothing of it can be settled")),
            _ => Ok(false),
        }
    }

    fn published(&mut self, publish: &IRevenueLedger::publishCall) -> Result<bool, ChainError> {
        let IRevenueLedger::publishCall { modelId, datasetId, segment, root, .. } = *publish;
        let found = self.ask(&IRevenueLedger::publishedEpochCall { modelId, datasetId, segment, root })?;
        Ok(!found.is_zero())
    }

    fn claimed(&mut self, claim: &IRevenueLedger::claimCall) -> Result<bool, ChainError> {
        let IRevenueLedger::claimCall { modelId, datasetId, segment, index, cumulative, .. } = *claim;
        let found = self.ask(&IRevenueLedger::claimedCall { modelId, datasetId, segment, index })?;
        // An account that earned nothing has nothing to claim: the contract says so, in its own words.
        Ok(!cumulative.is_zero() && found >= cumulative)
    }
}
