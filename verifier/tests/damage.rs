//! Files that cannot be read, or whose proofs cannot be judged: never valid, never a panic, the right exit code.
#![allow(clippy::unwrap_used)]

mod world;

use std::fs;

use apportion_circuits::types::Word;
use apportion_statement::files::*;
use apportion_verifier::audit::Scope;
use apportion_verifier::report::Exit;

use self::world::{World, audit};

/// Writes, damages the files, and expects this exit code.
fn ends(expected: Exit, damage: impl Fn(&PublicDir)) -> String {
    let temp = tempfile::tempdir().unwrap();
    let dir = PublicDir::new(temp.path());
    World::new().write(&dir);
    damage(&dir);
    let report = audit(&dir, Scope::Ledger);
    assert_eq!(report.exit(), expected, "{report:#?}");
    report.error.map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn unreadable_or_malformed_files() {
    let ends = |damage: &dyn Fn(&PublicDir)| ends(Exit::Input, damage);
    let proof = |dir: &PublicDir| dir.epoch(3).join("0-1.proof");
    let change = |path: &std::path::Path, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = fs::read(path).unwrap();
        change(&mut bytes);
        fs::write(path, bytes).unwrap();
    };
    assert!(ends(&|dir| fs::remove_file(proof(dir)).unwrap()).contains("0-1.proof"));
    ends(&|dir| change(&proof(dir), &|bytes| bytes.push(0)));
    ends(&|dir| change(&proof(dir), &|bytes| _ = bytes.pop()));
    ends(&|dir| change(&proof(dir), &|bytes| bytes[100] ^= 1));
    ends(&|dir| fs::File::create(proof(dir)).unwrap().set_len(1 << 40).unwrap());
    let text = ends(&|dir| change(&dir.epoch(3).join("epoch.json"), &|bytes| bytes.insert(10, b'x')));
    assert!(text.contains("epoch.json: line "), "{text}");
    assert!(ends(&|dir| fs::remove_dir_all(dir.epoch(2)).unwrap()).contains("entry 2 is missing"));
    assert!(ends(&|dir| fs::create_dir(dir.epochs().join("5")).unwrap()).contains("unexpected entry"));
    ends(&|dir| fs::create_dir(dir.epochs().join("000000")).unwrap());
    ends(&|dir| fs::rename(dir.epoch(4), dir.epoch(5)).unwrap());
    // An epoch under another number, a proof for another use, a document of another suite.
    ends(&|dir| {
        fs::remove_dir_all(dir.epoch(4)).unwrap();
        fs::rename(dir.epoch(3), dir.epoch(4)).unwrap();
        fs::create_dir(dir.epoch(3)).unwrap();
        fs::copy(dir.epoch(1).join("epoch.json"), dir.epoch(3).join("epoch.json")).unwrap();
    });
    ends(&|dir| {
        let from = dir.publication(1).join("1-0.proof");
        fs::copy(from, dir.dataset(1).join("segment-0.proof")).unwrap();
        let file = dir.dataset(1).join("enrolment.json");
        let mut doc = EnrolmentDoc::read(&file).unwrap();
        doc.segments[0].proof.sha256 = sha256(&fs::read(dir.dataset(1).join("segment-0.proof")).unwrap());
        fs::write(file, doc.to_json()).unwrap();
    });
    ends(&|dir| {
        let file = dir.dataset(1).join("dataset.json");
        let mut doc = DatasetDoc::read(&file).unwrap();
        doc.suite = apportion_circuits::field::SuiteId::Bn254;
        fs::write(file, doc.to_json()).unwrap();
    });
}

#[test]
fn versions_and_keys_that_cannot_be_judged() {
    let ends = |damage: &dyn Fn(&PublicDir)| ends(Exit::NotCheckable, damage);
    ends(&|dir| {
        let file = dir.epoch(1).join("epoch.json");
        let text = fs::read_to_string(&file).unwrap().replace("\"version\": 1", "\"version\": 2");
        fs::write(file, text).unwrap();
    });
    let ledger = |dir: &PublicDir, change: &dyn Fn(&mut LedgerDoc)| {
        let mut doc = LedgerDoc::read(&dir.ledger()).unwrap();
        change(&mut doc);
        fs::write(dir.ledger(), doc.to_json()).unwrap();
    };
    assert!(
        ends(&|dir| ledger(dir, &|doc| doc.keys[0].table_digest = Word([1; 32]))).contains("table digest")
    );
    assert!(ends(&|dir| ledger(dir, &|doc| doc.keys[1].key_digest = Word([1; 32]))).contains("key digest"));
    assert!(ends(&|dir| ledger(dir, &|doc| doc.keys[1].proof_bytes += 1)).contains("proof length"));
    ends(&|dir| {
        let file = dir.epoch(1).join("0-0.proof");
        let mut blob = ProofBlob::from_bytes(&fs::read(&file).unwrap()).unwrap();
        blob.key_digest = Word([1; 32]);
        fs::write(&file, blob.to_bytes()).unwrap();
        let header = dir.epoch(1).join("epoch.json");
        let mut doc = EpochDoc::read(&header).unwrap();
        doc.segments[0].proof.sha256 = sha256(&blob.to_bytes());
        fs::write(header, doc.to_json()).unwrap();
    });
}

#[test]
fn no_flipped_bit_of_a_header_goes_unnoticed() {
    let temp = tempfile::tempdir().unwrap();
    let dir = PublicDir::new(temp.path());
    World::new().write(&dir);
    let files = [
        dir.epoch(4).join("epoch.json"),
        dir.epoch(4).join("scores.json"),
        dir.dataset(1).join("enrolment.json"),
        dir.publication(2).join("publication.json"),
    ];
    for file in files {
        let honest = fs::read(&file).unwrap();
        let meaning: serde_json::Value = serde_json::from_slice(&honest).unwrap();
        let lower = meaning.to_string().to_lowercase();
        for position in (0..honest.len()).step_by(11) {
            let mut flipped = honest.clone();
            flipped[position] ^= 1 << (position % 7);
            fs::write(&file, &flipped).unwrap();
            let same = serde_json::from_slice::<serde_json::Value>(&flipped)
                .is_ok_and(|value| value.to_string().to_lowercase() == lower);
            let report = audit(&dir, Scope::Ledger);
            assert!(same || !report.valid(), "{}: byte {position}", file.display());
        }
        fs::write(&file, honest).unwrap();
    }
}
