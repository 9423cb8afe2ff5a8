//! Real proofs, and the contracts that check them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "shared by tests"
)]

pub mod forwarder;
pub mod opening_verifier;
pub mod points;
pub mod segments;

use std::sync::{Arc, OnceLock};

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::{from_bytes, to_bytes},
    plonkish::Cost,
    relation::Relation,
    split::{Split, SplitInstance, SplitWitness, split},
    tree::{Tree, TreeInstance, TreeWitness, record_tree},
    types::{ContentDigest, Payee, Record, Tier},
};
use apportion_engine::Engine;
use apportion_evm::{
    Artifact,
    evm::{Address, End, Evm, Outcome},
    generated,
};
use apportion_generator::{AccumulateCall, Accumulated, Failure, decode_accumulated};
use apportion_suite::params::Srs;
use apportion_suite::{Bn254, Commitment, Suite, bn254::VerifyingKey};
use halo2_axiom::halo2curves::bn256::Fr;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

/// Why contracts refused a proof: its verifier, or the one that pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    Accumulate(Failure),
    Pairing(&'static str),
}

impl Refusal {
    /// The pairing was made, and is not one.
    pub const NOT_ONE: Self = Self::Pairing("Invalid");

    fn of(outcome: &Outcome) -> Option<Self> {
        assert_eq!(outcome.end, End::Revert);
        let pairing = || opening_verifier::error(&outcome.output).map(Self::Pairing);
        Failure::from_revert(&outcome.output).map(Self::Accumulate).or_else(pairing)
    }
}

/// Two proofs of one relation at one tier, and its contract and that of the pairings on a chain.
pub struct Fixture {
    pub artifact: Artifact,
    pub key: VerifyingKey,
    pub setup: Srs,
    pub proofs: Vec<(Vec<[u8; 32]>, Vec<u8>)>,
    pub evm: Evm,
    pub address: Address,
    pub deployment: u64,
    pub opening_verifier: Address,
}

impl Fixture {
    fn new<R: Relation<Fr>>(
        tier: Tier,
        json: &str,
        count: u64,
        make: impl Fn(Tier, u64) -> (R::Instance, R::Witness),
    ) -> Self {
        let artifact = Artifact::parse(json).unwrap();
        let layout = Arc::new(R::layout(tier));
        let setup = Srs::insecure_dev(layout.k).unwrap();
        let proving_key = Bn254::proving_key(setup.kzg(), layout.clone()).unwrap();
        let mut rng = ChaCha20Rng::from_rng(OsRng).unwrap();
        let proofs = (0..count)
            .map(|seed| {
                let (instance, witness) = make(tier, seed);
                let table = R::assign(&layout, &instance, &witness);
                let proof = Bn254::prove(setup.kzg(), &proving_key, &table, &mut rng).unwrap();
                (R::public_inputs(&instance).iter().map(to_bytes).collect(), proof)
            })
            .collect();
        let key = Bn254::key_of(&proving_key).clone();
        let mut evm = Evm::default();
        let (address, deployment) = evm.deploy(Address::ZERO, &artifact.bytecode).unwrap();
        let opening_verifier = Artifact::parse(generated::DEV_OPENING).unwrap();
        let (opening_verifier, _) = evm.deploy(Address::ZERO, &opening_verifier.bytecode).unwrap();
        Self { artifact, key, setup, proofs, evm, address, deployment, opening_verifier }
    }

    /// How many scalars a proof holds.
    pub fn scalars(&self) -> usize {
        Cost::of(self.key.layout()).evaluations
    }

    /// The native verifier's verdict.
    pub fn native(&self, inputs: &[[u8; 32]], proof: &[u8]) -> Option<Vec<Commitment>> {
        let public: Vec<Fr> = inputs.iter().map(from_bytes).collect::<Option<_>>()?;
        Bn254::verify(self.setup.kzg(), &self.key, &public, proof).ok()
    }

    /// The contract's answer to anything.
    pub fn call(&self, data: &[u8]) -> Outcome {
        self.evm.clone().call(Address::ZERO, self.address, data).unwrap()
    }

    /// What the contract makes of a proof.
    pub fn accumulate(&self, inputs: &[[u8; 32]], proof: &[u8]) -> Result<(Accumulated, Outcome), Outcome> {
        let outcome = self.call(&AccumulateCall::unchecked(proof.to_vec(), inputs.to_vec()).encode());
        if !outcome.is_success() {
            return Err(outcome);
        }
        let linked = self.key.layout().linked;
        Ok((decode_accumulated(&outcome.output, linked).expect("a canonical answer"), outcome))
    }

    /// The other contract's answer to anything.
    pub fn call_opening_verifier(&self, data: &[u8]) -> Outcome {
        self.evm.clone().call(Address::ZERO, self.opening_verifier, data).unwrap()
    }

    /// The verdict on one proof: both contracts', one after the other. The outcome is the last one's, with the gas of
    /// all.
    pub fn contract(&self, inputs: &[[u8; 32]], proof: &[u8]) -> (Option<Vec<Commitment>>, Outcome) {
        let (Accumulated { linked, pair }, first) = match self.accumulate(inputs, proof) {
            Ok(accumulated) => accumulated,
            Err(outcome) => return (None, outcome),
        };
        let mut outcome = self.call_opening_verifier(&opening_verifier::check_pairs(&[pair], [0; 32]));
        outcome.gas += first.gas;
        (outcome.is_success().then_some(linked), outcome)
    }

    /// What the pairing adds within the transaction that accumulates: a call to an address that was not touched before,
    /// and the other contract's own gas.
    pub fn pairing_gas(&self, inputs: &[[u8; 32]], proof: &[u8]) -> u64 {
        let pair = self.accumulate(inputs, proof).unwrap().0.pair;
        let call = opening_verifier::check_pairs(&[pair], [0; 32]);
        let (outcome, profile) = self.evm.clone().profile(self.opening_verifier, &call, &[]).unwrap();
        assert!(outcome.is_success(), "{outcome:?}");
        2_600 + outcome.gas - profile.items[0].gas
    }

    /// Contracts and native verifier agree; a refusal is a revert with a known error that burns nothing. Returns
    /// whether the proof was accepted.
    pub fn agree(&self, inputs: &[[u8; 32]], proof: &[u8], what: &str) -> Result<(), Refusal> {
        let (linked, outcome) = self.contract(inputs, proof);
        assert_eq!(linked, self.native(inputs, proof), "{what}: {outcome:?}");
        if linked.is_some() {
            return Ok(());
        }
        assert_eq!(outcome.end, End::Revert, "{what}: {outcome:?}");
        Err(Refusal::of(&outcome).unwrap_or_else(|| panic!("{what}: no known error in {outcome:?}")))
    }
}

pub fn split_64() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| Fixture::new::<Split>(Tier::T64, generated::DEV_SPLIT_64, 2, epoch))
}

pub fn tree_64() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| Fixture::new::<Tree>(Tier::T64, generated::DEV_TREE_64, 2, enrolment))
}

pub fn split_1024() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| Fixture::new::<Split>(Tier::T1024, generated::DEV_SPLIT_1024, 1, epoch))
}

pub fn tree_1024() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| Fixture::new::<Tree>(Tier::T1024, generated::DEV_TREE_1024, 1, enrolment))
}

/// A digest below the modulus: what contexts look like.
fn context(seed: u64) -> Fr {
    let mut bytes = [0xa7; 32];
    bytes[0] = 0;
    bytes[24..].copy_from_slice(&(seed + (1 << 63)).to_be_bytes());
    from_bytes(&bytes).unwrap()
}

fn enrolment(tier: Tier, seed: u64) -> (TreeInstance<Fr>, TreeWitness<Fr>) {
    let records: Vec<_> = (0..tier.accounts() as u64)
        .map(|i| {
            let mut record = Record { payee: Payee([1; 20]), content: ContentDigest([2; 32]) };
            record.payee.0[..8].copy_from_slice(&(i + seed).to_be_bytes());
            record.content.0[..8].copy_from_slice(&i.to_be_bytes());
            record
        })
        .collect();
    let mask = || Mask::random(&mut OsRng);
    let witness = TreeWitness::enroll(tier, &records, &mask(), &mask()).unwrap();
    let root = record_tree(tier, &records).unwrap().root();
    (TreeInstance { context: context(seed), root }, witness)
}

fn epoch(tier: Tier, seed: u64) -> (SplitInstance<Fr>, SplitWitness<Fr>) {
    let accounts = tier.accounts() as u64;
    let scores: Vec<u64> = (0..accounts).map(|i| u64::MAX / (2 + i * i) + i + seed).collect();
    let old: Vec<u128> = (0..accounts).map(|i| u128::from(i) << 90).collect();
    let total_score = scores.iter().map(|score| u128::from(*score)).sum();
    let pool = (1u128 << 120) - 12_345;
    let outcome = split(pool, total_score, &old, &scores).unwrap();
    let column = |values: Vec<Fr>| {
        let mut values = values;
        values.resize(tier.slots(), Fr::zero());
        MaskedColumn::new(&values, &Mask::random(&mut OsRng))
    };
    let amounts = |values: &[u128]| {
        values.iter().map(|value| Fr::from_raw([*value as u64, (*value >> 64) as u64, 0, 0])).collect()
    };
    let witness = SplitWitness {
        old: column(amounts(&old)),
        new: column(amounts(&outcome.new)),
        score: column(scores.iter().map(|score| Fr::from(*score)).collect()),
    };
    let instance = SplitInstance {
        context: context(seed),
        genesis: false,
        pool,
        total_score,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records: tier.accounts(),
    };
    (instance, witness)
}
