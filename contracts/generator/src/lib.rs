//! Verifiers as Solidity contracts: a self-contained one per relation and tier, one for openings, and the calls to them.
//!
//! A relation's contract reproduces halo2-axiom's verifier with SHPLONK openings and the Keccak transcript of the suite
//! `bn254`, step by step, for one verifying key, up to the pairing. It is written from the same table description as the
//! key, read through one `plan` of the proof's contents. The pairing is left to the verifier of openings, which is
//! written from the setup alone and decides about one proof or many. contracts/docs/verifiers.md says why that is
//! sound, contracts/docs/gas.md where the gas goes.
//!
//! What they guarantee: the calldata of `accumulate` is the one canonical encoding of its proof and inputs; every scalar
//! is below the scalar field's modulus; every point is canonical, on the curve and not the identity before a precompile
//! sees it, and when it is returned; precompiles get bounded gas; a function returns only if all that it checks holds.

mod calldata;
mod checks;
mod contract;
mod domain;
mod errors;
mod expr;
mod gates;
mod opening;
mod opening_verifier;
mod plan;
mod quotient;
mod text;
mod transcript;

pub use self::{
    calldata::{ACCUMULATE_SIGNATURE, AccumulateCall, Accumulated, decode_accumulated},
    contract::COMPILER,
    errors::Failure,
    opening_verifier::OPENING_VERIFIER,
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

/// Renders the contract that verifies proofs under `key`, but for the last pairing.
///
/// # Errors
/// If the key's layout has no public inputs or linked columns, or opens a column twice
/// at one point.
pub fn render(key: &VerifyingKey, params: &VerifierParams, header: &Header) -> Result<String, SolidityError> {
    contract::contract(key, params, header)
}

/// Renders the contract that verifies openings and last pairings under a setup.
pub fn render_opening(params: &VerifierParams, header: &Header) -> String {
    opening_verifier::opening_verifier(params, header)
}

/// The name of the contract that [`render`] writes, e.g. `Split1024Verifier`.
///
/// # Errors
/// As [`render`].
pub fn contract_name(key: &VerifyingKey) -> Result<String, SolidityError> {
    contract::contract_name(key)
}
