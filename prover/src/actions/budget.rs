//! V8: whether masks still hide their columns after one more proof.

use apportion_circuits::{field::SuiteField, relation::Relation, split::Split, tree::Tree};
use apportion_statement::OpeningBudget;
use apportion_suite::Commitment;

use crate::{
    error::Error,
    ledger::{Points, State},
    prove::points,
};

/// The openings of a ledger's linked columns.
pub(super) struct Openings {
    budget: OpeningBudget,
    points: Points,
}

impl Openings {
    /// Counts the openings so far.
    pub(super) fn of<F: SuiteField>(state: &State) -> Result<Self, Error> {
        let tier = state.ledger.tier;
        let tree = points::<F>(&<Tree as Relation<F>>::layout(tier));
        let split = points::<F>(&<Split as Relation<F>>::layout(tier));
        let at = |points: &[usize], column: usize| points.get(column).copied().unwrap_or(usize::MAX);
        let points = Points {
            tree: [at(&tree, 0), at(&tree, 1)],
            split: [at(&split, 0), at(&split, 1), at(&split, 2)],
        };
        Ok(Self { budget: state.budget(&points)?, points })
    }

    /// Counts an epoch's proof of a segment.
    pub(super) fn open_split(
        &mut self,
        old: Option<&Commitment>,
        score: Option<&Commitment>,
    ) -> Result<(), Error> {
        if let Some(old) = old {
            self.budget.open(old, self.points.split[0])?;
        }
        if let Some(score) = score {
            self.budget.open(score, self.points.split[2])?;
        }
        Ok(())
    }

    /// Counts a publication's proof of a segment, and the opening that the next epoch will need.
    pub(super) fn open_publication(
        &mut self,
        dataset: u32,
        payees: &Commitment,
        balance: &Commitment,
    ) -> Result<(), Error> {
        self.budget.open(payees, self.points.tree[0]).map_err(|violation| {
            Error::Usage(format!(
                "{violation}: enroll dataset {dataset} again, which renews its payee columns"
            ))
        })?;
        let publish = self.budget.open(balance, self.points.tree[1]);
        // The next epoch opens the column once more, as its Old: without that the ledger could never move on.
        publish.and_then(|()| self.budget.open(balance, self.points.split[0])).map_err(|violation| {
            Error::Usage(format!("{violation}: prove the next epoch first, which makes new balance columns"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publications_leave_the_next_epoch_its_opening() {
        let columns = |n: u8| Commitment(vec![n; 32]);
        let (balance, score) = (columns(1), columns(2));
        let points = Points { tree: [1, 1], split: [1, 1, 1] };
        let mut published = OpeningBudget::default();
        // The epoch that made the column opened it too.
        published.open(&balance, points.split[1]).unwrap();
        let openings = |budget: &OpeningBudget| Openings { budget: budget.clone(), points };
        let mut publications = 0;
        while openings(&published).open_publication(0, &columns(3 + publications), &balance).is_ok() {
            published.open(&balance, points.tree[1]).unwrap();
            publications += 1;
        }
        assert_eq!(publications, 98);
        openings(&published).open_split(Some(&balance), Some(&score)).unwrap();
    }
}
