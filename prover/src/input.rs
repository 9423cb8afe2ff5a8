//! What users hand in, as typed values: `records.csv`, `scores.csv`, `policy.toml`, amounts.
//!
//! Everything is refused here, with file, line and reason, before any proving. Files are read as streams:
//! memory depends on the number of records, never on the size of the file.

mod amount;
mod error;
mod records;
mod rows;
mod scores;

pub use amount::{AmountError, parse_amount, parse_score};
pub use error::{BadRow, BadRows, InputError, REPORTED_ROWS, Reason};
pub use records::{MAX_RECORDS, RecordsFile, parse_content, read_records};
pub use rows::MAX_LINE_BYTES;
pub use scores::{Scores, read_scores};
