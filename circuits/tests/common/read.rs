//! A second, naive checker, and the set of cells that constraints read.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use apportion_circuits::{
    field::SuiteField,
    plonkish::{AdviceColumn, Cell, Expr, Layout, Query, Table},
};
use rayon::prelude::*;

/// `row + rotation`, wrapping.
pub(crate) fn turn<F: SuiteField>(layout: &Layout<F>, row: usize, rotation: i32) -> usize {
    (row + layout.rows()).checked_add_signed(rotation as isize).unwrap() % layout.rows()
}

/// The value of an expression at a row.
pub(crate) fn value_at<F: SuiteField>(layout: &Layout<F>, table: &Table<F>, expr: &Expr<F>, row: usize) -> F {
    match expr {
        Expr::Constant(c) => *c,
        Expr::Cell(Query::Advice(column, rotation)) => table.advice[*column][turn(layout, row, *rotation)],
        Expr::Cell(Query::Fixed(column, rotation)) => {
            layout.fixed_values[*column][turn(layout, row, *rotation)]
        }
        Expr::Cell(Query::Public(rotation)) => {
            *table.public.get(turn(layout, row, *rotation)).unwrap_or(&F::ZERO)
        }
        Expr::Sum(terms) => terms.iter().fold(F::ZERO, |sum, term| sum + value_at(layout, table, term, row)),
        Expr::Product(a, b) => value_at(layout, table, a, row) * value_at(layout, table, b, row),
        Expr::Scaled(a, c) => value_at(layout, table, a, row) * c,
    }
}

/// Rows on which a selector, an expression over fixed cells, does not vanish.
pub(crate) fn active_rows<F: SuiteField>(layout: &Layout<F>, selector: &Expr<F>) -> Vec<usize> {
    let empty = Table { advice: vec![], public: vec![], linked: vec![] };
    (0..layout.rows()).filter(|row| value_at(layout, &empty, selector, *row) != F::ZERO).collect()
}

/// The advice cells that an expression reads at a row.
pub(crate) fn cells_of<F: SuiteField>(layout: &Layout<F>, expr: &Expr<F>, row: usize) -> BTreeSet<Cell> {
    let mut cells = BTreeSet::new();
    expr.visit(&mut |query| {
        if let Query::Advice(column, rotation) = query {
            cells.insert(Cell { column: AdviceColumn(column), row: turn(layout, row, rotation) });
        }
    });
    cells
}

/// Everything that is wrong with a table: the names that `Failure::place` gives, with rows, in the checker's order.
pub(crate) fn failures<F: SuiteField>(layout: &Layout<F>, table: &Table<F>) -> Vec<(String, usize)> {
    let mut failures = Vec::new();
    for (column, linked) in table.linked.iter().enumerate() {
        let placed = linked.place(layout.k);
        failures.extend(
            (0..layout.rows())
                .filter(|row| placed[*row] != table.advice[column][*row])
                .map(|row| ("link".into(), row)),
        );
    }
    for gate in &layout.gates {
        let rows = active_rows(layout, &gate.selector);
        let found: Vec<_> = rows
            .par_iter()
            .flat_map_iter(|row| {
                let wrong = |poly: &&(String, Expr<F>)| value_at(layout, table, &poly.1, *row) != F::ZERO;
                gate.polys.iter().filter(wrong).map(|(claim, _)| (format!("{}: {claim}", gate.name), *row))
            })
            .collect();
        failures.extend(found);
    }
    for lookup in &layout.lookups {
        let allowed: HashSet<[u8; 32]> =
            layout.fixed_values[lookup.table.0][..layout.usable_rows()].iter().map(F::to_repr).collect();
        failures.extend(
            (0..layout.usable_rows())
                .filter(|row| !allowed.contains(&value_at(layout, table, &lookup.input, *row).to_repr()))
                .map(|row| (lookup.name.clone(), row)),
        );
    }
    let broken = layout.copies.iter().filter(|(a, b)| table.get(*a) != table.get(*b));
    failures.extend(broken.map(|(a, _)| ("copy".into(), a.row)));
    failures
}

/// For every advice cell that a gate, a lookup or a copy reads, how often.
pub(crate) fn read_cells<F: SuiteField>(layout: &Layout<F>) -> BTreeMap<Cell, usize> {
    let mut counts = BTreeMap::new();
    let mut add =
        |cells: BTreeSet<Cell>| cells.into_iter().for_each(|cell| *counts.entry(cell).or_default() += 1);
    for gate in &layout.gates {
        for row in active_rows(layout, &gate.selector) {
            gate.polys.iter().for_each(|(_, poly)| add(cells_of(layout, poly, row)));
        }
    }
    for lookup in &layout.lookups {
        (0..layout.usable_rows()).for_each(|row| add(cells_of(layout, &lookup.input, row)));
    }
    layout.copies.iter().for_each(|(a, b)| add([*a, *b].into()));
    counts
}
