//! What `send` leaves out because the chain has it already, and what it sends again because it has to be done again.

use alloy_primitives::U256;
use apportion::input::read_records;
use apportion_chain::{
    Call,
    abi::{IRevenueLedger as abi, IToken, SolCall as _, address},
    already_done,
    calls::{self, Role},
    preflight,
};
use apportion_circuits::types::Payee;
use apportion_evm::evm::Evm;

use crate::world::World;

const HOUR: u64 = 3_600;
const NEXT: Payee = Payee([0xb2; 20]);
const STRANGER: Payee = Payee([0x57; 20]);

fn done(world: &mut World, from: Payee, call: &Call) -> bool {
    already_done(call, from, &mut world.life.evm).unwrap()
}

/// As `send` does: left out, or sent.
#[track_caller]
fn send(world: &mut World, from: Payee, call: &Call) {
    assert!(!done(world, from, call), "{}", call.what);
    world.life.send(from, call).unwrap();
    assert!(done(world, from, call), "{}", call.what);
}

#[test]
fn an_announcement_from_before_an_epoch_was_late_is_made_again() {
    let mut world = World::enrolled(10);
    let (ledger, developer) = (world.life.files().unwrap().bundle.ledger, world.developer());
    let announce = calls::announce_attributor(&ledger, NEXT).unwrap();
    let replace = calls::replace_attributor(&ledger, 1).unwrap();
    world.life.deposit(1, world.revenue(1)).unwrap();
    send(&mut world, developer, &announce);
    // The attributor posts nothing; the announcement is from before that could be known.
    world.life.evm.advance(HOUR);
    assert!(done(&mut world, developer, &announce));
    world.life.evm.advance(1);
    world.refused::<abi::AnnouncedTooEarly>(developer, &replace);
    send(&mut world, developer, &announce);
    world.life.evm.advance(HOUR);
    assert!(done(&mut world, developer, &announce), "given again, it would begin again");
    world.life.send(developer, &replace).unwrap();
}

#[test]
fn scores_that_are_as_young_as_what_they_list_are_committed_again() {
    let mut world = World::enrolled(10);
    world.life.deposit(1, world.revenue(1)).unwrap();
    // Two records more, enrolled and scored in one block.
    let more = apportion::sample::sample(12, 1);
    let all = world.write("more.csv", &more.records);
    world.write("scores-1.csv", &more.scores[0].replace(",0\n", ",1\n"));
    let dataset = world.dataset.clone();
    world.life.extend(&dataset, read_records(&all).unwrap()).unwrap();
    let before = world.life.evm.block();
    world.life.enroll_now(&dataset).unwrap();
    let posted = world.life.commit_scores(1, &world.scores(1), &[]).unwrap();
    assert_eq!(world.life.evm.block(), before, "all in one block");
    let bundle = world.life.files().unwrap().bundle;
    let commit = calls::commit_scores(&bundle, &posted.doc).unwrap();
    let attributor = world.life.roles.attributor;
    assert!(!done(&mut world, attributor, &commit));

    // Closed as it is, nothing would move.
    world.life.prove(1, &posted, world.revenue(1)).unwrap();
    let settle = calls::settle(&world.life.files().unwrap().bundle, 1, 16).unwrap().remove(0);
    let open = world.life.evm.clone();
    world.life.close(&posted).unwrap();
    world.refused::<abi::TooYoung>(world.customer(), &settle);
    assert!(!done(&mut world, attributor, &commit));
    // Nor do the same scores in the same block help.
    world.life.evm = open;
    world.life.send(attributor, &commit).unwrap();
    assert!(!done(&mut world, attributor, &commit));
    world.life.evm.advance(12);
    send(&mut world, attributor, &commit);
    world.life.close(&posted).unwrap();
    assert!(done(&mut world, attributor, &commit));
    world.life.send(world.customer(), &settle).unwrap();
    assert!(done(&mut world, attributor, &commit), "final");
}

#[test]
fn a_role_that_is_offered_for_an_older_epoch_is_accepted_too() {
    let mut world = World::enrolled(10);
    let (ledger, developer) = (world.life.files().unwrap().bundle.ledger, world.developer());
    let attributor = world.life.roles.attributor;
    // The next epoch is the new attributor's by announcement; the closed one is still the old one's.
    world.life.deposit(1, world.revenue(1)).unwrap();
    world.life.send(developer, &calls::announce_attributor(&ledger, NEXT).unwrap()).unwrap();
    world.life.evm.advance(HOUR);
    let posted = world.life.commit_scores(1, &world.scores(1), &[]).unwrap();
    world.life.close(&posted).unwrap();
    let attributors = [1, 2].map(|epoch| world.view_epoch(epoch).attributor);
    assert_eq!(attributors, [address(attributor), address(NEXT)]);
    let accept = calls::accept_role(&ledger, Role::Attributor).unwrap();
    assert!(done(&mut world, NEXT, &accept), "nothing is offered");
    assert!(!done(&mut world, STRANGER, &accept));
    world.life.send(attributor, &calls::offer_role(&ledger, Role::Attributor, NEXT).unwrap()).unwrap();
    send(&mut world, NEXT, &accept);
    assert_eq!(world.view_epoch(1).attributor, address(NEXT));
}

#[test]
fn an_approval_that_is_left_over_is_taken_back_first() {
    let mut world = World::enrolled(10);
    let ledger = world.life.files().unwrap().bundle.ledger;
    let (customer, token, attributor) = (world.customer(), world.life.token, world.life.roles.attributor);
    let deposit = |amount| calls::deposit(&ledger, token, 1, amount, 1, attributor).unwrap().to_vec();
    let reset = |evm: &mut Evm, amount| calls::reset_approvals(deposit(amount), customer, evm).unwrap();
    assert_eq!(reset(&mut world.life.evm, 100), deposit(100));
    world.life.send(customer, &deposit(60)[0]).unwrap();
    // Enough is left, or too little.
    assert_eq!(reset(&mut world.life.evm, 60), deposit(60));
    let calls = reset(&mut world.life.evm, 100);
    assert_eq!(calls.len(), 3);
    assert_eq!(IToken::approveCall::abi_decode(&calls[0].data).unwrap().amount, U256::ZERO);
    for call in &calls[..2] {
        send(&mut world, customer, call);
    }
    // An interrupted command is given again as it was.
    assert_eq!(reset(&mut world.life.evm, 100), deposit(100));
}

#[test]
fn shares_are_withdrawn_of_epochs_that_are_final() {
    let mut world = World::enrolled(10);
    world.epoch(1);
    world.close(2);
    let bundle = world.life.files().unwrap().bundle;
    assert_eq!(preflight::final_epochs(&bundle.ledger, &[1, 2], &mut world.life.evm).unwrap(), [1]);
    let who = Payee([0x11; 20]);
    let both = calls::withdraw_share(&bundle, who, &[1, 2]).unwrap().remove(0);
    world.refused::<abi::NotFinal>(world.customer(), &both);
    let first = calls::withdraw_share(&bundle, who, &[1]).unwrap().remove(0);
    send(&mut world, who, &first);
}
