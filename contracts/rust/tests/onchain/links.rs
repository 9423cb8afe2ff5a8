//! Valid proofs of true statements about the wrong columns, public inputs beyond the modulus, and too little gas.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::{SolCall, SolError, sol};
use apportion::{
    actions::scores::Posted,
    ledger::{Accounts, Balances, Ledger, Opening, PayeeMask, SegmentId},
    onchain::modulus,
    prove::Prover,
    witness::{self, EpochNumbers},
};
use apportion_circuits::{
    column::Mask,
    relation::Relation,
    split::Split,
    tree::{Tree, segment_of},
    types::Payee,
};
use apportion_contracts::Refusal;
use apportion_verifier::{
    chain::{
        Call,
        abi::{IProofVerifier, IRevenueLedger, word},
    },
    suite::{Bn254, Suite},
};
use rand_core::OsRng;

use crate::world::{RECORDS, TIER, World, cache};

type F = <Bn254 as Suite>::F;

sol! {
    error ProofRejected(bytes reason);
    error OldColumnMismatch();
    error ScoreColumnMismatch();
    error PayeeColumnMismatch();
    error BalanceColumnMismatch();
    error NotCanonical(uint256 value);
}

const FIRST: SegmentId = SegmentId { dataset: 0, segment: 0 };
const SECOND: SegmentId = SegmentId { dataset: 0, segment: 1 };

/// Sends a call that must revert with this error, and leave no trace.
#[track_caller]
fn refused<E: SolError>(world: &mut World, call: &Call) {
    let before = world.state();
    let refusal = world.life.send_refused(world.life.roles.developer, call).unwrap();
    assert_eq!(refusal.selector(), Some(E::SELECTOR), "{}: {refusal}", call.what);
    assert_eq!(world.state(), before);
}

struct Columns {
    old: Balances<F>,
    scores: Opening<F>,
    genesis: bool,
}

/// Settles epoch 2's first segment with a real proof over other columns: everything fits but a link.
fn settle_with(world: &World, columns: Columns) -> Call {
    let Columns { old, scores, genesis } = columns;
    let epoch = 2;
    let (doc, honest) = {
        let source = world.life.source().unwrap();
        (source.epoch(epoch).unwrap(), source.settle(epoch).unwrap().remove(0))
    };
    let ledger = Ledger::open(&world.life.ledger_dir()).unwrap();
    let prover = Prover::<Bn254, Split>::for_ledger(cache(), &ledger.state.ledger).unwrap();
    let context = ledger.state.split_context(FIRST, epoch).unwrap();
    let numbers = EpochNumbers { pool: doc.pool.0, total_score: doc.total_score.0 };
    let outcome = witness::outcome(TIER, numbers, old.values(), scores.values()).unwrap();
    let new = Balances::new(TIER, &outcome.new, 0, &mut OsRng);
    let (instance, witness) = witness::split(TIER, &context, numbers, genesis, &old, &new, &scores).unwrap();
    let proof = prover.prove(&instance, &witness, &[None, None, None]).unwrap();
    let mut call = IRevenueLedger::settleCall::abi_decode(&honest.data).unwrap();
    call.segmentScore = U256::from(outcome.segment_score);
    call.segmentPaid = U256::from(outcome.segment_paid);
    call.proof = Bytes::from(proof);
    Call { data: call.abi_encode(), ..honest }
}

fn opening(world: &World, id: SegmentId, epoch: u32) -> Opening<F> {
    let ledger = Ledger::open(&world.life.ledger_dir()).unwrap();
    let dir = world.life.dir.join(format!("scores-{epoch}"));
    let posted = Posted::read(&dir, &ledger.state, epoch).unwrap();
    posted.opening::<Bn254>(&ledger.state, epoch, id).unwrap()
}

#[test]
fn every_broken_link_of_an_epoch_is_refused() {
    let mut world = World::enrolled(RECORDS);
    world.close(1);
    world.life.settle(1).unwrap();
    world.close(2);
    let old = || world.life.balances(FIRST, 1).unwrap();
    let scores = || opening(&world, FIRST, 2);

    let remasked = Balances::new(TIER, old().values(), 0, &mut OsRng);
    let other_mask = settle_with(&world, Columns { old: remasked, scores: scores(), genesis: false });
    let other_segment = world.life.balances(SECOND, 1).unwrap();
    let other_segment = settle_with(&world, Columns { old: other_segment, scores: scores(), genesis: false });
    let nothing = || Balances::new(TIER, &[], 0, &mut OsRng);
    let other_epoch = settle_with(&world, Columns { old: nothing(), scores: scores(), genesis: false });
    let genesis = settle_with(&world, Columns { old: nothing(), scores: scores(), genesis: true });
    let remasked = Opening::new(TIER, scores().values(), 0, &mut OsRng);
    let score_mask = settle_with(&world, Columns { old: old(), scores: remasked, genesis: false });
    let score_segment = opening(&world, SECOND, 2);
    let score_segment = settle_with(&world, Columns { old: old(), scores: score_segment, genesis: false });
    let honest = settle_with(&world, Columns { old: old(), scores: scores(), genesis: false });

    for call in [other_mask, other_segment, other_epoch] {
        refused::<OldColumnMismatch>(&mut world, &call);
    }
    for call in [score_mask, score_segment] {
        refused::<ScoreColumnMismatch>(&mut world, &call);
    }
    // Genesis is the contract's to say: with its 0 the proof is of another statement.
    refused::<ProofRejected>(&mut world, &genesis);
    // The same way of making proofs, with the right columns.
    world.life.send(world.life.roles.developer, &honest).unwrap();
}

#[test]
fn every_broken_link_of_a_publication_is_refused() {
    let mut world = World::enrolled(RECORDS);
    for epoch in 1..=2 {
        world.close(epoch);
        world.life.settle(epoch).unwrap();
    }
    let payees = || world.life.payees(FIRST).unwrap();
    let balances = |epoch| world.life.balances(FIRST, epoch).unwrap();
    let other_payees = publish_with(&world, &PayeeMask(Mask::random(&mut OsRng)), &balances(2));
    let other_epoch = publish_with(&world, &payees(), &balances(1));
    let remasked = Balances::new(TIER, balances(2).values(), 0, &mut OsRng);
    let other_mask = publish_with(&world, &payees(), &remasked);
    let other_segment = world.life.balances(SECOND, 2).unwrap();
    let other_segment = publish_with(&world, &payees(), &other_segment);
    let honest = publish_with(&world, &payees(), &balances(2));

    refused::<PayeeColumnMismatch>(&mut world, &other_payees);
    for call in [other_epoch, other_mask, other_segment] {
        refused::<BalanceColumnMismatch>(&mut world, &call);
    }
    let mut aliased = IRevenueLedger::publishCall::abi_decode(&honest.data).unwrap();
    aliased.root = aliased.root.checked_add(U256::from_be_bytes(modulus())).unwrap();
    refused::<NotCanonical>(&mut world, &Call { data: aliased.abi_encode(), ..honest.clone() });
    world.life.send(world.life.roles.developer, &honest).unwrap();
}

fn publish_with(world: &World, payees: &PayeeMask<F>, balances: &Balances<F>) -> Call {
    let ledger = Ledger::open(&world.life.ledger_dir()).unwrap();
    let prover = Prover::<Bn254, Tree>::for_ledger(cache(), &ledger.state.ledger).unwrap();
    let context = ledger.state.publish_context(FIRST, 2).unwrap();
    let records = apportion::input::read_records(&world.life.dir.join("records.csv")).unwrap();
    let accounts = Accounts::<F>::new(balances.values(), &mut OsRng);
    let records = segment_of(TIER, &records, 0);
    let (instance, witness) = witness::publish(TIER, &context, records, payees, balances, &accounts).unwrap();
    let proof = prover.prove(&instance, &witness, &[None, None]).unwrap();
    let call = IRevenueLedger::publishCall {
        modelId: world.model(),
        datasetId: world.dataset.0.into(),
        segment: U256::ZERO,
        root: word(apportion_circuits::types::Word::from_field(&instance.root)),
        proof: Bytes::from(proof),
    };
    Call { what: "publish".into(), to: world.life.deployment.ledger, data: call.abi_encode() }
}

#[test]
fn no_public_input_has_a_second_encoding() {
    let mut world = World::enrolled(RECORDS);
    world.close(1);
    let source = world.life.source().unwrap();
    let (doc, call) = (source.epoch(1).unwrap(), source.settle(1).unwrap().remove(0));
    let settle = IRevenueLedger::settleCall::abi_decode(&call.data).unwrap();
    let ledger = Ledger::open(&world.life.ledger_dir()).unwrap();
    let context = ledger.state.split_context(FIRST, 1).unwrap().to_word();
    drop(ledger);
    let inputs = vec![
        settle.segmentScore,
        settle.segmentPaid,
        U256::from(doc.pool.0),
        U256::from(doc.total_score.0),
        U256::from(1),
        word(context),
    ];
    assert_eq!(inputs.len(), <Split as Relation<F>>::layout(TIER).public.len());
    let (_, split, _) = world.life.deployment.verifiers[0];
    let verify = |world: &mut World, inputs: Vec<U256>| {
        let call = IProofVerifier::verifyCall { proof: settle.proof.clone(), inputs };
        world.life.chain.transact(Payee::default(), split, &call)
    };
    verify(&mut world, inputs.clone()).unwrap();
    let modulus = U256::from_be_bytes(modulus());
    for index in 0..inputs.len() {
        for times in 1..=5u32 {
            let Some(aliased) = inputs[index].checked_add(modulus * U256::from(times)) else { continue };
            let mut inputs = inputs.clone();
            inputs[index] = aliased;
            assert!(matches!(verify(&mut world, inputs), Err(Refusal::Reverted { .. })), "input {index}");
        }
    }
    for aliased in [
        IRevenueLedger::settleCall { segmentScore: settle.segmentScore + modulus, ..settle.clone() },
        IRevenueLedger::settleCall { segmentPaid: settle.segmentPaid + modulus, ..settle.clone() },
    ] {
        let before = world.state();
        let call = Call { data: aliased.abi_encode(), ..call.clone() };
        world.life.send_refused(world.life.roles.developer, &call).unwrap();
        assert_eq!(world.state(), before);
    }
}

#[test]
fn too_little_gas_changes_nothing() {
    let mut world = World::enrolled(10);
    world.close(1);
    let call = world.life.source().unwrap().settle(1).unwrap().remove(0);
    let developer = world.life.roles.developer;
    let before = world.state();
    let honest = world.life.chain.clone();
    let needed = world.life.chain.send(developer, &call).unwrap().gas;
    let after = world.state();
    assert_ne!(before, after);
    // Fractions of 64 meet the boundary of what a call passes on; near the end every few units.
    let mut limits: Vec<u64> = (1..=64).map(|part| needed * part / 64).collect();
    limits.extend((0..40).map(|step| needed * 64 / 63 - 10_000 + step * 500));
    let (mut accepted, mut starved) = (0, 0);
    for limit in limits {
        world.life.chain = honest.clone();
        match world.life.chain.send_with_gas(developer, &call, limit) {
            Ok(_) => {
                accepted += 1;
                assert_eq!(world.state(), after);
            }
            Err(_) => {
                starved += 1;
                assert_eq!(world.state(), before);
            }
        }
    }
    assert!(accepted > 0 && starved > 60, "{accepted} accepted, {starved} refused");
}
