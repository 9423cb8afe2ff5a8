//! How a Tree lies in its table: 16 rows a slot.
//!
//! | rows of slot s | what stands there |
//! | --- | --- |
//! | 0 | A and B: a_s and b_s |
//! | 1 .. 10 | the leaf's permutation, row 1 being `[T_record, a_s, b_s, c_s, 0]` |
//! | 11 | its output, in w1 |
//! | 12 .. 16 (row 0 of the next slot) | half of an inner node's permutation |
//!
//! There are (C - 1) / 3 inner nodes. Node j takes the last five rows of slots 3j and 3j + 1 and row 12 of slot
//! 3j + 2, where its output stands in w1; row 11 of the slots 3j + 1 and 3j + 2 repeats w5 .. w9 of the row that
//! the next one continues. Nodes are counted level by level from the leaves, so the root is the last, in slot
//! C - 2, above the rows that hold blinding.
//!
//! Outputs are copied to their node's inputs w1 .. w4; those four columns are the only ones under copy
//! constraints, and the degree, 6, lets one running product serve four. Row 0 of slot 0 belongs to no node: it
//! repeats the root in w1, where the public inputs' gate finds it. The same gate, enabled on one row further down
//! where the public column is 0, makes the zero that the reserved leaves are copied from.

use rayon::prelude::*;

use super::TreeWitness;
use crate::{
    field::SuiteField,
    merkle::ARITY,
    plonkish::{AdviceColumn, Cell, Expr, FixedColumn, Layout, Table, advice, fixed, public},
    poseidon::{
        Tag,
        chip::{OUTPUT_COLUMN, Place, PoseidonChip, ROWS, Rows},
    },
    relation::RelationId,
    types::{RESERVED_SLOTS, Tier},
};

/// Rows from one slot to the next.
const STRIDE: usize = 16;
/// A leaf's permutation starts in this row of its slot.
const LEAF: usize = 1;
/// A leaf's output stands in this row of its slot.
const LEAF_OUTPUT: usize = LEAF + ROWS;
/// A node's parts start in this row of their slots.
const NODE: usize = LEAF_OUTPUT + 1;
/// Rows of the first part of a node, and of the second.
const PART: usize = ROWS / 2;
/// Slots from one node to the next.
const NODE_SLOTS: usize = 3;

pub(super) struct TreeChip {
    a: AdviceColumn,
    b: AdviceColumn,
    poseidon: PoseidonChip,
    /// 1 in the first row of every leaf's permutation.
    leaf: FixedColumn,
    /// 1 in the first row of every node's first part.
    node: FixedColumn,
    /// 1 in the first row of every node's second part.
    node_rest: FixedColumn,
    /// 1 where w1 is the public column's value.
    public: FixedColumn,
}

fn leaf_place(slot: usize) -> Place {
    let start = slot * STRIDE + LEAF;
    Place { rows: std::array::from_fn(|t| start + t), output: slot * STRIDE + LEAF_OUTPUT }
}

fn node_place(index: usize) -> Place {
    let start = index * NODE_SLOTS * STRIDE + NODE;
    Place { rows: std::array::from_fn(|t| start + t / PART * STRIDE + t % PART), output: start + 2 * STRIDE }
}

/// The row whose w1 is the zero that reserved leaves are copied from: below the last node's output.
fn zero_row(tier: Tier) -> usize {
    (tier.slots() - RESERVED_SLOTS) * STRIDE + NODE + 1
}

impl TreeChip {
    /// Where the columns stand.
    fn new() -> Self {
        Self {
            a: AdviceColumn(0),
            b: AdviceColumn(1),
            poseidon: PoseidonChip::at(2),
            leaf: FixedColumn(0),
            node: FixedColumn(1),
            node_rest: FixedColumn(2),
            public: FixedColumn(3),
        }
    }

    /// The layout, complete.
    pub(super) fn layout<F: SuiteField>(tier: Tier) -> Layout<F> {
        let mut layout = Layout::new(RelationId::Tree, tier, STRIDE);
        let chip = Self::new();
        chip.add_columns(&mut layout);
        chip.gates(&mut layout);
        chip.fix(&mut layout, tier);
        chip.wire(&mut layout, tier);
        layout
    }

    fn add_columns<F: SuiteField>(&self, layout: &mut Layout<F>) {
        layout.public = RelationId::Tree.public_inputs().to_vec();
        let linked = ["A", "B"].map(|name| layout.linked_column(name));
        debug_assert_eq!(linked, [self.a, self.b]);
        self.poseidon.add_columns(layout);
        layout.equality = self.poseidon.w[1..=ARITY].to_vec();
        let fixed = ["leaf starts", "node starts", "node continues", "public"];
        let fixed = fixed.map(|name| layout.fixed_column(name));
        debug_assert_eq!(fixed, [self.leaf, self.node, self.node_rest, self.public]);
    }

    fn gates<F: SuiteField>(&self, layout: &mut Layout<F>) {
        let w = |i: usize, rotation| advice(self.poseidon.w[i], rotation);
        let below = |column, rows: usize| fixed(column, -(rows as i32));
        let rows = Rows {
            row: std::array::from_fn(|t| {
                let node = if t < PART { below(self.node, t) } else { below(self.node_rest, t - PART) };
                below(self.leaf, t) + node
            }),
            output: below(self.leaf, ROWS) + below(self.node_rest, STRIDE),
            // Row 11 of the slot in which a node continues, and of the next, where its output stands.
            carry: fixed(self.node_rest, 1) + below(self.node_rest, STRIDE - 1),
            // A node's part ends in row 0 of the next slot; that slot's row 11 repeats it.
            carry_distance: (STRIDE + LEAF_OUTPUT - (NODE + PART - 1)) as i32,
        };
        self.poseidon.gates(layout, &rows);
        layout.gate(
            "T1 leaf inputs",
            fixed(self.leaf, 0),
            vec![
                ("w0 is the record tag".into(), w(0, 0) - Expr::Constant(Tag::Record.to_field())),
                ("w1 is a".into(), w(1, 0) - advice(self.a, -(LEAF as i32))),
                ("w2 is b".into(), w(2, 0) - advice(self.b, -(LEAF as i32))),
                ("w4 is 0".into(), w(4, 0)),
            ],
        );
        layout.gate(
            "T2 node inputs",
            fixed(self.node, 0),
            vec![("w0 is the node tag".into(), w(0, 0) - Expr::Constant(Tag::Node.to_field()))],
        );
        layout.gate(
            "public inputs",
            fixed(self.public, 0),
            vec![("w1 is the public root, or 0".into(), w(OUTPUT_COLUMN, 0) - public(0))],
        );
    }

    fn fix<F: SuiteField>(&self, layout: &mut Layout<F>, tier: Tier) {
        for slot in 0..tier.accounts() {
            let place = leaf_place(slot);
            layout.set_fixed(self.leaf, place.rows[0], F::ONE);
        }
        for index in 0..nodes(tier) {
            let place = node_place(index);
            layout.set_fixed(self.node, place.rows[0], F::ONE);
            layout.set_fixed(self.node_rest, place.rows[PART], F::ONE);
        }
        layout.set_fixed(self.public, super::slot::ROOT, F::ONE);
        layout.set_fixed(self.public, zero_row(tier), F::ONE);
    }

    /// Copies every output to the input that it is.
    fn wire<F: SuiteField>(&self, layout: &mut Layout<F>, tier: Tier) {
        let w = &self.poseidon.w;
        let output = |place: Place| Cell { column: w[OUTPUT_COLUMN], row: place.output };
        let zero = Cell { column: w[OUTPUT_COLUMN], row: zero_row(tier) };
        let mut level: Vec<Cell> = (0..tier.accounts()).map(|slot| output(leaf_place(slot))).collect();
        level.resize(tier.slots(), zero);
        let mut next = 0;
        while level.len() > 1 {
            level = level
                .chunks_exact(ARITY)
                .map(|children| {
                    let place = node_place(next);
                    next += 1;
                    for (i, child) in children.iter().enumerate() {
                        layout.copy(*child, Cell { column: w[1 + i], row: place.rows[0] });
                    }
                    output(place)
                })
                .collect();
        }
        layout.copy(level[0], Cell { column: w[OUTPUT_COLUMN], row: super::slot::ROOT });
    }

    /// Fills the table.
    pub(super) fn assign<F: SuiteField>(
        layout: &Layout<F>,
        public: Vec<F>,
        witness: &TreeWitness<F>,
    ) -> Table<F> {
        let (chip, tier) = (Self::new(), layout.tier);
        let mut table = Table::new(layout, public, vec![witness.a.clone(), witness.b.clone()]);
        let poseidon = F::poseidon();
        let value = |table: &Table<F>, column, slot: usize| table.get(Cell { column, row: slot * STRIDE });

        let mut cells: Vec<Vec<(Cell, F)>> = Vec::new();
        let mut level: Vec<F> = Vec::new();
        (0..tier.accounts())
            .into_par_iter()
            .map(|slot| {
                let c = witness.c.get(slot).copied().unwrap_or(F::ZERO);
                let (a, b) = (value(&table, chip.a, slot), value(&table, chip.b, slot));
                let trace = poseidon.trace([Tag::Record.to_field(), a, b, c, F::ZERO]);
                (chip.poseidon.cells(&leaf_place(slot), &trace), trace.output)
            })
            .unzip_into_vecs(&mut cells, &mut level);
        put(&mut table, &cells);

        level.resize(tier.slots(), F::ZERO);
        let mut first = 0;
        while level.len() > 1 {
            let mut above = Vec::new();
            level
                .par_chunks_exact(ARITY)
                .enumerate()
                .map(|(i, c)| {
                    let trace = poseidon.trace([Tag::Node.to_field(), c[0], c[1], c[2], c[3]]);
                    (chip.poseidon.cells(&node_place(first + i), &trace), trace.output)
                })
                .unzip_into_vecs(&mut cells, &mut above);
            put(&mut table, &cells);
            first += above.len();
            level = above;
        }
        for index in 0..nodes(tier) {
            let place = node_place(index);
            chip.poseidon.carry(&mut table, place.rows[PART - 1], place.rows[PART] - 1);
            chip.poseidon.carry(&mut table, place.rows[ROWS - 1], place.output - 1);
        }
        table.set(Cell { column: chip.poseidon.w[OUTPUT_COLUMN], row: super::slot::ROOT }, level[0]);
        table
    }
}

/// The number of inner nodes.
const fn nodes(tier: Tier) -> usize {
    (tier.slots() - 1) / (ARITY - 1)
}

fn put<F: SuiteField>(table: &mut Table<F>, cells: &[Vec<(Cell, F)>]) {
    for (cell, value) in cells.iter().flatten() {
        table.set(*cell, *value);
    }
}
