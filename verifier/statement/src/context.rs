//! V2: what binds a proof to its place.
//!
//! All encodings are those of Solidity's `abi.encode`, so that a contract derives the same values from its own
//! storage.

use apportion_circuits::{
    field::{self, SuiteField},
    types::{Payee, Tier, Word},
};
use sha3::{Digest, Keccak256};

use super::{Use, Violation};

/// The string whose Keccak-256 is the domain of model ids.
const MODEL_DOMAIN: &str = "apportion.model.v1";
/// The string whose Keccak-256 is the domain of dataset ids.
const DATASET_DOMAIN: &str = "apportion.dataset.v1";

/// The ledger that a proof belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The chain, 0 for a ledger that is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 for a ledger that is bound to none.
    pub ledger: Payee,
    /// The model's id: see [`model_id`]; of a bound ledger, the one that its contract gave.
    pub model: Word,
}

impl Binding {
    /// The place of an enrolment; `renewal` is 0 for the first, then 1, 2, .. for renewals of the payee column.
    pub fn enroll(&self, dataset: Word, segment: u32, renewal: u32) -> Context {
        self.context(Use::Enroll, renewal, dataset, segment)
    }

    /// The place of a segment's move in an epoch.
    pub fn split(&self, dataset: Word, segment: u32, epoch: u32) -> Context {
        self.context(Use::Split, epoch, dataset, segment)
    }

    /// The place of a publication of the balances that were settled in an epoch.
    pub fn publish(&self, dataset: Word, segment: u32, epoch: u32) -> Context {
        self.context(Use::Publish, epoch, dataset, segment)
    }

    fn context(&self, purpose: Use, epoch: u32, dataset: Word, segment: u32) -> Context {
        let Self { chain_id, ledger, model } = *self;
        Context { purpose, chain_id, ledger, model, epoch, dataset, segment }
    }
}

/// The place of one proof: a segment of a dataset, in an epoch of a model's ledger on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// What the proof is for.
    pub purpose: Use,
    /// The chain, 0 for a ledger that is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 for a ledger that is bound to none.
    pub ledger: Payee,
    /// See [`model_id`].
    pub model: Word,
    /// Split: the epoch. Publish: the epoch in which the published balances were settled. Enroll: how often the
    /// segment was enrolled before.
    pub epoch: u32,
    /// The dataset's id: see [`dataset_id`]; in a bound ledger, the one that its registry gave.
    pub dataset: Word,
    /// The segment, from 0.
    pub segment: u32,
}

impl Context {
    /// The first 31 bytes of `keccak256(abi.encode(domain, chain id, ledger, model, epoch, dataset, segment))`,
    /// left-padded: the value is those bytes as a big-endian integer.
    pub fn to_word(&self) -> Word {
        let mut encoder = Encoder::default();
        encoder.word(keccak256(self.purpose.domain().as_bytes()).0);
        encoder.number(self.chain_id.into());
        encoder.address(self.ledger);
        encoder.word(self.model.0);
        encoder.number(self.epoch.into());
        encoder.word(self.dataset.0);
        encoder.number(self.segment.into());
        let digest = encoder.keccak256();
        let mut word = [0; 32];
        word[1..].copy_from_slice(&digest.0[..31]);
        Word(word)
    }

    /// The public input `context`.
    pub fn to_field<F: SuiteField>(&self) -> F {
        field::from_short_bytes(&self.to_word().0[1..])
    }
}

/// `keccak256(abi.encode(keccak256("apportion.model.v1"), chain id, contract, name))`.
pub fn model_id(chain_id: u64, contract: Payee, name: &str) -> Word {
    let mut encoder = Encoder::default();
    encoder.word(keccak256(MODEL_DOMAIN.as_bytes()).0);
    encoder.number(chain_id.into());
    encoder.address(contract);
    // A dynamic value: its offset in the head, then length and padded bytes.
    encoder.number(4 * 32);
    encoder.number(name.len() as u128);
    encoder.bytes(name.as_bytes());
    encoder.keccak256()
}

/// `keccak256(abi.encode(keccak256("apportion.dataset.v1"), tier, records, roots))`: tier is the number of slots
/// of a segment, roots a `bytes32[]`.
pub fn dataset_id(tier: Tier, records: u64, roots: &[Word]) -> Word {
    let mut encoder = Encoder::default();
    encoder.word(keccak256(DATASET_DOMAIN.as_bytes()).0);
    encoder.number(tier.slots() as u128);
    encoder.number(records.into());
    encoder.number(4 * 32);
    encoder.number(roots.len() as u128);
    roots.iter().for_each(|root| encoder.word(root.0));
    encoder.keccak256()
}

/// Keccak-256 as the EVM has it.
pub fn keccak256(bytes: &[u8]) -> Word {
    Word(Keccak256::digest(bytes).into())
}

/// Checks a model id that was read against the derived one (V2.model).
pub fn check_model(expected: Word, found: Word) -> Result<(), Violation> {
    if expected == found { Ok(()) } else { Err(Violation::Model { expected, found }) }
}

/// Checks a dataset id that was read against the derived one (V2.dataset).
pub fn check_dataset(expected: Word, found: Word) -> Result<(), Violation> {
    if expected == found { Ok(()) } else { Err(Violation::Dataset { expected, found }) }
}

/// `abi.encode`, as far as it is needed.
#[derive(Default)]
struct Encoder(Keccak256);

impl Encoder {
    fn word(&mut self, word: [u8; 32]) {
        self.0.update(word);
    }

    fn number(&mut self, number: u128) {
        self.0.update([0; 16]);
        self.0.update(number.to_be_bytes());
    }

    fn address(&mut self, address: Payee) {
        self.0.update([0; 12]);
        self.0.update(address.0);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
        self.0.update(vec![0; bytes.len().next_multiple_of(32) - bytes.len()]);
    }

    fn keccak256(self) -> Word {
        Word(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(word: Word) -> String {
        word.to_string()
    }

    #[test]
    fn keccak_is_the_evms() {
        assert_eq!(hex(keccak256(b"")), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    }

    #[test]
    fn every_part_of_the_place_changes_the_context() {
        let base = Context {
            purpose: Use::Split,
            chain_id: 1,
            ledger: Payee([0x11; 20]),
            model: Word([0x22; 32]),
            epoch: 7,
            dataset: Word([0x33; 32]),
            segment: 3,
        };
        let mut seen = vec![base.to_word()];
        for other in [
            Context { purpose: Use::Enroll, ..base },
            Context { purpose: Use::Publish, ..base },
            Context { chain_id: 2, ..base },
            Context { ledger: Payee([0x12; 20]), ..base },
            Context { model: Word([0x23; 32]), ..base },
            Context { epoch: 8, ..base },
            Context { dataset: Word([0x34; 32]), ..base },
            Context { segment: 4, ..base },
        ] {
            assert!(!seen.contains(&other.to_word()));
            seen.push(other.to_word());
        }
        assert!(seen.iter().all(|word| word.0[0] == 0));
    }

    #[test]
    fn encodings_are_soliditys() {
        // keccak256 of the words written out by hand.
        let mut bytes = Vec::new();
        bytes.extend(keccak256(b"apportion.model.v1").0);
        bytes.extend(Word::default().0);
        bytes.extend(Word::default().0);
        let mut word = [0; 32];
        word[31] = 0x80;
        bytes.extend(word);
        word[31] = 3;
        bytes.extend(word);
        let mut word = [0; 32];
        word[..3].copy_from_slice(b"abc");
        bytes.extend(word);
        assert_eq!(model_id(0, Payee::default(), "abc"), keccak256(&bytes));

        let mut bytes = Vec::new();
        bytes.extend(keccak256(b"apportion.dataset.v1").0);
        for number in [1024u16, 1500, 0x80, 2] {
            let mut word = [0; 32];
            word[30..].copy_from_slice(&number.to_be_bytes());
            bytes.extend(word);
        }
        bytes.extend([1; 32]);
        bytes.extend([2; 32]);
        assert_eq!(dataset_id(Tier::T1024, 1500, &[Word([1; 32]), Word([2; 32])]), keccak256(&bytes));
    }

    #[test]
    fn v2_model_and_dataset() {
        let (a, b) = (Word([1; 32]), Word([2; 32]));
        assert!(check_model(a, a).is_ok() && check_dataset(a, a).is_ok());
        assert_eq!(check_model(a, b).unwrap_err().id().name(), "V2.model");
        assert_eq!(check_dataset(a, b).unwrap_err().id().name(), "V2.dataset");
    }
}
