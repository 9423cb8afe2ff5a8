//! Proof systems behind one trait. Only the modules below this one know a proof system.

use std::sync::Arc;

use apportion_circuits::{
    column::MaskedColumn,
    field::{SuiteField, SuiteId},
    plonkish::{Checker, Layout, Table},
};

pub mod bn254;
mod keccak;
mod lower;
pub mod params;
pub mod pasta;
mod tape;

pub use apportion_circuits::Commitment;

pub use self::{bn254::Bn254, pasta::Pasta};

/// Why a suite could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A proof that does not prove its statement.
    #[error("the proof does not verify: {0}")]
    Invalid(String),
    /// Bytes that are not a canonical encoding of what they should be, or not of the exact length.
    #[error("malformed {what}: {reason}")]
    Malformed {
        /// Proof, key, commitment, public input.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Parameters that are too small, or of another suite.
    #[error("unusable parameters: {0}")]
    Params(String),
    /// A table that the native checker refuses: proving it would be in vain.
    #[error("the witness does not satisfy the relation: {0}")]
    Witness(String),
    /// The proof system's own error.
    #[error("{0}")]
    Backend(String),
}

/// A proof system: commitments, keys, proofs.
pub trait Suite: Sized + Send + Sync + 'static {
    /// The field of the relations.
    type F: SuiteField;
    /// Everything that a prover needs of the setup, for tables of up to some size.
    type Params: Send + Sync;
    /// What a verifier needs of the setup.
    type VerifierParams: Send + Sync;
    /// A proving key, with its verifying key and layout inside.
    type ProvingKey: Send + Sync;
    /// A verifying key, with its layout inside.
    type VerifyingKey: Send + Sync;

    /// The suite's name.
    const ID: SuiteId;
    /// Bytes of a commitment.
    const COMMITMENT_BYTES: usize;

    /// Commits to a linked column. Equal to the head of any proof in which the column stands.
    fn commit(params: &Self::Params, column: &MaskedColumn<Self::F>) -> Result<Commitment, SuiteError>;

    /// Checks that bytes are the canonical encoding of a group element other than the identity.
    fn check_commitment(bytes: &[u8]) -> Result<Commitment, SuiteError>;

    /// Derives the verifying key of a layout. Exactly `layout.k` must be offered by `params`.
    fn verifying_key(
        params: &Self::Params,
        layout: Arc<Layout<Self::F>>,
    ) -> Result<Self::VerifyingKey, SuiteError>;

    /// Derives the proving key of a layout.
    fn proving_key(
        params: &Self::Params,
        layout: Arc<Layout<Self::F>>,
    ) -> Result<Self::ProvingKey, SuiteError>;

    /// The verifying key inside a proving key.
    fn key_of(proving_key: &Self::ProvingKey) -> &Self::VerifyingKey;

    /// The layout inside a verifying key.
    fn layout_of(key: &Self::VerifyingKey) -> &Layout<Self::F>;

    /// SHA-256 over everything that a verifying key fixes: the table's digest, what the transcript absorbs for
    /// the key, and the proof system's own description of it, with the commitments to fixed and permutation
    /// polynomials.
    fn key_digest(key: &Self::VerifyingKey) -> [u8; 32];

    /// The setup as a verifier needs it.
    fn verifier_params(params: &Self::Params) -> Self::VerifierParams;

    /// Exact length in bytes of any proof under a layout.
    fn proof_bytes(layout: &Layout<Self::F>) -> usize;

    /// How many fixed columns the proof system keeps for a layout: more than the layout has, where its selectors
    /// have to be columns.
    fn fixed_columns(layout: &Layout<Self::F>) -> usize {
        layout.fixed.len()
    }

    /// Proves a table, which must satisfy its layout (checked natively first), and fails unless the commitments
    /// at the proof's head are those of the table's linked columns.
    fn prove(
        params: &Self::Params,
        key: &Self::ProvingKey,
        table: &Table<Self::F>,
    ) -> Result<Vec<u8>, SuiteError> {
        Checker::new(Self::layout_of(Self::key_of(key)))
            .check(table)
            .map_err(|failure| SuiteError::Witness(failure.to_string()))?;
        Self::prove_unchecked(params, key, table)
    }

    /// `prove` for a caller that ran the checker itself. From another table than a valid one it makes a proof
    /// that does not verify, or an error, or, where a lookup misses, a panic in the proof system.
    fn prove_unchecked(
        params: &Self::Params,
        key: &Self::ProvingKey,
        table: &Table<Self::F>,
    ) -> Result<Vec<u8>, SuiteError>;

    /// Verifies one proof: exact proof length, exact number of public inputs, canonical encodings, nothing left
    /// over. Returns the linked columns' commitments, in order, for the caller to compare (V3).
    fn verify(
        params: &Self::VerifierParams,
        key: &Self::VerifyingKey,
        public: &[Self::F],
        proof: &[u8],
    ) -> Result<Vec<Commitment>, SuiteError>;
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
