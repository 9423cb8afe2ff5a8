//! A ledger on a chain, made of the sample that the demonstration uses.
#![allow(dead_code, unreachable_pub, reason = "shared by tests")]

use std::{fs, path::Path, sync::OnceLock};

use alloy_primitives::B256;
use apportion::{
    actions::{dataset::commit, init::read_policy},
    input::read_records,
    onchain::{OnChain, Roles},
    progress::Silent,
    sample::{Sample, sample},
};
use apportion_circuits::types::{Tier, Word};
use apportion_contracts::{Chain, Deployment, dev_verifiers};
use apportion_verifier::{
    chain::{Terms, abi::bytes32, create_model, register},
    params::ParamsCache,
    suite::{Bn254, Suite},
};

type F = <Bn254 as Suite>::F;

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

/// An empty chain with everything deployed.
pub fn deployed(chain_id: u64) -> (Chain, Deployment) {
    let mut chain = Chain::new(chain_id);
    let verifiers = dev_verifiers(&[TIER]).unwrap();
    let deployment = Deployment::new(&mut chain, Roles::default().developer, &verifiers).unwrap();
    (chain, deployment)
}

impl World {
    /// Registered, created, enrolled.
    pub fn enrolled(records: usize) -> Self {
        Self::enrolled_with(records, 2)
    }

    /// With scores for so many epochs.
    pub fn enrolled_with(records: usize, epochs: u32) -> Self {
        let (chain, deployment) = deployed(CHAIN_ID);
        Self::made_of(sample(records, epochs), chain, deployment, "m", None)
    }

    /// The same anywhere else, with a dataset that is registered there already or not.
    pub fn enrolled_on(
        chain: Chain,
        deployment: Deployment,
        name: &str,
        records: usize,
        registered: Option<Word>,
    ) -> Self {
        Self::made_of(sample(records, 2), chain, deployment, name, registered)
    }

    fn made_of(
        sample: Sample,
        chain: Chain,
        deployment: Deployment,
        name: &str,
        registered: Option<Word>,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
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
        let (committed, dataset) = match registered {
            None => life.register(records, TIER).unwrap(),
            Some(id) => (commit::<F>(records, TIER, &dir.path().join("dataset")).unwrap(), id),
        };
        life.create_model(name, TIER, policy).unwrap();
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

    /// The chain as it was before the enrolment: the same transactions up to there.
    pub fn created_as(world: &World) -> Chain {
        let (mut chain, deployment) = deployed(world.life.chain.chain_id());
        let source = world.life.source().unwrap();
        let doc = source.dataset(0).unwrap();
        let call =
            register(deployment.registry, &doc, Word::default(), "https://example.org/dataset").unwrap();
        chain.send(world.life.roles.owner, &call).unwrap();
        let terms = Terms {
            attributor: world.life.roles.attributor,
            token: deployment.token,
            open_window: 86_400,
            settle_window: 86_400,
        };
        let call = create_model(source.ledger(), &terms).unwrap();
        chain.send(world.life.roles.developer, &call).unwrap();
        chain
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
