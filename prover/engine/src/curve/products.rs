//! Sums of few products, of many lanes in step.

use ff::WithSmallOrderMulGroup;
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine};
use rayon::prelude::*;
use zeroize::Zeroizing;

use super::{
    Batch, Digits,
    glv::{DIGITS, WINDOW},
};

/// Lanes of one batch: enough that inversions cost little, few enough that their multiples stay in the cache.
pub(crate) const BATCH: usize = 256;

/// The first eight multiples of points: `[k][i] = (k + 1) p_i`.
pub(crate) struct Multiples([Vec<G1Affine>; 8]);

impl Multiples {
    pub(crate) fn new(batch: &mut Batch, points: &[G1Affine]) -> Self {
        let mut multiples = [(); 8].map(|()| points.to_vec());
        batch.double(&mut multiples[1]);
        for k in 2..8 {
            multiples[k] = multiples[k - 1].clone();
            batch.add(&mut multiples[k], points);
        }
        Self(multiples)
    }

    /// `digit * p_i`.
    fn get(&self, i: usize, digit: i8) -> G1Affine {
        match digit {
            0 => G1Affine::default(),
            1.. => self.0[digit as usize - 1][i],
            _ => -self.0[digit.unsigned_abs() as usize - 1][i],
        }
    }
}

/// One product: a scalar times the point at this place among the multiples.
#[derive(Clone, Copy)]
pub(crate) struct Product<'a> {
    pub(crate) point: usize,
    pub(crate) scalar: &'a Digits,
    pub(crate) negative: bool,
}

/// For each of so many lanes the sum of so many products, which `product` tells by lane and term.
pub(crate) fn sums<'a>(
    batch: &mut Batch,
    multiples: &Multiples,
    (lanes, terms): (usize, usize),
    product: impl Fn(usize, usize) -> Option<Product<'a>>,
) -> Vec<G1Affine> {
    let mut sums = vec![G1Affine::default(); lanes];
    let mut addends = Vec::with_capacity(lanes);
    let all = (0..lanes).flat_map(|lane| (0..terms).map(move |term| (lane, term)));
    let len = |(lane, term)| product(lane, term).map_or(0, |product| product.scalar.len());
    for digit in (0..all.map(len).max().unwrap_or(0)).rev() {
        (0..WINDOW).for_each(|_| batch.double(&mut sums));
        for term in 0..terms {
            for half in 0..2 {
                addends.clear();
                addends.extend((0..lanes).map(|lane| {
                    let Some(Product { point, scalar, negative }) = product(lane, term) else {
                        return G1Affine::default();
                    };
                    let digit = scalar.0[half][digit];
                    let mut addend = multiples.get(point, if negative { -digit } else { digit });
                    if half == 1 {
                        addend.x *= Fq::ZETA;
                    }
                    addend
                }));
                batch.add(&mut sums, &addends);
            }
        }
    }
    sums
}

/// For every lane the sum of its products, on all cores: lane i has points[t][i] times scalars[t][i].
pub(crate) fn products<const N: usize>(points: [&[G1Affine]; N], scalars: [&[Fr]; N]) -> Vec<G1Affine> {
    in_batches(&points, scalars[0].len(), |lane| {
        scalars.iter().map(|scalars| Digits::new(&scalars[lane])).collect()
    })
}

/// Points that are multiplied often, and `2^64` times each: a scalar in two parts takes half the doublings.
pub(crate) struct FixedPoints {
    pub(crate) points: Vec<G1Affine>,
    shifted: Vec<G1Affine>,
}

impl FixedPoints {
    pub(crate) fn new(points: Vec<G1Affine>) -> Self {
        let mut shifted = points.clone();
        shifted.par_chunks_mut(BATCH).for_each(|points| {
            let mut batch = Batch::default();
            (0..DIGITS / 2 * WINDOW).for_each(|_| batch.double(points));
        });
        Self { points, shifted }
    }

    /// What [`products`] makes of these points.
    pub(crate) fn products<const N: usize>(points: [&Self; N], scalars: [&[Fr]; N]) -> Vec<G1Affine> {
        let points: Vec<_> = points.iter().flat_map(|fixed| [&fixed.points[..], &fixed.shifted]).collect();
        in_batches(&points, scalars[0].len(), |lane| {
            scalars.iter().flat_map(|scalars| Digits::new(&scalars[lane]).parts()).collect()
        })
    }
}

/// For every lane i the sum over t of points[t][i] times the t-th of the lane's scalars.
fn in_batches(
    points: &[&[G1Affine]],
    lanes: usize,
    scalars: impl Fn(usize) -> Vec<Digits> + Sync,
) -> Vec<G1Affine> {
    let starts: Vec<_> = (0..lanes).step_by(BATCH).collect();
    let parts = starts.into_par_iter().flat_map_iter(|start| {
        let range = start..lanes.min(start + BATCH);
        let lanes = range.len();
        let mut batch = Batch::default();
        let near: Vec<_> = points.iter().flat_map(|points| &points[range.clone()]).copied().collect();
        let multiples = Multiples::new(&mut batch, &near);
        let scalars: Zeroizing<Vec<_>> =
            Zeroizing::new(range.map(|lane| Zeroizing::new(scalars(lane))).collect());
        sums(&mut batch, &multiples, (lanes, points.len()), |lane, term| {
            Some(Product { point: term * lanes + lane, scalar: &scalars[lane][term], negative: false })
        })
    });
    parts.collect()
}

/// `a[i] += b[i]`, on all cores.
pub(crate) fn add_all(a: &mut [G1Affine], b: &[G1Affine]) {
    a.par_chunks_mut(BATCH).zip(b.par_chunks(BATCH)).for_each(|(a, b)| Batch::default().add(a, b));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use group::Curve;
    use halo2_axiom::halo2curves::bn256::G1;
    use rand_core::OsRng;

    #[test]
    fn sums_agree_with_the_curve_crate() {
        let mut points: Vec<_> = (0..20).map(|_| G1Affine::random(OsRng)).collect();
        points[3] = G1Affine::default();
        points[5] = points[4];
        points[7] = -points[6];
        let mut scalars: Vec<_> = (0..30).map(|_| Fr::random(OsRng)).collect();
        scalars[..8].copy_from_slice(&[
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            Fr::ZETA,
            -Fr::ZETA,
            Fr::from(8),
            Fr::from(16),
            -Fr::from(9),
        ]);
        let digits: Vec<_> = scalars.iter().map(Digits::new).collect();
        let mut batch = Batch::default();
        let multiples = Multiples::new(&mut batch, &points);
        let pairs: Vec<_> = (0..20).flat_map(|point| (0..30).map(move |scalar| (point, scalar))).collect();
        let product = |(point, scalar): (usize, usize), negative: bool| {
            let product = Product { point, scalar: &digits[scalar], negative };
            let expected = G1::from(points[point]) * scalars[scalar];
            (product, if negative { -expected } else { expected })
        };
        let (lanes, expected): (Vec<_>, Vec<_>) = pairs
            .iter()
            .enumerate()
            .map(|(i, pair)| {
                let (product, expected) = product(*pair, i % 3 == 0);
                (vec![product], expected.to_affine())
            })
            .unzip();
        let sums_of = |batch: &mut Batch, lanes: &[Vec<Product<'_>>]| {
            sums(batch, &multiples, (lanes.len(), 2), |lane, term| lanes[lane].get(term).copied())
        };
        assert_eq!(sums_of(&mut batch, &lanes), expected);
        // Two products of a lane may be equal, or cancel.
        let (lanes, expected): (Vec<_>, Vec<_>) = pairs
            .iter()
            .flat_map(|&(point, scalar)| {
                [(point, scalar), (4, scalar), (6, 9)].map(|other| ((point, scalar), other))
            })
            .enumerate()
            .map(|(i, (one, other))| {
                let ((one, first), (other, second)) = (product(one, false), product(other, i % 2 == 0));
                (vec![one, other], (first + second).to_affine())
            })
            .unzip();
        assert_eq!(sums_of(&mut batch, &lanes), expected);
    }

    #[test]
    fn products_agree_with_the_curve_crate() {
        for lanes in [0, 1, BATCH - 1, 2 * BATCH + 3] {
            let points = [(); 2].map(|()| (0..lanes).map(|_| G1Affine::random(OsRng)).collect::<Vec<_>>());
            let scalars = [(); 2].map(|()| (0..lanes).map(|_| Fr::random(OsRng)).collect::<Vec<_>>());
            let expected: Vec<_> = (0..lanes)
                .map(|i| (points[0][i] * scalars[0][i] + points[1][i] * scalars[1][i]).to_affine())
                .collect();
            let ([a, b], [x, y]) = (&points, &scalars);
            assert_eq!(products([a, b], [x, y]), expected);
            let [a, b] = points.map(FixedPoints::new);
            assert_eq!(FixedPoints::products([&a, &b], [x, y]), expected);
        }
    }
}
