//! Verifiers as Solidity contracts: one self-contained contract per relation and tier, and the calls to it.
//!
//! The contract reproduces halo2-axiom's verifier with SHPLONK openings and the Keccak transcript of the suite
//! `bn254`, step by step, for one verifying key. It is written from the same table description as the key, read
//! through one `plan` of the proof's contents. contracts/docs/gas.md says where its gas goes.
//!
//! What it guarantees: the calldata is the one canonical encoding of its proof and inputs; every scalar is below the
//! scalar field's modulus; every point is canonical, on the curve and not the identity before a precompile sees it;
//! precompiles get bounded gas; it returns the linked columns' commitments or reverts.

mod calldata;
mod checks;
mod contract;
mod domain;
mod errors;
mod expr;
mod gates;
mod opening;
mod plan;
mod quotient;
mod text;
mod transcript;

pub use self::{
    calldata::{VERIFY_SIGNATURE, VerifyCall, decode_linked},
    contract::COMPILER,
    errors::Failure,
};
use apportion_suite::bn254::VerifyingKey;
use apportion_suite::params::VerifierParams;

/// Why no contract could be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SolidityError {
    /// The generator does not know how to verify this.
    #[error("no contract can be generated for {0}")]
    Unsupported(String),
    /// A proof or public inputs of the wrong length.
    #[error("{what}: {have} instead of {want}")]
    Length {
        /// What was measured.
        what: &'static str,
        /// Its length.
        have: usize,
        /// The only possible length.
        want: usize,
    },
}

/// What a contract's head says besides what follows from the key and the setup.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Comment lines: the command that renders it again, for example.
    pub lines: Vec<String>,
}

/// Renders the contract that verifies proofs under `key`.
///
/// # Errors
/// If the key's layout has no public inputs or linked columns, or opens a column twice
/// at one point.
pub fn render(key: &VerifyingKey, params: &VerifierParams, header: &Header) -> Result<String, SolidityError> {
    contract::contract(key, params, header)
}

/// The name of the contract that [`render`] writes, e.g. `Split1024Verifier`.
///
/// # Errors
/// As [`render`].
pub fn contract_name(key: &VerifyingKey) -> Result<String, SolidityError> {
    contract::contract_name(key)
}
