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
    field::to_bytes,
    poseidon::Tag,
    relation::Relation,
    split::Split,
    tree::{Tree, segment_of},
    types::{Payee, Record, Word},
};
use apportion_contracts::{Chain, Refusal, TRANSACTION_GAS};
use apportion_verifier::{
    chain::{
        Call,
        abi::{IDatasetRegistry, IProofVerifier, IRevenueLedger, word},
        claim, register,
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
    error AlreadyPublished(uint256 root);
    error ScoreSumExceeded(uint256 totalScore, uint256 scoreSum);
    error PoolExceeded(uint256 pool, uint256 paid);
    error InvalidRoot(uint256 index, uint256 root);
}

const FIRST: SegmentId = SegmentId { dataset: 0, segment: 0 };
const SECOND: SegmentId = SegmentId { dataset: 0, segment: 1 };

/// Sends a call that must revert with this error, and leave no trace.
#[track_caller]
fn refused<E: SolError>(world: &mut World, call: &Call) {
    let before = world.life.chain.storage();
    let refusal = world.life.send_refused(world.life.roles.developer, call).unwrap();
    assert_eq!(refusal.selector(), Some(E::SELECTOR), "{}: {refusal}", call.what);
    assert_eq!(world.life.chain.storage(), before);
}

struct Columns<'a> {
    old: &'a Balances<F>,
    scores: &'a Opening<F>,
    genesis: bool,
}

/// Settles epoch 2's first segment with a real proof over other columns: everything fits but a link.
fn settle_with(world: &World, columns: Columns<'_>) -> Call {
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
    let (instance, witness) = witness::split(TIER, &context, numbers, genesis, old, &new, scores).unwrap();
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
    // The prover forgets a column's opening as soon as the next epoch is proven: keep what is needed here.
    let old = world.life.balances(FIRST, 1).unwrap();
    let old_of_second = world.life.balances(SECOND, 1).unwrap();
    world.close(2);
    let (scores, scores_of_second) = (opening(&world, FIRST, 2), opening(&world, SECOND, 2));
    let old_remasked = Balances::new(TIER, old.values(), 0, &mut OsRng);
    let scores_remasked = Opening::new(TIER, scores.values(), 0, &mut OsRng);
    let nothing = Balances::new(TIER, &[], 0, &mut OsRng);
    let settle = |old, scores, genesis| settle_with(&world, Columns { old, scores, genesis });

    let wrong_old = [
        // The right amounts under another mask, another segment's, and those before the first epoch.
        settle(&old_remasked, &scores, false),
        settle(&old_of_second, &scores, false),
        settle(&nothing, &scores, false),
    ];
    // Amounts of the first epoch's scores are committed to in another column.
    let scores_of_first_epoch = opening(&world, FIRST, 1);
    let wrong_score = [
        settle(&old, &scores_remasked, false),
        settle(&old, &scores_of_second, false),
        settle(&old, &scores_of_first_epoch, false),
    ];
    let genesis = settle(&nothing, &scores, true);
    let honest = settle(&old, &scores, false);

    for call in wrong_old {
        refused::<OldColumnMismatch>(&mut world, &call);
    }
    for call in wrong_score {
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
    world.close(1);
    world.life.settle(1).unwrap();
    let earlier = world.life.balances(FIRST, 1).unwrap();
    world.close(2);
    world.life.settle(2).unwrap();
    let payees = world.life.payees(FIRST).unwrap();
    let balances = world.life.balances(FIRST, 2).unwrap();
    let of_second = world.life.balances(SECOND, 2).unwrap();
    let remasked = Balances::new(TIER, balances.values(), 0, &mut OsRng);
    let payees_remasked = PayeeMask(Mask::random(&mut OsRng));

    let mut other_records = records(&world);
    other_records[5].payee = Payee([0xee; 20]);
    let wrong_payees = [
        publish_with(&world, &records(&world), &payees_remasked, &balances),
        // Under the right mask, with one payee replaced.
        publish_with(&world, &other_records, &payees, &balances),
    ];
    let publish = |balances| publish_with(&world, &records(&world), &payees, balances);
    let wrong_balances = [publish(&earlier), publish(&remasked), publish(&of_second)];
    let honest = publish(&balances);

    for call in wrong_payees {
        refused::<PayeeColumnMismatch>(&mut world, &call);
    }
    for call in wrong_balances {
        refused::<BalanceColumnMismatch>(&mut world, &call);
    }
    let mut aliased = IRevenueLedger::publishCall::abi_decode(&honest.data).unwrap();
    aliased.root = aliased.root.checked_add(U256::from_be_bytes(modulus())).unwrap();
    refused::<NotCanonical>(&mut world, &Call { data: aliased.abi_encode(), ..honest.clone() });
    world.life.send(world.life.roles.developer, &honest).unwrap();
    refused::<AlreadyPublished>(&mut world, &honest);
}

fn records(world: &World) -> Vec<Record> {
    apportion::input::read_records(&world.life.dir.join("records.csv")).unwrap()
}

fn publish_with(world: &World, records: &[Record], payees: &PayeeMask<F>, balances: &Balances<F>) -> Call {
    let ledger = Ledger::open(&world.life.ledger_dir()).unwrap();
    let prover = Prover::<Bn254, Tree>::for_ledger(cache(), &ledger.state.ledger).unwrap();
    let context = ledger.state.publish_context(FIRST, 2).unwrap();
    let accounts = Accounts::<F>::new(balances.values(), &mut OsRng);
    let records = segment_of(TIER, records, 0);
    let (instance, witness) = witness::publish(TIER, &context, records, payees, balances, &accounts).unwrap();
    let proof = prover.prove(&instance, &witness, &[None, None]).unwrap();
    let call = IRevenueLedger::publishCall {
        modelId: world.model(),
        datasetId: world.dataset.0.into(),
        segment: U256::ZERO,
        root: word(apportion_circuits::types::Word::from_field(&instance.root)),
        proof: Bytes::from(proof),
    };
    Call { what: "publish".into(), to: world.life.deployment.ledger, data: call.abi_encode(), column: None }
}

/// The verifier accepts these inputs, and refuses each of them plus any multiple of the modulus.
fn every_input_is_canonical(world: &mut World, verifier: Payee, proof: &Bytes, inputs: &[U256]) {
    let verify = |world: &mut World, inputs: Vec<U256>| {
        let call = IProofVerifier::verifyCall { proof: proof.clone(), inputs };
        world.life.chain.transact(Payee::default(), verifier, &call)
    };
    verify(world, inputs.to_vec()).unwrap();
    let modulus = U256::from_be_bytes(modulus());
    for index in 0..inputs.len() {
        for times in 1..=5u32 {
            let Some(aliased) = inputs[index].checked_add(modulus * U256::from(times)) else { continue };
            let mut inputs = inputs.to_vec();
            inputs[index] = aliased;
            assert!(matches!(verify(world, inputs), Err(Refusal::Reverted { .. })), "input {index}");
        }
    }
}

#[test]
fn no_public_input_has_a_second_encoding() {
    let mut world = World::enrolled(RECORDS);
    let modulus = U256::from_be_bytes(modulus());
    let (_, split, tree) = world.life.deployment.verifiers[0];
    let source = world.life.source().unwrap();

    // Tree: root, tag, context. The root comes from the registry, where x + r can't be registered.
    let doc = source.dataset(0).unwrap();
    let call = source.enroll(0, 0).unwrap().remove(0);
    let enroll = IRevenueLedger::enrollCall::abi_decode(&call.data).unwrap();
    let context = {
        let ledger = Ledger::open(&world.life.ledger_dir()).unwrap();
        ledger.state.enroll_context(FIRST, 0).unwrap().to_word()
    };
    let tag = U256::from_be_bytes(to_bytes(&Tag::Record.to_field::<F>()));
    let inputs = [word(doc.roots[0]), tag, word(context)];
    assert_eq!(inputs.len(), <Tree as Relation<F>>::layout(TIER).public.len());
    every_input_is_canonical(&mut world, tree, &enroll.proof, &inputs);
    let registry = world.life.deployment.registry;
    let call = register(registry, &doc, Word::default(), "another").unwrap();
    let mut aliased = IDatasetRegistry::registerCall::abi_decode(&call.data).unwrap();
    aliased.roots[0] += modulus;
    let aliased = Call { data: aliased.abi_encode(), ..call.clone() };
    refused::<InvalidRoot>(&mut world, &aliased);
    world.life.chain.clone().send(world.life.roles.owner, &call).unwrap();

    // Split: the sums come from the caller, the rest from storage.
    world.close(1);
    let source = world.life.source().unwrap();
    let (doc, call) = (source.epoch(1).unwrap(), source.settle(1).unwrap().remove(0));
    let settle = IRevenueLedger::settleCall::abi_decode(&call.data).unwrap();
    let context = {
        let ledger = Ledger::open(&world.life.ledger_dir()).unwrap();
        ledger.state.split_context(FIRST, 1).unwrap().to_word()
    };
    let inputs = [
        settle.segmentScore,
        settle.segmentPaid,
        U256::from(doc.pool.0),
        U256::from(doc.total_score.0),
        U256::from(1),
        word(context),
    ];
    assert_eq!(inputs.len(), <Split as Relation<F>>::layout(TIER).public.len());
    every_input_is_canonical(&mut world, split, &settle.proof, &inputs);
    for times in 1..=5u32 {
        let more = modulus * U256::from(times);
        let (score, paid) = (settle.segmentScore + more, settle.segmentPaid + more);
        let score = IRevenueLedger::settleCall { segmentScore: score, ..settle.clone() };
        let paid = IRevenueLedger::settleCall { segmentPaid: paid, ..settle.clone() };
        refused::<ScoreSumExceeded>(&mut world, &Call { data: score.abi_encode(), ..call.clone() });
        refused::<PoolExceeded>(&mut world, &Call { data: paid.abi_encode(), ..call.clone() });
    }
    world.life.settle(1).unwrap();

    // A publication's root comes from the caller.
    let before = world.life.chain.clone();
    world.life.publish().unwrap();
    let call = world.life.source().unwrap().publish(1).unwrap().remove(0);
    let publish = IRevenueLedger::publishCall::abi_decode(&call.data).unwrap();
    for chain in [before, world.life.chain.clone()] {
        world.life.chain = chain;
        for times in 1..=5u32 {
            let Some(root) = publish.root.checked_add(modulus * U256::from(times)) else { continue };
            let aliased = IRevenueLedger::publishCall { root, ..publish.clone() };
            refused::<NotCanonical>(&mut world, &Call { data: aliased.abi_encode(), ..call.clone() });
        }
    }
}

/// Sends a transaction with every amount of gas that can matter. Below the least that is enough, nothing changes: at
/// no depth does a call that was starved (by the rule that it gets at most 63/64 of what is left) pass for one that
/// succeeded.
fn starve(honest: &Chain, from: Payee, call: &Call) {
    let before = honest.storage();
    let after = {
        let mut chain = honest.clone();
        chain.send(from, call).unwrap();
        chain.storage()
    };
    assert_ne!(before, after, "{}", call.what);
    let enough = |gas: u64| {
        let mut chain = honest.clone();
        let sent = chain.send_with_gas(from, call, gas);
        assert_eq!(
            chain.storage(),
            if sent.is_ok() { &after } else { &before }.clone(),
            "{gas}: {}",
            call.what
        );
        sent.is_ok()
    };
    let (mut low, mut high) = (0, TRANSACTION_GAS);
    assert!(enough(high));
    while high - low > 1 {
        let middle = (low + high) / 2;
        *(if enough(middle) { &mut high } else { &mut low }) = middle;
    }
    // An odd step, so that calls at every depth are cut off at many places.
    for gas in (0..high).step_by(1_009).chain(high - 300..high) {
        assert!(!enough(gas), "{gas}: {}", call.what);
    }
    // What is left after each of many calls that take all but a 64th.
    let mut gas = high;
    while gas > 21_000 {
        gas -= gas / 64 + 1;
        assert!(!enough(gas), "{gas}: {}", call.what);
    }
    for gas in (high..high + high / 32).step_by(1_009) {
        assert!(enough(gas), "{gas}: {}", call.what);
    }
}

#[test]
fn too_little_gas_changes_nothing() {
    let mut world = World::enrolled(10);
    let developer = world.life.roles.developer;
    let enroll = world.life.source().unwrap().enroll(0, 0).unwrap().remove(0);
    starve(&World::created_as(&world), developer, &enroll);
    world.close(1);
    let settle = world.life.source().unwrap().settle(1).unwrap().remove(0);
    starve(&world.life.chain, developer, &settle);
    world.life.settle(1).unwrap();
    let before = world.life.chain.clone();
    world.life.publish().unwrap();
    let publish = world.life.source().unwrap().publish(1).unwrap().remove(0);
    starve(&before, developer, &publish);
    let receipt = world.life.receipt(1).unwrap();
    starve(&world.life.chain, world.life.roles.customer, &claim(&receipt).unwrap());
}
