//! A layout as a circuit of halo2-axiom.

use std::sync::Arc;

use apportion_circuits::plonkish::{Cell, Cost, Layout, Query};
use halo2_axiom::{
    circuit::{Layouter, Region, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Circuit, Column, ConstraintSystem, Error, Expression, Fixed, Instance, VirtualCells},
    poly::Rotation,
};

use crate::lower::{Target, lower};

/// A circuit without witness: proofs are made from raw advice columns.
#[derive(Clone, Debug)]
pub struct TableCircuit(pub Arc<Layout<Fr>>);

/// The columns of a circuit.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    advice: Vec<Column<Advice>>,
    fixed: Vec<Column<Fixed>>,
    public: Vec<Column<Instance>>,
}

impl Circuit<Fr> for TableCircuit {
    type Config = Columns;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Option<Arc<Layout<Fr>>>;

    fn params(&self) -> Self::Params {
        Some(self.0.clone())
    }

    fn without_witnesses(&self) -> Self {
        Self(self.0.clone())
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Columns {
        // Never called: the layout comes with the parameters.
        Columns::default()
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, layout: Self::Params) -> Columns {
        layout.map(|layout| configure(meta, &layout)).unwrap_or_default()
    }

    fn synthesize(&self, columns: Columns, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "table",
            |mut region| {
                for (column, values) in columns.fixed.iter().zip(&self.0.fixed_values) {
                    for (row, value) in values.iter().enumerate().filter(|(_, value)| **value != Fr::zero()) {
                        region.assign_fixed(*column, row, *value);
                    }
                }
                for (a, b) in &self.0.copies {
                    let a = name(&mut region, &columns, a);
                    let b = name(&mut region, &columns, b);
                    region.constrain_equal(a, b);
                }
                Ok(())
            },
        )
    }
}

/// halo2-axiom names a cell by assigning it; here nothing is assigned.
fn name(region: &mut Region<'_, Fr>, columns: &Columns, cell: &Cell) -> halo2_axiom::circuit::Cell {
    region.assign_advice(columns.advice[cell.column.0], cell.row, Value::<Fr>::unknown()).cell()
}

fn configure(meta: &mut ConstraintSystem<Fr>, layout: &Layout<Fr>) -> Columns {
    let columns = Columns {
        advice: layout.advice.iter().map(|_| meta.advice_column()).collect(),
        fixed: layout.fixed.iter().map(|_| meta.fixed_column()).collect(),
        public: vec![meta.instance_column()],
    };
    // halo2-axiom caps the degree that it derives, at 5 unless an environment variable says otherwise, and what
    // exceeds the cap makes proofs that do not verify. A minimum is not capped.
    meta.set_minimum_degree(Cost::of(layout).degree);
    for (index, gate) in layout.gates.iter().enumerate() {
        meta.create_gate(&gate.name, |cells| {
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
        meta.lookup_any(&lookup.name, |cells| {
            let mut target = Cells { cells, columns: &columns };
            let input = lower(&mut target, &lookup.input);
            vec![(input, target.cell(Query::Fixed(lookup.table.0, 0)))]
        });
    }
    for column in &layout.equality {
        meta.enable_equality(columns.advice[column.0]);
    }
    columns
}

struct Cells<'a, 'b> {
    cells: &'a mut VirtualCells<'b, Fr>,
    columns: &'a Columns,
}

impl Target<Fr> for Cells<'_, '_> {
    type Expression = Expression<Fr>;

    fn constant(&mut self, value: Fr) -> Expression<Fr> {
        Expression::Constant(value)
    }

    fn cell(&mut self, query: Query) -> Expression<Fr> {
        match query {
            Query::Advice(column, at) => self.cells.query_advice(self.columns.advice[column], Rotation(at)),
            Query::Fixed(column, at) => self.cells.query_fixed(self.columns.fixed[column], Rotation(at)),
            Query::Public(at) => self.cells.query_instance(self.columns.public[0], Rotation(at)),
        }
    }

    fn negated(&mut self, a: Expression<Fr>) -> Expression<Fr> {
        Expression::Negated(Box::new(a))
    }

    fn sum(&mut self, a: Expression<Fr>, b: Expression<Fr>) -> Expression<Fr> {
        Expression::Sum(Box::new(a), Box::new(b))
    }

    fn product(&mut self, a: Expression<Fr>, b: Expression<Fr>) -> Expression<Fr> {
        Expression::Product(Box::new(a), Box::new(b))
    }

    fn scaled(&mut self, a: Expression<Fr>, by: Fr) -> Expression<Fr> {
        Expression::Scaled(Box::new(a), by)
    }
}
