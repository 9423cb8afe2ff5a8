//! Proofs as files.
//!
//! | offset | bytes | content |
//! | --- | --- | --- |
//! | 0 | 8 | magic `APPORTPF` |
//! | 8 | 2 | format version, big-endian like every number here: 1 |
//! | 10 | 1 | suite: 1 bn254, 2 pasta |
//! | 11 | 1 | relation: 1 tree, 2 split |
//! | 12 | 1 | tier: depth of the segment's tree, 3, 5 or 7 |
//! | 13 | 32 | digest of the table's description |
//! | 45 | 32 | digest of the verifying key |
//! | 77 | 4 | length of the proof, `n` |
//! | 81 | n | the proof |
//! | 81 + n | 32 | SHA-256 of everything before |

use std::path::Path;

use apportion_circuits::{
    field::SuiteId,
    relation::RelationId,
    types::{Tier, Word},
};

use super::{Fault, InputError, read_exact, sha256};

/// The first bytes of a proof file.
pub const BLOB_MAGIC: &[u8; 8] = b"APPORTPF";
/// The version that is written and read.
pub const BLOB_VERSION: u16 = 1;
/// Bytes before the proof.
pub const BLOB_HEADER_BYTES: usize = 81;
/// Bytes around the proof.
pub const BLOB_OVERHEAD: usize = BLOB_HEADER_BYTES + 32;

/// A proof and what it says about itself. None of it is believed: the auditor compares every field with what it
/// expects from its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofBlob {
    /// The proof system.
    pub suite: SuiteId,
    /// The relation.
    pub relation: RelationId,
    /// The tier.
    pub tier: Tier,
    /// `Layout::digest` of the table.
    pub table_digest: Word,
    /// `Suite::key_digest`.
    pub key_digest: Word,
    /// The proof.
    pub proof: Vec<u8>,
}

/// What is wrong with a proof file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// Too few bytes for a header, or others than the header announces.
    #[error("{found} bytes where {expected} are expected")]
    Length {
        /// By the header, or of an empty proof.
        expected: u64,
        /// As found.
        found: u64,
    },
    /// Another kind of file.
    #[error("wrong magic: not a proof file")]
    Magic,
    /// A version that this build does not read.
    #[error("proof format version {found}, this build reads {BLOB_VERSION}")]
    Version {
        /// As found.
        found: u16,
    },
    /// A code that means nothing.
    #[error("unknown {what} code {code}")]
    Code {
        /// Suite, relation or tier.
        what: &'static str,
        /// As found.
        code: u8,
    },
    /// The last 32 bytes are not the digest of the rest.
    #[error("the digest does not match the content")]
    Digest,
}

impl ProofBlob {
    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BLOB_OVERHEAD + self.proof.len());
        bytes.extend_from_slice(BLOB_MAGIC);
        bytes.extend_from_slice(&BLOB_VERSION.to_be_bytes());
        bytes.extend_from_slice(&[
            suite_code(self.suite),
            relation_code(self.relation),
            self.tier.depth() as u8,
        ]);
        bytes.extend_from_slice(&self.table_digest.0);
        bytes.extend_from_slice(&self.key_digest.0);
        bytes.extend_from_slice(&(self.proof.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&self.proof);
        bytes.extend_from_slice(&sha256(&bytes).0);
        bytes
    }

    /// Reads a file's bytes. Nothing may be missing and nothing left over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BlobError> {
        let found = bytes.len() as u64;
        let short = BlobError::Length { expected: BLOB_OVERHEAD as u64, found };
        let mut rest = Reader(bytes);
        if &rest.array::<8>().ok_or(short.clone())? != BLOB_MAGIC {
            return Err(BlobError::Magic);
        }
        let version = u16::from_be_bytes(rest.array().ok_or(short.clone())?);
        if version != BLOB_VERSION {
            return Err(BlobError::Version { found: version });
        }
        let [suite, relation, depth] = rest.array().ok_or(short.clone())?;
        let unknown = |what, code| BlobError::Code { what, code };
        let suite = find(SuiteId::ALL, suite, suite_code).ok_or(unknown("suite", suite))?;
        let relation = find(RelationId::ALL, relation, relation_code).ok_or(unknown("relation", relation))?;
        let tier = find(Tier::ALL, depth, |tier| tier.depth() as u8).ok_or(unknown("tier", depth))?;
        let table_digest = Word(rest.array().ok_or(short.clone())?);
        let key_digest = Word(rest.array().ok_or(short.clone())?);
        let length = u32::from_be_bytes(rest.array().ok_or(short)?);
        let expected = u64::from(length) + BLOB_OVERHEAD as u64;
        if found != expected {
            return Err(BlobError::Length { expected, found });
        }
        let (content, digest) = bytes.split_at(bytes.len() - 32);
        if sha256(content).0 != digest {
            return Err(BlobError::Digest);
        }
        let proof = content.get(BLOB_HEADER_BYTES..).unwrap_or_default().to_vec();
        Ok(Self { suite, relation, tier, table_digest, key_digest, proof })
    }

    /// Reads a proof file with a proof of exactly `proof_bytes` bytes. Returns the file's bytes too, for their
    /// digest.
    pub fn read(path: &Path, proof_bytes: usize) -> Result<(Self, Vec<u8>), InputError> {
        let bytes = read_exact(path, (proof_bytes + BLOB_OVERHEAD) as u64)?;
        let blob = Self::from_bytes(&bytes).map_err(|error| InputError::new(path, Fault::Blob(error)))?;
        Ok((blob, bytes))
    }
}

fn find<T: Copy>(all: impl IntoIterator<Item = T>, code: u8, code_of: fn(T) -> u8) -> Option<T> {
    all.into_iter().find(|x| code_of(*x) == code)
}

fn suite_code(suite: SuiteId) -> u8 {
    match suite {
        SuiteId::Bn254 => 1,
        SuiteId::Pasta => 2,
    }
}

fn relation_code(relation: RelationId) -> u8 {
    match relation {
        RelationId::Tree => 1,
        RelationId::Split => 2,
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Some(*head)
    }
}
