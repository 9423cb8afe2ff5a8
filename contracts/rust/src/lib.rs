//! Compiled contracts of Apportion and an in-process EVM to run them.

pub mod artifact;
pub mod chain;
pub mod deployment;

pub use self::{
    artifact::{Artifact, ArtifactError},
    chain::{Chain, Receipt, Refusal, TRANSACTION_GAS},
    deployment::{DeployError, Deployment, Verifiers},
};
