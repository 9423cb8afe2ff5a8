//! Epochs that the contract does not settle: the ledger's files follow, and the life goes on.

use apportion::{
    actions::{epoch, publish, scores::Posted},
    ledger::Ledger,
    progress::Silent,
};
use apportion_verifier::{
    chain::abandon_epoch,
    ledger::{Options, audit_ledger},
    suite::Bn254,
};

use crate::{
    audit::files_and_chain_agree,
    world::{RECORDS, World, cache},
};

/// Longer than the window in which an epoch must be settled.
const LATE: u64 = 9 * 86_400;

fn posted(world: &World, ledger: &Ledger, number: u32) -> Posted {
    Posted::read(&world.life.dir.join(format!("scores-{number}")), &ledger.state, number).unwrap()
}

fn open(world: &World) -> Ledger {
    Ledger::open(&world.life.ledger_dir()).unwrap()
}

#[test]
fn an_epoch_that_the_contract_gives_up_is_carried_and_life_goes_on() {
    let mut world = World::enrolled_with(RECORDS, 3);
    world.close(1);
    world.life.settle(1).unwrap();
    world.close(2);
    // Any command that opens the ledger may tidy it.
    drop(open(&world));
    let first = world.life.source().unwrap().settle(2).unwrap().remove(0);
    world.life.send(world.life.roles.developer, &first).unwrap();
    world.life.chain.advance(LATE);
    let call = abandon_epoch(world.life.source().unwrap().ledger(), 2).unwrap();
    world.life.send(world.life.roles.customer, &call).unwrap();

    let ledger = open(&world);
    let scores = posted(&world, &ledger, 2);
    assert!(epoch::undo(&ledger, 1).is_err(), "not the newest");
    assert!(epoch::abandon(&ledger, 2, &scores, world.sample.revenue[1]).is_err(), "proven");
    epoch::undo(&ledger, 2).unwrap();
    drop(ledger);
    let ledger = open(&world);
    let doc = epoch::abandon(&ledger, 2, &posted(&world, &ledger, 2), world.sample.revenue[1]).unwrap();
    assert!(doc.abandoned && doc.carried_only && doc.segments.is_empty());
    // What was taken back can be put back: both segments' openings are kept.
    let kept = ledger.private.undone().join("1.balances");
    assert_eq!(std::fs::read_dir(kept).unwrap().count(), 2);
    drop(ledger);
    files_and_chain_agree(&world);

    // The balances of epoch 1 are live: they can be published, and epoch 3 begins from them.
    publish::publish::<Bn254>(&open(&world), cache(), &Silent).unwrap();
    for call in world.life.source().unwrap().publish(1).unwrap() {
        world.life.send(world.life.roles.developer, &call).unwrap();
    }
    world.close(3);
    world.life.settle(3).unwrap();
    files_and_chain_agree(&world);
    let source = world.life.source().unwrap();
    let carried = source.epoch(3).unwrap().carried.0;
    assert_eq!(carried, source.epoch(2).unwrap().pool.0);
    valid(&world);
}

#[test]
fn an_epoch_proven_with_the_wrong_revenue_is_proven_again() {
    let mut world = World::enrolled(RECORDS);
    world.close(1);
    world.life.settle(1).unwrap();
    world.close(2);
    let ledger = open(&world);
    let (public, balances) = (ledger.public.epoch(2), ledger.private.balances(2));
    let undone = ledger.private.undone();
    epoch::undo(&ledger, 2).unwrap();
    drop(ledger);
    // Put back by hand, as the help says, it is proven as before; and taken back again.
    std::fs::rename(undone.join("1"), public).unwrap();
    std::fs::rename(undone.join("1.balances"), balances.root()).unwrap();
    let ledger = open(&world);
    assert_eq!((ledger.state.next_epoch(), ledger.state.undone.len()), (3, 0));
    assert!(ledger.private.balances(2).root().exists());
    epoch::undo(&ledger, 2).unwrap();
    drop(ledger);
    let prove = |revenue| {
        let ledger = open(&world);
        epoch::prove::<Bn254>(&ledger, 2, &posted(&world, &ledger, 2), revenue, cache(), &Silent).unwrap();
    };
    prove(world.sample.revenue[1] + 1_000);
    let wrong = world.life.source().unwrap().settle(2).unwrap();
    assert!(world.life.chain.clone().send(world.life.roles.developer, &wrong[0]).is_err());
    epoch::undo(&open(&world), 2).unwrap();
    prove(world.sample.revenue[1]);
    world.life.settle(2).unwrap();
    files_and_chain_agree(&world);
    valid(&world);
    // Both proofs that were taken back opened the scores.
    assert_eq!(open(&world).state.undone.len(), 2);
    // Published balances stay.
    world.life.publish().unwrap();
    assert!(epoch::undo(&open(&world), 2).is_err());
}

/// The auditor agrees, offline.
fn valid(world: &World) {
    let options = Options { allow_insecure_params: true, ..Options::default() };
    let report = audit_ledger(&world.life.ledger_dir(), &options);
    assert!(report.valid(), "{}", report.to_json());
}
