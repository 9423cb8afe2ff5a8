//! One function per fuzz target, shared with `tests/corpus.rs`. Each panics where a property fails and returns
//! whether the bytes were accepted.

use std::{
    fmt::Debug,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use apportion_circuits::{
    field::SuiteId,
    types::{Tier, Word},
};
use apportion_statement::files::{
    DatasetDoc, Document, EnrolmentDoc, EpochDoc, LeavesDoc, LedgerDoc, ProofBlob, PublicationDoc,
    ReceiptDoc, ScoresDoc,
};
use apportion_statement::policy::Policy;
use apportion_statement::{Relation, decode_inputs};
use apportion_suite::params::{ImportSource, ParamsError, PastaParams, Srs, VerifierParams, info};
use apportion_suite::{Bn254, Pasta, Suite};
use apportion_verifier::audit::layout;
use apportion_verifier::receipt::check_receipt;
use halo2_axiom::poly::commitment::Params as _;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A fuzz target.
pub type Target = fn(&[u8]) -> bool;

/// Every target by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("proof_blob", proof_blob),
    ("documents", documents),
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
    let ledger = document::<LedgerDoc>(data);
    if let Some(ledger) = &ledger {
        let _ = ledger.policy.check();
    }
    let receipt = document::<ReceiptDoc>(data);
    if let Some(receipt) = &receipt {
        assert!(!check_receipt(receipt).is_empty());
    }
    ledger.is_some()
        | receipt.is_some()
        | document::<DatasetDoc>(data).is_some()
        | document::<EnrolmentDoc>(data).is_some()
        | document::<EpochDoc>(data).is_some()
        | document::<ScoresDoc>(data).is_some()
        | document::<PublicationDoc>(data).is_some()
        | document::<LeavesDoc>(data).is_some()
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
    static LAYOUTS: LazyLock<[Arc<apportion_circuits::plonkish::Layout<<Bn254 as Suite>::F>>; 2]> =
        LazyLock::new(|| Relation::ALL.map(|relation| Arc::new(layout(relation, TIER))));
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

/// halo2 files. Nothing in one is free: what is imported at its full size is written as it was.
pub fn params_halo2(data: &[u8]) -> bool {
    let files = Files::new();
    let source = ImportSource::Halo2(files.put("file", data));
    imported(&files, &source)
        .inspect(|srs| {
            let mut written = Vec::new();
            srs.kzg().write(&mut written).expect("written to memory");
            assert_eq!(written, data);
        })
        .is_ok()
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
    relation: Relation,
    params: S::VerifierParams,
    key: S::VerifyingKey,
}

impl<S: Suite> Verifying<S> {
    fn new(relation: Relation, params: impl Fn(u32) -> S::Params) -> Self {
        let layout = Arc::new(layout::<S::F>(relation, TIER));
        let params = params(layout.k);
        let key = S::verifying_key(&params, layout).expect("a key of our own layout");
        Self { relation, params: S::verifier_params(&params), key }
    }

    fn bytes(&self) -> usize {
        S::proof_bytes(S::layout_of(&self.key)) + 32 * self.relation.public_inputs()
    }

    /// A proof, then its public inputs.
    fn accepts(&self, data: &[u8], known: &[&[u8]]) -> bool {
        let inputs = 32 * self.relation.public_inputs();
        let (proof, inputs) = data.split_at(data.len().saturating_sub(inputs));
        let words: Vec<_> = inputs.as_chunks().0.iter().map(|word| Word(*word)).collect();
        let Ok(public) = decode_inputs::<S::F>(self.relation, &words) else { return false };
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
        Relation::ALL.map(|relation| {
            Verifying::new(relation, |k| Srs::insecure_dev(k).expect("in range").kzg().clone())
        })
    });
    proof(&KEYS, &BN254_PROOFS, data)
}

/// The same in suite pasta.
pub fn pasta_proof(data: &[u8]) -> bool {
    static KEYS: LazyLock<[Verifying<Pasta>; 2]> = LazyLock::new(|| {
        Relation::ALL.map(|relation| {
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
