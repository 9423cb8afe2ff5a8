//! Does a contract say what a ledger's public files say?
//!
//! The files are audited by themselves; here every number, root and commitment in them is compared with the
//! contract's storage, and the contracts' code with codes that the auditor knows. Nothing else of the chain is believed:
//! whoever answers the questions is. Code says what a contract does from now on, not what its constructor wrote.

use std::collections::BTreeMap;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use apportion_circuits::types::{Payee, Tier, Word};

use super::{
    ChainError, CodeHashes, ContractCode, Source,
    abi::{
        IDatasetRegistry, IProofVerifier,
        IRevenueLedger::{self, Stage},
        address, bytes32, column_digest, word,
    },
    code_hash,
    codes::misplaced,
};
use crate::{
    bundle::{EpochDoc, PublicationDoc},
    report::{AuditError, Check, Report},
    statement::{CheckId, Relation, keccak256},
    suite::Commitment,
};

/// Whoever answers questions about a chain.
pub trait ReadChain {
    /// The chain's id.
    fn chain_id(&mut self) -> Result<u64, String>;
    /// A contract's code.
    fn code(&mut self, at: Payee) -> Result<Vec<u8>, String>;
    /// What a call returns.
    fn call(&mut self, to: Payee, data: Vec<u8>) -> Result<Vec<u8>, String>;
}

/// Compares a ledger's public files with its contract, and the contracts' code with the codes that they must have.
pub fn compare(source: &Source, codes: &CodeHashes, chain: &mut dyn ReadChain) -> Report {
    let mut comparison =
        Comparison { source, codes, chain, report: Report::default(), firsts: BTreeMap::new() };
    if let Err(error) = comparison.run() {
        comparison.report.error = Some(error);
    }
    comparison.report
}

struct Comparison<'a> {
    source: &'a Source,
    codes: &'a CodeHashes,
    chain: &'a mut dyn ReadChain,
    report: Report,
    /// Each dataset's first segment among the model's, as the chain has it.
    firsts: BTreeMap<u32, u16>,
}

impl From<ChainError> for AuditError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Input(error) => AuditError::Input(error),
            ChainError::Refused(_) | ChainError::Unanswered(_) => AuditError::NotCheckable(error.to_string()),
        }
    }
}

impl Comparison<'_> {
    fn run(&mut self) -> Result<(), AuditError> {
        let ledger = self.source.ledger();
        let chain_id = self.chain.chain_id().map_err(unanswered)?;
        self.same(CheckId::ChainModel, "chain id", ledger.chain_id, chain_id);
        let registry = Payee(self.ledger(&IRevenueLedger::registryCall {})?.into_array());
        let tree = Payee(self.ledger(&IRevenueLedger::accountTreeCall {})?.into_array());
        self.shared("RevenueLedger", ledger.contract, &[("registry", registry), ("accountTree", tree)])?;
        self.shared("DatasetRegistry", registry, &[])?;
        self.shared("AccountTree", tree, &[])?;
        let model = self.model()?;
        self.verifiers()?;
        let state = self.source.public_state()?;
        for number in 0..state.datasets {
            self.dataset(number)?;
        }
        for epoch in &state.epochs {
            self.epoch(epoch)?;
        }
        for publication in &state.publications {
            self.publication(publication)?;
        }
        self.columns(&state.epochs)?;
        self.extent(&model, state.datasets, &state.epochs)?;
        self.last_scores(&model, &state.epochs)?;
        self.other_tiers()
    }

    fn ask<C: SolCall>(&mut self, to: Payee, call: &C) -> Result<C::Return, AuditError> {
        let answer = self.chain.call(to, call.abi_encode()).map_err(unanswered)?;
        C::abi_decode_returns(&answer).map_err(|error| unanswered(error.to_string()))
    }

    fn ledger<C: SolCall>(&mut self, call: &C) -> Result<C::Return, AuditError> {
        self.ask(self.source.ledger().contract, call)
    }

    fn same<T: PartialEq + std::fmt::Display>(&mut self, id: CheckId, place: &str, files: T, chain: T) {
        self.report.checks.push(if files == chain {
            Check::ok(id, place)
        } else {
            Check::failed(id, place, format!("{files} in the files, {chain} on the chain"))
        });
    }

    /// The code of a contract that is the same for every ledger.
    ///
    /// Its immutable values are what its getters return, in every place where the code has them: it would otherwise be
    /// the code that says one address and calls another.
    fn shared(&mut self, name: &str, at: Payee, values: &[(&str, Payee)]) -> Result<(), AuditError> {
        let codes = self.codes;
        let known = codes.contract(name).ok_or_else(|| unknown(name))?;
        let place = format!("{name} code");
        let code = self.code(&place, at, &known.places(), known.keccak256)?;
        self.immutables(&place, &code, known, values)
    }

    fn immutables(
        &mut self,
        place: &str,
        code: &[u8],
        known: &ContractCode,
        values: &[(&str, Payee)],
    ) -> Result<(), AuditError> {
        let named = |name: &str| values.iter().find(|(value, _)| *value == name).map(|(_, at)| *at);
        if values.iter().any(|(name, _)| known.immutables.get(*name).is_none_or(Vec::is_empty)) {
            return Err(unknown(&known.contract));
        }
        for (name, places) in &known.immutables {
            let value = named(name).ok_or_else(|| unknown(&known.contract))?;
            let place = format!("{place}, every use of {name}");
            self.report.checks.push(match misplaced(code, places, value) {
                None => Check::ok(CheckId::ChainCode, place),
                Some(at) => {
                    let why = format!("the code has another address than {value} at offset {at}");
                    Check::failed(CheckId::ChainCode, &place, why)
                }
            });
        }
        Ok(())
    }

    fn code(
        &mut self,
        place: &str,
        at: Payee,
        immutables: &[usize],
        expected: Word,
    ) -> Result<Vec<u8>, AuditError> {
        let code = self.chain.code(at).map_err(unanswered)?;
        let found = code_hash(&code, immutables);
        self.report.checks.push(if code.is_empty() {
            Check::failed(CheckId::ChainCode, place, format!("there is no contract at {at}"))
        } else if found == expected {
            Check::ok(CheckId::ChainCode, place)
        } else {
            let why = format!("the code at {at} has keccak256 {found}, it should be {expected}");
            Check::failed(CheckId::ChainCode, place, why)
        });
        Ok(code)
    }

    fn model(&mut self) -> Result<IRevenueLedger::Model, AuditError> {
        let ledger = self.source.ledger();
        let model_id = bytes32(ledger.model_id);
        let model = self.ledger(&IRevenueLedger::getModelCall { modelId: model_id })?;
        let name = ledger.model.clone();
        let derived =
            self.ledger(&IRevenueLedger::computeModelIdCall { developer: model.developer, name })?;
        self.same(CheckId::ChainModel, "model id by its developer and name", model_id, derived);
        let listed = self.ledger(&IRevenueLedger::getBeneficiariesCall { modelId: model_id })?;
        let shares = |list: Vec<(String, u32)>, contributors: u32| {
            let list: Vec<_> = list.iter().map(|(account, bps)| format!("{account}: {bps}")).collect();
            format!("contributors: {contributors}, {}", list.join(", "))
        };
        let here = ledger.policy.beneficiaries.iter();
        let here = here.map(|b| (address(b.address).to_string(), b.bps)).collect();
        let there = listed.iter().map(|b| (b.account.to_string(), u32::from(b.bps))).collect();
        let (here, there) =
            (shares(here, ledger.policy.contributors_bps), shares(there, u32::from(model.contributorsBps)));
        self.same(CheckId::ChainPolicy, "policy", here, there);
        // No file says these.
        self.report.notes.push(format!("revenue is paid in the token at {}", model.token));
        self.report.notes.push(format!("scores are committed by {}", model.attributor));
        Ok(model)
    }

    fn verifiers(&mut self) -> Result<(), AuditError> {
        let ledger = self.source.ledger();
        let tier = U256::from(ledger.tier.depth());
        let found = self.ledger(&IRevenueLedger::verifiersCall { tier })?;
        for (relation, at) in [(Relation::Split, found.split), (Relation::Tree, found.tree)] {
            let (name, at) = (relation.name(), Payee(at.into_array()));
            let key = ledger.key(relation).map(|key| key.key_digest).unwrap_or_default();
            let code = self.codes.verifier(key).ok_or_else(|| unknown(&format!("{name} verifier")))?;
            self.code(&format!("{name} verifier code"), at, &[], code.keccak256)?;
            let digest = self.ask(at, &IProofVerifier::circuitDigestCall {})?;
            self.same(CheckId::ChainCode, &format!("{name} verifier key digest"), bytes32(key), digest);
        }
        Ok(())
    }

    /// Datasets of any tier that the contract has verifiers for can be enrolled in this model, and paid from its pools: a
    /// verifier that accepts anything would publish whatever it is told to, whichever tier it is of.
    fn other_tiers(&mut self) -> Result<(), AuditError> {
        let own = self.source.ledger().tier;
        for tier in Tier::ALL.into_iter().filter(|tier| *tier != own) {
            let found = self.ledger(&IRevenueLedger::verifiersCall { tier: U256::from(tier.depth()) })?;
            let place = format!("verifiers of tier {}", tier.slots());
            if found.split.is_zero() && found.tree.is_zero() {
                self.report.checks.push(Check::ok(CheckId::ChainCode, place));
                continue;
            }
            for (relation, at) in [(Relation::Split, found.split), (Relation::Tree, found.tree)] {
                let place = format!("{} verifier of tier {}", relation.name(), tier.slots());
                self.other_verifier(&place, relation, tier, Payee(at.into_array()))?;
            }
        }
        Ok(())
    }

    /// A verifier that the files do not name: its code must be one that is known, of this relation and tier.
    fn other_verifier(
        &mut self,
        place: &str,
        relation: Relation,
        tier: Tier,
        at: Payee,
    ) -> Result<(), AuditError> {
        let codes = self.codes;
        let code = self.chain.code(at).map_err(unanswered)?;
        let found = keccak256(&code);
        if !code.is_empty() && codes.verifiers.iter().any(|known| known.keccak256 == found) {
            // What known code says of itself is true.
            let of = self.ask(at, &IProofVerifier::relationCall {})?;
            let name = format!("apportion.relation.{}.v1", relation.name());
            self.same(CheckId::ChainCode, place, bytes32(keccak256(name.as_bytes())), of);
            let of = self.ask(at, &IProofVerifier::tierCall {})?;
            self.same(CheckId::ChainCode, &format!("{place}, its tier"), U256::from(tier.depth()), of);
            return Ok(());
        }
        if code.is_empty() {
            let why = format!("there is no contract at {at}");
            self.report.checks.push(Check::failed(CheckId::ChainCode, place, why));
            return Ok(());
        }
        let digest = self.ask(at, &IProofVerifier::circuitDigestCall {})?;
        let known = codes.verifier(Word(digest.0)).ok_or_else(|| unknown(place))?;
        let why = format!("the code at {at} has keccak256 {found}, it should be {}", known.keccak256);
        self.report.checks.push(Check::failed(CheckId::ChainCode, place, why));
        Ok(())
    }

    /// The model has the files' segments and no more, in places of their own, and the epoch after the files' last.
    fn extent(
        &mut self,
        model: &IRevenueLedger::Model,
        datasets: u32,
        epochs: &[EpochDoc],
    ) -> Result<(), AuditError> {
        let model_id = bytes32(self.source.ledger().model_id);
        let (mut total, mut ranges) = (0u64, Vec::new());
        for number in 0..datasets {
            let id = bytes32(self.source.dataset_id(number)?);
            let found =
                self.ledger(&IRevenueLedger::getEnrolmentCall { modelId: model_id, datasetId: id })?;
            let segments = self.source.enrolment(number, 0)?.segments.len() as u64;
            total = total.saturating_add(segments);
            let place = format!("dataset {number} enrolled segments");
            let state = |enrolled: u64, of: u64| format!("{enrolled} of {of}");
            let (here, there) =
                (state(segments, segments), state(u64::from(found.enrolled), u64::from(found.segments)));
            self.same(CheckId::ChainDataset, &place, here, there);
            ranges.push((u64::from(found.first), segments, number));
            self.firsts.insert(number, found.first);
        }
        ranges.sort_unstable();
        let mut next = 0u64;
        for (first, segments, number) in ranges {
            self.same(CheckId::ChainDataset, &format!("dataset {number} first segment"), next, first);
            next = next.saturating_add(segments);
        }
        self.same(CheckId::ChainModel, "segments", total, u64::from(model.segments));
        self.same(CheckId::ChainModel, "segments that are being enrolled", total, u64::from(model.reserved));
        let next = epochs.last().map_or(0, |last| u64::from(last.epoch)).saturating_add(1);
        self.same(CheckId::ChainEpoch, "current epoch", next, model.epoch);
        Ok(())
    }

    /// The contract keeps the last score commitments until others take their place.
    fn last_scores(&mut self, model: &IRevenueLedger::Model, epochs: &[EpochDoc]) -> Result<(), AuditError> {
        let model_id = bytes32(self.source.ledger().model_id);
        let Some(last) = epochs.last().filter(|last| !last.carried_only) else { return Ok(()) };
        let call = IRevenueLedger::getEpochCall { modelId: model_id, epoch: U256::from(model.epoch) };
        if self.ledger(&call)?.stage != Stage::Open {
            return Ok(());
        }
        for segment in &last.segments {
            let Some(first) = self.firsts.get(&segment.dataset) else { continue };
            let index = U256::from(*first).saturating_add(U256::from(segment.segment));
            let found = self.ledger(&IRevenueLedger::scoreColumnCall { modelId: model_id, index })?;
            let place = format!("dataset {} segment {} scores", segment.dataset, segment.segment);
            let column = bytes32(column_digest(&segment.score_column));
            self.same(CheckId::ChainColumns, &place, column, found);
        }
        Ok(())
    }

    fn dataset(&mut self, number: u32) -> Result<(), AuditError> {
        let place = format!("dataset {number}");
        let doc = self.source.dataset(number)?;
        let id = self.source.dataset_id(number)?;
        let registry = self.ledger(&IRevenueLedger::registryCall {})?;
        let registry = Payee(registry.into_array());
        let registered = self.ask(registry, &IDatasetRegistry::datasetCall { datasetId: bytes32(id) })?;
        self.same(CheckId::ChainDataset, &format!("{place} records"), doc.records, registered.records);
        self.same(CheckId::ChainDataset, &format!("{place} tier"), doc.tier.depth() as u8, registered.tier);
        for (segment, root) in (0u64..).zip(&doc.roots) {
            let call = IDatasetRegistry::rootCall { datasetId: bytes32(id), segment: U256::from(segment) };
            let found = self.ask(registry, &call)?;
            let place = format!("{place} segment {segment} root");
            self.same(CheckId::ChainDataset, &place, word(*root), found);
        }
        Ok(())
    }

    fn epoch(&mut self, doc: &EpochDoc) -> Result<(), AuditError> {
        let place = |what: &str| format!("epoch {} {what}", doc.epoch);
        let model_id = bytes32(self.source.ledger().model_id);
        let found =
            self.ledger(&IRevenueLedger::getEpochCall { modelId: model_id, epoch: U256::from(doc.epoch) })?;
        let due = if doc.carried_only { Stage::Carried } else { Stage::Final };
        let stage = |stage: Stage| format!("{stage:?}");
        self.same(CheckId::ChainEpoch, &place("stage"), stage(due), stage(found.stage));
        let paid = doc.segments.iter().fold(0u128, |sum, s| sum.saturating_add(s.segment_paid.0));
        self.same(CheckId::ChainEpoch, &place("revenue"), doc.revenue.0, found.revenue);
        self.same(CheckId::ChainEpoch, &place("pool"), doc.pool.0, found.pool);
        // The contract does not take back the sum of an epoch that it gave up halfway: nothing was paid.
        if !doc.abandoned {
            self.same(CheckId::ChainEpoch, &place("paid"), paid, found.paid);
        }
        let total = U256::from(doc.total_score.0);
        self.same(CheckId::ChainEpoch, &place("total score"), total, U256::from(found.totalScore));
        Ok(())
    }

    fn publication(&mut self, doc: &PublicationDoc) -> Result<(), AuditError> {
        let model_id = bytes32(self.source.ledger().model_id);
        for segment in &doc.segments {
            let call = IRevenueLedger::publishedEpochCall {
                modelId: model_id,
                datasetId: bytes32(self.source.dataset_id(segment.dataset)?),
                segment: U256::from(segment.segment),
                root: word(segment.root),
            };
            let found = self.ledger(&call)?;
            let place = format!(
                "publication {} dataset {} segment {}",
                doc.publication, segment.dataset, segment.segment
            );
            self.same(CheckId::ChainPublished, &place, U256::from(doc.epoch), found);
        }
        Ok(())
    }

    /// The columns as they are now: newest enrolments, last settled balances.
    fn columns(&mut self, epochs: &[EpochDoc]) -> Result<(), AuditError> {
        let model_id = bytes32(self.source.ledger().model_id);
        for number in 0..self.source.public_state()?.datasets {
            let id = bytes32(self.source.dataset_id(number)?);
            let enrolment = self.source.newest_enrolment(number)?;
            for (segment, entry) in (0u32..).zip(&enrolment.segments) {
                let at = U256::from(segment);
                let call = IRevenueLedger::getSegmentCall { modelId: model_id, datasetId: id, segment: at };
                let found = self.ledger(&call)?;
                let place = |what: &str| format!("dataset {number} segment {segment} {what}");
                let column = |commitment: &Commitment| bytes32(column_digest(commitment));
                let payees = column(&entry.payee_column);
                self.same(CheckId::ChainColumns, &place("payees"), payees, found.payees);
                let settled = epochs.iter().rev().find_map(|doc| {
                    let mut segments = doc.segments.iter();
                    let entry = segments.find(|s| (s.dataset, s.segment) == (number, segment))?;
                    Some((column(&entry.balance_column), u64::from(doc.epoch)))
                });
                let (balances, epoch) = settled.unwrap_or((B256::ZERO, 0));
                self.same(CheckId::ChainColumns, &place("balances"), balances, found.balances);
                self.same(CheckId::ChainColumns, &place("epoch"), epoch, found.balancesEpoch);
            }
        }
        Ok(())
    }
}

fn unknown(contract: &str) -> AuditError {
    AuditError::NotCheckable(format!(
        "no code is known for the {contract} of this ledger: give --code-hashes, made of the contracts that you compiled"
    ))
}

fn unanswered(text: String) -> AuditError {
    AuditError::NotCheckable(format!("the chain did not answer: {text}"))
}
