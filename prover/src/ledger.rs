//! A ledger directory: `ledger.toml`, `public/`, `private/`.

mod blob;
mod error;
mod files;
mod secrets;

pub use error::LedgerError;
pub use files::Lock;
pub use secrets::{Accounts, Balances, Masked, Opening, PayeeMask, Records, Value};
