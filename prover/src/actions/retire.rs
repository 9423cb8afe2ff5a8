//! `ledger retire`: a dataset takes part no more, from an epoch on. What it earned stays claimable.

use apportion_statement::files::{Document, FORMAT_VERSION, RetirementDoc};

use crate::{
    error::Error,
    ledger::{
        Ledger,
        files::{self, Access},
    },
};

/// Retires a dataset from an epoch on.
///
/// # Errors
/// If it is retired already, or the epoch is proven, or comes before the dataset's first.
pub fn retire(ledger: &Ledger, dataset: u32, from_epoch: u32) -> Result<RetirementDoc, Error> {
    let enrolled = ledger.dataset(dataset)?;
    if let Some(retirement) = &enrolled.retirement {
        return Err(Error::usage(format!(
            "dataset {dataset} is retired from epoch {} on already: `apportion ledger undo retirement` takes that back",
            retirement.from_epoch
        )));
    }
    let next = ledger.next_epoch();
    if from_epoch < next {
        return Err(Error::usage(format!(
            "epoch {from_epoch} is proven: a dataset retires from epoch {next} on, or later"
        )));
    }
    if from_epoch <= enrolled.enrolment.first_epoch {
        return Err(Error::usage(format!(
            "dataset {dataset} takes part from epoch {} on: `apportion ledger undo enrolment` takes the enrolment back",
            enrolled.enrolment.first_epoch
        )));
    }
    let doc = RetirementDoc {
        version: FORMAT_VERSION,
        model_id: ledger.bundle.ledger.model_id,
        dataset,
        from_epoch,
    };
    files::write_atomic(&enrolled.dataset.dir.retirement(), &doc.to_json(), Access::Public)?;
    Ok(doc)
}
