//! Commitments to linked columns, as every file and contract spells them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Bytes of the longest commitment of any suite.
const MAX_COMMITMENT_BYTES: usize = 64;

/// A commitment to a column: the group element's canonical bytes, as they stand at the head of a proof.
/// 32 bytes on pasta (compressed); 64 on bn254 (affine x, y, big-endian).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commitment(pub Vec<u8>);

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(&self.0))
    }
}

impl Serialize for Commitment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Commitment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text
            .strip_prefix("0x")
            .filter(|digits| !digits.is_empty() && digits.len() <= 2 * MAX_COMMITMENT_BYTES)
            .ok_or_else(|| D::Error::custom("a commitment must be 0x and 64 or 128 hex digits"))?;
        let bytes = hex::decode(digits).map_err(|_| D::Error::custom("a commitment must be hex digits"))?;
        Ok(Commitment(bytes))
    }
}
