//! Additions and doublings of affine points, many for one inversion.

use ff::Field;
use halo2_axiom::halo2curves::bn256::{Fq, G1Affine};

/// The point at infinity: the curve has no point with y = 0.
const IDENTITY: G1Affine = G1Affine { x: Fq::zero(), y: Fq::zero() };

/// What an operation on one pair of points comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    /// The first is infinity, or both.
    Second,
    /// The second is infinity.
    First,
    /// They are the same point.
    Same,
    /// They are each other's negatives.
    Opposite,
    /// Any other.
    Chord,
}

impl Case {
    fn of(a: &G1Affine, b: &G1Affine) -> Self {
        if infinite(a) {
            Self::Second
        } else if infinite(b) {
            Self::First
        } else if a.x != b.x {
            Self::Chord
        } else if a.y == b.y {
            Self::Same
        } else {
            Self::Opposite
        }
    }
}

/// Room for the denominators of one operation on many points.
#[derive(Default)]
pub(crate) struct Batch {
    denominators: Vec<Fq>,
    /// Before each denominator, the product of those before it; then its inverse.
    inverses: Vec<Fq>,
}

impl Batch {
    /// `a[i] += b[i]`.
    pub(crate) fn add(&mut self, a: &mut [G1Affine], b: &[G1Affine]) {
        self.invert(a.iter().zip(b).map(|(a, b)| match Case::of(a, b) {
            Case::Chord => b.x - a.x,
            Case::Same => a.y.double(),
            _ => Fq::ZERO,
        }));
        for ((a, b), inverse) in a.iter_mut().zip(b).zip(&self.inverses) {
            *a = match Case::of(a, b) {
                Case::Chord => chord(a, b, inverse),
                Case::Same => tangent(a, inverse),
                Case::Second => *b,
                Case::First => *a,
                Case::Opposite => IDENTITY,
            };
        }
    }

    /// `a[i] += a[i]`.
    pub(crate) fn double(&mut self, a: &mut [G1Affine]) {
        self.invert(a.iter().map(|a| a.y.double()));
        for (a, inverse) in a.iter_mut().zip(&self.inverses) {
            if !infinite(a) {
                *a = tangent(a, inverse);
            }
        }
    }

    /// `a[i], b[i] = a[i] + b[i], a[i] - b[i]`, which have one denominator.
    pub(crate) fn butterfly(&mut self, a: &mut [G1Affine], b: &mut [G1Affine]) {
        self.invert(a.iter().zip(&*b).map(|(a, b)| match Case::of(a, b) {
            Case::Chord => b.x - a.x,
            Case::Same | Case::Opposite => a.y.double(),
            Case::First | Case::Second => Fq::ZERO,
        }));
        for ((a, b), inverse) in a.iter_mut().zip(b).zip(&self.inverses) {
            let minus = -*b;
            (*a, *b) = match Case::of(a, b) {
                Case::Chord => (chord(a, b, inverse), chord(a, &minus, inverse)),
                Case::Same => (tangent(a, inverse), IDENTITY),
                Case::Opposite => (IDENTITY, tangent(a, inverse)),
                Case::Second => (*b, minus),
                Case::First => (*a, *a),
            };
        }
    }

    /// The inverses of these, of 0 anything.
    fn invert(&mut self, denominators: impl Iterator<Item = Fq>) {
        self.denominators.clear();
        self.inverses.clear();
        let mut product = Fq::ONE;
        for denominator in denominators {
            self.denominators.push(denominator);
            self.inverses.push(product);
            if denominator != Fq::ZERO {
                product *= denominator;
            }
        }
        // No factor is 0.
        let mut inverse = Option::from(product.invert()).unwrap_or(Fq::ZERO);
        for (before, denominator) in self.inverses.iter_mut().zip(&self.denominators).rev() {
            if *denominator != Fq::ZERO {
                *before *= inverse;
                inverse *= denominator;
            }
        }
    }
}

fn infinite(point: &G1Affine) -> bool {
    point.y == Fq::ZERO
}

// Products, not `square()`: in this crate they are the faster ones.

fn chord(a: &G1Affine, b: &G1Affine, inverse: &Fq) -> G1Affine {
    let slope = (b.y - a.y) * inverse;
    let x = slope * slope - a.x - b.x;
    G1Affine { x, y: slope * (a.x - x) - a.y }
}

fn tangent(a: &G1Affine, inverse: &Fq) -> G1Affine {
    let square = a.x * a.x;
    let slope = (square.double() + square) * inverse;
    let x = slope * slope - a.x.double();
    G1Affine { x, y: slope * (a.x - x) - a.y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use group::Curve;
    use halo2_axiom::halo2curves::bn256::{Fr, G1};
    use rand_core::OsRng;

    /// Every case, each beside the others.
    fn pairs() -> (Vec<G1Affine>, Vec<G1Affine>) {
        let points: Vec<_> = (0..40).map(|i| (G1::generator() * Fr::from(i * i)).to_affine()).collect();
        let mut pairs = Vec::new();
        for (i, a) in points.iter().enumerate() {
            let b = points[(7 * i + 3) % 40];
            pairs.extend([(*a, b), (*a, *a), (*a, -*a), (*a, IDENTITY), (IDENTITY, *a)]);
        }
        pairs.extend([(IDENTITY, IDENTITY); 2]);
        pairs.push((G1Affine::random(OsRng), G1Affine::random(OsRng)));
        pairs.into_iter().unzip()
    }

    #[test]
    fn batches_agree_with_the_curve_crate() {
        let (a, b) = pairs();
        let each = |f: &dyn Fn(G1, G1) -> G1| -> Vec<G1Affine> {
            a.iter().zip(&b).map(|(a, b)| f((*a).into(), (*b).into()).to_affine()).collect()
        };
        let mut batch = Batch::default();
        let mut sums = a.clone();
        batch.add(&mut sums, &b);
        assert_eq!(sums, each(&|a, b| a + b));
        let mut doubles = a.clone();
        batch.double(&mut doubles);
        assert_eq!(doubles, each(&|a, _| a + a));
        let (mut sums, mut differences) = (a.clone(), b.clone());
        batch.butterfly(&mut sums, &mut differences);
        assert_eq!(sums, each(&|a, b| a + b));
        assert_eq!(differences, each(&|a, b| a - b));
        batch.add(&mut [], &[]);
    }
}
