//! `ledger.toml`: what a ledger is, for its owner to read.

use std::path::Path;

use apportion_circuits::{field::SuiteId, types::Payee};
use apportion_statement::files::LedgerDoc;
use serde::{Deserialize, Serialize};

use super::{
    LedgerError,
    files::{Access, read_limited, write_atomic},
};

const VERSION: u32 = 1;
const MAX_BYTES: u64 = 1 << 17;

/// `ledger.toml`. Fixed when the ledger is made; `public/ledger.json` says the same and more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    version: u32,
    suite: SuiteId,
    model: String,
    chain_id: u64,
    contract: Payee,
    developer: Payee,
}

impl Config {
    /// The part of a ledger's public description that its owner chose.
    pub fn of(doc: &LedgerDoc) -> Self {
        Self {
            version: VERSION,
            suite: doc.suite,
            model: doc.model.clone(),
            chain_id: doc.chain_id,
            contract: doc.contract,
            developer: doc.developer,
        }
    }

    /// Reads `ledger.toml`.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let bytes = read_limited(path, MAX_BYTES)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| LedgerError::corrupt(path, "not UTF-8 text"))?;
        toml::from_str(text).map_err(|error| LedgerError::corrupt(path, error.to_string()))
    }

    /// Writes `ledger.toml`.
    pub fn write(&self, path: &Path) -> Result<(), LedgerError> {
        let text = toml::to_string(self).map_err(|error| LedgerError::corrupt(path, error.to_string()))?;
        let text = format!(
            "# Fixed when the ledger was made; public/ledger.json says the same. Policies are versions of their own: \
             `apportion ledger policy` announces the next one.\n{text}"
        );
        write_atomic(path, text.as_bytes(), Access::Public)
    }
}
