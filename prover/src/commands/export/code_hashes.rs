//! `apportion export code-hashes`: what an auditor holds the code on a chain against.

use std::path::PathBuf;

use apportion::{Error, deploy::Artifacts};
use clap::Args;

use crate::commands::Session;

/// Write the digests of the code that the contracts have on a chain.
#[derive(Debug, Args)]
#[command(
    after_help = "An auditor compiles the contracts and the verifiers of the setup that it trusts, and takes their digests.\n\nExample:\n  \
    apportion export code-hashes --artifacts contracts/artifacts --verifiers mine --out codes.json\n  apportion-verify ledger \
    ledger --rpc URL --code-hashes codes.json"
)]
pub(crate) struct CodeHashes {
    /// The directory of the compiled contracts.
    #[arg(long, value_name = "DIR")]
    artifacts: PathBuf,
    /// A directory of the compiled verifiers of one setup; may be repeated.
    #[arg(long, value_name = "DIR")]
    verifiers: Vec<PathBuf>,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl CodeHashes {
    pub(super) fn run(self, session: &Session) -> Result<(), Error> {
        let mut codes = Artifacts::read(&[self.artifacts])?.codes()?;
        // A directory is a setup: verifiers of two have the same names.
        for dir in self.verifiers {
            codes.verifiers.extend(Artifacts::read(&[dir])?.codes()?.verifiers);
        }
        let text = serde_json::to_string_pretty(&codes).unwrap_or_default();
        match &self.out {
            Some(path) => super::write(path, text + "\n", |bytes| {
                serde_json::from_slice::<apportion_chain::codes::CodeHashes>(bytes).is_ok()
            }),
            None => {
                session.console.result(&codes, &text);
                Ok(())
            }
        }
    }
}
