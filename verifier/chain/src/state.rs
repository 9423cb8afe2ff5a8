//! What a chain says about a model: read once, of one block, then compared or shown.

use std::collections::BTreeMap;

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
    codes::CodeHashes,
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
    /// Its policies, from 1.
    pub policies: Vec<ledger::Policy>,
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
    pub demands: Vec<ledger::Demand>,
    /// What the ledger owes for this model.
    pub owed: U256,
    /// What the ledger owes in the model's token.
    pub owed_in_token: U256,
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
        let verifiers = verifiers(contract, registry, chain)?;
        let checked = check_codes((contract, registry, opening_verifier), &verifiers, codes, chain)?;
        Ok(Self {
            chain_id: chain.chain_id()?,
            block: chain.block()?,
            ledger: contract,
            version: to_word(ask(chain, contract, &ledger::versionCall {})?),
            registry,
            opening_verifier,
            registry_openings: payee(ask(chain, registry, &registry::openingVerifierCall {})?),
            setup: to_word(ask(chain, opening_verifier, &IOpeningVerifier::setupCall {})?),
            verifiers,
            codes: checked,
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
        let mut policies = Vec::new();
        for policy in 1..=found.policies {
            let policy = U256::from(policy);
            policies.push(ask(chain, contract, &ledger::getPolicyCall { modelId: id, policy })?);
        }
        let mut epochs = Vec::new();
        for epoch in 1..=found.openEpoch {
            let epoch = U256::from(epoch);
            epochs.push(ask(chain, contract, &ledger::getEpochCall { modelId: id, epoch })?);
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
            demands: ask(chain, contract, &ledger::getDemandsCall { modelId: id })?,
            owed: ask(chain, contract, &ledger::owedCall { modelId: id })?,
            owed_in_token: ask(chain, contract, &ledger::owedInCall { token: found.token })?,
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

fn verifiers(
    contract: Payee,
    registry: Payee,
    chain: &mut dyn ReadChain,
) -> Result<Vec<VerifierState>, ReadError> {
    let mut found = Vec::new();
    for tier in Tier::ALL {
        let slots = U256::from(tier.slots());
        let split = payee(ask(chain, contract, &ledger::splitVerifierCall { slots })?);
        let tree = payee(ask(chain, registry, &registry::treeVerifierCall { slots })?);
        for (relation, at) in [(RelationId::Split, split), (RelationId::Tree, tree)] {
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
    }
    Ok(found)
}

/// A contract by what it is and where, and why its code is none that is known.
pub type CheckedCode = (String, Result<(), String>);

/// What the code of every contract is, libraries of contracts included.
fn check_codes(
    (contract, registry, openings): (Payee, Payee, Payee),
    verifiers: &[VerifierState],
    codes: &CodeHashes,
    chain: &mut dyn ReadChain,
) -> Result<Vec<CheckedCode>, ReadError> {
    let mut checked = Vec::new();
    let tree = payee(ask(chain, registry, &registry::recordTreeCall {})?);
    let mut left = vec![
        ("RevenueLedger".to_owned(), contract),
        ("DatasetRegistry".to_owned(), registry),
        ("RecordTree".to_owned(), tree),
    ];
    let mut seen = Vec::new();
    while let Some((name, at)) = left.pop() {
        if seen.contains(&(name.clone(), at)) {
            continue;
        }
        let outcome = codes.check(&name, &chain.code(at)?);
        seen.push((name.clone(), at));
        checked.push((format!("{name} at {at}"), outcome.as_ref().map(|_| ()).map_err(Clone::clone)));
        left.extend(outcome.unwrap_or_default());
    }
    let named = verifiers.iter().map(|v| (format!("{} verifier of tier {}", v.relation, v.tier), v.address));
    for (name, at) in named.chain([("opening verifier".to_owned(), openings)]) {
        let outcome = codes.check_verifier(&chain.code(at)?).map(|_| ());
        checked.push((format!("{name} at {at}"), outcome));
    }
    Ok(checked)
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
