//! `Root_m`: a 4-ary tree of depth m over a segment's `4^m` leaves, and the paths that show what is in it.
//!
//! A child's place under its node is `(index >> 2 * level) & 3`. The last two leaves are 0.

mod growth;

use rayon::prelude::*;

pub use self::growth::{EmptySubtrees, ExtensionPath, ExtensionRoots};
use crate::{
    field::SuiteField,
    poseidon::Tag,
    types::{RESERVED_SLOTS, Tier},
};

/// Children of a node.
pub const ARITY: usize = 4;

/// Every level of a segment's tree, leaves first, the root last.
#[derive(Clone, Debug)]
pub struct Tree<F> {
    levels: Vec<Vec<F>>,
}

/// The siblings on the way from a leaf to the root, leaf level first, in the order in which they stand under
/// their node.
pub type Path<F> = Vec<[F; ARITY - 1]>;

/// The hash of four children.
pub fn node<F: SuiteField>(children: [F; ARITY]) -> F {
    F::poseidon().hash(Tag::Node.to_field(), children)
}

impl<F: SuiteField> Tree<F> {
    /// The tree over the leaves of a segment's accounts; `None` unless there are exactly `tier.accounts()`.
    pub fn new(tier: Tier, account_leaves: Vec<F>) -> Option<Self> {
        if account_leaves.len() != tier.accounts() {
            return None;
        }
        let mut level = account_leaves;
        level.resize(tier.slots(), F::ZERO);
        let mut levels = vec![level];
        for _ in 0..tier.depth() {
            let below = &levels[levels.len() - 1];
            let above = below.par_chunks_exact(ARITY).map(|c| node([c[0], c[1], c[2], c[3]])).collect();
            levels.push(above);
        }
        Some(Self { levels })
    }

    /// The number of leaves that are not reserved, `C - 2`.
    fn accounts(&self) -> usize {
        self.leaves().len() - RESERVED_SLOTS
    }

    /// The root.
    pub fn root(&self) -> F {
        self.levels[self.levels.len() - 1][0]
    }

    /// All inner nodes, the lowest level first; the root is the last.
    pub fn inner(&self) -> impl Iterator<Item = &F> {
        self.levels[1..].iter().flatten()
    }

    /// All leaves, the reserved ones included.
    pub fn leaves(&self) -> &[F] {
        &self.levels[0]
    }

    /// The path of a leaf; `None` for the reserved slots and beyond.
    pub fn path(&self, index: usize) -> Option<Path<F>> {
        (index < self.accounts()).then(|| {
            (0..self.levels.len() - 1)
                .map(|level| {
                    let place = (index >> (2 * level)) % ARITY;
                    let first = (index >> (2 * level)) - place;
                    let mut siblings =
                        (0..ARITY).filter(|i| *i != place).map(|i| self.levels[level][first + i]);
                    std::array::from_fn(|_| siblings.next().unwrap_or(F::ZERO))
                })
                .collect()
        })
    }
}

/// The root that a leaf at `index` and its path lead to; `None` where the path has not exactly the tier's depth
/// or the index is a reserved slot or beyond.
pub fn root_of_path<F: SuiteField>(tier: Tier, index: usize, leaf: F, path: &[[F; ARITY - 1]]) -> Option<F> {
    if index >= tier.accounts() || path.len() != tier.depth() as usize {
        return None;
    }
    let root =
        path.iter().enumerate().fold(leaf, |below, (level, siblings)| {
            let place = (index >> (2 * level)) % ARITY;
            let mut siblings = siblings.iter();
            let children = std::array::from_fn(|i| {
                if i == place { below } else { siblings.next().copied().unwrap_or(F::ZERO) }
            });
            node(children)
        });
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2curves_axiom::bn256::Fr;

    #[test]
    fn paths_lead_to_the_root_and_nothing_else_does() {
        let tier = Tier::T64;
        let leaves: Vec<_> = (0..tier.accounts() as u64).map(Fr::from).collect();
        assert!(Tree::new(tier, leaves[1..].to_vec()).is_none());
        let tree = Tree::new(tier, leaves.clone()).unwrap();
        assert_eq!(tree.inner().count(), 21);
        assert_eq!(tree.inner().last(), Some(&tree.root()));
        for (index, leaf) in leaves.iter().enumerate() {
            let path = tree.path(index).unwrap();
            assert_eq!(root_of_path(tier, index, *leaf, &path), Some(tree.root()));
            assert_ne!(root_of_path(tier, index ^ 1, *leaf, &path), Some(tree.root()));
            assert_eq!(root_of_path(tier, index, *leaf, &path[1..]), None);
            let mut long = path.clone();
            long.push([*leaf; 3]);
            assert_eq!(root_of_path(tier, index, *leaf, &long), None);
            let mut swapped = path.clone();
            swapped[0].swap(0, 1);
            assert_ne!(root_of_path(tier, index, *leaf, &swapped), Some(tree.root()));
        }
        // The reserved leaves are 0 and have no path; an inner node is not a leaf.
        assert_eq!(tree.path(62), None);
        assert_eq!(root_of_path(tier, 62, Fr::from(0), &tree.path(61).unwrap()), None);
        assert_eq!(root_of_path(tier, 0, tree.levels[1][0], &tree.path(0).unwrap()[1..]), None);
    }
}
