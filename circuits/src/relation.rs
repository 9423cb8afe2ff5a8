//! Which relations there are, what each offers, and why a native check refuses.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    field::SuiteField,
    plonkish::{Layout, PublicInput, Table},
    split, tree,
    types::Tier,
};

/// One of the two relations, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationId {
    /// A Merkle root over linked columns: what a dataset is enrolled with.
    Tree,
    /// One payout epoch of one segment.
    Split,
}

impl RelationId {
    /// Both relations.
    pub const ALL: [RelationId; 2] = [RelationId::Tree, RelationId::Split];

    /// The name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            RelationId::Tree => "tree",
            RelationId::Split => "split",
        }
    }

    /// The public inputs, in order: their number (V1) is the length.
    pub const fn public_inputs(self) -> &'static [PublicInput] {
        match self {
            RelationId::Tree => &tree::PUBLIC,
            RelationId::Split => &split::PUBLIC,
        }
    }
}

impl fmt::Display for RelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RelationId {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|relation| relation.name() == s)
            .ok_or_else(|| format!("unknown relation '{s}': expected tree or split"))
    }
}

/// A relation at some tier: a native check and a table, which accept the same instances and witnesses.
pub trait Relation<F: SuiteField> {
    /// What is public.
    type Instance;
    /// What is private. Linked columns are part of it.
    type Witness;

    /// Which relation it is.
    const ID: RelationId;

    /// The table's description.
    fn layout(tier: Tier) -> Layout<F>;

    /// The public inputs, in the order of `RelationId::public_inputs`.
    fn public_inputs(instance: &Self::Instance) -> Vec<F>;

    /// Checks every clause natively.
    fn check(tier: Tier, instance: &Self::Instance, witness: &Self::Witness) -> Result<(), Violation>;

    /// Fills a table of the relation's own layout, in parallel. Given anything that `check` refuses, the result does not satisfy its layout
    /// (or cannot be filled, and then violates it in the cells that are left zero); it never panics.
    fn assign(layout: &Layout<F>, instance: &Self::Instance, witness: &Self::Witness) -> Table<F>;
}

/// The clause of the statement that does not hold. Slots are named, values are not: they are secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The witness has not one value per slot.
    #[error("the witness has not the size of its segment")]
    Size,
    /// T1: there is no leaf for every account.
    #[error("T1: the number of private leaf values is not the number of accounts")]
    T1,
    /// T2: the root is not the tree's.
    #[error("T2: the root is not that of the leaves")]
    T2,
    /// S1: a segment's first epoch starts from balances of zero.
    #[error("S1: slot {slot}: a first epoch starts from a balance other than 0")]
    S1 {
        /// The slot.
        slot: usize,
    },
    /// S2: scores are 64-bit integers.
    #[error("S2: slot {slot}: the score is not below 2^64")]
    S2 {
        /// The slot.
        slot: usize,
    },
    /// S3: no quotient below 2^128 with a remainder below the total exists.
    #[error("S3: slot {slot}: no payout below 2^128 divides the pool by the total score")]
    S3 {
        /// The slot.
        slot: usize,
    },
    /// S4: the new balance is not the old one plus the payout.
    #[error("S4: slot {slot}: the balance does not grow by exactly the payout")]
    S4 {
        /// The slot.
        slot: usize,
    },
    /// S5: the segment's scores do not sum to the public sum.
    #[error("S5: the scores do not sum to the segment's score")]
    S5,
    /// S6: the segment's payouts do not sum to the public sum.
    #[error("S6: the payouts do not sum to what the segment is paid")]
    S6,
    /// S7: the segment has fewer accounts than records are claimed.
    #[error("S7: more records than the segment has accounts")]
    Records,
    /// S7: a slot without a record has a score.
    #[error("S7: slot {slot}: an empty slot has a score")]
    S7 {
        /// The slot.
        slot: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_has_one_name_everywhere() {
        for relation in RelationId::ALL {
            assert_eq!(relation.to_string(), relation.name());
            assert_eq!(relation.name().parse(), Ok(relation));
            let json = serde_json::to_string(&relation).unwrap();
            assert_eq!(json, format!("\"{relation}\""));
            assert_eq!(serde_json::from_str::<RelationId>(&json).unwrap(), relation);
        }
        assert!("Tree".parse::<RelationId>().is_err());
    }
}
