//! A ledger on a chain, made of the sample that the demonstration uses.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use apportion::{
    actions::{init::read_policy, scores::DatasetFile},
    input::read_records,
    onchain::{OnChain, OnChainError, dev_contracts, short_terms},
    sample::{Sample, sample},
    setup::Choice,
};
use apportion_chain::{
    Call,
    abi::{IOpeningVerifier, IRevenueLedger as abi, address},
    calls::Terms,
};
use apportion_circuits::types::{Payee, Tier};
use apportion_evm::{
    Deployment,
    evm::{Address, Evm},
};
use apportion_suite::params::ParamsCache;
use tempfile::TempDir;

pub(crate) const TIER: Tier = Tier::T64;
/// Two segments.
pub(crate) const RECORDS: usize = 70;
pub(crate) const CHAIN_ID: u64 = 31_337;

/// What a pairing that is not one is called.
pub(crate) use apportion_chain::abi::IOpeningVerifier::Invalid;

pub(crate) struct World {
    pub(crate) life: OnChain<'static>,
    pub(crate) sample: Sample,
    /// The dataset's own directory.
    pub(crate) dataset: PathBuf,
    pub(crate) dir: TempDir,
}

pub(crate) fn cache() -> &'static ParamsCache {
    static CACHE: OnceLock<ParamsCache> = OnceLock::new();
    CACHE.get_or_init(|| ParamsCache::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("params")))
}

/// An empty chain with everything deployed: made once.
pub(crate) fn deployed() -> (Evm, Deployment, Address) {
    static DEPLOYED: OnceLock<(Evm, Deployment, Address)> = OnceLock::new();
    DEPLOYED.get_or_init(|| dev_contracts(CHAIN_ID).unwrap()).clone()
}

impl World {
    /// Registered, created, enrolled; with scores for three epochs.
    pub(crate) fn enrolled(records: usize) -> Self {
        Self::with_terms(records, |_| ())
    }

    pub(crate) fn with_terms(records: usize, change: impl FnOnce(&mut Terms)) -> Self {
        let (evm, at, token) = deployed();
        Self::on(evm, at, token, "m", records, change)
    }

    /// The same anywhere else.
    pub(crate) fn on(
        evm: Evm,
        at: Deployment,
        token: Address,
        name: &str,
        records: usize,
        change: impl FnOnce(&mut Terms),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sample = sample(records, 3);
        let life = OnChain::new(evm, at, token, dir.path(), cache(), Choice::InsecureDev);
        let mut world = Self { life, sample, dataset: PathBuf::new(), dir };
        let text = world.sample.records.clone();
        let given = read_records(&world.write("records.csv", &text)).unwrap();
        let policy = read_policy(&world.write("policy.toml", &world.sample.policy)).unwrap();
        for (number, text) in (1..).zip(world.sample.scores.clone()) {
            world.write(&format!("scores-{number}.csv"), &text);
        }
        world.dataset = world.life.register("dataset", given, TIER).unwrap();
        let mut terms = short_terms(world.life.roles.attributor, world.life.token);
        change(&mut terms);
        world.life.create_model(name, policy, &terms).unwrap();
        world.life.enroll(&world.dataset).unwrap();
        world
    }

    /// Another model on the same dataset, by this name, in a world of its own.
    pub(crate) fn beside(&self, evm: Evm, at: Deployment, name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let token = address(self.life.token);
        let life = OnChain::new(evm, at, token, dir.path(), cache(), Choice::InsecureDev);
        let mut world = Self { life, sample: self.sample.clone(), dataset: self.dataset.clone(), dir };
        let policy = read_policy(&world.write("policy.toml", &self.sample.policy)).unwrap();
        let terms = short_terms(world.life.roles.attributor, world.life.token);
        world.life.create_model(name, policy, &terms).unwrap();
        world.life.enroll(&world.dataset).unwrap();
        world
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn scores(&self, epoch: u32) -> [DatasetFile; 1] {
        [DatasetFile { dataset: None, path: self.dir.path().join(format!("scores-{epoch}.csv")) }]
    }

    /// Records that earn in this epoch, from this one on: to the others nothing is due, and nothing is checked.
    pub(crate) fn earning(&self, epoch: u32, from: usize) -> Vec<u64> {
        let scores = self.sample.scores[epoch as usize - 1].lines().skip(1);
        let scores = scores.map(|line| line.split_once(',').unwrap());
        let earning = scores.filter(|(_, score)| *score != "0").map(|(record, _)| record.parse().unwrap());
        earning.filter(|record| *record as usize >= from).collect()
    }

    pub(crate) fn revenue(&self, epoch: u32) -> u128 {
        self.sample.revenue[epoch as usize - 1]
    }

    /// From deposit to close, and proven in the files: its moves are not sent.
    pub(crate) fn close(&mut self, epoch: u32) {
        let revenue = self.revenue(epoch);
        self.life.deposit(epoch, revenue).unwrap();
        let posted = self.life.commit_scores(epoch, &self.scores(epoch), &[]).unwrap();
        self.life.close(&posted).unwrap();
        self.life.prove(epoch, &posted, revenue).unwrap();
    }

    /// A whole epoch.
    pub(crate) fn epoch(&mut self, epoch: u32) {
        self.close(epoch);
        self.life.settle(epoch, 16).unwrap();
    }

    pub(crate) fn view_epoch(&mut self, epoch: u32) -> abi::Epoch {
        let model = self.life.model().unwrap();
        let ledger = self.life.ledger();
        self.life.ask(ledger, &abi::getEpochCall { modelId: model, epoch: U256::from(epoch) }).unwrap()
    }

    pub(crate) fn view_model(&mut self) -> abi::Model {
        let (model, ledger) = (self.life.model().unwrap(), self.life.ledger());
        self.life.ask(ledger, &abi::getModelCall { modelId: model }).unwrap()
    }

    pub(crate) fn customer(&self) -> Payee {
        self.life.roles.customer
    }

    pub(crate) fn developer(&self) -> Payee {
        self.life.roles.developer
    }

    /// Sends a call that must revert with this error, and leave no trace.
    #[track_caller]
    pub(crate) fn refused<E: alloy_sol_types::SolError>(&self, from: Payee, call: &Call) {
        refused_on::<E>(&self.life.evm, from, call, E::SIGNATURE);
    }

    /// The same for a call of the ledger's ABI.
    #[track_caller]
    pub(crate) fn refuses<E: alloy_sol_types::SolError>(&self, from: Payee, call: &impl SolCall) {
        self.refused::<E>(from, &self.to_ledger(call));
    }

    pub(crate) fn to_ledger(&self, call: &impl SolCall) -> Call {
        Call { to: self.life.ledger(), data: call.abi_encode(), ..Call::default() }
    }

    /// Sends a call of the ledger's ABI that must be accepted.
    #[track_caller]
    pub(crate) fn must(&mut self, from: Payee, call: &impl SolCall) {
        let call = self.to_ledger(call);
        self.life.send(from, &call).unwrap();
    }

    /// What the ledger owes in its token, and has: the first is never more.
    #[track_caller]
    pub(crate) fn solvent(&mut self) {
        let (ledger, token) = (self.life.ledger(), self.life.token);
        let of = address(token);
        let count = self.life.ask(ledger, &abi::modelsInCall { token: of }).unwrap();
        let call = abi::owedInCall { token: of, first: U256::ZERO, count };
        let owed = self.life.ask(ledger, &call).unwrap();
        let owed = owed + self.life.ask(ledger, &abi::creditedInCall { token: of }).unwrap();
        let has = self.life.tokens(ledger).unwrap();
        assert!(U256::from(has) >= owed, "{has} for {owed}");
    }
}

/// A call that must revert with this error on some chain, and leave no trace.
#[track_caller]
pub(crate) fn refused_on<E: alloy_sol_types::SolError>(evm: &Evm, from: Payee, call: &Call, what: &str) {
    let mut evm = evm.clone();
    let before = evm.storage();
    let outcome = evm.pay(address(from), address(call.to), &call.data, call.value).unwrap();
    assert!(!outcome.is_success(), "{what}: accepted");
    let found = apportion_chain::reason(&outcome.output);
    assert_eq!(outcome.output.get(..4), Some(&E::SELECTOR[..]), "{what}: refused for {found}");
    assert_eq!(evm.storage(), before);
}

/// The decoded call, changed.
pub(crate) fn changed<C: SolCall>(call: &Call, change: impl FnOnce(&mut C)) -> Call {
    let mut decoded = C::abi_decode(&call.data).unwrap();
    change(&mut decoded);
    Call { data: decoded.abi_encode(), ..call.clone() }
}

/// Payouts of an epoch by the plain rule, given what was carried into it; and what it carries on.
pub(crate) fn payouts(scores: &str, revenue: u128, carried: u128) -> (Vec<u128>, u128) {
    let scores: Vec<u128> =
        scores.lines().skip(1).map(|line| line.split_once(',').unwrap().1.parse().unwrap()).collect();
    let total: u128 = scores.iter().sum();
    let pool = revenue - revenue * 4_500 / 10_000 - revenue * 500 / 10_000 + carried;
    let payouts: Vec<u128> = scores.iter().map(|score| pool * score / total).collect();
    let dust = pool - payouts.iter().sum::<u128>();
    (payouts, dust)
}

/// Balances after so many epochs.
pub(crate) fn expected(sample: &Sample, epochs: usize) -> Vec<u128> {
    let mut balances = vec![0u128; sample.records.lines().count() - 1];
    let mut carried = 0;
    for (text, revenue) in sample.scores.iter().zip(&sample.revenue).take(epochs) {
        let (payouts, dust) = payouts(text, *revenue, carried);
        balances.iter_mut().zip(&payouts).for_each(|(balance, payout)| *balance += payout);
        carried = dust;
    }
    balances
}

/// Whether a step was refused by this error.
#[track_caller]
pub(crate) fn assert_refused<E: alloy_sol_types::SolError, T: std::fmt::Debug>(
    result: Result<T, OnChainError>,
) {
    let error = result.unwrap_err();
    assert_eq!(error.selector(), Some(E::SELECTOR), "{error}");
}

/// One pair of points that is nowhere near a proof.
pub(crate) fn identity() -> [U256; 2] {
    [U256::ZERO; 2]
}

/// The type under which the opening verifier's errors are known.
pub(crate) type InvalidPoint = IOpeningVerifier::InvalidPoint;
