use std::path::PathBuf;

use apportion_verifier::{
    kind::{Kind, explain},
    receipt::audit_receipt,
    report::Exit,
};
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
#[command(
    after_help = "An encrypted receipt (.age) is opened first, with the secret key that its owner keeps:\n  age -d -i \
    key.txt RECEIPT.age > receipt.json\n\nExample:\n  apportion-verify receipt receipt.json --ledger ledger"
)]
pub(super) struct Receipt {
    /// The receipt.json.
    path: PathBuf,
    /// The ledger, or its public/: the receipt must be of it, and the proofs that it rests on are verified. Without a
    /// ledger, the receipt can only be consistent with itself.
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    #[cfg(feature = "rpc")]
    #[command(flatten)]
    on_chain: super::on_chain::OnChain,
    #[command(flatten)]
    common: Common,
}

impl Receipt {
    pub(super) fn run(self) -> Exit {
        self.common.audit(|options| {
            #[cfg(feature = "rpc")]
            let chain = self.on_chain.options(options.allow_insecure_params);
            #[cfg(not(feature = "rpc"))]
            let chain = None;
            let mut report = audit_receipt(&self.path, self.ledger.as_deref(), chain.as_ref(), options);
            explain(&mut report, &self.path, Kind::Receipt);
            report
        })
    }
}
