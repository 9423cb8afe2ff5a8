//! The on-chain half of Apportion for Rust: compiled contracts, and an EVM in process to run them.

pub mod evm;
pub mod generated;
