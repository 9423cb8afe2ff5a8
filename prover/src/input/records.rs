//! `records.csv`.

use std::{io::Read, path::Path};

use apportion_circuits::types::{ContentDigest, Payee, Record};
use apportion_secrets::Recipient;
use apportion_statement::counted;
use sha2::{Digest as _, Sha256};

use super::{
    InputError,
    error::Reason,
    rows::{Row, Rows},
};

/// Records that one dataset may hold.
pub const MAX_RECORDS: usize = 1 << 24;

const HEADER: &str = "payee,content` or `payee,content,recipient";

/// A `records.csv`: records in order and, where the file says so, to whom each one's receipts are encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordsFile {
    /// The records.
    pub records: Vec<Record>,
    /// One a record.
    pub recipients: Vec<Option<Recipient>>,
    /// The line of each record, from 1.
    pub lines: Vec<u32>,
}

/// Reads a dataset's records, in order. Header `payee,content`, or `payee,content,recipient`; a payee is `0x`
/// and 20 bytes in hex and not zero, a content digest `0x` and 32 bytes, a recipient an age public key or
/// empty. The same record twice is refused.
///
/// # Errors
/// Every bad row, with its line.
pub fn read_records(path: &Path) -> Result<RecordsFile, InputError> {
    parse(Rows::open(path)?, MAX_RECORDS)
}

impl RecordsFile {
    /// What is allowed and yet strange: one content for two payees, an all-zero digest. Lines, numbers, no
    /// contents.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let line = |record: usize| self.lines.get(record).copied().unwrap_or_default();
        let zero = ContentDigest::default();
        let empty = ContentDigest(Sha256::digest(b"").into());
        for (digest, text) in [
            (zero, "an all-zero content digest, which is the SHA-256 of no known file"),
            (empty, "the SHA-256 of an empty file as its content digest"),
        ] {
            let found: Vec<_> =
                (0..self.records.len()).filter(|i| self.records[*i].content == digest).collect();
            if let Some(first) = found.first() {
                let more = found.len() - 1;
                let more = if more > 0 { format!(", and {more} more") } else { String::new() };
                warnings.push(format!("line {}: record {first} has {text}{more}", line(*first)));
            }
        }
        let mut order: Vec<usize> = (0..self.records.len()).collect();
        order.sort_unstable_by_key(|i| (self.records[*i].content, *i));
        let shared: Vec<_> = order
            .windows(2)
            .filter(|pair| {
                let [a, b] = [pair[0], pair[1]].map(|i| &self.records[i]);
                a.content == b.content && ![zero, empty].contains(&a.content) && a.payee != b.payee
            })
            .map(|pair| (pair[0], pair[1]))
            .collect();
        if let Some((first, second)) = shared.first() {
            let more = if shared.len() > 1 {
                format!(", and {}", counted(shared.len() - 1, "more such pair"))
            } else {
                String::new()
            };
            warnings.push(format!(
                "lines {} and {}: records {first} and {second} have one content and two payees{more}",
                line(*first),
                line(*second)
            ));
        }
        warnings
    }
}

fn parse<R: Read>(rows: Rows<R>, limit: usize) -> Result<RecordsFile, InputError> {
    let (mut rows, _) = rows.header(&[&["payee", "content"], &["payee", "content", "recipient"]], HEADER)?;
    let mut found = RecordsFile::default();
    while let Some(row) = rows.next()? {
        let line = row.line;
        match record(&row, found.records.len()) {
            Ok(_) if found.records.len() == limit => {
                rows.bad.add(line, Reason::TooManyRecords { limit });
                return Err(InputError::Rows(rows.bad));
            }
            Ok((record, recipient)) => {
                found.records.push(record);
                found.recipients.push(recipient);
                found.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
            }
            Err(reason) => rows.bad.add(line, reason),
        }
    }
    if found.records.is_empty() && rows.bad.is_empty() {
        rows.bad.add(None, Reason::NoRecords);
    }
    let mut duplicates = duplicates(&found.records);
    duplicates.sort_unstable();
    for (second, first) in duplicates {
        let first = u64::from(found.lines[first as usize]);
        rows.bad.add(u64::from(found.lines[second as usize]), Reason::DuplicateRecord { first });
    }
    rows.bad.or(found)
}

fn record(row: &Row<'_>, number: usize) -> Result<(Record, Option<Recipient>), Reason> {
    let [payee, content, recipient] = row.fields;
    let payee: Payee = payee.parse().map_err(Reason::Payee)?;
    if payee.is_zero() {
        return Err(Reason::ZeroPayee { record: number });
    }
    let content = parse_content(content).map_err(Reason::Content)?;
    let recipient = match recipient {
        "" => None,
        key => Some(key.parse().map_err(Reason::Recipient)?),
    };
    Ok((Record { payee, content }, recipient))
}

/// Reads a content digest: with `0x` before its 64 digits, or without, as `sha256sum` prints it.
///
/// # Errors
/// If it is neither.
pub fn parse_content(text: &str) -> Result<ContentDigest, String> {
    let is_plain = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_plain { format!("0x{text}").parse() } else { text.parse() }
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
            Ok(found) => Ok(found.records),
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
        assert_eq!(refused(&format!("0x{},{d}", "0".repeat(40))), (Some(2), Reason::ZeroPayee { record: 0 }));
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
            refused(&format!("{PAYEE},{}", "ab".repeat(31))),
            (Some(2), Reason::Content("a content digest must start with 0x".into()))
        );
        assert_eq!(refused(&format!("{PAYEE},{d},")), (Some(2), Reason::Columns { expected: 2, found: 3 }));
        assert_eq!(
            refused(&format!("{PAYEE},{d}\n\n{PAYEE},{}\n{PAYEE},{d}", digest(2))),
            (Some(5), Reason::DuplicateRecord { first: 2 })
        );
    }

    /// As `sha256sum` prints it, and as everything else writes it.
    #[test]
    fn a_digest_is_the_same_with_0x_and_without() {
        let both = ["ab".repeat(32), "AB".repeat(32), format!("0x{}", "ab".repeat(32))];
        for text in both {
            assert_eq!(parse_content(&text), Ok(ContentDigest([0xab; 32])), "{text}");
        }
        for text in
            ["ab".repeat(33), format!("0x{}", "ab".repeat(31)), format!("{}g", "a".repeat(63)), String::new()]
        {
            assert!(parse_content(&text).is_err(), "{text}");
        }
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
            Err(vec![BadRow { line: Some(1), reason: Reason::Columns { expected: 2, found: 1 } }])
        );
    }

    #[test]
    fn recipients_are_keys_or_nothing() {
        let key = apportion_secrets::Identity::generate(&mut rand_core::OsRng).unwrap().recipient();
        let text = format!("payee,content,recipient\n{PAYEE},{},{key}\n{PAYEE},{},\n", digest(1), digest(2));
        let found = parse(Rows::new(text.as_bytes(), Path::new("records.csv")), 4).unwrap();
        assert_eq!(found.recipients, [Some(key), None]);
        let text = format!("payee,content,recipient\n{PAYEE},{},age1x\n{PAYEE},{}\n", digest(1), digest(2));
        let bad = read(&text).unwrap_err();
        assert!(matches!(bad[0].reason, Reason::Recipient(_)));
        assert_eq!(bad[1].reason, Reason::Columns { expected: 3, found: 2 });
    }

    #[test]
    fn what_is_strange_is_said() {
        let other = PAYEE.replace("85", "86");
        let zero = digest(0);
        let text = format!("payee,content\n{PAYEE},{}\n{other},{}\n{PAYEE},{zero}\n", digest(1), digest(1));
        let found = parse(Rows::new(text.as_bytes(), Path::new("records.csv")), 4).unwrap();
        let warnings = found.warnings();
        assert!(warnings[0].starts_with("line 4: record 2 has an all-zero content digest"), "{warnings:?}");
        assert!(
            warnings[1].starts_with("lines 2 and 3: records 0 and 1 have one content and two"),
            "{warnings:?}"
        );
        let empty = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let text = format!("payee,content\n{PAYEE},{empty}\n{other},{empty}\n");
        let warnings = parse(Rows::new(text.as_bytes(), Path::new("records.csv")), 4).unwrap().warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("the SHA-256 of an empty file") && warnings[0].contains("1 more"));
        assert!(RecordsFile::default().warnings().is_empty());
    }

    #[test]
    fn the_number_of_records_is_limited() {
        let rows = |n: u8| -> String { (1..=n).map(|i| format!("{PAYEE},{}\n", digest(i))).collect() };
        assert_eq!(read(&format!("payee,content\n{}", rows(4))).unwrap().len(), 4);
        assert_eq!(refused(&rows(5)), (Some(6), Reason::TooManyRecords { limit: 4 }));
    }
}
