use std::path::PathBuf;

use apportion_verifier::audit::audit_ledger;
use apportion_verifier::report::Exit;
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  apportion-verify ledger ledger")]
pub(super) struct Ledger {
    /// The ledger's directory, or its public/.
    path: PathBuf,
    #[command(flatten)]
    common: Common,
}

impl Ledger {
    pub(super) fn run(self) -> Exit {
        self.common.audit(|options| audit_ledger(&self.path, options))
    }
}
