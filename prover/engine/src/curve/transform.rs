//! Fourier transforms of points, of lengths that are powers of 4.
//!
//! Four points are taken at a time. Two layers of butterflies would multiply four times and double four points 124 times
//! each; as three sums of five products they are doubled three times.

use std::iter;

use apportion_circuits::field::SuiteField;
use ff::Field;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use rayon::prelude::*;

use super::{
    Batch, Digits,
    products::{BATCH, Multiples, Product, sums},
};

/// The powers of a root of unity of order `2^k`, recoded once.
pub(crate) struct Transform {
    order: usize,
    /// w^0 to w^(n/2 - 1).
    powers: Vec<Digits>,
}

/// Points at the same places of a block's quarters, and these places: many of them, maybe of several blocks.
struct Quads {
    quarters: [Vec<G1Affine>; 4],
    places: Vec<usize>,
}

impl Transform {
    pub(crate) fn new(k: u32) -> Self {
        let omega = Fr::root_of_unity(k);
        let powers: Vec<_> =
            iter::successors(Some(Fr::ONE), |power| Some(power * omega)).take(1 << (k - 1)).collect();
        Self { order: 1 << k, powers: powers.par_iter().map(Digits::new).collect() }
    }

    /// `out[reversed(m)] = sum_j w^(jm) points[j]`, where `reversed` has the bits of m in reverse.
    pub(crate) fn scatter(&self, points: &mut [G1Affine]) {
        let mut len = points.len();
        while len > 1 {
            layer(points, len, |batch, quads| self.scatter_quads(batch, len, quads));
            len /= 4;
        }
    }

    /// `out[i] = sum_n w^(in) points[reversed(n)]`.
    pub(crate) fn gather(&self, points: &mut [G1Affine]) {
        let mut len = 4;
        while len <= points.len() {
            layer(points, len, |batch, quads| self.gather_quads(batch, len, quads));
            len *= 4;
        }
    }

    /// Of a, b, c, d in place j, with i for the root of order 4: `a + b + c + d`, `(a - b + c - d) w^(2j)`,
    /// `(a - c) w^j + (b - d) i w^j`, `(a - c) w^(3j) - (b - d) i w^(3j)`.
    fn scatter_quads(&self, batch: &mut Batch, len: usize, quads: &mut Quads) {
        let [a, b, c, d] = &mut quads.quarters;
        batch.butterfly(a, c);
        batch.butterfly(b, d);
        batch.butterfly(a, b);
        self.multiply(batch, len, quads, |j| [j, j + len / 4, 3 * j, 3 * j + len / 4]);
        quads.in_first_place(batch);
    }

    /// The other way round: of `a' = a + b w^(2j)`, `b' = a - b w^(2j)`, `c' = c w^j + d w^(3j)`,
    /// `d' = c i w^j - d i w^(3j)` it makes `a' + c'`, `b' + d'`, `a' - c'`, `b' - d'`.
    fn gather_quads(&self, batch: &mut Batch, len: usize, quads: &mut Quads) {
        quads.in_first_place(batch);
        self.multiply(batch, len, quads, |j| [j, 3 * j, j + len / 4, 3 * j + len / 4]);
        let [a, b, c, d] = &mut quads.quarters;
        batch.butterfly(a, b);
        batch.butterfly(a, c);
        batch.butterfly(b, d);
    }

    /// `b, c, d = b w^(2j), c w^x + d w^y, c w^z - d w^t`, for `[x, y, z, t]` of the place j. In place 0 only d is
    /// multiplied, by i.
    fn multiply(
        &self,
        batch: &mut Batch,
        len: usize,
        Quads { quarters: [_, b, c, d], places }: &mut Quads,
        exponents: impl Fn(usize) -> [usize; 4],
    ) {
        let stride = self.order / len;
        let product = |point: usize, exponent: usize, negative: bool| {
            let (exponent, half) = (exponent * stride % self.order, self.order / 2);
            let scalar = &self.powers[exponent % half];
            Some(Product { point, scalar, negative: negative != (exponent >= half) })
        };
        let mut points = Vec::with_capacity(3 * places.len());
        let mut lanes = Vec::with_capacity(3 * places.len());
        for (((b, c), d), &j) in b.iter().zip(&*c).zip(&*d).zip(&*places) {
            let first = points.len();
            if j == 0 {
                points.push(*d);
                lanes.push([product(first, len / 4, false), None]);
            } else {
                points.extend([b, c, d]);
                let [x, y, z, t] = exponents(j);
                lanes.push([product(first, 2 * j, false), None]);
                lanes.push([product(first + 1, x, false), product(first + 2, y, false)]);
                lanes.push([product(first + 1, z, false), product(first + 2, t, true)]);
            }
        }
        let multiples = Multiples::new(batch, &points);
        let lane = |lane: usize, term: usize| -> Option<Product<'_>> { lanes[lane][term] };
        let mut sums = sums(batch, &multiples, (lanes.len(), 2), lane).into_iter();
        for (((b, c), d), &j) in b.iter_mut().zip(c).zip(d).zip(&*places) {
            for point in [b, c, d].into_iter().skip(if j == 0 { 2 } else { 0 }) {
                if let Some(sum) = sums.next() {
                    *point = sum;
                }
            }
        }
    }
}

impl Quads {
    /// `c, d = c + d, c - d` in places 0, which need no other multiplication.
    fn in_first_place(&mut self, batch: &mut Batch) {
        let Self { quarters: [_, _, c, d], places } = self;
        let first: Vec<_> = (0..places.len()).filter(|n| places[*n] == 0).collect();
        let [mut sums, mut differences] =
            [&*c, &*d].map(|points| first.iter().map(|n| points[*n]).collect::<Vec<_>>());
        batch.butterfly(&mut sums, &mut differences);
        for ((n, sum), difference) in first.into_iter().zip(sums).zip(differences) {
            (c[n], d[n]) = (sum, difference);
        }
    }
}

/// Works on all quads of all blocks of this length, so many at a time that their sums make a batch, on all cores.
fn layer(points: &mut [G1Affine], len: usize, work: impl Fn(&mut Batch, &mut Quads) + Sync) {
    let size = (len / 4).min(BATCH / 2);
    let mut pieces: Vec<(usize, [&mut [G1Affine]; 4])> = Vec::new();
    for block in points.chunks_exact_mut(len) {
        let (low, high) = block.split_at_mut(len / 2);
        let ((a, b), (c, d)) = (low.split_at_mut(len / 4), high.split_at_mut(len / 4));
        let pairs = |x, y| <[_]>::chunks_mut(x, size).zip(<[_]>::chunks_mut(y, size));
        let quads = pairs(a, b).zip(pairs(c, d)).enumerate();
        pieces.extend(quads.map(|(piece, ((a, b), (c, d)))| (piece * size, [a, b, c, d])));
    }
    pieces.par_chunks_mut(BATCH / 2 / size).for_each(|pieces| {
        let mut quads = Quads {
            quarters: [0, 1, 2, 3].map(|quarter| {
                pieces.iter().flat_map(|(_, quarters)| &*quarters[quarter]).copied().collect()
            }),
            places: pieces.iter().flat_map(|(first, _)| *first..first + size).collect(),
        };
        work(&mut Batch::default(), &mut quads);
        for (quarter, points) in quads.quarters.iter().enumerate() {
            for ((_, quarters), points) in pieces.iter_mut().zip(points.chunks(size)) {
                quarters[quarter].copy_from_slice(points);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use group::Curve;
    use halo2_axiom::halo2curves::bn256::G1;

    #[test]
    fn transforms_agree_with_the_definition() {
        for (k, n) in [(2, 4), (4, 16), (6, 64), (8, 64), (10, 1024)] {
            let transform = Transform::new(k);
            let omega = Fr::root_of_unity(usize::ilog2(n));
            // Logarithms of points, some of them 0, so that it can be checked in the field.
            let logs: Vec<_> = (0..n as u64).map(|i| Fr::from(i % 7) * Fr::from(i * i)).collect();
            let point = |log: &Fr| (G1::generator() * log).to_affine();
            let bits = usize::BITS - n.trailing_zeros();
            let expected: Vec<_> = (0..n)
                .map(|m| {
                    let z = omega.pow_vartime([m as u64]);
                    logs.iter().rev().fold(Fr::ZERO, |sum, log| sum * z + log)
                })
                .collect();
            let mut points: Vec<_> = logs.iter().map(point).collect();
            transform.scatter(&mut points);
            for (m, expected) in expected.iter().enumerate() {
                assert_eq!(points[m.reverse_bits() >> bits], point(expected), "{m} of {n}");
            }
            let mut points: Vec<_> = (0..n).map(|i| point(&logs[i.reverse_bits() >> bits])).collect();
            transform.gather(&mut points);
            assert_eq!(points, expected.iter().map(point).collect::<Vec<_>>());
        }
    }
}
