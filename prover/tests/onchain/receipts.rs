//! Receipts that are not what was opened: each is refused, alone and in the middle of a batch.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use apportion_chain::{
    Call,
    abi::{IOpeningVerifier, IRevenueLedger as abi, address},
    calls,
};

use crate::world::{Invalid, InvalidPoint, RECORDS, World, changed, identity};

/// r and p of the curve.
fn r() -> U256 {
    U256::from_str_radix("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001", 16).unwrap()
}
fn p() -> U256 {
    U256::from_str_radix("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16).unwrap()
}

fn claim_of(world: &World, records: &[u64]) -> Call {
    let receipts: Vec<_> =
        records.iter().map(|record| world.life.record_receipt(0, *record).unwrap()).collect();
    calls::claim(&receipts, usize::MAX).unwrap().remove(0)
}

#[test]
fn forged_receipts_are_refused_by_the_rule_that_they_break() {
    let mut world = World::enrolled(RECORDS);
    world.epoch(1);
    let honest = claim_of(&world, &world.earning(1, 0)[..1]);
    let from = world.customer();
    let one = |change: &dyn Fn(&mut abi::Receipt)| {
        changed::<abi::claimCall>(&honest, |call| change(&mut call.receipts[0]))
    };
    let account = |change: &dyn Fn(&mut abi::Account)| one(&|receipt| change(&mut receipt.accounts[0]));

    // Another amount, payee or slot than what was opened.
    for call in
        [account(&|a| a.cumulative += 1), account(&|a| a.payee = address(from)), account(&|a| a.index += 1)]
    {
        world.refused::<Invalid>(from, &call);
    }
    // More than there is, which needs no pairing to be refused.
    world.refused::<abi::ExceedsOwed>(from, &account(&|a| a.cumulative = u128::MAX));
    // A reserved slot, the same point of the subgroup by a larger index, and any other number.
    for index in [62, 63, 64 + 1, u32::MAX] {
        world.refused::<abi::InvalidIndex>(from, &account(&|a| a.index = index));
    }
    world.refused::<abi::InvalidAccount>(from, &account(&|a| a.payee = Address::ZERO));
    // Points that are none: the identity, off the curve, another encoding of the same.
    world.refused::<InvalidPoint>(from, &account(&|a| a.proof = identity()));
    world.refused::<InvalidPoint>(from, &account(&|a| a.proof[1] += U256::from(1)));
    world.refused::<InvalidPoint>(from, &account(&|a| a.proof[0] += p()));
    // A point of the curve that is another.
    world.refused::<Invalid>(from, &account(&|a| a.proof[1] = p() - a.proof[1]));
    // Columns that the contract did not store: the right ones in each other's places, the identity.
    world.refused::<abi::UnknownBalanceColumn>(
        from,
        &one(&|r| std::mem::swap(&mut r.payees, &mut r.balances)),
    );
    world.refused::<abi::UnknownPayeeColumn>(from, &one(&|r| r.payees = r.balances));
    world.refused::<abi::UnknownBalanceColumn>(from, &one(&|r| r.balances = r.payees));
    world.refused::<abi::UnknownBalanceColumn>(from, &one(&|r| r.balances = identity()));
    // Another segment, dataset, epoch.
    world.refused::<abi::UnknownBalanceColumn>(from, &one(&|r| r.segment = 1));
    world.refused::<abi::UnknownBalanceColumn>(from, &one(&|r| r.datasetId.0[0] ^= 1));
    world.refused::<abi::NotFinal>(from, &one(&|r| r.epoch = 2));
    world.refused::<abi::NotFinal>(from, &one(&|r| r.epoch = 0));
    // And as it is, it pays.
    world.life.send(from, &honest).unwrap();
}

/// F-series of aliases: y + r, payee + r and dirty upper bits have no encoding that the contract reads as the same.
#[test]
fn no_number_has_two_encodings() {
    let mut world = World::enrolled(10);
    world.epoch(1);
    let honest = claim_of(&world, &[1]);
    let decoded = abi::claimCall::abi_decode(&honest.data).unwrap();
    let account = &decoded.receipts[0].accounts[0];
    let payee = U256::from_be_slice(account.payee.as_slice());
    for (value, more) in [
        (U256::from(account.cumulative), r()),
        (payee, r()),
        (payee, U256::from(1) << 160),
        (U256::from(account.index), U256::from(1) << 32),
    ] {
        let word = value.to_be_bytes::<32>();
        let places: Vec<usize> =
            (4..honest.data.len() - 31).step_by(32).filter(|at| honest.data[*at..at + 32] == word).collect();
        assert!(!places.is_empty());
        for at in places {
            let mut call = honest.clone();
            call.data[at..at + 32].copy_from_slice(&(value + more).to_be_bytes::<32>());
            let mut evm = world.life.evm.clone();
            let outcome = evm.pay(address(world.customer()), address(call.to), &call.data, 0).unwrap();
            assert!(!outcome.is_success(), "{value} + {more}");
        }
    }
}

#[test]
fn one_bad_receipt_refuses_the_batch() {
    let mut world = World::enrolled(RECORDS);
    world.epoch(1);
    // Five accounts over both segments.
    let [first, second] = [world.earning(1, 0), world.earning(1, 62)];
    let honest = claim_of(&world, &[&first[..3], &second[..2]].concat());
    let from = world.customer();
    let of = |call: &abi::claimCall| -> Vec<(usize, usize)> {
        let lists = call.receipts.iter().enumerate();
        lists.flat_map(|(i, receipt)| (0..receipt.accounts.len()).map(move |j| (i, j))).collect()
    };
    let places = of(&abi::claimCall::abi_decode(&honest.data).unwrap());
    assert_eq!(places.len(), 5);
    for (i, j) in &places {
        let bad = |change: &dyn Fn(&mut abi::Account)| {
            changed::<abi::claimCall>(&honest, |call| change(&mut call.receipts[*i].accounts[*j]))
        };
        world.refused::<Invalid>(from, &bad(&|a| a.cumulative += 1));
        world.refused::<Invalid>(from, &bad(&|a| a.proof[1] = p() - a.proof[1]));
        world.refused::<InvalidPoint>(from, &bad(&|a| a.proof = identity()));
    }
    // Two that would cancel: openings of one segment that change places, and errors of opposite sign.
    for (a, b) in places.iter().zip(&places[1..]).filter(|(a, b)| a.0 == b.0) {
        let swapped = changed::<abi::claimCall>(&honest, |call| {
            let accounts = &mut call.receipts[a.0].accounts;
            let proof = accounts[a.1].proof;
            accounts[a.1].proof = accounts[b.1].proof;
            accounts[b.1].proof = proof;
        });
        world.refused::<Invalid>(from, &swapped);
        let moved = changed::<abi::claimCall>(&honest, |call| {
            let accounts = &mut call.receipts[a.0].accounts;
            accounts[a.1].cumulative += 1;
            accounts[b.1].cumulative = accounts[b.1].cumulative.saturating_sub(1);
        });
        world.refused::<Invalid>(from, &moved);
    }
    // The same account twice in one batch is paid once.
    let twice = changed::<abi::claimCall>(&honest, |call| {
        let first = call.receipts[0].clone();
        call.receipts.push(first);
    });
    let mut evm = world.life.evm.clone();
    let once = evm.clone().pay(address(from), address(honest.to), &honest.data, 0).unwrap();
    let again = evm.pay(address(from), address(twice.to), &twice.data, 0).unwrap();
    assert!(once.is_success());
    if again.is_success() {
        assert_eq!(once.output, again.output, "what was paid in all");
    }
    world.life.send(from, &honest).unwrap();
    world.solvent();
}

/// A receipt of an older final epoch stays good: what is new of it is paid, and only that.
#[test]
fn old_receipts_stay_good_and_pay_no_more_than_they_say() {
    let mut world = World::enrolled(10);
    world.epoch(1);
    let old = world.life.record_receipt(0, 1).unwrap();
    world.epoch(2);
    let new = world.life.record_receipt(0, 1).unwrap();
    let payee = old.payee;
    world.life.claim(std::slice::from_ref(&old)).unwrap();
    assert_eq!(world.life.tokens(payee).unwrap(), old.accounts[0].cumulative.0);
    world.life.claim(std::slice::from_ref(&new)).unwrap();
    assert_eq!(world.life.tokens(payee).unwrap(), new.accounts[0].cumulative.0);
    // The other way round, the older one pays nothing.
    let before = world.life.tokens(payee).unwrap();
    let _ = world.life.claim(&[old]);
    assert_eq!(world.life.tokens(payee).unwrap(), before);
}

/// Where the payee says, or with the payee; never with whoever sends the claim.
#[test]
fn recipients_are_paid_and_senders_are_not() {
    let mut world = World::enrolled(10);
    world.epoch(1);
    let receipt = world.life.record_receipt(0, 1).unwrap();
    let (payee, elsewhere) = (receipt.payee, apportion_circuits::types::Payee([0x77; 20]));
    let call = calls::set_recipient(world.life.ledger(), elsewhere);
    world.life.send(payee, &call).unwrap();
    let amount = receipt.accounts[0].cumulative.0;
    world.life.claim(&[receipt]).unwrap();
    assert_eq!(world.life.tokens(elsewhere).unwrap(), amount);
    assert_eq!(world.life.tokens(payee).unwrap(), 0);
    let unknown = IOpeningVerifier::Invalid {};
    let _ = unknown;
}
