//! What contracts/README.md and the comments of `IRevenueLedger` promise, in plain Rust: no lanes, no packing, no digests,
//! and nothing taken from the Solidity. A call is refused for a set of reasons; which of them a contract names is its own
//! business.

use std::{collections::BTreeMap, sync::OnceLock};

use alloy_primitives::{Address, B256, Bytes, U256, Uint, keccak256};
use alloy_sol_types::SolValue;
use apportion_circuits::{
    field::{from_bytes, to_bytes},
    poseidon::{Poseidon, Tag},
};
use apportion_verifier::chain::abi::IRevenueLedger::{
    self as abi, IRevenueLedgerCalls as Call, Terms, claimCall, commitScoresCall, publishCall, settleCall,
};
use halo2_axiom::halo2curves::bn256::Fr;

/// A wrong rule that the model follows on purpose: the comparison must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    AbandonAtTheDeadline,
    AbandonMovesBalances,
    AnyoneSettles,
    CarriedIsLost,
    ClaimPaysAllAgain,
    DepositJoinsASettlingPool,
    FirstRevenueStartsNoClock,
    LiveBeforeFinal,
    RenewalHasNoNumber,
    ScoreSumUnchecked,
    ScoresTwice,
    SharesRoundUp,
}

impl Fault {
    pub(crate) const ALL: [Fault; 12] = [
        Fault::AbandonAtTheDeadline,
        Fault::AbandonMovesBalances,
        Fault::AnyoneSettles,
        Fault::CarriedIsLost,
        Fault::ClaimPaysAllAgain,
        Fault::DepositJoinsASettlingPool,
        Fault::FirstRevenueStartsNoClock,
        Fault::LiveBeforeFinal,
        Fault::RenewalHasNoNumber,
        Fault::ScoreSumUnchecked,
        Fault::ScoresTwice,
        Fault::SharesRoundUp,
    ];
}

/// A commitment.
pub(crate) type Point = [U256; 2];
/// Names of errors.
pub(crate) type Reasons = Vec<&'static str>;

const TIER: u8 = 3;
const LEVELS: usize = 3;
/// The last two slots of a segment are no accounts.
pub(crate) const ACCOUNTS: u64 = 62;
const HOUR: u32 = 3_600;
const YEAR: u32 = 365 * 86_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    Split,
    Tree,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    #[default]
    Open,
    Scored,
    Settling,
    Final,
    Carried,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Epoch {
    pub(crate) stage: Stage,
    pub(crate) segments: usize,
    pub(crate) moved: usize,
    pub(crate) accounts: u64,
    pub(crate) total_score: u128,
    pub(crate) score_sum: u128,
    pub(crate) pool: u128,
    pub(crate) paid: u128,
    pub(crate) revenue: u128,
    pub(crate) settle_deadline: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Segment {
    pub(crate) payees: Option<Point>,
    pub(crate) enrolments: u64,
    /// The last final epoch's column.
    pub(crate) live: Option<(u64, Point)>,
    /// What the current epoch moves it to.
    pub(crate) moving: Option<Point>,
    pub(crate) moved_epoch: u64,
    pub(crate) published: BTreeMap<U256, u64>,
    pub(crate) claimed: BTreeMap<u64, U256>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Enrolment {
    pub(crate) segments: Vec<Segment>,
    /// Its first segment's number, once all are enrolled.
    pub(crate) first: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) developer: Address,
    pub(crate) terms: Terms,
    pub(crate) epoch: u64,
    pub(crate) opened_at: u64,
    pub(crate) segments: usize,
    pub(crate) pending: u128,
    pub(crate) carried: u128,
    pub(crate) received: u128,
    pub(crate) unclaimed: u128,
    pub(crate) epochs: BTreeMap<u64, Epoch>,
    pub(crate) enrolments: BTreeMap<B256, Enrolment>,
    pub(crate) scores: BTreeMap<usize, Point>,
    pub(crate) credits: BTreeMap<Address, u128>,
}

#[derive(Clone, Debug)]
pub(crate) struct Dataset {
    pub(crate) tier: u8,
    pub(crate) roots: Vec<U256>,
}

/// A ledger with one token, and all that it sees of the world.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) address: Address,
    pub(crate) chain_id: u64,
    pub(crate) now: u64,
    pub(crate) token: Address,
    pub(crate) tokens: BTreeMap<Address, U256>,
    /// Who lets the ledger take tokens.
    pub(crate) payers: Vec<Address>,
    pub(crate) datasets: BTreeMap<B256, Dataset>,
    /// Which proofs of which statements are valid, and what they link.
    pub(crate) proofs: BTreeMap<(Relation, Bytes, Vec<U256>), Vec<Point>>,
    pub(crate) models: BTreeMap<B256, Model>,
    pub(crate) fault: Option<Fault>,
}

/// r, and p of the coordinates.
pub(crate) fn modulus() -> U256 {
    U256::from_be_bytes(to_bytes(&-Fr::one())) + U256::from(1)
}

fn base_modulus() -> U256 {
    let digits = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
    U256::from_str_radix(digits, 16).unwrap()
}

fn tag(tag: Tag) -> U256 {
    U256::from_be_slice(tag.name().as_bytes())
}

pub(crate) fn record_tag() -> U256 {
    tag(Tag::Record)
}

pub(crate) fn account_tag() -> U256 {
    tag(Tag::Account)
}

/// H(tag; ..), of canonical values.
fn hash(kind: Tag, inputs: [U256; 4]) -> Option<U256> {
    static POSEIDON: OnceLock<Poseidon<Fr>> = OnceLock::new();
    let field = |value: U256| from_bytes::<Fr>(&value.to_be_bytes());
    let [a, b, c, d] = inputs.map(field);
    let output = POSEIDON.get_or_init(Poseidon::generate).hash(kind.to_field(), [a?, b?, c?, d?]);
    Some(U256::from_be_bytes(to_bytes(&output)))
}

pub(crate) fn leaf(payee: Address, cumulative: U256, salt: U256) -> Option<U256> {
    hash(Tag::Account, [U256::from_be_slice(payee.as_slice()), cumulative, salt, U256::ZERO])
}

/// The root above a node whose slot has these base-4 digits, the least significant first.
pub(crate) fn climb(mut node: U256, mut index: u64, path: &[[U256; 3]]) -> Option<U256> {
    for siblings in path {
        let mut children = siblings.to_vec();
        children.insert((index % 4) as usize, node);
        node = hash(Tag::Node, children.try_into().unwrap())?;
        index /= 4;
    }
    Some(node)
}

/// What a contract stores of a commitment; nothing before there is one.
fn digest(point: Option<Point>) -> B256 {
    point.map(|[x, y]| keccak256((x, y).abi_encode())).unwrap_or_default()
}

fn on_curve([x, y]: Point) -> bool {
    let p = base_modulus();
    let three = U256::from(3);
    x < p && y < p && y.mul_mod(y, p) == x.mul_mod(x, p).mul_mod(x, p).add_mod(three, p)
}

fn number(value: U256) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// Collects reasons.
#[derive(Default)]
struct Against(Reasons);

impl Against {
    fn when(&mut self, holds: bool, reason: &'static str) {
        if holds {
            self.0.push(reason);
        }
    }

    fn verdict(&mut self) -> Result<(), Reasons> {
        if self.0.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.0)) }
    }
}

impl Ledger {
    /// Does what a call says, or nothing.
    pub(crate) fn apply(&mut self, from: Address, call: &Call) -> Result<(), Reasons> {
        match call {
            Call::createModel(call) => self.create(from, &call.terms),
            Call::enroll(call) => self.enroll(from, call.modelId, call.datasetId, call.segment, &call.proof),
            Call::commitScores(call) => self.commit(from, call),
            Call::deposit(call) => self.deposit(from, call.modelId, call.amount),
            Call::closeEpoch(call) => self.close(from, call.modelId, call.epoch),
            Call::settle(call) => self.settle(from, call),
            Call::abandonEpoch(call) => self.abandon(call.modelId, call.epoch),
            Call::publish(call) => self.publish(from, call),
            Call::claim(call) => self.claim(call),
            Call::withdraw(call) => self.withdraw(call.modelId, call.account),
            _ => panic!("not a transaction"),
        }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn model(&mut self, id: B256) -> Result<&mut Model, Reasons> {
        self.models.get_mut(&id).ok_or_else(|| vec!["UnknownModel"])
    }

    /// Nobody can be paid there.
    fn no_account(&self, account: Address) -> bool {
        account.is_zero() || account == self.address
    }

    pub(crate) fn model_id(&self, developer: Address, name: &str) -> B256 {
        let name = keccak256(name.as_bytes());
        keccak256((U256::from(self.chain_id), self.address, developer, name).abi_encode())
    }

    fn context(&self, domain: &str, model: B256, epoch: u64, dataset: B256, segment: usize) -> U256 {
        let (chain, epoch, segment) = (U256::from(self.chain_id), U256::from(epoch), U256::from(segment));
        let words = (keccak256(domain), chain, self.address, model, epoch, dataset, segment);
        U256::from_be_slice(&keccak256(words.abi_encode())[..31])
    }

    fn linked(&self, relation: Relation, proof: &Bytes, inputs: Vec<U256>) -> Option<&Vec<Point>> {
        self.proofs.get(&(relation, proof.clone(), inputs))
    }

    // ---------------------------------------------------------------------------------------------- set-up

    fn create(&mut self, developer: Address, terms: &Terms) -> Result<(), Reasons> {
        let mut no = Against::default();
        let id = self.model_id(developer, &terms.name);
        let shares = || terms.beneficiaries.iter().map(|b| u32::from(b.bps));
        let sum: u32 = u32::from(terms.contributorsBps) + shares().sum::<u32>();
        no.when(terms.name.is_empty(), "InvalidName");
        no.when(self.no_account(terms.attributor), "InvalidAccount");
        no.when(terms.beneficiaries.iter().any(|b| self.no_account(b.account)), "InvalidAccount");
        no.when(terms.token != self.token, "TokenWithoutCode");
        for window in [terms.openWindow, terms.settleWindow] {
            no.when(!(HOUR..=YEAR).contains(&window), "InvalidWindow");
        }
        no.when(self.models.contains_key(&id), "ModelExists");
        no.when(terms.beneficiaries.len() > 16, "TooManyBeneficiaries");
        no.when(sum != 10_000 || terms.contributorsBps == 0 || shares().any(|bps| bps == 0), "InvalidPolicy");
        no.verdict()?;
        let model = Model {
            developer,
            terms: terms.clone(),
            epoch: 1,
            opened_at: self.now,
            segments: 0,
            pending: 0,
            carried: 0,
            received: 0,
            unclaimed: 0,
            epochs: BTreeMap::new(),
            enrolments: BTreeMap::new(),
            scores: BTreeMap::new(),
            credits: BTreeMap::new(),
        };
        self.models.insert(id, model);
        Ok(())
    }

    pub(crate) fn enroll_inputs(&self, model: B256, dataset: B256, segment: usize) -> Vec<U256> {
        let m = &self.models[&model];
        let earlier = m.segment(dataset, segment).map_or(0, |segment| segment.enrolments);
        let earlier = if self.is(Fault::RenewalHasNoNumber) { 0 } else { earlier };
        let root = self.datasets[&dataset].roots[segment];
        vec![root, record_tag(), self.context("apportion.enroll.v1", model, earlier, dataset, segment)]
    }

    fn enroll(
        &mut self,
        from: Address,
        id: B256,
        dataset: B256,
        segment: U256,
        proof: &Bytes,
    ) -> Result<(), Reasons> {
        let mut no = Against::default();
        let m = self.model(id)?.clone();
        no.when(from != m.developer, "NotDeveloper");
        let Some(registered) = self.datasets.get(&dataset).cloned() else {
            no.0.extend(["UnknownDataset", "UnknownSegment"]);
            return Err(no.0);
        };
        let count = registered.roots.len();
        if !m.enrolments.contains_key(&dataset) {
            no.when(registered.tier != TIER, "UnsupportedTier");
            no.when(m.reserved() + count > 512, "TooManySegments");
        }
        let segment = number(segment);
        if segment >= count {
            no.0.push("UnknownSegment");
            return Err(no.0);
        }
        let inputs = self.enroll_inputs(id, dataset, segment);
        let linked = self.linked(Relation::Tree, proof, inputs).cloned();
        no.when(linked.is_none(), "ProofRejected");
        no.verdict()?;

        let m = self.model(id)?;
        let begun = m.enrolments.entry(dataset).or_default();
        begun.segments.resize_with(count, Segment::default);
        begun.segments[segment].payees = linked.map(|linked| linked[0]);
        begun.segments[segment].enrolments += 1;
        if begun.first.is_none() && begun.segments.iter().all(|segment| segment.enrolments > 0) {
            begun.first = Some(m.segments);
            m.segments += count;
        }
        Ok(())
    }

    // ---------------------------------------------------------------------------------------------- an epoch

    fn commit(&mut self, from: Address, call: &commitScoresCall) -> Result<(), Reasons> {
        let twice = self.is(Fault::ScoresTwice);
        let m = self.model(call.modelId)?;
        let mut no = Against::default();
        no.when(from != m.terms.attributor, "NotAttributor");
        no.when(call.epoch != U256::from(m.epoch), "WrongEpoch");
        let stage = m.current().stage;
        no.when(stage != Stage::Open && !(twice && stage == Stage::Scored), "WrongStage");
        no.when(call.totalScore >> 80 != U256::ZERO, "InvalidTotalScore");
        let scored = !call.totalScore.is_zero();
        no.when(scored && m.segments == 0, "NoSegments");
        let expected = if scored { m.segments } else { 0 };
        no.when(call.points.len() != expected, "WrongPointCount");
        no.when(call.points.iter().any(|point| !on_curve(*point)), "InvalidPoint");
        no.verdict()?;
        let all = m.segments as u64 * ACCOUNTS;
        let e = m.epochs.entry(m.epoch).or_default();
        e.stage = Stage::Scored;
        (e.segments, e.accounts) = (expected, all);
        e.total_score = call.totalScore.to();
        m.scores.extend(call.points.iter().copied().enumerate());
        Ok(())
    }

    fn deposit(&mut self, from: Address, id: B256, amount: U256) -> Result<(), Reasons> {
        let mut no = Against::default();
        no.when(!self.payers.contains(&from) && !amount.is_zero(), "ERC20InsufficientAllowance");
        let has = self.tokens.get(&from).copied().unwrap_or_default();
        no.when(has < amount, "ERC20InsufficientBalance");
        no.when(amount.is_zero(), "NothingReceived");
        let now = self.now;
        let (clock, joins) =
            (!self.is(Fault::FirstRevenueStartsNoClock), self.is(Fault::DepositJoinsASettlingPool));
        let m = self.model(id)?;
        no.when(amount > U256::from(i128::MAX as u128 - m.received), "RevenueLimit");
        no.verdict()?;
        let units: u128 = amount.to();
        m.received += units;
        let stage = m.current().stage;
        if joins && stage == Stage::Settling {
            m.epochs.get_mut(&m.epoch).unwrap().pool += units;
        } else {
            if m.pending == 0 && clock {
                m.opened_at = now;
            }
            m.pending += units;
        }
        self.pay(from, self.address, amount);
        Ok(())
    }

    fn pay(&mut self, from: Address, to: Address, amount: U256) {
        *self.tokens.entry(from).or_default() -= amount;
        *self.tokens.entry(to).or_default() += amount;
    }

    fn close(&mut self, from: Address, id: B256, epoch: U256) -> Result<(), Reasons> {
        let now = self.now;
        let up = self.is(Fault::SharesRoundUp);
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(epoch != U256::from(m.epoch), "WrongEpoch");
        let e = m.current();
        no.when(!matches!(e.stage, Stage::Open | Stage::Scored), "WrongStage");
        let early = now <= m.opened_at + u64::from(m.terms.openWindow);
        no.when(early && (e.stage == Stage::Open || from != m.developer), "TooEarly");
        let split = e.total_score > 0;
        no.when(m.pending == 0 && (m.carried == 0 || !split), "NothingToClose");
        no.verdict()?;
        let revenue = std::mem::take(&mut m.pending);
        let mut pool = revenue + std::mem::take(&mut m.carried);
        for b in &m.terms.beneficiaries {
            let product = U256::from(revenue) * U256::from(b.bps) + U256::from(if up { 9_999 } else { 0 });
            let share: u128 = (product / U256::from(10_000)).to();
            *m.credits.entry(b.account).or_default() += share;
            pool -= share;
        }
        let window = if split { u64::from(m.terms.settleWindow) } else { 0 };
        let e = m.epochs.entry(m.epoch).or_default();
        (e.revenue, e.pool, e.settle_deadline) = (revenue, pool, now + window);
        e.stage = Stage::Settling;
        if !split {
            m.carry(now);
        }
        Ok(())
    }

    pub(crate) fn split_inputs(
        &self,
        (model, dataset, segment): (B256, B256, usize),
        score: U256,
        paid: U256,
    ) -> Vec<U256> {
        let m = &self.models[&model];
        let e = m.current();
        let live = m.segment(dataset, segment).is_some_and(|segment| segment.live.is_some());
        let context = self.context("apportion.split.v1", model, m.epoch, dataset, segment);
        let genesis = U256::from(u8::from(!live));
        vec![score, paid, U256::from(e.pool), U256::from(e.total_score), genesis, context]
    }

    fn settle(&mut self, from: Address, call: &settleCall) -> Result<(), Reasons> {
        let m = self.model(call.modelId)?.clone();
        let mut no = Against::default();
        no.when(from != m.developer && !self.is(Fault::AnyoneSettles), "NotDeveloper");
        no.when(call.epoch != U256::from(m.epoch), "WrongEpoch");
        let e = m.current();
        if e.stage != Stage::Settling {
            no.0.push("WrongStage");
            return Err(no.0);
        }
        no.when(call.segmentScore > U256::from(e.total_score - e.score_sum), "ScoreSumExceeded");
        no.when(call.segmentPaid > U256::from(e.pool - e.paid), "PoolExceeded");
        let segment = number(call.segment);
        let Some((index, state)) = m.participant(call.datasetId, segment) else {
            no.0.push("NotInEpoch");
            return Err(no.0);
        };
        no.when(state.moved_epoch == m.epoch, "AlreadySettled");
        let place = (call.modelId, call.datasetId, segment);
        let inputs = self.split_inputs(place, call.segmentScore, call.segmentPaid);
        let linked = self.linked(Relation::Split, &call.proof, inputs).cloned();
        no.when(linked.is_none(), "ProofRejected");
        if let Some(linked) = &linked {
            no.when(state.live.is_some_and(|(_, column)| column != linked[0]), "OldColumnMismatch");
            no.when(m.scores.get(&index) != Some(&linked[2]), "ScoreColumnMismatch");
        }
        let (score, paid) = (call.segmentScore, call.segmentPaid);
        let last = e.moved + 1 == e.segments;
        if last && no.0.is_empty() {
            let (score, paid): (u128, u128) = (score.to(), paid.to());
            let short = e.score_sum + score != e.total_score;
            no.when(short && !self.is(Fault::ScoreSumUnchecked), "ScoreSumMismatch");
            no.when(e.pool - e.paid - paid >= u128::from(e.accounts), "DustTooLarge");
        }
        no.verdict()?;

        let now = self.now;
        let (at_once, lost) = (self.is(Fault::LiveBeforeFinal), self.is(Fault::CarriedIsLost));
        let m = self.model(call.modelId)?;
        let epoch = m.epoch;
        let state = &mut m.enrolments.get_mut(&call.datasetId).unwrap().segments[segment];
        (state.moving, state.moved_epoch) = (linked.map(|linked| linked[1]), epoch);
        if at_once {
            state.live = state.moving.map(|column| (epoch, column));
        }
        let e = m.epochs.get_mut(&epoch).unwrap();
        e.score_sum += score.to::<u128>();
        e.paid += paid.to::<u128>();
        e.moved += 1;
        if !last {
            return Ok(());
        }
        e.stage = Stage::Final;
        m.unclaimed += e.paid;
        m.carried = if lost { 0 } else { e.pool - e.paid };
        m.balances_move();
        m.open_next(now);
        Ok(())
    }

    fn abandon(&mut self, id: B256, epoch: U256) -> Result<(), Reasons> {
        let now = self.now;
        let (early, moves) = (self.is(Fault::AbandonAtTheDeadline), self.is(Fault::AbandonMovesBalances));
        let m = self.model(id)?;
        let mut no = Against::default();
        no.when(epoch != U256::from(m.epoch), "WrongEpoch");
        let e = m.current();
        no.when(e.stage != Stage::Settling, "WrongStage");
        no.when(if early { now < e.settle_deadline } else { now <= e.settle_deadline }, "TooEarly");
        no.verdict()?;
        if moves {
            m.balances_move();
        }
        m.carry(now);
        Ok(())
    }

    // ---------------------------------------------------------------------------------------------- pay-out

    pub(crate) fn publish_inputs(
        &self,
        model: B256,
        dataset: B256,
        segment: usize,
        root: U256,
    ) -> Option<Vec<U256>> {
        let (epoch, _) = self.models[&model].segment(dataset, segment)?.live?;
        let context = self.context("apportion.publish.v1", model, epoch, dataset, segment);
        Some(vec![root, account_tag(), context])
    }

    fn publish(&mut self, from: Address, call: &publishCall) -> Result<(), Reasons> {
        let m = self.model(call.modelId)?.clone();
        let mut no = Against::default();
        no.when(from != m.developer, "NotDeveloper");
        no.when(call.root >= modulus(), "NotCanonical");
        let segment = number(call.segment);
        let state = m.segment(call.datasetId, segment).cloned().unwrap_or_default();
        let Some((epoch, balances)) = state.live else {
            no.0.push("NothingSettled");
            return Err(no.0);
        };
        no.when(state.published.contains_key(&call.root), "AlreadyPublished");
        let inputs = self.publish_inputs(call.modelId, call.datasetId, segment, call.root).unwrap();
        let linked = self.linked(Relation::Tree, &call.proof, inputs);
        no.when(linked.is_none(), "ProofRejected");
        if let Some(linked) = linked {
            no.when(state.payees != Some(linked[0]), "PayeeColumnMismatch");
            no.when(balances != linked[1], "BalanceColumnMismatch");
        }
        no.verdict()?;
        let m = self.model(call.modelId)?;
        let state = &mut m.enrolments.get_mut(&call.datasetId).unwrap().segments[segment];
        state.published.insert(call.root, epoch);
        Ok(())
    }

    fn claim(&mut self, call: &claimCall) -> Result<(), Reasons> {
        let again = self.is(Fault::ClaimPaysAllAgain);
        let begun = self.models.get(&call.modelId).and_then(|m| m.enrolments.get(&call.datasetId));
        let Some(begun) = begun else { return Err(vec!["SegmentNotEnrolled"]) };
        let state = begun.segments.get(number(call.segment)).cloned().unwrap_or_default();
        let mut no = Against::default();
        no.when(call.path.len() != LEVELS, "WrongPathLength");
        no.when(call.index >= U256::from(ACCOUNTS), "InvalidIndex");
        no.when(self.no_account(call.payee), "InvalidAccount");
        let index = number(call.index) as u64;
        let root =
            leaf(call.payee, call.cumulative, call.salt).and_then(|leaf| climb(leaf, index, &call.path));
        no.when(root.is_none(), "NotCanonical");
        no.when(root.is_some_and(|root| !state.published.contains_key(&root)), "UnknownRoot");
        let before = state.claimed.get(&index).copied().unwrap_or_default();
        no.when(call.cumulative <= before, "NothingOwed");
        let before = if again { U256::ZERO } else { before };
        let amount = call.cumulative.saturating_sub(before);
        let m = self.model(call.modelId)?;
        no.when(amount > U256::from(m.unclaimed), "ExceedsSettled");
        no.verdict()?;
        m.unclaimed -= amount.to::<u128>();
        let state = &mut m.enrolments.get_mut(&call.datasetId).unwrap().segments[number(call.segment)];
        state.claimed.insert(index, call.cumulative);
        self.pay(self.address, call.payee, amount);
        Ok(())
    }

    fn withdraw(&mut self, id: B256, account: Address) -> Result<(), Reasons> {
        let m = self.model(id)?;
        let amount = m.credits.remove(&account).unwrap_or_default();
        if amount == 0 {
            return Err(vec!["NothingOwed"]);
        }
        self.pay(self.address, account, U256::from(amount));
        Ok(())
    }

    // ---------------------------------------------------------------------------------------------- what is owed

    /// Everything that the ledger owes.
    pub(crate) fn owed(&self) -> U256 {
        let mut sum = U256::ZERO;
        for m in self.models.values() {
            let e = m.current();
            let settling = if e.stage == Stage::Settling { e.pool } else { 0 };
            for part in [m.pending, m.carried, m.unclaimed, settling].iter().chain(m.credits.values()) {
                sum += U256::from(*part);
            }
        }
        sum
    }
}

impl Model {
    pub(crate) fn current(&self) -> Epoch {
        self.epochs.get(&self.epoch).cloned().unwrap_or_default()
    }

    pub(crate) fn segment(&self, dataset: B256, segment: usize) -> Option<&Segment> {
        self.enrolments.get(&dataset)?.segments.get(segment)
    }

    /// A segment that takes part in the current epoch, and its number within the model.
    pub(crate) fn participant(&self, dataset: B256, segment: usize) -> Option<(usize, &Segment)> {
        let state = self.segment(dataset, segment)?;
        let index = self.enrolments[&dataset].first? + segment;
        (index < self.current().segments).then_some((index, state))
    }

    /// Segments of all datasets whose enrolment has begun.
    fn reserved(&self) -> usize {
        self.enrolments.values().map(|enrolment| enrolment.segments.len()).sum()
    }

    fn balances_move(&mut self) {
        let epoch = self.epoch;
        for state in self.enrolments.values_mut().flat_map(|enrolment| &mut enrolment.segments) {
            if let Some(column) = state.moving.take() {
                state.live = Some((epoch, column));
            }
        }
    }

    fn carry(&mut self, now: u64) {
        let e = self.epochs.get_mut(&self.epoch).unwrap();
        e.stage = Stage::Carried;
        self.carried = e.pool;
        self.open_next(now);
    }

    fn open_next(&mut self, now: u64) {
        for state in self.enrolments.values_mut().flat_map(|enrolment| &mut enrolment.segments) {
            state.moving = None;
        }
        self.epoch += 1;
        self.opened_at = now;
    }

    // ---------------------------------------------------------------------------------------------- views

    pub(crate) fn view(&self) -> abi::Model {
        abi::Model {
            developer: self.developer,
            epoch: self.epoch,
            openWindow: self.terms.openWindow,
            attributor: self.terms.attributor,
            openedAt: self.opened_at,
            settleWindow: self.terms.settleWindow,
            token: self.terms.token,
            contributorsBps: self.terms.contributorsBps,
            segments: self.segments as u16,
            reserved: self.reserved() as u16,
            accounts: (self.segments as u64 * ACCOUNTS) as u32,
            pending: self.pending,
            carried: self.carried,
            received: self.received,
            unclaimed: self.unclaimed,
        }
    }

    pub(crate) fn epoch_view(&self, epoch: u64) -> abi::Epoch {
        let e = self.epochs.get(&epoch).cloned().unwrap_or_default();
        abi::Epoch {
            stage: match e.stage {
                Stage::Open => abi::Stage::Open,
                Stage::Scored => abi::Stage::Scored,
                Stage::Settling => abi::Stage::Settling,
                Stage::Final => abi::Stage::Final,
                Stage::Carried => abi::Stage::Carried,
            },
            segments: e.segments as u16,
            moved: e.moved as u16,
            accounts: e.accounts as u32,
            totalScore: Uint::<80, 2>::from(e.total_score),
            scoreSum: Uint::<80, 2>::from(e.score_sum),
            pool: e.pool,
            paid: e.paid,
            revenue: e.revenue,
            settleDeadline: e.settle_deadline,
        }
    }

    pub(crate) fn enrolment_view(&self, dataset: B256) -> abi::Enrolment {
        let Some(begun) = self.enrolments.get(&dataset) else {
            return abi::Enrolment { tier: 0, segments: 0, enrolled: 0, first: 0 };
        };
        abi::Enrolment {
            tier: TIER,
            segments: begun.segments.len() as u16,
            enrolled: begun.segments.iter().filter(|segment| segment.enrolments > 0).count() as u16,
            first: begun.first.unwrap_or_default() as u16,
        }
    }

    pub(crate) fn segment_view(&self, dataset: B256, segment: usize) -> abi::Segment {
        let state = self.segment(dataset, segment).cloned().unwrap_or_default();
        abi::Segment {
            payees: digest(state.payees),
            balances: digest(state.live.map(|(_, column)| column)),
            balancesEpoch: state.live.map_or(0, |(epoch, _)| epoch),
            movedEpoch: state.moved_epoch,
            enrolments: state.enrolments,
        }
    }

    pub(crate) fn score_view(&self, index: usize) -> B256 {
        digest(self.scores.get(&index).copied())
    }
}
