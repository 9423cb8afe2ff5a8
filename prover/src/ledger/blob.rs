//! Binary files of secrets: magic, kind, version, place, length, payload, digest.
//!
//! The digest finds accidents, not attackers: whoever can write under `private/` owns the ledger. The place
//! binds a file to its ledger, epoch, dataset and segment, so that a file that was moved is not taken for
//! another.

use std::path::Path;

use apportion_circuits::{
    column::{MASK_COEFFICIENTS, Mask},
    field::{self, SuiteField},
    types::Word,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    LedgerError,
    files::{Access, read_limited, write_atomic},
};

const MAGIC: &[u8; 8] = b"apportn\x01";
/// magic, kind, version, place, payload length.
const HEADER_BYTES: usize = 8 + 4 + 4 + 32 + 8;
const DIGEST_BYTES: usize = 32;

/// A secret with a binary form.
pub trait Blob: Sized {
    /// Four letters that tell this kind from others.
    const KIND: &'static [u8; 4];
    /// Version of the payload's form.
    const VERSION: u32 = 1;

    /// Bytes of the payload.
    fn payload_bytes(&self) -> usize;
    /// Writes the payload.
    fn encode(&self, out: &mut Encoder);
    /// Reads the payload; all of it must be consumed.
    fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str>;
    /// The largest payload that a file may declare.
    fn max_payload_bytes() -> usize;
}

/// Writes a secret, readable by its owner alone.
pub fn write<B: Blob>(path: &Path, place: Word, blob: &B) -> Result<(), LedgerError> {
    write_atomic(path, &to_bytes(place, blob), Access::Private)
}

/// A secret's file, in a buffer that is overwritten when dropped.
pub(super) fn to_bytes<B: Blob>(place: Word, blob: &B) -> Zeroizing<Vec<u8>> {
    let length = blob.payload_bytes();
    // Exactly as large as needed: growing would leave copies behind.
    let mut out = Encoder(Zeroizing::new(Vec::with_capacity(HEADER_BYTES + length + DIGEST_BYTES)));
    out.bytes(MAGIC);
    out.bytes(B::KIND);
    out.bytes(&B::VERSION.to_be_bytes());
    out.bytes(&place.0);
    out.bytes(&(length as u64).to_be_bytes());
    blob.encode(&mut out);
    debug_assert_eq!(out.0.len(), HEADER_BYTES + length);
    let digest = Sha256::digest(&*out.0);
    out.bytes(&digest);
    out.0
}

/// Reads a secret that was written for `place`.
pub fn read<B: Blob>(path: &Path, place: Word) -> Result<B, LedgerError> {
    let limit = HEADER_BYTES + B::max_payload_bytes() + DIGEST_BYTES;
    let bytes = read_limited(path, limit as u64)?;
    parse(&bytes, place).map_err(|reason| LedgerError::Corrupt { path: path.into(), reason: reason.into() })
}

pub(super) fn parse<B: Blob>(bytes: &[u8], place: Word) -> Result<B, &'static str> {
    let (rest, digest) =
        bytes.split_at_checked(bytes.len().saturating_sub(DIGEST_BYTES)).ok_or("truncated")?;
    let mut input = Decoder(rest);
    if input.bytes(MAGIC.len())? != MAGIC {
        return Err("not a private file of Apportion");
    }
    if input.bytes(4)? != B::KIND {
        return Err("a file of another kind");
    }
    if u32::from_be_bytes(input.array()?) != B::VERSION {
        return Err("a file of another version");
    }
    let found = Word(input.array()?);
    if u64::from_be_bytes(input.array()?) != input.0.len() as u64 {
        return Err("truncated or extended");
    }
    if Sha256::digest(rest).as_slice() != digest {
        return Err("damaged: its digest does not match");
    }
    if found != place {
        return Err("a file of another ledger, epoch, dataset or segment");
    }
    let blob = B::decode(&mut input)?;
    if input.0.is_empty() { Ok(blob) } else { Err("bytes are left over") }
}

/// Takes a payload, in a buffer that is overwritten when dropped.
pub struct Encoder(Zeroizing<Vec<u8>>);

impl Encoder {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.bytes(&(count as u64).to_be_bytes());
    }

    pub(crate) fn field<F: SuiteField>(&mut self, x: &F) {
        self.bytes(&field::to_bytes(x));
    }

    pub(crate) fn mask<F: SuiteField>(&mut self, mask: &Mask<F>) {
        mask.elements().for_each(|x| self.field(x));
    }
}

/// Bytes of a mask.
pub(crate) const MASK_BYTES: usize = 32 * (MASK_COEFFICIENTS + 1);

/// Gives a payload back, piece by piece.
pub struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let (head, tail) = self.0.split_at_checked(length).ok_or("truncated")?;
        self.0 = tail;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        self.bytes(N)?.try_into().map_err(|_| "truncated")
    }

    /// A number of items of `size` bytes each, all of which must be there.
    pub(crate) fn count(&mut self, size: usize) -> Result<usize, &'static str> {
        let count = u64::from_be_bytes(self.array()?);
        usize::try_from(count)
            .ok()
            .filter(|count| count.checked_mul(size).is_some_and(|bytes| bytes <= self.0.len()))
            .ok_or("declares more than it holds")
    }

    pub(crate) fn field<F: SuiteField>(&mut self) -> Result<F, &'static str> {
        field::from_bytes(&self.array()?).ok_or("holds a value that is not below the modulus")
    }

    pub(crate) fn mask<F: SuiteField>(&mut self) -> Result<Mask<F>, &'static str> {
        let mut elements = Vec::with_capacity(MASK_COEFFICIENTS + 1);
        for _ in 0..=MASK_COEFFICIENTS {
            elements.push(self.field()?);
        }
        let mask = Mask::from_elements(&elements).ok_or("truncated");
        field::wipe(&mut elements);
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Numbers(Vec<u64>);

    impl Blob for Numbers {
        const KIND: &'static [u8; 4] = b"test";

        fn payload_bytes(&self) -> usize {
            8 + 8 * self.0.len()
        }

        fn encode(&self, out: &mut Encoder) {
            out.count(self.0.len());
            self.0.iter().for_each(|x| out.bytes(&x.to_be_bytes()));
        }

        fn decode(input: &mut Decoder<'_>) -> Result<Self, &'static str> {
            let count = input.count(8)?;
            (0..count).map(|_| Ok(u64::from_be_bytes(input.array()?))).collect::<Result<_, _>>().map(Self)
        }

        fn max_payload_bytes() -> usize {
            1 << 10
        }
    }

    #[test]
    fn every_changed_byte_and_length_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("blob");
        let place = Word([7; 32]);
        write(&path, place, &Numbers(vec![1, 2, 3])).unwrap();
        assert_eq!(read::<Numbers>(&path, place).unwrap(), Numbers(vec![1, 2, 3]));
        assert!(read::<Numbers>(&path, Word([8; 32])).is_err());
        let bytes = std::fs::read(&path).unwrap();
        for i in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[i] ^= 1;
            assert!(parse::<Numbers>(&changed, place).is_err(), "byte {i}");
            assert!(parse::<Numbers>(&bytes[..i], place).is_err(), "length {i}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(parse::<Numbers>(&longer, place).is_err());
    }

    #[test]
    fn huge_declared_lengths_allocate_nothing() {
        let count = u64::MAX.to_be_bytes();
        assert_eq!(Numbers::decode(&mut Decoder(&count)), Err("declares more than it holds"));
    }
}
