//! Step 1: the advice columns, blinded and committed.
//!
//! A linked column is committed by its `C + 128` coefficients: its commitment is the one that is known already, whatever the
//! table. Any other column ends in rows of blinding, and is committed by its values, which cost what their bits cost.

use apportion_circuits::plonkish::Table;
use apportion_suite::SuiteError;
use group::Curve;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};

use super::{
    draws::{Draws, scalars},
    key::ProvingKey,
    secret::{Rows, Secret},
};
use crate::curve::multiexp;

/// The blinding of all advice columns; empty for linked ones, which bring their own.
pub(crate) struct Blinded(Vec<Secret>);

impl Blinded {
    pub(crate) fn draw(key: &ProvingKey, draws: &mut impl Draws) -> Self {
        let layout = key.layout();
        let tails: Vec<_> = (0..layout.advice.len())
            .map(|column| {
                let rows = if column < layout.linked { 0 } else { layout.blinding_rows() };
                scalars(draws, rows)
            })
            .collect();
        (layout.linked..layout.advice.len()).for_each(|_| draws.after_commitment());
        Self(tails)
    }

    /// The columns with their blinding.
    pub(crate) fn rows<'a>(&'a self, key: &ProvingKey, table: &'a Table<Fr>) -> Vec<Rows<'a>> {
        let usable = key.layout().usable_rows();
        self.0
            .iter()
            .zip(&table.advice)
            .enumerate()
            .map(|(index, (tail, column))| {
                if index < key.layout().linked {
                    Rows::whole(column)
                } else {
                    Rows::new(&column[..usable], tail)
                }
            })
            .collect()
    }
}

/// Commits to all advice columns.
pub(crate) fn commit(
    key: &ProvingKey,
    powers: &[G1Affine],
    table: &Table<Fr>,
    columns: &[Rows<'_>],
) -> Result<Vec<G1Affine>, SuiteError> {
    let linked = table.linked.iter().map(|column| multiexp(powers, column.coefficients()).to_affine());
    let others = columns[table.linked.len()..].iter().map(|column| commit_rows(&key.lagrange, *column));
    Ok(linked.chain(others).collect())
}

/// Commits to values.
pub(crate) fn commit_rows(lagrange: &[G1Affine], column: Rows<'_>) -> G1Affine {
    let [(_, body), (start, tail)] = column.parts();
    (multiexp(lagrange, body) + multiexp(&lagrange[start..], tail)).to_affine()
}
