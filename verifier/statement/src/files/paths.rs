//! Where things are in a ledger's `public/`.

use std::path::{Path, PathBuf};

use apportion_circuits::types::Tier;

use super::FileName;
use crate::Relation;

/// A ledger's `public/` directory.
#[derive(Clone, Debug)]
pub struct PublicDir {
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

    /// `keys/<relation>-<tier>.vk`.
    pub fn key(&self, relation: Relation, tier: Tier) -> PathBuf {
        self.root.join("keys").join(format!("{}-{tier}.vk", relation.name()))
    }

    /// `keys/setup.bin`: what a verifier needs of a ceremony.
    pub fn setup(&self) -> PathBuf {
        self.root.join("keys").join("setup.bin")
    }

    /// `datasets/`, whose entries are numbered from 0.
    pub fn datasets(&self) -> PathBuf {
        self.root.join("datasets")
    }

    /// `datasets/<n>/`.
    pub fn dataset(&self, n: u32) -> PathBuf {
        self.datasets().join(n.to_string())
    }

    /// `datasets/<n>/renewals/`, whose entries are numbered from 1.
    pub fn renewals(&self, n: u32) -> PathBuf {
        self.dataset(n).join("renewals")
    }

    /// `datasets/<n>/` for the enrolment itself (0), else `datasets/<n>/renewals/<r>/`: where `enrolment.json` and
    /// its proofs are.
    pub fn enrolment(&self, n: u32, renewal: u32) -> PathBuf {
        if renewal == 0 { self.dataset(n) } else { self.renewals(n).join(six(renewal)) }
    }

    /// `epochs/`, whose entries are numbered from 1.
    pub fn epochs(&self) -> PathBuf {
        self.root.join("epochs")
    }

    /// `epochs/<000001>/`.
    pub fn epoch(&self, epoch: u32) -> PathBuf {
        self.epochs().join(six(epoch))
    }

    /// `publications/`, whose entries are numbered from 1.
    pub fn publications(&self) -> PathBuf {
        self.root.join("publications")
    }

    /// `publications/<000001>/`.
    pub fn publication(&self, n: u32) -> PathBuf {
        self.publications().join(six(n))
    }

    /// `segment-<s>.proof`: the name of an enrolment proof.
    pub fn enrolment_proof(segment: u32) -> FileName {
        name(format!("segment-{segment}.proof"))
    }

    /// `<dataset>-<segment>.proof`: the name of an epoch's or publication's proof.
    pub fn segment_proof(dataset: u32, segment: u32) -> FileName {
        name(format!("{dataset}-{segment}.proof"))
    }

    /// `<dataset>-<segment>.leaves.json`: the name of a list of account leaves.
    pub fn segment_leaves(dataset: u32, segment: u32) -> FileName {
        name(format!("{dataset}-{segment}.leaves.json"))
    }

    /// `scores.json`.
    pub fn scores() -> FileName {
        name("scores.json".into())
    }
}

fn six(n: u32) -> String {
    format!("{n:06}")
}

fn name(name: String) -> FileName {
    FileName::from_checked(name)
}
