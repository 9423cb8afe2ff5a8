//! A ledger of documents and a proof system that proves whatever it is told: every check outside the proofs can
//! be made to fail alone.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod fake;
mod files;

use std::{collections::BTreeMap, fs};

use apportion_circuits::{
    field::SuiteId,
    merkle,
    tree::account_leaf,
    types::{Payee, Tier, Word},
};
use apportion_statement::files::*;
use apportion_statement::policy::{Beneficiary, Policy};
use apportion_statement::*;
use apportion_suite::Commitment;
use apportion_verifier::audit::{KeyRing, Scope, Verifying, audit_with, layout};
use apportion_verifier::report::Report;
use pasta_curves::Fp;

pub use self::fake::{Fake, FakeKey};
use self::files::Files;

pub const TIER: Tier = Tier::T64;

/// What a proof says.
pub struct Claim {
    pub public: Vec<Fp>,
    pub columns: Vec<Commitment>,
}

type Forge = Box<dyn Fn(&mut Claim)>;
type Edit = Box<dyn Fn(&mut Vec<u8>)>;

/// A whole ledger, honest until changed. Writing it proves what its documents say.
pub struct World {
    pub ledger: LedgerDoc,
    pub datasets: Vec<(DatasetDoc, Vec<EnrolmentDoc>)>,
    pub epochs: Vec<(EpochDoc, Option<ScoresDoc>)>,
    pub publications: Vec<(PublicationDoc, Vec<LeavesDoc>)>,
    /// Changes to what proofs say, by path below `public/`.
    pub forge: BTreeMap<String, Forge>,
    /// Changes to files after they are written, by path below `public/`.
    pub edit: BTreeMap<String, Edit>,
}

pub fn column(kind: &str, n: u32) -> Commitment {
    Commitment(sha256(format!("{kind} {n}").as_bytes()).0.to_vec())
}

fn reference(file: FileName) -> FileRef {
    FileRef { file, sha256: Word::default() }
}

pub const SALT: u64 = 77;

pub fn payee(dataset: u32, segment: u32, index: usize) -> Payee {
    let mut bytes = [1; 20];
    bytes[17..].copy_from_slice(&[dataset as u8, segment as u8, index as u8]);
    Payee(bytes)
}

pub fn leaves(dataset: u32, segment: u32) -> Vec<Fp> {
    (0..TIER.accounts())
        .map(|i| account_leaf(payee(dataset, segment, i), i as u128 * 10, Fp::from(SALT + i as u64)))
        .collect()
}

impl World {
    /// Two datasets, three segments; the second joins at epoch 3. Epoch 2 is carried. Epochs 3 and 4 are published,
    /// the second time with renewed payee columns of dataset 0.
    pub fn new() -> Self {
        let policy = Policy {
            contributors_bps: 6000,
            beneficiaries: vec![
                Beneficiary { name: "developer".into(), address: Payee([5; 20]), bps: 3333 },
                Beneficiary { name: "attributor".into(), address: Payee([6; 20]), bps: 667 },
            ],
        };
        let ring = keys();
        let key = |relation| {
            let key: &Verifying<Fake> = &ring[relation as usize];
            KeyEntry {
                relation,
                tier: TIER,
                table_digest: key.table_digest,
                key_digest: key.key_digest,
                proof_bytes: key.proof_bytes as u32,
            }
        };
        let ledger = LedgerDoc {
            version: 1,
            suite: SuiteId::Pasta,
            tier: TIER,
            model: "model".into(),
            model_id: model_id(0, Payee::default(), "model"),
            chain_id: 0,
            contract: Payee::default(),
            policy,
            setup: SetupDoc { provenance: "hash_to_curve".into(), digest: None, insecure: false },
            keys: Relation::ALL.map(key).to_vec(),
        };
        let mut world = Self {
            ledger,
            datasets: Vec::new(),
            epochs: Vec::new(),
            publications: Vec::new(),
            forge: BTreeMap::new(),
            edit: BTreeMap::new(),
        };
        world.dataset(100, 1);
        world.dataset(10, 3);
        world.renew(0);
        world.settle(1, 1_000_000, &[(0, 0), (0, 1)]);
        world.carry(2, 777);
        world.settle(3, 5_000, &[(0, 0), (0, 1), (1, 0)]);
        world.settle(4, 2_000_003, &[(0, 0), (0, 1), (1, 0)]);
        world.publish(3, 0);
        world.publish(4, 1);
        world
    }

    /// The same ledger on another chain, without a contract.
    pub fn on_chain(&mut self, chain_id: u64) {
        let id = model_id(chain_id, Payee::default(), &self.ledger.model);
        (self.ledger.chain_id, self.ledger.model_id) = (chain_id, id);
        self.datasets.iter_mut().flat_map(|(_, docs)| docs).for_each(|doc| doc.model_id = id);
        for (doc, scores) in &mut self.epochs {
            doc.model_id = id;
            scores.iter_mut().for_each(|scores| scores.model_id = id);
        }
        self.publications.iter_mut().for_each(|(doc, _)| doc.model_id = id);
    }

    pub fn dataset(&mut self, records: u64, first_epoch: u32) {
        let n = self.datasets.len() as u32;
        let segments = TIER.segments(records as usize) as u32;
        let root = |segment| Word::from_field(&Fp::from(u64::from(1000 * n + segment)));
        let doc = DatasetDoc {
            version: 1,
            suite: SuiteId::Pasta,
            tier: TIER,
            records,
            roots: (0..segments).map(root).collect(),
        };
        self.datasets.push((doc, Vec::new()));
        self.enroll(n, first_epoch);
    }

    pub fn renew(&mut self, n: u32) {
        self.enroll(n, 3);
    }

    fn enroll(&mut self, n: u32, first_epoch: u32) {
        let (doc, enrolments) = &mut self.datasets[n as usize];
        let renewal = enrolments.len() as u32;
        let segment = |segment| EnrolledSegment {
            payee_column: column("payee", 100 * n + 10 * renewal + segment),
            proof: reference(PublicDir::enrolment_proof(segment)),
        };
        enrolments.push(EnrolmentDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: self.ledger.model_id,
            dataset: n,
            dataset_id: dataset_id(doc.tier, doc.records, &doc.roots),
            renewal,
            first_epoch,
            segments: (0..doc.roots.len() as u32).map(segment).collect(),
        });
    }

    fn left(&self) -> u128 {
        let Some((doc, _)) = self.epochs.last() else {
            return 0;
        };
        doc.pool.0 - doc.segments.iter().map(|s| s.segment_paid.0).sum::<u128>()
    }

    pub fn settle(&mut self, epoch: u32, revenue: u128, moving: &[(u32, u32)]) {
        let carried = self.left();
        let split = self.ledger.policy.split(revenue, carried).unwrap();
        let segments: Vec<_> = moving
            .iter()
            .map(|&(dataset, segment)| EpochSegment {
                dataset,
                segment,
                genesis: !self.epochs.iter().any(|(doc, _)| {
                    doc.segments.iter().any(|s| (s.dataset, s.segment) == (dataset, segment))
                }),
                score_column: column("score", 100 * epoch + 10 * dataset + segment),
                balance_column: column("balance", 100 * epoch + 10 * dataset + segment),
                segment_score: Amount(10),
                segment_paid: Amount((split.pool - 5) / moving.len() as u128),
                proof: reference(PublicDir::segment_proof(dataset, segment)),
            })
            .collect();
        let total_score = Amount(10 * moving.len() as u128);
        let scored = |s: &EpochSegment| ScoredSegment {
            dataset: s.dataset,
            segment: s.segment,
            commitment: s.score_column.clone(),
        };
        let scores = ScoresDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: self.ledger.model_id,
            epoch,
            total_score,
            segments: segments.iter().map(scored).collect(),
        };
        let doc = EpochDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: self.ledger.model_id,
            epoch,
            revenue: Amount(revenue),
            carried: Amount(carried),
            shares: split.shares,
            pool: Amount(split.pool),
            total_score,
            carried_only: false,
            abandoned: false,
            scores: Some(reference(PublicDir::scores())),
            segments,
        };
        self.epochs.push((doc, Some(scores)));
    }

    pub fn carry(&mut self, epoch: u32, revenue: u128) {
        let carried = self.left();
        let split = self.ledger.policy.split(revenue, carried).unwrap();
        let doc = EpochDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: self.ledger.model_id,
            epoch,
            revenue: Amount(revenue),
            carried: Amount(carried),
            shares: split.shares,
            pool: Amount(split.pool),
            total_score: Amount(0),
            carried_only: true,
            abandoned: false,
            scores: None,
            segments: vec![],
        };
        self.epochs.push((doc, None));
    }

    pub fn publish(&mut self, epoch: u32, renewal: u32) {
        let publication = self.publications.len() as u32 + 1;
        let moved: Vec<_> =
            self.epochs[epoch as usize - 1].0.segments.iter().map(|s| (s.dataset, s.segment)).collect();
        let lists = moved.iter().map(|&(dataset, segment)| LeavesDoc {
            version: 1,
            suite: SuiteId::Pasta,
            tier: TIER,
            dataset,
            segment,
            leaves: leaves(dataset, segment).iter().map(Word::from_field).collect(),
        });
        let segment = |&(dataset, segment): &(u32, u32)| PublishedSegment {
            dataset,
            segment,
            renewal: if dataset == 0 { renewal } else { 0 },
            root: Word::from_field(&merkle::Tree::new(TIER, leaves(dataset, segment)).unwrap().root()),
            leaves: reference(PublicDir::segment_leaves(dataset, segment)),
            proof: reference(PublicDir::segment_proof(dataset, segment)),
        };
        let doc = PublicationDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: self.ledger.model_id,
            publication,
            epoch,
            segments: moved.iter().map(segment).collect(),
        };
        self.publications.push((doc, lists.collect()));
    }

    /// The last epoch's documents.
    pub fn last(&mut self) -> (&mut EpochDoc, &mut ScoresDoc) {
        let (doc, scores) = self.epochs.last_mut().unwrap();
        (doc, scores.as_mut().unwrap())
    }

    /// Writes everything, with proofs of what the documents say and the digests of what is written.
    pub fn write(&self, dir: &PublicDir) {
        let mut files = Files::new(self, dir);
        files.put(dir.ledger(), self.ledger.to_json());
        for (n, (doc, enrolments)) in (0..).zip(&self.datasets) {
            files.put(dir.dataset(n).join("dataset.json"), doc.to_json());
            for (renewal, enrolment) in (0..).zip(enrolments) {
                files.enrolment(&dir.enrolment(n, renewal), doc, enrolment.clone());
            }
        }
        for (doc, scores) in &self.epochs {
            files.epoch(doc.clone(), scores.as_ref());
        }
        for (doc, lists) in &self.publications {
            files.publication(doc.clone(), lists);
        }
        for (path, edit) in &self.edit {
            let path = dir.root().join(path);
            let mut bytes = fs::read(&path).unwrap();
            edit(&mut bytes);
            fs::write(path, bytes).unwrap();
        }
    }

    /// Writes and audits.
    pub fn audit(&self, scope: Scope) -> Report {
        let temp = tempfile::tempdir().unwrap();
        let dir = PublicDir::new(temp.path());
        self.write(&dir);
        audit(&dir, scope)
    }
}

/// Audits a written world.
pub fn audit(dir: &PublicDir, scope: Scope) -> Report {
    let ledger = match LedgerDoc::read(&dir.ledger()) {
        Ok(ledger) => ledger,
        Err(error) => return Report::of_error(error),
    };
    let ring = KeyRing::<Fake>::build(&ledger, |relation, _| Ok(((), FakeKey(relation))));
    match ring {
        Ok(ring) => audit_with(dir, &ledger, &ring, scope),
        Err(error) => Report::of_error(error),
    }
}

fn keys() -> [Verifying<Fake>; 2] {
    Relation::ALL.map(|relation| Verifying::new((), FakeKey(relation), &layout(relation, TIER)))
}
