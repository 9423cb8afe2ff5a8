use std::path::PathBuf;

use apportion_verifier::{
    audit::audit_ledger,
    kind::{Kind, explain},
    report::Exit,
};
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  apportion-verify ledger ledger\n  apportion-verify ledger ledger --since last-year\n  apportion-verify ledger ledger --rpc https://node.example"
)]
pub(super) struct Ledger {
    /// The ledger's directory, or its public/.
    path: PathBuf,
    /// An older copy of the ledger or of its public/: every file of it must still be there, byte for byte.
    #[arg(long, value_name = "OLD")]
    since: Option<PathBuf>,
    #[cfg(feature = "rpc")]
    #[command(flatten)]
    on_chain: super::on_chain::OnChain,
    #[command(flatten)]
    common: Common,
}

impl Ledger {
    pub(super) fn run(self) -> Exit {
        self.common.audit(|options| {
            #[cfg(feature = "rpc")]
            let chain = self.on_chain.options(options.allow_insecure_params);
            #[cfg(not(feature = "rpc"))]
            let chain = None;
            let mut report = audit_ledger(&self.path, self.since.as_deref(), chain.as_ref(), options);
            explain(&mut report, &self.path, Kind::Ledger);
            report
        })
    }
}
