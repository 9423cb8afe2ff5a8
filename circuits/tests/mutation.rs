//! Every cell of an honest table, altered: the table or a link must refuse it.
//!
//! Which cells an honest prover assigns is written down in `common` from the documentation of the layouts, and
//! compared with what the constraints read and with what the prover fills: a cell that is assigned but not
//! constrained cannot hide.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use apportion_circuits::{
    field::SuiteField,
    plonkish::{AdviceColumn, Cell, Checker, Layout, Table},
    tree::slot,
    types::Tier,
};
use common::{
    TestRng, cell, read, refused,
    split::{CONTEXT, Input, Plan, STATE, Sheet},
    tree::{self, TreeCase},
};
use rayon::prelude::*;

const T64: Tier = Tier::T64;

/// An honest table with the cells that its relation assigns beside the linked columns.
struct Subject<F: SuiteField> {
    layout: Layout<F>,
    table: Table<F>,
    assigned: BTreeSet<Cell>,
    /// Rows of one slot to the next.
    stride: usize,
}

fn tree_subject<F: SuiteField>() -> Subject<F> {
    let TreeCase { layout, table, .. } = TreeCase::new(T64, 21);
    let assigned = tree::assigned(&layout, T64);
    Subject { layout, table, assigned, stride: tree::STRIDE }
}

/// A segment that is full at genesis, and has empty slots later.
fn split_subject<F: SuiteField>(genesis: bool) -> Subject<F> {
    use apportion_circuits::{relation::Relation, split::Split};
    let layout = Split::layout(T64);
    let sheet = Sheet::honest(&Input::random(T64, genesis, 22).of_records(if genesis { 62 } else { 50 }), 22);
    let table = Split::assign(&layout, &sheet.instance().unwrap(), &sheet.witness(22));
    let plan = Plan::of(T64);
    // All limb cells and six rows of `state` of every account.
    let limbs = |i: usize| (0..62 * plan.stride).map(move |row| (format!("limbs{i}"), row));
    let state = (0..62).flat_map(|slot| (0..STATE).map(move |row| ("state".to_string(), slot * 16 + row)));
    let assigned = (0..plan.columns)
        .flat_map(limbs)
        .chain(state)
        .map(|(column, row)| cell(&layout, &column, row))
        .collect();
    Subject { layout, table, assigned, stride: plan.stride }
}

impl<F: SuiteField> Subject<F> {
    fn is_linked(&self, cell: Cell) -> bool {
        cell.column.0 < self.layout.linked
    }

    fn linked_cells(&self) -> impl Iterator<Item = Cell> {
        let rows = self.layout.rows();
        (0..self.layout.linked)
            .flat_map(move |c| (0..rows).map(move |row| Cell { column: AdviceColumn(c), row }))
    }

    /// The four mutants of a value; those equal to it are not mutants.
    fn mutants(&self, cell: Cell, rng: &mut TestRng) -> Vec<F> {
        let value = self.table.get(cell);
        let all = [value + F::ONE, F::ZERO, -F::ONE, F::random(rng)];
        all.into_iter().filter(|mutant| *mutant != value).collect()
    }

    /// Refused by a constraint that reads the cell, or because the column is no longer the committed one.
    fn refuses(&self, checker: &Checker<'_, F>, placed: &[Vec<F>], table: &Table<F>, cell: Cell) -> bool {
        let link = self.is_linked(cell) && placed[cell.column.0][cell.row] != table.get(cell);
        link || checker.check_cell(table, cell).is_err()
    }

    fn placed(&self) -> Vec<Vec<F>> {
        self.table.linked.iter().map(|column| column.place(self.layout.k)).collect()
    }

    /// What is free by design: nothing that is assigned, and nothing that a constraint could tell apart.
    fn free_cells(&self) -> BTreeMap<&'static str, usize> {
        let read = read::read_cells(&self.layout);
        let mut free = BTreeMap::new();
        for column in self.layout.linked..self.layout.advice.len() {
            for row in 0..self.layout.rows() {
                let cell = Cell { column: AdviceColumn(column), row };
                let reason = match (self.assigned.contains(&cell), read.contains_key(&cell)) {
                    (true, true) => continue,
                    (true, false) => panic!("{cell:?} is assigned and free"),
                    (false, true) => {
                        // Looked up because lookups run over all rows; no gate and no copy reads it.
                        assert_eq!(read[&cell], 1);
                        assert!(self.layout.advice[column].name.starts_with("limbs"), "{cell:?}");
                        "padding: looked up, otherwise unread"
                    }
                    (false, false) if row >= self.layout.usable_rows() => "blinding",
                    (false, false) => "padding: unread",
                };
                assert_eq!(self.table.get(cell), F::ZERO, "{cell:?} is padding and assigned");
                *free.entry(reason).or_default() += 1;
            }
        }
        free
    }

    /// Every assigned cell, every mutant. Returns how many mutants there were.
    fn sweep(&self, every: usize) -> usize {
        let checker = Checker::new(&self.layout);
        let placed = self.placed();
        let cells: Vec<Cell> =
            self.assigned.iter().copied().chain(self.linked_cells()).step_by(every).collect();
        cells
            .par_iter()
            .enumerate()
            .map_init(
                || self.table.clone(),
                |table, (i, cell)| {
                    let honest = table.get(*cell);
                    let mutants = self.mutants(*cell, &mut TestRng(i as u64));
                    for mutant in &mutants {
                        table.set(*cell, *mutant);
                        assert!(self.refuses(&checker, &placed, table, *cell), "{cell:?} is free");
                    }
                    table.set(*cell, honest);
                    mutants.len()
                },
            )
            .sum()
    }

    /// `check_cell` and `check` agree, on honest and on altered cells.
    fn checkers_agree(&self, sample: usize) {
        let checker = Checker::new(&self.layout);
        assert_eq!(checker.check(&self.table), Ok(()));
        let rng = &mut TestRng(31);
        let assigned: Vec<Cell> = self.assigned.iter().copied().collect();
        for _ in 0..sample {
            let cell = assigned[rng.below(assigned.len())];
            assert_eq!(checker.check_cell(&self.table, cell), Ok(()));
            let mut table = self.table.clone();
            table.set(cell, table.get(cell) + F::random(&mut *rng));
            let (whole, near) =
                (checker.check(&table).unwrap_err(), checker.check_cell(&table, cell).unwrap_err());
            let all = read::failures(&self.layout, &table);
            for failure in [&whole, &near] {
                let place = failure.place();
                assert!(all.iter().any(|(found, _)| *found == place), "{place}");
            }
        }
        let linked: Vec<Cell> = self.linked_cells().collect();
        for _ in 0..sample {
            let cell = linked[rng.below(linked.len())];
            let mut table = self.table.clone();
            table.set(cell, table.get(cell) + F::ONE);
            refused(&self.layout, &table, "link", cell.row);
        }
    }

    /// Two cells of one slot at once, by random amounts.
    fn pairs(&self, count: usize) {
        let checker = Checker::new(&self.layout);
        let placed = self.placed();
        let mut slots: BTreeMap<usize, Vec<Cell>> = BTreeMap::new();
        for cell in self.assigned.iter().copied().chain(self.linked_cells()) {
            slots.entry(cell.row / self.stride).or_default().push(cell);
        }
        let slots: Vec<Vec<Cell>> = slots.into_values().filter(|cells| cells.len() > 60).collect();
        assert!(slots.len() >= 62);
        (0..count).into_par_iter().for_each_init(
            || self.table.clone(),
            |table, i| {
                let rng = &mut TestRng(1 << 40 | i as u64);
                let cells = &slots[rng.below(slots.len())];
                let pair = [(); 2].map(|()| cells[rng.below(cells.len())]);
                if pair[0] == pair[1] {
                    return;
                }
                let honest = pair.map(|cell| table.get(cell));
                // Small amounts stay in lookup tables; opposite ones may cancel in a sum.
                let by = match i % 3 {
                    0 => [F::random(&mut *rng), F::random(&mut *rng)],
                    1 => [F::ONE, -F::ONE],
                    _ => [F::from(1 + rng.bits(9) as u64), -F::from(1 + rng.bits(9) as u64)],
                };
                pair.iter().zip(by).for_each(|(cell, by)| table.set(*cell, table.get(*cell) + by));
                let refused = pair.iter().any(|cell| self.refuses(&checker, &placed, table, *cell));
                assert!(refused, "{pair:?} are free together");
                pair.iter().zip(honest).for_each(|(cell, value)| table.set(*cell, value));
            },
        );
    }

    /// Every public input but those named counts.
    fn public_inputs(&self, unread: &[usize]) {
        for place in 0..self.table.public.len() {
            for by in [F::ONE, -F::ONE, F::random(TestRng(place as u64))] {
                let mut table = self.table.clone();
                table.public[place] += by;
                let accepted = Checker::new(&self.layout).check(&table).is_ok();
                assert_eq!(accepted, unread.contains(&place), "public input {place}");
            }
        }
        for change in [|public: &mut Vec<F>| public.push(F::ZERO), |public: &mut Vec<F>| _ = public.pop()] {
            let mut table = self.table.clone();
            change(&mut table.public);
            let failure = Checker::new(&self.layout).check(&table).unwrap_err();
            assert_eq!(failure.place(), "shape: number of public inputs");
        }
    }
}

/// The target is 0 assigned cells, and 0 it is. Counted so that a change of layout that frees a cell is noticed.
fn free_cells<F: SuiteField>() {
    let tree = tree_subject::<F>();
    assert_eq!(tree.assigned.len(), 62 * 101 + 21 * (101 + 10) + 2);
    // Ten columns of 1,024 rows, less what is assigned.
    let padding = 10 * 1024 - tree.assigned.len();
    let blinding = 10 * tree.layout.blinding_rows();
    assert_eq!(
        tree.free_cells(),
        BTreeMap::from([("padding: unread", padding - blinding), ("blinding", blinding)])
    );
    for genesis in [false, true] {
        let split = split_subject::<F>(genesis);
        assert_eq!(split.assigned.len(), 62 * (48 + 6));
        // Limbs of the reserved slots, above the blinding; rows 6 to 15 of `state`, and its reserved slots.
        let tail = 32 - split.layout.blinding_rows();
        let state = 1024 - 62 * 6 - split.layout.blinding_rows();
        assert_eq!(
            split.free_cells(),
            BTreeMap::from([
                ("padding: looked up, otherwise unread", 3 * tail),
                ("padding: unread", state),
                ("blinding", 4 * split.layout.blinding_rows()),
            ])
        );
    }
}

fn trees<F: SuiteField>(every: usize, pairs: usize) {
    let subject = tree_subject::<F>();
    let mutants = subject.sweep(every);
    // Hash values are not 0 or -1; zeros are: one of its own, w4 of every leaf and of the last node's reserved leaves.
    let cells = (subject.assigned.len() + 2 * 1024).div_ceil(every);
    assert!(mutants > 4 * cells - cells / 50 && mutants <= 4 * cells, "{mutants} mutants of {cells} cells");
    subject.checkers_agree(12);
    subject.pairs(pairs);
    // The context is bound by the transcript alone: no cell holds it.
    subject.public_inputs(&[slot::CONTEXT]);
}

fn splits<F: SuiteField>(every: usize, pairs: usize) {
    for genesis in [false, true] {
        let subject = split_subject::<F>(genesis);
        let mutants = subject.sweep(every);
        let cells = (subject.assigned.len() + 3 * 1024).div_ceil(every);
        assert!(mutants >= 3 * cells && mutants <= 4 * cells, "{mutants} mutants of {cells} cells");
        subject.checkers_agree(12);
        subject.pairs(pairs);
        subject.public_inputs(&[CONTEXT]);
    }
}

/// c_i is a private input of its own: with everything below it recomputed, another c_i is another root.
fn private_leaf_values<F: SuiteField>() {
    let case = TreeCase::<F>::new(T64, 23);
    let solver = common::solver::Solver::new(&case.layout, T64);
    let mut roots = BTreeSet::from([case.instance.root]);
    for slot in 0..62 {
        let c = cell(&case.layout, "w3", tree::leaf_hash(slot).rows[0]);
        let mut table = case.table.clone();
        table.set(c, table.get(c) + F::ONE);
        solver.repair(&mut table, &[c], None);
        assert!(roots.insert(table.public[0]), "slot {slot}");
        common::accepted(&case.layout, &table);
    }
}

mod bn254 {
    use super::*;

    #[test]
    fn every_cell_of_a_tree() {
        trees::<common::Fr>(1, 10_000);
    }

    #[test]
    fn every_cell_of_a_split() {
        splits::<common::Fr>(1, 10_000);
    }
}

mod pasta {
    use super::*;

    #[test]
    fn a_sample_of_a_tree() {
        trees::<common::Fp>(7, 1_000);
    }

    #[test]
    fn a_sample_of_a_split() {
        splits::<common::Fp>(7, 1_000);
    }
}

#[test]
fn no_assigned_cell_is_free() {
    free_cells::<common::Fr>();
    free_cells::<common::Fp>();
}

#[test]
fn private_leaf_values_reach_the_root() {
    private_leaf_values::<common::Fr>();
}
