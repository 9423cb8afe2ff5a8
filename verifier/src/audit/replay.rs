//! The first pass: documents in the order of history.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use apportion_circuits::{field::SuiteField, types::Word};
use apportion_statement::{
    CheckId, History, OpeningCount, RelationId, SegmentId, Violation,
    context::{check_model, model_id},
    files::{Bundle, EnrolledDataset, KeysDir, PolicyDoc},
    sums::Lifetime,
};

use super::{
    datasets::{Changes, replay_dataset},
    findings::Findings,
    scope::Scope,
};
use crate::report::{AuditError, Check};

/// Replays a ledger's documents: the checks that they decide, and the proofs that are left to be verified.
pub(super) fn replay<F: SuiteField>(bundle: &Bundle, scope: &Scope) -> Result<Findings<F>, AuditError> {
    let mut replay = Replay {
        bundle,
        scope,
        keys: Arc::new(bundle.dir.keys()),
        findings: Findings::new(),
        history: History::default(),
        changes: Vec::new(),
        lifetime: Lifetime::default(),
        left: 0,
    };
    replay.ledger();
    for enrolled in &bundle.datasets {
        replay.dataset(enrolled)?;
    }
    if *scope == Scope::Ledger {
        let tiers: BTreeSet<_> = bundle.datasets.iter().map(|enrolled| enrolled.dataset.doc.tier).collect();
        let keys = replay.keys.clone();
        tiers.into_iter().for_each(|tier| replay.findings.push_key(RelationId::Split, tier, &keys));
    }
    replay.enrolments();
    let last = match scope {
        Scope::Epoch(epoch) => *epoch as usize,
        _ => bundle.epochs.len(),
    };
    for epoch in bundle.epochs.iter().take(last) {
        replay.epoch(epoch);
    }
    replay.openings();
    Ok(replay.findings)
}

pub(super) struct Replay<'a, F> {
    pub(super) bundle: &'a Bundle,
    pub(super) scope: &'a Scope,
    /// Where the keys of Split are.
    pub(super) keys: Arc<KeysDir>,
    pub(super) findings: Findings<F>,
    pub(super) history: History,
    /// By dataset.
    pub(super) changes: Vec<Changes>,
    pub(super) lifetime: Lifetime,
    /// What the last epoch left of its pool.
    pub(super) left: u128,
}

impl<F: SuiteField> Replay<'_, F> {
    /// V2.model and V6.policy.
    fn ledger(&mut self) {
        let ledger = &self.bundle.ledger;
        let id = model_id(ledger.chain_id, ledger.contract, ledger.developer, &ledger.model);
        self.findings.push(Check::of(CheckId::V2Model, "ledger", check_model(id, ledger.model_id)));
        let mut before = 0;
        for policy in &self.bundle.policies {
            self.findings.push(check_policy(policy, before));
            before = policy.first_epoch;
        }
    }

    fn dataset(&mut self, enrolled: &EnrolledDataset) -> Result<(), AuditError> {
        let (scope, n) = (self.scope, enrolled.enrolment.dataset);
        let proven = |segment, revision| scope.enrolment(SegmentId { dataset: n, segment }, revision);
        let shown = *scope == Scope::Ledger;
        let place = format!("dataset {n}");
        let changes = replay_dataset(&mut self.findings, &enrolled.dataset, &place, shown, proven)?;
        self.changes.push(changes);
        self.history.add(enrolled);
        Ok(())
    }

    /// V3.once: a dataset is enrolled once, and takes part from the epoch on that was next then, so at the latest from the
    /// one that is next now. A later epoch would keep its records unpaid for as long as the enrolment pleases.
    fn enrolments(&mut self) {
        let next = self.bundle.epochs.len() as u32 + 1;
        let mut seen: HashSet<Word> = HashSet::new();
        for (n, dataset) in self.history.datasets().iter().enumerate() {
            let (place, first) = (format!("dataset {n}"), dataset.first_epoch);
            let check = if !seen.insert(dataset.id) {
                Check::failed(CheckId::V3Once, &place, "is enrolled twice")
            } else if !(1..=next).contains(&first) {
                let why = format!("takes part from epoch {first} on, the next epoch is {next}");
                Check::failed(CheckId::V3Once, &place, why)
            } else {
                Check::ok(CheckId::V3Once, place)
            };
            self.findings.push_in(*self.scope == Scope::Ledger, check);
        }
    }

    /// V8.
    fn openings(&mut self) {
        let bundle = self.bundle;
        self.findings.push(match OpeningCount::of_bundle(bundle) {
            Err(violation) => Check::failed(violation.id(), "ledger", violation),
            Ok(count) => {
                let payees = bundle.datasets.iter().flat_map(|dataset| &dataset.dataset.revisions);
                let payees = payees.filter_map(|revision| revision.columns.as_ref());
                let payees = payees.flat_map(|columns| &columns.columns).map(|column| &column.payee_column);
                let balances = bundle.epochs.iter().flat_map(|epoch| &epoch.doc.segments);
                let scores = bundle.epochs.iter().flat_map(|epoch| &epoch.scores.segments);
                let columns = payees
                    .chain(balances.map(|segment| &segment.balance_column))
                    .chain(scores.map(|segment| &segment.commitment));
                let most = columns.map(|column| count.openings(column)).max().unwrap_or(0);
                Check::ok(CheckId::V8Openings, format!("no column is opened more than {most} times"))
            }
        });
    }
}

/// V6.policy: well-formed, the first in force from the first epoch on, each later one announced before its epoch. Each
/// begins after the one before it: a policy that was announced splits some epoch.
fn check_policy(policy: &PolicyDoc, before: u32) -> Check {
    let place = format!("policy {}", policy.policy);
    let begins = match (policy.policy, policy.first_epoch) {
        (1, 1) => None,
        (2.., first @ 2..) if first > before => None,
        (2.., first @ 2..) => {
            Some(format!("begins with epoch {first}, the one before it with epoch {before}"))
        }
        (1, first) => Some(format!("the first policy begins with epoch {first}, not 1")),
        (_, first) => Some(format!("a later policy cannot begin with epoch {first}: it was open already")),
    };
    match begins {
        Some(why) => Check::failed(CheckId::V6Policy, &place, why),
        None => Check::of(CheckId::V6Policy, &place, policy.terms.check().map_err(Violation::from)),
    }
}
