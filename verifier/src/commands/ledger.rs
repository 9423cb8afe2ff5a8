use std::path::PathBuf;

#[cfg(feature = "rpc")]
use apportion_circuits::types::Payee;
#[cfg(feature = "rpc")]
use apportion_verifier::{
    chain::{CodeHashes, Node, Source, compare},
    report::AuditError,
};
use apportion_verifier::{
    ledger::{Options, audit_ledger},
    report::{Exit, Report},
};
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
#[cfg_attr(
    feature = "rpc",
    command(
        after_help = "Examples:\n  apportion-verify ledger ledger\n  apportion-verify ledger ledger --rpc \
        http://127.0.0.1:8545 --contract 0x5FbDB2315678afecb367f032d93F642f64180aa3\n\nThe node is believed: use one \
        that you trust."
    )
)]
pub(super) struct Ledger {
    /// The ledger's directory, or its public/.
    path: PathBuf,
    /// A node: also compare roots, columns, policy and pools with the ledger's contract, and the contracts'
    /// code with what it should be.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "URL", requires = "contract")]
    rpc: Option<String>,
    /// The contract that the ledger must be bound to.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    contract: Option<Payee>,
    /// Codes that contracts may have, beside those that this program knows: made by `apportion export code-hashes` of
    /// verifiers that you rendered and compiled yourself.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "FILE", requires = "rpc")]
    code_hashes: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

impl Ledger {
    pub(super) fn run(self) -> Exit {
        self.common.audit(|options| self.audit(options))
    }

    #[cfg(not(feature = "rpc"))]
    fn audit(&self, options: &Options) -> Report {
        audit_ledger(&self.path, options)
    }

    #[cfg(feature = "rpc")]
    fn audit(&self, options: &Options) -> Report {
        let mut report = audit_ledger(&self.path, options);
        let Some((url, contract)) = self.rpc.as_ref().zip(self.contract) else { return report };
        if report.error.is_some() {
            return report;
        }
        let compared = match (Source::open(&self.path), self.codes(options)) {
            (Err(error), _) => Report::of_error(error),
            (_, Err(error)) => Report::of_error(error),
            (Ok(source), Ok(codes)) if source.ledger().contract == contract => {
                match Node::new(url.as_str()).pinned() {
                    Ok(mut node) => compare(&source, &codes, &mut node),
                    Err(error) => Report::of_error(AuditError::NotCheckable(format!(
                        "the chain did not answer: {error}"
                    ))),
                }
            }
            (Ok(source), _) => {
                let bound = source.ledger().contract;
                Report::of_error(AuditError::NotCheckable(format!("the ledger is bound to contract {bound}")))
            }
        };
        report.checks.extend(compared.checks);
        report.notes.extend(compared.notes);
        report.error = compared.error;
        report
    }

    #[cfg(feature = "rpc")]
    fn codes(&self, options: &Options) -> Result<CodeHashes, AuditError> {
        let built_in = CodeHashes::built_in();
        let mut codes =
            built_in.map_err(|error| AuditError::NotCheckable(format!("built-in codes: {error}")))?;
        // Those are for the development setup: not even another tier's may be.
        if !options.allow_insecure_params {
            codes.verifiers.clear();
        }
        if let Some(path) = &self.code_hashes {
            codes.prefer(CodeHashes::read(path)?);
        }
        Ok(codes)
    }
}
