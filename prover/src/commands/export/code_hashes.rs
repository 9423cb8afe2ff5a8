//! `apportion export code-hashes`: what an auditor holds the code on a chain against.

use std::{fs, path::PathBuf};

use apportion::{Error, ledger::LedgerError};
use apportion_circuits::types::Tier;
use apportion_contracts::{Artifact, code_hashes, dev_verifiers};
use clap::Args;

use crate::commands::Session;

/// Write the hashes of the code that the contracts have on a chain.
#[derive(Debug, Args)]
#[command(
    after_help = "An auditor renders the verifiers of the setup that it trusts, compiles them itself and takes their \
    hashes:\n  apportion export verifier --relation split --tier 1024 --out mine/Split1024Verifier.sol   (and tree)\n  node \
    contracts/script/compile_generated.cjs mine\n  apportion export code-hashes --verifier mine/Split1024Verifier.json \
    --verifier mine/Tree1024Verifier.json --out codes.json\n  apportion-verify ledger ledger --rpc URL --contract ADDRESS \
    --code-hashes codes.json\n\nThe contracts that every ledger shares are those that this program was built with."
)]
pub(crate) struct CodeHashes {
    /// A compiled verifier: JSON with `contract` and its creation code, `bytecode`. May be repeated.
    #[arg(long, value_name = "FILE")]
    verifier: Vec<PathBuf>,
    /// Add the verifiers for the development setup, whose secret everybody knows.
    #[arg(long)]
    insecure_dev: bool,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl CodeHashes {
    pub(super) fn run(self, session: &Session) -> Result<(), Error> {
        let unusable = |error: &dyn std::fmt::Display| Error::Mismatch(error.to_string());
        let mut verifiers = Vec::new();
        if self.insecure_dev {
            let dev = dev_verifiers(&[Tier::T64, Tier::T1024]).map_err(|error| unusable(&error))?;
            verifiers.extend(dev.into_iter().flat_map(|pair| [pair.split, pair.tree]));
        }
        for path in &self.verifier {
            let json = fs::read_to_string(path).map_err(|source| LedgerError::Io {
                action: "read",
                path: path.clone(),
                source,
            })?;
            verifiers.push(Artifact::parse(&json).map_err(|error| unusable(&error))?);
        }
        let codes = code_hashes(&verifiers).map_err(|error| unusable(&error))?;
        let text = serde_json::to_string_pretty(&codes).unwrap_or_default();
        match &self.out {
            Some(path) => super::write(path, text + "\n"),
            None => {
                session.console.result(&codes, &text);
                Ok(())
            }
        }
    }
}
