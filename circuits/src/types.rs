//! The domain's types, each with its bounds and its codec.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha3::{Digest, Keccak256};

use crate::field::{self, SuiteField};

/// How large a segment is: `C = 4^m` slots, of which the last two are reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// m = 3: 64 slots, 62 accounts.
    T64,
    /// m = 5: 1,024 slots, 1,022 accounts.
    T1024,
    /// m = 7: 16,384 slots, 16,382 accounts.
    T16384,
}

/// Slots at the end of every segment that hold no account: a PLONK table keeps its blinding in their rows.
pub const RESERVED_SLOTS: usize = 2;

impl Tier {
    /// Every tier, smallest first.
    pub const ALL: [Tier; 3] = [Tier::T64, Tier::T1024, Tier::T16384];

    /// The depth of the segment's 4-ary tree.
    pub const fn depth(self) -> u32 {
        match self {
            Tier::T64 => 3,
            Tier::T1024 => 5,
            Tier::T16384 => 7,
        }
    }

    /// log2 of the number of slots.
    pub const fn log_slots(self) -> u32 {
        2 * self.depth()
    }

    /// The number of slots, `C`.
    pub const fn slots(self) -> usize {
        1 << self.log_slots()
    }

    /// The number of accounts, `C - 2`.
    pub const fn accounts(self) -> usize {
        self.slots() - RESERVED_SLOTS
    }

    /// How many segments a dataset of `records` records takes; at least one.
    pub const fn segments(self, records: usize) -> usize {
        if records == 0 { 1 } else { records.div_ceil(self.accounts()) }
    }

    /// How many records of a dataset of `records` records are in one of its segments; 0 beyond the last.
    pub const fn records_in(self, records: usize, segment: usize) -> usize {
        let rest = records.saturating_sub(segment.saturating_mul(self.accounts()));
        if rest < self.accounts() { rest } else { self.accounts() }
    }

    /// The tier with that many slots.
    pub fn from_slots(slots: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.slots() == slots)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.slots())
    }
}

impl FromStr for Tier {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse()
            .ok()
            .and_then(Self::from_slots)
            .ok_or_else(|| format!("unknown tier '{s}': expected 64, 1024 or 16384"))
    }
}

impl Serialize for Tier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.slots() as u64)
    }
}

impl<'de> Deserialize<'de> for Tier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slots = u64::deserialize(deserializer)?;
        usize::try_from(slots)
            .ok()
            .and_then(Self::from_slots)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown tier {slots}")))
    }
}

/// An attribution score: any 64-bit integer.
pub type Score = u64;

/// Bits of a score (S2).
pub const SCORE_BITS: u32 = 64;
/// Bits of a payout of one account in one epoch (S3).
pub const PAYOUT_BITS: u32 = 128;
/// The sum of all scores of an epoch is below `2^TOTAL_SCORE_BITS`.
pub const TOTAL_SCORE_BITS: u32 = 80;
/// V7: what enters the pools in a model's whole life sums to less than this.
pub const LIFETIME_POOL_BOUND: u128 = 1 << 127;

/// Basis points in the whole.
pub const BPS_WHOLE: u32 = 10_000;

macro_rules! hex_bytes {
    ($(#[$doc:meta])* $name:ident, $len:expr, $what:expr, $spell:path, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// True where every byte is zero.
            pub fn is_zero(&self) -> bool {
                self.0.iter().all(|byte| *byte == 0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&$spell(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(s: &str) -> Result<Self, Self::Err> {
                let digits = s
                    .strip_prefix("0x")
                    .ok_or_else(|| format!("{} must start with 0x", $what))?;
                if digits.len() != 2 * $len {
                    return Err(format!(
                        "{} must have {} hex digits after 0x, found {}",
                        $what,
                        2 * $len,
                        digits.len()
                    ));
                }
                let mut bytes = [0u8; $len];
                hex::decode_to_slice(digits, &mut bytes)
                    .map_err(|_| format!("{} holds a character that is not a hex digit", $what))?;
                $check(s, &bytes)?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_bytes!(
    /// Who is paid: a 20-byte address, written in hex. Its letters' cases are a checksum (EIP-55): written always,
    /// checked where an address has letters of both cases.
    Payee,
    20,
    "a payee",
    checksummed,
    check_checksum
);
hex_bytes!(
    /// The digest of a record's content: 32 bytes, written in hex.
    ContentDigest,
    32,
    "a content digest",
    lower_case,
    any_case
);
hex_bytes!(
    /// A field element, group element half or digest as files spell it: 32 bytes, big-endian, in hex.
    Word,
    32,
    "a 32-byte value",
    lower_case,
    any_case
);

fn lower_case(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn any_case(_: &str, _: &[u8]) -> Result<(), String> {
    Ok(())
}

/// EIP-55: a letter is upper-case where the Keccak-256 of the lower-case digits has a nibble of 8 or more.
fn checksummed(address: &[u8]) -> String {
    let digits = hex::encode(address);
    let hash = hex::encode(Keccak256::digest(digits.as_bytes()));
    let case = |(digit, nibble): (char, char)| if nibble >= '8' { digit.to_ascii_uppercase() } else { digit };
    let digits: String = digits.chars().zip(hash.chars()).map(case).collect();
    format!("0x{digits}")
}

/// An address in one case carries no checksum; one in both cases carries a right one, or is a typo.
fn check_checksum(text: &str, address: &[u8]) -> Result<(), String> {
    let digits = text.get(2..).unwrap_or_default();
    let mixed =
        digits.bytes().any(|c| c.is_ascii_lowercase()) && digits.bytes().any(|c| c.is_ascii_uppercase());
    if mixed && text != checksummed(address) {
        return Err(format!("the checksum of {text} is wrong (EIP-55): the address was mistyped"));
    }
    Ok(())
}

impl Payee {
    /// The payee as the relations see it.
    pub fn to_field<F: SuiteField>(self) -> F {
        field::from_short_bytes(&self.0)
    }
}

impl Word {
    /// The encoding of a field element.
    pub fn from_field<F: SuiteField>(x: &F) -> Self {
        Self(field::to_bytes(x))
    }

    /// The field element, or `None` where the encoding is not canonical.
    pub fn to_field<F: SuiteField>(self) -> Option<F> {
        field::from_bytes(&self.0)
    }
}

/// One record of a dataset. A slot without a record is `Record::default()`: payee 0, content 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Who is paid for the record.
    pub payee: Payee,
    /// What the record is.
    pub content: ContentDigest,
}

impl Record {
    /// The content digest in two halves, high first.
    pub fn content_halves<F: SuiteField>(&self) -> (F, F) {
        let (high, low) = self.content.0.split_at(16);
        (field::from_short_bytes(high), field::from_short_bytes(low))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_wrong_checksum_is_a_typo() {
        // From EIP-55.
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
            "0x52908400098527886E0F7030069857D2E4169EE7",
        ] {
            let address: Payee = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
            assert_eq!(text.to_lowercase().parse(), Ok(address));
            assert_eq!(format!("0x{}", text[2..].to_uppercase()).parse(), Ok(address));
        }
        // One digit is another; one letter's case is.
        for text in
            ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee", "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]
        {
            let error = text.parse::<Payee>().unwrap_err();
            assert!(error.contains("EIP-55"), "{error}");
        }
        // Digests have no checksum.
        let digest: Word = format!("0x{}", "aB".repeat(32)).parse().unwrap();
        assert_eq!(digest.to_string(), format!("0x{}", "ab".repeat(32)));
    }
}
