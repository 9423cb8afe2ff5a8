//! Writes a world's files and proves what its documents say.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use apportion_circuits::types::{Tier, Word};
use apportion_statement::{Commitment, RelationId, SegmentId, files::*, inputs::*};
use apportion_suite::Suite;
use apportion_verifier::audit::{Verifying, layout};
use pasta_curves::Fp;

use super::{
    Claim, Dataset, Fake, World, column,
    fake::{self, FakeKey},
};

/// Layouts are large: their keys are made once.
static KEYS: LazyLock<BTreeMap<(RelationId, Tier), KeyDoc>> = LazyLock::new(|| {
    let places = RelationId::ALL.into_iter().flat_map(|relation| Tier::ALL.map(|tier| (relation, tier)));
    places
        .filter(|(_, tier)| *tier != Tier::T16384)
        .map(|(relation, tier)| {
            let key = Verifying::<Fake>::new((), FakeKey(relation, tier), &layout(relation, tier));
            let doc = KeyDoc {
                version: 1,
                suite: Fake::ID,
                relation,
                tier,
                table_digest: key.table_digest,
                key_digest: key.key_digest,
                proof_bytes: key.proof_bytes as u32,
            };
            ((relation, tier), doc)
        })
        .collect()
});

pub fn put(path: &Path, bytes: &[u8]) -> Word {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    sha256(bytes)
}

/// Where a proof belongs.
struct Place {
    path: PathBuf,
    relation: RelationId,
    tier: Tier,
}

impl World {
    /// Writes everything, with proofs of what the documents say and the digests of what is written.
    pub fn write(&self, dir: &PublicDir) {
        put(&dir.ledger(), &self.ledger.to_json());
        for tier in self.tiers() {
            self.key(&dir.keys(), RelationId::Split, tier);
        }
        for policy in &self.policies {
            put(&dir.policy(policy.policy), &policy.to_json());
        }
        for (n, dataset) in (0..).zip(&self.datasets) {
            let inside = dir.dataset(n);
            self.dataset_files(dir.root(), &inside, dataset);
            put(&inside.enrolment(), &dataset.enrolment.to_json());
            if let Some(retirement) = &dataset.retirement {
                put(&inside.retirement(), &retirement.to_json());
            }
        }
        let mut balances = BTreeMap::new();
        for (doc, scores) in &self.epochs {
            self.epoch_files(dir, doc, scores, &mut balances);
        }
        self.apply_edits(dir.root());
    }

    /// Writes one dataset as its owner keeps it.
    pub fn write_dataset(&self, n: u32, dir: &DatasetDir) {
        self.dataset_files(dir.root(), dir, &self.datasets[n as usize]);
        self.apply_edits(dir.root());
    }

    fn apply_edits(&self, root: &Path) {
        for (path, edit) in &self.edit {
            let path = root.join(path);
            let mut bytes = fs::read(&path).unwrap();
            edit(&mut bytes);
            fs::write(path, bytes).unwrap();
        }
    }

    fn key(&self, dir: &KeysDir, relation: RelationId, tier: Tier) {
        put(&dir.doc(relation, tier), &KEYS[&(relation, tier)].to_json());
    }

    fn proof(&self, root: &Path, place: &Place, public: Vec<Fp>, columns: Vec<Commitment>) -> Word {
        let mut claim = Claim { public, columns };
        let relative = place.path.strip_prefix(root).unwrap().to_str().unwrap();
        if let Some(forge) = self.forge.get(relative) {
            forge(&mut claim);
        }
        let key = &KEYS[&(place.relation, place.tier)];
        let blob = ProofBlob {
            suite: Fake::ID,
            relation: place.relation,
            tier: place.tier,
            table_digest: key.table_digest,
            key_digest: key.key_digest,
            proof: fake::prove(place.relation, &claim.public, &claim.columns),
        };
        put(&place.path, &blob.to_bytes())
    }

    fn dataset_files(&self, root: &Path, dir: &DatasetDir, dataset: &Dataset) {
        let (doc, tier) = (&dataset.doc, dataset.doc.tier);
        put(&dir.dataset(), &doc.to_json());
        self.key(&dir.keys(), RelationId::Tree, tier);
        for (n, revision) in (0..).zip(&dataset.revisions) {
            put(&dir.revision(n).join("revision.json"), &revision.doc.to_json());
            let Some(mut columns) = revision.columns.clone() else { continue };
            for entry in &mut columns.columns {
                let path = dir.columns(n).join(&entry.proof.file);
                let segment = entry.segment;
                let root_of = revision.doc.roots.get(segment as usize).copied().unwrap_or_default();
                let public = enroll_instance(&doc.context(segment, n), root_of);
                let public = public.map(|instance| enroll_inputs::<Fp>(&instance)).unwrap_or_default();
                let linked = vec![entry.payee_column.clone(), column("content", segment)];
                let place = Place { path, relation: RelationId::Tree, tier };
                entry.proof.sha256 = self.proof(root, &place, public, linked);
            }
            put(&dir.columns(n).join("columns.json"), &columns.to_json());
        }
    }

    fn epoch_files(
        &self,
        dir: &PublicDir,
        doc: &EpochDoc,
        scores: &ScoresDoc,
        balances: &mut BTreeMap<SegmentId, Commitment>,
    ) {
        let mut doc = doc.clone();
        let inside = dir.epoch(doc.epoch);
        doc.scores.sha256 = put(&inside.join(&doc.scores.file), &scores.to_json());
        for entry in &mut doc.segments {
            let id = entry.id();
            let posted = scores.segment(id).or(scores.segments.first()).unwrap();
            let old = balances.get(&id).cloned();
            let dataset = self.datasets.get(id.dataset as usize).unwrap_or(&self.datasets[0]);
            let records =
                dataset.revisions.get(posted.revision as usize).map_or(0, |r| r.doc.records) as usize;
            let accounts = dataset.doc.tier.accounts();
            let numbers = SplitNumbers {
                segment_score: posted.score.0,
                segment_paid: entry.paid.0,
                pool: doc.pool.0,
                total_score: scores.total_score.0,
                genesis: old.is_none(),
                records: records.saturating_sub(id.segment as usize * accounts).min(accounts) as u32,
            };
            let context = self.ledger.context(dataset.doc.dataset_id, id.segment, doc.epoch);
            let public = split_instance(&context, dataset.doc.tier, &numbers);
            let public = public.map(|instance| split_inputs::<Fp>(&instance)).unwrap_or_default();
            let linked = vec![
                old.unwrap_or_else(|| column("zero", id.segment)),
                entry.balance_column.clone(),
                posted.commitment.clone(),
            ];
            let path = inside.join(&entry.proof.file);
            let place = Place { path, relation: RelationId::Split, tier: dataset.doc.tier };
            entry.proof.sha256 = self.proof(dir.root(), &place, public, linked);
        }
        balances.extend(doc.segments.iter().map(|entry| (entry.id(), entry.balance_column.clone())));
        put(&inside.join("epoch.json"), &doc.to_json());
    }
}
