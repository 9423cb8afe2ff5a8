//! A ledger of documents and a proof system that proves whatever it is told: every check outside the proofs can be made
//! to fail alone.
#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "every test file takes its part; helpers of tests may panic"
)]

pub mod claims;
pub mod fake;
mod files;

use std::collections::{BTreeMap, BTreeSet};

use apportion_circuits::{
    field::SuiteId,
    types::{ContentDigest, Payee, Record, Tier, Word},
};
use apportion_statement::{
    Commitment, SegmentId,
    context::{dataset_id, model_id},
    dataset::revision,
    files::*,
    policy::{Beneficiary, Policy},
};
use apportion_verifier::{
    audit::{Options, Scope, audit_bundle},
    report::Report,
};
use pasta_curves::Fp;

use self::fake::Fake;

/// What a proof says.
pub struct Claim {
    pub public: Vec<Fp>,
    pub columns: Vec<Commitment>,
}

type Forge = Box<dyn Fn(&mut Claim)>;
type Edit = Box<dyn Fn(&mut Vec<u8>)>;

/// One dataset: its own documents, and its part in the ledger.
pub struct Dataset {
    pub doc: DatasetDoc,
    pub revisions: Vec<Revision>,
    pub enrolment: EnrolmentDoc,
    pub retirement: Option<RetirementDoc>,
}

/// A whole ledger, honest until changed. Writing it proves what its documents say.
pub struct World {
    pub ledger: LedgerDoc,
    pub policies: Vec<PolicyDoc>,
    pub datasets: Vec<Dataset>,
    pub epochs: Vec<(EpochDoc, ScoresDoc)>,
    /// Changes to what proofs say, by path below `public/`.
    pub forge: BTreeMap<String, Forge>,
    /// Changes to files after they are written, by path below `public/`.
    pub edit: BTreeMap<String, Edit>,
}

pub fn column(kind: &str, n: u32) -> Commitment {
    Commitment(sha256(format!("{kind} {n}").as_bytes()).0.to_vec())
}

pub fn id(dataset: u32, segment: u32) -> SegmentId {
    SegmentId { dataset, segment }
}

fn reference(file: FileName) -> FileRef {
    FileRef { file, sha256: Word::default() }
}

/// Record `i` of a dataset. Every seventh belongs to the same payee.
pub fn record(dataset: u32, i: usize) -> Record {
    let mut payee = [1; 20];
    payee[17..].copy_from_slice(&[
        dataset as u8,
        (i >> 8) as u8,
        if i.is_multiple_of(7) { 255 } else { i as u8 },
    ]);
    Record { payee: Payee(payee), content: ContentDigest(sha256(&[dataset as u8, i as u8]).0) }
}

pub fn setup() -> SetupDoc {
    SetupDoc { provenance: "hash_to_curve".into(), digest: None, insecure: false }
}

fn policy(bps: u32) -> Policy {
    let beneficiary = |name: &str, x, bps| Beneficiary { name: name.into(), address: Payee([x; 20]), bps };
    Policy {
        contributors_bps: bps,
        beneficiaries: vec![beneficiary("developer", 5, 9_333 - bps), beneficiary("attributor", 6, 667)],
    }
}

impl World {
    /// Three datasets of two tiers. Dataset 0 has 70 records in two segments and grows to 130 in three before epoch 3;
    /// dataset 1 joins then; dataset 2 is retired then. Segment 1 of dataset 0 has no scores in epoch 2, which was tried
    /// twice. A second policy begins with epoch 3.
    pub fn new() -> Self {
        let mut world = Self::empty();
        world.dataset(Tier::T64, 70, 1);
        world.dataset(Tier::T1024, 10, 3);
        world.dataset(Tier::T64, 5, 1);
        world.extend(0, 130);
        world.retire(2, 3);
        world.policy(6_000, 1);
        world.policy(5_000, 3);
        world.settle(1_000_000, &[(0, 0, 0), (0, 1, 0), (2, 0, 0)]);
        world.settle(777, &[(0, 0, 0), (2, 0, 0)]);
        world.settle(5_000, &[(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 0, 0)]);
        world.settle(2_000_003, &[(0, 1, 1), (1, 0, 0)]);
        world.epochs[1].0.replaced.push(ReplacedAttempt {
            pool: Amount(770),
            total_score: Amount(3),
            score_root: Word([7; 32]),
            segments: vec![ReplacedSegment { dataset: 0, segment: 0, score_column: column("tried", 0) }],
        });
        world
    }

    pub fn empty() -> Self {
        let ledger = LedgerDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model: "model".into(),
            model_id: model_id(0, Payee::default(), Payee::default(), "model"),
            chain_id: 0,
            contract: Payee::default(),
            developer: Payee::default(),
            setup: setup(),
            receipt_key: Word([3; 32]),
        };
        Self {
            ledger,
            policies: Vec::new(),
            datasets: Vec::new(),
            epochs: Vec::new(),
            forge: BTreeMap::new(),
            edit: BTreeMap::new(),
        }
    }

    pub fn policy(&mut self, contributors_bps: u32, first_epoch: u32) {
        self.policies.push(PolicyDoc {
            version: 1,
            model_id: self.ledger.model_id,
            policy: self.policies.len() as u32 + 1,
            first_epoch,
            terms: policy(contributors_bps),
        });
    }

    pub fn dataset(&mut self, tier: Tier, records: usize, first_epoch: u32) {
        let n = self.datasets.len() as u32;
        let mut dataset = Dataset {
            doc: DatasetDoc {
                version: 1,
                suite: SuiteId::Pasta,
                tier,
                chain_id: 0,
                registry: Payee::default(),
                owner: Payee::default(),
                uri: format!("https://example.org/{n}"),
                dataset_id: Word::default(),
                setup: setup(),
            },
            revisions: Vec::new(),
            enrolment: EnrolmentDoc {
                version: 1,
                model_id: self.ledger.model_id,
                dataset: n,
                dataset_id: Word::default(),
                first_epoch,
            },
            retirement: None,
        };
        dataset.grow(n, records);
        let id = dataset_id(&dataset.doc.origin(&dataset.revisions[0].doc));
        dataset.name(id);
        self.datasets.push(dataset);
    }

    pub fn extend(&mut self, n: u32, records: usize) {
        self.datasets[n as usize].grow(n, records);
    }

    pub fn retire(&mut self, n: u32, from_epoch: u32) {
        let model_id = self.ledger.model_id;
        self.datasets[n as usize].retirement =
            Some(RetirementDoc { version: 1, model_id, dataset: n, from_epoch });
    }

    fn left(&self) -> u128 {
        let Some((doc, _)) = self.epochs.last() else {
            return 0;
        };
        doc.pool.0 - doc.segments.iter().map(|s| s.paid.0).sum::<u128>()
    }

    /// The next epoch: segments with the revisions under which they move. Each has a score sum of 10.
    pub fn settle(&mut self, revenue: u128, moving: &[(u32, u32, u32)]) {
        let epoch = self.epochs.len() as u32 + 1;
        let carried = self.left();
        let policy = self.policies.iter().rev().find(|policy| policy.first_epoch <= epoch).unwrap();
        let split = policy.terms.split(revenue, carried).unwrap();
        let n = |dataset: u32, segment: u32| 100 * epoch + 10 * dataset + segment;
        let scored = |&(dataset, segment, revision): &(u32, u32, u32)| ScoredSegment {
            dataset,
            segment,
            revision,
            score: Amount(10),
            commitment: column("score", n(dataset, segment)),
        };
        let moved = |&(dataset, segment, _): &(u32, u32, u32)| EpochSegment {
            dataset,
            segment,
            balance_column: column("balance", n(dataset, segment)),
            paid: Amount((split.pool - 2) / moving.len() as u128),
            proof: reference(PublicDir::split_proof(dataset, segment)),
        };
        let scores = ScoresDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: self.ledger.model_id,
            epoch,
            total_score: Amount(10 * moving.len() as u128),
            root: Word::default(),
            segments: moving.iter().map(scored).collect(),
        };
        let doc = EpochDoc {
            version: 1,
            suite: SuiteId::Pasta,
            model_id: self.ledger.model_id,
            epoch,
            policy: policy.policy,
            revenue: Amount(revenue),
            carried: Amount(carried),
            shares: split.shares.clone(),
            pool: Amount(split.pool),
            scores: reference(PublicDir::scores()),
            segments: moving.iter().map(moved).collect(),
            replaced: Vec::new(),
        };
        self.epochs.push((doc, scores));
        self.post(epoch);
    }

    /// Computes the root of an epoch's scores again, after they were changed.
    pub fn post(&mut self, epoch: u32) {
        let ids: Vec<_> = self.datasets.iter().map(|dataset| dataset.doc.dataset_id).collect();
        let scores = &mut self.epochs[epoch as usize - 1].1;
        scores.root = scores.computed_root(|n| ids.get(n as usize).copied()).unwrap_or_default();
    }

    /// The documents of an epoch.
    pub fn at(&mut self, epoch: u32) -> (&mut EpochDoc, &mut ScoresDoc) {
        let (doc, scores) = &mut self.epochs[epoch as usize - 1];
        (doc, scores)
    }

    /// The last epoch's documents.
    pub fn last(&mut self) -> (&mut EpochDoc, &mut ScoresDoc) {
        let last = self.epochs.len() as u32;
        self.at(last)
    }

    /// All documents, as a reader of the files would find them.
    pub fn bundle(&self, dir: PublicDir) -> Bundle {
        let enrolled = |(n, dataset): (u32, &Dataset)| EnrolledDataset {
            dataset: DatasetBundle {
                dir: dir.dataset(n),
                doc: dataset.doc.clone(),
                revisions: dataset.revisions.clone(),
            },
            enrolment: dataset.enrolment.clone(),
            retirement: dataset.retirement.clone(),
        };
        let epoch = |(doc, scores): &(EpochDoc, ScoresDoc)| Epoch {
            doc: doc.clone(),
            scores: scores.clone(),
            scores_match: true,
        };
        Bundle {
            ledger: self.ledger.clone(),
            policies: self.policies.clone(),
            datasets: (0..).zip(&self.datasets).map(enrolled).collect(),
            epochs: self.epochs.iter().map(epoch).collect(),
            dir,
        }
    }

    /// The tiers of the datasets.
    pub fn tiers(&self) -> BTreeSet<Tier> {
        self.datasets.iter().map(|dataset| dataset.doc.tier).collect()
    }

    /// Writes and audits.
    pub fn audit(&self, scope: Scope) -> Report {
        let temp = tempfile::tempdir().unwrap();
        let dir = PublicDir::new(temp.path());
        self.write(&dir);
        audit(&dir, scope)
    }
}

impl Dataset {
    /// The next revision: that many records in all, proven.
    pub fn grow(&mut self, n: u32, records: usize) {
        let records: Vec<_> = (0..records).map(|i| record(n, i)).collect();
        let before = self.revisions.last().map(|revision| &revision.doc);
        let doc = revision::<Fp>(self.doc.tier, self.doc.dataset_id, before, &records).unwrap();
        let number = doc.revision;
        self.revisions.push(Revision { doc, columns: None });
        let bundle = DatasetBundle {
            dir: DatasetDir::new(""),
            doc: self.doc.clone(),
            revisions: self.revisions.clone(),
        };
        let proven = |segment| ProvenColumn {
            segment,
            payee_column: column("payee", 1000 * n + 100 * number + segment),
            proof: reference(DatasetDir::enroll_proof(segment)),
        };
        let columns = bundle.changed(number).into_iter().map(proven).collect();
        let dataset_id = self.doc.dataset_id;
        let columns = ColumnsDoc { version: 1, dataset_id, revision: number, columns };
        self.revisions[number as usize].columns = Some(columns);
    }

    /// Gives all documents an id.
    pub fn name(&mut self, id: Word) {
        (self.doc.dataset_id, self.enrolment.dataset_id) = (id, id);
        for revision in &mut self.revisions {
            revision.doc.dataset_id = id;
            revision.columns.iter_mut().for_each(|columns| columns.dataset_id = id);
        }
    }

    /// Gives all documents the id of their origin.
    pub fn rename(&mut self) {
        self.name(dataset_id(&self.doc.origin(&self.revisions[0].doc)));
    }
}

/// Audits a written world.
pub fn audit(dir: &PublicDir, scope: Scope) -> Report {
    match Bundle::read(dir.clone()) {
        Ok(bundle) => audit_bundle::<Fake>(&bundle, &Options::default(), &scope),
        Err(error) => Report::of_error(error),
    }
}

/// The ids of the checks that fail.
pub fn failing(report: &Report) -> BTreeSet<&'static str> {
    report.checks.iter().filter(|check| !check.ok).map(|check| check.id.name()).collect()
}
