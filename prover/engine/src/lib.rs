//! Proving: one trait over the provers of both proof systems.
//!
//! A proof of a deterministic engine follows from its table and from the generator that it is given: whoever derives the
//! generator from what is proven makes the same proof again, and nobody who makes a prover repeat itself learns anything
//! new. An engine that is not deterministic opens its columns at another point each time, which counts (V8).

pub mod bn254;
mod curve;
mod kzg;
pub mod openings;
pub mod pasta;
#[doc(hidden)]
pub mod tape;

use std::sync::Arc;

use apportion_circuits::plonkish::{Checker, Layout, Table};
use apportion_suite::{Suite, SuiteError};
use rand_chacha::ChaCha20Rng;

/// A proof system that proves.
pub trait Engine: Suite {
    /// A proving key, with its verifying key and layout inside.
    type ProvingKey: Send + Sync;

    /// The name of what proves, with its version: another one may make another proof of the same table.
    const ENGINE_VERSION: &'static str;

    /// Whether the same table and generator give the same proof. halo2-axiom takes its random polynomial from the
    /// thread's generator and permutes lookups in the order of a hash map: not in its hands.
    const DETERMINISTIC: bool;

    /// Derives the proving key of a layout. Exactly `layout.k` must be offered by `params`.
    fn proving_key(
        params: &Self::Params,
        layout: Arc<Layout<Self::F>>,
    ) -> Result<Self::ProvingKey, SuiteError>;

    /// The verifying key inside a proving key.
    fn key_of(proving_key: &Self::ProvingKey) -> &Self::VerifyingKey;

    /// Proves a table, which must satisfy its layout (checked natively first), and fails unless the commitments
    /// at the proof's head are those of the table's linked columns. All randomness but the linked columns' comes from
    /// `rng`.
    fn prove(
        params: &Self::Params,
        key: &Self::ProvingKey,
        table: &Table<Self::F>,
        rng: &mut ChaCha20Rng,
    ) -> Result<Vec<u8>, SuiteError> {
        Checker::new(Self::layout_of(Self::key_of(key)))
            .check(table)
            .map_err(|failure| SuiteError::Witness(failure.to_string()))?;
        Self::prove_unchecked(params, key, table, rng)
    }

    /// `prove` for a caller that ran the checker itself. From another table than a valid one it makes a proof
    /// that does not verify, or an error, or, where a lookup misses, a panic in the proof system.
    fn prove_unchecked(
        params: &Self::Params,
        key: &Self::ProvingKey,
        table: &Table<Self::F>,
        rng: &mut ChaCha20Rng,
    ) -> Result<Vec<u8>, SuiteError>;
}

/// Makes sure that a new proof has the size that verifiers expect and begins with the commitments to the
/// table's linked columns: the place where a change in how the proof systems blind columns would show.
fn check_head<S: Suite>(
    params: &S::Params,
    layout: &Layout<S::F>,
    table: &Table<S::F>,
    proof: &[u8],
) -> Result<(), SuiteError> {
    if proof.len() != S::proof_bytes(layout) {
        return Err(SuiteError::Backend(format!(
            "a proof of {} bytes, where {} were expected",
            proof.len(),
            S::proof_bytes(layout)
        )));
    }
    for (index, (column, head)) in
        table.linked.iter().zip(proof.chunks_exact(S::COMMITMENT_BYTES)).enumerate()
    {
        if S::commit(params, column)?.0 != head {
            return Err(SuiteError::Witness(format!("linked column {index} is not the committed one")));
        }
    }
    Ok(())
}
