//! Backups: what goes in comes out, and nothing else does.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
};

use apportion_circuits::types::{Payee, Word};
use apportion_secrets::{
    Identity, LedgerId, Seed,
    backup::{self, BACKUP_VERSION, BackupError, BackupHeader, Contents},
};
use rand_core::OsRng;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const BLOCK: usize = 512;

fn seed() -> Seed {
    Seed::from_bytes(&[7; 32])
}

fn header() -> BackupHeader {
    BackupHeader {
        version: BACKUP_VERSION,
        ledger: LedgerId { chain_id: 10, contract: Payee([1; 20]), model: Word([2; 32]) },
        epoch: 12,
        created_by: "apportion 0.1.0".into(),
        seed_id: seed().id(),
        seed_file: Some("private/seed.txt".into()),
    }
}

/// A ledger's directory.
fn ledger() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("private/balances/000012")).unwrap();
    fs::write(dir.path().join("ledger.json"), b"{}\n").unwrap();
    fs::write(dir.path().join("empty"), b"").unwrap();
    fs::write(dir.path().join("private/balances/000012/0-0.bin"), [0xba; 1024]).unwrap();
    fs::write(dir.path().join("private/balances/000012/0-1.bin"), vec![0x5a; 70_001]).unwrap();
    seed().write_new(&dir.path().join("private/seed.txt")).unwrap();
    dir
}

fn packed() -> (TempDir, Vec<u8>, Contents) {
    let dir = ledger();
    let mut bytes = Vec::new();
    let contents =
        backup::pack(dir.path(), &backup::list(dir.path()).unwrap(), &header(), &mut bytes).unwrap();
    (dir, bytes, contents)
}

fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = backup::list(root).unwrap();
    names.into_iter().map(|name| (name.clone(), fs::read(root.join(name)).unwrap())).collect()
}

/// What a refused backup says, having left nothing behind; `check` says the same.
fn refused(bytes: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let error = backup::unpack(bytes, &dir.path().join("target")).unwrap_err().to_string();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{error}");
    assert_eq!(backup::check(bytes).unwrap_err().to_string(), error);
    error
}

/// A container of these entries, made by the crate for tar files in the form of a backup, its sums right.
fn forged(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut sums = String::new();
    let mut bytes = Vec::new();
    let json = serde_json::to_vec(&BackupHeader { seed_file: None, ..header() }).unwrap();
    for (name, content) in [("backup.json", &*json)].iter().chain(entries) {
        sums += &format!("{}  {name}\n", hex::encode(Sha256::digest(content)));
        entry(&mut bytes, name, content);
    }
    entry(&mut bytes, "SHA256SUMS", sums.as_bytes());
    bytes.extend([0; 2 * BLOCK]);
    bytes
}

fn entry(bytes: &mut Vec<u8>, name: &str, content: &[u8]) {
    bytes.extend(seal(tar_header(name, content.len() as u64)));
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
}

fn tar_header(name: &str, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    // Past the crate's own checks of names.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_device_major(0).unwrap();
    header.set_device_minor(0).unwrap();
    header
}

/// The header with its checksum, six digits as most programs write it; the crate writes seven.
fn seal(mut header: tar::Header) -> [u8; BLOCK] {
    header.set_cksum();
    let sum = header.cksum().unwrap();
    header.as_old_mut().cksum.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    *header.as_bytes()
}

#[test]
fn what_is_packed_is_unpacked() {
    let (ledger, bytes, contents) = packed();
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("restored");
    assert_eq!(backup::unpack(&*bytes, &target).unwrap(), contents);
    assert_eq!(backup::check(&*bytes).unwrap(), contents);
    assert_eq!(tree(&target), tree(ledger.path()));
    assert_eq!(contents.header, header());
    let names: Vec<_> = contents.files.iter().map(|file| file.name.as_str()).collect();
    let expected =
        ["empty", "ledger.json", "private/balances/000012/0-0.bin", "private/balances/000012/0-1.bin"];
    assert_eq!(names[..4], expected);
    assert_eq!(names[4..], ["private/seed.txt"]);
    assert_eq!(contents.files[3].bytes, 70_001);
    assert_eq!(contents.files[3].sha256, <[u8; 32]>::from(Sha256::digest(vec![0x5a; 70_001])));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&target), 0o700);
        assert_eq!(mode(&target.join("private/balances")), 0o700);
        assert!(names.iter().all(|name| mode(&target.join(name)) == 0o600));
    }
    // Packed again, in another order, it is the same backup.
    let mut again = Vec::new();
    let reversed: Vec<_> = names.iter().rev().collect();
    backup::pack(&target, &reversed, &header(), &mut again).unwrap();
    assert_eq!(again, bytes);
    // Nothing is ever unpacked over something, were it an empty directory or a dangling link.
    assert!(matches!(backup::unpack(&*bytes, &target), Err(BackupError::Exists { .. })));
    fs::create_dir(dir.path().join("empty")).unwrap();
    assert!(matches!(backup::unpack(&*bytes, &dir.path().join("empty")), Err(BackupError::Exists { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn any_reader_of_tar_files_gets_at_the_files() {
    let (ledger, bytes, contents) = packed();
    let dir = tempfile::tempdir().unwrap();
    tar::Archive::new(&*bytes).unpack(dir.path()).unwrap();
    let mut files = tree(dir.path());
    let json = files.remove("backup.json").unwrap();
    assert_eq!(serde_json::from_slice::<BackupHeader>(&json).unwrap(), header());
    let sums = String::from_utf8(files.remove("SHA256SUMS").unwrap()).unwrap();
    assert_eq!(files, tree(ledger.path()));
    assert_eq!(sums.lines().count(), contents.files.len() + 1);
    for (name, content) in &files {
        assert!(sums.contains(&format!("{}  {name}\n", hex::encode(Sha256::digest(content)))));
    }
}

#[test]
fn the_format_stays_what_it_is() {
    let (_ledger, bytes, _) = packed();
    // If this changes, backups that exist can no longer be read.
    assert_eq!(
        hex::encode(Sha256::digest(&bytes)),
        "f64e3ea8f62f1a2298897eadc6042e417b8e4706c378addbf0ef40532d276fa2"
    );
    assert_eq!(backup::check(&*forged(&[("a", b"1"), ("b/c", b"2")])).unwrap().files.len(), 2);
}

#[test]
fn every_changed_byte_is_refused() {
    let (_ledger, bytes, _) = packed();
    let header = |name: &str| bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    let mut places: Vec<usize> = (0..2 * BLOCK).collect();
    places.extend((2 * BLOCK..bytes.len()).step_by(997));
    // Each file's header and the first block of what it holds, the sums and the end.
    for name in ["ledger.json", "private/balances/000012/0-0.bin", "private/seed.txt", "SHA256SUMS"] {
        places.extend(header(name)..header(name) + 2 * BLOCK);
    }
    places.extend(bytes.len() - 3 * BLOCK..bytes.len());
    let mut changed = bytes.clone();
    for place in places {
        changed[place] ^= 0x10;
        let error = backup::check(&*changed).unwrap_err().to_string();
        assert!(
            error.contains("byte ") || error.contains("header") || error.contains("seed"),
            "{place}: {error}"
        );
        changed[place] = bytes[place];
    }
    // Where it is, by name and place.
    changed[header("private/balances/000012/0-1.bin") + 69_000] ^= 1;
    let error = refused(&changed);
    assert!(error.starts_with("\"private/balances/000012/0-1.bin\", byte "), "{error}");
    assert!(error.ends_with("is damaged, or its digest in SHA256SUMS is"), "{error}");
}

#[test]
fn every_cut_and_every_extension_is_refused() {
    let (_ledger, bytes, _) = packed();
    let mut cuts: Vec<usize> = (0..bytes.len()).step_by(509).collect();
    cuts.extend((0..bytes.len()).step_by(BLOCK));
    cuts.push(bytes.len() - 1);
    for length in cuts {
        let error = backup::check(&bytes[..length]).unwrap_err().to_string();
        assert!(error.ends_with("the backup is cut off here"), "{length}: {error}");
        assert!(error.contains(&format!("byte {length} ")), "{length}: {error}");
    }
    assert!(refused(&bytes[..60_000]).starts_with("\"private/balances/000012/0-1.bin\", byte 60000 "));
    for more in [&b"x"[..], &[0; BLOCK]] {
        assert!(
            refused(&[&*bytes, more].concat()).ends_with("is followed by more than the end of the backup")
        );
    }
    assert!(refused(&[]).contains("byte 0 of the backup: the backup is cut off here"));
    assert!(refused(&[0; 2 * BLOCK]).contains("ends before SHA256SUMS"));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for (name, reason) in [
        ("/etc/cron.d/x", "is an absolute path"),
        ("../x", "has a component . or .."),
        ("a/../../x", "has a component . or .."),
        ("a/./x", "has a component . or .."),
        ("a//x", "has an empty component"),
        ("a\\x", "other than letters"),
        ("a\n\x1b[2Jx", "other than letters"),
        (".tmp-x", "temporary"),
        ("Backup.json", "kept for the backup itself"),
    ] {
        let error = refused(&forged(&[(name, b"evil")]));
        assert!(error.contains(reason) && error.starts_with(&format!("{name:?}, byte ")), "{error}");
    }
}

#[test]
fn duplicates_and_disorder_are_refused() {
    let twice = refused(&forged(&[("a", b"1"), ("a", b"2")]));
    assert!(
        twice.starts_with("\"a\", byte 2048 ") && twice.ends_with("twice, or in the wrong order"),
        "{twice}"
    );
    assert!(refused(&forged(&[("b", b"1"), ("a", b"2")])).ends_with("twice, or in the wrong order"));
    let inside = refused(&forged(&[("a", b"1"), ("a-b", b"2"), ("a/b", b"3")]));
    assert!(inside.starts_with("\"a/b\", ") && inside.ends_with("in a directory that is a file"), "{inside}");
    let mut late = Vec::new();
    entry(&mut late, "a", b"1");
    assert!(refused(&late).ends_with("stands where backup.json belongs"));
}

#[test]
fn links_and_other_kinds_are_refused() {
    let good = forged(&[("a", b"")]);
    assert!(backup::check(&*good).is_ok());
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Directory,
        tar::EntryType::Char,
        tar::EntryType::Fifo,
        tar::EntryType::GNULongName,
        tar::EntryType::GNUSparse,
        tar::EntryType::XHeader,
    ] {
        let mut header = tar_header("a", 0);
        header.set_entry_type(kind);
        header.as_old_mut().linkname[..11].copy_from_slice(b"/etc/passwd");
        let mut bytes = good.clone();
        bytes[2 * BLOCK..3 * BLOCK].copy_from_slice(&seal(header));
        let error = refused(&bytes);
        assert!(
            error.ends_with("is not the header of a plain file as a backup writes it"),
            "{kind:?}: {error}"
        );
        assert!(error.contains("byte 1024 "), "{error}");
    }
    for change in [
        |header: &mut tar::Header| header.set_mode(0o4755),
        |header: &mut tar::Header| header.set_uid(1000),
        |header: &mut tar::Header| header.set_mtime(1),
    ] {
        let mut header = tar_header("a", 0);
        change(&mut header);
        let mut bytes = good.clone();
        bytes[2 * BLOCK..3 * BLOCK].copy_from_slice(&seal(header));
        assert!(refused(&bytes).contains("as a backup writes it"));
    }
}

#[test]
fn huge_lengths_are_refused_before_anything_is_read_or_kept() {
    let json = serde_json::to_vec(&BackupHeader { seed_file: None, ..header() }).unwrap();
    let start = || {
        let mut bytes = Vec::new();
        entry(&mut bytes, "backup.json", &json);
        bytes
    };
    let with = |name: &str, size: u64| [start(), seal(tar_header(name, size)).to_vec()].concat();
    assert!(refused(&with("a", (1 << 32) + 1)).ends_with("declares more than 4 GiB"));
    assert!(refused(&with("a", 1 << 32)).ends_with("the backup is cut off here"));
    assert!(refused(&with("a", u64::MAX / 2)).ends_with("as a backup writes it"));
    assert!(refused(&with("SHA256SUMS", 1 << 32)).ends_with("does not have a line for every file"));
    assert!(refused(&seal(tar_header("backup.json", 1 << 32))).ends_with("more bytes than it may have"));
    // A container that never ends: files of nothing, for ever.
    let mut number = 0u64;
    let endless = std::iter::repeat_with(move || {
        number += 1;
        seal(tar_header(&format!("{number:09}"), 0)).to_vec()
    });
    let error = backup::check(start().chain(Blocks(endless, Vec::new()))).unwrap_err().to_string();
    assert!(error.starts_with("\"001048577\", ") && error.contains("one file too many"), "{error}");
}

trait Chained {
    fn chain(self, next: impl Read) -> impl Read;
}

impl Chained for Vec<u8> {
    fn chain(self, next: impl Read) -> impl Read {
        Read::chain(io::Cursor::new(self), next)
    }
}

struct Blocks<I>(I, Vec<u8>);

impl<I: Iterator<Item = Vec<u8>>> Read for Blocks<I> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            self.1 = self.0.next().unwrap();
        }
        let length = bytes.len().min(self.1.len());
        bytes[..length].copy_from_slice(&self.1[..length]);
        self.1.drain(..length);
        Ok(length)
    }
}

#[test]
fn the_header_is_checked_on_both_sides() {
    let pack = |header: &BackupHeader| {
        let dir = ledger();
        backup::pack(dir.path(), &backup::list(dir.path()).unwrap(), header, &mut io::sink()).map(|_| ())
    };
    pack(&header()).unwrap();
    let other = Seed::from_bytes(&[8; 32]).id();
    for (header, reason) in [
        (BackupHeader { version: 2, ..header() }, "version 2, this program knows 1"),
        (BackupHeader { created_by: "\x1b[2J".into(), ..header() }, "not 100 printable characters"),
        (BackupHeader { created_by: "x".repeat(101), ..header() }, "not 100 printable characters"),
        (
            BackupHeader { seed_file: Some("seed".into()), ..header() },
            "seed, the file of the seed, is not in the backup",
        ),
        (BackupHeader { seed_file: Some("empty".into()), ..header() }, "empty holds no seed"),
        (
            BackupHeader { seed_file: Some("private/balances/000012/0-1.bin".into()), ..header() },
            "longer than 4096",
        ),
        (BackupHeader { seed_id: other, ..header() }, "a seed of another ledger"),
        (
            BackupHeader { seed_file: None, ..header() },
            "private/seed.txt holds the seed, which it does not say",
        ),
    ] {
        let error = pack(&header).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains(&seed().to_text()[16..]), "{error}");
    }
    let read = |json: &str| {
        let mut bytes = Vec::new();
        entry(&mut bytes, "backup.json", json.as_bytes());
        refused(&bytes)
    };
    assert!(read("{").contains("the backup's header: "));
    assert!(read(r#"{"version":2,"new":[]}"#).ends_with("version 2, this program knows 1"));
    let json = serde_json::to_string(&header()).unwrap();
    assert!(read(&json.replace("\"epoch\"", "\"epoch2\"")).contains("unknown field"));
    assert!(read(&json.replace("apportion 0", "\\u001b")).contains("not 100 printable characters"));
    // Files that belie the header.
    let no_seed = BackupHeader { seed_file: None, ..header() };
    let json = serde_json::to_vec_pretty(&no_seed).unwrap();
    let mut lying = Vec::new();
    entry(&mut lying, "backup.json", &json);
    entry(&mut lying, "innocent.txt", seed().to_text().as_bytes());
    assert!(refused(&lying).ends_with("innocent.txt holds the seed, which it does not say"));
}

#[test]
#[cfg(unix)]
fn links_are_not_followed_when_packing() {
    let dir = ledger();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x"), b"outside").unwrap();
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(outside.path(), &link).unwrap();
    assert!(matches!(backup::list(dir.path()), Err(BackupError::Unfit { .. })));
    for name in ["link", "link/x"] {
        let error = backup::pack(dir.path(), &[name], &header_without_seed(), &mut io::sink()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{name:?} cannot be in a backup: it is a link, or lies behind one")
        );
    }
    fs::remove_file(&link).unwrap();
    for (name, reason) in [("private", "is no plain file"), ("../x", "has a component"), ("", "is empty")] {
        let error = backup::pack(dir.path(), &[name], &header_without_seed(), &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
    let twice = backup::pack(dir.path(), &["empty", "empty"], &header_without_seed(), &mut io::sink());
    assert!(twice.unwrap_err().to_string().contains("listed twice"));
    let missing = backup::pack(dir.path(), &["none"], &header_without_seed(), &mut io::sink());
    assert!(matches!(missing, Err(BackupError::Io { .. })));
    // What interrupted commands left is no part of a ledger.
    fs::write(dir.path().join(".tmp-abc"), b"half").unwrap();
    assert_eq!(backup::list(dir.path()).unwrap().len(), 5);
}

fn header_without_seed() -> BackupHeader {
    BackupHeader { seed_file: None, ..header() }
}

#[test]
fn an_encrypted_backup_is_written_whole_or_not_at_all() {
    let ledger = ledger();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.age");
    let identities = [Identity::generate(&mut OsRng).unwrap()];
    let stranger = [Identity::generate(&mut OsRng).unwrap()];
    let recipients = [identities[0].recipient()];
    let names = backup::list(ledger.path()).unwrap();
    let saved = backup::save(&path, &recipients, ledger.path(), &names, &header()).unwrap();
    assert_eq!(backup::verify(&path, &identities).unwrap(), saved);
    assert_eq!(backup::restore(&path, &identities, &dir.path().join("again")).unwrap(), saved);
    assert_eq!(tree(&dir.path().join("again")), tree(ledger.path()));
    let again = backup::save(&path, &recipients, ledger.path(), &names, &header());
    assert!(matches!(again, Err(BackupError::Exists { .. })));
    let nowhere = dir.path().join("none/ledger.age");
    assert!(backup::save(&nowhere, &recipients, ledger.path(), &names, &header()).is_err());
    let failed = backup::save(&dir.path().join("b.age"), &recipients, ledger.path(), &["none"], &header());
    assert!(failed.is_err());
    assert!(backup::save(&dir.path().join("b.age"), &[], ledger.path(), &names, &header()).is_err());
    // Damage, in the middle and at the end, and the wrong key.
    let error = backup::verify(&path, &stranger).unwrap_err();
    assert_eq!(error.to_string(), "none of the keys given opens this file");
    let bytes = fs::read(&path).unwrap();
    assert!(!bytes.windows(10).any(|window| window == b"apportion-"), "not encrypted");
    let mut changed = bytes.clone();
    changed[60_000] ^= 1;
    for (damaged, reason) in [
        (&changed[..], "damaged: this file was changed after it was encrypted"),
        (&bytes[..bytes.len() - 1], "damaged: this file was changed after it was encrypted"),
        (&[&bytes[..], b"x"].concat(), "damaged: this file was changed after it was encrypted"),
    ] {
        fs::write(dir.path().join("damaged.age"), damaged).unwrap();
        let target = dir.path().join("target");
        let error =
            backup::restore(&dir.path().join("damaged.age"), &identities, &target).unwrap_err().to_string();
        assert!(error.contains("byte ") && error.ends_with(reason), "{error}");
        assert!(!target.exists());
    }
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}
