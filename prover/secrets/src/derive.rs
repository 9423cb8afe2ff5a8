//! Masks and proof randomness, derived from a seed.
//!
//! A mask is never drawn, it follows from the seed, from where the column stands and from what the column
//! holds. The values must enter: one mask on two vectors would show their difference, as two commitments to
//! `f_v + (X^C - 1) rho` and `f_w + (X^C - 1) rho` differ by the commitment to `f_v - f_w`, which is hidden
//! by nothing.
//!
//! A proof's randomness follows from the seed, the key, the public inputs, the witness and the engine, so
//! that a proof made again is the same proof and shows nothing new.

use std::fmt;

use apportion_circuits::{
    column::{MASK_COEFFICIENTS, Mask},
    field::{self, SuiteField},
    types::{Payee, Tier, Word},
};
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, Error, RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    kdf::{self, Info},
    seed::Seed,
};

/// Elements of a mask: the coefficients of `rho` and the blinding scalar.
const MASK_ELEMENTS: usize = MASK_COEFFICIENTS + 1;
/// Bytes that become one uniform field element.
const WIDE_BYTES: usize = 64;

/// What a linked column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The payees of a dataset's segment: column A of Enroll.
    Payee,
    /// The cumulative balances of a segment after an epoch.
    Balance,
    /// The scores of a segment in an epoch.
    Score,
    /// What else Enroll binds to a record: its column B, which no other proof uses.
    Content,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [Role::Payee, Role::Balance, Role::Score, Role::Content];

    /// The name that enters the derivation.
    pub fn name(self) -> &'static str {
        match self {
            Role::Payee => "payee",
            Role::Balance => "balance",
            Role::Score => "score",
            Role::Content => "content",
        }
    }
}

/// Where a linked column stands: with the suite, which is the field's, everything that tells it from the
/// other columns of one seed, except its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Derivation {
    /// How large the segment is.
    pub tier: Tier,
    /// What the column holds.
    pub role: Role,
    /// The chain's id; 0 for a ledger that is bound to none.
    pub chain_id: u64,
    /// The revenue ledger's address, or the dataset registry's for [`Role::Payee`] and [`Role::Content`].
    pub contract: Payee,
    /// The model's id, or the dataset's for [`Role::Payee`] and [`Role::Content`].
    pub subject: Word,
    /// The dataset's number among the model's, from 0; 0 where the subject is a dataset.
    pub dataset: u32,
    /// The segment's number in its dataset, from 0.
    pub segment: u32,
    /// The epoch, or the dataset's revision for [`Role::Payee`] and [`Role::Content`].
    pub number: u32,
}

/// What one slot of a linked column holds: an integer below `2^256`, 32 bytes, big-endian.
///
/// One number has one encoding, whatever type it comes in.
pub trait ColumnValue: Copy {
    /// The encoding.
    fn to_word(self) -> Word;
}

impl ColumnValue for u64 {
    fn to_word(self) -> Word {
        u128::from(self).to_word()
    }
}

impl ColumnValue for u128 {
    fn to_word(self) -> Word {
        let mut word = [0; 32];
        word[16..].copy_from_slice(&self.to_be_bytes());
        Word(word)
    }
}

impl ColumnValue for Payee {
    fn to_word(self) -> Word {
        let mut word = [0; 32];
        word[12..].copy_from_slice(&self.0);
        Word(word)
    }
}

/// A field element, as [`Word::from_field`] encodes it.
impl ColumnValue for Word {
    fn to_word(self) -> Word {
        self
    }
}

/// Why a mask could not be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// More values than the segment has slots.
    #[error("{found} values for a column of {slots} slots")]
    TooManyValues {
        /// How many values there are.
        found: usize,
        /// How many slots the tier has.
        slots: usize,
    },
}

/// The mask of the column that stands there and holds these values, one a slot; slots beyond them hold 0.
///
/// `HKDF-SHA512` (RFC 5869) with the salt `apportion-secrets-1`, the seed as key material, and as `info`,
/// each field behind its length in four bytes, big-endian: `apportion-secrets-1`; `mask`; the suite's name; C
/// in four bytes; the role's name; chain id in eight bytes; contract; subject; dataset, segment and number in
/// four bytes each; SHA-256 of all C values, 32 bytes each. Of the output, every 64 bytes, little-endian, are
/// one element modulo the field's order: first the 128 coefficients of `rho`, lowest first, then the blinding
/// scalar.
///
/// # Errors
/// [`DeriveError::TooManyValues`].
pub fn mask<F: SuiteField>(
    seed: &Seed,
    place: &Derivation,
    values: &[impl ColumnValue],
) -> Result<Mask<F>, DeriveError> {
    let values = digest_values(place.tier, values)?;
    let info = Info::new("mask")
        .field(F::SUITE.name().as_bytes())
        .field(&(place.tier.slots() as u32).to_be_bytes())
        .field(place.role.name().as_bytes())
        .field(&place.chain_id.to_be_bytes())
        .field(&place.contract.0)
        .field(&place.subject.0)
        .field(&place.dataset.to_be_bytes())
        .field(&place.segment.to_be_bytes())
        .field(&place.number.to_be_bytes())
        .field(&*values);
    let mut wide = Zeroizing::new([0; MASK_ELEMENTS * WIDE_BYTES]);
    kdf::expand(seed, &info, &mut wide);
    Ok(mask_from_wide(&wide))
}

#[expect(clippy::expect_used, reason = "as many elements as a mask has")]
fn mask_from_wide<F: SuiteField>(wide: &[u8; MASK_ELEMENTS * WIDE_BYTES]) -> Mask<F> {
    let (chunks, _) = wide.as_chunks::<WIDE_BYTES>();
    let mut elements: Vec<F> = chunks.iter().map(F::from_uniform_bytes).collect();
    let mask = Mask::from_elements(&elements);
    field::wipe(&mut elements);
    mask.expect("as many elements as a mask has")
}

/// SHA-256 of all C values, 32 bytes each. As secret as the values, which may be guessed from it.
fn digest_values(tier: Tier, values: &[impl ColumnValue]) -> Result<Zeroizing<[u8; 32]>, DeriveError> {
    let slots = tier.slots();
    let empty =
        slots.checked_sub(values.len()).ok_or(DeriveError::TooManyValues { found: values.len(), slots })?;
    let mut hash = Sha256::new();
    for value in values {
        hash.update(*Zeroizing::new(value.to_word().0));
    }
    for _ in 0..empty {
        hash.update([0; 32]);
    }
    Ok(finish(hash))
}

fn finish(hash: Sha256) -> Zeroizing<[u8; 32]> {
    let mut digest = Zeroizing::new([0; 32]);
    hash.finalize_into((&mut *digest).into());
    digest
}

/// A digest of everything secret that goes into a proof: values and masks. Itself secret; overwritten when
/// dropped.
pub struct WitnessDigest(Zeroizing<[u8; 32]>);

/// Builds a [`WitnessDigest`], part by part. The order of the parts counts, and where one ends and another
/// begins.
///
/// SHA-256 of the parts, each a letter that names its kind, the number of its items in eight bytes,
/// big-endian, and the items: `v`, values of 32 bytes; `e`, field elements of 32 bytes, big-endian; `m`, a
/// mask's elements; `b`, bytes.
pub struct WitnessHasher(Sha256);

impl WitnessHasher {
    /// No parts yet.
    #[expect(clippy::new_without_default, reason = "a witness without parts is none")]
    pub fn new() -> Self {
        Self(Sha256::new())
    }

    /// Values of a column.
    #[must_use]
    pub fn values(self, values: &[impl ColumnValue]) -> Self {
        self.part(b'v', values.len(), values.iter().map(|value| value.to_word().0))
    }

    /// Field elements.
    #[must_use]
    pub fn elements<F: SuiteField>(self, elements: &[F]) -> Self {
        self.part(b'e', elements.len(), elements.iter().map(field::to_bytes))
    }

    /// A column's mask.
    #[must_use]
    pub fn mask<F: SuiteField>(self, mask: &Mask<F>) -> Self {
        self.part(b'm', MASK_ELEMENTS, mask.elements().map(field::to_bytes))
    }

    /// Anything else.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self = self.part(b'b', bytes.len(), std::iter::empty());
        self.0.update(bytes);
        self
    }

    /// The digest of all parts.
    pub fn finish(self) -> WitnessDigest {
        WitnessDigest(finish(self.0))
    }

    fn part(mut self, kind: u8, count: usize, items: impl Iterator<Item = [u8; 32]>) -> Self {
        self.0.update([kind]);
        self.0.update((count as u64).to_be_bytes());
        for item in items {
            self.0.update(*Zeroizing::new(item));
        }
        self
    }
}

/// The seed of a [`DerivedRng`]: what a worker needs who makes a proof without the ledger's seed. Secret;
/// overwritten when dropped.
pub struct RngSeed(Zeroizing<[u8; 32]>);

impl RngSeed {
    /// The seed of these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The bytes. Secret.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The seed that follows from this one and from fresh bytes: unpredictable as long as either is.
    pub fn mixed_with(&self, fresh: &[u8; 32]) -> Self {
        let hash = Sha256::new().chain_update(b"apportion-fresh-1").chain_update(*self.0).chain_update(fresh);
        Self(finish(hash))
    }

    /// The generator, at its start.
    pub fn rng(&self) -> DerivedRng {
        DerivedRng(ChaCha20Rng::from_seed(*self.0))
    }
}

/// The seed of a proof's randomness: 32 bytes of HKDF-SHA512, encoded as for [`mask`], with the fields
/// `apportion-secrets-1`; `proof`; the key's digest; all public inputs, 32 bytes each, as one field; the
/// witness's digest; the engine's version.
///
/// `key_digest` stands for suite, setup, relation and tier; `witness` for values and masks; `engine_version`
/// changes whenever an engine makes another proof of the same statement.
pub fn proof_seed(
    seed: &Seed,
    key_digest: [u8; 32],
    public_inputs: &[[u8; 32]],
    witness: &WitnessDigest,
    engine_version: &str,
) -> RngSeed {
    rng_seed("proof", seed, key_digest, public_inputs, witness, engine_version)
}

/// The randomness of a proof: ChaCha20 (`rand_chacha` 0.3) from [`proof_seed`].
pub fn proof_rng(
    seed: &Seed,
    key_digest: [u8; 32],
    public_inputs: &[[u8; 32]],
    witness: &WitnessDigest,
    engine_version: &str,
) -> DerivedRng {
    proof_seed(seed, key_digest, public_inputs, witness, engine_version).rng()
}

/// The seed of the randomness of an opening, in a suite whose openings take some: as [`proof_seed`], with
/// `opening` for `proof`, the setup's digest for the key's, and for the public inputs what the opening
/// states: its context, the commitments, the slot and the values.
pub fn opening_seed(
    seed: &Seed,
    setup_digest: [u8; 32],
    statement: &[[u8; 32]],
    witness: &WitnessDigest,
    engine_version: &str,
) -> RngSeed {
    rng_seed("opening", seed, setup_digest, statement, witness, engine_version)
}

/// The randomness of an opening: ChaCha20 (`rand_chacha` 0.3) from [`opening_seed`].
pub fn opening_rng(
    seed: &Seed,
    setup_digest: [u8; 32],
    statement: &[[u8; 32]],
    witness: &WitnessDigest,
    engine_version: &str,
) -> DerivedRng {
    opening_seed(seed, setup_digest, statement, witness, engine_version).rng()
}

fn rng_seed(
    purpose: &str,
    seed: &Seed,
    key: [u8; 32],
    statement: &[[u8; 32]],
    witness: &WitnessDigest,
    engine_version: &str,
) -> RngSeed {
    let info = Info::new(purpose)
        .field(&key)
        .field(statement.as_flattened())
        .field(&*witness.0)
        .field(engine_version.as_bytes());
    let mut bytes = Zeroizing::new([0; 32]);
    kdf::expand(seed, &info, &mut bytes);
    RngSeed(bytes)
}

/// A generator whose stream follows from an [`RngSeed`]. Secret; overwritten when dropped.
pub struct DerivedRng(ChaCha20Rng);

impl RngCore for DerivedRng {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.try_fill_bytes(bytes)
    }
}

impl CryptoRng for DerivedRng {}

impl DerivedRng {
    fn wipe(&mut self) {
        self.0 = ChaCha20Rng::from_seed([0; 32]);
        std::hint::black_box(&mut self.0);
    }
}

impl Drop for DerivedRng {
    fn drop(&mut self) {
        self.wipe();
    }
}

macro_rules! hidden {
    ($($name:ident),*) => {$(
        /// Never shows the secret.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    )*};
}

hidden!(WitnessDigest, WitnessHasher, RngSeed, DerivedRng);

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::needs_drop;
    use x25519_dalek::{SharedSecret, StaticSecret};
    use zeroize::ZeroizeOnDrop;

    /// Features of other crates by which they overwrite what they held; memory itself cannot be looked at
    /// here.
    #[test]
    fn what_holds_secrets_is_overwritten() {
        fn overwritten<T: ZeroizeOnDrop>() {}
        overwritten::<Sha256>();
        overwritten::<sha2::Sha512>();
        // These are not marked, but what has nothing to do when it is dropped overwrites nothing.
        assert!(needs_drop::<hkdf::Hkdf<Sha256>>() && needs_drop::<hkdf::Hkdf<sha2::Sha512>>());
        assert!(needs_drop::<StaticSecret>() && needs_drop::<SharedSecret>());
        let fresh = || ChaCha20Rng::from_seed([0; 32]).next_u64();
        let mut rng = RngSeed::from_bytes(&[1; 32]).rng();
        assert_ne!(rng.next_u64(), fresh());
        rng.wipe();
        assert_eq!(rng.next_u64(), fresh());
    }
}
