//! V2: what binds a proof to its place, and the ids of models and datasets.
//!
//! All encodings are those of Solidity's `abi.encode` over 32-byte words, so that a contract derives the same values
//! from its own storage. Strings enter as their Keccak-256.

use apportion_circuits::{
    field::{self, SuiteField},
    relation::RelationId,
    types::{Payee, Tier, Word},
};
use sha3::{Digest, Keccak256};

use crate::Violation;

/// The string whose Keccak-256 is the domain of model ids.
const MODEL_DOMAIN: &str = "apportion.model.v1";
/// The string whose Keccak-256 is the domain of dataset ids.
const DATASET_DOMAIN: &str = "apportion.dataset.v1";

/// The string whose Keccak-256 is the domain of a relation's contexts.
pub const fn domain(relation: RelationId) -> &'static str {
    match relation {
        RelationId::Tree => "apportion.enroll.v1",
        RelationId::Split => "apportion.split.v1",
    }
}

/// The place of an enrolment: one segment of a dataset in a registry, in the revision in which its root last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrollContext {
    /// The chain, 0 for a dataset that is registered on none.
    pub chain_id: u64,
    /// The registry contract, 0 for a dataset that is registered on no chain.
    pub registry: Payee,
    /// See [`dataset_id`].
    pub dataset: Word,
    /// The segment, from 0.
    pub segment: u32,
    /// The revision in which the segment's root last changed, from 0.
    pub revision: u32,
}

/// The place of a segment's move in an epoch of a model's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitContext {
    /// The chain, 0 for a ledger that is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 for a ledger that is bound to none.
    pub contract: Payee,
    /// See [`model_id`].
    pub model: Word,
    /// The epoch, from 1.
    pub epoch: u32,
    /// See [`dataset_id`].
    pub dataset: Word,
    /// The segment, from 0.
    pub segment: u32,
}

/// What becomes the public input `context`.
pub trait Context {
    /// The first 31 bytes of the place's Keccak-256, left-padded: the value is those bytes as a big-endian integer.
    fn to_word(&self) -> Word;

    /// The public input.
    fn to_field<F: SuiteField>(&self) -> F {
        field::from_short_bytes(&self.to_word().0[1..])
    }
}

impl Context for EnrollContext {
    /// `keccak256(abi.encode(domain, chain id, registry, dataset id, segment, revision))`.
    fn to_word(&self) -> Word {
        Words::of(domain(RelationId::Tree))
            .number(self.chain_id)
            .address(self.registry)
            .word(self.dataset)
            .number(self.segment)
            .number(self.revision)
            .challenge()
    }
}

impl Context for SplitContext {
    /// `keccak256(abi.encode(domain, chain id, contract, model id, epoch, dataset id, segment))`.
    fn to_word(&self) -> Word {
        Words::of(domain(RelationId::Split))
            .number(self.chain_id)
            .address(self.contract)
            .word(self.model)
            .number(self.epoch)
            .word(self.dataset)
            .number(self.segment)
            .challenge()
    }
}

/// `keccak256(abi.encode(domain, chain id, contract, developer, keccak256(name)))`. Chain, contract and developer are 0
/// for a ledger that is bound to no contract.
pub fn model_id(chain_id: u64, contract: Payee, developer: Payee, name: &str) -> Word {
    Words::of(MODEL_DOMAIN)
        .number(chain_id)
        .address(contract)
        .address(developer)
        .word(keccak256(name.as_bytes()))
        .keccak256()
}

/// What a dataset's id is made of: who registers it where, and its first revision. Later revisions keep the id.
#[derive(Clone, Copy, Debug)]
pub struct DatasetOrigin<'a> {
    /// The chain, 0 for none.
    pub chain_id: u64,
    /// The registry contract, 0 for none.
    pub registry: Payee,
    /// Who registers, 0 where there is no registry.
    pub owner: Payee,
    /// Where a description can be found.
    pub uri: &'a str,
    /// Slots of every segment.
    pub tier: Tier,
    /// Records of revision 0.
    pub records: u64,
    /// Roots of revision 0.
    pub roots: &'a [Word],
}

/// `keccak256(abi.encode(domain, chain id, registry, owner, keccak256(uri), slots, records, keccak256(roots)))`.
pub fn dataset_id(origin: &DatasetOrigin<'_>) -> Word {
    let roots: Vec<u8> = origin.roots.iter().flat_map(|root| root.0).collect();
    Words::of(DATASET_DOMAIN)
        .number(origin.chain_id)
        .address(origin.registry)
        .address(origin.owner)
        .word(keccak256(origin.uri.as_bytes()))
        .number(origin.tier.slots() as u64)
        .number(origin.records)
        .word(keccak256(&roots))
        .keccak256()
}

/// Keccak-256 as the EVM has it.
pub fn keccak256(bytes: &[u8]) -> Word {
    Word(Keccak256::digest(bytes).into())
}

/// V2.model.
pub fn check_model(expected: Word, found: Word) -> Result<(), Violation> {
    if expected == found { Ok(()) } else { Err(Violation::Model { expected, found }) }
}

/// V2.dataset.
pub fn check_dataset(expected: Word, found: Word) -> Result<(), Violation> {
    if expected == found { Ok(()) } else { Err(Violation::Dataset { expected, found }) }
}

/// `abi.encode` of static values behind a domain, hashed.
pub(crate) struct Words(Keccak256);

impl Words {
    /// Starts with the domain's Keccak-256.
    pub(crate) fn of(domain: &str) -> Self {
        Self(Keccak256::default()).word(keccak256(domain.as_bytes()))
    }

    pub(crate) fn word(self, word: Word) -> Self {
        self.bytes(&word.0)
    }

    pub(crate) fn number(self, number: impl Into<u128>) -> Self {
        self.bytes(&[0; 16]).bytes(&number.into().to_be_bytes())
    }

    pub(crate) fn address(self, address: Payee) -> Self {
        self.bytes(&[0; 12]).bytes(&address.0)
    }

    /// Bytes whose number is a multiple of 32: a commitment is one word or two.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    pub(crate) fn keccak256(self) -> Word {
        Word(self.0.finalize().into())
    }

    /// The first 31 bytes of the hash, left-padded: below either suite's modulus.
    pub(crate) fn challenge(self) -> Word {
        let digest = self.keccak256();
        let mut word = [0; 32];
        word[1..].copy_from_slice(&digest.0[..31]);
        Word(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENROLL: EnrollContext = EnrollContext {
        chain_id: 1,
        registry: Payee([0x11; 20]),
        dataset: Word([0x33; 32]),
        segment: 3,
        revision: 7,
    };
    const SPLIT: SplitContext = SplitContext {
        chain_id: 1,
        contract: Payee([0x11; 20]),
        model: Word([0x22; 32]),
        epoch: 7,
        dataset: Word([0x33; 32]),
        segment: 3,
    };

    fn number(x: u8) -> [u8; 32] {
        let mut word = [0; 32];
        word[31] = x;
        word
    }

    #[test]
    fn keccak_is_the_evms() {
        let empty = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
        assert_eq!(keccak256(b"").to_string(), empty);
    }

    #[test]
    fn every_part_of_the_place_changes_the_context() {
        let words = [
            ENROLL.to_word(),
            EnrollContext { chain_id: 2, ..ENROLL }.to_word(),
            EnrollContext { registry: Payee([0x12; 20]), ..ENROLL }.to_word(),
            EnrollContext { dataset: Word([0x34; 32]), ..ENROLL }.to_word(),
            EnrollContext { segment: 4, ..ENROLL }.to_word(),
            EnrollContext { revision: 8, ..ENROLL }.to_word(),
            SPLIT.to_word(),
            SplitContext { chain_id: 2, ..SPLIT }.to_word(),
            SplitContext { contract: Payee([0x12; 20]), ..SPLIT }.to_word(),
            SplitContext { model: Word([0x23; 32]), ..SPLIT }.to_word(),
            SplitContext { epoch: 8, ..SPLIT }.to_word(),
            SplitContext { dataset: Word([0x34; 32]), ..SPLIT }.to_word(),
            SplitContext { segment: 4, ..SPLIT }.to_word(),
        ];
        let different: std::collections::HashSet<_> = words.iter().collect();
        assert_eq!(different.len(), words.len());
        assert!(words.iter().all(|word| word.0[0] == 0));
    }

    #[test]
    fn encodings_are_soliditys() {
        let mut bytes = Vec::new();
        bytes.extend(keccak256(b"apportion.model.v1").0);
        bytes.extend(number(5));
        bytes.extend([[0; 12].as_slice(), &[0x11; 20]].concat());
        bytes.extend([[0; 12].as_slice(), &[0x12; 20]].concat());
        bytes.extend(keccak256(b"abc").0);
        assert_eq!(model_id(5, Payee([0x11; 20]), Payee([0x12; 20]), "abc"), keccak256(&bytes));

        let mut bytes = Vec::new();
        bytes.extend(keccak256(b"apportion.enroll.v1").0);
        bytes.extend(number(1));
        bytes.extend([[0; 12].as_slice(), &[0x11; 20]].concat());
        bytes.extend([0x33; 32]);
        bytes.extend(number(3));
        bytes.extend(number(7));
        assert_eq!(ENROLL.to_word().0[1..], keccak256(&bytes).0[..31]);

        let mut bytes = Vec::new();
        bytes.extend(keccak256(b"apportion.dataset.v1").0);
        bytes.extend([0; 96]);
        bytes.extend(keccak256(b"ipfs://x").0);
        bytes.extend(number(64));
        bytes.extend(number(2));
        bytes.extend(keccak256(&[[1; 32], [2; 32]].concat()).0);
        let origin = DatasetOrigin {
            chain_id: 0,
            registry: Payee::default(),
            owner: Payee::default(),
            uri: "ipfs://x",
            tier: Tier::T64,
            records: 2,
            roots: &[Word([1; 32]), Word([2; 32])],
        };
        assert_eq!(dataset_id(&origin), keccak256(&bytes));
    }

    #[test]
    fn v2_model_and_dataset() {
        let (a, b) = (Word([1; 32]), Word([2; 32]));
        assert!(check_model(a, a).is_ok() && check_dataset(a, a).is_ok());
        assert_eq!(check_model(a, b).unwrap_err().id().name(), "V2.model");
        assert_eq!(check_dataset(a, b).unwrap_err().id().name(), "V2.dataset");
    }
}
