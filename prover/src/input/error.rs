//! Why input is refused.

use std::{fmt, io, path::PathBuf};

use apportion_circuits::types::Payee;
use apportion_secrets::KeyError;

use super::AmountError;

/// How many bad rows of a file are listed one by one.
pub const REPORTED_ROWS: usize = 20;

/// Input that cannot be read or is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Rows that cannot be accepted.
    #[error("{0}")]
    Rows(BadRows),
}

/// The rows of one file that cannot be accepted: the first [`REPORTED_ROWS`], and how many more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRows {
    /// The file.
    pub path: PathBuf,
    /// The first bad rows, in the order in which they were found.
    pub rows: Vec<BadRow>,
    /// Bad rows beyond those.
    pub more: u64,
}

/// One row that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The line, from 1; `None` where the fault is the file's as a whole.
    pub line: Option<u64>,
    /// What is wrong.
    pub reason: Reason,
}

/// What can be wrong with a row. Never holds a score: scores are secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Bytes that are not UTF-8.
    #[error("not UTF-8 text")]
    NotUtf8,
    /// A line longer than any valid one.
    #[error("the line is longer than {limit} bytes")]
    LineTooLong {
        /// The limit.
        limit: usize,
    },
    /// A quote that is never closed on its line, or a stray one.
    #[error("a quote is not closed on its line")]
    Quotes,
    /// A carriage return that does not end its line.
    #[error("a carriage return stands inside the line")]
    CarriageReturn,
    /// No header, hence nothing at all.
    #[error("the file is empty: expected the header `{expected}`")]
    NoHeader {
        /// The header or headers that are accepted.
        expected: &'static str,
    },
    /// Another header.
    #[error("wrong header: expected `{expected}`")]
    Header {
        /// The header or headers that are accepted.
        expected: &'static str,
    },
    /// Another number of columns.
    #[error("expected {expected} columns, found {found}")]
    Columns {
        /// The number expected.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// A payee that is not an address.
    #[error("{0}")]
    Payee(String),
    /// The zero address.
    #[error("record {record} has the zero address as payee: nobody could ever be paid for it")]
    ZeroPayee {
        /// The record's number, from 0.
        record: usize,
    },
    /// A recipient that is no key.
    #[error("the recipient {0}")]
    Recipient(KeyError),
    /// Scores by payee where nobody knows the payees.
    #[error("scores by payee need the dataset's records: give them with --records FILE")]
    PayeesWithoutRecords,
    /// A digest that is not one.
    #[error("{0}")]
    Content(String),
    /// The same payee and content twice.
    #[error("the same record already stands on line {first}")]
    DuplicateRecord {
        /// The line of the first of the two.
        first: u64,
    },
    /// No records.
    #[error("the file holds no records")]
    NoRecords,
    /// More records than a dataset may hold.
    #[error("more than {limit} records: split the dataset")]
    TooManyRecords {
        /// The limit.
        limit: usize,
    },
    /// A score that is not an integer in range.
    #[error("the score {0}")]
    Score(AmountError),
    /// A record number that is not one.
    #[error("the record number {0}")]
    RecordNumber(AmountError),
    /// A record that the dataset does not have.
    #[error("there is no record {record}: the dataset holds {records}, numbered from 0")]
    RecordOutOfRange {
        /// The record asked for.
        record: u64,
        /// Records of the dataset.
        records: usize,
    },
    /// A payee without a record.
    #[error("payee {0} owns no record of the dataset")]
    UnknownPayee(Payee),
    /// A payee with several records.
    #[error("payee {payee} owns {records} records: use the header `record,score`")]
    AmbiguousPayee {
        /// The payee.
        payee: Payee,
        /// How many.
        records: usize,
    },
    /// A second score for one record.
    #[error("record {record} already has a score, on line {first}")]
    DuplicateScore {
        /// The record.
        record: usize,
        /// The line of the first of the two.
        first: u64,
    },
    /// A record without a score.
    #[error("record {record} has no score: write 0 where none is earned")]
    MissingScore {
        /// The record.
        record: usize,
    },
    /// Scores that sum to too much.
    #[error("the scores sum to 2^{bits} or more")]
    TotalTooLarge {
        /// Bits that the sum may have.
        bits: u32,
    },
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.path.display();
        for (i, BadRow { line, reason }) in self.rows.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            match line {
                Some(line) => write!(f, "{file}:{line}: {reason}")?,
                None => write!(f, "{file}: {reason}")?,
            }
        }
        if self.more > 0 {
            write!(f, "\n{file}: and {} more", self.more)?;
        }
        Ok(())
    }
}

impl BadRows {
    /// No bad rows yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, rows: Vec::new(), more: 0 }
    }

    /// Adds a row, or counts it where the list is full.
    pub(super) fn add(&mut self, line: impl Into<Option<u64>>, reason: Reason) {
        if self.rows.len() < REPORTED_ROWS {
            self.rows.push(BadRow { line: line.into(), reason });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// True while every row was accepted.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// `value`, if every row was accepted.
    pub(super) fn or<T>(self, value: T) -> Result<T, InputError> {
        if self.is_empty() { Ok(value) } else { Err(InputError::Rows(self)) }
    }
}
