//! A ledger's files against what its contracts have, fact by fact.

use apportion_chain::{
    abi::{IRevenueLedger as abi, U256, column_digest, payee, stage, to_word},
    calls::policy_of,
    state::{ChainState, MoveState},
};
use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::{
    CheckId, RelationId, SegmentId, counted,
    files::{Bundle, Document as _, EnrolledDataset, Epoch, KeyDoc, KeysDir},
};

use super::{ChainOptions, describe};
use crate::report::{Check, Report};

/// Of how many demands a report tells one by one: anybody can add to them.
const DEMANDS_SHOWN: usize = 20;

/// Compares every fact, each by its own name, and adds what was found to the files' report.
pub fn compare(bundle: &Bundle, state: &ChainState, options: &ChainOptions, report: &mut Report) {
    let mut comparison = Comparison { bundle, state, options, report };
    comparison.subject();
    comparison.contracts();
    comparison.model();
    for enrolled in &bundle.datasets {
        comparison.dataset(enrolled);
    }
    comparison.epochs();
    comparison.money();
    comparison.notes();
}

struct Comparison<'a> {
    bundle: &'a Bundle,
    state: &'a ChainState,
    options: &'a ChainOptions,
    report: &'a mut Report,
}

impl Comparison<'_> {
    fn same<T: PartialEq + std::fmt::Display>(&mut self, id: CheckId, place: &str, files: T, chain: T) {
        self.report.checks.push(if files == chain {
            Check::ok(id, place)
        } else {
            Check::failed(id, place, format!("{files} in the files, {chain} on the chain"))
        });
    }

    fn holds(&mut self, id: CheckId, place: &str, holds: bool, why: impl FnOnce() -> String) {
        self.report.checks.push(if holds { Check::ok(id, place) } else { Check::failed(id, place, why()) });
    }

    fn subject(&mut self) {
        let (state, subject) = (self.state, &mut self.report.subject);
        describe(subject, &state.contracts);
        subject.add("developer on chain", payee(state.model.developer));
        subject.add("attributor on chain", state.attributor);
        subject.add("token", payee(state.model.token));
        subject.add(
            "epochs on chain",
            format!("{} final, {} open", state.model.finalEpoch, state.model.openEpoch),
        );
        subject.add("owed by the contract", state.owed);
    }

    /// Which contracts they are.
    fn contracts(&mut self) {
        let ledger = &self.bundle.ledger;
        let setup = ledger.setup.digest.unwrap_or_default();
        super::contracts(&self.state.contracts, ledger.chain_id, Some(setup), self.options, self.report);
        for verifier in &self.state.contracts.verifiers {
            let place = format!("{} verifier of tier {}", verifier.relation, verifier.tier);
            if let Some(key) = self.key(verifier.relation, verifier.tier) {
                self.same(CheckId::ChainKey, &place, key, verifier.key_digest);
            }
        }
    }

    /// The digest of the files' key of a relation and tier.
    fn key(&self, relation: RelationId, tier: Tier) -> Option<Word> {
        let of = |keys: KeysDir| KeyDoc::read(&keys.doc(relation, tier)).ok().map(|key| key.key_digest);
        match relation {
            RelationId::Split => of(self.bundle.dir.keys()),
            RelationId::Tree => {
                self.bundle.datasets.iter().find_map(|enrolled| of(enrolled.dataset.dir.keys()))
            }
        }
    }

    /// The id is bound to the name and to the developer who created it; the role may have changed hands since.
    fn model(&mut self) {
        let (state, ledger) = (self.state, &self.bundle.ledger);
        let exists = !state.model.developer.is_zero();
        self.holds(CheckId::ChainModel, "model", exists, || "the chain has no such model".into());
        self.same(CheckId::ChainModel, "name", ledger.model.as_str(), state.terms.name.as_str());
        let developer = payee(state.model.developer);
        if developer != ledger.developer {
            let text = format!("the developer's role went from {} to {developer}", ledger.developer);
            self.report.notes.push(text);
        }
    }

    fn dataset(&mut self, enrolled: &EnrolledDataset) {
        let (dataset, number) = (&enrolled.dataset, enrolled.enrolment.dataset);
        let place = format!("dataset {number}");
        let Some((found, enrolment)) = self.state.datasets.get(&dataset.doc.dataset_id) else {
            let why = "it is not registered".to_owned();
            self.report.checks.push(Check::failed(CheckId::ChainDataset, &place, why));
            return;
        };
        super::dataset::registered(
            dataset,
            found,
            self.state.contracts.registry,
            &place,
            &mut self.report.checks,
        );
        let newest = dataset.newest().revision;
        self.holds(CheckId::ChainEnrolment, &place, enrolment.enrolledBlock != 0, || {
            "it is not enrolled".into()
        });
        if enrolment.enrolledBlock != 0 {
            let records =
                dataset.revisions.get(enrolment.revision as usize).map(|revision| revision.doc.records);
            let why = || {
                format!(
                    "enrolled in revision {} with {}, the files end with revision {newest}",
                    enrolment.revision,
                    counted(enrolment.records, "record")
                )
            };
            self.holds(CheckId::ChainEnrolment, &place, records == Some(enrolment.records), why);
        }
        self.retirement(enrolled, enrolment.retiredFrom, &place);
    }

    /// Files name an epoch, the chain a time: both mean the same epochs, as far as there are any.
    fn retirement(&mut self, enrolled: &EnrolledDataset, from: u64, place: &str) {
        let retired = enrolled.retirement.as_ref().map(|retirement| u64::from(retirement.from_epoch));
        self.holds(CheckId::ChainRetirement, place, retired.is_none() || from != 0, || {
            "retired in the files, not announced on the chain".into()
        });
        for epoch in &self.bundle.epochs {
            let number = u64::from(epoch.doc.epoch);
            let Some(opened) = self.state.epoch(number).map(|found| found.openedAt) else { continue };
            let in_files = retired.is_some_and(|retired| retired <= number);
            let on_chain = from != 0 && from <= opened;
            // What does not take part any more on the chain can't be listed; the files may say so later.
            self.holds(CheckId::ChainRetirement, &format!("{place} epoch {number}"), !in_files || on_chain, || {
                format!("retired in the files, on the chain it still takes part (it retires at {from}, the epoch opened at {opened})")
            });
        }
    }

    fn epochs(&mut self) {
        let (state, files) = (self.state, self.bundle.epochs.len() as u64);
        let final_epoch = state.model.finalEpoch;
        let why = || format!("the files end with epoch {files}, on the chain epoch {final_epoch} is final");
        self.holds(CheckId::ChainEpochs, "last epoch", files >= final_epoch, why);
        for epoch in &self.bundle.epochs {
            let number = u64::from(epoch.doc.epoch);
            let place = format!("epoch {number}");
            let Some(found) = state.epoch(number) else {
                self.holds(CheckId::ChainEpochs, &place, false, || "the chain does not have it".into());
                continue;
            };
            let closed = found.stage >= stage::CLOSED;
            self.holds(CheckId::ChainStage, &place, closed, || {
                "proven in the files, on the chain its revenue can still grow".into()
            });
            if closed {
                self.epoch(epoch, found, &place);
            }
        }
    }

    fn epoch(&mut self, epoch: &Epoch, found: &abi::Epoch, place: &str) {
        let Epoch { doc, scores, .. } = epoch;
        self.policy(doc.epoch, found.policy, place);
        self.same(CheckId::ChainRevenue, place, doc.revenue.0, found.revenue);
        self.same(CheckId::ChainCarried, place, doc.carried.0, found.carried);
        self.same(CheckId::ChainPool, place, doc.pool.0, found.pool);
        self.same(CheckId::ChainScoreRoot, place, scores.root, to_word(found.scoreRoot));
        let total = found.totalScore.to_string();
        self.same(CheckId::ChainTotal, place, scores.total_score.to_string(), total);
        self.same(CheckId::ChainCount, place, scores.segments.len() as u64, u64::from(found.count));
        let settled = found.stage == stage::FINAL;
        if settled {
            let paid = doc.segments.iter().fold(0u128, |sum, segment| sum.saturating_add(segment.paid.0));
            self.same(CheckId::ChainPaid, place, paid, found.paid);
        } else {
            let text = format!(
                "{place} is closed on the chain and not final: {} of {} moved",
                found.moved,
                counted(found.count, "segment")
            );
            self.report.notes.push(text);
        }
        if found.attempt > 0 {
            self.report.notes.push(format!(
                "{place}: its scores were committed again {} after it was closed",
                counted(found.attempt, "time")
            ));
        }
        let moves: Vec<&MoveState> = self.state.moves_of(u64::from(doc.epoch)).collect();
        for entry in &doc.segments {
            let id = entry.id();
            let Some(dataset) = self.dataset_id(id) else { continue };
            let place = format!("{place} {id}");
            let moved = moves.iter().find(|moved| (moved.dataset, moved.segment) == (dataset, id.segment));
            let Some(moved) = moved else {
                if settled {
                    let why = "it moves in the files, it did not on the chain";
                    self.report.checks.push(Check::failed(CheckId::ChainMoved, &place, why));
                }
                continue;
            };
            self.report.checks.push(Check::ok(CheckId::ChainMoved, &place));
            if let Some(posted) = scores.segment(id) {
                self.same(CheckId::ChainScore, &place, U256::from(posted.score.0), moved.score);
                let records = self.records(id, posted.revision);
                self.same(CheckId::ChainRecords, &place, records, moved.records);
            }
            self.same(CheckId::ChainSegmentPaid, &place, U256::from(entry.paid.0), moved.paid);
            self.same(CheckId::ChainBalances, &place, column_digest(&entry.balance_column), moved.balances);
        }
        for moved in moves {
            let listed = doc.segments.iter().any(|entry| {
                (self.dataset_id(entry.id()), entry.segment) == (Some(moved.dataset), moved.segment)
            });
            let place = format!("{place} dataset {} segment {}", moved.dataset, moved.segment);
            if !listed {
                let why = "it moved on the chain, it does not in the files";
                self.report.checks.push(Check::failed(CheckId::ChainMoved, &place, why));
            }
        }
    }

    fn dataset_id(&self, id: SegmentId) -> Option<Word> {
        self.bundle.datasets.get(id.dataset as usize).map(|enrolled| enrolled.dataset.doc.dataset_id)
    }

    /// The number of records that a segment has in a revision, by the files.
    fn records(&self, id: SegmentId, revision: u32) -> U256 {
        let records = self.bundle.datasets.get(id.dataset as usize).and_then(|enrolled| {
            let records = enrolled.dataset.revisions.get(revision as usize)?.doc.records;
            let accounts = enrolled.dataset.doc.tier.accounts() as u64;
            Some(records.saturating_sub(u64::from(id.segment).saturating_mul(accounts)).min(accounts))
        });
        U256::from(records.unwrap_or(0))
    }

    /// Versions may be counted otherwise where an announcement was replaced: what counts is what they say.
    fn policy(&mut self, epoch: u32, version: u32, place: &str) {
        let files = self.bundle.policy_in(epoch).and_then(|policy| policy_of(&policy.terms).ok());
        let chain = self.state.policies.get(&version).cloned();
        let text = |policy: &Option<abi::Policy>| policy.as_ref().map_or("none".into(), shares);
        let (here, there) = (text(&files), text(&chain));
        self.same(CheckId::ChainPolicy, place, here, there);
    }

    fn money(&mut self) {
        let state = self.state;
        let sum =
            state.epochs.iter().fold(U256::ZERO, |sum, epoch| sum.saturating_add(U256::from(epoch.revenue)));
        let received = U256::from(state.model.received);
        self.holds(CheckId::ChainReceived, "model", sum == received, || {
            format!("the epochs' revenues sum to {sum}, {received} arrived")
        });
        let balance = state.balance;
        let Some(owed) = state.owed_in_token else {
            self.report.not_checked.push(
                "whether the contract holds what it owes: it has too many models in the token, or does not answer for all".into(),
            );
            return;
        };
        self.holds(CheckId::ChainSolvent, "contract", balance >= owed, || {
            format!("it owes {owed} units of the token and holds {balance}")
        });
    }

    /// What no file says.
    fn notes(&mut self) {
        let state = self.state;
        let notes = &mut self.report.notes;
        let files: Vec<Word> =
            self.bundle.datasets.iter().map(|enrolled| enrolled.dataset.doc.dataset_id).collect();
        for pending in state.enrolled.iter().filter(|id| !files.contains(id)) {
            notes.push(format!("dataset {pending} is enrolled on the chain, and not in these files"));
        }
        for (number, epoch) in (1u64..).zip(&state.epochs) {
            if epoch.stage == stage::OPEN {
                let scores = if epoch.scoreRoot.is_zero() {
                    "no scores".into()
                } else {
                    format!("scores {}", epoch.scoreRoot)
                };
                notes.push(format!(
                    "epoch {number} is open: {} arrived, {scores}, attributor {}",
                    epoch.revenue,
                    payee(epoch.attributor)
                ));
            }
            if epoch.stage == stage::CLOSED && number > self.bundle.epochs.len() as u64 {
                notes.push(format!("epoch {number} is closed on the chain, and not proven in these files"));
            }
        }
        let demands = &state.demands.oldest;
        for demand in demands.iter().take(DEMANDS_SHOWN) {
            let late = if demand.deadline < state.contracts.block.timestamp { ", OVERDUE" } else { "" };
            notes.push(format!(
                "a demand waits for an answer: dataset {} segment {} slot {}, epoch {}, by {}{late}",
                demand.datasetId, demand.segment, demand.index, demand.epoch, demand.deadline
            ));
        }
        if demands.len() > DEMANDS_SHOWN {
            let least = if state.demands.more { "at least " } else { "" };
            notes.push(format!("{least}{} more demands wait for answers", demands.len() - DEMANDS_SHOWN));
        }
        let named = |account: Payee| (!account.is_zero()).then_some(account);
        if let Some(to) = named(payee(state.offers.developer)) {
            notes.push(format!("the developer's role is offered to {to}"));
        }
        if let Some(to) = named(payee(state.offers.attributor)) {
            notes.push(format!("the attributor's role is offered to {to}"));
        }
        if let Some(to) = named(payee(state.announced.attributor)) {
            notes.push(format!("attributor {to} is announced, from {}", state.announced.attributorFrom));
        }
        if state.announced.policy != 0 {
            notes.push(format!(
                "policy {} is announced, from {}",
                state.announced.policy, state.announced.policyFrom
            ));
        }
        if state.model.dissolvedAt != 0 {
            notes.push(format!("the model was dissolved at {}", state.model.dissolvedAt));
        }
    }
}

fn shares(policy: &abi::Policy) -> String {
    let list = policy.beneficiaries.iter().map(|b| format!("{}: {}", payee(b.account), b.bps));
    let list: Vec<_> =
        std::iter::once(format!("contributors: {}", policy.contributorsBps)).chain(list).collect();
    list.join(", ")
}
