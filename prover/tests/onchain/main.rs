//! Models' whole lives on a chain in process with real proofs at tier 64, and the attacks on them: every transaction is
//! made of files, as the commands make it. Rules that need no proof are compared step by step in the lock step of
//! `apportion-evm`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod again;
mod attacks;
mod attempts;
mod audit;
mod calldata;
mod commands;
mod empty_slots;
mod life;
mod node;
mod receipts;
mod replay;
mod stalls;
mod world;
