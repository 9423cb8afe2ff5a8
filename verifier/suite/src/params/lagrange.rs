//! From monomial points to the Lagrange basis: an inverse FFT over the group, for both suites.
//!
//! Both halo2 crates do the same with constant-time 256-step multiplications, a multiplication by one for
//! every trivial twiddle, and n more for the final division by n. Here twiddles are split once with the curve's
//! endomorphism (half the doublings), trivial ones are skipped, and the division is folded into twiddles that
//! are multiplied anyway. Nothing here is secret, so variable time is fine.

use ff::{Field, PrimeField, WithSmallOrderMulGroup};
use group::Group;
use group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::bn256;
use pasta_curves::arithmetic::CurveExt;
use rayon::prelude::*;
use ruint::aliases::{U256, U512};

/// A curve with a short vector `b` of the lattice of `x + y * zeta = 0 mod r` to split scalars with. The
/// constants are those of halo2curves, which keeps its own split private; wrong ones would make halves long,
/// not products wrong.
pub(crate) trait Endomorphism: CurveExt {
    /// `round(2^256 * b2 / r)` and `round(-2^256 * b1 / r)`.
    const GAMMA: [U256; 2];
    /// `b1` and `b2`.
    const B: [u128; 2];
}

impl Endomorphism for bn256::G1 {
    const GAMMA: [U256; 2] = [
        U256::from_limbs([0xd91d232ec7e0b3d7, 0x2, 0, 0]),
        U256::from_limbs([0x5398fd0300ff6565, 0x4ccef014a773d2d2, 0x02, 0]),
    ];
    const B: [u128; 2] = [0x89d3256894d213e3, 0x6f4d8248eeb859fd_0be4e1541221250b];
}

impl Endomorphism for pasta_curves::Eq {
    const GAMMA: [U256; 2] = [
        U256::from_limbs([0x32c49e4c00000003, 0x279a745902a2654e, 0x1, 0]),
        U256::from_limbs([0x31f0256800000002, 0x4f34e8b2066389a4, 0x2, 0]),
    ];
    const B: [u128; 2] = [0x49e69d1640a89953_8cb1279300000001, 0x93cd3a2c8198e269_0c7c095a00000001];
}

/// The Lagrange basis of order `2^k` for the `2^k` points that commit to the powers of X.
pub(crate) fn lagrange_basis<C: Endomorphism>(g: &[C::AffineExt]) -> Vec<C::AffineExt> {
    let n = g.len();
    let k = n.trailing_zeros();
    if k == 0 {
        return g.to_vec();
    }
    let mut omega_inv = C::ScalarExt::ROOT_OF_UNITY_INV;
    for _ in k..C::ScalarExt::S {
        omega_inv = omega_inv.square();
    }
    let n_inv = C::ScalarExt::TWO_INV.pow_vartime([u64::from(k)]);

    let mut twiddles = vec![C::ScalarExt::ONE; n / 2];
    for i in 1..n / 2 {
        twiddles[i] = twiddles[i - 1] * omega_inv;
    }
    let plain: Vec<_> = twiddles.par_iter().map(Scalar::new::<C>).collect();
    let scaled: Vec<_> = twiddles.par_iter().map(|w| Scalar::new::<C>(&(*w * n_inv))).collect();

    let mut a: Vec<C> = (0..n).map(|i| g[i.reverse_bits() >> (usize::BITS - k)].to_curve()).collect();
    // The first element of the first block is never multiplied: it starts out divided by n. Everything that is
    // added to it is multiplied by a twiddle, so in the first block of each layer twiddles carry the 1/n.
    a[0] = Scalar::new::<C>(&n_inv).mul(&a[0]);
    let mut half = 1;
    while half < n {
        let stride = n / (2 * half);
        a.par_chunks_mut(2 * half).enumerate().for_each(|(block, chunk)| {
            let twiddles = if block == 0 { &scaled } else { &plain };
            let (low, high) = chunk.split_at_mut(half);
            low.par_iter_mut().zip(high).with_min_len(16).enumerate().for_each(|(i, (lo, hi))| {
                let t = if block != 0 && i == 0 { *hi } else { twiddles[i * stride].mul(hi) };
                *hi = *lo - t;
                *lo += t;
            });
        });
        half *= 2;
    }
    normalize(&a)
}

pub(crate) fn normalize<C: CurveExt>(points: &[C]) -> Vec<C::AffineExt> {
    const CHUNK: usize = 1024;
    let mut out = vec![C::AffineExt::default(); points.len()];
    out.par_chunks_mut(CHUNK)
        .zip(points.par_chunks(CHUNK))
        .for_each(|(out, points)| C::batch_normalize(points, out));
    out
}

/// A scalar as `low + high * zeta` in signed digits, most significant first, both halves about 128 bits.
struct Scalar(Vec<(i8, i8)>);

impl Scalar {
    fn new<C: Endomorphism>(s: &C::ScalarExt) -> Self {
        let [low, high] = split::<C>(s).map(|half| {
            let neg = -half;
            let (value, sign) = if to_int(&half) <= to_int(&neg) { (half, 1) } else { (neg, -1) };
            naf(to_int(&value), sign)
        });
        let len = low.len().max(high.len());
        let digit = |d: &[i8], i: usize| d.get(i).copied().unwrap_or(0);
        Self((0..len).rev().map(|i| (digit(&low, i), digit(&high, i))).collect())
    }

    fn mul<C: CurveExt>(&self, p: &C) -> C {
        let twice = p.double();
        let mut odd = [*p; 4];
        for i in 1..odd.len() {
            odd[i] = odd[i - 1] + twice;
        }
        let endo = odd.map(|p| p.endo());
        let mut acc = C::identity();
        for &(low, high) in &self.0 {
            acc = acc.double();
            add_digit(&mut acc, &odd, low);
            add_digit(&mut acc, &endo, high);
        }
        acc
    }
}

fn add_digit<C: Group>(acc: &mut C, odd: &[C; 4], digit: i8) {
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

/// `[a, b]` with `s = a + b * zeta`: an identity for any rounding, and short halves for the right one.
fn split<C: Endomorphism>(s: &C::ScalarExt) -> [C::ScalarExt; 2] {
    let two_64 = C::ScalarExt::from(1 << 32).square();
    let [c2, c1] = C::GAMMA.map(|gamma| {
        let product: U512 = gamma.widening_mul(to_int(s));
        // The quotient by 2^256 is at most 131 bits long.
        let limbs = [6, 5, 4].map(|i| C::ScalarExt::from(product.as_limbs()[i]));
        (limbs[0] * two_64 + limbs[1]) * two_64 + limbs[2]
    });
    let [b1, b2] = C::B.map(C::ScalarExt::from_u128);
    let b = c1 * b1 - c2 * b2;
    [*s - b * C::ScalarExt::ZETA, b]
}

fn to_int<F: PrimeField>(s: &F) -> U256 {
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

    fn multiplies<C: Endomorphism>() {
        let [zero, one, zeta] = [C::ScalarExt::ZERO, C::ScalarExt::ONE, C::ScalarExt::ZETA];
        let edge = [zero, one, -one, zeta, -zeta, zeta - one];
        for s in edge.into_iter().chain((0..200).map(|_| C::ScalarExt::random(OsRng))) {
            let p = C::random(OsRng);
            assert_eq!(Scalar::new::<C>(&s).mul(&p), p * s);
            assert!(Scalar::new::<C>(&s).0.len() <= 130, "the halves are short");
        }
    }

    #[test]
    fn multiplication_agrees_with_the_curve_crates() {
        multiplies::<bn256::G1>();
        multiplies::<pasta_curves::Eq>();
    }

    /// For vesta see the test that compares with `Params::new`.
    #[test]
    fn basis_agrees_with_halo2() {
        for k in 0..8 {
            let g: Vec<_> = (0..1 << k).map(|_| bn256::G1::random(OsRng)).collect();
            let basis = lagrange_basis::<bn256::G1>(&normalize(&g));
            assert_eq!(basis, g_to_lagrange::<bn256::G1Affine>(g, k));
        }
    }
}
