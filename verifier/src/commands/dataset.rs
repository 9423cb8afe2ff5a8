use std::path::PathBuf;

use apportion_verifier::{
    dataset::{RecordOf, audit_dataset},
    kind::{Kind, explain},
    report::Exit,
};
use clap::Args;

use super::Common;

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  apportion-verify dataset photos --record record.json --content IMG_0042.jpg"
)]
pub(super) struct Dataset {
    /// The dataset's directory, its public/, or a ledger's copy of it (public/datasets/0 and so on).
    path: PathBuf,
    /// A record receipt (record.json): is the record in the registered root, and who is its payee?
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The record's content as it was uploaded: its SHA-256 must be the record's content digest.
    #[arg(long, value_name = "FILE", requires = "record")]
    content: Option<PathBuf>,
    #[cfg(feature = "rpc")]
    #[command(flatten)]
    on_chain: super::on_chain::OnChain,
    #[command(flatten)]
    common: Common,
}

impl Dataset {
    pub(super) fn run(self) -> Exit {
        let content = self.content.as_deref();
        let record = self.record.as_deref().map(|receipt| RecordOf { receipt, content });
        self.common.audit(|options| {
            #[cfg(feature = "rpc")]
            let chain = self.on_chain.options(options.allow_insecure_params);
            #[cfg(not(feature = "rpc"))]
            let chain = None;
            let mut report = audit_dataset(&self.path, record, chain.as_ref(), options);
            explain(&mut report, &self.path, Kind::Dataset);
            if let (Some(record), None) = (&self.record, &report.hint) {
                explain(&mut report, record, Kind::Record);
            }
            report
        })
    }
}
