//! What contracts and a ledger's public files say to each other: ids, and the transactions of a model's life.
//!
//! Only `Node`, of the feature `rpc`, talks to a network. A transaction is a [`Call`]: an address and calldata, made of the same files
//! that the commands before it wrote.

pub mod abi;
mod calls;
mod compare;
mod ids;
#[cfg(feature = "rpc")]
mod node;
mod source;

#[cfg(feature = "rpc")]
pub use self::node::Node;
pub use self::{
    calls::{Call, Terms, claim, close_epoch, commit_scores, create_model, deposit, register, withdraw},
    compare::{ReadChain, compare},
    ids::{Registration, model_id},
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
}

impl ChainError {
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }
}
