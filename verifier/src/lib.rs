//! Proof systems, statement checks and public formats of Apportion.

pub mod params;
pub mod solidity;
pub mod suite;
