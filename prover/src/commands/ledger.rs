//! `apportion ledger`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::{
        enroll,
        init::{NewLedger, WHAT_TO_KEEP, init, read_policy},
        policy, retire,
    },
    dataset_dir::OwnDataset,
    progress::Progress as _,
    setup::{check_suite_of_chain, choice, what_it_can},
};
use apportion_chain::Addresses;
use apportion_circuits::{field::SuiteId, types::Payee};
use apportion_secrets::Seed;
use apportion_statement::files::LedgerDoc;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    Session,
    backup::{Backup, Restore},
    counted, in_suite, open_ledger,
    recover::Recover,
    status::Status,
    undo::Undo,
    warn_insecure,
};

/// Ledgers.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Make a ledger for a model.
    Init(Box<Init>),
    /// Make a dataset's records accounts of the ledger; enrolled again, its new revisions are taken.
    Enroll(Enroll),
    /// End a dataset's part from an epoch on; what it earned stays claimable.
    Retire(Retire),
    /// Announce the next policy, before its first epoch opens.
    Policy(Policy),
    /// Take the newest epoch, enrolment, revision, retirement or policy back.
    Undo(Undo),
    /// Say where the ledger stands, what is missing, and what comes next.
    Status(Status),
    /// Write an encrypted backup of everything private.
    Backup(Backup),
    /// Bring private files back from a backup.
    Restore(Restore),
    /// Make private files again from the seed, the records and the scores.
    Recover(Recover),
}

/// Make a ledger for a model.
#[derive(Debug, Args)]
#[command(
    after_help = "policy.toml says who gets what share of the revenue, in basis points, 10000 in all:\n\n  \
    contributors_bps = 5000\n  [[beneficiaries]]\n  name = \"developer\"\n  address = \
    \"0x1111111111111111111111111111111111111111\"\n  bps = 5000\n\nExamples:\n  apportion ledger init --dir ledger \
    --model my-model --policy policy.toml\n  apportion ledger init --dir ledger --suite bn254 --model my-model --policy \
    policy.toml --chain-id 1 --contract 0x... --developer 0x..."
)]
pub(crate) struct Init {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The proof system: pasta needs no trusted setup, bn254 is what an EVM chain checks.
    #[arg(long, default_value = "pasta")]
    suite: SuiteId,
    /// The model's name.
    #[arg(long)]
    model: String,
    /// The policy.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The chain that the ledger is bound to.
    #[arg(long, value_name = "N", default_value_t = 0)]
    chain_id: u64,
    /// The ledger contract on that chain.
    #[arg(long, value_name = "ADDRESS", requires = "chain_id", default_value_t = Payee::default(), hide_default_value = true)]
    contract: Payee,
    /// The file that `apportion deploy` wrote, instead of --chain-id and --contract.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["chain_id", "contract"], requires = "developer")]
    addresses: Option<PathBuf>,
    /// The model's developer on that chain.
    #[arg(long, value_name = "ADDRESS", default_value_t = Payee::default(), hide_default_value = true)]
    developer: Payee,
    /// A seed that you have, to take instead of a fresh one.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// The bn254 setup to use, by the label that `params info` shows, where several are cached.
    #[arg(long, value_name = "LABEL", conflicts_with = "insecure_dev")]
    setup: Option<String>,
    /// Use the bn254 development setup, whose secret everybody knows: proofs then prove nothing.
    #[arg(long)]
    insecure_dev: bool,
}

/// Make a dataset's records accounts of the ledger.
#[derive(Debug, Args)]
#[command(
    after_help = "The dataset takes part from the next epoch on. Give the directory that its owner made: its public/ and \
    licence/ are needed, its private/ is not. Nothing is proven: the owner did that. Enrolled again, the dataset's new \
    revisions are taken. Payees never change.\n\nExample:\n  apportion ledger enroll --dir ledger --dataset dataset"
)]
pub(crate) struct Enroll {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The dataset's directory.
    #[arg(long, value_name = "DIR")]
    dataset: PathBuf,
    /// Take records that are in another dataset of the ledger already: they are paid twice.
    #[arg(long)]
    allow_overlap: bool,
}

/// End a dataset's part.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  apportion ledger retire --dir ledger --dataset 0 --from 7")]
pub(crate) struct Retire {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The dataset's number.
    #[arg(long, value_name = "N", value_parser = super::from_zero, allow_negative_numbers = true)]
    dataset: u32,
    /// The first epoch in which it does not take part.
    #[arg(long, value_name = "EPOCH", value_parser = super::from_one, allow_negative_numbers = true)]
    from: u32,
}

/// Announce the next policy.
#[derive(Debug, Args)]
#[command(
    after_help = "A policy splits the revenue of every epoch from --from on, until the next one. It is announced before that \
    epoch opens; the next epoch to be proven counts as open.\n\nExample:\n  apportion ledger policy --dir ledger --policy \
    policy-2.toml --from 4"
)]
pub(crate) struct Policy {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The policy.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Its first epoch.
    #[arg(long, value_name = "EPOCH", value_parser = super::from_one, allow_negative_numbers = true)]
    from: u32,
}

#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    ledger: LedgerDoc,
    seed: String,
    keep: &'static str,
}

#[derive(Serialize)]
struct Enrolled {
    dataset: u32,
    id: String,
    renewed: bool,
    revision: u32,
    first_epoch: u32,
    records: u64,
    segments: usize,
}

impl LedgerCommand {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            LedgerCommand::Init(command) => command.run(session),
            LedgerCommand::Enroll(command) => command.run(session),
            LedgerCommand::Retire(command) => command.run(session),
            LedgerCommand::Policy(command) => command.run(session),
            LedgerCommand::Undo(command) => command.run(session),
            LedgerCommand::Status(command) => command.run(session),
            LedgerCommand::Backup(command) => command.run(session),
            LedgerCommand::Restore(command) => command.run(session),
            LedgerCommand::Recover(command) => command.run(session),
        }
    }
}

impl Init {
    fn run(self, session: &Session) -> Result<(), Error> {
        check_suite_of_chain(self.suite, self.addresses.is_some() || !self.contract.is_zero())?;
        let choice = choice(self.suite, self.setup.as_deref(), self.insecure_dev)?;
        let (chain_id, contract) = match &self.addresses {
            Some(path) => Addresses::read(path).map(|addresses| (addresses.chain_id, addresses.ledger))?,
            None => (self.chain_id, self.contract),
        };
        let new = NewLedger {
            model: self.model,
            policy: read_policy(&self.policy)?,
            chain_id,
            contract,
            developer: self.developer,
        };
        let seed = self.seed.as_deref().map(Seed::read).transpose()?;
        let (doc, seed) =
            in_suite!(self.suite, S => init::<S>(&self.dir, new, seed, &session.cache, choice))?;
        warn_insecure(doc.setup.insecure, session);
        session.console.note(&format!("note: {}", what_it_can(self.suite)));
        let dir = self.dir.display();
        let text = format!(
            "{dir}: ledger of {:?}, suite {}, setup {}, model id {}\nSeed {seed}: {WHAT_TO_KEEP}.\nNext: apportion ledger \
             enroll --dir {dir} --dataset DATASET",
            doc.model, doc.suite, doc.setup.provenance, doc.model_id
        );
        let output = Made { ledger: doc, seed: seed.to_string(), keep: WHAT_TO_KEEP };
        session.console.result(&output, &text);
        Ok(())
    }
}

impl Enroll {
    fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        let dataset = OwnDataset::read(&self.dataset)?;
        let enrolled = in_suite!(ledger.bundle.ledger.suite, S =>
            enroll::enroll::<S>(&ledger, &dataset, self.allow_overlap, &session.cache, &session.console))?;
        let output = Enrolled {
            dataset: enrolled.doc.dataset,
            id: enrolled.doc.dataset_id.to_string(),
            renewed: enrolled.renewed,
            revision: enrolled.revision,
            first_epoch: enrolled.doc.first_epoch,
            records: enrolled.records,
            segments: enrolled.segments,
        };
        let size =
            format!("{} in {}", counted(output.records, "record"), counted(output.segments, "segment"));
        let text = if output.renewed {
            format!("dataset {}: revision {} taken, {size}", output.dataset, output.revision)
        } else {
            let (number, first) = (output.dataset, output.first_epoch);
            format!(
                "dataset {number} enrolled: {size}, from epoch {first} on; scores committed before do not pay it"
            )
        };
        session.console.result(&output, &text);
        Ok(())
    }
}

impl Retire {
    fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        let doc = retire::retire(&ledger, self.dataset, self.from)?;
        let text = format!(
            "dataset {}: takes part up to epoch {}; what it earned stays claimable{}",
            doc.dataset,
            doc.from_epoch.saturating_sub(1),
            if doc.from_epoch == ledger.next_epoch() {
                format!(". Epoch {} is open: this cannot be taken back", doc.from_epoch)
            } else {
                String::new()
            }
        );
        session.console.result(&doc, &text);
        Ok(())
    }
}

impl Policy {
    fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        let doc = policy::announce(&ledger, read_policy(&self.policy)?, self.from)?;
        let text = format!("policy {}: splits the revenue from epoch {} on", doc.policy, doc.first_epoch);
        session.console.result(&doc, &text);
        Ok(())
    }
}
