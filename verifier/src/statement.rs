//! What is checked outside the proofs, V1 to V8 of docs/statement.md: one list, one code path.
//!
//! Whoever proves builds public inputs, links and sums with these functions, and so does whoever audits. Each
//! check has an id, a typed [`Violation`] and a test that fails for that check alone. The contract makes the same
//! checks from its own storage.

mod context;
mod inputs;
mod links;
mod sums;

use std::fmt;

use apportion_circuits::types::{LIFETIME_POOL_BOUND, TOTAL_SCORE_BITS, Word};

pub use self::{
    context::{Binding, Context, check_dataset, check_model, dataset_id, keccak256, model_id},
    inputs::{
        SPLIT_LINKS, SplitInputs, SplitLink, TREE_LINKS, TreeLink, check_context, check_proof_length,
        check_total, decode_inputs, enroll_inputs, publish_inputs, split_inputs,
    },
    links::{History, OpeningBudget, check_link, check_posted, check_posted_total},
    sums::{EpochSums, Lifetime, check_sums},
};

/// One of the two relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Merkle roots over linked columns: enrolment and publication.
    Tree,
    /// One payout epoch.
    Split,
}

impl Relation {
    /// Both relations.
    pub const ALL: [Relation; 2] = [Relation::Tree, Relation::Split];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Relation::Tree => "tree",
            Relation::Split => "split",
        }
    }

    /// The number of public inputs (V1).
    pub const fn public_inputs(self) -> usize {
        match self {
            Relation::Tree => 3,
            Relation::Split => 6,
        }
    }
}

/// What a proof is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// Tree: a dataset's record root, and the segment's payee column.
    Enroll,
    /// Split: one epoch of one segment.
    Split,
    /// Tree: an account root over the payee column and the current balance column.
    Publish,
}

impl Use {
    /// All uses.
    pub const ALL: [Use; 3] = [Use::Enroll, Use::Split, Use::Publish];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Use::Enroll => "enroll",
            Use::Split => "split",
            Use::Publish => "publish",
        }
    }

    /// The relation that is proven.
    pub const fn relation(self) -> Relation {
        match self {
            Use::Enroll | Use::Publish => Relation::Tree,
            Use::Split => Relation::Split,
        }
    }

    /// The string whose Keccak-256 is the use's domain (V2).
    pub const fn domain(self) -> &'static str {
        match self {
            Use::Enroll => "apportion.enroll.v1",
            Use::Split => "apportion.split.v1",
            Use::Publish => "apportion.publish.v1",
        }
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! check_ids {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// The name of a check. The names are part of the auditor's output: add, never rename.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum CheckId {
            $($(#[$doc])* $variant,)+
        }

        impl CheckId {
            /// Every check, in the order of the statement.
            pub const ALL: &'static [CheckId] = &[$(CheckId::$variant,)+];

            /// The id as printed.
            pub const fn name(self) -> &'static str {
                match self {
                    $(CheckId::$variant => $name,)+
                }
            }
        }
    };
}

check_ids! {
    /// The number of public inputs is exact.
    V1Count = "V1.count",
    /// Every public input is below the modulus.
    V1Canonical = "V1.canonical",
    /// The length of a proof is exact.
    V1Length = "V1.length",
    /// The total score of a settled epoch is positive and below its bound.
    V1Total = "V1.total",
    /// The model id follows from chain, contract and name.
    V2Model = "V2.model",
    /// The dataset id follows from tier, record count and roots.
    V2Dataset = "V2.dataset",
    /// The public input `context` is the one derived.
    V2Context = "V2.context",
    /// Epochs follow one another without a gap.
    V3Order = "V3.order",
    /// Every segment moves exactly once per epoch.
    V3Once = "V3.once",
    /// `genesis` is 1 in a segment's first settled epoch, else 0.
    V3Genesis = "V3.genesis",
    /// Old of this epoch is New of the last settled one.
    V3Old = "V3.old",
    /// New is the balance column that the epoch's header names.
    V3New = "V3.new",
    /// Score is the attributor's commitment.
    V3Score = "V3.score",
    /// A is the segment's payee column.
    V3Payee = "V3.payee",
    /// B is the segment's current balance column.
    V3Balance = "V3.balance",
    /// The epoch's score commitments are those posted.
    V4Posted = "V4.posted",
    /// The epoch's total score is the one posted.
    V4Total = "V4.total",
    /// Segment scores sum to the total score.
    V5Score = "V5.score",
    /// What segments paid sums to no more than the pool.
    V5Paid = "V5.paid",
    /// What is left is smaller than the number of accounts.
    V5Dust = "V5.dust",
    /// The policy is well-formed.
    V6Policy = "V6.policy",
    /// What is carried in is what the epoch before left.
    V6Carried = "V6.carried",
    /// Every beneficiary's share follows from revenue and policy.
    V6Shares = "V6.shares",
    /// The contributors' pool is the rest, plus what was carried.
    V6Pool = "V6.pool",
    /// The pools of the model's life stay below their bound.
    V7Lifetime = "V7.lifetime",
    /// No linked column is opened more often than its mask allows.
    V8Openings = "V8.openings",
    /// An enrolment proof verifies.
    ProofEnroll = "proof.enroll",
    /// A Split proof verifies.
    ProofSplit = "proof.split",
    /// A publication proof verifies.
    ProofPublish = "proof.publish",
    /// A proof or list of leaves is the file that its header names.
    FileDigest = "file.digest",
    /// One root per segment of the dataset.
    DatasetRoots = "dataset.roots",
    /// A published root is the root of the published leaves.
    PublicationLeaves = "publication.leaves",
    /// A receipt names an account, not a reserved slot.
    ReceiptIndex = "receipt.index",
    /// A receipt's path has one level per level of the tree.
    ReceiptDepth = "receipt.depth",
    /// A receipt's field elements are canonical.
    ReceiptCanonical = "receipt.canonical",
    /// A receipt's leaf and path lead to its root.
    ReceiptPath = "receipt.path",
    /// A receipt's chain, contract, model and dataset are the ledger's.
    ReceiptLedger = "receipt.ledger",
    /// A receipt's root has been published and proven.
    ReceiptRoot = "receipt.root",
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Use {
    /// The check that a proof of this use verifies.
    pub const fn proof_check(self) -> CheckId {
        match self {
            Use::Enroll => CheckId::ProofEnroll,
            Use::Split => CheckId::ProofSplit,
            Use::Publish => CheckId::ProofPublish,
        }
    }
}

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
    #[error("the pools of the model's life sum to {0}, the bound is {LIFETIME_POOL_BOUND}")]
    Lifetime(String),
    /// V8.openings.
    #[error("column {column} would be opened {openings} times, {} are allowed", links::BUDGET)]
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
