//! What an audit found.

use serde::Serialize;

use apportion_statement::files::InputError;
use apportion_statement::{CheckId, Violation};
use apportion_suite::params::{ParamsError, Reason};

/// How `apportion-verify` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything holds.
    Valid = 0,
    /// A proof or claim is invalid.
    Invalid = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A file is unreadable or malformed.
    Input = 3,
    /// Nothing can be said: another version, other parameters, another key.
    NotCheckable = 4,
}

/// One check that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which.
    #[serde(serialize_with = "name_of")]
    pub id: CheckId,
    /// Whether it holds.
    pub ok: bool,
    /// Of what, and, where it does not hold, why.
    pub detail: String,
}

fn name_of<S: serde::Serializer>(id: &CheckId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.name())
}

impl Check {
    /// A check that holds.
    pub fn ok(id: CheckId, place: impl Into<String>) -> Self {
        Self { id, ok: true, detail: place.into() }
    }

    /// A check that does not.
    pub fn failed(id: CheckId, place: &str, why: impl std::fmt::Display) -> Self {
        Self { id, ok: false, detail: format!("{place}: {why}") }
    }

    /// The outcome of one of the statement's checks. A violation names its own id, which is `id` or, where one
    /// function makes several checks, another of them.
    pub fn of(id: CheckId, place: &str, outcome: Result<(), Violation>) -> Self {
        match outcome {
            Ok(()) => Self::ok(id, place),
            Err(violation) => Self::failed(violation.id(), place, violation),
        }
    }
}

/// Why an audit could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file is unreadable, malformed, or of another version.
    #[error("{0}")]
    Input(#[from] InputError),
    /// The auditor's own parameters cannot be used.
    #[error("{0}")]
    Params(#[from] ParamsError),
    /// Parameters or keys are not those that the ledger's proofs need, or cannot be trusted.
    #[error("not checkable: {0}")]
    NotCheckable(String),
}

impl AuditError {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            AuditError::Input(error) if error.fault.is_version() => Exit::NotCheckable,
            AuditError::Input(_) => Exit::Input,
            AuditError::Params(error) => match error.reason {
                Reason::Version { .. }
                | Reason::Suite { .. }
                | Reason::TooSmall { .. }
                | Reason::Missing { .. } => Exit::NotCheckable,
                _ => Exit::Input,
            },
            AuditError::NotCheckable(_) => Exit::NotCheckable,
        }
    }
}

/// Everything that an audit found.
#[derive(Debug, Default)]
pub struct Report {
    /// The checks, in the order of the ledger's history.
    pub checks: Vec<Check>,
    /// What the verdict rests on and does not show.
    pub notes: Vec<String>,
    /// Why the audit ended early.
    pub error: Option<AuditError>,
}

impl Report {
    /// An audit that could not begin.
    pub fn of_error(error: impl Into<AuditError>) -> Self {
        Self { error: Some(error.into()), ..Self::default() }
    }

    /// The first check that does not hold.
    pub fn failed(&self) -> Option<&Check> {
        self.checks.iter().find(|check| !check.ok)
    }

    /// The verdict. A check that fails outweighs whatever ended the audit early; nothing checked is not valid.
    pub fn exit(&self) -> Exit {
        match (&self.error, self.failed()) {
            (_, Some(_)) => Exit::Invalid,
            (Some(error), None) => error.exit(),
            (None, None) if self.checks.is_empty() => Exit::NotCheckable,
            (None, None) => Exit::Valid,
        }
    }

    /// Whether everything holds.
    pub fn valid(&self) -> bool {
        self.exit() == Exit::Valid
    }

    /// The verdict as JSON: `valid`, `checks` and, where not valid, `failed`, `error` and `exit`.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Verdict<'a> {
            valid: bool,
            exit: u8,
            checks: &'a [Check],
            #[serde(skip_serializing_if = "Option::is_none")]
            failed: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            error: Option<String>,
            notes: &'a [String],
        }
        let verdict = Verdict {
            valid: self.valid(),
            exit: self.exit() as u8,
            checks: &self.checks,
            failed: self.failed().map(|check| check.id.name()),
            error: self.error.as_ref().map(ToString::to_string),
            notes: &self.notes,
        };
        serde_json::to_string_pretty(&verdict).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_statement::files::Fault;

    #[test]
    fn the_exit_code_is_the_worst_that_is_certain() {
        let mut report = Report::default();
        assert_eq!(report.exit(), Exit::NotCheckable);
        report.checks.push(Check::ok(CheckId::V3Old, "here"));
        assert_eq!(report.exit(), Exit::Valid);
        let file = std::path::Path::new("f");
        report.error = Some(InputError::value(file, "bad").into());
        assert_eq!(report.exit(), Exit::Input);
        report.error = Some(InputError::new(file, Fault::Version { found: 2, supported: 1 }).into());
        assert_eq!(report.exit(), Exit::NotCheckable);
        report.checks.push(Check::failed(CheckId::V5Paid, "there", "too much"));
        assert_eq!(report.exit(), Exit::Invalid);
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(json["valid"], false);
        assert_eq!(json["failed"], "V5.paid");
        assert_eq!(json["checks"][0]["id"], "V3.old");
    }
}
