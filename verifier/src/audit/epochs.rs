//! Epochs: money first, then each segment's move.

use std::collections::HashMap;

use apportion_circuits::types::TOTAL_SCORE_BITS;

use super::{
    job::{Job, check_digest, inputs_or_check},
    replay::Replay,
};
use crate::report::{AuditError, Check};
use apportion_statement::files::{
    Document, EpochDoc, EpochSegment, FileRef, InputError, ScoresDoc, read_file,
};
use apportion_statement::policy::check_carried;
use apportion_statement::{
    CheckId, EpochSums, Relation, SplitInputs, Use, Violation, check_posted, check_posted_total, check_total,
    split_inputs,
};
use apportion_suite::{Commitment, Suite};

impl<S: Suite> Replay<'_, S> {
    pub(super) fn epoch(&mut self, epoch: u32) -> Result<(), AuditError> {
        let place = format!("epoch {epoch}");
        let dir = self.dir.epoch(epoch);
        let file = dir.join("epoch.json");
        let doc = EpochDoc::read(&file)?;
        self.check_owner(&file, &place, doc.suite, doc.model_id)?;
        if doc.epoch != epoch {
            return Err(InputError::value(&file, "the epoch is not that of the directory").into());
        }
        let order = self.history.begin_epoch(epoch);
        self.push(Check::of(CheckId::V3Order, &place, order));
        self.money(&place, &doc);
        let posted = match &doc.scores {
            Some(scores) => Some(self.posted(&place, &doc, scores)?),
            None => {
                self.notes.push(format!("{place}: carried without posted scores, as stated"));
                None
            }
        };
        if doc.carried_only {
            if doc.abandoned {
                self.abandoned(&place, epoch);
            }
            self.left = doc.pool.0;
            return Ok(());
        }
        self.push(Check::of(CheckId::V1Total, &place, check_total(doc.total_score.0)));
        let listed = doc.segments.iter().map(|segment| (segment.dataset, segment.segment));
        let once = self.history.check_once(epoch, listed);
        self.push(Check::of(CheckId::V3Once, &place, once));
        let mut sums = EpochSums::default();
        for entry in &doc.segments {
            sums.add(entry.segment_score.0, entry.segment_paid.0);
            self.segment(&doc, entry, posted.as_ref());
        }
        for entry in &doc.segments {
            self.history.settle(entry.dataset, entry.segment, epoch, entry.balance_column.clone());
        }
        self.sums(&place, &doc, &sums);
        Ok(())
    }

    /// An epoch that a contract gave up: its scores pay nobody, which the developer alone must not be able to decide.
    fn abandoned(&mut self, place: &str, epoch: u32) {
        if self.ledger.contract.is_zero() {
            let why = "abandoned, in a ledger that is bound to no contract";
            return self.push(Check::failed(CheckId::V6Carried, place, why));
        }
        self.notes.push(format!("{place}: abandoned and carried, as stated; the contract can confirm it"));
        let moving: Vec<_> = self.history.moving(epoch).collect();
        for (dataset, segment) in moving {
            // A proof may have been sent before its epoch was given up.
            if let Some(old) = self.history.balance(dataset, segment).cloned() {
                self.open(&format!("{place} dataset {dataset} segment {segment}"), &old, Relation::Split, 0);
            }
        }
    }

    /// V6 and V7.
    fn money(&mut self, place: &str, doc: &EpochDoc) {
        let carried = check_carried(self.left, doc.carried.0);
        self.push(Check::of(CheckId::V6Carried, place, carried));
        let split = self.ledger.policy.check_split(doc.revenue.0, doc.carried.0, &doc.shares, doc.pool.0);
        if !matches!(split, Err(Violation::Shares(_))) {
            self.push(Check::ok(CheckId::V6Shares, place));
        }
        self.push(Check::of(CheckId::V6Pool, place, split));
        let lifetime = self.lifetime.add(doc.pool.0, doc.carried.0);
        self.push(Check::of(CheckId::V7Lifetime, place, lifetime));
    }

    /// V4: what the attributor posted, by segment.
    fn posted(
        &mut self,
        place: &str,
        doc: &EpochDoc,
        scores: &FileRef,
    ) -> Result<HashMap<(u32, u32), Commitment>, AuditError> {
        let file = self.dir.epoch(doc.epoch).join(&scores.file);
        let bytes = read_file(&file, ScoresDoc::MAX_BYTES)?;
        self.push(check_digest(place, &file, &bytes, scores.sha256));
        let posted = ScoresDoc::from_json(&bytes).map_err(|fault| InputError::new(&file, fault))?;
        self.check_owner(&file, place, posted.suite, posted.model_id)?;
        if posted.epoch != doc.epoch {
            return Err(InputError::value(&file, format!("scores of epoch {}", posted.epoch)).into());
        }
        let total = check_posted_total(posted.total_score.0, doc.total_score.0);
        self.push(Check::of(CheckId::V4Total, place, total));
        let listed = posted.segments.iter().map(|segment| (segment.dataset, segment.segment));
        let once = self.history.check_once(doc.epoch, listed);
        if once.is_err() {
            self.push(Check::of(CheckId::V3Once, &format!("{place} scores"), once));
        }
        let by_segment = posted.segments.into_iter().map(|s| ((s.dataset, s.segment), s.commitment));
        Ok(by_segment.collect())
    }

    fn segment(
        &mut self,
        doc: &EpochDoc,
        entry: &EpochSegment,
        posted: Option<&HashMap<(u32, u32), Commitment>>,
    ) {
        let EpochSegment { dataset, segment, .. } = *entry;
        let place = format!("epoch {} dataset {dataset} segment {segment}", doc.epoch);
        let genesis = self.history.check_genesis(dataset, segment, entry.genesis);
        self.push(Check::of(CheckId::V3Genesis, &place, genesis));
        self.push(match posted.and_then(|posted| posted.get(&(dataset, segment))) {
            Some(column) => Check::of(CheckId::V4Posted, &place, check_posted(column, &entry.score_column)),
            None => Check::failed(CheckId::V4Posted, &place, "no score commitment was posted"),
        });
        let old = self.history.balance(dataset, segment).cloned();
        if let Some(old) = &old {
            self.open(&place, old, Relation::Split, 0);
        }
        self.open(&place, &entry.balance_column, Relation::Split, 1);
        self.open(&place, &entry.score_column, Relation::Split, 2);
        // A segment that is not enrolled has failed V3.once; there is nothing to prove about it.
        let Some(id) = self.datasets.get(dataset as usize) else {
            return;
        };
        let context = self.binding.split(*id, segment, doc.epoch);
        let numbers = SplitInputs {
            segment_score: entry.segment_score.0,
            segment_paid: entry.segment_paid.0,
            pool: doc.pool.0,
            total_score: doc.total_score.0,
            // By history, not as stated: a false statement fails both checks.
            genesis: old.is_none(),
        };
        match inputs_or_check(&place, split_inputs(&context, &numbers)) {
            Err(check) if check.id == CheckId::V1Total => {} // said once for the epoch
            Err(check) => self.push(check),
            Ok(public) => self.push_job(Job {
                place,
                purpose: Use::Split,
                tier: self.ledger.tier,
                public,
                file: self.dir.epoch(doc.epoch).join(&entry.proof.file),
                sha256: entry.proof.sha256,
                links: vec![
                    old.map(|old| (CheckId::V3Old, old)),
                    Some((CheckId::V3New, entry.balance_column.clone())),
                    Some((CheckId::V3Score, entry.score_column.clone())),
                ],
                leaves: None,
            }),
        }
    }

    /// V5.
    fn sums(&mut self, place: &str, doc: &EpochDoc, sums: &EpochSums) {
        let score = sums.check_score(doc.total_score.0);
        self.push(Check::of(CheckId::V5Score, place, score));
        self.left = match sums.check_paid(doc.pool.0) {
            Err(violation) => {
                self.push(Check::of(CheckId::V5Paid, place, Err(violation)));
                0
            }
            Ok(dust) => {
                self.push(Check::ok(CheckId::V5Paid, place));
                let moving = self.history.moving(doc.epoch).count();
                let accounts = moving as u128 * self.ledger.tier.accounts() as u128;
                self.push(Check::of(CheckId::V5Dust, place, EpochSums::check_dust(dust, accounts)));
                dust
            }
        };
    }
}

// A segment's scores sum to less than any total's bound, so `EpochSums` compares true integers.
const _: () = assert!(TOTAL_SCORE_BITS < 128);
