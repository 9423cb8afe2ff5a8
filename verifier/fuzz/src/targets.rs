//! One function per fuzz target, shared with `tests/corpus.rs`. Each panics where a property fails and returns
//! whether the bytes were accepted.

use std::{
    fmt::Debug,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use apportion_circuits::{
    column::Commitment,
    field::{SuiteField, SuiteId},
    merkle,
    plonkish::Layout,
    tree::record_leaf,
    types::{Payee, Record, Tier, Word},
};
use apportion_statement::{
    History, OpeningCount, RelationId,
    dataset::{check_extension, check_revision},
    files::{
        Bundle, ColumnsDoc, DatasetBundle, DatasetDir, DatasetDoc, Document, EnrolledDataset, EnrolmentDoc,
        Epoch, EpochDoc, FileRef, KeyDoc, LedgerDoc, PolicyDoc, ProofBlob, ProvenColumn, PublicDir,
        ReceiptDoc, RecordReceiptDoc, RetirementDoc, Revision, RevisionDoc, ScoresDoc, SetupDoc,
        StatementDoc,
    },
    policy::Policy,
    receipt::AccountClaim,
};
use apportion_suite::{
    Bn254, OpeningClaim, OpeningTerm, Openings, Pasta, Suite,
    openings::opening_k,
    params::{ImportSource, ParamsError, PastaParams, Srs, VerifierParams, info},
};
use apportion_verifier::audit::layout;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A fuzz target.
pub type Target = fn(&[u8]) -> bool;

/// Every target by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("proof_blob", proof_blob),
    ("documents", documents),
    ("claims", claims),
    ("revision", revision),
    ("history", history),
    ("opening", opening),
    ("bn254_key", bn254_key),
    ("setup", setup),
    ("params_cache", params_cache),
    ("params_ptau", params_ptau),
    ("params_halo2", params_halo2),
    ("params_gnark", params_gnark),
    ("bn254_proof", bn254_proof),
    ("pasta_proof", pasta_proof),
    ("commitment", commitment),
    ("policy", policy),
];

const TIER: Tier = Tier::T64;

/// The only statements with proofs that are known here: whatever else is accepted is forged, or a second encoding.
const BN254_PROOFS: [&[u8]; 2] =
    [include_bytes!("../seeds/bn254_proof/valid-tree"), include_bytes!("../seeds/bn254_proof/valid-split")];
const PASTA_PROOFS: [&[u8]; 2] =
    [include_bytes!("../seeds/pasta_proof/valid-tree"), include_bytes!("../seeds/pasta_proof/valid-split")];
const OPENINGS: [&[u8]; 2] =
    [include_bytes!("../seeds/opening/valid-bn254"), include_bytes!("../seeds/opening/valid-pasta")];

/// Proof files; once more with the right digest, which no mutation finds.
pub fn proof_blob(data: &[u8]) -> bool {
    let accepted = |data: &[u8]| {
        let blob = ProofBlob::from_bytes(data);
        blob.inspect(|blob| assert_eq!(blob.to_bytes(), data)).is_ok()
    };
    accepted(&resealed(data));
    accepted(data)
}

/// Every JSON document.
pub fn documents(data: &[u8]) -> bool {
    let policy = document::<PolicyDoc>(data);
    if let Some(policy) = &policy {
        let _ = policy.terms.check();
    }
    let scores = document::<ScoresDoc>(data);
    if let Some(scores) = &scores {
        let _ = scores.check_root(|dataset| (dataset < 3).then_some(Word([1; 32])));
    }
    policy.is_some()
        | scores.is_some()
        | document::<LedgerDoc>(data).is_some()
        | document::<KeyDoc>(data).is_some()
        | document::<DatasetDoc>(data).is_some()
        | document::<RevisionDoc>(data).is_some()
        | document::<ColumnsDoc>(data).is_some()
        | document::<EnrolmentDoc>(data).is_some()
        | document::<RetirementDoc>(data).is_some()
        | document::<EpochDoc>(data).is_some()
        | document::<ReceiptDoc>(data).is_some()
        | document::<StatementDoc>(data).is_some()
        | document::<RecordReceiptDoc>(data).is_some()
}

/// What contributors are handed: a receipt or statement that names accounts only, a record whose path leads to its root.
pub fn claims(data: &[u8]) -> bool {
    if let Some(receipt) = document::<ReceiptDoc>(data) {
        return receipt.accounts.iter().all(|account| {
            let claim = receipt.claim(account);
            challenged(|| {
                [Word::from_field(&claim.challenge::<Fr>()), Word::from_field(&claim.challenge::<Fp>())]
            });
            claim.check().is_ok()
        });
    }
    if let Some(statement) = document::<StatementDoc>(data) {
        let lines = statement.accounts.iter().flat_map(|a| a.epochs.iter().map(move |line| (a, line)));
        return lines.fold(true, |all, (account, line)| {
            let claim = statement.claim(account, line);
            challenged(|| {
                let [bn254, pasta] = [&line.score_column; 2];
                [
                    Word::from_field(&claim.challenge_with_score::<Fr>(bn254, line.score)),
                    Word::from_field(&claim.challenge_with_score::<Fp>(pasta, line.score)),
                ]
            });
            all && claim.check().is_ok()
        });
    }
    document::<RecordReceiptDoc>(data).is_some_and(|record| match record.suite {
        SuiteId::Bn254 => leads_to_root::<Fr>(&record),
        SuiteId::Pasta => leads_to_root::<Fp>(&record),
    })
}

type Fr = <Bn254 as Suite>::F;
type Fp = <Pasta as Suite>::F;

/// A challenge is the same whoever derives it, and the same integer in either field: 31 bytes.
fn challenged(derive: impl Fn() -> [Word; 2]) {
    let [bn254, pasta] = derive();
    assert_eq!((bn254, derive()[1]), (pasta, pasta));
    assert_eq!(bn254.0[0], 0);
}

fn leads_to_root<F: SuiteField>(receipt: &RecordReceiptDoc) -> bool {
    let words = receipt.siblings.iter().flatten().map(|word| word.to_field::<F>());
    let Some(siblings) = words.collect::<Option<Vec<F>>>() else { return false };
    let leaf = record_leaf(&Record { payee: receipt.payee, content: receipt.content });
    let root = merkle::root_of_path(receipt.tier, receipt.index as usize, leaf, siblings.as_chunks().0);
    root.is_some() && root == receipt.root.to_field()
}

/// `revision.json`, alone or behind the one before it and a zero byte.
pub fn revision(data: &[u8]) -> bool {
    let mut parts = data.split(|byte| *byte == 0).map(document::<RevisionDoc>);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Some(only)), None, None) => stands::<Fr>(&only) | stands::<Fp>(&only),
        (Some(Some(old)), Some(Some(new)), None) => extends::<Fr>(&old, &new) | extends::<Fp>(&old, &new),
        _ => false,
    }
}

/// The documents of a bundle, apart by zero bytes: revisions of a dataset, then epochs, each with its scores. A history
/// makes no more room than they list, whatever they announce.
pub fn history(data: &[u8]) -> bool {
    let mut revisions: Vec<RevisionDoc> = Vec::new();
    let mut epochs: Vec<EpochDoc> = Vec::new();
    let mut scores: Vec<ScoresDoc> = Vec::new();
    for part in data.split(|byte| *byte == 0) {
        let known = document(part).map(|doc| revisions.push(doc)).is_some()
            || document(part).map(|doc| epochs.push(doc)).is_some()
            || document(part).map(|doc| scores.push(doc)).is_some();
        if !known {
            return false;
        }
    }
    let (Some(first), true) = (revisions.first(), epochs.len() == scores.len()) else { return false };
    let (id, zero) = (first.dataset_id, Word([0; 32]));
    let setup = SetupDoc { provenance: "hash_to_curve".into(), insecure: false, digest: None };
    let (suite, nobody) = (SuiteId::Pasta, Payee::default());
    let doc = DatasetDoc {
        version: 1,
        suite,
        tier: TIER,
        chain_id: 0,
        registry: nobody,
        owner: nobody,
        uri: String::new(),
        dataset_id: id,
        setup: setup.clone(),
    };
    let listed: usize = revisions.iter().map(|revision| revision.roots.len()).sum();
    let revisions: Vec<_> = revisions
        .into_iter()
        .map(|doc| {
            // Every segment is proven.
            let proof = FileRef::new(DatasetDir::enroll_proof(0), b"");
            let columns = (0..doc.roots.len() as u32).map(|segment| ProvenColumn {
                segment,
                payee_column: Commitment(vec![1; 32]),
                proof: proof.clone(),
            });
            let (version, dataset_id, revision) = (1, id, doc.revision);
            let columns = ColumnsDoc { version, dataset_id, revision, columns: columns.collect() };
            Revision { doc, columns: Some(columns) }
        })
        .collect();
    let sound = match &revisions[..] {
        [only] => stands::<Fr>(&only.doc) | stands::<Fp>(&only.doc),
        [old, new] => extends::<Fr>(&old.doc, &new.doc) | extends::<Fp>(&old.doc, &new.doc),
        _ => false,
    };
    let dataset = DatasetBundle { dir: DatasetDir::new(""), doc, revisions };
    let enrolment = EnrolmentDoc { version: 1, model_id: zero, dataset: 0, dataset_id: id, first_epoch: 1 };
    let ledger = LedgerDoc {
        version: 1,
        suite,
        model: "m".into(),
        model_id: zero,
        chain_id: 0,
        contract: nobody,
        developer: nobody,
        setup,
        receipt_key: zero,
    };
    let epoch = |(doc, scores)| Epoch { doc, scores, scores_match: true };
    let bundle = Bundle {
        dir: PublicDir::new(""),
        ledger,
        policies: Vec::new(),
        datasets: vec![EnrolledDataset { dataset, enrolment, retirement: None }],
        epochs: epochs.into_iter().zip(scores).map(epoch).collect(),
    };
    let _ = OpeningCount::of_bundle(&bundle);
    // What an auditor makes of it, who goes on after a check that fails.
    let mut lenient = History::default();
    bundle.datasets.iter().for_each(|dataset| lenient.add(dataset));
    bundle.epochs.iter().for_each(|epoch| lenient.settle_epoch(epoch));
    assert!(lenient.datasets().iter().all(|dataset| dataset.segments() as usize <= listed));
    History::of(&bundle).is_ok() && sound
}

fn stands<F: SuiteField>(doc: &RevisionDoc) -> bool {
    check_revision::<F>(TIER, doc).is_ok()
}

fn extends<F: SuiteField>(old: &RevisionDoc, new: &RevisionDoc) -> bool {
    // Every part is looked at, whether or not the others hold.
    let fine = check_extension::<F>(TIER, old, new).is_ok() & stands::<F>(old) & stands::<F>(new);
    if fine {
        assert!(old.records <= new.records && old.roots.len() <= new.roots.len());
        let full = (old.records / TIER.accounts() as u64) as usize;
        assert_eq!(old.roots[..full.min(old.roots.len())], new.roots[..full.min(old.roots.len())]);
    }
    fine
}

/// What one opening claims, then its proof: model and dataset, segment and slot, payee, balance, both columns.
pub fn opening(data: &[u8]) -> bool {
    static BN254: LazyLock<<Bn254 as Suite>::VerifierParams> =
        LazyLock::new(|| Bn254::verifier_params(Srs::insecure_dev(opening_k(TIER)).expect("in range").kzg()));
    static PASTA: LazyLock<<Pasta as Suite>::VerifierParams> = LazyLock::new(|| {
        Pasta::verifier_params(PastaParams::make(opening_k(TIER)).expect("in range").params())
    });
    opens::<Bn254>(&BN254, data) | opens::<Pasta>(&PASTA, data)
}

/// Bytes of the numbers before the columns.
const CLAIM_BYTES: usize = 32 + 32 + 4 + 4 + 20 + 16;

fn opens<S: Openings>(params: &S::VerifierParams, data: &[u8]) -> bool {
    let length = CLAIM_BYTES + 2 * S::COMMITMENT_BYTES + S::opening_bytes(TIER);
    let fitted = || {
        // Once more with the only length at which anything is read.
        let mut fitted = data.to_vec();
        fitted.resize(length, 0);
        fitted
    };
    if data.len() == length {
        return opens_exactly::<S>(params, data).unwrap_or(false);
    }
    opens_exactly::<S>(params, &fitted());
    false
}

fn opens_exactly<S: Openings>(params: &S::VerifierParams, data: &[u8]) -> Option<bool> {
    let (model, rest) = data.split_first_chunk::<32>()?;
    let (dataset, rest) = rest.split_first_chunk::<32>()?;
    let (segment, rest) = rest.split_first_chunk::<4>()?;
    let (index, rest) = rest.split_first_chunk::<4>()?;
    let (payee, rest) = rest.split_first_chunk::<20>()?;
    let (cumulative, rest) = rest.split_first_chunk::<16>()?;
    let (payees, rest) = rest.split_at_checked(S::COMMITMENT_BYTES)?;
    let (balances, proof) = rest.split_at_checked(S::COMMITMENT_BYTES)?;
    let [payees, balances] = [payees, balances].map(|bytes| Commitment(bytes.to_vec()));
    let account = AccountClaim {
        chain_id: 0,
        contract: Payee::default(),
        model: Word(*model),
        dataset: Word(*dataset),
        segment: u32::from_be_bytes(*segment),
        tier: TIER,
        index: u32::from_be_bytes(*index),
        payee: Payee(*payee),
        cumulative: u128::from_be_bytes(*cumulative),
        payee_column: &payees,
        balance_column: &balances,
    };
    let claim = OpeningClaim {
        tier: TIER,
        slot: account.index as usize,
        columns: vec![payees.clone(), balances.clone()],
        values: account.values().to_vec(),
        gamma: account.challenge(),
    };
    let term = OpeningTerm { claim, proof: proof.to_vec() };
    let opened = S::check_openings(params, std::slice::from_ref(&term)).is_ok();
    // In a batch it is what it is alone.
    let twice = S::check_openings(params, &[term.clone(), term]).is_ok();
    assert_eq!(opened, twice);
    assert!(!opened || OPENINGS.contains(&data), "accepted an opening that nobody made");
    Some(opened)
}

/// White space and order are free in JSON; a document that we write is written the same way again.
fn document<D: Document + PartialEq + Debug>(data: &[u8]) -> Option<D> {
    let document = D::from_json(data).ok()?;
    let json = document.to_json();
    let again = D::from_json(&json).expect("what is written is read");
    assert_eq!(again, document);
    assert_eq!(again.to_json(), json);
    Some(document)
}

/// Verifying keys of both relations.
pub fn bn254_key(data: &[u8]) -> bool {
    static LAYOUTS: LazyLock<[Arc<Layout<Fr>>; 2]> =
        LazyLock::new(|| RelationId::ALL.map(|relation| Arc::new(layout(relation, TIER))));
    LAYOUTS.iter().any(|layout| {
        let key = Bn254::key_from_bytes(layout.clone(), data);
        key.inspect(|key| assert_eq!(Bn254::key_to_bytes(key), data)).is_ok()
    })
}

/// `keys/setup.bin`.
pub fn setup(data: &[u8]) -> bool {
    let setup = VerifierParams::from_bytes(data);
    setup.inspect(|setup| assert_eq!(setup.to_bytes(), data)).is_ok()
}

/// Cached parameters of both suites; once more with the right digest.
pub fn params_cache(data: &[u8]) -> bool {
    let accepted = |data: &[u8]| {
        let files = Files::new();
        let path = files.put("file", data);
        let written = files.path("written");
        let srs = Srs::read(&path).map(|srs| srs.write(&written).map(|_| ()));
        let pasta = PastaParams::read(&path).map(|params| params.write(&written).map(|_| ()));
        let accepted = srs.is_ok() || pasta.is_ok();
        assert_eq!(info(&path).is_ok(), accepted);
        if accepted {
            assert!(srs.is_err() || pasta.is_err());
            assert_eq!(fs::read(&written).expect("written"), data);
        }
        accepted
    };
    accepted(&resealed(data));
    accepted(data)
}

/// snarkjs files.
pub fn params_ptau(data: &[u8]) -> bool {
    let files = Files::new();
    let source = ImportSource::Ptau(files.put("file", data));
    imported(&files, &source).is_ok()
}

/// halo2 files.
pub fn params_halo2(data: &[u8]) -> bool {
    let files = Files::new();
    let source = ImportSource::Halo2(files.put("file", data));
    imported(&files, &source).is_ok()
}

/// gnark's two files: a length, so many bytes of G2 points, and G1 points.
pub fn params_gnark(data: &[u8]) -> bool {
    let Some((length, rest)) = data.split_first() else { return false };
    let (g2, g1) = rest.split_at(usize::from(*length).min(rest.len()));
    let files = Files::new();
    let source = ImportSource::Gnark { g1: files.put("g1", g1), g2: files.put("g2", g2) };
    imported(&files, &source).is_ok()
}

/// Imports as much as there is, and two powers; what was accepted survives the cache.
fn imported(files: &Files, source: &ImportSource) -> Result<Srs, ParamsError> {
    let small = Srs::import(source, Some(1));
    let srs = Srs::import(source, None)?;
    assert_eq!(small.expect("a part of what was accepted").verifier().digest(), srs.verifier().digest());
    let path = files.path("written");
    srs.write(&path)?;
    let again = Srs::read(&path).expect("what is written is read");
    assert_eq!((again.k(), again.source_sha256()), (srs.k(), srs.source_sha256()));
    Ok(srs)
}

/// What verifying takes.
struct Verifying<S: Suite> {
    relation: RelationId,
    params: S::VerifierParams,
    key: S::VerifyingKey,
}

impl<S: Suite> Verifying<S> {
    fn new(relation: RelationId, params: impl Fn(u32) -> S::Params) -> Self {
        let layout = Arc::new(layout::<S::F>(relation, TIER));
        let params = params(layout.k);
        let key = S::verifying_key(&params, layout).expect("a key of our own layout");
        Self { relation, params: S::verifier_params(&params), key }
    }

    fn bytes(&self) -> usize {
        S::proof_bytes(S::layout_of(&self.key)) + 32 * self.relation.public_inputs().len()
    }

    /// A proof, then its public inputs.
    fn accepts(&self, data: &[u8], known: &[&[u8]]) -> bool {
        let inputs = 32 * self.relation.public_inputs().len();
        let (proof, inputs) = data.split_at(data.len().saturating_sub(inputs));
        let public = inputs.as_chunks().0.iter().map(|word| Word(*word).to_field());
        let Some(public) = public.collect::<Option<Vec<S::F>>>() else { return false };
        let Ok(columns) = S::verify(&self.params, &self.key, &public, proof) else { return false };
        assert_eq!(columns.len(), S::layout_of(&self.key).linked);
        assert!(columns.iter().all(|column| S::check_commitment(&column.0).is_ok()));
        assert!(known.contains(&data), "accepted a proof that nobody made");
        true
    }
}

fn proof<S: Suite>(keys: &[Verifying<S>; 2], known: &[&[u8]; 2], data: &[u8]) -> bool {
    let mut accepted = false;
    for key in keys {
        accepted |= key.accepts(data, known);
        if data.len() != key.bytes() {
            // Once more with the only length at which anything is read.
            let mut fitted = data.to_vec();
            fitted.resize(key.bytes(), 0);
            key.accepts(&fitted, known);
        }
    }
    accepted
}

/// Proofs and public inputs of both relations in suite bn254.
pub fn bn254_proof(data: &[u8]) -> bool {
    static KEYS: LazyLock<[Verifying<Bn254>; 2]> = LazyLock::new(|| {
        RelationId::ALL.map(|relation| {
            Verifying::new(relation, |k| Srs::insecure_dev(k).expect("in range").kzg().clone())
        })
    });
    proof(&KEYS, &BN254_PROOFS, data)
}

/// The same in suite pasta.
pub fn pasta_proof(data: &[u8]) -> bool {
    static KEYS: LazyLock<[Verifying<Pasta>; 2]> = LazyLock::new(|| {
        RelationId::ALL.map(|relation| {
            Verifying::new(relation, |k| PastaParams::make(k).expect("in range").params().clone())
        })
    });
    proof(&KEYS, &PASTA_PROOFS, data)
}

/// Commitments of both suites.
pub fn commitment(data: &[u8]) -> bool {
    let of = |suite| match suite {
        SuiteId::Bn254 => Bn254::check_commitment(data),
        SuiteId::Pasta => Pasta::check_commitment(data),
    };
    SuiteId::ALL
        .into_iter()
        .any(|suite| of(suite).inspect(|commitment| assert_eq!(commitment.0, data)).is_ok())
}

/// `policy.toml`.
pub fn policy(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let Ok(policy) = Policy::from_toml(text) else { return false };
    let written = toml::to_string(&policy).expect("a policy can be written");
    assert_eq!(Policy::from_toml(&written).as_ref(), Ok(&policy));
    for (revenue, carried) in [(0, 0), (10_001, 7), (u128::MAX, 0)] {
        let split = policy.split(revenue, carried).expect("fits 128 bits");
        let paid: u128 = split.shares.iter().map(|share| share.amount.0).sum();
        assert_eq!(paid + split.pool, revenue + carried);
    }
    true
}

/// The bytes with a digest at their end that fits.
fn resealed(data: &[u8]) -> Vec<u8> {
    let (content, _) = data.split_at(data.len().saturating_sub(32));
    [content, &Sha256::digest(content)].concat()
}

/// A directory for the parsers that take paths, in memory where the system has such a place.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Self(dir.expect("a temporary directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a temporary file");
        path
    }
}
