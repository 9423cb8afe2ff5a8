//! Proof systems, statement checks and public formats of Apportion.

pub mod bundle;
pub mod ledger;
pub mod params;
pub mod policy;
pub mod receipt;
pub mod report;
pub mod solidity;
pub mod statement;
pub mod suite;
