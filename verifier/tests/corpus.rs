//! The fuzz targets' seeds, replayed as a test. Seeds named `valid-..` are accepted, all others refused.
//!
//! `APPORTION_REGENERATE=1 cargo test --release -p apportion-verifier --test corpus` makes the binary seeds anew from a
//! ledger at tier 64, which is due when a table or a format changes. Texts that are refused are written by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "tests")]

mod real;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use apportion_circuits::{
    field::SuiteField,
    types::{ContentDigest, Payee, Record, Word},
};
use apportion_statement::{
    History, RelationId,
    dataset::revision,
    files::*,
    inputs::{SplitNumbers, enroll_inputs, enroll_instance, split_inputs, split_instance},
    policy::Policy,
};
use apportion_suite::{
    Bn254, Pasta, Suite,
    params::{PastaParams, Srs},
};
use apportion_verifier::audit::layout;
use ff::PrimeField;
use halo2_axiom::{
    halo2curves::{
        bn256::{Fq, G1Affine, G2Affine},
        serde::SerdeObject,
    },
    poly::commitment::{Params as _, ParamsProver as _},
};

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds");

#[test]
fn seeds_are_accepted_or_refused_as_named() {
    if std::env::var_os("APPORTION_REGENERATE").is_some_and(|value| value == "1") {
        regenerate();
        // The proofs that a target knows are compiled in.
        return;
    }
    let mut wrong = Vec::new();
    for (name, target) in targets::TARGETS {
        let mut kinds = [0; 2];
        for entry in fs::read_dir(Path::new(SEEDS).join(name)).unwrap() {
            let path = entry.unwrap().path();
            let valid = path.file_name().unwrap().to_str().unwrap().starts_with("valid-");
            if target(&fs::read(&path).unwrap()) != valid {
                wrong.push(path);
            }
            kinds[usize::from(valid)] += 1;
        }
        assert!(kinds[0] > 0 && kinds[1] > 0, "{name}: seeds of both kinds");
    }
    assert!(wrong.is_empty(), "accepted or refused against their name: {wrong:#?}");
}

#[test]
fn damaged_seeds_break_no_property() {
    for (name, target) in targets::TARGETS {
        assert!(!target(&[]), "{name}");
        for entry in fs::read_dir(Path::new(SEEDS).join(name)).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            target(&bytes[..bytes.len() / 2]);
            target(&[&bytes[..], b"\0"].concat());
            let mut flipped = bytes.clone();
            if let Some(byte) = flipped.get_mut(bytes.len() / 3) {
                *byte ^= 0x10;
            }
            target(&flipped);
        }
    }
}

fn put(target: &str, name: &str, bytes: &[u8]) {
    refused(target, &format!("valid-{name}"), bytes);
}

fn refused(target: &str, name: &str, bytes: &[u8]) {
    let dir = Path::new(SEEDS).join(target);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(name), bytes).unwrap();
}

/// Valid bytes with others at some place; from the end where it is negative.
fn with(valid: &[u8], at: isize, bytes: &[u8]) -> Vec<u8> {
    let mut changed = valid.to_vec();
    let at = if at < 0 { changed.len().strict_add_signed(at) } else { at.unsigned_abs() };
    changed[at..at + bytes.len()].copy_from_slice(bytes);
    changed
}

fn resealed(bytes: &[u8]) -> Vec<u8> {
    let (content, _) = bytes.split_at(bytes.len() - 32);
    [content, &sha256(content).0].concat()
}

/// What parsers of this kind have been caught by: declared lengths, other versions, second encodings.
fn break_parameters(cached: [&[u8]; 2], halo2: &[u8], ptau: &[u8], gnark: &[u8]) {
    let [cached, pasta] = cached;
    let huge = [0xff; 8];
    refused("params_cache", "huge-k", &resealed(&with(cached, 24, &22u32.to_le_bytes())));
    refused("params_cache", "k-beyond-shifts", &resealed(&with(cached, 24, &[0xff; 4])));
    refused("params_cache", "claims-a-ceremony", &resealed(&with(cached, 28, &1u32.to_le_bytes())));
    refused("params_cache", "pasta-of-a-ceremony", &resealed(&with(pasta, 28, &1u32.to_le_bytes())));
    refused("params_cache", "pasta-of-a-file", &resealed(&with(pasta, 32, &[1; 32])));
    refused("params_cache", "identity", &resealed(&with(cached, 64 + 64, &[0; 64])));
    refused("params_halo2", "huge-k", &with(halo2, 0, &22u32.to_le_bytes()));
    refused("params_halo2", "not-reduced", &with(halo2, 4 + 64, &[0xff; 32]));
    refused("params_halo2", "swapped", &with(halo2, 4 + 64, &halo2[4 + 128..4 + 192]));
    refused("params_ptau", "huge-section", &with(ptau, 16, &huge));
    refused("params_ptau", "many-sections", &with(ptau, 8, &huge[..4]));
    refused("params_ptau", "huge-power", &with(ptau, 60, &28u32.to_le_bytes()));
    refused("params_gnark", "identity", &with(gnark, 1 + 64 + 32, &[&[0x40][..], &[0; 31]].concat()));
    refused("params_gnark", "no-flags", &with(gnark, 1, &[0]));
    refused("params_gnark", "no-g1", &gnark[..65]);
}

fn regenerate() {
    of_suite::<Bn254>("bn254_proof");
    of_suite::<Pasta>("pasta_proof");
    for relation in RelationId::ALL {
        let layout = Arc::new(layout(relation, real::TIER));
        let srs = Srs::insecure_dev(layout.k).unwrap();
        let key = Bn254::verifying_key(srs.kzg(), layout).unwrap();
        let bytes = Bn254::key_to_bytes(&key);
        put("bn254_key", relation.name(), &bytes);
        let name = |what: &str| format!("{what}-{}", relation.name());
        refused("bn254_key", &name("many-columns"), &with(&bytes, 6, &[0xff; 4]));
        refused("bn254_key", &name("not-reduced"), &with(&bytes, 10, &[0x3f; 32]));
        refused(
            "bn254_key",
            &name("identity-with-sign"),
            &with(&bytes, 10, &[&[0; 31][..], &[0xc0]].concat()),
        );
    }
    let srs = Srs::insecure_dev(2).unwrap();
    let setup = srs.verifier().to_bytes();
    put("setup", "insecure", &setup);
    refused("setup", "infinity", &with(&setup, -128, &[0; 128]));
    refused("setup", "other-generator", &with(&setup, 64, &setup[64 + 128..]));
    refused("setup", "not-reduced", &with(&setup, -32, &[0xff; 32]));
    parameters(&srs);
    let policy = "contributors_bps = 5000\n\n[[beneficiaries]]\nname = \"developer\"\n\
        address = \"0x1111111111111111111111111111111111111111\"\nbps = 5000\n";
    Policy::from_toml(policy).unwrap();
    put("policy", "two", policy.as_bytes());
    put("policy", "alone", b"contributors_bps = 10000\n");
}

/// A ledger's documents, and of each relation a proof file, a proof with its public inputs, and a commitment.
fn of_suite<S: real::Setup>(target: &str) {
    let root = tempfile::tempdir().unwrap();
    real::write::<S>(root.path());
    let bundle = Bundle::read(PublicDir::new(root.path().join("public"))).unwrap();
    let suite = S::ID.name();
    for path in json_files(root.path()) {
        let name = path.strip_prefix(root.path()).unwrap().with_extension("");
        let name = name.to_str().unwrap().replace("public/", "").replace('/', "-");
        put("documents", &format!("{name}-{suite}.json"), &fs::read(path).unwrap());
    }
    let handed = |name: &str| fs::read(root.path().join(name)).unwrap();
    claims_of(suite, &handed("receipt.json"), &handed("statement.json"), &handed("record.json"));
    revisions::<S::F>(suite);
    histories(suite, &bundle);

    let dataset = &bundle.datasets[0].dataset;
    let (first, epoch) = (&dataset.revisions[0].doc, &bundle.epochs[0]);
    let (posted, moved) = (&epoch.scores.segments[0], &epoch.doc.segments[0]);
    let enrolled = enroll_instance::<S::F>(&dataset.doc.context(0, 0), first.roots[0]).unwrap();
    let numbers = SplitNumbers {
        segment_score: posted.score.0,
        segment_paid: moved.paid.0,
        pool: epoch.doc.pool.0,
        total_score: epoch.scores.total_score.0,
        genesis: true,
        records: History::of(&bundle).unwrap().records(posted.id(), posted.revision).unwrap(),
    };
    let context = bundle.ledger.context(dataset.doc.dataset_id, 0, 1);
    let split = split_instance::<S::F>(&context, real::TIER, &numbers).unwrap();
    let proofs = [
        (dataset.dir.columns(0).join(DatasetDir::enroll_proof(0)), enroll_inputs(&enrolled)),
        (bundle.dir.epoch(1).join(PublicDir::split_proof(0, 0)), split_inputs(&split)),
    ];
    for (relation, (path, public)) in RelationId::ALL.into_iter().zip(proofs) {
        let file = fs::read(path).unwrap();
        let name = |what: &str| format!("{what}-{}-{suite}", relation.name());
        put("proof_blob", &name("").replacen('-', "", 1), &file);
        refused("proof_blob", &name("huge-length"), &with(&file, 77, &[0xff; 4]));
        refused("proof_blob", &name("other-relation"), &resealed(&with(&file, 11, &[9])));
        let bytes = statement(&ProofBlob::from_bytes(&file).unwrap().proof, &public);
        put(target, relation.name(), &bytes);
        let name = |what: &str| format!("{what}-{}", relation.name());
        let end = -32 * isize::try_from(public.len()).unwrap();
        refused(target, &name("identity"), &with(&bytes, 0, &vec![0; S::COMMITMENT_BYTES]));
        refused(target, &name("not-reduced"), &with(&bytes, end - 32, &[0xff; 32]));
        refused(target, &name("zero-at-the-end"), &with(&bytes, end - 32, &[0; 32]));
        refused(target, &name("input-not-reduced"), &with(&bytes, end, &[0xff; 32]));
        refused(target, &name("other-input"), &with(&bytes, end, &[0; 32]));
        refused(target, &name("truncated"), &bytes[1..]);
    }
    let column = &posted.commitment.0;
    put("commitment", suite, column);
    refused("commitment", &format!("identity-{suite}"), &vec![0; column.len()]);
    refused("commitment", &format!("not-reduced-{suite}"), &vec![0xff; column.len()]);
    refused("commitment", &format!("extended-{suite}"), &[column, &[0][..]].concat());
}

/// The JSON files of a ledger and of what was handed out, without those of its younger self.
fn json_files(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root.to_owned()]);
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("old") {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "json") {
                found.push(path);
            }
        }
    }
    found
}

/// What contributors are handed; the receipt's opening as bytes.
fn claims_of(suite: &str, receipt: &[u8], statement: &[u8], record: &[u8]) {
    put("claims", &format!("receipt-{suite}"), receipt);
    put("claims", &format!("statement-{suite}"), statement);
    put("claims", &format!("record-{suite}"), record);
    let receipt = ReceiptDoc::from_json(receipt).unwrap();
    let with_slot = |index| {
        let mut other = receipt.clone();
        other.accounts[0].index = index;
        other.to_json()
    };
    refused("claims", &format!("reserved-slot-{suite}"), &with_slot(62));
    refused("claims", &format!("slot-plus-c-{suite}"), &with_slot(receipt.accounts[0].index + 64));
    let nobody = ReceiptDoc { payee: Payee::default(), ..receipt.clone() };
    refused("claims", &format!("zero-payee-{suite}"), &nobody.to_json());
    let record = RecordReceiptDoc::from_json(record).unwrap();
    let mut swapped = record.clone();
    swapped.siblings[0].swap(0, 1);
    refused("claims", &format!("swapped-siblings-{suite}"), &swapped.to_json());
    let mut short = record.clone();
    short.siblings.pop();
    refused("claims", &format!("short-path-{suite}"), &short.to_json());
    let other = RecordReceiptDoc { payee: Payee([1; 20]), ..record };
    refused("claims", &format!("other-payee-{suite}"), &other.to_json());

    let account = &receipt.accounts[0];
    let bytes = [
        &receipt.model.0[..],
        &account.dataset.0,
        &account.segment.to_be_bytes(),
        &account.index.to_be_bytes(),
        &receipt.payee.0,
        &account.cumulative.0.to_be_bytes(),
        &account.payee_column.0,
        &account.balance_column.0,
        &account.proof.0,
    ]
    .concat();
    put("opening", suite, &bytes);
    let name = |what: &str| format!("{what}-{suite}");
    let (column, end) = (account.payee_column.0.len(), account.proof.0.len().cast_signed());
    refused("opening", &name("other-slot"), &with(&bytes, 71, &[account.index as u8 + 1]));
    refused("opening", &name("reserved-slot"), &with(&bytes, 71, &[62]));
    refused("opening", &name("slot-plus-c"), &with(&bytes, 71, &[account.index as u8 + 64]));
    refused("opening", &name("one-unit-more"), &with(&bytes, 107, &[bytes[107].wrapping_add(1)]));
    refused("opening", &name("other-payee"), &with(&bytes, 72, &[0]));
    refused("opening", &name("other-model"), &with(&bytes, 0, &[0]));
    refused("opening", &name("identity-column"), &with(&bytes, 108, &vec![0; column]));
    refused("opening", &name("identity"), &with(&bytes, -end, &[0; 64]));
    refused("opening", &name("not-reduced"), &with(&bytes, -end, &[0xff; 32]));
    refused("opening", &name("truncated"), &bytes[..bytes.len() - 1]);
}

/// A dataset's revisions: one alone, and pairs of which the second extends the first or pretends to.
fn revisions<F: SuiteField>(suite: &str) {
    let record = |i: u8| Record { payee: Payee([i + 1; 20]), content: ContentDigest([i; 32]) };
    let records = |count: u8| (0..count).map(record).collect::<Vec<_>>();
    let made = |old: Option<&RevisionDoc>, records: &[Record]| {
        revision::<F>(real::TIER, Word([7; 32]), old, records).unwrap()
    };
    let pair = |old: &RevisionDoc, new: &RevisionDoc| [&old.to_json()[..], &[0], &new.to_json()].concat();
    let name = |what: &str| format!("{what}-{suite}");
    for count in [1, 62, 63] {
        put("revision", &name(&format!("alone-{count}")), &made(None, &records(count)).to_json());
    }
    for (before, after) in [(5, 7), (61, 63), (62, 70), (70, 125)] {
        let old = made(None, &records(before));
        let new = made(Some(&old), &records(after));
        put("revision", &name(&format!("extends-{before}-{after}")), &pair(&old, &new));
    }
    let old = made(None, &records(5));
    refused("revision", &name("appends-nothing"), &pair(&old, &RevisionDoc { revision: 1, ..old.clone() }));
    let mut moved = records(7);
    moved.swap(4, 5);
    refused("revision", &name("moved"), &pair(&old, &made(Some(&old), &moved)));
    refused("revision", &name("dropped"), &pair(&old, &made(Some(&old), &records(7)[1..])));
    let new = made(Some(&old), &records(7));
    refused("revision", &name("fewer"), &pair(&old, &RevisionDoc { records: 6, ..new.clone() }));
    refused("revision", &name("huge-count"), &RevisionDoc { records: u64::MAX, ..old.clone() }.to_json());
    refused("revision", &name("without-path"), &pair(&old, &RevisionDoc { extension: None, ..new.clone() }));
    refused("revision", &name("skips-one"), &pair(&old, &RevisionDoc { revision: 2, ..new.clone() }));
    let mut wide = new;
    wide.count[0] = Word([0xff; 32]);
    refused("revision", &name("not-reduced"), &pair(&old, &wide));
}

/// Revisions and epochs of a ledger, and revisions that announce more records than they have roots for.
fn histories(suite: &str, bundle: &Bundle) {
    let name = |what: &str| format!("{what}-{suite}");
    let revisions = &bundle.datasets[0].dataset.revisions;
    let joined = |epochs: &[Epoch]| {
        let revisions = revisions.iter().map(|revision| revision.doc.to_json());
        let epochs = epochs.iter().flat_map(|epoch| [epoch.doc.to_json(), epoch.scores.to_json()]);
        revisions.chain(epochs).collect::<Vec<_>>().join(&0)
    };
    put("history", &name("revisions"), &joined(&[]));
    put("history", &name("epochs"), &joined(&bundle.epochs));
    let mut turned = bundle.epochs.clone();
    turned.reverse();
    refused("history", &name("epochs-out-of-order"), &joined(&turned));
    for (what, records) in [("huge-records", 1 << 63), ("large-records", 6_200_000_000)] {
        let doc = RevisionDoc { records, ..revisions[0].doc.clone() };
        refused("history", &name(what), &doc.to_json());
    }
}

fn statement<F: SuiteField>(proof: &[u8], public: &[F]) -> Vec<u8> {
    let words = public.iter().flat_map(|input| Word::from_field(input).0);
    proof.iter().copied().chain(words).collect()
}

/// The same four powers in every format.
fn parameters(srs: &Srs) {
    let path = tempfile::NamedTempFile::new().unwrap();
    srs.write(path.path()).unwrap();
    let cached = fs::read(path.path()).unwrap();
    put("params_cache", "bn254", &cached);
    PastaParams::make(2).unwrap().write(path.path()).unwrap();
    let pasta = fs::read(path.path()).unwrap();
    put("params_cache", "pasta", &pasta);

    let mut halo2 = Vec::new();
    srs.kzg().write(&mut halo2).unwrap();
    // halo2's own files have as many powers as Lagrange points; ours have one more.
    let point = 64;
    halo2.drain(4 + 4 * point..4 + 5 * point);
    put("params_halo2", "k2", &halo2);

    let (g, s_g2) = (srs.kzg().get_g(), srs.kzg().s_g2());
    let section = |id: u32, content: Vec<u8>| {
        [&id.to_le_bytes()[..], &(content.len() as u64).to_le_bytes(), &content].concat()
    };
    // The modulus is one more than -1, and odd.
    let mut q = (-Fq::one()).to_repr().as_ref().to_vec();
    q[0] += 1;
    let header = [&32u32.to_le_bytes()[..], &q, &1u32.to_le_bytes(), &28u32.to_le_bytes()].concat();
    let g1 = g[..3].iter().flat_map(SerdeObject::to_raw_bytes).collect();
    let g2 = [G2Affine::generator(), s_g2].iter().flat_map(SerdeObject::to_raw_bytes).collect();
    let sections = [section(1, header), section(2, g1), section(3, g2), section(7, b"not read".to_vec())];
    let ptau = [b"ptau", &1u32.to_le_bytes()[..], &4u32.to_le_bytes(), &sections.concat()].concat();
    put("params_ptau", "power1", &ptau);

    let g1: Vec<u8> = g.iter().flat_map(gnark_g1).collect();
    let g2 = gnark_g2(&s_g2);
    let gnark = [&[64][..], &g2, &g1].concat();
    put("params_gnark", "k2", &gnark);
    break_parameters([&cached, &pasta], &halo2, &ptau, &gnark);
    put(
        "params_gnark",
        "generator-first",
        &[&[128][..], &gnark_g2(&G2Affine::generator()), &g2, &g1].concat(),
    );
}

fn big_endian(x: &Fq) -> [u8; 32] {
    let mut bytes: [u8; 32] = x.to_repr().as_ref().try_into().unwrap();
    bytes.reverse();
    bytes
}

fn flag(y: &Fq) -> u8 {
    if big_endian(y) > big_endian(&-y) { 0xc0 } else { 0x80 }
}

fn gnark_g1(p: &G1Affine) -> [u8; 32] {
    let mut bytes = big_endian(&p.x);
    bytes[0] |= flag(&p.y);
    bytes
}

/// Of points whose y has a part c1, as almost all have.
fn gnark_g2(p: &G2Affine) -> Vec<u8> {
    let mut bytes = [big_endian(&p.x.c1), big_endian(&p.x.c0)].concat();
    bytes[0] |= flag(&p.y.c1);
    bytes
}
