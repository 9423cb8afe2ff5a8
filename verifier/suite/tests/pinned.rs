//! Pinned: the key digest of every pasta table at tier 64 (it follows from source alone) and the size of every proof.
//!
//! `APPORTION_REGENERATE=1 cargo test --release -p apportion-suite --test pinned` rewrites `pinned/proofs.txt`; the
//! changelog says why. bn254's keys depend on a ceremony: `pinned-keys.txt` has those of the known ones.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fmt::Write, fs, path::Path, sync::Arc};

use apportion_circuits::{plonkish::Layout, relation::Relation, split::Split, tree::Tree, types::Tier};
use apportion_suite::params::PastaParams;
use apportion_suite::{Bn254, Pasta, Suite};

fn sizes<S: Suite>(out: &mut String, relation: &str, layout: fn(Tier) -> Layout<S::F>) {
    for tier in Tier::ALL {
        writeln!(out, "{} {relation} {tier} proof-bytes {}", S::ID, S::proof_bytes(&layout(tier))).unwrap();
    }
}

fn key(out: &mut String, relation: &str, layout: Layout<<Pasta as Suite>::F>) {
    let params = PastaParams::make(layout.k).unwrap();
    let key = Pasta::verifying_key(params.params(), Arc::new(layout)).unwrap();
    writeln!(out, "pasta {relation} 64 key-digest {}", hex::encode(Pasta::key_digest(&key))).unwrap();
}

#[test]
fn keys_and_sizes_are_pinned() {
    let mut found = String::new();
    sizes::<Bn254>(&mut found, "split", Split::layout);
    sizes::<Bn254>(&mut found, "tree", Tree::layout);
    sizes::<Pasta>(&mut found, "split", Split::layout);
    sizes::<Pasta>(&mut found, "tree", Tree::layout);
    key(&mut found, "split", Split::layout(Tier::T64));
    key(&mut found, "tree", Tree::layout(Tier::T64));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pinned/proofs.txt");
    if std::env::var_os("APPORTION_REGENERATE").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(&path).unwrap());
}
