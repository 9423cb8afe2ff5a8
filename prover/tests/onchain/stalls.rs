//! Nobody can sit on the money: demands, bonds, the end of a model, exits by paths and by openings.

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use apportion_chain::{
    abi::{IRevenueLedger as abi, address, bytes32, coordinates, point},
    calls,
};
use apportion_circuits::types::{Payee, Tier, Word};
use apportion_engine::openings::Open;
use apportion_suite::{Bn254, openings::OpeningClaim};
use halo2curves_axiom::bn256::Fr;
use rand_core::OsRng;

use crate::world::{Invalid, RECORDS, TIER, World, cache, changed, expected};

const HOUR: u64 = 3_600;

/// A developer that hands out no receipts is asked for one by its record's path; the answer is the receipt itself.
#[test]
fn a_demand_is_answered_by_an_opening() {
    let mut world = World::enrolled(RECORDS);
    world.epoch(1);
    let ledger = world.life.files().unwrap().bundle.ledger;
    let path = world.life.record_path(&world.dataset, 65).unwrap();
    let asking = path.payee;
    world.life.evm.set_coins(address(asking), U256::from(5_000));
    let demand = calls::demand(&ledger, &path, 1_000).unwrap();
    // The bond is exact; the record must be there.
    for value in [0, 999, 1_001] {
        let call = apportion_chain::Call { value, ..demand.clone() };
        world.refused::<abi::WrongBond>(asking, &call);
    }
    let other = changed::<abi::demandCall>(&demand, |call| call.record.payee = address(world.customer()));
    world.refused::<abi::RecordNotShown>(asking, &other);
    world.life.send(asking, &demand).unwrap();
    world.refused::<abi::AlreadyDemanded>(asking, &demand);

    // Answered by any valid opening of that slot and epoch, of anybody.
    let receipt = world.life.record_receipt(0, 65).unwrap();
    let answer = calls::answer(std::slice::from_ref(&receipt), 1).unwrap().remove(0);
    let forged = changed::<abi::answerCall>(&answer, |call| call.receipts[0].accounts[0].cumulative += 1);
    world.refused::<Invalid>(world.developer(), &forged);
    let elsewhere = world.life.record_receipt(0, 64).unwrap();
    let wrong = calls::answer(&[elsewhere], 1).unwrap().remove(0);
    world.refused::<abi::NothingToAnswer>(world.developer(), &wrong);
    let before = world.life.evm.coins(address(world.developer()));
    world.life.send(world.developer(), &answer).unwrap();
    let after = world.life.evm.coins(address(world.developer()));
    assert_eq!(after - before, U256::from(1_000), "the bond is the answerer's");
    // And what was due is paid: the receipt is public now.
    assert_eq!(world.life.tokens(asking).unwrap(), receipt.accounts[0].cumulative.0);
    world.refused::<abi::AlreadyAnswered>(asking, &demand);
    world.solvent();
}

/// While a demand is overdue the model closes nothing and pays no beneficiary; an answer sets it free.
#[test]
fn an_overdue_demand_stops_closing_and_shares() {
    let mut world = World::enrolled(10);
    world.epoch(1);
    let bundle = world.life.files().unwrap().bundle;
    let path = world.life.record_path(&world.dataset, 1).unwrap();
    let asking = path.payee;
    world.life.evm.set_coins(address(asking), U256::from(1_000));
    world.life.send(asking, &calls::demand(&bundle.ledger, &path, 1_000).unwrap()).unwrap();
    let receipt = world.life.record_receipt(0, 1).unwrap();
    world.life.deposit(2, world.revenue(2)).unwrap();
    let posted = world.life.commit_scores(2, &world.scores(2), &[]).unwrap();
    world.life.evm.advance(HOUR + 1);
    let close = calls::close_epoch(&bundle.ledger, &posted.doc).unwrap();
    world.refused::<abi::DemandOverdue>(world.developer(), &close);
    let share = calls::withdraw_share(&bundle, Payee([0x11; 20]), &[1]).unwrap().remove(0);
    world.refused::<abi::DemandOverdue>(world.customer(), &share);
    // The bond comes back to whoever asked.
    let back = calls::return_bond(&bundle.ledger, &path).unwrap();
    world.life.send(world.customer(), &back).unwrap();
    assert_eq!(world.life.evm.coins(address(asking)), U256::from(1_000));
    world.refused::<abi::BondAlreadyReturned>(world.customer(), &back);
    world.life.send(world.developer(), &calls::answer(&[receipt], 1).unwrap().remove(0)).unwrap();
    world.life.send(world.customer(), &share).unwrap();
    world.life.send(world.developer(), &close).unwrap();
}

/// F2: the developer vanishes after the close, with all proofs. After `exitWindow` anybody ends the model, and the money of
/// the closed epoch goes by the scores of the last final one, claimed by records' paths and by openings of payees.
#[test]
fn f2_a_developer_that_vanishes_holds_nothing_back() {
    let mut world = World::enrolled(RECORDS);
    world.epoch(1);
    let receipt = world.life.record_receipt(0, 1).unwrap();
    let final_column = world.life.files().unwrap().bundle;
    // Records that join late, and the epoch that never gets its proofs.
    world.close(2);
    let revenue = world.revenue(2);
    let carried = world.view_epoch(2).carried;
    let ledger = final_column.ledger.clone();
    let dissolve = calls::dissolve(&ledger).unwrap();
    world.refused::<abi::NotStalled>(world.customer(), &dissolve);
    // Further revenue waits with it.
    world.life.deposit(3, 1_000_000).unwrap();
    world.life.evm.advance(4 * HOUR - 30);
    world.refused::<abi::NotStalled>(world.customer(), &dissolve);
    world.life.evm.advance(60);
    world.life.send(world.customer(), &dissolve).unwrap();
    let estate = revenue + carried + 1_000_000;

    // By records' paths, three of them in one transaction, of both segments.
    let paths: Vec<_> =
        [1, 2, 65].iter().map(|record| world.life.record_path(&world.dataset, *record).unwrap()).collect();
    let exit = calls::exit(&final_column, &paths, 1).unwrap();
    let other =
        changed::<abi::exitCall>(&exit, |call| call.exits[0].records[0].payee = address(world.customer()));
    world.refused::<abi::RecordNotShown>(world.customer(), &other);
    let scores = &final_column.epochs[0].scores;
    let part = |segment: usize, records: u128| {
        let own = U256::from(estate) * U256::from(scores.segments[segment].score.0);
        let whole: u128 = (own / U256::from(scores.total_score.0)).to();
        whole / records
    };
    world.life.send(world.customer(), &exit).unwrap();
    for (path, expected) in paths.iter().zip([part(0, 62), part(0, 62), part(1, 8)]) {
        assert_eq!(world.life.tokens(path.payee).unwrap(), expected);
        assert!(expected > 0);
    }
    // Once each: by the opening of the payee column it is the same account.
    let before = world.life.tokens(paths[0].payee).unwrap();
    let opened = opened_exit(&world, &exit, 1);
    let _ = world.life.send(world.customer(), &opened);
    assert_eq!(world.life.tokens(paths[0].payee).unwrap(), before);
    let opened = opened_exit(&world, &exit, 3);
    let third = world.life.record_path(&world.dataset, 3).unwrap().payee;
    world.life.send(world.customer(), &opened).unwrap();
    assert_eq!(world.life.tokens(third).unwrap(), part(0, 62));
    let forged = changed::<abi::exitCall>(&opened_exit(&world, &exit, 4), |call| {
        call.exits[0].accounts[0].payee = address(world.customer());
    });
    world.refused::<Invalid>(world.customer(), &forged);

    // What was final stays claimable; nothing else goes on.
    world.life.claim(std::slice::from_ref(&receipt)).unwrap();
    assert_eq!(world.life.tokens(receipt.payee).unwrap(), expected(&world.sample, 1)[1] + part(0, 62));
    let late = calls::settle(&world.life.files().unwrap().bundle, 2, 16).unwrap().remove(0);
    world.refused::<abi::ModelDissolved>(world.customer(), &late);
    world.solvent();
}

/// The exit of a record of segment 0, shown by an opening of the payee column.
fn opened_exit(world: &World, exit: &apportion_chain::Call, record: u64) -> apportion_chain::Call {
    let ledger = world.life.files().unwrap();
    let id = apportion_statement::SegmentId { dataset: 0, segment: 0 };
    let column = ledger.history.payees(id).last().unwrap();
    let masked = ledger.payee_column::<Fr>(id, column.revision).unwrap();
    let payee = world.life.record_path(&world.dataset, record).unwrap().payee;
    let claim = OpeningClaim {
        tier: TIER,
        slot: record as usize,
        columns: vec![column.column.clone()],
        values: vec![payee.to_field::<Fr>()],
        gamma: Fr::zero(),
    };
    let k = apportion_suite::openings::opening_k(Tier::T64);
    let srs = cache().load_or_make_insecure_dev(k).unwrap();
    let proof = Bn254::open_one(srs.kzg(), &[&masked], &claim, &mut OsRng).unwrap();
    changed::<abi::exitCall>(exit, |call| {
        call.exits.truncate(1);
        let exit = &mut call.exits[0];
        exit.records.clear();
        exit.payees = coordinates(&column.column).unwrap();
        exit.accounts = vec![abi::Account {
            index: record as u32,
            payee: address(payee),
            cumulative: 0,
            proof: point(&proof, "an opening").unwrap(),
        }];
    })
}

/// A model that never had a final epoch shares equally among the records that were there when its first epoch opened.
#[test]
fn without_a_final_epoch_records_share_equally() {
    let mut world = World::enrolled(10);
    let revenue = world.revenue(1);
    world.life.deposit(1, revenue).unwrap();
    // No scores ever come.
    world.life.evm.advance(4 * HOUR + 1);
    let bundle = world.life.files().unwrap().bundle;
    world.life.send(world.customer(), &calls::dissolve(&bundle.ledger).unwrap()).unwrap();
    let paths: Vec<_> =
        (0..10).map(|record| world.life.record_path(&world.dataset, record).unwrap()).collect();
    let exit = calls::exit(&bundle, &paths, 0).unwrap();
    world.life.send(world.customer(), &exit).unwrap();
    for (record, path) in paths.iter().enumerate() {
        let records = if record == 0 || record == 9 { 2 } else { 1 };
        assert_eq!(world.life.tokens(path.payee).unwrap(), records * (revenue / 10));
    }
    // A second time pays nothing.
    let _ = world.life.send(world.customer(), &exit);
    assert_eq!(world.life.tokens(paths[1].payee).unwrap(), revenue / 10);
    let word = Word(bytes32(bundle.ledger.model_id).0);
    assert_eq!(word, bundle.ledger.model_id);
    assert!(abi::dissolveCall::SELECTOR != abi::exitCall::SELECTOR);
}
