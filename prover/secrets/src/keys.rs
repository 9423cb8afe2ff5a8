//! Keys of age (<https://c2sp.org/age>), of its X25519 kind: to whom files are encrypted, and who opens them.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

use crate::files;

const RECIPIENT_HRP: Hrp = Hrp::parse_unchecked("age");
const IDENTITY_HRP: Hrp = Hrp::parse_unchecked("age-secret-key-");
/// 52 characters of key and six of checksum after the separator.
const IDENTITY_CHARACTERS: usize = "age-secret-key-1".len() + 58;
/// A list of keys is not longer.
const MAX_LIST_BYTES: usize = 1 << 16;

/// To whom a file is encrypted: a public key of age, `age1...`.
///
/// Written in the one way that age writes it. Keys that would make every secret shared with them the same
/// (points of low order) and second spellings of a key are refused.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Recipient(age::x25519::Recipient, PublicKey);

/// Who opens files: a secret key of age, `AGE-SECRET-KEY-1...`. Overwritten when dropped.
pub struct Identity(age::x25519::Identity, Box<StaticSecret>);

/// Why a text is no key. Never shows the text: it may be a secret key in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A secret key where a public one belongs.
    #[error("is a secret key: keep it secret, and write the public one, age1..., here")]
    SecretKey,
    /// A public key where a secret one belongs.
    #[error("is a public key: the secret one, AGE-SECRET-KEY-1..., belongs here")]
    PublicKey,
    /// A key of another kind: a plugin's, SSH's or a post-quantum one.
    #[error("is no X25519 key of age (age1... or AGE-SECRET-KEY-1..., as age-keygen makes them)")]
    OtherKind,
    /// Damaged in copying.
    #[error("is mistyped or cut off: its checksum or its length does not match")]
    Mistyped,
    /// A point of low order: whatever is encrypted to it, everybody could open.
    #[error("is a key that hides nothing (a point of low order)")]
    LowOrder,
    /// Another spelling of a key that age writes differently.
    #[error("is not in the form that age writes")]
    NotCanonical,
}

/// Why a list of keys could not be read.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Reading failed.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Longer than such a list may be, which is 64 KiB.
    #[error("{} is longer than {MAX_LIST_BYTES} bytes: not a list of keys", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// A line that holds no key.
    #[error("{}, line {line} {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: KeyError,
    },
    /// Nothing but comments.
    #[error("{} holds no key", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Recipient {
    /// The key's 32 bytes, the u-coordinate of RFC 7748.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.1.as_bytes()
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.1
    }

    pub(crate) fn as_age(&self) -> &age::x25519::Recipient {
        &self.0
    }
}

impl FromStr for Recipient {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if starts_with(text, "age-secret-key-") {
            return Err(KeyError::SecretKey);
        }
        let mut bytes = [0; 32];
        decode(text, RECIPIENT_HRP, &mut bytes)?;
        let key = public_key(bytes)?;
        let recipient: age::x25519::Recipient = text.parse().map_err(|_| KeyError::Mistyped)?;
        // The same bytes in the same spelling: bech32 leaves bits over, and may be written in capitals.
        if recipient.to_string() == text { Ok(Self(recipient, key)) } else { Err(KeyError::NotCanonical) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Recipient {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}

impl Identity {
    /// A fresh key.
    ///
    /// # Errors
    /// Those of the generator.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Result<Self, rand_core::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(&mut *bytes)?;
        Self::from_bytes(&bytes).map_err(rand_core::Error::new)
    }

    /// Reads a secret key, in capitals as age writes it or in small letters.
    ///
    /// # Errors
    /// What is wrong, without the text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        decode(text, IDENTITY_HRP, &mut bytes)?;
        Self::from_bytes(&bytes)
    }

    /// The text that [`Identity::parse`] reads. Secret.
    pub fn to_text(&self) -> Zeroizing<String> {
        encode(&Zeroizing::new(self.1.to_bytes()))
    }

    /// The public key that belongs to it.
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public(), PublicKey::from(&*self.1))
    }

    /// RFC 7748, section 6.1: the secret that both sides compute; `None` where the other key is of low order.
    pub(crate) fn shared_secret(&self, other: &PublicKey) -> Option<SharedSecret> {
        shared_secret(&self.1, other)
    }

    pub(crate) fn as_age(&self) -> &age::x25519::Identity {
        &self.0
    }

    fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let identity = encode(bytes).parse().map_err(|_| KeyError::Mistyped)?;
        Ok(Self(identity, Box::new(StaticSecret::from(*bytes))))
    }
}

/// Says whose, never what.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity(of {})", self.recipient())
    }
}

/// Reads a list of public keys, one a line; empty lines and lines that start with `#` do not count, and a key
/// that stands there twice counts once. At most 64 KiB.
///
/// # Errors
/// The file, the line and what is wrong with it.
pub fn read_recipients(path: &Path) -> Result<Vec<Recipient>, KeyFileError> {
    let mut recipients = Vec::new();
    read_list(path, |line| {
        let recipient = line.parse()?;
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
        Ok(())
    })?;
    Ok(recipients)
}

/// Reads the secret keys of an identity file as `age-keygen` writes it, without a passphrase: the same form
/// as [`read_recipients`].
///
/// # Errors
/// The file, the line and what is wrong with it.
pub fn read_identities(path: &Path) -> Result<Vec<Identity>, KeyFileError> {
    let mut identities = Vec::new();
    read_list(path, |line| {
        identities.push(Identity::parse(line)?);
        Ok(())
    })?;
    Ok(identities)
}

fn read_list(path: &Path, mut key: impl FnMut(&str) -> Result<(), KeyError>) -> Result<(), KeyFileError> {
    let bytes = files::read_limited(path, MAX_LIST_BYTES)
        .map_err(|source| KeyFileError::Io { path: path.into(), source })?
        .ok_or_else(|| KeyFileError::TooLong { path: path.into() })?;
    let mut empty = true;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        empty = false;
        std::str::from_utf8(line)
            .map_err(|_| KeyError::OtherKind)
            .and_then(&mut key)
            .map_err(|reason| KeyFileError::Line { path: path.into(), line: index + 1, reason })?;
    }
    if empty { Err(KeyFileError::Empty { path: path.into() }) } else { Ok(()) }
}

/// The public key of these bytes, if it is spelled as RFC 7748 spells it and not of low order.
pub(crate) fn public_key(bytes: [u8; 32]) -> Result<PublicKey, KeyError> {
    let key = PublicKey::from(bytes);
    // A scalar is a multiple of 8, and 8 times a point of low order is the neutral element, whose u is 0.
    if shared_secret(&StaticSecret::from([1; 32]), &key).is_none() {
        return Err(KeyError::LowOrder);
    }
    // p = 2^255 - 19: 2^255 - 1 down to p are second spellings, and so is everything with the highest bit.
    let largest = bytes[31] == 0x7f && bytes[1..31].iter().all(|byte| *byte == 0xff) && bytes[0] >= 0xed;
    if largest || bytes[31] > 0x7f { Err(KeyError::NotCanonical) } else { Ok(key) }
}

/// X25519, unless all of it is zero.
pub(crate) fn shared_secret(secret: &StaticSecret, other: &PublicKey) -> Option<SharedSecret> {
    let shared = secret.diffie_hellman(other);
    shared.was_contributory().then_some(shared)
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Reads the 32 bytes of a key under its prefix.
fn decode(text: &str, hrp: Hrp, bytes: &mut [u8; 32]) -> Result<(), KeyError> {
    let (recipient, identity) = (starts_with(text, "age1"), starts_with(text, "age-secret-key-1"));
    match (hrp == RECIPIENT_HRP, recipient, identity) {
        (true, true, _) | (false, _, true) => {}
        (false, true, _) => return Err(KeyError::PublicKey),
        _ => return Err(KeyError::OtherKind),
    }
    let parsed = CheckedHrpstring::new::<Bech32>(text).map_err(|_| KeyError::Mistyped)?;
    // Keys of plugins and the post-quantum kind have longer prefixes, which begin with age1 all the same.
    if parsed.hrp() != hrp {
        return Err(KeyError::OtherKind);
    }
    let mut found = parsed.byte_iter();
    if found.len() != bytes.len() {
        return Err(KeyError::Mistyped);
    }
    bytes.iter_mut().zip(&mut found).for_each(|(slot, byte)| *slot = byte);
    Ok(())
}

fn encode(bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(IDENTITY_CHARACTERS));
    // A string takes everything, and the text is shorter than bech32 allows.
    let written = bech32::encode_upper_to_fmt::<Bech32, _>(&mut *text, IDENTITY_HRP, bytes);
    debug_assert!(written.is_ok() && text.len() == IDENTITY_CHARACTERS);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_core::OsRng;

    // From the tests of the age crate.
    const SECRET: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
    const PUBLIC: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";

    #[test]
    fn keys_are_those_of_age() {
        let identity = Identity::parse(SECRET).unwrap();
        assert_eq!(*identity.to_text(), SECRET);
        assert_eq!(identity.recipient().to_string(), PUBLIC);
        assert_eq!(identity.recipient(), PUBLIC.parse().unwrap());
        assert_eq!(Identity::parse(&SECRET.to_lowercase()).unwrap().recipient().to_string(), PUBLIC);
        let json = serde_json::to_string(&identity.recipient()).unwrap();
        assert_eq!(serde_json::from_str::<Recipient>(&json).unwrap(), identity.recipient());
        let fresh = Identity::generate(&mut OsRng).unwrap();
        assert_eq!(Identity::parse(&fresh.to_text()).unwrap().recipient(), fresh.recipient());
        assert_eq!(fresh.recipient().to_string().parse::<Recipient>().unwrap(), fresh.recipient());
    }

    #[test]
    fn every_wrong_key_is_said_for_what_it_is() {
        let key = |bytes: [u8; 32]| bech32::encode::<Bech32>(RECIPIENT_HRP, &bytes).unwrap();
        let mut no_bits_left = PUBLIC.to_string();
        no_bits_left.replace_range(10..11, if &PUBLIC[10..11] == "q" { "p" } else { "q" });
        let [mut p_plus_9, mut high_bit] =
            [[0xff; 32], *Identity::parse(SECRET).unwrap().recipient().as_bytes()];
        (p_plus_9[0], p_plus_9[31]) = (0xf6, 0x7f);
        high_bit[31] |= 0x80;
        for (text, expected) in [
            (SECRET, KeyError::SecretKey),
            ("", KeyError::OtherKind),
            ("age", KeyError::OtherKind),
            (
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN",
                KeyError::OtherKind,
            ),
            // A plugin's key, from the age crate's tests.
            ("age1name1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", KeyError::Mistyped),
            (&PUBLIC[..61], KeyError::Mistyped),
            (&no_bits_left, KeyError::Mistyped),
            (&PUBLIC.to_uppercase(), KeyError::NotCanonical),
            (&key([0; 32]), KeyError::LowOrder),
            (&key(p_plus_9), KeyError::NotCanonical),
            (&key(high_bit), KeyError::NotCanonical),
        ] {
            assert_eq!(text.parse::<Recipient>().unwrap_err(), expected, "{text}");
        }
        let plugin = bech32::encode::<Bech32>(Hrp::parse("age1name").unwrap(), &[1; 32]).unwrap();
        assert_eq!(plugin.parse::<Recipient>().unwrap_err(), KeyError::OtherKind);
        let short = bech32::encode::<Bech32>(RECIPIENT_HRP, &[1; 31]).unwrap();
        assert_eq!(short.parse::<Recipient>().unwrap_err(), KeyError::Mistyped);
        assert_eq!(Identity::parse(PUBLIC).unwrap_err(), KeyError::PublicKey);
        assert_eq!(Identity::parse("apportion-seed-1qqq").unwrap_err(), KeyError::OtherKind);
        assert_eq!(Identity::parse(&SECRET[..73]).unwrap_err(), KeyError::Mistyped);
    }

    #[test]
    fn points_of_low_order_are_refused() {
        // All of them below 2^255 (RFC 7748, section 6.1; cr.yp.to/ecdh.html): orders 1, 2, 4, 8 and second
        // spellings.
        for bytes in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ] {
            let bytes: [u8; 32] = hex::decode(bytes).unwrap().try_into().unwrap();
            assert_eq!(public_key(bytes).unwrap_err(), KeyError::LowOrder);
        }
    }

    #[test]
    fn lists_have_comments_and_name_the_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list");
        std::fs::write(&path, format!("# who\r\n{PUBLIC}\r\n\n  {PUBLIC}\n")).unwrap();
        assert_eq!(read_recipients(&path).unwrap(), [PUBLIC.parse().unwrap()]);
        std::fs::write(&path, format!("# created: today\n# public key: {PUBLIC}\n{SECRET}\n")).unwrap();
        assert_eq!(read_identities(&path).unwrap()[0].recipient().to_string(), PUBLIC);
        let error = read_recipients(&path).unwrap_err().to_string();
        assert!(error.contains("list, line 3 is a secret key") && !error.contains(&SECRET[20..]), "{error}");
        for (text, expected) in [
            ("# nothing\n".to_string(), "holds no key"),
            (format!("{PUBLIC}\n\u{ff}"), "line 2 is no X25519 key"),
            ("#".repeat(MAX_LIST_BYTES + 1), "is longer than 65536 bytes"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = read_recipients(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(matches!(read_recipients(&dir.path().join("none")), Err(KeyFileError::Io { .. })));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "(age1|AGE-SECRET-KEY-1|)[ -~]{0,80}", other in ".{0,20}") {
            prop_assert!(text.parse::<Recipient>().is_err());
            prop_assert!(Identity::parse(&text).is_err());
            prop_assert!(other.parse::<Recipient>().is_err() && Identity::parse(&other).is_err());
        }
    }
}
