//! A dataset's revisions: ids, roots, counts, extensions, and the proofs of its payee columns.

use std::sync::Arc;

use apportion_circuits::field::SuiteField;
use apportion_statement::{
    CheckId, RelationId, SegmentId, Violation,
    context::{check_dataset, dataset_id},
    dataset::{check_extension, check_revision},
    files::{ColumnsDoc, DatasetBundle, InputError, RevisionDoc},
    inputs::{enroll_inputs, enroll_instance},
};

use super::{findings::Findings, job::Job};
use crate::report::{AuditError, Check};

/// In which revisions the roots of a dataset's segments changed, by segment, oldest first.
pub(crate) struct Changes(Vec<Vec<u32>>);

impl Changes {
    fn of(dataset: &DatasetBundle) -> Self {
        let mut changes = vec![Vec::new(); dataset.newest().roots.len()];
        for revision in 0..dataset.revisions.len() as u32 {
            for segment in dataset.changed(revision) {
                if let Some(changed) = changes.get_mut(segment as usize) {
                    changed.push(revision);
                }
            }
        }
        Self(changes)
    }

    /// The revision in which a segment's root last changed, as of a revision.
    pub(super) fn last(&self, segment: u32, revision: u32) -> Option<u32> {
        let changed = self.0.get(segment as usize)?;
        changed.iter().rev().find(|changed| **changed <= revision).copied()
    }
}

/// Replays a dataset's revisions. `shown` says whether checks are kept where they hold, `proven` which proofs are
/// verified, by segment and revision.
pub(crate) fn replay_dataset<F: SuiteField>(
    findings: &mut Findings<F>,
    dataset: &DatasetBundle,
    place: &str,
    shown: bool,
    proven: impl Fn(u32, u32) -> bool,
) -> Result<Changes, AuditError> {
    let (doc, tier) = (&dataset.doc, dataset.doc.tier);
    let first = &dataset.revisions[0].doc;
    let outcome = check_dataset(dataset_id(&doc.origin(first)), doc.dataset_id);
    findings.push_in(shown, Check::of(CheckId::V2Dataset, place, outcome));
    let keys = Arc::new(dataset.dir.keys());
    if shown {
        findings.push_key(RelationId::Tree, tier, &keys);
    }
    let changes = Changes::of(dataset);
    let mut before: Option<&RevisionDoc> = None;
    for (revision, part) in (0u32..).zip(&dataset.revisions) {
        let place = format!("{place} revision {revision}");
        check_roots::<F>(findings, dataset, &part.doc, &place, shown);
        if let Some(before) = before {
            let outcome = check_extension::<F>(tier, before, &part.doc);
            findings.push_in(shown, Check::of(CheckId::DatasetExtension, &place, outcome));
        }
        before = Some(&part.doc);
        let Some(columns) = &part.columns else { continue };
        check_listed(dataset, columns)?;
        for column in &columns.columns {
            let segment = column.segment;
            let place = format!("{place} segment {segment}");
            let Some(root) = part.doc.roots.get(segment as usize).filter(|_| proven(segment, revision))
            else {
                continue;
            };
            match enroll_instance::<F>(&doc.context(segment, revision), *root) {
                Err(violation) => findings.push(Check::failed(violation.id(), &place, violation)),
                Ok(instance) => findings.push_job(Job {
                    place,
                    id: CheckId::ProofEnroll,
                    relation: RelationId::Tree,
                    tier,
                    keys: keys.clone(),
                    public: enroll_inputs(&instance),
                    file: dataset.dir.columns(revision).join(&column.proof.file),
                    sha256: column.proof.sha256,
                    links: vec![Some((CheckId::V3Payee, column.payee_column.clone())), None],
                }),
            }
        }
    }
    Ok(changes)
}

/// dataset.roots, dataset.count and V1.canonical.
fn check_roots<F: SuiteField>(
    findings: &mut Findings<F>,
    dataset: &DatasetBundle,
    revision: &RevisionDoc,
    place: &str,
    shown: bool,
) {
    let outcome = check_revision::<F>(dataset.doc.tier, revision);
    // What was found in order before the violation.
    let held: &[CheckId] = match &outcome {
        Ok(()) => &[CheckId::V1Canonical, CheckId::DatasetRoots],
        Err(Violation::Count { .. }) => &[CheckId::V1Canonical, CheckId::DatasetRoots],
        Err(Violation::Canonical { .. }) => &[CheckId::DatasetRoots],
        Err(_) => &[],
    };
    held.iter().for_each(|id| findings.push_in(shown, Check::ok(*id, place)));
    findings.push_in(shown, Check::of(CheckId::DatasetCount, place, outcome));
}

/// A revision proves the columns of the segments whose roots it changes, all of them, in order.
fn check_listed(dataset: &DatasetBundle, columns: &ColumnsDoc) -> Result<(), InputError> {
    let changed = dataset.changed(columns.revision);
    if columns.columns.iter().map(|column| column.segment).eq(changed.iter().copied()) {
        return Ok(());
    }
    let file = dataset.dir.columns(columns.revision).join("columns.json");
    let text =
        format!("must list the segments whose roots the revision changes, in order: {}", changed.len());
    Err(InputError::value(&file, text))
}

/// Segments of the newest revision without a proven payee column.
pub(crate) fn unproven(dataset: &DatasetBundle) -> Vec<u32> {
    let changes = Changes::of(dataset);
    let newest = dataset.newest().revision;
    (0..dataset.newest().roots.len() as u32)
        .filter(|segment| {
            let changed = changes.last(*segment, newest).unwrap_or_default();
            dataset.revisions.get(changed as usize).is_none_or(|revision| revision.columns.is_none())
        })
        .collect()
}

impl Changes {
    /// V3.proven: the records with which a segment moves stand behind some proven column of it.
    pub(super) fn check_proven(
        &self,
        id: SegmentId,
        revision: u32,
        mut proven: impl Iterator<Item = u32>,
    ) -> Result<(), Violation> {
        match self.last(id.segment, revision) {
            Some(changed) if proven.any(|revision| revision >= changed) => Ok(()),
            _ => Err(Violation::NotProven { id, revision }),
        }
    }
}
