//! What the engine's levers are measured against: the same step as halo2-axiom's prover takes it, by its own functions
//! where it offers them.

use std::collections::HashMap;

use apportion_circuits::plonkish::{Expr, Layout, Query};
use ff::{BatchInvert, Field};
use halo2_axiom::{
    arithmetic::{eval_polynomial, kate_division},
    halo2curves::bn256::Fr,
};
use rayon::prelude::*;

use crate::kzg::{
    domain::powers,
    key::{ProvingKey, delta},
    program::Columns,
    secret::Rows,
};

/// All gates on all rows, every expression as it stands.
pub(crate) fn gates(layout: &Layout<Fr>, columns: &Columns<'_>, y: Fr, out: &mut [Fr]) {
    out.par_iter_mut().enumerate().for_each(|(row, out)| {
        for gate in &layout.gates {
            let selector = value(&gate.selector, columns, row);
            for (_, poly) in &gate.polys {
                *out = *out * y + selector * value(poly, columns, row);
            }
        }
    });
}

fn value(expr: &Expr<Fr>, columns: &Columns<'_>, row: usize) -> Fr {
    match expr {
        Expr::Constant(c) => *c,
        Expr::Cell(query) => {
            let (column, at) = match *query {
                Query::Advice(column, at) => (columns.advice[column], at),
                Query::Fixed(column, at) => (columns.fixed[column], at),
                Query::Public(at) => (columns.public, at),
            };
            column.get((row as i64 + i64::from(at)).rem_euclid(column.len() as i64) as usize)
        }
        Expr::Sum(terms) => terms.iter().map(|term| value(term, columns, row)).sum(),
        Expr::Product(a, b) => value(a, columns, row) * value(b, columns, row),
        Expr::Scaled(a, c) => value(a, columns, row) * c,
    }
}

/// The permutation's running products, all rows alike.
pub(crate) fn permutation(key: &ProvingKey, columns: &[Rows<'_>], [beta, gamma]: [Fr; 2]) -> Vec<Vec<Fr>> {
    let (permutation, domain) = (&key.permutation, &key.domain);
    let images: Vec<_> = (0..permutation.columns.len()).map(|c| permutation.values(domain, c)).collect();
    let sets: Vec<usize> = (0..permutation.columns.len()).collect();
    let mut start = Fr::ONE;
    let products = sets.chunks(key.cost.degree - 2).map(|set| {
        let mut factors = vec![Fr::ONE; domain.rows()];
        let in_chunks = |factors: &mut [Fr], work: &(dyn Fn(usize, &mut Fr) + Sync)| {
            factors.par_iter_mut().enumerate().with_min_len(1 << 10).for_each(|(row, out)| work(row, out));
        };
        for column in set {
            let values = columns[permutation.columns[*column].0];
            let image = &images[*column];
            in_chunks(&mut factors, &|row, out| *out *= values.get(row) + beta * image[row] + gamma);
        }
        factors.par_chunks_mut(1 << 12).for_each(|factors| _ = factors.iter_mut().batch_invert());
        for column in set {
            let values = columns[permutation.columns[*column].0];
            let factor = beta * delta(*column);
            factors.par_chunks_mut(1 << 12).enumerate().for_each(|(chunk, factors)| {
                let first = factor * domain.omega.pow_vartime([(chunk << 12) as u64]);
                let rows = (chunk << 12)..;
                for ((out, own), row) in factors.iter_mut().zip(powers(first, domain.omega)).zip(rows) {
                    *out *= own + gamma + values.get(row);
                }
            });
        }
        let mut product = Vec::with_capacity(factors.len());
        for factor in factors {
            product.push(start);
            start *= factor;
        }
        start = product[key.layout().usable_rows()];
        product
    });
    products.collect()
}

/// A lookup's input sorted, its table as a map from values to how often they are left.
pub(crate) fn permute(input: &[Fr], table: &[Fr]) -> [Vec<Fr>; 2] {
    let mut input = input.to_vec();
    input.par_sort_unstable();
    let mut left = HashMap::<Fr, u32>::with_capacity(table.len());
    table.iter().for_each(|value| *left.entry(*value).or_insert(0) += 1);
    let mut permuted = vec![Fr::ZERO; input.len()];
    let mut repeated = Vec::new();
    for (row, value) in input.iter().enumerate() {
        if row == 0 || *value != input[row - 1] {
            permuted[row] = *value;
            left.entry(*value).and_modify(|count| *count -= 1);
        } else {
            repeated.push(row);
        }
    }
    let rest = left.iter().flat_map(|(value, count)| (0..*count).map(move |_| *value));
    repeated.into_iter().zip(rest).for_each(|(row, value)| permuted[row] = value);
    [input, permuted]
}

/// Evaluations of coefficients by Horner's rule and divisions by one root after another. Columns that are opened
/// at the same points are one set.
pub(crate) fn opening(sets: &[(Vec<Fr>, Vec<&[Fr]>)], [y, u]: [Fr; 2]) -> [Vec<Fr>; 2] {
    let n = sets[0].1[0].len();
    let mut evaluations = Fr::ZERO;
    let (mut quotient, mut combined) = (vec![Fr::ZERO; n], vec![Fr::ZERO; n]);
    for (points, columns) in sets {
        let mut sum = vec![Fr::ZERO; n];
        for column in columns {
            for point in points {
                evaluations += eval_polynomial(column, *point);
            }
            add(&mut sum, column, y);
        }
        add(&mut combined, &sum, u);
        let divided = points.iter().fold(sum, |poly, point| kate_division(&poly, *point));
        add(&mut quotient, &divided, y);
    }
    std::hint::black_box(evaluations);
    let last = kate_division(&combined, u);
    [quotient, last]
}

fn add(sum: &mut [Fr], values: &[Fr], factor: Fr) {
    sum.par_iter_mut()
        .zip(values)
        .with_min_len(1 << 10)
        .for_each(|(sum, value)| *sum = *sum * factor + value);
}
