//! Money on its way to its owners.

use std::collections::BTreeMap;

use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Word},
};
use apportion_statement::{
    Commitment,
    files::{Bundle, LedgerDoc, ReceiptDoc},
};

use super::{Call, check_bound, counted};
use crate::{
    ChainError,
    abi::{IRevenueLedger as abi, address, bytes32, coordinates, point},
};

/// Receipts of one ledger as the contract reads them: accounts of one segment and epoch share their columns.
pub fn receipts(docs: &[ReceiptDoc]) -> Result<Vec<abi::Receipt>, ChainError> {
    let Some(first) = docs.first() else { return Err(ChainError::refused("no receipt is given")) };
    let mut groups: BTreeMap<(Word, u32, u32, &Commitment, &Commitment), Vec<abi::Account>> = BTreeMap::new();
    for doc in docs {
        if doc.suite != SuiteId::Bn254 || doc.contract.is_zero() {
            return Err(ChainError::refused("a receipt is of a ledger that is bound to no contract"));
        }
        if (doc.chain_id, doc.contract, doc.model) != (first.chain_id, first.contract, first.model) {
            return Err(ChainError::refused("the receipts are of several models: claim each by itself"));
        }
        for account in &doc.accounts {
            doc.claim(account).check().map_err(|violation| ChainError::refused(violation.to_string()))?;
            let columns = (&account.payee_column, &account.balance_column);
            let key = (account.dataset, account.segment, account.epoch, columns.0, columns.1);
            let accounts = groups.entry(key).or_default();
            if accounts.iter().all(|listed| listed.index != account.index) {
                accounts.push(abi::Account {
                    index: account.index,
                    payee: address(doc.payee),
                    cumulative: account.cumulative.0,
                    proof: point(&account.proof.0, "an opening")?,
                });
            }
        }
    }
    groups
        .into_iter()
        .map(|((dataset, segment, epoch, payees, balances), accounts)| {
            Ok(abi::Receipt {
                datasetId: bytes32(dataset),
                segment,
                epoch: u64::from(epoch),
                payees: coordinates(payees)?,
                balances: coordinates(balances)?,
                accounts,
            })
        })
        .collect()
}

/// Receipts with at most so many accounts together.
pub(super) fn batches(receipts: Vec<abi::Receipt>, most: usize) -> Vec<Vec<abi::Receipt>> {
    let (mut batches, mut batch, mut room) = (Vec::new(), Vec::new(), most.max(1));
    for receipt in receipts {
        let mut rest = receipt.accounts.as_slice();
        while !rest.is_empty() {
            let (taken, left) = rest.split_at(room.min(rest.len()));
            batch.push(abi::Receipt { accounts: taken.to_vec(), ..receipt.clone() });
            room = room.saturating_sub(taken.len());
            if room == 0 {
                batches.push(std::mem::take(&mut batch));
                room = most.max(1);
            }
            rest = left;
        }
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

/// `claim`: any number of receipts, at most so many accounts in a transaction.
pub fn claim(docs: &[ReceiptDoc], most: usize) -> Result<Vec<Call>, ChainError> {
    let receipts = receipts(docs)?;
    let Some(first) = docs.first() else { return Ok(Vec::new()) };
    let calls = batches(receipts, most).into_iter().map(|receipts| {
        let accounts = receipts.iter().map(|receipt| receipt.accounts.len()).sum();
        let call = abi::claimCall { modelId: bytes32(first.model), receipts };
        Call::new(format!("claim for {}", counted(accounts, "account")), first.contract, &call)
    });
    Ok(calls.collect())
}

/// `setRecipient`: where the sender's money goes; to the sender itself if 0.
pub fn set_recipient(contract: Payee, recipient: Payee) -> Call {
    let call = abi::setRecipientCall { recipient: address(recipient) };
    let to = if recipient.is_zero() { "the payee itself".into() } else { recipient.to_string() };
    Call::new(format!("pay what is mine to {to}"), contract, &call)
}

/// `withdrawShare`: a beneficiary's shares of epochs; one transaction for each place that it has in the policies.
pub fn withdraw_share(bundle: &Bundle, account: Payee, epochs: &[u32]) -> Result<Vec<Call>, ChainError> {
    check_bound(&bundle.ledger)?;
    let mut places: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for epoch in epochs {
        let policy = bundle.policy_in(*epoch);
        let policy = policy.ok_or_else(|| ChainError::refused(format!("no policy splits epoch {epoch}")))?;
        let listed = policy.terms.beneficiaries.iter().enumerate();
        for (index, _) in listed.filter(|(_, beneficiary)| beneficiary.address == account) {
            places.entry(index).or_default().push(u64::from(*epoch));
        }
    }
    if places.is_empty() {
        return Err(ChainError::refused(format!("{account} is no beneficiary in any of these epochs")));
    }
    let ledger = &bundle.ledger;
    let calls = places.into_iter().map(|(index, epochs)| {
        let what = format!("withdraw the shares of {account} in {}", counted(epochs.len(), "epoch"));
        let call = abi::withdrawShareCall {
            modelId: bytes32(ledger.model_id),
            epochs,
            index: alloy_primitives::U256::from(index),
        };
        Call::new(what, ledger.contract, &call)
    });
    Ok(calls.collect())
}

/// `withdraw`: what could not be transferred before.
pub fn withdraw(ledger: &LedgerDoc, token: Payee, account: Payee) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = abi::withdrawCall { token: address(token), account: address(account) };
    Ok(Call::new(format!("withdraw the credit of {account}"), ledger.contract, &call))
}
