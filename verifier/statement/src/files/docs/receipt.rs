//! What a contributor is handed: `receipt.json` and `statement.json`.

use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Score, Tier, Word},
};
use serde::{Deserialize, Serialize};

use crate::{
    Commitment,
    files::{Amount, Hex},
    receipt::AccountClaim,
};

/// `receipt.json`: what a contributor needs to check and to claim: one payee, all of that payee's accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The chain, 0 where the ledger is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 where the ledger is bound to none.
    pub contract: Payee,
    /// The model's id.
    pub model: Word,
    /// Who is paid.
    pub payee: Payee,
    /// The payee's accounts, by dataset, segment and slot.
    pub accounts: Vec<ReceiptAccount>,
}

impl ReceiptDoc {
    /// What one account claims.
    pub fn claim<'a>(&self, account: &'a ReceiptAccount) -> AccountClaim<'a> {
        AccountClaim {
            chain_id: self.chain_id,
            contract: self.contract,
            model: self.model,
            dataset: account.dataset,
            segment: account.segment,
            tier: account.tier,
            index: account.index,
            payee: self.payee,
            cumulative: account.cumulative.0,
            payee_column: &account.payee_column,
            balance_column: &account.balance_column,
        }
    }

    pub(super) fn fit(&self) -> Result<(), String> {
        listed_once(self.accounts.iter().map(|a| (a.dataset, a.segment, a.index)))
    }
}

/// Accounts are named by dataset, segment and slot.
fn listed_once(accounts: impl ExactSizeIterator<Item = (Word, u32, u32)>) -> Result<(), String> {
    if accounts.len() > 0 && accounts.is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    Err("accounts must be listed by dataset, segment and index, each once, at least one".into())
}

/// One account of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptAccount {
    /// The dataset's id.
    pub dataset: Word,
    /// Slots of its segments.
    pub tier: Tier,
    /// The segment.
    pub segment: u32,
    /// The account's slot.
    pub index: u32,
    /// The epoch whose balance is shown.
    pub epoch: u32,
    /// Everything that the account has earned up to that epoch.
    pub cumulative: Amount,
    /// Commitment to a payee column of the segment.
    pub payee_column: Commitment,
    /// Commitment to the balances after the epoch.
    pub balance_column: Commitment,
    /// The opening.
    pub proof: Hex,
}

/// `statement.json`: how each amount came about, epoch by epoch, for one payee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The chain, 0 where the ledger is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 where the ledger is bound to none.
    pub contract: Payee,
    /// The model's id.
    pub model: Word,
    /// Who is paid.
    pub payee: Payee,
    /// The last epoch that is covered.
    pub last_epoch: u32,
    /// The payee's accounts, by dataset, segment and slot.
    pub accounts: Vec<StatementAccount>,
}

impl StatementDoc {
    /// What one line claims, but for the score.
    pub fn claim<'a>(&self, account: &'a StatementAccount, line: &'a StatementEpoch) -> AccountClaim<'a> {
        AccountClaim {
            chain_id: self.chain_id,
            contract: self.contract,
            model: self.model,
            dataset: account.dataset,
            segment: account.segment,
            tier: account.tier,
            index: account.index,
            payee: self.payee,
            cumulative: line.cumulative.0,
            payee_column: &account.payee_column,
            balance_column: &line.balance_column,
        }
    }

    pub(super) fn fit(&self) -> Result<(), String> {
        listed_once(self.accounts.iter().map(|a| (a.dataset, a.segment, a.index)))?;
        let ordered =
            |a: &StatementAccount| a.epochs.iter().map(|line| line.epoch).is_sorted_by(|a, b| a < b);
        if self.accounts.iter().all(ordered) { Ok(()) } else { Err("epochs must be listed in order".into()) }
    }
}

/// One account of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementAccount {
    /// The dataset's id.
    pub dataset: Word,
    /// Slots of its segments.
    pub tier: Tier,
    /// The segment.
    pub segment: u32,
    /// The account's slot.
    pub index: u32,
    /// Commitment to a payee column of the segment.
    pub payee_column: Commitment,
    /// Every epoch in which the account's segment moved while the account existed, oldest first.
    pub epochs: Vec<StatementEpoch>,
}

/// One epoch of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementEpoch {
    /// The epoch.
    pub epoch: u32,
    /// The account's score.
    pub score: Score,
    /// The sum of all scores.
    pub total_score: Amount,
    /// The contributors' pool.
    pub pool: Amount,
    /// `floor(pool * score / total_score)`.
    pub payout: Amount,
    /// The balance after the epoch.
    pub cumulative: Amount,
    /// Commitment to the balances after the epoch.
    pub balance_column: Commitment,
    /// Commitment to the scores.
    pub score_column: Commitment,
    /// The opening of the three columns.
    pub proof: Hex,
}
