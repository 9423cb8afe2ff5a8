//! What blinding hides: how everything that a proof shows moves with what it draws.
//!
//! With the setup's secret known and challenges fixed, a proof is a list of scalars: every commitment's and every
//! evaluation's. Around one choice of draws they are linear in them up to higher terms; if the linear part has as many
//! dimensions as there are scalars, no combination of them is left that the draws do not move. Only as many draws may move
//! as docs/zero-knowledge.md counts on.

use apportion_suite::params::Srs;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::{
    super::{
        ProvingKey,
        columns::Blinded,
        domain::powers,
        draws::Draws,
        lookups,
        opening::{self, Opened},
        products,
        program::Columns,
        quotient::{self, Challenges, LookupPolynomials, Polynomials},
        secret::{Rows, Secret},
    },
    layouts::{self, Sample},
};

/// Draws that are given.
struct Given<'a> {
    values: &'a [Fr],
    next: usize,
}

impl Draws for Given<'_> {
    fn scalar(&mut self) -> Fr {
        self.next += 1;
        self.values[self.next - 1]
    }

    fn random_polynomial(&mut self) -> Secret {
        Secret::new(vec![self.scalar(), self.scalar()])
    }

    fn quotient(&mut self, pieces: usize) -> Secret {
        Secret::new((1..pieces).map(|_| self.scalar()).collect())
    }
}

/// How many of each kind of draws may move.
#[derive(Clone, Copy)]
struct Counts {
    /// Rows of the first running product; one that is continued has one more. Those of all others suffice for what they
    /// show themselves: 3.
    product: usize,
    /// Whether the quotient's pieces are blinded.
    quotient: bool,
}

const COUNTED_ON: Counts = Counts { product: 4, quotient: true };

/// For every draw whether it may move.
fn moving(key: &ProvingKey, counts: Counts) -> Vec<bool> {
    let layout = key.layout();
    let rows = layout.blinding_rows();
    let mut moving = Vec::new();
    let mut put = |of: usize, moved: usize| moving.extend((0..of).map(|i| i < moved));
    for column in layout.linked..layout.advice.len() {
        put(rows, layout.rotations(apportion_circuits::plonkish::AdviceColumn(column)).len() + 1);
    }
    for _ in &layout.lookups {
        put(rows, 3);
        put(rows, 2);
    }
    let sets = key.cost.permutation_products;
    for product in 0..sets + layout.lookups.len() {
        let own = if product == 0 { counts.product } else { 3 };
        put(rows - 1, own + usize::from(product + 1 < sets));
    }
    put(2, 2);
    let blinds = key.cost.quotient_pieces - 1;
    put(blinds, if counts.quotient { blinds } else { 0 });
    moving
}

/// Everything that a proof shows, under fixed challenges.
fn shown(key: &ProvingKey, sample: &Sample, tau: Fr, draws: &[Fr]) -> Vec<Fr> {
    let (layout, table) = sample;
    let domain = &key.domain;
    let [beta, gamma, y, x] = [101, 103, 107, 109].map(|c| Fr::from(c).pow_vartime([50]));
    let mut draws = Given { values: draws, next: 0 };
    let blinded = Blinded::draw(key, &mut draws);
    let advice = blinded.rows(key, table);
    let mut public = Secret::zeros(domain.rows());
    public[..table.public.len()].copy_from_slice(&table.public);
    let fixed: Vec<_> = layout.fixed_values.iter().map(|column| Rows::whole(column)).collect();
    let columns = Columns { advice: &advice, fixed: &fixed, public: Rows::whole(&public) };
    let permuted: Vec<_> = (0..layout.lookups.len())
        .map(|lookup| lookups::permute(key, lookup, &columns, &mut draws).unwrap())
        .collect();
    let permutation = products::permutation(key, &advice, [beta, gamma], &mut draws);
    let lookup_products: Vec<_> = permuted
        .iter()
        .enumerate()
        .map(|(lookup, permuted)| {
            let input = lookups::input(key, lookup, &columns);
            products::lookup(key, lookup, &input, permuted, [beta, gamma], &mut draws)
        })
        .collect();
    let random = draws.random_polynomial();
    let coefficients = |rows: Rows<'_>| {
        let mut values = rows.to_secret();
        domain.to_coefficients(&mut values);
        values
    };
    let polynomials = Polynomials {
        linked: table.linked.iter().map(|column| column.coefficients()).collect(),
        advice: advice[layout.linked..].iter().map(|rows| coefficients(*rows)).collect(),
        products: permutation.iter().map(|column| coefficients(Rows::whole(column))).collect(),
        lookups: permuted
            .iter()
            .zip(&lookup_products)
            .map(|(permuted, product)| LookupPolynomials {
                product: coefficients(Rows::whole(product)),
                input: coefficients(Rows::whole(&permuted.input)),
                table: coefficients(Rows::whole(&permuted.table)),
            })
            .collect(),
    };
    let pieces = quotient::pieces(key, polynomials, &table.public, Challenges { beta, gamma, y });
    let blinds = draws.quotient(pieces.len());
    assert_eq!(draws.next, draws.values.len());

    let mut opened = Vec::new();
    for (column, rows) in advice.iter().enumerate().take(layout.advice.len()).skip(layout.linked) {
        let rotations = layout.rotations(apportion_circuits::plonkish::AdviceColumn(column));
        opened.push((*rows, rotations));
    }
    for permuted in &permuted {
        let [input, table] = permuted.rows();
        opened.extend([(input, vec![0, -1]), (table, vec![0])]);
    }
    let last = -(layout.blinding_rows() as i32);
    for (index, product) in permutation.iter().enumerate() {
        let rotations = if index + 1 < permutation.len() { vec![0, 1, last] } else { vec![0, 1] };
        opened.push((Rows::whole(product), rotations));
    }
    opened.extend(lookup_products.iter().map(|product| (Rows::whole(product), vec![0, 1])));
    let values = |at: Fr, tau_only: bool| -> Vec<Fr> {
        let mut opened: Vec<_> = opened
            .iter()
            .map(|(rows, rotations)| Opened::new(*rows, if tau_only { vec![0] } else { rotations.clone() }))
            .collect();
        opening::evaluate(domain, at, &opening::inverses(domain, at), &mut opened);
        opened.into_iter().flat_map(|opened| opened.values).collect()
    };
    let mut shown = values(tau, true);
    shown.extend(values(x, false));
    shown.extend([tau, x].map(|at| random[0] + random[1] * at));
    let power = tau.pow_vartime([domain.rows() as u64]);
    for (i, piece) in pieces.iter().enumerate() {
        let before = i.checked_sub(1).map_or(Fr::ZERO, |i| blinds[i]);
        let blind = blinds.get(i).copied().unwrap_or(Fr::ZERO);
        let value: Fr = piece.iter().zip(powers(Fr::ONE, tau)).map(|(c, power)| *c * power).sum();
        shown.push(value + blind * power - before);
    }
    shown
}

/// The rank of the linear part, and the number of scalars.
fn rank(key: &ProvingKey, sample: &Sample, counts: Counts) -> (usize, usize) {
    let tau = Fr::from(12_345).pow_vartime([77]);
    let moving = moving(key, counts);
    let mut base: Vec<Fr> = powers(Fr::from(3), Fr::from(5).pow_vartime([60])).take(moving.len()).collect();
    if !counts.quotient {
        let blinds = key.cost.quotient_pieces - 1;
        let start = base.len() - blinds;
        base[start..].fill(Fr::ZERO);
    }
    // Along one draw everything is a polynomial of at most the constraints' degree: its linear coefficient.
    let points: Vec<Fr> = (0..=key.cost.degree as u64).map(Fr::from).collect();
    let weights = quotient::interpolation(&points).swap_remove(1);
    let columns: Vec<Vec<Fr>> = (0..moving.len())
        .into_par_iter()
        .filter(|draw| moving[*draw])
        .map(|draw| {
            let mut sum = Vec::new();
            for (point, weight) in points.iter().zip(&weights) {
                let mut draws = base.clone();
                draws[draw] += point;
                let shown = shown(key, sample, tau, &draws);
                sum.resize(shown.len(), Fr::ZERO);
                sum.iter_mut().zip(shown).for_each(|(sum, value)| *sum += value * weight);
            }
            sum
        })
        .collect();
    let scalars = columns[0].len();
    (eliminate(columns), scalars)
}

/// The rank of a matrix, by Gauss.
fn eliminate(mut rows: Vec<Vec<Fr>>) -> usize {
    let mut rank = 0;
    for column in 0..rows[0].len() {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != Fr::ZERO) else { continue };
        rows.swap(rank, pivot);
        let inverse = rows[rank][column].invert().unwrap();
        let (done, rest) = rows.split_at_mut(rank + 1);
        for row in rest {
            let factor = row[column] * inverse;
            row.iter_mut().zip(&done[rank]).for_each(|(cell, pivot)| *cell -= factor * pivot);
        }
        rank += 1;
    }
    rank
}

/// Layouts with one running product of the permutation, with chained ones and with none.
fn samples() -> Vec<Sample> {
    let mut found: Vec<Sample> = Vec::new();
    for products in [0, 1, 2] {
        let fits = |sample: &Sample| {
            let cost = apportion_circuits::plonkish::Cost::of(&*sample.0);
            cost.permutation_products == products && cost.advice_columns < 9
        };
        found.push((0..).map(layouts::random).find(fits).unwrap());
    }
    found
}

#[test]
fn the_rows_and_blinds_that_are_counted_on_suffice() {
    for sample in samples() {
        let srs = Srs::insecure_dev(sample.0.k).unwrap();
        let key = ProvingKey::new(srs.kzg(), sample.0.clone()).unwrap();
        let (found, scalars) = rank(&key, &sample, COUNTED_ON);
        assert_eq!(found, scalars);
        // One row less in running products: the quotient is known from what else is shown.
        let (found, scalars) = rank(&key, &sample, Counts { product: 3, ..COUNTED_ON });
        assert!(found < scalars, "three rows");
        // And with pieces that are not blinded.
        let (found, scalars) = rank(&key, &sample, Counts { quotient: false, ..COUNTED_ON });
        assert!(found < scalars, "no blinding of the quotient");
    }
}
