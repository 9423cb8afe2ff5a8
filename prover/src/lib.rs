//! The side of Apportion that has secrets: a dataset's owner, a model's developer, an attributor.
//!
//! | question | room |
//! | --- | --- |
//! | what do users bring | [`input`] |
//! | what lies in a ledger's or dataset's directory | [`ledger`], [`dataset_dir`] |
//! | where do parameters and keys come from | [`setup`] |
//! | what do the relations take | [`witness`] |
//! | how are many segments proven | [`prove`] |
//! | how does interrupted work go on | [`jobs`] |
//! | how are contracts deployed, and transactions sent | [`deploy`], [`rpc`] |
//! | which directory was meant | [`hint`] |
//! | what does each command do | [`actions`] |
//! | how does a model live on a chain | `onchain` |

pub mod actions;
pub mod dataset_dir;
pub mod deploy;
mod error;
pub mod hint;
pub mod input;
pub mod jobs;
pub mod ledger;
#[cfg(feature = "demo")]
pub mod onchain;
pub mod progress;
pub mod prove;
#[cfg(feature = "rpc")]
pub mod rpc;
pub mod sample;
pub mod setup;
pub mod witness;

pub use error::{Error, ExitCode};
