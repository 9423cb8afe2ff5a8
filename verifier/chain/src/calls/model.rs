//! A model's terms, datasets, roles and announcements.

use apportion_circuits::types::{Payee, Word};
use apportion_statement::{
    files::{LedgerDoc, RetirementDoc},
    policy::Policy,
};

use super::{Call, check_bound};
use crate::{
    ChainError,
    abi::{IRevenueLedger as abi, address, bytes32},
};

/// The shortest window, in seconds.
const MIN_WINDOW: u32 = 3_600;
/// The longest window, in seconds.
const MAX_WINDOW: u32 = 365 * 86_400;
/// The largest least pool, in units of the token a record.
const MAX_MIN_POOL: u64 = 1 << 56;

/// What `createModel` takes beside what a ledger's files say; none of it ever changes but the attributor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who commits the scores, at first.
    pub attributor: Payee,
    /// The token that revenue is paid in.
    pub token: Payee,
    /// No policy may give contributors less.
    pub min_contributors_bps: u16,
    /// Units of the token a record that a pool must reach before its epoch can close.
    pub min_pool: u64,
    /// How long only the developer may close, in seconds.
    pub open_window: u32,
    /// After how long without a move the attributor may commit again.
    pub settle_window: u32,
    /// How long before an epoch's opening its changes are announced.
    pub notice_window: u32,
    /// How long a demand may stay unanswered.
    pub demand_window: u32,
    /// How long a model may stall before anyone may dissolve it.
    pub exit_window: u32,
    /// What a demand costs its sender, in wei.
    pub demand_bond: u128,
}

impl Terms {
    /// The least pool a record where nothing else is asked for: a thousandth of a token.
    pub fn least_pool(decimals: u8) -> u64 {
        10u64.saturating_pow(u32::from(decimals.saturating_sub(3))).min(MAX_MIN_POOL)
    }

    /// What the contract refuses.
    fn check(&self) -> Result<(), ChainError> {
        let Self { open_window, settle_window, notice_window, demand_window, exit_window, .. } = *self;
        for window in [open_window, settle_window, notice_window, demand_window, exit_window] {
            if !(MIN_WINDOW..=MAX_WINDOW).contains(&window) {
                return Err(ChainError::refused("windows are one hour to 365 days"));
            }
        }
        if notice_window < open_window {
            return Err(ChainError::refused("the notice window is at least the open window"));
        }
        let least = u64::from(open_window) + u64::from(notice_window) + u64::from(settle_window);
        if u64::from(exit_window) < least {
            return Err(ChainError::refused(
                "the exit window is at least the open, the notice and the settle window together",
            ));
        }
        if !(1..=MAX_MIN_POOL).contains(&self.min_pool) {
            return Err(ChainError::refused(format!("the least pool is 1 to {MAX_MIN_POOL} units a record")));
        }
        if self.min_contributors_bps == 0 {
            return Err(ChainError::refused("contributors are promised at least one basis point"));
        }
        Ok(())
    }
}

/// A policy as the contract has it.
///
/// # Errors
/// If a share is none.
pub fn policy_of(policy: &Policy) -> Result<abi::Policy, ChainError> {
    let bps = |bps: u32| {
        let share = u16::try_from(bps).ok().filter(|share| *share > 0);
        share.ok_or_else(|| ChainError::refused("on a chain every share is at least one basis point"))
    };
    let beneficiaries = policy
        .beneficiaries
        .iter()
        .map(|b| Ok(abi::Beneficiary { account: address(b.address), bps: bps(b.bps)? }))
        .collect::<Result<_, ChainError>>()?;
    Ok(abi::Policy { contributorsBps: bps(policy.contributors_bps)?, beneficiaries })
}

/// `createModel`, with the ledger's first policy.
pub fn create_model(ledger: &LedgerDoc, policy: &Policy, terms: &Terms) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    terms.check()?;
    if policy.contributors_bps < u32::from(terms.min_contributors_bps) {
        return Err(ChainError::refused(format!(
            "the first policy gives contributors {} basis points, the terms promise {}",
            policy.contributors_bps, terms.min_contributors_bps
        )));
    }
    let call = abi::createModelCall {
        terms: abi::Terms {
            name: ledger.model.clone(),
            attributor: address(terms.attributor),
            token: address(terms.token),
            minContributorsBps: terms.min_contributors_bps,
            minPool: terms.min_pool,
            openWindow: terms.open_window,
            settleWindow: terms.settle_window,
            noticeWindow: terms.notice_window,
            demandWindow: terms.demand_window,
            exitWindow: terms.exit_window,
            demandBond: terms.demand_bond,
        },
        policy: policy_of(policy)?,
    };
    Ok(Call::new(format!("create model {:?}", ledger.model), ledger.contract, &call))
}

/// `enroll`: a dataset, or a younger revision of it.
pub fn enroll(ledger: &LedgerDoc, dataset: Word, number: u32, revision: u32) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = abi::enrollCall { modelId: bytes32(ledger.model_id), datasetId: bytes32(dataset), revision };
    Ok(Call::new(format!("enrol dataset {number} (revision {revision})"), ledger.contract, &call))
}

/// `open`: the first epoch.
pub fn open(ledger: &LedgerDoc) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = abi::openCall { modelId: bytes32(ledger.model_id) };
    Ok(Call::new("open the first epoch", ledger.contract, &call))
}

/// A role that is handed over in two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Runs the model.
    Developer,
    /// Commits the scores.
    Attributor,
}

/// `offerDeveloper`, `offerAttributor`.
pub fn offer_role(ledger: &LedgerDoc, role: Role, to: Payee) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let (model, account) = (bytes32(ledger.model_id), address(to));
    Ok(match role {
        Role::Developer => {
            let call = abi::offerDeveloperCall { modelId: model, to: account };
            Call::new(format!("offer the developer's role to {to}"), ledger.contract, &call)
        }
        Role::Attributor => {
            let call = abi::offerAttributorCall { modelId: model, to: account };
            Call::new(format!("offer the attributor's role to {to}"), ledger.contract, &call)
        }
    })
}

/// `acceptDeveloper`, `acceptAttributor`.
pub fn accept_role(ledger: &LedgerDoc, role: Role) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let model = bytes32(ledger.model_id);
    Ok(match role {
        Role::Developer => {
            let call = abi::acceptDeveloperCall { modelId: model };
            Call::new("accept the developer's role", ledger.contract, &call)
        }
        Role::Attributor => {
            let call = abi::acceptAttributorCall { modelId: model };
            Call::new("accept the attributor's role", ledger.contract, &call)
        }
    })
}

/// `announcePolicy`.
pub fn announce_policy(ledger: &LedgerDoc, number: u32, policy: &Policy) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = abi::announcePolicyCall { modelId: bytes32(ledger.model_id), policy: policy_of(policy)? };
    Ok(Call::new(format!("announce policy {number}"), ledger.contract, &call))
}

/// `announceAttributor`.
pub fn announce_attributor(ledger: &LedgerDoc, attributor: Payee) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call =
        abi::announceAttributorCall { modelId: bytes32(ledger.model_id), attributor: address(attributor) };
    Ok(Call::new(format!("announce {attributor} as attributor"), ledger.contract, &call))
}

/// `announceRetirement`.
pub fn announce_retirement(
    ledger: &LedgerDoc,
    dataset: Word,
    retirement: &RetirementDoc,
) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = abi::announceRetirementCall { modelId: bytes32(ledger.model_id), datasetId: bytes32(dataset) };
    let what = format!("announce that dataset {} retires", retirement.dataset);
    Ok(Call::new(what, ledger.contract, &call))
}

/// `replaceAttributor`.
pub fn replace_attributor(ledger: &LedgerDoc, epoch: u32) -> Result<Call, ChainError> {
    check_bound(ledger)?;
    let call = abi::replaceAttributorCall { modelId: bytes32(ledger.model_id), epoch: u64::from(epoch) };
    Ok(Call::new(format!("replace the attributor of epoch {epoch}"), ledger.contract, &call))
}
