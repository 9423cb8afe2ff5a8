//! Commitment parameters: ceremony files for `bn254`, hash-to-curve generators for `pasta`.
//!
//! Every way in ends in the same checks, whether the bytes come from a ceremony, from a stranger or from our
//! own cache: points are valid and canonically encoded, bases are the standard generators, the powers really
//! are powers of one secret, the Lagrange points belong to them, and a secret that is publicly known is
//! recognised from `s_g2` itself, never from what a file says about itself.
//!
//! No length in a file is believed before it is compared with the file's real size.

pub mod bn254;
mod cache;
mod container;
mod error;
mod info;
mod lagrange;
pub mod pasta;
#[cfg(test)]
mod tests;

pub use bn254::{Ceremony, ImportSource, Provenance, Srs, VerifierParams};
pub use cache::ParamsCache;
pub use error::{ParamsError, PointFault, Reason};
pub use info::{ParamsInfo, info};
pub use pasta::PastaParams;

/// The smallest size handled: a setup without a power has nothing to check.
pub const MIN_K: u32 = 1;
/// The largest size handled. It bounds memory (about 0.5 GiB of points) before anything is allocated.
pub const MAX_K: u32 = 22;

/// A proof system whose parameters can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// KZG over BN254.
    Bn254,
    /// IPA over Vesta.
    Pasta,
}

impl Suite {
    /// The lower-case name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bn254 => "bn254",
            Self::Pasta => "pasta",
        }
    }

    pub(crate) fn id(self) -> u32 {
        match self {
            Self::Bn254 => 1,
            Self::Pasta => 2,
        }
    }

    pub(crate) fn from_id(id: u32) -> Result<Self, Reason> {
        match id {
            1 => Ok(Self::Bn254),
            2 => Ok(Self::Pasta),
            found => Err(Reason::Suite { found, expected: Self::Bn254.id() }),
        }
    }

    /// Bytes between header and digest. `k` is at most [`MAX_K`] here, so this cannot overflow.
    pub(crate) fn body_len(self, k: u32) -> u64 {
        let n = 1u64 << k;
        match self {
            Self::Bn254 => 64 * (2 * n + 1) + 2 * 128,
            Self::Pasta => 2 * 32 * n + 2 * 32,
        }
    }
}

pub(crate) fn check_k(k: u32) -> Result<u32, Reason> {
    if (MIN_K..=MAX_K).contains(&k) { Ok(k) } else { Err(Reason::SizeRange { k }) }
}
