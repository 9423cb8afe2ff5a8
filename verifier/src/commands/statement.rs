use std::path::PathBuf;

use apportion_verifier::{
    kind::{Kind, explain},
    report::Exit,
    statement::audit_statement,
};
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  apportion-verify statement statement.json --ledger ledger")]
pub(super) struct Statement {
    /// The statement.json.
    path: PathBuf,
    /// The ledger, or its public/: the statement must be of it, and the proofs that it rests on are verified. Without a
    /// ledger, the statement can only be consistent with itself.
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    #[cfg(feature = "rpc")]
    #[command(flatten)]
    on_chain: super::on_chain::OnChain,
    #[command(flatten)]
    common: Common,
}

impl Statement {
    pub(super) fn run(self) -> Exit {
        self.common.audit(|options| {
            #[cfg(feature = "rpc")]
            let chain = self.on_chain.options(options.allow_insecure_params);
            #[cfg(not(feature = "rpc"))]
            let chain = None;
            let mut report = audit_statement(&self.path, self.ledger.as_deref(), chain.as_ref(), options);
            explain(&mut report, &self.path, Kind::Statement);
            report
        })
    }
}
