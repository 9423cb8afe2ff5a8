//! V4: what an attributor posts for an epoch: one Keccak-256 root over the segments with a positive score sum.
//!
//! The tree is positional: leaf j of `count` stands at position j of a tree whose depth is `ceil(log2(count))`;
//! positions from `count` on hold zero. Leaves and nodes have domains of their own, so neither can stand for the other.

use apportion_circuits::types::Word;

use crate::{Commitment, context::Words};

const LEAF_DOMAIN: &str = "apportion.score.v1";
const NODE_DOMAIN: &str = "apportion.score-node.v1";

/// One segment's score sum and commitment, as a leaf has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreLeaf<'a> {
    /// The dataset's id.
    pub dataset: Word,
    /// The segment, from 0.
    pub segment: u32,
    /// The dataset's revision whose number of records the segment moves with.
    pub revision: u32,
    /// The sum of the segment's scores.
    pub score: u128,
    /// Commitment to the score column.
    pub commitment: &'a Commitment,
}

impl ScoreLeaf<'_> {
    /// `keccak256(abi.encode(domain, dataset id, segment, revision, score sum) . commitment)`; a commitment is one word
    /// on pasta and two on bn254.
    pub fn hash(&self) -> Word {
        Words::of(LEAF_DOMAIN)
            .word(self.dataset)
            .number(self.segment)
            .number(self.revision)
            .number(self.score)
            .bytes(&self.commitment.0)
            .keccak256()
    }
}

/// The depth of the tree over that many leaves.
pub fn depth(count: usize) -> u32 {
    count.max(1).next_power_of_two().trailing_zeros()
}

/// The tree over an epoch's leaves.
#[derive(Clone, Debug)]
pub struct ScoreTree {
    /// From the leaves up.
    levels: Vec<Vec<Word>>,
}

impl ScoreTree {
    /// The tree over these leaves.
    pub fn of(leaves: &[Word]) -> Self {
        let mut levels = vec![leaves.to_vec()];
        for level in 0..depth(leaves.len()) as usize {
            let pairs = levels[level].chunks(2);
            let above = pairs.map(|pair| node(pair[0], pair.get(1).copied().unwrap_or_default())).collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// The root; zero where there is no leaf.
    pub fn root(&self) -> Word {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_default()
    }

    /// The siblings from leaf `position` up; `None` where there is no such leaf.
    pub fn path(&self, position: usize) -> Option<Vec<Word>> {
        let (top, below) = self.levels.split_last()?;
        let leaves = below.first().unwrap_or(top);
        let sibling = |(height, level): (usize, &Vec<Word>)| {
            level.get((position >> height) ^ 1).copied().unwrap_or_default()
        };
        (position < leaves.len()).then(|| below.iter().enumerate().map(sibling).collect())
    }
}

/// Whether a leaf stands at a position of the tree of `count` leaves with this root.
pub fn verify(root: Word, count: usize, position: usize, leaf: Word, path: &[Word]) -> bool {
    if position >= count || path.len() != depth(count) as usize {
        return false;
    }
    let mut at = position;
    let reached = path.iter().fold(leaf, |below, sibling| {
        let above = if at.is_multiple_of(2) { node(below, *sibling) } else { node(*sibling, below) };
        at /= 2;
        above
    });
    reached == root
}

/// The hash of two children; two positions beyond the last leaf are zero, not hashed.
fn node(left: Word, right: Word) -> Word {
    Words::of(NODE_DOMAIN).word(left).word(right).keccak256()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_stands_at_its_position_only() {
        for count in 1..10usize {
            let leaves: Vec<_> = (0..count).map(|i| Word([i as u8 + 1; 32])).collect();
            let tree = ScoreTree::of(&leaves);
            let root = tree.root();
            for (position, leaf) in leaves.iter().enumerate() {
                let path = tree.path(position).unwrap();
                assert!(verify(root, count, position, *leaf, &path));
                assert!(!verify(root, count + 8, position, *leaf, &path));
                for other in (0..16).filter(|other| *other != position) {
                    assert!(!verify(root, count, other, *leaf, &path));
                }
                let mut long = path.clone();
                long.push(Word::default());
                assert!(!verify(root, count, position, *leaf, &long));
            }
            assert_eq!(tree.path(count), None);
        }
        assert_eq!(ScoreTree::of(&[]).root(), Word::default());
        assert_eq!(ScoreTree::of(&[]).path(0), None);
    }

    #[test]
    fn every_part_of_a_leaf_counts() {
        let (a, b) = (Commitment(vec![1; 64]), Commitment(vec![2; 64]));
        let leaf = ScoreLeaf { dataset: Word([1; 32]), segment: 1, revision: 2, score: 3, commitment: &a };
        let others = [
            ScoreLeaf { dataset: Word([2; 32]), ..leaf.clone() },
            ScoreLeaf { segment: 2, ..leaf.clone() },
            ScoreLeaf { revision: 1, ..leaf.clone() },
            ScoreLeaf { score: 4, ..leaf.clone() },
            ScoreLeaf { commitment: &b, ..leaf.clone() },
        ];
        assert!(others.iter().all(|other| other.hash() != leaf.hash()));
    }
}
