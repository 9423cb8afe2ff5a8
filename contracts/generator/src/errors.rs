//! The errors of relations' verifiers.

use sha3::{Digest, Keccak256};

/// Why the contract reverts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The call is not the canonical encoding of a proof and inputs of the exact lengths.
    MalformedCalldata,
    /// A public input is not below the scalar field's modulus.
    InputNotCanonical,
    /// A scalar of the proof is not below the scalar field's modulus.
    ScalarNotCanonical,
    /// A group element of the proof is not a canonical point of the curve, or is the identity.
    PointNotOnCurve,
    /// A challenge hit a point where the protocol divides by zero, or the inversion failed.
    NotInvertible,
    /// A precompile failed: out of gas, or missing.
    PrecompileFailed,
    /// The point on the pairing's right is the identity, with which no proof is valid.
    ProofInvalid,
}

impl Failure {
    /// Every failure.
    pub const ALL: [Self; 7] = [
        Self::MalformedCalldata,
        Self::InputNotCanonical,
        Self::ScalarNotCanonical,
        Self::PointNotOnCurve,
        Self::NotInvertible,
        Self::PrecompileFailed,
        Self::ProofInvalid,
    ];

    /// The error's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::MalformedCalldata => "MalformedCalldata",
            Self::InputNotCanonical => "InputNotCanonical",
            Self::ScalarNotCanonical => "ScalarNotCanonical",
            Self::PointNotOnCurve => "PointNotOnCurve",
            Self::NotInvertible => "NotInvertible",
            Self::PrecompileFailed => "PrecompileFailed",
            Self::ProofInvalid => "ProofInvalid",
        }
    }

    pub(super) fn doc(self) -> &'static str {
        match self {
            Self::MalformedCalldata => {
                "The call is not the canonical encoding of a proof and inputs of the exact lengths."
            }
            Self::InputNotCanonical => "A public input is not below the scalar field's modulus.",
            Self::ScalarNotCanonical => "A scalar of the proof is not below the scalar field's modulus.",
            Self::PointNotOnCurve => {
                "A point of the proof has a coordinate that is not below the base field's modulus, or is not on the curve."
            }
            Self::NotInvertible => "A challenge is a root of unity, or two challenges collide.",
            Self::PrecompileFailed => "A precompile failed: too little gas, or a chain without it.",
            Self::ProofInvalid => {
                "The point on the pairing's right is the identity: whatever is on its left, it does not hold."
            }
        }
    }

    /// The first four bytes of the revert data, which has no others.
    pub fn selector(self) -> u32 {
        selector(&format!("{}()", self.name()))
    }

    /// The failure that revert data names.
    pub fn from_revert(data: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| data == failure.selector().to_be_bytes())
    }
}

/// A Solidity signature's selector.
pub(super) fn selector(signature: &str) -> u32 {
    let hash = Keccak256::digest(signature.as_bytes());
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}
