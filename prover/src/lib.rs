//! The model developer's side of Apportion.

pub mod input;
pub mod ledger;
