//! `scores.csv`.

use std::{fmt, io::Read, path::Path};

use apportion_circuits::types::{Payee, Record, Score, TOTAL_SCORE_BITS};
use zeroize::Zeroizing;

use super::{InputError, amount::parse_score, error::Reason, rows::Rows};

const HEADERS: &str = "record,score` or `payee,score";

/// The scores of a dataset's records, in the dataset's order. Secret: never shown, overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Scores(Zeroizing<Vec<Score>>);

impl Scores {
    /// Takes over a list of scores.
    pub fn new(scores: Vec<Score>) -> Self {
        Self(Zeroizing::new(scores))
    }

    /// The scores, in the dataset's order.
    pub fn values(&self) -> &[Score] {
        &self.0
    }

    /// Their sum.
    pub fn total(&self) -> u128 {
        self.0.iter().map(|score| u128::from(*score)).sum()
    }
}

impl fmt::Debug for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scores({} hidden)", self.0.len())
    }
}

/// Reads the scores of a dataset of `records` records: header `record,score` (row number from 0), or
/// `payee,score` where `dataset` is known and payees are unique. Every record has exactly one score; the sum is
/// below 2^80.
pub fn read_scores(path: &Path, records: usize, dataset: Option<&[Record]>) -> Result<Scores, InputError> {
    parse(Rows::open(path)?, records, dataset)
}

/// How rows name their record.
enum Naming {
    Numbers(usize),
    Payees(PayeeIndex),
}

fn parse<R: Read>(rows: Rows<R>, records: usize, dataset: Option<&[Record]>) -> Result<Scores, InputError> {
    let expected = if dataset.is_some() { HEADERS } else { "record,score" };
    let (mut rows, which) = rows.header(&[&["record", "score"], &["payee", "score"]], expected)?;
    let naming = match (which, dataset) {
        (1, Some(dataset)) => Naming::Payees(PayeeIndex::new(dataset)),
        (1, None) => {
            rows.bad.add(rows.line(), Reason::PayeesWithoutRecords);
            return Err(InputError::Rows(rows.bad));
        }
        _ => Naming::Numbers(records),
    };
    let mut scores = Zeroizing::new(vec![0; records]);
    // The line on which each record's score stands; 0 where none does.
    let mut lines = vec![0u32; records];
    while let Some(row) = rows.next()? {
        let line = row.line;
        let outcome = naming.record(row.fields[0]).and_then(|record| {
            let score = parse_score(row.fields[1]).map_err(Reason::Score);
            match lines[record] {
                0 => {
                    // A bad score still is the record's: it is not missing as well.
                    lines[record] = u32::try_from(line).unwrap_or(u32::MAX);
                    score.map(|score| scores[record] = score)
                }
                first => Err(Reason::DuplicateScore { record, first: first.into() }),
            }
        });
        if let Err(reason) = outcome {
            rows.bad.add(line, reason);
        }
    }
    for (record, _) in lines.iter().enumerate().filter(|(_, line)| **line == 0) {
        rows.bad.add(None, Reason::MissingScore { record });
    }
    let total: u128 = scores.iter().map(|score| u128::from(*score)).sum();
    if total >> TOTAL_SCORE_BITS != 0 {
        rows.bad.add(rows.line(), Reason::TotalTooLarge { bits: TOTAL_SCORE_BITS });
    }
    rows.bad.or(Scores(scores))
}

impl Naming {
    fn record(&self, name: &str) -> Result<usize, Reason> {
        match self {
            Naming::Numbers(records) => {
                let record = parse_score(name).map_err(Reason::RecordNumber)?;
                usize::try_from(record)
                    .ok()
                    .filter(|index| index < records)
                    .ok_or(Reason::RecordOutOfRange { record, records: *records })
            }
            Naming::Payees(index) => index.find(name.parse().map_err(Reason::Payee)?),
        }
    }
}

/// Payees in order, each with its record.
struct PayeeIndex(Vec<(Payee, u32)>);

impl PayeeIndex {
    fn new(dataset: &[Record]) -> Self {
        let mut index: Vec<_> = dataset.iter().zip(0..).map(|(record, i)| (record.payee, i)).collect();
        index.sort_unstable();
        Self(index)
    }

    fn find(&self, payee: Payee) -> Result<usize, Reason> {
        let first = self.0.partition_point(|(other, _)| *other < payee);
        let records = self.0[first..].partition_point(|(other, _)| *other == payee);
        match records {
            0 => Err(Reason::UnknownPayee(payee)),
            1 => Ok(self.0[first].1 as usize),
            _ => Err(Reason::AmbiguousPayee { payee, records }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{AmountError, BadRow};

    fn payee(byte: u8) -> Payee {
        Payee([byte; 20])
    }

    /// Three records of payees 1, 2, 2.
    fn dataset() -> Vec<Record> {
        [1, 2, 2].map(|byte| Record { payee: payee(byte), content: Default::default() }).to_vec()
    }

    fn read(text: &str, dataset: &[Record]) -> Result<Scores, Vec<BadRow>> {
        match parse(Rows::new(text.as_bytes(), Path::new("scores.csv")), dataset.len(), Some(dataset)) {
            Ok(scores) => Ok(scores),
            Err(InputError::Rows(bad)) => Err(bad.rows),
            Err(error) => panic!("{error}"),
        }
    }

    fn at(line: u64, reason: Reason) -> BadRow {
        BadRow { line: Some(line), reason }
    }

    #[test]
    fn scores_are_put_in_the_datasets_order() {
        let scores = read("record,score\n2,30\n0,10\n\n1,18446744073709551615\n", &dataset()).unwrap();
        assert_eq!(scores.values(), [10, u64::MAX, 30]);
        assert_eq!(scores.total(), u128::from(u64::MAX) + 40);
        assert_eq!(format!("{scores:?}"), "Scores(3 hidden)");
        let unique = &dataset()[..2];
        let text = format!("\u{feff}payee,score\r\n{},5\r\n\"{}\",\"6\"\r\n", payee(2), payee(1));
        assert_eq!(read(&text, unique).unwrap().values(), [6, 5]);
    }

    #[test]
    fn each_fault_is_refused_with_its_line() {
        let out_of_range = |record| Reason::RecordOutOfRange { record, records: 3 };
        let text = "record,score\n0,-1\n1,1.5\n2,18446744073709551616\n3,1\n99,1\n-1,1\nx,1\n1,5\n,1\n";
        let bad = read(text, &dataset()).unwrap_err();
        assert_eq!(
            bad,
            [
                at(2, Reason::Score(AmountError::Negative)),
                at(3, Reason::Score(AmountError::Fractional)),
                at(4, Reason::Score(AmountError::TooLarge { bits: 64 })),
                at(5, out_of_range(3)),
                at(6, out_of_range(99)),
                at(7, Reason::RecordNumber(AmountError::Negative)),
                at(8, Reason::RecordNumber(AmountError::NotAnInteger)),
                at(9, Reason::DuplicateScore { record: 1, first: 3 }),
                at(10, Reason::RecordNumber(AmountError::Missing)),
            ]
        );
    }

    #[test]
    fn missing_scores_are_refused() {
        let bad = read("record,score\n0,\n2,1\n", &dataset()).unwrap_err();
        let missing = BadRow { line: None, reason: Reason::MissingScore { record: 1 } };
        assert_eq!(bad, [at(2, Reason::Score(AmountError::Missing)), missing]);
    }

    #[test]
    fn unknown_and_ambiguous_payees_are_refused() {
        let text = format!("payee,score\n{},1\n{},1\n{},1\n0x12,1\n", payee(1), payee(2), payee(3));
        let bad = read(&text, &dataset()).unwrap_err();
        assert_eq!(bad[0], at(3, Reason::AmbiguousPayee { payee: payee(2), records: 2 }));
        assert_eq!(bad[1], at(4, Reason::UnknownPayee(payee(3))));
        let malformed = "a payee must have 40 hex digits after 0x, found 2";
        assert_eq!(bad[2], at(5, Reason::Payee(malformed.into())));
    }

    #[test]
    fn headers_are_exact() {
        for text in ["score,record\n", "record,scores\n", "payee,content\n0,1\n"] {
            let expected = HEADERS;
            assert_eq!(read(text, &dataset()).unwrap_err(), [at(1, Reason::Header { expected })]);
        }
        // Without the dataset's records, payees cannot be resolved.
        let rows = Rows::new("payee,score\n".as_bytes(), Path::new("scores.csv"));
        let Err(InputError::Rows(bad)) = parse(rows, 3, None) else { panic!("accepted") };
        assert_eq!(bad.rows, [at(1, Reason::PayeesWithoutRecords)]);
    }

    #[test]
    fn the_total_is_bounded() {
        // 2^16 scores of 2^64 - 1 stay below 2^80; one more record passes it.
        let text = |n: usize| -> String {
            let rows = (0..n).map(|i| format!("{i},{}\n", u64::MAX));
            ["record,score\n".to_owned()].into_iter().chain(rows).collect()
        };
        assert!(read(&text(1 << 16), &vec![Record::default(); 1 << 16]).is_ok());
        let bad = read(&text((1 << 16) + 1), &vec![Record::default(); (1 << 16) + 1]).unwrap_err();
        assert_eq!(bad, [at((1 << 16) + 2, Reason::TotalTooLarge { bits: 80 })]);
    }

    #[test]
    fn no_message_holds_a_score() {
        let bad = read("record,score\n0,-987654\n1,98765.4\n2,9876540000000000000000\n", &dataset());
        for row in bad.unwrap_err() {
            assert!(!row.reason.to_string().contains("98765"), "{row:?}");
        }
    }
}
