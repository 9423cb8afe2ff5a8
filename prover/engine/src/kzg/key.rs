//! The proving key: what proofs of one layout share.
//!
//! Per row and fixed or permuted column it keeps 32 bytes, the coefficients, and 64 for the Lagrange basis in which columns are
//! committed; the permutation itself as a list of the cells that are copied.

use std::sync::Arc;

use apportion_circuits::plonkish::{AdviceColumn, Cost, Layout, Query};
use apportion_suite::{
    Bn254, Suite, SuiteError, bn254::VerifyingKey, lowering::bn254::check_params,
    params::bn254::lagrange_points,
};
use ff::{Field, PrimeField};
use halo2_axiom::{
    halo2curves::bn256::{Fr, G1Affine},
    poly::commitment::ParamsProver,
};
use rayon::prelude::*;

use super::{
    domain::{Domain, powers},
    lookups::TableIndex,
    program::Program,
};

/// Random rows that a running product needs: it is opened at x and w x, and shows its commitment and, through the
/// quotient's, its value at w tau; one that another product continues is opened at the last row, too.
const PRODUCT_ROWS: usize = 4;
const CHAINED_PRODUCT_ROWS: usize = PRODUCT_ROWS + 1;
/// Random rows of a lookup's permuted columns: openings and commitment.
const PERMUTED_ROWS: usize = 3;

/// A proving key, with its verifying key inside.
pub struct ProvingKey {
    pub(crate) key: VerifyingKey,
    pub(crate) cost: Cost,
    pub(crate) domain: Domain,
    /// The Lagrange basis.
    pub(crate) lagrange: Vec<G1Affine>,
    /// The fixed columns' coefficients, as [`Domain::to_coefficients`] makes them.
    pub(crate) fixed: Vec<Vec<Fr>>,
    pub(crate) permutation: Permutation,
    pub(crate) program: Program,
    /// For each lookup its table's values; equal tables are shared.
    pub(crate) tables: Vec<Arc<TableIndex>>,
}

/// The permutation of copied cells.
pub(crate) struct Permutation {
    pub(crate) columns: Vec<AdviceColumn>,
    /// For each column the cells that are not their own image: row, and the image's place in `columns` and row.
    pub(crate) moved: Vec<Vec<(u32, u32, u32)>>,
    /// The polynomials' coefficients.
    pub(crate) polys: Vec<Vec<Fr>>,
}

impl ProvingKey {
    pub(crate) fn new(
        params: &<Bn254 as Suite>::Params,
        layout: Arc<Layout<Fr>>,
    ) -> Result<Self, SuiteError> {
        let key = Bn254::verifying_key(params, layout)?;
        let layout = key.layout();
        check_next_power(params, layout)?;
        let cost = Cost::of(layout);
        check_counts(layout, &cost)?;
        let domain = Domain::new(layout.k);
        let coefficients = |mut values: Vec<Fr>| {
            domain.to_coefficients(&mut values);
            values
        };
        let fixed = layout.fixed_values.par_iter().cloned().map(coefficients).collect();
        let permutation = Permutation::new(layout, &domain);
        let lagrange = lagrange_points(params).map_err(|error| SuiteError::Backend(error.to_string()))?;
        let program = Program::new(layout);
        let mut tables: Vec<Arc<TableIndex>> = Vec::new();
        for (index, lookup) in layout.lookups.iter().enumerate() {
            let same = layout.lookups[..index].iter().position(|other| other.table == lookup.table);
            let values = &layout.fixed_values[lookup.table.0][..layout.usable_rows()];
            tables.push(same.map_or_else(|| Arc::new(TableIndex::new(values)), |same| tables[same].clone()));
        }
        Ok(Self { key, cost, domain, lagrange, fixed, permutation, program, tables })
    }

    pub(crate) fn layout(&self) -> &Layout<Fr> {
        self.key.layout()
    }
}

/// The monomial basis of parameters, with one power more than there are rows.
pub(crate) fn check_next_power<'p>(
    params: &'p <Bn254 as Suite>::Params,
    layout: &Layout<Fr>,
) -> Result<&'p [G1Affine], SuiteError> {
    check_params(params, layout)?;
    let powers = params.get_g();
    if powers.len() == layout.rows() + 1 {
        return Ok(powers);
    }
    let k = layout.k;
    Err(SuiteError::Params(format!(
        "the setup has only the first 2^{k} powers of its secret; for a table of 2^{k} rows a proof needs one more, \
         [tau^(2^{k})]1, to hide its quotient: bring a larger setup"
    )))
}

/// Refuses a layout whose rows of blinding do not suffice for a zero-knowledge proof: see docs/zero-knowledge.md.
fn check_counts(layout: &Layout<Fr>, cost: &Cost) -> Result<(), SuiteError> {
    let too_few = |what: &str| {
        Err(SuiteError::Backend(format!("layout '{}': too few rows of blinding for {what}", layout.name())))
    };
    let rows = layout.blinding_rows();
    // The last usable row of a running product is not random.
    let product = rows - 1;
    if product < if cost.permutation_products > 1 { CHAINED_PRODUCT_ROWS } else { PRODUCT_ROWS } {
        return too_few("running products");
    }
    if cost.permutation_products == 0 && cost.lookups == 0 {
        return Err(SuiteError::Backend(format!(
            "layout '{}': without copies and lookups nothing hides the quotient",
            layout.name()
        )));
    }
    if rows < PERMUTED_ROWS {
        return too_few("permuted columns");
    }
    let queries = layout.queries();
    // The mask of a linked column is spent a point a proof (V8), and so it is counted.
    for column in 0..layout.linked {
        let of_column = |query: &&Query| matches!(query, Query::Advice(index, _) if *index == column);
        if queries.iter().filter(of_column).count() > 1 {
            return Err(SuiteError::Backend(format!(
                "layout '{}': column '{}' is linked and read at several rotations: a proof would open it at several points",
                layout.name(),
                layout.advice[column].name
            )));
        }
    }
    for column in layout.linked..layout.advice.len() {
        let of_column = |query: &&Query| matches!(query, Query::Advice(index, _) if *index == column);
        if rows < queries.iter().filter(of_column).count() + 1 {
            return too_few(&format!("column '{}'", layout.advice[column].name));
        }
    }
    Ok(())
}

impl Permutation {
    fn new(layout: &Layout<Fr>, domain: &Domain) -> Self {
        let moved = moved(layout);
        let columns = layout.equality.clone();
        let mut permutation = Self { columns, moved, polys: Vec::new() };
        permutation.polys = (0..permutation.columns.len())
            .into_par_iter()
            .map(|column| {
                let mut values = permutation.values(domain, column);
                domain.to_coefficients(&mut values);
                values
            })
            .collect();
        permutation
    }

    /// The values of a column's polynomial: `delta^c w^r` where the image is row r of the c-th column.
    pub(crate) fn values(&self, domain: &Domain, column: usize) -> Vec<Fr> {
        let mut values: Vec<Fr> = powers(delta(column), domain.omega).take(domain.rows()).collect();
        let images: Vec<Fr> = self.moved[column].iter().map(|(_, c, r)| self.image(domain, *c, *r)).collect();
        for ((row, _, _), image) in self.moved[column].iter().zip(images) {
            values[*row as usize] = image;
        }
        values
    }

    /// The element that stands for a cell.
    pub(crate) fn image(&self, domain: &Domain, column: u32, row: u32) -> Fr {
        delta(column as usize) * domain.omega.pow_vartime([u64::from(row)])
    }
}

/// What distinguishes a column of the permutation.
pub(crate) fn delta(column: usize) -> Fr {
    Fr::DELTA.pow_vartime([column as u64])
}

/// The cycles of copied cells, as halo2-axiom makes them: the permutation is part of the key.
fn moved(layout: &Layout<Fr>) -> Vec<Vec<(u32, u32, u32)>> {
    let n = layout.rows();
    let place = |cell: &apportion_circuits::plonkish::Cell| {
        let column = layout.equality.iter().position(|column| *column == cell.column);
        (column.unwrap_or_default() * n + cell.row) as u32
    };
    let cells = layout.equality.len() * n;
    let mut next: Vec<u32> = (0..cells as u32).collect();
    let mut cycle = next.clone();
    let mut sizes = vec![1u32; cells];
    for (a, b) in &layout.copies {
        let (a, b) = (place(a) as usize, place(b) as usize);
        let (mut kept, mut merged) = (cycle[a] as usize, cycle[b] as usize);
        if kept == merged {
            continue;
        }
        // The smaller cycle changes its name.
        if sizes[kept] < sizes[merged] {
            (kept, merged) = (merged, kept);
        }
        sizes[kept] += sizes[merged];
        let mut cell = merged;
        loop {
            cycle[cell] = kept as u32;
            cell = next[cell] as usize;
            if cell == merged {
                break;
            }
        }
        next.swap(a, b);
    }
    let n = n as u32;
    (0..layout.equality.len() as u32)
        .map(|column| {
            (0..n)
                .map(|row| (row, next[(column * n + row) as usize]))
                .filter(|(row, image)| *image != column * n + row)
                .map(|(row, image)| (row, image / n, image % n))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use apportion_circuits::{
        plonkish::{advice, fixed},
        relation::RelationId,
        types::Tier,
    };

    use super::*;

    #[test]
    fn a_linked_column_is_read_at_one_rotation() {
        let checked = |linked: &[i32], free: &[i32]| {
            let mut layout = Layout::<Fr>::new(RelationId::Split, Tier::T64, 4);
            let column = layout.linked_column("linked");
            let other = layout.advice_column("free");
            let on = layout.fixed_column("on");
            let reads =
                linked.iter().map(|r| advice(column, *r)).chain(free.iter().map(|r| advice(other, *r)));
            let polys = reads.map(|read| ("read".into(), read)).collect();
            layout.gate("gate", fixed(on, 0), polys);
            layout.equality = vec![other];
            let cost = Cost::of(&layout);
            check_counts(&layout, &cost)
        };
        checked(&[0], &[0, 1]).unwrap();
        checked(&[0, 0], &[0, 1]).unwrap();
        for linked in [&[0, 1][..], &[-1, 0], &[0, 1, 2]] {
            let why = checked(linked, &[0]).unwrap_err().to_string();
            assert!(why.contains("column 'linked' is linked and read at several rotations"), "{why}");
        }
    }
}
