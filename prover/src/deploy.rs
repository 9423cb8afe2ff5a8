//! Compiled contracts, and in which order a deployment creates them.

mod plan;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use apportion_chain::codes::{CodeHashes, ContractCode, CreationCode, VerifierCode};
pub use apportion_chain::{
    codes::{OPENINGS, verifier_name},
    creation::created_at,
};
use apportion_circuits::types::{Payee, Word};
use apportion_statement::files::sha256;
use serde::Deserialize;

pub use self::plan::{Creation, Plan};
use crate::{error::Error, ledger::LedgerError};

/// The registry's name.
pub const REGISTRY: &str = "DatasetRegistry";
/// The name of the contract that the registry creates for records' paths.
const RECORD_TREE: &str = "RecordTree";
/// The ledger's name.
pub const LEDGER: &str = "RevenueLedger";

/// Where a library's address belongs in creation code: file, library, places.
type LinkReferences = BTreeMap<String, BTreeMap<String, Vec<Place>>>;

#[derive(Clone, Copy, Debug, Deserialize)]
struct Place {
    start: usize,
    length: usize,
}

/// A compiled contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Its name.
    #[serde(rename = "contract")]
    pub name: String,
    /// What creates it, in hexadecimal, before its constructor's arguments; names of libraries stand in for their
    /// addresses.
    bytecode: String,
    #[serde(default)]
    link_references: LinkReferences,
    /// SHA-256 of its code, zeros for immutable values and libraries; absent for generated verifiers, which have neither.
    #[serde(default)]
    deployed_bytecode_sha256: Option<String>,
    #[serde(default)]
    deployed_link_references: LinkReferences,
    #[serde(default)]
    immutable_references: BTreeMap<String, Vec<Place>>,
}

/// How a library's code begins: its own address, not known yet, is compared with where it runs.
const LIBRARY: &str = "73000000000000000000000000000000000000000030146080";

impl Artifact {
    fn refused(&self, why: &str) -> Error {
        Error::Mismatch(format!("the compiled contract {}: {why}", self.name))
    }

    /// Libraries that its creation code names.
    pub fn libraries(&self) -> impl Iterator<Item = &str> {
        self.link_references.values().flat_map(BTreeMap::keys).map(String::as_str)
    }

    /// Its creation code, linked, with its constructor's arguments.
    ///
    /// # Errors
    /// If a library is missing or the code is not hexadecimal.
    pub fn creation(&self, libraries: &BTreeMap<String, Payee>, arguments: &[u8]) -> Result<Vec<u8>, Error> {
        let linked = |name: &str| {
            libraries.get(name).copied().ok_or_else(|| self.refused(&format!("needs the library {name}")))
        };
        let mut code = self.linked(linked)?;
        code.extend_from_slice(arguments);
        Ok(code)
    }

    fn linked(&self, address: impl Fn(&str) -> Result<Payee, Error>) -> Result<Vec<u8>, Error> {
        let mut digits = digits(&self.bytecode).as_bytes().to_vec();
        for (name, places) in self.link_references.values().flatten() {
            put(&mut digits, places, &hex::encode(address(name)?.0))
                .ok_or_else(|| self.refused("its links fit nowhere"))?;
        }
        let code = hex::decode(&digits).map_err(|_| self.refused("its bytecode is not hexadecimal"))?;
        if code.is_empty() { Err(self.refused("it has no bytecode")) } else { Ok(code) }
    }

    /// What an auditor computes its address from.
    fn creation_code(&self) -> Result<CreationCode, Error> {
        let code = self.linked(|_| Ok(Payee::default()))?;
        Ok(CreationCode {
            code: format!("0x{}", hex::encode(code)),
            libraries: places(&self.link_references),
        })
    }

    /// SHA-256 of its code once it is created, zeros for what is not known before.
    fn deployed(&self) -> Result<Word, Error> {
        if let Some(digits) = &self.deployed_bytecode_sha256 {
            return format!("0x{digits}").parse().map_err(|_| self.refused("its digest is none"));
        }
        // A generated verifier: what creates it returns the rest of itself.
        let code = self.creation(&BTreeMap::new(), &[])?;
        let begins = code.windows(2).position(|pair| pair == [0xf3, 0xfe]);
        let begins = begins.ok_or_else(|| self.refused("its code does not follow from its creation code"))?;
        Ok(sha256(code.get(begins + 2..).unwrap_or_default()))
    }

    /// What an auditor compares its code with.
    ///
    /// # Errors
    /// If the artifact has no code.
    pub fn code(&self) -> Result<ContractCode, Error> {
        // The others have no storage of their own, and libraries no arguments: see [`Artifacts::codes`].
        let stores = [REGISTRY, LEDGER].contains(&self.name.as_str());
        Ok(ContractCode {
            contract: self.name.clone(),
            sha256: self.deployed()?,
            immutables: self.immutable_references.values().map(|places| starts(places)).collect(),
            libraries: places(&self.deployed_link_references),
            library: self.bytecode.contains(LIBRARY),
            created: None,
            creation: stores.then(|| self.creation_code()).transpose()?,
        })
    }

    /// The same of a verifier.
    ///
    /// # Errors
    /// If the artifact has no code.
    pub fn verifier_code(&self) -> Result<VerifierCode, Error> {
        let created = created_at(&self.creation(&BTreeMap::new(), &[])?);
        Ok(VerifierCode { contract: self.name.clone(), sha256: self.deployed()?, created })
    }

    /// Whether a 32-byte constant stands in its code.
    fn contains(&self, word: Word) -> bool {
        self.bytecode.contains(&hex::encode(word.0))
    }
}

fn starts(places: &[Place]) -> Vec<usize> {
    places.iter().map(|place| place.start).collect()
}

fn places(links: &LinkReferences) -> BTreeMap<String, Vec<usize>> {
    links.values().flatten().map(|(name, places)| (name.clone(), starts(places))).collect()
}

fn digits(hex: &str) -> &str {
    hex.strip_prefix("0x").unwrap_or(hex)
}

/// Writes the same digits into all places.
fn put(code: &mut [u8], places: &[Place], digits: &str) -> Option<()> {
    for Place { start, length } in places {
        let place = code.get_mut(2 * start..2 * (start + length))?;
        if place.len() != digits.len() {
            return None;
        }
        place.copy_from_slice(digits.as_bytes());
    }
    Some(())
}

/// Every contract of a deployment, compiled.
#[derive(Clone, Debug, Default)]
pub struct Artifacts {
    found: BTreeMap<String, Artifact>,
}

impl Artifacts {
    /// Reads every artifact of these directories; of two with one name the later is taken.
    ///
    /// # Errors
    /// If a directory cannot be read, or a file in it is none.
    pub fn read(dirs: &[PathBuf]) -> Result<Self, Error> {
        let mut found = BTreeMap::new();
        for dir in dirs {
            let io = |source| LedgerError::io("read", dir, source);
            for entry in fs::read_dir(dir).map_err(io)? {
                let path = entry.map_err(io)?.path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    let artifact = read(&path)?;
                    found.insert(artifact.name.clone(), artifact);
                }
            }
        }
        Ok(Self { found })
    }

    /// One by its name.
    ///
    /// # Errors
    /// If it is not there.
    pub fn get(&self, name: &str) -> Result<&Artifact, Error> {
        self.found.get(name).ok_or_else(|| {
            let verifiers: Vec<_> =
                self.found.keys().filter(|known| known.ends_with("Verifier")).map(String::as_str).collect();
            Error::usage(format!(
                "{name} is not compiled in the given directories, which hold {}. `apportion export verifier` writes a verifier of \
                 any tier in Solidity, contracts/script/compile_generated.cjs compiles those of a directory, and --verifiers names \
                 that directory",
                if verifiers.is_empty() { "no verifier".to_owned() } else { verifiers.join(", ") }
            ))
        })
    }

    /// Libraries of a contract, and theirs, before those that need them.
    ///
    /// # Errors
    /// If one is not there.
    pub fn libraries(&self, of: &str) -> Result<Vec<String>, Error> {
        let mut ordered = Vec::new();
        self.collect(of, &mut ordered, 0)?;
        ordered.retain(|name| name != of);
        Ok(ordered)
    }

    fn collect(&self, of: &str, ordered: &mut Vec<String>, depth: usize) -> Result<(), Error> {
        let artifact = self.get(of)?;
        if depth > 8 {
            return Err(artifact.refused("its libraries need one another"));
        }
        for name in artifact.libraries() {
            self.collect(name, ordered, depth + 1)?;
        }
        if !ordered.iter().any(|known| known == of) {
            ordered.push(of.to_owned());
        }
        Ok(())
    }

    /// Refuses verifiers of the setup whose secret is public.
    ///
    /// # Errors
    /// If one of these is for this setup.
    pub fn refuse_setup(&self, names: &[String], setup: Word) -> Result<(), Error> {
        for name in names {
            if self.get(name)?.contains(setup) {
                return Err(Error::Mismatch(format!(
                    "{name} is for the development setup, whose secret everybody knows: anyone could empty the ledger. \
                     --insecure-dev deploys it for a test all the same"
                )));
            }
        }
        Ok(())
    }

    /// What an auditor compares the contracts' code with.
    ///
    /// # Errors
    /// If an artifact has no code.
    pub fn codes(&self) -> Result<CodeHashes, Error> {
        let mut codes = CodeHashes::default();
        let mut libraries = BTreeMap::new();
        for of in [REGISTRY, LEDGER].into_iter().filter(|of| self.found.contains_key(*of)) {
            for name in self.libraries(of)? {
                let created = created_at(&self.get(&name)?.creation(&libraries, &[])?);
                libraries.insert(name, created);
            }
        }
        for (name, artifact) in &self.found {
            let created = libraries.get(name).copied();
            if created.is_some() || [REGISTRY, LEDGER, RECORD_TREE].contains(&name.as_str()) {
                codes.contracts.push(ContractCode { created, ..artifact.code()? });
            } else if name.ends_with("Verifier") && !name.starts_with(['I', 'M']) {
                codes.verifiers.push(artifact.verifier_code()?);
            }
        }
        Ok(codes)
    }
}

fn read(path: &Path) -> Result<Artifact, Error> {
    let text = fs::read_to_string(path).map_err(|source| LedgerError::io("read", path, source))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::Unreadable(format!("{}: not a compiled contract: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use apportion_circuits::types::Tier;
    use apportion_statement::RelationId;

    use super::*;

    fn artifact(json: serde_json::Value) -> Artifact {
        serde_json::from_value(json).unwrap()
    }

    fn linked() -> Artifact {
        artifact(serde_json::json!({
            "contract": "A",
            "bytecode": format!("0x6001{}6002", "__$0123456789abcdef0123456789abcdef01$__"),
            "linkReferences": { "src/L.sol": { "L": [{ "start": 2, "length": 20 }] } },
            "deployedBytecodeSha256": "ee".repeat(32),
            "deployedLinkReferences": { "src/L.sol": { "L": [{ "start": 0, "length": 20 }] } },
            "immutableReferences": { "7": [{ "start": 22, "length": 32 }] },
        }))
    }

    #[test]
    fn libraries_are_linked_and_arguments_stand_behind_the_code() {
        let libraries = BTreeMap::from([("L".to_owned(), Payee([0xab; 20]))]);
        let code = linked().creation(&libraries, &[9]).unwrap();
        assert_eq!(hex::encode(code), format!("6001{}600209", "ab".repeat(20)));
        let error = linked().creation(&BTreeMap::new(), &[]).unwrap_err();
        assert!(error.to_string().contains("needs the library L"), "{error}");
        let short = artifact(serde_json::json!({
            "contract": "A", "bytecode": "0x6001",
            "linkReferences": { "src/L.sol": { "L": [{ "start": 2, "length": 20 }] } },
        }));
        assert!(short.creation(&libraries, &[]).is_err());
        assert!(
            artifact(serde_json::json!({ "contract": "A", "bytecode": "0x" }))
                .creation(&libraries, &[])
                .is_err()
        );
    }

    #[test]
    fn what_an_auditor_compares_follows_from_the_artifact() {
        let known = linked().code().unwrap();
        assert_eq!((known.sha256, known.library), (Word([0xee; 32]), false));
        assert_eq!(known.immutables, [vec![22]]);
        assert_eq!(known.libraries["L"], [0]);
        // A verifier's code is the end of what creates it.
        let verifier = artifact(serde_json::json!({ "contract": "V", "bytecode": "0x6080f3fe01f3fe02" }));
        assert_eq!(verifier.verifier_code().unwrap().sha256, sha256(&[0x01, 0xf3, 0xfe, 0x02]));
    }

    #[test]
    fn a_verifier_of_the_development_setup_is_found() {
        let word = Word([0xcd; 32]);
        let verifier = artifact(serde_json::json!({
            "contract": "Split64Verifier", "bytecode": format!("0x7f{}", "cd".repeat(32)),
        }));
        let found = BTreeMap::from([("Split64Verifier".to_owned(), verifier)]);
        let artifacts = Artifacts { found };
        let names = [verifier_name(RelationId::Split, Tier::T64)];
        let error = artifacts.refuse_setup(&names, word).unwrap_err();
        assert!(error.to_string().contains("whose secret everybody knows"), "{error}");
        assert!(artifacts.refuse_setup(&names, Word([1; 32])).is_ok());
        assert!(artifacts.get("Tree64Verifier").is_err());
    }
}
