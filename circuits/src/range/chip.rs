//! Limbs in a table: columns of small values, all looked up in one fixed column.

use ruint::aliases::U256;

use super::Limbs;
use crate::{
    field::SuiteField,
    plonkish::{AdviceColumn, Expr, FixedColumn, Layout, Lookup, advice},
};

/// `x` modulo the field's order.
pub(crate) fn to_field<F: SuiteField>(x: U256) -> F {
    let radix = F::from(2).pow_vartime([64u64]);
    x.as_limbs().iter().rev().fold(F::ZERO, |acc, limb| acc * radix + F::from(*limb))
}

/// The limb cells of a slot: cell `i` stands in column `i / rows_per_slot`, row `i % rows_per_slot`.
#[derive(Clone, Debug)]
pub(crate) struct LimbColumns {
    columns: Vec<AdviceColumn>,
    rows_per_slot: usize,
}

impl LimbColumns {
    /// `count` columns from advice column `first` on.
    pub(crate) fn at(first: usize, count: usize, rows_per_slot: usize) -> Self {
        Self { columns: (first..first + count).map(AdviceColumn).collect(), rows_per_slot }
    }

    /// Adds the columns and their lookups in `table`.
    pub(crate) fn add_columns<F: SuiteField>(&self, layout: &mut Layout<F>, table: FixedColumn) {
        for (i, column) in self.columns.iter().enumerate() {
            let added = layout.advice_column(format!("limbs{i}"));
            debug_assert_eq!(added, *column);
            let input = advice(*column, 0);
            layout.lookups.push(Lookup { name: format!("limbs{i} is in the range table"), input, table });
        }
    }

    /// Fills the range table. Rows past the last value hold 0.
    pub(crate) fn fix<F: SuiteField>(layout: &mut Layout<F>, table: FixedColumn, base: u64) {
        debug_assert!(base as usize <= layout.usable_rows());
        for value in 0..base {
            layout.set_fixed(table, value as usize, F::from(value));
        }
    }

    /// How many limbs a slot holds.
    pub(crate) fn capacity(&self) -> usize {
        self.columns.len() * self.rows_per_slot
    }

    /// Column and row within the slot of limb cell `i`.
    pub(crate) fn cell(&self, i: usize) -> (AdviceColumn, usize) {
        (self.columns[i / self.rows_per_slot], i % self.rows_per_slot)
    }

    /// The number whose limbs start at cell `start`.
    pub(crate) fn number<F: SuiteField>(&self, start: usize, limbs: &Limbs) -> Expr<F> {
        Expr::Sum(
            limbs
                .weights()
                .iter()
                .enumerate()
                .map(|(i, weight)| {
                    let (column, row) = self.cell(start + i);
                    advice(column, row as i32) * to_field::<F>(*weight)
                })
                .collect(),
        )
    }
}
