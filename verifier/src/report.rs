//! What an audit found: of what, which checks hold, what was not looked at, and how that ends.

use std::{collections::BTreeMap, fmt};

use apportion_statement::{CheckId, Violation, files::InputError};
use apportion_suite::params::{ParamsError, Reason};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// How a command ends: the one list of exit codes, of `apportion-verify` and of `apportion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything that was asked holds, or was done.
    Valid = 0,
    /// A proof or claim is invalid.
    Invalid = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A file is unreadable or malformed.
    Input = 3,
    /// Nothing can be said: another version, other parameters, another key, or nothing to compare with.
    NotCheckable = 4,
}

/// An audit's verdict: one of four in words. Only that of [`Verdict::Valid`] begins with VALID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every check holds.
    Valid,
    /// A check does not hold.
    Invalid,
    /// Every check holds, but what was checked was compared with no ledger.
    NotConfirmed,
    /// Nothing can be said: another version, other parameters, another key.
    NotCheckable,
    /// Nothing can be said: the input is unreadable or malformed.
    Unreadable,
}

impl Verdict {
    /// The exit code.
    pub const fn exit(self) -> Exit {
        match self {
            Verdict::Valid => Exit::Valid,
            Verdict::Invalid => Exit::Invalid,
            Verdict::NotConfirmed | Verdict::NotCheckable => Exit::NotCheckable,
            Verdict::Unreadable => Exit::Input,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Valid => "VALID",
            Verdict::Invalid => "INVALID",
            Verdict::NotConfirmed => "CONSISTENT, NOT CONFIRMED",
            Verdict::NotCheckable | Verdict::Unreadable => "NOT CHECKABLE",
        })
    }
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

fn name_of<S: Serializer>(id: &CheckId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.name())
}

impl Check {
    /// A check that holds.
    pub fn ok(id: CheckId, place: impl Into<String>) -> Self {
        Self { id, ok: true, detail: place.into() }
    }

    /// A check that does not.
    pub fn failed(id: CheckId, place: &str, why: impl fmt::Display) -> Self {
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
    #[error("{0}")]
    NotCheckable(String),
}

impl AuditError {
    /// The verdict where nothing worse is known.
    pub fn verdict(&self) -> Verdict {
        match self {
            AuditError::Input(error) if error.fault.is_version() => Verdict::NotCheckable,
            AuditError::Input(_) => Verdict::Unreadable,
            AuditError::Params(error) => match error.reason {
                Reason::Version { .. }
                | Reason::Suite { .. }
                | Reason::TooSmall { .. }
                | Reason::Missing { .. } => Verdict::NotCheckable,
                _ => Verdict::Unreadable,
            },
            AuditError::NotCheckable(_) => Verdict::NotCheckable,
        }
    }
}

/// What a verdict is of: names and values, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    facts: Vec<(String, String)>,
    json: Vec<(String, Value)>,
}

impl Subject {
    /// Adds a fact; in JSON it is a string. Amounts are, like everything that may not fit a number there.
    pub fn add(&mut self, name: impl Into<String>, value: impl fmt::Display) {
        let (name, value) = (name.into(), value.to_string());
        self.json.push((name.clone(), Value::String(value.clone())));
        self.facts.push((name, value));
    }

    /// Adds a number of things or the number of one; in JSON it is a number.
    pub fn count(&mut self, name: impl Into<String>, value: impl Into<u64>) {
        let (name, value) = (name.into(), value.into());
        self.facts.push((name.clone(), value.to_string()));
        self.json.push((name, value.into()));
    }

    /// Adds one of several things of a kind: a line for people, in JSON an object in the list of its kind.
    pub fn item(&mut self, list: &str, name: impl Into<String>, text: impl fmt::Display, json: Value) {
        self.facts.push((name.into(), text.to_string()));
        match self.json.iter_mut().find(|(known, _)| known == list) {
            Some((_, Value::Array(items))) => items.push(json),
            _ => self.json.push((list.to_owned(), Value::Array(vec![json]))),
        }
    }

    /// Adds the facts of another subject behind these.
    pub fn append(&mut self, other: Subject) {
        self.facts.extend(other.facts);
        self.json.extend(other.json);
    }

    /// The facts.
    pub fn facts(&self) -> &[(String, String)] {
        &self.facts
    }

    /// The value of a fact.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A key for each name: programs write them as members.
        serializer.collect_map(self.json.iter().map(|(name, value)| (name.replace([' ', '-'], "_"), value)))
    }
}

/// The money of one epoch, in the token's base units, written as decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EpochAmounts {
    /// The epoch.
    pub epoch: u32,
    /// The policy that split it.
    pub policy: u32,
    /// Its revenue.
    pub revenue: String,
    /// What the epoch before left.
    pub carried: String,
    /// What contributors shared.
    pub pool: String,
    /// What they were paid.
    pub paid: String,
    /// What is left for the next epoch.
    pub left: String,
    /// How many segments moved.
    pub segments: usize,
    /// How many records took part.
    pub records: u64,
    /// How many attempts at it were proven and taken back.
    pub replaced: usize,
}

/// One line of a statement: how an account's amount of one epoch came about. Scores and amounts are written as decimal
/// strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementLine {
    /// The account: dataset id, segment and slot.
    pub account: String,
    /// The epoch.
    pub epoch: u32,
    /// The account's score.
    pub score: String,
    /// The sum of all scores.
    pub total_score: String,
    /// What all contributors shared.
    pub pool: String,
    /// What the account got.
    pub payout: String,
    /// What the account had got in all by then.
    pub balance: String,
}

/// Everything that an audit found.
#[derive(Debug, Default)]
pub struct Report {
    /// What the verdict is of.
    pub subject: Subject,
    /// The money of the epochs that were audited.
    pub epochs: Vec<EpochAmounts>,
    /// What a statement states, line by line.
    pub lines: Vec<StatementLine>,
    /// The checks, in the order of the ledger's history.
    pub checks: Vec<Check>,
    /// What the verdict rests on, and what is good to know.
    pub notes: Vec<String>,
    /// What the verdict does not say.
    pub not_checked: Vec<String>,
    /// Nothing was there to compare with: the best verdict is [`Verdict::NotConfirmed`].
    pub unconfirmed: bool,
    /// The setup's secret is public: whatever the verdict, anybody can forge such proofs.
    pub insecure: bool,
    /// Why the audit ended early.
    pub error: Option<AuditError>,
    /// What to do about that, where it is known.
    pub hint: Option<String>,
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
    pub fn verdict(&self) -> Verdict {
        match (&self.error, self.failed()) {
            (_, Some(_)) => Verdict::Invalid,
            (Some(error), None) => error.verdict(),
            (None, None) if self.checks.is_empty() => Verdict::NotCheckable,
            (None, None) if self.unconfirmed => Verdict::NotConfirmed,
            (None, None) => Verdict::Valid,
        }
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        self.verdict().exit()
    }

    /// Whether everything holds.
    pub fn valid(&self) -> bool {
        self.verdict() == Verdict::Valid
    }

    /// The checks by id: how many hold, and those that do not. Ids that hold stand first, in the order of the statement;
    /// then those that fail, the first that failed first: it is the one that the verdict names.
    pub fn by_id(&self) -> Vec<(CheckId, usize, Vec<&Check>)> {
        let mut groups: BTreeMap<CheckId, (usize, Vec<&Check>)> = BTreeMap::new();
        for check in &self.checks {
            let group = groups.entry(check.id).or_default();
            if check.ok { group.0 += 1 } else { group.1.push(check) }
        }
        let mut groups: Vec<_> = groups.into_iter().map(|(id, (hold, fail))| (id, hold, fail)).collect();
        let order = |id: CheckId| self.checks.iter().position(|check| !check.ok && check.id == id);
        groups.sort_by_key(|(id, ..)| order(*id).map_or(0, |at| at + 1));
        groups
    }

    /// The verdict as JSON, with everything that was found.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Json<'a> {
            verdict: String,
            valid: bool,
            insecure: bool,
            exit: u8,
            tool: &'static str,
            subject: &'a Subject,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            epochs: &'a [EpochAmounts],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            lines: &'a [StatementLine],
            checks: &'a [Check],
            #[serde(skip_serializing_if = "Option::is_none")]
            failed: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            error: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            hint: Option<&'a str>,
            notes: &'a [String],
            not_checked: &'a [String],
        }
        let json = Json {
            verdict: self.verdict().to_string(),
            valid: self.valid(),
            insecure: self.insecure,
            exit: self.exit() as u8,
            tool: TOOL,
            subject: &self.subject,
            epochs: &self.epochs,
            lines: &self.lines,
            checks: &self.checks,
            failed: self.failed().map(|check| check.id.name()),
            error: self.error.as_ref().map(ToString::to_string),
            hint: self.hint.as_deref(),
            notes: &self.notes,
            not_checked: &self.not_checked,
        };
        // Maps with other keys than strings would fail; there are none.
        serde_json::to_string_pretty(&json).unwrap_or_default()
    }
}

/// The program that made a report.
pub const TOOL: &str = concat!("apportion-verify ", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;
    use apportion_statement::files::Fault;

    #[test]
    fn the_verdict_is_the_worst_that_is_certain() {
        let mut report = Report::default();
        assert_eq!(report.exit(), Exit::NotCheckable);
        report.checks.push(Check::ok(CheckId::V3Old, "here"));
        assert_eq!(report.exit(), Exit::Valid);
        report.unconfirmed = true;
        assert_eq!((report.verdict(), report.exit()), (Verdict::NotConfirmed, Exit::NotCheckable));
        let file = std::path::Path::new("f");
        report.error = Some(InputError::value(file, "bad").into());
        assert_eq!(report.exit(), Exit::Input);
        report.error = Some(InputError::new(file, Fault::Version { found: 2, supported: 1 }).into());
        assert_eq!(report.exit(), Exit::NotCheckable);
        report.checks.push(Check::failed(CheckId::V5Paid, "there", "too much"));
        assert_eq!(report.exit(), Exit::Invalid);
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!((json["valid"].as_bool(), json["exit"].as_u64()), (Some(false), Some(1)));
        assert_eq!(json["failed"], "V5.paid");
        assert_eq!(json["checks"][0]["id"], "V3.old");
    }

    #[test]
    fn only_one_verdict_is_valid() {
        let all = [
            Verdict::Valid,
            Verdict::Invalid,
            Verdict::NotConfirmed,
            Verdict::NotCheckable,
            Verdict::Unreadable,
        ];
        for verdict in all {
            assert_eq!(verdict.to_string().starts_with("VALID"), verdict.exit() == Exit::Valid, "{verdict}");
        }
    }

    #[test]
    fn the_check_that_the_verdict_names_stands_first_of_those_that_fail() {
        let mut report = Report::default();
        report.checks.push(Check::ok(CheckId::ProofSplit, "a"));
        report.checks.push(Check::failed(CheckId::V5Paid, "b", "too much"));
        report.checks.push(Check::failed(CheckId::V3Old, "c", "another"));
        let failing: Vec<_> = report.by_id().into_iter().filter(|group| !group.2.is_empty()).collect();
        assert_eq!(report.failed().map(|check| check.id), failing.first().map(|group| group.0));
    }

    #[test]
    fn json_has_one_way_to_write_each_thing() {
        let mut report = Report::default();
        report.subject.add("earned in all", u128::MAX);
        report.subject.count("accounts", 2u32);
        report.subject.item("datasets", "dataset 0", "ten records", serde_json::json!({ "records": 10 }));
        report.subject.item("datasets", "dataset 1", "one record", serde_json::json!({ "records": 1 }));
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        let subject = &json["subject"];
        assert_eq!(subject["earned_in_all"], u128::MAX.to_string());
        assert_eq!(subject["accounts"], 2);
        assert_eq!(subject["datasets"][1]["records"], 1);
        assert_eq!(report.subject.get("dataset 1"), Some("one record"));
        assert_eq!(json["insecure"], false);
    }

    #[test]
    fn checks_are_folded_by_id() {
        let mut report = Report::default();
        report.checks.push(Check::failed(CheckId::V5Paid, "epoch 2", "too much"));
        report.checks.push(Check::ok(CheckId::V3Old, "a"));
        report.checks.push(Check::ok(CheckId::V5Paid, "epoch 1"));
        report.checks.push(Check::ok(CheckId::V3Old, "b"));
        let folded: Vec<_> = report.by_id().into_iter().map(|(id, ok, bad)| (id, ok, bad.len())).collect();
        assert_eq!(folded, [(CheckId::V3Old, 2, 0), (CheckId::V5Paid, 1, 1)]);
    }
}
