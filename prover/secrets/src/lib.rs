//! Where secrets come from and how they are kept.
//!
//! [`seed`]: 32 random bytes, on paper if need be, from which everything else follows.
//!
//! Every derivation of one seed starts from the same extraction and differs in its `info`, a sequence of fields, each
//! behind its length in four bytes, big-endian: the version, the purpose, and what the purpose's documentation
//! lists. So no two purposes and no two places share an output.

mod files;
mod kdf;
pub mod seed;

pub use self::seed::{Seed, SeedError, SeedId, SeedTextError};
