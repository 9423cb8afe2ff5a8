//! Auditing what a ledger, a dataset or a contributor's document says: every check of the statement, every proof.
//!
//! | question | room |
//! | --- | --- |
//! | does a ledger's history hold, or one epoch of it | [`audit`] |
//! | does a dataset's, and is an upload in it | [`dataset`] |
//! | is a receipt good | [`receipt`] |
//! | how did an amount come about | [`statement`] |
//! | does a chain say the same | [`chain`] |
//! | what is it that was given for something else | [`kind`] |
//! | what was found, and how does that end | [`report`] |
//!
//! Nothing here proves or needs a secret, and only [`chain`] asks a network, where it is told to.
#![forbid(unsafe_code)]

pub mod audit;
pub mod chain;
mod claims;
pub mod dataset;
pub mod kind;
pub mod receipt;
pub mod report;
pub mod statement;
