//! The transactions of a dataset's and a model's life, each made of the files that the commands before it wrote: to be
//! printed (`export calldata`, `export safe`) or sent (`send`).

mod epoch;
mod examples;
mod model;
mod payout;
mod registry;
mod sender;
mod stall;

use std::path::Path;

use apportion::{Error, hint};
use apportion_chain::{Call, ChainError, ReadChain};
use apportion_circuits::types::Payee;
use apportion_statement::files::{Bundle, LedgerDoc, PublicDir};
use clap::{Args, Subcommand};

use self::examples::example;
pub(super) use self::sender::Sender;

/// What is done with a transaction.
pub(crate) trait Deliver: Args {
    /// A verb's example: the verb with its options, and those of its options that a node can be asked for.
    fn example(verb: &str, asked: &str) -> String;
}

/// The transactions, in the order of a life; `D` is what is done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Transaction<D: Deliver> {
    /// Dataset owner: register a dataset.
    #[command(after_help = example::<D>("register"))]
    Register(Of<registry::Register, D>),
    /// Dataset owner: register later revisions.
    #[command(after_help = example::<D>("extend"))]
    Extend(Of<registry::Extend, D>),
    /// Dataset owner: prove payee columns, once for all models.
    #[command(name = "provePayees", alias = "prove-payees", after_help = example::<D>("provePayees"))]
    ProvePayees(Of<registry::ProvePayees, D>),
    /// Dataset owner: offer the dataset to another owner.
    #[command(name = "offerOwnership", alias = "offer-ownership", after_help = example::<D>("offerOwnership"))]
    OfferOwnership(Of<registry::OfferOwnership, D>),
    /// New dataset owner: take it.
    #[command(name = "acceptOwnership", alias = "accept-ownership", after_help = example::<D>("acceptOwnership"))]
    AcceptOwnership(Of<registry::AcceptOwnership, D>),
    /// Developer: create the model.
    #[command(name = "createModel", alias = "create-model", after_help = example::<D>("createModel"))]
    CreateModel(Box<Of<model::CreateModel, D>>),
    /// Developer: take datasets, or younger revisions of them, into the model.
    #[command(after_help = example::<D>("enroll"))]
    Enroll(Of<model::Enroll, D>),
    /// Developer: open the first epoch. What is enrolled by then fixes its least pool, and nobody pays before.
    #[command(after_help = example::<D>("open"))]
    Open(Of<model::Open, D>),
    /// Developer: announce the next policy.
    #[command(name = "announcePolicy", alias = "announce-policy", after_help = example::<D>("announcePolicy"))]
    AnnouncePolicy(Of<model::AnnouncePolicy, D>),
    /// Developer: announce another attributor.
    #[command(name = "announceAttributor", alias = "announce-attributor", after_help = example::<D>("announceAttributor"))]
    AnnounceAttributor(Of<model::AnnounceAttributor, D>),
    /// Developer: announce that a dataset retires.
    #[command(name = "announceRetirement", alias = "announce-retirement", after_help = example::<D>("announceRetirement"))]
    AnnounceRetirement(Of<model::AnnounceRetirement, D>),
    /// Developer: put the announced attributor in charge of an epoch that got no scores.
    #[command(name = "replaceAttributor", alias = "replace-attributor", after_help = example::<D>("replaceAttributor"))]
    ReplaceAttributor(Of<model::ReplaceAttributor, D>),
    /// Developer: offer the role to another account.
    #[command(name = "offerDeveloper", alias = "offer-developer", after_help = example::<D>("offerDeveloper"))]
    OfferDeveloper(Of<model::OfferDeveloper, D>),
    /// New developer: take the role.
    #[command(name = "acceptDeveloper", alias = "accept-developer", after_help = example::<D>("acceptDeveloper"))]
    AcceptDeveloper(Of<model::AcceptDeveloper, D>),
    /// Attributor: offer the role to another account.
    #[command(name = "offerAttributor", alias = "offer-attributor", after_help = example::<D>("offerAttributor"))]
    OfferAttributor(Of<model::OfferAttributor, D>),
    /// New attributor: take the role.
    #[command(name = "acceptAttributor", alias = "accept-attributor", after_help = example::<D>("acceptAttributor"))]
    AcceptAttributor(Of<model::AcceptAttributor, D>),
    /// Anyone: bring revenue, the token's approval before it.
    #[command(after_help = example::<D>("deposit"))]
    Deposit(Of<epoch::Deposit, D>),
    /// Attributor: commit the scores of an epoch.
    #[command(name = "commitScores", alias = "commit-scores", after_help = example::<D>("commitScores"))]
    CommitScores(Of<epoch::CommitScores, D>),
    /// Developer, later anyone: freeze an epoch's revenue.
    #[command(name = "closeEpoch", alias = "close-epoch", after_help = example::<D>("closeEpoch"))]
    CloseEpoch(Of<epoch::CloseEpoch, D>),
    /// Anyone: settle a proven epoch, many segments in a transaction.
    #[command(after_help = example::<D>("settle"))]
    Settle(Of<epoch::Settle, D>),
    /// Anyone: pay accounts what they earned, by their receipts; many in a transaction.
    #[command(after_help = example::<D>("claim"))]
    Claim(Of<payout::Claim, D>),
    /// A payee: say where its money goes.
    #[command(name = "setRecipient", alias = "set-recipient", after_help = example::<D>("setRecipient"))]
    SetRecipient(Of<payout::SetRecipient, D>),
    /// Anyone: pay a beneficiary its shares of final epochs.
    #[command(name = "withdrawShare", alias = "withdraw-share", after_help = example::<D>("withdrawShare"))]
    WithdrawShare(Of<payout::WithdrawShare, D>),
    /// Anyone: pay what could not be transferred before.
    #[command(after_help = example::<D>("withdraw"))]
    Withdraw(Of<payout::Withdraw, D>),
    /// Anyone: demand the opening of a record's slot, for a bond.
    #[command(after_help = example::<D>("demand"))]
    Demand(Of<stall::Demand, D>),
    /// Anyone: answer demands by receipts, and get their bonds.
    #[command(after_help = example::<D>("answer"))]
    Answer(Of<stall::Answer, D>),
    /// Anyone: return the bond of a demand that nobody answered to its sender.
    #[command(name = "returnBond", alias = "return-bond", after_help = example::<D>("returnBond"))]
    ReturnBond(Of<stall::ReturnBond, D>),
    /// Anyone: end a model that stalled.
    #[command(after_help = example::<D>("dissolve"))]
    Dissolve(Of<stall::Dissolve, D>),
    /// Anyone: pay records of a dissolved model their parts.
    #[command(after_help = example::<D>("exit"))]
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
    /// Who sends them.
    pub(super) sender: Sender,
    /// What follows from them and no call says, for people.
    pub(super) notes: Vec<String>,
    /// The calls, in order.
    pub(super) calls: Vec<Call>,
}

impl Batch {
    fn of(ledger: &LedgerDoc, calls: impl Into<Vec<Call>>) -> Self {
        Self { chain_id: ledger.chain_id, sender: Sender::Anyone, notes: Vec::new(), calls: calls.into() }
    }

    fn by_developer(ledger: &LedgerDoc, calls: impl Into<Vec<Call>>) -> Self {
        Self { sender: Sender::developer(ledger), ..Self::of(ledger, calls) }
    }

    fn sent_by(self, sender: Sender) -> Self {
        Self { sender, ..self }
    }
}

/// A transaction that can be made of files; a chain, where one is there, fills in what it knows and is compared with them.
pub(super) trait Verb {
    /// The calls, in order.
    fn batch(&self, chain: Option<&mut dyn ReadChain>) -> Result<Batch, Error>;

    /// What depends on who sends them, before the first is sent.
    fn check(&self, _: &Batch, _from: Payee, _: &mut dyn ReadChain) -> Result<(), Error> {
        Ok(())
    }
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
        hint::expect_public(&self.dir, hint::Kind::Ledger)?;
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

impl<D: Deliver> Transaction<D> {
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
