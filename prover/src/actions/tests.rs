//! The owner's, developer's and attributor's steps up to posted scores, and each of them taken back.

use std::path::Path;

use apportion_circuits::types::{ContentDigest, Payee, Record, Tier};
use apportion_statement::files::{Bundle, PublicDir};
use apportion_suite::{Pasta, params::ParamsCache};

use super::{
    dataset::{self, Extended, NewDataset, Wanted},
    enroll::{Enrolled, enroll},
    init::{NewLedger, init},
    policy, retire,
    scores::{self, DatasetFile, Posted},
    status::status,
    undo::{Step, undo},
};
use crate::{
    Error,
    dataset_dir::OwnDataset,
    input::{RecordsFile, read_scores},
    ledger::{Ledger, files::copy_secrets},
    progress::Silent,
    setup::Choice,
};

fn records(range: std::ops::Range<u8>) -> Vec<Record> {
    range.map(|i| Record { payee: Payee([i + 1; 20]), content: ContentDigest([i + 1; 32]) }).collect()
}

fn file(records: Vec<Record>) -> RecordsFile {
    let lines = (2..).take(records.len()).collect();
    RecordsFile { recipients: vec![None; records.len()], records, lines }
}

struct World {
    dir: tempfile::TempDir,
    cache: ParamsCache,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let cache = ParamsCache::new(std::env::temp_dir().join("apportion-test-params"));
        Self { dir, cache }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    fn commit(&self, name: &str, records: Vec<Record>) -> Result<dataset::Committed, Error> {
        let new = NewDataset { recipients: vec![None; records.len()], records, ..NewDataset::default() };
        dataset::commit::<Pasta>(new, Tier::T64, None, &self.cache, Choice::Any, &self.path(name))
    }

    fn prove(&self, name: &str) -> dataset::Proven {
        let own = OwnDataset::open(&self.path(name)).unwrap();
        dataset::prove::<Pasta>(&own, &self.cache, &Silent).unwrap()
    }

    fn extend(&self, name: &str, records: Vec<Record>, append: bool) -> Result<Extended, Error> {
        dataset::extend::<Pasta>(&OwnDataset::open(&self.path(name))?, file(records), append)
    }

    fn init(&self) {
        let text = "contributors_bps = 10000\n";
        let new = NewLedger {
            model: "m".into(),
            policy: apportion_statement::policy::Policy::from_toml(text).unwrap(),
            chain_id: 0,
            contract: Payee::default(),
            developer: Payee::default(),
        };
        init::<Pasta>(&self.path("ledger"), new, None, &self.cache, Choice::Any).unwrap();
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.path("ledger")).unwrap()
    }

    fn enroll(&self, name: &str) -> Result<Enrolled, Error> {
        let own = OwnDataset::read(&self.path(name))?;
        enroll::<Pasta>(&self.ledger(), &own, false, &self.cache, &Silent)
    }

    fn scores(
        &self,
        text: &str,
        out: &str,
        seed: &Path,
    ) -> Result<apportion_statement::files::ScoresDoc, Error> {
        let path = self.path("scores.csv");
        std::fs::write(&path, text).unwrap();
        let bundle = Bundle::read(PublicDir::of_ledger(&self.path("ledger")))?;
        let (seed, _) = scores::seed_at(seed)?;
        let file = DatasetFile { dataset: None, path };
        let scores = scores::read_all(&bundle, 1, &[file], &[], |_| None)?;
        scores::commit::<Pasta>(&bundle, 1, &scores, &seed, &self.cache, &self.path(out), &Silent)
    }
}

fn score_file(count: usize, score: impl Fn(usize) -> u64) -> String {
    let rows = (0..count).map(|i| format!("{i},{}\n", score(i)));
    ["record,score\n".to_owned()].into_iter().chain(rows).collect()
}

#[test]
fn a_dataset_grows_and_a_ledger_takes_it_step_by_step() {
    let world = World::new();
    world.commit("dataset", records(0..60)).unwrap();
    assert!(matches!(world.commit("dataset", records(0..60)), Err(Error::Ledger(_))));
    world.init();
    let refused = world.enroll("dataset").unwrap_err().to_string();
    assert!(refused.contains("no proven columns"), "{refused}");
    assert_eq!(world.prove("dataset").segments, 1);
    assert_eq!(world.prove("dataset").segments, 0);
    let enrolled = world.enroll("dataset").unwrap();
    assert_eq!((enrolled.doc.dataset, enrolled.records, enrolled.renewed), (0, 60, false));
    let refused = world.enroll("dataset").unwrap_err().to_string();
    assert!(refused.contains("enrolled already"), "{refused}");

    // What an extension may not do.
    let mut swapped = records(0..70);
    swapped.swap(3, 4);
    let mut paid_elsewhere = records(0..70);
    paid_elsewhere[7].payee = Payee([99; 20]);
    for (list, append, says) in [
        (records(0..60), false, "nothing to append"),
        (records(0..59), false, "missing"),
        (swapped, false, "record 3 stands at 4"),
        (paid_elsewhere, false, "keeps its payee for good"),
        (records(58..70), true, "2 of 12 records stand in the dataset already"),
        (records(60..70), false, "is not in this list"),
    ] {
        let refused = world.extend("dataset", list, append).unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
    }
    // Over the border between two segments.
    let Extended::Revision { doc, appended, changed } =
        world.extend("dataset", records(60..70), true).unwrap()
    else {
        panic!("no revision")
    };
    assert_eq!((doc.revision, doc.records, appended, changed), (1, 70, 10, 2));
    assert_eq!(world.prove("dataset").segments, 2);
    let enrolled = world.enroll("dataset").unwrap();
    assert_eq!((enrolled.revision, enrolled.records, enrolled.renewed), (1, 70, true));

    // The columns are those of the records and masks at hand.
    let ledger = world.ledger();
    for id in ledger.history.taking_part(1) {
        for payees in ledger.history.payees(id) {
            let column =
                ledger.payee_column::<<Pasta as apportion_suite::Suite>::F>(id, payees.revision).unwrap();
            assert_eq!(column.slots(), 64);
        }
    }
    assert_eq!(ledger.records(0).unwrap(), records(0..70));
    let status = status(&ledger).unwrap();
    assert_eq!((status.next_epoch, status.missing_count, status.datasets[0].records), (1, 0, 70));
    drop(ledger);

    // A copy of the old directory is not the newest.
    world.commit("other", records(0..70)).unwrap();
    world.prove("other");
    let refused = world.enroll("other").unwrap_err().to_string();
    assert!(refused.contains("70 of 70 records are in dataset 0 already"), "{refused}");

    // Scores: positional, derived, only positive sums.
    let seed = world.path("attributor.seed");
    let refused = world.scores(&score_file(70, |_| 0), "s", &seed).unwrap_err().to_string();
    assert!(refused.contains("all scores are 0"), "{refused}");
    let doc = world.scores(&score_file(70, |i| u64::from(i < 62) * 5), "s1", &seed).unwrap();
    assert_eq!((doc.segments.len(), doc.total_score.0), (1, 310));
    assert_eq!(doc.segments[0].revision, 1);
    // The same seed and scores give the same commitment; other scores another mask.
    let again = world.scores(&score_file(70, |i| u64::from(i < 62) * 5), "s2", &seed).unwrap();
    assert_eq!(again, doc);
    let ledger = world.ledger();
    let posted = Posted::read(&world.path("s1"), &ledger, 1).unwrap();
    let opening =
        posted.opening::<<Pasta as apportion_suite::Suite>::F>(&ledger, doc.segments[0].id()).unwrap();
    assert_eq!(opening.values()[..2], [5, 5]);
}

#[test]
fn a_ledger_takes_what_continues_the_revision_that_it_has_and_nothing_else() {
    let world = World::new();
    world.commit("dataset", records(0..70)).unwrap();
    world.prove("dataset");
    world.init();
    world.enroll("dataset").unwrap();
    copy_secrets(&world.path("dataset"), &world.path("old")).unwrap();
    // Segment 0 is full and stays as it is proven.
    let first = world.path("dataset/public/revisions/000000/columns/segment-0.proof");
    let proven = std::fs::read(&first).unwrap();
    let grown = world.extend("dataset", records(70..80), true).unwrap();
    assert!(matches!(grown, Extended::Revision { changed: 1, appended: 10, .. }), "{grown:?}");
    assert_eq!(world.prove("dataset").segments, 1);
    assert_eq!(std::fs::read(&first).unwrap(), proven);
    world.enroll("dataset").unwrap();

    let refused = || world.enroll("old").unwrap_err().to_string();
    assert!(refused().contains("names another revision than the newest"), "{}", refused());
    // Grown from the older copy by other records: the same numbers, and another dataset.
    for range in [90..95, 95..100] {
        world.extend("old", records(range), true).unwrap();
        world.prove("old");
        assert!(refused().contains("does not continue dataset 0: revision 1"), "{}", refused());
    }
    assert_eq!(world.ledger().bundle.datasets[0].dataset.newest().records, 80);
}

/// Whoever hands over records may have made them by other means.
#[test]
fn records_of_nobody_are_neither_proven_nor_enrolled() {
    let world = World::new();
    world.init();
    for (name, proven) in [("proven", true), ("unproven", false)] {
        world.commit(name, records(0..5)).unwrap();
        if proven {
            world.prove(name);
        }
        let own = OwnDataset::read(&world.path(name)).unwrap();
        let mut nobody = own.records().unwrap();
        nobody[3].payee = Payee::default();
        own.licence.write_records(&own.bundle.doc, nobody).unwrap();
    }
    let refused = world.enroll("proven").unwrap_err().to_string();
    assert!(refused.contains("record 3 has the zero address as payee"), "{refused}");
    let own = OwnDataset::open(&world.path("unproven")).unwrap();
    let refused = dataset::prove::<Pasta>(&own, &world.cache, &Silent).unwrap_err().to_string();
    assert!(refused.contains("record 3 has the zero address as payee"), "{refused}");
}

#[test]
fn every_step_can_be_taken_back_and_nothing_is_deleted() {
    let world = World::new();
    world.commit("dataset", records(0..3)).unwrap();
    world.prove("dataset");
    world.init();
    world.enroll("dataset").unwrap();
    let ledger = world.ledger();
    assert!(undo(&ledger, Step::Epoch, None).is_err());
    assert!(undo(&ledger, Step::Policy, None).is_err());
    assert!(undo(&ledger, Step::Retirement, None).is_err());
    let terms = apportion_statement::policy::Policy::from_toml(
        "contributors_bps = 9000\n[[beneficiaries]]\nname = \"d\"\nbps = 1000\naddress = \
         \"0x1111111111111111111111111111111111111111\"\n",
    )
    .unwrap();
    assert!(policy::announce(&ledger, terms.clone(), 1).is_err());
    policy::announce(&ledger, terms.clone(), 3).unwrap();
    drop(ledger);
    let ledger = world.ledger();
    assert_eq!(ledger.policy(2).unwrap().policy, 1);
    assert_eq!(ledger.policy(3).unwrap().policy, 2);
    assert!(policy::announce(&ledger, terms, 3).is_err());
    undo(&ledger, Step::Policy, Some(2)).unwrap();
    assert!(retire::retire(&ledger, 0, 1).is_err());
    retire::retire(&ledger, 0, 2).unwrap();
    drop(ledger);
    let ledger = world.ledger();
    assert_eq!(ledger.bundle.policies.len(), 1);
    assert!(retire::retire(&ledger, 0, 3).is_err());
    undo(&ledger, Step::Retirement, None).unwrap();
    drop(ledger);
    undo(&world.ledger(), Step::Enrolment, None).unwrap();
    assert!(world.ledger().bundle.datasets.is_empty());
    let undone = world.ledger().private.undone();
    assert!(undone.join("dataset-0-1/licence/records.bin").exists());
    assert_eq!(std::fs::read_dir(undone).unwrap().count(), 3);
    world.enroll("dataset").unwrap();
}

#[test]
fn what_is_missing_is_explained() {
    let world = World::new();
    world.init();
    let private = world.path("ledger/private");
    let seed = std::fs::read(private.join("seed")).unwrap();
    std::fs::remove_file(private.join("seed")).unwrap();
    let error = Ledger::open(&world.path("ledger")).unwrap_err().to_string();
    assert!(error.contains("seed is missing") && error.contains("recover"), "{error}");
    let other = apportion_secrets::Seed::generate(&mut rand_core::OsRng).unwrap();
    other.write_new(&private.join("seed")).unwrap();
    let error = Ledger::open(&world.path("ledger")).unwrap_err().to_string();
    assert!(error.contains("of another ledger"), "{error}");
    std::fs::remove_dir_all(&private).unwrap();
    let error = Ledger::open(&world.path("ledger")).unwrap_err().to_string();
    assert!(error.contains("private is missing") && error.contains("restore"), "{error}");
    // Reading goes on, and says what is missing.
    let ledger = Ledger::read(&world.path("ledger")).unwrap();
    assert_eq!(status(&ledger).unwrap().missing_count, 1);
    std::fs::create_dir(&private).unwrap();
    std::fs::write(private.join("seed"), seed).unwrap();
    Ledger::open(&world.path("ledger")).unwrap();
}

#[test]
fn reading_goes_on_while_another_command_writes() {
    let world = World::new();
    world.init();
    let held = world.ledger();
    Ledger::read(&world.path("ledger")).unwrap();
    let refused = Ledger::open(&world.path("ledger")).unwrap_err().to_string();
    assert!(
        refused.contains("is working in") && refused.contains(&std::process::id().to_string()),
        "{refused}"
    );
    drop(held);
    world.ledger();
}

#[test]
fn a_records_path_leads_to_the_root() {
    let world = World::new();
    world.commit("dataset", records(0..5)).unwrap();
    let own = OwnDataset::read(&world.path("dataset")).unwrap();
    let doc = dataset::receipt::<Pasta>(&own, Wanted::Record(3)).unwrap();
    assert_eq!(dataset::receipt::<Pasta>(&own, Wanted::Content(ContentDigest([4; 32]))).unwrap(), doc);
    assert_eq!((doc.index, doc.payee, doc.siblings.len()), (3, Payee([4; 20]), 3));
    assert!(dataset::receipt::<Pasta>(&own, Wanted::Record(5)).is_err());
    assert!(dataset::receipt::<Pasta>(&own, Wanted::Content(ContentDigest([9; 32]))).is_err());
}

#[test]
fn scores_of_too_many_records_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scores.csv");
    std::fs::write(&path, score_file(4, |_| 1)).unwrap();
    assert!(read_scores(&path, 3, None).is_err());
}
