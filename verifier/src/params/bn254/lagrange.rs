//! From powers of the secret to the Lagrange basis: an inverse FFT over the group.
//!
//! `halo2_axiom::arithmetic::g_to_lagrange` does the same with constant-time 256-step multiplications, a
//! multiplication by one for every trivial twiddle, and n more for the final division by n. Here twiddles are
//! split once with the curve's endomorphism (half the doublings), trivial ones are skipped, and the division
//! is folded into twiddles that are multiplied anyway. Nothing here is secret, so variable time is fine.

use ff::{Field, PrimeField, WithSmallOrderMulGroup};
use group::{Curve, Group};
use halo2_axiom::halo2curves::CurveExt;
use halo2_axiom::halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;
use ruint::aliases::{U256, U512};

/// The Lagrange basis of order `2^k` for `g = [1, tau, tau^2, ..]`; `g` has exactly `2^k` points.
pub(crate) fn lagrange_basis(g: &[G1Affine]) -> Vec<G1Affine> {
    let n = g.len();
    let k = n.trailing_zeros();
    if k == 0 {
        return g.to_vec();
    }
    let mut omega_inv = Fr::ROOT_OF_UNITY_INV;
    for _ in k..Fr::S {
        omega_inv = omega_inv.square();
    }
    let n_inv = Fr::TWO_INV.pow_vartime([u64::from(k)]);

    let mut twiddles = vec![Fr::ONE; n / 2];
    for i in 1..n / 2 {
        twiddles[i] = twiddles[i - 1] * omega_inv;
    }
    let plain: Vec<_> = twiddles.par_iter().map(Scalar::new).collect();
    let scaled: Vec<_> = twiddles.par_iter().map(|w| Scalar::new(&(*w * n_inv))).collect();

    let mut a: Vec<G1> = (0..n)
        .map(|i| g[i.reverse_bits() >> (usize::BITS - k)].into())
        .collect();
    // The first element of the first block is never multiplied: it starts out divided by n. Everything that is
    // added to it is multiplied by a twiddle, so in the first block of each layer twiddles carry the 1/n.
    a[0] = Scalar::new(&n_inv).mul(&a[0]);
    let mut half = 1;
    while half < n {
        let stride = n / (2 * half);
        a.par_chunks_mut(2 * half).enumerate().for_each(|(block, chunk)| {
            let twiddles = if block == 0 { &scaled } else { &plain };
            let (low, high) = chunk.split_at_mut(half);
            low.par_iter_mut()
                .zip(high)
                .with_min_len(16)
                .enumerate()
                .for_each(|(i, (lo, hi))| {
                    let t = if block != 0 && i == 0 {
                        *hi
                    } else {
                        twiddles[i * stride].mul(hi)
                    };
                    *hi = *lo - t;
                    *lo += t;
                });
        });
        half *= 2;
    }
    normalize(&a)
}

pub(crate) fn normalize(points: &[G1]) -> Vec<G1Affine> {
    const CHUNK: usize = 1024;
    let mut out = vec![G1Affine::default(); points.len()];
    out.par_chunks_mut(CHUNK)
        .zip(points.par_chunks(CHUNK))
        .for_each(|(out, points)| G1::batch_normalize(points, out));
    out
}

/// A scalar as `low + high * zeta` in signed digits, most significant first, both halves about 128 bits.
struct Scalar(Vec<(i8, i8)>);

impl Scalar {
    fn new(s: &Fr) -> Self {
        let [low, high] = split(s).map(|half| {
            let neg = -half;
            let (value, sign) = if to_int(&half) <= to_int(&neg) {
                (half, 1)
            } else {
                (neg, -1)
            };
            naf(to_int(&value), sign)
        });
        let len = low.len().max(high.len());
        let digit = |d: &[i8], i: usize| d.get(i).copied().unwrap_or(0);
        Self(
            (0..len)
                .rev()
                .map(|i| (digit(&low, i), digit(&high, i)))
                .collect(),
        )
    }

    fn mul(&self, p: &G1) -> G1 {
        let twice = p.double();
        let mut odd = [*p; 4];
        for i in 1..odd.len() {
            odd[i] = odd[i - 1] + twice;
        }
        let endo = odd.map(|p| p.endo());
        let mut acc = G1::identity();
        for &(low, high) in &self.0 {
            acc = acc.double();
            add_digit(&mut acc, &odd, low);
            add_digit(&mut acc, &endo, high);
        }
        acc
    }
}

fn add_digit(acc: &mut G1, odd: &[G1; 4], digit: i8) {
    match digit {
        0 => {}
        1.. => *acc += odd[digit as usize / 2],
        _ => *acc -= odd[digit.unsigned_abs() as usize / 2],
    }
}

/// Non-adjacent form of width 4, least significant first: digits are 0 or odd, at most 7 in size.
fn naf(mut v: U256, sign: i8) -> Vec<i8> {
    let mut digits = Vec::with_capacity(132);
    while !v.is_zero() {
        let mut digit = 0;
        if v.bit(0) {
            let low = v.as_limbs()[0] % 16;
            if low < 8 {
                digit = low as i8;
                v -= U256::from(low);
            } else {
                digit = low as i8 - 16;
                v += U256::from(16 - low);
            }
        }
        digits.push(sign * digit);
        v >>= 1;
    }
    digits
}

/// `[a, b]` with `s = a + b * zeta`, an identity for any rounding; the constants (those of halo2curves's
/// `bn256::G1`, which keeps its own split private) make both about half as long as `s`.
fn split(s: &Fr) -> [Fr; 2] {
    const GAMMA1: U256 = U256::from_limbs([0xd91d232ec7e0b3d7, 0x2, 0, 0]);
    const GAMMA2: U256 = U256::from_limbs([0x5398fd0300ff6565, 0x4ccef014a773d2d2, 0x02, 0]);
    const B1: [u64; 4] = [0x89d3256894d213e3, 0, 0, 0];
    const B2: [u64; 4] = [0x0be4e1541221250b, 0x6f4d8248eeb859fd, 0, 0];
    let rounded = |gamma: U256| {
        let product: U512 = gamma.widening_mul(to_int(s));
        let limbs = product.as_limbs();
        Fr::from_raw([limbs[4], limbs[5], limbs[6], limbs[7]])
    };
    let b = rounded(GAMMA2) * Fr::from_raw(B1) - rounded(GAMMA1) * Fr::from_raw(B2);
    [*s - b * Fr::ZETA, b]
}

fn to_int(s: &Fr) -> U256 {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().zip(s.to_repr().as_ref().as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*chunk);
    }
    U256::from_limbs(limbs)
}

#[cfg(test)]
mod tests {
    use halo2_axiom::arithmetic::g_to_lagrange;
    use rand_core::OsRng;

    use super::*;

    #[test]
    fn multiplication_agrees_with_the_curve_crate() {
        let edge = [
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            Fr::ZETA,
            -Fr::ZETA,
            Fr::ZETA - Fr::ONE,
        ];
        for s in edge.into_iter().chain((0..200).map(|_| Fr::random(OsRng))) {
            let p = G1::random(OsRng);
            assert_eq!(Scalar::new(&s).mul(&p), p * s);
            assert!(Scalar::new(&s).0.len() <= 130, "the halves are short");
        }
    }

    #[test]
    fn basis_agrees_with_halo2() {
        for k in 0..8 {
            let g: Vec<_> = (0..1 << k).map(|_| G1::random(OsRng)).collect();
            assert_eq!(lagrange_basis(&normalize(&g)), g_to_lagrange::<G1Affine>(g, k));
        }
    }
}
