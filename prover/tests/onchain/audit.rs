//! What an auditor finds on a chain: a ledger that was deployed and used as it should be, genuine code whose storage somebody
//! wrote first, receipts that name another tier.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use apportion_chain::{
    abi::{address, payee},
    calls,
    codes::CodeHashes,
    creation::{PROXY, ledger_arguments},
    preflight,
    state::{ChainState, Contracts, DatasetState, Registered},
};
use apportion_circuits::types::{Payee, Tier, Word};
use apportion_engine::openings::Open;
use apportion_evm::{
    Deployment, artifact, deployment,
    evm::{Address, Evm},
};
use apportion_statement::{
    SegmentId,
    files::{Hex, ReceiptDoc},
};
use apportion_suite::{
    Bn254, Suite as _,
    openings::{OpeningClaim, OpeningTerm, Openings as _},
};
use apportion_verifier::{
    chain::{ChainOptions, compare, compare_dataset, confirm},
    report::{Report, Verdict},
};
use halo2curves_axiom::bn256::Fr;
use rand_core::OsRng;

use crate::world::{RECORDS, World, cache, deployed};

fn failing(report: &Report) -> BTreeSet<&'static str> {
    report.checks.iter().filter(|check| !check.ok).map(|check| check.id.name()).collect()
}

/// The comparison of a ledger's files with the chain, as `apportion-verify ledger --rpc` makes it.
fn audited(world: &mut World) -> Report {
    let bundle = world.life.files().unwrap().bundle;
    let datasets: Vec<Word> = bundle.datasets.iter().map(|e| e.dataset.doc.dataset_id).collect();
    let codes = CodeHashes::built_in().unwrap();
    let (ledger, model) = (world.life.ledger(), bundle.ledger.model_id);
    let state = ChainState::read(ledger, model, &datasets, &codes, &mut world.life.evm).unwrap();
    let mut report = Report::default();
    compare(&bundle, &state, &ChainOptions::default(), &mut report);
    report
}

/// A contract with the genuine code of another, and whatever that has in its storage; but its creation wrote more into it:
/// for a thief, any balance.
fn seeded(evm: &mut Evm, like: Address, through_proxy: bool) -> Address {
    let genuine = evm.code(like);
    let mut slots = evm.storage().remove(&like).unwrap_or_default();
    let thief = U256::from_be_bytes([0x77; 32]);
    slots.insert(thief, U256::MAX);
    let mut code = Vec::new();
    for (slot, value) in &slots {
        // sstore(slot, value)
        code.push(0x7f);
        code.extend(value.to_be_bytes::<32>());
        code.push(0x7f);
        code.extend(slot.to_be_bytes::<32>());
        code.push(0x55);
    }
    // codecopy(0, here, size), return(0, size)
    let size = u16::try_from(genuine.len()).unwrap().to_be_bytes();
    let here = u16::try_from(code.len() + 16).unwrap().to_be_bytes();
    code.extend([0x61, size[0], size[1], 0x61, here[0], here[1], 0x60, 0, 0x39]);
    code.extend([0x61, size[0], size[1], 0x60, 0, 0xf3, 0x00]);
    code.extend_from_slice(&genuine);
    let from = Address::repeat_byte(0xbb);
    let at =
        if through_proxy { evm.create(from, &code).unwrap() } else { evm.deploy(from, &code).unwrap().0 };
    assert_eq!(evm.code(at), genuine, "the same code");
    assert_eq!(evm.storage()[&at], slots);
    at
}

#[test]
fn a_ledger_that_was_deployed_and_used_is_confirmed() {
    let mut world = World::enrolled(RECORDS);
    world.epoch(1);
    world.close(2);
    let report = audited(&mut world);
    assert_eq!(failing(&report), BTreeSet::new());
    assert_eq!(report.verdict(), Verdict::Valid, "{:?}", report.error);
    let created = report.checks.iter().filter(|check| check.id.name() == "chain.creation");
    let found: BTreeSet<_> = created.map(|check| check.detail.split(" at ").next().unwrap()).collect();
    let libraries = ["Claims", "Demands", "Epochs", "Exits", "Models"];
    let verifiers = ["opening verifier", "split verifier of tier 64", "split verifier of tier 1024"];
    let trees = ["tree verifier of tier 64", "tree verifier of tier 1024"];
    let shared = ["deployment proxy", "DatasetRegistry", "RevenueLedger"];
    let all = [&libraries[..], &verifiers, &trees, &shared].concat();
    assert_eq!(found, all.into_iter().collect());
    // The same configuration has one address, whoever deploys it; another has another.
    let (mut evm, at, _) = deployed();
    let whoever = Address::repeat_byte(0x99);
    for (bond, same) in [(1_000_000_000_000_000, true), (7, false)] {
        let again = Deployment::with_verifiers(&mut evm, whoever, at.verifiers.clone(), bond).unwrap();
        assert_eq!((again.registry, again.ledger == at.ledger), (at.registry, same));
    }
}

#[test]
fn genuine_code_over_seeded_storage_is_not_valid() {
    for through_proxy in [false, true] {
        // The ledger.
        let (mut evm, at, token) = deployed();
        let ledger = seeded(&mut evm, at.ledger, through_proxy);
        let mut world = World::on(evm, Deployment { ledger, ..at.clone() }, token, "m", 10, |_| ());
        world.epoch(1);
        let report = audited(&mut world);
        assert_eq!(failing(&report), BTreeSet::from(["chain.creation"]));
        assert_eq!(report.verdict(), Verdict::Invalid);
        let why = &report.failed().unwrap().detail;
        assert!(why.contains("what it wrote into its storage first"), "{why}");

        // The registry, under a ledger that was deployed as it should be.
        let (mut evm, at, token) = deployed();
        let registry = seeded(&mut evm, at.registry, through_proxy);
        let from = Address::repeat_byte(0xbb);
        let ledger = deployment::ledger(&mut evm, from, registry, &at.verifiers, 1_000).unwrap();
        let mut contracts =
            Contracts::read(payee(ledger), &CodeHashes::built_in().unwrap(), &mut evm).unwrap();
        contracts.creations.retain(|(_, outcome)| outcome.is_err());
        let [(place, _)] = contracts.creations.as_slice() else { panic!("{:?}", contracts.creations) };
        assert!(place.starts_with("DatasetRegistry at"), "{place}");
        assert!(contracts.codes.iter().all(|(_, outcome)| outcome.is_ok()));
        // Its dataset's own audit says so, too.
        let mut world = World::on(evm, Deployment { registry, ledger, ..at }, token, "m", 10, |_| ());
        let report = audited_dataset(&mut world);
        assert_eq!(failing(&report), BTreeSet::from(["chain.creation"]));
    }
}

/// What was at a linked address while the ledger was made may have been something else, and what it wrote stays.
#[test]
fn a_library_or_a_verifier_at_another_place_is_not_valid() {
    let from = Address::repeat_byte(0xbb);
    let differing = |evm: &mut Evm, ledger: Address| {
        let found = Contracts::read(payee(ledger), &CodeHashes::built_in().unwrap(), evm).unwrap();
        assert!(found.codes.iter().all(|(_, outcome)| outcome.is_ok()), "{:?}", found.codes);
        let differing = found.creations.into_iter().filter(|(_, outcome)| outcome.is_err());
        differing.map(|(place, _)| place.split(" at ").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let libraries =
        [artifact::models(), artifact::epochs(), artifact::claims(), artifact::demands(), artifact::exits()];
    let libraries = libraries.map(Result::unwrap);
    let (evm, at, _) = deployed();
    let splits: Vec<_> = at
        .verifiers
        .splits
        .iter()
        .map(|(slots, verifier)| (Tier::from_slots(*slots as usize).unwrap(), payee(*verifier)))
        .collect();
    let arguments = ledger_arguments(payee(at.registry), payee(at.verifiers.openings), &splits, 7);
    for moved in &libraries {
        let mut evm = evm.clone();
        let mut linked = Vec::new();
        for library in &libraries {
            let place = if library.name == moved.name {
                evm.deploy(from, &library.bytecode).unwrap().0
            } else {
                deployment::deploy(&mut evm, from, library, &[]).unwrap()
            };
            linked.push((library.name.as_str(), place));
        }
        let ledger = artifact::ledger().unwrap().link(&linked).unwrap();
        let ledger = deployment::deploy(&mut evm, from, &ledger, &arguments).unwrap();
        assert_eq!(differing(&mut evm, ledger), [moved.name.as_str()]);
    }
    let mut evm = evm;
    let mut verifiers = at.verifiers.clone();
    verifiers.splits[0].1 =
        evm.deploy(from, &apportion_evm::Verifiers::dev().unwrap().tiers[0].split.bytecode).unwrap().0;
    let ledger = deployment::ledger(&mut evm, from, at.registry, &verifiers, 7).unwrap();
    assert_eq!(differing(&mut evm, ledger), ["split verifier of tier 64"]);
}

#[test]
fn a_chain_whose_proxy_is_another_contract_is_not_valid() {
    let mut world = World::enrolled(10);
    for code in [&[][..], &[0x00]] {
        world.life.evm.replace_code(address(PROXY), code);
        assert_eq!(failing(&audited(&mut world)), BTreeSet::from(["chain.creation"]));
    }
}

/// The comparison of a dataset's files with its registry, as `apportion-verify dataset --rpc` makes it.
fn audited_dataset(world: &mut World) -> Report {
    let bundle = apportion::dataset_dir::OwnDataset::read(&world.dataset).unwrap().bundle;
    let codes = CodeHashes::built_in().unwrap();
    let registry = bundle.doc.registry;
    let registered = Registered::read(registry, &codes, &mut world.life.evm).unwrap();
    let found = DatasetState::read(registry, bundle.doc.dataset_id, &mut world.life.evm).unwrap();
    let mut report = Report::default();
    compare_dataset(&bundle, &registered, found.as_ref(), &ChainOptions::default(), &mut report);
    report
}

#[test]
fn a_datasets_registry_is_audited_with_its_verifiers() {
    let mut world = World::enrolled(10);
    let report = audited_dataset(&mut world);
    assert_eq!(failing(&report), BTreeSet::new());
    for id in ["chain.code", "chain.creation", "chain.setup", "chain.verifier", "chain.key", "chain.payees"] {
        assert!(report.checks.iter().any(|check| check.id.name() == id), "{id}");
    }
    // Files of another setup than the registry's verifiers have.
    let mut bundle = apportion::dataset_dir::OwnDataset::read(&world.dataset).unwrap().bundle;
    bundle.doc.setup.digest = Some(Word([1; 32]));
    let codes = CodeHashes::built_in().unwrap();
    let registered = Registered::read(bundle.doc.registry, &codes, &mut world.life.evm).unwrap();
    let found = DatasetState::read(bundle.doc.registry, bundle.doc.dataset_id, &mut world.life.evm).unwrap();
    let mut report = Report::default();
    compare_dataset(&bundle, &registered, found.as_ref(), &ChainOptions::default(), &mut report);
    assert_eq!(failing(&report), BTreeSet::from(["chain.setup"]));
}

/// What `apportion-verify receipt --rpc` says.
fn confirmed(world: &mut World, doc: &ReceiptDoc) -> Report {
    let codes = CodeHashes::built_in().unwrap();
    let evm = &mut world.life.evm;
    let contracts = Contracts::read(doc.contract, &codes, evm).unwrap();
    // The development setup's keys are pinned nowhere.
    let options = ChainOptions { allow_insecure: true, allow_unknown_code: true, ..ChainOptions::default() };
    let mut report = Report::default();
    confirm(doc, &contracts, &options, evm, &mut report).unwrap();
    report
}

/// The first account of a receipt under another tier's name for its slot, with an opening that is true of the columns.
fn aliased(world: &World, honest: &ReceiptDoc, tier: Tier) -> ReceiptDoc {
    let mut doc = honest.clone();
    let account = &mut doc.accounts[0];
    let slot = account.index as usize;
    account.index *= (tier.slots() / account.tier.slots()) as u32;
    account.tier = tier;
    let ledger = world.life.files().unwrap();
    let id = SegmentId { dataset: 0, segment: account.segment };
    let payees = ledger.payee_column::<Fr>(id, ledger.history.payees(id).last().unwrap().revision).unwrap();
    let values = ledger.balances(account.epoch, id).unwrap();
    let balances = ledger.balance_column::<Fr>(id, account.epoch, &values).unwrap();
    let claim = doc.claim(&doc.accounts[0]);
    claim.check().unwrap();
    // The point is the same, and so is the proof.
    let opened = OpeningClaim {
        tier: honest.accounts[0].tier,
        slot,
        columns: vec![claim.payee_column.clone(), claim.balance_column.clone()],
        values: claim.values::<Fr>().to_vec(),
        gamma: claim.challenge(),
    };
    let srs = cache().load_or_make_insecure_dev(apportion_suite::openings::opening_k(Tier::T64)).unwrap();
    let proof = Bn254::open_one(srs.kzg(), &[&payees, &balances], &opened, &mut OsRng).unwrap();
    // And whoever takes the document's word for the tier accepts it.
    let named = OpeningClaim { tier, slot: claim.index as usize, ..opened };
    let term = OpeningTerm { claim: named, proof: proof.clone() };
    Bn254::check_openings(&Bn254::verifier_params(srs.kzg()), &[term]).unwrap();
    doc.accounts[0].proof = Hex(proof);
    doc
}

#[test]
fn a_receipt_is_confirmed_by_its_chain_only() {
    let mut world = World::enrolled(RECORDS);
    world.epoch(1);
    let record = world.earning(1, 1)[0];
    let honest = world.life.record_receipt(0, record).unwrap();
    let report = confirmed(&mut world, &honest);
    assert_eq!(failing(&report), BTreeSet::new());
    assert_eq!(report.verdict(), Verdict::Valid);
    assert_eq!(report.subject.get("paid out already"), Some("0"));

    // Slot i is slot 16 i of the next tier: the same point, an honest opening of it, and a tier that the chain knows.
    let forged = aliased(&world, &honest, Tier::T1024);
    let claim = &forged.accounts[0];
    assert_eq!((claim.tier, u64::from(claim.index)), (Tier::T1024, 16 * record));
    let report = confirmed(&mut world, &forged);
    assert_eq!((failing(&report), report.verdict()), (BTreeSet::from(["chain.final"]), Verdict::Invalid));
    let why = &report.failed().unwrap().detail;
    assert!(why.contains("1024 slots in the receipt, of 64 on the chain"), "{why}");
    // It is that alone.
    let own = ReceiptDoc { accounts: aliased(&world, &honest, Tier::T64).accounts, ..honest.clone() };
    assert_eq!(confirmed(&mut world, &own).verdict(), Verdict::Valid);
    // Before it is sent, it is said as well.
    let call = calls::claim(std::slice::from_ref(&forged), 1).unwrap().remove(0);
    let why = preflight::receipts(&[forged], &call, &mut world.life.evm).unwrap_err().to_string();
    assert!(why.contains("1024 slots in the receipt, 64 on the chain"), "{why}");
    let call = calls::claim(std::slice::from_ref(&honest), 1).unwrap().remove(0);
    preflight::receipts(std::slice::from_ref(&honest), &call, &mut world.life.evm).unwrap();

    // Another amount, payee, slot, column or epoch, and an opening of something else.
    type Change = fn(&mut ReceiptDoc);
    let changes: [(&str, Change); 9] = [
        ("chain.openings", |doc| doc.accounts[0].cumulative.0 += 1),
        ("chain.openings", |doc| doc.payee = Payee([1; 20])),
        ("chain.openings", |doc| doc.accounts[0].index += 1),
        ("chain.openings", |doc| doc.accounts[0].proof = Hex(vec![0; 64])),
        ("chain.final", |doc| doc.accounts[0].balance_column = doc.accounts[0].payee_column.clone()),
        ("chain.final", |doc| doc.accounts[0].payee_column = doc.accounts[0].balance_column.clone()),
        ("chain.final", |doc| doc.accounts[0].epoch = 2),
        ("chain.final", |doc| doc.accounts[0].segment = 1),
        ("chain.final", |doc| doc.model = Word([1; 32])),
    ];
    for (at, (name, change)) in changes.iter().enumerate() {
        let mut doc = honest.clone();
        change(&mut doc);
        let report = confirmed(&mut world, &doc);
        assert_eq!(
            (failing(&report), report.verdict()),
            (BTreeSet::from([*name]), Verdict::Invalid),
            "change {at}"
        );
    }

    // What is proven in the files and not final on the chain pays nobody yet.
    world.close(2);
    let early = world.life.record_receipt(0, record).unwrap();
    assert_eq!(early.accounts[0].epoch, 2);
    let report = confirmed(&mut world, &early);
    assert_eq!(failing(&report), BTreeSet::from(["chain.final"]));
    assert!(report.failed().unwrap().detail.contains("not final"), "{:?}", report.failed());
    world.life.settle(2, 16).unwrap();
    assert_eq!(confirmed(&mut world, &early).verdict(), Verdict::Valid);

    // What was paid is said; the older receipt stays what it was.
    world.life.claim(std::slice::from_ref(&honest)).unwrap();
    let paid = honest.accounts[0].cumulative.0.to_string();
    for doc in [&honest, &early] {
        let report = confirmed(&mut world, doc);
        assert_eq!(
            (report.verdict(), report.subject.get("paid out already")),
            (Verdict::Valid, Some(paid.as_str()))
        );
    }
}
