//! Sums of many products: a commitment.
//!
//! Scalars are taken by their size, so that a column of small values costs what its bits cost and not more (a blinding row
//! has 254 bits, a limb 16). Of each size, windows of c bits: points are sorted by their digit, added in pairs
//! within each digit until one is left (affine, many for one inversion), and the sums weighted by their digits as a
//! square of rows and columns, again in pairs. So almost all work is `n * bits / c` affine additions.

use ff::PrimeField;
use group::Group;
use halo2_axiom::halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;
use zeroize::Zeroize;

use super::Batch;

/// Pairs that share an inversion.
const PAIRS: usize = 1 << 10;
/// Sizes that are taken apart: scalars of at most so many bits.
const SIZES: [u32; 4] = [16, 64, 128, 254];
/// Half the order of the group, `(r - 1) / 2`.
const HALF: [u64; 4] = [0xa1f0fac9f8000000, 0x9419f4243cdcb848, 0xdc2822db40c0ac2e, 0x183227397098d014];
/// The order.
const ORDER: [u64; 4] = [0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029];

/// A scalar's size, its sign and its point.
#[derive(Clone, Copy, Default)]
struct Term {
    limbs: [u64; 4],
    /// The point's index, and the sign in the highest bit.
    point: u32,
}

const NEGATIVE: u32 = 1 << 31;

impl Term {
    fn new(point: usize, scalar: &Fr) -> Self {
        let repr = scalar.to_repr();
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(repr.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        let negative = limbs.iter().rev().gt(HALF.iter().rev());
        if negative {
            let mut borrow = false;
            for (limb, order) in limbs.iter_mut().zip(ORDER) {
                let (difference, first) = order.overflowing_sub(*limb);
                let (difference, second) = difference.overflowing_sub(u64::from(borrow));
                (*limb, borrow) = (difference, first | second);
            }
        }
        Self { limbs, point: point as u32 | if negative { NEGATIVE } else { 0 } }
    }

    fn bits(&self) -> u32 {
        let top = self.limbs.iter().rposition(|limb| *limb != 0);
        top.map_or(0, |top| 64 * (top as u32 + 1) - self.limbs[top].leading_zeros())
    }

    /// The signed digit of a window: from `-2^(c-1)` to `2^(c-1)`, with the point's own sign.
    fn digit(&self, window: u32, c: u32) -> i32 {
        // One bit more than the window, from the one below it on (Booth).
        let from = window * c;
        let bits = if from == 0 { self.limbs[0] << 1 } else { self.bits_from(from - 1) };
        let bits = (bits & ((1 << (c + 1)) - 1)) as i32;
        let digit = (bits + 1) >> 1;
        let digit = if bits >> c == 1 { digit - (1 << c) } else { digit };
        if self.point & NEGATIVE == 0 { digit } else { -digit }
    }

    fn bits_from(&self, from: u32) -> u64 {
        let (limb, shift) = ((from / 64) as usize, from % 64);
        let low = self.limbs.get(limb).map_or(0, |bits| bits >> shift);
        let high =
            if shift == 0 { 0 } else { self.limbs.get(limb + 1).map_or(0, |bits| bits << (64 - shift)) };
        low | high
    }
}

/// `sum scalars[i] * points[i]`, of as many as there are of both. Takes variable time.
pub(crate) fn multiexp(points: &[G1Affine], scalars: &[Fr]) -> G1 {
    let count = points.len().min(scalars.len());
    let mut terms: Vec<Term> = Vec::with_capacity(count);
    scalars[..count]
        .par_iter()
        .enumerate()
        .with_min_len(1 << 10)
        .map(|(i, scalar)| Term::new(i, scalar))
        .collect_into_vec(&mut terms);
    // Most columns have one or two sizes.
    let mut sizes = [0; SIZES.len()];
    for term in &terms {
        if let Some(size) = size(term) {
            sizes[size] += 1;
        }
    }
    let mut sum = G1::identity();
    for (index, bits) in SIZES.into_iter().enumerate() {
        if sizes[index] == 0 {
            continue;
        }
        if sizes[index] == count {
            sum += of_size(points, &terms, bits);
            continue;
        }
        let mut some = Vec::with_capacity(sizes[index]);
        some.extend(terms.iter().filter(|term| size(term) == Some(index)));
        sum += of_size(points, &some, bits);
        wipe(&mut some);
    }
    wipe(&mut terms);
    sum
}

fn wipe(terms: &mut [Term]) {
    terms.iter_mut().for_each(|term| term.limbs.zeroize());
}

/// Which of `SIZES` a term has; none if it is 0.
fn size(term: &Term) -> Option<usize> {
    let bits = term.bits();
    (bits > 0).then(|| SIZES.iter().position(|size| bits <= *size).unwrap_or(SIZES.len() - 1))
}

/// The width of a window that takes the fewest additions: so many windows, each adding every term to a bucket and
/// every bucket to a row and a column.
fn window(terms: usize, bits: u32) -> u32 {
    let cost = |c: &u32| u64::from(windows(bits, *c)) * (terms as u64 + (2 << (*c - 1)) + 100);
    (2..=17).min_by_key(cost).unwrap_or(8)
}

/// A digit is signed, so the highest window has room for one bit more.
fn windows(bits: u32, c: u32) -> u32 {
    (bits + 1).div_ceil(c)
}

fn of_size(points: &[G1Affine], terms: &[Term], bits: u32) -> G1 {
    let c = window(terms.len(), bits);
    let count = windows(bits, c);
    // More tasks than cores, so that no core waits long.
    let parts = (4 * rayon::current_num_threads()).div_ceil(count as usize).min(4);
    let sums: Vec<G1> = (0..count)
        .into_par_iter()
        .map(|window| {
            let buckets = Buckets::new(terms, window, c);
            let ranges = buckets.ranges(parts);
            ranges.into_par_iter().map(|range| buckets.sum(points, range)).reduce(G1::identity, |a, b| a + b)
        })
        .collect();
    sums.into_iter().rev().fold(G1::identity(), |mut sum, window| {
        (0..c).for_each(|_| sum = sum.double());
        sum + window
    })
}

/// The terms of one window, sorted by the size of their digits.
struct Buckets {
    /// Points, with their signs in the highest bit.
    sorted: Vec<u32>,
    /// Where each digit's points start, from digit 1 on; and the end.
    starts: Vec<u32>,
}

impl Buckets {
    fn new(terms: &[Term], window: u32, c: u32) -> Self {
        let mut digits: Vec<i32> = terms.iter().map(|term| term.digit(window, c)).collect();
        let mut starts = vec![0u32; (1 << (c - 1)) + 2];
        for digit in &digits {
            starts[digit.unsigned_abs() as usize + 1] += 1;
        }
        // Digit 0 is left out.
        starts[1] = 0;
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut sorted = vec![0; starts.last().copied().unwrap_or(0) as usize];
        for (term, digit) in terms.iter().zip(&digits) {
            if *digit != 0 {
                let place = &mut next[digit.unsigned_abs() as usize];
                let sign = if *digit < 0 { NEGATIVE } else { 0 };
                sorted[*place as usize] = (term.point & !NEGATIVE) | sign;
                *place += 1;
            }
        }
        digits.zeroize();
        next.zeroize();
        starts.remove(0);
        Self { sorted, starts }
    }

    /// Cuts the buckets into ranges with about as many points each.
    fn ranges(&self, parts: usize) -> Vec<std::ops::Range<usize>> {
        let buckets = self.starts.len() - 1;
        let mut ranges = Vec::with_capacity(parts);
        let mut from = 0;
        for part in 1..=parts {
            let to = if part == parts {
                buckets
            } else {
                // Buckets take time themselves.
                let share = |bucket: usize| self.starts[bucket] as usize + 2 * bucket;
                let all = share(buckets);
                (from..buckets).find(|bucket| share(*bucket) * parts >= all * part).unwrap_or(buckets)
            };
            if from < to {
                ranges.push(from..to);
            }
            from = to;
        }
        ranges
    }

    /// `sum (b + 1) * (the sum of bucket b)` over a range of buckets.
    fn sum(&self, points: &[G1Affine], range: std::ops::Range<usize>) -> G1 {
        let first = self.starts[range.start] as usize;
        let entries = &self.sorted[first..self.starts[range.end] as usize];
        let mut lens: Vec<u32> =
            self.starts[range.start..=range.end].windows(2).map(|pair| pair[1] - pair[0]).collect();
        let point = |i: usize| {
            let entry = entries[i];
            let point = points[(entry & !NEGATIVE) as usize];
            if entry & NEGATIVE == 0 { point } else { -point }
        };
        let mut batch = Batch::default();
        let mut sums = Vec::with_capacity(entries.len() / 2 + lens.len());
        halve(&mut batch, point, &mut lens, &mut sums);
        reduce(&mut batch, &mut lens, &mut sums);
        let offset = Fr::from(range.start as u64 + 1);
        lens.zeroize();
        let (weighted, sum) = weighted(&mut batch, sums);
        weighted + sum * offset
    }
}

/// Which points have which digit says what the scalars are.
impl Drop for Buckets {
    fn drop(&mut self) {
        self.sorted.zeroize();
        self.starts.zeroize();
    }
}

/// Adds the points of every group in pairs.
fn halve(batch: &mut Batch, point: impl Fn(usize) -> G1Affine, lens: &mut [u32], sums: &mut Vec<G1Affine>) {
    let (mut firsts, mut seconds) = (Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS));
    let mut next = 0;
    for len in lens {
        // An empty group has a sum, too.
        for pair in 0..len.div_ceil(2).max(1) {
            let at = |i: u32| if i < *len { point(next + i as usize) } else { G1Affine::default() };
            firsts.push(at(2 * pair));
            seconds.push(at(2 * pair + 1));
            if firsts.len() == PAIRS {
                batch.add(&mut firsts, &seconds);
                sums.append(&mut firsts);
                seconds.clear();
            }
        }
        next += *len as usize;
        *len = len.div_ceil(2).max(1);
    }
    batch.add(&mut firsts, &seconds);
    sums.append(&mut firsts);
}

/// One point a group.
fn reduce(batch: &mut Batch, lens: &mut [u32], sums: &mut Vec<G1Affine>) {
    while lens.iter().any(|len| *len > 1) {
        let mut halves = Vec::with_capacity(sums.len() / 2 + lens.len());
        halve(batch, |i| sums[i], lens, &mut halves);
        *sums = halves;
    }
}

/// `sum i * points[i]` and `sum points[i]`: with `i = a m + b`, by the sums of rows a and columns b.
fn weighted(batch: &mut Batch, mut points: Vec<G1Affine>) -> (G1, G1) {
    let m = 1usize << (points.len().next_power_of_two().trailing_zeros() / 2);
    points.resize(points.len().div_ceil(m) * m, G1Affine::default());
    let mut rows = points.clone();
    reduce(batch, &mut vec![m as u32; points.len() / m], &mut rows);
    let mut height = points.len() / m;
    while height > 1 {
        let half = height.div_ceil(2);
        let (upper, lower) = points.split_at_mut(half * m);
        batch.add(&mut upper[..(height - half) * m], &lower[..(height - half) * m]);
        height = half;
    }
    let (rows, sum) = slowly(&rows);
    let (columns, _) = slowly(&points[..m]);
    (rows * Fr::from(m as u64) + columns, sum)
}

/// `sum i * points[i]` and `sum points[i]`, of few points.
fn slowly(points: &[G1Affine]) -> (G1, G1) {
    let (mut weighted, mut sum) = (G1::identity(), G1::identity());
    for point in points.iter().rev() {
        weighted += sum;
        sum += point;
    }
    (weighted, sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use group::Curve;
    use halo2_axiom::arithmetic::best_multiexp;
    use rand_core::{OsRng, RngCore};

    fn agree(points: &[G1Affine], scalars: &[Fr]) {
        let expected = scalars.iter().zip(points).fold(G1::identity(), |sum, (s, p)| sum + *p * s);
        assert_eq!(multiexp(points, scalars).to_affine(), expected.to_affine(), "{}", points.len());
    }

    fn points(n: usize) -> Vec<G1Affine> {
        (0..n).map(|_| G1Affine::random(OsRng)).collect()
    }

    #[test]
    fn sums_of_every_size_agree_with_the_definition() {
        let edge = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::TWO_INV, -Fr::TWO_INV, Fr::from(65535), Fr::from(65536)];
        for n in [0, 1, 2, 3, 17, 300, 1000] {
            let points = points(n);
            let random: Vec<_> = (0..n).map(|_| Fr::random(OsRng)).collect();
            agree(&points, &random);
            let mixed: Vec<_> = (0..n)
                .map(|i| match i % 5 {
                    0 => edge[i / 5 % edge.len()],
                    1 => Fr::from(OsRng.next_u64() % 65536),
                    2 => -Fr::from(OsRng.next_u64()),
                    3 => Fr::from_u128(u128::from(OsRng.next_u64()) << 63),
                    _ => Fr::random(OsRng),
                })
                .collect();
            agree(&points, &mixed);
            agree(&points, &vec![Fr::from(3); n]);
            agree(&points, &vec![Fr::ZERO; n]);
        }
    }

    #[test]
    fn equal_and_opposite_points_are_added() {
        let one = G1Affine::random(OsRng);
        let points: Vec<_> = (0..200).map(|i| if i % 3 == 0 { -one } else { one }).collect();
        agree(&points, &vec![Fr::from(5); 200]);
        agree(&points, &(0..200).map(|i| Fr::from(i % 4)).collect::<Vec<_>>());
    }

    #[test]
    fn long_sums_agree_with_the_library() {
        let points = points(1 << 11);
        let points: Vec<_> = (0..8).flat_map(|_| points.clone()).collect();
        let scalars: Vec<_> = (0..points.len()).map(|_| Fr::random(OsRng)).collect();
        assert_eq!(multiexp(&points, &scalars), best_multiexp(&scalars, &points));
        let scalars: Vec<_> = (0..points.len()).map(|_| Fr::from(OsRng.next_u64() % 65536)).collect();
        assert_eq!(multiexp(&points, &scalars), best_multiexp(&scalars, &points));
    }
}
