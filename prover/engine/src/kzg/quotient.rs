//! Step 4: the quotient of all constraints by `X^n - 1`.
//!
//! It has `degree - 1` pieces of n coefficients, so it is known from its values on as many cosets of the rows, where
//! `X^n` is one constant each: the values on a coset give the pieces' combination with that constant's powers, and a small
//! linear system gives the pieces. One coset is worked on at a time, and the columns of one lookup at a time, so that
//! memory is that of one copy of the columns. Costs a transform a column and coset, and the gates' products a row.

use ff::{BatchInvert, Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::{
    domain::{Domain, Scaling, chunks, powers, reverse_bits, reversed},
    key::{ProvingKey, delta},
    program::{BLOCK, Columns, Gates, Scratch},
    secret::{Rows, Secret},
};

/// What the constraints are made of: coefficients as [`Domain::to_coefficients`] makes them.
pub(crate) struct Polynomials<'t> {
    /// Linked columns, as coefficients in natural order, as many as there are.
    pub(crate) linked: Vec<&'t [Fr]>,
    /// All others.
    pub(crate) advice: Vec<Secret>,
    pub(crate) products: Vec<Secret>,
    pub(crate) lookups: Vec<LookupPolynomials>,
}

/// Of one lookup.
pub(crate) struct LookupPolynomials {
    pub(crate) product: Secret,
    pub(crate) input: Secret,
    pub(crate) table: Secret,
}

/// Everything random that the constraints depend on.
#[derive(Clone, Copy)]
pub(crate) struct Challenges {
    pub(crate) beta: Fr,
    pub(crate) gamma: Fr,
    pub(crate) y: Fr,
}

/// The powers of y by which constraints are multiplied, in the order in which the verifier adds them up.
struct Factors {
    gates: Vec<Fr>,
    permutation: Vec<Fr>,
    lookups: Vec<[Fr; 5]>,
}

impl Factors {
    fn new(key: &ProvingKey, y: Fr) -> Self {
        let sets = key.cost.permutation_products;
        let permutation = if sets == 0 { 0 } else { 2 * sets + 1 };
        let count = key.program.polys() + permutation + 5 * key.cost.lookups;
        // The last constraint is multiplied by 1.
        let mut all: Vec<Fr> = powers(Fr::ONE, y).take(count).collect();
        all.reverse();
        let (gates, rest) = all.split_at(key.program.polys());
        let (permutation, lookups) = rest.split_at(permutation);
        Self {
            gates: gates.to_vec(),
            permutation: permutation.to_vec(),
            lookups: lookups.as_chunks::<5>().0.to_vec(),
        }
    }
}

/// One coset: its elements and the Lagrange polynomials on it.
struct Coset<'k> {
    domain: &'k Domain,
    shift: Fr,
    /// What coefficients are multiplied by.
    scaling: Scaling,
    /// The Lagrange polynomial of row 0; that of row r has these values r places further on.
    first: Vec<Fr>,
    /// How far on the last usable row's Lagrange polynomial's values are: the rows of blinding.
    last: usize,
}

impl<'k> Coset<'k> {
    fn new(domain: &'k Domain, shift: Fr, blinding_rows: usize) -> Self {
        let n = domain.rows();
        // X^n - 1 over n, for all X of the coset.
        let numerator = (shift.pow_vartime([n as u64]) - Fr::ONE) * domain.scale;
        let mut first = vec![Fr::ZERO; n];
        first.par_chunks_mut(1 << 10).enumerate().for_each(|(chunk, values)| {
            let start = shift * domain.omega.pow_vartime([(chunk << 10) as u64]);
            for (value, x) in values.iter_mut().zip(powers(start, domain.omega)) {
                *value = x - Fr::ONE;
            }
            values.iter_mut().batch_invert();
            values.iter_mut().for_each(|value| *value *= numerator);
        });
        let scaling = domain.scaling(domain.scale, shift);
        Self { domain, shift, scaling, first, last: blinding_rows }
    }

    /// From a row on, the polynomial that is 1 on usable rows and 0 on all others: what the Lagrange polynomials of the rows
    /// of blinding leave of 1. A row has all of the one before but one, and one more.
    fn active(&self, row: usize) -> impl Iterator<Item = Fr> {
        let at = |row: usize| self.first[row & (self.first.len() - 1)];
        let mut active = Fr::ONE - (row + 1..=row + self.last).map(at).sum::<Fr>();
        (row + 1..).map(move |next| {
            let value = active;
            active += at(next) - at(next + self.last);
            value
        })
    }

    /// The values of a polynomial with few coefficients.
    fn few(&self, coefficients: &[Fr]) -> Secret {
        let n = self.domain.rows();
        let mut values = Secret::zeros(n);
        for (i, (coefficient, power)) in coefficients.iter().zip(powers(Fr::ONE, self.shift)).enumerate() {
            values[reversed(i, n)] = *coefficient * power;
        }
        self.domain.to_values(&mut values);
        values
    }

    /// Polynomials' values on the coset.
    fn all<'c>(&self, polynomials: impl IntoIterator<Item = &'c [Fr]>) -> Vec<Secret> {
        let polynomials: Vec<_> = polynomials.into_iter().collect();
        let mut values = self.scaling.of_all(&polynomials);
        values.par_iter_mut().for_each(|values| self.domain.to_values(values));
        values
    }

    /// The public inputs' polynomial.
    fn public(&self, inputs: &[Fr]) -> Vec<Fr> {
        let n = self.domain.rows();
        let mut values = vec![Fr::ZERO; n];
        values.par_iter_mut().enumerate().for_each(|(row, value)| {
            for (at, input) in inputs.iter().enumerate() {
                *value += *input * self.first[(row + n - at) % n];
            }
        });
        values
    }
}

/// The pieces of the quotient, lowest first, as coefficients in natural order.
pub(crate) fn pieces(
    key: &ProvingKey,
    polynomials: Polynomials<'_>,
    public: &[Fr],
    challenges: Challenges,
) -> Vec<Secret> {
    let domain = &key.domain;
    let count = key.cost.quotient_pieces;
    let factors = Factors::new(key, challenges.y);
    let gates = key.program.gates(&factors.gates);
    let step = root(domain.k + count.next_power_of_two().trailing_zeros());
    let shifts: Vec<Fr> = powers(Fr::MULTIPLICATIVE_GENERATOR, step).take(count).collect();
    let mut combined: Vec<Secret> = Vec::with_capacity(count);
    for shift in &shifts {
        let coset = Coset::new(domain, *shift, key.layout().blinding_rows());
        let mut values = constraints(key, &coset, &polynomials, public, challenges, (&factors, &gates));
        drop(coset);
        // Back to coefficients: 1 / n for the transform, 1 / (X^n - 1) for the quotient.
        domain.to_coefficients(&mut values);
        let vanishing = shift.pow_vartime([domain.rows() as u64]) - Fr::ONE;
        let [shift, vanishing] = [*shift, vanishing].map(|x| Option::from(x.invert()).unwrap_or(Fr::ZERO));
        domain.scaling(domain.scale * vanishing, shift).apply(&mut values);
        combined.push(values);
    }
    drop(polynomials);
    let constants: Vec<Fr> = shifts.iter().map(|shift| shift.pow_vartime([domain.rows() as u64])).collect();
    separate(&constants, &mut combined);
    combined.par_iter_mut().for_each(|piece| reverse_bits(piece));
    combined
}

fn root(k: u32) -> Fr {
    apportion_circuits::field::SuiteField::root_of_unity(k)
}

/// All constraints on one coset.
fn constraints(
    key: &ProvingKey,
    coset: &Coset<'_>,
    polynomials: &Polynomials<'_>,
    public: &[Fr],
    Challenges { beta, gamma, .. }: Challenges,
    (factors, gates): (&Factors, &Gates<'_>),
) -> Secret {
    let mut advice: Vec<Secret> = polynomials.linked.par_iter().map(|linked| coset.few(linked)).collect();
    advice.extend(coset.all(polynomials.advice.iter().map(|polynomial| &**polynomial)));
    let advice: Vec<_> = advice.iter().map(|column| Rows::whole(column)).collect();
    let mut sum = Secret::zeros(key.domain.rows());
    // Before there are fixed columns, so that they and the permutation's are not there at once.
    permutation(key, coset, polynomials, &advice, [beta, gamma], &factors.permutation, &mut sum);
    let fixed = coset.all(key.fixed.iter().map(|polynomial| &polynomial[..]));
    let fixed: Vec<_> = fixed.iter().map(|column| Rows::whole(column)).collect();
    let public = coset.public(public);
    let columns = Columns { advice: &advice, fixed: &fixed, public: Rows::whole(&public) };
    blocks(key, &mut sum, |row, sum, scratch| gates.add_to(&columns, row, sum, scratch));
    for ((lookup, polynomials), factors) in polynomials.lookups.iter().enumerate().zip(&factors.lookups) {
        let LookupPolynomials { product, input, table } = polynomials;
        let values = coset.all([&**product, input, table]);
        let [product, input, table] = [0, 1, 2].map(|i| Rows::whole(&values[i]));
        blocks(key, &mut sum, |row, sum, scratch| {
            let looked_up = key.program.input(lookup, &columns, row, scratch);
            let in_table = fixed[key.layout().lookups[lookup].table.0];
            let n = key.domain.rows();
            for ((i, sum), active) in sum.iter_mut().enumerate().zip(coset.active(row)) {
                let row = row + i;
                let (z, a, s) = (product.get(row), input.get(row), table.get(row));
                let next = product.get((row + 1) % n);
                let before = input.get((row + n - 1) % n);
                let [first, last] = [coset.first[row], coset.first[(row + coset.last) % n]];
                let difference = a - s;
                *sum += first * (factors[0] * (Fr::ONE - z) + factors[3] * difference)
                    + last * factors[1] * (z * z - z)
                    + active
                        * (factors[2]
                            * (next * (a + beta) * (s + gamma)
                                - z * (looked_up[i] + beta) * (in_table.get(row) + gamma))
                            + factors[4] * difference * (a - before));
            }
        });
    }
    sum
}

/// Works on the rows block by block.
fn blocks(key: &ProvingKey, sum: &mut [Fr], work: impl Fn(usize, &mut [Fr], &mut Scratch) + Sync) {
    sum.par_chunks_mut(BLOCK)
        .enumerate()
        .with_min_len(8)
        .for_each_init(|| key.program.scratch(), |scratch, (block, sum)| work(block * BLOCK, sum, scratch));
}

/// The constraints of the permutation's running products.
fn permutation(
    key: &ProvingKey,
    coset: &Coset<'_>,
    polynomials: &Polynomials<'_>,
    advice: &[Rows<'_>],
    [beta, gamma]: [Fr; 2],
    factors: &[Fr],
    sum: &mut [Fr],
) {
    let sets = polynomials.products.len();
    if sets == 0 {
        return;
    }
    let n = key.domain.rows();
    let products = coset.all(polynomials.products.iter().map(|polynomial| &**polynomial));
    let images = coset.all(key.permutation.polys.iter().map(|polynomial| &polynomial[..]));
    let columns: Vec<_> = key.permutation.columns.iter().map(|column| advice[column.0]).collect();
    let chunk = key.cost.degree - 2;
    let deltas: Vec<Fr> = (0..columns.len()).map(delta).collect();
    blocks(key, sum, |row, sum, _| {
        let x = coset.shift * key.domain.omega.pow_vartime([row as u64]);
        let rows = powers(beta * x, key.domain.omega).zip(coset.active(row));
        for ((i, sum), (x, active)) in sum.iter_mut().enumerate().zip(rows) {
            let row = row + i;
            let [first, last] = [coset.first[row], coset.first[(row + coset.last) % n]];
            let z = products[sets - 1][row];
            let mut at_first = factors[0] * (Fr::ONE - products[0][row]);
            for set in 1..sets {
                let end = products[set - 1][(row + n - coset.last) % n];
                at_first += factors[1 + set] * (products[set][row] - end);
            }
            let mut at_active = Fr::ZERO;
            for (set, product) in products.iter().enumerate() {
                let (mut left, mut right) = (product[(row + 1) % n], product[row]);
                for column in set * chunk..columns.len().min((set + 1) * chunk) {
                    let value = columns[column].get(row) + gamma;
                    left *= value + beta * images[column][row];
                    right *= value + x * deltas[column];
                }
                at_active += factors[1 + sets + set] * (left - right);
            }
            *sum += first * at_first + last * factors[1] * (z * z - z) + active * at_active;
        }
    });
}

/// From `sum_i c_j^i piece_i` for each constant `c_j` to the pieces.
fn separate(constants: &[Fr], combined: &mut [Secret]) {
    let inverse = interpolation(constants);
    const CHUNK: usize = 1 << 10;
    chunks(combined, CHUNK).into_par_iter().for_each(|mut values| {
        let mut column = Secret::zeros(constants.len());
        for row in 0..values[0].len() {
            column.iter_mut().zip(&values).for_each(|(cell, values)| *cell = values[row]);
            for (values, coefficients) in values.iter_mut().zip(&inverse) {
                values[row] = coefficients.iter().zip(&*column).map(|(c, value)| *c * value).sum();
            }
        }
    });
}

/// `[i][j]`: coefficient i of the polynomial that is 1 at the j-th point and 0 at all others.
pub(crate) fn interpolation(points: &[Fr]) -> Vec<Vec<Fr>> {
    let mut rows = vec![vec![Fr::ZERO; points.len()]; points.len()];
    for (j, point) in points.iter().enumerate() {
        let mut poly = vec![Fr::ONE];
        for other in points.iter().enumerate().filter(|(i, _)| *i != j).map(|(_, other)| other) {
            // Times (X - other) / (point - other).
            let scale = Option::from((*point - other).invert()).unwrap_or(Fr::ZERO);
            poly.push(Fr::ZERO);
            for i in (0..poly.len()).rev() {
                let below = if i == 0 { Fr::ZERO } else { poly[i - 1] };
                poly[i] = (below - poly[i] * other) * scale;
            }
        }
        rows.iter_mut().zip(poly).for_each(|(row, coefficient)| row[j] = coefficient);
    }
    rows
}
