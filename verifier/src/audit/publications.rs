//! Publications: account roots over the payee columns and the balances of an epoch.

use std::collections::BTreeSet;

use super::{
    job::{Job, Leaves, inputs_or_check},
    replay::{Replay, Scope},
};
use crate::report::{AuditError, Check};
use apportion_statement::files::{Document, InputError, PublicationDoc, PublishedSegment};
use apportion_statement::{CheckId, Relation, Use, Violation, publish_inputs};
use apportion_suite::Suite;

impl<S: Suite> Replay<'_, S> {
    pub(super) fn publication(&mut self, n: u32) -> Result<(), AuditError> {
        let place = format!("publication {n}");
        let file = self.dir.publication(n).join("publication.json");
        let doc = PublicationDoc::read(&file)?;
        self.check_owner(&file, &place, doc.suite, doc.model_id)?;
        if doc.publication != n {
            return Err(InputError::value(&file, "the publication is not that of the directory").into());
        }
        // Balances are published as they stand: never older ones than a publication before has shown.
        if doc.epoch < self.published {
            let why = format!("of epoch {}, after a publication of epoch {}", doc.epoch, self.published);
            self.push(Check::failed(CheckId::V3Balance, &place, why));
        }
        self.published = self.published.max(doc.epoch);
        if doc.segments.is_empty() {
            self.push(Check::failed(CheckId::V3Once, &place, "publishes no segment"));
        }
        let mut seen = BTreeSet::new();
        for entry in &doc.segments {
            let PublishedSegment { dataset, segment, .. } = *entry;
            self.active = match self.scope {
                Scope::Ledger => true,
                Scope::Epoch(_) => false,
                Scope::Publication { number, dataset: d, segment: s } => {
                    (number, d, s) == (n, dataset, segment)
                }
            };
            if seen.insert((dataset, segment)) {
                self.published(&doc, entry);
            } else {
                let violation = Violation::Once { dataset, segment, fault: "is published twice" };
                self.push(Check::of(CheckId::V3Once, &place, Err(violation)));
            }
        }
        Ok(())
    }

    fn published(&mut self, doc: &PublicationDoc, entry: &PublishedSegment) {
        let PublishedSegment { dataset, segment, renewal, root, .. } = *entry;
        let n = doc.publication;
        let place = format!("publication {n} dataset {dataset} segment {segment}");
        let payees = self.history.payees(dataset, segment).get(renewal as usize).cloned();
        let balance = self.history.settled_in(dataset, segment, doc.epoch).cloned();
        let Some(payees) = payees else {
            let why = format!("has no payee column {renewal}");
            return self.push(Check::failed(CheckId::V3Payee, &place, why));
        };
        let Some(balance) = balance else {
            let why = format!("was not settled in epoch {}", doc.epoch);
            return self.push(Check::failed(CheckId::V3Balance, &place, why));
        };
        self.open(&place, &payees, Relation::Tree, 0);
        self.open(&place, &balance, Relation::Tree, 1);
        // Segments with payee columns are of datasets that are there.
        let Some(id) = self.datasets.get(dataset as usize) else {
            return;
        };
        let context = self.binding.publish(*id, segment, doc.epoch);
        let dir = self.dir.publication(n);
        match inputs_or_check(&place, publish_inputs(&context, root)) {
            Err(check) => self.push(check),
            Ok(public) => self.push_job(Job {
                place,
                purpose: Use::Publish,
                tier: self.ledger.tier,
                public,
                file: dir.join(&entry.proof.file),
                sha256: entry.proof.sha256,
                links: vec![Some((CheckId::V3Payee, payees)), Some((CheckId::V3Balance, balance))],
                leaves: Some(Leaves {
                    file: dir.join(&entry.leaves.file),
                    sha256: entry.leaves.sha256,
                    root,
                    dataset,
                    segment,
                }),
            }),
        }
    }
}
