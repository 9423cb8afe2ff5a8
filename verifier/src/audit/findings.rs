//! What a replay leaves: checks that are made, and proofs that are still to be verified, in the order of history.

use std::sync::Arc;

use rayon::prelude::*;

use apportion_circuits::{field::SuiteField, types::Tier};
use apportion_statement::{RelationId, files::KeysDir};

use super::{AuditSuite, KeyRing, Options, job::Job};
use crate::report::{AuditError, Check, Report};

enum Entry<F> {
    Check(Check),
    Job(Box<Job<F>>),
}

/// Checks and jobs, in the order of history.
pub(crate) struct Findings<F> {
    entries: Vec<Entry<F>>,
    stated: Vec<StatedKey>,
}

/// A key that documents state: a relation's, of a tier, in some `keys/`.
pub(super) type StatedKey = (RelationId, Tier, Arc<KeysDir>);

impl<F: SuiteField> Findings<F> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), stated: Vec::new() }
    }

    /// Adds a check. Out of scope only one that fails is kept.
    pub(super) fn push_in(&mut self, scope: bool, check: Check) {
        if scope || !check.ok {
            self.entries.push(Entry::Check(check));
        }
    }

    /// Adds a check.
    pub(crate) fn push(&mut self, check: Check) {
        self.push_in(true, check);
    }

    /// Notes a key whose document is there, to be compared whether or not some proof needs it.
    pub(super) fn push_key(&mut self, relation: RelationId, tier: Tier, keys: &Arc<KeysDir>) {
        if keys.doc(relation, tier).exists() {
            self.stated.push((relation, tier, keys.clone()));
        }
    }

    pub(super) fn push_job(&mut self, job: Job<F>) {
        self.entries.push(Entry::Job(Box::new(job)));
    }

    fn jobs(&self) -> impl Iterator<Item = &Job<F>> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Check(_) => None,
            Entry::Job(job) => Some(job.as_ref()),
        })
    }

    /// Loads the keys of all proofs, verifies them, and puts every outcome into the report.
    pub(crate) fn verify<S: AuditSuite<F = F>>(
        self,
        setup: &S::Setup,
        options: &Options,
        report: &mut Report,
    ) {
        let ring = match KeyRing::<S>::load(self.jobs(), &self.stated, setup, options) {
            Ok(ring) => ring,
            Err(error) => return self.without_proofs(error, report),
        };
        ring.describe(&mut report.subject);
        let proofs = self.jobs().count();
        options.say(|| format!("verifying {}", apportion_statement::counted(proofs, "proof")));
        let outcomes: Vec<_> = self
            .entries
            .into_par_iter()
            .map(|entry| match entry {
                Entry::Check(check) => (vec![check], None),
                Entry::Job(job) => job.run(&ring),
            })
            .collect();
        for (checks, error) in outcomes {
            report.checks.extend(checks);
            if let Some(error) = error {
                report.error.get_or_insert(error);
            }
        }
    }

    /// Puts the checks that are made into the report, and why no proof is verified.
    pub(crate) fn without_proofs(self, error: AuditError, report: &mut Report) {
        report.checks.extend(self.entries.into_iter().filter_map(|entry| match entry {
            Entry::Check(check) => Some(check),
            Entry::Job(_) => None,
        }));
        report.error.get_or_insert(error);
    }
}
