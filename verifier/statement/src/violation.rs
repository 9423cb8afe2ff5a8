//! Why a check fails.

use apportion_circuits::types::{LIFETIME_POOL_BOUND, TOTAL_SCORE_BITS, Word};

use super::{CheckId, links::BUDGET};

/// Why one of the checks of this module fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// V1.count.
    #[error("{found} public inputs where {expected} are expected")]
    Count {
        /// What the relation has.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// V1.canonical.
    #[error("public input {index} is not below the modulus: {value}")]
    Canonical {
        /// Its place in the list.
        index: usize,
        /// What was given.
        value: Word,
    },
    /// V1.length.
    #[error("the proof has {found} bytes where {expected} are expected")]
    Length {
        /// What the table's proofs have.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// V1.total.
    #[error("total score {0} is not in 1 .. 2^{TOTAL_SCORE_BITS} - 1")]
    Total(u128),
    /// V2.model.
    #[error("model id {found}, but chain, contract and name give {expected}")]
    Model {
        /// Derived.
        expected: Word,
        /// Given.
        found: Word,
    },
    /// V2.dataset.
    #[error("dataset id {found}, but tier, records and roots give {expected}")]
    Dataset {
        /// Derived.
        expected: Word,
        /// Given.
        found: Word,
    },
    /// V2.context.
    #[error("context {found}, but the ledger, epoch and segment give {expected}")]
    Context {
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
    #[error("dataset {dataset} segment {segment} {fault}")]
    Once {
        /// The dataset.
        dataset: u32,
        /// The segment.
        segment: u32,
        /// Moves twice, does not move, is not enrolled.
        fault: &'static str,
    },
    /// V3.genesis.
    #[error("genesis is {found} where {expected} is due")]
    Genesis {
        /// By history.
        expected: bool,
        /// As given.
        found: bool,
    },
    /// V3.old, V3.new, V3.score, V3.payee, V3.balance.
    #[error("the proof's {} column is {found}, not {expected}", link_name(*.id))]
    Link {
        /// Which link.
        id: CheckId,
        /// What it must equal, in hex.
        expected: String,
        /// What stands in the proof, in hex.
        found: String,
    },
    /// V4.posted.
    #[error("the epoch uses score commitment {found}, posted was {expected}")]
    Posted {
        /// Posted by the attributor, in hex.
        expected: String,
        /// Used by the epoch, in hex.
        found: String,
    },
    /// V4.total.
    #[error("the epoch uses total score {found}, posted was {expected}")]
    PostedTotal {
        /// Posted by the attributor.
        expected: u128,
        /// Used by the epoch.
        found: u128,
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
    #[error("{dust} is left of the pool, which is not below the number of accounts, {accounts}")]
    Dust {
        /// What is left.
        dust: u128,
        /// Accounts of the ledger.
        accounts: u128,
    },
    /// V6.policy.
    #[error("{0}")]
    Policy(crate::policy::PolicyError),
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
    #[error("column {column} would be opened {openings} times, {} are allowed", BUDGET)]
    Openings {
        /// The column's commitment, in hex.
        column: String,
        /// How often with this proof.
        openings: usize,
    },
}

fn link_name(id: CheckId) -> &'static str {
    match id {
        CheckId::V3Old => "Old",
        CheckId::V3New => "New",
        CheckId::V3Score => "Score",
        CheckId::V3Payee => "A (payees)",
        CheckId::V3Balance => "B (balances)",
        _ => "linked",
    }
}

impl Violation {
    /// The check that failed.
    pub fn id(&self) -> CheckId {
        match self {
            Violation::Count { .. } => CheckId::V1Count,
            Violation::Canonical { .. } => CheckId::V1Canonical,
            Violation::Length { .. } => CheckId::V1Length,
            Violation::Total(_) => CheckId::V1Total,
            Violation::Model { .. } => CheckId::V2Model,
            Violation::Dataset { .. } => CheckId::V2Dataset,
            Violation::Context { .. } => CheckId::V2Context,
            Violation::Order { .. } => CheckId::V3Order,
            Violation::Once { .. } => CheckId::V3Once,
            Violation::Genesis { .. } => CheckId::V3Genesis,
            Violation::Link { id, .. } => *id,
            Violation::Posted { .. } => CheckId::V4Posted,
            Violation::PostedTotal { .. } => CheckId::V4Total,
            Violation::ScoreSum { .. } => CheckId::V5Score,
            Violation::PaidSum { .. } => CheckId::V5Paid,
            Violation::Dust { .. } => CheckId::V5Dust,
            Violation::Policy(_) => CheckId::V6Policy,
            Violation::Carried { .. } => CheckId::V6Carried,
            Violation::Shares(_) => CheckId::V6Shares,
            Violation::Pool { .. } => CheckId::V6Pool,
            Violation::Lifetime(_) => CheckId::V7Lifetime,
            Violation::Openings { .. } => CheckId::V8Openings,
        }
    }
}
