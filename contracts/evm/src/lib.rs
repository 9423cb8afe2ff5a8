//! The on-chain half of Apportion for Rust: compiled contracts, and an EVM in process to run them.

pub mod artifact;
pub mod deployment;
pub mod evm;
pub mod generated;

pub use self::{
    artifact::{Artifact, ArtifactError},
    deployment::{DeployError, Deployment, Verifiers},
    evm::TRANSACTION_GAS,
};
