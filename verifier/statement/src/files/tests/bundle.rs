//! The one reader of `public/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use apportion_circuits::{field::SuiteId, relation::RelationId, types::Tier};
use tempfile::TempDir;

use crate::files::*;
use crate::samples::{self, columns, enrolment, epoch, policy, put, put_bytes, revision, scores, word};

/// A ledger's `public/` on disk.
struct World {
    root: TempDir,
    dir: PublicDir,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let dir = PublicDir::new(root.path().join("public"));
        samples::write_ledger(&dir);
        Self { root, dir }
    }

    fn read(&self) -> Result<Bundle, InputError> {
        Bundle::read(PublicDir::of_ledger(self.root.path()))
    }

    /// Reading fails, and the message names this file and says this.
    #[track_caller]
    fn refused(&self, file: &Path, says: &str) {
        let error = self.read().map(|_| ()).unwrap_err();
        assert_eq!(error.file, file, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }

    fn dataset(&self) -> DatasetDir {
        self.dir.dataset(0)
    }

    fn revision(&self, n: u32) -> PathBuf {
        self.dataset().revision(n).join("revision.json")
    }

    fn epoch(&self, n: u32) -> PathBuf {
        self.dir.epoch(n).join("epoch.json")
    }
}

#[test]
fn everything_is_read_in_the_order_of_history() {
    let world = World::new();
    let bundle = world.read().unwrap();
    assert_eq!(bundle.ledger, samples::ledger());
    assert_eq!(bundle.policies, [policy(1, 1), policy(2, 4)]);
    let [dataset] = &bundle.datasets[..] else { panic!("one dataset") };
    assert_eq!(dataset.enrolment, enrolment());
    assert_eq!(dataset.retirement, Some(samples::retirement()));
    let revisions: Vec<_> = dataset.dataset.revisions.iter().map(|revision| revision.doc.clone()).collect();
    assert_eq!(revisions, [revision(0), revision(1)]);
    assert_eq!(dataset.dataset.revisions[1].columns, Some(columns(1)));
    let epochs: Vec<_> = bundle.epochs.iter().map(|epoch| epoch.doc.clone()).collect();
    assert_eq!(epochs, [epoch(1), epoch(2)]);
    assert!(bundle.epochs.iter().all(|epoch| epoch.scores_match));
    // `public/` itself will do, and so will a dataset's directory or its `public/`.
    assert!(Bundle::read(PublicDir::of_ledger(world.dir.root())).is_ok());
    let own = world.root.path().join("own");
    samples::write_dataset(&DatasetDir::new(own.join("public")));
    assert_eq!(DatasetBundle::read(DatasetDir::of(&own)).unwrap().doc, samples::dataset());
    assert!(DatasetBundle::read(DatasetDir::of(&own.join("public"))).is_ok());
}

#[test]
fn a_ledger_begins_without_datasets_and_epochs() {
    let world = World::new();
    fs::remove_dir_all(world.dir.datasets()).unwrap();
    fs::remove_dir_all(world.dir.epochs()).unwrap();
    fs::remove_dir_all(world.dir.keys().root()).unwrap();
    let bundle = world.read().unwrap();
    assert!(bundle.datasets.is_empty() && bundle.epochs.is_empty());
    fs::remove_dir_all(world.dir.policies()).unwrap();
    world.refused(&world.dir.policies(), "a ledger has a policy");
}

#[test]
fn columns_and_retirement_may_be_missing() {
    let world = World::new();
    fs::remove_dir_all(world.dataset().columns(1)).unwrap();
    fs::remove_file(world.dataset().retirement()).unwrap();
    let bundle = world.read().unwrap();
    assert_eq!(bundle.datasets[0].dataset.revisions[1].columns, None);
    assert_eq!(bundle.datasets[0].retirement, None);
    fs::remove_dir_all(world.dataset().revisions()).unwrap();
    world.refused(&world.dataset().revisions(), "a dataset has a revision");
}

#[test]
fn a_directory_that_does_not_exist_is_said_to() {
    let none = PathBuf::from("/nowhere/at/all");
    let error = Bundle::read(PublicDir::of_ledger(&none)).map(|_| ()).unwrap_err();
    assert_eq!(error.file, none.join("public/ledger.json"));
    assert!(matches!(error.fault, Fault::Io(_)));
    let error = DatasetBundle::read(DatasetDir::of(&none)).map(|_| ()).unwrap_err();
    assert_eq!(error.file, none.join("public/dataset.json"));
}

#[test]
fn missing_files_are_named() {
    for file in [
        "ledger.json",
        "datasets/0/dataset.json",
        "datasets/0/enrolment.json",
        "datasets/0/revisions/000001/revision.json",
        "datasets/0/revisions/000001/columns/columns.json",
        "epochs/000002/epoch.json",
        "epochs/000002/scores.json",
    ] {
        let world = World::new();
        let path = world.dir.root().join(file);
        fs::remove_file(&path).unwrap();
        // Without `ledger.json` the directory would not be taken for a ledger's `public/`.
        let error = Bundle::read(world.dir.clone()).map(|_| ()).unwrap_err();
        assert_eq!(error.file, path, "{error}");
        assert!(matches!(error.fault, Fault::Io(_)), "{error}");
    }
}

#[test]
fn numbered_entries_have_no_gaps() {
    let world = World::new();
    fs::rename(world.dir.policy(2), world.dir.policy(3)).unwrap();
    world.refused(&world.dir.policy(3), "000002.json is missing before it");
    let world = World::new();
    fs::rename(world.dir.epoch(1), world.dir.epoch(3)).unwrap();
    world.refused(&world.dir.epoch(3), "000001 is missing before it");
    let world = World::new();
    fs::rename(world.dir.datasets().join("0"), world.dir.datasets().join("1")).unwrap();
    world.refused(&world.dir.datasets().join("1"), "0 is missing before it");
    let world = World::new();
    fs::rename(world.dataset().revision(0), world.dataset().revision(2)).unwrap();
    world.refused(&world.dataset().revision(2), "000000 is missing before it");
}

#[test]
fn other_spellings_of_a_number_are_strays() {
    for (of, to) in [
        ("datasets/0", "datasets/00"),
        ("datasets/0", "datasets/+0"),
        ("epochs/000002", "epochs/2"),
        ("epochs/000002", "epochs/0000002"),
        ("policies/000002.json", "policies/000002.JSON"),
        ("datasets/0/revisions/000001", "datasets/0/revisions/1"),
        ("keys/split-64.json", "keys/split-064.json"),
        ("keys/split-64.json", "keys/split-+64.json"),
        ("keys/split-64.json", "keys/tree-64.json"),
        ("keys/split-64.json", "keys/split-65.json"),
        ("datasets/0/keys/tree-64.json", "datasets/0/keys/split-64.json"),
    ] {
        let world = World::new();
        let to = world.dir.root().join(to);
        fs::rename(world.dir.root().join(of), &to).unwrap();
        world.refused(&to, "has no place here");
    }
}

/// Every directory of a ledger's `public/`.
const DIRECTORIES: [&str; 11] = [
    "",
    "keys",
    "policies",
    "datasets",
    "datasets/0",
    "datasets/0/keys",
    "datasets/0/revisions",
    "datasets/0/revisions/000001",
    "datasets/0/revisions/000001/columns",
    "epochs",
    "epochs/000002",
];

#[test]
fn stray_entries_are_refused_everywhere() {
    for directory in DIRECTORIES {
        for name in ["README.txt", "0-9.proof", "000007", "Ledger.json", "ledger.json~"] {
            let world = World::new();
            let path = world.dir.root().join(directory).join(name);
            put_bytes(&path, b"stray");
            world.refused(&path, "has no place here");
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
            world.refused(&path, "has no place here");
        }
    }
}

#[test]
fn names_that_begin_with_a_dot_are_ignored() {
    let world = World::new();
    for directory in DIRECTORIES {
        let directory = world.dir.root().join(directory);
        // As a command leaves it while it writes, or a file manager.
        put_bytes(&directory.join(".tmp-epoch.json"), b"{ half a docu");
        fs::create_dir(directory.join(".making")).unwrap();
        put_bytes(&directory.join(".DS_Store"), &[0; 10]);
    }
    assert!(world.read().is_ok());
}

#[cfg(unix)]
#[test]
fn links_and_special_files_are_refused_everywhere() {
    use std::os::unix::{fs::symlink, net::UnixListener};
    for directory in DIRECTORIES {
        let world = World::new();
        let directory = world.dir.root().join(directory);
        let link = directory.join("link");
        symlink("/dev/zero", &link).unwrap();
        world.refused(&link, "a link or special file has no place here");
        fs::remove_file(&link).unwrap();
        let socket = directory.join("s");
        let _listener = UnixListener::bind(&socket).unwrap();
        world.refused(&socket, "a link or special file has no place here");
    }
    // In the place of something that belongs there, too.
    for file in [
        "ledger.json",
        "keys/split-64.json",
        "policies/000001.json",
        "datasets/0",
        "datasets/0/enrolment.json",
        "datasets/0/revisions/000000",
        "datasets/0/revisions/000000/columns/segment-0.proof",
        "epochs/000001/epoch.json",
        "epochs/000001/scores.json",
        "epochs/000001/0-0.proof",
    ] {
        let world = World::new();
        let path = world.dir.root().join(file);
        let elsewhere = world.root.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        let error = Bundle::read(world.dir.clone()).map(|_| ()).unwrap_err();
        assert_eq!(error.file, path);
        assert!(error.to_string().contains("a link or special file"), "{error}");
    }
}

#[test]
fn directories_in_the_place_of_files_are_refused_and_the_other_way_round() {
    for file in ["ledger.json", "policies/000001.json", "epochs/000001/scores.json"] {
        let world = World::new();
        let path = world.dir.root().join(file);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let error = Bundle::read(world.dir.clone()).map(|_| ()).unwrap_err();
        assert_eq!(error.file, path);
        assert!(matches!(error.fault, Fault::NotAFile), "{error}");
    }
    for directory in ["keys", "policies", "datasets", "epochs", "datasets/0/revisions"] {
        let world = World::new();
        let path = world.dir.root().join(directory);
        fs::remove_dir_all(&path).unwrap();
        put_bytes(&path, b"{}");
        world.refused(&path, "");
    }
}

#[test]
fn documents_of_another_place_are_refused() {
    let world = World::new;
    let other = word(99);

    let w = world();
    put(&w.dir.policy(2), &policy(1, 4));
    w.refused(&w.dir.policy(2), "the policy is not that of the file");
    put(&w.dir.policy(2), &PolicyDoc { model_id: other, ..policy(2, 4) });
    w.refused(&w.dir.policy(2), "of another model");

    let w = world();
    put(&w.dataset().dataset(), &DatasetDoc { suite: SuiteId::Bn254, ..samples::dataset() });
    w.refused(&w.dataset().dataset(), "of another suite than the ledger");
    let setup = SetupDoc { insecure: true, ..samples::dataset().setup };
    put(&w.dataset().dataset(), &DatasetDoc { setup, ..samples::dataset() });
    w.refused(&w.dataset().dataset(), "of another setup than the ledger");

    let w = world();
    put(&w.revision(1), &RevisionDoc { revision: 2, ..revision(1) });
    w.refused(&w.revision(1), "the revision is not that of the directory");
    put(&w.revision(1), &RevisionDoc { dataset_id: other, ..revision(1) });
    w.refused(&w.revision(1), "of another dataset");

    let w = world();
    let path = w.dataset().columns(1).join("columns.json");
    put(&path, &columns(0));
    w.refused(&path, "the revision is not that of the directory");
    put(&path, &ColumnsDoc { dataset_id: other, ..columns(1) });
    w.refused(&path, "of another dataset");

    let w = world();
    let path = w.dataset().enrolment();
    put(&path, &EnrolmentDoc { dataset: 1, ..enrolment() });
    w.refused(&path, "the dataset is not that of the directory");
    put(&path, &EnrolmentDoc { dataset_id: other, ..enrolment() });
    w.refused(&path, "of another dataset");
    put(&path, &EnrolmentDoc { model_id: other, ..enrolment() });
    w.refused(&path, "of another model");

    let w = world();
    let path = w.dataset().retirement();
    put(&path, &RetirementDoc { dataset: 1, ..samples::retirement() });
    w.refused(&path, "the dataset is not that of the directory");
    put(&path, &RetirementDoc { model_id: other, ..samples::retirement() });
    w.refused(&path, "of another model");

    let w = world();
    put(&w.epoch(2), &epoch(1));
    w.refused(&w.epoch(2), "the epoch is not that of the directory");
    put(&w.epoch(2), &EpochDoc { suite: SuiteId::Bn254, ..epoch(2) });
    w.refused(&w.epoch(2), "of another suite than the ledger");
    put(&w.epoch(2), &EpochDoc { model_id: other, ..epoch(2) });
    w.refused(&w.epoch(2), "of another model");

    let w = world();
    let path = w.dir.epoch(2).join(PublicDir::scores());
    put(&path, &scores(1));
    w.refused(&path, "scores of another epoch");
    put(&path, &ScoresDoc { suite: SuiteId::Bn254, ..scores(2) });
    w.refused(&path, "of another suite than the ledger");
    put(&path, &ScoresDoc { model_id: other, ..scores(2) });
    w.refused(&path, "of another model");
}

#[test]
fn files_have_the_names_of_their_places() {
    let w = World::new();
    let mut doc = epoch(1);
    doc.segments[1].proof.file = doc.segments[0].proof.file.clone();
    put(&w.epoch(1), &doc);
    w.refused(&w.epoch(1), "names the file 0-0.proof, whose name must be 0-1.proof");
    let mut doc = epoch(1);
    doc.scores.file = "posted.json".parse().unwrap();
    put(&w.epoch(1), &doc);
    w.refused(&w.epoch(1), "names the file posted.json, whose name must be scores.json");
    let w = World::new();
    let path = w.dataset().columns(0).join("columns.json");
    let mut doc = columns(0);
    doc.columns[0].proof.file = "segment-1.proof".parse().unwrap();
    put(&path, &doc);
    w.refused(&path, "names the file segment-1.proof, whose name must be segment-0.proof");
}

#[test]
fn scores_that_are_not_the_epochs_are_noticed() {
    let world = World::new();
    let path = world.dir.epoch(1).join(PublicDir::scores());
    put(&path, &ScoresDoc { total_score: Amount(15), ..scores(1) });
    assert!(!world.read().unwrap().epochs[0].scores_match);
    // White space counts too: the file's bytes are named.
    put_bytes(&path, &[&scores(1).to_json()[..], b"\n"].concat());
    assert!(!world.read().unwrap().epochs[0].scores_match);
}

#[test]
fn a_document_of_another_version_is_not_checkable() {
    let world = World::new();
    put_bytes(&world.epoch(1), br#"{"version": 2}"#);
    let error = world.read().map(|_| ()).unwrap_err();
    assert!(error.fault.is_version() && error.file == world.epoch(1), "{error}");
}

#[test]
fn a_ledgers_copy_has_more_files_than_a_datasets_own() {
    let world = World::new();
    assert!(DatasetBundle::read(DatasetDir::new(world.root.path())).is_err());
    let own = DatasetDir::new(world.root.path().join("own"));
    samples::write_dataset(&own);
    put(&own.enrolment(), &enrolment());
    let error = DatasetBundle::read(own.clone()).map(|_| ()).unwrap_err();
    assert_eq!(error.file, own.enrolment());
}

#[test]
fn the_policy_in_force_is_the_newest_that_has_begun() {
    let mut bundle = samples::bundle();
    let in_force = |bundle: &Bundle, epoch| bundle.policy_in(epoch).map(|policy| policy.policy);
    for (epoch, expected) in [(0, None), (1, Some(1)), (3, Some(1)), (4, Some(2)), (u32::MAX, Some(2))] {
        assert_eq!(in_force(&bundle, epoch), expected, "{epoch}");
    }
    // Announced anew for the same epoch: the later word counts.
    bundle.policies.push(policy(3, 4));
    assert_eq!(in_force(&bundle, 4), Some(3));
    // Announced for an earlier epoch: the one before never comes into force.
    bundle.policies.push(policy(4, 2));
    assert_eq!(
        (in_force(&bundle, 1), in_force(&bundle, 2), in_force(&bundle, 9)),
        (Some(1), Some(4), Some(4))
    );
}

#[test]
fn a_revision_changes_the_segments_whose_roots_differ() {
    let dataset = &samples::bundle().datasets[0].dataset;
    assert_eq!(dataset.newest(), &revision(1));
    assert_eq!(
        (dataset.changed(0), dataset.changed(1), dataset.changed(2)),
        (vec![0, 1], vec![1, 2], vec![])
    );
    let changed_in = |segment| (dataset.changed_in(segment, 0), dataset.changed_in(segment, 1));
    assert_eq!(changed_in(0), (Some(0), Some(0)));
    assert_eq!(changed_in(1), (Some(0), Some(1)));
    assert_eq!(changed_in(2), (None, Some(1)));
}

#[test]
fn keys_in_use_have_a_place_and_no_others() {
    let world = World::new();
    let split = |tier| world.dir.keys().doc(RelationId::Split, tier);
    let key = KeyDoc::read(&split(Tier::T64)).unwrap();
    // Of a tier that no dataset has, and under the name of one that one has.
    put(&split(Tier::T1024), &KeyDoc { tier: Tier::T1024, ..key.clone() });
    world.refused(&split(Tier::T1024), "has no place here");
    fs::remove_file(split(Tier::T1024)).unwrap();
    for other in [
        KeyDoc { tier: Tier::T1024, ..key.clone() },
        KeyDoc { suite: SuiteId::Bn254, ..key.clone() },
        KeyDoc { relation: RelationId::Tree, ..key.clone() },
    ] {
        put(&split(Tier::T64), &other);
        world.refused(&split(Tier::T64), "the key of another suite, relation or tier");
    }
    put(&split(Tier::T64), &key);
    // Pasta has neither keys nor a setup to be written down.
    for stray in [world.dir.keys().setup(), world.dir.keys().key(RelationId::Split, Tier::T64)] {
        put_bytes(&stray, b"key");
        world.refused(&stray, "has no place here");
        fs::remove_file(stray).unwrap();
    }
    assert!(world.read().is_ok());
}

#[test]
fn on_bn254_keys_stand_beside_their_documents() {
    let root = tempfile::tempdir().unwrap();
    let dir = DatasetDir::new(root.path());
    samples::write_dataset(&dir);
    put(&dir.dataset(), &DatasetDoc { suite: SuiteId::Bn254, ..samples::dataset() });
    let (path, key) =
        (dir.keys().doc(RelationId::Tree, Tier::T64), dir.keys().key(RelationId::Tree, Tier::T64));
    let doc = KeyDoc { suite: SuiteId::Bn254, ..KeyDoc::read(&path).unwrap() };
    put(&path, &doc);
    let refused = |file: &Path, says: &str| {
        let error = DatasetBundle::read(dir.clone()).map(|_| ()).unwrap_err();
        assert_eq!(error.file, file, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    };
    refused(&key, "is missing");
    put_bytes(&key, b"key");
    put_bytes(&dir.keys().setup(), b"setup");
    assert!(DatasetBundle::read(dir.clone()).is_ok());
    fs::remove_file(&path).unwrap();
    refused(&path, "is missing");
    // Before anything is proven there is neither.
    fs::remove_file(&key).unwrap();
    assert!(DatasetBundle::read(dir.clone()).is_ok());
    put_bytes(&dir.keys().key(RelationId::Tree, Tier::T1024), b"key");
    refused(&dir.keys().key(RelationId::Tree, Tier::T1024), "has no place here");
}
