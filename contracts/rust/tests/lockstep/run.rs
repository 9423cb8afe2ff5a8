//! One chain and one model, side by side.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolInterface, SolValue, sol};
use apportion_circuits::types::{Payee, Tier};
use apportion_contracts::{Chain, Deployment, Refusal, artifact};
use apportion_verifier::chain::{
    Call as Transaction,
    abi::{IDatasetRegistry, IRevenueLedger as abi, address},
};
use halo2_axiom::halo2curves::{
    bn256::{G1, G1Affine},
    ff::PrimeField,
    group::Curve,
};

use super::{
    model::{Fault, Ledger, Point, Relation, Stage, climb, leaf},
    steps::Step,
};

pub(crate) use abi::IRevenueLedgerCalls as Call;

sol! {
    function accept(bytes calldata proof, uint256[] calldata inputs, uint256[] calldata linked) external;
}

/// Accounts of a segment that earn anything: one group of four siblings.
pub(crate) const EARNERS: usize = 4;
/// The first of their slots: 2 and 1 are its digits above the leaves.
pub(crate) const FIRST_SLOT: u64 = 4 * (2 + 4);
const CHAIN_ID: u64 = 31_337;

pub(crate) fn account(byte: u8) -> Address {
    Address::repeat_byte(byte)
}

pub(crate) const MODELS: usize = 3;

/// Who runs what: two models have one developer, and one payer pays for all.
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

/// The account in one of the slots: some have more than one.
pub(crate) fn payee(slot: usize, segment: usize) -> Address {
    account(0x10 + (slot + segment) as u8)
}

/// What a publication was made of.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) place: (B256, B256, usize),
    pub(crate) root: U256,
    pub(crate) cumulative: Vec<U256>,
    pub(crate) salt: U256,
}

impl Publication {
    pub(crate) fn new(place: (B256, B256, usize), cumulative: Vec<U256>, salt: U256) -> Self {
        let mut publication = Self { place, root: U256::ZERO, cumulative, salt };
        let own = publication.leaf(0);
        publication.root = climb(own, FIRST_SLOT, &publication.path(0)).unwrap();
        publication
    }

    fn leaf(&self, slot: usize) -> U256 {
        leaf(payee(slot, self.place.2), self.cumulative[slot], self.salt).unwrap()
    }

    /// Siblings at the leaves, and any numbers above them.
    pub(crate) fn path(&self, slot: usize) -> Vec<[U256; 3]> {
        let siblings: Vec<_> =
            (0..EARNERS).filter(|other| *other != slot).map(|other| self.leaf(other)).collect();
        let above = |level: u64| [1, 2, 3].map(|i| U256::from(10 * level + i));
        vec![siblings.try_into().unwrap(), above(1), above(2)]
    }
}

/// Where a run starts: contracts, datasets, tokens.
#[derive(Clone)]
struct Start {
    chain: Chain,
    deployment: Deployment,
    datasets: Vec<B256>,
    ledger: Ledger,
    names: BTreeMap<[u8; 4], String>,
}

fn start() -> &'static Start {
    static START: OnceLock<Start> = OnceLock::new();
    START.get_or_init(|| {
        let mut chain = Chain::new(CHAIN_ID);
        let owner = Payee([0x0e; 20]);
        let mock = |chain: &mut Chain, relation: &str, inputs: u64| {
            let arguments = (keccak256(relation), U256::from(3), U256::from(inputs)).abi_encode_params();
            chain.deploy(owner, &artifact::mock_verifier().unwrap(), &arguments).unwrap()
        };
        let split = mock(&mut chain, "apportion.relation.split.v1", 6);
        let tree = mock(&mut chain, "apportion.relation.tree.v1", 3);
        let deployment =
            Deployment::with_verifiers(&mut chain, owner, vec![(Tier::T64, split, tree)]).unwrap();
        let funds = u128::MAX >> 1;
        deployment.fund(&mut chain, Payee(payer().into_array()), funds).unwrap();

        let mut datasets = Vec::new();
        let mut registered = BTreeMap::new();
        // One segment, two segments, a tier without verifiers, and one that leaves little room for others.
        for (tier, segments) in [(3u8, 1u64), (3, 2), (5, 1), (3, 509)] {
            let roots: Vec<_> = (1..=segments).map(|i| U256::from(1_000 * u64::from(tier) + i)).collect();
            let call = IDatasetRegistry::registerCall {
                parent: B256::ZERO,
                tier,
                records: segments * 62,
                roots: roots.clone(),
                uri: format!("{tier}/{segments}"),
            };
            let receipt = chain.transact(owner, deployment.registry, &call).unwrap();
            let id = B256::from_slice(&receipt.output);
            registered.insert(id, super::model::Dataset { tier, roots });
            datasets.push(id);
        }
        let ledger = Ledger {
            address: address(deployment.ledger),
            chain_id: CHAIN_ID,
            now: chain.time(),
            token: address(deployment.token),
            tokens: BTreeMap::from([(payer(), U256::from(funds))]),
            payers: vec![payer()],
            datasets: registered,
            proofs: BTreeMap::new(),
            models: BTreeMap::new(),
            fault: None,
        };
        Start { chain, deployment, datasets, ledger, names: error_names() }
    })
}

/// Errors by selector, of all contracts that a transaction can reach.
fn error_names() -> BTreeMap<[u8; 4], String> {
    let mut names = BTreeMap::new();
    for artifact in [artifact::ledger(), artifact::registry(), artifact::test_token()] {
        for entry in artifact.unwrap().abi.as_array().unwrap().iter().filter(|entry| entry["type"] == "error")
        {
            let inputs = entry["inputs"].as_array().unwrap();
            let types: Vec<_> = inputs.iter().map(|input| input["type"].as_str().unwrap()).collect();
            let name = entry["name"].as_str().unwrap();
            let selector = keccak256(format!("{name}({})", types.join(",")));
            names.insert(selector[..4].try_into().unwrap(), name.to_owned());
        }
    }
    names
}

/// Commitments: multiples of the generator.
fn points() -> &'static [Point] {
    static POINTS: OnceLock<Vec<Point>> = OnceLock::new();
    POINTS.get_or_init(|| {
        let word = |bytes: [u8; 32]| U256::from_le_bytes(bytes);
        let mut sum = G1::generator();
        (0..4_096)
            .map(|_| {
                sum += G1::generator();
                let point: G1Affine = sum.to_affine();
                [word(point.x.to_repr()), word(point.y.to_repr())]
            })
            .collect()
    })
}

/// What happened, over many runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) steps: usize,
    pub(crate) accepted: BTreeMap<&'static str, usize>,
    pub(crate) refused: BTreeMap<String, usize>,
    pub(crate) finals: usize,
    pub(crate) abandoned: usize,
    pub(crate) carried_without_scores: usize,
    pub(crate) renewals: usize,
    /// The most final epochs of one model.
    pub(crate) deepest: usize,
}

/// Chain and model side by side.
pub(crate) struct Run {
    pub(crate) model: Ledger,
    pub(crate) datasets: Vec<B256>,
    /// What is in a column.
    pub(crate) columns: BTreeMap<Point, Vec<u128>>,
    pub(crate) publications: Vec<Publication>,
    chain: Chain,
    deployment: Deployment,
    serial: usize,
    finished: BTreeMap<(B256, u64), abi::Epoch>,
    paid: BTreeMap<(B256, B256, usize, u64), U256>,
}

impl Run {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        let Start { chain, deployment, datasets, ledger, .. } = start().clone();
        Self {
            model: Ledger { fault, ..ledger },
            datasets,
            columns: BTreeMap::new(),
            publications: Vec::new(),
            chain,
            deployment,
            serial: 0,
            finished: BTreeMap::new(),
            paid: BTreeMap::new(),
        }
    }

    /// Plays all steps. The first difference ends it.
    pub(crate) fn play(&mut self, steps: &[Step], seen: &mut Seen) -> Result<(), String> {
        for (number, step) in steps.iter().enumerate() {
            seen.steps += 1;
            let what = match step.wait(self) {
                Some(seconds) => {
                    self.chain.advance(seconds);
                    self.model.now += seconds;
                    format!("{seconds} seconds later")
                }
                None => {
                    let (from, call) = step.call(self);
                    self.send(from, &call, seen)
                        .map_err(|e| format!("step {number}: {call:?} of {from}: {e}"))?;
                    format!("{call:?}")
                }
            };
            self.compare().map_err(|difference| format!("after step {number}, {what}: {difference}"))?;
        }
        for m in self.model.models.values() {
            let finals = m.epochs.values().filter(|epoch| epoch.stage == Stage::Final).count();
            let carried: Vec<_> = m.epochs.values().filter(|epoch| epoch.stage == Stage::Carried).collect();
            seen.finals += finals;
            seen.deepest = seen.deepest.max(finals);
            seen.abandoned += carried.iter().filter(|epoch| epoch.total_score > 0).count();
            seen.carried_without_scores += carried.iter().filter(|epoch| epoch.total_score == 0).count();
            let segments = m.enrolments.values().flat_map(|enrolment| &enrolment.segments);
            seen.renewals += segments.filter(|segment| segment.enrolments > 1).count();
        }
        Ok(())
    }

    /// A commitment that was not used before.
    pub(crate) fn fresh(&mut self) -> Point {
        self.serial += 1;
        points()[self.serial % points().len()]
    }

    pub(crate) fn serial(&mut self) -> usize {
        self.serial += 1;
        self.serial
    }

    /// A proof of this statement that links these columns becomes valid.
    pub(crate) fn prove(&mut self, relation: Relation, inputs: Vec<U256>, linked: Vec<Point>) -> Bytes {
        let proof = Bytes::from(self.serial().to_be_bytes().to_vec());
        let (_, split, tree) = self.deployment.verifiers[0];
        let verifier = if relation == Relation::Split { split } else { tree };
        let accept = acceptCall { proof: proof.clone(), inputs: inputs.clone(), linked: linked.concat() };
        self.chain.transact(Payee::default(), verifier, &accept).unwrap();
        self.model.proofs.insert((relation, proof.clone(), inputs), linked);
        proof
    }

    fn send(&mut self, from: Address, call: &Call, seen: &mut Seen) -> Result<(), String> {
        let transaction = Transaction {
            what: String::new(),
            to: self.deployment.ledger,
            data: call.abi_encode(),
            column: None,
        };
        let sent = self.chain.send(Payee(from.into_array()), &transaction);
        let expected = self.model.apply(from, call);
        match (sent, expected) {
            (Ok(_), Ok(())) => {
                *seen.accepted.entry(name(call)).or_default() += 1;
                Ok(())
            }
            (Err(refusal), Err(reasons)) => {
                let reason = reason(&refusal);
                if !reasons.contains(&reason.as_str()) {
                    return Err(format!("refused for {reason}, the model has {reasons:?}"));
                }
                *seen.refused.entry(reason).or_default() += 1;
                Ok(())
            }
            (Ok(_), Err(reasons)) => Err(format!("accepted, the model has {reasons:?}")),
            (Err(refusal), Ok(())) => Err(format!("refused for {}, the model accepts", reason(&refusal))),
        }
    }

    /// Asks the contract everything.
    fn compare(&mut self) -> Result<(), String> {
        let ledger = self.deployment.ledger;
        let ids: Vec<B256> =
            (0..MODELS).map(|k| self.model.model_id(developer(k), &format!("m{k}"))).collect();
        for id in ids {
            let m = self.model.models.get(&id);
            let Some(m) = m else {
                let view = ask(&mut self.chain, ledger, &abi::getModelCall { modelId: id })?;
                same("an unknown model's developer", &view.developer, &Address::ZERO)?;
                continue;
            };
            same("model", &ask(&mut self.chain, ledger, &abi::getModelCall { modelId: id })?, &m.view())?;
            let list = ask(&mut self.chain, ledger, &abi::getBeneficiariesCall { modelId: id })?;
            same("beneficiaries", &list, &m.terms.beneficiaries)?;
            for epoch in 0..=m.epoch + 1 {
                let call = abi::getEpochCall { modelId: id, epoch: U256::from(epoch) };
                let view = ask(&mut self.chain, ledger, &call)?;
                same("epoch", &view, &m.epoch_view(epoch))?;
                // Whatever the model says: an epoch that is over never changes.
                if epoch > 0 && epoch < m.epoch {
                    let first = self.finished.entry((id, epoch)).or_insert_with(|| view.clone());
                    same("a finished epoch", &view, first)?;
                }
            }
            for index in 0..5 {
                let call = abi::scoreColumnCall { modelId: id, index: U256::from(index) };
                same("scores", &ask(&mut self.chain, ledger, &call)?, &m.score_view(index))?;
            }
            for number in 0..3 {
                let account = beneficiary(number);
                let call = abi::creditCall { modelId: id, account };
                let owed = U256::from(m.credits.get(&account).copied().unwrap_or_default());
                same("credit", &ask(&mut self.chain, ledger, &call)?, &owed)?;
            }
            for dataset in &self.datasets {
                let call = abi::getEnrolmentCall { modelId: id, datasetId: *dataset };
                same("enrolment", &ask(&mut self.chain, ledger, &call)?, &m.enrolment_view(*dataset))?;
                for segment in 0..3 {
                    let (dataset, number) = (*dataset, U256::from(segment));
                    let call = abi::getSegmentCall { modelId: id, datasetId: dataset, segment: number };
                    let view = ask(&mut self.chain, ledger, &call)?;
                    same("segment", &view, &m.segment_view(dataset, segment))?;
                    let Some(state) = m.segment(dataset, segment) else { continue };
                    for (root, epoch) in &state.published {
                        let call = abi::publishedEpochCall {
                            modelId: id,
                            datasetId: dataset,
                            segment: number,
                            root: *root,
                        };
                        same("published", &ask(&mut self.chain, ledger, &call)?, &U256::from(*epoch))?;
                    }
                    for index in FIRST_SLOT..FIRST_SLOT + EARNERS as u64 {
                        let call = abi::claimedCall {
                            modelId: id,
                            datasetId: dataset,
                            segment: number,
                            index: U256::from(index),
                        };
                        let claimed = ask(&mut self.chain, ledger, &call)?;
                        let expected = state.claimed.get(&index).copied().unwrap_or_default();
                        same("claimed", &claimed, &expected)?;
                        // Cumulative never falls.
                        let before = self.paid.insert((id, dataset, segment, index), claimed);
                        if before.is_some_and(|before| before > claimed) {
                            return Err("what an account was paid fell".into());
                        }
                    }
                }
            }
        }
        self.money()
    }

    fn money(&mut self) -> Result<(), String> {
        let ledger = address(self.deployment.ledger);
        let mut accounts: BTreeSet<_> = self.model.tokens.keys().copied().collect();
        accounts.extend([ledger, stranger()]);
        for account in accounts {
            let has = self.deployment.balance(&mut self.chain, Payee(account.into_array()));
            let expected = self.model.tokens.get(&account).copied().unwrap_or_default();
            same("tokens", &has.map_err(|refusal| refusal.to_string())?, &expected)?;
        }
        let balance = self.model.tokens.get(&ledger).copied().unwrap_or_default();
        same("what the ledger has and owes", &balance, &self.model.owed())?;
        for (id, m) in &self.model.models {
            let claimed = self.paid.iter().filter(|((model, ..), _)| model == id).map(|(_, paid)| *paid);
            let settled =
                m.epochs.values().filter(|epoch| epoch.stage == Stage::Final).map(|epoch| epoch.pool);
            let settled: U256 = settled.map(U256::from).fold(U256::ZERO, |sum, pool| sum + pool);
            if claimed.fold(U256::ZERO, |sum, paid| sum + paid) > settled {
                return Err("more was claimed than was settled".into());
            }
        }
        Ok(())
    }
}

fn ask<C: SolCall>(chain: &mut Chain, ledger: Payee, call: &C) -> Result<C::Return, String> {
    chain.view(ledger, call).map_err(|refusal| refusal.to_string())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, chain: &T, model: &T) -> Result<(), String> {
    if chain == model { Ok(()) } else { Err(format!("{what}: the chain has {chain:?}, the model {model:?}")) }
}

fn reason(refusal: &Refusal) -> String {
    let name = refusal.selector().and_then(|selector| start().names.get(&selector));
    name.cloned().unwrap_or_else(|| refusal.to_string())
}

pub(crate) fn name(call: &Call) -> &'static str {
    match call {
        Call::createModel(_) => "createModel",
        Call::enroll(_) => "enroll",
        Call::commitScores(_) => "commitScores",
        Call::deposit(_) => "deposit",
        Call::closeEpoch(_) => "closeEpoch",
        Call::settle(_) => "settle",
        Call::abandonEpoch(_) => "abandonEpoch",
        Call::publish(_) => "publish",
        Call::claim(_) => "claim",
        Call::withdraw(_) => "withdraw",
        _ => "view",
    }
}
