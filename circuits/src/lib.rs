//! The relations that Apportion proves, without a proof system and without I/O.
//!
//! [`tree`] and [`split`] are the two relations; docs/statement.md states them and docs/gates.md says how they lie
//! in a table. Everything below them has a native twin and, in a module `chip`, its constraints.

pub mod column;
pub mod division;
pub mod field;
pub mod merkle;
pub mod plonkish;
pub mod poseidon;
pub mod range;
pub mod relation;
pub mod split;
pub mod tree;
pub mod types;

pub use self::column::Commitment;
