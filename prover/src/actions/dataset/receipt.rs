//! `dataset receipt`: a record's path to the registered root.

use std::{fs::File, io, path::Path};

use apportion_circuits::{
    tree::{record_tree, segment_of},
    types::{ContentDigest, Word},
};
use apportion_statement::files::{FORMAT_VERSION, RecordReceiptDoc};
use sha2::{Digest, Sha256};

use super::check_suite;
use crate::{dataset_dir::OwnDataset, error::Error, ledger::LedgerError, setup::ProverSuite};

/// Which record is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// By its number, from 0.
    Record(usize),
    /// By the digest of its content.
    Content(ContentDigest),
}

/// The digest of a contribution: SHA-256 of the file, of any size.
///
/// # Errors
/// If the file cannot be read.
pub fn content_digest(path: &Path) -> Result<ContentDigest, Error> {
    let io = |source| LedgerError::io("read", path, source);
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path).map_err(io)?, &mut hash).map_err(io)?;
    Ok(ContentDigest(hash.finalize().into()))
}

/// A record and its path to the root of its segment in the newest revision.
///
/// # Errors
/// If there is no such record, several have the content, or the records are not those of the root.
pub fn receipt<S: ProverSuite>(dataset: &OwnDataset, wanted: Wanted) -> Result<RecordReceiptDoc, Error> {
    check_suite::<S>(dataset)?;
    let (records, doc, newest) = (dataset.records()?, &dataset.bundle.doc, dataset.bundle.newest());
    let number = match wanted {
        Wanted::Record(number) if number < records.len() => number,
        Wanted::Record(number) => {
            let count = records.len();
            return Err(Error::usage(format!(
                "there is no record {number}: the dataset holds {count}, numbered from 0"
            )));
        }
        Wanted::Content(content) => {
            let found: Vec<_> =
                (0..records.len()).filter(|i| records[*i].content == content).take(11).collect();
            match found.as_slice() {
                [number] => *number,
                [] => {
                    return Err(Error::usage(format!("no record of the dataset has the content {content}")));
                }
                several => {
                    let list: Vec<_> = several.iter().map(ToString::to_string).collect();
                    let list = list.join(", ");
                    return Err(Error::usage(format!(
                        "several records have the content {content} ({list}): name one with --record"
                    )));
                }
            }
        }
    };
    let accounts = doc.tier.accounts();
    let (segment, index) = (number / accounts, number % accounts);
    let tree = record_tree::<S::F>(doc.tier, segment_of(doc.tier, &records, segment));
    let root = newest.roots.get(segment).copied();
    let path =
        tree.filter(|tree| Some(Word::from_field(&tree.root())) == root).and_then(|tree| tree.path(index));
    let (Some(path), Some(root), Some(record)) = (path, root, records.get(number)) else {
        return Err(Error::Claim(format!("the records of segment {segment} do not have its root")));
    };
    Ok(RecordReceiptDoc {
        version: FORMAT_VERSION,
        suite: doc.suite,
        chain_id: doc.chain_id,
        registry: doc.registry,
        dataset: doc.dataset_id,
        tier: doc.tier,
        revision: newest.revision,
        segment: segment as u32,
        index: index as u32,
        payee: record.payee,
        content: record.content,
        siblings: path.iter().map(|level| level.map(|sibling| Word::from_field(&sibling))).collect(),
        root,
    })
}
