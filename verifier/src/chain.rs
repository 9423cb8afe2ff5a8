//! What contracts and a ledger's public files say to each other: ids, and the transactions of a model's life.
//!
//! Only `Node`, of the feature `rpc`, talks to a network: everything else asks a [`ReadChain`]. A transaction is a [`Call`]: an address and calldata, made of the same files
//! that the commands before it wrote.

pub mod abi;
mod calls;
mod codes;
mod compare;
mod done;
mod ids;
#[cfg(feature = "rpc")]
mod node;
mod revert;
mod source;

#[cfg(feature = "rpc")]
pub use self::node::Node;
pub use self::{
    calls::{
        Call, Terms, abandon_epoch, claim, close_epoch, commit_scores, create_model, deposit, register,
        withdraw,
    },
    codes::{CodeHashes, ContractCode, VerifierCode, code_hash},
    compare::{ReadChain, compare},
    done::{Sender, already_done},
    ids::{Registration, model_id},
    revert::reason,
    source::{PublicState, Source},
};

use crate::bundle::InputError;

/// Why a transaction cannot be made of what is given.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// A file that is unreadable or malformed.
    #[error(transparent)]
    Input(#[from] InputError),
    /// What the contracts would refuse.
    #[error("{0}")]
    Refused(String),
    /// Whoever was asked about the chain did not say.
    #[error("the chain did not answer: {0}")]
    Unanswered(String),
}

impl ChainError {
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }
}
