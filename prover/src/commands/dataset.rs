//! `apportion dataset`.

use std::path::{Path, PathBuf};

use apportion::{
    Error,
    actions::dataset::{self, Extended, NewDataset, Wanted},
    dataset_dir::OwnDataset,
    input::{RecordsFile, parse_content, read_records},
    ledger::files::write_document,
    progress::Progress as _,
    setup::{check_suite_of_chain, choice, what_it_can},
};
use apportion_chain::Addresses;
use apportion_circuits::{
    field::SuiteId,
    types::{ContentDigest, Payee, Tier},
};
use apportion_secrets::Seed;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Session, counted, in_suite, warn_insecure};

/// Datasets.
#[derive(Debug, Subcommand)]
pub(crate) enum Dataset {
    /// Compute the Merkle roots of a dataset's records, and prove their number.
    Commit(Box<Commit>),
    /// Prove a dataset's payee columns, once for all models. Run it again after an interruption.
    Prove(Prove),
    /// Append records: a new revision that keeps every old record in its place.
    Extend(Extend),
    /// Write a record's path to the registered root: "my upload is in it, and I am its payee".
    Receipt(Receipt),
}

/// Compute the Merkle roots of a dataset's records.
#[derive(Debug, Args)]
#[command(
    after_help = "records.csv has the header `payee,content`: an address (0x and 40 hex digits) and the SHA-256 of what was \
    contributed (64 hex digits, with 0x before them or as sha256sum prints them). A third column `recipient` may hold an age public key (age1...), to which the \
    record's receipts are encrypted, or nothing. A row's place is the record's number, from 0.\n\nThe directory holds \
    public/, which everybody may have; licence/, which you hand to the developers whom you license; and private/ with \
    your seed, which you keep, also in a second place: only with it can the dataset be extended.\n\nExample:\n  apportion \
    dataset commit --records records.csv --out dataset --suite bn254 --tier 1024"
)]
pub(crate) struct Commit {
    /// The records.
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// Where to write the dataset's directory.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The proof system of the ledgers that will take the dataset: pasta needs no trusted setup, bn254 is
    /// what an EVM chain checks.
    #[arg(long, default_value = "pasta")]
    suite: SuiteId,
    /// Slots per segment: 64, 1024 or 16384.
    #[arg(long, default_value = "1024")]
    tier: Tier,
    /// The chain on which the dataset is registered.
    #[arg(long, value_name = "N", default_value_t = 0)]
    chain_id: u64,
    /// The registry contract on that chain.
    #[arg(long, value_name = "ADDRESS", requires = "chain_id", default_value_t = Payee::default(), hide_default_value = true)]
    registry: Payee,
    /// The file that `apportion deploy` wrote, instead of --chain-id and --registry.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["chain_id", "registry"], requires = "owner")]
    addresses: Option<PathBuf>,
    /// Who registers the dataset there.
    #[arg(long, value_name = "ADDRESS", default_value_t = Payee::default(), hide_default_value = true)]
    owner: Payee,
    /// Where a description of the dataset can be found.
    #[arg(long, value_name = "URI", default_value = "")]
    uri: String,
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

/// Prove a dataset's payee columns.
#[derive(Debug, Args)]
#[command(
    after_help = "One proof per segment whose root a revision changed. A run that was interrupted goes on with the proofs that \
    it had finished. A proof made again is the same proof.\n\nExample:\n  apportion dataset prove --dir dataset"
)]
pub(crate) struct Prove {
    /// The dataset's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

/// Append records.
#[derive(Debug, Args)]
#[command(
    after_help = "FILE is the full new list: old records in their places, new ones behind them. With --append it is the new \
    ones alone. Afterwards `dataset prove` proves the segments that changed, and `ledger enroll` takes the new revision into \
    a ledger.\n\nExamples:\n  apportion dataset extend --dir dataset --records all.csv\n  apportion dataset extend --dir \
    dataset --records new.csv --append"
)]
pub(crate) struct Extend {
    /// The dataset's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The records.
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// The file holds the new records alone.
    #[arg(long)]
    append: bool,
}

/// Write a record's path to the registered root.
#[derive(Debug, Args)]
#[command(
    after_help = "Whoever gets the file checks it with `apportion-verify dataset --record FILE`.\n\nExamples:\n  apportion dataset \
    receipt --dir dataset --record 17 --out record.json\n  apportion dataset receipt --dir dataset --content photo.jpg --out \
    record.json"
)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["record", "content", "content_digest"])))]
pub(crate) struct Receipt {
    /// The dataset's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The record's number, from 0.
    #[arg(long, value_name = "N")]
    record: Option<usize>,
    /// What was contributed: its SHA-256 names the record.
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// The digest of what was contributed, with 0x before it or as sha256sum prints it.
    #[arg(long, value_name = "DIGEST", value_parser = parse_content)]
    content_digest: Option<ContentDigest>,
    /// Where to write the receipt.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Committed {
    dataset: String,
    suite: SuiteId,
    tier: Tier,
    records: u64,
    segments: usize,
    id: String,
    roots: Vec<String>,
    seed: String,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Proven {
    dataset: String,
    revisions: Vec<u32>,
    segments: usize,
}

#[derive(Serialize)]
struct Extension {
    dataset: String,
    revision: Option<u32>,
    records: u64,
    appended: usize,
    changed_segments: usize,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Written {
    file: String,
    segment: u32,
    index: u32,
    payee: Payee,
    content: ContentDigest,
}

impl Dataset {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        match self {
            Dataset::Commit(command) => command.run(session),
            Dataset::Prove(command) => command.run(session),
            Dataset::Extend(command) => command.run(session),
            Dataset::Receipt(command) => command.run(session),
        }
    }
}

/// Refuses a tier that the contracts cannot check: nobody could register the dataset.
fn check_tier(tier: Tier, path: &Path, addresses: &Addresses) -> Result<(), Error> {
    let tiers = addresses.tiers();
    if tiers.contains(&tier) {
        return Ok(());
    }
    let has: Vec<_> = tiers.iter().map(|tier| format!("--tier {tier}")).collect();
    let has = if has.is_empty() { "it has none".into() } else { format!("it has {}", has.join(" and ")) };
    Err(Error::usage(format!(
        "{}: the deployment has no verifiers for tier {tier}, so the dataset could not be registered: {has}. Give one of \
         these, or a deployment with `apportion deploy --tier {tier}`",
        path.display()
    )))
}

fn warn(file: &RecordsFile, session: &Session) -> Vec<String> {
    let warnings = file.warnings();
    warnings.iter().for_each(|warning| session.console.warn(warning));
    warnings
}

impl Commit {
    fn run(self, session: &Session) -> Result<(), Error> {
        check_suite_of_chain(self.suite, self.addresses.is_some() || !self.registry.is_zero())?;
        let choice = choice(self.suite, self.setup.as_deref(), self.insecure_dev)?;
        // Said before anything that takes long.
        let addresses = self.addresses.as_deref().map(Addresses::read).transpose()?;
        if let (Some(path), Some(addresses)) = (&self.addresses, &addresses) {
            check_tier(self.tier, path, addresses)?;
        }
        let file = read_records(&self.records)?;
        let warnings = warn(&file, session);
        let seed = self.seed.as_deref().map(Seed::read).transpose()?;
        let RecordsFile { records, recipients, .. } = file;
        let given = (self.chain_id, self.registry);
        let (chain_id, registry) =
            addresses.map_or(given, |addresses| (addresses.chain_id, addresses.registry));
        let new = NewDataset { records, recipients, chain_id, registry, owner: self.owner, uri: self.uri };
        let committed = in_suite!(self.suite, S =>
            dataset::commit::<S>(new, self.tier, seed, &session.cache, choice, &self.out))?;
        warn_insecure(committed.doc.setup.insecure, session);
        session.console.note(&format!("note: {}", what_it_can(self.suite)));
        let output = Committed {
            dataset: self.out.display().to_string(),
            suite: self.suite,
            tier: self.tier,
            records: committed.revision.records,
            segments: committed.revision.roots.len(),
            id: committed.doc.dataset_id.to_string(),
            roots: committed.revision.roots.iter().map(ToString::to_string).collect(),
            seed: committed.seed_id.to_string(),
            warnings,
        };
        let text = format!(
            "{}: {} in {} of {}, suite {}, dataset {}\nKeep {}/private/seed (fingerprint {}) in a second place too: only with it can \
             the dataset be proven and extended.\nNext: apportion dataset prove --dir {}",
            output.dataset,
            counted(output.records, "record"),
            counted(output.segments, "segment"),
            self.tier,
            self.suite,
            output.id,
            output.dataset,
            output.seed,
            output.dataset
        );
        session.console.result(&output, &text);
        Ok(())
    }
}

impl Prove {
    fn run(self, session: &Session) -> Result<(), Error> {
        let dataset = OwnDataset::open(&self.dir)?;
        warn_insecure(dataset.bundle.doc.setup.insecure, session);
        let proven = in_suite!(dataset.bundle.doc.suite, S =>
            dataset::prove::<S>(&dataset, &session.cache, &session.console))?;
        let output = Proven {
            dataset: self.dir.display().to_string(),
            revisions: proven.revisions,
            segments: proven.segments,
        };
        let text = if output.segments == 0 {
            format!("{}: every column is proven already", output.dataset)
        } else {
            let count = counted(output.segments, "segment");
            format!(
                "{}: {count} proven and verified; public/ is for everybody, licence/ for the developers whom you license",
                output.dataset
            )
        };
        session.console.result(&output, &text);
        Ok(())
    }
}

impl Extend {
    fn run(self, session: &Session) -> Result<(), Error> {
        let dataset = OwnDataset::open(&self.dir)?;
        let file = read_records(&self.records)?;
        let warnings = warn(&file, session);
        let records = dataset.bundle.newest().records;
        let extended = in_suite!(dataset.bundle.doc.suite, S =>
            dataset::extend::<S>(&dataset, file, self.append))?;
        let dir = self.dir.display().to_string();
        let (output, text) = match extended {
            Extended::Revision { doc, appended, changed } => {
                let text = format!(
                    "{dir}: revision {}, {} appended, {} in all; {} to prove\nNext: apportion dataset prove --dir {dir}",
                    doc.revision,
                    counted(appended, "record"),
                    doc.records,
                    counted(changed, "segment")
                );
                let (revision, records) = (Some(doc.revision), doc.records);
                (
                    Extension {
                        dataset: dir,
                        revision,
                        records,
                        appended,
                        changed_segments: changed,
                        warnings,
                    },
                    text,
                )
            }
            Extended::Recipients => {
                let text =
                    format!("{dir}: the same records, with the recipients of the file; no new revision");
                let output = Extension {
                    dataset: dir,
                    revision: None,
                    records,
                    appended: 0,
                    changed_segments: 0,
                    warnings,
                };
                (output, text)
            }
        };
        session.console.result(&output, &text);
        Ok(())
    }
}

impl Receipt {
    fn run(self, session: &Session) -> Result<(), Error> {
        let wanted = match (self.record, &self.content, self.content_digest) {
            (Some(record), ..) => Wanted::Record(record),
            (_, Some(file), _) => Wanted::Content(dataset::content_digest(file)?),
            (_, _, Some(digest)) => Wanted::Content(digest),
            // clap asks for one of them.
            _ => return Err(Error::usage("say --record, --content or --content-digest")),
        };
        let dataset = OwnDataset::read(&self.dir)?;
        warn_insecure(dataset.bundle.doc.setup.insecure, session);
        let doc = in_suite!(dataset.bundle.doc.suite, S => dataset::receipt::<S>(&dataset, wanted))?;
        write_document(&self.out, &doc)?;
        let output = Written {
            file: self.out.display().to_string(),
            segment: doc.segment,
            index: doc.index,
            payee: doc.payee,
            content: doc.content,
        };
        let text = format!(
            "{}: segment {}, slot {} of revision {}, payee {}",
            output.file, output.segment, output.index, doc.revision, output.payee
        );
        session.console.result(&output, &text);
        Ok(())
    }
}
