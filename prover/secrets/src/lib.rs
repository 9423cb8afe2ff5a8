//! Where secrets come from and how they are kept.
//!
//! [`seed`]: 32 random bytes, on paper if need be, from which everything else follows. [`mod@derive`]: the
//! masks of linked columns and the randomness of proofs, derived from the seed (HKDF, RFC 5869), so that a
//! lost ledger is made again, byte by byte, from the seed, the records and the scores. [`keys`] and [`wrap`]:
//! encryption with age, to keys that people have. [`names`]: what encrypted receipts are called. [`backup`]:
//! many files in one, checked to the last byte. [`leftovers`]: what is in the making, and what a kill leaves of it.
//!
//! With derived masks hiding is computational: it rests on HKDF-SHA512 being a pseudorandom function of the
//! seed.
//!
//! Every derivation of one seed starts from the same extraction and differs in its `info`, a sequence of
//! fields, each behind its length in four bytes, big-endian: the version, the purpose, and what the purpose's
//! documentation lists. So no two purposes and no two places share an output.
//!
//! ```
//! use apportion_circuits::types::{Payee, Tier, Word};
//! use apportion_secrets::{Derivation, Role, Seed, mask};
//! use halo2curves_axiom::bn256::Fr;
//!
//! let seed = Seed::generate(&mut rand_core::OsRng)?;
//! let paper = seed.to_text(); // apportion-seed-1...
//! let place = Derivation {
//!     tier: Tier::T64,
//!     role: Role::Score,
//!     chain_id: 10,
//!     contract: Payee([0xc0; 20]),
//!     subject: Word([0x3d; 32]),
//!     dataset: 0,
//!     segment: 0,
//!     number: 7,
//! };
//! let scores = [120_u64, 0, 77];
//! let found = Seed::parse(&paper)?;
//! assert!(mask::<Fr>(&seed, &place, &scores)? == mask::<Fr>(&found, &place, &scores)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod backup;
pub mod derive;
mod files;
mod kdf;
pub mod keys;
pub mod leftovers;
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
