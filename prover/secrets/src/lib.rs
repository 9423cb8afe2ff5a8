//! Where secrets come from and how they are kept.
//!
//! [`seed`]: 32 random bytes, on paper if need be, from which everything else follows. [`derive`]: the masks of linked
//! columns and the randomness of proofs, derived from the seed (HKDF, RFC 5869), so that a lost ledger is made again,
//! byte by byte, from the seed, the records and the scores. [`keys`] and [`wrap`]: encryption with age, to keys that people have.
//! [`names`]: what encrypted receipts are called.
//!
//! With derived masks hiding is computational: it rests on HKDF-SHA512 being a pseudorandom function of the seed.
//!
//! Every derivation of one seed starts from the same extraction and differs in its `info`, a sequence of fields, each
//! behind its length in four bytes, big-endian: the version, the purpose, and what the purpose's documentation
//! lists. So no two purposes and no two places share an output.

pub mod derive;
mod files;
mod kdf;
pub mod keys;
pub mod names;
pub mod seed;
pub mod wrap;

pub use self::{
    derive::{
        ColumnValue, Derivation, DeriveError, DerivedRng, RngSeed, Role, WitnessDigest, WitnessHasher, mask,
        opening_rng, opening_seed, proof_rng, proof_seed,
    },
    keys::{Identity, KeyError, KeyFileError, Recipient, read_identities, read_recipients},
    names::{LedgerId, NameKey, PublicNameKey, own_file_name},
    seed::{Seed, SeedError, SeedId, SeedTextError},
    wrap::{MAX_RECIPIENTS, Opener, Sealer, WrapError, decrypt, encrypt},
};
