//! The on-chain half of Apportion for Rust: compiled contracts, and an EVM in process to run them.

pub mod artifact;
pub mod evm;
pub mod generated;

pub use self::{
    artifact::{Artifact, ArtifactError},
    evm::TRANSACTION_GAS,
};
