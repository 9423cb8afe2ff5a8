//! Steps that mostly make sense: each is made into a transaction that would be accepted where that is possible, and
//! then, sometimes, something about it is wrong.

use alloy_primitives::{Address, B256, Bytes, U256};
use apportion_verifier::chain::abi::IRevenueLedger::{
    Beneficiary, Terms, abandonEpochCall, claimCall, closeEpochCall, commitScoresCall, createModelCall,
    depositCall, enrollCall, publishCall, settleCall, withdrawCall,
};
use proptest::prelude::*;

use super::{
    model::{Model, Point, Relation, Stage, modulus},
    run::{
        Call, EARNERS, FIRST_SLOT, MODELS, Publication, Run, attributor, beneficiary, developer, payee,
        payer, stranger,
    },
};

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Whatever brings this model's current epoch forward.
    Advance,
    Create,
    Enroll,
    Commit,
    Deposit,
    Close,
    Settle,
    Abandon,
    Publish,
    Claim,
    Withdraw,
    Wait,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Twist {
    Nothing,
    /// Sent by somebody else.
    Sender,
    /// Another model, or none.
    Model,
    /// Another dataset, or none.
    Dataset,
    Segment,
    /// The epoch before or after.
    Epoch,
    /// No proof of anything.
    Proof,
    /// A proof about another column.
    Column,
    /// A true sum, amount or count changed by a little, with a proof that says so.
    Little,
    /// A value far out of range.
    Huge,
    Zero,
    /// Not the only encoding of a field element.
    Alias,
    /// A list or name of another length.
    Length,
    /// Another account.
    Account,
    /// The same once more: a proof, a root, a claim of before.
    Order,
}

/// One step: numbers that are given a meaning when it is played.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    kind: Kind,
    twist: Twist,
    model: usize,
    seed: u64,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        28 => Just(Kind::Advance),
        1 => Just(Kind::Create),
        3 => Just(Kind::Enroll),
        2 => Just(Kind::Commit),
        3 => Just(Kind::Deposit),
        2 => Just(Kind::Close),
        3 => Just(Kind::Settle),
        2 => Just(Kind::Abandon),
        5 => Just(Kind::Publish),
        8 => Just(Kind::Claim),
        2 => Just(Kind::Withdraw),
        4 => Just(Kind::Wait),
    ];
    use Twist::*;
    let wrong = prop::sample::select(vec![
        Sender, Model, Dataset, Segment, Epoch, Proof, Column, Little, Huge, Zero, Alias, Length, Account,
        Order,
    ]);
    let twist = prop_oneof![3 => Just(Twist::Nothing), 1 => wrong];
    // Most of it happens to one model, so that it comes far.
    let model = prop_oneof![5 => Just(0usize), 2 => Just(1usize), 1 => Just(2usize)];
    (kind, twist, model, any::<u64>()).prop_map(|(kind, twist, model, seed)| Step {
        kind,
        twist,
        model,
        seed,
    })
}

/// A number below a bound, made of some bits of a seed.
fn part(seed: u64, salt: u64, bound: u64) -> u64 {
    ((seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xff51_afd7_ed55_8ccd) >> 20)
        % bound.max(1)
}

/// What the ledger accepted of a model's publications, the newest first.
fn published(run: &Run, id: B256) -> Vec<&Publication> {
    let Some(m) = run.model.models.get(&id) else { return vec![] };
    let known = |p: &&Publication| {
        let (model, dataset, segment) = p.place;
        let state = m.segment(dataset, segment);
        model == id && state.is_some_and(|state| state.published.contains_key(&p.root))
    };
    run.publications.iter().rev().filter(known).collect()
}

impl Step {
    fn part(&self, salt: u64, bound: u64) -> u64 {
        part(self.seed, salt, bound)
    }

    fn is(&self, twist: Twist) -> bool {
        self.twist == twist
    }

    fn id(&self, run: &Run) -> B256 {
        run.model.model_id(developer(self.model), &format!("m{}", self.model))
    }

    /// How long to wait, if this is a step that waits: often up to a deadline or the second after it.
    pub(crate) fn wait(&self, run: &Run) -> Option<u64> {
        if self.kind != Kind::Wait {
            return None;
        }
        let m = run.model.models.get(&self.id(run));
        let to = |deadline: u64| {
            let (at, now) = (deadline + self.part(1, 2), run.model.now);
            (at > now).then(|| at - now)
        };
        let deadline = m.and_then(|m| match m.current().stage {
            Stage::Settling => to(m.current().settle_deadline),
            _ => to(m.opened_at + u64::from(m.terms.openWindow)),
        });
        Some(match self.part(2, 3) {
            0 => 1 + self.part(3, 7_200),
            _ => deadline.unwrap_or(12),
        })
    }

    /// The transaction: who, what.
    pub(crate) fn call(&self, run: &mut Run) -> (Address, Call) {
        let id = self.id(run);
        let m = run.model.models.get(&id).cloned();
        let settled = m.as_ref().is_some_and(|m| m.epochs.values().any(|epoch| epoch.stage == Stage::Final));
        let kind = match self.kind {
            // Nothing to pay out yet: come closer to it, mostly.
            Kind::Publish | Kind::Claim if !settled && self.part(31, 8) > 0 => Kind::Advance,
            Kind::Claim if published(run, id).is_empty() => Kind::Publish,
            other => other,
        };
        let kind = if kind == Kind::Advance { self.next(run, m.as_ref()) } else { kind };
        let (mut from, mut call) = match (kind, m) {
            (Kind::Create, _) | (_, None) => (developer(self.model), self.create(run)),
            (Kind::Enroll, Some(m)) => (developer(self.model), self.enroll(run, id, &m)),
            (Kind::Commit, Some(m)) => (attributor(self.model), self.commit(run, id, &m)),
            (Kind::Deposit, _) => (payer(), self.deposit(id)),
            (Kind::Close, Some(m)) => {
                let by = if self.part(4, 3) == 0 { stranger() } else { developer(self.model) };
                (by, Call::closeEpoch(closeEpochCall { modelId: id, epoch: U256::from(m.epoch) }))
            }
            (Kind::Settle, Some(m)) => (developer(self.model), self.settle(run, id, &m)),
            (Kind::Abandon, Some(m)) => {
                (stranger(), Call::abandonEpoch(abandonEpochCall { modelId: id, epoch: U256::from(m.epoch) }))
            }
            (Kind::Publish, Some(m)) => (developer(self.model), self.publish(run, id, &m)),
            (Kind::Claim, Some(_)) => (stranger(), self.claim(run, id)),
            (Kind::Withdraw | Kind::Wait | Kind::Advance, Some(_)) => {
                let account = beneficiary(self.part(5, 2) as usize);
                (stranger(), Call::withdraw(withdrawCall { modelId: id, account }))
            }
        };
        if self.is(Twist::Sender) {
            from = [
                stranger(),
                payer(),
                developer(self.model),
                attributor(self.model),
                developer(2 - self.model),
            ][self.part(6, 5) as usize];
        }
        self.bend(run, &mut call);
        (from, call)
    }

    fn next(&self, run: &Run, m: Option<&Model>) -> Kind {
        let Some(m) = m else { return Kind::Create };
        let e = m.current();
        let late = e.stage == Stage::Settling && run.model.now > e.settle_deadline;
        if late && self.part(32, 2) == 0 {
            return Kind::Abandon;
        }
        if m.segments == 0
            || (m.enrolments.values().any(|begun| begun.first.is_none()) && self.part(7, 2) == 0)
        {
            return Kind::Enroll;
        }
        match m.current().stage {
            Stage::Open if m.pending == 0 || self.part(8, 4) == 0 => Kind::Deposit,
            Stage::Open => Kind::Commit,
            Stage::Scored if m.pending + m.carried == 0 => Kind::Deposit,
            Stage::Scored => Kind::Close,
            _ => Kind::Settle,
        }
    }

    // ---------------------------------------------------------------------------------------------- honest calls

    fn create(&self, run: &Run) -> Call {
        let share = |number, bps| Beneficiary { account: beneficiary(number), bps };
        let mut beneficiaries = match self.model {
            0 => vec![share(0, 4_500), share(1, 501)],
            1 => vec![share(0, 3_333)],
            _ => vec![],
        };
        let sum: u16 = beneficiaries.iter().map(|b| b.bps).sum();
        let mut terms = Terms {
            name: format!("m{}", self.model),
            attributor: attributor(self.model),
            token: run.model.token,
            contributorsBps: 10_000 - sum,
            openWindow: 7 * 86_400,
            settleWindow: 86_400,
            beneficiaries: vec![],
        };
        match self.twist {
            Twist::Length => terms.name.clear(),
            Twist::Account => terms.attributor = [Address::ZERO, run.model.address][self.part(9, 2) as usize],
            Twist::Column => beneficiaries.push(share(2, 0)),
            Twist::Dataset => beneficiaries.extend((0..17).map(|_| share(2, 1))),
            Twist::Little => terms.contributorsBps -= 1,
            Twist::Huge => terms.openWindow = 365 * 86_400 + 1,
            Twist::Zero => terms.settleWindow = 3_599,
            Twist::Alias => terms.token = stranger(),
            _ => {}
        }
        terms.beneficiaries = beneficiaries;
        Call::createModel(createModelCall { terms })
    }

    /// The first segment that is missing; a renewal where none is, or sometimes.
    fn enroll(&self, run: &mut Run, id: B256, m: &Model) -> Call {
        let sizes = [1u64, 2, 1, 509];
        // Mostly those that can be completed; sometimes a tier without verifiers, rarely the one that fills the model.
        let which = match self.part(10, 40) {
            0 => 3,
            1 | 2 => 2,
            n => (n % 2) as usize,
        };
        let dataset = run.datasets[which];
        let missing = (0..sizes[which] as usize)
            .find(|segment| m.segment(dataset, *segment).is_none_or(|segment| segment.enrolments == 0));
        let segment = missing.unwrap_or(self.part(11, sizes[which]) as usize);
        let linked = vec![run.fresh(), run.fresh()];
        let inputs = run.model.enroll_inputs(id, dataset, segment);
        let proof = run.prove(Relation::Tree, inputs, linked);
        Call::enroll(enrollCall { modelId: id, datasetId: dataset, segment: U256::from(segment), proof })
    }

    fn commit(&self, run: &mut Run, id: B256, m: &Model) -> Call {
        let none = self.part(12, 12) == 0;
        let (mut points, mut total) = (Vec::new(), 0);
        for segment in 0..if none { 0 } else { m.segments } {
            let scores: Vec<u128> = (0..EARNERS)
                .map(|slot| u128::from(self.part(13 + (segment * EARNERS + slot) as u64, 1_000)))
                .collect();
            total += scores.iter().sum::<u128>();
            let point = run.fresh();
            run.columns.insert(point, scores);
            points.push(point);
        }
        let mut total_score = U256::from(total);
        match self.twist {
            // The scores do not sum to it: this epoch can't become final.
            Twist::Little => total_score += U256::from(1),
            Twist::Huge => total_score = U256::from(1) << 80,
            Twist::Zero => total_score = U256::ZERO,
            Twist::Length => points.push(run.fresh()),
            Twist::Alias if !points.is_empty() => points[0][1] += U256::from(1),
            _ => {}
        }
        Call::commitScores(commitScoresCall {
            modelId: id,
            epoch: U256::from(m.epoch),
            totalScore: total_score,
            points,
        })
    }

    fn deposit(&self, id: B256) -> Call {
        let amount = match self.twist {
            Twist::Zero => U256::ZERO,
            Twist::Huge => U256::MAX >> 1,
            // Close to, or beyond, what a life may bring.
            Twist::Order => U256::from(i128::MAX as u128 - u128::from(self.part(14, 3))),
            Twist::Little => U256::from(1),
            _ => U256::from(1 + self.part(15, 1 << 40)),
        };
        Call::deposit(depositCall { modelId: id, amount })
    }

    /// The first participant that did not move, mostly; with real shares.
    fn settle(&self, run: &mut Run, id: B256, m: &Model) -> Call {
        let e = m.current();
        let mut places: Vec<(B256, usize)> = Vec::new();
        for (dataset, begun) in &m.enrolments {
            places.extend((0..begun.segments.len().min(3)).map(|segment| (*dataset, segment)));
        }
        let still = |(dataset, segment): &&(B256, usize)| {
            m.participant(*dataset, *segment).is_some_and(|(_, state)| state.moved_epoch != m.epoch)
        };
        let any = places.get(self.part(16, places.len() as u64) as usize);
        let first = places.iter().find(still);
        let place = if self.part(17, 10) == 0 { any.or(first) } else { first.or(any) };
        let (dataset, segment) = place.copied().unwrap_or((run.datasets[0], 0));

        let zeros = vec![0u128; EARNERS];
        let state = m.segment(dataset, segment);
        let score = m.participant(dataset, segment).and_then(|(index, _)| m.scores.get(&index).copied());
        let score = score.unwrap_or_else(|| run.fresh());
        let scores = run.columns.get(&score).unwrap_or(&zeros).clone();
        let live = state.and_then(|state| state.live).map(|(_, column)| column);
        let old = live.unwrap_or_else(|| run.fresh());
        let balances = run.columns.get(&old).filter(|_| live.is_some()).unwrap_or(&zeros).clone();
        let total = U256::from(e.total_score.max(1));
        let payouts: Vec<u128> =
            scores.iter().map(|score| (U256::from(e.pool) * U256::from(*score) / total).to()).collect();
        let new = run.fresh();
        run.columns.insert(new, balances.iter().zip(&payouts).map(|(old, payout)| old + payout).collect());
        let mut segment_score = U256::from(scores.iter().sum::<u128>());
        let mut segment_paid = U256::from(payouts.iter().sum::<u128>());
        let mut linked: Vec<Point> = vec![old, new, score];
        match self.twist {
            // What only a broken proof system allows.
            Twist::Little if self.part(18, 2) == 0 => segment_score += U256::from(1),
            Twist::Little => segment_paid = segment_paid.saturating_sub(U256::from(1 + self.part(19, 300))),
            Twist::Huge if self.part(18, 2) == 0 => segment_score = U256::MAX,
            Twist::Huge => segment_paid = U256::from(e.pool) + U256::from(1),
            Twist::Alias => segment_score += modulus(),
            Twist::Zero => (segment_score, segment_paid) = (U256::ZERO, U256::ZERO),
            Twist::Column => linked[2 * self.part(18, 2) as usize] = run.fresh(),
            _ => {}
        }
        let inputs = run.model.split_inputs((id, dataset, segment), segment_score, segment_paid);
        let proof = run.prove(Relation::Split, inputs, linked);
        Call::settle(settleCall {
            modelId: id,
            epoch: U256::from(m.epoch),
            datasetId: dataset,
            segment: U256::from(segment),
            segmentScore: segment_score,
            segmentPaid: segment_paid,
            proof,
        })
    }

    fn publish(&self, run: &mut Run, id: B256, m: &Model) -> Call {
        let mut places = Vec::new();
        for (dataset, begun) in &m.enrolments {
            let settled = (0..begun.segments.len()).filter(|segment| begun.segments[*segment].live.is_some());
            places.extend(settled.map(|segment| (*dataset, segment)));
        }
        let place = places.get(self.part(20, places.len() as u64) as usize).copied();
        let (dataset, segment) = place.unwrap_or((run.datasets[0], 0));
        let state = m.segment(dataset, segment).cloned().unwrap_or_default();
        let column = state.live.map(|(_, column)| column);
        let balances =
            column.and_then(|column| run.columns.get(&column)).cloned().unwrap_or(vec![0; EARNERS]);
        // With a broken proof system a root may promise more than there is.
        let factor = U256::from(if self.is(Twist::Huge) { 1_000 } else { 1 });
        let cumulative = balances.iter().map(|balance| U256::from(*balance) * factor).collect();
        let salt = U256::from(run.serial());
        let mut publication = Publication::new((id, dataset, segment), cumulative, salt);
        let mut linked =
            vec![state.payees.unwrap_or_else(|| run.fresh()), column.unwrap_or_else(|| run.fresh())];
        let mut root = publication.root;
        match self.twist {
            Twist::Column => linked[self.part(21, 2) as usize] = run.fresh(),
            Twist::Alias => root += modulus(),
            Twist::Order => {
                if let Some(earlier) = run.publications.iter().find(|p| p.place == publication.place) {
                    (root, publication) = (earlier.root, earlier.clone());
                }
            }
            _ => {}
        }
        let proof = match run.model.publish_inputs(id, dataset, segment, root) {
            Some(inputs) => run.prove(Relation::Tree, inputs, linked),
            None => Bytes::new(),
        };
        run.publications.push(publication);
        Call::publish(publishCall {
            modelId: id,
            datasetId: dataset,
            segment: U256::from(segment),
            root,
            proof,
        })
    }

    /// Mostly of a newer publication; an account may be claimed for long after.
    fn claim(&self, run: &Run, id: B256) -> Call {
        let of_model = published(run, id);
        let slot = self.part(22, EARNERS as u64) as usize;
        let publication = of_model.get(self.part(23, of_model.len().min(4) as u64) as usize);
        let unknown = Publication::new((id, run.datasets[0], 0), vec![U256::from(5); EARNERS], U256::from(7));
        let publication = publication.copied().filter(|_| self.part(33, 20) > 0).unwrap_or(&unknown);
        let (_, dataset, segment) = publication.place;
        let mut call = claimCall {
            modelId: id,
            datasetId: dataset,
            segment: U256::from(segment),
            index: U256::from(FIRST_SLOT + slot as u64),
            payee: payee(slot, segment),
            cumulative: publication.cumulative[slot],
            salt: publication.salt,
            path: publication.path(slot),
        };
        match self.twist {
            Twist::Little => call.cumulative += U256::from(1),
            Twist::Zero => call.cumulative = U256::ZERO,
            Twist::Huge => {
                call.index =
                    [U256::from(62), U256::MAX, call.index + U256::from(64)][self.part(24, 3) as usize]
            }
            Twist::Alias => match self.part(25, 3) {
                0 => call.cumulative += modulus(),
                1 => call.salt += modulus(),
                _ => call.path[1][2] += modulus(),
            },
            Twist::Length if self.part(26, 2) == 0 => drop(call.path.pop()),
            Twist::Length => call.path.push(call.path[2]),
            Twist::Account => {
                call.payee = [Address::ZERO, run.model.address, stranger()][self.part(27, 3) as usize];
            }
            Twist::Order => call.path[0].swap(0, 1),
            _ => {}
        }
        Call::claim(call)
    }

    // ---------------------------------------------------------------------------------------------- what goes wrong

    /// Changes what every call of a kind has.
    fn bend(&self, run: &Run, call: &mut Call) {
        let seed = self.part(28, 2) as usize;
        let other_model = (self.model + 1 + seed) % MODELS;
        let other = run.model.model_id(developer(other_model), &format!("m{other_model}"));
        let model = [B256::repeat_byte(0xee), other][self.part(29, 2) as usize];
        let dataset = [B256::repeat_byte(0xdd), run.datasets[self.part(30, 3) as usize]][seed];
        let epoch = |epoch: &mut U256| {
            *epoch = if seed == 0 { *epoch + U256::from(1) } else { epoch.saturating_sub(U256::from(1)) };
        };
        let segment = |segment: &mut U256| *segment = [*segment ^ U256::from(1), U256::MAX][seed];
        macro_rules! fields {
            ($($variant:ident),*) => {
                match call {
                    $(Call::$variant(call) if self.is(Twist::Model) => call.modelId = model,)*
                    _ => {}
                }
            };
        }
        fields!(enroll, commitScores, deposit, closeEpoch, settle, abandonEpoch, publish, claim, withdraw);
        match (call, self.twist) {
            (Call::enroll(call), Twist::Dataset) => call.datasetId = dataset,
            (Call::settle(call), Twist::Dataset) => call.datasetId = dataset,
            (Call::publish(call), Twist::Dataset) => call.datasetId = dataset,
            (Call::claim(call), Twist::Dataset) => call.datasetId = dataset,
            (Call::enroll(call), Twist::Segment) => segment(&mut call.segment),
            (Call::settle(call), Twist::Segment) => segment(&mut call.segment),
            (Call::publish(call), Twist::Segment) => segment(&mut call.segment),
            (Call::claim(call), Twist::Segment) => segment(&mut call.segment),
            (Call::commitScores(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::closeEpoch(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::settle(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::abandonEpoch(call), Twist::Epoch) => epoch(&mut call.epoch),
            (Call::enroll(call), Twist::Proof) => call.proof = Bytes::from_static(b"nothing"),
            (Call::settle(call), Twist::Proof) => call.proof = Bytes::from_static(b"nothing"),
            (Call::publish(call), Twist::Proof) => call.proof = Bytes::from_static(b"nothing"),
            (Call::withdraw(call), Twist::Account) => call.account = stranger(),
            _ => {}
        }
    }
}
