use apportion_circuits::{field::SuiteId, relation::RelationId, types::Tier};

use crate::files::*;
use crate::samples::word;

fn blob(proof: Vec<u8>) -> ProofBlob {
    ProofBlob {
        suite: SuiteId::Pasta,
        relation: RelationId::Tree,
        tier: Tier::T1024,
        table_digest: word(1),
        key_digest: word(2),
        proof,
    }
}

#[test]
fn blobs_parse_exactly() {
    let blob = blob((0..40).collect());
    let bytes = blob.to_bytes();
    assert_eq!(bytes.len(), 40 + BLOB_OVERHEAD);
    assert_eq!(ProofBlob::from_bytes(&bytes).unwrap(), blob);
    for cut in 0..bytes.len() {
        assert!(ProofBlob::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    for more in 1..40 {
        assert!(ProofBlob::from_bytes(&[&bytes[..], &vec![0; more]].concat()).is_err());
    }
    for position in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[position] ^= 1 << bit;
            assert!(ProofBlob::from_bytes(&flipped).is_err(), "bit {bit} of byte {position}");
        }
    }
}

#[test]
fn blob_errors_are_typed() {
    let reseal = |position: usize, value: u8| {
        let mut bytes = blob(vec![7; 8]).to_bytes();
        bytes[position] = value;
        let end = bytes.len() - 32;
        let digest = sha256(&bytes[..end]);
        bytes[end..].copy_from_slice(&digest.0);
        ProofBlob::from_bytes(&bytes).unwrap_err()
    };
    assert_eq!(reseal(0, b'a'), BlobError::Magic);
    assert_eq!(reseal(9, 2), BlobError::Version { found: 2 });
    assert_eq!(reseal(10, 0), BlobError::Code { what: "suite", code: 0 });
    assert_eq!(reseal(11, 3), BlobError::Code { what: "relation", code: 3 });
    assert_eq!(reseal(12, 4), BlobError::Code { what: "tier", code: 4 });
    assert_eq!(reseal(12, 8), BlobError::Code { what: "tier", code: 8 });
    assert!(matches!(reseal(77, 0xff), BlobError::Length { .. }));
    assert!(matches!(reseal(80, 9), BlobError::Length { .. }));
    assert!(Fault::from(reseal(9, 2)).is_version());
}

#[test]
fn file_sizes_are_checked_before_reading() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.proof");
    std::fs::write(&path, blob(vec![7; 8]).to_bytes()).unwrap();
    assert!(ProofBlob::read(&path, 8).is_ok());
    for length in [0, 7, 9] {
        let error = ProofBlob::read(&path, length).unwrap_err();
        assert!(matches!(error.fault, Fault::Length { .. }), "{error}");
        assert!(error.to_string().contains("a.proof"));
    }
    assert!(matches!(read_file(dir.path(), 10).unwrap_err().fault, Fault::NotAFile));
    assert!(matches!(read_file(&dir.path().join("none"), 10).unwrap_err().fault, Fault::Io(_)));
    // A sparse file of 1 TiB is refused by its size alone.
    let huge = dir.path().join("receipt.json");
    std::fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    assert!(matches!(ReceiptDoc::read(&huge).unwrap_err().fault, Fault::TooLarge { .. }));
}

#[test]
fn amounts_have_one_spelling() {
    for text in [
        "",
        "-1",
        "+1",
        "01",
        "00",
        " 1",
        "1 ",
        "1e3",
        "0x1",
        "1.0",
        "١",
        "340282366920938463463374607431768211456",
    ] {
        assert!(text.parse::<Amount>().is_err(), "{text}");
    }
    assert_eq!("0".parse(), Ok(Amount(0)));
    assert_eq!(u128::MAX.to_string().parse(), Ok(Amount(u128::MAX)));
}

#[test]
fn file_names_stay_in_their_directory() {
    for name in ["", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", ".hidden", "A", "a\0b", &"a".repeat(65)]
    {
        assert!(name.parse::<FileName>().is_err(), "{name}");
    }
    assert!("0-1.proof".parse::<FileName>().is_ok());
}

#[test]
fn openings_are_bounded_hex() {
    let read = |digits: &str| serde_json::from_str::<Hex>(&format!("\"{digits}\""));
    assert_eq!(read("0x00ff").unwrap(), Hex(vec![0, 255]));
    assert_eq!(read(&format!("0x{}", "00".repeat(4096))).unwrap().0.len(), 4096);
    for digits in ["", "0x", "00", "0x0", "0xg0", "0x 0", &format!("0x{}", "00".repeat(4097))] {
        assert!(read(digits).is_err(), "{digits}");
    }
}

#[test]
fn a_digest_is_made_piece_by_piece_of_bounded_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    for length in [0, 1, (1 << 14) - 1, 1 << 14, 100_000] {
        let bytes = vec![7; length];
        fs::write(&path, &bytes).unwrap();
        assert_eq!(digest_file(&path, length as u64).unwrap(), sha256(&bytes));
        if let Some(less) = (length as u64).checked_sub(1) {
            assert!(matches!(digest_file(&path, less).unwrap_err().fault, Fault::TooLarge { .. }));
        }
    }
    // Nothing of a huge file is read, and of no directory.
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    assert!(matches!(digest_file(&path, 1 << 20).unwrap_err().fault, Fault::TooLarge { .. }));
    assert!(matches!(digest_file(dir.path(), 10).unwrap_err().fault, Fault::NotAFile));
}
