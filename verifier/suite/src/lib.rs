//! Proof systems behind one trait. Only the modules below this one know a proof system.

use std::sync::Arc;

use apportion_circuits::{
    column::MaskedColumn,
    field::{SuiteField, SuiteId},
    plonkish::Layout,
};

pub mod bn254;
mod constants;
mod keccak;
mod lower;
pub mod lowering;
pub mod openings;
pub mod params;
pub mod pasta;

pub use apportion_circuits::Commitment;

pub use self::{
    bn254::Bn254,
    openings::{OpeningClaim, OpeningTerm, Openings, OpeningsError},
    pasta::Pasta,
};

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

/// A proof system as a verifier sees it: commitments, keys, verification.
pub trait Suite: Sized + Send + Sync + 'static {
    /// The field of the relations.
    type F: SuiteField;
    /// The whole setup, for tables of some size: what keys and commitments are made with.
    type Params: Send + Sync;
    /// What a verifier needs of the setup.
    type VerifierParams: Send + Sync;
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

    /// Verifies one proof: exact proof length, exact number of public inputs, canonical encodings, nothing left
    /// over. Returns the linked columns' commitments, in order, for the caller to compare (V3).
    fn verify(
        params: &Self::VerifierParams,
        key: &Self::VerifyingKey,
        public: &[Self::F],
        proof: &[u8],
    ) -> Result<Vec<Commitment>, SuiteError>;
}
