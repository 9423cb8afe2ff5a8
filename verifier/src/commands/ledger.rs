use std::path::PathBuf;

use apportion_verifier::{audit::audit_ledger, report::Exit};
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  apportion-verify ledger ledger\n  apportion-verify ledger ledger --since last-year"
)]
pub(super) struct Ledger {
    /// The ledger's directory, or its public/.
    path: PathBuf,
    /// An older copy of the ledger or of its public/: every file of it must still be there, byte for byte.
    #[arg(long, value_name = "OLD")]
    since: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

impl Ledger {
    pub(super) fn run(self) -> Exit {
        self.common.audit(|options| audit_ledger(&self.path, self.since.as_deref(), options))
    }
}
