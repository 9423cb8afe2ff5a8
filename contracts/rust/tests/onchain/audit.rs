//! A ledger's public files against the contract's storage.

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use apportion_circuits::types::Payee;
use apportion_contracts::{Chain, Deployment, code_hashes, dev_verifiers};
use apportion_verifier::{
    bundle::{Document, EpochDoc},
    chain::{Call, CodeHashes, ReadChain, abi::IRevenueLedger, compare},
    report::{Exit, Report},
};

use crate::world::{RECORDS, World};

/// The chain in process, as an auditor's node.
pub(crate) struct Node(pub(crate) Chain);

impl ReadChain for Node {
    fn chain_id(&mut self) -> Result<u64, String> {
        Ok(self.0.chain_id())
    }

    fn code(&mut self, at: Payee) -> Result<Vec<u8>, String> {
        Ok(self.0.code(at).to_vec())
    }

    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, String> {
        let call = Call { to, data, ..Call::default() };
        let sent = self.0.clone().send(Payee::default(), &call);
        sent.map(|receipt| receipt.output.to_vec()).map_err(|refusal| refusal.to_string())
    }
}

fn audit(world: &World, chain: &Chain) -> Report {
    let codes = CodeHashes::built_in().unwrap();
    compare(&world.life.source().unwrap(), &codes, &mut Node(chain.clone()))
}

pub(crate) fn files_and_chain_agree(world: &World) {
    let report = audit(world, &world.life.chain);
    assert!(report.valid(), "{}", report.to_json());
}

#[test]
fn what_the_chain_does_not_have_is_found() {
    let mut world = World::enrolled(RECORDS);
    files_and_chain_agree(&world);
    world.close(1);
    let failed = |report: Report| report.failed().map(|check| check.id.name());
    // Proven, not settled.
    assert_eq!(failed(audit(&world, &world.life.chain)), Some("chain.epoch"));
    world.life.settle(1).unwrap();
    files_and_chain_agree(&world);
    let before = world.life.chain.clone();
    world.life.publish().unwrap();
    files_and_chain_agree(&world);
    assert_eq!(failed(audit(&world, &before)), Some("chain.published"));
    // Another chain altogether: nothing there answers.
    assert!(!audit(&world, &Chain::new(crate::world::CHAIN_ID)).valid());
    assert_eq!(failed(audit(&world, &Chain::new(1))), Some("chain.model"));
    // The files state another revenue.
    let path = world.life.source().unwrap().dir().epoch(1).join("epoch.json");
    let mut doc = EpochDoc::read(&path).unwrap();
    doc.revenue.0 += 1;
    std::fs::write(&path, doc.to_json()).unwrap();
    assert_eq!(failed(audit(&world, &world.life.chain)), Some("chain.epoch"));
}

/// A chain on which one contract has other code than the honest one, and still answers as it does.
struct OtherCode {
    honest: Node,
    at: Payee,
    code: Vec<u8>,
}

impl ReadChain for OtherCode {
    fn chain_id(&mut self) -> Result<u64, String> {
        self.honest.chain_id()
    }

    fn code(&mut self, at: Payee) -> Result<Vec<u8>, String> {
        if at == self.at { Ok(self.code.clone()) } else { self.honest.code(at) }
    }

    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, String> {
        self.honest.call(to, data)
    }
}

#[test]
fn other_code_is_found() {
    let mut world = World::enrolled(RECORDS);
    let source = world.life.source().unwrap();
    let codes = CodeHashes::built_in().unwrap();
    let deployment = world.life.deployment.clone();
    let tree = {
        let call = apportion_verifier::chain::abi::IRevenueLedger::accountTreeCall {};
        Payee(world.life.chain.view(deployment.ledger, &call).unwrap().into_array())
    };
    let (_, split, tree_verifier) = deployment.verifiers[0];
    for (at, place) in [
        (deployment.ledger, "RevenueLedger code"),
        (deployment.registry, "DatasetRegistry code"),
        (tree, "AccountTree code"),
        (split, "split verifier code"),
        (tree_verifier, "tree verifier code"),
    ] {
        let honest = world.life.chain.code(at).to_vec();
        // One byte at the end, one in the middle, one more, none at all: an account without code.
        let changed = |at: usize| {
            let mut code = honest.clone();
            code[at] ^= 1;
            code
        };
        let longer = [honest.clone(), vec![0]].concat();
        for code in [changed(honest.len() - 1), changed(honest.len() / 2), longer, Vec::new()] {
            let mut chain = OtherCode { honest: Node(world.life.chain.clone()), at, code };
            let report = compare(&source, &codes, &mut chain);
            let failed = report.failed().unwrap();
            assert_eq!(report.exit(), Exit::Invalid);
            assert_eq!(
                (failed.id.name(), failed.detail.starts_with(place)),
                ("chain.code", true),
                "{}",
                failed.detail
            );
        }
    }
    // A verifier whose code nobody vouches for.
    let unknown = CodeHashes { verifiers: Vec::new(), ..codes.clone() };
    let report = compare(&source, &unknown, &mut Node(world.life.chain.clone()));
    assert_eq!(report.exit(), Exit::NotCheckable);
    assert!(report.error.unwrap().to_string().contains("--code-hashes"));
}

/// Creation code may write an honest address where a getter reads it and another one where it is used.
#[test]
fn another_address_at_a_use_of_an_immutable_value_is_found() {
    let mut world = World::enrolled(1);
    let source = world.life.source().unwrap();
    let codes = CodeHashes::built_in().unwrap();
    let at = world.life.deployment.ledger;
    let honest = world.life.chain.code(at).to_vec();
    let places = codes.contract("RevenueLedger").unwrap().places();
    assert_eq!(places.len(), 5);
    for place in places {
        let mut code = honest.clone();
        code[place + 31] ^= 1;
        let mut chain = OtherCode { honest: Node(world.life.chain.clone()), at, code };
        let report = compare(&source, &codes, &mut chain);
        assert_eq!((report.exit(), report.failed().unwrap().id.name()), (Exit::Invalid, "chain.code"));
        assert!(report.failed().unwrap().detail.contains("every use of"), "offset {place}");
    }
    // A list that does not say where the values stand.
    let mut silent = codes.clone();
    silent.contracts[0].immutables.clear();
    let report = compare(&source, &silent, &mut Node(world.life.chain.clone()));
    assert!(!report.valid());
}

/// A chain that answers one question otherwise.
struct OtherAnswer<C: SolCall> {
    honest: Node,
    change: fn(C, &mut C::Return),
    encode: fn(C::Return) -> Vec<u8>,
}

impl<C: SolCall> ReadChain for OtherAnswer<C> {
    fn chain_id(&mut self) -> Result<u64, String> {
        self.honest.chain_id()
    }

    fn code(&mut self, at: Payee) -> Result<Vec<u8>, String> {
        self.honest.code(at)
    }

    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, String> {
        let answer = self.honest.call(to, data.clone())?;
        let Ok(call) = C::abi_decode(&data) else { return Ok(answer) };
        let mut found = C::abi_decode_returns(&answer).map_err(|error| error.to_string())?;
        (self.change)(call, &mut found);
        Ok((self.encode)(found))
    }
}

fn answered<C: SolCall>(world: &World, change: fn(C, &mut C::Return)) -> (Exit, String) {
    let encode = |found: C::Return| C::abi_encode_returns(&found);
    let mut chain = OtherAnswer::<C> { honest: Node(world.life.chain.clone()), change, encode };
    let codes = CodeHashes::built_in().unwrap();
    let report = compare(&world.life.source().unwrap(), &codes, &mut chain);
    (report.exit(), report.failed().map(|check| check.detail.clone()).unwrap_or_default())
}

#[test]
fn segments_and_epochs_that_the_files_do_not_have_are_found() {
    let mut world = World::enrolled(RECORDS);
    world.close(1);
    world.life.settle(1).unwrap();
    let report = audit(&world, &world.life.chain);
    assert!(report.valid(), "{}", report.to_json());
    let token = apportion_verifier::chain::abi::address(world.life.deployment.token).to_string();
    let attributor = apportion_verifier::chain::abi::address(world.life.roles.attributor).to_string();
    assert!(report.notes.iter().any(|note| note.contains(&token)), "{:?}", report.notes);
    assert!(report.notes.iter().any(|note| note.contains(&attributor)), "{:?}", report.notes);

    let found = [
        (answered::<IRevenueLedger::getModelCall>(&world, |_, model| model.segments += 1), "segments: 2 in"),
        (
            answered::<IRevenueLedger::getModelCall>(&world, |_, model| model.reserved += 1),
            "segments that are being enrolled: 2 in",
        ),
        (
            answered::<IRevenueLedger::getModelCall>(&world, |_, model| model.epoch += 1),
            "current epoch: 2 in",
        ),
        (
            answered::<IRevenueLedger::getEnrolmentCall>(&world, |_, enrolment| enrolment.first += 1),
            "dataset 0 first segment: 0 in",
        ),
        (
            answered::<IRevenueLedger::getEnrolmentCall>(&world, |_, enrolment| enrolment.enrolled -= 1),
            "dataset 0 enrolled segments: 2 of 2 in",
        ),
        (
            answered::<IRevenueLedger::scoreColumnCall>(&world, |call, column| {
                if call.index.is_zero() {
                    *column = Default::default();
                }
            }),
            "dataset 0 segment 0 scores: ",
        ),
    ];
    for ((exit, detail), start) in found {
        assert_eq!(exit, Exit::Invalid);
        assert!(detail.starts_with(start), "{detail}");
    }
}

#[test]
fn verifiers_of_other_tiers_are_found() {
    use apportion::onchain::Roles;
    use apportion_circuits::types::Tier;

    let mut chain = Chain::new(crate::world::CHAIN_ID);
    let verifiers = dev_verifiers(&[Tier::T64, Tier::T1024]).unwrap();
    let deployment = Deployment::new(&mut chain, Roles::default().developer, &verifiers).unwrap();
    let (_, split, tree) = deployment.verifiers[1];
    let mut world = World::enrolled_on(chain, deployment, "m", 1, None);
    // Both codes are known.
    files_and_chain_agree(&world);
    let source = world.life.source().unwrap();
    let codes = CodeHashes::built_in().unwrap();
    for at in [split, tree] {
        let mut code = world.life.chain.code(at).to_vec();
        code[100] ^= 1;
        let mut other = OtherCode { honest: Node(world.life.chain.clone()), at, code };
        let report = compare(&source, &codes, &mut other);
        assert_eq!((report.exit(), report.failed().unwrap().id.name()), (Exit::Invalid, "chain.code"));
        assert!(report.failed().unwrap().detail.contains("verifier of tier 1024: the code at"));
    }
    // Nobody vouches for them.
    let mut few = codes.clone();
    few.verifiers.truncate(2);
    let report = compare(&source, &few, &mut Node(world.life.chain.clone()));
    assert_eq!((report.exit(), report.failed()), (Exit::NotCheckable, None));
    // One relation's verifier in the place of the other's, and only one of the two.
    let (exit, detail) = answered::<IRevenueLedger::verifiersCall>(&world, |call, found| {
        if call.tier == U256::from(5) {
            found.tree = found.split;
        }
    });
    assert_eq!(exit, Exit::Invalid);
    assert!(detail.starts_with("tree verifier of tier 1024: "), "{detail}");
    let (exit, detail) = answered::<IRevenueLedger::verifiersCall>(&world, |call, found| {
        if call.tier == U256::from(5) {
            found.split = Default::default();
        }
    });
    assert_eq!(exit, Exit::Invalid);
    assert!(detail.contains("there is no contract"), "{detail}");
}

#[test]
fn the_built_in_codes_are_the_compiled_contracts() {
    use apportion_circuits::types::Tier;
    use sha2::{Digest, Sha256};

    let verifiers = dev_verifiers(&[Tier::T64, Tier::T1024]).unwrap();
    let verifiers: Vec<_> = verifiers.into_iter().flat_map(|pair| [pair.split, pair.tree]).collect();
    let made = code_hashes(&verifiers).unwrap();
    assert_eq!(
        CodeHashes::built_in().unwrap(),
        made,
        "write verifier/code-hashes.json anew: apportion export code-hashes --insecure-dev --out verifier/code-hashes.json"
    );
    // The compiler's own digest is of code whose immutable values are zero: the same bytes are masked here.
    let file = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../artifacts/{name}.json"));
        serde_json::from_slice::<serde_json::Value>(&std::fs::read(path).unwrap()).unwrap()
    };
    let mut world = World::enrolled(1);
    for (name, at) in
        [("RevenueLedger", world.life.deployment.ledger), ("DatasetRegistry", world.life.deployment.registry)]
    {
        let mut code = world.life.chain.code(at).to_vec();
        for at in made.contract(name).unwrap().places() {
            code[at..at + 32].fill(0);
        }
        assert_eq!(hex::encode(Sha256::digest(&code)), file(name)["deployedBytecodeSha256"], "{name}");
    }
    let names: Vec<_> = made.contract("RevenueLedger").unwrap().immutables.keys().cloned().collect();
    assert_eq!(names, ["accountTree", "registry"]);
    assert_eq!(made.verifiers.len(), 4);
}
