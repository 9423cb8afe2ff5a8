//! Where a ledger's files and the chain differ.

use apportion_chain::{
    ChainError, ReadChain, ReadError,
    abi::{
        IDatasetRegistry as registry, IRevenueLedger as abi, U256, bytes32, payee,
        stage::{CLOSED, FINAL},
    },
    ask, preflight,
};
use apportion_statement::{counted, files::EnrolledDataset};

use super::asked;
use crate::ledger::{Ledger, proven_revision};

/// A difference, and what kind of step ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// An epoch that was proven in the files with other facts than the chain has.
    OtherEpoch(u32),
    /// An epoch that is proven in the files while the chain has it open.
    ProvenTooSoon(u32),
    /// A proven epoch whose segments did not all move on the chain.
    Unsettled(u32),
    /// Epochs that the chain has and the files have not, up to this one.
    FilesBehind(u64),
    /// A dataset that the registry does not know.
    Unregistered(u32),
    /// A revision that the registry does not have.
    Unextended(u32),
    /// A dataset, or a revision of it, that is enrolled in the files alone.
    Unenrolled(u32),
    /// A revision that is enrolled on the chain alone.
    NewerOnChain(u32),
    /// A retirement that the files alone have.
    UnannouncedRetirement(u32),
    /// A retirement that the chain alone has.
    RetiredOnChain(u32),
    /// A policy that the files alone have.
    UnannouncedPolicy(u32),
    /// Something that no command of this ledger ends.
    Other,
}

/// The differences, with their words.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<(Difference, String)>);

impl Differences {
    pub(super) fn texts(&self) -> Vec<String> {
        self.0.iter().map(|(_, text)| text.clone()).collect()
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = &Difference> {
        self.0.iter().map(|(kind, _)| kind)
    }

    pub(super) fn has(&self, kind: &Difference) -> bool {
        self.kinds().any(|known| known == kind)
    }

    fn add(&mut self, kind: Difference, text: impl Into<String>) {
        self.0.push((kind, text.into()));
    }

    /// Compares a model's files with the chain.
    pub(super) fn find(
        ledger: &Ledger,
        model: &abi::Model,
        chain: &mut dyn ReadChain,
    ) -> Result<Self, ChainError> {
        let mut found = Self::default();
        found.epochs(ledger, model, chain)?;
        let at = payee(asked(chain, ledger.bundle.ledger.contract, &abi::registryCall {})?);
        let mut records = 0u64;
        for (number, enrolled) in (0u32..).zip(&ledger.bundle.datasets) {
            let call = abi::getEnrolmentCall {
                modelId: bytes32(ledger.bundle.ledger.model_id),
                datasetId: bytes32(enrolled.dataset.doc.dataset_id),
            };
            let there = asked(chain, ledger.bundle.ledger.contract, &call)?;
            records = records.saturating_add(there.records);
            let call = registry::datasetCall { datasetId: bytes32(enrolled.dataset.doc.dataset_id) };
            let registered = match ask(chain, at, &call) {
                Ok(dataset) => Some(dataset.revision),
                Err(ReadError::Reverted(_)) => None,
                Err(error) => return Err(error.into()),
            };
            found.dataset(number, enrolled, &there, registered);
        }
        if model.records > records {
            let more = counted(model.records.saturating_sub(records), "record");
            let text = format!("the chain has {more} of datasets that are not in these files");
            found.add(Difference::Other, text);
        }
        let (files, there) = (ledger.bundle.policies.len() as u32, model.policies);
        if files > there {
            let text = format!("policies: files {files}, chain {there}");
            found.add(Difference::UnannouncedPolicy(there.saturating_add(1)), text);
        } else if there > files {
            let text = format!(
                "policies: files {files}, chain {there}: `apportion ledger policy` takes an announced one into the files"
            );
            found.add(Difference::Other, text);
        }
        Ok(found)
    }

    fn epochs(
        &mut self,
        ledger: &Ledger,
        model: &abi::Model,
        chain: &mut dyn ReadChain,
    ) -> Result<(), ChainError> {
        let own = &ledger.bundle.ledger;
        for epoch in &ledger.bundle.epochs {
            let number = epoch.doc.epoch;
            let call = abi::getEpochCall { modelId: bytes32(own.model_id), epoch: U256::from(number) };
            let there = asked(chain, own.contract, &call)?;
            if there.stage < CLOSED {
                let text = format!(
                    "epoch {number}: proven in the files with a revenue of {}, not closed on the chain: its revenue can still grow",
                    epoch.doc.revenue
                );
                self.add(Difference::ProvenTooSoon(number), text);
                continue;
            }
            let differs = preflight::epoch_differs(&ledger.bundle, epoch, chain)?;
            if !differs.is_empty() {
                self.add(Difference::OtherEpoch(number), format!("epoch {number}: {}", differs.join("; ")));
            } else if there.stage != FINAL {
                let text = format!(
                    "epoch {number}: proven in the files, {} of {} settled on the chain",
                    there.moved,
                    counted(there.count, "segment")
                );
                self.add(Difference::Unsettled(number), text);
            }
        }
        let last = u64::from(ledger.history.last_epoch());
        if model.finalEpoch > last {
            let text = format!(
                "epochs: the chain has {} that are final, the files end with epoch {last}: they are an older copy",
                model.finalEpoch
            );
            self.add(Difference::FilesBehind(model.finalEpoch), text);
        }
        Ok(())
    }

    fn dataset(
        &mut self,
        number: u32,
        enrolled: &EnrolledDataset,
        there: &abi::Enrolment,
        registered: Option<u32>,
    ) {
        let newest = enrolled.dataset.newest().revision;
        // What is not proven yet is nothing that a chain could have.
        let proven = proven_revision(&enrolled.dataset).unwrap_or(0);
        match registered {
            None => {
                let text = format!("dataset {number}: enrolled in the files, not registered on the chain");
                self.add(Difference::Unregistered(number), text);
            }
            Some(revision) if revision < proven => {
                let text =
                    format!("dataset {number}: revision {proven} in the files, {revision} in the registry");
                self.add(Difference::Unextended(number), text);
            }
            Some(_) => {}
        }
        if there.enrolledBlock == 0 {
            let text = format!("dataset {number}: enrolled in the files, not on the chain");
            self.add(Difference::Unenrolled(number), text);
            return;
        }
        if there.revision < proven {
            let text = format!(
                "dataset {number}: revision {proven} enrolled in the files, {} on the chain",
                there.revision
            );
            self.add(Difference::Unenrolled(number), text);
        } else if there.revision > newest {
            let text = format!(
                "dataset {number}: revision {newest} enrolled in the files, {} on the chain",
                there.revision
            );
            self.add(Difference::NewerOnChain(number), text);
        }
        match (&enrolled.retirement, there.retiredFrom) {
            (Some(_), 0) => {
                let text = format!("dataset {number}: retired in the files, not announced on the chain");
                self.add(Difference::UnannouncedRetirement(number), text);
            }
            (None, from) if from != 0 => {
                let text =
                    format!("dataset {number}: its retirement is announced on the chain, not in the files");
                self.add(Difference::RetiredOnChain(number), text);
            }
            _ => {}
        }
    }
}
