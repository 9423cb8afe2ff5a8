//! What a table costs, counted from its description alone.

use serde::Serialize;

use super::{Layout, Query};
use crate::field::SuiteField;

/// Counts that decide a proof's time, memory and size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Relation and tier.
    pub table: String,
    /// log2 of the number of rows.
    pub k: u32,
    /// Rows.
    pub rows: usize,
    /// Accounts that the table holds.
    pub accounts: usize,
    /// Rows from one slot to the next.
    pub rows_per_slot: usize,
    /// Linked advice columns.
    pub linked_columns: usize,
    /// Advice columns in all.
    pub advice_columns: usize,
    /// Fixed columns.
    pub fixed_columns: usize,
    /// Lookups; each commits three columns: permuted input, permuted table, running product.
    pub lookups: usize,
    /// Columns under copy constraints; each adds a fixed polynomial.
    pub equality_columns: usize,
    /// Running-product columns of the permutation argument.
    pub permutation_products: usize,
    /// Total degree of the constraint system.
    pub degree: usize,
    /// Rows lost to blinding.
    pub blinding_rows: usize,
    /// Committed columns: advice, lookups and permutation products; neither quotient nor the argument's own
    /// random polynomial.
    pub committed_columns: usize,
    /// Committed cells per account, padding included: `committed_columns * rows / accounts`, rounded up.
    pub committed_cells_per_account: usize,
    /// Pieces of the quotient polynomial, `degree - 1`.
    pub quotient_pieces: usize,
    /// Evaluations in a proof.
    pub evaluations: usize,
    /// Group elements in a proof before the multi-opening argument.
    pub commitments: usize,
}

impl Cost {
    /// Counts a table.
    pub fn of<F: SuiteField>(layout: &Layout<F>) -> Self {
        let queries = layout.queries();
        let count = |f: fn(&Query) -> bool| queries.iter().filter(|query| f(query)).count();
        // Both proof systems' rules: a lookup's running product has degree 1 + 1 + input + table, at least 4;
        // the permutation argument needs 3 and packs `degree - 2` columns into one running product.
        let lookup_degree =
            layout.lookups.iter().map(|lookup| (3 + lookup.input.degree()).max(4)).max().unwrap_or(1);
        let gate_degree = layout
            .gates
            .iter()
            .flat_map(|gate| gate.polys.iter().map(|(_, poly)| gate.selector.degree() + poly.degree()))
            .max()
            .unwrap_or(0);
        let degree = lookup_degree.max(gate_degree).max(3);
        let permutation_products = layout.equality.len().div_ceil(degree - 2);
        let committed_columns = layout.advice.len() + 3 * layout.lookups.len() + permutation_products;
        let quotient_pieces = degree - 1;
        let accounts = layout.tier.accounts();
        // Products are opened at x and ωx, and, where another follows, at the last usable row.
        let permutation_evaluations =
            if permutation_products == 0 { 0 } else { 3 * permutation_products - 1 + layout.equality.len() };
        Self {
            table: layout.name(),
            k: layout.k,
            rows: layout.rows(),
            accounts,
            rows_per_slot: layout.rows_per_slot(),
            linked_columns: layout.linked,
            advice_columns: layout.advice.len(),
            fixed_columns: layout.fixed.len(),
            lookups: layout.lookups.len(),
            equality_columns: layout.equality.len(),
            permutation_products,
            degree,
            blinding_rows: layout.blinding_rows(),
            committed_columns,
            committed_cells_per_account: (committed_columns * layout.rows()).div_ceil(accounts),
            quotient_pieces,
            // The random polynomial of the vanishing argument is the `+ 1`.
            evaluations: count(|query| matches!(query, Query::Advice(..)))
                + count(|query| matches!(query, Query::Fixed(..)))
                + 5 * layout.lookups.len()
                + permutation_evaluations
                + 1,
            commitments: committed_columns + 1 + quotient_pieces,
        }
    }
}
