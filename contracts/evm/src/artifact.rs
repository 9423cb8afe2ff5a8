//! Compiled contracts, as `contracts/artifacts` and `contracts/generated` have them: no Solidity compiler is needed to
//! deploy them.

use serde::Deserialize;

/// Why an artifact cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("artifact {name}: {reason}")]
pub struct ArtifactError {
    name: String,
    reason: String,
}

/// A compiled contract.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Its name.
    pub name: String,
    /// What deploys it, without constructor arguments.
    pub bytecode: Vec<u8>,
    /// Its ABI, as the compiler wrote it; null where the artifact has none.
    pub abi: serde_json::Value,
    /// Internal functions by name, with their offsets in the deployed code; generated contracts only.
    pub steps: Vec<(String, usize)>,
}

#[derive(Deserialize)]
struct File {
    contract: String,
    #[serde(default)]
    abi: serde_json::Value,
    bytecode: String,
    #[serde(default)]
    steps: Vec<(String, usize)>,
}

impl Artifact {
    /// Reads an artifact's JSON.
    pub fn parse(json: &str) -> Result<Self, ArtifactError> {
        let file: File = serde_json::from_str(json)
            .map_err(|error| ArtifactError { name: "?".into(), reason: error.to_string() })?;
        let digits = file.bytecode.strip_prefix("0x").unwrap_or(&file.bytecode);
        let bytecode = hex::decode(digits)
            .map_err(|error| ArtifactError { name: file.contract.clone(), reason: error.to_string() })?;
        Ok(Self { name: file.contract, bytecode, abi: file.abi, steps: file.steps })
    }
}

macro_rules! embedded {
    ($($(#[$doc:meta])* $function:ident = $file:literal;)+) => {
        $($(#[$doc])*
        pub fn $function() -> Result<Artifact, ArtifactError> {
            Artifact::parse(include_str!(concat!("../../artifacts/", $file)))
        })+
    };
}

embedded! {
    /// `DatasetRegistry`.
    registry = "DatasetRegistry.json";
    /// `RevenueLedger`.
    ledger = "RevenueLedger.json";
    /// A token that anyone can mint, for tests and demonstrations.
    test_token = "TestToken.json";
    /// A verifier that accepts what it is told to, for tests.
    mock_verifier = "MockVerifier.json";
}
