//! `apportion export verifier`: a verifier contract in Solidity.

use std::{path::PathBuf, sync::Arc};

use apportion::Error;
use apportion_circuits::{
    field::SuiteId,
    plonkish::Layout,
    relation::{Relation as _, RelationId},
    split::Split,
    tree::Tree,
    types::Tier,
};
use apportion_generator::{Header, contract_name, render};
use apportion_suite::{Bn254, Suite};
use clap::Args;
use serde::Serialize;

use crate::commands::Session;

/// Write the contract that verifies one relation's proofs at one tier.
#[derive(Debug, Args)]
#[command(
    after_help = "The key is derived from the parameters in --params-dir. Compile the contract with the compiler \
    that its pragma names.\n\nExample:\n  apportion export verifier --suite bn254 --relation split --tier 1024 --out \
    Split1024Verifier.sol"
)]
pub(crate) struct Verifier {
    /// The proof system; only bn254 can be verified by a contract.
    #[arg(long, default_value = "bn254")]
    suite: SuiteId,
    /// The relation: split, or tree.
    #[arg(long)]
    relation: RelationId,
    /// Slots per segment: 64, 1024 or 16384.
    #[arg(long, default_value = "1024")]
    tier: Tier,
    /// Use the development setup, whose secret everybody knows: the contract then proves nothing.
    #[arg(long)]
    insecure_dev: bool,
    /// Where to write the contract.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Output {
    file: String,
    contract: String,
    key_digest: String,
    setup: String,
    insecure: bool,
}

impl Verifier {
    pub(super) fn run(self, session: &Session) -> Result<(), Error> {
        if self.suite != SuiteId::Bn254 {
            return Err(Error::usage(format!("no contract verifies suite {}: bn254 only", self.suite)));
        }
        let layout: Layout<_> = match self.relation {
            RelationId::Split => Split::layout(self.tier),
            RelationId::Tree => Tree::layout(self.tier),
        };
        let cache = &session.cache;
        let srs = if self.insecure_dev {
            cache.load_or_make_insecure_dev(layout.k)
        } else {
            cache.load_bn254(layout.k)
        }?;
        let key = Bn254::verifying_key(srs.kzg(), Arc::new(layout))?;
        let dev = if self.insecure_dev { " --insecure-dev" } else { "" };
        let command = format!(
            "apportion export verifier --suite bn254 --relation {} --tier {}{dev} --out FILE",
            self.relation.name(),
            self.tier
        );
        let refused = |error: apportion_generator::SolidityError| Error::Mismatch(error.to_string());
        let source = render(&key, srs.verifier(), &Header { lines: vec![command] }).map_err(refused)?;
        super::write(&self.out, source)?;
        let output = Output {
            file: self.out.display().to_string(),
            contract: contract_name(&key).map_err(refused)?,
            key_digest: hex::encode(Bn254::key_digest(&key)),
            setup: srs.provenance().label(),
            insecure: srs.is_insecure(),
        };
        super::super::warn_insecure(output.insecure, session);
        let text = format!("{}: contract {}, setup {}", output.file, output.contract, output.setup);
        session.console.result(&output, &text);
        Ok(())
    }
}
