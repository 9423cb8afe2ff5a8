//! Linked columns: a private vector, masked, that proofs of different relations and sizes commit to alike.
//!
//! A vector `v` of `C` values is the polynomial `f = f_v + (X^C - 1) * rho`: `f_v` interpolates `v` over the
//! subgroup of order `C`, `rho` is random of degree below 128. In a table of `R * C` rows, `f` takes the values
//! of `v` on every `R`-th row; the rows between hold `f`'s own values. The column's commitment is the commitment
//! to `f`, whatever `R` is. See docs/statement.md, "Linked columns".

use std::{fmt, str::FromStr};

use halo2curves_axiom::fft::best_fft;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::field::{SuiteField, wipe};

/// Random coefficients of a mask. Proofs may open a column at most `MASK_COEFFICIENTS - 28` times (V8).
pub const MASK_COEFFICIENTS: usize = 128;

/// V8: how many openings of one linked column are allowed in its life. Openings at slots, of which receipts are made, do
/// not count: there the mask is multiplied by 0.
pub const OPENING_BUDGET: usize = 100;

/// The randomness of a linked column: `rho`, and the blinding scalar of a suite whose commitments take one.
///
/// Secret; overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Mask<F: SuiteField> {
    rho: Vec<F>,
    blind: F,
}

impl<F: SuiteField> Mask<F> {
    /// A fresh mask.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let rho = (0..MASK_COEFFICIENTS).map(|_| F::random(&mut *rng)).collect();
        Self { rho, blind: F::random(rng) }
    }

    /// The mask whose elements are these, `rho` first, lowest coefficient first; `None` unless there are exactly
    /// `MASK_COEFFICIENTS + 1`.
    pub fn from_elements(elements: &[F]) -> Option<Self> {
        let (blind, rho) = elements.split_last()?;
        (rho.len() == MASK_COEFFICIENTS).then(|| Self { rho: rho.to_vec(), blind: *blind })
    }

    /// The elements that `from_elements` takes.
    pub fn elements(&self) -> impl Iterator<Item = &F> {
        self.rho.iter().chain([&self.blind])
    }
}

impl<F: SuiteField> Drop for Mask<F> {
    fn drop(&mut self) {
        wipe(&mut self.rho);
        wipe(std::slice::from_mut(&mut self.blind));
    }
}

/// A linked column's polynomial and blinding scalar. Secret; overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct MaskedColumn<F: SuiteField> {
    slots: usize,
    coefficients: Vec<F>,
    blind: F,
}

impl<F: SuiteField> MaskedColumn<F> {
    /// The column with these values, a power of two of them, and this mask.
    pub fn new(values: &[F], mask: &Mask<F>) -> Self {
        let slots = values.len();
        debug_assert!(slots.is_power_of_two());
        let log_slots = slots.trailing_zeros();
        let mut coefficients = Vec::with_capacity(slots + MASK_COEFFICIENTS);
        coefficients.extend_from_slice(values);
        inverse_fft(&mut coefficients, log_slots);
        coefficients.resize(slots + MASK_COEFFICIENTS, F::ZERO);
        for (i, rho) in mask.rho.iter().enumerate() {
            // Where C < 128 the two halves of the mask overlap.
            coefficients[i] -= rho;
            coefficients[slots + i] += rho;
        }
        Self { slots, coefficients, blind: mask.blind }
    }

    /// The coefficients of `f`, lowest first, `C + 128` of them.
    pub fn coefficients(&self) -> &[F] {
        &self.coefficients
    }

    /// The scalar of the commitment's blinding generator, in suites that have one.
    pub fn blind(&self) -> F {
        self.blind
    }

    /// `C`, the number of values.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// The values of `v`, one a slot.
    pub fn values(&self) -> Vec<F> {
        // X^C = 1 on the subgroup: the mask folds back onto the low coefficients.
        let (low, high) = self.coefficients.split_at(self.slots);
        let mut values = low.to_vec();
        for (i, coefficient) in high.iter().enumerate() {
            values[i % self.slots] += coefficient;
        }
        let k = self.slots.trailing_zeros();
        best_fft(&mut values, F::root_of_unity(k), k);
        values
    }

    /// The values of `f` on a table of `2^k` rows, `2^k >= C + 128`: slot `i` is row `i * 2^k / C`.
    pub fn place(&self, k: u32) -> Vec<F> {
        let rows = 1usize << k;
        debug_assert!(rows >= self.coefficients.len());
        let mut values = Vec::with_capacity(rows);
        values.extend_from_slice(&self.coefficients);
        values.resize(rows, F::ZERO);
        best_fft(&mut values, F::root_of_unity(k), k);
        values
    }
}

impl<F: SuiteField> Drop for MaskedColumn<F> {
    fn drop(&mut self) {
        wipe(&mut self.coefficients);
        wipe(std::slice::from_mut(&mut self.blind));
    }
}

/// The commitment to a linked column, as both files and proofs spell it: 32 bytes on pasta, 64 on bn254, where a
/// contract reads both coordinates. Whether the bytes are a point is the suite's to check.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commitment(pub Vec<u8>);

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(&self.0))
    }
}

impl FromStr for Commitment {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let digits = s
            .strip_prefix("0x")
            .filter(|digits| matches!(digits.len(), 64 | 128))
            .ok_or("a commitment must be 0x and 64 or 128 hex digits")?;
        hex::decode(digits)
            .map(Self)
            .map_err(|_| "a commitment holds a character that is not a hex digit".into())
    }
}

impl Serialize for Commitment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Commitment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Coefficients of the polynomial with these values over the subgroup of order `2^k`.
fn inverse_fft<F: SuiteField>(values: &mut [F], k: u32) {
    let mut omega_inv = F::ROOT_OF_UNITY_INV;
    for _ in k..F::S {
        omega_inv = omega_inv.square();
    }
    best_fft(values, omega_inv, k);
    let scale = F::TWO_INV.pow_vartime([u64::from(k)]);
    values.iter_mut().for_each(|value| *value *= scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use halo2curves_axiom::bn256::Fr;
    use rand_core::OsRng;

    #[test]
    fn commitments_are_hex_of_either_length() {
        for bytes in [32, 64] {
            let commitment = Commitment((0..bytes).collect());
            assert_eq!(commitment.to_string().parse(), Ok(commitment.clone()));
            let json = serde_json::to_string(&commitment).unwrap();
            assert_eq!(serde_json::from_str::<Commitment>(&json).unwrap(), commitment);
        }
        let long = "0".repeat(130);
        for text in
            ["", "0x", "0x00", &long, &format!("0x{long}"), &long[..64], &format!("0x{}g", &long[..63])]
        {
            assert!(text.parse::<Commitment>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_placed_column_holds_its_values_at_the_slots_of_any_table() {
        let values: Vec<_> = (0..64).map(|i| Fr::from(i * i + 3)).collect();
        let mask = Mask::random(&mut OsRng);
        let column = MaskedColumn::new(&values, &mask);
        for k in [8, 10] {
            let placed = column.place(k);
            let stride = placed.len() / 64;
            for (i, value) in values.iter().enumerate() {
                assert_eq!(placed[i * stride], *value);
            }
            assert!(placed[1] != Fr::ZERO);
            assert_eq!(column.values(), values);
        }
        let other = MaskedColumn::new(&values, &Mask::random(&mut OsRng));
        assert!(other.coefficients() != column.coefficients());
        let elements: Vec<_> = mask.elements().copied().collect();
        assert!(Mask::from_elements(&elements).unwrap() == mask);
        assert!(Mask::from_elements(&elements[1..]).is_none());
    }
}
