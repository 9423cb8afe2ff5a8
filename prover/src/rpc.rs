//! Sends transactions through a node: simulated first, sent one after the other, each with its receipt.
//!
//! alloy fills, signs and sends. Requests go through the auditor's [`Node`], which asks again where a node is busy and
//! answers what has been done already: one HTTP client, one way of reading a chain.
//!
//! [`Node`]: apportion_chain::Node

mod client;
mod error;
mod key;
mod transport;

pub use self::{
    client::{Account, Client, Limits, Sent, Status, Waiting},
    error::RpcError,
    key::read_key,
};
