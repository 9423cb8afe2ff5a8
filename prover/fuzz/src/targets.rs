//! One function per fuzz target, shared with `tests/corpus.rs`. Each panics where a property fails and returns
//! whether the bytes were accepted.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use apportion::{
    input::{parse_amount, parse_score, read_records, read_scores},
    ledger::{Config, reencode},
};
use apportion_circuits::types::{ContentDigest, Payee, Record, Word};
use apportion_secrets::{
    Identity, Recipient, Seed,
    backup::{self, BackupError, Contents},
    read_identities, read_recipients,
};
use halo2curves_axiom::bn256::Fr;
use pasta_curves::Fp;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A fuzz target.
pub type Target = fn(&[u8]) -> bool;

/// Every target by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("records_csv", records_csv),
    ("scores_csv", scores_csv),
    ("private_files", private_files),
    ("ledger_toml", ledger_toml),
    ("amount", amount),
    ("seed", seed),
    ("recipients", recipients),
    ("identities", identities),
    ("backup", backup),
];

/// `records.csv`, with or without the keys that receipts are encrypted to.
pub fn records_csv(data: &[u8]) -> bool {
    let files = Files::new();
    let Ok(found) = read_records(&files.put(data)) else { return false };
    assert!(!found.records.is_empty());
    assert_eq!((found.recipients.len(), found.lines.len()), (found.records.len(), found.records.len()));
    assert!(found.records.iter().all(|record| !record.payee.is_zero()));
    let mut text = String::from("payee,content,recipient\n");
    for (Record { payee, content }, recipient) in found.records.iter().zip(&found.recipients) {
        let key = recipient.as_ref().map(ToString::to_string).unwrap_or_default();
        writeln!(text, "{payee},{content},{key}").expect("written to memory");
    }
    let again = read_records(&files.put(text.as_bytes())).expect("what is written is read");
    assert_eq!((again.records, again.recipients), (found.records, found.recipients));
    true
}

/// The dataset that scores are read for: the last two records are one payee's.
fn dataset() -> Vec<Record> {
    let record =
        |(payee, content)| Record { payee: Payee([payee; 20]), content: ContentDigest([content; 32]) };
    [(0x11, 1), (0x22, 2), (0x33, 3), (0x33, 4)].map(record).to_vec()
}

/// `scores.csv`, with and without the dataset's records at hand.
pub fn scores_csv(data: &[u8]) -> bool {
    let (files, dataset) = (Files::new(), dataset());
    let mut accepted = false;
    for dataset in [&dataset[..], &dataset[..3]] {
        let path = files.put(data);
        let alone = read_scores(&path, dataset.len(), None);
        let Ok(scores) = read_scores(&path, dataset.len(), Some(dataset)) else {
            assert!(alone.is_err(), "refused only with more knowledge");
            continue;
        };
        assert_eq!(scores.values().len(), dataset.len());
        assert!(alone.is_err() || alone.is_ok_and(|alone| alone == scores));
        let mut text = String::from("record,score\n");
        for (record, score) in scores.values().iter().enumerate() {
            writeln!(text, "{record},{score}").expect("written to memory");
        }
        let again = read_scores(&files.put(text.as_bytes()), dataset.len(), None);
        assert!(again.expect("what is written is read") == scores);
        accepted = true;
    }
    accepted
}

/// Offsets in a private file: magic, kind, version; then place, length, payload, digest.
const PLACE: usize = 16;
const LENGTH: usize = PLACE + 32;
const PAYLOAD: usize = LENGTH + 8;

/// Every kind of private file in both fields; once more with length and digest that fit, which no mutation finds.
pub fn private_files(data: &[u8]) -> bool {
    let accepted = |data: &[u8]| {
        let place = data.get(PLACE..LENGTH).and_then(|place| place.try_into().ok()).unwrap_or_default();
        let (place, mut other) = (Word(place), Word(place));
        let mut accepted = false;
        for again in [reencode::<Fp>(data, place), reencode::<Fr>(data, place)].into_iter().flatten() {
            assert_eq!(*again, data);
            accepted = true;
        }
        other.0[0] ^= 1;
        assert!(reencode::<Fp>(data, other).is_none(), "accepted in another place");
        accepted
    };
    if let Some(payload) = data.len().checked_sub(PAYLOAD + 32) {
        let mut fitted = data.to_vec();
        fitted[LENGTH..PAYLOAD].copy_from_slice(&(payload as u64).to_be_bytes());
        let (content, digest) = fitted.split_at_mut(PAYLOAD + payload);
        digest.copy_from_slice(&Sha256::digest(content));
        accepted(&fitted);
    }
    accepted(data)
}

/// `ledger.toml`.
pub fn ledger_toml(data: &[u8]) -> bool {
    let files = Files::new();
    let Ok(config) = Config::read(&files.put(data)) else { return false };
    let text = toml::to_string(&config).expect("a configuration can be written");
    assert_eq!(Config::read(&files.put(text.as_bytes())).expect("what is written is read"), config);
    true
}

/// Amounts and scores on the command line and in files.
pub fn amount(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let amount = parse_amount(text);
    if let Ok(amount) = &amount {
        assert_eq!(parse_amount(&amount.to_string()).as_ref(), Ok(amount));
    }
    match parse_score(text) {
        Ok(score) => assert_eq!(amount, Ok(score.into())),
        Err(_) => assert!(amount.is_err() || amount.is_ok_and(|amount| u64::try_from(amount).is_err())),
    }
    amount.is_ok()
}

/// A seed's text: one line, with comments around it.
pub fn seed(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let Ok(seed) = Seed::parse(text) else { return false };
    let line = seed.to_text();
    let again = Seed::parse(&line).expect("what is written is read");
    assert!(again.as_bytes() == seed.as_bytes() && again.id() == seed.id());
    true
}

/// A list of age public keys.
pub fn recipients(data: &[u8]) -> bool {
    let files = Files::new();
    let Ok(keys) = read_recipients(&files.put(data)) else { return false };
    assert!(!keys.is_empty());
    for key in keys {
        let again: Recipient = key.to_string().parse().expect("what is written is read");
        assert_eq!(again, key);
    }
    true
}

/// A list of age secret keys.
pub fn identities(data: &[u8]) -> bool {
    let files = Files::new();
    let Ok(keys) = read_identities(&files.put(data)) else { return false };
    assert!(!keys.is_empty());
    for key in keys {
        let again = Identity::parse(&key.to_text()).expect("what is written is read");
        assert_eq!(again.recipient(), key.recipient());
    }
    true
}

/// A backup's container. What is read of it is all of it: packing what was unpacked gives the same bytes.
pub fn backup(data: &[u8]) -> bool {
    let files = Files::new();
    let target = files.path("unpacked");
    let checked = backup::check(data);
    let unpacked = backup::unpack(data, &target);
    let Ok(contents) = &checked else {
        assert!(unpacked.is_err() && !target.exists(), "unpacked what is no backup");
        return false;
    };
    let Ok(unpacked) = unpacked else {
        // A name may be one that this file system does not take; what a name may not be is refused above.
        return false;
    };
    assert_eq!(unpacked, *contents);
    assert_eq!(repacked(contents, &target).expect("what was unpacked can be packed"), data);
    true
}

fn repacked(contents: &Contents, root: &Path) -> Result<Vec<u8>, BackupError> {
    let names: Vec<_> = contents.files.iter().map(|file| &file.name).collect();
    let mut again = Vec::new();
    backup::pack(root, &names, &contents.header, &mut again)?;
    Ok(again)
}

/// A directory for the parsers that take paths, in memory where the system has such a place.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Self(dir.expect("a temporary directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, bytes: &[u8]) -> PathBuf {
        let path = self.path("file");
        fs::write(&path, bytes).expect("a temporary file");
        path
    }
}
