//! From registration to the last claim.

use alloy_primitives::U256;
use alloy_sol_types::SolEvent;
use apportion::actions::receipt::Whose;
use apportion_chain::abi::{IRevenueLedger as abi, address, bytes32, column_digest, payee};
use apportion_circuits::types::Payee;

use crate::world::{RECORDS, World, assert_refused, expected};

#[test]
fn two_segments_two_epochs_and_everybody_is_paid() {
    let mut world = World::enrolled(RECORDS);
    let mut claimed = vec![0; RECORDS];
    world.epoch(1);
    // After the first epoch half of them claim, one by one: the others wait, and lose nothing.
    let due = expected(&world.sample, 1);
    for record in (0..RECORDS).step_by(2) {
        let receipt = world.life.record_receipt(0, record as u64).unwrap();
        assert_eq!(receipt.accounts[0].cumulative.0, due[record]);
        match due[record] {
            0 => assert_refused::<abi::NothingDue, _>(world.life.claim(&[receipt])),
            _ => drop(world.life.claim(&[receipt]).unwrap()),
        }
        claimed[record] = due[record];
        world.solvent();
    }
    world.epoch(2);
    // Then all payees in one transaction, over both segments; the first payee has two records.
    let due = expected(&world.sample, 2);
    let payees: Vec<Payee> =
        (0..RECORDS).map(|i| world.life.record_receipt(0, i as u64).unwrap().payee).collect();
    let receipts: Vec<_> = (0..RECORDS)
        .filter(|record| *record != 9)
        .map(|record| world.life.receipt(Whose::Payee(payees[record]), None).unwrap())
        .collect();
    assert_eq!(receipts[0].accounts.len(), 2);
    let outcome = world.life.claim(&receipts).unwrap();
    let paid: U256 = outcome
        .logs
        .iter()
        .filter_map(|log| abi::Paid::decode_log(log).ok())
        .map(|event| event.amount)
        .fold(U256::ZERO, |sum, amount| sum + amount);
    assert_eq!(paid, U256::from(due.iter().sum::<u128>() - claimed.iter().sum::<u128>()));
    for record in (0..RECORDS).filter(|record| *record != 9) {
        let own = due[record] + if record == 0 { due[9] } else { 0 };
        assert_eq!(world.life.tokens(payees[record]).unwrap(), own, "record {record}");
    }
    // Nothing twice: the same receipts pay nothing more.
    let before = world.life.tokens(payees[1]).unwrap();
    let _ = world.life.claim(&receipts);
    assert_eq!(world.life.tokens(payees[1]).unwrap(), before);

    // Beneficiaries fetch both epochs' shares whenever they like, each by one transaction of anybody.
    for account in [Payee([0x11; 20]), Payee([0x22; 20])] {
        let bundle = world.life.files().unwrap().bundle;
        for call in apportion_chain::calls::withdraw_share(&bundle, account, &[1, 2]).unwrap() {
            world.life.send(world.customer(), &call).unwrap();
        }
    }
    let of = |bps: u128| world.sample.revenue[..2].iter().map(|revenue| revenue * bps / 10_000).sum::<u128>();
    let (first, second) = (of(4_500), of(500));
    assert_eq!(world.life.tokens(Payee([0x11; 20])).unwrap(), first);
    assert_eq!(world.life.tokens(Payee([0x22; 20])).unwrap(), second);
    // What is left is dust, less than one unit a record, and belongs to the open epoch.
    let ledger = world.life.ledger();
    let left = world.life.tokens(ledger).unwrap();
    assert!(left < RECORDS as u128);
    assert_eq!(world.view_epoch(3).carried, left);
    files_and_chain_agree(&mut world);
}

/// A dataset grows between epochs: the new records earn from then on, old payee columns stay good.
#[test]
fn an_extension_is_paid_from_the_epoch_after() {
    let mut world = World::enrolled(RECORDS);
    let few = 60;
    let text = |rows: usize| {
        world.sample.records.lines().take(rows + 1).map(|l| format!("{l}\n")).collect::<String>()
    };
    let (short, long) = (text(few), text(RECORDS));
    let mut grown = World::enrolled(few);
    let steady = world.earning(1, 0).into_iter().find(|record| world.earning(2, 0).contains(record)).unwrap();
    let old_receipt = |world: &World| world.life.record_receipt(0, steady).unwrap();
    grown.epoch(1);
    let before = old_receipt(&grown);
    grown.write("records-1.csv", &short);
    let all = apportion::input::read_records(&grown.write("records-2.csv", &long)).unwrap();
    let dataset = grown.dataset.clone();
    grown.life.extend(&dataset, all).unwrap();
    // The old segment grew from 60 to 62 records, the new one has eight.
    grown.life.enroll(&dataset).unwrap();
    let scores = world.sample.scores[1].clone();
    grown.write("scores-2.csv", &scores);
    grown.epoch(2);
    // A receipt by the payee column of before, of the epoch of before, is good still.
    let amount = before.accounts[0].cumulative.0;
    grown.life.claim(std::slice::from_ref(&before)).unwrap();
    assert_eq!(grown.life.tokens(before.payee).unwrap(), amount);
    let after = old_receipt(&grown);
    assert_ne!(before.accounts[0].payee_column, after.accounts[0].payee_column);
    grown.life.claim(&[after]).unwrap();
    let new = grown.life.record_receipt(0, world.earning(2, 62)[0]).unwrap();
    assert_eq!(new.accounts[0].segment, 1);
    let due = new.accounts[0].cumulative.0;
    let payee = new.payee;
    grown.life.claim(&[new]).unwrap();
    assert_eq!(grown.life.tokens(payee).unwrap(), due);
    grown.solvent();
    world.solvent();
}

/// F6: everything that the files say of every epoch can be read from the chain, older epochs too; and an older epoch
/// that differs is noticed.
pub(crate) fn files_and_chain_agree(world: &mut World) {
    let bundle = world.life.files().unwrap().bundle;
    let (model, ledger) = (bytes32(bundle.ledger.model_id), world.life.ledger());
    let mut compared = 0;
    for epoch in &bundle.epochs {
        let number = epoch.doc.epoch;
        let view = world.view_epoch(number);
        assert_eq!(view.scoreRoot, bytes32(epoch.scores.root));
        assert_eq!(view.totalScore.to::<u128>(), epoch.scores.total_score.0);
        let money = (view.revenue, view.carried, view.pool);
        assert_eq!(money, (epoch.doc.revenue.0, epoch.doc.carried.0, epoch.doc.pool.0));
        assert_eq!(view.paid, epoch.doc.segments.iter().map(|s| s.paid.0).sum::<u128>());
        for segment in &epoch.doc.segments {
            let dataset = bundle.datasets[segment.dataset as usize].dataset.doc.dataset_id;
            let call = abi::balanceColumnCall {
                modelId: model,
                datasetId: bytes32(dataset),
                segment: U256::from(segment.segment),
                epoch: U256::from(number),
                attempt: U256::from(view.attempt),
            };
            let column = world.life.ask(ledger, &call).unwrap();
            assert_eq!(column, bytes32(column_digest(&segment.balance_column)));
            // One unit moved in the files is another column, which is not the chain's.
            let mut other = segment.balance_column.clone();
            other.0[63] ^= 1;
            assert_ne!(column, bytes32(column_digest(&other)));
            compared += 1;
        }
    }
    assert!(compared >= 2 * bundle.epochs.len());
    let customer = address(world.customer());
    assert_ne!(payee(customer), Payee::default());
}
