//! Proof systems, statement checks and public formats of Apportion.

pub mod bundle;
pub mod params;
pub mod policy;
pub mod statement;
pub mod suite;
