//! The transactions of a dataset's and a model's life, each made of the files that the commands before it wrote: to be
//! printed (`export calldata`, `export safe`) or sent (`send`).

mod epoch;
mod model;
mod payout;
mod registry;
mod stall;

use std::path::Path;

use apportion::Error;
use apportion_chain::{Call, ChainError, ReadChain};
use apportion_circuits::types::Payee;
use apportion_statement::files::{Bundle, LedgerDoc, PublicDir};
use clap::{Args, Subcommand};

/// The transactions, in the order of a life; `D` is what is done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Transaction<D: Args> {
    /// Dataset owner: register a dataset.
    Register(Of<registry::Register, D>),
    /// Dataset owner: register later revisions.
    Extend(Of<registry::Extend, D>),
    /// Dataset owner: prove payee columns, once for all models.
    #[command(name = "provePayees", alias = "prove-payees")]
    ProvePayees(Of<registry::ProvePayees, D>),
    /// Dataset owner: offer the dataset to another owner.
    #[command(name = "offerOwnership", alias = "offer-ownership")]
    OfferOwnership(Of<registry::OfferOwnership, D>),
    /// New dataset owner: take it.
    #[command(name = "acceptOwnership", alias = "accept-ownership")]
    AcceptOwnership(Of<registry::AcceptOwnership, D>),
    /// Developer: create the model.
    #[command(name = "createModel", alias = "create-model")]
    CreateModel(Box<Of<model::CreateModel, D>>),
    /// Developer: take datasets, or younger revisions of them, into the model.
    Enroll(Of<model::Enroll, D>),
    /// Developer: open the first epoch. What is enrolled by then fixes its least pool, and nobody pays before.
    Open(Of<model::Open, D>),
    /// Developer: announce the next policy.
    #[command(name = "announcePolicy", alias = "announce-policy")]
    AnnouncePolicy(Of<model::AnnouncePolicy, D>),
    /// Developer: announce another attributor.
    #[command(name = "announceAttributor", alias = "announce-attributor")]
    AnnounceAttributor(Of<model::AnnounceAttributor, D>),
    /// Developer: announce that a dataset retires.
    #[command(name = "announceRetirement", alias = "announce-retirement")]
    AnnounceRetirement(Of<model::AnnounceRetirement, D>),
    /// Developer: put the announced attributor in charge of an epoch that got no scores.
    #[command(name = "replaceAttributor", alias = "replace-attributor")]
    ReplaceAttributor(Of<model::ReplaceAttributor, D>),
    /// Developer: offer the role to another account.
    #[command(name = "offerDeveloper", alias = "offer-developer")]
    OfferDeveloper(Of<model::OfferDeveloper, D>),
    /// New developer: take the role.
    #[command(name = "acceptDeveloper", alias = "accept-developer")]
    AcceptDeveloper(Of<model::AcceptDeveloper, D>),
    /// Attributor: offer the role to another account.
    #[command(name = "offerAttributor", alias = "offer-attributor")]
    OfferAttributor(Of<model::OfferAttributor, D>),
    /// New attributor: take the role.
    #[command(name = "acceptAttributor", alias = "accept-attributor")]
    AcceptAttributor(Of<model::AcceptAttributor, D>),
    /// Anyone: bring revenue, the token's approval before it.
    Deposit(Of<epoch::Deposit, D>),
    /// Attributor: commit the scores of an epoch.
    #[command(name = "commitScores", alias = "commit-scores")]
    CommitScores(Of<epoch::CommitScores, D>),
    /// Developer, later anyone: freeze an epoch's revenue.
    #[command(name = "closeEpoch", alias = "close-epoch")]
    CloseEpoch(Of<epoch::CloseEpoch, D>),
    /// Anyone: settle a proven epoch, many segments in a transaction.
    Settle(Of<epoch::Settle, D>),
    /// Anyone: pay accounts what they earned, by their receipts; many in a transaction.
    Claim(Of<payout::Claim, D>),
    /// A payee: say where its money goes.
    #[command(name = "setRecipient", alias = "set-recipient")]
    SetRecipient(Of<payout::SetRecipient, D>),
    /// Anyone: pay a beneficiary its shares of final epochs.
    #[command(name = "withdrawShare", alias = "withdraw-share")]
    WithdrawShare(Of<payout::WithdrawShare, D>),
    /// Anyone: pay what could not be transferred before.
    Withdraw(Of<payout::Withdraw, D>),
    /// Anyone: demand the opening of a record's slot, for a bond.
    Demand(Of<stall::Demand, D>),
    /// Anyone: answer demands by receipts, and get their bonds.
    Answer(Of<stall::Answer, D>),
    /// Anyone: return the bond of a demand that nobody answered to its sender.
    #[command(name = "returnBond", alias = "return-bond")]
    ReturnBond(Of<stall::ReturnBond, D>),
    /// Anyone: end a model that stalled.
    Dissolve(Of<stall::Dissolve, D>),
    /// Anyone: pay records of a dissolved model their parts.
    Exit(Of<stall::Exit, D>),
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
pub(super) struct Batch {
    /// The chain that they are for.
    pub(super) chain_id: u64,
    /// The account that must send them, where it is known.
    pub(super) sender: Option<(&'static str, Payee)>,
    /// The calls, in order.
    pub(super) calls: Vec<Call>,
}

impl Batch {
    fn of(ledger: &LedgerDoc, calls: impl Into<Vec<Call>>) -> Self {
        Self { chain_id: ledger.chain_id, sender: None, calls: calls.into() }
    }

    fn by_developer(ledger: &LedgerDoc, calls: impl Into<Vec<Call>>) -> Self {
        Self { sender: Some(("the developer", ledger.developer)), ..Self::of(ledger, calls) }
    }
}

/// A transaction that can be made of files; a chain, where one is there, fills in what it knows and is compared with them.
pub(super) trait Verb {
    /// The calls, in order.
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error>;
}

/// The ledger that a transaction is of.
#[derive(Debug, Args)]
struct OfLedger {
    /// The ledger's directory, or its public/.
    #[arg(long, value_name = "DIR")]
    dir: std::path::PathBuf,
}

impl OfLedger {
    fn bundle(&self) -> Result<Bundle, Error> {
        Ok(Bundle::read(PublicDir::of_ledger(&self.dir))?)
    }
}

/// What is missing, in the words of whoever can give it.
fn needs(option: &str, what: &str) -> Error {
    Error::usage(format!("say {option}: {what}; `apportion send` reads it from the chain"))
}

/// Documents of one kind, read.
fn read_all<D: apportion_statement::files::Document>(paths: &[std::path::PathBuf]) -> Result<Vec<D>, Error> {
    paths.iter().map(|path: &std::path::PathBuf| Ok(D::read(Path::new(path))?)).collect()
}

fn unanswered(error: apportion_chain::ReadError) -> Error {
    ChainError::from(error).into()
}

impl<D: Args> Transaction<D> {
    /// What to do, and what to do with it.
    pub(super) fn parts(&self) -> (&dyn Verb, &D) {
        macro_rules! parts {
            ($($variant:ident)+) => {
                match self {
                    $(Self::$variant(of) => (&of.verb, &of.deliver),)+
                }
            };
        }
        parts!(
            Register Extend ProvePayees OfferOwnership AcceptOwnership CreateModel Enroll Open AnnouncePolicy
            AnnounceAttributor AnnounceRetirement ReplaceAttributor OfferDeveloper AcceptDeveloper OfferAttributor
            AcceptAttributor Deposit CommitScores CloseEpoch Settle Claim SetRecipient WithdrawShare Withdraw Demand
            Answer ReturnBond Dissolve Exit
        )
    }
}
