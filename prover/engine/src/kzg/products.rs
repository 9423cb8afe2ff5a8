//! Step 3: running products, of the permutation and of lookups.
//!
//! A product starts at 1 and ends at 1 in the last usable row, below which stand random values. In the permutation's, a row
//! without copied cells multiplies by 1, and most rows are such: only the others take an inversion's share. A
//! lookup's takes seven products a row.

use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::{
    draws::{Draws, scalars},
    key::{ProvingKey, delta},
    lookups::Permuted,
    secret::{Rows, Secret},
};

/// Rows that a core takes at a time.
const CHUNK: usize = 1 << 12;

/// The permutation's running products, each continuing the one before.
pub(crate) fn permutation(
    key: &ProvingKey,
    columns: &[Rows<'_>],
    [beta, gamma]: [Fr; 2],
    draws: &mut impl Draws,
) -> Vec<Secret> {
    let permutation = &key.permutation;
    let domain = &key.domain;
    let usable = key.layout().usable_rows();
    let mut start = Fr::ONE;
    let chunk = key.cost.degree - 2;
    let mut products = Vec::new();
    for first in (0..permutation.columns.len()).step_by(chunk) {
        let set = first..permutation.columns.len().min(first + chunk);
        let mut rows: Vec<u32> =
            set.clone().flat_map(|column| permutation.moved[column].iter().map(|(row, _, _)| *row)).collect();
        rows.sort_unstable();
        rows.dedup();
        // Numerators and denominators of the rows that have copied cells.
        let (mut above, mut below) = (Secret::zeros(rows.len()), Secret::zeros(rows.len()));
        above.fill(Fr::ONE);
        below.fill(Fr::ONE);
        for column in set {
            let values = columns[permutation.columns[column].0];
            let delta = delta(column);
            let moved = &permutation.moved[column];
            above.par_iter_mut().zip(below.par_iter_mut()).zip(&rows).for_each(|((above, below), row)| {
                let value = values.get(*row as usize) + gamma;
                let own = delta * domain.omega.pow_vartime([u64::from(*row)]);
                let image = match moved.binary_search_by_key(row, |(row, _, _)| *row) {
                    Ok(at) => permutation.image(domain, moved[at].1, moved[at].2),
                    Err(_) => own,
                };
                *above *= value + beta * own;
                *below *= value + beta * image;
            });
        }
        invert(&mut below);
        let mut product = Secret::zeros(key.domain.rows());
        let (mut value, mut next) = (start, 0);
        for (row, out) in product[..=usable].iter_mut().enumerate() {
            *out = value;
            if rows.get(next) == Some(&(row as u32)) {
                value *= above[next] * below[next];
                next += 1;
            }
        }
        start = product[usable];
        blind(key, &mut product, draws);
        products.push(product);
    }
    products
}

/// The running product of a lookup.
pub(crate) fn lookup(
    key: &ProvingKey,
    lookup: usize,
    input: &[Fr],
    permuted: &Permuted,
    [beta, gamma]: [Fr; 2],
    draws: &mut impl Draws,
) -> Secret {
    let usable = key.layout().usable_rows();
    let table = &key.layout().fixed_values[key.layout().lookups[lookup].table.0];
    let mut product = Secret::zeros(key.domain.rows());
    // Each row first holds the factor that leads to it.
    product[0] = Fr::ONE;
    product[1..=usable].par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, product)| {
        let rows = chunk * CHUNK..chunk * CHUNK + product.len();
        let of_permuted = permuted.input[rows.clone()].iter().zip(&permuted.table[rows.clone()]);
        for (product, (a, s)) in product.iter_mut().zip(of_permuted) {
            *product = (*a + beta) * (*s + gamma);
        }
        product.iter_mut().batch_invert();
        for (product, (a, s)) in product.iter_mut().zip(input[rows.clone()].iter().zip(&table[rows])) {
            *product *= (*a + beta) * (*s + gamma);
        }
    });
    accumulate(&mut product[..=usable]);
    blind(key, &mut product, draws);
    product
}

fn blind(key: &ProvingKey, product: &mut [Fr], draws: &mut impl Draws) {
    let first = key.layout().usable_rows() + 1;
    let tail = scalars(draws, product.len() - first);
    product[first..].copy_from_slice(&tail);
    draws.after_commitment();
}

fn invert(values: &mut [Fr]) {
    values.par_chunks_mut(CHUNK).for_each(|values| _ = values.iter_mut().batch_invert());
}

/// Multiplies every value by all that stand before it.
fn accumulate(values: &mut [Fr]) {
    values.par_chunks_mut(CHUNK).for_each(|values| {
        let mut product = Fr::ONE;
        for value in values {
            product *= *value;
            *value = product;
        }
    });
    let mut before = Fr::ONE;
    let starts: Vec<Fr> = values
        .chunks(CHUNK)
        .map(|values| {
            let start = before;
            before *= values.last().copied().unwrap_or(Fr::ONE);
            start
        })
        .collect();
    values
        .par_chunks_mut(CHUNK)
        .zip(starts)
        .for_each(|(values, start)| values.iter_mut().for_each(|value| *value *= start));
}
