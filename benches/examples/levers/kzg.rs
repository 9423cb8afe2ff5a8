//! The engine's steps, as they are: they are private to it.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the engine's whole sources, of which some is measured"
)]

#[path = "../../../prover/engine/src/kzg/columns.rs"]
pub(crate) mod columns;
#[path = "../../../prover/engine/src/kzg/domain.rs"]
pub(crate) mod domain;
#[path = "../../../prover/engine/src/kzg/draws.rs"]
pub(crate) mod draws;
#[path = "../../../prover/engine/src/kzg/key.rs"]
pub(crate) mod key;
#[path = "../../../prover/engine/src/kzg/lookups.rs"]
pub(crate) mod lookups;
#[path = "../../../prover/engine/src/kzg/opening.rs"]
pub(crate) mod opening;
#[path = "../../../prover/engine/src/kzg/products.rs"]
pub(crate) mod products;
#[path = "../../../prover/engine/src/kzg/program.rs"]
pub(crate) mod program;
#[path = "../../../prover/engine/src/kzg/quotient.rs"]
pub(crate) mod quotient;
#[path = "../../../prover/engine/src/kzg/secret.rs"]
pub(crate) mod secret;
