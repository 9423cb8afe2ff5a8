//! Epochs: what was posted, the money, then each segment's move.

use apportion_circuits::field::SuiteField;
use apportion_statement::files::Document as _;
use apportion_statement::{
    CheckId, History, RelationId, Violation,
    files::{Epoch, EpochDoc, EpochSegment, ScoredSegment, ScoresDoc, read_file},
    inputs::{SplitNumbers, check_total, split_inputs, split_instance},
    policy::check_carried,
    sums::EpochSums,
};

use super::{
    job::{Job, check_digest},
    replay::Replay,
};
use crate::report::Check;

impl<F: SuiteField> Replay<'_, F> {
    pub(super) fn epoch(&mut self, epoch: &Epoch) {
        let Epoch { doc, scores, .. } = epoch;
        let place = format!("epoch {}", doc.epoch);
        let order = self.history.begin_epoch(doc.epoch);
        self.push(doc, Check::of(CheckId::V3Order, &place, order));
        self.posted(&place, epoch);
        self.money(&place, doc);
        let posted = scores.segments.iter().map(ScoredSegment::id);
        let moved = History::check_moved(posted, doc.segments.iter().map(EpochSegment::id));
        self.push(doc, Check::of(CheckId::V4Moved, &place, moved));
        let mut sums = EpochSums::default();
        let mut records = 0u128;
        for entry in &doc.segments {
            let posted = scores.segment(entry.id());
            sums.add(posted.map_or(0, |posted| posted.score.0), entry.paid.0);
            // A segment without scores, of no dataset or of no such revision has failed above: nothing can be proven
            // about it.
            let Some(posted) = posted else { continue };
            let Some(count) = self.history.records(entry.id(), posted.revision) else { continue };
            records += u128::from(count);
            self.segment(doc, scores, entry, posted, count);
        }
        self.history.settle_epoch(epoch);
        self.sums(&place, epoch, &sums, records);
    }

    fn push(&mut self, doc: &EpochDoc, check: Check) {
        self.findings.push_in(self.scope.epoch(doc.epoch), check);
    }

    /// V4, and of V3 and V1 what holds for posted scores.
    fn posted(&mut self, place: &str, epoch: &Epoch) {
        let Epoch { doc, scores, .. } = epoch;
        self.scores_file(place, epoch);
        let total = check_total(scores.total_score.0);
        self.push(doc, Check::of(CheckId::V1Total, place, total));
        match self.history.check_posted(doc.epoch, &scores.posted()) {
            Err(violation) => self.push(doc, Check::failed(violation.id(), place, violation)),
            Ok(()) => {
                self.push(doc, Check::ok(CheckId::V3Once, place));
                self.push(doc, Check::ok(CheckId::V3Revision, place));
                self.proven(place, doc, scores);
            }
        }
        let datasets = &self.bundle.datasets;
        let id_of = |n: u32| Some(datasets.get(n as usize)?.enrolment.dataset_id);
        let root = scores.check_root(id_of);
        self.push(doc, Check::of(CheckId::V4Posted, place, root));
    }

    /// file.digest. The file is read again only where it is not the one that was named, to say what happened to it.
    fn scores_file(&mut self, place: &str, epoch: &Epoch) {
        let reference = &epoch.doc.scores;
        let file = self.bundle.dir.epoch(epoch.doc.epoch).join(&reference.file);
        let check = if epoch.scores_match {
            Check::ok(CheckId::FileDigest, format!("{place} {}", reference.file))
        } else {
            let bytes = read_file(&file, ScoresDoc::MAX_BYTES).unwrap_or_default();
            let check = check_digest(place, &file, &bytes, reference.sha256);
            // It may have changed since the bundle was read, and the bundle is what is audited.
            if check.ok {
                Check::failed(CheckId::FileDigest, place, "changed while it was read")
            } else {
                check
            }
        };
        self.push(&epoch.doc, check);
    }

    /// V3.proven, by the roots: a column that was proven before the segment's root changed shows nobody the newer records.
    fn proven(&mut self, place: &str, doc: &EpochDoc, scores: &ScoresDoc) {
        let outcome = scores.segments.iter().try_for_each(|posted| {
            let (id, revision) = (posted.id(), posted.revision);
            let proven = self.history.payees(id).iter().map(|column| column.revision);
            match self.changes.get(id.dataset as usize) {
                Some(changes) => changes.check_proven(id, revision, proven),
                None => Err(Violation::NotProven { id, revision }),
            }
        });
        self.push(doc, Check::of(CheckId::V3Proven, place, outcome));
    }

    /// V6 and V7.
    fn money(&mut self, place: &str, doc: &EpochDoc) {
        let in_force = self.bundle.policy_in(doc.epoch);
        let expected = in_force.map_or(0, |policy| policy.policy);
        let version = if expected == doc.policy {
            Ok(())
        } else {
            Err(Violation::Version { epoch: doc.epoch, expected, found: doc.policy })
        };
        self.push(doc, Check::of(CheckId::V6Version, place, version));
        let carried = check_carried(self.left, doc.carried.0);
        self.push(doc, Check::of(CheckId::V6Carried, place, carried));
        // By the stated policy where there is one: that it is not the one in force is said above.
        let stated = self.bundle.policies.iter().find(|policy| policy.policy == doc.policy).or(in_force);
        if let Some(policy) = stated {
            let split = policy.terms.check_split(doc.revenue.0, doc.carried.0, &doc.shares, doc.pool.0);
            if matches!(split, Ok(()) | Err(Violation::Pool { .. })) {
                self.push(doc, Check::ok(CheckId::V6Shares, place));
            }
            self.push(doc, Check::of(CheckId::V6Pool, place, split));
        }
        let lifetime = self.lifetime.add(doc.pool.0, doc.carried.0);
        self.push(doc, Check::of(CheckId::V7Lifetime, place, lifetime));
    }

    fn segment(
        &mut self,
        doc: &EpochDoc,
        scores: &ScoresDoc,
        entry: &EpochSegment,
        posted: &ScoredSegment,
        records: u32,
    ) {
        let id = entry.id();
        let Some(dataset) = self.history.datasets().get(id.dataset as usize) else { return };
        if !self.scope.moved(id, doc.epoch) {
            return;
        }
        let (tier, dataset_id) = (dataset.tier, dataset.id);
        let place = format!("epoch {} {id}", doc.epoch);
        let old = self.history.balance(id).cloned();
        let numbers = SplitNumbers {
            segment_score: posted.score.0,
            segment_paid: entry.paid.0,
            pool: doc.pool.0,
            total_score: scores.total_score.0,
            genesis: old.is_none(),
            records,
        };
        let context = self.bundle.ledger.context(dataset_id, id.segment, doc.epoch);
        match split_instance::<F>(&context, tier, &numbers) {
            Err(Violation::Total(_)) => {} // said once for the epoch
            Err(violation) => self.findings.push(Check::failed(violation.id(), &place, violation)),
            Ok(instance) => {
                self.findings.push(Check::ok(CheckId::V1Records, &place));
                self.findings.push_job(Job {
                    place,
                    id: CheckId::ProofSplit,
                    relation: RelationId::Split,
                    tier,
                    keys: self.keys.clone(),
                    public: split_inputs(&instance),
                    file: self.bundle.dir.epoch(doc.epoch).join(&entry.proof.file),
                    sha256: entry.proof.sha256,
                    links: vec![
                        old.map(|old| (CheckId::V3Old, old)),
                        Some((CheckId::V3New, entry.balance_column.clone())),
                        Some((CheckId::V3Score, posted.commitment.clone())),
                    ],
                });
            }
        }
    }

    /// V5.
    fn sums(&mut self, place: &str, epoch: &Epoch, sums: &EpochSums, records: u128) {
        let Epoch { doc, scores, .. } = epoch;
        let score = sums.check_score(scores.total_score.0);
        self.push(doc, Check::of(CheckId::V5Score, place, score));
        self.left = match sums.check_paid(doc.pool.0) {
            Err(violation) => {
                self.push(doc, Check::of(CheckId::V5Paid, place, Err(violation)));
                0
            }
            Ok(dust) => {
                self.push(doc, Check::ok(CheckId::V5Paid, place));
                self.push(doc, Check::of(CheckId::V5Dust, place, EpochSums::check_dust(dust, records)));
                dust
            }
        };
    }
}
