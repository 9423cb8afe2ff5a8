//! A ledger directory: `ledger.toml`, `public/`, `private/`.

mod blob;
mod config;
mod dir;
mod error;
pub(crate) mod files;
mod private;
mod secrets;
mod state;

pub use config::Config;
pub use dir::{Ledger, Paths};
pub use error::LedgerError;
pub use files::Lock;
pub use private::{PrivateDir, SegmentId};
#[doc(hidden)]
pub use secrets::reencode;
pub use secrets::{Accounts, Balances, Masked, Opening, PayeeMask, Records, Value};
pub use state::{Dataset, Points, State, read_posted_scores};
