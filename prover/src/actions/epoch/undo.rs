//! What to do where a contract did not settle an epoch that was proven: take it back, or record that it was given up.

use apportion_statement::files::EpochDoc;

use super::{Plan, carry};
use crate::{
    actions::scores::Posted,
    error::Error,
    ledger::{Ledger, files},
};

/// Takes the newest epoch back: its files move from `public/` to `private/undone/`, and the balances before it are
/// the current ones again. The proofs may be known to others, so their openings still count (V8). The openings of
/// its new balances are kept beside its files: should the contract have settled it after all, nothing is lost.
///
/// # Errors
/// If the ledger is bound to no contract, the epoch is not the newest, merely carried, or published, or the balances
/// that it began from are gone.
pub fn undo(ledger: &Ledger, epoch: u32) -> Result<(), Error> {
    bound(ledger, "an epoch is final when it is proven")?;
    let state = &ledger.state;
    let Some(doc) = state.epochs.last().filter(|doc| doc.epoch == epoch) else {
        let last = state.history.last_epoch();
        return Err(Error::usage(format!("only the newest epoch can be taken back, that is epoch {last}")));
    };
    if !doc.carried_only {
        if let Some(shown) = state.publications.iter().find(|publication| publication.epoch == epoch) {
            let number = shown.publication;
            return Err(Error::usage(format!("publication {number} shows the balances of epoch {epoch}")));
        }
        let before = state.settled_before_last();
        if let Some(before) = before.filter(|before| !ledger.private.balances(*before).root().exists()) {
            return Err(Error::usage(format!("the balances of epoch {before} are not kept any more")));
        }
    }
    let place = (1..).map(|n: u32| ledger.private.undone().join(n.to_string())).find(|place| !place.exists());
    let Some(place) = place else { return Err(Error::usage("too many epochs were taken back")) };
    let balances = ledger.private.balances(epoch);
    if balances.root().exists() {
        // Copied before the step that commits: an interruption leaves a copy too many, never one too few.
        let kept = place.with_extension("balances");
        files::create_private_dir(&kept)?;
        files::copy_secrets(balances.root(), &kept)?;
    }
    files::create_private_dir(&ledger.private.undone())?;
    files::commit(&ledger.public.epoch(epoch), &place)?;
    files::remove_dir(balances.root())?;
    Ok(())
}

/// Records that the contract gave the next epoch up after its deadline: its pool is carried, nobody is paid.
///
/// # Errors
/// If the ledger is bound to no contract, the epoch is not the next one, or its total score is 0.
pub fn abandon(ledger: &Ledger, epoch: u32, posted: &Posted, revenue: u128) -> Result<EpochDoc, Error> {
    bound(ledger, "nobody gives its epochs up")?;
    let plan = Plan::new(&ledger.state, epoch, revenue, posted.doc.total_score.0)?;
    if plan.total_score == 0 {
        return Err(Error::usage("an epoch with a total score of 0 is carried: `apportion prove` does that"));
    }
    carry(ledger, &plan, posted, true)
}

fn bound(ledger: &Ledger, why: &str) -> Result<(), Error> {
    if ledger.state.ledger.contract.is_zero() {
        return Err(Error::usage(format!("the ledger is bound to no contract: {why}")));
    }
    Ok(())
}
