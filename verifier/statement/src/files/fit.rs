//! Values of a document that must fit together.

use super::{
    DatasetDoc, EnrolmentDoc, EpochDoc, LeavesDoc, LedgerDoc, PublicationDoc, ReceiptDoc, ScoresDoc,
};
use crate::Relation;
use crate::policy::is_name;

/// What types alone do not say.
pub(super) trait Fit {
    fn fit(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Fit for DatasetDoc {}
impl Fit for EnrolmentDoc {}
impl Fit for ScoresDoc {}
impl Fit for PublicationDoc {}
impl Fit for ReceiptDoc {}

impl Fit for LedgerDoc {
    fn fit(&self) -> Result<(), String> {
        if !is_name(&self.model) {
            return Err("the model's name is empty, too long or not printable".into());
        }
        if !is_name(&self.setup.provenance) {
            return Err("the setup's provenance is empty, too long or not printable".into());
        }
        for relation in Relation::ALL {
            let listed =
                self.keys.iter().filter(|key| key.relation == relation && key.tier == self.tier).count();
            if listed != 1 {
                return Err(format!(
                    "{listed} keys of {}-{} where 1 is expected",
                    relation.name(),
                    self.tier
                ));
            }
        }
        if self.keys.len() != Relation::ALL.len() {
            return Err(format!("{} keys where {} are expected", self.keys.len(), Relation::ALL.len()));
        }
        Ok(())
    }
}

impl Fit for EpochDoc {
    fn fit(&self) -> Result<(), String> {
        if self.carried_only != (self.total_score.0 == 0 || self.abandoned) {
            return Err(
                "carried_only must be true exactly where total_score is 0 or the epoch is abandoned".into()
            );
        }
        if self.abandoned && self.total_score.0 == 0 {
            return Err("an epoch without scores is carried, there is nothing to abandon".into());
        }
        if self.carried_only != self.segments.is_empty() {
            return Err("a carried epoch has no segments, any other has some".into());
        }
        if self.scores.is_none() && !self.carried_only {
            return Err("an epoch that is not carried must name its scores.json".into());
        }
        Ok(())
    }
}

impl Fit for LeavesDoc {
    fn fit(&self) -> Result<(), String> {
        let (found, expected) = (self.leaves.len(), self.tier.accounts());
        if found == expected { Ok(()) } else { Err(format!("{found} leaves where {expected} are expected")) }
    }
}
