//! Values as JSON spells them.

use std::{fmt, str::FromStr};

use apportion_circuits::types::Word;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};

/// Bytes of the longest file name.
const MAX_FILE_NAME: usize = 64;

/// An amount: a decimal string, without sign or leading zeros, below 2^128.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Amount(pub u128);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.is_empty() || !s.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("an amount must be a string of decimal digits".into());
        }
        if s.len() > 1 && s.starts_with('0') {
            return Err("an amount must not have leading zeros".into());
        }
        s.parse().map(Self).map_err(|_| "an amount must be below 2^128".into())
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Bytes of the longest opening of any suite.
const MAX_HEX_BYTES: usize = 4096;

/// Bytes in hex, `0x` first: an opening.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hex(pub Vec<u8>);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("0x{}", hex::encode(&self.0)))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text
            .strip_prefix("0x")
            .filter(|digits| !digits.is_empty() && digits.len() <= 2 * MAX_HEX_BYTES)
            .ok_or_else(|| D::Error::custom("an opening must be 0x and at most 8192 hex digits"))?;
        hex::decode(digits).map(Self).map_err(|_| D::Error::custom("an opening must be hex digits"))
    }
}

/// The name of a file beside the document that names it: lower-case letters, digits, `-`, `_` and `.`, not
/// starting with `.`. It cannot leave the directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(String);

impl FileName {
    /// A name that this crate made of numbers and the words of its formats.
    pub(super) fn from_checked(name: String) -> Self {
        debug_assert!(name.parse::<Self>().is_ok());
        Self(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<std::path::Path> for FileName {
    fn as_ref(&self) -> &std::path::Path {
        self.0.as_ref()
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FileName {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        if s.is_empty() || s.len() > MAX_FILE_NAME || s.starts_with('.') || !s.bytes().all(allowed) {
            return Err(
                "a file name must be lower-case letters, digits, '-', '_' and '.', and not start with '.'"
                    .into(),
            );
        }
        Ok(Self(s.to_owned()))
    }
}

impl Serialize for FileName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A file beside the document that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Its name.
    pub file: FileName,
    /// SHA-256 of the whole file.
    pub sha256: Word,
}

impl FileRef {
    /// A reference to a file with this content.
    pub fn new(file: FileName, content: &[u8]) -> Self {
        Self { file, sha256: sha256(content) }
    }
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Word {
    Word(Sha256::digest(bytes).into())
}
