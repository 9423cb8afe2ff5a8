//! A small ledger with real proofs: one dataset of two segments, an epoch, a carried one, another epoch, its
//! publication and a receipt.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod setup;

use std::{fs, path::Path};

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    poseidon::Tag,
    relation::Relation as _,
    split::{self, Split, SplitInstance, SplitWitness},
    tree::{Tree, TreeInstance, TreeWitness, account_leaf, dataset_roots, segment_of},
    types::{ContentDigest, Payee, Record, Tier, Word},
};
use apportion_statement::files::*;
use apportion_statement::policy::{Beneficiary, Policy};
use apportion_statement::*;
use ff::{Field, PrimeField};
use rand_core::OsRng;

use self::setup::Prover;
pub use self::setup::Setup;

pub const TIER: Tier = Tier::T64;
const RECORDS: usize = 70;

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// One segment's private state.
struct Account<F: SuiteField> {
    payees: MaskedColumn<F>,
    balances: Vec<u128>,
    column: MaskedColumn<F>,
}

fn column<F: SuiteField>(values: impl IntoIterator<Item = F>) -> MaskedColumn<F> {
    let mut values: Vec<F> = values.into_iter().collect();
    values.resize(TIER.slots(), F::ZERO);
    MaskedColumn::new(&values, &Mask::random(&mut OsRng))
}

pub fn payee(record: usize) -> Payee {
    let mut bytes = [0x11; 20];
    bytes[19] = record as u8;
    Payee(bytes)
}

/// A ledger in the making.
struct Maker<S: Setup> {
    dir: PublicDir,
    tree: Prover<S>,
    split: Prover<S>,
    ledger: LedgerDoc,
    dataset_id: Word,
    accounts: Vec<Account<S::F>>,
    carried: u128,
}

/// Writes the ledger to `<dir>/public` and a receipt of record 63 to `<dir>/receipt.json`.
pub fn write<S: Setup>(root: &Path) {
    let dir = PublicDir::new(root.join("public"));
    let (tree, split) = (Prover::<S>::new(Relation::Tree), Prover::<S>::new(Relation::Split));
    let beneficiaries = vec![Beneficiary { name: "developer".into(), address: Payee([9; 20]), bps: 2500 }];
    let ledger = LedgerDoc {
        version: 1,
        suite: S::ID,
        tier: TIER,
        model: "m".into(),
        model_id: model_id(0, Payee::default(), "m"),
        chain_id: 0,
        contract: Payee::default(),
        policy: Policy { contributors_bps: 7500, beneficiaries },
        setup: S::setup_doc(),
        keys: vec![tree.entry(), split.entry()],
    };
    put(&dir.ledger(), &ledger.to_json());
    S::write_keys(&dir, &[S::key_of(&tree.key), S::key_of(&split.key)]);
    let (dataset_id, accounts) = (Word::default(), Vec::new());
    let mut maker = Maker { dir, tree, split, ledger, dataset_id, accounts, carried: 0 };
    maker.enroll();
    for epoch in 1..=3 {
        maker.epoch(epoch);
    }
    let receipt = maker.publish();
    put(&root.join("receipt.json"), &receipt.to_json());
}

impl<S: Setup> Maker<S> {
    fn enroll(&mut self) {
        let Self { dir, tree, ledger, .. } = &*self;
        let record = |i| Record { payee: payee(i), content: ContentDigest([i as u8; 32]) };
        let records: Vec<_> = (0..RECORDS).map(record).collect();
        let roots: Vec<_> = dataset_roots::<S::F>(TIER, &records).iter().map(Word::from_field).collect();
        let dataset = DatasetDoc { version: 1, suite: S::ID, tier: TIER, records: RECORDS as u64, roots };
        put(&dir.dataset(0).join("dataset.json"), &dataset.to_json());
        let dataset_id = dataset_id(TIER, dataset.records, &dataset.roots);
        let mut accounts = Vec::new();
        let mut segments = Vec::new();
        for (segment, root) in (0..).zip(&dataset.roots) {
            let mask = || Mask::random(&mut OsRng);
            let part = segment_of(TIER, &records, segment as usize);
            let witness = TreeWitness::enroll(TIER, part, &mask(), &mask()).unwrap();
            let context = ledger.binding().enroll(dataset_id, segment, 0).to_field();
            let instance = TreeInstance { context, tag: Tag::Record, root: root.to_field().unwrap() };
            let table = Tree::assign(&tree.layout, TIER, &instance, &witness);
            let proof = S::prove(&tree.params, &tree.key, &table).unwrap();
            let path = dir.dataset(0).join(PublicDir::enrolment_proof(segment));
            let proof = tree.file(&path, Use::Enroll, proof);
            segments.push(EnrolledSegment { payee_column: tree.commit(&witness.a), proof });
            let balances = vec![0; TIER.accounts()];
            accounts.push(Account { payees: witness.a.clone(), balances, column: column([]) });
        }
        let doc = EnrolmentDoc {
            version: 1,
            suite: S::ID,
            model_id: ledger.model_id,
            dataset: 0,
            dataset_id,
            renewal: 0,
            first_epoch: 1,
            segments,
        };
        put(&dir.dataset(0).join("enrolment.json"), &doc.to_json());
        (self.dataset_id, self.accounts) = (dataset_id, accounts);
    }

    /// The second epoch has no scores.
    fn epoch(&mut self, epoch: u32) {
        let Self { dir, split, ledger, dataset_id, accounts, carried, .. } = self;
        let scored = |i: usize| match epoch {
            1 | 3 if i < RECORDS => (i as u64 * 7 + u64::from(epoch)) % 23,
            _ => 0,
        };
        let revenue = 1_000_003 * u128::from(epoch);
        let shares = ledger.policy.split(revenue, *carried).unwrap();
        let total: u128 = (0..RECORDS).map(|i| u128::from(scored(i))).sum();
        let model_id = ledger.model_id;
        let mut posted = ScoresDoc {
            version: 1,
            suite: S::ID,
            model_id,
            epoch,
            total_score: Amount(total),
            segments: Vec::new(),
        };
        let mut segments = Vec::new();
        let mut left = shares.pool;
        for (segment, account) in (0..).zip(accounts.iter_mut().filter(|_| total > 0)) {
            let first = segment as usize * TIER.accounts();
            let scores: Vec<u64> = (first..first + TIER.accounts()).map(scored).collect();
            let outcome = split::split(shares.pool, total, &account.balances, &scores).unwrap();
            let witness = SplitWitness {
                old: account.column.clone(),
                new: column(outcome.new.iter().map(|x| S::F::from_u128(*x))),
                score: column(scores.iter().map(|x| S::F::from(*x))),
            };
            let instance = SplitInstance {
                context: ledger.binding().split(*dataset_id, segment, epoch).to_field(),
                genesis: epoch == 1,
                pool: shares.pool,
                total_score: total,
                segment_score: outcome.segment_score,
                segment_paid: outcome.segment_paid,
            };
            let table = Split::assign(&split.layout, TIER, &instance, &witness);
            let proof = S::prove(&split.params, &split.key, &table).unwrap();
            let path = dir.epoch(epoch).join(PublicDir::segment_proof(0, segment));
            let score_column = split.commit(&witness.score);
            posted.segments.push(ScoredSegment { dataset: 0, segment, commitment: score_column.clone() });
            segments.push(EpochSegment {
                dataset: 0,
                segment,
                genesis: epoch == 1,
                score_column,
                balance_column: split.commit(&witness.new),
                segment_score: Amount(outcome.segment_score),
                segment_paid: Amount(outcome.segment_paid),
                proof: split.file(&path, Use::Split, proof),
            });
            left -= outcome.segment_paid;
            account.balances = outcome.new.clone();
            account.column = witness.new.clone();
        }
        let scores = (total > 0).then(|| {
            put(&dir.epoch(epoch).join(PublicDir::scores()), &posted.to_json());
            FileRef::new(PublicDir::scores(), &posted.to_json())
        });
        let doc = EpochDoc {
            version: 1,
            suite: S::ID,
            model_id,
            epoch,
            revenue: Amount(revenue),
            carried: Amount(*carried),
            shares: shares.shares,
            pool: Amount(shares.pool),
            total_score: Amount(total),
            carried_only: total == 0,
            abandoned: false,
            scores,
            segments,
        };
        put(&dir.epoch(epoch).join("epoch.json"), &doc.to_json());
        *carried = left;
    }

    /// Publishes epoch 3; returns the receipt of record 63, the second account of segment 1.
    fn publish(&self) -> ReceiptDoc {
        let Self { dir, tree, ledger, dataset_id, accounts, .. } = self;
        let here = dir.publication(1);
        let mut receipt = None;
        let mut segments = Vec::new();
        for (segment, account) in (0..).zip(accounts) {
            let salts: Vec<S::F> = (0..TIER.accounts()).map(|_| S::F::random(OsRng)).collect();
            let witness =
                TreeWitness { a: account.payees.clone(), b: account.column.clone(), c: salts.clone() };
            let hashed = witness.tree(TIER, Tag::Account).unwrap();
            let context = ledger.binding().publish(*dataset_id, segment, 3).to_field();
            let instance = TreeInstance { context, tag: Tag::Account, root: hashed.root() };
            let table = Tree::assign(&tree.layout, TIER, &instance, &witness);
            let proof = S::prove(&tree.params, &tree.key, &table).unwrap();
            let leaves = LeavesDoc {
                version: 1,
                suite: S::ID,
                tier: TIER,
                dataset: 0,
                segment,
                leaves: hashed.leaves()[..TIER.accounts()].iter().map(Word::from_field).collect(),
            };
            put(&here.join(PublicDir::segment_leaves(0, segment)), &leaves.to_json());
            let root = Word::from_field(&hashed.root());
            segments.push(PublishedSegment {
                dataset: 0,
                segment,
                renewal: 0,
                root,
                leaves: FileRef::new(PublicDir::segment_leaves(0, segment), &leaves.to_json()),
                proof: tree.file(&here.join(PublicDir::segment_proof(0, segment)), Use::Publish, proof),
            });
            let (payee, cumulative, salt) = (payee(63), account.balances[1], salts[1]);
            if segment == 1 {
                assert_eq!(hashed.leaves()[1], account_leaf(payee, cumulative, salt));
            }
            let level = |siblings: &[S::F; 3]| siblings.map(|x| Word::from_field(&x));
            receipt = Some(ReceiptDoc {
                version: 1,
                suite: S::ID,
                chain_id: 0,
                contract: Payee::default(),
                model: ledger.model_id,
                dataset: *dataset_id,
                segment,
                index: 1,
                epoch: 3,
                payee,
                cumulative: Amount(cumulative),
                salt: Word::from_field(&salt),
                siblings: hashed.path(1).unwrap().iter().map(level).collect(),
                root,
            });
        }
        let model_id = ledger.model_id;
        let doc = PublicationDoc { version: 1, suite: S::ID, model_id, publication: 1, epoch: 3, segments };
        put(&here.join("publication.json"), &doc.to_json());
        receipt.unwrap()
    }
}
