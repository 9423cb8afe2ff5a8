//! The seed: 32 random bytes from which everything secret follows, and the line of text that keeps them.
//!
//! The text is bech32m (BIP-350) of the 32 bytes under the prefix `apportion-seed-`: 74 characters,
//! `apportion-seed-1` and 58 more, of which the last six are the checksum. Capital letters do as well, and
//! blanks between the characters do not count, so that it can be copied from paper in groups. A form that
//! replaces this one has another prefix.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use bech32::{Bech32m, Hrp, primitives::decode::CheckedHrpstring};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    files,
    kdf::{self, Info},
};

/// What every seed of this form starts with; the `1` after it is bech32's separator.
const PREFIX: &str = "apportion-seed-";
const HRP: Hrp = Hrp::parse_unchecked(PREFIX);
/// What every seed of any form starts with.
const ANY_PREFIX: &str = "apportion-seed";
/// Characters after the separator: 32 bytes, five bits each, and the checksum.
const PAYLOAD_CHARACTERS: usize = 52 + 6;
const TEXT_CHARACTERS: usize = PREFIX.len() + 1 + PAYLOAD_CHARACTERS;
const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// A seed's file is one line; comments may stand around it.
pub(crate) const MAX_FILE_BYTES: usize = 4096;

/// The secret of a developer, of an attributor or of a dataset's owner: 32 bytes. Overwritten when dropped,
/// never shown except by [`Seed::to_text`].
// Boxed: a value that moves would leave copies on the stack.
pub struct Seed(Box<Zeroizing<[u8; 32]>>);

/// Tells seeds apart without telling anything about them: 16 bytes, derived, written as 32 hex digits.
///
/// Purpose `seed id`, no further fields.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SeedId(pub [u8; 16]);

/// Why a text is no seed. Says where to look, never what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedTextError {
    /// No line, or nothing but comments.
    #[error("holds no seed")]
    Empty,
    /// Longer than a seed's file may be, which is 4,096 bytes.
    #[error("is longer than {MAX_FILE_BYTES} bytes: not a seed of Apportion")]
    TooLong,
    /// Bytes that are not printable ASCII.
    #[error("holds bytes that are not text: not a seed of Apportion")]
    NotText,
    /// More than one line that is no comment.
    #[error("holds more than one line: a seed is one line")]
    SeveralLines,
    /// Another prefix.
    #[error("is not a seed of Apportion: those start with apportion-seed-1")]
    NotASeed,
    /// A seed, but of a form that this version does not read.
    #[error("is a seed of another version: this one reads those that start with apportion-seed-1")]
    Version,
    /// Capital and small letters in one text.
    #[error("mixes capital and small letters")]
    MixedCase,
    /// Characters are missing, or too many.
    #[error("has {found} characters, a seed has {TEXT_CHARACTERS}")]
    Length {
        /// How many there are, blanks not counted.
        found: usize,
    },
    /// A character that no seed holds: outside bech32's alphabet, which has no `1`, `b`, `i` and `o`.
    #[error("character {position} cannot stand there (1, b, i and o never do)")]
    Character {
        /// Where, counted from 1, blanks not counted.
        position: usize,
    },
    /// The checksum does not match, and would if this one character were another.
    #[error("is mistyped: character {position} is wrong")]
    Mistyped {
        /// Where, counted from 1, blanks not counted.
        position: usize,
    },
    /// The checksum does not match, and no change of a single character makes it match.
    #[error("is mistyped in more than one place")]
    Checksum,
}

/// Why a seed could not be made, read or kept.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The system has no randomness to give.
    #[error("cannot draw random bytes: {0}")]
    Random(rand_core::Error),
    /// Reading or writing failed.
    #[error("cannot {action} the seed {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A seed is never written over anything.
    #[error("{} exists already; a seed overwrites nothing", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file holds no seed.
    #[error("{} {reason}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: SeedTextError,
    },
    /// A good seed, but not the one that is wanted.
    #[error("this is seed {found}, the one that is wanted is {expected}: a seed of another ledger")]
    Other {
        /// The id of the seed at hand.
        found: SeedId,
        /// The id of the seed that is wanted.
        expected: SeedId,
    },
}

impl Seed {
    /// A fresh seed.
    ///
    /// # Errors
    /// [`SeedError::Random`] where the generator fails.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Result<Self, SeedError> {
        let mut seed = Self::from_bytes(&[0; 32]);
        rng.try_fill_bytes(&mut **seed.0).map_err(SeedError::Random)?;
        Ok(seed)
    }

    /// The seed of these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Box::new(Zeroizing::new(*bytes)))
    }

    /// The bytes. Secret.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The seed's public fingerprint.
    pub fn id(&self) -> SeedId {
        let mut id = [0; 16];
        kdf::expand(self, &Info::new("seed id"), &mut id);
        SeedId(id)
    }

    /// Makes sure that this is the seed with that id.
    ///
    /// # Errors
    /// [`SeedError::Other`] names both.
    pub fn expect(&self, expected: SeedId) -> Result<(), SeedError> {
        let found = self.id();
        if found == expected { Ok(()) } else { Err(SeedError::Other { found, expected }) }
    }

    /// The line of text that [`Seed::parse`] reads, without an end of line. Secret.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(TEXT_CHARACTERS));
        // A string takes everything, and the text is shorter than bech32m allows.
        let written = bech32::encode_lower_to_fmt::<Bech32m, _>(&mut *text, HRP, self.as_bytes());
        debug_assert!(written.is_ok() && text.len() == TEXT_CHARACTERS);
        text
    }

    /// Reads a seed from its text: one line; blanks, empty lines and lines that start with `#` do not count.
    ///
    /// # Errors
    /// What is wrong, and where; any input is answered.
    pub fn parse(text: &str) -> Result<Self, SeedTextError> {
        if text.len() > MAX_FILE_BYTES {
            return Err(SeedTextError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
            return Err(SeedTextError::NotText);
        }
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let line = lines.next().ok_or(SeedTextError::Empty)?;
        if lines.next().is_some() {
            return Err(SeedTextError::SeveralLines);
        }
        let mut compact = Zeroizing::new(Vec::with_capacity(line.len()));
        compact.extend(line.bytes().filter(|byte| !byte.is_ascii_whitespace()));
        parse_line(&mut compact)
    }

    /// Reads a seed's file, of at most 4,096 bytes.
    ///
    /// # Errors
    /// [`SeedError::Io`] or [`SeedError::Text`].
    pub fn read(path: &Path) -> Result<Self, SeedError> {
        let bytes = files::read_limited(path, MAX_FILE_BYTES)
            .map_err(|source| SeedError::Io { action: "read", path: path.into(), source })?
            .ok_or_else(|| SeedError::Text { path: path.into(), reason: SeedTextError::TooLong })?;
        Self::from_file_content(path, &bytes)
    }

    /// Reads the seed that a file holds.
    pub(crate) fn from_file_content(path: &Path, content: &[u8]) -> Result<Self, SeedError> {
        std::str::from_utf8(content)
            .map_err(|_| SeedTextError::NotText)
            .and_then(Self::parse)
            .map_err(|reason| SeedError::Text { path: path.into(), reason })
    }

    /// Writes the seed's file, mode 0600, synced; nothing is ever overwritten.
    ///
    /// # Errors
    /// [`SeedError::Exists`] where something has that name, or [`SeedError::Io`].
    pub fn write_new(&self, path: &Path) -> Result<(), SeedError> {
        let mut line = Zeroizing::new(Vec::with_capacity(TEXT_CHARACTERS + 1));
        line.extend_from_slice(self.to_text().as_bytes());
        line.push(b'\n');
        files::write_new(path, &line).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => SeedError::Exists { path: path.into() },
            _ => SeedError::Io { action: "write", path: path.into(), source },
        })
    }
}

/// Reads ASCII without blanks, and makes its letters small.
fn parse_line(line: &mut [u8]) -> Result<Seed, SeedTextError> {
    let (lower, upper) = (line.iter().any(u8::is_ascii_lowercase), line.iter().any(u8::is_ascii_uppercase));
    line.make_ascii_lowercase();
    let Some((b'1', payload)) = line.strip_prefix(PREFIX.as_bytes()).and_then(<[u8]>::split_first) else {
        let seed = line.starts_with(ANY_PREFIX.as_bytes());
        return Err(if seed { SeedTextError::Version } else { SeedTextError::NotASeed });
    };
    if lower && upper {
        return Err(SeedTextError::MixedCase);
    }
    if payload.len() != PAYLOAD_CHARACTERS {
        return Err(SeedTextError::Length { found: line.len() });
    }
    let first = PREFIX.len() + 1;
    if let Some(at) = payload.iter().position(|byte| !ALPHABET.contains(byte)) {
        return Err(SeedTextError::Character { position: first + at + 1 });
    }
    decode(line).ok_or_else(|| match mistyped(line) {
        Some(at) => SeedTextError::Mistyped { position: at + 1 },
        None => SeedTextError::Checksum,
    })
}

fn decode(line: &[u8]) -> Option<Seed> {
    let parsed = CheckedHrpstring::new::<Bech32m>(std::str::from_utf8(line).ok()?).ok()?;
    let mut seed = Seed::from_bytes(&[0; 32]);
    let mut bytes = parsed.byte_iter();
    for slot in seed.0.iter_mut() {
        *slot = bytes.next()?;
    }
    // One text for every seed: the four bits after the last byte are zero.
    (seed.to_text().as_bytes() == line).then_some(seed)
}

/// Where one other character makes the checksum match: the code tells every four wrong characters from a good
/// text, hence one from all other mistakes.
fn mistyped(line: &mut [u8]) -> Option<usize> {
    for at in PREFIX.len() + 1..line.len() {
        let found = line[at];
        for other in ALPHABET {
            line[at] = *other;
            if decode(line).is_some() {
                return Some(at);
            }
        }
        line[at] = found;
    }
    None
}

/// Says which seed, never the seed.
impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed({})", self.id())
    }
}

impl FromStr for Seed {
    type Err = SeedTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for SeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for SeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SeedId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut id = [0; 16];
        hex::decode_to_slice(text, &mut id).map_err(|_| "a seed's id has 32 hex digits".to_string())?;
        Ok(Self(id))
    }
}

impl TryFrom<String> for SeedId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SeedId> for String {
    fn from(id: SeedId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_core::OsRng;

    fn seed() -> Seed {
        Seed::from_bytes(&std::array::from_fn(|i| i as u8))
    }

    #[test]
    fn a_seed_survives_its_text_in_any_layout() {
        let text = seed().to_text();
        assert_eq!(
            text.as_str(),
            "apportion-seed-1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0spj5a5m"
        );
        let groups: String =
            text.as_bytes().chunks(4).flat_map(|four| [four, b" "].concat()).map(char::from).collect();
        for layout in [
            text.to_string(),
            text.to_uppercase(),
            format!("# of the ledger in the cellar\n\n  {}\r\n# the end\n", groups),
        ] {
            assert_eq!(Seed::parse(&layout).unwrap().as_bytes(), seed().as_bytes());
        }
        for _ in 0..16 {
            let seed = Seed::generate(&mut OsRng).unwrap();
            assert_eq!(Seed::parse(&seed.to_text()).unwrap().as_bytes(), seed.as_bytes());
        }
    }

    #[test]
    fn every_wrong_character_is_found_and_named() {
        let text = seed().to_text();
        for at in 0..text.len() {
            for other in ALPHABET {
                let mut bytes = text.as_bytes().to_vec();
                if bytes[at] == *other {
                    continue;
                }
                bytes[at] = *other;
                let error = Seed::parse(std::str::from_utf8(&bytes).unwrap()).unwrap_err();
                let expected = match at {
                    ..14 => SeedTextError::NotASeed,
                    14..16 => SeedTextError::Version,
                    _ => SeedTextError::Mistyped { position: at + 1 },
                };
                assert_eq!(error, expected, "character {at}");
            }
        }
    }

    #[test]
    fn every_mistake_is_said_for_what_it_is() {
        let text = seed().to_text();
        let swapped = text.replace("spj5a5m", "psj5a5m");
        for (text, expected) in [
            ("", SeedTextError::Empty),
            ("# only a comment\n", SeedTextError::Empty),
            (
                "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33",
                SeedTextError::NotASeed,
            ),
            ("apportion-seed-2qqq", SeedTextError::Version),
            ("apportion-seed-1", SeedTextError::Length { found: 16 }),
            (&text[..73], SeedTextError::Length { found: 73 }),
            (&format!("{}q", *text), SeedTextError::Length { found: 75 }),
            (&format!("{}\n{}", *text, *text), SeedTextError::SeveralLines),
            (&format!("{}{}", text[..40].to_uppercase(), &text[40..]), SeedTextError::MixedCase),
            (&text.replace("qcyq", "qoyq"), SeedTextError::Character { position: 23 }),
            (&swapped, SeedTextError::Checksum),
            ("apportion-seed-1\u{e9}", SeedTextError::NotText),
            (&" ".repeat(5000), SeedTextError::TooLong),
        ] {
            assert_eq!(Seed::parse(text).unwrap_err(), expected, "{text}");
        }
        // Bech32 of the first generation is not bech32m.
        let old = bech32::encode::<bech32::Bech32>(HRP, seed().as_bytes()).unwrap();
        assert!(Seed::parse(&old).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200), tail in ".{0,80}") {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("seed");
            std::fs::write(&path, &bytes).unwrap();
            prop_assert!(Seed::read(&path).is_err());
            let text = format!("apportion-seed-1{tail}");
            prop_assert!(Seed::parse(&text).is_err());
        }
    }

    #[test]
    fn a_file_is_private_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("seed.txt");
        seed().write_new(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", *seed().to_text()));
        assert_eq!(Seed::read(&path).unwrap().as_bytes(), seed().as_bytes());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        }
        let other = Seed::generate(&mut OsRng).unwrap();
        assert!(matches!(other.write_new(&path), Err(SeedError::Exists { .. })));
        assert_eq!(Seed::read(&path).unwrap().as_bytes(), seed().as_bytes());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(matches!(Seed::read(&dir.path().join("none")), Err(SeedError::Io { .. })));
        std::fs::write(&path, [b'#'; 5000]).unwrap();
        let error = Seed::read(&path).unwrap_err().to_string();
        assert!(error.ends_with("seed.txt is longer than 4096 bytes: not a seed of Apportion"), "{error}");
    }

    #[test]
    fn the_seed_of_another_ledger_is_said_by_name() {
        let (seed, other) = (seed(), Seed::generate(&mut OsRng).unwrap());
        seed.expect(seed.id()).unwrap();
        let error = other.expect(seed.id()).unwrap_err().to_string();
        assert!(error.contains(&seed.id().to_string()) && error.contains(&other.id().to_string()), "{error}");
        let id: SeedId = serde_json::from_str(&serde_json::to_string(&seed.id()).unwrap()).unwrap();
        assert_eq!(id, seed.id());
        assert!("12".parse::<SeedId>().is_err());
    }
}
