//! Tests that look inside: proofs beside halo2-axiom's, byte by byte, and what blinding hides.

mod identical;
mod layouts;
mod ranks;
mod recorded;
