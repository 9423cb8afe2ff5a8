//! `ledger.toml`: what a ledger is, for its owner to read.

use std::path::Path;

use apportion_circuits::{
    field::SuiteId,
    types::{Payee, Tier},
};
use apportion_statement::files::LedgerDoc;
use apportion_statement::policy::Policy;
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
    tier: Tier,
    model: String,
    chain_id: u64,
    contract: Payee,
    policy: Policy,
}

impl Config {
    /// The part of a ledger's public description that its owner chose.
    pub fn of(doc: &LedgerDoc) -> Self {
        Self {
            version: VERSION,
            suite: doc.suite,
            tier: doc.tier,
            model: doc.model.clone(),
            chain_id: doc.chain_id,
            contract: doc.contract,
            policy: doc.policy.clone(),
        }
    }

    /// Reads `ledger.toml`.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let bytes = read_limited(path, MAX_BYTES)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| LedgerError::corrupt(path, "not UTF-8 text"))?;
        toml::from_str(text).map_err(|error| LedgerError::corrupt(path, error.to_string()))
    }

    /// Writes `ledger.toml`.
    pub(crate) fn write(&self, path: &Path) -> Result<(), LedgerError> {
        let text = toml::to_string(self).map_err(|error| LedgerError::corrupt(path, error.to_string()))?;
        let text = format!("# Fixed when the ledger was made; public/ledger.json says the same.\n{text}");
        write_atomic(path, text.as_bytes(), Access::Public)
    }
}
