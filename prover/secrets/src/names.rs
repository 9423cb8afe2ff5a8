//! Names of encrypted receipts that only those tell who hold a key.
//!
//! A directory of receipts is public, so that contributors fetch theirs without asking. Names made of payees
//! would show who is paid; names made of a payee's hash would be guessed. The ledger has a key for names,
//! derived from the developer's seed, whose public half is published; a name is derived from what that key
//! shares with the recipient's age key. The developer computes the names of all, a recipient its own, and
//! nobody else any.
//!
//! A name stays the same from epoch to epoch, so whoever watches the directory sees that a file is replaced,
//! and how many there are.

use std::{fmt, str::FromStr};

use apportion_circuits::types::{Payee, Word};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

use crate::{
    kdf::{self, Info},
    keys::{self, Identity, KeyError, Recipient},
    seed::Seed,
};

/// The salt of the extraction. Another version makes other names.
const VERSION: &[u8] = b"apportion-names-1";
/// Bytes of a name: 32 hex digits.
const NAME_BYTES: usize = 16;

/// Which ledger: names, and backups, of one are not those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerId {
    /// The chain's id; 0 for a ledger that is bound to none.
    pub chain_id: u64,
    /// The revenue ledger's address.
    pub contract: Payee,
    /// The model's id.
    pub model: Word,
}

/// A ledger's secret key for names. Overwritten when dropped.
///
/// 32 bytes of HKDF-SHA512 of the seed, encoded as for [`crate::mask`], with the fields
/// `apportion-secrets-1`; `name key`; chain id in eight bytes; contract; model.
pub struct NameKey {
    secret: Box<StaticSecret>,
    public: PublicNameKey,
    ledger: LedgerId,
}

/// A ledger's public key for names: 32 bytes, the u-coordinate of RFC 7748, written in hex after 0x.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Word", try_from = "Word")]
pub struct PublicNameKey(PublicKey);

impl NameKey {
    /// The key of a ledger.
    pub fn derive(seed: &Seed, ledger: LedgerId) -> Self {
        let info = Info::new("name key")
            .field(&ledger.chain_id.to_be_bytes())
            .field(&ledger.contract.0)
            .field(&ledger.model.0);
        let mut bytes = Zeroizing::new([0; 32]);
        kdf::expand(seed, &info, &mut bytes);
        let secret = Box::new(StaticSecret::from(*bytes));
        Self { public: PublicNameKey(PublicKey::from(&*secret)), secret, ledger }
    }

    /// The public half, for the ledger to publish.
    pub fn public(&self) -> PublicNameKey {
        self.public
    }

    /// The name of the file that holds a payee's receipts and is encrypted to that recipient: 32 hex digits
    /// and `.age`.
    ///
    /// HKDF-SHA256 (RFC 5869) with the salt `apportion-names-1`, X25519 of the two keys (RFC 7748) as key
    /// material, and as `info`, each field behind its length in four bytes, big-endian: chain id in eight
    /// bytes; contract; model; the ledger's public key; the recipient's; the payee. The first 16 bytes.
    ///
    /// # Errors
    /// [`KeyError::LowOrder`], which no key that was read by this crate is.
    pub fn file_name(&self, recipient: &Recipient, payee: Payee) -> Result<String, KeyError> {
        let shared = keys::shared_secret(&self.secret, recipient.public_key()).ok_or(KeyError::LowOrder)?;
        Ok(file_name(&shared, &self.ledger, &self.public, recipient, payee))
    }
}

/// The same name as [`NameKey::file_name`] gives, computed by the recipient from the ledger's public key.
///
/// # Errors
/// [`KeyError::LowOrder`], which no key that was read by this crate is.
pub fn own_file_name(
    identity: &Identity,
    ledger: &LedgerId,
    ledger_key: &PublicNameKey,
    payee: Payee,
) -> Result<String, KeyError> {
    let shared = identity.shared_secret(&ledger_key.0).ok_or(KeyError::LowOrder)?;
    Ok(file_name(&shared, ledger, ledger_key, &identity.recipient(), payee))
}

#[expect(clippy::expect_used, reason = "16 bytes are less than HKDF-SHA256 gives")]
fn file_name(
    shared: &SharedSecret,
    ledger: &LedgerId,
    ledger_key: &PublicNameKey,
    recipient: &Recipient,
    payee: Payee,
) -> String {
    let info = Info::empty()
        .field(&ledger.chain_id.to_be_bytes())
        .field(&ledger.contract.0)
        .field(&ledger.model.0)
        .field(ledger_key.0.as_bytes())
        .field(recipient.as_bytes())
        .field(&payee.0);
    let mut name = [0; NAME_BYTES];
    Hkdf::<Sha256>::new(Some(VERSION), shared.as_bytes())
        .expand(info.as_bytes(), &mut name)
        .expect("not too long");
    format!("{}.age", hex::encode(name))
}

impl TryFrom<Word> for PublicNameKey {
    type Error = KeyError;

    fn try_from(word: Word) -> Result<Self, Self::Error> {
        keys::public_key(word.0).map(Self)
    }
}

impl From<PublicNameKey> for Word {
    fn from(key: PublicNameKey) -> Self {
        Word(key.0.to_bytes())
    }
}

impl FromStr for PublicNameKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word: Word = text.parse()?;
        word.try_into().map_err(|reason: KeyError| format!("the ledger's key for names {reason}"))
    }
}

impl fmt::Display for PublicNameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Word::from(*self), f)
    }
}

impl fmt::Debug for PublicNameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Says the public half.
impl fmt::Debug for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NameKey(of {})", self.public)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use rand_core::OsRng;

    const LEDGER: LedgerId = LedgerId { chain_id: 1, contract: Payee([2; 20]), model: Word([3; 32]) };
    const PAYEE: Payee = Payee([4; 20]);

    #[test]
    fn both_sides_compute_the_same_name_and_nobody_else() {
        let seed = Seed::generate(&mut OsRng).unwrap();
        let key = NameKey::derive(&seed, LEDGER);
        let (identity, stranger) =
            (Identity::generate(&mut OsRng).unwrap(), Identity::generate(&mut OsRng).unwrap());
        let name = key.file_name(&identity.recipient(), PAYEE).unwrap();
        assert_eq!(own_file_name(&identity, &LEDGER, &key.public(), PAYEE).unwrap(), name);
        assert!(name.len() == 36 && name.ends_with(".age"));
        // A stranger knows both public keys, ledger and payee: with no key of its own does it get that name.
        let other = NameKey::derive(&Seed::generate(&mut OsRng).unwrap(), LEDGER);
        let guesses = [
            own_file_name(&stranger, &LEDGER, &key.public(), PAYEE).unwrap(),
            other.file_name(&identity.recipient(), PAYEE).unwrap(),
            // The public keys for the secret they share.
            forged(key.public().0.to_bytes(), &key.public(), &identity),
            forged(*identity.recipient().as_bytes(), &key.public(), &identity),
        ];
        assert!(!guesses.contains(&name));
    }

    fn forged(shared: [u8; 32], ledger_key: &PublicNameKey, identity: &Identity) -> String {
        // Only a DH makes a SharedSecret: one whose result is what the forger wants it to be needs its
        // inverse, so the name is computed here, by the documented formula.
        let info = Info::empty()
            .field(&LEDGER.chain_id.to_be_bytes())
            .field(&LEDGER.contract.0)
            .field(&LEDGER.model.0)
            .field(ledger_key.0.as_bytes())
            .field(identity.recipient().as_bytes())
            .field(&PAYEE.0);
        let mut name = [0; 16];
        Hkdf::<Sha256>::new(Some(VERSION), &shared).expand(info.as_bytes(), &mut name).unwrap();
        format!("{}.age", hex::encode(name))
    }

    #[test]
    fn everything_changes_the_name() {
        let (seed, other) = (Seed::from_bytes(&[1; 32]), Seed::from_bytes(&[2; 32]));
        let recipients =
            [[3; 32], [4; 32]].map(|bytes| Identity::generate(&mut Fixed(bytes)).unwrap().recipient());
        let name = |seed: &Seed, ledger, recipient, payee| {
            NameKey::derive(seed, ledger).file_name(recipient, payee).unwrap()
        };
        let names = [
            name(&seed, LEDGER, &recipients[0], PAYEE),
            name(&other, LEDGER, &recipients[0], PAYEE),
            name(&seed, LedgerId { chain_id: 2, ..LEDGER }, &recipients[0], PAYEE),
            name(&seed, LedgerId { contract: PAYEE, ..LEDGER }, &recipients[0], PAYEE),
            name(&seed, LedgerId { model: Word([4; 32]), ..LEDGER }, &recipients[0], PAYEE),
            name(&seed, LEDGER, &recipients[1], PAYEE),
            name(&seed, LEDGER, &recipients[0], Payee([5; 20])),
        ];
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        // The same key under another ledger's id: the binding is in the name too, not only in the key.
        let key = NameKey::derive(&seed, LEDGER);
        let moved = NameKey { ledger: LedgerId { chain_id: 2, ..LEDGER }, ..key };
        assert_ne!(moved.file_name(&recipients[0], PAYEE).unwrap(), names[0]);
    }

    #[test]
    fn keys_that_hide_nothing_are_refused() {
        for bytes in [[0; 32], [0xff; 32]] {
            assert!(PublicNameKey::try_from(Word(bytes)).is_err());
        }
        let error = Word([0; 32]).to_string().parse::<PublicNameKey>().unwrap_err();
        assert_eq!(error, "the ledger's key for names is a key that hides nothing (a point of low order)");
        // Should one get past the parser all the same, no name comes of it.
        let identity = Identity::generate(&mut OsRng).unwrap();
        let zero = PublicNameKey(PublicKey::from([0; 32]));
        assert_eq!(own_file_name(&identity, &LEDGER, &zero, PAYEE), Err(KeyError::LowOrder));
        let key = NameKey::derive(&Seed::from_bytes(&[1; 32]), LEDGER).public();
        assert_eq!(key.to_string().parse::<PublicNameKey>().unwrap(), key);
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<PublicNameKey>(&json).unwrap(), key);
    }

    struct Fixed([u8; 32]);

    impl rand_core::RngCore for Fixed {
        fn next_u32(&mut self) -> u32 {
            0
        }

        fn next_u64(&mut self) -> u64 {
            0
        }

        fn fill_bytes(&mut self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0);
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
            self.fill_bytes(bytes);
            Ok(())
        }
    }

    impl rand_core::CryptoRng for Fixed {}
}
