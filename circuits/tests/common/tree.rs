//! Honest Trees, and where their cells stand, written down from the documentation of the layout.

use std::collections::BTreeSet;

use apportion_circuits::{
    field::SuiteField,
    merkle,
    plonkish::{Cell, Layout, Table},
    relation::Relation,
    tree::{Tree, TreeInstance, TreeWitness},
    types::Tier,
};

use super::{TestRng, cell, masked};

/// Rows from one slot to the next.
pub(crate) const STRIDE: usize = 16;

/// Names under which failures are reported.
pub(crate) const ROOT: &str = "public inputs: w1 is the public root, or 0";
pub(crate) const RECORD_TAG: &str = "T1 leaf inputs: w0 is the record tag";
pub(crate) const NODE_TAG: &str = "T2 node inputs: w0 is the node tag";

/// An honest Tree.
pub(crate) struct TreeCase<F: SuiteField> {
    pub(crate) tier: Tier,
    pub(crate) layout: Layout<F>,
    pub(crate) instance: TreeInstance<F>,
    pub(crate) witness: TreeWitness<F>,
    pub(crate) table: Table<F>,
}

impl<F: SuiteField> TreeCase<F> {
    /// Random leaves; the reserved slots of the linked columns hold random values too.
    pub(crate) fn new(tier: Tier, seed: u64) -> Self {
        let rng = &mut TestRng(seed);
        let column = |rng: &mut TestRng| (0..tier.slots()).map(|_| F::random(&mut *rng)).collect::<Vec<F>>();
        let (a, b, mut c) = (column(rng), column(rng), column(rng));
        c.truncate(tier.accounts());
        let witness = TreeWitness { a: masked(&a, rng), b: masked(&b, rng), c };
        let root = witness.tree(tier).unwrap().root();
        let instance = TreeInstance { context: F::random(rng), root };
        let layout = Tree::layout(tier);
        let table = Tree::assign(&layout, &instance, &witness);
        Self { tier, layout, instance, witness, table }
    }

    /// The honest tree.
    pub(crate) fn tree(&self) -> merkle::Tree<F> {
        self.witness.tree(self.tier).unwrap()
    }
}

/// A permutation's rows in the table: ten of them, the output's, and the rows that repeat an interrupted one.
#[derive(Clone, Debug)]
pub(crate) struct Hash {
    pub(crate) rows: [usize; 10],
    pub(crate) output: usize,
    pub(crate) carries: Vec<usize>,
}

/// Rows 1 to 10 of the slot; the output in row 11.
pub(crate) fn leaf_hash(slot: usize) -> Hash {
    let start = STRIDE * slot;
    Hash { rows: std::array::from_fn(|t| start + 1 + t), output: start + 11, carries: vec![] }
}

/// Rows 12 to 16 of slots 3j and 3j + 1; the output in row 12 of slot 3j + 2; row 11 of the last two slots repeats.
pub(crate) fn node_hash(node: usize) -> Hash {
    let slots = [3 * node, 3 * node + 1, 3 * node + 2].map(|slot| STRIDE * slot);
    Hash {
        rows: std::array::from_fn(|t| slots[t / 5] + 12 + t % 5),
        output: slots[2] + 12,
        carries: vec![slots[1] + 11, slots[2] + 11],
    }
}

/// Inner nodes of a tree.
pub(crate) fn nodes(tier: Tier) -> usize {
    (1..=tier.depth()).map(|level| tier.slots() >> (2 * level)).sum()
}

/// The row whose w1 is the zero of the reserved leaves.
pub(crate) fn zero_row(tier: Tier) -> usize {
    tier.accounts() * STRIDE + 13
}

/// Every cell that an honest prover assigns, linked columns apart: w1 of row 0 is the root, and a zero stands below
/// the last node's output.
pub(crate) fn assigned<F: SuiteField>(layout: &Layout<F>, tier: Tier) -> BTreeSet<Cell> {
    let at = |column: usize, row: usize| cell(layout, &format!("w{column}"), row);
    let hashes = (0..tier.accounts()).map(leaf_hash).chain((0..nodes(tier)).map(node_hash));
    let mut cells: BTreeSet<Cell> = hashes
        .flat_map(|hash| {
            let inside = hash.rows.into_iter().flat_map(move |row| (0..10).map(move |i| at(i, row)));
            let carried = hash.carries.into_iter().flat_map(move |row| (5..10).map(move |i| at(i, row)));
            inside.chain(carried).chain([at(1, hash.output)])
        })
        .collect();
    cells.extend([at(1, 0), at(1, zero_row(tier))]);
    cells
}
