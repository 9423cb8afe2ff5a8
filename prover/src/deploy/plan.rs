//! What a deployment creates, in which order and where: all of it follows from the code and from what is asked for, so it is
//! known before anything is sent.

use std::path::Path;

use apportion_chain::{
    Addresses, VerifierAddress,
    creation::{created_at, ledger_arguments, registry_arguments},
};
use apportion_circuits::types::{Payee, Tier};
use apportion_statement::RelationId;

use super::{Artifacts, LEDGER, OPENINGS, REGISTRY, verifier_name};
use crate::error::Error;

/// A contract to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// Its name.
    pub name: String,
    /// What creates it, linked, with its constructor's arguments.
    pub code: Vec<u8>,
    /// Where it will be, or is.
    pub at: Payee,
}

/// The contracts of one configuration.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// In the order of their creation.
    pub creations: Vec<Creation>,
    /// The contracts, but for the block, the setup and what depends on it.
    pub addresses: Addresses,
}

impl Artifacts {
    /// What a deployment for these tiers creates.
    ///
    /// # Errors
    /// If a contract is not compiled, or its code cannot be linked.
    pub fn plan(&self, chain_id: u64, tiers: &[Tier], max_bond: u128) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        let openings = plan.add(self, OPENINGS, &[])?;
        let mut verifiers = Vec::new();
        for relation in [RelationId::Tree, RelationId::Split] {
            for tier in tiers {
                let address = plan.add(self, &verifier_name(relation, *tier), &[])?;
                verifiers.push(VerifierAddress { relation, slots: tier.slots() as u32, address });
            }
        }
        let of = |relation: RelationId| -> Vec<(Tier, Payee)> {
            let of_relation = verifiers.iter().filter(|verifier| verifier.relation == relation);
            tiers.iter().zip(of_relation).map(|(tier, verifier)| (*tier, verifier.address)).collect()
        };
        let registry = plan.add(self, REGISTRY, &registry_arguments(openings, &of(RelationId::Tree)))?;
        let arguments = ledger_arguments(registry, openings, &of(RelationId::Split), max_bond);
        let ledger = plan.add(self, LEDGER, &arguments)?;
        let mut libraries = Vec::new();
        for name in [REGISTRY, LEDGER] {
            libraries.extend(self.libraries(name)?);
        }
        let libraries = libraries.into_iter().map(|name| (name.clone(), plan.at(&name))).collect();
        plan.addresses = Addresses {
            version: 1,
            chain_id,
            registry,
            ledger,
            opening_verifier: openings,
            verifiers,
            libraries,
            ..Addresses::default()
        };
        Ok(plan)
    }
}

impl Plan {
    /// A contract, with the libraries that it needs before it.
    fn add(&mut self, artifacts: &Artifacts, name: &str, arguments: &[u8]) -> Result<Payee, Error> {
        for library in artifacts.libraries(name)? {
            if !self.creations.iter().any(|known| known.name == library) {
                self.create(artifacts, &library, &[])?;
            }
        }
        self.create(artifacts, name, arguments)
    }

    fn create(&mut self, artifacts: &Artifacts, name: &str, arguments: &[u8]) -> Result<Payee, Error> {
        let known = self.creations.iter().map(|known| (known.name.clone(), known.at)).collect();
        let code = artifacts.get(name)?.creation(&known, arguments)?;
        let at = created_at(&code);
        self.creations.push(Creation { name: name.to_owned(), code, at });
        Ok(at)
    }

    fn at(&self, name: &str) -> Payee {
        self.creations.iter().find(|known| known.name == name).map(|known| known.at).unwrap_or_default()
    }

    /// What an older file of addresses says otherwise: nothing where it is of this configuration.
    fn differs(&self, older: &Addresses) -> Vec<String> {
        let mut differs = Vec::new();
        let mut compare = |what: &str, file: String, here: String| {
            if file != here {
                differs.push(format!("{what}: file {file}, here {here}"));
            }
        };
        let own = &self.addresses;
        compare("chain", older.chain_id.to_string(), own.chain_id.to_string());
        let tiers = |addresses: &Addresses| {
            let tiers: Vec<_> = addresses.tiers().iter().map(ToString::to_string).collect();
            tiers.join(" and ")
        };
        compare("tiers", tiers(older), tiers(own));
        compare("opening verifier", older.opening_verifier.to_string(), own.opening_verifier.to_string());
        compare("registry", older.registry.to_string(), own.registry.to_string());
        compare("ledger", older.ledger.to_string(), own.ledger.to_string());
        if older.verifiers != own.verifiers || older.libraries != own.libraries {
            let what = "verifiers or libraries";
            compare(what, "others".to_owned(), "these".to_owned());
        }
        differs
    }

    /// The addresses that are at a path already, if they are this configuration's: another deployment's are not written over.
    ///
    /// # Errors
    /// If something else is there: nothing is to be sent then.
    pub fn already_written(&self, path: &Path) -> Result<Option<Addresses>, Error> {
        if !path.exists() {
            return Ok(None);
        }
        let otherwise = "Nothing was sent: name another file with --out, or move this one away";
        let older = Addresses::read(path).map_err(|error| Error::usage(format!("{error}. {otherwise}")))?;
        let differs = self.differs(&older);
        if differs.is_empty() {
            return Ok(Some(older));
        }
        let (file, differs) = (path.display(), differs.join("; "));
        Err(Error::usage(format!("{file} is of another deployment ({differs}). {otherwise}")))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn artifacts() -> Artifacts {
        let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts");
        let dirs: [PathBuf; 2] = [contracts.join("artifacts"), contracts.join("generated")];
        Artifacts::read(&dirs).unwrap()
    }

    #[test]
    fn libraries_and_verifiers_come_before_what_needs_them() {
        let plan = artifacts().plan(7, &[Tier::T64, Tier::T1024], 5).unwrap();
        let names: Vec<_> = plan.creations.iter().map(|creation| creation.name.as_str()).collect();
        assert_eq!(names.first(), Some(&OPENINGS));
        assert_eq!(names.last(), Some(&LEDGER));
        let place = |name: &str| names.iter().position(|known| *known == name).unwrap();
        assert!(place("Models") > place(REGISTRY) && place("Split1024Verifier") < place(REGISTRY));
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "{names:?}");
        assert_eq!(plan.addresses.libraries["Models"], plan.at("Models"));
        assert_eq!(plan.addresses.tiers(), [Tier::T64, Tier::T1024]);
    }

    #[test]
    fn addresses_of_another_deployment_are_never_written_over() {
        let (artifacts, dir) = (artifacts(), tempfile::tempdir().unwrap());
        let plan = artifacts.plan(7, &[Tier::T64], 5).unwrap();
        let path = dir.path().join("addresses.json");
        assert_eq!(plan.already_written(&path).unwrap(), None);
        let mut own = plan.addresses.clone();
        (own.block, own.insecure) = (9, true);
        std::fs::write(&path, own.to_json()).unwrap();
        assert_eq!(plan.already_written(&path).unwrap(), Some(own));
        for (chain, tiers, bond, says) in [
            (8, &[Tier::T64][..], 5, "(chain: file 7, here 8). Nothing was sent: name another file"),
            (7, &[Tier::T64], 6, "is of another deployment (ledger: file 0x"),
            (7, &[Tier::T64, Tier::T1024], 5, "tiers: file 64, here 64 and 1024"),
        ] {
            let error = artifacts.plan(chain, tiers, bond).unwrap().already_written(&path).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
        std::fs::write(&path, "a shopping list").unwrap();
        let error = plan.already_written(&path).unwrap_err().to_string();
        assert!(
            error.contains("not a file of `apportion deploy`") && error.contains("move this one away"),
            "{error}"
        );
    }
}
