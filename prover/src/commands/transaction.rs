//! The transactions of a model's life, each made of the files that the commands before it wrote: to be printed
//! (`export calldata`) or sent (`send`).

mod claim;
mod close_epoch;
mod commit_scores;
mod create_model;
mod deposit;
mod enroll;
mod publish;
mod register;
mod settle;
mod withdraw;

use apportion::{Error, progress::Progress};
#[cfg(feature = "rpc")]
use apportion_circuits::types::Payee;
#[cfg(feature = "rpc")]
use apportion_verifier::chain::ReadChain;
use apportion_verifier::chain::{Call, Source};
use clap::{Args, Subcommand};

/// The transactions, in the order of a model's life; `D` is what is done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Transaction<D: Args> {
    /// Dataset owner: register a dataset.
    Register(Of<register::Register, D>),
    /// Developer: create the model.
    #[command(name = "createModel", alias = "create-model")]
    CreateModel(Of<create_model::CreateModel, D>),
    /// Developer: enrol a dataset, one transaction per segment.
    Enroll(Of<enroll::Enroll, D>),
    /// Attributor: commit the scores of an epoch.
    #[command(name = "commitScores", alias = "commit-scores")]
    CommitScores(Of<commit_scores::CommitScores, D>),
    /// Anyone: bring revenue.
    Deposit(Of<deposit::Deposit, D>),
    /// Developer: freeze an epoch's revenue.
    #[command(name = "closeEpoch", alias = "close-epoch")]
    CloseEpoch(Of<close_epoch::CloseEpoch, D>),
    /// Developer: settle a proven epoch, one transaction per segment.
    Settle(Of<settle::Settle, D>),
    /// Developer: publish proven account roots, one transaction per segment.
    Publish(Of<publish::Publish, D>),
    /// Anyone: pay an account what it has earned, by its receipt.
    Claim(Of<claim::Claim, D>),
    /// Anyone: pay a beneficiary its shares.
    Withdraw(Of<withdraw::Withdraw, D>),
}

/// A transaction, and what is done with it.
#[derive(Debug, Args)]
pub(crate) struct Of<V: Args, D: Args> {
    #[command(flatten)]
    verb: V,
    #[command(flatten)]
    deliver: D,
}

/// Transactions that belong together.
#[cfg_attr(not(feature = "rpc"), allow(dead_code, reason = "read by what is not built"))]
pub(super) struct Batch {
    /// The chain that they are for.
    pub(super) chain_id: u64,
    /// Which renewal an enrolment is.
    pub(super) renewal: u32,
    /// The calls, in order.
    pub(super) calls: Vec<Call>,
}

impl Batch {
    fn of(source: &Source, calls: Vec<Call>) -> Self {
        Self { chain_id: source.ledger().chain_id, renewal: 0, calls }
    }
}

/// A transaction that can be made of files.
pub(super) trait Verb {
    /// The calls, in order.
    fn batch(&self, progress: &dyn Progress) -> Result<Batch, Error>;

    /// The calls as this account sends them to this chain.
    #[cfg(feature = "rpc")]
    fn batch_on(
        &self,
        _from: Payee,
        _chain: &mut dyn ReadChain,
        progress: &dyn Progress,
    ) -> Result<Batch, Error> {
        self.batch(progress)
    }
}

impl<D: Args> Transaction<D> {
    /// What to do, and what to do with it.
    pub(super) fn parts(&self) -> (&dyn Verb, &D) {
        match self {
            Self::Register(of) => (&of.verb, &of.deliver),
            Self::CreateModel(of) => (&of.verb, &of.deliver),
            Self::Enroll(of) => (&of.verb, &of.deliver),
            Self::CommitScores(of) => (&of.verb, &of.deliver),
            Self::Deposit(of) => (&of.verb, &of.deliver),
            Self::CloseEpoch(of) => (&of.verb, &of.deliver),
            Self::Settle(of) => (&of.verb, &of.deliver),
            Self::Publish(of) => (&of.verb, &of.deliver),
            Self::Claim(of) => (&of.verb, &of.deliver),
            Self::Withdraw(of) => (&of.verb, &of.deliver),
        }
    }
}
