//! A proof serves one place: every other place refuses it.

use alloy_primitives::U256;
use alloy_sol_types::{SolCall, SolError, sol};
use apportion::{actions::scores::Posted, ledger::Ledger};
use apportion_circuits::types::{Payee, Tier};
use apportion_contracts::{Chain, DeployError, Deployment, dev_verifiers};
use apportion_verifier::chain::{Call, Terms, abi::IRevenueLedger, commit_scores, create_model, register};

use crate::world::{CHAIN_ID, RECORDS, TIER, World, deployed};

sol! {
    error ProofRejected(bytes reason);
    error WrongEpoch(uint256 current, uint256 given);
    error VerifierWithoutCode(address verifier);
    error VerifierMismatch(address verifier);
    error MalformedAnswer(address verifier);
}

#[track_caller]
fn rejected(chain: &mut Chain, world: &World, call: &Call) {
    refused::<ProofRejected>(chain, world, call);
}

/// Sends a call that must revert with this error, and leave no trace.
#[track_caller]
fn refused<E: SolError>(chain: &mut Chain, world: &World, call: &Call) {
    let before = chain.storage();
    let refusal = chain.send(world.life.roles.developer, call).unwrap_err();
    assert_eq!(refusal.selector(), Some(E::SELECTOR), "{refusal}");
    assert_eq!(chain.storage(), before);
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

fn settle(honest: &Call, change: impl FnOnce(&mut IRevenueLedger::settleCall)) -> Call {
    let mut call = IRevenueLedger::settleCall::abi_decode(&honest.data).unwrap();
    change(&mut call);
    Call { data: call.abi_encode(), ..honest.clone() }
}

fn publish(honest: &Call, change: impl FnOnce(&mut IRevenueLedger::publishCall)) -> Call {
    let mut call = IRevenueLedger::publishCall::abi_decode(&honest.data).unwrap();
    change(&mut call);
    Call { data: call.abi_encode(), ..honest.clone() }
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
fn a_settlement_is_of_one_segment() {
    let mut world = World::enrolled(RECORDS);
    world.close(1);
    let calls = world.life.source().unwrap().settle(1).unwrap();
    for (to, from) in [(0, 1), (1, 0)] {
        // The other segment's proof and sums in this one's place.
        let call = settle(&calls[from], |call| call.segment = U256::from(to));
        rejected(&mut world.life.chain.clone(), &world, &call);
    }
    world.life.settle(1).unwrap();
    // As it was, for an epoch that is final.
    refused::<WrongEpoch>(&mut world.life.chain.clone(), &world, &calls[0]);
    world.life.publish().unwrap();
    let calls = world.life.source().unwrap().publish(1).unwrap();
    let call = publish(&calls[1], |call| call.segment = U256::ZERO);
    rejected(&mut world.life.chain.clone(), &world, &call);
}

#[test]
fn a_settlement_is_of_one_epoch() {
    let mut world = World::enrolled(10);
    world.close(1);
    let honest = world.life.source().unwrap().settle(1).unwrap().remove(0);
    let roles = world.life.roles;
    let mut chain = world.life.chain.clone();
    let epoch = |chain: &mut Chain, number| {
        let call = IRevenueLedger::getEpochCall { modelId: world.model(), epoch: U256::from(number) };
        chain.view(world.life.deployment.ledger, &call).unwrap()
    };
    // The epoch is given up and the next one has the same pool and the same score commitments, genesis is still to
    // come: nothing but the epoch's number is another.
    let pool = epoch(&mut chain, 1).pool;
    chain.advance(9 * 86_400);
    let ledger = world.life.deployment.ledger;
    let id = world.model();
    let one = U256::from(1);
    let abandon = IRevenueLedger::abandonEpochCall { modelId: id, epoch: one };
    chain.transact(roles.customer, ledger, &abandon).unwrap();
    let posted = Posted::read(
        &world.life.dir.join("scores-1"),
        &Ledger::open(&world.life.ledger_dir()).unwrap().state,
        1,
    );
    let commit = commit_scores(world.life.source().unwrap().ledger(), &posted.unwrap().doc).unwrap();
    let mut commit = IRevenueLedger::commitScoresCall::abi_decode(&commit.data).unwrap();
    commit.epoch = U256::from(2);
    chain.transact(roles.attributor, ledger, &commit).unwrap();
    let close = IRevenueLedger::closeEpochCall { modelId: id, epoch: U256::from(2) };
    chain.transact(roles.developer, ledger, &close).unwrap();
    assert_eq!(epoch(&mut chain, 2).pool, pool);
    assert_eq!(epoch(&mut chain, 2).totalScore, epoch(&mut chain, 1).totalScore);
    refused::<WrongEpoch>(&mut chain, &world, &honest);
    rejected(&mut chain, &world, &settle(&honest, |call| call.epoch = U256::from(2)));
    // To compare: in its own epoch it is accepted.
    world.life.settle(1).unwrap();

    // A publication of the first epoch's balances, not sent before the second is final.
    let before = world.life.chain.clone();
    world.life.publish().unwrap();
    let late = world.life.source().unwrap().publish(1).unwrap().remove(0);
    world.life.chain = before;
    world.close(2);
    world.life.settle(2).unwrap();
    rejected(&mut world.life.chain.clone(), &world, &late);
}

/// Settlement and publication of one world sent to another that differs in its model, contract or chain only: the same
/// dataset, scores, revenue and stage.
#[test]
fn settlements_and_publications_are_of_one_model_contract_and_chain() {
    const FEW: usize = 10;
    let mut world = World::enrolled(FEW);
    let registered = world.life.chain.clone();
    world.close(1);
    let settlement = world.life.source().unwrap().settle(1).unwrap().remove(0);
    world.life.settle(1).unwrap();
    world.life.publish().unwrap();
    let publication = world.life.source().unwrap().publish(1).unwrap().remove(0);

    let here = world.life.deployment.clone();
    let another_model =
        World::enrolled_on(registered.clone(), here.clone(), "another", FEW, Some(world.dataset));
    let mut chain = registered;
    let another = Deployment::with_verifiers(&mut chain, world.life.roles.owner, here.verifiers).unwrap();
    let another_contract = World::enrolled_on(chain, another, "m", FEW, None);
    let (chain, same_addresses) = deployed(CHAIN_ID + 1);
    assert_eq!(same_addresses, world.life.deployment);
    let another_chain = World::enrolled_on(chain, same_addresses, "m", FEW, None);

    for mut other in [another_model, another_contract, another_chain] {
        assert_ne!(other.model(), world.model());
        other.close(1);
        let (model, dataset) = (other.model(), other.dataset.0.into());
        let mut call = settle(&settlement, |call| (call.modelId, call.datasetId) = (model, dataset));
        call.to = other.life.deployment.ledger;
        let mut chain = other.life.chain.clone();
        refused::<ProofRejected>(&mut chain, &other, &call);
        other.life.settle(1).unwrap();
        let mut call = publish(&publication, |call| (call.modelId, call.datasetId) = (model, dataset));
        call.to = other.life.deployment.ledger;
        let mut chain = other.life.chain.clone();
        refused::<ProofRejected>(&mut chain, &other, &call);
        other.life.publish().unwrap();
    }
}

#[test]
fn a_proof_of_another_relation_is_refused() {
    let mut world = World::enrolled(10);
    let tree = world.life.source().unwrap().enroll(0, 0).unwrap().remove(0);
    let tree = IRevenueLedger::enrollCall::abi_decode(&tree.data).unwrap().proof;
    world.close(1);
    let honest = world.life.source().unwrap().settle(1).unwrap().remove(0);
    let split = IRevenueLedger::settleCall::abi_decode(&honest.data).unwrap().proof;
    rejected(&mut world.life.chain.clone(), &world, &settle(&honest, |call| call.proof = tree));
    let renewal = enroll(&world, |call| call.proof = split.clone());
    rejected(&mut world.life.chain.clone(), &world, &renewal);
    world.life.settle(1).unwrap();
    world.life.publish().unwrap();
    let publication = world.life.source().unwrap().publish(1).unwrap().remove(0);
    let wrong = publish(&publication, |call| {
        call.root = U256::from(5);
        call.proof = split;
    });
    rejected(&mut world.life.chain.clone(), &world, &wrong);
}

#[test]
fn a_verifier_without_code_is_refused_at_deployment_and_at_a_call() {
    let mut world = World::enrolled(10);
    world.close(1);
    let honest = world.life.source().unwrap().settle(1).unwrap().remove(0);
    let (tier, split, tree) = world.life.deployment.verifiers[0];
    // No address, an account, precompiles: nothing there is code. With code, but not verifiers: the registry, the
    // token. The right ones in the wrong places.
    let nobody = [Payee::default(), world.life.roles.developer, precompile(4), precompile(8)];
    for (split, tree) in nobody.iter().flat_map(|none| [(*none, tree), (split, *none)]) {
        let deployment = deploy_over(&world, (tier, split, tree));
        assert_eq!(deployment, Some(VerifierWithoutCode::SELECTOR));
    }
    assert_eq!(deploy_over(&world, (tier, tree, split)), Some(VerifierMismatch::SELECTOR));
    assert_eq!(deploy_over(&world, (Tier::T1024, split, tree)), Some(VerifierMismatch::SELECTOR));
    for other in [world.life.deployment.registry, world.life.deployment.token] {
        assert!(deploy_over(&world, (tier, other, tree)).is_none_or(|e| e != [0; 4]));
    }

    // The code disappears, or answers with what it was asked (the identity), or with nothing at all.
    let mut chain = world.life.chain.clone();
    let echo = [0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0xf3];
    for (code, expected) in [
        (&[][..], VerifierWithoutCode::SELECTOR),
        (&echo[..], MalformedAnswer::SELECTOR),
        (&[0x00][..], MalformedAnswer::SELECTOR),
        (&[0x5f, 0x5f, 0xfd][..], ProofRejected::SELECTOR),
        (&[0xfe][..], ProofRejected::SELECTOR),
    ] {
        chain.replace_code(split, code);
        let before = chain.storage();
        let refusal = chain.send(world.life.roles.developer, &honest).unwrap_err();
        assert_eq!(refusal.selector(), Some(expected), "{code:?}: {refusal}");
        assert_eq!(chain.storage(), before);
    }
    world.life.settle(1).unwrap();
}

fn precompile(number: u8) -> Payee {
    let mut address = [0; 20];
    address[19] = number;
    Payee(address)
}

/// Why a ledger can not be deployed over these verifiers.
fn deploy_over(world: &World, verifiers: (Tier, Payee, Payee)) -> Option<[u8; 4]> {
    let mut chain = world.life.chain.clone();
    let deployed = Deployment::with_verifiers(&mut chain, world.life.roles.owner, vec![verifiers]);
    match deployed.expect_err("must not be deployed") {
        DeployError::Refused { refusal, .. } => refusal.selector(),
        error => panic!("{error}"),
    }
}
