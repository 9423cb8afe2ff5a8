//! Whoever answers questions about a chain.

use alloy_sol_types::SolCall;
use apportion_circuits::types::{Payee, Word};

use crate::{abi::address, reason};

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The contract refused, with this data.
    Reverted(Vec<u8>),
    /// The node answered with an error.
    Refused(String),
    /// Nobody answered, or not as nodes do.
    Unanswered(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reverted(data) => write!(f, "the contract refuses: {}", reason(data)),
            Self::Refused(text) | Self::Unanswered(text) => f.write_str(text),
        }
    }
}

/// Of which block's state something is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// The newest block that will not be taken back.
    #[default]
    Finalized,
    /// The newest block.
    Latest,
    /// The newest block that most likely stays.
    Safe,
    /// A block by its number.
    Number(u64),
}

impl std::str::FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "finalized" => Ok(Self::Finalized),
            "latest" => Ok(Self::Latest),
            "safe" => Ok(Self::Safe),
            number => number
                .parse()
                .map(Self::Number)
                .map_err(|_| "a block is a number, finalized, safe or latest".to_owned()),
        }
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Finalized => f.write_str("finalized"),
            Self::Latest => f.write_str("latest"),
            Self::Safe => f.write_str("safe"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// A block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: Word,
    /// Its time, in seconds since 1970.
    pub timestamp: u64,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The event's signature, then its indexed members.
    pub topics: Vec<Word>,
    /// Its other members.
    pub data: Vec<u8>,
    /// The block that it is in.
    pub block: u64,
}

/// Whoever answers questions about a chain, of one block's state.
pub trait ReadChain {
    /// The chain's id.
    fn chain_id(&mut self) -> Result<u64, ReadError>;
    /// The block of whose state everything is asked.
    fn block(&mut self) -> Result<Block, ReadError>;
    /// A contract's code.
    fn code(&mut self, at: Payee) -> Result<Vec<u8>, ReadError>;
    /// What a call returns.
    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, ReadError>;
    /// A contract's events up to the block, oldest first, whose first topics are these.
    fn logs(&mut self, of: Payee, topics: &[Word]) -> Result<Vec<Log>, ReadError>;
}

/// Asks a contract's getter.
///
/// # Errors
/// If the contract refuses, nobody answers, or what is there is no such contract.
pub fn ask<C: SolCall>(chain: &mut dyn ReadChain, to: Payee, call: &C) -> Result<C::Return, ReadError> {
    let answer = chain.call(to, call.abi_encode())?;
    C::abi_decode_returns(&answer).map_err(|_| {
        let what = if answer.is_empty() { "nothing" } else { "something else" };
        let text = format!(
            "{} has no {}: it answers {what}. Is the node on the chain that the files are for?",
            address(to),
            C::SIGNATURE
        );
        ReadError::Unanswered(text)
    })
}
