//! Proof systems behind one trait. Only the modules below this one know a proof system.

use std::sync::Arc;

use apportion_circuits::{
    column::MaskedColumn,
    field::{SuiteField, SuiteId},
    plonkish::{Layout, Table},
};

/// A commitment to a column: the group element's canonical bytes, as they stand at the head of a proof.
/// 32 bytes on pasta (compressed); 64 on bn254 (affine x, y, big-endian).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commitment(pub Vec<u8>);

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

    /// SHA-256 over everything that a verifying key fixes: table digest, commitments to fixed and permutation
    /// polynomials, and the digest that enters the transcript.
    fn key_digest(key: &Self::VerifyingKey) -> [u8; 32];

    /// The setup as a verifier needs it.
    fn verifier_params(params: &Self::Params) -> Self::VerifierParams;

    /// Exact length in bytes of any proof under a layout.
    fn proof_bytes(layout: &Layout<Self::F>) -> usize;

    /// Proves a table, which must satisfy its layout (checked natively first), and fails unless the commitments
    /// at the proof's head are those of the table's linked columns.
    fn prove(
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
