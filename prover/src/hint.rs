//! Where a ledger or a dataset is, when a command was given another directory: the corrected path, or what is there instead.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use crate::error::Error;

/// How far up the directory that was meant is searched: `ledger/public/datasets/0` is three below.
const LEVELS: usize = 4;
/// How many entries of a directory are looked at.
const ENTRIES: usize = 256;

/// What a directory can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A model's ledger.
    Ledger,
    /// A dataset.
    Dataset,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Dataset => "dataset",
        }
    }

    fn made_by(self) -> &'static str {
        match self {
            Self::Ledger => "`apportion ledger init` makes one",
            Self::Dataset => "`apportion dataset commit` makes one",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Ledger => Self::Dataset,
            Self::Dataset => Self::Ledger,
        }
    }

    fn document(self) -> &'static str {
        match self {
            Self::Ledger => "ledger.json",
            Self::Dataset => "dataset.json",
        }
    }

    /// Whether a directory is one of these, whole.
    fn is_at(self, dir: &Path) -> bool {
        dir.join("public").join(self.document()).is_file()
    }
}

/// Refuses a directory that holds neither a ledger or dataset nor, alone, its `public/`, for a command that `public/` will do.
///
/// # Errors
/// If it is so: with the path that was most likely meant.
pub fn expect_public(dir: &Path, wanted: Kind) -> Result<(), Error> {
    if wanted.is_at(dir) || dir.join(wanted.document()).is_file() { Ok(()) } else { Err(absent(dir, wanted)) }
}

/// That a directory is not what a command takes, with the path that was most likely meant.
pub fn absent(dir: &Path, wanted: Kind) -> Error {
    let (at, name) = (dir.display(), wanted.name());
    let hint = if let Some(found) = near(dir, wanted) {
        format!("did you mean {}?", found.display())
    } else if let Some(other) = near(dir, wanted.other()) {
        let (there, other_name) = (other.display(), wanted.other().name());
        format!("{there} is a {other_name}, and a {name} is wanted here; {}", wanted.made_by())
    } else if !dir.exists() {
        format!("there is no such directory; {}", wanted.made_by())
    } else {
        wanted.made_by().to_owned()
    };
    Error::usage(format!("{at} holds no {name}: {hint}"))
}

/// The directory itself, one above it, or the only one in it, that holds what is wanted.
fn near(dir: &Path, wanted: Kind) -> Option<PathBuf> {
    let above = (0..=LEVELS).map(|levels| up(dir, levels)).find(|above| wanted.is_at(above));
    above.or_else(|| {
        let entries = fs::read_dir(dir).ok()?.take(ENTRIES).filter_map(Result::ok);
        let mut found = entries.map(|entry| dir.join(entry.file_name())).filter(|below| wanted.is_at(below));
        found.next().filter(|_| found.next().is_none())
    })
}

/// A directory so many levels up, written as the path that was given was.
fn up(dir: &Path, levels: usize) -> PathBuf {
    let mut path = dir.to_owned();
    for _ in 0..levels {
        let is_named = matches!(path.components().next_back(), Some(Component::Normal(_)));
        match path.parent() {
            Some(parent) if is_named && parent.as_os_str().is_empty() => path = PathBuf::from("."),
            Some(parent) if is_named => path = parent.to_owned(),
            _ => path = path.join(".."),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_that_was_meant_is_named() {
        let root = tempfile::tempdir().unwrap();
        let make = |dir: &str, kind: Kind| {
            let public = root.path().join(dir).join("public");
            fs::create_dir_all(&public).unwrap();
            fs::write(public.join(kind.document()), "{}").unwrap();
        };
        make("ledger", Kind::Ledger);
        make("dataset", Kind::Dataset);
        let copied = root.path().join("ledger/public/datasets/0");
        fs::create_dir_all(&copied).unwrap();
        fs::write(copied.join("dataset.json"), "{}").unwrap();
        fs::create_dir_all(root.path().join("ledger/private")).unwrap();
        fs::create_dir_all(root.path().join("empty")).unwrap();
        let said = |dir: &str, wanted| {
            let text = absent(&root.path().join(dir), wanted).to_string();
            text.replace(&root.path().display().to_string(), "R")
        };
        for dir in ["ledger/public", "ledger/public/datasets/0", "ledger/private", "ledger/nowhere"] {
            let expected = format!("R/{dir} holds no ledger: did you mean R/ledger?");
            assert_eq!(said(dir, Kind::Ledger), expected);
        }
        assert_eq!(
            said("dataset/public", Kind::Dataset),
            "R/dataset/public holds no dataset: did you mean R/dataset?"
        );
        // The directory above, where there is only one of the kind in it.
        assert!(said("", Kind::Ledger).ends_with("did you mean R/ledger?"), "{}", said("", Kind::Ledger));
        for (dir, wanted, says) in [
            (
                "dataset",
                Kind::Ledger,
                "R/dataset is a dataset, and a ledger is wanted here; `apportion ledger init`",
            ),
            (
                "ledger",
                Kind::Dataset,
                "R/ledger is a ledger, and a dataset is wanted here; `apportion dataset",
            ),
            ("empty", Kind::Ledger, "R/empty holds no ledger: `apportion ledger init` makes one"),
            ("nowhere", Kind::Dataset, "there is no such directory; `apportion dataset commit` makes one"),
        ] {
            assert!(said(dir, wanted).contains(says), "{}", said(dir, wanted));
        }
        assert!(expect_public(&root.path().join("ledger/public"), Kind::Ledger).is_ok());
        assert!(expect_public(&root.path().join("ledger"), Kind::Ledger).is_ok());
        assert!(expect_public(&copied, Kind::Dataset).is_ok());
        assert!(expect_public(&root.path().join("dataset"), Kind::Ledger).is_err());
    }

    #[test]
    fn paths_stay_as_they_were_written() {
        for (dir, levels, expected) in [
            ("a/b", 1, "a"),
            ("a", 1, "."),
            (".", 1, "./.."),
            ("a/b/", 2, "."),
            ("/a", 1, "/"),
            ("..", 1, "../.."),
        ] {
            assert_eq!(up(Path::new(dir), levels), Path::new(expected), "{dir}");
        }
    }
}
