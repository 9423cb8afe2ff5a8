//! Why a check fails.

use apportion_circuits::{
    column::OPENING_BUDGET,
    types::{LIFETIME_POOL_BOUND, TOTAL_SCORE_BITS, Word},
};

use crate::{CheckId, SegmentId, policy::PolicyError};

/// Why one of the checks of this module fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// V1.canonical.
    #[error("the {what} is not below the modulus: {value}")]
    Canonical {
        /// What was read.
        what: &'static str,
        /// Its value.
        value: Word,
    },
    /// V1.records.
    #[error("{records} records in a segment of {accounts} accounts")]
    Records {
        /// As stated.
        records: u32,
        /// What the segment holds.
        accounts: usize,
    },
    /// V1.total.
    #[error("total score {0} is not in 1 .. 2^{TOTAL_SCORE_BITS} - 1")]
    Total(u128),
    /// V2.model.
    #[error("model id {found}, but chain, contract, developer and name give {expected}")]
    Model {
        /// Derived.
        expected: Word,
        /// Given.
        found: Word,
    },
    /// V2.dataset.
    #[error("dataset id {found}, but its origin gives {expected}")]
    Dataset {
        /// Derived.
        expected: Word,
        /// Given.
        found: Word,
    },
    /// V3.order.
    #[error("epoch {found} follows epoch {last}")]
    Order {
        /// The last epoch.
        last: u32,
        /// The one given.
        found: u32,
    },
    /// V3.once.
    #[error("{id} {fault}")]
    Once {
        /// The segment.
        id: SegmentId,
        /// Listed twice, not enrolled, retired.
        fault: &'static str,
    },
    /// V3.revision.
    #[error(
        "{id} cannot move under revision {revision}: it is unknown, has no record there, or is older than its last"
    )]
    Revision {
        /// The segment.
        id: SegmentId,
        /// As posted.
        revision: u32,
    },
    /// V3.proven.
    #[error("{id} has no proven payee column of revision {revision}: `dataset prove` makes it")]
    NotProven {
        /// The segment.
        id: SegmentId,
        /// As posted.
        revision: u32,
    },
    /// V3.old, V3.new, V3.score, V3.payee.
    #[error("the proof's {} column is {found}, not {expected}", link_name(*.id))]
    Link {
        /// Which link.
        id: CheckId,
        /// What it must equal, in hex.
        expected: String,
        /// What stands in the proof, in hex.
        found: String,
    },
    /// V4.posted: a segment whose scores sum to 0 does not move and is not listed.
    #[error("{id} is listed with a score sum of 0")]
    ZeroSum {
        /// The segment.
        id: SegmentId,
    },
    /// V4.posted: the root is not that of the list.
    #[error("the posted root is {found}, the listed segments give {expected}")]
    PostedRoot {
        /// Computed.
        expected: Word,
        /// As posted.
        found: Word,
    },
    /// V4.moved.
    #[error("{id} {fault}")]
    Moved {
        /// The segment.
        id: SegmentId,
        /// Does not move, or moves without scores.
        fault: &'static str,
    },
    /// V5.score.
    #[error("segment scores sum to {found}, the total score is {expected}")]
    ScoreSum {
        /// The total score.
        expected: u128,
        /// The sum.
        found: String,
    },
    /// V5.paid.
    #[error("segments paid {found} in all, the pool is {pool}")]
    PaidSum {
        /// The pool.
        pool: u128,
        /// The sum.
        found: String,
    },
    /// V5.dust.
    #[error("{dust} is left of the pool, which is not below the number of records that take part, {records}")]
    Dust {
        /// What is left.
        dust: u128,
        /// Records of the segments that move.
        records: u128,
    },
    /// V6.policy.
    #[error("{0}")]
    Policy(PolicyError),
    /// V6.version.
    #[error("epoch {epoch} is split by policy {found}, in force is policy {expected}")]
    Version {
        /// The epoch.
        epoch: u32,
        /// By the announcements.
        expected: u32,
        /// As stated.
        found: u32,
    },
    /// V6.carried.
    #[error("{found} is carried in, the epoch before left {expected}")]
    Carried {
        /// Left by the epoch before.
        expected: u128,
        /// As given.
        found: u128,
    },
    /// V6.shares.
    #[error("{0}")]
    Shares(String),
    /// V6.pool.
    #[error("the pool is {found}, revenue, policy and carry give {expected}")]
    Pool {
        /// Computed.
        expected: u128,
        /// As given.
        found: u128,
    },
    /// V7.lifetime.
    #[error("what enters the pools in the model's life sums to {0}, the bound is {LIFETIME_POOL_BOUND}")]
    Lifetime(String),
    /// V8.openings.
    #[error("column {column} would be opened {openings} times, {} are allowed", OPENING_BUDGET)]
    Openings {
        /// The column's commitment, in hex.
        column: String,
        /// How often with this proof.
        openings: usize,
    },
    /// dataset.roots.
    #[error("{found} roots where {records} records take {expected}")]
    Roots {
        /// Records of the revision.
        records: u64,
        /// Segments that they take.
        expected: usize,
        /// As listed.
        found: usize,
    },
    /// dataset.count.
    #[error(
        "the path of slot {slot} does not lead to the root of segment {segment}: the slots from there on are not empty"
    )]
    Count {
        /// The last segment.
        segment: u32,
        /// The first slot that must be empty.
        slot: usize,
    },
    /// dataset.extension.
    #[error("{0}")]
    Extension(String),
    /// dataset.records.
    #[error("{0}")]
    DatasetRecords(String),
    /// receipt.index.
    #[error("slot {index} holds no account, a segment has {accounts}")]
    ReceiptIndex {
        /// As stated.
        index: u32,
        /// Accounts of the segment.
        accounts: usize,
    },
    /// receipt.payee.
    #[error("slot {index} belongs to the zero address: nobody can be paid there")]
    ReceiptPayee {
        /// The slot.
        index: u32,
    },
}

fn link_name(id: CheckId) -> &'static str {
    match id {
        CheckId::V3Old => "Old",
        CheckId::V3New => "New",
        CheckId::V3Score => "Score",
        CheckId::V3Payee => "A (payees)",
        _ => "linked",
    }
}

impl Violation {
    /// The check that failed.
    pub fn id(&self) -> CheckId {
        match self {
            Violation::Canonical { .. } => CheckId::V1Canonical,
            Violation::Records { .. } => CheckId::V1Records,
            Violation::Total(_) => CheckId::V1Total,
            Violation::Model { .. } => CheckId::V2Model,
            Violation::Dataset { .. } => CheckId::V2Dataset,
            Violation::Order { .. } => CheckId::V3Order,
            Violation::Once { .. } => CheckId::V3Once,
            Violation::Revision { .. } => CheckId::V3Revision,
            Violation::NotProven { .. } => CheckId::V3Proven,
            Violation::Link { id, .. } => *id,
            Violation::ZeroSum { .. } | Violation::PostedRoot { .. } => CheckId::V4Posted,
            Violation::Moved { .. } => CheckId::V4Moved,
            Violation::ScoreSum { .. } => CheckId::V5Score,
            Violation::PaidSum { .. } => CheckId::V5Paid,
            Violation::Dust { .. } => CheckId::V5Dust,
            Violation::Policy(_) => CheckId::V6Policy,
            Violation::Version { .. } => CheckId::V6Version,
            Violation::Carried { .. } => CheckId::V6Carried,
            Violation::Shares(_) => CheckId::V6Shares,
            Violation::Pool { .. } => CheckId::V6Pool,
            Violation::Lifetime(_) => CheckId::V7Lifetime,
            Violation::Openings { .. } => CheckId::V8Openings,
            Violation::Roots { .. } => CheckId::DatasetRoots,
            Violation::Count { .. } => CheckId::DatasetCount,
            Violation::Extension(_) => CheckId::DatasetExtension,
            Violation::DatasetRecords(_) => CheckId::DatasetRecords,
            Violation::ReceiptIndex { .. } => CheckId::ReceiptIndex,
            Violation::ReceiptPayee { .. } => CheckId::ReceiptPayee,
        }
    }
}
