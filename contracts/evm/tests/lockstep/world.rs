//! Where a run starts: contracts, tokens, datasets with real trees. Proofs of relations are mocks; openings are checked
//! by the generated verifier.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use apportion_circuits::{
    field::{from_bytes, to_bytes},
    merkle::root_of_path,
    tree::{record_leaf, record_tree, segment_of},
    types::{ContentDigest, Payee, Record, Tier, Word},
};
use apportion_evm::{
    Artifact, Deployment, artifact,
    deployment::{self, Deployed},
    evm::Evm,
    generated,
};
use apportion_statement::{dataset::revision, files::RevisionDoc};
use halo2_axiom::halo2curves::bn256::Fr;

use crate::{
    abi::{ledger::RecordPath, registry as reg, token as erc20},
    model::{self, Ledger, Registry, Token},
};

pub(crate) const CHAIN_ID: u64 = 31_337;
pub(crate) const TIER: Tier = Tier::T64;
/// Records of every revision of every dataset of tier 64.
pub(crate) const REVISIONS: [&[usize]; 2] = [&[5, 7, 9], &[64, 70]];
pub(crate) const MODELS: usize = 3;
pub(crate) const MAX_BOND: u128 = 1_000;

pub(crate) fn account(byte: u8) -> Address {
    Address::repeat_byte(byte)
}

pub(crate) fn owner() -> Address {
    account(0x0e)
}
/// Two models have one developer.
pub(crate) fn developer(model: usize) -> Address {
    account(0xd0 + (model / 2) as u8)
}
pub(crate) fn attributor(model: usize) -> Address {
    account(0xa0 + model as u8)
}
pub(crate) fn payer() -> Address {
    account(0x9a)
}
pub(crate) fn stranger() -> Address {
    account(0x57)
}
pub(crate) fn beneficiary(number: usize) -> Address {
    account(0xb0 + number as u8)
}

/// Every account that does anything, each once.
pub(crate) fn everybody() -> Vec<Address> {
    let mut all: Vec<_> = (0..6).map(|i| payee(0, i)).chain((0..4).map(beneficiary)).collect();
    all.extend((0..MODELS).map(attributor));
    all.extend([developer(0), developer(2), stranger(), payer()]);
    all
}

/// Some payees have several records.
pub(crate) fn payee(dataset: usize, record: usize) -> Address {
    account(0x10 + ((dataset + record) % 6) as u8)
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses {
    pub(crate) ledger: Address,
    pub(crate) registry: Address,
    pub(crate) split: Address,
    pub(crate) tree: Address,
    pub(crate) tokens: [Address; 2],
}

/// A dataset that is registered, and what its owner knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) id: B256,
    pub(crate) records: Vec<Record>,
    pub(crate) revisions: Vec<RevisionDoc>,
}

#[derive(Clone)]
pub(crate) struct Start {
    pub(crate) evm: Evm,
    pub(crate) at: Addresses,
    pub(crate) sources: Vec<Source>,
    pub(crate) ledger: Ledger,
    pub(crate) names: BTreeMap<[u8; 4], String>,
}

fn word(word: &Word) -> U256 {
    U256::from_be_bytes(word.0)
}

/// Sends what must succeed.
pub(crate) fn must(evm: &mut Evm, from: Address, to: Address, call: &impl SolCall) -> Bytes {
    let outcome = evm.send(from, to, &call.abi_encode()).expect("a transaction");
    assert!(outcome.is_success(), "{outcome:?}");
    outcome.output
}

fn records(dataset: usize, count: usize) -> Vec<Record> {
    let record = |i: usize| Record {
        payee: Payee(payee(dataset, i).into_array()),
        content: ContentDigest(keccak256([dataset as u8, i as u8]).0),
    };
    (0..count).map(record).collect()
}

/// The documents of a dataset's revisions.
fn revisions(tier: Tier, records: &[Record], counts: &[usize]) -> Vec<RevisionDoc> {
    let mut docs: Vec<RevisionDoc> = Vec::new();
    for count in counts {
        let doc = revision::<Fr>(tier, Word::default(), docs.last(), &records[..*count]);
        docs.push(doc.expect("a revision"));
    }
    docs
}

/// A record's path in the segment's newest tree.
pub(crate) fn record_path(source: &Source, count: usize, index: usize) -> RecordPath {
    let (segment, slot) = (index / TIER.accounts(), index % TIER.accounts());
    let tree = record_tree::<Fr>(TIER, segment_of(TIER, &source.records[..count], segment)).unwrap();
    let record = source.records.get(index).copied().unwrap_or_default();
    let siblings = tree.path(slot).unwrap();
    RecordPath {
        index: slot as u32,
        payee: Address::from(record.payee.0),
        content: B256::from(record.content.0),
        siblings: siblings.iter().map(|level| level.map(|s| U256::from_be_bytes(to_bytes(&s)))).collect(),
    }
}

/// Where a record's path leads; nothing where it is malformed.
pub(crate) fn record_root(path: &RecordPath) -> Option<U256> {
    let record = Record { payee: Payee(path.payee.into_array()), content: ContentDigest(path.content.0) };
    let field = |word: &U256| from_bytes::<Fr>(&word.to_be_bytes());
    let mut siblings = Vec::new();
    for [a, b, c] in &path.siblings {
        siblings.push([field(a)?, field(b)?, field(c)?]);
    }
    let root = root_of_path(TIER, path.index as usize, record_leaf::<Fr>(&record), &siblings)?;
    Some(U256::from_be_bytes(to_bytes(&root)))
}

/// Mock verifiers of relations, the generated one of openings, and everything over them.
fn deploy(evm: &mut Evm) -> Addresses {
    let openings = Artifact::parse(generated::DEV_OPENING).unwrap();
    let openings = deployment::deploy(evm, owner(), &openings, &[]).unwrap();
    let setup = evm.call(Address::ZERO, openings, &keccak256("setup()")[..4]).unwrap().output;
    let setup = B256::from_slice(&setup);
    let mock = |evm: &mut Evm, relation: &str, slots: u32, inputs: u64| {
        let arguments = (keccak256(relation), U256::from(slots), U256::from(inputs), setup);
        let artifact = artifact::mock_verifier().unwrap();
        deployment::deploy(evm, owner(), &artifact, &arguments.abi_encode_params()).unwrap()
    };
    let split = mock(evm, "apportion.relation.split.v1", 64, 7);
    let trees = [64, 1_024].map(|slots| (slots, mock(evm, "apportion.relation.tree.v1", slots, 2)));
    let verifiers = Deployed { openings, splits: vec![(64, split)], trees: trees.to_vec() };
    let at = Deployment::with_verifiers(evm, owner(), verifiers, MAX_BOND).unwrap();
    let token = artifact::blocklist_token().unwrap();
    // Two of the same code: through the deployment proxy there would be one.
    let tokens = [0, 1].map(|_| evm.deploy(owner(), &token.bytecode).unwrap().0);
    Addresses { ledger: at.ledger, registry: at.registry, split, tree: trees[0].1, tokens }
}

pub(crate) fn start() -> &'static Start {
    static START: OnceLock<Start> = OnceLock::new();
    START.get_or_init(build)
}

fn build() -> Start {
    let mut evm = Evm::new(CHAIN_ID);
    let at = deploy(&mut evm);
    let mut registry = Registry::default();
    let mut sources = Vec::new();
    for (number, counts) in REVISIONS.iter().enumerate() {
        let records = records(number, *counts.last().unwrap());
        let source = register(&mut evm, &at, &mut registry, TIER, records, counts, number);
        sources.push(source);
    }
    // A tier that the ledger has no verifier of.
    let other = register(&mut evm, &at, &mut registry, Tier::T1024, records(7, 3), &[3], 7);
    sources.push(other);

    let mut tokens = BTreeMap::new();
    for token in at.tokens {
        let funds = U256::from(u128::MAX);
        must(&mut evm, owner(), token, &erc20::mintCall { to: payer(), amount: funds });
        let all = erc20::approveCall { spender: at.ledger, amount: U256::MAX };
        must(&mut evm, payer(), token, &all);
        let state = Token {
            balances: BTreeMap::from([(payer(), funds)]),
            payers: BTreeSet::from([payer()]),
            blocked: BTreeSet::new(),
        };
        tokens.insert(token, state);
    }
    let coins = U256::from(1_000_000u64);
    for account in everybody() {
        evm.set_coins(account, coins);
    }
    let ledger = Ledger {
        address: at.ledger,
        chain_id: CHAIN_ID,
        now: evm.time(),
        block: evm.block(),
        max_bond: MAX_BOND,
        tokens,
        coins: everybody().into_iter().map(|account| (account, coins)).collect(),
        registry,
        proofs: BTreeMap::new(),
        models: BTreeMap::new(),
        recipients: BTreeMap::new(),
        credits: BTreeMap::new(),
        events: Vec::new(),
        fault: None,
    };
    evm.advance(12);
    let ledger = Ledger { now: evm.time(), block: evm.block(), ..ledger };
    Start { evm, at, sources, ledger, names: error_names() }
}

fn register(
    evm: &mut Evm,
    at: &Addresses,
    registry: &mut Registry,
    tier: Tier,
    records: Vec<Record>,
    counts: &[usize],
    number: usize,
) -> Source {
    let revisions = revisions(tier, &records, counts);
    let first = &revisions[0];
    let call = reg::registerCall {
        slots: tier.slots() as u32,
        records: first.records,
        roots: first.roots.iter().map(word).collect(),
        count: first.count.iter().map(word).collect(),
        uri: format!("dataset {number}"),
    };
    let id = B256::from_slice(&must(evm, owner(), at.registry, &call));
    let mut dataset = model::Dataset {
        under: BTreeMap::new(),
        slots: tier.slots() as u64,
        revisions: vec![(first.records, evm.block())],
        segments: first.roots.iter().map(|root| (word(root), 0)).collect(),
    };
    dataset.keep_roots();
    registry.datasets.insert(id, dataset);
    Source { id, records, revisions }
}

/// Errors by selector, of all contracts that a transaction can reach.
fn error_names() -> BTreeMap<[u8; 4], String> {
    let mut names = BTreeMap::new();
    let artifacts = [
        artifact::ledger(),
        artifact::models(),
        artifact::epochs(),
        artifact::claims(),
        artifact::demands(),
        artifact::exits(),
        artifact::registry(),
        artifact::record_tree(),
        artifact::blocklist_token(),
        artifact::mock_verifier(),
        Artifact::parse(generated::DEV_OPENING),
    ];
    for artifact in artifacts {
        let abi = artifact.unwrap().abi;
        let entries = abi.as_array().cloned().unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry["type"] == "error") {
            let inputs = entry["inputs"].as_array().unwrap();
            let types: Vec<_> = inputs.iter().map(|input| input["type"].as_str().unwrap()).collect();
            let name = entry["name"].as_str().unwrap();
            let selector = keccak256(format!("{name}({})", types.join(",")));
            names.insert(selector[..4].try_into().unwrap(), name.to_owned());
        }
    }
    names
}
