//! Lists that anybody can make longer than an answer may be: asked for page by page, and to an end.

use alloy_primitives::{Address, B256, U256};
use apportion_circuits::types::Payee;

use crate::{ReadChain, ReadError, abi::IRevenueLedger as ledger, ask};

/// Models in one question: some 2.5 million gas.
const MODELS_A_PAGE: u64 = 500;
/// Demands in one question: some 3 million gas.
const DEMANDS_A_PAGE: u64 = 200;
/// The most questions. A model more costs whoever adds it some 0.5 million gas, a demand some 0.3 million and a bond.
const PAGES: u64 = 64;

/// A model's demands that wait for an answer.
#[derive(Clone, Debug, Default)]
pub struct Demands {
    /// The oldest ones, oldest first.
    pub oldest: Vec<ledger::Demand>,
    /// Whether there are more.
    pub more: bool,
}

/// What a ledger owes in a token over all its models and credits; none where there are too many, or it does not answer for all.
pub fn owed_in(contract: Payee, token: Address, chain: &mut dyn ReadChain) -> Option<U256> {
    let models = ask(chain, contract, &ledger::modelsInCall { token }).ok()?;
    let pages = models.div_ceil(U256::from(MODELS_A_PAGE));
    if pages > U256::from(PAGES) {
        return None;
    }
    let mut sum = ask(chain, contract, &ledger::creditedInCall { token }).ok()?;
    for page in 0..pages.saturating_to::<u64>() {
        let (first, count) = (U256::from(page * MODELS_A_PAGE), U256::from(MODELS_A_PAGE));
        let owed = ask(chain, contract, &ledger::owedInCall { token, first, count }).ok()?;
        sum = sum.checked_add(owed)?;
    }
    Some(sum)
}

/// A model's demands, at most some ten thousand.
///
/// # Errors
/// If the chain does not answer.
pub fn demands_of(contract: Payee, model: B256, chain: &mut dyn ReadChain) -> Result<Demands, ReadError> {
    let mut demands = Demands::default();
    let mut cursor = B256::ZERO;
    for _ in 0..PAGES {
        let count = U256::from(DEMANDS_A_PAGE);
        let page = ask(chain, contract, &ledger::getDemandsCall { modelId: model, cursor, count })?;
        demands.oldest.extend(page.page);
        cursor = page.next;
        demands.more = !cursor.is_zero();
        if !demands.more {
            break;
        }
    }
    Ok(demands)
}
