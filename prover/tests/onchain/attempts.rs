//! A commitment that cannot be settled is replaced: the pool stays where it was earned, and what moved before counts for
//! nothing.

use alloy_primitives::U256;
use apportion::{
    actions::undo::{Step, undo},
    ledger::Ledger,
};
use apportion_chain::{
    Call,
    abi::{IRevenueLedger as abi, bytes32, column_digest},
    calls,
};
use apportion_circuits::types::Payee;

use crate::world::{RECORDS, World, payouts};

const HOUR: u64 = 3_600;

fn undo_epoch(world: &World) {
    undo(&Ledger::open(&world.life.ledger_dir()).unwrap(), Step::Epoch, Some(1)).unwrap();
}

#[test]
fn columns_of_a_superseded_attempt_never_pay() {
    let mut world = World::enrolled(RECORDS);
    world.close(1);
    // One of two segments moves; then the scores are said to be wrong.
    let first = calls::settle(&world.life.files().unwrap().bundle, 1, 1).unwrap();
    world.life.send(world.customer(), &first[0]).unwrap();
    let stale = world.life.record_receipt(0, 1).unwrap();
    let old_column = stale.accounts[0].balance_column.clone();
    undo_epoch(&world);

    // Not before the stall: `settleWindow` after the last move.
    let others = world.sample.scores[1].clone();
    world.write("scores-1.csv", &others);
    world.life.evm.advance(HOUR / 2);
    assert!(world.life.commit_scores(1, &world.scores(1), &[]).is_err());
    world.life.evm.advance(HOUR);
    let posted = world.life.commit_scores(1, &world.scores(1), &[]).unwrap();
    let view = world.view_epoch(1);
    assert_eq!((view.attempt, view.moved, view.paid), (1, 0, 0));
    // The first attempt's moves move nothing any more.
    world.refused::<abi::ScoreNotShown>(world.customer(), &first[1]);
    world.refused::<abi::ScoreNotShown>(world.customer(), &first[0]);

    // The closed epoch's pool is split by the new scores, from the same balances as before.
    world.life.prove(1, &posted, world.revenue(1)).unwrap();
    world.life.settle(1, 16).unwrap();
    let (due, _) = payouts(&others, world.revenue(1), 0);
    let receipt = world.life.record_receipt(0, 1).unwrap();
    assert_eq!(receipt.accounts[0].cumulative.0, due[1]);

    // The receipt of the attempt that was given up is none, before and after the new one's claim.
    let claim = calls::claim(std::slice::from_ref(&stale), 1).unwrap().remove(0);
    world.refused::<abi::UnknownBalanceColumn>(world.customer(), &claim);
    let (ledger, model) = (world.life.ledger(), world.life.model().unwrap());
    let columns = [0u8, 1].map(|attempt| {
        let call = abi::balanceColumnCall {
            modelId: model,
            datasetId: bytes32(stale.accounts[0].dataset),
            segment: U256::ZERO,
            epoch: U256::from(1),
            attempt: U256::from(attempt),
        };
        world.life.ask(ledger, &call).unwrap()
    });
    assert_eq!(columns[0], bytes32(column_digest(&old_column)), "kept, for auditors");
    assert_ne!(columns[0], columns[1]);
    world.life.claim(std::slice::from_ref(&receipt)).unwrap();
    world.refused::<abi::UnknownBalanceColumn>(world.customer(), &claim);
    assert_eq!(world.life.tokens(receipt.payee).unwrap(), due[1]);
    world.solvent();
}

/// F3: two epochs are proven in the files, neither is settled, both are taken back: the first is proven again and
/// settled. Nothing was deleted that the chain still falls back to.
#[test]
fn f3_two_epochs_are_taken_back_and_the_first_is_settled() {
    let mut world = World::enrolled(10);
    world.close(1);
    let honest = calls::settle(&world.life.files().unwrap().bundle, 1, 16).unwrap();
    // Epoch 2 is scored while epoch 1 waits, and proven in the files ahead of the chain.
    world.life.deposit(2, world.revenue(2)).unwrap();
    let second = world.life.commit_scores(2, &world.scores(2), &[]).unwrap();
    world.life.prove(2, &second, world.revenue(2)).unwrap();
    for epoch in [2, 1] {
        undo(&Ledger::open(&world.life.ledger_dir()).unwrap(), Step::Epoch, Some(epoch)).unwrap();
    }
    let posted = apportion::actions::scores::Posted::read(
        &world.life.dir.join("scores-1-1"),
        &world.life.files().unwrap(),
        1,
    )
    .unwrap();
    world.life.prove(1, &posted, world.revenue(1)).unwrap();
    let again = calls::settle(&world.life.files().unwrap().bundle, 1, 16).unwrap();
    let data = |calls: &[Call]| calls.iter().map(|call| call.data.clone()).collect::<Vec<_>>();
    assert_eq!(data(&honest), data(&again), "a proof made again is the same proof");
    world.life.settle(1, 16).unwrap();
    world.life.close(&second).unwrap();
    world.life.prove(2, &second, world.revenue(2)).unwrap();
    world.life.settle(2, 16).unwrap();
    let due = crate::world::expected(&world.sample, 2);
    let receipt = world.life.record_receipt(0, 1).unwrap();
    assert_eq!(receipt.accounts[0].cumulative.0, due[1]);
    world.life.claim(&[receipt]).unwrap();
    assert_ne!(world.customer(), Payee::default());
    world.solvent();
}
