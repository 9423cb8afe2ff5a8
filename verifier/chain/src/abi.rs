//! The contracts' ABI, made of their artifacts, and conversions to its types.
#![allow(missing_docs, unreachable_pub, clippy::too_many_arguments, clippy::pub_underscore_fields)]

use alloy_primitives::{Address, B256, keccak256};
pub use alloy_primitives::{U256, aliases::U96};
use alloy_sol_types::sol;
pub use alloy_sol_types::{SolCall, SolValue};
use apportion_circuits::types::{Payee, Word};
use apportion_statement::Commitment;

use crate::ChainError;

sol!(
    #[sol(all_derives)]
    IDatasetRegistry,
    "../../contracts/artifacts/DatasetRegistry.json"
);
sol!(
    #[sol(all_derives)]
    IRevenueLedger,
    "../../contracts/artifacts/RevenueLedger.json"
);
sol!(
    #[sol(all_derives)]
    IRelationVerifier,
    "../../contracts/artifacts/IRelationVerifier.json"
);
sol!(
    #[sol(all_derives)]
    IOpeningVerifier,
    "../../contracts/artifacts/IOpeningVerifier.json"
);

sol! {
    /// As much of ERC-20 as is used.
    #[derive(Debug, PartialEq, Eq)]
    interface IToken {
        function approve(address spender, uint256 amount) external returns (bool);
        function allowance(address owner, address spender) external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function decimals() external view returns (uint8);
    }
}

sol! {
    /// A verifier and the slots that it is for: what constructors take.
    #[derive(Debug, PartialEq, Eq)]
    struct VerifierOf { uint32 slots; address verifier; }
}

/// An epoch's stage, as the contract counts them; 0 before it opens.
pub mod stage {
    /// It takes deposits and scores.
    pub const OPEN: u8 = 1;
    /// Its revenue is frozen, its segments move.
    pub const CLOSED: u8 = 2;
    /// All of them moved.
    pub const FINAL: u8 = 3;
}

/// An address as Solidity's.
pub fn address(payee: Payee) -> Address {
    Address::from(payee.0)
}

/// Solidity's address as ours.
pub fn payee(address: Address) -> Payee {
    Payee(address.into_array())
}

/// A word as an integer.
pub fn word(word: Word) -> U256 {
    U256::from_be_bytes(word.0)
}

/// A word as bytes.
pub fn bytes32(word: Word) -> B256 {
    B256::from(word.0)
}

/// Bytes as a word.
pub fn to_word(bytes: B256) -> Word {
    Word(bytes.0)
}

/// An integer as a word.
pub fn integer_word(value: U256) -> Word {
    Word(value.to_be_bytes())
}

/// A point, 64 bytes of coordinates.
pub fn point(bytes: &[u8], what: &str) -> Result<[U256; 2], ChainError> {
    match bytes.split_first_chunk::<32>() {
        Some((x, y)) if y.len() == 32 => Ok([U256::from_be_bytes(*x), U256::from_be_slice(y)]),
        _ => {
            Err(ChainError::refused(format!("{what} is not a point of bn254: {} bytes, not 64", bytes.len())))
        }
    }
}

/// A commitment's coordinates.
pub fn coordinates(commitment: &Commitment) -> Result<[U256; 2], ChainError> {
    point(&commitment.0, "a column")
}

/// What contracts store of a column: `keccak256(abi.encode(x, y))`. A commitment's own encoding is x and y, big-endian.
pub fn column_digest(commitment: &Commitment) -> Word {
    Word(keccak256(&commitment.0).0)
}

/// The same of coordinates.
pub fn point_digest([x, y]: [U256; 2]) -> Word {
    Word(keccak256([x.to_be_bytes::<32>(), y.to_be_bytes()].concat()).0)
}
