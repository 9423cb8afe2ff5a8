//! Documents for tests: one of each kind that fits into one small ledger, and that ledger as files.

use std::{fs, path::Path};

use apportion_circuits::{
    field::SuiteId,
    relation::RelationId,
    types::{ContentDigest, Payee, Tier, Word},
};

use crate::{
    Commitment,
    files::*,
    policy::{Beneficiary, Policy, Share},
};

pub(crate) const MODEL: Word = Word([3; 32]);
pub(crate) const DATASET: Word = Word([2; 32]);
const SUITE: SuiteId = SuiteId::Pasta;

pub(crate) fn word(n: u8) -> Word {
    Word([n; 32])
}

pub(crate) fn column(n: u8) -> Commitment {
    Commitment(vec![n; 32])
}

fn proof(name: FileName) -> FileRef {
    FileRef::new(name, b"proof")
}

fn setup() -> SetupDoc {
    SetupDoc { provenance: "challenge_0085".into(), digest: Some(word(6)), insecure: false }
}

pub(crate) fn ledger() -> LedgerDoc {
    LedgerDoc {
        version: 1,
        suite: SUITE,
        model: "model".into(),
        model_id: MODEL,
        chain_id: 1,
        contract: Payee([4; 20]),
        developer: Payee([5; 20]),
        setup: setup(),
        receipt_key: word(7),
    }
}

pub(crate) fn key() -> KeyDoc {
    KeyDoc {
        version: 1,
        suite: SUITE,
        relation: RelationId::Split,
        tier: Tier::T64,
        table_digest: word(1),
        key_digest: word(2),
        proof_bytes: 4096,
    }
}

pub(crate) fn policy(n: u32, first_epoch: u32) -> PolicyDoc {
    let beneficiaries = vec![Beneficiary { name: "developer".into(), address: Payee([5; 20]), bps: 1000 }];
    let terms = Policy { contributors_bps: 9000, beneficiaries };
    PolicyDoc { version: 1, model_id: MODEL, policy: n, first_epoch, terms }
}

pub(crate) fn dataset() -> DatasetDoc {
    DatasetDoc {
        version: 1,
        suite: SUITE,
        tier: Tier::T64,
        chain_id: 1,
        registry: Payee([8; 20]),
        owner: Payee([9; 20]),
        uri: "ipfs://bafy/records".into(),
        dataset_id: DATASET,
        setup: setup(),
    }
}

/// Revision 0 has 70 records in two segments, revision 1 has 130 in three: the first segment stays.
pub(crate) fn revision(n: u32) -> RevisionDoc {
    let (records, roots) = match n {
        0 => (70, vec![word(1), word(2)]),
        _ => (130, vec![word(1), word(12), word(13)]),
    };
    let extension =
        (n > 0).then(|| ExtensionDoc { left: vec![word(1)], leaf: word(2), right: vec![word(3); 2] });
    let count = vec![word(4); 3];
    RevisionDoc { version: 1, dataset_id: DATASET, revision: n, records, roots, count, extension }
}

/// The payee columns of the segments whose roots the revision changed.
pub(crate) fn columns(n: u32) -> ColumnsDoc {
    let columns = match n {
        0 => vec![(0, 20), (1, 21)],
        _ => vec![(1, 22), (2, 23)],
    };
    let proven = |(segment, payees)| ProvenColumn {
        segment,
        payee_column: column(payees),
        proof: proof(DatasetDir::enroll_proof(segment)),
    };
    let columns = columns.into_iter().map(proven).collect();
    ColumnsDoc { version: 1, dataset_id: DATASET, revision: n, columns }
}

pub(crate) fn enrolment() -> EnrolmentDoc {
    EnrolmentDoc { version: 1, model_id: MODEL, dataset: 0, dataset_id: DATASET, first_epoch: 1 }
}

pub(crate) fn retirement() -> RetirementDoc {
    RetirementDoc { version: 1, model_id: MODEL, dataset: 0, from_epoch: 3 }
}

/// Segments 0 and 1 move in epoch 1, segments 1 and 2 in epoch 2.
pub(crate) fn scores(epoch: u32) -> ScoresDoc {
    let posted = |segment: u32| ScoredSegment {
        dataset: 0,
        segment,
        revision: epoch - 1,
        score: Amount(7),
        commitment: column(30 + 10 * epoch as u8 + segment as u8),
    };
    let segments = vec![posted(epoch - 1), posted(epoch)];
    let mut doc = ScoresDoc {
        version: 1,
        suite: SUITE,
        model_id: MODEL,
        epoch,
        total_score: Amount(14),
        root: Word::default(),
        segments,
    };
    doc.root = doc.computed_root(|n| (n == 0).then_some(DATASET)).unwrap();
    doc
}

pub(crate) fn epoch(n: u32) -> EpochDoc {
    let scores = scores(n);
    let moved = |posted: &ScoredSegment| EpochSegment {
        dataset: 0,
        segment: posted.segment,
        balance_column: column(60 + 10 * n as u8 + posted.segment as u8),
        paid: Amount(45),
        proof: proof(PublicDir::split_proof(0, posted.segment)),
    };
    let attempt = ReplacedAttempt {
        pool: Amount(80),
        total_score: Amount(7),
        score_root: word(5),
        segments: vec![ReplacedSegment { dataset: 0, segment: 1, score_column: column(50) }],
    };
    EpochDoc {
        version: 1,
        suite: SUITE,
        model_id: MODEL,
        epoch: n,
        policy: 1,
        revenue: Amount(100),
        carried: Amount(0),
        shares: vec![Share { name: "developer".into(), address: Payee([5; 20]), amount: Amount(10) }],
        pool: Amount(90),
        segments: scores.segments.iter().map(moved).collect(),
        scores: FileRef::new(PublicDir::scores(), &scores.to_json()),
        replaced: vec![attempt],
    }
}

pub(crate) fn receipt() -> ReceiptDoc {
    let account = |index| ReceiptAccount {
        dataset: DATASET,
        tier: Tier::T64,
        segment: 1,
        index,
        epoch: 2,
        cumulative: Amount(12),
        payee_column: column(21),
        balance_column: column(81),
        proof: Hex(vec![1, 2, 3]),
    };
    ReceiptDoc {
        version: 1,
        suite: SUITE,
        chain_id: 1,
        contract: Payee([4; 20]),
        model: MODEL,
        payee: Payee([7; 20]),
        accounts: vec![account(3), account(5)],
    }
}

pub(crate) fn statement() -> StatementDoc {
    let line = |epoch: u32, cumulative| StatementEpoch {
        epoch,
        score: u64::MAX,
        total_score: Amount(14),
        pool: Amount(90),
        payout: Amount(6),
        cumulative: Amount(cumulative),
        balance_column: column(61 + 10 * epoch as u8),
        score_column: column(31 + 10 * epoch as u8),
        proof: Hex(vec![4; 32]),
    };
    let account = StatementAccount {
        dataset: DATASET,
        tier: Tier::T64,
        segment: 1,
        index: 5,
        payee_column: column(21),
        epochs: vec![line(1, 6), line(2, 12)],
    };
    StatementDoc {
        version: 1,
        suite: SUITE,
        chain_id: 1,
        contract: Payee([4; 20]),
        model: MODEL,
        payee: Payee([7; 20]),
        last_epoch: 2,
        accounts: vec![account],
    }
}

pub(crate) fn record() -> RecordReceiptDoc {
    RecordReceiptDoc {
        version: 1,
        suite: SUITE,
        chain_id: 1,
        registry: Payee([8; 20]),
        dataset: DATASET,
        tier: Tier::T64,
        revision: 0,
        segment: 1,
        index: 5,
        payee: Payee([7; 20]),
        content: ContentDigest([9; 32]),
        siblings: vec![[word(1), word(2), word(3)]; 3],
        root: word(2),
    }
}

/// Writes a document, and the directories above it.
pub(crate) fn put<D: Document>(path: &Path, document: &D) {
    put_bytes(path, &document.to_json());
}

pub(crate) fn put_bytes(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Writes a dataset's public directory: two revisions, both proven.
pub(crate) fn write_dataset(dir: &DatasetDir) {
    put(&dir.dataset(), &dataset());
    put(&dir.keys().doc(RelationId::Tree, Tier::T64), &KeyDoc { relation: RelationId::Tree, ..key() });
    for n in 0..2 {
        put(&dir.revision(n).join("revision.json"), &revision(n));
        put(&dir.columns(n).join("columns.json"), &columns(n));
        for column in columns(n).columns {
            put_bytes(&dir.columns(n).join(column.proof.file), b"proof");
        }
    }
}

/// Writes a ledger's `public/`: one dataset, two policies, two epochs.
pub(crate) fn write_ledger(dir: &PublicDir) {
    put(&dir.ledger(), &ledger());
    put(&dir.keys().doc(RelationId::Split, Tier::T64), &key());
    put(&dir.policy(1), &policy(1, 1));
    put(&dir.policy(2), &policy(2, 4));
    write_dataset(&dir.dataset(0));
    put(&dir.dataset(0).enrolment(), &enrolment());
    put(&dir.dataset(0).retirement(), &retirement());
    for n in 1..3 {
        put(&dir.epoch(n).join("epoch.json"), &epoch(n));
        put(&dir.epoch(n).join(PublicDir::scores()), &scores(n));
        for segment in epoch(n).segments {
            put_bytes(&dir.epoch(n).join(segment.proof.file), b"proof");
        }
    }
}

/// The ledger's files, read.
pub(crate) fn bundle() -> Bundle {
    let root = tempfile::tempdir().unwrap();
    let dir = PublicDir::new(root.path());
    write_ledger(&dir);
    Bundle::read(dir).unwrap()
}
