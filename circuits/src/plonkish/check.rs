//! The native checker: every gate, lookup, copy and link of a table, evaluated in parallel.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use rayon::prelude::*;

use super::{AdviceColumn, Cell, Expr, Layout, Query, Table};
use crate::field::{SuiteField, wipe};

/// What is wrong with a table. `Display` names the place and never the values, which are secret.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure<F> {
    /// The table has other dimensions than its layout.
    Shape {
        /// What differs.
        what: &'static str,
    },
    /// A polynomial of a gate does not vanish.
    Gate {
        /// The gate.
        gate: String,
        /// The polynomial, by its claim.
        poly: String,
        /// The row.
        row: usize,
        /// The cells that the polynomial reads, with their values.
        values: Vec<(Query, F)>,
    },
    /// A looked-up value is not in its table.
    Lookup {
        /// The lookup.
        lookup: String,
        /// The row.
        row: usize,
        /// The value.
        value: F,
    },
    /// Two cells that must be equal are not.
    Copy {
        /// One cell.
        a: Cell,
        /// The other.
        b: Cell,
    },
    /// A linked column is not what was committed to.
    Link {
        /// The column.
        column: AdviceColumn,
        /// The first row that differs.
        row: usize,
    },
}

impl<F> Failure<F> {
    /// The gate's, lookup's or check's name, with the polynomial's where there is one.
    pub fn place(&self) -> String {
        match self {
            Failure::Shape { what } => format!("shape: {what}"),
            Failure::Gate { gate, poly, .. } => format!("{gate}: {poly}"),
            Failure::Lookup { lookup, .. } => lookup.clone(),
            Failure::Copy { .. } => "copy".into(),
            Failure::Link { .. } => "link".into(),
        }
    }
}

impl<F> fmt::Display for Failure<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Shape { what } => write!(f, "the table does not fit its layout: {what}"),
            Failure::Gate { gate, poly, row, .. } => {
                write!(f, "row {row}: gate '{gate}', '{poly}' does not hold")
            }
            Failure::Lookup { lookup, row, .. } => {
                write!(f, "row {row}: lookup '{lookup}': value not in the table")
            }
            Failure::Copy { a, b } => write!(
                f,
                "copy: column {} row {} differs from column {} row {}",
                a.column.0, a.row, b.column.0, b.row
            ),
            Failure::Link { column, row } => {
                write!(f, "row {row}: linked column {} is not the committed one", column.0)
            }
        }
    }
}

struct GateIndex {
    /// Rows where the selector does not vanish, increasing.
    active: Vec<u32>,
    /// Per polynomial, the advice queries it makes.
    advice: Vec<HashSet<(usize, i32)>>,
}

/// A layout prepared for checking tables against it.
pub struct Checker<'a, F: SuiteField> {
    layout: &'a Layout<F>,
    gates: Vec<GateIndex>,
    tables: Vec<HashSet<[u8; 32]>>,
    copies: HashMap<Cell, Vec<Cell>>,
}

impl<'a, F: SuiteField> Checker<'a, F> {
    /// Prepares a layout.
    pub fn new(layout: &'a Layout<F>) -> Self {
        let gates = layout
            .gates
            .iter()
            .map(|gate| GateIndex {
                active: (0..layout.rows() as u32)
                    .into_par_iter()
                    .filter(|row| !fixed_value(layout, &gate.selector, *row as usize).is_zero_vartime())
                    .collect(),
                advice: gate.polys.iter().map(|(_, poly)| advice_queries(poly)).collect(),
            })
            .collect();
        let tables = layout
            .lookups
            .iter()
            .map(|lookup| {
                let values = &layout.fixed_values[lookup.table.0][..layout.usable_rows()];
                values.iter().map(F::to_repr).collect()
            })
            .collect();
        let mut copies: HashMap<Cell, Vec<Cell>> = HashMap::new();
        for (a, b) in &layout.copies {
            copies.entry(*a).or_default().push(*b);
            copies.entry(*b).or_default().push(*a);
        }
        Self { layout, gates, tables, copies }
    }

    /// Defects of the layout itself, as opposed to a table's: none in a sound one.
    ///
    /// - a gate that is active on, or reads, a row that the prover fills with blinding;
    /// - two rotations of one column that coincide modulo the number of rows;
    /// - a lookup whose table lacks 0, the value of unassigned cells;
    /// - more public inputs than usable rows;
    /// - advice columns that no polynomial reads.
    pub fn defects(&self) -> Vec<String> {
        let layout = self.layout;
        let (rows, usable) = (layout.rows() as i64, layout.usable_rows() as i64);
        let mut defects = Vec::new();
        for (gate, index) in layout.gates.iter().zip(&self.gates) {
            for row in &index.active {
                let row = i64::from(*row);
                if row >= usable {
                    defects.push(format!("gate '{}' is active on blinding row {row}", gate.name));
                }
                for (column, rotation) in index.advice.iter().flatten() {
                    if (row + i64::from(*rotation)).rem_euclid(rows) >= usable {
                        defects.push(format!(
                            "gate '{}' at row {row} reads column {column}'s blinding",
                            gate.name
                        ));
                    }
                }
            }
        }
        let mut seen = HashSet::new();
        let mut read = HashSet::new();
        for query in layout.queries() {
            let (kind, column, rotation) = match query {
                Query::Advice(column, rotation) => {
                    read.insert(column);
                    (0, column, rotation)
                }
                Query::Fixed(column, rotation) => (1, column, rotation),
                Query::Public(rotation) => (2, 0, rotation),
            };
            if !seen.insert((kind, column, i64::from(rotation).rem_euclid(rows))) {
                defects.push(format!("{query:?} coincides with another rotation of its column"));
            }
        }
        for (column, named) in layout.advice.iter().enumerate() {
            if !read.contains(&column) {
                defects.push(format!("no polynomial reads advice column '{}'", named.name));
            }
        }
        for (lookup, table) in layout.lookups.iter().zip(&self.tables) {
            if !table.contains(&F::ZERO.to_repr()) {
                defects.push(format!("the table of lookup '{}' lacks 0", lookup.name));
            }
            if lookup.input != Expr::Constant(F::ZERO) && advice_queries(&lookup.input).is_empty() {
                defects.push(format!("lookup '{}' looks up nothing private", lookup.name));
            }
        }
        if layout.public.len() as i64 > usable {
            defects.push("more public inputs than usable rows".into());
        }
        defects
    }

    /// Checks everything. Where several things are wrong, the one reported is the first in the order links,
    /// gates, lookups, copies; within a gate, the lowest row.
    pub fn check(&self, table: &Table<F>) -> Result<(), Failure<F>> {
        let layout = self.layout;
        self.check_shape(table)?;
        for (column, linked) in table.linked.iter().enumerate() {
            let mut expected = linked.place(layout.k);
            let differs = (0..layout.rows()).find(|row| expected[*row] != table.advice[column][*row]);
            wipe(&mut expected);
            if let Some(row) = differs {
                return Err(Failure::Link { column: AdviceColumn(column), row });
            }
        }
        for (gate, index) in self.gates.iter().enumerate() {
            let first =
                index.active.par_iter().find_map_first(|row| self.check_gate(table, gate, *row as usize));
            if let Some(failure) = first {
                return Err(failure);
            }
        }
        for lookup in 0..layout.lookups.len() {
            let first = (0..layout.usable_rows())
                .into_par_iter()
                .find_map_first(|row| self.check_lookup(table, lookup, row));
            if let Some(failure) = first {
                return Err(failure);
            }
        }
        match layout.copies.iter().find(|(a, b)| table.get(*a) != table.get(*b)) {
            Some((a, b)) => Err(Failure::Copy { a: *a, b: *b }),
            None => Ok(()),
        }
    }

    /// Checks only what reads one advice cell: gates around it, its lookups and its copies. Agrees with `check`
    /// on a table that differs from a valid one in that cell alone; links are left to the caller.
    pub fn check_cell(&self, table: &Table<F>, cell: Cell) -> Result<(), Failure<F>> {
        let layout = self.layout;
        let rows = layout.rows() as i64;
        let around = |rotation: i32| (cell.row as i64 - i64::from(rotation)).rem_euclid(rows) as usize;
        for (gate, index) in self.gates.iter().enumerate() {
            for (poly, queries) in index.advice.iter().enumerate() {
                for (column, rotation) in queries {
                    let row = around(*rotation);
                    if *column == cell.column.0
                        && index.active.binary_search(&(row as u32)).is_ok()
                        && let Some(failure) = self.check_poly(table, gate, poly, row)
                    {
                        return Err(failure);
                    }
                }
            }
        }
        for (lookup, description) in layout.lookups.iter().enumerate() {
            for (column, rotation) in advice_queries(&description.input) {
                let row = around(rotation);
                if column == cell.column.0
                    && row < layout.usable_rows()
                    && let Some(failure) = self.check_lookup(table, lookup, row)
                {
                    return Err(failure);
                }
            }
        }
        for other in self.copies.get(&cell).into_iter().flatten() {
            if table.get(*other) != table.get(cell) {
                return Err(Failure::Copy { a: cell, b: *other });
            }
        }
        Ok(())
    }

    fn check_shape(&self, table: &Table<F>) -> Result<(), Failure<F>> {
        let layout = self.layout;
        let shape = |what| Err(Failure::Shape { what });
        if table.advice.len() != layout.advice.len() {
            return shape("number of advice columns");
        }
        if table.advice.iter().any(|column| column.len() != layout.rows()) {
            return shape("number of rows");
        }
        if table.public.len() != layout.public.len() {
            return shape("number of public inputs");
        }
        if table.linked.len() != layout.linked
            || table.linked.iter().any(|column| column.slots() != layout.slots())
        {
            return shape("linked columns");
        }
        Ok(())
    }

    fn check_gate(&self, table: &Table<F>, gate: usize, row: usize) -> Option<Failure<F>> {
        (0..self.layout.gates[gate].polys.len()).find_map(|poly| self.check_poly(table, gate, poly, row))
    }

    fn check_poly(&self, table: &Table<F>, gate: usize, poly: usize, row: usize) -> Option<Failure<F>> {
        let cell = |query| value(self.layout, table, query, row);
        let gate = &self.layout.gates[gate];
        let (claim, expr) = &gate.polys[poly];
        if expr.evaluate(&cell).is_zero_vartime() {
            return None;
        }
        let mut values = Vec::new();
        expr.visit(&mut |query| values.push((query, cell(query))));
        values.sort();
        values.dedup();
        Some(Failure::Gate { gate: gate.name.clone(), poly: claim.clone(), row, values })
    }

    fn check_lookup(&self, table: &Table<F>, lookup: usize, row: usize) -> Option<Failure<F>> {
        let description = &self.layout.lookups[lookup];
        let value = description.input.evaluate(&|query| value(self.layout, table, query, row));
        (!self.tables[lookup].contains(&value.to_repr())).then(|| Failure::Lookup {
            lookup: description.name.clone(),
            row,
            value,
        })
    }
}

fn rotate<F: SuiteField>(layout: &Layout<F>, row: usize, rotation: i32) -> usize {
    (row as i64 + i64::from(rotation)).rem_euclid(layout.rows() as i64) as usize
}

fn value<F: SuiteField>(layout: &Layout<F>, table: &Table<F>, query: Query, row: usize) -> F {
    match query {
        Query::Advice(column, rotation) => table.advice[column][rotate(layout, row, rotation)],
        Query::Fixed(column, rotation) => layout.fixed_values[column][rotate(layout, row, rotation)],
        Query::Public(rotation) => {
            table.public.get(rotate(layout, row, rotation)).copied().unwrap_or(F::ZERO)
        }
    }
}

/// The value of an expression over fixed cells only.
fn fixed_value<F: SuiteField>(layout: &Layout<F>, expr: &Expr<F>, row: usize) -> F {
    expr.evaluate(&|query| match query {
        Query::Fixed(column, rotation) => layout.fixed_values[column][rotate(layout, row, rotation)],
        // A selector over anything else would be a defect of the relation; reading 1 keeps its gates active.
        _ => F::ONE,
    })
}

fn advice_queries<F: SuiteField>(expr: &Expr<F>) -> HashSet<(usize, i32)> {
    let mut queries = HashSet::new();
    expr.visit(&mut |query| {
        if let Query::Advice(column, rotation) = query {
            queries.insert((column, rotation));
        }
    });
    queries
}
