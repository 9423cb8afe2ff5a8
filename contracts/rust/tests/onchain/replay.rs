//! A proof serves one place: every other place refuses it.

use alloy_primitives::U256;
use alloy_sol_types::{SolCall, SolError, sol};
use apportion_contracts::{Chain, Deployment, dev_verifiers};
use apportion_verifier::chain::{Call, Terms, abi::IRevenueLedger, create_model, register};

use crate::world::{CHAIN_ID, RECORDS, TIER, World};

sol! {
    error ProofRejected(bytes reason);
}

fn rejected(chain: &mut Chain, world: &World, call: &Call) {
    let refusal = chain.send(world.life.roles.developer, call).unwrap_err();
    assert_eq!(refusal.selector(), Some(ProofRejected::SELECTOR), "{refusal}");
}

/// Deploys everything anew, registers the dataset and creates the model as in the world, under some name.
fn elsewhere(
    world: &World,
    chain: &mut Chain,
    name: &str,
) -> (Deployment, alloy_primitives::B256, alloy_primitives::B256) {
    let roles = world.life.roles;
    let deployment = Deployment::new(chain, roles.developer, &dev_verifiers(&[TIER]).unwrap()).unwrap();
    let (dataset, model) = populate(world, chain, &deployment, name);
    (deployment, dataset, model)
}

fn populate(
    world: &World,
    chain: &mut Chain,
    deployment: &Deployment,
    name: &str,
) -> (alloy_primitives::B256, alloy_primitives::B256) {
    let roles = world.life.roles;
    let source = world.life.source().unwrap();
    let doc = source.dataset(0).unwrap();
    let call =
        register(deployment.registry, &doc, Default::default(), "https://example.org/dataset").unwrap();
    let receipt = chain.send(roles.owner, &call).unwrap();
    let dataset = alloy_primitives::B256::from_slice(&receipt.output);
    let mut ledger = source.ledger().clone();
    ledger.contract = deployment.ledger;
    ledger.model = name.into();
    let terms = Terms {
        attributor: roles.attributor,
        token: deployment.token,
        open_window: 86_400,
        settle_window: 86_400,
    };
    let receipt = chain.send(roles.developer, &create_model(&ledger, &terms).unwrap()).unwrap();
    (dataset, alloy_primitives::B256::from_slice(&receipt.output))
}

fn enroll(world: &World, change: impl FnOnce(&mut IRevenueLedger::enrollCall)) -> Call {
    let honest = world.life.source().unwrap().enroll(0, 0).unwrap().remove(0);
    let mut call = IRevenueLedger::enrollCall::abi_decode(&honest.data).unwrap();
    change(&mut call);
    Call { data: call.abi_encode(), ..honest }
}

#[test]
fn an_enrolment_is_of_one_model_contract_chain_segment_and_time() {
    let world = World::enrolled(RECORDS);
    let here = world.life.chain.clone();
    let dataset = alloy_primitives::B256::from(world.dataset.0);

    // Again, in the same place: it is the second enrolment now.
    rejected(&mut here.clone(), &world, &enroll(&world, |_| {}));
    // Another segment.
    let other = enroll(&world, |call| call.segment = U256::from(1));
    rejected(&mut here.clone(), &world, &other);
    // Another model of the same developer.
    let mut chain = here.clone();
    let mut ledger = world.life.source().unwrap().ledger().clone();
    ledger.model = "another".into();
    let roles = world.life.roles;
    let token = world.life.deployment.token;
    let terms = Terms { attributor: roles.attributor, token, open_window: 86_400, settle_window: 86_400 };
    let receipt = chain.send(roles.developer, &create_model(&ledger, &terms).unwrap()).unwrap();
    let model = alloy_primitives::B256::from_slice(&receipt.output);
    rejected(&mut chain, &world, &enroll(&world, |call| call.modelId = model));
    // Another contract.
    let mut chain = here.clone();
    let (deployment, dataset_id, model) = elsewhere(&world, &mut chain, "m");
    let mut call = enroll(&world, |call| (call.modelId, call.datasetId) = (model, dataset_id));
    call.to = deployment.ledger;
    rejected(&mut chain, &world, &call);
    // The same contracts at the same addresses on another chain, and, to compare, on the same.
    for chain_id in [CHAIN_ID, CHAIN_ID + 1] {
        let mut chain = Chain::new(chain_id);
        let (deployment, dataset_id, model) = elsewhere(&world, &mut chain, "m");
        assert_eq!(deployment, world.life.deployment);
        assert_eq!((dataset_id, model) == (dataset, world.model()), chain_id == CHAIN_ID);
        let call = enroll(&world, |call| (call.modelId, call.datasetId) = (model, dataset_id));
        if chain_id == CHAIN_ID {
            chain.send(world.life.roles.developer, &call).unwrap();
        } else {
            rejected(&mut chain, &world, &call);
        }
    }
}

#[test]
fn a_settlement_is_of_one_epoch_and_segment() {
    let mut world = World::enrolled(RECORDS);
    world.close(1);
    let first = world.life.source().unwrap().settle(1).unwrap();
    let decode = |call: &Call| IRevenueLedger::settleCall::abi_decode(&call.data).unwrap();
    // The second segment's proof and sums in the first's place.
    let swapped = IRevenueLedger::settleCall { segment: U256::ZERO, ..decode(&first[1]) };
    let call = Call { data: swapped.abi_encode(), ..first[0].clone() };
    rejected(&mut world.life.chain.clone(), &world, &call);
    world.life.settle(1).unwrap();
    world.close(2);
    // The first epoch's in the second's.
    let late = IRevenueLedger::settleCall { epoch: U256::from(2), ..decode(&first[0]) };
    let call = Call { data: late.abi_encode(), ..first[0].clone() };
    let mut chain = world.life.chain.clone();
    assert!(chain.send(world.life.roles.developer, &call).is_err());
    // And as it was, for an epoch that is final.
    assert!(chain.send(world.life.roles.developer, &first[0]).is_err());
}
