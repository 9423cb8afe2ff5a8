//! What contracts and public files say to each other: ids, transactions, and what a chain has of them.
//!
//! A transaction is a [`Call`]: an address, calldata and a value, made of the same files that the commands before it wrote.
//! Only [`Node`], of the feature `rpc`, talks to a network: everything else asks a [`ReadChain`].
//!
//! | question | room |
//! | --- | --- |
//! | what do the contracts understand | [`abi`] |
//! | which transaction does a step take | [`calls`] |
//! | has it been done, and may it be done now | [`already_done`], [`preflight`] |
//! | what did a contract refuse | [`reason`] |
//! | who answers questions about a chain | [`ReadChain`], [`Node`] |
//! | what does a chain say about a model | [`state`] |
//! | what stands in lists without an end | [`pages`] |
//! | which code may contracts have | [`codes`] |
//! | what created them | [`creation`] |
//! | where are the contracts | [`Addresses`] |
#![forbid(unsafe_code)]

pub mod abi;
mod addresses;
pub mod calls;
pub mod codes;
pub mod creation;
mod done;
#[cfg(feature = "rpc")]
mod endpoint;
#[cfg(feature = "rpc")]
mod node;
pub mod pages;
pub mod preflight;
mod read;
mod remedies;
mod revert;
mod safe;
pub mod state;

#[cfg(feature = "rpc")]
pub use self::node::{Node, Patience, Repeat};
pub use self::{
    addresses::{Addresses, VerifierAddress},
    calls::{Call, Listed},
    done::already_done,
    read::{At, Block, Log, ReadChain, ReadError, ask},
    revert::reason,
    safe::safe_batch,
};

use apportion_statement::files::InputError;

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
    /// What the contracts would refuse.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }
}

impl From<ReadError> for ChainError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Reverted(data) => Self::Refused(reason(&data)),
            ReadError::Refused(text) | ReadError::Unanswered(text) => Self::Unanswered(text),
        }
    }
}
