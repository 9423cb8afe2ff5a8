//! A small ledger with real proofs: one dataset of two segments that grows, three epochs, a receipt, a statement and a
//! record receipt.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "every test file takes its part; helpers of tests may panic"
)]

mod setup;

use std::{fs, path::Path};

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    relation::Relation as _,
    split::{self, Split, SplitWitness},
    tree::{Tree, TreeWitness, record_tree, segment_of},
    types::{ContentDigest, Payee, Record, Tier, Word},
};
use apportion_statement::{
    Commitment, RelationId,
    context::{dataset_id, model_id},
    dataset::revision,
    files::*,
    inputs::{SplitNumbers, enroll_instance, split_instance},
    policy::{Beneficiary, Policy},
};
use apportion_suite::{OpeningClaim, openings::opening_k};
use ff::PrimeField;
use rand_core::OsRng;

use self::setup::Prover;
pub use self::setup::Setup;

pub const TIER: Tier = Tier::T64;
/// Records of revision 0: two segments, of which the second has eight.
pub const RECORDS: usize = 70;
/// Records of revision 1.
pub const GROWN: usize = 80;
/// The record that the receipts are of: slot 1 of segment 1.
pub const RECORD: usize = 63;

pub fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
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

/// What record `i` was uploaded as.
pub fn content(i: usize) -> Vec<u8> {
    format!("record {i}").into_bytes()
}

fn records(count: usize) -> Vec<Record> {
    let record = |i| Record { payee: payee(i), content: ContentDigest(sha256(&content(i)).0) };
    (0..count).map(record).collect()
}

/// One segment's private state. Segment 1 grows: its second payee column is the newest.
struct Segment<F: SuiteField> {
    payees: Vec<(Commitment, MaskedColumn<F>)>,
    balances: Vec<u128>,
    balance: MaskedColumn<F>,
}

/// One line of the statement, and the columns that it opens.
struct Line<F: SuiteField> {
    epoch: StatementEpoch,
    balance: MaskedColumn<F>,
    score: MaskedColumn<F>,
}

/// A ledger in the making.
struct Maker<S: Setup> {
    root: std::path::PathBuf,
    dir: PublicDir,
    split: Prover<S>,
    ledger: LedgerDoc,
    policy: Policy,
    dataset: DatasetDoc,
    segments: Vec<Segment<S::F>>,
    lines: Vec<Line<S::F>>,
    carried: u128,
}

/// Writes the ledger to `<root>/public`, and of record 63 `receipt.json`, `statement.json`, `record.json` and its upload
/// `content` to `<root>`.
pub fn write<S: Setup>(root: &Path) {
    let mut maker = Maker::<S>::new(root);
    maker.enroll();
    maker.epoch(1, 0, &[0, 1]);
    // Segment 1 of the grown dataset earns nothing in epoch 2.
    maker.epoch(2, 1, &[0]);
    maker.epoch(3, 1, &[0, 1]);
    maker.documents();
}

impl<S: Setup> Maker<S> {
    fn new(root: &Path) -> Self {
        let dir = PublicDir::new(root.join("public"));
        let split = Prover::<S>::new(RelationId::Split);
        let beneficiaries =
            vec![Beneficiary { name: "developer".into(), address: Payee([9; 20]), bps: 2500 }];
        let ledger = LedgerDoc {
            version: 1,
            suite: S::ID,
            model: "m".into(),
            model_id: model_id(0, Payee::default(), Payee::default(), "m"),
            chain_id: 0,
            contract: Payee::default(),
            developer: Payee::default(),
            setup: S::setup_doc(),
            receipt_key: Word([1; 32]),
        };
        let policy = Policy { contributors_bps: 7500, beneficiaries };
        put(&dir.ledger(), &ledger.to_json());
        split.write_keys(&dir.keys());
        let (model_id, terms) = (ledger.model_id, policy.clone());
        put(&dir.policy(1), &PolicyDoc { version: 1, model_id, policy: 1, first_epoch: 1, terms }.to_json());
        let dataset = DatasetDoc {
            version: 1,
            suite: S::ID,
            tier: TIER,
            chain_id: 0,
            registry: Payee::default(),
            owner: Payee::default(),
            uri: "https://example.org".into(),
            dataset_id: Word::default(),
            setup: S::setup_doc(),
        };
        Self {
            root: root.to_owned(),
            dir,
            split,
            ledger,
            policy,
            dataset,
            segments: Vec::new(),
            lines: Vec::new(),
            carried: 0,
        }
    }

    /// Both revisions, proven, and the enrolment. Columns that a revision does not change are not proven again.
    fn enroll(&mut self) {
        let tree = Prover::<S>::new(RelationId::Tree);
        let here = self.dir.dataset(0);
        tree.write_keys(&here.keys());
        let mut first = revision::<S::F>(TIER, Word::default(), None, &records(RECORDS)).unwrap();
        self.dataset.dataset_id = dataset_id(&self.dataset.origin(&first));
        let dataset_id = self.dataset.dataset_id;
        first.dataset_id = dataset_id;
        let grown = revision::<S::F>(TIER, dataset_id, Some(&first), &records(GROWN)).unwrap();
        put(&here.dataset(), &self.dataset.to_json());
        for (n, (doc, changed)) in (0u32..).zip([(first, vec![0u32, 1]), (grown, vec![1])]) {
            put(&here.revision(n).join("revision.json"), &doc.to_json());
            let mut columns = ColumnsDoc { version: 1, dataset_id, revision: n, columns: Vec::new() };
            for segment in changed {
                let all = records(doc.records as usize);
                let mask = || Mask::random(&mut OsRng);
                let part = segment_of(TIER, &all, segment as usize);
                let witness = TreeWitness::<S::F>::enroll(TIER, part, &mask(), &mask()).unwrap();
                let context = self.dataset.context(segment, n);
                let instance = enroll_instance(&context, doc.roots[segment as usize]).unwrap();
                let table = Tree::assign(&tree.layout, &instance, &witness);
                let proof = tree.prove(&here.columns(n), DatasetDir::enroll_proof(segment), &table);
                let payee_column = tree.commit(&witness.a);
                if self.segments.len() <= segment as usize {
                    let balances = vec![0; TIER.accounts()];
                    self.segments.push(Segment { payees: Vec::new(), balances, balance: column([]) });
                }
                let payees = &mut self.segments[segment as usize].payees;
                payees.push((payee_column.clone(), witness.a.clone()));
                columns.columns.push(ProvenColumn { segment, payee_column, proof });
            }
            put(&here.columns(n).join("columns.json"), &columns.to_json());
        }
        let model_id = self.ledger.model_id;
        let doc = EnrolmentDoc { version: 1, model_id, dataset: 0, dataset_id, first_epoch: 1 };
        put(&here.enrolment(), &doc.to_json());
    }

    /// Splits an epoch's revenue over the records of some segments.
    fn epoch(&mut self, epoch: u32, revision: u32, moving: &[u32]) {
        let Self { dir, split, ledger, dataset, policy, segments, carried, .. } = self;
        let count = if revision == 0 { RECORDS } else { GROWN };
        let scored = |segment: u32, slot: usize| {
            let i = segment as usize * TIER.accounts() + slot;
            if i < count { (i as u64 * 7 + u64::from(epoch)) % 23 } else { 0 }
        };
        let scores_of = |segment| (0..TIER.accounts()).map(move |slot| scored(segment, slot));
        let revenue = 1_000_003 * u128::from(epoch);
        let shares = policy.split(revenue, *carried).unwrap();
        let total: u128 = moving.iter().flat_map(|segment| scores_of(*segment)).map(u128::from).sum();
        let model_id = ledger.model_id;
        let mut posted = ScoresDoc {
            version: 1,
            suite: S::ID,
            model_id,
            epoch,
            total_score: Amount(total),
            root: Word::default(),
            segments: Vec::new(),
        };
        let (mut entries, mut left, mut lines) = (Vec::new(), shares.pool, Vec::new());
        for &segment in moving {
            let state = &mut segments[segment as usize];
            let genesis = state.balances.iter().all(|balance| *balance == 0);
            let scores: Vec<u64> = scores_of(segment).collect();
            let outcome = split::split(shares.pool, total, &state.balances, &scores).unwrap();
            let witness = SplitWitness {
                old: state.balance.clone(),
                new: column(outcome.new.iter().map(|x| S::F::from_u128(*x))),
                score: column(scores.iter().map(|x| S::F::from(*x))),
            };
            let numbers = SplitNumbers {
                segment_score: outcome.segment_score,
                segment_paid: outcome.segment_paid,
                pool: shares.pool,
                total_score: total,
                genesis,
                records: (count - segment as usize * TIER.accounts()).min(TIER.accounts()) as u32,
            };
            let context = ledger.context(dataset.dataset_id, segment, epoch);
            let instance = split_instance(&context, TIER, &numbers).unwrap();
            let table = Split::assign(&split.layout, &instance, &witness);
            let proof = split.prove(&dir.epoch(epoch), PublicDir::split_proof(0, segment), &table);
            let [balance_column, commitment] =
                [&witness.new, &witness.score].map(|column| split.commit(column));
            let score = Amount(outcome.segment_score);
            if segment == 1 {
                let slot = RECORD - TIER.accounts();
                let epoch = StatementEpoch {
                    epoch,
                    score: scores[slot],
                    total_score: Amount(total),
                    pool: Amount(shares.pool),
                    payout: Amount(outcome.payouts[slot]),
                    cumulative: Amount(outcome.new[slot]),
                    balance_column: balance_column.clone(),
                    score_column: commitment.clone(),
                    proof: Hex(vec![0]),
                };
                lines.push(Line { epoch, balance: witness.new.clone(), score: witness.score.clone() });
            }
            posted.segments.push(ScoredSegment { dataset: 0, segment, revision, score, commitment });
            let paid = Amount(outcome.segment_paid);
            entries.push(EpochSegment { dataset: 0, segment, balance_column, paid, proof });
            left -= outcome.segment_paid;
            state.balances = outcome.new.clone();
            state.balance = witness.new.clone();
        }
        posted.root = posted.computed_root(|_| Some(dataset.dataset_id)).unwrap();
        put(&dir.epoch(epoch).join(PublicDir::scores()), &posted.to_json());
        let doc = EpochDoc {
            version: 1,
            suite: S::ID,
            model_id,
            epoch,
            policy: 1,
            revenue: Amount(revenue),
            carried: Amount(*carried),
            shares: shares.shares,
            pool: Amount(shares.pool),
            scores: FileRef::new(PublicDir::scores(), &posted.to_json()),
            segments: entries,
            replaced: Vec::new(),
        };
        put(&dir.epoch(epoch).join("epoch.json"), &doc.to_json());
        *carried = left;
        self.lines.extend(lines);
    }

    /// What is handed to the payee of record 63.
    fn documents(&self) {
        let Self { root, ledger, dataset, lines, .. } = self;
        let params = S::params(opening_k(TIER));
        let (slot, dataset_id) = (RECORD - TIER.accounts(), dataset.dataset_id);
        let open = |columns: &[(&Commitment, &MaskedColumn<S::F>)], gamma| {
            let values: Vec<S::F> = columns.iter().map(|(_, column)| column.values()[slot]).collect();
            let commitments = columns.iter().map(|(commitment, _)| (*commitment).clone()).collect();
            let claim = OpeningClaim { tier: TIER, slot, columns: commitments, values, gamma };
            let columns: Vec<_> = columns.iter().map(|(_, column)| *column).collect();
            Hex(S::open_one(&params, &columns, &claim, &mut OsRng).unwrap())
        };
        let (model, contract, payee) = (ledger.model_id, ledger.contract, payee(RECORD));
        // The receipt with the newest payee column, the statement with the first: both are good.
        let [first, newest] = &self.segments[1].payees[..] else { panic!("two payee columns") };
        let last = &lines[lines.len() - 1];
        let account = ReceiptAccount {
            dataset: dataset_id,
            tier: TIER,
            segment: 1,
            index: slot as u32,
            epoch: last.epoch.epoch,
            cumulative: last.epoch.cumulative,
            payee_column: newest.0.clone(),
            balance_column: last.epoch.balance_column.clone(),
            proof: Hex(vec![0]),
        };
        let accounts = vec![account];
        let mut receipt =
            ReceiptDoc { version: 1, suite: S::ID, chain_id: 0, contract, model, payee, accounts };
        let gamma = receipt.claim(&receipt.accounts[0]).challenge();
        let balance = (&last.epoch.balance_column, &last.balance);
        receipt.accounts[0].proof = open(&[(&newest.0, &newest.1), balance], gamma);
        put(&root.join("receipt.json"), &receipt.to_json());

        let account = StatementAccount {
            dataset: dataset_id,
            tier: TIER,
            segment: 1,
            index: slot as u32,
            payee_column: first.0.clone(),
            epochs: lines.iter().map(|line| line.epoch.clone()).collect(),
        };
        let accounts = vec![account];
        let mut statement = StatementDoc {
            version: 1,
            suite: S::ID,
            chain_id: 0,
            contract,
            model,
            payee,
            last_epoch: 3,
            accounts,
        };
        for (i, Line { epoch, balance, score }) in lines.iter().enumerate() {
            let claim = statement.claim(&statement.accounts[0], epoch);
            let gamma = claim.challenge_with_score(&epoch.score_column, epoch.score);
            let columns =
                [(&first.0, &first.1), (&epoch.balance_column, balance), (&epoch.score_column, score)];
            statement.accounts[0].epochs[i].proof = open(&columns, gamma);
        }
        put(&root.join("statement.json"), &statement.to_json());

        let all = records(GROWN);
        let tree = record_tree::<S::F>(TIER, segment_of(TIER, &all, 1)).unwrap();
        let words = |siblings: &[S::F; 3]| siblings.map(|x| Word::from_field(&x));
        let record = RecordReceiptDoc {
            version: 1,
            suite: S::ID,
            chain_id: 0,
            registry: Payee::default(),
            dataset: dataset_id,
            tier: TIER,
            revision: 1,
            segment: 1,
            index: slot as u32,
            payee,
            content: all[RECORD].content,
            siblings: tree.path(slot).unwrap().iter().map(words).collect(),
            root: Word::from_field(&tree.root()),
        };
        put(&root.join("record.json"), &record.to_json());
        put(&root.join("content"), &content(RECORD));
    }
}
