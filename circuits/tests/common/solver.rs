//! A cheater's repair of a Tree: after a cell was changed, every other cell is brought in line with it again.
//!
//! Each polynomial of a Tree claims that one cell is a function of others. The solver reads which one from the
//! claim's own words, and recomputes cells from the layout's polynomials, not from the code that fills tables.

use std::collections::{BTreeSet, HashMap};

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Cell, Layout, Table},
    types::Tier,
};

use super::{cell, read, tree};

/// One constraint at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Item {
    /// Polynomial `poly` of gate `gate` at row `row`.
    Claim { gate: usize, poly: usize, row: usize },
    /// A copy, by its number.
    Copy(usize),
}

/// What a constraint determines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Target {
    Advice(Cell),
    Public(usize),
}

pub(crate) struct Solver<'a, F: SuiteField> {
    layout: &'a Layout<F>,
    tier: Tier,
    /// Each item with what it determines.
    pub(crate) items: Vec<(Item, Target)>,
    /// Items by the cells that they read, their targets left out.
    readers: HashMap<Cell, Vec<usize>>,
    /// The node to whose permutation a cell belongs; leaves' cells are not in it.
    node_of: HashMap<Cell, usize>,
}

impl<'a, F: SuiteField> Solver<'a, F> {
    pub(crate) fn new(layout: &'a Layout<F>, tier: Tier) -> Self {
        let mut items = Vec::new();
        let mut readers: HashMap<Cell, Vec<usize>> = HashMap::new();
        let mut add = |item, target, reads: BTreeSet<Cell>| {
            for cell in reads.into_iter().filter(|cell| Target::Advice(*cell) != target) {
                readers.entry(cell).or_default().push(items.len());
            }
            items.push((item, target));
        };
        for (gate, description) in layout.gates.iter().enumerate() {
            for row in read::active_rows(layout, &description.selector) {
                for (poly, (claim, expr)) in description.polys.iter().enumerate() {
                    let target = target_of(layout, tier, claim, row);
                    add(Item::Claim { gate, poly, row }, target, read::cells_of(layout, expr, row));
                }
            }
        }
        for (number, (from, to)) in layout.copies.iter().enumerate() {
            add(Item::Copy(number), Target::Advice(*to), [*from].into());
        }
        let mut node_of = HashMap::new();
        for node in 0..tree::nodes(tier) {
            let hash = tree::node_hash(node);
            let rows = hash.rows.iter().chain(&hash.carries).flat_map(|row| (0..10).map(move |i| (i, *row)));
            for (i, row) in rows.chain([(1, hash.output)]) {
                // A carry shares its row with a leaf's output, in w1.
                if !(hash.carries.contains(&row) && i < 5) {
                    node_of.insert(cell(layout, &format!("w{i}"), row), node);
                }
            }
        }
        Self { layout, tier, items, readers, node_of }
    }

    /// Recomputes whatever depends on the changed cells; `skip` is the one constraint that is left violated.
    pub(crate) fn repair(&self, table: &mut Table<F>, changed: &[Cell], skip: Option<Item>) {
        self.repair_all_but(table, changed, skip.as_slice());
    }

    /// The same with any number of constraints left violated.
    pub(crate) fn repair_all_but(&self, table: &mut Table<F>, changed: &[Cell], skip: &[Item]) {
        let mut due: BTreeSet<((usize, usize, usize), usize)> = BTreeSet::new();
        let push = |due: &mut BTreeSet<_>, cell: &Cell| {
            for reader in self.readers.get(cell).into_iter().flatten() {
                due.insert((self.rank(self.items[*reader].1), *reader));
            }
        };
        changed.iter().for_each(|cell| push(&mut due, cell));
        while let Some((_, number)) = due.pop_first() {
            let (item, target) = self.items[number];
            if skip.contains(&item) {
                continue;
            }
            let correction = self.correction(table, item, target);
            if correction == F::ZERO {
                continue;
            }
            match target {
                Target::Public(index) => table.public[index] += correction,
                Target::Advice(cell) => {
                    table.set(cell, table.get(cell) + correction);
                    push(&mut due, &cell);
                }
            }
        }
    }

    /// The constraint's target is moved by `delta` and everything downstream is repaired: only this constraint is
    /// violated.
    pub(crate) fn cheat(&self, honest: &Table<F>, item: Item, target: Target, delta: F) -> Table<F> {
        let mut table = honest.clone();
        self.nudge(&mut table, target, delta);
        if let Target::Advice(cell) = target {
            self.repair(&mut table, &[cell], Some(item));
        }
        table
    }

    /// What the target lacks for the constraint to hold: the constraint is linear in it.
    fn correction(&self, table: &mut Table<F>, item: Item, target: Target) -> F {
        match item {
            Item::Copy(number) => {
                let (from, to) = self.layout.copies[number];
                table.get(from) - table.get(to)
            }
            Item::Claim { gate, poly, row } => {
                let expr = &self.layout.gates[gate].polys[poly].1;
                let residual = read::value_at(self.layout, table, expr, row);
                if residual == F::ZERO {
                    return residual;
                }
                self.nudge(table, target, F::ONE);
                let slope = read::value_at(self.layout, table, expr, row) - residual;
                self.nudge(table, target, -F::ONE);
                assert!(slope == F::ONE || slope == -F::ONE, "a claim names another cell than it determines");
                -residual * slope
            }
        }
    }

    fn nudge(&self, table: &mut Table<F>, target: Target, by: F) {
        match target {
            Target::Public(index) => table.public[index] += by,
            Target::Advice(cell) => table.set(cell, table.get(cell) + by),
        }
    }

    /// An order in which every constraint comes after those that its inputs come from: leaves, then nodes by number,
    /// then the root; within a permutation by row and column.
    fn rank(&self, target: Target) -> (usize, usize, usize) {
        match target {
            Target::Public(_) => (usize::MAX, usize::MAX, 0),
            Target::Advice(cell) if cell.row == 0 && !self.node_of.contains_key(&cell) => (usize::MAX, 0, 0),
            Target::Advice(cell) => {
                let stage = self.node_of.get(&cell).map_or(0, |node| node + 1);
                // A zero is made before the leaves below it; their rows are lower all the same.
                let row = if cell.row >= tree::zero_row(self.tier) { 0 } else { cell.row };
                (stage, row, cell.column.0)
            }
        }
    }
}

/// What a claim determines, by its own words.
fn target_of<F: SuiteField>(layout: &Layout<F>, tier: Tier, claim: &str, row: usize) -> Target {
    let words: Vec<&str> = claim.split(' ').collect();
    match words.as_slice() {
        ["w1", "is", "the", "public", ..] if row == 0 => Target::Public(0),
        ["w1", "is", "the", "public", ..] => {
            assert_eq!(row, tree::zero_row(tier));
            Target::Advice(cell(layout, "w1", row))
        }
        [column, ..] => Target::Advice(cell(layout, column, row)),
        [] => panic!("a polynomial without a claim"),
    }
}
