//! Relation Tree(m): a root is that of the leaves `H(tag; a_i, b_i, c_i, 0)`, `a` and `b` being linked columns.
//!
//! Enroll uses it with [`Tag::Record`] (payee, content high, content low), Publish with [`Tag::Account`] (payee,
//! cumulative balance, salt). Clauses T1 and T2 of docs/statement.md.

mod chip;

use rayon::prelude::*;

use self::chip::TreeChip;
use crate::{
    column::{Mask, MaskedColumn},
    field::{SuiteField, wipe},
    merkle,
    plonkish::{Layout, PublicInput, Table},
    poseidon::Tag,
    relation::{Relation, RelationId, Violation},
    types::{Payee, Record, Tier},
};

/// The relation.
#[derive(Clone, Copy, Debug)]
pub struct Tree;

/// What is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeInstance<F> {
    /// Binds the proof to its use (V2).
    pub context: F,
    /// What the leaves are.
    pub tag: Tag,
    /// The tree's root.
    pub root: F,
}

/// What is private.
#[derive(Clone)]
pub struct TreeWitness<F: SuiteField> {
    /// Linked column A: the payees.
    pub a: MaskedColumn<F>,
    /// Linked column B: the contents' high halves, or the balances.
    pub b: MaskedColumn<F>,
    /// c_i, one for every account: the contents' low halves, or the salts.
    pub c: Vec<F>,
}

/// Public inputs by place.
pub mod slot {
    /// The root.
    pub const ROOT: usize = 0;
    /// The leaves' tag.
    pub const TAG: usize = 1;
    /// The context.
    pub const CONTEXT: usize = 2;
}

/// The public inputs' names, by place.
pub const PUBLIC: [PublicInput; 3] =
    [PublicInput { name: "root" }, PublicInput { name: "tag" }, PublicInput { name: "context" }];

/// `H(T_record; payee, content_hi, content_lo, 0)`.
pub fn record_leaf<F: SuiteField>(record: &Record) -> F {
    let (high, low) = record.content_halves();
    F::poseidon().hash(Tag::Record.to_field(), [record.payee.to_field(), high, low, F::ZERO])
}

/// `H(T_account; payee, cumulative, salt, 0)`.
pub fn account_leaf<F: SuiteField>(payee: Payee, cumulative: u128, salt: F) -> F {
    let inputs = [payee.to_field(), F::from_u128(cumulative), salt, F::ZERO];
    F::poseidon().hash(Tag::Account.to_field(), inputs)
}

/// The tree over a segment's records; slots without one count as payee 0, content 0. `None` where there are more
/// records than accounts.
pub fn record_tree<F: SuiteField>(tier: Tier, records: &[Record]) -> Option<merkle::Tree<F>> {
    let empty = tier.accounts().checked_sub(records.len())?;
    let mut leaves: Vec<F> = records.par_iter().map(record_leaf).collect();
    leaves.resize(leaves.len() + empty, record_leaf(&Record::default()));
    merkle::Tree::new(tier, leaves)
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

    fn leaves(&self, tag: Tag) -> Vec<F> {
        let (mut a, mut b) = (self.a.values(), self.b.values());
        let tag = tag.to_field();
        let leaves = self
            .c
            .par_iter()
            .enumerate()
            .map(|(i, c)| F::poseidon().hash(tag, [a[i], b[i], *c, F::ZERO]))
            .collect();
        wipe(&mut a);
        wipe(&mut b);
        leaves
    }

    /// The tree over the witness' leaves: what a prover takes the root from.
    pub fn tree(&self, tier: Tier, tag: Tag) -> Option<merkle::Tree<F>> {
        let sized = self.a.slots() == tier.slots() && self.b.slots() == tier.slots();
        if !sized || self.c.len() != tier.accounts() {
            return None;
        }
        merkle::Tree::new(tier, self.leaves(tag))
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
        vec![instance.root, instance.tag.to_field(), instance.context]
    }

    fn check(tier: Tier, instance: &TreeInstance<F>, witness: &TreeWitness<F>) -> Result<(), Violation> {
        if witness.a.slots() != tier.slots() || witness.b.slots() != tier.slots() {
            return Err(Violation::Size);
        }
        let tree = witness.tree(tier, instance.tag).ok_or(Violation::T1)?;
        if tree.root() == instance.root { Ok(()) } else { Err(Violation::T2) }
    }

    fn assign(layout: &Layout<F>, instance: &TreeInstance<F>, witness: &TreeWitness<F>) -> Table<F> {
        TreeChip::assign(layout, Self::public_inputs(instance), witness)
    }
}
