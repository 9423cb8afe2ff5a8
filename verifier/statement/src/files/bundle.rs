//! The one reader of `public/`: every document of a ledger or dataset, each read once, in the order of history.
//!
//! Entries are numbered without gaps; names that begin with a dot are no part of a bundle, and ignored; any other entry, a symbolic link or a
//! special file is an error: a history with a hole or a stowaway cannot be replayed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use apportion_circuits::{field::SuiteId, relation::RelationId, types::Tier};

use super::{
    ColumnsDoc, DatasetDir, DatasetDoc, Document, EnrolmentDoc, EpochDoc, EpochSegment, Fault, FileName,
    InputError, KeyDoc, KeysDir, LedgerDoc, PolicyDoc, ProvenColumn, PublicDir, RetirementDoc, RevisionDoc,
    ScoresDoc, read_file, sha256,
};

/// The most entries of a directory that are read.
const MAX_ENTRIES: usize = 1 << 20;

/// A ledger's public files.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Where they are.
    pub dir: PublicDir,
    /// What the ledger is.
    pub ledger: LedgerDoc,
    /// Its policies, in order.
    pub policies: Vec<PolicyDoc>,
    /// Its datasets, by number.
    pub datasets: Vec<EnrolledDataset>,
    /// Its epochs, in order.
    pub epochs: Vec<Epoch>,
}

/// A dataset's public files.
#[derive(Clone, Debug)]
pub struct DatasetBundle {
    /// Where they are.
    pub dir: DatasetDir,
    /// What the dataset is.
    pub doc: DatasetDoc,
    /// Its revisions, oldest first.
    pub revisions: Vec<Revision>,
}

/// A revision's public files.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The revision.
    pub doc: RevisionDoc,
    /// Its proven columns; absent until `dataset prove` made them.
    pub columns: Option<ColumnsDoc>,
}

/// A dataset that takes part in a ledger.
#[derive(Clone, Debug)]
pub struct EnrolledDataset {
    /// The ledger's copy of the dataset.
    pub dataset: DatasetBundle,
    /// Since when it takes part.
    pub enrolment: EnrolmentDoc,
    /// Until when.
    pub retirement: Option<RetirementDoc>,
}

/// An epoch's public files.
#[derive(Clone, Debug)]
pub struct Epoch {
    /// Money and moves.
    pub doc: EpochDoc,
    /// What the attributor posted.
    pub scores: ScoresDoc,
    /// Whether `scores.json` is the file that `epoch.json` names.
    pub scores_match: bool,
}

impl Bundle {
    /// Reads a ledger's `public/`.
    pub fn read(dir: PublicDir) -> Result<Self, InputError> {
        let top = Listing::of(dir.root())?;
        top.only(&["ledger.json", "keys", "policies", "datasets", "epochs"])?;
        let ledger = LedgerDoc::read(&dir.ledger())?;
        // A key is written after the dataset that it is for.
        let keys = Listing::of(dir.keys().root())?;
        // What is made last is read first: an epoch that is there has its datasets and policies, whoever else writes.
        let mut epochs = Vec::new();
        for n in Listing::of(&dir.epochs())?.numbered(1, |n| format!("{n:06}"))? {
            epochs.push(Epoch::read(&dir, n, &ledger)?);
        }
        let mut datasets = Vec::new();
        for n in Listing::of(&dir.datasets())?.numbered(0, |n| n.to_string())? {
            datasets.push(EnrolledDataset::read(dir.dataset(n), n, &ledger)?);
        }
        let tiers = datasets.iter().map(|enrolled| enrolled.dataset.doc.tier).collect();
        check_keys(&keys, &dir.keys(), RelationId::Split, ledger.suite, &tiers)?;
        let mut policies = Vec::new();
        for n in Listing::of(&dir.policies())?.numbered(1, |n| format!("{n:06}.json"))? {
            let path = dir.policy(n);
            let doc = PolicyDoc::read(&path)?;
            expect(&path, doc.policy == n, "the policy is not that of the file")?;
            expect(&path, doc.model_id == ledger.model_id, "of another model")?;
            policies.push(doc);
        }
        expect(&dir.policies(), !policies.is_empty(), "a ledger has a policy")?;
        Ok(Self { dir, ledger, policies, datasets, epochs })
    }

    /// The policy that is in force in an epoch: the newest that was announced to begin by then.
    pub fn policy_in(&self, epoch: u32) -> Option<&PolicyDoc> {
        self.policies.iter().rev().find(|policy| policy.first_epoch <= epoch)
    }
}

impl DatasetBundle {
    /// Reads a dataset's public directory of its own.
    pub fn read(dir: DatasetDir) -> Result<Self, InputError> {
        Listing::of(dir.root())?.only(&["dataset.json", "keys", "revisions"])?;
        Self::read_inside(dir, None)
    }

    fn read_inside(dir: DatasetDir, ledger: Option<&LedgerDoc>) -> Result<Self, InputError> {
        let path = dir.dataset();
        let doc = DatasetDoc::read(&path)?;
        if let Some(ledger) = ledger {
            expect(&path, doc.suite == ledger.suite, "of another suite than the ledger")?;
            expect(&path, doc.setup == ledger.setup, "of another setup than the ledger")?;
        }
        let keys = Listing::of(dir.keys().root())?;
        check_keys(&keys, &dir.keys(), RelationId::Tree, doc.suite, &BTreeSet::from([doc.tier]))?;
        let mut revisions = Vec::new();
        for n in Listing::of(&dir.revisions())?.numbered(0, |n| format!("{n:06}"))? {
            let root = dir.revision(n);
            let listing = Listing::of(&root)?;
            listing.only(&["revision.json", "columns"])?;
            let path = root.join("revision.json");
            let revision = RevisionDoc::read(&path)?;
            expect(&path, revision.revision == n, "the revision is not that of the directory")?;
            expect(&path, revision.dataset_id == doc.dataset_id, "of another dataset")?;
            let columns = if listing.has("columns") {
                let root = dir.columns(n);
                let path = root.join("columns.json");
                let listing = Listing::of(&root)?;
                let columns = ColumnsDoc::read(&path)?;
                expect(&path, columns.revision == n, "the revision is not that of the directory")?;
                expect(&path, columns.dataset_id == doc.dataset_id, "of another dataset")?;
                let due = |column: &ProvenColumn| DatasetDir::enroll_proof(column.segment);
                named(&path, columns.columns.iter().map(|column| (&column.proof.file, due(column))))?;
                let allowed = columns.columns.iter().map(|column| column.proof.file.as_str());
                listing.only(&allowed.chain(["columns.json"]).collect::<Vec<_>>())?;
                Some(columns)
            } else {
                None
            };
            revisions.push(Revision { doc: revision, columns });
        }
        expect(&dir.revisions(), !revisions.is_empty(), "a dataset has a revision")?;
        Ok(Self { dir, doc, revisions })
    }

    /// The newest revision.
    pub fn newest(&self) -> &RevisionDoc {
        // Never empty: the reader and whoever makes one see to it.
        &self.revisions[self.revisions.len() - 1].doc
    }

    /// The segments whose roots a revision changed, in order.
    pub fn changed(&self, revision: u32) -> Vec<u32> {
        let Some(new) = self.revisions.get(revision as usize) else { return Vec::new() };
        let before = revision.checked_sub(1).and_then(|before| self.revisions.get(before as usize));
        let before = before.map_or(&[][..], |before| &before.doc.roots);
        (0u32..)
            .zip(&new.doc.roots)
            .filter(|(segment, root)| before.get(*segment as usize) != Some(root))
            .map(|(segment, _)| segment)
            .collect()
    }

    /// The revision in which a segment's root last changed, as of a revision.
    pub fn changed_in(&self, segment: u32, revision: u32) -> Option<u32> {
        (0..=revision).rev().find(|revision| self.changed(*revision).contains(&segment))
    }
}

impl EnrolledDataset {
    fn read(dir: DatasetDir, n: u32, ledger: &LedgerDoc) -> Result<Self, InputError> {
        let listing = Listing::of(dir.root())?;
        listing.only(&["dataset.json", "keys", "revisions", "enrolment.json", "retirement.json"])?;
        let dataset = DatasetBundle::read_inside(dir, Some(ledger))?;
        let path = dataset.dir.enrolment();
        let enrolment = EnrolmentDoc::read(&path)?;
        expect(&path, enrolment.dataset == n, "the dataset is not that of the directory")?;
        expect(&path, enrolment.dataset_id == dataset.doc.dataset_id, "of another dataset")?;
        expect(&path, enrolment.model_id == ledger.model_id, "of another model")?;
        let path = dataset.dir.retirement();
        let retirement = if listing.has("retirement.json") {
            let retirement = RetirementDoc::read(&path)?;
            expect(&path, retirement.dataset == n, "the dataset is not that of the directory")?;
            expect(&path, retirement.model_id == ledger.model_id, "of another model")?;
            Some(retirement)
        } else {
            None
        };
        Ok(Self { dataset, enrolment, retirement })
    }
}

impl Epoch {
    fn read(dir: &PublicDir, n: u32, ledger: &LedgerDoc) -> Result<Self, InputError> {
        let root = dir.epoch(n);
        let path = root.join("epoch.json");
        let listing = Listing::of(&root)?;
        let doc = EpochDoc::read(&path)?;
        expect(&path, doc.epoch == n, "the epoch is not that of the directory")?;
        expect(&path, doc.suite == ledger.suite, "of another suite than the ledger")?;
        expect(&path, doc.model_id == ledger.model_id, "of another model")?;
        named(&path, [(&doc.scores.file, PublicDir::scores())])?;
        let due = |segment: &EpochSegment| PublicDir::split_proof(segment.dataset, segment.segment);
        named(&path, doc.segments.iter().map(|segment| (&segment.proof.file, due(segment))))?;
        let allowed = doc.segments.iter().map(|segment| segment.proof.file.as_str());
        listing.only(&allowed.chain(["epoch.json", doc.scores.file.as_str()]).collect::<Vec<_>>())?;
        let path = root.join(&doc.scores.file);
        let bytes = read_file(&path, ScoresDoc::MAX_BYTES)?;
        let scores = ScoresDoc::from_json(&bytes).map_err(|fault| InputError::new(&path, fault))?;
        expect(&path, scores.epoch == n, "scores of another epoch")?;
        expect(&path, scores.suite == ledger.suite, "of another suite than the ledger")?;
        expect(&path, scores.model_id == ledger.model_id, "of another model")?;
        let scores_match = sha256(&bytes) == doc.scores.sha256;
        Ok(Self { doc, scores, scores_match })
    }
}

fn expect(path: &Path, holds: bool, otherwise: &str) -> Result<(), InputError> {
    if holds { Ok(()) } else { Err(InputError::value(path, otherwise)) }
}

/// The files that a document names have the names of their places: each has one.
fn named<'a>(
    path: &Path,
    files: impl IntoIterator<Item = (&'a FileName, FileName)>,
) -> Result<(), InputError> {
    let other = files.into_iter().find(|(found, due)| *found != due);
    other.map_or(Ok(()), |(found, due)| {
        Err(InputError::value(path, format!("names the file {found}, whose name must be {due}")))
    })
}

/// `keys/` holds the keys of one relation and of tiers that are in use, each as its document says. In suites whose keys and
/// setups are files, a key stands beside its document, and the setup beside the keys.
fn check_keys(
    listing: &Listing,
    dir: &KeysDir,
    relation: RelationId,
    suite: SuiteId,
    tiers: &BTreeSet<Tier>,
) -> Result<(), InputError> {
    let in_files = match suite {
        SuiteId::Bn254 => true,
        SuiteId::Pasta => false,
    };
    let mut left: BTreeSet<_> = listing.names.iter().map(|name| dir.root().join(name)).collect();
    if in_files {
        left.remove(&dir.setup());
    }
    for tier in tiers {
        let (path, key) = (dir.doc(relation, *tier), dir.key(relation, *tier));
        let (has_doc, has_key) = (left.remove(&path), in_files && left.remove(&key));
        expect(&path, has_doc || !has_key, "is missing, and the key is there")?;
        expect(&key, has_key || !has_doc || !in_files, "is missing, and its document is there")?;
        if has_doc {
            let doc = KeyDoc::read(&path)?;
            let same = (doc.suite, doc.relation, doc.tier) == (suite, relation, *tier);
            expect(&path, same, "the key of another suite, relation or tier")?;
        }
    }
    left.first().map_or(Ok(()), |path| Err(InputError::value(path, "has no place here")))
}

/// The entries of a directory.
struct Listing {
    root: PathBuf,
    names: BTreeSet<String>,
}

impl Listing {
    /// Reads a directory's names; one that does not exist has none.
    fn of(root: &Path) -> Result<Self, InputError> {
        let io = |error| InputError::new(root, Fault::Io(error));
        let mut names = BTreeSet::new();
        let entries = match fs::read_dir(root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { root: root.to_owned(), names });
            }
            Err(error) => return Err(io(error)),
        };
        for entry in entries {
            let entry = entry.map_err(io)?;
            let name = entry.file_name();
            let path = root.join(&name);
            let name = name.into_string().map_err(|_| InputError::value(&path, "has no place here"))?;
            if name.starts_with('.') {
                continue;
            }
            let kind = entry.file_type().map_err(io)?;
            expect(&path, kind.is_file() || kind.is_dir(), "a link or special file has no place here")?;
            expect(root, names.len() < MAX_ENTRIES, "more entries than are read")?;
            names.insert(name);
        }
        Ok(Self { root: root.to_owned(), names })
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// No other entries than these.
    fn only(&self, allowed: &[&str]) -> Result<(), InputError> {
        let allowed: BTreeSet<_> = allowed.iter().copied().collect();
        let stowaway = self.names.iter().find(|name| !allowed.contains(name.as_str()));
        stowaway.map_or(Ok(()), |name| Err(InputError::value(&self.root.join(name), "has no place here")))
    }

    /// The numbers of entries that are `first`, `first + 1`, .. by `name`, without a gap and nothing else.
    fn numbered(&self, first: u32, name: impl Fn(u32) -> String) -> Result<std::ops::Range<u32>, InputError> {
        let range = first..first + self.names.len() as u32;
        let expected: BTreeSet<_> = range.clone().map(name).collect();
        match (self.names.difference(&expected).next(), expected.difference(&self.names).next()) {
            (Some(stray), Some(missing)) => {
                let text = format!("has no place here, or {missing} is missing before it");
                Err(InputError::value(&self.root.join(stray), text))
            }
            _ => Ok(range),
        }
    }
}
