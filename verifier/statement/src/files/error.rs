//! Input that cannot be read.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::BlobError;

/// A file that was refused, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", file.display())]
pub struct InputError {
    /// The file or directory.
    pub file: PathBuf,
    /// The reason.
    #[source]
    pub fault: Fault,
}

/// Why a file was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The operating system refused.
    #[error("{0}")]
    Io(io::Error),
    /// A directory, pipe or device where a file is expected.
    #[error("not a regular file")]
    NotAFile,
    /// More bytes than any valid file of the kind has.
    #[error("{found} bytes, at most {max} are read")]
    TooLarge {
        /// The file's size.
        found: u64,
        /// The bound.
        max: u64,
    },
    /// Another length than the content must have.
    #[error("{found} bytes where {expected} are expected")]
    Length {
        /// The file's size.
        found: u64,
        /// The exact size.
        expected: u64,
    },
    /// Not the expected JSON.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// A version that this build does not read.
    #[error("format version {found}, this build reads {supported}")]
    Version {
        /// The file's version.
        found: u64,
        /// The one that is read.
        supported: u32,
    },
    /// A binary file that is not what it should be.
    #[error("{0}")]
    Blob(#[from] BlobError),
    /// A well-formed document whose values do not fit together.
    #[error("{0}")]
    Value(String),
}

impl Fault {
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        let mut message = error.to_string();
        // serde_json appends the position, which stands in front here.
        if let Some(at) = message.rfind(" at line ") {
            message.truncate(at);
        }
        Fault::Json { line: error.line(), column: error.column(), message }
    }

    /// Whether the file is not wrong but of a version that this build cannot judge.
    pub fn is_version(&self) -> bool {
        matches!(self, Fault::Version { .. } | Fault::Blob(BlobError::Version { .. }))
    }
}

impl InputError {
    /// A refused file.
    pub fn new(file: &Path, fault: Fault) -> Self {
        Self { file: file.to_owned(), fault }
    }

    /// A file whose values do not fit together.
    pub fn value(file: &Path, message: impl Into<String>) -> Self {
        Self::new(file, Fault::Value(message.into()))
    }
}
