//! Files that cannot be read, or whose proofs cannot be judged: never valid, never a panic, the right exit code.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod world;

use std::{fs, os::unix::fs::symlink, path::Path};

use apportion_circuits::{
    field::SuiteId,
    types::{Tier, Word},
};
use apportion_statement::{RelationId, files::*};
use apportion_verifier::{audit::Scope, report::Exit};

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

fn change(path: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn edit<D: Document>(path: &Path, edit: impl Fn(&mut D)) {
    change(path, |bytes| {
        let mut doc = D::from_json(bytes).unwrap();
        edit(&mut doc);
        *bytes = doc.to_json();
    });
}

#[test]
fn unreadable_or_malformed_files() {
    let ends = |damage: &dyn Fn(&PublicDir)| ends(Exit::Input, damage);
    let proof = |dir: &PublicDir| dir.epoch(3).join("0-1.proof");
    assert!(ends(&|dir| fs::remove_file(proof(dir)).unwrap()).contains("0-1.proof"));
    ends(&|dir| change(&proof(dir), |bytes| bytes.push(0)));
    ends(&|dir| change(&proof(dir), |bytes| _ = bytes.pop()));
    let huge = |path: &Path| fs::File::create(path).unwrap().set_len(1 << 40).unwrap();
    ends(&|dir| huge(&proof(dir)));
    ends(&|dir| huge(&dir.keys().doc(RelationId::Split, Tier::T64)));
    ends(&|dir| huge(&dir.dataset(0).keys().doc(RelationId::Tree, Tier::T64)));
    ends(&|dir| huge(&dir.epoch(3).join("scores.json")));
    let text = ends(&|dir| change(&dir.epoch(3).join("epoch.json"), |bytes| bytes.insert(10, b'x')));
    assert!(text.contains("epoch.json: line "), "{text}");
    // Line ends of a proof, which is no text: the length is wrong, and why is said.
    let text = ends(&|dir| {
        change(&proof(dir), |bytes| {
            let mut honest = bytes.clone();
            honest[100] = b'\n';
            let converted: Vec<u8> =
                honest.iter().flat_map(|b| if *b == b'\n' { vec![13, 10] } else { vec![*b] }).collect();
            edit::<EpochDoc>(&dir.epoch(3).join("epoch.json"), |doc| {
                doc.segments[1].proof.sha256 = sha256(&honest)
            });
            *bytes = converted;
        });
    });
    assert!(text.contains("CRLF"), "{text}");
    // Gaps, entries under another number, documents under another place.
    assert!(ends(&|dir| fs::remove_dir_all(dir.epoch(2)).unwrap()).contains("000002 is missing"));
    ends(&|dir| fs::create_dir(dir.epochs().join("5")).unwrap());
    ends(&|dir| fs::create_dir(dir.epochs().join("000000")).unwrap());
    ends(&|dir| fs::rename(dir.epoch(4), dir.epoch(5)).unwrap());
    ends(&|dir| {
        fs::remove_dir_all(dir.epoch(4)).unwrap();
        fs::rename(dir.epoch(3), dir.epoch(4)).unwrap();
        fs::create_dir(dir.epoch(3)).unwrap();
        fs::copy(dir.epoch(1).join("epoch.json"), dir.epoch(3).join("epoch.json")).unwrap();
    });
    // A proof of the other relation, a document of another suite, of another model, of another setup.
    ends(&|dir| {
        let file = dir.dataset(1).columns(0).join("segment-0.proof");
        let mut blob = ProofBlob::from_bytes(&fs::read(&file).unwrap()).unwrap();
        blob.relation = RelationId::Split;
        fs::write(&file, blob.to_bytes()).unwrap();
        edit::<ColumnsDoc>(&dir.dataset(1).columns(0).join("columns.json"), |doc| {
            doc.columns[0].proof.sha256 = sha256(&blob.to_bytes());
        });
    });
    ends(&|dir| edit::<DatasetDoc>(&dir.dataset(1).dataset(), |doc| doc.suite = SuiteId::Bn254));
    ends(&|dir| edit::<EpochDoc>(&dir.epoch(1).join("epoch.json"), |doc| doc.model_id = Word([7; 32])));
    ends(&|dir| edit::<ScoresDoc>(&dir.epoch(1).join("scores.json"), |doc| doc.epoch = 2));
    ends(&|dir| edit::<EnrolmentDoc>(&dir.dataset(1).enrolment(), |doc| doc.dataset = 0));
    ends(&|dir| edit::<DatasetDoc>(&dir.dataset(1).dataset(), |doc| doc.setup.provenance = "x".into()));
    // A revision lists the segments that it changes, and no others.
    let columns = |dir: &PublicDir| dir.dataset(0).columns(1).join("columns.json");
    ends(&|dir| {
        edit::<ColumnsDoc>(&columns(dir), |doc| _ = doc.columns.pop());
        fs::remove_file(dir.dataset(0).columns(1).join("segment-2.proof")).unwrap();
    });
    ends(&|dir| edit::<ColumnsDoc>(&columns(dir), |doc| doc.columns[0].segment = 0));
    ends(&|dir| edit::<ColumnsDoc>(&columns(dir), |doc| doc.columns.reverse()));
    // A key under another name.
    ends(&|dir| {
        let keys = dir.keys();
        let [small, large] = [Tier::T64, Tier::T1024].map(|tier| keys.doc(RelationId::Split, tier));
        fs::copy(small, large).unwrap();
    });
    ends(&|dir| fs::remove_file(dir.keys().doc(RelationId::Split, Tier::T64)).unwrap());
}

#[test]
fn stowaways_and_links() {
    let ends = |damage: &dyn Fn(&PublicDir)| ends(Exit::Input, damage);
    let stray = |place: &dyn Fn(&PublicDir) -> std::path::PathBuf| {
        let text = ends(&|dir| fs::write(place(dir).join("README.txt"), b"hello").unwrap());
        assert!(text.contains("README.txt"), "{text}");
    };
    stray(&|dir| dir.root().to_owned());
    stray(&|dir| dir.keys().root().to_owned());
    stray(&|dir| dir.policies());
    stray(&|dir| dir.datasets());
    stray(&|dir| dir.dataset(0).root().to_owned());
    stray(&|dir| dir.dataset(0).keys().root().to_owned());
    stray(&|dir| dir.dataset(0).revisions());
    stray(&|dir| dir.dataset(0).revision(1));
    stray(&|dir| dir.dataset(0).columns(1));
    stray(&|dir| dir.epochs());
    stray(&|dir| dir.epoch(2));
    // A proof that no document names.
    ends(&|dir| _ = fs::copy(dir.epoch(1).join("0-0.proof"), dir.epoch(1).join("9-9.proof")).unwrap());
    // Of keys those in use, and on pasta their documents alone.
    let split = |dir: &PublicDir| dir.keys().doc(RelationId::Split, Tier::T64);
    for dataset in [None, Some(0)] {
        let keys = |dir: &PublicDir| dataset.map_or(dir.keys(), |n| dir.dataset(n).keys());
        let relation = if dataset.is_none() { RelationId::Split } else { RelationId::Tree };
        assert!(ends(&|dir| fs::write(keys(dir).setup(), [0; 320]).unwrap()).contains("setup.bin"));
        assert!(ends(&|dir| fs::write(keys(dir).key(relation, Tier::T64), b"key").unwrap()).contains(".vk"));
        let text = ends(&|dir| {
            let file = keys(dir).doc(relation, Tier::T16384);
            let mut doc = KeyDoc::from_json(&fs::read(split(dir)).unwrap()).unwrap();
            (doc.relation, doc.tier) = (relation, Tier::T16384);
            fs::write(file, doc.to_json()).unwrap();
        });
        assert!(text.contains("16384.json") && text.contains("has no place here"), "{text}");
        // Where a tier is in use, its document is of that key.
        ends(&|dir| edit::<KeyDoc>(&keys(dir).doc(relation, Tier::T64), |doc| doc.tier = Tier::T16384));
        ends(&|dir| edit::<KeyDoc>(&keys(dir).doc(relation, Tier::T64), |doc| doc.suite = SuiteId::Bn254));
        ends(&|dir| fs::create_dir(keys(dir).root().join("more")).unwrap());
    }
    // A link in place of a file or directory, even to the same content.
    for place in [
        "epochs/000002/epoch.json",
        "epochs/000002/0-0.proof",
        "epochs/000002",
        "datasets/1",
        "ledger.json",
        "keys",
    ] {
        ends(&|dir| {
            let (here, there) = (dir.root().join(place), dir.root().join(".moved"));
            fs::rename(&here, &there).unwrap();
            symlink(&there, &here).unwrap();
        });
    }
    // Names that begin with a dot are no part of a bundle.
    let temp = tempfile::tempdir().unwrap();
    let dir = PublicDir::new(temp.path());
    World::new().write(&dir);
    let digest = |dir| audit(dir, Scope::Ledger).subject.get("documents_digest").map(str::to_owned);
    let before = digest(&dir);
    fs::write(dir.root().join(".gitattributes"), b"* -text").unwrap();
    fs::create_dir(dir.keys().root().join(".hidden")).unwrap();
    fs::write(dir.keys().root().join(".hidden/epoch.json"), b"{}").unwrap();
    assert!(audit(&dir, Scope::Ledger).valid());
    assert_eq!(digest(&dir), before);
}

#[test]
fn versions_and_keys_that_cannot_be_judged() {
    let ends = |damage: &dyn Fn(&PublicDir)| ends(Exit::NotCheckable, damage);
    ends(&|dir| {
        let file = dir.epoch(1).join("epoch.json");
        let text = fs::read_to_string(&file).unwrap().replace("\"version\": 1", "\"version\": 2");
        fs::write(file, text).unwrap();
    });
    let split = |dir: &PublicDir| dir.keys().doc(RelationId::Split, Tier::T64);
    let text = ends(&|dir| edit::<KeyDoc>(&split(dir), |doc| doc.table_digest = Word([1; 32])));
    assert!(text.contains("table digest") && text.contains("split-64.json"), "{text}");
    assert!(
        ends(&|dir| edit::<KeyDoc>(&split(dir), |doc| doc.key_digest = Word([1; 32]))).contains("key digest")
    );
    assert!(ends(&|dir| edit::<KeyDoc>(&split(dir), |doc| doc.proof_bytes += 1)).contains("proof length"));
    // Of a tier in which nothing moved and nothing is proven yet, too.
    for tree in [false, true] {
        let temp = tempfile::tempdir().unwrap();
        let dir = PublicDir::new(temp.path());
        let mut world = World::empty();
        world.policy(6_000, 1);
        world.dataset(Tier::T64, 3, 1);
        world.write(&dir);
        fs::remove_dir_all(dir.dataset(0).columns(0)).unwrap();
        assert!(audit(&dir, Scope::Ledger).valid());
        let (keys, relation) =
            if tree { (dir.dataset(0).keys(), RelationId::Tree) } else { (dir.keys(), RelationId::Split) };
        edit::<KeyDoc>(&keys.doc(relation, Tier::T64), |doc| doc.key_digest = Word([1; 32]));
        let report = audit(&dir, Scope::Ledger);
        assert_eq!(report.exit(), Exit::NotCheckable, "{report:#?}");
    }
    // Each dataset states its key.
    for n in [0, 1, 2] {
        let tier = if n == 1 { Tier::T1024 } else { Tier::T64 };
        let key = |dir: &PublicDir| dir.dataset(n).keys().doc(RelationId::Tree, tier);
        let text = ends(&|dir| edit::<KeyDoc>(&key(dir), |doc| doc.key_digest = Word([1; 32])));
        assert!(text.contains(&format!("datasets/{n}/")), "{text}");
    }
    let text = ends(&|dir| {
        let file = dir.epoch(1).join("0-0.proof");
        let mut blob = ProofBlob::from_bytes(&fs::read(&file).unwrap()).unwrap();
        blob.key_digest = Word([1; 32]);
        fs::write(&file, blob.to_bytes()).unwrap();
        edit::<EpochDoc>(&dir.epoch(1).join("epoch.json"), |doc| {
            doc.segments[0].proof.sha256 = sha256(&blob.to_bytes());
        });
    });
    assert!(text.contains("another key"), "{text}");
    let insecure = |dir: &PublicDir| {
        edit::<LedgerDoc>(&dir.ledger(), |doc| doc.setup.insecure = true);
        (0..3).for_each(|n| edit::<DatasetDoc>(&dir.dataset(n).dataset(), |doc| doc.setup.insecure = true));
    };
    ends(&insecure);
}

#[test]
fn what_fails_outweighs_what_cannot_be_judged() {
    ends(Exit::Invalid, |dir| {
        edit::<KeyDoc>(&dir.keys().doc(RelationId::Split, Tier::T64), |doc| doc.key_digest = Word([1; 32]));
        edit::<EpochDoc>(&dir.epoch(1).join("epoch.json"), |doc| doc.shares[0].amount.0 += 1);
    });
    ends(Exit::Invalid, |dir| change(&dir.epoch(3).join("0-1.proof"), |bytes| bytes[100] ^= 1));
}

#[test]
fn no_flipped_bit_of_a_document_goes_unnoticed() {
    let temp = tempfile::tempdir().unwrap();
    let dir = PublicDir::new(temp.path());
    World::new().write(&dir);
    let files = [
        dir.epoch(4).join("epoch.json"),
        dir.epoch(4).join("scores.json"),
        dir.dataset(1).enrolment(),
        dir.dataset(0).revision(1).join("revision.json"),
        dir.dataset(0).columns(1).join("columns.json"),
        dir.policy(2),
    ];
    for file in files {
        let honest = fs::read(&file).unwrap();
        let meaning: serde_json::Value = serde_json::from_slice(&honest).unwrap();
        let lower = meaning.to_string().to_lowercase();
        for position in (0..honest.len()).step_by(31) {
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
