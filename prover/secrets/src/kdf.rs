//! HKDF-SHA512 (RFC 5869) of the seed, and the encoding of its `info`.

use hkdf::Hkdf;
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::seed::Seed;

/// The salt of the extraction and the first field of every `info`. Another version derives other secrets.
pub(crate) const VERSION: &[u8] = b"apportion-secrets-1";

/// The longest output that HKDF-SHA512 has: 255 blocks.
const MAX_OUTPUT_BYTES: usize = 255 * 64;

/// What an output is for: a sequence of fields, each behind its length in four bytes, big-endian. Some are
/// digests of secrets: overwritten when dropped.
pub(crate) struct Info(Zeroizing<Vec<u8>>);

impl Info {
    /// The `info` of a purpose: the version and the purpose's name.
    pub(crate) fn new(purpose: &str) -> Self {
        Self::empty().field(VERSION).field(purpose.as_bytes())
    }

    /// No fields yet: for outputs that are not the seed's.
    pub(crate) fn empty() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(512)))
    }

    /// One more field, shorter than 4 GiB.
    pub(crate) fn field(mut self, bytes: &[u8]) -> Self {
        debug_assert!(u32::try_from(bytes.len()).is_ok());
        let length = self.0.len() + 4 + bytes.len();
        if length > self.0.capacity() {
            // Grown by hand: a vector that grows by itself leaves a copy behind.
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * length));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Fills `out` from the seed: `HKDF-Expand(HKDF-Extract(VERSION, seed), info, N)`.
#[expect(clippy::expect_used, reason = "the length is checked when this is compiled")]
pub(crate) fn expand<const N: usize>(seed: &Seed, info: &Info, out: &mut [u8; N]) {
    const { assert!(N <= MAX_OUTPUT_BYTES) };
    Hkdf::<Sha512>::new(Some(VERSION), seed.as_bytes()).expand(info.as_bytes(), out).expect("not too long");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_into_each_other() {
        let info = |fields: &[&[u8]]| {
            fields.iter().fold(Info::new("test"), |info, field| info.field(field)).0.to_vec()
        };
        assert_ne!(info(&[b"ab", b"c"]), info(&[b"a", b"bc"]));
        assert_ne!(info(&[b"abc"]), info(&[b"abc", b""]));
        assert_eq!(info(&[b"ab"]), b"\0\0\0\x13apportion-secrets-1\0\0\0\x04test\0\0\0\x02ab");
    }
}
