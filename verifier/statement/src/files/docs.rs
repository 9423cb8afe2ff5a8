//! The JSON documents. `version` is always 1.

use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Tier, Word},
};
use serde::{Deserialize, Serialize};

use super::{Amount, Document, FileRef};
use crate::Commitment;
use crate::policy::{Policy, Share};
use crate::{Binding, Relation};

const MIB: u64 = 1 << 20;

/// `ledger.json`: what a ledger is, fixed when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// Slots of every segment.
    pub tier: Tier,
    /// The model's name.
    pub model: String,
    /// `statement::model_id`; of a ledger that is bound to a contract, the id that the contract gave.
    pub model_id: Word,
    /// The chain, 0 where the ledger is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 where the ledger is bound to none.
    pub contract: Payee,
    /// How revenue is split.
    pub policy: Policy,
    /// The proof system's setup.
    pub setup: SetupDoc,
    /// One verifying key per relation.
    pub keys: Vec<KeyEntry>,
}

impl LedgerDoc {
    /// What binds the ledger's proofs to it.
    pub fn binding(&self) -> Binding {
        Binding { chain_id: self.chain_id, ledger: self.contract, model: self.model_id }
    }

    /// The verifying key of a relation.
    pub fn key(&self, relation: Relation) -> Option<&KeyEntry> {
        self.keys.iter().find(|key| key.relation == relation)
    }
}

/// The setup of a ledger's proof system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupDoc {
    /// A ceremony's label, `hash_to_curve` on pasta.
    pub provenance: String,
    /// SHA-256 of the verifier's parameters (`keys/setup.bin`); on pasta absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Word>,
    /// Whether the setup's secret is public: such proofs prove nothing.
    pub insecure: bool,
}

/// A verifying key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// The relation.
    pub relation: Relation,
    /// The tier.
    pub tier: Tier,
    /// `Layout::digest` of the table.
    pub table_digest: Word,
    /// `Suite::key_digest`.
    pub key_digest: Word,
    /// `Suite::proof_bytes`.
    pub proof_bytes: u32,
}

/// `dataset.json`: a dataset's record roots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetDoc {
    /// Format version.
    pub version: u32,
    /// The proof system, whose field the roots are in.
    pub suite: SuiteId,
    /// Slots of every segment.
    pub tier: Tier,
    /// Number of records.
    pub records: u64,
    /// One root per segment.
    pub roots: Vec<Word>,
}

/// `enrolment.json`: a dataset's payee columns and their proofs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The model.
    pub model_id: Word,
    /// The dataset's number in the ledger, from 0.
    pub dataset: u32,
    /// `statement::dataset_id`; in a ledger that is bound to a contract, the id that its registry gave.
    pub dataset_id: Word,
    /// 0 for the enrolment itself, then 1, 2, .. for renewals of the payee columns.
    pub renewal: u32,
    /// The epoch that was next when this was made. A dataset takes part from its enrolment's on.
    pub first_epoch: u32,
    /// One entry per segment, in order.
    pub segments: Vec<EnrolledSegment>,
}

/// One segment of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolledSegment {
    /// Commitment to the payee column.
    pub payee_column: Commitment,
    /// The proof.
    pub proof: FileRef,
}

/// `scores.json`: what the attributor posts before the epoch's revenue is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoresDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The model.
    pub model_id: Word,
    /// The epoch.
    pub epoch: u32,
    /// The sum of all scores.
    pub total_score: Amount,
    /// One entry per segment of the ledger.
    pub segments: Vec<ScoredSegment>,
}

/// One segment's score commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoredSegment {
    /// The dataset's number.
    pub dataset: u32,
    /// The segment.
    pub segment: u32,
    /// Commitment to the score column.
    pub commitment: Commitment,
}

/// `epoch.json`: one epoch's money and proofs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The model.
    pub model_id: Word,
    /// The epoch, from 1.
    pub epoch: u32,
    /// The epoch's revenue, in the token's base units.
    pub revenue: Amount,
    /// What the epoch before left.
    pub carried: Amount,
    /// The beneficiaries' shares, in the policy's order.
    pub shares: Vec<Share>,
    /// The contributors' pool.
    pub pool: Amount,
    /// The sum of all scores.
    pub total_score: Amount,
    /// True where `total_score` is 0 or the epoch was given up: the whole pool is carried, and there is no proof.
    pub carried_only: bool,
    /// True where the contract gave the epoch up after its deadline, scores or not. Only in a ledger that is bound to
    /// a contract.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub abandoned: bool,
    /// The attributor's `scores.json`. Only a carried epoch can be without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<FileRef>,
    /// One entry per segment that takes part; none in a carried epoch.
    pub segments: Vec<EpochSegment>,
}

/// One segment's move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochSegment {
    /// The dataset's number.
    pub dataset: u32,
    /// The segment.
    pub segment: u32,
    /// Whether this is the segment's first settled epoch.
    pub genesis: bool,
    /// Commitment to the scores, as posted.
    pub score_column: Commitment,
    /// Commitment to the new balances.
    pub balance_column: Commitment,
    /// Sum of the segment's scores.
    pub segment_score: Amount,
    /// Sum of the segment's payouts.
    pub segment_paid: Amount,
    /// The proof.
    pub proof: FileRef,
}

/// `publication.json`: account roots of an epoch's balances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The model.
    pub model_id: Word,
    /// The publication's number, from 1.
    pub publication: u32,
    /// The epoch in which the published balances were settled.
    pub epoch: u32,
    /// Segments, each at most once.
    pub segments: Vec<PublishedSegment>,
}

/// One segment's account root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedSegment {
    /// The dataset's number.
    pub dataset: u32,
    /// The segment.
    pub segment: u32,
    /// Which enrolment the payee column is of: 0, or the number of a renewal.
    pub renewal: u32,
    /// The account root.
    pub root: Word,
    /// The list of account leaves.
    pub leaves: FileRef,
    /// The proof.
    pub proof: FileRef,
}

/// `<dataset>-<segment>.leaves.json`: the account leaves of a published segment, from which anyone can rebuild
/// a path. The two reserved leaves are 0 and are not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeavesDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// Slots of the segment.
    pub tier: Tier,
    /// The dataset's number.
    pub dataset: u32,
    /// The segment.
    pub segment: u32,
    /// `C - 2` leaves.
    pub leaves: Vec<Word>,
}

/// `receipt.json`: what a contributor needs to check and to claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptDoc {
    /// Format version.
    pub version: u32,
    /// The proof system.
    pub suite: SuiteId,
    /// The chain, 0 where the ledger is bound to none.
    pub chain_id: u64,
    /// The ledger contract, 0 where the ledger is bound to none.
    pub contract: Payee,
    /// The model's id.
    pub model: Word,
    /// The dataset's id.
    pub dataset: Word,
    /// The segment.
    pub segment: u32,
    /// The account's slot.
    pub index: u32,
    /// The epoch in which the published balance was settled.
    pub epoch: u32,
    /// Who is paid.
    pub payee: Payee,
    /// Everything that the account has earned.
    pub cumulative: Amount,
    /// The leaf's salt.
    pub salt: Word,
    /// The path: the three siblings of each level in order, leaf level first.
    pub siblings: Vec<[Word; 3]>,
    /// The account root.
    pub root: Word,
}

macro_rules! documents {
    ($($doc:ident, $name:literal, $max:expr, $schema:literal;)+) => {
        $(impl Document for $doc {
            const NAME: &'static str = $name;
            const MAX_BYTES: u64 = $max;
            const SCHEMA: &'static str = include_str!(concat!("../../schemas/", $schema));

            fn check(&self) -> Result<(), String> {
                super::fit::Fit::fit(self)
            }
        })+
    };
}

documents! {
    LedgerDoc, "ledger.json", MIB, "ledger.schema.json";
    DatasetDoc, "dataset.json", 16 * MIB, "dataset.schema.json";
    EnrolmentDoc, "enrolment.json", 64 * MIB, "enrolment.schema.json";
    ScoresDoc, "scores.json", 64 * MIB, "scores.schema.json";
    EpochDoc, "epoch.json", 128 * MIB, "epoch.schema.json";
    PublicationDoc, "publication.json", 128 * MIB, "publication.schema.json";
    LeavesDoc, "leaves.json", 2 * MIB, "leaves.schema.json";
    ReceiptDoc, "receipt.json", MIB / 16, "receipt.schema.json";
}
