//! What a dataset is: `dataset.json`, its revisions, its proven columns, and a record's path.

use apportion_circuits::{
    field::SuiteId,
    types::{ContentDigest, Payee, Tier, Word},
};
use serde::{Deserialize, Serialize};

use super::SetupDoc;
use crate::{Commitment, EnrollContext, context::DatasetOrigin, files::FileRef, text::is_printable};

/// The longest uri of a dataset, in bytes.
pub const MAX_URI_BYTES: usize = 512;

/// `dataset.json`: what a dataset is, fixed when it is committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetDoc {
    /// Format version.
    pub version: u32,
    /// The proof system, whose field the roots are in.
    pub suite: SuiteId,
    /// Slots of every segment.
    pub tier: Tier,
    /// The chain, 0 where the dataset is registered on none.
    pub chain_id: u64,
    /// The registry contract, 0 where the dataset is registered on no chain.
    pub registry: Payee,
    /// Who registers it, 0 where the dataset is registered on no chain.
    pub owner: Payee,
    /// Where a description can be found.
    pub uri: String,
    /// The dataset's id: its place, owner and uri and its first revision determine it.
    pub dataset_id: Word,
    /// The proof system's setup.
    pub setup: SetupDoc,
}

impl DatasetDoc {
    /// What the id is made of; the numbers are those of revision 0.
    pub fn origin<'a>(&'a self, first: &'a RevisionDoc) -> DatasetOrigin<'a> {
        DatasetOrigin {
            chain_id: self.chain_id,
            registry: self.registry,
            owner: self.owner,
            uri: &self.uri,
            tier: self.tier,
            records: first.records,
            roots: &first.roots,
        }
    }

    /// The place of an enrolment proof.
    pub fn context(&self, segment: u32, revision: u32) -> EnrollContext {
        EnrollContext {
            chain_id: self.chain_id,
            registry: self.registry,
            dataset: self.dataset_id,
            segment,
            revision,
        }
    }
}

impl DatasetDoc {
    pub(super) fn fit(&self) -> Result<(), String> {
        if self.uri.len() > MAX_URI_BYTES || !self.uri.chars().all(is_printable) {
            return Err(format!("the uri is not printable or longer than {MAX_URI_BYTES} bytes"));
        }
        if self.registry.is_zero() != self.owner.is_zero() {
            return Err("registry and owner go together: a registered dataset has both".into());
        }
        self.setup.fit()
    }
}

/// `revisions/<000000>/revision.json`: one state of a dataset. Revision 0 is the dataset as committed, each later one
/// extends the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevisionDoc {
    /// Format version.
    pub version: u32,
    /// The dataset.
    pub dataset_id: Word,
    /// The revision's number, from 0.
    pub revision: u32,
    /// Number of records.
    pub records: u64,
    /// One root per segment.
    pub roots: Vec<Word>,
    /// The left siblings of the first empty slot of the last segment, leaf level first: from there on all is empty.
    pub count: Vec<Word>,
    /// How it extends the revision before; absent in revision 0, and where the old last segment was full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<ExtensionDoc>,
}

impl RevisionDoc {
    pub(super) fn fit(&self) -> Result<(), String> {
        if self.revision == 0 && self.extension.is_some() {
            return Err("revision 0 extends nothing".into());
        }
        Ok(())
    }
}

/// The path of the old revision's first empty slot, in the root before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionDoc {
    /// The left siblings of every level, leaf level first: they cover the records that stay.
    pub left: Vec<Word>,
    /// The leaf that stands in the slot now.
    pub leaf: Word,
    /// The right siblings of every level, leaf level first, as they are now.
    pub right: Vec<Word>,
}

/// `revisions/<000000>/columns.json`: the payee columns of the segments whose roots the revision changed, proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnsDoc {
    /// Format version.
    pub version: u32,
    /// The dataset.
    pub dataset_id: Word,
    /// The revision.
    pub revision: u32,
    /// One entry per segment whose root changed, in order.
    pub columns: Vec<ProvenColumn>,
}

/// One segment's payee column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenColumn {
    /// The segment.
    pub segment: u32,
    /// Commitment to the payee column.
    pub payee_column: Commitment,
    /// The proof.
    pub proof: FileRef,
}

/// `record.json`: a record's path to the registered root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordReceiptDoc {
    /// Format version.
    pub version: u32,
    /// The proof system, whose field the root is in.
    pub suite: SuiteId,
    /// The chain, 0 where the dataset is registered on none.
    pub chain_id: u64,
    /// The registry contract, 0 where the dataset is registered on no chain.
    pub registry: Payee,
    /// The dataset's id.
    pub dataset: Word,
    /// Slots of its segments.
    pub tier: Tier,
    /// The revision whose root is shown.
    pub revision: u32,
    /// The segment.
    pub segment: u32,
    /// The record's slot.
    pub index: u32,
    /// Who is paid for the record.
    pub payee: Payee,
    /// The digest of its content.
    pub content: ContentDigest,
    /// The path: the three siblings of each level in order, leaf level first.
    pub siblings: Vec<[Word; 3]>,
    /// The segment's root.
    pub root: Word,
}
