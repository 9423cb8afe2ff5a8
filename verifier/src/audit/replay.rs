//! The first pass: documents in the order of history.

use std::{collections::HashSet, path::Path};

use apportion_circuits::types::Word;
use rayon::prelude::*;

use super::{
    KeyRing,
    job::{Job, inputs_or_check},
};
use crate::report::{AuditError, Check, Report};
use apportion_statement::files::{
    DatasetDoc, Document, EnrolmentDoc, Fault, InputError, LedgerDoc, PublicDir,
};
use apportion_statement::{
    Binding, CheckId, History, Lifetime, OpeningBudget, Relation, Use, Violation, check_dataset, check_model,
    dataset_id, enroll_inputs, model_id,
};
use apportion_suite::{Commitment, Suite};

/// How much of a ledger is audited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Ledger,
    /// One epoch. Earlier epochs' headers and the enrolments are taken as stated.
    Epoch(u32),
    /// One segment of one publication. Epochs' headers and enrolments are taken as stated.
    Publication {
        /// The publication's number.
        number: u32,
        /// The dataset's number.
        dataset: u32,
        /// The segment.
        segment: u32,
    },
}

/// Audits with keys at hand.
pub fn audit_with<S: Suite>(dir: &PublicDir, ledger: &LedgerDoc, ring: &KeyRing<S>, scope: Scope) -> Report {
    let mut replay = Replay::new(dir, ledger, ring, scope);
    let error = replay.run().err();
    let mut report = Report { checks: Vec::new(), notes: ring.notes.clone(), error };
    report.notes.append(&mut replay.notes);
    if report.error.is_some() {
        // What cannot be read is said at once; no proof is verified for it.
        report.checks = replay.entries.into_iter().filter_map(Entry::into_check).collect();
        return report;
    }
    let outcomes: Vec<_> = replay
        .entries
        .into_par_iter()
        .map(|entry| match entry {
            Entry::Check(check) => Ok(vec![check]),
            Entry::Job(job) => job.run(ring),
        })
        .collect();
    for outcome in outcomes {
        match outcome {
            Ok(mut checks) => report.checks.append(&mut checks),
            Err(error) if report.error.is_none() => report.error = Some(error),
            Err(_) => {}
        }
    }
    report
}

pub(super) enum Entry<F> {
    Check(Check),
    Job(Box<Job<F>>),
}

impl<F> Entry<F> {
    fn into_check(self) -> Option<Check> {
        match self {
            Entry::Check(check) => Some(check),
            Entry::Job(_) => None,
        }
    }
}

pub(super) struct Replay<'a, S: Suite> {
    pub(super) dir: &'a PublicDir,
    pub(super) ledger: &'a LedgerDoc,
    pub(super) ring: &'a KeyRing<S>,
    pub(super) scope: Scope,
    pub(super) binding: Binding,
    pub(super) history: History,
    pub(super) lifetime: Lifetime,
    /// What the last epoch left of its pool.
    pub(super) left: u128,
    pub(super) datasets: Vec<Word>,
    pub(super) notes: Vec<String>,
    /// The epoch of the last publication.
    pub(super) published: u32,
    /// Whether what is being replayed is in scope. Out of it only failures are reported.
    pub(super) active: bool,
    budget: OpeningBudget,
    most_openings: usize,
    entries: Vec<Entry<S::F>>,
}

impl<'a, S: Suite> Replay<'a, S> {
    fn new(dir: &'a PublicDir, ledger: &'a LedgerDoc, ring: &'a KeyRing<S>, scope: Scope) -> Self {
        Self {
            dir,
            ledger,
            ring,
            scope,
            binding: ledger.binding(),
            history: History::default(),
            lifetime: Lifetime::default(),
            left: 0,
            datasets: Vec::new(),
            notes: Vec::new(),
            published: 0,
            active: true,
            budget: OpeningBudget::default(),
            most_openings: 0,
            entries: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), AuditError> {
        self.ledger();
        self.active = self.scope == Scope::Ledger;
        for n in 0..count(&self.dir.datasets(), 0)? {
            self.dataset(n)?;
        }
        let epochs = count(&self.dir.epochs(), 1)?;
        let last = match self.scope {
            Scope::Epoch(epoch) => epoch.min(epochs),
            _ => epochs,
        };
        for epoch in 1..=last {
            self.active = matches!(self.scope, Scope::Ledger) || self.scope == Scope::Epoch(epoch);
            self.epoch(epoch)?;
        }
        self.active = self.scope == Scope::Ledger;
        if !matches!(self.scope, Scope::Epoch(_)) {
            self.check_first_epochs(epochs);
        }
        if !matches!(self.scope, Scope::Epoch(_)) {
            for n in 1..=count(&self.dir.publications(), 1)? {
                self.publication(n)?;
            }
        }
        self.active = true;
        self.push(Check::ok(
            CheckId::V8Openings,
            format!("no column is opened more than {} times", self.most_openings),
        ));
        Ok(())
    }

    pub(super) fn push(&mut self, check: Check) {
        if self.active || !check.ok {
            self.entries.push(Entry::Check(check));
        }
    }

    pub(super) fn push_job(&mut self, job: Job<S::F>) {
        if self.active {
            self.entries.push(Entry::Job(Box::new(job)));
        }
    }

    /// Counts a column that is opened in a proof of a relation, as its `index`-th linked column.
    pub(super) fn open(&mut self, place: &str, column: &Commitment, relation: Relation, index: usize) {
        let points = self.ring.of(relation).points.get(index).copied().unwrap_or(1);
        let outcome = self.budget.open(column, points);
        self.most_openings = self.most_openings.max(self.budget.openings(column));
        if outcome.is_err() {
            self.push(Check::of(CheckId::V8Openings, place, outcome));
        }
    }

    /// A document must be of the ledger's suite; another model's is a claim about another ledger.
    pub(super) fn check_owner(
        &mut self,
        file: &Path,
        place: &str,
        suite: apportion_circuits::field::SuiteId,
        model: Word,
    ) -> Result<(), AuditError> {
        if suite != self.ledger.suite {
            let text = format!("of suite {suite}, the ledger's is {}", self.ledger.suite);
            return Err(InputError::value(file, text).into());
        }
        let outcome = check_model(self.ledger.model_id, model);
        if outcome.is_err() {
            self.push(Check::of(CheckId::V2Model, place, outcome));
        }
        Ok(())
    }

    /// Only a contract gives ids of its own. On a chain without one they are derived, and checked.
    fn bound(&self) -> bool {
        !self.ledger.contract.is_zero()
    }

    fn ledger(&mut self) {
        let LedgerDoc { chain_id, contract, model, model_id: id, policy, .. } = self.ledger;
        let outcome = policy.check().map_err(Violation::from);
        self.push(Check::of(CheckId::V6Policy, "ledger", outcome));
        if self.bound() {
            self.notes.push(format!(
                "model and dataset ids are taken from the ledger: compare them with contract {contract} on chain {chain_id}"
            ));
        } else {
            let outcome = check_model(model_id(*chain_id, *contract, model), *id);
            self.push(Check::of(CheckId::V2Model, "ledger", outcome));
            self.notes.push(
                "revenue, policy and posted scores are taken as stated: compare policy with what was agreed and \
                 every epoch's scores.json with what the attributor posted"
                    .into(),
            );
        }
        if self.scope != Scope::Ledger {
            self.notes.push(
                "enrolments and other epochs are taken as stated: audit the ledger to verify them too".into(),
            );
        }
    }

    fn dataset(&mut self, n: u32) -> Result<(), AuditError> {
        let place = format!("dataset {n}");
        let file = self.dir.dataset(n).join("dataset.json");
        let doc = DatasetDoc::read(&file)?;
        if (doc.suite, doc.tier) != (self.ledger.suite, self.ledger.tier) {
            return Err(InputError::value(&file, "of another suite or tier than the ledger").into());
        }
        let due = doc.records.div_ceil(doc.tier.accounts() as u64).max(1);
        let id = CheckId::DatasetRoots;
        self.push(if doc.roots.len() as u64 == due {
            Check::ok(id, &place)
        } else {
            Check::failed(id, &place, format!("{} roots where {due} are expected", doc.roots.len()))
        });
        let enrolled = self.enrolment(n, 0, &doc)?;
        if !self.bound() {
            let derived = dataset_id(doc.tier, doc.records, &doc.roots);
            let outcome = check_dataset(derived, enrolled.dataset_id);
            self.push(Check::of(CheckId::V2Dataset, &place, outcome));
        }
        if self.datasets.contains(&enrolled.dataset_id) {
            self.push(Check::failed(CheckId::V3Once, &place, "is enrolled twice"));
        }
        self.datasets.push(enrolled.dataset_id);
        for renewal in 1..=count(&self.dir.renewals(n), 1)? {
            let renewed = self.enrolment(n, renewal, &doc)?;
            let outcome = check_dataset(enrolled.dataset_id, renewed.dataset_id);
            self.push(Check::of(CheckId::V2Dataset, &format!("{place} renewal {renewal}"), outcome));
        }
        Ok(())
    }

    /// V3.once: a dataset takes part from the epoch on that was next when it was enrolled, so at the latest from the
    /// next one. A later epoch would keep its records unpaid for as long as the enrolment pleases. A contract freezes
    /// who takes part when the scores come: there it may be one later.
    fn check_first_epochs(&mut self, last: u32) {
        let latest = last.saturating_add(if self.ledger.contract.is_zero() { 1 } else { 2 });
        let late: Vec<_> = self.history.enrolled().filter(|(_, first)| *first > latest).collect();
        for ((dataset, segment), first) in late {
            let place = format!("dataset {dataset} segment {segment}");
            let why = format!("takes part from epoch {first} on, the last epoch is {last}");
            self.push(Check::failed(CheckId::V3Once, &place, why));
        }
    }

    fn enrolment(&mut self, n: u32, renewal: u32, dataset: &DatasetDoc) -> Result<EnrolmentDoc, AuditError> {
        let dir = self.dir.enrolment(n, renewal);
        let file = dir.join("enrolment.json");
        let doc = EnrolmentDoc::read(&file)?;
        let value = |text: &str| AuditError::from(InputError::value(&file, text));
        let of = if renewal == 0 { format!("dataset {n}") } else { format!("dataset {n} renewal {renewal}") };
        self.check_owner(&file, &of, doc.suite, doc.model_id)?;
        if (doc.dataset, doc.renewal) != (n, renewal) {
            return Err(value("the dataset or renewal is not that of the directory"));
        }
        if doc.first_epoch == 0 {
            return Err(value("first_epoch is 0, epochs count from 1"));
        }
        if doc.segments.len() != dataset.roots.len() {
            return Err(value("not one segment per root of the dataset"));
        }
        let columns: Vec<_> = doc.segments.iter().map(|segment| segment.payee_column.clone()).collect();
        if renewal == 0 {
            self.history.enroll(n, doc.first_epoch, &columns);
        } else {
            self.history.renew(n, &columns);
        }
        for (segment, (entry, root)) in (0..).zip(doc.segments.iter().zip(&dataset.roots)) {
            let place = format!("{of} segment {segment}");
            self.open(&place, &entry.payee_column, Relation::Tree, 0);
            let context = self.binding.enroll(doc.dataset_id, segment, renewal);
            match inputs_or_check(&place, enroll_inputs(&context, *root)) {
                Err(check) => self.push(check),
                Ok(public) => self.push_job(Job {
                    place,
                    purpose: Use::Enroll,
                    tier: self.ledger.tier,
                    public,
                    file: dir.join(&entry.proof.file),
                    sha256: entry.proof.sha256,
                    links: vec![Some((CheckId::V3Payee, entry.payee_column.clone())), None],
                    leaves: None,
                }),
            }
        }
        Ok(doc)
    }
}

/// How many entries a directory of numbered entries has; none where there is no directory. The numbers must
/// begin at `first` and have no gap: a history with a hole cannot be replayed. Hidden files do not count.
fn count(dir: &Path, first: u32) -> Result<u32, InputError> {
    let io = |error| InputError::new(dir, Fault::Io(error));
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(io(error)),
    };
    let mut numbers = HashSet::new();
    for entry in entries {
        let name = entry.map_err(io)?.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let number = name.parse::<u32>().ok().filter(|n| {
            let spelling = if first == 0 { n.to_string() } else { format!("{n:06}") };
            spelling == name && *n >= first
        });
        match number {
            Some(number) => numbers.insert(number),
            None => return Err(InputError::value(dir, format!("unexpected entry {name:?}"))),
        };
    }
    let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    match (first..).take(numbers.len()).find(|n| !numbers.contains(n)) {
        Some(missing) => Err(InputError::value(dir, format!("entry {missing} is missing"))),
        None => Ok(count),
    }
}
