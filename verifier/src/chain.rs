//! Does a chain say what files say?
//!
//! The files are audited by themselves; here every number, root and commitment in them is compared with what the contracts
//! have, and the contracts' code with codes that the auditor knows. Whoever answers the questions is believed. Everything
//! is of one block, which the report names.

mod claims;
mod compare;
mod dataset;

use std::path::PathBuf;

#[cfg(feature = "rpc")]
use apportion_chain::{
    Addresses,
    codes::CodeHashes,
    state::{ChainState, DatasetState},
};
use apportion_chain::{
    At, Block, ChainError, ReadError,
    abi::U256,
    state::{CheckedCode, Contracts, Registered, VerifierState},
};
use apportion_circuits::types::{Payee, Word};
#[cfg(feature = "rpc")]
use apportion_statement::files::InputError;
use apportion_statement::{CheckId, RelationId, files::Bundle};

pub use self::{claims::confirm, compare::compare, dataset::compare_dataset};
use crate::report::{AuditError, Check, Report, Subject};

/// The version that a ledger of this edition says it is: the name, padded with zeros.
const VERSION: &[u8] = b"apportion.ledger.v2";

/// What is asked of a chain.
#[derive(Clone, Debug, Default)]
pub struct ChainOptions {
    /// The node.
    pub rpc: String,
    /// The contract; the one that the files name without it.
    pub contract: Option<Payee>,
    /// The file that `apportion deploy` wrote.
    pub addresses: Option<PathBuf>,
    /// The block of whose state everything is asked.
    pub block: At,
    /// The block from which events are searched.
    pub from_block: Option<u64>,
    /// Codes that the auditor compiled.
    pub code_hashes: Option<PathBuf>,
    /// Go on where code is not known.
    pub allow_unknown_code: bool,
    /// Go on where the setup's secret is public.
    pub allow_insecure: bool,
}

impl From<ReadError> for AuditError {
    fn from(error: ReadError) -> Self {
        AuditError::NotCheckable(format!("the chain did not answer: {error}"))
    }
}

impl From<ChainError> for AuditError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Input(error) => AuditError::Input(error),
            other => AuditError::NotCheckable(other.to_string()),
        }
    }
}

impl ChainOptions {
    /// The codes that are known.
    #[cfg(feature = "rpc")]
    fn codes(&self) -> Result<CodeHashes, AuditError> {
        let mut codes =
            CodeHashes::built_in().map_err(|error| AuditError::NotCheckable(error.to_string()))?;
        if let Some(path) = &self.code_hashes {
            codes.extend(CodeHashes::read(path)?);
        }
        Ok(codes)
    }

    /// Where events begin, and the contract that the options name.
    #[cfg(feature = "rpc")]
    fn deployment(&self) -> Result<(u64, Option<Payee>), InputError> {
        let addresses = self.addresses.as_deref().map(Addresses::read).transpose()?;
        let start = self.from_block.or(addresses.as_ref().map(|known| known.block)).unwrap_or(0);
        Ok((start, self.contract.or(addresses.map(|known| known.ledger))))
    }

    /// A node, asked about one block from now on.
    #[cfg(feature = "rpc")]
    fn node(&self, start: u64) -> Result<apportion_chain::Node, AuditError> {
        Ok(apportion_chain::Node::new(&self.rpc).from_block(start).pinned(self.block)?)
    }
}

/// Compares a ledger's files with its contract, through a node, and adds what was found to its report.
#[cfg(feature = "rpc")]
pub fn audit_chain(bundle: &Bundle, options: &ChainOptions, report: &mut Report) {
    let mut run = || -> Result<(), AuditError> {
        apportion_chain::calls::check_bound(&bundle.ledger)?;
        let (start, given) = options.deployment()?;
        let contract = named(bundle.ledger.contract, given)?;
        let mut node = options.node(start)?;
        let datasets: Vec<_> =
            bundle.datasets.iter().map(|enrolled| enrolled.dataset.doc.dataset_id).collect();
        let codes = options.codes()?;
        let state = ChainState::read(contract, bundle.ledger.model_id, &datasets, &codes, &mut node)?;
        still(&mut node, state.contracts.block)?;
        compare(bundle, &state, options, report);
        let answered = ["the chain: ", "whether a dataset is registered"];
        report.not_checked.retain(|line| !answered.iter().any(|begins| line.starts_with(begins)));
        report.not_checked.push("what a dataset's records are: `dataset --record` shows one".into());
        Ok(())
    };
    if let Err(error) = run() {
        report.error.get_or_insert(error);
    }
}

/// Confirms a receipt by its contract, through a node.
#[cfg(feature = "rpc")]
pub fn audit_receipt_on_chain(
    doc: &apportion_statement::files::ReceiptDoc,
    options: &ChainOptions,
    report: &mut Report,
) {
    let mut run = || -> Result<(), AuditError> {
        let (start, given) = options.deployment()?;
        if doc.contract.is_zero() {
            return Err(AuditError::NotCheckable(
                "the receipt is of a ledger that is bound to no contract".into(),
            ));
        }
        let contract = named(doc.contract, given)?;
        let mut node = options.node(start)?;
        let found = Contracts::read(contract, &options.codes()?, &mut node)?;
        describe(&mut report.subject, &found);
        contracts(&found, doc.chain_id, None, options, report);
        confirm(doc, &found, options, &mut node, report)?;
        still(&mut node, found.block)
    };
    if let Err(error) = run() {
        report.error.get_or_insert(error);
    }
}

/// Compares a dataset's files with its registry, through a node.
#[cfg(feature = "rpc")]
pub fn audit_dataset_on_chain(
    dataset: &apportion_statement::files::DatasetBundle,
    options: &ChainOptions,
    report: &mut Report,
) {
    let mut run = || -> Result<(), AuditError> {
        let doc = &dataset.doc;
        if doc.registry.is_zero() {
            return Err(AuditError::NotCheckable("the dataset was committed for no registry".into()));
        }
        let (start, _) = options.deployment()?;
        let mut node = options.node(start)?;
        let registered = Registered::read(doc.registry, &options.codes()?, &mut node)?;
        let found = DatasetState::read(doc.registry, doc.dataset_id, &mut node)?;
        compare_dataset(dataset, &registered, found.as_ref(), options, report);
        still(&mut node, registered.block)
    };
    if let Err(error) = run() {
        report.error.get_or_insert(error);
    }
}

#[cfg(not(feature = "rpc"))]
fn no_network(report: &mut Report) {
    let text = "this program was built without a network (feature rpc)";
    report.error.get_or_insert(AuditError::NotCheckable(text.into()));
}

/// Says that there is no network.
#[cfg(not(feature = "rpc"))]
pub fn audit_chain(_: &Bundle, _: &ChainOptions, report: &mut Report) {
    no_network(report);
}

/// Says that there is no network.
#[cfg(not(feature = "rpc"))]
pub fn audit_receipt_on_chain(
    _: &apportion_statement::files::ReceiptDoc,
    _: &ChainOptions,
    report: &mut Report,
) {
    no_network(report);
}

/// Says that there is no network.
#[cfg(not(feature = "rpc"))]
pub fn audit_dataset_on_chain(
    _: &apportion_statement::files::DatasetBundle,
    _: &ChainOptions,
    report: &mut Report,
) {
    no_network(report);
}

/// The contract that a document names: another one is a mistake of whoever asks.
#[cfg(feature = "rpc")]
fn named(own: Payee, given: Option<Payee>) -> Result<Payee, AuditError> {
    match given {
        Some(given) if given != own => {
            let text = format!("the files are of contract {own}, {given} was asked for");
            Err(AuditError::NotCheckable(text))
        }
        _ => Ok(own),
    }
}

/// The block is still part of the chain: else answers are of two chains.
#[cfg(feature = "rpc")]
fn still(node: &mut apportion_chain::Node, block: apportion_chain::Block) -> Result<(), AuditError> {
    let now = node.block_at(At::Number(block.number))?;
    if now.hash == block.hash {
        return Ok(());
    }
    let text = format!(
        "block {} was taken back by a reorganisation while it was read: ask again, of a finalized block",
        block.number
    );
    Err(AuditError::NotCheckable(text))
}

/// Names the chain and the block.
fn describe_block(subject: &mut Subject, chain_id: u64, block: Block) {
    subject.add("on chain", chain_id);
    subject.add("of block", format!("{} ({}, time {})", block.number, block.hash, block.timestamp));
}

/// Names the chain, the block and the contracts.
fn describe(subject: &mut Subject, contracts: &Contracts) {
    describe_block(subject, contracts.chain_id, contracts.block);
    subject.add("of contract", contracts.ledger);
    subject.add("of registry", contracts.registry);
}

fn same<T: PartialEq + std::fmt::Display>(report: &mut Report, id: CheckId, place: &str, files: T, chain: T) {
    report.checks.push(if files == chain {
        Check::ok(id, place)
    } else {
        Check::failed(id, place, format!("{files} in the files, {chain} on the chain"))
    });
}

/// chain.code: code that is not known ends an audit, unless whoever asks takes it as it is.
fn code_check(place: &str, outcome: &Result<(), String>, options: &ChainOptions, report: &mut Report) {
    match outcome {
        Ok(()) => report.checks.push(Check::ok(CheckId::ChainCode, place)),
        Err(why) if why == "there is no contract" => {
            report.checks.push(Check::failed(CheckId::ChainCode, place, why));
        }
        Err(why) if options.allow_unknown_code => {
            let text = format!("the code of {place}, nor what created it: {why}");
            report.not_checked.push(text);
        }
        Err(why) => {
            let text = format!(
                "{place}: {why}. Give --code-hashes, made of contracts that you compiled, or go on with --allow-unknown-code"
            );
            report.error.get_or_insert(AuditError::NotCheckable(text));
        }
    }
}

/// What contracts say about themselves: chain, version, code, setup, relations and tiers. Without a setup that is known,
/// all of them have one.
fn contracts(
    found: &Contracts,
    chain_id: u64,
    setup: Option<Word>,
    options: &ChainOptions,
    report: &mut Report,
) {
    same(report, CheckId::ChainId, "chain", chain_id, found.chain_id);
    let mut version = Word::default();
    for (to, from) in version.0.iter_mut().zip(VERSION) {
        *to = *from;
    }
    same(report, CheckId::ChainVersion, "ledger", version, found.version);
    codes(&found.codes, &found.creations, options, report);
    let setup = setup.unwrap_or(found.setup);
    same(report, CheckId::ChainSetup, "opening verifier", setup, found.setup);
    let place = "the registry's opening verifier";
    same(report, CheckId::ChainSetup, place, found.opening_verifier, found.registry_openings);
    relations(&found.verifiers, setup, report);
}

/// What a registry and its contracts say about themselves, without a ledger.
fn registry(found: &Registered, chain_id: u64, setup: Word, options: &ChainOptions, report: &mut Report) {
    same(report, CheckId::ChainId, "chain", chain_id, found.chain_id);
    codes(&found.codes, &found.creations, options, report);
    same(report, CheckId::ChainSetup, "the registry's opening verifier", setup, found.setup);
    relations(&found.verifiers, setup, report);
}

/// chain.code and chain.creation.
fn codes(codes: &[CheckedCode], creations: &[CheckedCode], options: &ChainOptions, report: &mut Report) {
    for (place, outcome) in codes {
        code_check(place, outcome, options, report);
    }
    for (place, outcome) in creations {
        report.checks.push(match outcome {
            Ok(()) => Check::ok(CheckId::ChainCreation, place),
            Err(why) => Check::failed(CheckId::ChainCreation, place, why),
        });
    }
}

/// Relations, tiers and setups of verifiers.
fn relations(verifiers: &[VerifierState], setup: Word, report: &mut Report) {
    for verifier in verifiers {
        let place = format!("{} verifier of tier {}", verifier.relation, verifier.tier);
        same(report, CheckId::ChainSetup, &place, setup, verifier.setup);
        let named = apportion_statement::keccak256(relation_name(verifier.relation).as_bytes());
        same(report, CheckId::ChainVerifier, &place, named, verifier.says_relation);
        let slots = U256::from(verifier.tier.slots());
        same(report, CheckId::ChainVerifier, &format!("{place}, its slots"), slots, verifier.says_slots);
    }
}

/// The string whose Keccak-256 a verifier names its relation by.
fn relation_name(relation: RelationId) -> &'static str {
    match relation {
        RelationId::Split => "apportion.relation.split.v1",
        RelationId::Tree => "apportion.relation.tree.v1",
    }
}
