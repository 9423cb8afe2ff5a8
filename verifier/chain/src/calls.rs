//! The transactions, each made of files.

mod epoch;
mod model;
mod payout;
mod registry;
mod stall;

use alloy_sol_types::SolCall;
use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Tier, Word},
};
use apportion_statement::{
    RelationId,
    files::{Document as _, FileRef, InputError, KeyDoc, KeysDir, LedgerDoc, ProofBlob, sha256},
};

pub use self::{
    epoch::{close_epoch, commit_scores, deposit, reset_approvals, settle},
    model::{
        Role, Terms, accept_role, announce_attributor, announce_policy, announce_retirement, create_model,
        enroll, offer_role, open, policy_of, replace_attributor,
    },
    payout::{claim, receipts, set_recipient, withdraw, withdraw_share},
    registry::{accept_ownership, extend, offer_ownership, prove_payees, register},
    stall::{answer, demand, dissolve, exit, return_bond},
};
use crate::ChainError;

/// The most moves, or proofs, in one transaction where nothing else is asked for: they take two thirds of the gas that a
/// transaction may use (EIP-7825), at twice what was measured.
pub const PROOFS_A_CALL: usize = 16;
/// The most accounts in one transaction where nothing else is asked for.
pub const ACCOUNTS_A_CALL: usize = 64;

/// A transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// What it does, for people.
    pub what: String,
    /// The contract.
    pub to: Payee,
    /// The calldata.
    pub data: Vec<u8>,
    /// What is sent along of the chain's coin, in wei.
    pub value: u128,
    /// What committed scores list, where the transaction commits some: it counts for what is older than itself.
    pub listed: Vec<Listed>,
}

/// A dataset's revision that scores list, by one of its segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The dataset.
    pub dataset: Word,
    /// The revision.
    pub revision: u32,
    /// The segment.
    pub segment: u32,
}

impl Call {
    fn new(what: impl Into<String>, to: Payee, call: &impl SolCall) -> Self {
        Self { what: what.into(), to, data: call.abi_encode(), ..Self::default() }
    }
}

/// Refuses a ledger that no contract can follow.
///
/// # Errors
/// If it is of another suite than bn254 or bound to no contract.
pub fn check_bound(ledger: &LedgerDoc) -> Result<(), ChainError> {
    if ledger.suite != SuiteId::Bn254 {
        let text = format!("the ledger's suite is {}; a contract checks bn254 only", ledger.suite);
        return Err(ChainError::refused(text));
    }
    if ledger.contract.is_zero() || ledger.chain_id == 0 {
        return Err(ChainError::refused(
            "the ledger is bound to no contract: `ledger init --addresses` binds one when it is made",
        ));
    }
    Ok(())
}

/// A proof's bytes: the file must be the one that its document names, and of the key beside it.
fn proof(
    keys: &KeysDir,
    relation: RelationId,
    tier: Tier,
    path: &std::path::Path,
    file: &FileRef,
) -> Result<Vec<u8>, ChainError> {
    let key = KeyDoc::read(&keys.doc(relation, tier))?;
    let (blob, bytes) = ProofBlob::read(path, key.proof_bytes as usize)?;
    if sha256(&bytes) != file.sha256 {
        return Err(InputError::value(path, "not the file that its document names").into());
    }
    let of = (blob.relation, blob.tier, blob.suite, blob.key_digest);
    if of != (relation, tier, key.suite, key.key_digest) {
        return Err(InputError::value(path, "a proof of another relation, tier, suite or key").into());
    }
    Ok(blob.proof)
}

/// `1 segment`, `2 segments`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Lists of at most so many, in order.
fn chunks<T: Clone>(list: &[T], most: usize) -> impl Iterator<Item = Vec<T>> {
    list.chunks(most.max(1)).map(<[T]>::to_vec)
}
