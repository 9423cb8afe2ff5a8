//! Where the contracts are: what `apportion deploy` writes and other commands take.

use std::path::Path;

use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::{
    RelationId,
    files::{InputError, read_file},
};
use serde::{Deserialize, Serialize};

/// More bytes than any such file has.
const MAX_BYTES: u64 = 1 << 20;

/// `addresses.json`: the contracts of one deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    /// Format version, 1.
    pub version: u32,
    /// The chain.
    pub chain_id: u64,
    /// A block before the first of the contracts' events: where a search for them begins.
    pub block: u64,
    /// SHA-256 of the verifier's part of the setup.
    pub setup: Word,
    /// Whether the setup's secret is public.
    pub insecure: bool,
    /// The registry.
    pub registry: Payee,
    /// The ledger.
    pub ledger: Payee,
    /// The opening verifier.
    pub opening_verifier: Payee,
    /// The verifiers of relations.
    pub verifiers: Vec<VerifierAddress>,
    /// Libraries that the others are linked with, by name.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub libraries: std::collections::BTreeMap<String, Payee>,
}

/// A relation's verifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifierAddress {
    /// The relation.
    pub relation: RelationId,
    /// Slots of a segment.
    pub slots: u32,
    /// Where it is.
    pub address: Payee,
}

impl Addresses {
    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, or is of another version.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let bytes = read_file(path, MAX_BYTES)?;
        let read: Self = serde_json::from_slice(&bytes)
            .map_err(|error| InputError::value(path, format!("not a file of `apportion deploy`: {error}")))?;
        if read.version == 1 {
            return Ok(read);
        }
        Err(InputError::value(path, format!("version {}, this build reads 1", read.version)))
    }

    /// The tiers whose segments the contracts can check: those for which they have a verifier of both relations.
    pub fn tiers(&self) -> Vec<Tier> {
        let has = |relation, tier: Tier| {
            let is = |known: &VerifierAddress| {
                known.relation == relation && u64::from(known.slots) == tier.slots() as u64
            };
            self.verifiers.iter().any(is)
        };
        let both = |tier: &Tier| has(RelationId::Tree, *tier) && has(RelationId::Split, *tier);
        Tier::ALL.into_iter().filter(both).collect()
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        // Fails for maps with other keys than strings; there are none.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_takes_the_verifiers_of_both_relations() {
        let verifier =
            |relation, slots| VerifierAddress { relation, slots, address: Payee([slots as u8; 20]) };
        let (tree, split) = (RelationId::Tree, RelationId::Split);
        let verifiers = vec![
            verifier(tree, 64),
            verifier(tree, 1024),
            verifier(tree, 16_384),
            verifier(split, 1024),
            verifier(split, 64),
        ];
        let addresses = Addresses { verifiers, ..Addresses::default() };
        assert_eq!(addresses.tiers(), [Tier::T64, Tier::T1024]);
        assert_eq!(Addresses::default().tiers(), []);
    }
}
