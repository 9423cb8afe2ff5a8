//! The on-chain half of Apportion for Rust: compiled contracts, and an EVM in process to run them.

pub mod artifact;
pub mod chain;
mod code;
pub mod deployment;
pub mod evm;
pub mod generated;

pub use self::{
    artifact::{Artifact, ArtifactError},
    chain::{Chain, Receipt, Refusal},
    code::code_hashes,
    deployment::{DeployError, Deployment, Verifiers, dev_verifiers},
    evm::TRANSACTION_GAS,
};
