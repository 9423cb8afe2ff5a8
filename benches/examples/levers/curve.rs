//! The engine's arithmetic of points, as it is.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the engine's whole sources, of which some is measured"
)]

#[path = "../../../prover/engine/src/curve/batch.rs"]
mod batch;
#[path = "../../../prover/engine/src/curve/multiexp.rs"]
mod multiexp;

pub(crate) use self::{batch::Batch, multiexp::multiexp};
