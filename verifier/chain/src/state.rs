//! What a chain says about a model: read once, of one block, then compared or shown.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, LogData, U256};
use alloy_sol_types::SolEvent;
use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::RelationId;

use crate::{
    Block, Log, ReadChain, ReadError,
    abi::{
        IDatasetRegistry as registry, IOpeningVerifier, IRelationVerifier, IRevenueLedger as ledger, IToken,
        address, bytes32, payee, point_digest, to_word,
    },
    ask,
    codes::{CodeHashes, OPENINGS, verifier_name},
    creation::{self, PROXY, PROXY_CODE},
    pages::{Demands, demands_of, owed_in},
};

/// The contracts of a deployment, and what they say about themselves.
#[derive(Clone, Debug)]
pub struct Contracts {
    /// The chain.
    pub chain_id: u64,
    /// The block of which everything is.
    pub block: Block,
    /// The ledger.
    pub ledger: Payee,
    /// What the ledger says it is.
    pub version: Word,
    /// The registry.
    pub registry: Payee,
    /// The opening verifier.
    pub opening_verifier: Payee,
    /// The registry's opening verifier.
    pub registry_openings: Payee,
    /// SHA-256 of the setup that openings and last pairings are checked with.
    pub setup: Word,
    /// The verifiers of relations.
    pub verifiers: Vec<VerifierState>,
    /// The contracts' code: which contract, and what is wrong with it.
    pub codes: Vec<CheckedCode>,
    /// What created those of them that have storage and known code: which contract, and why nobody knows.
    pub creations: Vec<CheckedCode>,
}

/// A registry and what it rests on.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The chain.
    pub chain_id: u64,
    /// The block of which everything is.
    pub block: Block,
    /// The registry.
    pub registry: Payee,
    /// Its opening verifier.
    pub opening_verifier: Payee,
    /// SHA-256 of that verifier's setup.
    pub setup: Word,
    /// Its verifiers of Tree.
    pub verifiers: Vec<VerifierState>,
    /// The contracts' code: which contract, and what is wrong with it.
    pub codes: Vec<CheckedCode>,
    /// What created the registry, where its code is known, and why nobody knows.
    pub creations: Vec<CheckedCode>,
}

/// Everything that a chain says about a model.
#[derive(Clone, Debug)]
pub struct ChainState {
    /// The contracts.
    pub contracts: Contracts,
    /// The model.
    pub model: ledger::Model,
    /// Its terms.
    pub terms: ledger::Terms,
    /// The policies that split its epochs, by number.
    pub policies: BTreeMap<u32, ledger::Policy>,
    /// What is announced and not in force.
    pub announced: ledger::getAnnouncedReturn,
    /// To whom roles are offered, the attributor's by the one below.
    pub offers: ledger::getOffersReturn,
    /// Who commits the scores of the next epoch that opens.
    pub attributor: Payee,
    /// Its epochs, from 1 to the open one.
    pub epochs: Vec<ledger::Epoch>,
    /// Every move that was made, in order.
    pub moves: Vec<MoveState>,
    /// Its enrolled datasets, in the order of their enrolment.
    pub enrolled: Vec<Word>,
    /// The datasets that are enrolled or were asked for, where they are registered, with their place in the model.
    pub datasets: BTreeMap<Word, (DatasetState, ledger::Enrolment)>,
    /// Demands that are not answered.
    pub demands: Demands,
    /// What the ledger owes for this model.
    pub owed: U256,
    /// What the ledger owes in the model's token; `None` where that takes more questions than are asked, or has no answer.
    pub owed_in_token: Option<U256>,
    /// What the ledger holds of the token.
    pub balance: U256,
}

/// A verifier of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierState {
    /// As what it is used.
    pub relation: RelationId,
    /// For segments of so many slots.
    pub tier: Tier,
    /// Where it is.
    pub address: Payee,
    /// The Keccak-256 of the relation's name, as it says.
    pub says_relation: Word,
    /// The slots, as it says.
    pub says_slots: U256,
    /// The digest of its key.
    pub key_digest: Word,
    /// SHA-256 of its setup.
    pub setup: Word,
}

/// A segment's move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveState {
    /// The epoch.
    pub epoch: u64,
    /// Which commitment of it.
    pub attempt: U256,
    /// The dataset.
    pub dataset: Word,
    /// The segment.
    pub segment: u32,
    /// With how many records.
    pub records: U256,
    /// Its score.
    pub score: U256,
    /// What it paid.
    pub paid: U256,
    /// The digest of its new balances.
    pub balances: Word,
}

/// A registered dataset.
#[derive(Clone, Debug)]
pub struct DatasetState {
    /// As it is now.
    pub dataset: registry::Dataset,
    /// Its revisions: records, and the roots of all segments.
    pub revisions: Vec<(u64, Vec<Word>)>,
    /// The proven payee columns: segment, the segment's own revision, digest.
    pub columns: Vec<(u32, u32, Word)>,
    /// To whom it is offered.
    pub offered_to: Payee,
}

impl Contracts {
    /// Reads what a ledger and its contracts say about themselves.
    ///
    /// # Errors
    /// If the chain does not answer, or what is there is no ledger.
    pub fn read(contract: Payee, codes: &CodeHashes, chain: &mut dyn ReadChain) -> Result<Self, ReadError> {
        let registry = payee(ask(chain, contract, &ledger::registryCall {})?);
        let opening_verifier = payee(ask(chain, contract, &ledger::openingVerifierCall {})?);
        let splits = verifiers(RelationId::Split, contract, chain)?;
        let mut known = Registered::read(registry, codes, chain)?;
        let mut checked = Checked { codes, chain, list: Vec::new(), creations: Vec::new() };
        if let Some(libraries) = checked.contract("RevenueLedger", contract)? {
            let max_bond = ask(checked.chain, contract, &ledger::maxBondCall {})?;
            let arguments =
                creation::ledger_arguments(registry, opening_verifier, &places(&splits), max_bond);
            let created = codes.check_creation("RevenueLedger", contract, &libraries, &arguments);
            known.creations.push((format!("RevenueLedger at {contract}"), created));
        }
        checked.verifiers(&splits)?;
        if opening_verifier != known.opening_verifier {
            checked.verifier("opening verifier".into(), OPENINGS, opening_verifier)?;
        }
        let mut list = checked.list;
        known.creations.extend(checked.creations);
        list.extend(known.codes);
        let mut verifiers = splits;
        verifiers.extend(known.verifiers);
        Ok(Self {
            chain_id: known.chain_id,
            block: known.block,
            ledger: contract,
            version: to_word(ask(chain, contract, &ledger::versionCall {})?),
            registry,
            opening_verifier,
            registry_openings: known.opening_verifier,
            setup: to_word(ask(chain, opening_verifier, &IOpeningVerifier::setupCall {})?),
            verifiers,
            codes: list,
            creations: known.creations,
        })
    }
}

impl Registered {
    /// Reads what a registry and its contracts say about themselves.
    ///
    /// # Errors
    /// If the chain does not answer, or what is there is no registry.
    pub fn read(registry: Payee, codes: &CodeHashes, chain: &mut dyn ReadChain) -> Result<Self, ReadError> {
        let opening_verifier = payee(ask(chain, registry, &registry::openingVerifierCall {})?);
        let tree = payee(ask(chain, registry, &registry::recordTreeCall {})?);
        let trees = verifiers(RelationId::Tree, registry, chain)?;
        let mut checked = Checked { codes, chain, list: Vec::new(), creations: Vec::new() };
        if let Some(libraries) = checked.contract("DatasetRegistry", registry)? {
            let proxy = match checked.chain.code(PROXY)? {
                code if code == PROXY_CODE => Ok(()),
                code if code.is_empty() => Err("there is none on this chain".to_owned()),
                _ => Err("it has other code than elsewhere".to_owned()),
            };
            checked.creations.push((format!("deployment proxy at {PROXY}"), proxy));
            let arguments = creation::registry_arguments(opening_verifier, &places(&trees));
            let created = codes.check_creation("DatasetRegistry", registry, &libraries, &arguments);
            checked.creations.push((format!("DatasetRegistry at {registry}"), created));
        }
        checked.contract("RecordTree", tree)?;
        checked.verifiers(&trees)?;
        checked.verifier("opening verifier".into(), OPENINGS, opening_verifier)?;
        let (codes, creations) = (checked.list, checked.creations);
        Ok(Self {
            chain_id: chain.chain_id()?,
            block: chain.block()?,
            registry,
            opening_verifier,
            setup: to_word(ask(chain, opening_verifier, &IOpeningVerifier::setupCall {})?),
            verifiers: trees,
            codes,
            creations,
        })
    }
}

impl ChainState {
    /// Reads everything. `datasets` are read too where they are registered, enrolled or not.
    ///
    /// # Errors
    /// If the chain does not answer, or what is there is no ledger.
    pub fn read(
        contract: Payee,
        model: Word,
        datasets: &[Word],
        codes: &CodeHashes,
        chain: &mut dyn ReadChain,
    ) -> Result<Self, ReadError> {
        let contracts = Contracts::read(contract, codes, chain)?;
        let id = bytes32(model);
        let found = ask(chain, contract, &ledger::getModelCall { modelId: id })?;
        let terms = ask(chain, contract, &ledger::getTermsCall { modelId: id })?;
        let mut epochs = Vec::new();
        for epoch in 1..=found.openEpoch {
            let epoch = U256::from(epoch);
            epochs.push(ask(chain, contract, &ledger::getEpochCall { modelId: id, epoch })?);
        }
        // A developer can announce any number of policies that no epoch ever has.
        let mut policies = BTreeMap::new();
        for number in epochs.iter().map(|epoch| epoch.policy).collect::<BTreeSet<_>>() {
            let policy = U256::from(number);
            policies.insert(number, ask(chain, contract, &ledger::getPolicyCall { modelId: id, policy })?);
        }
        let moves = moves(contract, id, chain)?;
        let enrolled = enrolled(contract, id, chain)?;
        let mut known = BTreeMap::new();
        for dataset in datasets.iter().chain(&enrolled) {
            if !known.contains_key(dataset)
                && let Some(state) = DatasetState::read(contracts.registry, *dataset, chain)?
            {
                let call = ledger::getEnrolmentCall { modelId: id, datasetId: bytes32(*dataset) };
                known.insert(*dataset, (state, ask(chain, contract, &call)?));
            }
        }
        let attributor = ask(chain, contract, &ledger::attributorOfCall { modelId: id })?;
        let token = payee(found.token);
        let no_token = found.token.is_zero();
        Ok(Self {
            contracts,
            terms,
            policies,
            announced: ask(chain, contract, &ledger::getAnnouncedCall { modelId: id })?,
            offers: ask(chain, contract, &ledger::getOffersCall { modelId: id, ofAttributor: attributor })?,
            attributor: payee(attributor),
            epochs,
            moves,
            enrolled,
            datasets: known,
            demands: demands_of(contract, id, chain)?,
            owed: ask(chain, contract, &ledger::owedCall { modelId: id })?,
            owed_in_token: owed_in(contract, found.token, chain),
            balance: if no_token {
                U256::ZERO
            } else {
                ask(chain, token, &IToken::balanceOfCall { account: address(contract) })?
            },
            model: found,
        })
    }

    /// An epoch, from 1.
    pub fn epoch(&self, epoch: u64) -> Option<&ledger::Epoch> {
        usize::try_from(epoch).ok()?.checked_sub(1).and_then(|at| self.epochs.get(at))
    }

    /// The moves of an epoch's newest attempt.
    pub fn moves_of(&self, epoch: u64) -> impl Iterator<Item = &MoveState> {
        let attempt = self.epoch(epoch).map(|found| U256::from(found.attempt));
        self.moves.iter().filter(move |moved| moved.epoch == epoch && Some(moved.attempt) == attempt)
    }
}

/// The verifiers of a relation that a ledger or a registry uses.
fn verifiers(
    relation: RelationId,
    of: Payee,
    chain: &mut dyn ReadChain,
) -> Result<Vec<VerifierState>, ReadError> {
    let mut found = Vec::new();
    for tier in Tier::ALL {
        let slots = U256::from(tier.slots());
        let at = payee(match relation {
            RelationId::Split => ask(chain, of, &ledger::splitVerifierCall { slots })?,
            RelationId::Tree => ask(chain, of, &registry::treeVerifierCall { slots })?,
        });
        if at.is_zero() {
            continue;
        }
        found.push(VerifierState {
            relation,
            tier,
            address: at,
            says_relation: to_word(ask(chain, at, &IRelationVerifier::relationCall {})?),
            says_slots: ask(chain, at, &IRelationVerifier::slotsCall {})?,
            key_digest: to_word(ask(chain, at, &IRelationVerifier::keyDigestCall {})?),
            setup: to_word(ask(chain, at, &IRelationVerifier::setupCall {})?),
        });
    }
    Ok(found)
}

fn places(verifiers: &[VerifierState]) -> Vec<(Tier, Payee)> {
    verifiers.iter().map(|verifier| (verifier.tier, verifier.address)).collect()
}

/// A contract by what it is and where, and what is wrong with it.
pub type CheckedCode = (String, Result<(), String>);

/// Compares the code of contracts with codes that are known.
struct Checked<'a> {
    codes: &'a CodeHashes,
    chain: &'a mut dyn ReadChain,
    list: Vec<CheckedCode>,
    /// Where what is known was created, if that follows from its code.
    creations: Vec<CheckedCode>,
}

impl Checked<'_> {
    /// A contract's code, and that of its libraries, whose addresses are returned where the code is known.
    fn contract(&mut self, name: &str, at: Payee) -> Result<Option<BTreeMap<String, Payee>>, ReadError> {
        let outcome = self.codes.check(name, &self.chain.code(at)?);
        self.list.push((format!("{name} at {at}"), outcome.as_ref().map(|_| ()).map_err(Clone::clone)));
        let Ok(libraries) = outcome else { return Ok(None) };
        for (name, at) in &libraries {
            if self.contract(name, *at)?.is_some() {
                let created = self.codes.check_library_place(name, *at);
                self.creations.push((format!("{name} at {at}"), created));
            }
        }
        Ok(Some(libraries))
    }

    fn verifier(&mut self, what: String, name: &str, at: Payee) -> Result<(), ReadError> {
        let code = self.chain.code(at)?;
        let outcome = self.codes.check_verifier(name, &code);
        if outcome.is_ok() {
            let created = self.codes.check_verifier_place(name, &code, at);
            self.creations.push((format!("{what} at {at}"), created));
        }
        self.list.push((format!("{what} at {at}"), outcome));
        Ok(())
    }

    fn verifiers(&mut self, list: &[VerifierState]) -> Result<(), ReadError> {
        for found in list {
            let what = format!("{} verifier of tier {}", found.relation, found.tier);
            self.verifier(what, &verifier_name(found.relation, found.tier), found.address)?;
        }
        Ok(())
    }
}

/// An event's members.
fn decode<E: SolEvent>(log: &Log) -> Result<E, ReadError> {
    let topics = log.topics.iter().copied().map(bytes32).collect();
    let data = LogData::new(topics, log.data.clone().into());
    let decoded = data.and_then(|data| E::decode_log_data(&data).ok());
    decoded.ok_or_else(|| ReadError::Unanswered(format!("an event {} that cannot be read", E::SIGNATURE)))
}

fn topics<E: SolEvent>(first: B256) -> [Word; 2] {
    [to_word(E::SIGNATURE_HASH), to_word(first)]
}

fn moves(contract: Payee, model: B256, chain: &mut dyn ReadChain) -> Result<Vec<MoveState>, ReadError> {
    let logs = chain.logs(contract, &topics::<ledger::SegmentMoved>(model))?;
    let moved = |log: &Log| {
        let event: ledger::SegmentMoved = decode(log)?;
        Ok(MoveState {
            epoch: event.epoch.saturating_to(),
            attempt: event.attempt,
            dataset: to_word(event.datasetId),
            segment: event.segment.saturating_to(),
            records: event.records,
            score: event.segmentScore,
            paid: event.segmentPaid,
            balances: point_digest([event.x, event.y]),
        })
    };
    logs.iter().map(moved).collect()
}

fn enrolled(contract: Payee, model: B256, chain: &mut dyn ReadChain) -> Result<Vec<Word>, ReadError> {
    let mut found = Vec::new();
    for log in chain.logs(contract, &topics::<ledger::DatasetEnrolled>(model))? {
        let event: ledger::DatasetEnrolled = decode(&log)?;
        let dataset = to_word(event.datasetId);
        if !found.contains(&dataset) {
            found.push(dataset);
        }
    }
    Ok(found)
}

impl DatasetState {
    /// Reads what a registry says about a dataset; `None` where it is not registered.
    ///
    /// # Errors
    /// If the chain does not answer, or what is there is no registry.
    pub fn read(at: Payee, id: Word, chain: &mut dyn ReadChain) -> Result<Option<Self>, ReadError> {
        let dataset_id = bytes32(id);
        let dataset = match ask(chain, at, &registry::datasetCall { datasetId: dataset_id }) {
            Ok(dataset) => dataset,
            Err(ReadError::Reverted(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let words = |roots: &[U256]| roots.iter().map(|root| Word(root.to_be_bytes())).collect::<Vec<_>>();
        let mut revisions: Vec<(u64, Vec<Word>)> = Vec::new();
        for log in chain.logs(at, &topics::<registry::DatasetRegistered>(dataset_id))? {
            let event: registry::DatasetRegistered = decode(&log)?;
            revisions.push((event.records, words(&event.roots)));
        }
        for log in chain.logs(at, &topics::<registry::DatasetExtended>(dataset_id))? {
            let event: registry::DatasetExtended = decode(&log)?;
            let mut roots = revisions.last().map(|(_, roots)| roots.clone()).unwrap_or_default();
            roots.truncate(event.firstSegment as usize);
            roots.extend(words(&event.roots));
            revisions.push((event.records, roots));
        }
        let mut columns = Vec::new();
        for log in chain.logs(at, &topics::<registry::PayeesProven>(dataset_id))? {
            let event: registry::PayeesProven = decode(&log)?;
            columns.push((event.segment, event.revision, point_digest([event.x, event.y])));
        }
        let offered_to = payee(ask(chain, at, &registry::offeredToCall { datasetId: dataset_id })?);
        Ok(Some(Self { dataset, revisions, columns, offered_to }))
    }
}
