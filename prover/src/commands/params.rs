//! `apportion params`.

use std::path::PathBuf;

use apportion::Error;
use apportion_circuits::{field::SuiteId, relation::Relation, split::Split, tree::Tree, types::Tier};
use apportion_suite::params::{ImportSource, ParamsInfo, Srs, info};
use apportion_suite::{Bn254, Pasta, Suite};
use clap::{Args, Subcommand};

use super::{Session, warn_insecure};

/// Parameters of the proof systems.
#[derive(Debug, Subcommand)]
pub(crate) enum Params {
    /// Make parameters ahead of time: pasta's, or, insecurely, bn254's.
    Make(Make),
    /// Take over the result of a bn254 ceremony, every point of it checked.
    Import(Import),
    /// Check and describe parameter files.
    Info(Info),
}

/// Make parameters.
#[derive(Debug, Args)]
#[command(
    after_help = "Pasta's parameters are public randomness, the same on every machine: making them only saves \
    time later. Those of bn254 hold a secret that nobody may know; here they can only be made with one that \
    everybody knows, for trying things out.\n\nExamples:\n  apportion params make --tier 1024\n  apportion params make \
    --suite bn254 --k 14 --insecure-dev"
)]
pub(crate) struct Make {
    /// The proof system.
    #[arg(long, default_value = "pasta")]
    suite: SuiteId,
    /// The tables to make them for: those of this tier.
    #[arg(long, conflicts_with = "k")]
    tier: Option<Tier>,
    /// log2 of the number of rows.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=22))]
    k: Option<u32>,
    /// Make a bn254 setup whose secret everybody knows. Every artefact made with it says so.
    #[arg(long)]
    insecure_dev: bool,
}

/// Take over the result of a ceremony.
#[derive(Debug, Args)]
#[command(
    after_help = "The format follows from the file's name: .ptau (snarkjs), .srs (halo2), anything else gnark's \
    compressed G1 points, with the G2 points in --g2.\n\nExamples:\n  apportion params import \
    powersOfTau28_hez_final_16.ptau\n  apportion params import g1.bin --g2 g2.bin --k 16"
)]
pub(crate) struct Import {
    /// The file.
    file: PathBuf,
    /// gnark: the file of G2 points.
    #[arg(long, value_name = "FILE")]
    g2: Option<PathBuf>,
    /// Take the first 2^k powers only.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=22))]
    k: Option<u32>,
}

/// Check and describe parameter files.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  apportion params info")]
pub(crate) struct Info {
    /// The files; by default all that are cached.
    files: Vec<PathBuf>,
}

impl Params {
    pub(crate) fn run(self, session: &Session) -> Result<(), Error> {
        let infos = match self {
            Params::Make(command) => command.run(session)?,
            Params::Import(command) => command.run(session)?,
            Params::Info(command) => command.run(session)?,
        };
        let text: Vec<_> = infos.iter().map(describe).collect();
        let text = if text.is_empty() { "no parameters are cached".to_owned() } else { text.join("\n") };
        session.console.result(&infos, &text);
        Ok(())
    }
}

impl Make {
    fn run(self, session: &Session) -> Result<Vec<ParamsInfo>, Error> {
        let sizes = self.sizes()?;
        let internal = |reason: apportion_suite::params::Reason| Error::Mismatch(reason.to_string());
        match (self.suite, self.insecure_dev) {
            (SuiteId::Pasta, false) => {
                let made = sizes.into_iter().map(|k| {
                    session.cache.load_or_make_pasta(k).map_err(Error::from)?.info().map_err(internal)
                });
                made.collect()
            }
            (SuiteId::Pasta, true) => {
                Err(Error::usage("--insecure-dev is for bn254: no other suite has a setup with a secret"))
            }
            (SuiteId::Bn254, true) => {
                warn_insecure(true, session);
                let made = sizes.into_iter().map(|k| {
                    session.cache.load_or_make_insecure_dev(k).map_err(Error::from)?.info().map_err(internal)
                });
                made.collect()
            }
            (SuiteId::Bn254, false) => Err(Error::usage(
                "a bn254 setup comes from a ceremony: bring one with `apportion params import FILE`, or say \
                 --insecure-dev for one whose secret everybody knows",
            )),
        }
    }

    fn sizes(&self) -> Result<Vec<u32>, Error> {
        let of = |tier: Tier| match self.suite {
            SuiteId::Pasta => sizes::<Pasta>(tier),
            SuiteId::Bn254 => sizes::<Bn254>(tier),
        };
        match (self.tier, self.k) {
            (_, Some(k)) => Ok(vec![k]),
            (Some(tier), None) => Ok(of(tier)),
            (None, None) => Err(Error::usage("say --tier or --k")),
        }
    }
}

fn sizes<S: Suite>(tier: Tier) -> Vec<u32> {
    let mut sizes = vec![<Split as Relation<S::F>>::layout(tier).k, <Tree as Relation<S::F>>::layout(tier).k];
    sizes.dedup();
    sizes
}

impl Import {
    fn run(self, session: &Session) -> Result<Vec<ParamsInfo>, Error> {
        let extension = self.file.extension().and_then(|extension| extension.to_str());
        let source = match (extension, self.g2) {
            (Some("ptau"), None) => ImportSource::Ptau(self.file),
            (Some("srs"), None) => ImportSource::Halo2(self.file),
            (_, Some(g2)) => ImportSource::Gnark { g1: self.file, g2 },
            (_, None) => {
                return Err(Error::usage("expected a .ptau or .srs file, or gnark points with --g2 FILE"));
            }
        };
        let srs = Srs::import(&source, self.k)?;
        warn_insecure(srs.is_insecure(), session);
        let path = session.cache.store_bn254(&srs)?;
        Ok(vec![info(&path)?])
    }
}

impl Info {
    fn run(self, session: &Session) -> Result<Vec<ParamsInfo>, Error> {
        let files = if self.files.is_empty() { session.cache.files()? } else { self.files };
        files.iter().map(|file| info(file).map_err(Error::from)).collect()
    }
}

fn describe(info: &ParamsInfo) -> String {
    let taint = if info.insecure { "  INSECURE: anyone can forge proofs made with it" } else { "" };
    format!("{} k={} {} sha256 {}{taint}", info.suite.name(), info.k, info.provenance, info.digest)
}
