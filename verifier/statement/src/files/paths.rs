//! Where things are: a ledger's `public/`, and a dataset's, which a ledger holds a copy of.

use std::path::{Path, PathBuf};

use apportion_circuits::{relation::RelationId, types::Tier};

use super::FileName;

/// A ledger's `public/` directory.
#[derive(Clone, Debug)]
pub struct PublicDir {
    root: PathBuf,
}

/// A dataset's public directory: `public/` of a dataset's own directory, `datasets/<n>/` in a ledger's `public/`.
#[derive(Clone, Debug)]
pub struct DatasetDir {
    root: PathBuf,
}

impl PublicDir {
    /// The directory itself.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The `public/` directory of a ledger directory, or the directory itself where it is one already.
    pub fn of_ledger(dir: &Path) -> Self {
        if dir.join("ledger.json").exists() { Self::new(dir) } else { Self::new(dir.join("public")) }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `ledger.json`.
    pub fn ledger(&self) -> PathBuf {
        self.root.join("ledger.json")
    }

    /// `keys/`: setup and Split keys.
    pub fn keys(&self) -> KeysDir {
        KeysDir { root: self.root.join("keys") }
    }

    /// `policies/`, whose entries are numbered from 1.
    pub fn policies(&self) -> PathBuf {
        self.root.join("policies")
    }

    /// `policies/<000001>.json`.
    pub fn policy(&self, n: u32) -> PathBuf {
        self.policies().join(format!("{}.json", six(n)))
    }

    /// `datasets/`, whose entries are numbered from 0.
    pub fn datasets(&self) -> PathBuf {
        self.root.join("datasets")
    }

    /// `datasets/<n>/`.
    pub fn dataset(&self, n: u32) -> DatasetDir {
        DatasetDir::new(self.datasets().join(n.to_string()))
    }

    /// `epochs/`, whose entries are numbered from 1.
    pub fn epochs(&self) -> PathBuf {
        self.root.join("epochs")
    }

    /// `epochs/<000001>/`.
    pub fn epoch(&self, epoch: u32) -> PathBuf {
        self.epochs().join(six(epoch))
    }

    /// `<dataset>-<segment>.proof`: the name of an epoch's proof.
    pub fn split_proof(dataset: u32, segment: u32) -> FileName {
        name(format!("{dataset}-{segment}.proof"))
    }

    /// `scores.json`.
    pub fn scores() -> FileName {
        name("scores.json".into())
    }
}

impl DatasetDir {
    /// The directory itself.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The `public/` directory of a dataset's own directory, or the directory itself where it is one already.
    pub fn of(dir: &Path) -> Self {
        if dir.join("dataset.json").exists() { Self::new(dir) } else { Self::new(dir.join("public")) }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `dataset.json`.
    pub fn dataset(&self) -> PathBuf {
        self.root.join("dataset.json")
    }

    /// `keys/`: setup and Tree key.
    pub fn keys(&self) -> KeysDir {
        KeysDir { root: self.root.join("keys") }
    }

    /// `revisions/`, whose entries are numbered from 0.
    pub fn revisions(&self) -> PathBuf {
        self.root.join("revisions")
    }

    /// `revisions/<000000>/`.
    pub fn revision(&self, revision: u32) -> PathBuf {
        self.revisions().join(six(revision))
    }

    /// `revisions/<000000>/columns/`: `columns.json` and the proofs that it names. Absent until they are proven.
    pub fn columns(&self, revision: u32) -> PathBuf {
        self.revision(revision).join("columns")
    }

    /// `enrolment.json`, in a ledger's copy only.
    pub fn enrolment(&self) -> PathBuf {
        self.root.join("enrolment.json")
    }

    /// `retirement.json`, in a ledger's copy only.
    pub fn retirement(&self) -> PathBuf {
        self.root.join("retirement.json")
    }

    /// `segment-<s>.proof`: the name of an enrolment proof.
    pub fn enroll_proof(segment: u32) -> FileName {
        name(format!("segment-{segment}.proof"))
    }
}

/// `keys/`: what a verifier needs of the setup, and verifying keys.
#[derive(Clone, Debug)]
pub struct KeysDir {
    root: PathBuf,
}

impl KeysDir {
    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `setup.bin`: what a verifier needs of a ceremony; bn254 only.
    pub fn setup(&self) -> PathBuf {
        self.root.join("setup.bin")
    }

    /// `<relation>-<tier>.json`.
    pub fn doc(&self, relation: RelationId, tier: Tier) -> PathBuf {
        self.root.join(format!("{relation}-{tier}.json"))
    }

    /// `<relation>-<tier>.vk`; bn254 only.
    pub fn key(&self, relation: RelationId, tier: Tier) -> PathBuf {
        self.root.join(format!("{relation}-{tier}.vk"))
    }
}

fn six(n: u32) -> String {
    format!("{n:06}")
}

fn name(name: String) -> FileName {
    FileName::from_checked(name)
}
