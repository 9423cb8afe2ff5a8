//! Registry, verifiers, ledger and a token, deployed on a [`Chain`].

use alloy_primitives::U256;
use alloy_sol_types::SolValue;
use apportion_circuits::types::{Payee, Tier};
use apportion_verifier::chain::abi::{IRevenueLedger::TierVerifiers, IToken, address};

use crate::{
    artifact::{self, Artifact, ArtifactError},
    chain::{Chain, Refusal},
    generated,
};

/// Why a deployment failed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// A compiled contract is unusable.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The chain refused.
    #[error("deploying {contract}: {refusal}")]
    Refused {
        /// Which contract.
        contract: String,
        /// Why.
        refusal: Refusal,
    },
}

/// The verifiers of one tier, to be deployed.
#[derive(Clone, Debug)]
pub struct Verifiers {
    /// The tier.
    pub tier: Tier,
    /// Of Split.
    pub split: Artifact,
    /// Of Tree.
    pub tree: Artifact,
}

/// The verifiers for the insecure development setup, of the tiers that have any: anyone can forge proofs that they
/// accept.
pub fn dev_verifiers(tiers: &[Tier]) -> Result<Vec<Verifiers>, ArtifactError> {
    let mut found = Vec::new();
    for tier in tiers {
        let (split, tree) = match tier {
            Tier::T64 => (generated::DEV_SPLIT_64, generated::DEV_TREE_64),
            Tier::T1024 => (generated::DEV_SPLIT_1024, generated::DEV_TREE_1024),
            Tier::T16384 => continue,
        };
        found.push(Verifiers { tier: *tier, split: Artifact::parse(split)?, tree: Artifact::parse(tree)? });
    }
    Ok(found)
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The dataset registry.
    pub registry: Payee,
    /// The revenue ledger.
    pub ledger: Payee,
    /// The token that revenue is paid in.
    pub token: Payee,
    /// The verifiers by tier: Split and Tree.
    pub verifiers: Vec<(Tier, Payee, Payee)>,
}

impl Deployment {
    /// Deploys all contracts from one account.
    pub fn new(chain: &mut Chain, from: Payee, verifiers: &[Verifiers]) -> Result<Self, DeployError> {
        let mut deployed = Vec::new();
        for Verifiers { tier, split, tree } in verifiers {
            let split = deploy(chain, from, split, &[])?;
            let tree = deploy(chain, from, tree, &[])?;
            deployed.push((*tier, split, tree));
        }
        Self::with_verifiers(chain, from, deployed)
    }

    /// Deploys registry, ledger and token over verifiers that are deployed.
    pub fn with_verifiers(
        chain: &mut Chain,
        from: Payee,
        verifiers: Vec<(Tier, Payee, Payee)>,
    ) -> Result<Self, DeployError> {
        let registry = deploy(chain, from, &artifact::registry()?, &[])?;
        let list: Vec<_> = verifiers
            .iter()
            .map(|(tier, split, tree)| TierVerifiers {
                tier: tier.depth() as u8,
                split: address(*split),
                tree: address(*tree),
            })
            .collect();
        let arguments = (address(registry), list).abi_encode_params();
        let ledger = deploy(chain, from, &artifact::ledger()?, &arguments)?;
        let token = deploy(chain, from, &artifact::test_token()?, &[])?;
        Ok(Self { registry, ledger, token, verifiers })
    }

    /// Gives an account tokens, and lets the ledger take them from it.
    pub fn fund(&self, chain: &mut Chain, account: Payee, amount: u128) -> Result<(), Refusal> {
        let mint = IToken::mintCall { to: address(account), amount: U256::from(amount) };
        chain.transact(account, self.token, &mint)?;
        let approve = IToken::approveCall { spender: address(self.ledger), amount: U256::MAX };
        chain.transact(account, self.token, &approve)?;
        Ok(())
    }

    /// How many tokens an account has.
    pub fn balance(&self, chain: &mut Chain, account: Payee) -> Result<U256, Refusal> {
        chain.view(self.token, &IToken::balanceOfCall { account: address(account) })
    }
}

/// Deploys one contract.
pub fn deploy(
    chain: &mut Chain,
    from: Payee,
    artifact: &Artifact,
    arguments: &[u8],
) -> Result<Payee, DeployError> {
    chain
        .deploy(from, artifact, arguments)
        .map_err(|refusal| DeployError::Refused { contract: artifact.name.clone(), refusal })
}
