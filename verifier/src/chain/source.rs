//! A ledger's public directory as a source of transactions.

use std::{collections::BTreeMap, path::Path};

use alloy_sol_types::SolCall;
use apportion_circuits::types::Word;

use super::{
    Call, ChainError, ReadChain,
    abi::{IRevenueLedger, bytes32, column_digest},
    calls,
};
use crate::{
    bundle::{
        DatasetDoc, Document, EnrolmentDoc, EpochDoc, FileRef, InputError, LedgerDoc, ProofBlob, PublicDir,
        PublicationDoc, ScoresDoc, sha256,
    },
    statement::{Relation, Use},
};

/// The public files of a ledger that is bound to a contract.
#[derive(Clone, Debug)]
pub struct Source {
    dir: PublicDir,
    ledger: LedgerDoc,
}

/// What a ledger's public directory has.
#[derive(Clone, Debug)]
pub struct PublicState {
    /// The number of datasets.
    pub datasets: u32,
    /// Epochs, in order.
    pub epochs: Vec<EpochDoc>,
    /// Publications, in order.
    pub publications: Vec<PublicationDoc>,
}

/// How many of a directory's entries are numbered `first`, `first + 1`, .. without a gap; spelt either way.
fn count(dir: &Path, first: u32) -> u32 {
    let there = |n: u32| dir.join(n.to_string()).exists() || dir.join(format!("{n:06}")).exists();
    (first..).take_while(|n| there(*n)).count() as u32
}

impl Source {
    /// Opens a ledger directory, or its `public/`.
    pub fn open(dir: &Path) -> Result<Self, ChainError> {
        let dir = PublicDir::of_ledger(dir);
        let ledger = LedgerDoc::read(&dir.ledger())?;
        calls::check_bound(&ledger)?;
        Ok(Self { dir, ledger })
    }

    /// What the ledger is.
    pub fn ledger(&self) -> &LedgerDoc {
        &self.ledger
    }

    /// Where its files are.
    pub fn dir(&self) -> &PublicDir {
        &self.dir
    }

    /// A dataset's description.
    pub fn dataset(&self, number: u32) -> Result<DatasetDoc, ChainError> {
        Ok(DatasetDoc::read(&self.dir.dataset(number).join("dataset.json"))?)
    }

    /// A dataset's enrolment (0) or one of its renewals.
    pub fn enrolment(&self, number: u32, renewal: u32) -> Result<EnrolmentDoc, ChainError> {
        Ok(EnrolmentDoc::read(&self.dir.enrolment(number, renewal).join("enrolment.json"))?)
    }

    /// An epoch's header.
    pub fn epoch(&self, epoch: u32) -> Result<EpochDoc, ChainError> {
        Ok(EpochDoc::read(&self.dir.epoch(epoch).join("epoch.json"))?)
    }

    /// A publication's header.
    pub fn publication(&self, number: u32) -> Result<PublicationDoc, ChainError> {
        Ok(PublicationDoc::read(&self.dir.publication(number).join("publication.json"))?)
    }

    /// A dataset's newest enrolment: its last renewal, if it has any.
    pub fn newest_enrolment(&self, number: u32) -> Result<EnrolmentDoc, ChainError> {
        let renewals = count(&self.dir.renewals(number), 1);
        self.enrolment(number, renewals)
    }

    /// How much there is of everything.
    pub fn public_state(&self) -> Result<PublicState, ChainError> {
        let epochs = (1..=count(&self.dir.epochs(), 1)).map(|epoch| self.epoch(epoch));
        let publications = (1..=count(&self.dir.publications(), 1)).map(|number| self.publication(number));
        Ok(PublicState {
            datasets: count(&self.dir.datasets(), 0),
            epochs: epochs.collect::<Result<_, _>>()?,
            publications: publications.collect::<Result<_, _>>()?,
        })
    }

    /// The id that the registry gave a dataset.
    pub fn dataset_id(&self, number: u32) -> Result<Word, ChainError> {
        Ok(self.enrolment(number, 0)?.dataset_id)
    }

    /// `enroll`, one transaction per segment.
    pub fn enroll(&self, number: u32, renewal: u32) -> Result<Vec<Call>, ChainError> {
        let doc = self.enrolment(number, renewal)?;
        let dir = self.dir.enrolment(number, renewal);
        (0..)
            .zip(&doc.segments)
            .map(|(segment, entry)| {
                let proof = self.proof(&dir, &entry.proof, Use::Enroll)?;
                let call = calls::enroll(&self.ledger, doc.dataset_id, segment, proof);
                Ok(Call { column: Some(column_digest(&entry.payee_column)), ..call })
            })
            .collect()
    }

    /// `commitScores`, by dataset and segment: the order in which enrolments are completed where one dataset is enrolled
    /// after the other.
    pub fn commit_scores(&self, scores: &ScoresDoc) -> Result<Call, ChainError> {
        self.check_complete(scores)?;
        calls::commit_scores(&self.ledger, scores)
    }

    /// `commitScores`, in the order in which this chain has the segments.
    pub fn commit_scores_on(
        &self,
        scores: &ScoresDoc,
        chain: &mut dyn ReadChain,
    ) -> Result<Call, ChainError> {
        if scores.total_score.0 == 0 {
            return self.commit_scores(scores);
        }
        self.check_complete(scores)?;
        let (mut firsts, mut ranges) = (BTreeMap::new(), Vec::new());
        for (number, segments) in self.taking_part(scores.epoch)? {
            let call = IRevenueLedger::getEnrolmentCall {
                modelId: bytes32(self.ledger.model_id),
                datasetId: bytes32(self.dataset_id(number)?),
            };
            let answer =
                chain.call(self.ledger.contract, call.abi_encode()).map_err(ChainError::Unanswered)?;
            let found = IRevenueLedger::getEnrolmentCall::abi_decode_returns(&answer)
                .map_err(|error| ChainError::Unanswered(error.to_string()))?;
            if (u64::from(found.enrolled), u64::from(found.segments)) != (segments, segments) {
                return Err(ChainError::refused(format!(
                    "dataset {number} has {segments} segments; {} of {} are enrolled on the chain",
                    found.enrolled, found.segments
                )));
            }
            firsts.insert(number, u64::from(found.first));
            ranges.push((u64::from(found.first), segments));
        }
        ranges.sort_unstable();
        let mut next = 0u64;
        for (first, segments) in ranges {
            if first != next {
                let text =
                    format!("segment {next} of the model on the chain is of no dataset of these files");
                return Err(ChainError::refused(text));
            }
            next = next.saturating_add(segments);
        }
        let place = |dataset: u32, segment: u32| {
            firsts.get(&dataset).map(|first| first.saturating_add(u64::from(segment)))
        };
        calls::commit_scores_by(&self.ledger, scores, |segment| place(segment.dataset, segment.segment))
    }

    /// The datasets that take part in an epoch, and how many segments each has.
    fn taking_part(&self, epoch: u32) -> Result<Vec<(u32, u64)>, ChainError> {
        let mut found = Vec::new();
        for number in 0..count(&self.dir.datasets(), 0) {
            let doc = self.enrolment(number, 0)?;
            if doc.first_epoch <= epoch {
                found.push((number, doc.segments.len() as u64));
            }
        }
        Ok(found)
    }

    /// Refuses scores that are not of every segment, once.
    fn check_complete(&self, scores: &ScoresDoc) -> Result<(), ChainError> {
        let mut given: Vec<_> = scores.segments.iter().map(|s| (s.dataset, u64::from(s.segment))).collect();
        given.sort_unstable();
        let taking_part = self.taking_part(scores.epoch)?;
        let wanted = taking_part.into_iter().flat_map(|(number, all)| (0..all).map(move |at| (number, at)));
        if wanted.eq(given) {
            return Ok(());
        }
        let text =
            format!("the scores of epoch {} are not of every segment of the ledger, once", scores.epoch);
        Err(ChainError::refused(text))
    }

    /// `settle`, one transaction per segment; none for a carried epoch.
    pub fn settle(&self, epoch: u32) -> Result<Vec<Call>, ChainError> {
        let doc = self.epoch(epoch)?;
        let dir = self.dir.epoch(epoch);
        doc.segments
            .iter()
            .map(|segment| {
                let proof = self.proof(&dir, &segment.proof, Use::Split)?;
                let dataset = self.dataset_id(segment.dataset)?;
                let call = calls::settle(&self.ledger, epoch, dataset, segment, proof);
                Ok(Call { column: Some(column_digest(&segment.balance_column)), ..call })
            })
            .collect()
    }

    /// `publish`, one transaction per segment.
    pub fn publish(&self, number: u32) -> Result<Vec<Call>, ChainError> {
        let doc = self.publication(number)?;
        let dir = self.dir.publication(number);
        doc.segments
            .iter()
            .map(|segment| {
                let proof = self.proof(&dir, &segment.proof, Use::Publish)?;
                let dataset = self.dataset_id(segment.dataset)?;
                Ok(calls::publish(&self.ledger, dataset, segment, proof))
            })
            .collect()
    }

    /// The bytes of a proof, which must be the file that its document names, of this ledger's key and for this use.
    fn proof(&self, dir: &Path, file: &FileRef, purpose: Use) -> Result<Vec<u8>, ChainError> {
        let key = self.ledger.key(purpose.relation());
        let key = key.ok_or_else(|| ChainError::refused(no_key(purpose.relation())))?;
        let path = dir.join(&file.file);
        let (blob, bytes) = ProofBlob::read(&path, key.proof_bytes as usize)?;
        if sha256(&bytes) != file.sha256 {
            return Err(InputError::value(&path, "not the file that its document names").into());
        }
        if blob.purpose != purpose || blob.key_digest != key.key_digest || blob.suite != self.ledger.suite {
            return Err(InputError::value(&path, "a proof of another use, suite or key").into());
        }
        Ok(blob.proof)
    }
}

fn no_key(relation: Relation) -> String {
    format!("ledger.json names no {} key", relation.name())
}
