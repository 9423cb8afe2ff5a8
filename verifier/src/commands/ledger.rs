use std::path::PathBuf;

#[cfg(feature = "rpc")]
use apportion_circuits::types::Payee;
use apportion_verifier::{
    ledger::{Options, audit_ledger},
    report::{Exit, Report},
};
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
pub(super) struct Ledger {
    /// The ledger's directory, or its public/.
    path: PathBuf,
    /// A node: also compare roots, columns, policy, pools and verifiers with the ledger's contract.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "URL", requires = "contract")]
    rpc: Option<String>,
    /// The contract that the ledger must be bound to.
    #[cfg(feature = "rpc")]
    #[arg(long, value_name = "ADDRESS", requires = "rpc")]
    contract: Option<Payee>,
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
        use apportion_verifier::{
            chain::{Node, Source, compare},
            report::AuditError,
        };
        let mut report = audit_ledger(&self.path, options);
        let Some((url, contract)) = self.rpc.as_ref().zip(self.contract) else { return report };
        if report.error.is_some() {
            return report;
        }
        let compared = match Source::open(&self.path) {
            Ok(source) if source.ledger().contract == contract => {
                compare(&source, &mut Node::new(url.as_str()))
            }
            Ok(source) => {
                let bound = source.ledger().contract;
                Report::of_error(AuditError::NotCheckable(format!("the ledger is bound to contract {bound}")))
            }
            Err(error) => Report::of_error(error),
        };
        report.checks.extend(compared.checks);
        report.notes.extend(compared.notes);
        report.error = compared.error;
        report
    }
}
