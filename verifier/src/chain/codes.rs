//! Code that contracts may have: what an audit holds the code on a chain against.
//!
//! A contract's values that are fixed at construction (Solidity's immutables) stand in its code, once for every use.
//! The hash is that of the code with zeros in all these places, as the compiler writes it. The values are not free: each
//! place must hold what the value's getter returns, since creation code could write one address where the getter reads
//! it and another where it is used. The code of a verifier depends on its key, so it is found by the key's digest, not by
//! a name that another setup's verifier has as well.

use std::{collections::BTreeMap, path::Path};

use apportion_circuits::types::{Payee, Word};
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{InputError, read_file},
    statement::keccak256,
};

/// More than any list of codes has.
const MAX_BYTES: u64 = 1 << 20;
/// The bytes of an immutable value in code.
const WORD: usize = 32;

/// Codes by contract. `code-hashes.json` is one; `apportion export code-hashes` makes it of compiled contracts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeHashes {
    /// Contracts that are the same for every ledger, by name.
    pub contracts: Vec<ContractCode>,
    /// Verifiers.
    pub verifiers: Vec<VerifierCode>,
}

/// The code of a contract that every ledger shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractCode {
    /// Its name.
    pub contract: String,
    /// Where each immutable value stands, by the name of its getter, as offsets of 32-byte words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub immutables: BTreeMap<String, Vec<usize>>,
    /// Keccak-256 of the code, zeros in place of the immutable values.
    pub keccak256: Word,
}

impl ContractCode {
    /// Where immutable values stand, whichever they are.
    pub fn places(&self) -> Vec<usize> {
        self.immutables.values().flatten().copied().collect()
    }
}

/// The code of a verifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifierCode {
    /// Its name.
    pub contract: String,
    /// The digest of its key, as `ledger.json` has it.
    pub key_digest: Word,
    /// Keccak-256 of the code.
    pub keccak256: Word,
}

impl CodeHashes {
    /// The codes of this repository's compiled contracts, and of the verifiers for the insecure development setup: an
    /// audit refuses that setup before it comes to code, unless it is told otherwise.
    pub fn built_in() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../../code-hashes.json"))
    }

    /// Reads a list.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let bytes = read_file(path, MAX_BYTES)?;
        serde_json::from_slice(&bytes).map_err(|error| InputError::value(path, error.to_string()))
    }

    /// Takes over what another list has; what it says comes first.
    pub fn prefer(&mut self, other: Self) {
        self.contracts.splice(0..0, other.contracts);
        self.verifiers.splice(0..0, other.verifiers);
    }

    /// What a shared contract's code must be.
    pub fn contract(&self, name: &str) -> Option<&ContractCode> {
        self.contracts.iter().find(|code| code.contract == name)
    }

    /// What the code of the verifier of a key must be.
    pub fn verifier(&self, key_digest: Word) -> Option<&VerifierCode> {
        self.verifiers.iter().find(|code| code.key_digest == key_digest)
    }
}

/// The first of these places at which code does not have an address as a 32-byte word.
pub(super) fn misplaced(code: &[u8], places: &[usize], address: Payee) -> Option<usize> {
    let mut word = [0; WORD];
    word[WORD - address.0.len()..].copy_from_slice(&address.0);
    let found = |at: usize| at.checked_add(WORD).and_then(|end| code.get(at..end));
    places.iter().copied().find(|at| found(*at) != Some(word.as_slice()))
}

/// Keccak-256 of code with zeros in place of immutable values; of the code as it is where it is too short for them.
pub fn code_hash(code: &[u8], immutables: &[usize]) -> Word {
    let mut masked = code.to_vec();
    for at in immutables {
        if let Some(value) = at.checked_add(WORD).and_then(|end| masked.get_mut(*at..end)) {
            value.fill(0);
        }
    }
    keccak256(&masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_immutable_values_are_masked() {
        let code: Vec<u8> = (1..=100).collect();
        let hash = code_hash(&code, &[10]);
        let with = |at: usize| {
            let mut other = code.clone();
            other[at] ^= 0x80;
            code_hash(&other, &[10])
        };
        assert_ne!(hash, code_hash(&code, &[]));
        assert_ne!(hash, with(9));
        assert_eq!(hash, with(10));
        assert_eq!(hash, with(41));
        assert_ne!(hash, with(42));
        // A code that is too short for its immutable values is hashed as it is.
        assert_eq!(code_hash(&code, &[90]), code_hash(&code, &[]));
        assert_eq!(code_hash(&code, &[usize::MAX]), code_hash(&code, &[]));
    }

    #[test]
    fn an_immutable_value_is_the_same_in_every_place() {
        let address = Payee([7; 20]);
        let mut code = [vec![1; 5], vec![0; 12], vec![7; 20], vec![1; 3], vec![0; 12], vec![7; 20]].concat();
        assert_eq!(misplaced(&code, &[5, 40], address), None);
        assert_eq!(misplaced(&code, &[5, 41], address), Some(41));
        assert_eq!(misplaced(&code, &[usize::MAX], address), Some(usize::MAX));
        code[40] = 1;
        assert_eq!(misplaced(&code, &[5, 40], address), Some(40));
    }

    #[test]
    fn the_list_that_is_given_comes_first() {
        let built_in = CodeHashes::built_in().unwrap();
        let known = built_in.contract("RevenueLedger").unwrap().clone();
        let other = ContractCode { keccak256: Word([7; 32]), ..known };
        let mut codes = built_in.clone();
        codes.prefer(CodeHashes { contracts: vec![other.clone()], verifiers: Vec::new() });
        assert_eq!(codes.contract("RevenueLedger"), Some(&other));
        assert_eq!(codes.contract("AccountTree"), built_in.contract("AccountTree"));
        assert_eq!(codes.verifiers, built_in.verifiers);
        assert!(codes.verifier(Word::default()).is_none());
    }
}
