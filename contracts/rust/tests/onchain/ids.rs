//! Ids, contexts and the ABI: what Rust derives is what the contracts derive.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Tier, Word},
};
use apportion_contracts::{Chain, Deployment, artifact};
use apportion_verifier::{
    bundle::{DatasetDoc, FORMAT_VERSION},
    chain::{
        Registration,
        abi::{IDatasetRegistry, IRevenueLedger, address, bytes32, word},
        model_id, register,
    },
    statement::{Binding, Use},
};
use proptest::prelude::*;

const OWNER: Payee = Payee([0x0a; 20]);

fn mock(chain: &mut Chain, relation: &str, tier: u64, inputs: u64) -> Payee {
    let arguments = (keccak256(relation), U256::from(tier), U256::from(inputs)).abi_encode_params();
    chain.deploy(OWNER, &artifact::mock_verifier().unwrap(), &arguments).unwrap()
}

fn world(chain_id: u64) -> (Chain, Deployment) {
    let mut chain = Chain::new(chain_id);
    let split = mock(&mut chain, "apportion.relation.split.v1", 3, 6);
    let tree = mock(&mut chain, "apportion.relation.tree.v1", 3, 3);
    let deployment = Deployment::with_verifiers(&mut chain, OWNER, vec![(Tier::T64, split, tree)]).unwrap();
    (chain, deployment)
}

fn doc(tier: Tier, records: u64, roots: u8) -> DatasetDoc {
    let roots = (1..=roots).map(|byte| Word([byte % 40; 32])).collect();
    DatasetDoc { version: FORMAT_VERSION, suite: SuiteId::Bn254, tier, records, roots }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn model_ids_and_contexts_are_the_contracts(
        chain_id in 1..u64::MAX, name in "\\PC{1,40}", developer: [u8; 20], model: [u8; 32], dataset: [u8; 32],
        segment: u32, epoch: u32,
    ) {
        let (mut chain, deployment) = world(chain_id);
        let developer = Payee(developer);
        let call = IRevenueLedger::computeModelIdCall { developer: address(developer), name: name.clone() };
        let given: B256 = chain.view(deployment.ledger, &call).unwrap();
        prop_assert_eq!(given, bytes32(model_id(chain_id, deployment.ledger, developer, &name)));

        let binding = Binding { chain_id, ledger: deployment.ledger, model: Word(model) };
        for (purpose, context) in [
            (Use::Enroll, binding.enroll(Word(dataset), segment, epoch)),
            (Use::Split, binding.split(Word(dataset), segment, epoch)),
            (Use::Publish, binding.publish(Word(dataset), segment, epoch)),
        ] {
            let call = IRevenueLedger::contextCall {
                domain: keccak256(purpose.domain()),
                modelId: model.into(),
                epoch: U256::from(epoch),
                datasetId: dataset.into(),
                segment: U256::from(segment),
            };
            prop_assert_eq!(chain.view(deployment.ledger, &call).unwrap(), word(context.to_word()));
        }
    }

    #[test]
    fn dataset_ids_are_the_registrys(chain_id in 1..u64::MAX, owner: [u8; 20], segments in 1..20u8, uri in "\\PC{0,80}") {
        let (mut chain, deployment) = world(chain_id);
        let owner = Payee(owner);
        let mut parent = Word::default();
        // A revision names its parent.
        for records in [u64::from(segments) * 62, u64::from(segments) * 62 - 3] {
            let doc = doc(Tier::T64, records, segments);
            let call = register(deployment.registry, &doc, parent, &uri).unwrap();
            let receipt = chain.send(owner, &call).unwrap();
            let given = IDatasetRegistry::registerCall::abi_decode_returns(&receipt.output).unwrap();
            let registration =
                Registration { chain_id, registry: deployment.registry, owner, parent, uri: uri.clone() };
            parent = registration.dataset_id(&doc);
            prop_assert_eq!(given, bytes32(parent));
        }
    }
}

#[test]
fn the_abi_is_that_of_the_artifacts() {
    let selectors = |artifact: &artifact::Artifact| -> Vec<[u8; 4]> {
        let entries = artifact.abi.as_array().unwrap();
        let functions = entries.iter().filter(|entry| entry["type"] == "function");
        functions.map(|f| keccak256(signature(f))[..4].try_into().unwrap()).collect()
    };
    let ledger = selectors(&artifact::ledger().unwrap());
    for selector in IRevenueLedger::IRevenueLedgerCalls::SELECTORS {
        assert!(ledger.contains(selector), "{}", hex::encode(selector));
    }
    let registry = selectors(&artifact::registry().unwrap());
    for selector in IDatasetRegistry::IDatasetRegistryCalls::SELECTORS {
        assert!(registry.contains(selector), "{}", hex::encode(selector));
    }
}

#[test]
fn every_error_of_the_artifacts_has_a_name() {
    let verifiers = apportion_contracts::dev_verifiers(&[Tier::T64]).unwrap().remove(0);
    let artifacts = [
        artifact::ledger().unwrap(),
        artifact::registry().unwrap(),
        artifact::test_token().unwrap(),
        verifiers.split,
        verifiers.tree,
    ];
    for artifact in artifacts {
        let errors = artifact.abi.as_array().unwrap().iter().filter(|entry| entry["type"] == "error");
        for error in errors {
            // Zero is a value of every argument that is not of variable length; those begin with an offset.
            let inputs = error["inputs"].as_array().unwrap();
            let variable = inputs.iter().any(|input| input["type"] == "bytes");
            let mut data = keccak256(signature(error))[..4].to_vec();
            data.extend(vec![0; 32 * inputs.len()]);
            if variable {
                data.extend([0; 32]);
                data[35] = 32;
            }
            let name = error["name"].as_str().unwrap();
            let said = apportion_verifier::chain::reason(&data);
            assert!(said.starts_with(name), "{}: {name} is shown as {said}", artifact.name);
        }
    }
}

fn signature(function: &serde_json::Value) -> String {
    format!("{}({})", function["name"].as_str().unwrap(), types(&function["inputs"]))
}

fn types(list: &serde_json::Value) -> String {
    let of = |parameter: &serde_json::Value| {
        let name = parameter["type"].as_str().unwrap();
        match name.strip_prefix("tuple") {
            Some(array) => format!("({}){array}", types(&parameter["components"])),
            None => name.to_owned(),
        }
    };
    list.as_array().unwrap().iter().map(of).collect::<Vec<_>>().join(",")
}
