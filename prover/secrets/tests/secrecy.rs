//! Canaries: secrets that must never be in anything that is printed or logged.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{fs, io::Read, path::Path};

use apportion_circuits::types::{Payee, Tier, Word};
use apportion_secrets::{
    ColumnValue, Derivation, Identity, KeyError, LedgerId, NameKey, Opener, PublicNameKey, Recipient,
    RngSeed, Role, Sealer, Seed, SeedTextError, WitnessHasher,
    backup::{self, BACKUP_VERSION, BackupHeader},
    encrypt, mask, opening_seed, proof_rng, proof_seed, read_identities, read_recipients,
};
use halo2curves_axiom::bn256::Fr;
use rand_core::{OsRng, RngCore};

/// Everything that must not be seen, in every form in which it could be.
struct Canaries(Vec<String>);

impl Canaries {
    fn bytes(&mut self, bytes: &[u8]) {
        let hex = hex::encode(bytes);
        let list = format!("{bytes:?}");
        self.0.extend([hex.to_uppercase(), hex[..16].to_owned(), hex]);
        self.0.extend([list.trim_matches(['[', ']'])[..20].to_owned(), list]);
    }

    /// Any eight characters of it that are not the prefix.
    fn text(&mut self, text: &str, prefix: usize) {
        let secret = &text[prefix..];
        for at in 0..secret.len() - 8 {
            self.0.extend([secret[at..at + 8].to_lowercase(), secret[at..at + 8].to_uppercase()]);
        }
    }

    fn absent(&self, shown: &str) {
        let found = self.0.iter().find(|canary| shown.contains(canary.as_str()));
        assert!(found.is_none(), "{shown} shows {found:?}");
    }

    fn absent_in<T: std::fmt::Debug>(&self, value: T) {
        self.absent(&format!("{value:?}"));
        self.absent(&format!("{value:#?}"));
    }

    fn absent_in_error<E: std::error::Error>(&self, error: E) {
        self.absent_in(&error);
        self.absent(&error.to_string());
        let mut source = error.source();
        while let Some(error) = source {
            self.absent(&error.to_string());
            self.absent(&format!("{error:?}"));
            source = error.source();
        }
    }
}

const LEDGER: LedgerId = LedgerId { chain_id: 1, contract: Payee([1; 20]), model: Word([2; 32]) };

fn secrets() -> (Seed, Identity, Canaries) {
    let seed = Seed::generate(&mut OsRng).unwrap();
    let identity = Identity::generate(&mut OsRng).unwrap();
    let mut canaries = Canaries(Vec::new());
    canaries.bytes(seed.as_bytes());
    canaries.text(&seed.to_text(), "apportion-seed-1".len());
    canaries.text(&identity.to_text(), "AGE-SECRET-KEY-1".len());
    (seed, identity, canaries)
}

#[test]
#[should_panic = "shows"]
fn a_secret_that_is_shown_is_noticed() {
    let (seed, _, canaries) = secrets();
    canaries.absent_in(seed.as_bytes());
}

#[test]
fn nothing_secret_is_shown() {
    let (seed, identity, mut canaries) = secrets();
    let score = 0x0ddc_0ffe_ebad_f00d_u64;
    canaries.0.extend([score.to_string(), format!("{score:x}")]);
    canaries.bytes(&score.to_word().0);
    let place = Derivation {
        tier: Tier::T64,
        role: Role::Score,
        chain_id: 1,
        contract: LEDGER.contract,
        subject: LEDGER.model,
        dataset: 0,
        segment: 0,
        number: 1,
    };
    let mask = mask::<Fr>(&seed, &place, &[score]).unwrap();
    mask.elements().for_each(|element| canaries.bytes(&Word::from_field(element).0));
    let hasher = || WitnessHasher::new().values(&[score]).mask(&mask);
    let witness = hasher().finish();
    let proof = proof_seed(&seed, [1; 32], &[[2; 32]], &witness, "engine");
    let opening = opening_seed(&seed, [1; 32], &[[2; 32]], &witness, "engine");
    canaries.bytes(proof.as_bytes());
    canaries.bytes(opening.as_bytes());
    let mut rng = proof_rng(&seed, [1; 32], &[[2; 32]], &witness, "engine");
    rng.next_u64();
    let names = NameKey::derive(&seed, LEDGER);

    canaries.absent_in(&seed);
    canaries.absent_in(seed.id());
    canaries.absent_in(place);
    canaries.absent_in(hasher());
    canaries.absent_in(&witness);
    canaries.absent_in(&proof);
    canaries.absent_in(RngSeed::from_bytes(opening.as_bytes()));
    canaries.absent_in(&rng);
    canaries.absent_in(&identity);
    canaries.absent_in(&names);
    assert_eq!(format!("{seed:?}"), format!("Seed({})", seed.id()));
    assert_eq!(format!("{identity:?}"), format!("Identity(of {})", identity.recipient()));
    assert_eq!(format!("{names:?}"), format!("NameKey(of {})", names.public()));
    assert_eq!(
        format!("{rng:?} {proof:?} {witness:?}"),
        "DerivedRng(hidden) RngSeed(hidden) WitnessDigest(hidden)"
    );
    // What is published about a seed.
    let published = format!("{} {}", seed.id(), names.public());
    canaries.absent(&published);
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let (seed, identity, canaries) = secrets();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    let (seed_text, identity_text) = (seed.to_text(), identity.to_text());
    // Mistyped, cut off, twice, in another's place.
    let swap = |text: &str, at: usize| {
        format!("{}{}{}", &text[..at], if &text[at..=at] == "q" { "p" } else { "q" }, &text[at + 1..])
    };
    let wrong = [
        swap(&seed_text, 30),
        swap(&swap(&seed_text, 30), 50),
        seed_text[..60].to_owned(),
        seed_text[1..].to_owned(),
        format!("{}\n{}", *seed_text, *seed_text),
        format!("{}!", *seed_text),
        format!("seed = \"{}\"", *seed_text),
        identity_text.to_string(),
        identity_text[..70].to_owned(),
        swap(&identity_text.to_lowercase(), 40),
    ];
    for text in &wrong {
        canaries.absent_in_error(Seed::parse(text).unwrap_err());
        canaries.absent_in_error(text.parse::<Recipient>().unwrap_err());
        canaries.absent_in_error(serde_json::from_value::<Recipient>(text.as_str().into()).unwrap_err());
        canaries.absent(&text.parse::<PublicNameKey>().unwrap_err());
        fs::write(&path, text).unwrap();
        canaries.absent_in_error(Seed::read(&path).unwrap_err());
        canaries.absent_in_error(read_recipients(&path).unwrap_err());
        if **text != *identity_text {
            canaries.absent_in_error(Identity::parse(text).unwrap_err());
            canaries.absent_in_error(read_identities(&path).unwrap_err());
        }
    }
    assert!(matches!(Seed::parse(&wrong[0]), Err(SeedTextError::Mistyped { position: 31 })));
    assert_eq!(identity_text.parse::<Recipient>(), Err(KeyError::SecretKey));
    canaries.absent_in_error(seed.expect(Seed::from_bytes(&[0; 32]).id()).unwrap_err());
    canaries.absent_in_error(seed.write_new(&path).unwrap_err());
    canaries.absent_in_error(seed.write_new(&dir.path().join("none/seed")).unwrap_err());
}

#[test]
fn files_and_backups_that_fail_show_nothing_of_what_they_hold() {
    let (seed, identity, canaries) = secrets();
    let dir = tempfile::tempdir().unwrap();
    let stranger = [Identity::generate(&mut OsRng).unwrap()];
    let mut file = encrypt(seed.to_text().as_bytes(), &[identity.recipient()]).unwrap();
    canaries.absent(&String::from_utf8_lossy(&file));
    canaries.absent_in_error(apportion_secrets::decrypt(&file, &stranger).unwrap_err());
    *file.last_mut().unwrap() ^= 1;
    let identities = [identity];
    canaries.absent_in_error(apportion_secrets::decrypt(&file, &identities).unwrap_err());
    let mut opener = Opener::new(&*file, &identities).unwrap();
    canaries.absent_in_error(opener.read(&mut [0; 8]).unwrap_err());
    assert!(Sealer::new(Vec::new(), &[]).is_err());

    seed.write_new(&dir.path().join("seed.txt")).unwrap();
    fs::write(dir.path().join("damaged.txt"), format!("{}!", *seed.to_text())).unwrap();
    let header = |seed_file: Option<&str>, seed_id| BackupHeader {
        version: BACKUP_VERSION,
        ledger: LEDGER,
        epoch: 1,
        created_by: "test".into(),
        seed_id,
        seed_file: seed_file.map(str::to_owned),
    };
    let pack = |header: &BackupHeader| {
        let mut bytes = Vec::new();
        backup::pack(dir.path(), &["seed.txt", "damaged.txt"], header, &mut bytes).map(|_| bytes)
    };
    let other = Seed::from_bytes(&[0; 32]).id();
    canaries.absent_in_error(pack(&header(Some("seed.txt"), other)).unwrap_err());
    canaries.absent_in_error(pack(&header(Some("damaged.txt"), seed.id())).unwrap_err());
    canaries.absent_in_error(pack(&header(None, seed.id())).unwrap_err());
    let good = pack(&header(Some("seed.txt"), seed.id())).unwrap();
    canaries.absent_in(backup::check(&*good).unwrap());
    for place in (0..good.len()).step_by(7) {
        let mut changed = good.clone();
        changed[place] ^= 1;
        canaries.absent_in_error(backup::check(&*changed).unwrap_err());
    }
    canaries.absent_in_error(backup::unpack(&*good, Path::new("/")).unwrap_err());
}
