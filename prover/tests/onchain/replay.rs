//! A proof serves one place: every other place refuses it.

use alloy_primitives::B256;
use apportion_chain::{
    Call,
    abi::{IDatasetRegistry, IRevenueLedger as abi, bytes32},
    calls,
};
use apportion_evm::{Deployment, deployment};

use crate::world::{CHAIN_ID, Invalid, World, changed, deployed, refused_on};

const FEW: usize = 10;

fn dataset(world: &World) -> B256 {
    bytes32(world.life.files().unwrap().bundle.datasets[0].dataset.doc.dataset_id)
}

fn settle(world: &World, epoch: u32) -> Call {
    calls::settle(&world.life.files().unwrap().bundle, epoch, 1).unwrap().remove(0)
}

/// Columns of the same dataset, one for another owner: what is proven for one id serves no other.
#[test]
fn payees_are_proven_for_one_registry_dataset_segment_and_chain() {
    let world = World::enrolled(70);
    let bundle = apportion::dataset_dir::OwnDataset::read(&world.dataset).unwrap().bundle;
    let proofs = calls::prove_payees(&bundle, 0, 1).unwrap();
    let owner = world.life.roles.owner;
    // Again in its own place, to compare: a second column would be one more.
    let mut evm = world.life.evm.clone();
    let outcome =
        evm.pay(apportion_chain::abi::address(owner), world.life.at.registry, &proofs[0].data, 0).unwrap();
    assert!(outcome.is_success());
    // The other segment's proof.
    let other = changed::<IDatasetRegistry::provePayeesCall>(&proofs[1], |call| call.proofs[0].segment = 0);
    world.refused::<Invalid>(owner, &other);
    // Another chain.
    refused_on::<Invalid>(&world.life.evm.forked(CHAIN_ID + 1), owner, &proofs[0], "another chain");
    // Another registry, and another owner's copy in the same one: other ids.
    let mut elsewhere = world.life.evm.clone();
    let from = world.life.at.registry;
    let at = Deployment::with_verifiers(&mut elsewhere, from, world.life.at.verifiers.clone(), 1).unwrap();
    let there = World::on(elsewhere, at, apportion_chain::abi::address(world.life.token), "m", 70, |_| ());
    let id = dataset(&there);
    assert_ne!(id, dataset(&world));
    let mut call = changed::<IDatasetRegistry::provePayeesCall>(&proofs[0], |call| call.datasetId = id);
    call.to = apportion_chain::abi::payee(there.life.at.registry);
    there.refused::<Invalid>(owner, &call);
}

#[test]
fn a_move_is_of_one_segment() {
    let mut world = World::enrolled(70);
    world.close(1);
    let moves = calls::settle(&world.life.files().unwrap().bundle, 1, 1).unwrap();
    let from = world.customer();
    // The other segment's proof in this one's place.
    for (to, of) in [(0, 1), (1, 0)] {
        let proof = decode(&moves[of]).moves.remove(0).proof;
        let call = changed::<abi::settleCall>(&moves[to], |call| call.moves[0].proof = proof);
        world.refused::<Invalid>(from, &call);
    }
    // Sums that the proof does not show.
    for call in [
        changed::<abi::settleCall>(&moves[0], |call| call.moves[0].segmentPaid += 1),
        changed::<abi::settleCall>(&moves[0], |call| call.moves[0].segmentPaid -= 1),
    ] {
        world.refused::<Invalid>(from, &call);
    }
    // And the leaf shows score, place and revision.
    for change in [
        |m: &mut abi::Move| m.segmentScore += alloy_primitives::Uint::<96, 2>::from(1),
        |m: &mut abi::Move| m.position ^= 1,
        |m: &mut abi::Move| m.segment ^= 1,
        |m: &mut abi::Move| m.path[0].0[0] ^= 1,
        |m: &mut abi::Move| drop(m.path.pop()),
    ] {
        let call = changed::<abi::settleCall>(&moves[0], |call| change(&mut call.moves[0]));
        world.refused::<abi::ScoreNotShown>(from, &call);
    }
    // One bad proof in a batch refuses the batch.
    let both = calls::settle(&world.life.files().unwrap().bundle, 1, 2).unwrap().remove(0);
    for bad in [0, 1] {
        let call = changed::<abi::settleCall>(&both, |call| call.moves[bad].segmentPaid -= 1);
        world.refused::<Invalid>(from, &call);
    }
    let swapped = changed::<abi::settleCall>(&both, |call| {
        let first = call.moves[0].proof.clone();
        call.moves[0].proof = std::mem::replace(&mut call.moves[1].proof, first);
    });
    world.refused::<Invalid>(from, &swapped);
    world.life.send(from, &both).unwrap();
    // It is final: no proof moves it again.
    world.refused::<abi::WrongStage>(from, &both);
}

fn decode(call: &Call) -> abi::settleCall {
    <abi::settleCall as alloy_sol_types::SolCall>::abi_decode(&call.data).unwrap()
}

/// The proof of epoch 1 in epoch 2, whose pool, scores and old column are made the same.
#[test]
fn a_move_is_of_one_epoch() {
    let mut world = World::enrolled(FEW);
    world.epoch(1);
    let first = decode(&settle(&world, 1));
    world.close(2);
    let second = settle(&world, 2);
    let call = changed::<abi::settleCall>(&second, |call| call.moves[0].proof = first.moves[0].proof.clone());
    world.refused::<Invalid>(world.customer(), &call);
    let mut old = first.clone();
    old.epoch = 2;
    world.refused::<abi::ScoreNotShown>(world.customer(), &world.to_ledger(&old));
    world.life.send(world.customer(), &second).unwrap();
}

/// A move, a receipt and a record's path of one world in others that differ in their model, contract or chain only.
#[test]
fn moves_and_receipts_are_of_one_model_contract_and_chain() {
    let mut world = World::enrolled(FEW);
    let registered = world.life.evm.clone();
    world.close(1);
    let moves = settle(&world, 1);
    let closed = world.life.evm.clone();
    world.life.settle(1, 16).unwrap();
    let receipt = world.life.record_receipt(0, 1).unwrap();
    let claim = calls::claim(&[receipt], 1).unwrap().remove(0);
    let from = world.customer();

    // The same state on another chain.
    refused_on::<Invalid>(&closed.forked(CHAIN_ID + 1), from, &moves, "another chain");
    refused_on::<Invalid>(&world.life.evm.forked(CHAIN_ID + 1), from, &claim, "another chain");

    // Another contract over the same verifiers, and another model of the same contract.
    let (mut evm, at, token) = deployed();
    let owner = apportion_chain::abi::address(world.life.roles.owner);
    let another = Deployment::with_verifiers(&mut evm, owner, at.verifiers, 1_000_000).unwrap();
    let contract = World::on(evm, another, token, "m", FEW, |_| ());
    let verifiers = world.life.at.verifiers.clone();
    let mut evm = registered;
    let ledger = deployment::ledger(&mut evm, owner, world.life.at.registry, &verifiers, 1_000_000).unwrap();
    let mut second = world.life.at.clone();
    second.ledger = ledger;
    for mut other in [contract] {
        assert_ne!(other.life.model().unwrap(), world.life.model().unwrap());
        other.close(1);
        let own = decode(&settle(&other, 1));
        // Everything is the other's but the proof.
        let proof = decode(&moves).moves.remove(0).proof;
        let call = other.to_ledger(&{
            let mut call = own.clone();
            call.moves[0].proof = proof;
            call
        });
        other.refused::<Invalid>(from, &call);
        other.life.settle(1, 16).unwrap();
        let (model, id) = (other.life.model().unwrap(), dataset(&other));
        let mut call = changed::<abi::claimCall>(&claim, |call| {
            call.modelId = model;
            call.receipts[0].datasetId = id;
        });
        call.to = other.life.ledger();
        other.refused::<abi::UnknownPayeeColumn>(from, &call);
        let mut call = claim.clone();
        call.to = other.life.ledger();
        other.refused::<abi::UnknownModel>(from, &call);
    }
}

/// Split and Tree proofs are not each other's, and no call takes a proof of nothing.
#[test]
fn a_proof_of_another_relation_is_refused() {
    let mut world = World::enrolled(FEW);
    let bundle = apportion::dataset_dir::OwnDataset::read(&world.dataset).unwrap().bundle;
    let tree = calls::prove_payees(&bundle, 0, 1).unwrap().remove(0);
    let decoded =
        <IDatasetRegistry::provePayeesCall as alloy_sol_types::SolCall>::abi_decode(&tree.data).unwrap();
    world.close(1);
    let honest = settle(&world, 1);
    let split = decode(&honest).moves.remove(0).proof;
    for proof in [decoded.proofs[0].proof.clone(), Default::default(), split[1..].to_vec().into()] {
        let call = changed::<abi::settleCall>(&honest, |call| call.moves[0].proof = proof.clone());
        assert_not_accepted(&world, &call);
    }
    let call =
        changed::<IDatasetRegistry::provePayeesCall>(&tree, |call| call.proofs[0].proof = split.clone());
    assert_not_accepted(&world, &call);
    world.life.settle(1, 16).unwrap();
}

/// Refused, whatever the error; nothing burnt and no trace.
fn assert_not_accepted(world: &World, call: &Call) {
    for from in [world.customer(), world.life.roles.owner] {
        let mut evm = world.life.evm.clone();
        let before = evm.storage();
        let from = apportion_chain::abi::address(from);
        let outcome = evm.pay(from, apportion_chain::abi::address(call.to), &call.data, 0).unwrap();
        assert_eq!(outcome.end, apportion_evm::evm::End::Revert);
        assert!(outcome.gas < 5_000_000, "{}", outcome.gas);
        assert_eq!(evm.storage(), before);
    }
}
