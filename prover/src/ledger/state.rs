//! What a ledger's public history says about where it stands.

use std::path::{Path, PathBuf};

use apportion_circuits::types::{Tier, Word};
use apportion_statement::files::{
    DatasetDoc, Document, EnrolmentDoc, EpochDoc, InputError, LedgerDoc, PublicDir, PublicationDoc, ScoresDoc,
};
use apportion_statement::{Binding, Context, History, Lifetime, OpeningBudget, Violation, dataset_id};
use apportion_suite::Commitment;

use super::SegmentId;
use crate::error::Error;

/// A dataset of a ledger.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Its number in the ledger.
    pub number: u32,
    /// Its id: derived from its roots or, in a bound ledger, the one that its registry gave.
    pub id: Word,
    /// What its roots, tier and number of records give: where its private files belong.
    pub digest: Word,
    /// Its roots.
    pub doc: DatasetDoc,
    /// The enrolment, then its renewals.
    pub enrolments: Vec<EnrolmentDoc>,
}

impl Dataset {
    /// The number of segments.
    pub fn segments(&self) -> u32 {
        self.doc.roots.len() as u32
    }

    /// The number of records.
    pub fn records(&self) -> usize {
        usize::try_from(self.doc.records).unwrap_or(usize::MAX)
    }

    /// The records of one segment, as a range of the dataset's.
    pub fn range(&self, tier: Tier, segment: u32) -> std::ops::Range<usize> {
        let start = (segment as usize * tier.accounts()).min(self.records());
        start..(start + tier.accounts()).min(self.records())
    }

    /// The first epoch in which the dataset takes part.
    pub fn first_epoch(&self) -> u32 {
        self.enrolments.first().map_or(u32::MAX, |doc| doc.first_epoch)
    }

    /// The number of the newest enrolment: 0, or a renewal's.
    pub fn renewal(&self) -> u32 {
        (self.enrolments.len() as u32).saturating_sub(1)
    }

    /// The newest payee column of a segment.
    pub fn payee_column(&self, segment: u32) -> Option<&Commitment> {
        let segments = &self.enrolments.last()?.segments;
        segments.get(segment as usize).map(|segment| &segment.payee_column)
    }
}

/// A ledger's history, read and not verified: this is the side that made it.
#[derive(Clone, Debug)]
pub struct State {
    /// What the ledger is.
    pub ledger: LedgerDoc,
    /// Its datasets, by number.
    pub datasets: Vec<Dataset>,
    /// Epochs, in order.
    pub epochs: Vec<EpochDoc>,
    /// Publications, in order.
    pub publications: Vec<PublicationDoc>,
    /// Columns and order.
    pub history: History,
    /// Pools so far.
    pub lifetime: Lifetime,
    /// Epochs that were proven and taken back: their proofs may be known.
    pub undone: Vec<EpochDoc>,
}

/// At how many points each linked column of the two tables is opened by one proof.
#[derive(Clone, Copy, Debug)]
pub struct Points {
    /// Tree: A and B.
    pub tree: [usize; 2],
    /// Split: Old, New and Score.
    pub split: [usize; 3],
}

impl State {
    /// Reads a ledger's public directory.
    pub fn read(public: &PublicDir) -> Result<Self, Error> {
        let ledger = LedgerDoc::read(&public.ledger())?;
        let mut state = Self {
            ledger,
            datasets: Vec::new(),
            epochs: Vec::new(),
            publications: Vec::new(),
            history: History::default(),
            lifetime: Lifetime::default(),
            undone: Vec::new(),
        };
        state.read_datasets(public)?;
        state.read_epochs(public)?;
        state.read_publications(public)?;
        Ok(state)
    }

    fn read_datasets(&mut self, public: &PublicDir) -> Result<(), Error> {
        for number in count(&public.datasets(), 0)? {
            let path = public.dataset(number).join("dataset.json");
            let doc = DatasetDoc::read(&path)?;
            let records = usize::try_from(doc.records).unwrap_or(usize::MAX);
            if doc.suite != self.ledger.suite
                || doc.tier != self.ledger.tier
                || doc.tier.segments(records) != doc.roots.len()
            {
                return Err(
                    InputError::value(&path, "suite, tier or number of roots is not the ledger's").into()
                );
            }
            let mut enrolments = Vec::new();
            for renewal in 0.. {
                let path = public.enrolment(number, renewal).join("enrolment.json");
                if renewal > 0 && !path.exists() {
                    break;
                }
                let enrolment = EnrolmentDoc::read(&path)?;
                if enrolment.segments.len() != doc.roots.len() {
                    return Err(InputError::value(&path, "one payee column per root is expected").into());
                }
                let columns: Vec<_> =
                    enrolment.segments.iter().map(|segment| segment.payee_column.clone()).collect();
                if renewal == 0 {
                    self.history.enroll(number, enrolment.first_epoch, &columns);
                } else {
                    self.history.renew(number, &columns);
                }
                enrolments.push(enrolment);
            }
            let digest = dataset_id(doc.tier, doc.records, &doc.roots);
            let id = enrolments.first().map_or(digest, |enrolment| enrolment.dataset_id);
            self.datasets.push(Dataset { number, id, digest, doc, enrolments });
        }
        Ok(())
    }

    fn read_epochs(&mut self, public: &PublicDir) -> Result<(), Error> {
        for epoch in count(&public.epochs(), 1)? {
            let path = public.epoch(epoch).join("epoch.json");
            let doc = EpochDoc::read(&path)?;
            self.history.begin_epoch(doc.epoch)?;
            self.lifetime.add(doc.pool.0, doc.carried.0)?;
            if !doc.carried_only {
                self.history.check_once(epoch, doc.segments.iter().map(|s| (s.dataset, s.segment)))?;
            }
            for segment in &doc.segments {
                let column = segment.balance_column.clone();
                self.history.settle(segment.dataset, segment.segment, epoch, column);
            }
            self.epochs.push(doc);
        }
        Ok(())
    }

    fn read_publications(&mut self, public: &PublicDir) -> Result<(), Error> {
        for number in count(&public.publications(), 1)? {
            self.publications
                .push(PublicationDoc::read(&public.publication(number).join("publication.json"))?);
        }
        Ok(())
    }

    /// The epoch that comes next.
    pub fn next_epoch(&self) -> u32 {
        self.history.last_epoch().saturating_add(1)
    }

    /// What the last epoch left of its pool.
    pub fn carried(&self) -> u128 {
        self.epochs.last().map_or(0, |epoch| {
            let paid =
                epoch.segments.iter().fold(0u128, |sum, segment| sum.saturating_add(segment.segment_paid.0));
            epoch.pool.0.saturating_sub(paid)
        })
    }

    /// The epoch that settled a segment's current balances.
    pub fn settled(&self, id: SegmentId) -> Option<u32> {
        let moved =
            |doc: &&EpochDoc| doc.segments.iter().any(|s| (s.dataset, s.segment) == (id.dataset, id.segment));
        self.epochs.iter().rev().find(moved).map(|doc| doc.epoch)
    }

    /// The segments that move in an epoch.
    pub fn moving(&self, epoch: u32) -> Vec<SegmentId> {
        self.history.moving(epoch).map(|(dataset, segment)| SegmentId { dataset, segment }).collect()
    }

    /// The accounts that the segments moving in an epoch hold (V5).
    pub fn accounts(&self, epoch: u32) -> u128 {
        self.moving(epoch).len() as u128 * self.ledger.tier.accounts() as u128
    }

    /// A dataset by number.
    pub fn dataset(&self, number: u32) -> Result<&Dataset, Error> {
        self.datasets
            .get(number as usize)
            .ok_or_else(|| Error::usage(format!("the ledger has no dataset {number}")))
    }

    /// The last epoch that was not merely carried.
    pub fn last_settled(&self) -> Option<u32> {
        self.epochs.iter().rev().find(|doc| !doc.carried_only).map(|doc| doc.epoch)
    }

    /// The last but one epoch that was not merely carried.
    pub fn settled_before_last(&self) -> Option<u32> {
        self.epochs.iter().rev().filter(|doc| !doc.carried_only).nth(1).map(|doc| doc.epoch)
    }

    /// What the ledger's proofs are bound to.
    pub fn binding(&self) -> Binding {
        let LedgerDoc { chain_id, contract, model_id, .. } = &self.ledger;
        Binding { chain_id: *chain_id, ledger: *contract, model: *model_id }
    }

    /// The place of a segment's enrolment.
    pub fn enroll_context(&self, id: SegmentId, renewal: u32) -> Result<Context, Error> {
        Ok(self.binding().enroll(self.dataset(id.dataset)?.id, id.segment, renewal))
    }

    /// The place of a segment's move in an epoch.
    pub fn split_context(&self, id: SegmentId, epoch: u32) -> Result<Context, Error> {
        Ok(self.binding().split(self.dataset(id.dataset)?.id, id.segment, epoch))
    }

    /// The place of a publication of the balances that an epoch settled.
    pub fn publish_context(&self, id: SegmentId, epoch: u32) -> Result<Context, Error> {
        Ok(self.binding().publish(self.dataset(id.dataset)?.id, id.segment, epoch))
    }

    /// How often each linked column has been opened so far (V8).
    pub fn budget(&self, points: &Points) -> Result<OpeningBudget, Violation> {
        let mut budget = OpeningBudget::default();
        for enrolment in self.datasets.iter().flat_map(|dataset| &dataset.enrolments) {
            for segment in &enrolment.segments {
                budget.open(&segment.payee_column, points.tree[0])?;
            }
        }
        let mut history = self.history_before_epochs();
        for epoch in &self.epochs {
            for s in &epoch.segments {
                if let Some(old) = history.balance(s.dataset, s.segment) {
                    budget.open(old, points.split[0])?;
                }
                budget.open(&s.balance_column, points.split[1])?;
                budget.open(&s.score_column, points.split[2])?;
                history.settle(s.dataset, s.segment, epoch.epoch, s.balance_column.clone());
            }
            if epoch.abandoned {
                open_old(&mut budget, &history, epoch.epoch, points)?;
            }
        }
        for epoch in &self.undone {
            if epoch.epoch > self.last_settled().unwrap_or(0) {
                open_old(&mut budget, &history, epoch.epoch, points)?;
            }
            for s in &epoch.segments {
                budget.open(&s.score_column, points.split[2])?;
            }
        }
        for publication in &self.publications {
            for s in &publication.segments {
                if let Some(payees) = history.payees(s.dataset, s.segment).get(s.renewal as usize) {
                    budget.open(payees, points.tree[0])?;
                }
                if let Some(balance) = history.balance_after(s.dataset, s.segment, publication.epoch) {
                    budget.open(balance, points.tree[1])?;
                }
            }
        }
        Ok(budget)
    }

    fn history_before_epochs(&self) -> History {
        let mut history = History::default();
        for dataset in &self.datasets {
            for enrolment in &dataset.enrolments {
                let columns: Vec<_> =
                    enrolment.segments.iter().map(|segment| segment.payee_column.clone()).collect();
                if enrolment.renewal == 0 {
                    history.enroll(dataset.number, enrolment.first_epoch, &columns);
                } else {
                    history.renew(dataset.number, &columns);
                }
            }
        }
        history
    }
}

/// Counts what a proof of every segment that moves in an epoch opens of its balances before.
fn open_old(
    budget: &mut OpeningBudget,
    history: &History,
    epoch: u32,
    points: &Points,
) -> Result<(), Violation> {
    for (dataset, segment) in history.moving(epoch) {
        if let Some(old) = history.balance(dataset, segment) {
            budget.open(old, points.split[0])?;
        }
    }
    Ok(())
}

/// Reads the scores that an attributor posted, and checks that they are for this ledger's next epoch.
pub fn read_posted_scores(path: &Path, state: &State, epoch: u32) -> Result<ScoresDoc, Error> {
    let doc = ScoresDoc::read(path)?;
    let value = |text: String| Error::from(InputError::value(path, text));
    if doc.suite != state.ledger.suite {
        return Err(value(format!("scores of suite {}, the ledger's is {}", doc.suite, state.ledger.suite)));
    }
    if doc.model_id != state.ledger.model_id {
        return Err(value("scores of another model".into()));
    }
    if doc.epoch != epoch {
        return Err(value(format!("scores of epoch {}, not of epoch {epoch}", doc.epoch)));
    }
    let listed = doc.segments.iter().map(|s| (s.dataset, s.segment));
    state.history.check_once(epoch, listed).map_err(|violation| value(violation.to_string()))?;
    Ok(doc)
}

/// The numbers of the entries of a directory, `first`, `first + 1`, ..; empty where there is none.
fn count(dir: &PathBuf, first: u32) -> Result<std::ops::Range<u32>, Error> {
    let io = |source| super::LedgerError::io("read", dir, source);
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(first..first),
        Err(error) => return Err(io(error).into()),
    };
    let mut number = 0u32;
    for entry in entries {
        let name = entry.map_err(io)?.file_name();
        if name.to_str().is_some_and(|name| name.parse::<u32>().is_ok()) {
            number += 1;
        }
    }
    Ok(first..first + number)
}
