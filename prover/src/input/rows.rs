//! CSV files of two or three columns, row by row, in bounded memory.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use csv_core::ReadRecordResult;
use zeroize::Zeroizing;

use super::{
    InputError,
    error::{BadRows, Reason},
};

/// The longest line that is read, its end not counted. Valid lines are below 200 bytes.
pub const MAX_LINE_BYTES: usize = 4096;

const BOM: &[u8] = &[0xef, 0xbb, 0xbf];

/// The most columns that a file has.
const MAX_COLUMNS: usize = 3;

/// One row: its line and its fields, those beyond the file's columns empty.
pub(super) struct Row<'a> {
    pub(super) line: u64,
    pub(super) fields: [&'a str; MAX_COLUMNS],
}

/// The rows of a file whose columns its header names. A row is a line: no valid field holds a line break.
/// Blank lines are skipped, bad ones noted.
pub(super) struct Rows<R> {
    reader: BufReader<R>,
    line: u64,
    // Those of the header, as soon as it is read.
    columns: Option<usize>,
    // Zeroized: they hold scores.
    text: Zeroizing<Vec<u8>>,
    fields: Zeroizing<Vec<u8>>,
    pub(super) bad: BadRows,
}

/// What a physical line turned out to be.
enum Line {
    End,
    Blank,
    TooLong,
    Text,
}

impl Rows<File> {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> Result<Self, InputError> {
        let file = File::open(path).map_err(|source| InputError::Io { path: path.into(), source })?;
        Ok(Self::new(file, path))
    }
}

impl<R: Read> Rows<R> {
    /// The rows that `reader` delivers; `path` is for messages.
    pub(super) fn new(reader: R, path: &Path) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, reader),
            line: 0,
            columns: None,
            text: Zeroizing::new(Vec::with_capacity(MAX_LINE_BYTES + 2)),
            fields: Zeroizing::new(vec![0; MAX_LINE_BYTES + 2]),
            bad: BadRows::new(path.into()),
        }
    }

    /// Reads the header, which must be one of `accepted`; returns which. Ends the file's reading where it is
    /// not.
    pub(super) fn header(
        mut self,
        accepted: &[&[&str]],
        expected: &'static str,
    ) -> Result<(Self, usize), InputError> {
        let named = |row: Row<'_>, names: &[&str]| {
            row.fields
                .iter()
                .enumerate()
                .all(|(i, field)| names.get(i).copied().unwrap_or_default() == *field)
        };
        let found = self.next()?.map(|row| {
            let Row { line, fields } = row;
            (line, accepted.iter().position(|names| named(Row { line, fields }, names)))
        });
        match found {
            Some((_, Some(which))) => {
                self.columns = accepted.get(which).map(|names| names.len());
                return Ok((self, which));
            }
            Some((line, None)) => self.bad.add(line, Reason::Header { expected }),
            None if self.bad.is_empty() => self.bad.add(None, Reason::NoHeader { expected }),
            None => {}
        }
        // A file with another header is another file: its other rows would be noise.
        self.bad.rows.truncate(1);
        self.bad.more = 0;
        Err(InputError::Rows(self.bad))
    }

    /// The next good row, bad ones noted on the way.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, InputError> {
        let ends = loop {
            let line = match self.read_line() {
                Ok(line) => line,
                Err(source) => {
                    return Err(InputError::Io { path: self.bad.path.clone(), source });
                }
            };
            let reason = match line {
                Line::End => return Ok(None),
                Line::Blank => continue,
                Line::TooLong => Reason::LineTooLong { limit: MAX_LINE_BYTES },
                Line::Text => match split(&self.text, &mut self.fields, self.columns) {
                    Ok(ends) => break ends,
                    Err(reason) => reason,
                },
            };
            self.bad.add(self.line, reason);
        };
        // `split` checked the encoding and the bounds.
        let field = |from: usize, to: usize| {
            self.fields.get(from..to).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
        };
        let fields = std::array::from_fn(|i| field(if i == 0 { 0 } else { ends[i - 1] }, ends[i]));
        Ok(Some(Row { line: self.line, fields }))
    }

    /// The line of the last row.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    fn read_line(&mut self) -> io::Result<Line> {
        self.text.clear();
        // Room for the longest line, a BOM apart, and CR LF.
        let limit = MAX_LINE_BYTES + 2;
        let read = self.reader.by_ref().take(limit as u64).read_until(b'\n', &mut self.text)?;
        if read == 0 {
            return Ok(Line::End);
        }
        self.line += 1;
        if self.text.last() == Some(&b'\n') {
            self.text.pop();
        } else if read == limit {
            self.skip_line()?;
            return Ok(Line::TooLong);
        }
        if self.text.last() == Some(&b'\r') {
            self.text.pop();
        }
        if self.line == 1 && self.text.starts_with(BOM) {
            self.text.drain(..BOM.len());
        }
        Ok(match self.text.len() {
            0 => Line::Blank,
            length if length > MAX_LINE_BYTES => Line::TooLong,
            _ if self.text.iter().all(|byte| matches!(byte, b' ' | b'\t')) => Line::Blank,
            _ => Line::Text,
        })
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                return Ok(());
            }
            match chunk.iter().position(|byte| *byte == b'\n') {
                Some(at) => {
                    self.reader.consume(at + 1);
                    return Ok(());
                }
                None => {
                    let length = chunk.len();
                    self.reader.consume(length);
                }
            }
        }
    }
}

/// Splits a line into its fields, unquoted into `fields`; returns where each ends. `expected` is the number
/// of columns, any up to [`MAX_COLUMNS`] where it is not known yet.
fn split(line: &[u8], fields: &mut [u8], expected: Option<usize>) -> Result<[usize; MAX_COLUMNS], Reason> {
    if std::str::from_utf8(line).is_err() {
        return Err(Reason::NotUtf8);
    }
    if line.contains(&b'\r') {
        return Err(Reason::CarriageReturn);
    }
    if line.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
        return Err(Reason::Quotes);
    }
    let mut ends = [0usize; 16];
    let mut reader = csv_core::Reader::new();
    let (mut read, mut written, mut columns) = (0, 0, 0);
    // The second call, with nothing left to read, ends the row.
    for _ in 0..2 {
        let (state, used, wrote, ended) =
            reader.read_record(&line[read..], &mut fields[written..], &mut ends[columns..]);
        (read, written, columns) = (read + used, written + wrote, columns + ended);
        match state {
            ReadRecordResult::InputEmpty => {}
            // Only a row of very many columns fills `ends`; `fields` is as long as the line.
            ReadRecordResult::OutputEndsFull | ReadRecordResult::OutputFull => {
                let found = 1 + line.iter().filter(|byte| **byte == b',').count();
                return Err(Reason::Columns { expected: expected.unwrap_or(2), found });
            }
            ReadRecordResult::Record | ReadRecordResult::End => break,
        }
    }
    let fits = expected.map_or((2..=MAX_COLUMNS).contains(&columns), |expected| columns == expected);
    if !fits {
        return Err(Reason::Columns { expected: expected.unwrap_or(2), found: columns });
    }
    Ok(std::array::from_fn(|i| ends[i.min(columns - 1)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{BadRow, REPORTED_ROWS};

    fn rows(text: &[u8]) -> (Vec<(u64, String, String)>, BadRows) {
        let mut rows = Rows::new(text, Path::new("f.csv"));
        rows.columns = Some(2);
        let mut good = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            good.push((row.line, row.fields[0].to_owned(), row.fields[1].to_owned()));
        }
        (good, rows.bad)
    }

    fn row(line: u64, first: &str, second: &str) -> (u64, String, String) {
        (line, first.into(), second.into())
    }

    #[test]
    fn bom_crlf_quotes_blank_lines_and_a_missing_last_line_end_are_accepted() {
        let (good, bad) = rows(b"\xef\xbb\xbfa,b\r\n\r\n \t\n\"c\",\"d,\"\"e\"\"\"\r\n\n,f");
        assert_eq!(good, [row(1, "a", "b"), row(4, "c", "d,\"e\""), row(6, "", "f")]);
        assert!(bad.is_empty());
    }

    #[test]
    fn bad_lines_are_named_and_the_others_read() {
        let mut text = b"a,b\nx\n1,2,3\n\xff,1\n\"open,1\n1,\"2\n3\"\nc\rd,1\n".to_vec();
        text.extend(vec![b'x'; MAX_LINE_BYTES + 1]);
        text.extend(b"\n");
        text.extend(vec![b'y'; 100_000]);
        text.extend(b"\n");
        text.extend(vec![b','; 300]);
        text.extend(b"\nlast,1\n");
        let (good, bad) = rows(&text);
        assert_eq!(good, [row(1, "a", "b"), row(12, "last", "1")]);
        let long = Reason::LineTooLong { limit: MAX_LINE_BYTES };
        let expected = [
            (2, Reason::Columns { expected: 2, found: 1 }),
            (3, Reason::Columns { expected: 2, found: 3 }),
            (4, Reason::NotUtf8),
            (5, Reason::Quotes),
            (6, Reason::Quotes),
            (7, Reason::Quotes),
            (8, Reason::CarriageReturn),
            (9, long.clone()),
            (10, long),
            (11, Reason::Columns { expected: 2, found: 301 }),
        ]
        .map(|(line, reason)| BadRow { line: Some(line), reason });
        assert_eq!(bad.rows, expected);
    }

    #[test]
    fn the_longest_line_is_accepted_with_any_line_end() {
        for end in ["\n", "\r\n", ""] {
            let text = format!("{},b{end}", "x".repeat(MAX_LINE_BYTES - 2));
            let (good, bad) = rows(text.as_bytes());
            assert_eq!((good.len(), bad.is_empty()), (1, true));
        }
    }

    #[test]
    fn the_list_of_bad_rows_is_bounded() {
        let (good, bad) = rows("x\n".repeat(1000).as_bytes());
        assert!(good.is_empty());
        assert_eq!(bad.rows.len(), REPORTED_ROWS);
        assert_eq!(bad.more, 1000 - REPORTED_ROWS as u64);
        assert!(bad.to_string().ends_with("f.csv: and 980 more"));
    }

    #[test]
    fn a_stream_without_line_ends_takes_bounded_memory() {
        let mut rows = Rows::new(io::repeat(b'0').take(1 << 27), Path::new("f.csv"));
        assert!(rows.next().unwrap().is_none());
        assert_eq!(rows.bad.rows[0].reason, Reason::LineTooLong { limit: MAX_LINE_BYTES });
        assert!(rows.text.capacity() < 1 << 16);
    }
}
