//! `records.csv`.

use std::{io::Read, path::Path};

use apportion_circuits::types::{ContentDigest, Payee, Record};

use super::{
    InputError,
    error::Reason,
    rows::{Row, Rows},
};

/// Records that one dataset may hold.
pub const MAX_RECORDS: usize = 1 << 24;

const HEADER: &str = "payee,content";

/// Reads a dataset's records, in order. Header `payee,content`; a payee is `0x` and 20 bytes in hex and not zero,
/// a content digest `0x` and 32 bytes. The same record twice is refused.
pub fn read_records(path: &Path) -> Result<Vec<Record>, InputError> {
    parse(Rows::open(path)?, MAX_RECORDS)
}

fn parse<R: Read>(rows: Rows<R>, limit: usize) -> Result<Vec<Record>, InputError> {
    let (mut rows, _) = rows.header(&[("payee", "content")], HEADER)?;
    let mut records = Vec::new();
    let mut lines: Vec<u32> = Vec::new();
    while let Some(row) = rows.next()? {
        let line = row.line;
        match record(&row) {
            Ok(_) if records.len() == limit => {
                rows.bad.add(line, Reason::TooManyRecords { limit });
                return Err(InputError::Rows(rows.bad));
            }
            Ok(record) => {
                records.push(record);
                lines.push(u32::try_from(line).unwrap_or(u32::MAX));
            }
            Err(reason) => rows.bad.add(line, reason),
        }
    }
    if records.is_empty() && rows.bad.is_empty() {
        rows.bad.add(None, Reason::NoRecords);
    }
    let mut duplicates = duplicates(&records);
    duplicates.sort_unstable();
    for (second, first) in duplicates {
        let first = u64::from(lines[first as usize]);
        rows.bad.add(u64::from(lines[second as usize]), Reason::DuplicateRecord { first });
    }
    rows.bad.or(records)
}

fn record(row: &Row<'_>) -> Result<Record, Reason> {
    let payee: Payee = row.first.parse().map_err(Reason::Payee)?;
    if payee.is_zero() {
        return Err(Reason::ZeroPayee);
    }
    let content: ContentDigest = row.second.parse().map_err(Reason::Content)?;
    Ok(Record { payee, content })
}

/// Every record that stands for a second time, with the first of its kind.
fn duplicates(records: &[Record]) -> Vec<(u32, u32)> {
    let key = |i: u32| {
        let record = &records[i as usize];
        (record.payee, record.content, i)
    };
    let mut order: Vec<u32> = (0..records.len() as u32).collect();
    order.sort_unstable_by_key(|i| key(*i));
    let mut found = Vec::new();
    let mut first = 0;
    for (at, i) in order.iter().enumerate() {
        if records[*i as usize] == records[order[first] as usize] {
            if at != first {
                found.push((*i, order[first]));
            }
        } else {
            first = at;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::BadRow;

    const PAYEE: &str = "0x00004ee398ca93038d193dd34e89db467a298536";

    fn digest(byte: u8) -> String {
        format!("0x{}", hex::encode([byte; 32]))
    }

    fn read(text: &str) -> Result<Vec<Record>, Vec<BadRow>> {
        match parse(Rows::new(text.as_bytes(), Path::new("records.csv")), 4) {
            Ok(records) => Ok(records),
            Err(InputError::Rows(bad)) => Err(bad.rows),
            Err(error) => panic!("{error}"),
        }
    }

    fn refused(rows: &str) -> (Option<u64>, Reason) {
        let mut bad = read(&format!("payee,content\n{rows}")).unwrap_err();
        assert_eq!(bad.len(), 1);
        let BadRow { line, reason } = bad.remove(0);
        (line, reason)
    }

    #[test]
    fn records_are_read_in_order() {
        let upper = PAYEE.to_uppercase().replace("0X", "0x");
        let text =
            format!("\u{feff}payee,content\r\n{PAYEE},{}\r\n\r\n\"{upper}\",{}\r\n", digest(2), digest(1));
        let records = read(&text).unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].payee, records[1].payee);
        assert_eq!(records[0].content.0, [2; 32]);
        assert_eq!(records[1].content.0, [1; 32]);
    }

    #[test]
    fn each_fault_is_refused_with_its_line() {
        let d = digest(1);
        assert_eq!(refused(&format!("0x{},{d}", "0".repeat(40))), (Some(2), Reason::ZeroPayee));
        for (payee, what) in [
            ("", "a payee must start with 0x"),
            ("00004ee398ca93038d193dd34e89db467a298536", "a payee must start with 0x"),
            (
                "0x00004ee398ca93038d193dd34e89db467a2985",
                "a payee must have 40 hex digits after 0x, found 38",
            ),
            (
                "0x00004ee398ca93038d193dd34e89db467a29853g",
                "a payee holds a character that is not a hex digit",
            ),
        ] {
            assert_eq!(refused(&format!("\n{payee},{d}")), (Some(3), Reason::Payee(what.into())));
        }
        assert_eq!(
            refused(&format!("{PAYEE},0x{}", "ab".repeat(31))),
            (Some(2), Reason::Content("a content digest must have 64 hex digits after 0x, found 62".into()))
        );
        assert_eq!(
            refused(&format!("{PAYEE},{}", "ab".repeat(32))),
            (Some(2), Reason::Content("a content digest must start with 0x".into()))
        );
        assert_eq!(refused(&format!("{PAYEE},{d},")), (Some(2), Reason::Columns { found: 3 }));
        assert_eq!(
            refused(&format!("{PAYEE},{d}\n\n{PAYEE},{}\n{PAYEE},{d}", digest(2))),
            (Some(5), Reason::DuplicateRecord { first: 2 })
        );
    }

    #[test]
    fn faults_of_the_whole_file_are_refused() {
        let expected = HEADER;
        let whole = |reason| Err(vec![BadRow { line: None, reason }]);
        assert_eq!(read(""), whole(Reason::NoHeader { expected }));
        assert_eq!(read("\n\n"), whole(Reason::NoHeader { expected }));
        assert_eq!(read("payee,content\n"), whole(Reason::NoRecords));
        let header = |line| Err(vec![BadRow { line: Some(line), reason: Reason::Header { expected } }]);
        assert_eq!(read("content,payee\nx,y\nz"), header(1));
        assert_eq!(read("\nPayee,Content\n"), header(2));
        assert_eq!(
            read("payee\n"),
            Err(vec![BadRow { line: Some(1), reason: Reason::Columns { found: 1 } }])
        );
    }

    #[test]
    fn the_number_of_records_is_limited() {
        let rows = |n: u8| -> String { (1..=n).map(|i| format!("{PAYEE},{}\n", digest(i))).collect() };
        assert_eq!(read(&format!("payee,content\n{}", rows(4))).unwrap().len(), 4);
        assert_eq!(refused(&rows(5)), (Some(6), Reason::TooManyRecords { limit: 4 }));
    }
}
