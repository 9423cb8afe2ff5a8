//! A ledger's public directory as a source of transactions.

use std::path::Path;

use apportion_circuits::types::Word;

use super::{Call, ChainError, calls};
use crate::{
    bundle::{
        DatasetDoc, Document, EnrolmentDoc, EpochDoc, FileRef, InputError, LedgerDoc, ProofBlob, PublicDir,
        PublicationDoc, sha256,
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
                Ok(calls::enroll(&self.ledger, doc.dataset_id, segment, proof))
            })
            .collect()
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
                Ok(calls::settle(&self.ledger, epoch, dataset, segment, proof))
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
