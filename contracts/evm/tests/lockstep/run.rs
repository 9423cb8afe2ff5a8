//! One chain and one model, side by side.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolInterface};
use apportion_evm::evm::{Evm, Outcome};

use crate::{
    abi::{ledger as abi, mock, registry as reg, token as erc20},
    invariants::Invariants,
    model::{Event, Fault, Ledger, Place, Point, Reasons, Relation, Stage},
    openings::{good_pair, point},
    steps::Step,
    world::{Addresses, MODELS, Source, Start, developer, everybody, must, owner, start},
};

pub(crate) use abi::IRevenueLedgerCalls as Call;

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// A transaction to the ledger, with coins.
    Ledger(Call, u128),
    /// The owner of a dataset appends its next records.
    Extend(usize),
    /// And proves a segment's payees.
    Prove(usize, u32),
    /// A token refuses to pay somebody, or does so again.
    Block(Address, Address, bool),
    /// Time passes.
    Wait(u64),
}

/// A segment that scores are posted of.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    pub(crate) place: Place,
    pub(crate) revision: u32,
    pub(crate) scores: Vec<u64>,
    pub(crate) point: Point,
}

impl Scored {
    pub(crate) fn sum(&self) -> u128 {
        self.scores.iter().map(|score| u128::from(*score)).sum()
    }
}

/// What happened, over many runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) steps: usize,
    pub(crate) accepted: BTreeMap<&'static str, usize>,
    pub(crate) refused: BTreeMap<String, usize>,
    pub(crate) finals: usize,
    /// Epochs that became final in a later attempt.
    pub(crate) retried: usize,
    /// The most final epochs of one model.
    pub(crate) deepest: usize,
    pub(crate) dissolved: usize,
    pub(crate) credited: usize,
}

/// Chain and model side by side.
pub(crate) struct Run {
    pub(crate) model: Ledger,
    pub(crate) at: Addresses,
    pub(crate) sources: Vec<Source>,
    /// What is in a column, by slot.
    pub(crate) columns: BTreeMap<Point, Vec<u128>>,
    /// Payee columns by segment, oldest first.
    pub(crate) payees: BTreeMap<Place, Vec<Point>>,
    /// What was posted under a root.
    pub(crate) posted: BTreeMap<B256, Vec<Scored>>,
    pub(crate) evm: Evm,
    invariants: Invariants,
    serial: usize,
}

impl Run {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        let Start { evm, at, sources, ledger, .. } = start().clone();
        Self {
            model: Ledger { fault, ..ledger },
            at,
            sources,
            columns: BTreeMap::new(),
            payees: BTreeMap::new(),
            posted: BTreeMap::new(),
            evm,
            invariants: Invariants::default(),
            serial: 0,
        }
    }

    /// Plays all steps. The first difference ends it.
    pub(crate) fn play(&mut self, steps: &[Step], seen: &mut Seen) -> Result<(), String> {
        for (number, step) in steps.iter().enumerate() {
            seen.steps += 1;
            let (from, action) = step.action(self);
            let said = || format!("step {number}, {action:?} of {from}");
            self.act(from, &action, seen).map_err(|difference| format!("{}: {difference}", said()))?;
            self.compare().map_err(|difference| format!("after {}: {difference}", said()))?;
            self.invariants.check(&self.model).map_err(|broken| format!("after {}: {broken}", said()))?;
        }
        for m in self.model.models.values() {
            let finals: Vec<_> = m.epochs.values().filter(|e| e.stage == Stage::Final).collect();
            seen.finals += finals.len();
            seen.deepest = seen.deepest.max(finals.len());
            seen.retried += finals.iter().filter(|e| e.attempt > 0).count();
            seen.dissolved += usize::from(m.dissolved_at != 0);
        }
        seen.credited += self.model.credits.len();
        Ok(())
    }

    /// A commitment that was not used before.
    pub(crate) fn fresh(&mut self) -> Point {
        self.serial += 1;
        point(self.serial)
    }

    pub(crate) fn number(&self, id: B256) -> usize {
        self.sources.iter().position(|source| source.id == id).unwrap_or(0)
    }

    /// A proof of this statement that links these columns becomes valid.
    pub(crate) fn accept(&mut self, relation: Relation, inputs: Vec<U256>, linked: Vec<Point>) -> Bytes {
        self.serial += 1;
        let proof = Bytes::from(self.serial.to_be_bytes().to_vec());
        let verifier = if relation == Relation::Split { self.at.split } else { self.at.tree };
        let words = linked.iter().copied().chain(good_pair()).flatten().collect();
        let accept = mock::acceptCall { proof: proof.clone(), inputs: inputs.clone(), words };
        must(&mut self.evm, Address::ZERO, verifier, &accept);
        self.model.accept(relation, proof.clone(), inputs, linked);
        proof
    }

    fn act(&mut self, from: Address, action: &Action, seen: &mut Seen) -> Result<(), String> {
        self.model.events.clear();
        match action {
            Action::Wait(seconds) => {
                self.evm.advance(*seconds);
                (self.model.now, self.model.block) = (self.evm.time(), self.evm.block());
                Ok(())
            }
            Action::Block(token, account, blocked) => {
                let call = erc20::setBlockedCall { account: *account, blocked: *blocked };
                must(&mut self.evm, owner(), *token, &call);
                let list = &mut self.model.tokens.get_mut(token).unwrap().blocked;
                if *blocked {
                    list.insert(*account)
                } else {
                    list.remove(account)
                };
                Ok(())
            }
            Action::Extend(dataset) => {
                self.extend(*dataset);
                *seen.accepted.entry("extend").or_default() += 1;
                Ok(())
            }
            Action::Prove(dataset, segment) => {
                self.prove(*dataset, *segment);
                *seen.accepted.entry("provePayees").or_default() += 1;
                Ok(())
            }
            Action::Ledger(call, value) => self.send(from, call, *value, seen),
        }
    }

    fn extend(&mut self, dataset: usize) {
        let source = &self.sources[dataset];
        let known = &self.model.registry.datasets[&source.id];
        let number = known.revisions.len();
        let (Some(doc), old) = (source.revisions.get(number), &source.revisions[number - 1]) else { return };
        let word = |word: &apportion_circuits::types::Word| U256::from_be_bytes(word.0);
        let first = (0..doc.roots.len()).find(|s| doc.roots.get(*s) != old.roots.get(*s)).unwrap();
        let path = doc.extension.as_ref();
        let call = reg::extendCall {
            datasetId: source.id,
            revision: number as u32 - 1,
            records: doc.records,
            roots: doc.roots[first..].iter().map(word).collect(),
            extension: reg::Extension {
                left: path.map(|p| p.left.iter().map(word).collect()).unwrap_or_default(),
                leaf: path.map(|p| word(&p.leaf)).unwrap_or_default(),
                right: path.map(|p| p.right.iter().map(word).collect()).unwrap_or_default(),
            },
            count: doc.count.iter().map(word).collect(),
        };
        must(&mut self.evm, owner(), self.at.registry, &call);
        let roots: Vec<_> = doc.roots.iter().map(word).collect();
        let (id, records, block) = (source.id, doc.records, self.model.block);
        let known = self.model.registry.datasets.get_mut(&id).unwrap();
        known.revisions.push((records, block));
        for (segment, root) in roots.into_iter().enumerate().skip(first) {
            let state = (root, number as u32);
            match known.segments.get_mut(segment) {
                Some(old) => *old = state,
                None => known.segments.push(state),
            }
        }
        known.keep_roots();
    }

    fn prove(&mut self, dataset: usize, segment: u32) {
        let id = self.sources[dataset].id;
        let (root, revision) = self.model.registry.datasets[&id].segments[segment as usize];
        let context = apportion_statement::EnrollContext {
            chain_id: self.model.chain_id,
            registry: apportion_circuits::types::Payee(self.at.registry.into_array()),
            dataset: apportion_circuits::types::Word(id.0),
            segment,
            revision,
        };
        let context = U256::from_be_bytes(apportion_statement::Context::to_word(&context).0);
        let (a, b) = (self.fresh(), self.fresh());
        let proof = self.accept(Relation::Tree, vec![root, context], vec![a, b]);
        let proofs = vec![reg::PayeesProof { segment, proof }];
        let call = reg::provePayeesCall { datasetId: id, proofs };
        must(&mut self.evm, owner(), self.at.registry, &call);
        self.model.registry.prove((id, segment), a);
        self.payees.entry((id, segment)).or_default().push(a);
    }

    fn send(&mut self, from: Address, call: &Call, value: u128, seen: &mut Seen) -> Result<(), String> {
        if let Call::claim(call) = call
            && self.model.models.contains_key(&call.modelId)
        {
            let view = abi::claimableCall { modelId: call.modelId, receipts: call.receipts.clone() };
            let amounts = ask(&mut self.evm, self.at.ledger, &view)?;
            same("claimable", &amounts, &self.model.claimable(call.modelId, &call.receipts))?;
        }
        let sent =
            self.evm.pay(from, self.at.ledger, &call.abi_encode(), value).map_err(|e| e.to_string())?;
        let expected = self.model.apply(from, value, call);
        match (sent.is_success(), expected) {
            (true, Ok(())) => {
                *seen.accepted.entry(name(call)).or_default() += 1;
                self.compare_events(&sent)
            }
            (false, Err(reasons)) => {
                let reason = reason(&sent);
                if !reasons.contains(&reason.as_str()) {
                    return Err(format!("refused for {reason}, the model has {reasons:?}"));
                }
                *seen.refused.entry(reason).or_default() += 1;
                Ok(())
            }
            (true, Err(reasons)) => Err(format!("accepted, the model has {reasons:?}")),
            (false, Ok(())) => Err(format!("refused for {}, the model accepts", reason(&sent))),
        }
    }

    fn compare_events(&self, sent: &Outcome) -> Result<(), String> {
        let own = sent.logs.iter().filter(|log| log.address == self.at.ledger);
        let events: Vec<_> =
            own.map(|log| Event { topics: log.topics().to_vec(), data: log.data.data.clone() }).collect();
        same("events", &events, &self.model.events)
    }

    pub(crate) fn ids(&self) -> Vec<B256> {
        (0..MODELS).map(|k| self.model.model_id(developer(k), &format!("m{k}"))).collect()
    }

    /// Asks the contract everything.
    fn compare(&mut self) -> Result<(), String> {
        for id in self.ids() {
            self.compare_model(id)?;
        }
        self.compare_money()
    }

    fn compare_model(&mut self, id: B256) -> Result<(), String> {
        let Some(m) = self.model.models.get(&id).cloned() else { return Ok(()) };
        let ledger = self.at.ledger;
        let evm = &mut self.evm;
        same("model", &ask(evm, ledger, &abi::getModelCall { modelId: id })?, &self.model.model_view(&m))?;
        same("terms", &ask(evm, ledger, &abi::getTermsCall { modelId: id })?, &m.terms)?;
        for number in 0..=m.open_epoch + 1 {
            let call = abi::getEpochCall { modelId: id, epoch: U256::from(number) };
            let view = ask(evm, ledger, &call)?;
            same("epoch", &view, &m.epoch_view(number))?;
            self.invariants.finished(id, number, &view)?;
            for index in 0..3 {
                let epoch = U256::from(number);
                let call = abi::shareWithdrawnCall { modelId: id, epoch, index: U256::from(index) };
                let taken = m.epochs.get(&number).is_some_and(|e| e.withdrawn.contains(&index));
                same("share withdrawn", &ask(evm, ledger, &call)?, &taken)?;
            }
        }
        for (version, policy) in m.policies.iter().enumerate() {
            let call = abi::getPolicyCall { modelId: id, policy: U256::from(version + 1) };
            same("policy", &ask(evm, ledger, &call)?, policy)?;
        }
        let announced = ask(evm, ledger, &abi::getAnnouncedCall { modelId: id })?;
        let announced =
            (announced.policy, announced.policyFrom, announced.attributor, announced.attributorFrom);
        same("announced", &announced, &self.model.announced_view(&m))?;
        for party in [m.attributor, m.open().attributor] {
            let offers = ask(evm, ledger, &abi::getOffersCall { modelId: id, ofAttributor: party })?;
            let offered = m.offered_attributor.get(&party).copied().unwrap_or_default();
            same("offers", &(offers.developer, offers.attributor), &(m.offered_developer, offered))?;
        }
        // In pages of two.
        let mut demands = vec![];
        let mut call = abi::getDemandsCall { modelId: id, cursor: B256::ZERO, count: U256::from(2) };
        loop {
            let found = ask(evm, ledger, &call)?;
            demands.extend(found.page);
            call.cursor = found.next;
            if call.cursor.is_zero() {
                break;
            }
        }
        same("demands", &demands, &m.demands_view())?;
        for listed in &demands {
            let call = abi::getDemandCall {
                modelId: id,
                datasetId: listed.datasetId,
                segment: U256::from(listed.segment),
                index: U256::from(listed.index),
            };
            same("demand", &ask(evm, ledger, &call)?, listed)?;
        }
        same("owed", &ask(evm, ledger, &abi::owedCall { modelId: id })?, &U256::from(m.owed()))?;
        for number in 0..self.sources.len() {
            let dataset = self.sources[number].id;
            let call = abi::getEnrolmentCall { modelId: id, datasetId: dataset };
            let view = ask(&mut self.evm, ledger, &call)?;
            same("enrolment", &view, &self.model.enrolment_view(&m, dataset))?;
            if view.enrolledBlock == 0 {
                continue;
            }
            for segment in 0..2 {
                self.compare_segment(id, &m, (dataset, segment))?;
            }
        }
        Ok(())
    }

    fn compare_segment(&mut self, id: B256, m: &crate::model::Model, place: Place) -> Result<(), String> {
        let (ledger, evm) = (self.at.ledger, &mut self.evm);
        let (model, dataset, segment) = (id, place.0, U256::from(place.1));
        let call = abi::getSegmentCall { modelId: model, datasetId: dataset, segment };
        same("segment", &ask(evm, ledger, &call)?, &m.segment_view(place))?;
        for (number, e) in &m.epochs {
            for attempt in 0..=e.attempt {
                let (epoch, tried) = (U256::from(*number), U256::from(attempt));
                let call = abi::balanceColumnCall {
                    modelId: model,
                    datasetId: dataset,
                    segment,
                    epoch,
                    attempt: tried,
                };
                same("column", &ask(evm, ledger, &call)?, &m.column_view(place, *number, attempt))?;
            }
        }
        for ((of, root), records) in &self.model.registry.datasets[&dataset].under {
            let call = reg::recordsUnderCall { datasetId: dataset, segment: U256::from(*of), root: *root };
            same("records under a root", &ask(evm, self.at.registry, &call)?, &U256::from(*records))?;
        }
        // Slots that a claim, a demand or an exit ever named.
        let of_place = |key: &&(Place, u32)| key.0 == place;
        let claimed = m.claimed.keys().filter(of_place);
        let slots: Vec<_> = claimed.chain(m.exited.keys().filter(of_place)).map(|key| key.1).collect();
        for slot in slots.into_iter().chain([0, 61]) {
            let index = U256::from(slot);
            let call = abi::claimedCall { modelId: model, datasetId: dataset, segment, index };
            let claimed = ask(evm, ledger, &call)?;
            same("claimed", &claimed, &m.claimed_view(place, slot))?;
            self.invariants.cumulative(id, place, slot, claimed)?;
            let call = abi::exitedCall { modelId: model, datasetId: dataset, segment, index };
            same("exited", &ask(evm, ledger, &call)?, &m.exited.contains_key(&(place, slot)))?;
        }
        Ok(())
    }

    fn compare_money(&mut self) -> Result<(), String> {
        let (ledger, evm) = (self.at.ledger, &mut self.evm);
        let accounts: Vec<_> = everybody().into_iter().chain([ledger]).collect();
        for token in self.at.tokens {
            for account in &accounts {
                let has = ask(evm, token, &erc20::balanceOfCall { account: *account })?;
                let state = &self.model.tokens[&token];
                let expected = state.balances.get(account).copied().unwrap_or_default();
                same("tokens", &has, &expected)?;
                let call = abi::creditCall { token, account: *account };
                let credit = self.model.credits.get(&(token, *account)).copied().unwrap_or_default();
                same("credit", &ask(evm, ledger, &call)?, &U256::from(credit))?;
            }
            let models = ask(evm, ledger, &abi::modelsInCall { token })?;
            let mut owed = ask(evm, ledger, &abi::creditedInCall { token })?;
            let (mut first, count) = (U256::ZERO, U256::from(2));
            while first < models {
                owed += ask(evm, ledger, &abi::owedInCall { token, first, count })?;
                first += count;
            }
            same("owed in all", &owed, &U256::from(self.model.owed_in(token)))?;
            let has = self.model.tokens[&token].balances.get(&ledger).copied().unwrap_or_default();
            if has < owed {
                return Err(format!("the ledger owes {owed} and has {has}"));
            }
        }
        for account in &accounts {
            let expected = self.model.coins.get(account).copied().unwrap_or_default();
            same("coins", &evm.coins(*account), &expected)?;
            let recipient = ask(evm, ledger, &abi::recipientOfCall { payee: *account })?;
            let set = self.model.recipients.get(account).copied().unwrap_or_default();
            same("recipient", &recipient, &set)?;
            let call = abi::creditCall { token: Address::ZERO, account: *account };
            let credit = self.model.credits.get(&(Address::ZERO, *account)).copied().unwrap_or_default();
            same("credit in coins", &ask(evm, ledger, &call)?, &U256::from(credit))?;
        }
        Ok(())
    }
}

pub(crate) fn ask<C: SolCall>(evm: &mut Evm, to: Address, call: &C) -> Result<C::Return, String> {
    let outcome = evm.call(Address::ZERO, to, &call.abi_encode()).map_err(|error| error.to_string())?;
    if !outcome.is_success() {
        return Err(format!("{} refused: {}", C::SIGNATURE, reason(&outcome)));
    }
    C::abi_decode_returns(&outcome.output).map_err(|error| format!("{}: {error}", C::SIGNATURE))
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, chain: &T, model: &T) -> Result<(), String> {
    if chain == model { Ok(()) } else { Err(format!("{what}: the chain has {chain:?}, the model {model:?}")) }
}

/// An error's name.
pub(crate) fn reason(outcome: &Outcome) -> String {
    let selector: Option<[u8; 4]> = outcome.output.get(..4).and_then(|bytes| bytes.try_into().ok());
    let name = selector.and_then(|selector| start().names.get(&selector));
    name.cloned().unwrap_or_else(|| format!("{:?} {}", outcome.end, outcome.output))
}

impl Ledger {
    /// Does what a call says, or nothing.
    pub(crate) fn apply(&mut self, from: Address, value: u128, call: &Call) -> Result<(), Reasons> {
        match call {
            Call::createModel(call) => self.create(from, &call.terms, &call.policy),
            Call::enroll(call) => self.enroll(from, call),
            Call::open(call) => self.open(from, call),
            Call::offerDeveloper(call) => self.offer_developer(from, call.modelId, call.to),
            Call::acceptDeveloper(call) => self.accept_developer(from, call.modelId),
            Call::offerAttributor(call) => self.offer_attributor(from, call.modelId, call.to),
            Call::acceptAttributor(call) => self.accept_attributor(from, call.modelId),
            Call::announcePolicy(call) => self.announce_policy(from, call.modelId, &call.policy),
            Call::announceAttributor(call) => self.announce_attributor(from, call.modelId, call.attributor),
            Call::announceRetirement(call) => self.announce_retirement(from, call.modelId, call.datasetId),
            Call::replaceAttributor(call) => self.replace_attributor(from, call.modelId, call.epoch),
            Call::deposit(call) => self.deposit(from, call),
            Call::commitScores(call) => self.commit(from, call),
            Call::closeEpoch(call) => self.close(from, call),
            Call::settle(call) => self.settle(call, from),
            Call::claim(call) => self.claim(call.modelId, &call.receipts),
            Call::setRecipient(call) => self.set_recipient(from, call.recipient),
            Call::withdrawShare(call) => self.withdraw_share(call),
            Call::withdraw(call) => self.withdraw(from, call.token, call.account),
            Call::demand(call) => self.demand(from, value, call),
            Call::answer(call) => self.answer(from, call.modelId, &call.receipts),
            Call::returnBond(call) => self.return_bond(call),
            Call::dissolve(call) => self.dissolve(call.modelId),
            Call::exit(call) => self.exit(call),
            _ => panic!("not a transaction"),
        }
    }
}

macro_rules! names {
    ($($name:ident),+ $(,)?) => {
        /// The ledger's transactions.
        pub(crate) const TRANSACTIONS: &[&str] = &[$(stringify!($name)),+];

        pub(crate) fn name(call: &Call) -> &'static str {
            match call {
                $(Call::$name(_) => stringify!($name),)+
                _ => "view",
            }
        }
    };
}

names!(
    createModel,
    enroll,
    open,
    offerDeveloper,
    acceptDeveloper,
    offerAttributor,
    acceptAttributor,
    announcePolicy,
    announceAttributor,
    announceRetirement,
    replaceAttributor,
    deposit,
    commitScores,
    closeEpoch,
    settle,
    claim,
    setRecipient,
    withdrawShare,
    withdraw,
    demand,
    answer,
    returnBond,
    dissolve,
    exit,
);
