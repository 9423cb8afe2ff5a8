//! The public formats: what a ledger's `public/` holds, and receipts. See docs/formats.md.
//!
//! Everything here comes from outside. Sizes are bounded before anything is read, numbers before anything is
//! allocated, and errors name the file and the reason.

mod blob;
mod bundle;
mod docs;
mod error;
mod paths;
mod values;

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use apportion_circuits::types::Word;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

pub use self::{
    blob::{BLOB_HEADER_BYTES, BLOB_MAGIC, BLOB_OVERHEAD, BLOB_VERSION, BlobError, ProofBlob},
    bundle::{Bundle, DatasetBundle, EnrolledDataset, Epoch, Revision},
    docs::{
        ColumnsDoc, DatasetDoc, EnrolmentDoc, EpochDoc, EpochSegment, ExtensionDoc, KeyDoc, LedgerDoc,
        MAX_URI_BYTES, PolicyDoc, ProvenColumn, ReceiptAccount, ReceiptDoc, RecordReceiptDoc,
        ReplacedAttempt, ReplacedSegment, RetirementDoc, RevisionDoc, ScoredSegment, ScoresDoc, SetupDoc,
        StatementAccount, StatementDoc, StatementEpoch,
    },
    error::{Fault, InputError},
    paths::{DatasetDir, KeysDir, PublicDir},
    values::{Amount, FileName, FileRef, Hex, sha256},
};

/// The version of every JSON format.
pub const FORMAT_VERSION: u32 = 1;

/// A JSON document with a version.
pub trait Document: Serialize + DeserializeOwned {
    /// What it is called in messages.
    const NAME: &'static str;
    /// The largest file that is read.
    const MAX_BYTES: u64;
    /// Its JSON schema.
    const SCHEMA: &'static str;

    /// Checks what types alone do not say: lengths that belong together.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// The document as it is written.
    fn to_json(&self) -> Vec<u8> {
        // Maps with other keys than strings would fail; there are none.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a document.
    fn from_json(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() as u64 > Self::MAX_BYTES {
            return Err(Fault::TooLarge { found: bytes.len() as u64, max: Self::MAX_BYTES });
        }
        // A file of another version may differ in any field: its version is what must be said about it.
        if let Ok(Versioned { version }) = serde_json::from_slice(bytes)
            && version != u64::from(FORMAT_VERSION)
        {
            return Err(Fault::Version { found: version, supported: FORMAT_VERSION });
        }
        let document: Self = serde_json::from_slice(bytes).map_err(|error| Fault::json(&error))?;
        document.check().map_err(Fault::Value)?;
        Ok(document)
    }

    /// Reads a document from its file.
    fn read(path: &Path) -> Result<Self, InputError> {
        let bytes = read_file(path, Self::MAX_BYTES)?;
        Self::from_json(&bytes).map_err(|fault| InputError::new(path, fault))
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// Reads a regular file of at most `max` bytes.
pub fn read_file(path: &Path, max: u64) -> Result<Vec<u8>, InputError> {
    let at = |fault| InputError::new(path, fault);
    let found = file_size(path)?;
    if found > max {
        return Err(at(Fault::TooLarge { found, max }));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| at(Fault::Io(error)))?;
    // The file may have grown since.
    file.take(max + 1).read_to_end(&mut bytes).map_err(|error| at(Fault::Io(error)))?;
    let found = bytes.len() as u64;
    if found > max { Err(at(Fault::TooLarge { found, max })) } else { Ok(bytes) }
}

/// The most bytes of a file that is no document: setups, keys and proofs all have fewer.
pub const MAX_BINARY_BYTES: u64 = 1 << 20;

/// The SHA-256 of a regular file of at most `max` bytes, which is read piece by piece.
pub fn digest_file(path: &Path, max: u64) -> Result<Word, InputError> {
    let at = |fault| InputError::new(path, fault);
    let found = file_size(path)?;
    if found > max {
        return Err(at(Fault::TooLarge { found, max }));
    }
    let file = File::open(path).map_err(|error| at(Fault::Io(error)))?;
    // The file may have grown since.
    let mut file = file.take(max + 1);
    let (mut hash, mut piece, mut found) = (Sha256::new(), [0; 1 << 14], 0);
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => {
                hash.update(&piece[..read]);
                found += read as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(at(Fault::Io(error))),
        }
    }
    if found > max { Err(at(Fault::TooLarge { found, max })) } else { Ok(Word(hash.finalize().into())) }
}

/// Reads a file whose size must be exact.
pub fn read_exact(path: &Path, expected: u64) -> Result<Vec<u8>, InputError> {
    let length = |found| InputError::new(path, Fault::Length { found, expected });
    let found = file_size(path)?;
    if found != expected {
        return Err(length(found));
    }
    let bytes = read_file(path, expected)?;
    if bytes.len() as u64 == expected { Ok(bytes) } else { Err(length(bytes.len() as u64)) }
}

/// The size of a regular file; pipes, devices and directories are refused before they are opened.
fn file_size(path: &Path) -> Result<u64, InputError> {
    let meta = fs::metadata(path).map_err(|error| InputError::new(path, Fault::Io(error)))?;
    if meta.is_file() { Ok(meta.len()) } else { Err(InputError::new(path, Fault::NotAFile)) }
}

#[cfg(test)]
mod tests;
