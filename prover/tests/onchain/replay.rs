//! A proof serves one place: every other place refuses it.

use alloy_primitives::B256;
use apportion::actions::scores::Posted;
use apportion_chain::{
    Call,
    abi::{IDatasetRegistry, IRevenueLedger as abi, address, bytes32},
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
    let outcome = evm.pay(address(owner), world.life.at.registry, &proofs[0].data, 0).unwrap();
    assert!(outcome.is_success());
    // The other segment's proof.
    let other = changed::<IDatasetRegistry::provePayeesCall>(&proofs[1], |call| call.proofs[0].segment = 0);
    world.refused::<Invalid>(owner, &other);
    // Another chain.
    refused_on::<Invalid>(&world.life.evm.forked(CHAIN_ID + 1), owner, &proofs[0], "another chain");
    // Another registry, and another owner's copy in the same one: other ids.
    let mut elsewhere = world.life.evm.clone();
    let from = address(world.developer());
    // Another configuration, or it would be the same registry.
    let mut verifiers = world.life.at.verifiers.clone();
    verifiers.trees.truncate(1);
    let at = Deployment::with_verifiers(&mut elsewhere, from, verifiers, 1_000_000).unwrap();
    assert_ne!(at.registry, world.life.at.registry);
    let there = World::on(elsewhere, at, address(world.life.token), "m", 70, |_| ());
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
        world.refused::<abi::ScoreNotShown>(from, &call);
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
        |m: &mut abi::Move| {
            m.path.pop();
        },
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
    world.refused::<abi::ScoreNotShown>(from, &swapped);
    world.life.send(from, &both).unwrap();
    // It is final: no proof moves it again.
    world.refused::<abi::WrongStage>(from, &both);
}

fn decode(call: &Call) -> abi::settleCall {
    <abi::settleCall as alloy_sol_types::SolCall>::abi_decode(&call.data).unwrap()
}

/// The proof of epoch 1 in epoch 2.
#[test]
fn a_move_is_of_one_epoch() {
    let mut world = World::enrolled(FEW);
    world.epoch(1);
    let first = decode(&settle(&world, 1));
    world.close(2);
    let second = settle(&world, 2);
    let call = changed::<abi::settleCall>(&second, |call| call.moves[0].proof = first.moves[0].proof.clone());
    world.refused::<abi::OldColumnMismatch>(world.customer(), &call);
    let mut old = first.clone();
    old.epoch = 2;
    world.refused::<abi::OldColumnMismatch>(world.customer(), &world.to_ledger(&old));
    world.life.send(world.customer(), &second).unwrap();
}

/// A move in models that differ from its own in name, contract or chain only: the same dataset of the same registry, the
/// same revenue and policy, and the attributor commits to the very same scores. The context alone refuses it.
#[test]
fn moves_and_receipts_are_of_one_model_contract_and_chain() {
    let mut world = World::enrolled(FEW);
    let registered = world.life.evm.clone();
    world.close(1);
    let moves = settle(&world, 1);
    let closed = world.life.evm.clone();
    world.life.settle(1, 16).unwrap();
    let receipt = world.life.record_receipt(0, world.earning(1, 0)[0]).unwrap();
    let claim = calls::claim(&[receipt], 1).unwrap().remove(0);
    let from = world.customer();

    refused_on::<Invalid>(&closed.forked(CHAIN_ID + 1), from, &moves, "another chain");
    refused_on::<Invalid>(&world.life.evm.forked(CHAIN_ID + 1), from, &claim, "another chain");

    let at = world.life.at.clone();
    let mut with_second = registered.clone();
    let owner = address(world.life.roles.owner);
    let second = deployment::ledger(&mut with_second, owner, at.registry, &at.verifiers, 1_000_000).unwrap();
    let model = world.life.model().unwrap();
    for (evm, ledger, name) in [(registered, at.ledger, "n"), (with_second, second, "m")] {
        let mut other = world.beside(evm, Deployment { ledger, ..at.clone() }, name);
        let own = other.life.model().unwrap();
        assert_ne!(own, model);
        other.life.deposit(1, world.revenue(1)).unwrap();
        let posted =
            Posted::read(&world.dir.path().join("scores-1-1"), &world.life.files().unwrap(), 1).unwrap();
        let commit = calls::commit_scores(&world.life.files().unwrap().bundle, &posted.doc).unwrap();
        let mut commit = changed::<abi::commitScoresCall>(&commit, |call| call.modelId = own);
        commit.to = other.life.ledger();
        other.life.send(other.life.roles.attributor, &commit).unwrap();
        let scored = other.life.evm.clone();
        let root = bytes32(posted.doc.root);
        other.must(other.developer(), &abi::closeEpochCall { modelId: own, epoch: 1, scoreRoot: root });
        let mut call = changed::<abi::settleCall>(&moves, |call| call.modelId = own);
        call.to = other.life.ledger();
        other.refused::<Invalid>(from, &call);

        // Its own epoch, by its own scores, is final; then a receipt of the other model shows no column of it.
        other.life.evm = scored;
        let posted = other.life.commit_scores(1, &world.scores(1), &[]).unwrap();
        other.life.close(&posted).unwrap();
        other.life.prove(1, &posted, world.revenue(1)).unwrap();
        other.life.settle(1, 16).unwrap();
        let mut call = changed::<abi::claimCall>(&claim, |call| call.modelId = own);
        call.to = other.life.ledger();
        other.refused::<abi::UnknownBalanceColumn>(from, &call);
    }
    // A contract that does not know the model at all.
    let (mut evm, at, token) = deployed();
    let another = Deployment::with_verifiers(&mut evm, owner, at.verifiers, 1_000_000).unwrap();
    let other = World::on(evm, another, token, "m", FEW, |_| ());
    let call = Call { to: other.life.ledger(), ..claim };
    other.refused::<abi::NotFinal>(from, &call);
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
        let from = address(from);
        let outcome = evm.pay(from, address(call.to), &call.data, 0).unwrap();
        assert_eq!(outcome.end, apportion_evm::evm::End::Revert);
        assert!(outcome.gas < 5_000_000, "{}", outcome.gas);
        assert_eq!(evm.storage(), before);
    }
}
