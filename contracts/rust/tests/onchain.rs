//! A model's whole life with real proofs at tier 64: two segments, two epochs, every account claims.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[path = "onchain/abandon.rs"]
mod abandon;
#[path = "onchain/audit.rs"]
mod audit;
#[path = "onchain/done.rs"]
mod done;
#[path = "onchain/gas.rs"]
mod gas;
#[path = "onchain/ids.rs"]
mod ids;
#[path = "onchain/links.rs"]
mod links;
#[path = "onchain/replay.rs"]
mod replay;
#[path = "onchain/thousand.rs"]
mod thousand;
#[path = "onchain/world.rs"]
mod world;

use apportion_contracts::Refusal;
use apportion_verifier::chain::claim;
use world::{RECORDS, World, expected};

#[test]
fn two_segments_two_epochs_and_everybody_is_paid() {
    let mut world = World::enrolled(RECORDS);
    let (mut due, mut claimed) = (Vec::new(), vec![0; RECORDS]);
    for epoch in 1..=2 {
        world.close(epoch);
        world.life.settle(epoch).unwrap();
        world.life.publish().unwrap();
        due = expected(&world.sample, epoch as usize);
        // Half of them claim after the first epoch, all of them after the second.
        for record in (0..RECORDS).filter(|record| epoch == 2 || record % 2 == 0) {
            let receipt = world.life.receipt(record).unwrap();
            assert_eq!(receipt.cumulative.0, due[record]);
            let call = claim(&receipt).unwrap();
            // Some earn nothing, or nothing new.
            let owed = due[record] > claimed[record];
            assert_eq!(world.life.send(world.life.roles.customer, &call).is_ok(), owed, "record {record}");
            claimed[record] = due[record];
            let again = world.life.send_refused(world.life.roles.customer, &call).unwrap();
            assert!(matches!(again, Refusal::Reverted { .. }));
        }
    }
    // The first payee owns records 0 and 9.
    for record in (0..RECORDS).filter(|record| *record != 0 && *record != 9) {
        let payee = world.life.receipt(record).unwrap().payee;
        assert_eq!(world.life.tokens(payee).unwrap(), due[record]);
    }
    for account in [[0x11; 20], [0x22; 20]] {
        world.life.withdraw(apportion_circuits::types::Payee(account)).unwrap();
    }
    // What is left is dust, less than one unit an account.
    let ledger = world.life.deployment.ledger;
    assert!(world.life.tokens(ledger).unwrap() < 2 * 62);
    audit::files_and_chain_agree(&world);
    gas::compare(&world.life.steps, "life.json");
}
