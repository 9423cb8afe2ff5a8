//! What proving a statement again shows: the same proof, or one that shares nothing with the first but what it links.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::{collections::HashSet, fs, path::Path};

use apportion_circuits::{
    plonkish::{Cost, Layout},
    relation::Relation,
    split::Split,
    tree::Tree,
    types::Tier,
};
use apportion_engine::Engine;
use apportion_statement::files::ProofBlob;
use apportion_suite::{Bn254, Pasta};
use common::{Work, copy};

/// Compares two proofs of one statement. An engine that is not deterministic opens columns at another point each time:
/// an advice column that comes twice is opened at two points under one blinding.
fn compare<S: Engine, R: Relation<S::F>>(files: [&Path; 2], linked: usize) {
    let [first, second] = files.map(|file| ProofBlob::from_bytes(&fs::read(file).unwrap()).unwrap().proof);
    if S::DETERMINISTIC {
        assert!(first == second, "the same generator makes the same proof");
        return;
    }
    let layout: Layout<S::F> = R::layout(Tier::T64);
    assert_eq!(layout.linked, linked);
    let head = Cost::of(&layout).commitments;
    assert!(head > layout.advice.len());
    let commitments = |proof: &[u8]| -> Vec<Vec<u8>> {
        proof.chunks(S::COMMITMENT_BYTES).take(head).map(<[u8]>::to_vec).collect()
    };
    let (first, second) = (commitments(&first), commitments(&second));
    assert_eq!(first[..linked], second[..linked]);
    let [first, second] = [first, second].map(|all| all.into_iter().skip(linked).collect::<HashSet<_>>());
    assert!(first.is_disjoint(&second), "a column that nothing links to was blinded as in the first run");
}

fn compare_in<R>(suite: &str, files: [&Path; 2], linked: usize)
where
    R: Relation<<Pasta as apportion_suite::Suite>::F> + Relation<<Bn254 as apportion_suite::Suite>::F>,
{
    match suite {
        "pasta" => compare::<Pasta, R>(files, linked),
        _ => compare::<Bn254, R>(files, linked),
    }
}

#[test]
fn a_statement_that_is_proven_again_shows_nothing_new() {
    for suite in common::SUITES {
        let work = Work::new(suite, 10, 1);
        // An owner proves a dataset, and proves it again from a copy of an older state.
        work.commit_dataset().exits(0);
        copy(&work.path("dataset"), &work.path("older-dataset"));
        for dir in ["dataset", "older-dataset"] {
            work.run(&format!("dataset prove --dir {dir}")).exits(0);
        }
        let tree = ["dataset", "older-dataset"]
            .map(|dir| work.path(dir).join("public/revisions/000000/columns/segment-0.proof"));
        compare_in::<Tree>(suite, [&tree[0], &tree[1]], 2);

        // A developer proves an epoch, takes it back and proves it again; and once more where nothing is known of either,
        // as in a state that was restored.
        work.init().exits(0);
        work.enroll("dataset").exits(0);
        work.commit_scores(1).exits(0);
        copy(&work.path("ledger"), &work.path("restored"));
        let proof = |dir: &str| work.path(dir).join("public/epochs/000001/0-0.proof");
        work.run(&work.prove_line(1)).exits(0);
        fs::copy(proof("ledger"), work.path("first.proof")).unwrap();
        work.run("ledger undo epoch --dir ledger").exits(0);
        work.run(&work.prove_line(1)).exits(0);
        work.run(&work.prove_line(1).replace("--dir ledger", "--dir restored")).exits(0);
        assert!(!work.path("restored/private/undone").exists());
        let split = [work.path("first.proof"), proof("ledger"), proof("restored")];
        for [a, b] in [[0, 1], [0, 2], [1, 2]] {
            compare_in::<Split>(suite, [&split[a], &split[b]], 3);
        }
    }
}
