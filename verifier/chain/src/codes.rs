//! Code that contracts may have: what an audit holds the code on a chain against.
//!
//! Values that are fixed at construction (Solidity's immutables) and addresses of libraries stand in a contract's code.
//! The digest is that of the code with zeros in their places. The code's places are not free: one value stands in all the places
//! that the compiler gave it, so what a getter returns is what the code uses; and a library is known code itself.
//!
//! Code alone says nothing about storage: of contracts that have any, the list also has what creates them, from which their
//! addresses follow (see [`crate::creation`]).

use std::{collections::BTreeMap, path::Path};

use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::{
    RelationId,
    files::{InputError, read_file, sha256},
};
use serde::{Deserialize, Serialize};

use crate::creation;

/// More bytes than any list of codes has.
const MAX_BYTES: u64 = 1 << 22;

/// The opening verifier's name.
pub const OPENINGS: &str = "OpeningVerifier";

/// The name of a relation's verifier: `Split64Verifier`.
pub fn verifier_name(relation: RelationId, tier: Tier) -> String {
    let name = match relation {
        RelationId::Split => "Split",
        RelationId::Tree => "Tree",
    };
    format!("{name}{}Verifier", tier.slots())
}

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
    /// Where the deployment proxy creates it: of a library, whose place follows from its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Payee>,
    /// What creates it, where it has storage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation: Option<CreationCode>,
}

/// What creates a contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreationCode {
    /// In hexadecimal, without its constructor's arguments, zeros in the places below.
    pub code: String,
    /// For each library, where its 20-byte address stands.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub libraries: BTreeMap<String, Vec<usize>>,
}

/// The code of a verifier: nothing in it is free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifierCode {
    /// Its name.
    pub contract: String,
    /// SHA-256 of its code.
    pub sha256: Word,
    /// Where the deployment proxy creates it.
    pub created: Payee,
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

    /// Compares a contract's address with those at which its known creation code creates it with these libraries and
    /// arguments.
    ///
    /// # Errors
    /// If it is none of them: something else may have run before its code was there.
    pub fn check_creation(
        &self,
        contract: &str,
        at: Payee,
        libraries: &BTreeMap<String, Payee>,
        arguments: &[u8],
    ) -> Result<(), String> {
        let known = self.contracts.iter().filter(|known| known.contract == contract);
        let codes = known.filter_map(|known| known.creation.as_ref()?.linked(libraries));
        let places: Vec<Payee> =
            codes.map(|code| creation::created_at(&[code.as_slice(), arguments].concat())).collect();
        placed(&places, at)
    }

    /// Compares a library's address with those at which the proxy creates it. Code alone does not do: what was at a linked
    /// address before, while the ledger was made, may have written into the ledger's storage, and be gone.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn check_library_place(&self, library: &str, at: Payee) -> Result<(), String> {
        let known = self.contracts.iter().filter(|known| known.contract == library);
        placed(&known.filter_map(|known| known.created).collect::<Vec<_>>(), at)
    }

    /// The same of a verifier with this code.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn check_verifier_place(&self, name: &str, code: &[u8], at: Payee) -> Result<(), String> {
        let digest = sha256(code);
        let known = self.verifiers.iter().filter(|known| known.contract == name && known.sha256 == digest);
        placed(&known.map(|known| known.created).collect::<Vec<_>>(), at)
    }

    /// Compares code with the known codes of a verifier.
    ///
    /// # Errors
    /// If it is none of them, or another verifier's.
    pub fn check_verifier(&self, name: &str, code: &[u8]) -> Result<(), String> {
        if code.is_empty() {
            return Err("there is no contract".into());
        }
        let digest = sha256(code);
        let mut known = self.verifiers.iter().filter(|known| known.sha256 == digest).peekable();
        match known.peek().map(|first| first.contract.clone()) {
            None => Err(unknown(code)),
            Some(_) if known.any(|known| known.contract == name) => Ok(()),
            Some(other) => Err(format!("its code is that of {other}, not of {name}")),
        }
    }
}

fn placed(places: &[Payee], at: Payee) -> Result<(), String> {
    match places {
        [] => Err("the list of codes does not say what creates it".into()),
        list if list.contains(&at) => Ok(()),
        [place, ..] => Err(format!(
            "the deployment proxy creates it at {place}: nobody knows what created this one, and what it wrote into its \
             storage first"
        )),
    }
}

fn unknown(code: &[u8]) -> String {
    format!("its code is none that is known (SHA-256 {}, {} bytes)", sha256(code), code.len())
}

impl CreationCode {
    /// The code with its libraries' addresses; `None` where one is missing.
    fn linked(&self, libraries: &BTreeMap<String, Payee>) -> Option<Vec<u8>> {
        let mut code = hex::decode(self.code.strip_prefix("0x")?).ok()?;
        for (name, places) in &self.libraries {
            let Payee(library) = libraries.get(name)?;
            for at in places {
                code.get_mut(*at..at.checked_add(20)?)?.copy_from_slice(library);
            }
        }
        Some(code)
    }
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
            ..ContractCode::default()
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
    fn an_address_says_what_created_a_contract() {
        let creation = CreationCode {
            code: format!("0x60{}60", "00".repeat(20)),
            libraries: [("L".to_owned(), vec![1])].into(),
        };
        let known =
            ContractCode { contract: "A".into(), creation: Some(creation), ..ContractCode::default() };
        let codes = CodeHashes { contracts: vec![known], verifiers: Vec::new() };
        let of = |byte: u8| BTreeMap::from([("L".to_owned(), Payee([byte; 20]))]);
        let at = creation::created_at(&[&[0x60][..], &[9; 20], &[0x60, 5]].concat());
        assert_eq!(codes.check_creation("A", at, &of(9), &[5]), Ok(()));
        // Other libraries, other arguments, another address.
        for (libraries, arguments, at) in
            [(of(8), vec![5], at), (of(9), vec![6], at), (of(9), vec![5], Payee([1; 20]))]
        {
            let why = codes.check_creation("A", at, &libraries, &arguments).unwrap_err();
            assert!(why.contains("wrote into its storage"), "{why}");
        }
        // Nobody knows what creates it, or with which library.
        for (name, libraries) in [("B", of(9)), ("A", BTreeMap::new())] {
            let why = codes.check_creation(name, at, &libraries, &[5]).unwrap_err();
            assert!(why.contains("does not say what creates it"), "{why}");
        }
    }

    #[test]
    fn registry_and_ledger_are_created_by_code_that_is_known() {
        let codes = CodeHashes::built_in().unwrap();
        let known: Vec<_> = codes.contracts.iter().filter(|known| known.creation.is_some()).collect();
        let names: Vec<_> = known.iter().map(|known| known.contract.as_str()).collect();
        assert_eq!(names, ["DatasetRegistry", "RevenueLedger"]);
        for known in known {
            let libraries = known.libraries.keys().map(|name| (name.clone(), Payee([1; 20]))).collect();
            assert!(known.creation.as_ref().unwrap().linked(&libraries).is_some());
        }
    }

    #[test]
    fn what_is_known_is_found_by_name_or_by_digest() {
        let (code, known) = known();
        let verifier =
            VerifierCode { contract: "V".into(), sha256: sha256(b"code"), created: Payee([7; 20]) };
        let mut codes = CodeHashes::built_in().unwrap();
        codes.extend(CodeHashes { contracts: vec![known], verifiers: vec![verifier] });
        assert!(codes.check("A", &code).is_ok());
        assert!(codes.check("B", &code).unwrap_err().contains("none that is known"));
        assert!(codes.check("A", &[]).unwrap_err().contains("no contract"));
        assert_eq!(codes.check_verifier("V", b"code"), Ok(()));
        let other = codes.check_verifier("W", b"code").unwrap_err();
        assert!(other.contains("that of V, not of W"), "{other}");
        assert!(codes.check_verifier("V", b"other").is_err() && codes.check_verifier("V", b"").is_err());
    }

    #[test]
    fn code_that_is_known_has_its_place() {
        let at = |n: u8| Payee([n; 20]);
        let library = |created| ContractCode { contract: "L".into(), created, ..ContractCode::default() };
        let verifier =
            |code: &[u8], n| VerifierCode { contract: "V".into(), sha256: sha256(code), created: at(n) };
        let codes = CodeHashes {
            contracts: vec![library(Some(at(1))), library(None)],
            verifiers: vec![verifier(b"one setup", 2), verifier(b"another", 3)],
        };
        assert_eq!(codes.check_library_place("L", at(1)), Ok(()));
        assert!(
            codes.check_library_place("L", at(2)).unwrap_err().contains("nobody knows what created this one")
        );
        assert!(codes.check_library_place("M", at(1)).unwrap_err().contains("does not say what creates it"));
        assert_eq!(codes.check_verifier_place("V", b"one setup", at(2)), Ok(()));
        // Another setup's place is none.
        assert!(codes.check_verifier_place("V", b"one setup", at(3)).is_err());
        assert!(codes.check_verifier_place("W", b"one setup", at(2)).is_err());
    }
}
