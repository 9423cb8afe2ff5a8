//! A flattened layout as a circuit of halo2_proofs.

use std::{cell::RefCell, sync::Arc};

use apportion_circuits::plonkish::{Cell, Layout, Query, Table};
use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, Region, SimpleFloorPlanner, Value},
    plonk::{
        Advice, Circuit, Column, ConstraintSystem, Error, Expression, Fixed, Instance, TableColumn,
        VirtualCells,
    },
    poly::Rotation,
};
use pasta_curves::Fp;

use crate::{
    SuiteError,
    lower::{Target, lower},
};

thread_local! {
    /// The layout that `configure` describes. halo2_proofs calls it without an argument, on the thread that
    /// called keygen or the prover; `with_layout` is the only writer.
    static LAYOUT: RefCell<Option<Arc<Layout<Fp>>>> = const { RefCell::new(None) };
}

/// Runs `f` with a layout for `TableCircuit::configure` to find; the previous one is restored afterwards, also
/// where `f` panics.
pub fn with_layout<R>(layout: Arc<Layout<Fp>>, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Arc<Layout<Fp>>>);

    impl Drop for Restore {
        fn drop(&mut self) {
            LAYOUT.set(self.0.take());
        }
    }

    let _restore = Restore(LAYOUT.replace(Some(layout)));
    f()
}

/// The constraint system that a layout makes.
pub(super) fn constraint_system(layout: Arc<Layout<Fp>>) -> ConstraintSystem<Fp> {
    with_layout(layout, || {
        let mut meta = ConstraintSystem::default();
        TableCircuit::configure(&mut meta);
        meta
    })
}

/// Refuses tables that halo2_proofs cannot hold: it fills their rest with their first value, and needs a row to
/// begin with.
pub(super) fn check_tables(layout: &Layout<Fp>) -> Result<(), SuiteError> {
    for lookup in &layout.lookups {
        if table_length(layout, lookup.table.0) == layout.usable_rows() {
            return Err(SuiteError::Backend(format!(
                "layout '{}': the last value of the table of lookup '{}' is not its first",
                layout.name(),
                lookup.name
            )));
        }
    }
    Ok(())
}

/// The rows of a lookup's table up to the last value that is not its first.
fn table_length(layout: &Layout<Fp>, column: usize) -> usize {
    let values = &layout.fixed_values[column][..layout.usable_rows()];
    values.iter().rposition(|value| *value != values[0]).map_or(1, |last| last + 1)
}

/// A circuit, with its witness where there is one to prove.
pub struct TableCircuit<'a> {
    /// The layout that is lowered.
    pub layout: &'a Layout<Fp>,
    /// Its values, where there are any to prove.
    pub table: Option<&'a Table<Fp>>,
}

/// The columns of a circuit.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    advice: Vec<Column<Advice>>,
    fixed: Vec<FixedColumn>,
    public: Vec<Column<Instance>>,
}

/// halo2_proofs tells the tables of lookups from other fixed columns.
#[derive(Clone, Copy, Debug)]
enum FixedColumn {
    Plain(Column<Fixed>),
    Table(TableColumn),
}

impl Circuit<Fp> for TableCircuit<'_> {
    type Config = Columns;
    type FloorPlanner = SimpleFloorPlanner;

    fn without_witnesses(&self) -> Self {
        Self { layout: self.layout, table: None }
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> Columns {
        // Without a layout the key would have no columns, and every caller would find out at once.
        let layout = LAYOUT.with_borrow(Clone::clone);
        layout.map(|layout| configure(meta, &layout)).unwrap_or_default()
    }

    fn synthesize(&self, columns: Columns, mut layouter: impl Layouter<Fp>) -> Result<(), Error> {
        // A region is first measured, then assigned. Ours begins at row 0: there is nothing to measure.
        let mut measured = false;
        layouter.assign_region(
            || "table",
            |mut region| {
                if !std::mem::replace(&mut measured, true) {
                    return Ok(());
                }
                match self.table {
                    // Keys take the fixed columns and copies, provers the advice, all of it: also what stands
                    // between the slots of a linked column.
                    None => self.assign_fixed(&columns, &mut region),
                    Some(table) => self.assign_advice(&columns, table, &mut region),
                }
            },
        )?;
        if self.table.is_some() {
            return Ok(());
        }
        for (index, column) in columns.fixed.iter().enumerate() {
            let FixedColumn::Table(column) = *column else { continue };
            let values = &self.layout.fixed_values[index][..table_length(self.layout, index)];
            layouter.assign_table(
                || "lookup",
                |mut table| {
                    values.iter().enumerate().try_for_each(|(row, value)| {
                        table.assign_cell(|| "", column, row, || Value::known(*value))
                    })
                },
            )?;
        }
        Ok(())
    }
}

impl TableCircuit<'_> {
    fn assign_fixed(&self, columns: &Columns, region: &mut Region<'_, Fp>) -> Result<(), Error> {
        for (column, values) in columns.fixed.iter().zip(&self.layout.fixed_values) {
            let FixedColumn::Plain(column) = *column else { continue };
            for (row, value) in values.iter().enumerate().filter(|(_, value)| !value.is_zero_vartime()) {
                region.assign_fixed(|| "", column, row, || Value::known(*value))?;
            }
        }
        for (a, b) in &self.layout.copies {
            let a = name(region, columns, a)?;
            let b = name(region, columns, b)?;
            region.constrain_equal(a, b)?;
        }
        Ok(())
    }

    fn assign_advice(
        &self,
        columns: &Columns,
        table: &Table<Fp>,
        region: &mut Region<'_, Fp>,
    ) -> Result<(), Error> {
        for (column, values) in columns.advice.iter().zip(&table.advice) {
            for (row, value) in values[..self.layout.usable_rows()].iter().enumerate() {
                region.assign_advice(|| "", *column, row, || Value::known(*value))?;
            }
        }
        Ok(())
    }
}

/// halo2_proofs names a cell by assigning it; keys ignore the value.
fn name(
    region: &mut Region<'_, Fp>,
    columns: &Columns,
    cell: &Cell,
) -> Result<halo2_proofs::circuit::Cell, Error> {
    let column = columns.advice[cell.column.0];
    Ok(region.assign_advice(|| "", column, cell.row, Value::<Fp>::unknown)?.cell())
}

fn configure(meta: &mut ConstraintSystem<Fp>, layout: &Layout<Fp>) -> Columns {
    let is_table = |index| layout.lookups.iter().any(|lookup| lookup.table.0 == index);
    let columns = Columns {
        advice: layout.advice.iter().map(|_| meta.advice_column()).collect(),
        fixed: (0..layout.fixed.len())
            .map(|index| match is_table(index) {
                true => FixedColumn::Table(meta.lookup_table_column()),
                false => FixedColumn::Plain(meta.fixed_column()),
            })
            .collect(),
        public: vec![meta.instance_column()],
    };
    for (index, gate) in layout.gates.iter().enumerate() {
        // halo2_proofs wants static names, and shows them only in its own test prover.
        meta.create_gate("gate", |cells| {
            let mut target = Cells { cells, columns: &columns };
            if index == 0 {
                target.query_all(layout);
            }
            let selector = lower(&mut target, &gate.selector);
            gate.polys
                .iter()
                .map(|(_, poly)| {
                    let poly = lower(&mut target, poly);
                    Expression::Product(Box::new(selector.clone()), Box::new(poly))
                })
                .collect::<Vec<_>>()
        });
    }
    for lookup in &layout.lookups {
        meta.lookup(|cells| {
            let input = lower(&mut Cells { cells, columns: &columns }, &lookup.input);
            match columns.fixed[lookup.table.0] {
                FixedColumn::Table(table) => vec![(input, table)],
                FixedColumn::Plain(_) => vec![],
            }
        });
    }
    for column in &layout.equality {
        meta.enable_equality(columns.advice[column.0]);
    }
    columns
}

struct Cells<'a, 'b> {
    cells: &'a mut VirtualCells<'b, Fp>,
    columns: &'a Columns,
}

impl Target<Fp> for Cells<'_, '_> {
    type Expression = Expression<Fp>;

    fn constant(&mut self, value: Fp) -> Expression<Fp> {
        Expression::Constant(value)
    }

    fn cell(&mut self, query: Query) -> Expression<Fp> {
        match query {
            Query::Advice(column, at) => self.cells.query_advice(self.columns.advice[column], Rotation(at)),
            Query::Public(at) => self.cells.query_instance(self.columns.public[0], Rotation(at)),
            Query::Fixed(column, _) => match self.columns.fixed[column] {
                FixedColumn::Plain(column) => self.cells.query_fixed(column),
                // Only `query_all` asks for these; the lookup makes the query itself.
                FixedColumn::Table(_) => Expression::Constant(Fp::ZERO),
            },
        }
    }

    fn negated(&mut self, a: Expression<Fp>) -> Expression<Fp> {
        Expression::Negated(Box::new(a))
    }

    fn sum(&mut self, a: Expression<Fp>, b: Expression<Fp>) -> Expression<Fp> {
        Expression::Sum(Box::new(a), Box::new(b))
    }

    fn product(&mut self, a: Expression<Fp>, b: Expression<Fp>) -> Expression<Fp> {
        Expression::Product(Box::new(a), Box::new(b))
    }

    fn scaled(&mut self, a: Expression<Fp>, by: Fp) -> Expression<Fp> {
        Expression::Scaled(Box::new(a), by)
    }
}
