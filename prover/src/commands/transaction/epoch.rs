//! An epoch: deposits, scores, its close, its moves.

use std::path::PathBuf;

use apportion::{Error, actions::scores::SCORES_FILE};
use apportion_chain::{
    ReadChain,
    calls::{self, PROOFS_A_CALL},
    preflight,
};
use apportion_circuits::types::Payee;
use apportion_statement::files::{Bundle, Document as _, ScoresDoc};
use clap::Args;

use super::{Batch, OfLedger, Sender, Verb, needs};

#[derive(Debug, Args)]
pub(crate) struct Deposit {
    #[command(flatten)]
    of: OfLedger,
    /// The epoch that it is for: the open one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
    /// How much, in the token's base units.
    #[arg(long, value_name = "AMOUNT", value_parser = super::super::amount)]
    amount: u128,
    /// Who you expect to score the epoch: with another one the contract refuses the money.
    #[arg(long, value_name = "ADDRESS")]
    attributor: Payee,
    /// The policy that you expect to split it; the one that the files name for the epoch without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    policy: Option<u32>,
    /// The model's token.
    #[arg(long, value_name = "ADDRESS")]
    token: Option<Payee>,
}

impl Verb for Deposit {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let own = &bundle.ledger;
        let named = || bundle.policy_in(self.epoch).map(|policy| policy.policy);
        let policy = self.policy.or_else(named).ok_or_else(|| Error::usage("the ledger has no policy"))?;
        calls::check_bound(own)?;
        let meant = preflight::Deposit {
            epoch: self.epoch,
            amount: self.amount,
            attributor: self.attributor,
            policy,
            token: self.token,
        };
        let on_chain = chain.map(|chain| preflight::deposit(own, &meant, chain)).transpose()?;
        let token = self.token.or(on_chain);
        let token = token.ok_or_else(|| needs("--token", "its approval goes with the deposit"))?;
        let calls = calls::deposit(own, token, self.epoch, self.amount, policy, self.attributor)?;
        Ok(Batch::of(own, calls).sent_by(Sender::Somebody("who pays")))
    }

    fn check(&self, batch: &Batch, from: Payee, chain: &mut dyn ReadChain) -> Result<(), Error> {
        // The approval goes to the token.
        let token = batch.calls.first().map(|approval| approval.to).unwrap_or_default();
        Ok(preflight::has_tokens(from, token, self.amount, chain)?)
    }
}

/// The scores of an epoch: of a directory of `scores commit`, or of a proven epoch.
fn scores(bundle: &Bundle, epoch: u32, dir: Option<&PathBuf>) -> Result<ScoresDoc, Error> {
    let proven = epoch.checked_sub(1).and_then(|at| bundle.epochs.get(at as usize));
    let doc = match (dir, proven) {
        (Some(dir), _) => {
            let path = if dir.is_file() { dir.clone() } else { dir.join(SCORES_FILE) };
            ScoresDoc::read(&path)?
        }
        (None, Some(proven)) => proven.scores.clone(),
        (None, None) => {
            return Err(Error::usage(format!(
                "say --scores: epoch {epoch} is not proven in these files, so its scores are not among them"
            )));
        }
    };
    if doc.epoch != epoch {
        return Err(Error::usage(format!(
            "these are the scores of epoch {}, not of epoch {epoch}",
            doc.epoch
        )));
    }
    Ok(doc)
}

#[derive(Debug, Args)]
pub(crate) struct CommitScores {
    #[command(flatten)]
    of: OfLedger,
    /// The directory that `scores commit` wrote, or its scores.json.
    #[arg(long, value_name = "DIR")]
    scores: PathBuf,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
}

impl Verb for CommitScores {
    fn batch(&self, _: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let scores = scores(&bundle, self.epoch, Some(&self.scores))?;
        let id_of = |number: u32| {
            bundle.datasets.get(number as usize).map(|enrolled| enrolled.dataset.doc.dataset_id)
        };
        scores.check_root(id_of)?;
        let sender = Sender::attributor(&bundle.ledger, self.epoch);
        Ok(Batch::of(&bundle.ledger, [calls::commit_scores(&bundle, &scores)?]).sent_by(sender))
    }
}

#[derive(Debug, Args)]
pub(crate) struct CloseEpoch {
    #[command(flatten)]
    of: OfLedger,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
    /// The scores that it is meant to close with: the directory that `scores commit` wrote, or its scores.json.
    #[arg(long, value_name = "DIR")]
    scores: Option<PathBuf>,
}

impl Verb for CloseEpoch {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let scores = scores(&bundle, self.epoch, self.scores.as_ref())?;
        // Anyone may later: it is the developer whose turn is first.
        let developer = chain.map(|chain| Sender::developer(&bundle.ledger).asked(chain)).transpose()?;
        let sender = match developer {
            Some(Sender::Only(_, developer)) => Sender::Usually(developer),
            _ => Sender::Anyone,
        };
        Ok(Batch::of(&bundle.ledger, [calls::close_epoch(&bundle.ledger, &scores)?]).sent_by(sender))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Settle {
    #[command(flatten)]
    of: OfLedger,
    /// The epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: u32,
    /// The most segments in one transaction.
    #[arg(long, value_name = "N", default_value_t = PROOFS_A_CALL, value_parser = super::super::batch)]
    batch: usize,
}

impl Verb for Settle {
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error> {
        let bundle = self.of.bundle()?;
        let calls = calls::settle(&bundle, self.epoch, self.batch)?;
        if let Some(chain) = chain
            && let Some(epoch) = bundle.epochs.get(self.epoch as usize - 1)
        {
            preflight::epoch(&bundle, epoch, chain)?;
        }
        Ok(Batch::of(&bundle.ledger, calls))
    }
}
