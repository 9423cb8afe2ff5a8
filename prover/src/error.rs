//! Why a command does not do what it was asked.

use std::path::PathBuf;

use apportion_circuits::{relation, types::TOTAL_SCORE_BITS};
use apportion_statement::Violation;
use apportion_statement::files::InputError as DocumentError;
use apportion_statement::policy::PolicyError;
use apportion_suite::SuiteError;
use apportion_suite::params::{ParamsError, Reason};

use crate::{input::InputError, ledger::LedgerError};

/// Everything that can go wrong. Never holds a score, balance, salt or mask.
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
    /// The ledger directory.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A check of the statement that would fail.
    #[error("{id}: {0}", id = .0.id())]
    Violation(#[from] Violation),
    /// A clause of a relation that would fail.
    #[error("dataset {dataset}, segment {segment}: {source}")]
    Clause {
        /// The dataset.
        dataset: u32,
        /// The segment.
        segment: u32,
        /// The clause.
        source: relation::Violation,
    },
    /// Claims that do not fit together: an opening that does not open its commitment.
    #[error("{0}")]
    Claim(String),
    /// Parameters that are absent or refused.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// Parameters, keys or versions that do not match.
    #[error("{0}")]
    Mismatch(String),
    /// The proof system.
    #[error(transparent)]
    Suite(#[from] SuiteError),
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
            Error::Usage(_) | Error::Amount { .. } | Error::Ledger(LedgerError::Locked) => ExitCode::Usage,
            Error::Document(error) if error.fault.is_version() => ExitCode::NotCheckable,
            Error::Input(_)
            | Error::TotalScore
            | Error::Document(_)
            | Error::Policy { .. }
            | Error::Ledger(_) => ExitCode::Input,
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
        }
    }
}
