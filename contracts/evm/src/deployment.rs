//! Verifiers, registry, libraries, ledger and a token, deployed on a chain in process.

use alloy_primitives::Address;
use apportion_chain::{abi::payee, creation};
use apportion_circuits::types::{Payee, Tier};

use crate::{
    artifact::{self, Artifact, ArtifactError},
    evm::{Evm, EvmError},
    generated,
};

/// Why a deployment failed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// A compiled contract is unusable.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// No tier has segments of so many slots.
    #[error("a verifier of {0} slots, which no tier has")]
    Slots(u32),
    /// The chain refused.
    #[error("deploying {contract}: {source}")]
    Refused {
        /// Which contract.
        contract: String,
        /// Why.
        source: EvmError,
    },
}

/// The verifiers of one tier, to be deployed.
#[derive(Clone, Debug)]
pub struct TierVerifiers {
    /// Slots of a segment.
    pub slots: u32,
    /// Of Split.
    pub split: Artifact,
    /// Of Tree.
    pub tree: Artifact,
}

/// All verifiers of one setup.
#[derive(Clone, Debug)]
pub struct Verifiers {
    /// Of openings and pairings.
    pub openings: Artifact,
    /// By tier.
    pub tiers: Vec<TierVerifiers>,
}

impl Verifiers {
    /// Those for the insecure development setup: anyone can forge what they accept.
    ///
    /// # Errors
    /// Never: the files are part of this build.
    pub fn dev() -> Result<Self, ArtifactError> {
        let tier = |slots, split, tree| {
            Ok::<_, ArtifactError>(TierVerifiers {
                slots,
                split: Artifact::parse(split)?,
                tree: Artifact::parse(tree)?,
            })
        };
        Ok(Self {
            openings: Artifact::parse(generated::DEV_OPENING)?,
            tiers: vec![
                tier(64, generated::DEV_SPLIT_64, generated::DEV_TREE_64)?,
                tier(1_024, generated::DEV_SPLIT_1024, generated::DEV_TREE_1024)?,
            ],
        })
    }
}

/// Verifiers that are deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// Of openings and pairings.
    pub openings: Address,
    /// Of Split, by slots.
    pub splits: Vec<(u32, Address)>,
    /// Of Tree, by slots.
    pub trees: Vec<(u32, Address)>,
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The verifiers.
    pub verifiers: Deployed,
    /// The dataset registry.
    pub registry: Address,
    /// The ledger.
    pub ledger: Address,
}

impl Deployment {
    /// Deploys all contracts from one account.
    ///
    /// # Errors
    /// If one cannot be created.
    pub fn new(
        evm: &mut Evm,
        from: Address,
        verifiers: &Verifiers,
        max_bond: u128,
    ) -> Result<Self, DeployError> {
        let openings = deploy(evm, from, &verifiers.openings, &[])?;
        let mut deployed = Deployed { openings, splits: Vec::new(), trees: Vec::new() };
        for TierVerifiers { slots, split, tree } in &verifiers.tiers {
            deployed.splits.push((*slots, deploy(evm, from, split, &[])?));
            deployed.trees.push((*slots, deploy(evm, from, tree, &[])?));
        }
        Self::with_verifiers(evm, from, deployed, max_bond)
    }

    /// Deploys registry and ledger over verifiers that are deployed.
    ///
    /// # Errors
    /// If one cannot be created.
    pub fn with_verifiers(
        evm: &mut Evm,
        from: Address,
        verifiers: Deployed,
        max_bond: u128,
    ) -> Result<Self, DeployError> {
        let arguments = creation::registry_arguments(payee(verifiers.openings), &list(&verifiers.trees)?);
        let registry = deploy(evm, from, &artifact::registry()?, &arguments)?;
        let ledger = ledger(evm, from, registry, &verifiers, max_bond)?;
        Ok(Self { verifiers, registry, ledger })
    }
}

/// Deploys a ledger with its libraries over a registry that is deployed.
///
/// # Errors
/// If one cannot be created.
pub fn ledger(
    evm: &mut Evm,
    from: Address,
    registry: Address,
    verifiers: &Deployed,
    max_bond: u128,
) -> Result<Address, DeployError> {
    let libraries = [
        artifact::models()?,
        artifact::epochs()?,
        artifact::claims()?,
        artifact::demands()?,
        artifact::exits()?,
    ];
    let mut linked = Vec::new();
    for library in &libraries {
        linked.push((library.name.as_str(), deploy(evm, from, library, &[])?));
    }
    let arguments = creation::ledger_arguments(
        payee(registry),
        payee(verifiers.openings),
        &list(&verifiers.splits)?,
        max_bond,
    );
    deploy(evm, from, &artifact::ledger()?.link(&linked)?, &arguments)
}

fn list(verifiers: &[(u32, Address)]) -> Result<Vec<(Tier, Payee)>, DeployError> {
    let of = |(slots, address): &(u32, Address)| {
        let tier = Tier::ALL.into_iter().find(|tier| tier.slots() == *slots as usize);
        Ok((tier.ok_or(DeployError::Slots(*slots))?, payee(*address)))
    };
    verifiers.iter().map(of).collect()
}

/// Deploys one contract, through the deployment proxy as `apportion deploy` does. What is there already stays.
///
/// # Errors
/// If it cannot be created.
pub fn deploy(
    evm: &mut Evm,
    from: Address,
    artifact: &Artifact,
    arguments: &[u8],
) -> Result<Address, DeployError> {
    let code = [artifact.bytecode.as_slice(), arguments].concat();
    evm.create(from, &code).map_err(|source| DeployError::Refused { contract: artifact.name.clone(), source })
}
