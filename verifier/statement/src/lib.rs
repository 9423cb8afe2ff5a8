//! What Apportion's proofs must fit into, V1 to V8 of circuits/docs/statement.md: one list, one code path.
//!
//! Whoever proves builds public inputs, links and sums with these functions, and so does whoever audits; the contract
//! makes the same checks from its own storage. Each check has an id, a typed [`Violation`] and a test that fails for
//! that check alone. Nothing here knows a proof system.
//!
//! | question | room |
//! | --- | --- |
//! | which checks are there, and why does one fail | [`checks`], [`Violation`] |
//! | what binds a proof to its place | [`context`] |
//! | which public inputs does a proof have | [`inputs`] |
//! | what happened so far, and what must the next proof link to | [`history`] |
//! | how often was a column opened | [`openings`] |
//! | do the sums hold | [`sums`] |
//! | how is revenue split | [`policy`] |
//! | is a dataset's revision a continuation of the one before | [`dataset`] |
//! | what did the attributor post | [`scores`] |
//! | what does a receipt claim | [`receipt`] |
//! | what do the files look like, and where are they | [`files`] |

pub mod checks;
pub mod context;
pub mod dataset;
pub mod files;
pub mod history;
pub mod inputs;
pub mod openings;
pub mod policy;
pub mod receipt;
#[cfg(test)]
mod samples;
pub mod scores;
pub mod sums;
pub mod text;
mod violation;
mod words;

pub use apportion_circuits::{Commitment, relation::RelationId};

pub use self::{
    checks::CheckId,
    context::{Context, EnrollContext, SplitContext, keccak256},
    history::{History, SegmentId},
    openings::OpeningCount,
    violation::Violation,
    words::{counted, verb},
};
