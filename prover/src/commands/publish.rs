//! `apportion publish`.

use std::path::PathBuf;

use apportion::{Error, actions::publish::publish};
use clap::Args;

use super::{Session, in_suite, open_ledger};

/// Publish account roots of the last proven epoch.
#[derive(Debug, Args)]
#[command(
    after_help = "Roots and leaves hide balances under salts that are fresh at every publication. Run it again \
    after an interruption.\n\nExample:\n  apportion publish --dir ledger"
)]
pub(crate) struct Publish {
    /// The ledger's directory.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

impl Publish {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let ledger = open_ledger(&self.dir, session)?;
        let doc = in_suite!(ledger.state.ledger.suite, S =>
            publish::<S>(&ledger, &session.cache, &session.console))?;
        let text = format!(
            "publication {}: account roots of {} segments after epoch {}",
            doc.publication,
            doc.segments.len(),
            doc.epoch
        );
        session.console.result(&doc, &text);
        Ok(())
    }
}
