//! Why a command does not do what it was asked.

use std::path::PathBuf;

use apportion_chain::ChainError;
use apportion_circuits::{relation, types::TOTAL_SCORE_BITS};
use apportion_secrets::{DeriveError, KeyError, KeyFileError, SeedError, WrapError};
use apportion_statement::{SegmentId, Violation, files::InputError as DocumentError, policy::PolicyError};
use apportion_suite::{
    SuiteError,
    params::{ParamsError, Reason},
};

use crate::{input::InputError, ledger::LedgerError};

/// Everything that can go wrong. Never holds a score, balance or mask.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A request that makes no sense here: another epoch is next, a ledger exists already.
    #[error("{0}")]
    Usage(String),
    /// Records or scores that are refused.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Scores that are fine file by file, and too much together.
    #[error("the scores of all datasets sum to 2^{TOTAL_SCORE_BITS} or more")]
    TotalScore,
    /// Any other input that cannot be read or does not fit.
    #[error("{0}")]
    Unreadable(String),
    /// A public document that cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// `policy.toml`.
    #[error("{}: {source}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: PolicyError,
    },
    /// An amount on the command line.
    #[error("{what} {reason}")]
    Amount {
        /// Which.
        what: &'static str,
        /// What is wrong with it.
        reason: crate::input::AmountError,
    },
    /// A ledger's or dataset's directory.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A seed.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// A mask that cannot be derived.
    #[error(transparent)]
    Derive(#[from] DeriveError),
    /// A key to encrypt to or to open with.
    #[error("the key {0}")]
    Key(#[from] KeyError),
    /// A list of keys.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// Encryption.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// A check of the statement that would fail.
    #[error("{id}: {0}", id = .0.id())]
    Violation(#[from] Violation),
    /// A clause of a relation that would fail.
    #[error("{id}: {source}")]
    Clause {
        /// The segment.
        id: SegmentId,
        /// The clause.
        source: relation::Violation,
    },
    /// Claims that do not fit together: an opening that does not open its commitment.
    #[error("{0}")]
    Claim(String),
    /// Parameters that are absent or refused.
    #[error("{}{}", params_text(.0), params_advice(.0))]
    Params(#[from] ParamsError),
    /// Parameters, keys or versions that do not match.
    #[error("{0}")]
    Mismatch(String),
    /// The proof system.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// What a chain excludes, or does not say.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A transaction that was not sent, or did nothing.
    #[cfg(feature = "rpc")]
    #[error(transparent)]
    Rpc(#[from] crate::rpc::RpcError),
}

/// A temporary name in the system's reason says nothing to anybody.
fn params_text(error: &ParamsError) -> String {
    match &error.reason {
        Reason::Io(source) if source.raw_os_error().is_none() => {
            format!("{}: {}", error.file.display(), source.kind())
        }
        _ => error.to_string(),
    }
}

fn params_advice(error: &ParamsError) -> &'static str {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
    match &error.reason {
        Reason::Io(source)
            if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem | StorageFull) =>
        {
            ". Parameters are cached there: name a directory that you may write to with --params-dir, or in \
             APPORTION_PARAMS"
        }
        _ => "",
    }
}

/// A process' exit code, as documented in `apportion --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done, or valid.
    Valid = 0,
    /// A proof or claim that does not hold.
    Invalid = 1,
    /// A request that makes no sense.
    Usage = 2,
    /// Input that is unreadable or malformed.
    Input = 3,
    /// Version, parameters or keys that do not match: nothing can be said.
    NotCheckable = 4,
}

impl Error {
    /// A request that makes no sense here.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// The exit code of a command that fails so.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Error::Usage(_)
            | Error::Amount { .. }
            | Error::Ledger(LedgerError::Locked { .. } | LedgerError::Exists { .. })
            | Error::Seed(SeedError::Exists { .. }) => ExitCode::Usage,
            Error::Document(error) if error.fault.is_version() => ExitCode::NotCheckable,
            Error::Input(_)
            | Error::TotalScore
            | Error::Unreadable(_)
            | Error::Document(_)
            | Error::Policy { .. }
            | Error::Ledger(_)
            | Error::Seed(_)
            | Error::Derive(_)
            | Error::Key(_)
            | Error::KeyFile(_)
            | Error::Wrap(_) => ExitCode::Input,
            // The bound on a model's pools is a bound on the revenue that was typed in.
            Error::Violation(Violation::Lifetime(_)) => ExitCode::Input,
            Error::Violation(_) | Error::Clause { .. } | Error::Claim(_) => ExitCode::Invalid,
            Error::Params(error) => match error.reason {
                Reason::Version { .. }
                | Reason::Suite { .. }
                | Reason::TooSmall { .. }
                | Reason::Missing { .. }
                | Reason::Ambiguous { .. } => ExitCode::NotCheckable,
                _ => ExitCode::Input,
            },
            Error::Mismatch(_) | Error::Suite(SuiteError::Params(_)) => ExitCode::NotCheckable,
            Error::Suite(SuiteError::Malformed { .. }) => ExitCode::Input,
            Error::Suite(_) => ExitCode::Invalid,
            Error::Chain(ChainError::Input(error)) if error.fault.is_version() => ExitCode::NotCheckable,
            Error::Chain(ChainError::Input(_)) => ExitCode::Input,
            Error::Chain(ChainError::Refused(_)) => ExitCode::Invalid,
            Error::Chain(ChainError::Unanswered(_)) => ExitCode::NotCheckable,
            #[cfg(feature = "rpc")]
            Error::Rpc(error) if error.is_refusal() => ExitCode::Invalid,
            #[cfg(feature = "rpc")]
            Error::Rpc(error) if error.is_key() => ExitCode::Input,
            #[cfg(feature = "rpc")]
            Error::Rpc(_) => ExitCode::NotCheckable,
        }
    }
}
