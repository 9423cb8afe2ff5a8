//! An epoch: what the attributor posts, what the developer states.

use apportion_circuits::{field::SuiteId, types::Word};
use serde::{Deserialize, Serialize};

use crate::{
    Commitment, SegmentId, Violation,
    files::{Amount, FileRef},
    history::Posted,
    policy::Share,
    scores::{ScoreLeaf, ScoreTree},
};

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
    /// The Keccak-256 root over `segments`.
    pub root: Word,
    /// The segments with a positive score sum, by dataset and segment. All others have score 0.
    pub segments: Vec<ScoredSegment>,
}

impl ScoresDoc {
    /// What was posted of a segment.
    pub fn segment(&self, id: SegmentId) -> Option<&ScoredSegment> {
        // By the order that `History::check_posted` asks for; a list in another order finds less, never the wrong one.
        let at = self.segments.binary_search_by_key(&id, ScoredSegment::id).ok()?;
        self.segments.get(at)
    }

    /// The segments as the history checks them.
    pub fn posted(&self) -> Vec<Posted> {
        let posted = |s: &ScoredSegment| Posted { id: s.id(), revision: s.revision, score: s.score.0 };
        self.segments.iter().map(posted).collect()
    }

    /// The leaves of the root, in order; `id_of` gives a dataset's id by its number. `None` where one has none.
    pub fn leaves(&self, id_of: impl Fn(u32) -> Option<Word>) -> Option<Vec<Word>> {
        let leaf = |s: &ScoredSegment| {
            let dataset = id_of(s.dataset)?;
            let (segment, revision, score) = (s.segment, s.revision, s.score.0);
            Some(ScoreLeaf { dataset, segment, revision, score, commitment: &s.commitment }.hash())
        };
        self.segments.iter().map(leaf).collect()
    }

    /// The root over the segments; `id_of` gives a dataset's id by its number. `None` where one has none.
    pub fn computed_root(&self, id_of: impl Fn(u32) -> Option<Word>) -> Option<Word> {
        Some(ScoreTree::of(&self.leaves(id_of)?).root())
    }

    /// V4.posted, as far as the root goes.
    pub fn check_root(&self, id_of: impl Fn(u32) -> Option<Word>) -> Result<(), Violation> {
        let expected = self.computed_root(id_of).unwrap_or_default();
        if expected == self.root { Ok(()) } else { Err(Violation::PostedRoot { expected, found: self.root }) }
    }
}

/// One segment's scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoredSegment {
    /// The dataset's number in the ledger.
    pub dataset: u32,
    /// The segment.
    pub segment: u32,
    /// The dataset's revision whose number of records the segment moves with.
    pub revision: u32,
    /// The sum of the segment's scores, positive.
    pub score: Amount,
    /// Commitment to the score column.
    pub commitment: Commitment,
}

impl ScoredSegment {
    /// Which segment it is.
    pub fn id(&self) -> SegmentId {
        SegmentId { dataset: self.dataset, segment: self.segment }
    }
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
    /// The number of the policy that splits it.
    pub policy: u32,
    /// The epoch's revenue, in the token's base units.
    pub revenue: Amount,
    /// What the epoch before left.
    pub carried: Amount,
    /// The beneficiaries' shares, in the policy's order.
    pub shares: Vec<Share>,
    /// The contributors' pool: the rest of the revenue, plus what was carried in.
    pub pool: Amount,
    /// The attributor's `scores.json`.
    pub scores: FileRef,
    /// One entry per segment of `scores`, in its order.
    pub segments: Vec<EpochSegment>,
    /// Attempts at this epoch that were proven and taken back, oldest first: they opened columns too (V8).
    pub replaced: Vec<ReplacedAttempt>,
}

impl EpochDoc {
    pub(super) fn fit(&self) -> Result<(), String> {
        if self.segments.is_empty() { Err("an epoch moves some segment".into()) } else { Ok(()) }
    }
}

/// One segment's move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochSegment {
    /// The dataset's number in the ledger.
    pub dataset: u32,
    /// The segment.
    pub segment: u32,
    /// Commitment to the new balances.
    pub balance_column: Commitment,
    /// Sum of the segment's payouts, in the token's base units.
    pub paid: Amount,
    /// The proof.
    pub proof: FileRef,
}

impl EpochSegment {
    /// Which segment it is.
    pub fn id(&self) -> SegmentId {
        SegmentId { dataset: self.dataset, segment: self.segment }
    }
}

/// An attempt at an epoch that was proven and taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacedAttempt {
    /// Its pool.
    pub pool: Amount,
    /// Its total score.
    pub total_score: Amount,
    /// The root of its posted scores.
    pub score_root: Word,
    /// The segments that it proved, and their score columns.
    pub segments: Vec<ReplacedSegment>,
}

/// A segment that a replaced attempt proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacedSegment {
    /// The dataset's number in the ledger.
    pub dataset: u32,
    /// The segment.
    pub segment: u32,
    /// Commitment to its scores.
    pub score_column: Commitment,
}

impl ReplacedSegment {
    /// Which segment it is.
    pub fn id(&self) -> SegmentId {
        SegmentId { dataset: self.dataset, segment: self.segment }
    }
}
