//! What `params info` shows.

use std::path::Path;

use serde::Serialize;

use super::bn254::Srs;
use super::container::{self, Contents};
use super::error::{InFile, ParamsError, Reason};
use super::pasta::PastaParams;
use super::{Suite, bn254};

/// A summary of checked parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParamsInfo {
    /// The proof system.
    pub suite: Suite,
    /// The size: `2^k` powers or generators.
    pub k: u32,
    /// `hash_to_curve` for pasta, else [`bn254::Provenance::label`].
    pub provenance: String,
    /// Whether anyone can forge proofs made with these parameters.
    pub insecure: bool,
    /// SHA-256 of the cached file, without its own last 32 bytes.
    pub digest: String,
    /// SHA-256 of `[tau]2` (bn254 only): the same for every k of one setup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tau_g2_digest: Option<String>,
    /// SHA-256 of the file it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_sha256: Option<String>,
}

/// Reads, checks and summarises a cached file of either suite.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn info(path: &Path) -> Result<ParamsInfo, ParamsError> {
    let read = || {
        let contents: Contents = container::read(path, None)?;
        match contents.header.suite {
            Suite::Bn254 => Srs::decode(&contents)?.info(),
            Suite::Pasta => PastaParams::decode(&contents)?.info(),
        }
    };
    read().in_file(path)
}

impl bn254::Srs {
    /// Summarises this setup.
    ///
    /// # Errors
    /// If the library cannot serialise its own parameters, which does not happen.
    pub fn info(&self) -> Result<ParamsInfo, Reason> {
        let provenance = self.provenance();
        Ok(ParamsInfo {
            suite: Suite::Bn254,
            k: self.k(),
            provenance: provenance.label(),
            insecure: provenance.is_insecure(),
            digest: hex::encode(self.digest()?),
            tau_g2_digest: Some(hex::encode(self.verifier().tau_g2_digest())),
            source_sha256: self.source_sha256().map(hex::encode),
        })
    }
}

impl PastaParams {
    /// Summarises these parameters.
    ///
    /// # Errors
    /// If the library cannot serialise its own parameters, which does not happen.
    pub fn info(&self) -> Result<ParamsInfo, Reason> {
        Ok(ParamsInfo {
            suite: Suite::Pasta,
            k: self.k(),
            provenance: "hash_to_curve".to_owned(),
            insecure: false,
            digest: hex::encode(self.digest()?),
            tau_g2_digest: None,
            source_sha256: None,
        })
    }
}
