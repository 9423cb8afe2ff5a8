//! Steps 5 and 6: the values at x and its rotations, and the argument that they are the committed columns' (SHPLONK).
//!
//! Everything is computed from values on the rows. With `e_i = 1 / (w^i - x)`, a column's value at `x w^r` is the sum of
//! `(1 - x^n) / n * w^i e_i` times its values r rows further on; and the quotient of a column by `X - x w^r` is, on the rows,
//! a product with `e_(i-r) w^-r`. So one inversion serves all columns and rotations, no row waits for another,
//! and both of the argument's group elements are commitments to values.

use std::collections::BTreeSet;

use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::{
    domain::{Domain, powers},
    secret::{Rows, Secret},
};

const CHUNK: usize = 1 << 10;

/// A column that is opened.
pub(crate) struct Opened<'a> {
    pub(crate) rows: Rows<'a>,
    /// At x times these powers of w.
    pub(crate) rotations: Vec<i32>,
    /// Its values there.
    pub(crate) values: Vec<Fr>,
}

impl<'a> Opened<'a> {
    pub(crate) fn new(rows: Rows<'a>, mut rotations: Vec<i32>) -> Self {
        // A rotation has one name, so that equal points are seen to be equal.
        rotations.iter_mut().for_each(|at| *at = at.rem_euclid(rows.len() as i32));
        Self { rows, rotations, values: Vec::new() }
    }

    /// The value at a rotation that is opened.
    pub(crate) fn at(&self, rotation: i32) -> Fr {
        let at = self.rotations.iter().position(|other| *other == rotation);
        at.map_or(Fr::ZERO, |at| self.values[at])
    }
}

/// `1 / (w^i - x)` for all rows i.
pub(crate) fn inverses(domain: &Domain, x: Fr) -> Vec<Fr> {
    let mut inverses = vec![Fr::ZERO; domain.rows()];
    inverses.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, inverses)| {
        let start = domain.omega.pow_vartime([(chunk * CHUNK) as u64]);
        for (inverse, row) in inverses.iter_mut().zip(powers(start, domain.omega)) {
            *inverse = row - x;
        }
        inverses.iter_mut().batch_invert();
    });
    inverses
}

/// Evaluates columns at x and its rotations.
pub(crate) fn evaluate(domain: &Domain, x: Fr, inverses: &[Fr], opened: &mut [Opened<'_>]) {
    let n = domain.rows();
    let scale = (Fr::ONE - x.pow_vartime([n as u64])) * domain.scale;
    let mut weights = inverses.to_vec();
    weights.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, weights)| {
        let start = scale * domain.omega.pow_vartime([(chunk * CHUNK) as u64]);
        for (weight, row) in weights.iter_mut().zip(powers(start, domain.omega)) {
            *weight *= row;
        }
    });
    let weights = &weights;
    opened.par_iter_mut().for_each(|column| {
        let rows = column.rows;
        column.values = column
            .rotations
            .par_iter()
            .map(|rotation| {
                let chunks = weights.par_chunks(CHUNK.min(n)).enumerate();
                let sums = chunks.map_init(
                    || Secret::zeros(CHUNK),
                    |scratch, (chunk, weights)| {
                        let row = (chunk * CHUNK) as i64 + i64::from(*rotation);
                        let values = rows.from(row, &mut scratch[..weights.len()]);
                        values.iter().zip(weights).map(|(value, weight)| *value * weight).sum::<Fr>()
                    },
                );
                sums.reduce(|| Fr::ZERO, |a, b| a + b)
            })
            .collect();
    });
}

/// The columns that are opened at the same points, as the verifier groups them.
struct Set {
    rotations: Vec<i32>,
    /// Columns, by their places, in the order in which they are first opened.
    columns: Vec<usize>,
}

/// The argument, up to its challenges.
pub(crate) struct Argument<'a> {
    domain: &'a Domain,
    x: Fr,
    inverses: Vec<Fr>,
    opened: Vec<Opened<'a>>,
    sets: Vec<Set>,
    /// Of each column: the power of y, within its set.
    factors: Vec<Fr>,
    /// Powers of v, of each set.
    powers: Vec<Fr>,
    /// Every rotation that occurs.
    rotations: Vec<i32>,
}

impl<'a> Argument<'a> {
    pub(crate) fn new(
        domain: &'a Domain,
        (x, inverses): (Fr, Vec<Fr>),
        opened: Vec<Opened<'a>>,
        [y, v]: [Fr; 2],
    ) -> Self {
        let mut sets: Vec<Set> = Vec::new();
        for (index, column) in opened.iter().enumerate() {
            let same = |set: &&mut Set| {
                let rotations: BTreeSet<_> = set.rotations.iter().collect();
                rotations == column.rotations.iter().collect()
            };
            match sets.iter_mut().find(same) {
                Some(set) => set.columns.push(index),
                None => sets.push(Set { rotations: column.rotations.clone(), columns: vec![index] }),
            }
        }
        let mut factors = vec![Fr::ZERO; opened.len()];
        for set in &sets {
            for (column, factor) in set.columns.iter().zip(powers(Fr::ONE, y)) {
                factors[*column] = factor;
            }
        }
        let rotations: BTreeSet<i32> = sets.iter().flat_map(|set| set.rotations.iter().copied()).collect();
        let powers = powers(Fr::ONE, v).take(sets.len()).collect();
        let rotations = rotations.into_iter().collect();
        Self { domain, x, inverses, opened, sets, factors, powers, rotations }
    }

    fn point(&self, rotation: i32) -> Fr {
        self.x * self.domain.root(rotation)
    }

    /// The value of a set's combined columns at one of its points.
    fn combined(&self, set: &Set, rotation: i32) -> Fr {
        set.columns.iter().map(|column| self.factors[*column] * self.opened[*column].at(rotation)).sum()
    }

    /// For each of a set's points the factor of `(P(X) - P(point)) / (X - point)` in the quotient of all: the power of v
    /// over the product of differences to the set's other points.
    fn weights(&self, set: usize) -> Vec<Fr> {
        let rotations = &self.sets[set].rotations;
        let weight = |rotation: &i32| {
            let others = rotations.iter().filter(|other| *other != rotation);
            let product: Fr = others.map(|other| self.point(*rotation) - self.point(*other)).product();
            self.powers[set] * Option::<Fr>::from(product.invert()).unwrap_or(Fr::ZERO)
        };
        rotations.iter().map(weight).collect()
    }

    /// The values of `W = sum v^s (P_s - R_s) / Z_s`, R_s taking the values of P_s at the set's points, where Z_s
    /// vanishes.
    pub(crate) fn quotient(&self) -> Secret {
        let root = |rotation: i32| self.domain.root(-rotation);
        let mut constants = vec![Fr::ZERO; self.rotations.len()];
        let mut weights = Vec::new();
        for (index, set) in self.sets.iter().enumerate() {
            let of_set: Vec<_> = set
                .rotations
                .iter()
                .zip(self.weights(index))
                .map(|(rotation, weight)| {
                    let place = self.rotations.iter().position(|other| other == rotation).unwrap_or_default();
                    constants[place] -= weight * self.combined(set, *rotation);
                    // `1 / (w^i - x w^r)` is the inverse of row i - r, over w^r.
                    (place, weight * root(*rotation))
                })
                .collect();
            weights.push(of_set);
        }
        for (constant, rotation) in constants.iter_mut().zip(&self.rotations) {
            *constant *= root(*rotation);
        }
        let inverses = Rows::whole(&self.inverses);
        let mut quotient = Secret::zeros(self.domain.rows());
        quotient.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
            let (row, len) = ((chunk * CHUNK) as i64, out.len());
            let mut buffers = vec![[Fr::ZERO; CHUNK]; self.rotations.len()];
            let turned: Vec<&[Fr]> = self
                .rotations
                .iter()
                .zip(&mut buffers)
                .map(|(rotation, buffer)| inverses.from(row - i64::from(*rotation), &mut buffer[..len]))
                .collect();
            for (turned, constant) in turned.iter().zip(&constants) {
                add(out, turned, constant);
            }
            let mut scratch = [Fr::ZERO; CHUNK];
            let mut apart = Secret::zeros(len);
            for (set, weights) in self.sets.iter().zip(&weights) {
                let mut columns = Secret::zeros(len);
                self.combine(
                    set.columns.iter().map(|column| (*column, self.factors[*column])),
                    row,
                    &mut columns,
                    &mut apart,
                );
                let inverse = &mut scratch[..len];
                inverse.fill(Fr::ZERO);
                for (place, weight) in weights {
                    add(inverse, turned[*place], weight);
                }
                for ((out, column), inverse) in out.iter_mut().zip(&*columns).zip(&*inverse) {
                    *out += *column * inverse;
                }
            }
        });
        quotient
    }

    /// Adds multiples of columns, from a row on.
    fn combine(
        &self,
        columns: impl Iterator<Item = (usize, Fr)>,
        row: i64,
        out: &mut [Fr],
        scratch: &mut [Fr],
    ) {
        for (column, factor) in columns {
            let values = self.opened[column].rows.from(row, &mut scratch[..out.len()]);
            add(out, values, &factor);
        }
    }

    /// The values of `(sum v^s z_s (P_s - R_s(u)) - z W) / (X - u)` over `z_0`, z being what vanishes at all points and
    /// `z_s` at all but those of set s, both at u.
    pub(crate) fn last(&self, u: Fr, quotient: &[Fr]) -> Secret {
        let vanishing = |rotations: &mut dyn Iterator<Item = &i32>| -> Fr {
            rotations.map(|rotation| u - self.point(*rotation)).product()
        };
        let all = vanishing(&mut self.rotations.iter());
        let mut constant = Fr::ZERO;
        let mut factors = vec![Fr::ZERO; self.opened.len()];
        let mut norm = Fr::ONE;
        for (index, set) in self.sets.iter().enumerate() {
            let rest = vanishing(&mut self.rotations.iter().filter(|at| !set.rotations.contains(at)));
            if index == 0 {
                norm = Option::from(rest.invert()).unwrap_or(Fr::ZERO);
            }
            let own = vanishing(&mut set.rotations.iter());
            // R_s(u), times v^s: the weights have the power already.
            let at_u: Fr = set
                .rotations
                .iter()
                .zip(self.weights(index))
                .map(|(rotation, weight)| {
                    let distance = Option::from((u - self.point(*rotation)).invert()).unwrap_or(Fr::ZERO);
                    weight * distance * self.combined(set, *rotation)
                })
                .sum();
            constant -= rest * own * at_u;
            for column in &set.columns {
                factors[*column] = self.powers[index] * rest * self.factors[*column];
            }
        }
        let mut last = Secret::new(inverses(self.domain, u));
        last.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
            let start = chunk * CHUNK;
            let mut sum = Secret::zeros(out.len());
            sum.fill(constant);
            let mut apart = Secret::zeros(out.len());
            self.combine(factors.iter().copied().enumerate(), start as i64, &mut sum, &mut apart);
            add(&mut sum, &quotient[start..start + out.len()], &-all);
            for (out, sum) in out.iter_mut().zip(&*sum) {
                *out *= norm * sum;
            }
        });
        last
    }
}

/// `out += values * factor`.
fn add(out: &mut [Fr], values: &[Fr], factor: &Fr) {
    for (out, value) in out.iter_mut().zip(values) {
        *out += *value * factor;
    }
}
