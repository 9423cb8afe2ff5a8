//! Relation Tree(m): a root is that of the leaves `H(T_record; a_i, b_i, c_i, 0)`, `a` and `b` being linked columns.
//!
//! Datasets are enrolled with it, and nothing else is: a is the payee, b and c are the content's halves. Clauses T1
//! and T2 of docs/statement.md.

mod chip;

use rayon::prelude::*;

use self::chip::TreeChip;
use crate::{
    column::{Mask, MaskedColumn},
    field::{SuiteField, wipe},
    merkle::{self, EmptySubtrees},
    plonkish::{Layout, PublicInput, Table},
    poseidon::Tag,
    relation::{Relation, RelationId, Violation},
    types::{Record, Tier},
};

/// The relation.
#[derive(Clone, Copy, Debug)]
pub struct Tree;

/// What is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeInstance<F> {
    /// Binds the proof to its use (V2).
    pub context: F,
    /// The segment's registered root.
    pub root: F,
}

/// What is private.
#[derive(Clone)]
pub struct TreeWitness<F: SuiteField> {
    /// Linked column A: the payees.
    pub a: MaskedColumn<F>,
    /// Linked column B: the contents' high halves.
    pub b: MaskedColumn<F>,
    /// c_i, one for every account: the contents' low halves.
    pub c: Vec<F>,
}

/// Public inputs by place.
pub mod slot {
    /// The root.
    pub const ROOT: usize = 0;
    /// The context.
    pub const CONTEXT: usize = 1;
}

/// The public inputs' names, by place.
pub const PUBLIC: [PublicInput; 2] = [PublicInput { name: "root" }, PublicInput { name: "context" }];

/// `H(T_record; a, b, c, 0)`.
fn leaf<F: SuiteField>(a: F, b: F, c: F) -> F {
    F::poseidon().hash(Tag::Record.to_field(), [a, b, c, F::ZERO])
}

/// `H(T_record; payee, content_hi, content_lo, 0)`.
pub fn record_leaf<F: SuiteField>(record: &Record) -> F {
    let (high, low) = record.content_halves();
    leaf(record.payee.to_field(), high, low)
}

/// The tree over a segment's records; slots without one count as payee 0, content 0. `None` where there are more
/// records than accounts.
pub fn record_tree<F: SuiteField>(tier: Tier, records: &[Record]) -> Option<merkle::Tree<F>> {
    let empty = tier.accounts().checked_sub(records.len())?;
    let mut leaves: Vec<F> = records.par_iter().map(record_leaf).collect();
    leaves.resize(leaves.len() + empty, record_leaf(&Record::default()));
    merkle::Tree::new(tier, leaves)
}

/// The empty subtrees of a tier's record trees: what count and extension paths are completed with.
pub fn empty_subtrees<F: SuiteField>(tier: Tier) -> EmptySubtrees<F> {
    EmptySubtrees::new(tier, record_leaf(&Record::default()))
}

/// The Merkle roots of a dataset, one a segment: what an owner registers. At least one, even without records.
pub fn dataset_roots<F: SuiteField>(tier: Tier, records: &[Record]) -> Vec<F> {
    (0..tier.segments(records.len()))
        .filter_map(|segment| record_tree(tier, segment_of(tier, records, segment)).map(|tree| tree.root()))
        .collect()
}

/// The records of one segment.
pub fn segment_of(tier: Tier, records: &[Record], segment: usize) -> &[Record] {
    let start = (segment * tier.accounts()).min(records.len());
    let end = (start + tier.accounts()).min(records.len());
    &records[start..end]
}

impl<F: SuiteField> TreeWitness<F> {
    /// The witness of Enroll for one segment; `None` where there are more records than accounts.
    pub fn enroll(tier: Tier, records: &[Record], a_mask: &Mask<F>, b_mask: &Mask<F>) -> Option<Self> {
        if records.len() > tier.accounts() {
            return None;
        }
        let mut a: Vec<F> = records.iter().map(|record| record.payee.to_field()).collect();
        let (mut b, mut c): (Vec<F>, Vec<F>) = records.iter().map(Record::content_halves::<F>).unzip();
        a.resize(tier.slots(), F::ZERO);
        b.resize(tier.slots(), F::ZERO);
        c.resize(tier.accounts(), F::ZERO);
        let witness = Self { a: MaskedColumn::new(&a, a_mask), b: MaskedColumn::new(&b, b_mask), c };
        wipe(&mut b);
        Some(witness)
    }

    fn leaves(&self) -> Vec<F> {
        let (mut a, mut b) = (self.a.values(), self.b.values());
        let leaves = self.c.par_iter().enumerate().map(|(i, c)| leaf(a[i], b[i], *c)).collect();
        wipe(&mut a);
        wipe(&mut b);
        leaves
    }

    /// The tree over the witness' leaves: what a prover takes the root from.
    pub fn tree(&self, tier: Tier) -> Option<merkle::Tree<F>> {
        let sized = self.a.slots() == tier.slots() && self.b.slots() == tier.slots();
        if !sized || self.c.len() != tier.accounts() {
            return None;
        }
        merkle::Tree::new(tier, self.leaves())
    }
}

impl<F: SuiteField> Drop for TreeWitness<F> {
    fn drop(&mut self) {
        wipe(&mut self.c);
    }
}

impl<F: SuiteField> Relation<F> for Tree {
    type Instance = TreeInstance<F>;
    type Witness = TreeWitness<F>;

    const ID: RelationId = RelationId::Tree;

    fn layout(tier: Tier) -> Layout<F> {
        TreeChip::layout(tier)
    }

    fn public_inputs(instance: &TreeInstance<F>) -> Vec<F> {
        vec![instance.root, instance.context]
    }

    fn check(tier: Tier, instance: &TreeInstance<F>, witness: &TreeWitness<F>) -> Result<(), Violation> {
        if witness.a.slots() != tier.slots() || witness.b.slots() != tier.slots() {
            return Err(Violation::Size);
        }
        let tree = witness.tree(tier).ok_or(Violation::T1)?;
        if tree.root() == instance.root { Ok(()) } else { Err(Violation::T2) }
    }

    fn assign(layout: &Layout<F>, instance: &TreeInstance<F>, witness: &TreeWitness<F>) -> Table<F> {
        TreeChip::assign(layout, Self::public_inputs(instance), witness)
    }
}
