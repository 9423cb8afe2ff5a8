//! `prove --rpc`: the epoch as the chain closed it.

use apportion_chain::{ChainError, ReadChain, calls::policy_of, preflight};
use apportion_statement::files::{LedgerDoc, ScoresDoc};

use crate::{error::Error, ledger::Ledger};

/// What is said where the epoch of a ledger on a chain is proven with a revenue that somebody typed in.
pub fn not_asked(ledger: &LedgerDoc, epoch: u32) -> Option<String> {
    let LedgerDoc { contract, chain_id, .. } = ledger;
    (!contract.is_zero()).then(|| {
        format!(
            "the ledger is bound to {contract} on chain {chain_id}, and this revenue is typed in: where revenue, scores or policy of \
             epoch {epoch} are others on the chain, this proof settles nothing there. Close the epoch first (`apportion send \
             closeEpoch`), and prove it with --rpc URL, which takes them from the chain; `apportion ledger undo epoch` takes this \
             one back"
        )
    })
}

/// The revenue with which the chain closed an epoch. A proof takes what the chain has: these scores, this policy, and
/// what the epoch before left.
///
/// # Errors
/// If the epoch is not closed, or anything that the files say, or that was typed in, is another on the chain.
pub fn revenue(
    ledger: &Ledger,
    epoch: u32,
    scores: &ScoresDoc,
    typed: Option<u128>,
    chain: &mut dyn ReadChain,
) -> Result<u128, Error> {
    apportion_chain::calls::check_bound(&ledger.bundle.ledger)?;
    let found = chain.chain_id().map_err(ChainError::from)?;
    let expected = ledger.bundle.ledger.chain_id;
    if found != expected {
        return Err(Error::Mismatch(format!(
            "the node is on chain {found}, the ledger is for chain {expected}"
        )));
    }
    let closed = preflight::closed_epoch(&ledger.bundle, epoch, chain)?;
    let mut differs = Vec::new();
    if let Some(typed) = typed
        && typed != closed.revenue
    {
        differs.push(format!("revenue: given {typed}, chain {}", closed.revenue));
    }
    if ledger.carried() != closed.carried {
        differs.push(format!("carried: files {}, chain {}", ledger.carried(), closed.carried));
    }
    if scores.root != closed.score_root {
        differs.push(format!(
            "score root: files {}, chain {} (commitment {})",
            scores.root, closed.score_root, closed.attempt
        ));
    }
    let policy = ledger.bundle.policy_in(epoch).map(|policy| policy_of(&policy.terms)).transpose()?;
    if policy.as_ref() != Some(&closed.policy) {
        differs.push("policy: the chain splits the epoch by other terms".to_owned());
    }
    if differs.is_empty() {
        return Ok(closed.revenue);
    }
    let text = format!("epoch {epoch} is another on the chain: {}", differs.join("; "));
    Err(ChainError::refused(text).into())
}
