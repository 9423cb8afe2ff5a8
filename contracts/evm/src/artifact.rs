//! Compiled contracts, as `contracts/artifacts` and `contracts/generated` have them: no Solidity compiler is needed to
//! deploy them.

use std::collections::BTreeMap;

use alloy_primitives::Address;
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
    /// What deploys it, without constructor arguments. Where it calls libraries, of the artifact that [`Self::link`]
    /// returns.
    pub bytecode: Vec<u8>,
    /// Its ABI, as the compiler wrote it; null where the artifact has none.
    pub abi: serde_json::Value,
    /// Internal functions by name, with their offsets in the deployed code; generated contracts only.
    pub steps: Vec<(String, usize)>,
    /// Libraries whose addresses are missing, and where in the bytecode.
    unlinked: BTreeMap<String, Vec<usize>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    contract: String,
    #[serde(default)]
    abi: serde_json::Value,
    bytecode: String,
    #[serde(default)]
    steps: Vec<(String, usize)>,
    /// By source file and library, as the compiler wrote them.
    #[serde(default)]
    link_references: BTreeMap<String, BTreeMap<String, Vec<Reference>>>,
}

/// A place in the bytecode, in bytes, where a library's address belongs.
#[derive(Deserialize)]
struct Reference {
    start: usize,
    length: usize,
}

impl Artifact {
    /// Reads an artifact's JSON.
    pub fn parse(json: &str) -> Result<Self, ArtifactError> {
        let file: File = serde_json::from_str(json)
            .map_err(|error| ArtifactError { name: "?".into(), reason: error.to_string() })?;
        let wrong = |reason: String| ArtifactError { name: file.contract.clone(), reason };
        let mut digits = file.bytecode.strip_prefix("0x").unwrap_or(&file.bytecode).to_string();
        let mut unlinked = BTreeMap::<_, Vec<_>>::new();
        for (library, references) in file.link_references.values().flatten() {
            for Reference { start, length } in references {
                let digits_at = 2 * start..2 * (start + length);
                if *length != 20 || digits.get(digits_at.clone()).is_none() {
                    return Err(wrong(format!("no place for {library} at byte {start}")));
                }
                // The compiler's placeholder is no hexadecimal number.
                digits.replace_range(digits_at, &"0".repeat(40));
                unlinked.entry(library.clone()).or_default().push(*start);
            }
        }
        let bytecode = hex::decode(digits).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { name: file.contract, bytecode, abi: file.abi, steps: file.steps, unlinked })
    }

    /// The artifact with its libraries' addresses filled in.
    ///
    /// # Errors
    /// Unless exactly the libraries are named that it calls.
    pub fn link(&self, libraries: &[(&str, Address)]) -> Result<Self, ArtifactError> {
        let wrong = |reason: String| ArtifactError { name: self.name.clone(), reason };
        let mut linked = self.clone();
        for (library, address) in libraries {
            let places = linked.unlinked.remove(*library);
            for at in places.ok_or_else(|| wrong(format!("it does not call {library}")))? {
                // `parse` has checked the place.
                linked.bytecode[at..at + 20].copy_from_slice(address.as_slice());
            }
        }
        match linked.unlinked.keys().next() {
            None => Ok(linked),
            Some(library) => Err(wrong(format!("no address for {library}"))),
        }
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
    /// A library of `RevenueLedger`.
    models = "Models.json";
    /// A library of `RevenueLedger`.
    epochs = "Epochs.json";
    /// A library of `RevenueLedger`.
    claims = "Claims.json";
    /// A library of `RevenueLedger`.
    demands = "Demands.json";
    /// A library of `RevenueLedger`.
    exits = "Exits.json";
    /// What `DatasetRegistry` hashes records' paths with; its constructor deploys it.
    record_tree = "RecordTree.json";
    /// A token that anyone can mint, for tests and demonstrations.
    test_token = "TestToken.json";
    /// The same, and anyone can block accounts, for tests.
    blocklist_token = "BlocklistToken.json";
    /// A verifier that accepts what it is told to, for tests.
    mock_verifier = "MockVerifier.json";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn artifact(start: usize, length: usize) -> Result<Artifact, ArtifactError> {
        let json = serde_json::json!({
            "contract": "Caller",
            "bytecode": format!("0x73__${}$__ff73__${}$__", "1a".repeat(17), "2b".repeat(17)),
            "linkReferences": {
                "src/One.sol": { "One": [{ "start": 1, "length": 20 }] },
                "src/Two.sol": { "Two": [{ "start": start, "length": length }] },
            },
        });
        Artifact::parse(&json.to_string())
    }

    #[test]
    fn libraries_are_linked_where_they_are_called() {
        let caller = artifact(23, 20).unwrap();
        let (one, two) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let linked = caller.link(&[("Two", two), ("One", one)]).unwrap();
        let expected = [&[0x73][..], &[1; 20], &[0xff, 0x73], &[2; 20]].concat();
        assert_eq!(linked.bytecode, expected);
        assert!(linked.link(&[]).is_ok());
        for wrong in [vec![], vec![("One", one)], vec![("One", one), ("Two", two), ("Three", two)]] {
            assert!(caller.link(&wrong).is_err(), "{wrong:?}");
        }
        assert!(caller.link(&[("One", one), ("Two", two), ("One", two)]).is_err());
    }

    #[test]
    fn a_place_that_is_none_is_refused() {
        for (start, length) in [(24, 20), (23, 19), (1 << 40, 20)] {
            assert!(artifact(start, length).is_err(), "{start}, {length}");
        }
    }
}
