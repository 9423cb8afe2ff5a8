//! `--rpc`: a chain that has what the files say is confirmed; one that differs in a single fact is refused by the name of
//! that fact.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod world;

use std::collections::{BTreeMap, BTreeSet};

use apportion_chain::{
    Block, Log, ReadChain, ReadError,
    abi::{
        IDatasetRegistry as registry, IRevenueLedger as ledger, SolCall as _, U96, U256, address, bytes32,
        column_digest, stage,
    },
    calls::policy_of,
    pages::{Demands, owed_in},
    state::{ChainState, Contracts, DatasetState, MoveState, VerifierState},
};
use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::{RelationId, files::*, keccak256};
use apportion_verifier::{
    chain::{ChainOptions, compare},
    report::{Report, Verdict},
};
use tempfile::TempDir;

use self::world::{World, failing};

const TOKEN: Payee = Payee([0x77; 20]);

fn named(text: &str) -> Word {
    let mut word = Word::default();
    word.0[..text.len()].copy_from_slice(text.as_bytes());
    word
}

fn verifiers(bundle: &Bundle) -> Vec<VerifierState> {
    let mut list = Vec::new();
    for tier in [Tier::T64, Tier::T1024] {
        for relation in [RelationId::Split, RelationId::Tree] {
            let keys = bundle.datasets.iter().map(|enrolled| enrolled.dataset.dir.keys());
            let keys = keys.chain([bundle.dir.keys()]);
            let key = keys.filter_map(|keys| KeyDoc::read(&keys.doc(relation, tier)).ok()).next();
            list.push(VerifierState {
                relation,
                tier,
                address: Payee([9; 20]),
                says_relation: keccak256(format!("apportion.relation.{relation}.v1").as_bytes()),
                says_slots: U256::from(tier.slots()),
                key_digest: key.map(|key| key.key_digest).unwrap_or_default(),
                setup: Word::default(),
            });
        }
    }
    list
}

fn epoch(bundle: &Bundle, number: usize, enrolled: &Epoch) -> ledger::Epoch {
    let paid = enrolled.doc.segments.iter().map(|segment| segment.paid.0).sum();
    let _ = bundle;
    ledger::Epoch {
        stage: stage::FINAL,
        attempt: if number == 2 { 1 } else { 0 },
        policy: if number < 3 { 1 } else { 2 },
        attributor: address(Payee([6; 20])),
        openedAt: 1_000 * number as u64,
        poolReachedAt: 0,
        committedBlock: 0,
        closedAt: 0,
        progressAt: 0,
        count: enrolled.scores.segments.len() as u32,
        moved: enrolled.doc.segments.len() as u32,
        records: 0,
        scoreRoot: bytes32(enrolled.scores.root),
        totalScore: U96::from(enrolled.scores.total_score.0),
        scoreSum: U96::ZERO,
        revenue: enrolled.doc.revenue.0,
        carried: enrolled.doc.carried.0,
        pool: enrolled.doc.pool.0,
        paid,
        minPool: 0,
    }
}

fn dataset(enrolled: &EnrolledDataset) -> (DatasetState, ledger::Enrolment) {
    let (doc, newest) = (&enrolled.dataset.doc, enrolled.dataset.newest());
    let revisions = enrolled.dataset.revisions.iter();
    let columns = revisions.clone().flat_map(|revision| {
        let columns = revision.columns.iter().flat_map(|columns| &columns.columns);
        columns.map(|column| (column.segment, revision.doc.revision, column_digest(&column.payee_column)))
    });
    let state = DatasetState {
        dataset: registry::Dataset {
            owner: address(doc.owner),
            slots: doc.tier.slots() as u32,
            revision: newest.revision,
            segments: newest.roots.len() as u32,
            records: newest.records,
        },
        revisions: revisions
            .clone()
            .map(|revision| (revision.doc.records, revision.doc.roots.clone()))
            .collect(),
        columns: columns.collect(),
        offered_to: Payee::default(),
    };
    let retired = enrolled.retirement.as_ref().map(|retirement| 1_000 * u64::from(retirement.from_epoch));
    let enrolment = ledger::Enrolment {
        enrolledBlock: 1,
        revision: newest.revision,
        records: newest.records,
        exitRevision: 0,
        retiredFrom: retired.unwrap_or(0),
    };
    (state, enrolment)
}

/// A chain that has what the files say.
fn honest(bundle: &Bundle) -> ChainState {
    let mut epochs: Vec<_> = (1..).zip(&bundle.epochs).map(|(n, epoch_)| epoch(bundle, n, epoch_)).collect();
    let last = epochs.len() as u64;
    let received = epochs.iter().map(|epoch| epoch.revenue).sum::<u128>() + 5;
    epochs.push(ledger::Epoch {
        stage: stage::OPEN,
        revenue: 5,
        openedAt: 1_000 * (last + 1),
        ..epochs[0].clone()
    });
    let mut moves = Vec::new();
    for (number, epoch) in (1u64..).zip(&bundle.epochs) {
        for entry in &epoch.doc.segments {
            let enrolled = &bundle.datasets[entry.dataset as usize].dataset;
            let posted = epoch.scores.segment(entry.id()).unwrap();
            let records = enrolled.revisions[posted.revision as usize].doc.records;
            let accounts = enrolled.doc.tier.accounts() as u64;
            let moved = MoveState {
                epoch: number,
                attempt: U256::from(u32::from(number == 2)),
                dataset: enrolled.doc.dataset_id,
                segment: entry.segment,
                records: U256::from(
                    records.saturating_sub(accounts * u64::from(entry.segment)).min(accounts),
                ),
                score: U256::from(posted.score.0),
                paid: U256::from(entry.paid.0),
                balances: column_digest(&entry.balance_column),
            };
            if number == 2 {
                // An attempt that did not become final.
                moves.push(MoveState { attempt: U256::ZERO, balances: Word([1; 32]), ..moved.clone() });
            }
            moves.push(moved);
        }
    }
    ChainState {
        contracts: Contracts {
            chain_id: bundle.ledger.chain_id,
            block: Block { number: 77, hash: Word([4; 32]), timestamp: 9_000 },
            ledger: bundle.ledger.contract,
            version: named("apportion.ledger.v2"),
            registry: Payee::default(),
            opening_verifier: Payee([8; 20]),
            registry_openings: Payee([8; 20]),
            setup: Word::default(),
            verifiers: verifiers(bundle),
            codes: vec![("RevenueLedger".into(), Ok(())), ("DatasetRegistry".into(), Ok(()))],
            creations: vec![("RevenueLedger".into(), Ok(())), ("DatasetRegistry".into(), Ok(()))],
        },
        model: ledger::Model {
            developer: address(Payee([0xd; 20])),
            token: address(TOKEN),
            openEpoch: last + 1,
            finalEpoch: last,
            dissolvedAt: 0,
            policies: bundle.policies.len() as u32,
            records: 0,
            received,
            unclaimed: 0,
        },
        terms: ledger::Terms {
            name: bundle.ledger.model.clone(),
            attributor: address(Payee([6; 20])),
            token: address(TOKEN),
            minContributorsBps: 1,
            minPool: 1,
            openWindow: 3_600,
            settleWindow: 3_600,
            noticeWindow: 3_600,
            demandWindow: 3_600,
            exitWindow: 10_800,
            demandBond: 0,
        },
        policies: (1..).zip(bundle.policies.iter().map(|policy| policy_of(&policy.terms).unwrap())).collect(),
        announced: ledger::getAnnouncedReturn {
            policy: 0,
            policyFrom: 0,
            attributor: address(Payee::default()),
            attributorFrom: 0,
        },
        offers: ledger::getOffersReturn {
            developer: address(Payee::default()),
            attributor: address(Payee::default()),
        },
        attributor: Payee([6; 20]),
        epochs,
        moves,
        enrolled: bundle.datasets.iter().map(|enrolled| enrolled.dataset.doc.dataset_id).collect(),
        datasets: bundle
            .datasets
            .iter()
            .map(|e| (e.dataset.doc.dataset_id, dataset(e)))
            .collect::<BTreeMap<_, _>>(),
        demands: Demands::default(),
        owed: U256::from(100),
        owed_in_token: Some(U256::from(100)),
        balance: U256::from(100),
    }
}

fn files() -> (TempDir, Bundle) {
    let temp = tempfile::tempdir().unwrap();
    let dir = PublicDir::new(temp.path());
    World::new().write(&dir);
    let bundle = Bundle::read(dir).unwrap();
    (temp, bundle)
}

fn compared(bundle: &Bundle, state: &ChainState, options: &ChainOptions) -> Report {
    let mut report = Report::default();
    compare(bundle, state, options, &mut report);
    report
}

type Change = fn(&mut ChainState);

/// A change of one fact, and its name.
const FACTS: &[(&str, Change)] = &[
    ("chain.id", |state| state.contracts.chain_id += 1),
    ("chain.version", |state| state.contracts.version.0[18] ^= 1),
    ("chain.code", |state| state.contracts.codes[0].1 = Err("there is no contract".into())),
    ("chain.creation", |state| state.contracts.creations[0].1 = Err("it was created otherwise".into())),
    ("chain.setup", |state| state.contracts.setup = Word([1; 32])),
    ("chain.setup", |state| state.contracts.registry_openings = Payee([1; 20])),
    ("chain.setup", |state| state.contracts.verifiers[3].setup = Word([1; 32])),
    ("chain.verifier", |state| state.contracts.verifiers[0].says_relation = Word([1; 32])),
    ("chain.verifier", |state| state.contracts.verifiers[1].says_slots = U256::from(1_024)),
    ("chain.key", |state| state.contracts.verifiers[0].key_digest = Word([1; 32])),
    ("chain.key", |state| state.contracts.verifiers[3].key_digest = Word([1; 32])),
    ("chain.model", |state| state.model.developer = address(Payee::default())),
    ("chain.model", |state| state.terms.name += "s"),
    ("chain.dataset", |state| _ = state.datasets.pop_first()),
    ("chain.dataset", |state| first(state).0.dataset.slots *= 16),
    ("chain.dataset", |state| state.contracts.registry = Payee([1; 20])),
    ("chain.revision", |state| first(state).0.revisions[0].0 += 1),
    ("chain.roots", |state| first(state).0.revisions[0].1[0] = Word([1; 32])),
    ("chain.payees", |state| first(state).0.columns[0].2 = Word([1; 32])),
    ("chain.payees", |state| _ = first(state).0.columns.pop()),
    ("chain.enrolment", |state| first(state).1.enrolledBlock = 0),
    ("chain.enrolment", |state| first(state).1.records += 1),
    ("chain.enrolment", |state| first(state).1.revision += 7),
    ("chain.retirement", |state| retired(state).retiredFrom = 0),
    ("chain.retirement", |state| retired(state).retiredFrom = 3_001),
    ("chain.epochs", |state| state.model.finalEpoch += 1),
    ("chain.epochs", |state| {
        // The files have proven an epoch that the chain never saw.
        state.epochs.truncate(3);
        state.model.received = state.epochs.iter().map(|epoch| epoch.revenue).sum();
        state.model.finalEpoch = 3;
    }),
    ("chain.stage", |state| state.epochs[3].stage = stage::OPEN),
    ("chain.policy", |state| state.epochs[0].policy = 2),
    ("chain.policy", |state| policy(state).contributorsBps -= 1),
    ("chain.policy", |state| policy(state).beneficiaries[1].bps += 1),
    ("chain.policy", |state| policy(state).beneficiaries.swap(0, 1)),
    ("chain.revenue", |state| {
        state.epochs[0].revenue += 1;
        state.model.received += 1;
    }),
    ("chain.carried", |state| state.epochs[1].carried += 1),
    ("chain.pool", |state| state.epochs[2].pool += 1),
    ("chain.score-root", |state| state.epochs[1].scoreRoot.0[0] ^= 1),
    ("chain.total", |state| state.epochs[1].totalScore += U96::from(1)),
    ("chain.count", |state| state.epochs[0].count += 1),
    ("chain.paid", |state| state.epochs[0].paid += 1),
    ("chain.moved", |state| _ = state.moves.pop()),
    ("chain.moved", |state| {
        let other = MoveState { segment: 9, ..state.moves[0].clone() };
        state.moves.push(other);
    }),
    // What an earlier attempt moved is not what became final.
    ("chain.balances", |state| {
        for moved in state.moves.iter_mut().filter(|moved| moved.epoch == 2 && moved.segment == 0) {
            moved.balances = Word([1; 32]);
        }
    }),
    ("chain.records", |state| state.moves[0].records += U256::from(1)),
    ("chain.score", |state| state.moves[0].score += U256::from(1)),
    ("chain.segment-paid", |state| state.moves[0].paid += U256::from(1)),
    ("chain.balances", |state| state.moves[0].balances.0[31] ^= 1),
    ("chain.received", |state| state.model.received += 1),
    ("chain.solvent", |state| state.balance -= U256::from(1)),
];

fn policy(state: &mut ChainState) -> &mut ledger::Policy {
    state.policies.get_mut(&1).unwrap()
}

/// The dataset with the least id, and one that was retired.
fn first(state: &mut ChainState) -> &mut (DatasetState, ledger::Enrolment) {
    state.datasets.values_mut().next().unwrap()
}

fn retired(state: &mut ChainState) -> &mut ledger::Enrolment {
    state.datasets.values_mut().map(|(_, enrolment)| enrolment).find(|e| e.retiredFrom != 0).unwrap()
}

#[test]
fn a_chain_that_has_what_the_files_say_is_confirmed() {
    let (_dir, bundle) = files();
    let report = compared(&bundle, &honest(&bundle), &ChainOptions::default());
    assert_eq!(failing(&report), BTreeSet::new());
    assert_eq!(report.verdict(), Verdict::Valid, "{:?}", report.error);
    assert!(report.subject.get("of block").unwrap().starts_with("77 (0x0404"));
    assert_eq!(report.subject.get("owed by the contract"), Some("100"));
    assert!(
        report.notes.iter().any(|note| note.contains("committed again 1 time after")),
        "{:?}",
        report.notes
    );
    assert!(report.notes.iter().any(|note| note.starts_with("epoch 5 is open: 5 arrived")));
}

#[test]
fn one_fact_that_differs_is_refused_by_its_name() {
    let (_dir, bundle) = files();
    for (at, (name, change)) in FACTS.iter().enumerate() {
        let mut state = honest(&bundle);
        change(&mut state);
        let report = compared(&bundle, &state, &ChainOptions::default());
        assert_eq!(failing(&report), BTreeSet::from([*name]), "fact {at}");
        assert_eq!(report.verdict(), Verdict::Invalid);
    }
}

#[test]
fn code_that_is_not_known_is_said_and_ends_the_audit_unless_it_is_allowed() {
    let (_dir, bundle) = files();
    let mut state = honest(&bundle);
    state.contracts.codes[1].1 = Err("its code is none that is known".into());
    let report = compared(&bundle, &state, &ChainOptions::default());
    assert_eq!((report.verdict(), report.exit() as u8), (Verdict::NotCheckable, 4));
    assert!(report.error.unwrap().to_string().contains("--code-hashes"));
    let options = ChainOptions { allow_unknown_code: true, ..ChainOptions::default() };
    let report = compared(&bundle, &state, &options);
    assert_eq!(report.verdict(), Verdict::Valid);
    assert!(report.not_checked.iter().any(|line| line.starts_with("the code of DatasetRegistry")));
    // A fact that differs outweighs it.
    state.balance = U256::ZERO;
    assert_eq!(compared(&bundle, &state, &ChainOptions::default()).verdict(), Verdict::Invalid);
}

/// Anybody can make the list of a token's models longer than an auditor can ask for.
#[test]
fn what_is_owed_in_too_many_models_is_not_checked_and_ends_no_audit() {
    let (_dir, bundle) = files();
    let state = ChainState { owed_in_token: None, balance: U256::ZERO, ..honest(&bundle) };
    let report = compared(&bundle, &state, &ChainOptions::default());
    assert_eq!(report.verdict(), Verdict::Valid, "{:?}", report.error);
    assert!(report.not_checked.iter().any(|line| line.contains("holds what it owes")));
    assert!(report.checks.iter().all(|check| check.id.name() != "chain.solvent"));
}

/// A ledger with so many models in a token, each owed one unit; a page of more than 500 runs out of gas.
struct Models(u64);

impl ReadChain for Models {
    fn chain_id(&mut self) -> Result<u64, ReadError> {
        Ok(1)
    }
    fn block(&mut self) -> Result<Block, ReadError> {
        Ok(Block { number: 1, hash: Word::default(), timestamp: 1 })
    }
    fn code(&mut self, _: Payee) -> Result<Vec<u8>, ReadError> {
        Ok(vec![])
    }
    fn logs(&mut self, _: Payee, _: &[Word]) -> Result<Vec<Log>, ReadError> {
        Ok(vec![])
    }
    fn call(&mut self, _: Payee, data: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        let answer = if ledger::modelsInCall::abi_decode(&data).is_ok() {
            U256::from(self.0)
        } else if ledger::creditedInCall::abi_decode(&data).is_ok() {
            U256::from(7)
        } else {
            let page = ledger::owedInCall::abi_decode(&data).unwrap();
            if page.count > U256::from(500) {
                return Err(ReadError::Reverted(vec![]));
            }
            page.count.min(U256::from(self.0) - page.first)
        };
        Ok(answer.to_be_bytes::<32>().to_vec())
    }
}

#[test]
fn what_is_owed_is_asked_page_by_page_and_not_without_end() {
    let owed = |models| owed_in(Payee([1; 20]), address(TOKEN), &mut Models(models));
    for models in [0, 1, 499, 500, 501, 31_999, 32_000] {
        assert_eq!(owed(models), Some(U256::from(models + 7)));
    }
    assert_eq!((owed(32_001), owed(u64::MAX)), (None, None));
}

#[test]
fn what_no_file_says_is_reported() {
    let (_dir, bundle) = files();
    let mut state = honest(&bundle);
    state.enrolled.push(Word([0xee; 32]));
    state.offers.developer = address(Payee([0xaa; 20]));
    state.announced.policy = 3;
    let demand = ledger::Demand {
        datasetId: bytes32(Word([2; 32])),
        segment: 1,
        index: 4,
        epoch: 2,
        deadline: 8_999,
        sender: address(TOKEN),
        bond: 1,
        bondReturned: false,
    };
    state.demands = Demands { oldest: vec![demand; 25], more: true };
    // Between its close and its last move an epoch is no lie of the files, and nothing to pay by.
    state.epochs[3].stage = stage::CLOSED;
    state.epochs[3].paid = 0;
    state.moves.pop();
    state.model.finalEpoch = 3;
    let report = compared(&bundle, &state, &ChainOptions::default());
    assert_eq!(failing(&report), BTreeSet::new());
    for text in [
        "is enrolled on the chain, and not in these files",
        "the developer's role is offered to",
        "policy 3 is announced",
        "a demand waits for an answer",
        "at least 5 more demands wait for answers",
        "OVERDUE",
        "epoch 4 is closed on the chain and not final",
    ] {
        assert!(report.notes.iter().any(|note| note.contains(text)), "{text}: {:?}", report.notes);
    }
}
