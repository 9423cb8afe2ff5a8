//! How many records a segment has at most, and that a longer one keeps them: paths beside empty subtrees.
//!
//! A segment's records stand in its first slots; every slot behind them is empty, and so is every subtree that holds
//! none. The empty subtree of height l has one root, E_l, but for the one at the right edge, whose last two leaves are
//! the reserved ones: R_l. So the path of the first empty slot needs its left siblings only:
//!
//! - a **count path** shows that a root is that of a tree whose slots from n on are empty;
//! - an **extension path** shows two roots: of such a tree, and of one that has the same leaves in the slots before n
//!   and a new one in slot n. Both are computed from the same left siblings, which cover the slots 0 .. n - 1 and no
//!   other.
//!
//! Siblings are listed level by level from the leaves up, from left to right within a level.

use super::{ARITY, Tree, node};
use crate::{field::SuiteField, types::Tier};

/// The roots of a tier's empty subtrees, by level: level 0 are the leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmptySubtrees<F> {
    tier: Tier,
    inner: Vec<F>,
    edge: Vec<F>,
}

/// What shows two roots: of a segment before and after it was extended from slot n on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionPath<F> {
    /// Left siblings of slot n: the same in both trees.
    pub left: Vec<F>,
    /// The leaf in slot n after the extension; before it, the slot was empty.
    pub leaf: F,
    /// Right siblings of slot n after the extension, reserved leaves included; before it, they were empty.
    pub right: Vec<F>,
}

/// Where an extension path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionRoots<F> {
    /// The root before: slots from n on are empty.
    pub old: F,
    /// The root after.
    pub new: F,
}

/// The place under its node of the subtree at `level` that holds slot `n`, and the number of that node's first child.
fn place(level: usize, n: usize) -> (usize, usize) {
    let index = n >> (2 * level);
    (index % ARITY, index - index % ARITY)
}

/// The root over slot `n`: `left` gives all left siblings and no more, `right` those behind by level and number.
fn climb<F: SuiteField>(
    tier: Tier,
    n: usize,
    leaf: F,
    left: &[F],
    mut right: impl FnMut(usize, usize) -> Option<F>,
) -> Option<F> {
    let mut left = left.iter();
    let mut value = leaf;
    for level in 0..tier.depth() as usize {
        let (place, first) = place(level, n);
        let mut children = [value; ARITY];
        for child in &mut children[..place] {
            *child = *left.next()?;
        }
        for (i, child) in children.iter_mut().enumerate().skip(place + 1) {
            *child = right(level, first + i)?;
        }
        value = node(children);
    }
    left.next().is_none().then_some(value)
}

impl<F: SuiteField> EmptySubtrees<F> {
    /// The empty subtrees where an empty slot has this leaf; the reserved leaves are 0.
    pub fn new(tier: Tier, empty_leaf: F) -> Self {
        let (mut inner, mut edge) = (vec![empty_leaf], vec![F::ZERO]);
        for level in 0..tier.depth() as usize {
            let (e, r) = (inner[level], edge[level]);
            // Two leaves are reserved, but one subtree of every higher level holds them.
            edge.push(node(if level == 0 { [e, e, r, r] } else { [e, e, e, r] }));
            inner.push(node([e; ARITY]));
        }
        // The whole tree has reserved leaves.
        inner.pop();
        Self { tier, inner, edge }
    }

    /// E_0 .. E_(m-1): E_l is the root of an empty subtree of height l without reserved leaves, E_0 the leaf of an
    /// empty slot.
    pub fn inner(&self) -> &[F] {
        &self.inner
    }

    /// R_0 .. R_m: R_l is the root of the empty subtree of height l at the right edge. R_0 is a reserved leaf, 0; R_m
    /// is the root of a segment without records.
    pub fn edge(&self) -> &[F] {
        &self.edge
    }

    /// The empty subtree with this number at a level.
    fn at(&self, level: usize, index: usize) -> F {
        let last = if level == 0 { self.tier.accounts() } else { (self.tier.slots() >> (2 * level)) - 1 };
        if index < last { self.inner[level] } else { self.edge[level] }
    }

    /// The root of the tree whose slots from `n` on are empty and which has these left siblings: a count path.
    ///
    /// `n` is at most `C - 2`, the first reserved slot, which stands for a full segment. `None` where it is more, and
    /// where there are more or fewer left siblings than slot `n` has.
    pub fn count_root(&self, n: usize, left: &[F]) -> Option<F> {
        if n > self.tier.accounts() {
            return None;
        }
        climb(self.tier, n, self.at(0, n), left, |level, index| Some(self.at(level, index)))
    }

    /// The roots before and after slot `n`, which was the first empty one, got a leaf.
    ///
    /// `None` where `n` is a reserved slot or beyond (a full segment is not extended), and where there are more or
    /// fewer siblings than slot `n` has.
    pub fn extension_roots(&self, n: usize, path: &ExtensionPath<F>) -> Option<ExtensionRoots<F>> {
        if n >= self.tier.accounts() {
            return None;
        }
        let mut right = path.right.iter();
        let new = climb(self.tier, n, path.leaf, &path.left, |_, _| right.next().copied())?;
        if right.next().is_some() {
            return None;
        }
        Some(ExtensionRoots { old: self.count_root(n, &path.left)?, new })
    }
}

impl<F: SuiteField> Tree<F> {
    /// The count path of slot `n`: its left siblings. `None` where `n` is beyond the first reserved slot.
    pub fn count_path(&self, n: usize) -> Option<Vec<F>> {
        (n <= self.accounts()).then(|| self.siblings(n, |place| 0..place))
    }

    /// The extension path of slot `n`, this being the tree after the extension. `None` where `n` is a reserved slot or
    /// beyond.
    pub fn extension_path(&self, n: usize) -> Option<ExtensionPath<F>> {
        (n < self.accounts()).then(|| ExtensionPath {
            left: self.siblings(n, |place| 0..place),
            leaf: self.leaves()[n],
            right: self.siblings(n, |place| place + 1..ARITY),
        })
    }

    /// The siblings of slot `n` in some places, by its own place, at every level.
    fn siblings(&self, n: usize, places: impl Fn(usize) -> std::ops::Range<usize>) -> Vec<F> {
        let below_root = self.levels[..self.levels.len() - 1].iter().enumerate();
        below_root
            .flat_map(|(level, nodes)| {
                let (place, first) = place(level, n);
                places(place).map(move |i| nodes[first + i])
            })
            .collect()
    }
}
