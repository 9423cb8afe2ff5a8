//! A table with values in it.

use super::{Cell, Layout};
use crate::{
    column::MaskedColumn,
    field::{SuiteField, wipe},
};

/// The values of a table: what a prover proves about and the checker checks.
///
/// The columns hold secrets; they are overwritten when the table is dropped.
#[derive(Clone)]
pub struct Table<F: SuiteField> {
    /// Values of the advice columns, all rows. Rows that hold blinding are zero, but in linked columns.
    pub advice: Vec<Vec<F>>,
    /// Values of the public inputs, in order.
    pub public: Vec<F>,
    /// The linked columns' polynomials, in order.
    pub linked: Vec<MaskedColumn<F>>,
}

impl<F: SuiteField> Table<F> {
    /// A table with its linked columns placed and everything else zero.
    pub fn new(layout: &Layout<F>, public: Vec<F>, linked: Vec<MaskedColumn<F>>) -> Self {
        let mut advice: Vec<_> = linked.iter().map(|column| column.place(layout.k)).collect();
        advice.resize_with(layout.advice.len(), || vec![F::ZERO; layout.rows()]);
        Self { advice, public, linked }
    }

    /// The value of a cell.
    pub fn get(&self, cell: Cell) -> F {
        self.advice[cell.column.0][cell.row]
    }

    /// Sets the value of a cell.
    pub fn set(&mut self, cell: Cell, value: F) {
        self.advice[cell.column.0][cell.row] = value;
    }
}

impl<F: SuiteField> Drop for Table<F> {
    fn drop(&mut self) {
        self.advice.iter_mut().for_each(|column| wipe(column));
    }
}
