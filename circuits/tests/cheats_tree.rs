//! Cheating with a Tree, repaired: every cell that can follow the lie does, and exactly one place gives it away.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Cell, Table},
    poseidon::Tag,
    relation::{Relation, Violation},
    tree::{Tree, TreeInstance},
    types::Tier,
};
use common::{
    accepted, cell, read, refused, refused_only,
    solver::{Item, Solver, Target},
    tree::{self, NODE_TAG, RECORD_TAG, ROOT, TreeCase},
};

const T64: Tier = Tier::T64;

/// An honest Tree and its cheater.
fn case<F: SuiteField>() -> TreeCase<F> {
    let case = TreeCase::new(T64, 51);
    accepted(&case.layout, &case.table);
    case
}

fn w<F: SuiteField>(case: &TreeCase<F>, column: usize, row: usize) -> Cell {
    cell(&case.layout, &format!("w{column}"), row)
}

/// The table proves a root that the witness has not, but for one place.
#[track_caller]
fn caught<F: SuiteField>(case: &TreeCase<F>, table: &Table<F>, place: &str, row: usize) {
    let instance = TreeInstance { root: table.public[0], ..case.instance };
    assert_eq!(
        Tree::check(case.tier, &instance, &case.witness),
        Err(Violation::T2),
        "the cheat changes nothing"
    );
    refused_only(&case.layout, table, place, row);
}

fn copy_into<F: SuiteField>(case: &TreeCase<F>, to: Cell) -> Item {
    Item::Copy(case.layout.copies.iter().position(|(_, end)| *end == to).unwrap())
}

/// The constraint with this name at this row.
fn item<F: SuiteField>(case: &TreeCase<F>, solver: &Solver<'_, F>, place: &str, at: usize) -> (Item, Target) {
    let named = |item: &Item| match item {
        Item::Claim { gate, poly, row } => {
            let gate = &case.layout.gates[*gate];
            *row == at && format!("{}: {}", gate.name, gate.polys[*poly].0) == place
        }
        Item::Copy(_) => false,
    };
    *solver.items.iter().find(|(item, _)| named(item)).unwrap()
}

both_fields! {
    the_solver_fills_what_the_prover_fills => solver_agrees();
    a_leaf_under_another_tag => other_tag();
    siblings_swapped => siblings();
    children_of_another_node => other_children();
    inner_node_as_leaf => node_as_leaf();
    leaf_as_inner_node => leaf_as_node();
    carried_rows_forged => carries();
    reserved_leaves_filled => reserved();
    root_of_a_subtree => subtree();
    fourth_input_of_a_leaf => fourth_input();
    payee_of_a_neighbour => neighbours_payee();
    hidden_where_nothing_looks => hidden();
}

/// From the linked columns and the c_i alone, the constraints determine every other cell: nothing is left to choose.
fn solver_agrees<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    let mut table = Table::new(&case.layout, vec![F::ZERO; 2], case.table.linked.clone());
    let mut given: Vec<Cell> = Vec::new();
    for slot in 0..62 {
        let c = w(&case, 3, tree::leaf_hash(slot).rows[0]);
        table.set(c, case.witness.c[slot]);
        given.push(c);
        let row = slot * tree::STRIDE;
        given.extend([cell(&case.layout, "A", row), cell(&case.layout, "B", row)]);
    }
    // Constraints without inputs among these are those of the tags.
    let leaves = (0..62).map(|slot| (RECORD_TAG, tree::leaf_hash(slot).rows[0], Tag::Record));
    let nodes = (0..21).map(|node| (NODE_TAG, tree::node_hash(node).rows[0], Tag::Node));
    for (place, row, tag) in leaves.chain(nodes) {
        let (_, target) = item(&case, &solver, place, row);
        assert_eq!(target, Target::Advice(w(&case, 0, row)));
        table.set(w(&case, 0, row), tag.to_field());
        given.push(w(&case, 0, row));
    }
    given.push(w(&case, 1, tree::zero_row(T64)));
    solver.repair(&mut table, &given, None);
    assert_eq!(table.public[0], case.instance.root);
    table.public[1] = case.instance.context;
    assert_eq!(table.public, case.table.public);
    assert!(table.advice == case.table.advice);
}

/// One leaf, or every one, is hashed as something else.
fn other_tag<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    for other in [Tag::Node.to_field(), F::ZERO, -F::ONE] {
        for slot in [0, 30, 61] {
            let row = tree::leaf_hash(slot).rows[0];
            let (item, target) = item(&case, &solver, RECORD_TAG, row);
            assert_eq!(target, Target::Advice(w(&case, 0, row)));
            let table = solver.cheat(&case.table, item, target, other - Tag::Record.to_field::<F>());
            caught(&case, &table, RECORD_TAG, row);
        }
        let tags: Vec<Cell> = (0..62).map(|slot| w(&case, 0, tree::leaf_hash(slot).rows[0])).collect();
        let items: Vec<Item> = tags.iter().map(|cell| item(&case, &solver, RECORD_TAG, cell.row).0).collect();
        let mut table = case.table.clone();
        tags.iter().for_each(|cell| table.set(*cell, other));
        solver.repair_all_but(&mut table, &tags, &items);
        let everywhere: Vec<_> = tags.iter().map(|cell| (RECORD_TAG.to_string(), cell.row)).collect();
        assert_eq!(read::failures(&case.layout, &table), everywhere);
        assert_ne!(table.public[0], case.instance.root);
    }
}

/// Two children of one node change places.
fn siblings<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    for node in [0, 15, 16, 20] {
        let row = tree::node_hash(node).rows[0];
        let pair = [w(&case, 1, row), w(&case, 2, row)];
        let mut table = case.table.clone();
        let values = pair.map(|cell| table.get(cell));
        table.set(pair[0], values[1]);
        table.set(pair[1], values[0]);
        solver.repair_all_but(&mut table, &pair, &pair.map(|cell| copy_into(&case, cell)));
        let instance = TreeInstance { root: table.public[0], ..case.instance };
        assert_eq!(Tree::check(T64, &instance, &case.witness), Err(Violation::T2));
        let failures = read::failures(&case.layout, &table);
        assert_eq!(failures.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>(), ["copy", "copy"]);
        refused(&case.layout, &table, "copy", failures[0].1);
    }
}

/// A node takes a child from elsewhere: one record twice, another not at all.
fn other_children<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    let node = tree::node_hash(3).rows[0];
    let (into, from) = (w(&case, 2, node), w(&case, 1, tree::leaf_hash(0).output));
    let delta = case.table.get(from) - case.table.get(into);
    let table = solver.cheat(&case.table, copy_into(&case, into), Target::Advice(into), delta);
    // Node 3 has the leaves 12 to 15; the copy that breaks is that of leaf 13.
    caught(&case, &table, "copy", tree::leaf_hash(13).output);
}

/// An inner node stands where a leaf should: as a leaf's output, and hashed with the node's tag.
fn node_as_leaf<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    let output = tree::leaf_hash(5).output;
    let (output_item, target) =
        item(&case, &solver, "poseidon output: w1 is lane 0 of the state that leaves", output);
    let inner = case.table.get(w(&case, 1, tree::node_hash(0).output));
    let delta = inner - case.table.get(w(&case, 1, output));
    let table = solver.cheat(&case.table, output_item, target, delta);
    caught(&case, &table, "poseidon output: w1 is lane 0 of the state that leaves", output);

    // The leaf's permutation over a node's children: the tag gives it away, then a and b, then w4.
    let row = tree::leaf_hash(5).rows[0];
    let node = tree::node_hash(0).rows[0];
    let mut table = case.table.clone();
    let cells: Vec<Cell> = (0..5).map(|i| w(&case, i, row)).collect();
    for (i, cell) in cells.iter().enumerate() {
        table.set(*cell, case.table.get(w(&case, i, node)));
    }
    let names = [RECORD_TAG, "T1 leaf inputs: w1 is a", "T1 leaf inputs: w2 is b", "T1 leaf inputs: w4 is 0"];
    let skipped: Vec<Item> = names.iter().map(|name| item(&case, &solver, name, row).0).collect();
    solver.repair_all_but(&mut table, &cells, &skipped);
    assert_eq!(table.get(w(&case, 1, output)), inner);
    let expected: Vec<_> = names.iter().map(|name| (name.to_string(), row)).collect();
    assert_eq!(read::failures(&case.layout, &table), expected);
}

fn leaf_as_node<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    for node in [0, 16, 20] {
        let row = tree::node_hash(node).rows[0];
        let (item, target) = item(&case, &solver, NODE_TAG, row);
        let delta = Tag::Record.to_field::<F>() - Tag::Node.to_field::<F>();
        let table = solver.cheat(&case.table, item, target, delta);
        caught(&case, &table, NODE_TAG, row);
    }
}

/// A node's permutation continues, in the next slot, from other values than it was left with.
fn carries<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    for node in [0, 7, 20] {
        for carry in tree::node_hash(node).carries {
            for column in 5..10 {
                let place = format!("poseidon carry: w{column} repeats the interrupted row");
                let (item, target) = item(&case, &solver, &place, carry);
                let table = solver.cheat(&case.table, item, target, F::from(77));
                caught(&case, &table, &place, carry);
            }
        }
    }
}

/// A leaf for the reserved slots: somebody who is in no column.
fn reserved<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    let node = tree::node_hash(15).rows[0];
    for column in [3, 4] {
        let into = w(&case, column, node);
        assert_eq!(case.table.get(into), F::ZERO);
        let table = solver.cheat(&case.table, copy_into(&case, into), Target::Advice(into), F::from(9));
        caught(&case, &table, "copy", tree::zero_row(T64));
    }
    // Both at once, through the zero that they are copied from.
    let row = tree::zero_row(T64);
    let (item, target) = item(&case, &solver, ROOT, row);
    let table = solver.cheat(&case.table, item, target, F::from(9));
    assert_eq!(table.get(w(&case, 3, node)), F::from(9));
    caught(&case, &table, ROOT, row);
}

/// The public root is that of a sub-tree, or of a leaf.
fn subtree<F: SuiteField>() {
    let case = case::<F>();
    let root = w(&case, 1, 0);
    let from = |row| case.table.get(w(&case, 1, row));
    let wrong = [16, 19, 0].map(|node| from(tree::node_hash(node).output));
    for value in wrong.into_iter().chain([from(tree::leaf_hash(3).output), F::ZERO]) {
        let mut table = case.table.clone();
        table.set(root, value);
        table.public[0] = value;
        caught(&case, &table, "copy", tree::node_hash(20).output);
        let mut table = case.table.clone();
        table.public[0] = value;
        caught(&case, &table, ROOT, 0);
    }
}

fn fourth_input<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    for slot in [0, 40, 61] {
        let row = tree::leaf_hash(slot).rows[0];
        let (item, target) = item(&case, &solver, "T1 leaf inputs: w4 is 0", row);
        let table = solver.cheat(&case.table, item, target, -F::ONE);
        caught(&case, &table, "T1 leaf inputs: w4 is 0", row);
    }
}

/// The record of one is credited to another.
fn neighbours_payee<F: SuiteField>() {
    let case = case::<F>();
    let solver = Solver::new(&case.layout, T64);
    for (column, linked, name) in [(1, "A", "T1 leaf inputs: w1 is a"), (2, "B", "T1 leaf inputs: w2 is b")] {
        for slot in [0, 30, 61] {
            let row = tree::leaf_hash(slot).rows[0];
            let neighbour = case.table.get(cell(&case.layout, linked, (slot + 1) * tree::STRIDE));
            let (item, target) = item(&case, &solver, name, row);
            assert_eq!(target, Target::Advice(w(&case, column, row)));
            let delta = neighbour - case.table.get(w(&case, column, row));
            let table = solver.cheat(&case.table, item, target, delta);
            caught(&case, &table, name, row);
            // In the linked column as well: then it is not the committed one.
            let mut table = case.table.clone();
            let (a, leaf) = (cell(&case.layout, linked, slot * tree::STRIDE), w(&case, column, row));
            table.set(a, neighbour);
            table.set(leaf, neighbour);
            solver.repair(&mut table, &[a, leaf], None);
            refused_only(&case.layout, &table, "link", a.row);
        }
    }
}

/// Cells that no constraint reads prove nothing and change nothing.
fn hidden<F: SuiteField>() {
    let case = case::<F>();
    let read = read::read_cells(&case.layout);
    let rng = &mut common::TestRng(52);
    let mut table = case.table.clone();
    let mut filled = 0;
    for column in 0..10 {
        for cell in (0..1024).map(|row| w(&case, column, row)).filter(|cell| !read.contains_key(cell)) {
            table.set(cell, F::random(&mut *rng));
            filled += 1;
        }
    }
    assert_eq!(filled, 10 * 1024 - tree::assigned(&case.layout, T64).len());
    assert_eq!(table.public, case.table.public);
    accepted(&case.layout, &table);
    table.public[0] += F::ONE;
    refused_only(&case.layout, &table, ROOT, 0);
}
