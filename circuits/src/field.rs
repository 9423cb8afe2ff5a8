//! What a suite's field must offer, and its one wire encoding.

use std::{fmt, str::FromStr};

use ff::{FromUniformBytes, PrimeField, WithSmallOrderMulGroup};
use halo2curves_axiom::bn256;
use serde::{Deserialize, Serialize};

use crate::poseidon::Poseidon;

/// A proof system and its field. The relations are the same in every suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SuiteId {
    /// KZG on BN254, scalar field Fr: the proof that an EVM chain checks.
    Bn254,
    /// IPA on Vesta, scalar field Fp of Pallas: no trusted setup.
    Pasta,
}

impl SuiteId {
    /// Every suite, in the order in which documents list them.
    pub const ALL: [SuiteId; 2] = [SuiteId::Bn254, SuiteId::Pasta];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            SuiteId::Bn254 => "bn254",
            SuiteId::Pasta => "pasta",
        }
    }
}

impl fmt::Display for SuiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SuiteId {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.name() == s)
            .ok_or_else(|| format!("unknown suite '{s}': expected bn254 or pasta"))
    }
}

/// A suite's field: prime, 255 bits at most, with a large power-of-two subgroup.
pub trait SuiteField:
    PrimeField<Repr = [u8; 32]> + WithSmallOrderMulGroup<3> + FromUniformBytes<64> + Ord
{
    /// The suite that works in this field.
    const SUITE: SuiteId;

    /// The constants of `H` in this field, derived once per process.
    fn poseidon() -> &'static Poseidon<Self>;

    /// An element of order exactly `2^k`; `k` at most the field's two-adicity.
    fn root_of_unity(k: u32) -> Self {
        let mut root = Self::ROOT_OF_UNITY;
        for _ in k..Self::S {
            root = root.square();
        }
        root
    }
}

macro_rules! suite_field {
    ($field:ty, $suite:expr) => {
        impl SuiteField for $field {
            const SUITE: SuiteId = $suite;

            fn poseidon() -> &'static Poseidon<Self> {
                static POSEIDON: std::sync::OnceLock<Poseidon<$field>> = std::sync::OnceLock::new();
                POSEIDON.get_or_init(Poseidon::generate)
            }
        }
    };
}

suite_field!(bn256::Fr, SuiteId::Bn254);
suite_field!(pasta_curves::Fp, SuiteId::Pasta);

/// The 32-byte big-endian encoding of `x`, as every file and the EVM write it.
pub fn to_bytes<F: SuiteField>(x: &F) -> [u8; 32] {
    let mut bytes = x.to_repr();
    bytes.reverse();
    bytes
}

/// Reads a 32-byte big-endian encoding; `None` unless it is below the modulus.
pub fn from_bytes<F: SuiteField>(bytes: &[u8; 32]) -> Option<F> {
    let mut repr = *bytes;
    repr.reverse();
    F::from_repr(repr).into()
}

/// The field element that a big-endian byte string of at most 31 bytes spells: always canonical.
///
/// Longer input keeps its last 31 bytes; callers pass addresses, half digests and tags.
pub fn from_short_bytes<F: SuiteField>(bytes: &[u8]) -> F {
    debug_assert!(bytes.len() <= 31);
    let mut repr = [0u8; 32];
    for (slot, byte) in repr.iter_mut().zip(bytes.iter().rev().take(31)) {
        *slot = *byte;
    }
    // Below 2^248, hence below either modulus: the fallback is never taken.
    Option::from(F::from_repr(repr)).unwrap_or(F::ZERO)
}

/// `x` as an integer, or `None` where it is 2^128 or more.
pub fn to_u128<F: SuiteField>(x: &F) -> Option<u128> {
    let repr = x.to_repr();
    let (low, high) = repr.split_at(16);
    let low: [u8; 16] = low.try_into().ok()?;
    high.iter().all(|byte| *byte == 0).then(|| u128::from_le_bytes(low))
}

/// `2^bits` in the field.
pub fn two_pow<F: SuiteField>(bits: u32) -> F {
    F::from(2).pow_vartime([u64::from(bits)])
}

/// Overwrites secrets in place. `black_box` keeps the stores from being removed; copies that a proof system
/// made are out of reach (see docs/trust.md).
pub fn wipe<F: SuiteField>(secrets: &mut [F]) {
    secrets.fill(F::ZERO);
    std::hint::black_box(secrets);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encodings<F: SuiteField>() {
        let max = -F::ONE;
        assert_eq!(from_bytes::<F>(&to_bytes(&max)), Some(max));
        // The modulus itself, and everything above it, is refused.
        let mut modulus = to_bytes(&max);
        let last = modulus.iter().rposition(|byte| *byte != 0xff).unwrap();
        modulus[last] += 1;
        modulus[last + 1..].fill(0);
        assert_eq!(from_bytes::<F>(&modulus), None);
        assert_eq!(from_bytes::<F>(&[0xff; 32]), None);
        assert_eq!(to_u128(&F::from_u128(u128::MAX)), Some(u128::MAX));
        assert_eq!(to_u128(&(F::from_u128(u128::MAX) + F::ONE)), None);
        assert_eq!(to_u128(&max), None);
        assert_eq!(from_short_bytes::<F>(&[1, 0]), F::from(256));
        assert_eq!(from_short_bytes::<F>(&[0xff; 31]), two_pow::<F>(248) - F::ONE);
        let root = F::root_of_unity(9);
        assert_eq!(root.pow_vartime([256u64]), -F::ONE);
    }

    #[test]
    fn encodings_are_canonical() {
        encodings::<bn256::Fr>();
        encodings::<pasta_curves::Fp>();
    }
}
