//! A ledger on a chain, made of the sample that the demonstration uses.
#![allow(dead_code, unreachable_pub, reason = "shared by tests")]

use std::{fs, path::Path, sync::OnceLock};

use alloy_primitives::{B256, U256};
use apportion::{
    actions::init::read_policy,
    input::read_records,
    onchain::OnChain,
    progress::Silent,
    sample::{Sample, sample},
};
use apportion_circuits::types::{Tier, Word};
use apportion_contracts::{Chain, Deployment, dev_verifiers};
use apportion_verifier::{
    chain::abi::{IRevenueLedger, bytes32},
    params::ParamsCache,
};

pub const TIER: Tier = Tier::T64;
/// Two segments.
pub const RECORDS: usize = 70;
pub const CHAIN_ID: u64 = 31_337;

pub struct World {
    pub life: OnChain<'static>,
    pub sample: Sample,
    pub dataset: Word,
    _dir: tempfile::TempDir,
}

pub fn cache() -> &'static ParamsCache {
    static CACHE: OnceLock<ParamsCache> = OnceLock::new();
    CACHE.get_or_init(|| ParamsCache::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("params")))
}

impl World {
    /// Registered, created, enrolled.
    pub fn enrolled(records: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sample = sample(records, 2);
        let mut chain = Chain::new(CHAIN_ID);
        let verifiers = dev_verifiers(&[TIER]).unwrap();
        let developer = apportion::onchain::Roles::default().developer;
        let deployment = Deployment::new(&mut chain, developer, &verifiers).unwrap();
        let mut life = OnChain::new(chain, deployment, dir.path(), cache(), &Silent);
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let records = read_records(&file("records.csv", &sample.records)).unwrap();
        let policy = read_policy(&file("policy.toml", &sample.policy)).unwrap();
        for (number, text) in (1..).zip(&sample.scores) {
            file(&format!("scores-{number}.csv"), text);
        }
        let (committed, dataset) = life.register(records, TIER).unwrap();
        life.create_model("m", TIER, policy).unwrap();
        life.enroll(&committed, dataset).unwrap();
        Self { life, sample, dataset, _dir: dir }
    }

    /// Up to the proofs of an epoch, which are not sent.
    pub fn close(&mut self, epoch: u32) {
        let scores = self.life.dir.join(format!("scores-{epoch}.csv"));
        let revenue = self.sample.revenue[epoch as usize - 1];
        self.life.close_epoch(epoch, &scores, revenue).unwrap();
    }

    pub fn model(&self) -> B256 {
        bytes32(self.life.source().unwrap().ledger().model_id)
    }

    /// Everything that the contract says about the model.
    pub fn state(&self) -> String {
        let mut chain = self.life.chain.clone();
        let ledger = self.life.deployment.ledger;
        let (model, dataset) = (self.model(), bytes32(self.dataset));
        let data = chain.view(ledger, &IRevenueLedger::getModelCall { modelId: model }).unwrap();
        let mut text = format!("{data:?}");
        for epoch in 1..=3 {
            let call = IRevenueLedger::getEpochCall { modelId: model, epoch: U256::from(epoch) };
            text += &format!("{:?}", chain.view(ledger, &call).unwrap());
        }
        for segment in 0..2 {
            let segment = U256::from(segment);
            let call = IRevenueLedger::getSegmentCall { modelId: model, datasetId: dataset, segment };
            text += &format!("{:?}", chain.view(ledger, &call).unwrap());
            let call = IRevenueLedger::scoreColumnCall { modelId: model, index: segment };
            text += &format!("{:?}", chain.view(ledger, &call).unwrap());
        }
        text
    }
}

/// Balances after so many epochs by the plain rule.
pub fn expected(sample: &Sample, epochs: usize) -> Vec<u128> {
    let mut balances = vec![0u128; sample.records.lines().count() - 1];
    let mut carried = 0;
    for (text, revenue) in sample.scores.iter().zip(&sample.revenue).take(epochs) {
        let scores: Vec<u128> =
            text.lines().skip(1).map(|line| line.split_once(',').unwrap().1.parse().unwrap()).collect();
        let total: u128 = scores.iter().sum();
        let pool = revenue - revenue * 4500 / 10_000 - revenue * 500 / 10_000 + carried;
        let payouts: Vec<u128> = scores.iter().map(|score| pool * score / total).collect();
        balances.iter_mut().zip(&payouts).for_each(|(balance, payout)| *balance += payout);
        carried = pool - payouts.iter().sum::<u128>();
    }
    balances
}
