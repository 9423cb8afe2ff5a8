//! Has a transaction been done already? So that an interrupted run can be started again.
//!
//! Only what the chain says for certain counts, and only where doing it again would change nothing: some transactions have
//! to be repeated later to count. Deposits leave nothing to tell one from another, and are never taken for done.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolInterface};
use apportion_circuits::types::Payee;

use crate::{
    Call, ChainError, Listed, ReadChain, ReadError,
    abi::{
        IDatasetRegistry::{self as registry, IDatasetRegistryCalls as RegistryCalls},
        IRevenueLedger::{self as ledger, IRevenueLedgerCalls as LedgerCalls},
        IToken, address, bytes32, payee, point_digest,
        stage::{CLOSED, FINAL},
    },
    ask,
};

/// Whether the chain has what a transaction of this sender would do. What it has instead, where that excludes the
/// transaction for good, is an error.
///
/// # Errors
/// If the transaction can never be done, or the chain does not answer.
pub fn already_done(call: &Call, from: Payee, chain: &mut dyn ReadChain) -> Result<bool, ChainError> {
    let mut asking = Asking { to: call.to, from: address(from), chain };
    if let Ok(found) = RegistryCalls::abi_decode(&call.data) {
        return match found {
            RegistryCalls::register(call) => asking.registered(call),
            RegistryCalls::extend(call) => asking.extended(&call),
            RegistryCalls::provePayees(call) => asking.proven(&call),
            RegistryCalls::offerOwnership(call) => {
                let offered = asking.ask(&registry::offeredToCall { datasetId: call.datasetId })?;
                Ok(offered == call.to || asking.dataset(call.datasetId)?.owner == call.to)
            }
            RegistryCalls::acceptOwnership(call) => Ok(asking.dataset(call.datasetId)?.owner == asking.from),
            _ => Ok(false),
        };
    }
    if let Ok(approve) = IToken::approveCall::abi_decode(&call.data) {
        let (owner, spender) = (asking.from, approve.spender);
        let allowed = asking.ask(&IToken::allowanceCall { owner, spender })?;
        // An approval of nothing takes one back.
        return Ok(if approve.amount.is_zero() { allowed.is_zero() } else { allowed >= approve.amount });
    }
    match LedgerCalls::abi_decode(&call.data) {
        Ok(LedgerCalls::createModel(call)) => asking.created(&call),
        Ok(LedgerCalls::enroll(call)) => {
            let found =
                asking.ask(&ledger::getEnrolmentCall { modelId: call.modelId, datasetId: call.datasetId })?;
            Ok(found.enrolledBlock != 0 && found.revision >= call.revision)
        }
        Ok(LedgerCalls::open(call)) => {
            Ok(asking.ask(&ledger::getModelCall { modelId: call.modelId })?.openEpoch != 0)
        }
        Ok(LedgerCalls::announcePolicy(call)) => asking.announced_policy(&call),
        Ok(LedgerCalls::announceAttributor(call)) => asking.announced_attributor(&call),
        Ok(LedgerCalls::announceRetirement(call)) => {
            let found =
                asking.ask(&ledger::getEnrolmentCall { modelId: call.modelId, datasetId: call.datasetId })?;
            Ok(found.retiredFrom != 0)
        }
        Ok(LedgerCalls::offerDeveloper(call)) => {
            let of = asking.from;
            let found = asking.ask(&ledger::getOffersCall { modelId: call.modelId, ofAttributor: of })?;
            Ok(found.developer == call.to)
        }
        Ok(LedgerCalls::offerAttributor(call)) => {
            let of = asking.from;
            let found = asking.ask(&ledger::getOffersCall { modelId: call.modelId, ofAttributor: of })?;
            Ok(found.attributor == call.to)
        }
        Ok(LedgerCalls::acceptDeveloper(call)) => {
            Ok(asking.ask(&ledger::getModelCall { modelId: call.modelId })?.developer == asking.from)
        }
        Ok(LedgerCalls::acceptAttributor(call)) => asking.accepted_attributor(call.modelId),
        Ok(LedgerCalls::commitScores(commit)) => asking.committed(&commit, &call.listed),
        Ok(LedgerCalls::closeEpoch(call)) => asking.closed(&call),
        Ok(LedgerCalls::settle(call)) => asking.settled(&call),
        Ok(LedgerCalls::claim(call)) => asking.claimed(&call),
        Ok(LedgerCalls::setRecipient(call)) => {
            let found = asking.ask(&ledger::recipientOfCall { payee: asking.from })?;
            Ok(found == call.recipient || (call.recipient.is_zero() && found == asking.from))
        }
        Ok(LedgerCalls::withdrawShare(call)) => asking.withdrawn(&call),
        Ok(LedgerCalls::withdraw(call)) => {
            let found = asking.ask(&ledger::creditCall { token: call.token, account: call.account })?;
            Ok(found.is_zero())
        }
        Ok(LedgerCalls::demand(call)) => {
            asking.demanded(call.modelId, call.datasetId, call.segment, call.record.index)
        }
        Ok(LedgerCalls::answer(call)) => asking.answered(&call),
        Ok(LedgerCalls::returnBond(call)) => {
            Ok(asking.demand(call.modelId, call.datasetId, call.segment, call.index)?.bondReturned)
        }
        Ok(LedgerCalls::dissolve(call)) => {
            Ok(asking.ask(&ledger::getModelCall { modelId: call.modelId })?.dissolvedAt != 0)
        }
        Ok(LedgerCalls::exit(call)) => asking.exited(&call),
        _ => Ok(false),
    }
}

struct Asking<'a> {
    to: Payee,
    from: Address,
    chain: &'a mut dyn ReadChain,
}

impl Asking<'_> {
    fn ask<C: SolCall>(&mut self, call: &C) -> Result<C::Return, ReadError> {
        ask(self.chain, self.to, call)
    }

    fn dataset(&mut self, id: B256) -> Result<registry::Dataset, ReadError> {
        self.ask(&registry::datasetCall { datasetId: id })
    }

    fn epoch(&mut self, model: B256, epoch: u64) -> Result<ledger::Epoch, ReadError> {
        self.ask(&ledger::getEpochCall { modelId: model, epoch: U256::from(epoch) })
    }

    fn registered(&mut self, call: registry::registerCall) -> Result<bool, ChainError> {
        let registry::registerCall { slots, records, roots, uri, .. } = call;
        let owner = self.from;
        let id = self.ask(&registry::computeIdCall { owner, uri, slots, records, roots })?;
        // The registry refuses to describe what it does not know.
        match self.dataset(id) {
            Ok(_) => Ok(true),
            Err(ReadError::Reverted(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn extended(&mut self, call: &registry::extendCall) -> Result<bool, ChainError> {
        let found = self.dataset(call.datasetId)?;
        if found.revision <= call.revision {
            return Ok(false);
        }
        let revision = U256::from(call.revision) + U256::from(1);
        let there = self.ask(&registry::revisionOfCall { datasetId: call.datasetId, revision })?;
        if there.records == call.records {
            return Ok(true);
        }
        Err(ChainError::refused(format!(
            "revision {revision} has {} records in the files, {} on the chain",
            call.records, there.records
        )))
    }

    fn proven(&mut self, call: &registry::provePayeesCall) -> Result<bool, ChainError> {
        // A segment whose newest state has a column needs no other.
        for proof in &call.proofs {
            let segment = U256::from(proof.segment);
            let newest = U256::from(self.dataset(call.datasetId)?.revision);
            let dataset = call.datasetId;
            let records =
                self.ask(&registry::recordsOfCall { datasetId: dataset, revision: newest, segment })?;
            if self.ask(&registry::provenRecordsCall { datasetId: dataset, segment })? < records {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn created(&mut self, call: &ledger::createModelCall) -> Result<bool, ChainError> {
        let (developer, name) = (self.from, call.terms.name.clone());
        let id = self.ask(&ledger::computeModelIdCall { developer, name })?;
        if self.ask(&ledger::getModelCall { modelId: id })?.developer.is_zero() {
            return Ok(false);
        }
        let terms = self.ask(&ledger::getTermsCall { modelId: id })?;
        let policy = self.ask(&ledger::getPolicyCall { modelId: id, policy: U256::from(1) })?;
        if terms == call.terms && policy == call.policy {
            return Ok(true);
        }
        Err(ChainError::refused("the model exists already, with other terms"))
    }

    fn announced_policy(&mut self, call: &ledger::announcePolicyCall) -> Result<bool, ChainError> {
        let newest = self.ask(&ledger::getModelCall { modelId: call.modelId })?.policies;
        let found = self.ask(&ledger::getPolicyCall { modelId: call.modelId, policy: U256::from(newest) })?;
        Ok(found == call.policy)
    }

    /// An announcement from before the open epoch was late replaces nobody: it has to be made again.
    fn announced_attributor(&mut self, call: &ledger::announceAttributorCall) -> Result<bool, ChainError> {
        let model_id = call.modelId;
        let announced = self.ask(&ledger::getAnnouncedCall { modelId: model_id })?;
        if announced.attributor != call.attributor {
            return Ok(false);
        }
        let open = self.ask(&ledger::getModelCall { modelId: model_id })?.openEpoch;
        let epoch = self.epoch(model_id, open)?;
        if epoch.committedBlock != 0 || epoch.poolReachedAt == 0 {
            return Ok(true);
        }
        let terms = self.ask(&ledger::getTermsCall { modelId: model_id })?;
        let late_from = epoch.poolReachedAt.saturating_add(u64::from(terms.openWindow));
        let announced_at = announced.attributorFrom.saturating_sub(u64::from(terms.noticeWindow));
        Ok(announced_at > late_from || self.chain.block()?.timestamp <= late_from)
    }

    /// The role is handed over for all epochs at once, by each of those who have it in some epoch: done where none of
    /// them offers it any more.
    fn accepted_attributor(&mut self, model_id: B256) -> Result<bool, ChainError> {
        let model = self.ask(&ledger::getModelCall { modelId: model_id })?;
        let mut holders = vec![self.ask(&ledger::attributorOfCall { modelId: model_id })?];
        for number in model.finalEpoch.saturating_add(1)..=model.openEpoch {
            holders.push(self.epoch(model_id, number)?.attributor);
        }
        for holder in &holders {
            let offers = self.ask(&ledger::getOffersCall { modelId: model_id, ofAttributor: *holder })?;
            if offers.attributor == self.from {
                return Ok(false);
            }
        }
        Ok(holders.contains(&self.from))
    }

    /// What is enrolled or registered in a commitment's own block or later does not move under it: the same scores have to be
    /// committed again.
    fn old_enough(&mut self, model_id: B256, committed: u64, listed: &[Listed]) -> Result<bool, ChainError> {
        let registry = payee(self.ask(&ledger::registryCall {})?);
        for Listed { dataset, revision, segment } in listed {
            let dataset_id = bytes32(*dataset);
            let call = ledger::getEnrolmentCall { modelId: model_id, datasetId: dataset_id };
            let enrolled = self.ask(&call)?.enrolledBlock;
            let (revision, segment) = (U256::from(*revision), U256::from(*segment));
            let call = registry::segmentInCall { datasetId: dataset_id, revision, segment };
            // A revision that is not registered yet is younger than any commitment.
            let registered = match ask(self.chain, registry, &call) {
                Ok(found) => found.blockNumber,
                Err(ReadError::Reverted(_)) => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            if enrolled >= committed || registered >= committed {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn committed(&mut self, call: &ledger::commitScoresCall, listed: &[Listed]) -> Result<bool, ChainError> {
        let epoch = self.epoch(call.modelId, call.epoch)?;
        let there = (epoch.scoreRoot, epoch.totalScore, epoch.count);
        if there == (call.root, call.totalScore, call.count) {
            return Ok(epoch.stage == FINAL || self.old_enough(call.modelId, epoch.committedBlock, listed)?);
        }
        match epoch.stage {
            FINAL => Err(ChainError::refused(format!(
                "epoch {} is final with the score root {}, the files have {}",
                call.epoch, epoch.scoreRoot, call.root
            ))),
            _ => Ok(false),
        }
    }

    fn closed(&mut self, call: &ledger::closeEpochCall) -> Result<bool, ChainError> {
        let epoch = self.epoch(call.modelId, call.epoch)?;
        if epoch.stage < CLOSED {
            return Ok(false);
        }
        if epoch.scoreRoot == call.scoreRoot {
            return Ok(true);
        }
        Err(ChainError::refused(format!(
            "epoch {} was closed with the score root {}, the files have {}",
            call.epoch, epoch.scoreRoot, call.scoreRoot
        )))
    }

    fn settled(&mut self, call: &ledger::settleCall) -> Result<bool, ChainError> {
        let epoch = self.epoch(call.modelId, call.epoch)?;
        if epoch.stage < CLOSED {
            return Ok(false);
        }
        for moved in &call.moves {
            let column = self.ask(&ledger::balanceColumnCall {
                modelId: call.modelId,
                datasetId: moved.datasetId,
                segment: U256::from(moved.segment),
                epoch: U256::from(call.epoch),
                attempt: U256::from(epoch.attempt),
            })?;
            if column.is_zero() {
                if epoch.stage == FINAL {
                    let (segment, epoch) = (moved.segment, call.epoch);
                    let text = format!("epoch {epoch} is final, and segment {segment} did not move in it");
                    return Err(ChainError::refused(text));
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn claimed(&mut self, call: &ledger::claimCall) -> Result<bool, ChainError> {
        for receipt in &call.receipts {
            for account in &receipt.accounts {
                let found = self.ask(&ledger::claimedCall {
                    modelId: call.modelId,
                    datasetId: receipt.datasetId,
                    segment: U256::from(receipt.segment),
                    index: U256::from(account.index),
                })?;
                if found < account.cumulative {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn withdrawn(&mut self, call: &ledger::withdrawShareCall) -> Result<bool, ChainError> {
        for epoch in &call.epochs {
            let epoch = U256::from(*epoch);
            let (model, index) = (call.modelId, call.index);
            if !self.ask(&ledger::shareWithdrawnCall { modelId: model, epoch, index })? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn demanded(&mut self, model: B256, dataset: B256, segment: u32, index: u32) -> Result<bool, ChainError> {
        Ok(self.demand(model, dataset, segment, index)?.deadline != 0)
    }

    /// Zeros where there is none.
    fn demand(
        &mut self,
        model: B256,
        dataset: B256,
        segment: u32,
        index: u32,
    ) -> Result<ledger::Demand, ReadError> {
        self.ask(&ledger::getDemandCall {
            modelId: model,
            datasetId: dataset,
            segment: U256::from(segment),
            index: U256::from(index),
        })
    }

    fn answered(&mut self, call: &ledger::answerCall) -> Result<bool, ChainError> {
        for receipt in &call.receipts {
            for account in &receipt.accounts {
                let (dataset, segment) = (receipt.datasetId, receipt.segment);
                if self.demanded(call.modelId, dataset, segment, account.index)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn exited(&mut self, call: &ledger::exitCall) -> Result<bool, ChainError> {
        for exit in &call.exits {
            let indices = exit.records.iter().map(|record| record.index);
            for index in indices.chain(exit.accounts.iter().map(|account| account.index)) {
                let found = self.ask(&ledger::exitedCall {
                    modelId: call.modelId,
                    datasetId: exit.datasetId,
                    segment: U256::from(exit.segment),
                    index: U256::from(index),
                })?;
                if !found {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// The receipts of a transaction that claims or answers, and of which model.
pub(crate) fn receipts_in(call: &Call) -> Option<(B256, Vec<ledger::Receipt>)> {
    match LedgerCalls::abi_decode(&call.data).ok()? {
        LedgerCalls::claim(call) => Some((call.modelId, call.receipts)),
        LedgerCalls::answer(call) => Some((call.modelId, call.receipts)),
        _ => None,
    }
}

/// The digests of a receipt's columns.
pub(crate) fn columns_of(receipt: &ledger::Receipt) -> (B256, B256) {
    let digest = |point| B256::from(point_digest(point).0);
    (digest(receipt.payees), digest(receipt.balances))
}
