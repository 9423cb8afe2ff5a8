//! `ledger policy`: the next version of a model's policy, announced before its first epoch opens.

use apportion_statement::{
    Violation,
    files::{Document, FORMAT_VERSION, PolicyDoc},
    policy::Policy,
};

use crate::{
    error::Error,
    ledger::{
        Ledger,
        files::{self, Access},
    },
};

/// Announces a policy that splits the revenue of every epoch from `first_epoch` on. The next epoch counts as
/// open: its revenue may have begun to arrive under the old policy.
///
/// # Errors
/// If the policy is not well-formed, begins too early, or not after the one before it.
pub fn announce(ledger: &Ledger, terms: Policy, first_epoch: u32) -> Result<PolicyDoc, Error> {
    terms.check().map_err(Violation::from)?;
    let open = ledger.next_epoch();
    if first_epoch <= open {
        return Err(Error::usage(format!(
            "epoch {open} is open already: a policy is announced before its first epoch, {} or later",
            open.saturating_add(1)
        )));
    }
    let Some(last) = ledger.bundle.policies.last() else {
        return Err(Error::usage("the ledger has no policy"));
    };
    if first_epoch <= last.first_epoch {
        return Err(Error::usage(format!(
            "policy {} was announced for epoch {} and later: the next one begins after that, or take it back first \
             with `apportion ledger undo policy`",
            last.policy, last.first_epoch
        )));
    }
    if terms == last.terms {
        return Err(Error::usage(format!("that is what policy {} says already", last.policy)));
    }
    let doc = PolicyDoc {
        version: FORMAT_VERSION,
        model_id: ledger.bundle.ledger.model_id,
        policy: last.policy.saturating_add(1),
        first_epoch,
        terms,
    };
    files::write_atomic(&ledger.public.policy(doc.policy), &doc.to_json(), Access::Public)?;
    Ok(doc)
}
