//! Scalars in halves and signed digits.
//!
//! BN254 has an endomorphism: `zeta * (x, y) = (beta x, y)` for cube roots of unity zeta of the scalars and beta of the
//! coordinates. A scalar `s = a + b zeta` with halves below 2^126 multiplies in half the doublings (Gallant, Lambert,
//! Vanstone 2001, "Faster point multiplication on elliptic curves with efficient endomorphisms").

use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use ruint::aliases::{U256, U512};
use zeroize::Zeroize;

/// Bits of a digit.
pub(crate) const WINDOW: usize = 4;
/// Digits of half a scalar.
pub(crate) const DIGITS: usize = 32;

/// A scalar `a + b zeta`: the digits of a and of b, each from -8 to 8, lowest first, in base 16.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub(crate) struct Digits(pub(crate) [[i8; DIGITS]; 2]);

impl Digits {
    pub(crate) fn new(scalar: &Fr) -> Self {
        Self(split(scalar).map(digits))
    }

    /// The lower half of the digits and, in their place, the upper half: 2^64 times the scalar's other part.
    pub(crate) fn parts(mut self) -> [Self; 2] {
        let mut upper = Self([[0; DIGITS]; 2]);
        for (low, high) in self.0.iter_mut().zip(&mut upper.0) {
            let (low, moved) = low.split_at_mut(DIGITS / 2);
            high[..low.len()].copy_from_slice(moved);
            moved.fill(0);
        }
        [self, upper]
    }

    /// How many digits there are up to the highest that is not 0.
    pub(crate) fn len(&self) -> usize {
        let len = |half: &[i8; DIGITS]| DIGITS - half.iter().rev().take_while(|digit| **digit == 0).count();
        len(&self.0[0]).max(len(&self.0[1]))
    }
}

/// `[a, b]` with `scalar = a + b zeta`, both below 2^126 in size, as integers modulo 2^256.
///
/// With the curve's parameter u, the vectors (-(6u^2 + 2u), 2u + 1) and (2u + 1, 6u^2 + 4u + 1) span all (a, b) with
/// `a + b zeta = 0`: their determinant is -r. The nearest combination of them is taken from (scalar, 0).
fn split(scalar: &Fr) -> [U256; 2] {
    const U: u64 = 4965661367192848881;

    let u = U256::from(U);
    let [short, long, longer] =
        [u + u, U256::from(6) * u * u + u + u, U256::from(6) * u * u + u * U256::from(4)];
    let [short, longer] = [short, longer].map(|length| length + U256::ONE);
    let order = integer(&-Fr::one()) + U256::ONE;
    let scalar = integer(scalar);
    let nearest = |length: U256| -> U256 {
        let product: U512 = scalar.widening_mul(length);
        ((product + U512::from(order >> 1)) / U512::from(order)).wrapping_to()
    };
    let [first, second] = [nearest(longer), nearest(short)];
    let a = scalar.wrapping_sub(first.wrapping_mul(long)).wrapping_sub(second.wrapping_mul(short));
    let b = first.wrapping_mul(short).wrapping_sub(second.wrapping_mul(longer));
    [a, b]
}

/// The signed digits of a half.
fn digits(half: U256) -> [i8; DIGITS] {
    let negative = half.bit(255);
    let mut size = if negative { half.wrapping_neg() } else { half };
    let mut digits = [0; DIGITS];
    for digit in &mut digits {
        let low = (size.as_limbs()[0] & 15) as i8;
        size >>= WINDOW;
        *digit = low;
        if low > 8 {
            *digit -= 16;
            size += U256::ONE;
        }
        if negative {
            *digit = -*digit;
        }
    }
    debug_assert!(size.is_zero());
    digits
}

fn integer(scalar: &Fr) -> U256 {
    U256::from_le_bytes(scalar.to_repr())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::{Field, WithSmallOrderMulGroup};
    use rand_core::OsRng;

    #[test]
    fn digits_make_up_the_scalar() {
        let edge = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::ZETA, -Fr::ZETA, Fr::TWO_INV, Fr::ZETA - Fr::ONE];
        let short = (0..128).map(|bits| Fr::from(2).pow_vartime([bits]));
        for scalar in edge.into_iter().chain(short).chain((0..2000).map(|_| Fr::random(OsRng))) {
            let Digits(halves) = Digits::new(&scalar);
            let [a, b] = halves.map(|digits| {
                digits.iter().rev().fold(Fr::ZERO, |sum, digit| {
                    let size = Fr::from(u64::from(digit.unsigned_abs()));
                    sum * Fr::from(16) + if *digit < 0 { -size } else { size }
                })
            });
            assert_eq!(a + b * Fr::ZETA, scalar);
            assert!(halves.iter().flatten().all(|digit| (-8..=8).contains(digit)));
            // Room for a carry: the halves are short.
            assert!(halves.iter().all(|half| half[DIGITS - 1].abs() <= 4));
        }
        // A small scalar is its own half, so every second digit is 0.
        assert_eq!(Digits::new(&Fr::from_u128(u128::MAX >> 3)).0[1], [0; DIGITS]);
    }
}
