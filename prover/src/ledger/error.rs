//! Why a ledger's or dataset's directory cannot be used.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A directory that cannot be read, written or moved on. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The system refuses.
    #[error("cannot {action} {}: {}{}", path.display(), plain(source), advice(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file that is not what it should be.
    #[error("{}: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A private file that is not there, with where the private files stand and what to do.
    #[error("{} is missing: {explanation}", path.display())]
    Missing {
        /// The file or directory.
        path: PathBuf,
        /// What it is, of which state the others are, and how to get it back.
        explanation: String,
    },
    /// Something is there already; nothing was changed.
    #[error("{} {reason}: nothing was changed", path.display())]
    Exists {
        /// What is there.
        path: PathBuf,
        /// Why it stays.
        reason: String,
    },
    /// Another command is at work, and was still after some seconds.
    #[error("another command{} is working in {}: wait until it is done", process(*holder), path.display())]
    Locked {
        /// The ledger's or dataset's directory.
        path: PathBuf,
        /// The other command's process id, where it is known.
        holder: Option<u32>,
    },
}

/// The system's reason without the temporary name that it was met under: that name says nothing to anybody.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    if text.contains(super::files::TEMP_PREFIX) { error.kind().to_string() } else { text }
}

/// What to do about it.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ". The directory is read-only here, or another user's: work in a copy that you may write to"
        }
        io::ErrorKind::StorageFull => ". Make room and give the same command again",
        _ => "",
    }
}

fn process(holder: Option<u32>) -> String {
    holder.map_or(String::new(), |pid| format!(" (process {pid})"))
}

impl LedgerError {
    /// An error of the system.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    /// A damaged file.
    pub fn corrupt(path: &Path, reason: impl Into<String>) -> Self {
        Self::Corrupt { path: path.into(), reason: reason.into() }
    }

    /// Something that is in the way.
    pub fn exists(path: &Path, reason: impl Into<String>) -> Self {
        Self::Exists { path: path.into(), reason: reason.into() }
    }

    /// Whether a file was not there.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Missing { .. } => true,
            _ => false,
        }
    }
}
