//! The code that contracts have once they are deployed, for an auditor to compare: made by deploying them in process.

use alloy_primitives::Address;
use alloy_sol_types::SolValue;
use apportion_circuits::types::{Payee, Word};
use apportion_verifier::chain::{
    CodeHashes, ContractCode, VerifierCode,
    abi::{IProofVerifier, IRevenueLedger, address},
    code_hash,
};

use crate::{
    artifact::{self, Artifact},
    chain::Chain,
    deployment::{DeployError, deploy},
};

/// Who deploys; no code depends on it.
const DEPLOYER: Payee = Payee([0xde; 20]);

/// The codes of the contracts that every ledger shares, and of these verifiers.
pub fn code_hashes(verifiers: &[Artifact]) -> Result<CodeHashes, DeployError> {
    let chain = &mut Chain::new(1);
    let registry = deploy(chain, DEPLOYER, &artifact::registry()?, &[])?;
    let no_verifiers: Vec<IRevenueLedger::TierVerifiers> = Vec::new();
    let arguments = (address(registry), no_verifiers).abi_encode_params();
    let ledger = deploy(chain, DEPLOYER, &artifact::ledger()?, &arguments)?;
    let refused = |contract: &str| {
        let contract = contract.to_owned();
        move |refusal| DeployError::Refused { contract, refusal }
    };
    let tree = chain.view(ledger, &IRevenueLedger::accountTreeCall {}).map_err(refused("RevenueLedger"))?;

    let mut hash = |contract: &str, at: Payee, values: &[(&str, Address)]| {
        let code = chain.code(at);
        let immutables = values.iter().map(|(name, value)| ((*name).into(), places(&code, *value))).collect();
        let mut known = ContractCode { contract: contract.into(), immutables, keccak256: Word::default() };
        known.keccak256 = code_hash(&code, &known.places());
        known
    };
    let contracts = vec![
        hash("RevenueLedger", ledger, &[("registry", address(registry)), ("accountTree", tree)]),
        hash("DatasetRegistry", registry, &[]),
        hash("AccountTree", Payee(tree.into_array()), &[]),
    ];
    let mut found = Vec::new();
    for verifier in verifiers {
        let at = deploy(chain, DEPLOYER, verifier, &[])?;
        let digest =
            chain.view(at, &IProofVerifier::circuitDigestCall {}).map_err(refused(&verifier.name))?;
        found.push(VerifierCode {
            contract: verifier.name.clone(),
            key_digest: Word(digest.0),
            keccak256: code_hash(&chain.code(at), &[]),
        });
    }
    Ok(CodeHashes { contracts, verifiers: found })
}

/// Where an address stands in code as a word. No other constant has an address' twenty bytes by chance.
fn places(code: &[u8], value: Address) -> Vec<usize> {
    let word = value.into_word();
    (0..).zip(code.windows(32)).filter(|(_, window)| *window == word.as_slice()).map(|(at, _)| at).collect()
}
