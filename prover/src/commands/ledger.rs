//! `apportion ledger`.

use std::path::PathBuf;

use apportion::{
    Error,
    actions::{
        dataset, enroll,
        init::{NewLedger, init, read_policy},
    },
    setup::Choice,
};
use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Tier, Word},
};
use apportion_suite::Suite;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    Session, in_suite, open_ledger,
    undo::{Abandon, Undo},
    warn_insecure,
};

/// Ledgers.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Make a ledger for a model.
    Init(Init),
    /// Make a dataset's records accounts of the ledger; enrolling it again renews its payee columns.
    Enroll(Enroll),
    /// Take back the newest epoch, which the contract has not settled and never will as it is.
    Undo(Undo),
    /// Record that the contract gave the next epoch up: its pool is carried.
    Abandon(Abandon),
}

/// Make a ledger for a model.
#[derive(Debug, Args)]
#[command(
    after_help = "policy.toml says who gets what share of the revenue, in basis points, 10000 in all:\n\n  \
    contributors_bps = 5000\n  [[beneficiaries]]\n  name = \"developer\"\n  address = \
    \"0x1111111111111111111111111111111111111111\"\n  bps = 5000\n\nExample:\n  apportion ledger init --dir ledger \
    --suite pasta --tier 1024 --model my-model --policy policy.toml"
)]
pub(crate) struct Init {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The proof system: pasta needs no trusted setup, bn254 is what an EVM chain checks.
    #[arg(long)]
    suite: SuiteId,
    /// Slots per segment: 64, 1024 or 16384.
    #[arg(long, default_value = "1024")]
    tier: Tier,
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
    /// The id that the contract gave the model.
    #[arg(long, value_name = "ID", requires = "contract")]
    model_id: Option<Word>,
    /// The bn254 setup to use, by the label that `params info` shows, where several are cached.
    #[arg(long, value_name = "LABEL", conflicts_with = "insecure_dev")]
    setup: Option<String>,
    /// Use the bn254 development setup, whose secret everybody knows: proofs then prove nothing.
    #[arg(long)]
    insecure_dev: bool,
}

/// Make a dataset's records accounts of the ledger.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  apportion ledger enroll --dir ledger --dataset dataset")]
pub(crate) struct Enroll {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The directory that `dataset commit` wrote.
    #[arg(long, value_name = "DIR")]
    dataset: PathBuf,
    /// The id that the contract's registry gave the dataset; without a contract it follows from the roots.
    #[arg(long, value_name = "ID")]
    dataset_id: Option<Word>,
    /// The first epoch that the dataset takes part in: the next one, or, where the contract has the next one's scores
    /// already, the one after it.
    #[arg(long, value_name = "N")]
    first_epoch: Option<u32>,
}

#[derive(Serialize)]
struct Enrolled {
    dataset: u32,
    id: String,
    renewal: u32,
    first_epoch: u32,
    records: u64,
    segments: usize,
}

impl LedgerCommand {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            LedgerCommand::Init(command) => command.run(session),
            LedgerCommand::Enroll(command) => command.run(session),
            LedgerCommand::Undo(command) => command.run(session),
            LedgerCommand::Abandon(command) => command.run(session),
        }
    }
}

impl Init {
    fn run(self, session: &Session) -> Result<(), Error> {
        if self.insecure_dev && self.suite != SuiteId::Bn254 {
            return Err(Error::usage(
                "--insecure-dev is for bn254: no other suite has a setup with a secret",
            ));
        }
        let new = NewLedger {
            model: self.model,
            tier: self.tier,
            policy: read_policy(&self.policy)?,
            chain_id: self.chain_id,
            contract: self.contract,
            model_id: self.model_id,
        };
        let choice = match (&self.setup, self.insecure_dev) {
            (None, true) => Choice::InsecureDev,
            (None, false) => Choice::Any,
            (Some(label), _) if self.suite == SuiteId::Bn254 && !label.starts_with("insecure") => {
                Choice::Label(label)
            }
            (Some(_), _) => {
                return Err(Error::usage("--setup names a bn254 setup whose secret is not public"));
            }
        };
        let doc = in_suite!(self.suite, S => init::<S>(&self.dir, new, &session.cache, choice))?;
        warn_insecure(doc.setup.insecure, session);
        let text = format!(
            "{}: ledger of {:?}, suite {}, tier {}, setup {}, model id {}",
            self.dir.display(),
            doc.model,
            doc.suite,
            doc.tier,
            doc.setup.provenance,
            doc.model_id
        );
        session.console.result(&doc, &text);
        Ok(())
    }
}

impl Enroll {
    fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        let enrolled = in_suite!(ledger.state.ledger.suite, S => {
            let dataset = dataset::read::<<S as Suite>::F>(&self.dataset)?;
            enroll::enroll::<S>(&ledger, &dataset, self.dataset_id, self.first_epoch, &session.cache, &session.console)
        })?;
        let output = Enrolled {
            dataset: enrolled.doc.dataset,
            id: enrolled.doc.dataset_id.to_string(),
            renewal: enrolled.doc.renewal,
            first_epoch: enrolled.doc.first_epoch,
            records: enrolled.records,
            segments: enrolled.doc.segments.len(),
        };
        let what = if output.renewal == 0 { "enrolled" } else { "renewed" };
        let text = format!(
            "dataset {} {what}: {} records in {} segments, from epoch {} on",
            output.dataset, output.records, output.segments, output.first_epoch
        );
        session.console.result(&output, &text);
        Ok(())
    }
}
