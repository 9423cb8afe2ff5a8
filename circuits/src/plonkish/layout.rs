//! The description of a table.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{Expr, Query};
use crate::{
    field::{SuiteField, to_bytes},
    relation::RelationId,
    types::Tier,
};

/// An advice column, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AdviceColumn(pub usize);

/// A fixed column, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FixedColumn(pub usize);

/// The cell of an advice column, `rotation` rows below the row at hand.
pub fn advice<F: SuiteField>(column: AdviceColumn, rotation: i32) -> Expr<F> {
    Expr::Cell(Query::Advice(column.0, rotation))
}

/// The cell of a fixed column, `rotation` rows below the row at hand.
pub fn fixed<F: SuiteField>(column: FixedColumn, rotation: i32) -> Expr<F> {
    Expr::Cell(Query::Fixed(column.0, rotation))
}

/// The cell of the public inputs' column, `rotation` rows below the row at hand.
pub fn public<F: SuiteField>(rotation: i32) -> Expr<F> {
    Expr::Cell(Query::Public(rotation))
}

/// An advice cell by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// The column.
    pub column: AdviceColumn,
    /// The row, from 0.
    pub row: usize,
}

/// A column and what it is for.
#[derive(Clone, Debug)]
pub struct NamedColumn {
    /// A short name, unique in its table.
    pub name: String,
}

/// A public input: it stands in row `index` of the public column, `index` being its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicInput {
    /// The name used in the statement.
    pub name: &'static str,
}

/// Polynomials that vanish wherever a selector does not.
#[derive(Clone, Debug)]
pub struct Gate<F> {
    /// The gate's name.
    pub name: String,
    /// An expression over fixed cells only. It must vanish on the rows that hold blinding.
    pub selector: Expr<F>,
    /// Each polynomial with the claim that its vanishing makes.
    pub polys: Vec<(String, Expr<F>)>,
}

/// On every usable row the input is one of the values of a fixed column.
#[derive(Clone, Debug)]
pub struct Lookup<F> {
    /// The lookup's name.
    pub name: String,
    /// What is looked up.
    pub input: Expr<F>,
    /// The column that holds the table. It must contain 0.
    pub table: FixedColumn,
}

/// A whole table's description. The first `linked` advice columns are linked (see `column`).
#[derive(Clone, Debug)]
pub struct Layout<F> {
    /// The relation that the table proves.
    pub relation: RelationId,
    /// The segment's tier: slot `i` begins at row `i * rows_per_slot()`.
    pub tier: Tier,
    /// The table has `2^k` rows.
    pub k: u32,
    /// Advice columns; the linked ones come first.
    pub advice: Vec<NamedColumn>,
    /// How many of the advice columns are linked.
    pub linked: usize,
    /// Fixed columns.
    pub fixed: Vec<NamedColumn>,
    /// Values of the fixed columns, all rows.
    pub fixed_values: Vec<Vec<F>>,
    /// Public inputs, in order.
    pub public: Vec<PublicInput>,
    /// Gates.
    pub gates: Vec<Gate<F>>,
    /// Lookups.
    pub lookups: Vec<Lookup<F>>,
    /// Columns that take part in copy constraints.
    pub equality: Vec<AdviceColumn>,
    /// Pairs of cells that must be equal.
    pub copies: Vec<(Cell, Cell)>,
}

impl<F: SuiteField> Layout<F> {
    /// A table without columns, `rows_per_slot` rows a slot: a power of two.
    pub fn new(relation: RelationId, tier: Tier, rows_per_slot: usize) -> Self {
        debug_assert!(rows_per_slot.is_power_of_two());
        Self {
            relation,
            tier,
            k: tier.log_slots() + rows_per_slot.trailing_zeros(),
            advice: Vec::new(),
            linked: 0,
            fixed: Vec::new(),
            fixed_values: Vec::new(),
            public: Vec::new(),
            gates: Vec::new(),
            lookups: Vec::new(),
            equality: Vec::new(),
            copies: Vec::new(),
        }
    }

    /// What the table is called in messages and lists, e.g. `split/1024`: for people to read, not for code to parse.
    pub fn name(&self) -> String {
        format!("{}/{}", self.relation, self.tier)
    }

    /// Slots of the segment.
    pub fn slots(&self) -> usize {
        self.tier.slots()
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        1 << self.k
    }

    /// Rows from one slot to the next.
    pub fn rows_per_slot(&self) -> usize {
        self.rows() / self.slots()
    }

    /// Adds a linked column. Linked columns come before all others.
    pub fn linked_column(&mut self, name: impl Into<String>) -> AdviceColumn {
        debug_assert_eq!(self.linked, self.advice.len(), "linked columns come first");
        self.linked += 1;
        self.advice_column(name)
    }

    /// Adds an advice column.
    pub fn advice_column(&mut self, name: impl Into<String>) -> AdviceColumn {
        self.advice.push(NamedColumn { name: name.into() });
        AdviceColumn(self.advice.len() - 1)
    }

    /// Adds a fixed column, all zero.
    pub fn fixed_column(&mut self, name: impl Into<String>) -> FixedColumn {
        self.fixed.push(NamedColumn { name: name.into() });
        self.fixed_values.push(vec![F::ZERO; self.rows()]);
        FixedColumn(self.fixed.len() - 1)
    }

    /// Sets a fixed cell.
    pub fn set_fixed(&mut self, column: FixedColumn, row: usize, value: F) {
        self.fixed_values[column.0][row] = value;
    }

    /// Adds a gate.
    pub fn gate(&mut self, name: impl Into<String>, selector: Expr<F>, polys: Vec<(String, Expr<F>)>) {
        self.gates.push(Gate { name: name.into(), selector, polys });
    }

    /// Requires two cells to be equal; both columns must be in `equality`.
    pub fn copy(&mut self, a: Cell, b: Cell) {
        debug_assert!(self.equality.contains(&a.column) && self.equality.contains(&b.column));
        self.copies.push((a, b));
    }

    /// The place of a public input in the list.
    pub fn public_index(&self, name: &str) -> Option<usize> {
        self.public.iter().position(|input| input.name == name)
    }

    /// Every distinct query that gates, lookups and the permutation argument make.
    pub fn queries(&self) -> BTreeSet<Query> {
        let mut queries = BTreeSet::new();
        let mut add = |expr: &Expr<F>| expr.visit(&mut |query| _ = queries.insert(query));
        for gate in &self.gates {
            add(&gate.selector);
            gate.polys.iter().for_each(|(_, poly)| add(poly));
        }
        for lookup in &self.lookups {
            add(&lookup.input);
            add(&fixed(lookup.table, 0));
        }
        queries.extend(self.equality.iter().map(|column| Query::Advice(column.0, 0)));
        queries
    }

    /// The rotations at which an advice column is read, in increasing order.
    pub fn rotations(&self, column: AdviceColumn) -> Vec<i32> {
        self.queries()
            .into_iter()
            .filter_map(|query| match query {
                Query::Advice(index, rotation) if index == column.0 => Some(rotation),
                _ => None,
            })
            .collect()
    }

    /// Rows at the end of the table that both proof systems fill with blinding values:
    /// `max(3, q) + 3`, `q` being the largest number of rotations at which one advice column is read.
    pub fn blinding_rows(&self) -> usize {
        let queries = self.queries();
        let most = (0..self.advice.len())
            .map(|column| {
                queries
                    .iter()
                    .filter(|query| matches!(query, Query::Advice(index, _) if *index == column))
                    .count()
            })
            .max()
            .unwrap_or(0);
        most.max(3) + 3
    }

    /// Rows that hold witness values.
    pub fn usable_rows(&self) -> usize {
        self.rows() - self.blinding_rows()
    }

    /// A digest of everything above but `fixed_values` that are zero: the table's identity, independent of
    /// the proof system. Pinned in tests.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        let mut put = |text: String| {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        };
        put(format!(
            "apportion.table.v1 {} k={} slots={} linked={}",
            self.name(),
            self.k,
            self.slots(),
            self.linked
        ));
        put(format!("advice {:?}", self.advice));
        put(format!("fixed {:?}", self.fixed));
        put(format!("public {:?}", self.public));
        put(format!("equality {:?}", self.equality));
        for gate in &self.gates {
            put(format!("gate {:?}", gate));
        }
        for lookup in &self.lookups {
            put(format!("lookup {:?}", lookup));
        }
        for pair in &self.copies {
            put(format!("copy {:?}", pair));
        }
        for values in &self.fixed_values {
            for (row, value) in values.iter().enumerate().filter(|(_, value)| !value.is_zero_vartime()) {
                hasher.update((row as u64).to_be_bytes());
                hasher.update(to_bytes(value));
            }
            hasher.update([0xff; 8]);
        }
        hasher.finalize().into()
    }
}
