//! The fuzz targets' seeds, replayed as a test. Seeds named `valid-..` are accepted, all others refused.
//!
//! `APPORTION_REGENERATE=1 cargo test --release -p apportion --test corpus` makes the valid seeds anew, which is due when
//! a format changes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]
#![allow(unreachable_pub)]

mod common;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::{fs, path::Path};

use apportion_circuits::types::{Payee, Word};
use apportion_secrets::{
    Identity, LedgerId, Seed,
    backup::{BACKUP_VERSION, BackupHeader, pack},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds");

#[test]
fn seeds_are_accepted_or_refused_as_named() {
    if std::env::var_os("APPORTION_REGENERATE").is_some_and(|value| value == "1") {
        common::SUITES.into_iter().for_each(regenerate);
        keys();
        backups();
    }
    let mut wrong = Vec::new();
    for (name, target) in targets::TARGETS {
        let mut kinds = [0; 2];
        for entry in fs::read_dir(Path::new(SEEDS).join(name)).unwrap() {
            let path = entry.unwrap().path();
            let valid = path.file_name().unwrap().to_str().unwrap().starts_with("valid-");
            if target(&fs::read(&path).unwrap()) != valid {
                wrong.push(path);
            }
            kinds[usize::from(valid)] += 1;
        }
        assert!(kinds[0] > 0 && kinds[1] > 0, "{name}: seeds of both kinds");
    }
    assert!(wrong.is_empty(), "accepted or refused against their name: {wrong:#?}");
}

#[test]
fn damaged_seeds_break_no_property() {
    for (name, target) in targets::TARGETS {
        assert!(!target(&[]), "{name}");
        for entry in fs::read_dir(Path::new(SEEDS).join(name)).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            target(&bytes[..bytes.len() / 2]);
            target(&[&bytes[..], b"\0"].concat());
            for at in [bytes.len() / 3, bytes.len() / 2] {
                let mut flipped = bytes.clone();
                flipped[at] ^= 0x10;
                target(&flipped);
            }
        }
    }
}

fn put(target: &str, name: &str, bytes: &[u8]) {
    refused(target, &format!("valid-{name}"), bytes);
}

fn refused(target: &str, name: &str, bytes: &[u8]) {
    let dir = Path::new(SEEDS).join(target);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(name), bytes).unwrap();
}

/// The same keys every time: they open nothing.
fn identity(n: u8) -> Identity {
    Identity::generate(&mut ChaCha20Rng::from_seed([n; 32])).unwrap()
}

/// Every kind of private file of a ledger at tier 64, its `ledger.toml` and its dataset.
fn regenerate(suite: &'static str) {
    let work = common::Work::new(suite, 3, 1);
    let mut records = String::from("payee,content,recipient\n");
    for (i, line) in work.sample.records.lines().skip(1).enumerate() {
        let key = if i == 1 { String::new() } else { identity(1).recipient().to_string() };
        records.push_str(&format!("{line},{key}\n"));
    }
    work.write("records.csv", &records);
    work.proven_dataset("records.csv", "dataset", 64);
    work.init().exits(0);
    work.enroll("dataset").exits(0);
    work.epoch(1);
    for (path, bytes) in common::files(&work.path("ledger")) {
        let path = path.to_str().unwrap();
        let kinds = ["payees", "balances", "records", "recipients", "scores"];
        let name = kinds.into_iter().find(|name| path.contains(name));
        if path.starts_with("private")
            && path.ends_with(".bin")
            && let Some(name) = name
        {
            put("private_files", &format!("{name}-{suite}"), &bytes);
        }
        if path == "ledger.toml" {
            put("ledger_toml", &format!("ledger-{suite}"), &bytes);
        }
    }
    put("records_csv", &format!("sample-{suite}"), work.sample.records.as_ref());
    put("records_csv", &format!("recipients-{suite}"), records.as_ref());
}

/// Seeds and keys in every spelling that people bring.
fn keys() {
    let seed = Seed::from_bytes(&[7; 32]).to_text().to_string();
    put("seed", "line", seed.as_bytes());
    let (prefix, rest) = seed.split_at(16);
    let groups: Vec<_> = rest.as_bytes().chunks(8).map(String::from_utf8_lossy).collect();
    let paper = format!("# the developer's seed\n\n{prefix} {}\n", groups.join(" "));
    put("seed", "paper", paper.as_bytes());
    put("seed", "capitals", seed.to_uppercase().as_bytes());
    refused("seed", "two-lines", format!("{seed}\n{seed}\n").as_bytes());
    refused("seed", "mixed-case", format!("{}{}", prefix.to_uppercase(), rest).as_bytes());
    refused("seed", "cut", &seed.as_bytes()[..seed.len() - 1]);
    let last = if seed.ends_with('q') { "p" } else { "q" };
    refused("seed", "mistyped", format!("{}{last}", &seed[..seed.len() - 1]).as_bytes());
    refused("seed", "later-version", seed.replace("apportion-seed-1", "apportion-seed2-1").as_bytes());
    refused("seed", "comments-only", b"# a seed\n");
    refused("seed", "not-text", "äöü".as_bytes());
    refused("seed", "long", "q".repeat(5000).as_bytes());

    let (one, two) = (identity(1), identity(2));
    let [first, second] = [&one, &two].map(|key| key.recipient().to_string());
    put("recipients", "one", first.as_bytes());
    put("recipients", "two", format!("# both of us\n{first}\n\n{second}\n").as_bytes());
    let secret = one.to_text().to_string();
    refused("recipients", "secret-key", secret.as_bytes());
    refused("recipients", "capitals", first.to_uppercase().as_bytes());
    refused("recipients", "cut", &first.as_bytes()[..first.len() - 1]);
    refused("recipients", "mistyped", first.replacen("age1", "age1q", 1).as_bytes());
    refused(
        "recipients",
        "ssh",
        b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN",
    );
    refused("recipients", "comments-only", b"# nobody\n");
    refused("recipients", "not-text", &[0xff; 40]);
    put("identities", "one", secret.as_bytes());
    put("identities", "file", format!("# public key: {first}\n{secret}\n").as_bytes());
    refused("identities", "public-key", first.as_bytes());
    refused("identities", "cut", &secret.as_bytes()[..secret.len() - 1]);
    refused("identities", "empty", b"\n");
}

/// A ustar header begins here, changed, with the checksum that it then has.
fn with_header(container: &[u8], at: usize, edit: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut changed = container.to_vec();
    let header = &mut changed[at..at + 512];
    edit(header);
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    changed
}

fn backups() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("private")).unwrap();
    fs::write(root.path().join("a"), b"one").unwrap();
    fs::write(root.path().join("b"), b"").unwrap();
    fs::write(root.path().join("private/c"), [7; 600]).unwrap();
    let header = BackupHeader {
        version: BACKUP_VERSION,
        ledger: LedgerId { chain_id: 1, contract: Payee([1; 20]), model: Word([2; 32]) },
        epoch: 3,
        created_by: "apportion".into(),
        seed_id: Seed::from_bytes(&[7; 32]).id(),
        seed_file: None,
    };
    let packed = |names: &[&str]| {
        let mut bytes = Vec::new();
        pack(root.path(), names, &header, &mut bytes).unwrap();
        bytes
    };
    let container = packed(&["a", "b", "private/c"]);
    put("backup", "three", &container);
    put("backup", "empty", &packed(&[]));
    // The header's entry and its content come first, then the header of `a`.
    let a = (512..container.len()).step_by(512).find(|at| container[*at..].starts_with(b"a\0")).unwrap();
    refused("backup", "cut", &container[..container.len() - 512]);
    refused("backup", "longer", &[&container[..], &[0; 512]].concat());
    refused("backup", "other-content", &[&container[..a + 512], b"two", &container[a + 515..]].concat());
    refused("backup", "link", &with_header(&container, a, |header| header[156] = b'2'));
    refused("backup", "escapes", &with_header(&container, a, |header| header[..4].copy_from_slice(b"../a")));
    refused("backup", "absolute", &with_header(&container, a, |header| header[..2].copy_from_slice(b"/a")));
    refused("backup", "twice", &with_header(&container, a, |header| header[0] = b'b'));
    refused("backup", "huge", &with_header(&container, a, |header| header[124..135].fill(b'7')));
    refused("backup", "executable", &with_header(&container, a, |header| header[104] = b'7'));
    refused("backup", "checksum", &[&container[..a + 148], b"000000\0 ", &container[a + 156..]].concat());
    refused("backup", "not-a-backup", &[0; 1024]);
}
