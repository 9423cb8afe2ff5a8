//! Writes a world's files and proves what its documents say.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use apportion_circuits::types::Word;
use apportion_statement::files::*;
use apportion_statement::*;
use apportion_suite::{Commitment, Suite};
use pasta_curves::Fp;

use super::{Claim, Fake, TIER, World, column, fake, keys};

pub(super) struct Files<'a> {
    world: &'a World,
    dir: &'a PublicDir,
    /// Current balance columns by segment, and those settled by epoch.
    written: BTreeMap<(u32, u32), Vec<(u32, Commitment)>>,
}

impl<'a> Files<'a> {
    pub(super) fn new(world: &'a World, dir: &'a PublicDir) -> Self {
        Self { world, dir, written: BTreeMap::new() }
    }

    pub(super) fn put(&self, path: PathBuf, bytes: Vec<u8>) -> Word {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &bytes).unwrap();
        sha256(&bytes)
    }

    fn proof(&self, path: &Path, purpose: Use, public: Vec<Fp>, columns: Vec<Commitment>) -> Word {
        let mut claim = Claim { public, columns };
        let relative = path.strip_prefix(self.dir.root()).unwrap().to_str().unwrap();
        if let Some(forge) = self.world.forge.get(relative) {
            forge(&mut claim);
        }
        let key = &keys()[purpose.relation() as usize];
        let blob = ProofBlob {
            suite: Fake::ID,
            purpose,
            tier: TIER,
            table_digest: key.table_digest,
            key_digest: key.key_digest,
            proof: fake::prove(purpose.relation(), &claim.public, &claim.columns),
        };
        self.put(path.to_owned(), blob.to_bytes())
    }

    pub(super) fn enrolment(&self, dir: &Path, dataset: &DatasetDoc, mut doc: EnrolmentDoc) {
        for (segment, (entry, root)) in (0..).zip(doc.segments.iter_mut().zip(&dataset.roots)) {
            let context = self.world.ledger.binding().enroll(doc.dataset_id, segment, doc.renewal);
            let public = enroll_inputs(&context, *root).unwrap_or_default();
            let columns = vec![entry.payee_column.clone(), column("content", segment)];
            entry.proof.sha256 = self.proof(&dir.join(&entry.proof.file), Use::Enroll, public, columns);
        }
        self.put(dir.join("enrolment.json"), doc.to_json());
    }

    fn id(&self, dataset: u32) -> Word {
        self.world.datasets.get(dataset as usize).map(|(_, docs)| docs[0].dataset_id).unwrap_or_default()
    }

    pub(super) fn epoch(&mut self, mut doc: EpochDoc, scores: Option<&ScoresDoc>) {
        let dir = self.dir.epoch(doc.epoch);
        if let (Some(reference), Some(scores)) = (&mut doc.scores, scores) {
            reference.sha256 = self.put(dir.join(&reference.file), scores.to_json());
        }
        let mut news = Vec::new();
        for entry in &mut doc.segments {
            let at = (entry.dataset, entry.segment);
            let old = self.written.get(&at).and_then(|all| all.last()).map(|(_, column)| column.clone());
            let numbers = SplitInputs {
                segment_score: entry.segment_score.0,
                segment_paid: entry.segment_paid.0,
                pool: doc.pool.0,
                total_score: doc.total_score.0,
                genesis: old.is_none(),
            };
            let context = self.world.ledger.binding().split(self.id(at.0), at.1, doc.epoch);
            let public = split_inputs(&context, &numbers).unwrap_or_default();
            let columns = vec![
                old.unwrap_or_else(|| column("zero", at.1)),
                entry.balance_column.clone(),
                entry.score_column.clone(),
            ];
            entry.proof.sha256 = self.proof(&dir.join(&entry.proof.file), Use::Split, public, columns);
            news.push((at, entry.balance_column.clone()));
        }
        for (at, new) in news {
            self.written.entry(at).or_default().push((doc.epoch, new));
        }
        self.put(dir.join("epoch.json"), doc.to_json());
    }

    pub(super) fn publication(&self, mut doc: PublicationDoc, lists: &[LeavesDoc]) {
        let dir = self.dir.publication(doc.publication);
        for (entry, list) in doc.segments.iter_mut().zip(lists) {
            entry.leaves.sha256 = self.put(dir.join(&entry.leaves.file), list.to_json());
            let context =
                self.world.ledger.binding().publish(self.id(entry.dataset), entry.segment, doc.epoch);
            let public = publish_inputs(&context, entry.root).unwrap_or_default();
            let enrolments = &self.world.datasets[entry.dataset as usize].1;
            let payees = enrolments.get(entry.renewal as usize).unwrap_or(&enrolments[0]);
            let balances = &self.written[&(entry.dataset, entry.segment)];
            let balance = balances.iter().find(|(epoch, _)| *epoch == doc.epoch).unwrap_or(&balances[0]);
            let columns =
                vec![payees.segments[entry.segment as usize].payee_column.clone(), balance.1.clone()];
            entry.proof.sha256 = self.proof(&dir.join(&entry.proof.file), Use::Publish, public, columns);
        }
        self.put(dir.join("publication.json"), doc.to_json());
    }
}
