use std::path::PathBuf;

use apportion_verifier::audit::audit_epoch;
use apportion_verifier::kind::{Kind, explain};
use apportion_verifier::report::Exit;
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  apportion-verify epoch ledger/public/epochs/000001")]
pub(super) struct Epoch {
    /// The epoch's directory, or the epoch.json in it.
    path: PathBuf,
    /// The ledger that the epoch is of; by default the one that the path is in.
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

impl Epoch {
    pub(super) fn run(self) -> Exit {
        self.common.audit(|options| {
            let mut report = audit_epoch(&self.path, self.ledger.as_deref(), options);
            explain(&mut report, &self.path, Kind::Epoch);
            report
        })
    }
}
