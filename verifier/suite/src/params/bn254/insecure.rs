//! Powers of a known secret, computed with a table of multiples of the generator.

use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2_axiom::halo2curves::bn256::{Fr, G1, G1Affine, G2, G2Affine};
use halo2_axiom::poly::EvaluationDomain;
use rayon::prelude::*;

use crate::params::lagrange::normalize;

/// `2^k + 1` powers, the Lagrange basis of all but the last, and `[tau]2`. Knowing tau, the basis needs no FFT over the group.
pub(crate) fn points(tau: &Fr, k: u32) -> (Vec<G1Affine>, Vec<G1Affine>, G2Affine) {
    let mut powers = vec![Fr::ONE; (1 << k) + 1];
    for i in 1..powers.len() {
        powers[i] = powers[i - 1] * tau;
    }
    let table = table();
    let domain = EvaluationDomain::<Fr>::new(1, k);
    let g = multiples(&table, &powers);
    powers.pop();
    let basis = multiples(&table, &domain.lagrange_to_coeff(domain.lagrange_from_vec(powers)));
    (g, basis, (G2::generator() * tau).to_affine())
}

/// `table[i][d - 1] = d * 256^i * generator`.
fn table() -> Vec<Vec<G1Affine>> {
    let mut base = G1::generator();
    let mut table = Vec::with_capacity(32);
    for _ in 0..32 {
        let multiples: Vec<G1> = std::iter::successors(Some(base), |p| Some(p + base)).take(256).collect();
        table.push(normalize(&multiples[..255]));
        base = multiples[255];
    }
    table
}

fn multiples(table: &[Vec<G1Affine>], scalars: &[Fr]) -> Vec<G1Affine> {
    let points: Vec<G1> = scalars
        .par_iter()
        .map(|s| {
            let digits = s.to_repr();
            table.iter().zip(digits.as_ref()).fold(G1::identity(), |acc, (row, digit)| match digit {
                0 => acc,
                d => acc + row[usize::from(*d) - 1],
            })
        })
        .collect();
    normalize(&points)
}
