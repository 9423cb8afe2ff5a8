//! What is checked outside the proofs, V1 to V8 of docs/statement.md: one list, one code path.
//!
//! Whoever proves builds public inputs, links and sums with these functions, and so does whoever audits. Each
//! check has an id, a typed [`Violation`] and a test that fails for that check alone. The contract makes the same
//! checks from its own storage.

mod context;
pub mod files;
mod inputs;
mod links;
pub mod policy;
mod sums;
mod violation;

use std::fmt;

pub use apportion_circuits::Commitment;

pub use self::{
    context::{Binding, Context, check_dataset, check_model, dataset_id, keccak256, model_id},
    inputs::{
        SPLIT_LINKS, SplitInputs, SplitLink, TREE_LINKS, TreeLink, check_context, check_proof_length,
        check_total, decode_inputs, enroll_inputs, publish_inputs, split_inputs,
    },
    links::{History, OpeningBudget, check_link, check_posted, check_posted_total},
    sums::{EpochSums, Lifetime, check_sums},
    violation::Violation,
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
    /// What enters the pools in the model's life stays below its bound.
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
