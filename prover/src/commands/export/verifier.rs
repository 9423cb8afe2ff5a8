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
use apportion_generator::{Header, OPENING_VERIFIER, contract_name, render, render_opening};
use apportion_suite::{Bn254, Suite, openings::opening_k, params::Srs};
use clap::Args;
use halo2curves_axiom::bn256::Fr;
use serde::Serialize;

use crate::commands::Session;

/// Write the contract that verifies one relation's proofs at one tier, or openings.
#[derive(Debug, Args)]
#[command(
    after_help = "The key is derived from the parameters in --params-dir. Compile the contract with the compiler \
    that its pragma names.\n\nExamples:\n  apportion export verifier --suite bn254 --relation split --tier 1024 --out \
    Split1024Verifier.sol\n  apportion export verifier --suite bn254 --opening --out OpeningVerifier.sol"
)]
pub(crate) struct Verifier {
    /// The proof system; only bn254 can be verified by a contract.
    #[arg(long, default_value = "bn254")]
    suite: SuiteId,
    /// The relation: split, or tree.
    #[arg(long, required_unless_present = "opening")]
    relation: Option<RelationId>,
    /// Slots per segment: 64, 1024 or 16384.
    #[arg(long, default_value = "1024")]
    tier: Tier,
    /// The verifier of openings and of all relations' last pairings: one for all tiers.
    #[arg(long, conflicts_with_all = ["relation", "tier"])]
    opening: bool,
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
    /// None for openings: they have no key.
    key_digest: Option<String>,
    setup: String,
    insecure: bool,
}

impl Verifier {
    pub(super) fn run(self, session: &Session) -> Result<(), Error> {
        if self.suite != SuiteId::Bn254 {
            return Err(Error::usage(format!("no contract verifies suite {}: bn254 only", self.suite)));
        }
        let layout = self.relation.map(|relation| match relation {
            RelationId::Split => Split::layout(self.tier),
            RelationId::Tree => Tree::layout(self.tier),
        });
        // What the opening verifier takes from a setup is the same for every size of it.
        let k = layout.as_ref().map_or_else(|| opening_k(self.tier), |layout: &Layout<_>| layout.k);
        let cache = &session.cache;
        let srs = if self.insecure_dev { cache.load_or_make_insecure_dev(k) } else { cache.load_bn254(k) }?;
        let (contract, source, key_digest) = match layout {
            Some(layout) => self.relation_verifier(&srs, layout)?,
            None => (
                OPENING_VERIFIER.to_string(),
                render_opening(srs.verifier(), &self.header("--opening")),
                None,
            ),
        };
        // Every contract names the command that made it.
        const MARK: &[u8] = b"apportion export verifier";
        super::write(&self.out, source, |bytes| bytes.windows(MARK.len()).any(|window| window == MARK))?;
        let output = Output {
            file: self.out.display().to_string(),
            contract,
            key_digest,
            setup: srs.provenance().label(),
            insecure: srs.is_insecure(),
        };
        super::super::warn_insecure(output.insecure, session);
        let text = format!("{}: contract {}, setup {}", output.file, output.contract, output.setup);
        session.console.result(&output, &text);
        Ok(())
    }

    /// Name, source and digest of the key.
    fn relation_verifier(
        &self,
        srs: &Srs,
        layout: Layout<Fr>,
    ) -> Result<(String, String, Option<String>), Error> {
        let header = self.header(&format!("--relation {} --tier {}", layout.relation.name(), self.tier));
        let key = Bn254::verifying_key(srs.kzg(), Arc::new(layout))?;
        let refused = |error: apportion_generator::SolidityError| Error::Mismatch(error.to_string());
        let source = render(&key, srs.verifier(), &header).map_err(refused)?;
        let name = contract_name(&key).map_err(refused)?;
        Ok((name, source, Some(hex::encode(Bn254::key_digest(&key)))))
    }

    /// The command that renders the contract again.
    fn header(&self, what: &str) -> Header {
        let dev = if self.insecure_dev { " --insecure-dev" } else { "" };
        Header { lines: vec![format!("apportion export verifier --suite bn254 {what}{dev} --out FILE")] }
    }
}
