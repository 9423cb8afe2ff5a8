//! Auditing a ledger's public history: every check of the statement, every proof.

pub mod audit;
pub mod receipt;
pub mod report;
