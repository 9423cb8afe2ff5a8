//! Contracts as they were compiled. `contracts/script/build_generated.sh` makes the files.

use serde::Deserialize;

/// A compiled contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Its name.
    pub contract: String,
    /// SHA-256 of the Solidity source.
    pub source_sha256: String,
    /// Creation code, 0x-prefixed hexadecimal.
    pub bytecode: String,
    /// Bytes of the code that a deployment leaves.
    pub deployed_size: usize,
    /// Internal functions by name, with their offsets in the deployed code.
    #[serde(default)]
    pub steps: Vec<(String, usize)>,
}

/// An artifact that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("unusable artifact: {0}")]
pub struct ArtifactError(String);

impl Artifact {
    /// Reads an artifact's JSON.
    ///
    /// # Errors
    /// If it is not one.
    pub fn parse(json: &str) -> Result<Self, ArtifactError> {
        serde_json::from_str(json).map_err(|error| ArtifactError(error.to_string()))
    }

    /// The creation code.
    ///
    /// # Errors
    /// If it is not hexadecimal: a library was not linked.
    pub fn creation_code(&self) -> Result<Vec<u8>, ArtifactError> {
        hex::decode(self.bytecode.trim_start_matches("0x")).map_err(|error| ArtifactError(error.to_string()))
    }
}

macro_rules! artifacts {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = include_str!(concat!("../../generated/", $file));)*
    };
}

// Verifiers for the insecure development setup: anyone can forge proofs that they accept.
artifacts! {
    /// Split at tier 64, insecure development setup.
    DEV_SPLIT_64 = "Split64Verifier.json";
    /// Split at tier 1,024, insecure development setup.
    DEV_SPLIT_1024 = "Split1024Verifier.json";
    /// Tree at tier 64, insecure development setup.
    DEV_TREE_64 = "Tree64Verifier.json";
    /// Tree at tier 1,024, insecure development setup.
    DEV_TREE_1024 = "Tree1024Verifier.json";
}
