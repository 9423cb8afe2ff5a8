//! The transaction that would be accepted, where there is one.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, Uint};
use apportion_circuits::types::Word;
use apportion_statement::scores::{ScoreLeaf, ScoreTree};

use super::{Kind, Step, Twist};
use crate::{
    abi::ledger::{
        Account, Beneficiary, Exit, Move, Policy, Receipt, Terms, acceptAttributorCall, acceptDeveloperCall,
        announceAttributorCall, announcePolicyCall, announceRetirementCall, answerCall, claimCall,
        closeEpochCall, commitScoresCall, createModelCall, demandCall, depositCall, dissolveCall, enrollCall,
        exitCall, offerAttributorCall, offerDeveloperCall, replaceAttributorCall, returnBondCall,
        setRecipientCall, settleCall, withdrawCall, withdrawShareCall,
    },
    model::{Model, Place, Point, Relation, Stage, commitment, folded, opening_challenge},
    openings::open,
    run::{Action, Call, Run, Scored},
    world::{MAX_BOND, TIER, attributor, beneficiary, developer, payee, payer, record_path, stranger},
};

impl Step {
    pub(super) fn honest(&self, run: &mut Run, kind: Kind, id: B256, m: Option<&Model>) -> (Address, Action) {
        let Some(m) = m else { return (developer(self.model), self.create(run)) };
        let ledger = |call| Action::Ledger(call, 0);
        match kind {
            Kind::Create => (developer(self.model), self.create(run)),
            Kind::Enroll => (m.developer, self.enroll(run, id, m)),
            Kind::Extend => self.extend(run),
            Kind::Prove => (Address::ZERO, self.prove(run)),
            Kind::Roles => self.roles(id, m),
            Kind::Announce => (m.developer, self.announce(run, id, m, self.part(73, 3))),
            Kind::AnnounceAttributor => (m.developer, self.announce(run, id, m, 1)),
            Kind::Replace => {
                let call = replaceAttributorCall { modelId: id, epoch: m.open_epoch };
                (m.developer, ledger(Call::replaceAttributor(call)))
            }
            Kind::Deposit => (payer(), self.deposit(run, id, m)),
            Kind::Commit => self.commit(run, id, m),
            Kind::Close => {
                let by = if self.part(4, 3) == 0 { stranger() } else { m.developer };
                let call = closeEpochCall { modelId: id, epoch: m.open_epoch, scoreRoot: m.open().root };
                (by, ledger(Call::closeEpoch(call)))
            }
            Kind::Settle => (self.anybody(5), self.settle(run, id, m)),
            Kind::Claim => {
                let receipts = self.receipts(run, id, m);
                (self.anybody(5), ledger(Call::claim(claimCall { modelId: id, receipts })))
            }
            Kind::Recipient => {
                let recipient = self.recipient(run);
                (
                    payee(0, self.part(50, 6) as usize),
                    ledger(Call::setRecipient(setRecipientCall { recipient })),
                )
            }
            Kind::Share => {
                let epochs = (1..=m.final_epoch.max(1)).filter(|e| self.part(51 + e, 3) > 0).collect();
                let call = withdrawShareCall { modelId: id, epochs, index: U256::from(self.part(52, 2)) };
                (self.anybody(5), ledger(Call::withdrawShare(call)))
            }
            Kind::Withdraw | Kind::Advance | Kind::Wait => {
                let owed: Vec<_> = run.model.credits.keys().copied().collect();
                let (token, account) =
                    self.pick(53, &owed).copied().unwrap_or((run.at.tokens[0], self.anybody(54)));
                (self.anybody(5), ledger(Call::withdraw(withdrawCall { token, account })))
            }
            Kind::Block => {
                let token = run.at.tokens[self.part(55, 2) as usize];
                let account = if self.part(56, 2) == 0 { self.anybody(57) } else { payee(0, 1) };
                let blocked = !run.model.tokens[&token].blocked.contains(&account);
                // The payer's tokens and the ledger's keep moving.
                let account = if account == payer() { stranger() } else { account };
                (Address::ZERO, Action::Block(token, account, blocked))
            }
            Kind::Demand => (stranger(), self.demand(run, id, m)),
            Kind::Answer => (self.anybody(5), self.answer(run, id, m)),
            Kind::Bond => {
                let open: Vec<_> = m.demands.keys().copied().collect();
                let ((dataset, segment), index) =
                    self.pick(58, &open).copied().unwrap_or(((run.sources[0].id, 0), 1));
                let call = returnBondCall { modelId: id, datasetId: dataset, segment, index };
                (self.anybody(5), ledger(Call::returnBond(call)))
            }
            Kind::Dissolve => (self.anybody(5), ledger(Call::dissolve(dissolveCall { modelId: id }))),
            Kind::Exit => {
                let exits = self.exits(run, m);
                (self.anybody(5), ledger(Call::exit(exitCall { modelId: id, exits })))
            }
        }
    }

    // ---------------------------------------------------------------------------------------------- set-up

    fn policy(&self, salt: u64) -> Policy {
        let contributors = [5_000, 4_000, 9_999, 10_000][self.part(salt, 4) as usize];
        let rest = 10_000 - contributors;
        let first = rest / 3;
        let shares = [(0, first), (1 + self.part(salt + 1, 2) as usize, rest - first)];
        let beneficiaries = shares
            .into_iter()
            .filter(|(_, bps)| *bps > 0)
            .map(|(number, bps)| Beneficiary { account: beneficiary(number), bps })
            .collect();
        Policy { contributorsBps: contributors, beneficiaries }
    }

    fn create(&self, run: &Run) -> Action {
        let hour = 3_600;
        let mut terms = Terms {
            name: format!("m{}", self.model),
            attributor: attributor(self.model),
            token: run.at.tokens[self.model / 2],
            minContributorsBps: 4_000,
            minPool: 10,
            openWindow: hour,
            settleWindow: 2 * hour,
            noticeWindow: hour + 600 * self.model as u32,
            demandWindow: 2 * hour,
            exitWindow: 4 * hour,
            demandBond: [17, 0, MAX_BOND][self.model],
        };
        let mut policy = self.policy(60);
        match self.twist {
            Twist::Huge => match self.part(61, 4) {
                0 => terms.minPool = (1 << 20) + 1,
                1 => terms.demandBond = MAX_BOND + 1,
                2 => terms.openWindow = 366 * 86_400,
                _ => policy.beneficiaries = vec![Beneficiary { account: beneficiary(0), bps: 1 }; 17],
            },
            Twist::Zero => match self.part(62, 4) {
                0 => terms.minPool = 0,
                1 => terms.minContributorsBps = 0,
                2 => terms.settleWindow = hour - 1,
                _ => terms.attributor = Address::ZERO,
            },
            Twist::Little => match self.part(63, 4) {
                0 => policy.contributorsBps -= 1,
                1 => terms.noticeWindow = hour - 1,
                2 => terms.exitWindow = 3 * hour - 1,
                _ => terms.minContributorsBps = 10_001,
            },
            Twist::Length => terms.name.clear(),
            Twist::Account if self.part(64, 3) == 0 => terms.token = stranger(),
            Twist::Account if self.part(64, 2) == 0 => terms.attributor = run.at.ledger,
            Twist::Account => policy.beneficiaries.push(Beneficiary { account: Address::ZERO, bps: 0 }),
            _ => {}
        }
        Action::Ledger(Call::createModel(createModelCall { terms, policy }), 0)
    }

    fn enroll(&self, run: &Run, id: B256, m: &Model) -> Action {
        let number = if self.is(Twist::Huge) { 2 } else { self.part(65, 2) as usize };
        let dataset = run.sources[number].id;
        let newest = run.model.registry.datasets[&dataset].newest();
        let after = m.enrolments.get(&dataset).map_or(0, |e| e.revision + 1);
        let revision = if self.is(Twist::Order) { after + 1 } else { after.min(newest) };
        Action::Ledger(Call::enroll(enrollCall { modelId: id, datasetId: dataset, revision }), 0)
    }

    fn extend(&self, run: &Run) -> (Address, Action) {
        let can = |number: &usize| {
            let source = &run.sources[*number];
            run.model.registry.datasets[&source.id].revisions.len() < source.revisions.len()
        };
        let able: Vec<_> = (0..2).filter(can).collect();
        let action = match self.pick(66, &able) {
            Some(number) => Action::Extend(*number),
            None => self.prove(run),
        };
        (Address::ZERO, action)
    }

    fn prove(&self, run: &Run) -> Action {
        // What is not proven comes first.
        let mut all = Vec::new();
        for (number, source) in run.sources.iter().take(2).enumerate() {
            let known = &run.model.registry.datasets[&source.id];
            for (segment, (_, revision)) in known.segments.iter().enumerate() {
                let proven = run.model.registry.columns.get(&(source.id, segment as u32)).map(|c| c.1);
                all.push((proven == Some(*revision), number, segment as u32));
            }
        }
        all.sort_unstable();
        let open = all.iter().filter(|(done, ..)| !done).count();
        let (_, number, segment) = all[self.part(67, open.max(1) as u64) as usize];
        Action::Prove(number, segment)
    }

    // ---------------------------------------------------------------------------------------------- roles

    fn roles(&self, id: B256, m: &Model) -> (Address, Action) {
        let to = self.anybody(70);
        let ledger = |from, call| (from, Action::Ledger(call, 0));
        match self.part(71, 4) {
            0 => ledger(m.developer, Call::offerDeveloper(offerDeveloperCall { modelId: id, to })),
            1 => {
                let by = if m.offered_developer.is_zero() { to } else { m.offered_developer };
                ledger(by, Call::acceptDeveloper(acceptDeveloperCall { modelId: id }))
            }
            2 => {
                let closed = m.closed().map(|(_, e)| e.attributor).filter(|_| self.part(72, 2) == 0);
                let from = closed.unwrap_or(m.open().attributor);
                let from = if from.is_zero() { m.attributor } else { from };
                ledger(from, Call::offerAttributor(offerAttributorCall { modelId: id, to }))
            }
            _ => {
                let offered: Vec<_> = m.offered_attributor.values().copied().collect();
                let by = self.pick(77, &offered).copied().unwrap_or(to);
                ledger(by, Call::acceptAttributor(acceptAttributorCall { modelId: id }))
            }
        }
    }

    fn announce(&self, run: &Run, id: B256, m: &Model, which: u64) -> Action {
        let enrolled: Vec<_> = m.enrolments.keys().copied().collect();
        let call = match which {
            0 => {
                let mut policy = self.policy(74);
                match self.twist {
                    Twist::Little => policy.contributorsBps += 1,
                    Twist::Zero => policy = Policy { contributorsBps: 0, beneficiaries: vec![] },
                    _ => {}
                }
                Call::announcePolicy(announcePolicyCall { modelId: id, policy })
            }
            1 => {
                let attributor = if self.is(Twist::Account) { run.at.ledger } else { self.anybody(75) };
                Call::announceAttributor(announceAttributorCall { modelId: id, attributor })
            }
            _ => {
                let dataset = self.pick(76, &enrolled).copied().unwrap_or(run.sources[0].id);
                Call::announceRetirement(announceRetirementCall { modelId: id, datasetId: dataset })
            }
        };
        Action::Ledger(call, 0)
    }

    // ---------------------------------------------------------------------------------------------- an epoch

    fn deposit(&self, run: &Run, id: B256, m: &Model) -> Action {
        let epoch = m.open_epoch.max(1);
        let (policy, attributor) = match m.epochs.get(&epoch) {
            Some(e) => (e.policy, e.attributor),
            None => run.model.terms_now(m),
        };
        let missing = m.open().min_pool * 3;
        let amount = match self.twist {
            Twist::Zero => 0,
            // Close to, or beyond, what a life may bring.
            Twist::Huge => (1 << 127) - 1 - u128::from(self.part(80, 3)),
            Twist::Little => 1,
            _ => match self.part(81, 4) {
                0 => 1 + u128::from(self.part(82, 100)),
                1 => missing + 1,
                _ => missing + u128::from(self.part(83, 1 << 40)),
            },
        };
        let (policy, attributor) = match self.twist {
            Twist::Order => (policy + 1, attributor),
            Twist::Account => (policy, self.anybody(84)),
            _ => (policy, attributor),
        };
        Action::Ledger(Call::deposit(depositCall { modelId: id, epoch, amount, policy, attributor }), 0)
    }

    /// The open epoch's scores, or another attempt at the closed one's.
    fn commit(&self, run: &mut Run, id: B256, m: &Model) -> (Address, Action) {
        let closed = m.closed().map(|(number, e)| (number, e.clone()));
        let again = closed.filter(|_| self.part(90, 2) == 0);
        let (number, e) = again.unwrap_or_else(|| (m.open_epoch, m.open()));
        let list = self.scores(run, m);
        let leaves: Vec<_> = list.iter().map(leaf).collect();
        let root = B256::from(ScoreTree::of(&leaves).root().0);
        let mut total: u128 = list.iter().map(Scored::sum).sum();
        let mut count = list.len() as u32;
        run.posted.insert(root, list);
        match self.twist {
            Twist::Little if self.part(91, 2) == 0 => total += 1,
            Twist::Little => count += 1,
            Twist::Huge => total = 1 << 80,
            Twist::Zero if self.part(92, 2) == 0 => total = 0,
            Twist::Zero => count = 0,
            _ => {}
        }
        let call = commitScoresCall {
            modelId: id,
            epoch: number,
            root: if self.is(Twist::Length) { B256::ZERO } else { root },
            totalScore: Uint::<96, 2>::from(total),
            count,
        };
        let by = if e.attributor.is_zero() { m.attributor } else { e.attributor };
        (by, Action::Ledger(Call::commitScores(call), 0))
    }

    /// Scores of segments that could move: in their enrolled revision mostly.
    fn scores(&self, run: &mut Run, m: &Model) -> Vec<Scored> {
        let mut list = Vec::new();
        for (dataset, enrolment) in &m.enrolments {
            let known = &run.model.registry.datasets[dataset];
            let newest = known.newest();
            let revision = if self.part(93, 6) == 0 { newest } else { enrolment.revision };
            let segments = known.revisions[revision as usize].0.div_ceil(known.accounts()) as u32;
            for segment in 0..segments {
                let records = known.records(revision, segment).unwrap_or_default();
                let salt = u64::from(segment) * 97 + u64::from(dataset.0[0]);
                let skip = self.part(94 + salt, 6) == 0;
                if records == 0 || (skip && !list.is_empty()) {
                    continue;
                }
                // Few have a score: payouts are looked at one by one.
                let score = |slot: u64| match self.part(95 + salt + slot, 3) {
                    0 if slot != 1 => 0,
                    _ => 1 + self.part(96 + salt + slot, 1 << 20),
                };
                let scores = (0..records).map(score).collect();
                list.push(((*dataset, segment), revision, scores));
            }
        }
        list.into_iter()
            .map(|(place, revision, scores)| Scored { place, revision, scores, point: run.fresh() })
            .collect()
    }

    /// Segments that did not move yet, mostly; with real shares.
    fn settle(&self, run: &mut Run, id: B256, m: &Model) -> Action {
        let (number, e) = match m.closed() {
            Some((number, e)) => (number, e.clone()),
            None => (m.open_epoch, m.open()),
        };
        let list = run.posted.get(&e.root).cloned().unwrap_or_default();
        let leaves: Vec<_> = list.iter().map(leaf).collect();
        let moved = e.moves();
        let mut moves = Vec::new();
        let all = self.part(100, 2) == 0;
        for (position, scored) in list.iter().enumerate() {
            let again = self.is(Twist::Order) || self.part(101, 12) == 0;
            if (moved.contains_key(&scored.place) && !again) || (!all && !moves.is_empty()) {
                continue;
            }
            moves.push(self.one_move(run, id, m, (number, &e), scored, position, &leaves));
        }
        if self.is(Twist::Length) {
            moves.clear();
        }
        Action::Ledger(Call::settle(settleCall { modelId: id, epoch: number, moves }), 0)
    }

    #[allow(clippy::too_many_arguments, reason = "all of a move")]
    fn one_move(
        &self,
        run: &mut Run,
        id: B256,
        m: &Model,
        (number, e): (u64, &crate::model::Epoch),
        scored: &Scored,
        position: usize,
        leaves: &[Word],
    ) -> Move {
        let place = scored.place;
        let known = m.balance(place).map(|(_, column)| column.point);
        let old = known.unwrap_or_else(|| run.fresh());
        let zeros = vec![0u128; TIER.slots()];
        let balances = known.and_then(|old| run.columns.get(&old)).unwrap_or(&zeros).clone();
        let total = U256::from(e.total_score.max(1));
        let payout =
            |score: &u64| -> u128 { (U256::from(e.pool) * U256::from(*score) / total).saturating_to() };
        let payouts: Vec<u128> = scored.scores.iter().map(payout).collect();
        let mut new_balances = balances;
        new_balances.iter_mut().zip(&payouts).for_each(|(b, p)| *b = b.saturating_add(*p));
        let new = run.fresh();
        run.columns.insert(new, new_balances);
        let (mut score, mut paid) = (scored.sum(), payouts.iter().fold(0u128, |a, b| a.saturating_add(*b)));
        let mut linked: Vec<Point> = vec![old, new, scored.point];
        match self.twist {
            // What only a broken proof system allows.
            Twist::Little if self.part(102, 2) == 0 => score += 1,
            Twist::Little => paid = paid.saturating_sub(1 + u128::from(self.part(103, 300))),
            Twist::Huge if self.part(102, 2) == 0 => score = (1 << 96) - 1,
            Twist::Huge => paid = e.pool + 1,
            Twist::Zero => (score, paid) = (0, 0),
            Twist::Column => linked[2 * self.part(104, 2) as usize] = run.fresh(),
            _ => {}
        }
        let revision = if self.is(Twist::Order) && self.part(105, 2) == 0 {
            scored.revision + 1
        } else {
            scored.revision
        };
        let records = run.model.registry.datasets[&place.0].records(revision, place.1).unwrap_or_default();
        let inputs = run.model.split_inputs(id, number, place, records, (score, paid));
        let proof = run.accept(Relation::Split, inputs, linked);
        let path = ScoreTree::of(leaves).path(position).unwrap_or_default();
        Move {
            datasetId: place.0,
            segment: place.1,
            revision,
            position: position as u32,
            segmentScore: Uint::<96, 2>::from(score),
            segmentPaid: paid,
            path: path.into_iter().map(|word| B256::from(word.0)).collect(),
            proof,
        }
    }

    // ---------------------------------------------------------------------------------------------- pay-out

    fn recipient(&self, run: &Run) -> Address {
        match self.twist {
            Twist::Account => [run.at.ledger, run.at.tokens[0], run.at.registry][self.part(110, 3) as usize],
            Twist::Zero => Address::ZERO,
            _ => self.anybody(111),
        }
    }

    /// One account of a column, opened.
    pub(super) fn account(
        &self,
        run: &Run,
        id: B256,
        place: Place,
        columns: (Point, Point),
        slot: u32,
    ) -> Account {
        let source = &run.sources[run.number(place.0)];
        let record = place.1 as usize * TIER.accounts() + slot as usize;
        let mut payee = source.records.get(record).map_or(stranger(), |r| Address::from(r.payee.0));
        let held = run.columns.get(&columns.1).and_then(|values| values.get(slot as usize));
        let mut cumulative = held.copied().unwrap_or_default();
        let mut index = slot;
        match self.twist {
            // With the setup's secret anything can be opened: what the contract has to refuse by itself.
            Twist::Huge if self.part(112, 3) == 0 => cumulative = u128::MAX,
            Twist::Huge => index = 62 + self.part(113, 2) as u32,
            Twist::Zero => payee = Address::ZERO,
            _ => {}
        }
        let gamma = opening_challenge(&run.model, id, place, columns, index, payee, cumulative);
        let mut proof = open(64, columns, index, gamma, folded(payee, gamma, cumulative));
        match self.twist {
            // A receipt that is not what was opened.
            Twist::Little => cumulative += 1,
            Twist::Account => payee = self.anybody(114),
            Twist::Order => index += 64,
            Twist::Proof => proof = run.sources.first().map_or(proof, |_| crate::openings::point(7)),
            _ => {}
        }
        Account { index, payee, cumulative, proof }
    }

    /// Accounts of segments that moved in some final epoch, the last one mostly.
    fn receipts(&self, run: &mut Run, id: B256, m: &Model) -> Vec<Receipt> {
        let back = if self.part(115, 4) == 0 { self.part(116, m.final_epoch + 1) } else { 0 };
        let number = m.final_epoch.saturating_sub(back);
        let Some(e) = m.epochs.get(&number).cloned() else { return vec![] };
        // Often a column of an attempt that was given up, where there is one.
        let given_up = e.attempt > 0 && e.moved.get(&(e.attempt - 1)).is_some_and(|moves| !moves.is_empty());
        let stale = given_up && self.part(117, 2) == 0;
        let attempt = if stale { e.attempt - 1 } else { e.attempt };
        let moves = e.moved.get(&attempt).cloned().unwrap_or_default();
        let mut receipts = Vec::new();
        for (place, moved) in moves {
            if !receipts.is_empty() && self.part(118, 3) == 0 {
                continue;
            }
            let mut columns = (self.payee_column(run, place), moved.column.point);
            if self.is(Twist::Column) && !stale {
                let fresh = run.fresh();
                if self.part(119, 2) == 0 { columns.0 = fresh } else { columns.1 = fresh }
            }
            let few = 1 + self.part(120, 3) as u32;
            let slots = moved.column.records.max(1) as u32;
            let first = self.part(121, u64::from(slots.min(8))) as u32;
            let accounts =
                (0..few).map(|i| self.account(run, id, place, columns, (first + i) % slots)).collect();
            receipts.push(Receipt {
                datasetId: place.0,
                segment: place.1,
                epoch: number,
                payees: columns.0,
                balances: columns.1,
                accounts,
            });
        }
        if self.is(Twist::Length) {
            receipts.iter_mut().for_each(|receipt| receipt.accounts.clear());
        }
        receipts
    }

    fn payee_column(&self, run: &mut Run, place: Place) -> Point {
        let known = run.payees.get(&place).cloned().unwrap_or_default();
        self.pick(122, &known).copied().unwrap_or_else(|| run.fresh())
    }

    // ---------------------------------------------------------------------------------------------- stalls

    fn demand(&self, run: &Run, id: B256, m: &Model) -> Action {
        let mut places: Vec<Place> = Vec::new();
        for dataset in m.enrolments.keys() {
            places.extend((0..2).map(|segment| (*dataset, segment)).filter(|p| m.balance(*p).is_some()));
        }
        let place = self.pick(130, &places).copied().unwrap_or((run.sources[0].id, 0));
        let records = m.balance(place).map_or(1, |(_, column)| column.records);
        let above = u64::from(self.is(Twist::Little));
        let slot = (self.part(131, records) + above * records).min(61) as usize;
        let record = self.record(run, place, slot);
        let bond = m.terms.demandBond;
        let value = if self.is(Twist::Huge) { bond + 1 } else { bond };
        let call = demandCall { modelId: id, datasetId: place.0, segment: place.1, record };
        Action::Ledger(Call::demand(call), value)
    }

    fn record(&self, run: &Run, place: Place, slot: usize) -> crate::abi::ledger::RecordPath {
        let source = &run.sources[run.number(place.0)];
        let known = &run.model.registry.datasets[&source.id];
        let count = known.revisions.last().map_or(0, |r| r.0) as usize;
        let mut path = record_path(source, count, place.1 as usize * TIER.accounts() + slot);
        match self.twist {
            Twist::Account => path.payee = self.anybody(132),
            Twist::Zero => path.payee = Address::ZERO,
            Twist::Length => drop(path.siblings.pop()),
            Twist::Order => path.siblings[0].swap(0, 1),
            Twist::Column => path.siblings[1][0] += crate::model::modulus(),
            _ => {}
        }
        path
    }

    fn answer(&self, run: &mut Run, id: B256, m: &Model) -> Action {
        let mut of: BTreeMap<(Place, u64), Vec<u32>> = BTreeMap::new();
        for ((place, index), demand) in &m.demands {
            if of.is_empty() || self.part(133, 2) == 0 {
                of.entry((*place, demand.epoch)).or_default().push(*index);
            }
        }
        let mut receipts = Vec::new();
        for ((place, number), indices) in of {
            let column = m.epochs.get(&number).and_then(|e| Some(e.moves().get(&place)?.column.point));
            let mut columns = (self.payee_column(run, place), column.unwrap_or_else(|| run.fresh()));
            if self.is(Twist::Column) {
                columns.1 = run.fresh();
            }
            let accounts =
                indices.into_iter().map(|slot| self.account(run, id, place, columns, slot)).collect();
            receipts.push(Receipt {
                datasetId: place.0,
                segment: place.1,
                epoch: number,
                payees: columns.0,
                balances: columns.1,
                accounts,
            });
        }
        if self.is(Twist::Length) {
            receipts.clear();
        }
        Action::Ledger(Call::answer(answerCall { modelId: id, receipts }), 0)
    }

    fn exits(&self, run: &mut Run, m: &Model) -> Vec<Exit> {
        let empty = |place: Place| Exit {
            datasetId: place.0,
            segment: place.1,
            revision: 0,
            position: 0,
            segmentScore: Uint::ZERO,
            scores: [U256::ZERO; 2],
            path: vec![],
            records: vec![],
            payees: [U256::ZERO; 2],
            accounts: vec![],
        };
        let mut exits = Vec::new();
        let mut bounds: Vec<u64> = Vec::new();
        match m.last_final().filter(|e| e.stage == Stage::Final) {
            Some(e) => {
                let list = run.posted.get(&e.root).cloned().unwrap_or_default();
                let leaves: Vec<_> = list.iter().map(leaf).collect();
                for (position, scored) in list.iter().enumerate() {
                    let mut exit = empty(scored.place);
                    exit.revision = scored.revision;
                    exit.position = position as u32;
                    exit.segmentScore = Uint::<96, 2>::from(scored.sum());
                    exit.scores = scored.point;
                    let path = ScoreTree::of(&leaves).path(position).unwrap_or_default();
                    exit.path = path.into_iter().map(|word| B256::from(word.0)).collect();
                    exits.push(exit);
                    bounds.push(scored.scores.len() as u64);
                }
            }
            None => {
                for (dataset, enrolment) in &m.enrolments {
                    let known = &run.model.registry.datasets[dataset];
                    for segment in 0..known.segments.len() as u32 {
                        let revision = enrolment.exit_revision.unwrap_or(enrolment.revision);
                        exits.push(empty((*dataset, segment)));
                        bounds.push(known.records(revision, segment).unwrap_or_default());
                    }
                }
            }
        }
        for (exit, below) in exits.iter_mut().zip(bounds) {
            let place = (exit.datasetId, exit.segment);
            exit.payees = self.payee_column(run, place);
            // Sometimes one record more than was counted.
            let below = below + u64::from(self.is(Twist::Little)) + u64::from(self.part(134, 8) == 0);
            let slots = [self.part(135, below), self.part(136, below)].map(|slot| slot.min(61) as usize);
            for (i, slot) in slots.into_iter().enumerate() {
                if self.part(137 + i as u64, 2) == 0 {
                    exit.records.push(self.record(run, place, slot));
                } else {
                    exit.accounts.push(self.opened_payee(run, place, exit.payees, slot as u32));
                }
            }
        }
        match self.twist {
            Twist::Huge => exits.iter_mut().for_each(|exit| exit.segmentScore += Uint::<96, 2>::from(1)),
            Twist::Proof => exits.iter_mut().for_each(|exit| exit.position ^= 1),
            _ => {}
        }
        if exits.len() > 1 && self.part(139, 2) == 0 {
            exits.truncate(1);
        }
        exits
    }

    fn opened_payee(&self, run: &Run, place: Place, column: Point, slot: u32) -> Account {
        let source = &run.sources[run.number(place.0)];
        let record = place.1 as usize * TIER.accounts() + slot as usize;
        let mut payee = source.records.get(record).map_or(stranger(), |r| Address::from(r.payee.0));
        let value = U256::from_be_slice(payee.as_slice());
        let proof = open(64, (column, [U256::ZERO; 2]), slot, U256::ZERO, value);
        if self.is(Twist::Account) {
            payee = self.anybody(140);
        }
        Account { index: slot, payee, cumulative: 0, proof }
    }
}

fn leaf(scored: &Scored) -> Word {
    let commitment = commitment(scored.point);
    ScoreLeaf {
        dataset: Word(scored.place.0.0),
        segment: scored.place.1,
        revision: scored.revision,
        score: scored.sum(),
        commitment: &commitment,
    }
    .hash()
}
