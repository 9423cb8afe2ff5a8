//! Code that contracts may have: what an audit holds the code on a chain against.
//!
//! Values that are fixed at construction (Solidity's immutables) and addresses of libraries stand in a contract's code.
//! The digest is that of the code with zeros in their places. The places are not free: one value stands in all the places
//! that the compiler gave it, so what a getter returns is what the code uses; and a library is known code itself.

use std::{collections::BTreeMap, path::Path};

use apportion_circuits::types::{Payee, Word};
use apportion_statement::files::{InputError, read_file, sha256};
use serde::{Deserialize, Serialize};

/// More bytes than any list of codes has.
const MAX_BYTES: u64 = 1 << 22;

/// The codes that are known. `code-hashes.json` is such a list; `apportion export code-hashes` makes one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeHashes {
    /// Contracts and libraries that are the same for every ledger.
    pub contracts: Vec<ContractCode>,
    /// Verifiers of relations, and of openings: each of one setup.
    pub verifiers: Vec<VerifierCode>,
}

/// The code of a contract that every ledger shares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractCode {
    /// Its name.
    pub contract: String,
    /// SHA-256 of its code, zeros in the places below.
    pub sha256: Word,
    /// For each immutable value, where its 32-byte word stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub immutables: Vec<Vec<usize>>,
    /// For each library, where its 20-byte address stands.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub libraries: BTreeMap<String, Vec<usize>>,
    /// Whether it is a library: its own address then stands behind its first byte.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub library: bool,
}

/// The code of a verifier: nothing in it is free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifierCode {
    /// Its name.
    pub contract: String,
    /// SHA-256 of its code.
    pub sha256: Word,
}

impl CodeHashes {
    /// The codes of this repository's compiled contracts and verifiers.
    ///
    /// # Errors
    /// Never: a test reads the list.
    pub fn built_in() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../code-hashes.json"))
    }

    /// Reads a list.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let bytes = read_file(path, MAX_BYTES)?;
        serde_json::from_slice(&bytes).map_err(|error| InputError::value(path, error.to_string()))
    }

    /// Takes over what another list has.
    pub fn extend(&mut self, other: Self) {
        self.contracts.extend(other.contracts);
        self.verifiers.extend(other.verifiers);
    }

    /// Compares code with the known code of a contract: the addresses of the libraries that it uses, by name.
    ///
    /// # Errors
    /// If the code is none that is known under the name.
    pub fn check(&self, contract: &str, code: &[u8]) -> Result<BTreeMap<String, Payee>, String> {
        if code.is_empty() {
            return Err("there is no contract".into());
        }
        let known = self.contracts.iter().filter(|known| known.contract == contract);
        let mut found = known.filter_map(|known| known.check(code));
        found.next().ok_or_else(|| unknown(code))
    }

    /// Compares code with the known codes of verifiers: the name of the one that it is.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn check_verifier(&self, code: &[u8]) -> Result<&str, String> {
        if code.is_empty() {
            return Err("there is no contract".into());
        }
        let digest = sha256(code);
        let known = self.verifiers.iter().find(|known| known.sha256 == digest);
        known.map(|known| known.contract.as_str()).ok_or_else(|| unknown(code))
    }
}

fn unknown(code: &[u8]) -> String {
    format!("its code is none that is known (SHA-256 {}, {} bytes)", sha256(code), code.len())
}

impl ContractCode {
    /// The addresses of libraries, where the code is this one.
    fn check(&self, code: &[u8]) -> Option<BTreeMap<String, Payee>> {
        let mut masked = code.to_vec();
        let mut take = |at: usize, bytes: usize| {
            let place = masked.get_mut(at..at.checked_add(bytes)?)?;
            let value = place.to_vec();
            place.fill(0);
            Some(value)
        };
        for places in &self.immutables {
            let values: Option<Vec<_>> = places.iter().map(|at| take(*at, 32)).collect();
            if values?.windows(2).any(|pair| pair[0] != pair[1]) {
                return None;
            }
        }
        let mut libraries = BTreeMap::new();
        for (name, places) in &self.libraries {
            let values: Option<Vec<_>> = places.iter().map(|at| take(*at, 20)).collect();
            let values = values?;
            if values.windows(2).any(|pair| pair[0] != pair[1]) {
                return None;
            }
            let address = values.first().and_then(|value| value.as_slice().try_into().ok());
            libraries.insert(name.clone(), Payee(address?));
        }
        if self.library {
            take(1, 20)?;
        }
        (sha256(&masked) == self.sha256).then_some(libraries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> (Vec<u8>, ContractCode) {
        let mut code: Vec<u8> = (1..=150).collect();
        code[10..42].fill(0);
        code[60..92].fill(0);
        code[100..120].fill(0);
        let digest = sha256(&code);
        code[10..42].fill(7);
        code[60..92].fill(7);
        code[100..120].fill(9);
        let known = ContractCode {
            contract: "A".into(),
            sha256: digest,
            immutables: vec![vec![10, 60]],
            libraries: [("L".to_owned(), vec![100])].into(),
            library: false,
        };
        (code, known)
    }

    #[test]
    fn only_places_of_values_are_free_and_one_value_stands_in_all_of_its_places() {
        let (code, known) = known();
        assert_eq!(known.check(&code), Some([("L".to_owned(), Payee([9; 20]))].into()));
        for at in [9, 42, 99, 120] {
            let mut other = code.clone();
            other[at] ^= 1;
            assert_eq!(known.check(&other), None, "{at}");
        }
        // The getter would say one address and the code use another.
        let mut two = code.clone();
        two[60..92].fill(8);
        assert_eq!(known.check(&two), None);
        let mut both = two.clone();
        both[10..42].fill(8);
        assert!(known.check(&both).is_some());
        assert_eq!(known.check(&code[..100]), None);
        assert_eq!(known.check(&[]), None);
    }

    #[test]
    fn a_librarys_own_address_is_free() {
        let mut code: Vec<u8> = (1..=60).collect();
        code[1..21].fill(0);
        let known = ContractCode { sha256: sha256(&code), library: true, ..ContractCode::default() };
        code[1..21].fill(5);
        assert!(known.check(&code).is_some());
        code[0] = 9;
        assert!(known.check(&code).is_none());
    }

    #[test]
    fn what_is_known_is_found_by_name_or_by_digest() {
        let (code, known) = known();
        let verifier = VerifierCode { contract: "V".into(), sha256: sha256(b"code") };
        let mut codes = CodeHashes::built_in().unwrap();
        codes.extend(CodeHashes { contracts: vec![known], verifiers: vec![verifier] });
        assert!(codes.check("A", &code).is_ok());
        assert!(codes.check("B", &code).unwrap_err().contains("none that is known"));
        assert!(codes.check("A", &[]).unwrap_err().contains("no contract"));
        assert_eq!(codes.check_verifier(b"code"), Ok("V"));
        assert!(codes.check_verifier(b"other").is_err() && codes.check_verifier(b"").is_err());
    }
}
