//! Facts that are compared before a transaction is sent: where files and chain differ, it says which fact, not that some
//! proof is invalid.

use alloy_primitives::{B256, U256};
use apportion_circuits::types::{Payee, Word};
use apportion_statement::files::{Bundle, Epoch, LedgerDoc, ReceiptDoc};

use crate::{
    Call, ChainError, ReadChain,
    abi::{
        IDatasetRegistry as registry, IRevenueLedger as ledger, IToken, address, bytes32, column_digest,
        payee,
        stage::{CLOSED, FINAL},
    },
    ask,
    calls::policy_of,
    done::{columns_of, receipts_in},
};

/// What a chain says of an epoch that was closed: what `prove` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedEpoch {
    /// Its revenue.
    pub revenue: u128,
    /// What the epoch before left.
    pub carried: u128,
    /// What contributors share.
    pub pool: u128,
    /// Which commitment it is, from 0.
    pub attempt: u32,
    /// The root of the committed scores.
    pub score_root: Word,
    /// The policy that splits it.
    pub policy: ledger::Policy,
    /// Whether all segments moved.
    pub is_final: bool,
}

/// Reads a closed epoch.
///
/// # Errors
/// If it is not closed yet, or the chain does not answer.
pub fn closed_epoch(
    bundle: &Bundle,
    epoch: u32,
    chain: &mut dyn ReadChain,
) -> Result<ClosedEpoch, ChainError> {
    let (to, model) = (bundle.ledger.contract, bytes32(bundle.ledger.model_id));
    let found = ask(chain, to, &ledger::getEpochCall { modelId: model, epoch: U256::from(epoch) })?;
    if found.stage < CLOSED {
        return Err(ChainError::refused(format!(
            "epoch {epoch} is not closed on the chain: its revenue can still grow. `apportion send closeEpoch` closes it"
        )));
    }
    let policy = U256::from(found.policy);
    let policy = ask(chain, to, &ledger::getPolicyCall { modelId: model, policy })?;
    Ok(ClosedEpoch {
        revenue: found.revenue,
        carried: found.carried,
        pool: found.pool,
        attempt: found.attempt,
        score_root: Word(found.scoreRoot.0),
        policy,
        is_final: found.stage == FINAL,
    })
}

/// Collects what differs.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn compare<T: PartialEq + std::fmt::Display>(&mut self, what: &str, files: T, chain: T) {
        if files != chain {
            self.0.push(format!("{what}: files {files}, chain {chain}"));
        }
    }

    fn refuse(self, of: &str) -> Result<(), ChainError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(ChainError::refused(format!(
            "{of} is another on the chain than in the files: {}",
            self.0.join("; ")
        )))
    }
}

/// What the files of a proven epoch say, against the chain: before `settle`.
///
/// # Errors
/// If anything differs, by name, or the chain does not answer.
pub fn epoch(bundle: &Bundle, epoch: &Epoch, chain: &mut dyn ReadChain) -> Result<(), ChainError> {
    let differs = epoch_differs(bundle, epoch, chain)?;
    Differences(differs).refuse(&format!("epoch {}", epoch.doc.epoch))
}

/// Where the files of a proven epoch and the chain differ, fact by fact.
///
/// # Errors
/// If the epoch is not closed on the chain, or the chain does not answer.
pub fn epoch_differs(
    bundle: &Bundle,
    epoch: &Epoch,
    chain: &mut dyn ReadChain,
) -> Result<Vec<String>, ChainError> {
    let number = epoch.doc.epoch;
    let found = closed_epoch(bundle, number, chain)?;
    let mut differences = Differences::default();
    differences.compare("revenue", epoch.doc.revenue.0, found.revenue);
    differences.compare("carried", epoch.doc.carried.0, found.carried);
    differences.compare("pool", epoch.doc.pool.0, found.pool);
    differences.compare("score root", epoch.scores.root, found.score_root);
    if let Some(policy) = bundle.policy_in(number)
        && policy_of(&policy.terms)? != found.policy
    {
        differences.0.push(format!("policy: the one of epoch {number} has other terms"));
    }
    // Whoever moved a segment moved it to these balances, or these files are another run's.
    let (to, model) = (bundle.ledger.contract, bytes32(bundle.ledger.model_id));
    for moved in &epoch.doc.segments {
        let Some(dataset) = bundle.datasets.get(moved.dataset as usize) else { continue };
        let call = ledger::balanceColumnCall {
            modelId: model,
            datasetId: bytes32(dataset.dataset.doc.dataset_id),
            segment: U256::from(moved.segment),
            epoch: U256::from(number),
            attempt: U256::from(found.attempt),
        };
        let there = ask(chain, to, &call)?;
        if !there.is_zero() {
            let what = format!("balances of {}", moved.id());
            differences.compare(&what, bytes32(column_digest(&moved.balance_column)), there);
        }
    }
    Ok(differences.0)
}

/// Those of these epochs that are final on the chain.
///
/// # Errors
/// If the chain does not answer.
pub fn final_epochs(
    ledger: &LedgerDoc,
    epochs: &[u32],
    chain: &mut dyn ReadChain,
) -> Result<Vec<u32>, ChainError> {
    let mut list = Vec::new();
    for epoch in epochs {
        let call = ledger::getEpochCall { modelId: bytes32(ledger.model_id), epoch: U256::from(*epoch) };
        if ask(chain, ledger.contract, &call)?.stage == FINAL {
            list.push(*epoch);
        }
    }
    Ok(list)
}

/// A deposit as it is meant: with anything else the contract would refuse the money, when its approval is sent already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// The epoch that it is for.
    pub epoch: u32,
    /// Units of the token.
    pub amount: u128,
    /// Who scores the epoch.
    pub attributor: Payee,
    /// The policy that splits it.
    pub policy: u32,
    /// The token, where it was named.
    pub token: Option<Payee>,
}

/// Whether a model takes a deposit: before the token's approval is sent. Returns the token.
///
/// # Errors
/// If the model does not take it, by everything that is in the way, or the chain does not answer.
pub fn deposit(own: &LedgerDoc, meant: &Deposit, chain: &mut dyn ReadChain) -> Result<Payee, ChainError> {
    let model = bytes32(own.model_id);
    let found = ask(chain, own.contract, &ledger::getModelCall { modelId: model })?;
    if found.developer.is_zero() {
        return Err(ChainError::refused(
            "the chain has no such model: `apportion send createModel` creates it",
        ));
    }
    if found.dissolvedAt != 0 {
        return Err(ChainError::refused("the model is dissolved: it takes no money any more"));
    }
    if found.openEpoch == 0 {
        return Err(ChainError::refused(
            "the developer has not opened the first epoch, and nobody pays before: `apportion send open` opens it",
        ));
    }
    if found.openEpoch != u64::from(meant.epoch) {
        return Err(ChainError::refused(format!(
            "epoch {} takes no deposits: the open one is epoch {}. Nothing was sent: say --epoch {}, if that is what you mean",
            meant.epoch, found.openEpoch, found.openEpoch
        )));
    }
    let call = ledger::getEpochCall { modelId: model, epoch: U256::from(meant.epoch) };
    let epoch = ask(chain, own.contract, &call)?;
    let mut differs = Vec::new();
    let mut compare = |what: &str, given: String, there: String| {
        if given != there {
            differs.push(format!("{what}: given {given}, chain {there}"));
        }
    };
    let token = payee(found.token);
    compare("attributor", meant.attributor.to_string(), payee(epoch.attributor).to_string());
    compare("policy", meant.policy.to_string(), epoch.policy.to_string());
    compare("token", meant.token.unwrap_or(token).to_string(), token.to_string());
    if !differs.is_empty() {
        return Err(ChainError::refused(format!(
            "epoch {} has other terms than you name: {}. Nothing was sent: name those of the chain, if you agree with them",
            meant.epoch,
            differs.join("; ")
        )));
    }
    if meant.amount == 0 {
        return Err(ChainError::refused("a deposit of 0 brings nothing: say how much with --amount"));
    }
    Ok(token)
}

/// Whether an account has what it is about to deposit: before the token's approval is sent.
///
/// # Errors
/// If it has less, or the chain does not answer.
pub fn has_tokens(
    from: Payee,
    token: Payee,
    amount: u128,
    chain: &mut dyn ReadChain,
) -> Result<(), ChainError> {
    let has = ask(chain, token, &IToken::balanceOfCall { account: address(from) })?;
    if has >= U256::from(amount) {
        return Ok(());
    }
    Err(ChainError::refused(format!(
        "{from} has {has} units of the token {token}, {amount} are to be deposited. Nothing was sent: move tokens to the \
         account, or deposit less"
    )))
}

/// What receipts say, against the chain: before `claim` and `answer`. `docs` are the receipts that the call is made of.
///
/// # Errors
/// If a column is not the chain's, or the chain does not answer.
pub fn receipts(docs: &[ReceiptDoc], call: &Call, chain: &mut dyn ReadChain) -> Result<(), ChainError> {
    let Some((model, receipts)) = receipts_in(call) else { return Ok(()) };
    let to = call.to;
    let at = payee(ask(chain, to, &ledger::registryCall {})?);
    for receipt in &receipts {
        let place = format!("segment {} of dataset {}", receipt.segment, receipt.datasetId);
        let epoch = U256::from(receipt.epoch);
        let found = ask(chain, to, &ledger::getEpochCall { modelId: model, epoch })?;
        if found.stage != FINAL {
            let text = format!("epoch {} is not final on the chain: settle it first", receipt.epoch);
            return Err(ChainError::refused(text));
        }
        let (payees, balances) = columns_of(receipt);
        let segment = U256::from(receipt.segment);
        let (dataset, attempt) = (receipt.datasetId, U256::from(found.attempt));
        let there = ask(
            chain,
            to,
            &ledger::balanceColumnCall { modelId: model, datasetId: dataset, segment, epoch, attempt },
        )?;
        if there != balances {
            let text = match there {
                B256::ZERO => format!("{place} did not move in epoch {} on the chain", receipt.epoch),
                there => {
                    format!("{place}, balances of epoch {}: receipt {balances}, chain {there}", receipt.epoch)
                }
            };
            return Err(ChainError::refused(text));
        }
        let call = registry::payeeColumnSlotsCall { datasetId: dataset, segment, column: payees };
        let slots = ask(chain, at, &call)?;
        if slots.is_zero() {
            let text = format!("{place}: the receipt's payee column was never proven in the registry");
            return Err(ChainError::refused(text));
        }
        // The contract opens at the slots that the registry knows: with others, another account would be meant.
        let of_segment = docs.iter().flat_map(|doc| &doc.accounts).filter(|account| {
            (bytes32(account.dataset), account.segment) == (dataset, receipt.segment)
                && bytes32(column_digest(&account.payee_column)) == payees
        });
        for account in of_segment {
            if U256::from(account.tier.slots()) != slots {
                let text =
                    format!("{place}: {} slots in the receipt, {slots} on the chain", account.tier.slots());
                return Err(ChainError::refused(text));
            }
        }
    }
    Ok(())
}
