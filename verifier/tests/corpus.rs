//! The fuzz targets' seeds, replayed as a test. Seeds named `valid-..` are accepted, all others refused.
//!
//! `APPORTION_REGENERATE=1 cargo test --release -p apportion-verifier --test corpus` makes the binary seeds anew from a
//! ledger at tier 64, which is due when a table or a format changes. Texts that are refused are written by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod real;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::{fs, path::Path, sync::Arc};

use apportion_circuits::{field::SuiteField, types::Word};
use apportion_statement::files::*;
use apportion_statement::policy::Policy;
use apportion_statement::*;
use apportion_suite::params::{PastaParams, Srs};
use apportion_suite::{Bn254, Pasta, Suite};
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
    for relation in Relation::ALL {
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
    let dir = PublicDir::new(root.path().join("public"));
    let suite = S::ID.name();
    let document = |path: &Path| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        put("documents", &format!("{name}-{suite}.json"), &fs::read(path).unwrap());
    };
    let (dataset, epoch, publication) = (dir.dataset(0), dir.epoch(1), dir.publication(1));
    document(&dir.ledger());
    document(&dataset.join("dataset.json"));
    document(&dataset.join("enrolment.json"));
    document(&epoch.join("epoch.json"));
    document(&epoch.join(PublicDir::scores()));
    document(&publication.join("publication.json"));
    document(&publication.join(PublicDir::segment_leaves(0, 0)));
    document(&root.path().join("receipt.json"));

    let ledger = LedgerDoc::read(&dir.ledger()).unwrap();
    let roots = DatasetDoc::read(&dataset.join("dataset.json")).unwrap().roots;
    let enrolment = EnrolmentDoc::read(&dataset.join("enrolment.json")).unwrap();
    let doc = EpochDoc::read(&epoch.join("epoch.json")).unwrap();
    let (binding, id, segment) = (ledger.binding(), enrolment.dataset_id, &doc.segments[0]);
    let numbers = SplitInputs {
        segment_score: segment.segment_score.0,
        segment_paid: segment.segment_paid.0,
        pool: doc.pool.0,
        total_score: doc.total_score.0,
        genesis: segment.genesis,
    };
    let proofs = [
        (
            dataset.join(PublicDir::enrolment_proof(0)),
            enroll_inputs::<S::F>(&binding.enroll(id, 0, 0), roots[0]).unwrap(),
        ),
        (
            epoch.join(PublicDir::segment_proof(0, 0)),
            split_inputs::<S::F>(&binding.split(id, 0, 1), &numbers).unwrap(),
        ),
    ];
    for (relation, (path, public)) in Relation::ALL.into_iter().zip(proofs) {
        let file = fs::read(path).unwrap();
        let name = |what: &str| format!("{what}-{}-{suite}", relation.name());
        put("proof_blob", &name("").replacen('-', "", 1), &file);
        refused("proof_blob", &name("huge-length"), &with(&file, 78, &[0xff; 4]));
        refused("proof_blob", &name("other-use"), &resealed(&with(&file, 13, &[9])));
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
    let column = &segment.score_column.0;
    put("commitment", suite, column);
    refused("commitment", &format!("identity-{suite}"), &vec![0; column.len()]);
    refused("commitment", &format!("not-reduced-{suite}"), &vec![0xff; column.len()]);
    refused("commitment", &format!("extended-{suite}"), &[column, &[0][..]].concat());
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
