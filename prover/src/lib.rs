//! The model developer's side of Apportion: input, ledger, witness, proving.
//!
//! `input` reads what users bring, `ledger` keeps public and private state, `witness` makes what the relations
//! take of both, `prove` proves many segments, `jobs` lets interrupted work go on, and `actions` are the
//! commands without their command line.

pub mod actions;
mod error;
pub mod input;
pub mod jobs;
pub mod ledger;
pub mod progress;
pub mod prove;
pub mod sample;
pub mod setup;
pub mod witness;

pub use error::{Error, ExitCode};
