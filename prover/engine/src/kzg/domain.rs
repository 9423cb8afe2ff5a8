//! Transforms between a polynomial's values on the table's rows and its coefficients.
//!
//! Values stand in the order of rows, because constraints read them at rotations. Coefficients stand in bit-reversed order
//! and n times too large, so that a transform either way is butterflies and nothing else: `n / 2 * k` products, no
//! permutation, no scaling (those that scale for a coset anyway scale for this too). Works depth first, in quarters that
//! fit the cache, on all cores.

use std::iter;

use apportion_circuits::field::SuiteField;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::secret::Secret;

/// Transforms of this length are done layer by layer, by one core.
const SMALL: usize = 1 << 11;
/// Shorter quarters are not shared between cores.
const SHARED: usize = 1 << 12;
/// Coefficients that are scaled at a time.
const CHUNK: usize = 1 << 12;

/// The subgroup of order `2^k` whose elements are the table's rows.
pub(crate) struct Domain {
    pub(crate) k: u32,
    pub(crate) omega: Fr,
    /// `1 / n`.
    pub(crate) scale: Fr,
    /// `omega^i`, i below n / 2 in bit-reversed order.
    up: Vec<Fr>,
    /// The inverses of these.
    down: Vec<Fr>,
}

impl Domain {
    pub(crate) fn new(k: u32) -> Self {
        let omega = Fr::root_of_unity(k);
        let half = 1usize << (k - 1);
        let inverse = omega.pow_vartime([2 * half as u64 - 1]);
        let table = |root: Fr| {
            let mut table: Vec<Fr> = powers(Fr::ONE, root).take(half).collect();
            reverse_bits(&mut table);
            table
        };
        let scale = Fr::TWO_INV.pow_vartime([u64::from(k)]);
        Self { k, omega, scale, up: table(omega), down: table(inverse) }
    }

    /// n.
    pub(crate) fn rows(&self) -> usize {
        1 << self.k
    }

    /// `omega^exponent`.
    pub(crate) fn root(&self, exponent: i32) -> Fr {
        let exponent = i64::from(exponent).rem_euclid(self.rows() as i64);
        self.omega.pow_vartime([exponent as u64])
    }

    /// From values to n times the coefficients, in bit-reversed order.
    pub(crate) fn to_coefficients(&self, values: &mut [Fr]) {
        split(values, 0, &self.down);
    }

    /// From coefficients in bit-reversed order to values.
    pub(crate) fn to_values(&self, coefficients: &mut [Fr]) {
        join(coefficients, 0, &self.up);
    }

    /// `factor * base^i` at the place of coefficient i.
    pub(crate) fn scaling(&self, factor: Fr, base: Fr) -> Scaling {
        let mut low = Vec::with_capacity(self.rows().min(CHUNK));
        low.push(factor);
        // Bit j of a place is bit k - 1 - j of the coefficient's index.
        let squares: Vec<Fr> =
            iter::successors(Some(base), |square| Some(square.square())).take(self.k as usize).collect();
        for square in squares.iter().rev().take(CHUNK.trailing_zeros() as usize) {
            let len = low.len();
            low.extend_from_within(..);
            low[len..].iter_mut().for_each(|power| *power *= square);
        }
        Scaling { low, base, rows: self.rows() }
    }
}

/// What coefficients are multiplied by, of which only the first chunk is kept: the others are multiples of it.
pub(crate) struct Scaling {
    low: Vec<Fr>,
    base: Fr,
    rows: usize,
}

impl Scaling {
    fn of_chunk(&self, chunk: usize) -> Vec<Fr> {
        let power = self.base.pow_vartime([reversed(chunk * CHUNK, self.rows) as u64]);
        self.low.iter().map(|low| *low * power).collect()
    }

    /// Multiplies a polynomial's coefficients.
    pub(crate) fn apply(&self, coefficients: &mut [Fr]) {
        coefficients.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, coefficients)| {
            for (coefficient, scale) in coefficients.iter_mut().zip(self.of_chunk(chunk)) {
                *coefficient *= scale;
            }
        });
    }

    /// The multiplied coefficients of several.
    pub(crate) fn of_all(&self, polynomials: &[&[Fr]]) -> Vec<Secret> {
        let mut all: Vec<_> = polynomials.iter().map(|_| Secret::zeros(self.rows)).collect();
        chunks(&mut all, CHUNK).into_par_iter().enumerate().for_each(|(chunk, mut scaled)| {
            let scale = self.of_chunk(chunk);
            for (scaled, polynomial) in scaled.iter_mut().zip(polynomials) {
                for ((out, coefficient), scale) in
                    scaled.iter_mut().zip(&polynomial[chunk * CHUNK..]).zip(&scale)
                {
                    *out = *coefficient * scale;
                }
            }
        });
        all
    }
}

/// The same chunk of each, for every chunk.
pub(crate) fn chunks(all: &mut [Secret], len: usize) -> Vec<Vec<&mut [Fr]>> {
    let mut chunks: Vec<Vec<&mut [Fr]>> = Vec::new();
    for values in all {
        for (index, chunk) in values.chunks_mut(len).enumerate() {
            match chunks.get_mut(index) {
                Some(chunks) => chunks.push(chunk),
                None => chunks.push(vec![chunk]),
            }
        }
    }
    chunks
}

/// `base^i * first`.
pub(crate) fn powers(first: Fr, base: Fr) -> impl Iterator<Item = Fr> {
    iter::successors(Some(first), move |power| Some(power * base))
}

/// i with its bits in reverse, below n.
pub(crate) fn reversed(i: usize, n: usize) -> usize {
    if n == 1 { 0 } else { i.reverse_bits() >> (usize::BITS - n.trailing_zeros()) }
}

pub(crate) fn reverse_bits<T>(values: &mut [T]) {
    let n = values.len();
    for i in 0..n {
        let j = reversed(i, n);
        if i < j {
            values.swap(i, j);
        }
    }
}

/// Reduces a polynomial modulo `X^m - z^2` to its remainders modulo `X^(m/2) - z` and `+ z`, and these further: two layers
/// at a time, so that every value is moved half as often.
fn split(values: &mut [Fr], block: usize, table: &[Fr]) {
    let len = values.len();
    if len <= SMALL {
        let (mut size, mut first) = (len, block);
        while size > 2 {
            for (values, block) in values.chunks_exact_mut(size).zip(first..) {
                split_quarters(quarters(values), &Twiddles::new(block, table));
            }
            size /= 4;
            first *= 4;
        }
        if size == 2 {
            for (values, block) in values.chunks_exact_mut(2).zip(first..) {
                let (low, high) = values.split_at_mut(1);
                let product = times(&high[0], &table[block], block == 0);
                high[0] = low[0] - product;
                low[0] += product;
            }
        }
        return;
    }
    let twiddles = Twiddles::new(block, table);
    shared(quarters(values), |quarters| split_quarters(quarters, &twiddles));
    values.par_chunks_exact_mut(len / 4).zip(4 * block..4 * block + 4).for_each(|(values, block)| {
        split(values, block, table);
    });
}

/// What two layers of one block multiply by.
struct Twiddles {
    outer: Fr,
    inner: [Fr; 2],
    /// In the first block all but the last are 1: an eighth of all products is none.
    first: bool,
}

impl Twiddles {
    fn new(block: usize, table: &[Fr]) -> Self {
        Self { outer: table[block], inner: [table[2 * block], table[2 * block + 1]], first: block == 0 }
    }
}

fn times(value: &Fr, twiddle: &Fr, one: bool) -> Fr {
    if one { *value } else { *value * twiddle }
}

type Quarters<'a> = [&'a mut [Fr]; 4];

fn quarters(values: &mut [Fr]) -> Quarters<'_> {
    let (low, high) = values.split_at_mut(values.len() / 2);
    let ((a, b), (c, d)) = (low.split_at_mut(low.len() / 2), high.split_at_mut(high.len() / 2));
    [a, b, c, d]
}

fn split_quarters([a, b, c, d]: Quarters<'_>, Twiddles { outer, inner: [left, right], first }: &Twiddles) {
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        let (ac, bd) = (times(c, outer, *first), times(d, outer, *first));
        let (low, high) = (*a + ac, times(&(*b + bd), left, *first));
        let (other_low, other_high) = (*a - ac, (*b - bd) * right);
        (*a, *b) = (low + high, low - high);
        (*c, *d) = (other_low + other_high, other_low - other_high);
    }
}

/// The way back, four times the size every two layers.
fn join(values: &mut [Fr], block: usize, table: &[Fr]) {
    let len = values.len();
    if len <= SMALL {
        let mut size = 1;
        if len.trailing_zeros() % 2 == 1 {
            for (values, block) in values.chunks_exact_mut(2).zip(block * (len / 2)..) {
                let (low, high) = values.split_at_mut(1);
                let difference = low[0] - high[0];
                low[0] += high[0];
                high[0] = times(&difference, &table[block], block == 0);
            }
            size = 2;
        }
        while size < len {
            size *= 4;
            for (values, block) in values.chunks_exact_mut(size).zip(block * (len / size)..) {
                join_quarters(quarters(values), &Twiddles::new(block, table));
            }
        }
        return;
    }
    values.par_chunks_exact_mut(len / 4).zip(4 * block..4 * block + 4).for_each(|(values, block)| {
        join(values, block, table);
    });
    let twiddles = Twiddles::new(block, table);
    shared(quarters(values), |quarters| join_quarters(quarters, &twiddles));
}

fn join_quarters([a, b, c, d]: Quarters<'_>, Twiddles { outer, inner: [left, right], first }: &Twiddles) {
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        let (low, high) = (*a + *b, times(&(*a - *b), left, *first));
        let (other_low, other_high) = (*c + *d, (*c - *d) * right);
        (*a, *b) = (low + other_low, high + other_high);
        *c = times(&(low - other_low), outer, *first);
        *d = times(&(high - other_high), outer, *first);
    }
}

/// Works on all quarters piece by piece, on all cores where they are long.
fn shared(quarters: Quarters<'_>, work: impl Fn(Quarters<'_>) + Sync) {
    if quarters[0].len() < SHARED {
        return work(quarters);
    }
    let [a, b, c, d] = quarters.map(|quarter| quarter.par_chunks_mut(SHARED / 4));
    a.zip(b).zip(c.zip(d)).for_each(|((a, b), (c, d))| work([a, b, c, d]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    #[test]
    fn transforms_agree_with_the_definition() {
        for k in [1, 2, 5, 13, 15] {
            let domain = Domain::new(k);
            let n = domain.rows();
            let values: Vec<_> = (0..n).map(|_| Fr::random(OsRng)).collect();
            let mut coefficients = values.clone();
            domain.to_coefficients(&mut coefficients);
            coefficients.iter_mut().for_each(|c| *c *= domain.scale);
            let mut natural = coefficients.clone();
            reverse_bits(&mut natural);
            let evaluate = |x: Fr| natural.iter().rev().fold(Fr::ZERO, |sum, c| sum * x + c);
            for row in [0, 1, n / 2, n - 1] {
                assert_eq!(evaluate(domain.root(row as i32)), values[row], "{row} of {n}");
            }
            let mut back = coefficients.clone();
            domain.to_values(&mut back);
            assert_eq!(back, values);
            // On a coset.
            let shift = Fr::from(7);
            let scaling = domain.scaling(Fr::ONE, shift);
            let mut coset = coefficients.clone();
            scaling.apply(&mut coset);
            assert!(scaling.of_all(&[&coefficients[..]; 2]).iter().all(|scaled| **scaled == coset[..]));
            domain.to_values(&mut coset);
            for row in [0, 1, n - 1] {
                assert_eq!(evaluate(shift * domain.root(row as i32)), coset[row]);
            }
        }
    }
}
