//! The attacks that sank the first edition, each as it was. F2 and F3 stand in `stalls` and `attempts`.

use alloy_primitives::B256;
use apportion_chain::{
    abi::{IRevenueLedger as abi, address, bytes32},
    calls,
};
use apportion_circuits::types::Payee;

use crate::world::{RECORDS, World, assert_refused, expected};

const HOUR: u64 = 3_600;
/// Nobody in particular.
const STRANGER: Payee = Payee([0x57; 20]);

/// F1: a stranger closes first, settles first and deposits in between; or waits. Nobody's entitlement differs.
#[test]
fn f1_whoever_closes_settles_or_deposits_changes_nobodys_entitlement() {
    let due = expected_of_both_ways();
    assert_eq!(due[0], due[1]);
}

fn expected_of_both_ways() -> Vec<Vec<u128>> {
    let mut found = Vec::new();
    for hostile in [false, true] {
        let mut world = World::enrolled(RECORDS);
        for epoch in 1..=2 {
            let revenue = world.revenue(epoch);
            world.life.deposit(epoch, revenue).unwrap();
            let posted = world.life.commit_scores(epoch, &world.scores(epoch), &[]).unwrap();
            let close = calls::close_epoch(&world.life.files().unwrap().bundle.ledger, &posted.doc).unwrap();
            if hostile {
                // With other scores than those that stand, nobody closes; nor does a stranger before the window is over.
                let mut other = posted.doc.clone();
                other.root.0[0] ^= 1;
                let wrong = calls::close_epoch(&world.life.files().unwrap().bundle.ledger, &other).unwrap();
                world.refused::<abi::WrongScoreRoot>(world.developer(), &wrong);
                world.refused::<abi::TooEarly>(STRANGER, &close);
                world.life.evm.advance(HOUR + 1);
                world.life.send(STRANGER, &close).unwrap();
            } else {
                world.life.send(world.developer(), &close).unwrap();
            }
            world.life.prove(epoch, &posted, revenue).unwrap();
            let mut moves = calls::settle(&world.life.files().unwrap().bundle, epoch, 1).unwrap();
            if hostile {
                moves.reverse();
            }
            for call in &moves {
                world.life.send(STRANGER, call).unwrap();
            }
            if hostile {
                // What is settled already spoils nobody's batch.
                let batch = calls::settle(&world.life.files().unwrap().bundle, epoch, 16).unwrap().remove(0);
                world.refused::<abi::WrongStage>(STRANGER, &batch);
            }
        }
        let due: Vec<u128> = (0..RECORDS as u64)
            .map(|record| world.life.record_receipt(0, record).unwrap().accounts[0].cumulative.0)
            .collect();
        assert_eq!(due, expected(&world.sample, 2));
        found.push(due);
    }
    found
}

/// F1: an epoch without scores stays open, and its money waits for its own scores: nothing is carried to whoever scores
/// next, and beneficiaries are not paid before contributors.
#[test]
fn f1_a_pool_without_scores_waits() {
    let mut world = World::enrolled(10);
    world.life.deposit(1, world.revenue(1)).unwrap();
    world.life.evm.advance(2 * HOUR);
    let model = world.life.model().unwrap();
    let close = abi::closeEpochCall { modelId: model, epoch: 1, scoreRoot: B256::ZERO };
    world.refuses::<abi::NotCommitted>(STRANGER, &close);
    world.refuses::<abi::NotCommitted>(world.developer(), &close);
    // A commitment to nothing is none.
    let nothing = abi::commitScoresCall {
        modelId: model,
        epoch: 1,
        root: B256::repeat_byte(1),
        totalScore: alloy_primitives::Uint::ZERO,
        count: 1,
    };
    world.refuses::<abi::InvalidCommitment>(world.life.roles.attributor, &nothing);
    let share =
        abi::withdrawShareCall { modelId: model, epochs: vec![1], index: alloy_primitives::U256::ZERO };
    world.refuses::<abi::NotFinal>(STRANGER, &share);
    assert_eq!(world.view_epoch(1).revenue, world.revenue(1));
}

/// F4: both orders of a deposit and a close in one block: money lands in the epoch that it names or comes back; and a
/// stranger's unit starts no clock and closes nothing.
#[test]
fn f4_nobody_chooses_the_epoch_of_anothers_deposit() {
    let mut world = World::with_terms(10, |terms| terms.min_pool = 10_000);
    let ledger = world.life.files().unwrap().bundle.ledger;
    let attributor = world.life.roles.attributor;
    let token = world.life.token;
    world.life.deposit(1, 1).unwrap();
    assert_eq!(world.view_epoch(1).poolReachedAt, 0, "one unit starts no clock");
    let posted = world.life.commit_scores(1, &world.scores(1), &[]).unwrap();
    let close = calls::close_epoch(&ledger, &posted.doc).unwrap();
    // Dust closes nothing, now or later: it would burn the scores.
    world.refused::<abi::PoolTooSmall>(world.developer(), &close);
    world.life.evm.advance(1_000 * HOUR);
    world.refused::<abi::PoolTooSmall>(STRANGER, &close);
    world.life.deposit(1, world.revenue(1)).unwrap();

    // The customer means epoch 1; the close comes first: the deposit comes back.
    let deposit = calls::deposit(&ledger, token, 1, 50, 1, attributor).unwrap();
    let mint = world.customer();
    world.life.send(mint, &deposit[0]).unwrap();
    let before = world.life.evm.clone();
    world.life.send(world.developer(), &close).unwrap();
    world.refused::<abi::WrongEpoch>(world.customer(), &deposit[1]);
    // The deposit comes first: it is split by epoch 1.
    world.life.evm = before;
    let mut funded = world.life.evm.clone();
    let call = mintCall { to: address(world.customer()), amount: alloy_primitives::U256::from(50) };
    funded.send(address(mint), address(token), &alloy_sol_types::SolCall::abi_encode(&call)).unwrap();
    world.life.evm = funded;
    world.life.send(world.customer(), &deposit[1]).unwrap();
    world.life.send(world.developer(), &close).unwrap();
    assert_eq!(world.view_epoch(1).revenue, 1 + world.revenue(1) + 50);
    // Nor does it land under terms that it does not expect.
    for (policy, who) in [(2, attributor), (1, STRANGER)] {
        let other = calls::deposit(&ledger, token, 2, 50, policy, who).unwrap();
        let mut evm = world.life.evm.clone();
        let outcome = evm.pay(address(world.customer()), address(other[1].to), &other[1].data, 0).unwrap();
        assert!(!outcome.is_success());
    }
}

alloy_sol_types::sol! {
    function mint(address to, uint256 amount) external;
}

/// F5: below the minimum nobody closes, not the developer either: small pools would be questions about secret scores.
#[test]
fn f5_small_pools_answer_no_questions() {
    let mut world = World::with_terms(10, |terms| terms.min_pool = 1_000);
    // Contributors get half: 19,998 is one pool unit short of 10 records times 1,000.
    world.life.deposit(1, 19_998).unwrap();
    let posted = world.life.commit_scores(1, &world.scores(1), &[]).unwrap();
    let close = calls::close_epoch(&world.life.files().unwrap().bundle.ledger, &posted.doc).unwrap();
    for from in [world.developer(), world.life.roles.attributor, STRANGER] {
        world.refused::<abi::PoolTooSmall>(from, &close);
    }
    world.life.deposit(1, 2).unwrap();
    world.life.send(world.developer(), &close).unwrap();
    assert_eq!(world.view_epoch(1).pool, 10_000);
}

/// F7: a commitment costs the same for one segment and for 10,000; segments without scores do not move; a retired dataset
/// takes part no more.
#[test]
fn f7_work_is_bounded_by_what_moves() {
    let mut world = World::enrolled(RECORDS);
    let model = world.life.model().unwrap();
    world.life.deposit(1, world.revenue(1)).unwrap();
    let commit = |count| abi::commitScoresCall {
        modelId: model,
        epoch: 1,
        root: B256::repeat_byte(7),
        totalScore: alloy_primitives::Uint::<96, 2>::from(1_000_000),
        count,
    };
    let gas = |world: &World, count| {
        let mut evm = world.life.evm.clone();
        let call = world.to_ledger(&commit(count));
        let outcome = evm.pay(address(world.life.roles.attributor), address(call.to), &call.data, 0).unwrap();
        assert!(outcome.is_success());
        outcome.gas
    };
    assert!(gas(&world, 1).abs_diff(gas(&world, 10_000)) < 100);

    // Only the first segment scores: it alone is listed and moves, and the epoch is final.
    let mut scores = String::from("record,score\n");
    for record in 0..RECORDS {
        scores += &format!("{record},{}\n", if record < 62 { record + 1 } else { 0 });
    }
    world.write("scores-1.csv", &scores);
    let posted = world.life.commit_scores(1, &world.scores(1), &[]).unwrap();
    assert_eq!(posted.doc.segments.len(), 1);
    world.life.close(&posted).unwrap();
    world.life.prove(1, &posted, world.revenue(1)).unwrap();
    world.life.settle(1, 16).unwrap();
    let view = world.view_epoch(1);
    assert_eq!((view.count, view.moved, view.records), (1, 1, 62));
    // The other one moves from nothing in the next epoch.
    world.epoch(2);
    let (first, dust) = crate::world::payouts(&scores, world.revenue(1), 0);
    let (second, _) = crate::world::payouts(&world.sample.scores[1].clone(), world.revenue(2), dust);
    let late = world.earning(2, 62)[0] as usize;
    for record in [3, late] {
        let receipt = world.life.record_receipt(0, record as u64).unwrap();
        assert_eq!(receipt.accounts[0].cumulative.0, first[record] + second[record]);
        world.life.claim(&[receipt]).unwrap();
    }
    world.solvent();
}

/// What the developer cannot do alone, each refused by name: it is in nobody's way.
#[test]
fn no_role_reaches_into_anothers() {
    let mut world = World::enrolled(10);
    world.epoch(1);
    let ledger = world.life.files().unwrap().bundle.ledger;
    let dataset = world.life.files().unwrap().bundle.datasets[0].dataset.doc.dataset_id;
    let model = bytes32(ledger.model_id);
    let policy = abi::Policy { contributorsBps: 999, beneficiaries: vec![] };
    world.refuses::<abi::NotDeveloper>(
        STRANGER,
        &abi::announcePolicyCall { modelId: model, policy: policy.clone() },
    );
    world.refuses::<abi::InvalidPolicy>(
        world.developer(),
        &abi::announcePolicyCall { modelId: model, policy },
    );
    let enroll = abi::enrollCall { modelId: model, datasetId: bytes32(dataset), revision: 0 };
    world.refuses::<abi::NotDeveloper>(STRANGER, &enroll);
    world.refuses::<abi::AlreadyEnrolled>(world.developer(), &enroll);
    let retire = abi::announceRetirementCall { modelId: model, datasetId: bytes32(dataset) };
    world.refuses::<abi::NotDeveloper>(world.life.roles.attributor, &retire);
    let replace = abi::replaceAttributorCall { modelId: model, epoch: 2 };
    world.refuses::<abi::NothingAnnounced>(world.developer(), &replace);
    // The attributor's role is the attributor's to hand over.
    let offer = abi::offerAttributorCall { modelId: model, to: address(STRANGER) };
    world.refuses::<abi::NotAttributor>(world.developer(), &offer);
    world.must(world.life.roles.attributor, &offer);
    world.must(STRANGER, &abi::acceptAttributorCall { modelId: model });
    world.life.deposit(2, world.revenue(2)).unwrap();
    assert_refused::<abi::NotAttributor, _>(world.life.commit_scores(2, &world.scores(2), &[]));
    assert_eq!(world.view_model().developer, address(world.developer()));
}
