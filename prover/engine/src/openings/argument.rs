//! The inner product argument of halo2_proofs' polynomial commitment: the same bytes as its `create_proof`, in less time.
//!
//! In every round the generators are folded, `g_i + u g_(i + n/2)`: as many multiplications by one scalar as the polynomial
//! has coefficients, which in halo2_proofs take most of the time. A challenge is public, so here they take variable time: by
//! the curve's endomorphism, from digits that are made once a round. Sums are made by one window a pass, as large as fits
//! their length; halo2_proofs doubles every window's sum up to its place, which at the last rounds' lengths is nearly all that it does.

use std::io;

use apportion_circuits::field::wipe;
use apportion_suite::SuiteError;
use ff::{Field, PrimeField};
use group::{Curve, Group, GroupEncoding, prime::PrimeCurveAffine};
use halo2_proofs::{
    poly::commitment::Params,
    transcript::{Challenge255, EncodedChallenge, TranscriptWrite},
};
use pasta_curves::{
    Eq, EqAffine, Fp,
    glv::{Decomposed, Table},
};
use rand_core::RngCore;
use rayon::prelude::*;

/// Points that one task folds.
const TASK: usize = 64;

/// The generators: one a coefficient, one of blinding, one of values.
pub(super) struct Argument {
    g: Vec<EqAffine>,
    w: EqAffine,
    u: EqAffine,
}

impl Argument {
    /// Takes the generators from parameters, which show the last two in their serialisation only.
    ///
    /// # Errors
    /// If that is not as expected.
    pub(super) fn new(params: &Params<EqAffine>) -> Result<Self, SuiteError> {
        let unread = || SuiteError::Params("not serialised as expected".into());
        let mut bytes = Vec::new();
        params.write(&mut bytes).map_err(|_| unread())?;
        let mut last = bytes.rchunks_exact(32).map(|bytes| {
            let bytes = bytes.try_into().ok()?;
            Option::<EqAffine>::from(EqAffine::from_bytes(&bytes))
        });
        let mut point = || last.next().flatten().ok_or_else(unread);
        let (u, w) = (point()?, point()?);
        Ok(Self { g: params.get_g(), w, u })
    }

    /// Writes the argument that a polynomial, given by as many coefficients as there are generators, has the value that it
    /// has at `point`. The transcript has seen the commitment and all else that the statement depends on.
    pub(super) fn write<T: TranscriptWrite<EqAffine, Challenge255<EqAffine>>>(
        &self,
        mut rng: impl RngCore,
        transcript: &mut T,
        poly: &[Fp],
        blind: Fp,
        point: Fp,
    ) -> io::Result<()> {
        // A random polynomial that vanishes at the point, added under a challenge: it hides all coefficients.
        let mut p: Vec<Fp> = poly.iter().map(|_| Fp::random(&mut rng)).collect();
        vanish(&mut p, point);
        let hiding = Fp::random(&mut rng);
        transcript.write_point((multiexp(&self.g, &p) + self.w * hiding).to_affine())?;
        let xi = challenge(transcript);
        let z = challenge(transcript);
        p.iter_mut().zip(poly).for_each(|(p, coefficient)| *p = *p * xi + coefficient);
        vanish(&mut p, point);
        let mut f = hiding * xi + blind;

        let mut b: Vec<Fp> =
            std::iter::successors(Some(Fp::ONE), |power| Some(power * point)).take(p.len()).collect();
        let mut folded;
        let mut g = &self.g[..];
        while p.len() > 1 {
            let half = p.len() / 2;
            let ((p_low, p_high), (b_low, b_high), (g_low, g_high)) =
                (p.split_at_mut(half), b.split_at_mut(half), g.split_at(half));
            let (left, right) = rayon::join(|| multiexp(g_low, p_high), || multiexp(g_high, p_low));
            let [left_value, right_value] = [inner(p_high, b_low), inner(p_low, b_high)];
            let [left_blind, right_blind] = [(); 2].map(|()| Fp::random(&mut rng));
            for (sum, value, blind) in [(left, left_value, left_blind), (right, right_value, right_blind)] {
                transcript.write_point((sum + self.u * (value * z) + self.w * blind).to_affine())?;
            }
            let challenge = challenge(transcript);
            let inverse = Option::<Fp>::from(challenge.invert()).ok_or(io::ErrorKind::InvalidData)?;
            p_low.iter_mut().zip(&mut *p_high).for_each(|(low, high)| *low += *high * inverse);
            b_low.iter_mut().zip(&*b_high).for_each(|(low, high)| *low += high * challenge);
            f += left_blind * inverse + right_blind * challenge;
            wipe(p_high);
            p.truncate(half);
            b.truncate(half);
            // The last generator is nobody's to know.
            folded = if half > 1 { fold(g_low, g_high, &challenge) } else { Vec::new() };
            g = &folded;
        }
        transcript.write_scalar(p[0])?;
        transcript.write_scalar(f)
    }
}

fn challenge<T: TranscriptWrite<EqAffine, Challenge255<EqAffine>>>(transcript: &mut T) -> Fp {
    transcript.squeeze_challenge().get_scalar()
}

/// `low + u high`.
fn fold(low: &[EqAffine], high: &[EqAffine], u: &Fp) -> Vec<EqAffine> {
    let digits = Decomposed::<Eq>::new(u);
    let mut folded = vec![EqAffine::identity(); low.len()];
    folded.par_chunks_mut(TASK).zip(low.par_chunks(TASK).zip(high.par_chunks(TASK))).for_each(
        |(folded, (low, high))| {
            let high: Vec<Eq> = high.iter().map(PrimeCurveAffine::to_curve).collect();
            let tables = Table::batch(&high);
            let sums: Vec<Eq> =
                tables.iter().zip(low).map(|(table, low)| table.mul_decomposed(&digits) + low).collect();
            Eq::batch_normalize(&sums, folded);
        },
    );
    folded
}

/// Takes a polynomial's value at a point off it.
fn vanish(coefficients: &mut [Fp], point: Fp) {
    let value = coefficients.iter().rev().fold(Fp::ZERO, |sum, coefficient| sum * point + coefficient);
    coefficients[0] -= value;
}

fn inner(a: &[Fp], b: &[Fp]) -> Fp {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `sum scalars_i points_i`, on one thread.
fn multiexp(points: &[EqAffine], scalars: &[Fp]) -> Eq {
    const BITS: usize = 255;
    let cost = |c: &usize| BITS.div_ceil(*c) * (points.len() + (2 << c));
    let c = (1..=12).min_by_key(cost).unwrap_or(1);
    let mut words: Vec<[u64; 5]> = scalars.iter().map(words).collect();
    let mut sum = Eq::identity();
    for window in (0..BITS.div_ceil(c)).rev() {
        let mut buckets = vec![Eq::identity(); (1 << c) - 1];
        for (point, words) in points.iter().zip(&words) {
            if let Some(bucket) = digit(words, window * c, c).checked_sub(1) {
                buckets[bucket] += point;
            }
        }
        for _ in 0..c {
            sum = sum.double();
        }
        // Bucket i has what counts i + 1 times.
        let mut running = Eq::identity();
        for bucket in buckets.iter().rev() {
            running += bucket;
            sum += running;
        }
    }
    words.iter_mut().for_each(|words| words.fill(0));
    std::hint::black_box(&mut words);
    sum
}

/// A scalar's 64-bit words, lowest first, and a 0 behind them.
fn words(scalar: &Fp) -> [u64; 5] {
    let repr = scalar.to_repr();
    std::array::from_fn(|i| {
        repr.chunks_exact(8)
            .nth(i)
            .map_or(0, |bytes| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
    })
}

/// `c` bits of a scalar from a place on.
fn digit(words: &[u64; 5], from: usize, c: usize) -> usize {
    let (word, shift) = (from / 64, from % 64);
    let pair = u128::from(words[word]) | u128::from(words[word + 1]) << 64;
    (pair >> shift) as usize & ((1 << c) - 1)
}

#[cfg(test)]
mod tests {
    use halo2_proofs::{
        poly::{
            EvaluationDomain,
            commitment::{Blind, create_proof},
        },
        transcript::Blake2bWrite,
    };
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    use rand_core::OsRng;

    use super::*;

    fn transcript() -> Blake2bWrite<Vec<u8>, EqAffine, Challenge255<EqAffine>> {
        Blake2bWrite::init(Vec::new())
    }

    #[test]
    fn the_argument_is_halo2_proofs_own() {
        for (k, nonzero) in [(1, 2), (2, 3), (5, 32), (8, 192), (8, 0), (11, 1152)] {
            let params = Params::<EqAffine>::new(k);
            let mut poly = EvaluationDomain::<Fp>::new(1, k).empty_coeff();
            poly.iter_mut().take(nonzero).for_each(|coefficient| *coefficient = Fp::random(OsRng));
            let (blind, point) = (Fp::random(OsRng), Fp::random(OsRng));
            let rng = || ChaCha20Rng::seed_from_u64(7);

            let (mut own, mut theirs) = (transcript(), transcript());
            Argument::new(&params).unwrap().write(rng(), &mut own, &poly, blind, point).unwrap();
            create_proof(&params, rng(), &mut theirs, &poly, Blind(blind), point).unwrap();
            assert_eq!(own.finalize(), theirs.finalize(), "2^{k}, {nonzero}");
        }
    }

    #[test]
    fn sums_agree_with_the_definition() {
        for n in [0, 1, 2, 3, 7, 64, 300] {
            let points: Vec<_> = (0..n).map(|_| Eq::random(OsRng).to_affine()).collect();
            let special = [Fp::ZERO, Fp::ONE, -Fp::ONE, Fp::from(u64::MAX)];
            let scalars: Vec<_> =
                (0..n).map(|i| special.get(i).copied().unwrap_or_else(|| Fp::random(OsRng))).collect();
            let sum: Eq = points.iter().zip(&scalars).map(|(point, scalar)| *point * scalar).sum();
            assert_eq!(multiexp(&points, &scalars), sum, "{n}");
        }
    }
}
