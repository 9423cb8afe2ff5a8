//! A ledger directory: `ledger.toml`, `public/`, `private/`; and what of a dataset's directory a ledger holds
//! copies of.
//!
//! Reading takes no lock and writes nothing; whoever changes a ledger holds its lock. Nothing that may still
//! be needed is ever deleted: what is taken back moves to `private/undone/`.

mod blob;
mod config;
mod dir;
mod error;
pub mod files;
mod licence;
mod lock;
mod masks;
mod private;
mod secrets;

pub use blob::{Blob, read as read_secret, write as write_secret};
pub use config::Config;
pub use dir::{Ledger, Paths, ledger_id, proven_revision};
pub use error::LedgerError;
pub use licence::LicenceDir;
pub use lock::Lock;
pub use masks::{Places, column_of, masked};
pub use private::{PrivateDir, segment_file};
#[doc(hidden)]
pub use secrets::reencode;
pub use secrets::{Balances, Opening, PayeeMask, Recipients, Records, Value};
