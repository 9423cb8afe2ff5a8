//! Auditing a ledger's public history: every check of the statement, every proof, from files alone.
//!
//! A first pass reads the documents in the order of history and makes every check that needs no proof. It leaves
//! one job per proof, which says what the proof must prove and which commitments must stand in it. The jobs run
//! in parallel and their outcomes take their places in the report.

mod epochs;
mod job;
mod keys;
mod pinned;
mod publications;
mod replay;
mod ring;

use std::path::{Path, PathBuf};

use apportion_circuits::field::SuiteId;

use crate::report::{AuditError, Report};
use apportion_statement::files::{Document, Fault, InputError, LedgerDoc, PublicDir};
use apportion_suite::{Bn254, Pasta};

pub use self::{
    keys::AuditSuite,
    pinned::{PinnedKey, pinned_key},
    replay::{Scope, audit_with},
    ring::{KeyRing, Verifying, layout},
};

/// What an auditor may choose.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The auditor's own parameters: a parameter file, or a directory of them.
    pub params: Option<PathBuf>,
    /// Derive bn254's verifying keys again from `params` instead of comparing them with pinned digests.
    pub rederive_keys: bool,
    /// Go on where the setup's secret is public. The verdict then means nothing.
    pub allow_insecure_params: bool,
}

/// Audits a whole ledger: a ledger directory, or its `public/`.
pub fn audit_ledger(dir: &Path, options: &Options) -> Report {
    audit(&PublicDir::of_ledger(dir), options, Scope::Ledger)
}

/// Audits one epoch: its directory in a ledger's `public/epochs/`, or the `epoch.json` in it. The ledger is found
/// above it unless given.
pub fn audit_epoch(path: &Path, ledger: Option<&Path>, options: &Options) -> Report {
    match locate_epoch(path, ledger) {
        Ok((dir, epoch)) => audit(&dir, options, Scope::Epoch(epoch)),
        Err(error) => Report::of_error(error),
    }
}

/// Audits a ledger's history as far as the scope says.
pub(crate) fn audit(dir: &PublicDir, options: &Options, scope: Scope) -> Report {
    let ledger = match LedgerDoc::read(&dir.ledger()) {
        Ok(ledger) => ledger,
        Err(error) => return Report::of_error(error),
    };
    match ledger.suite {
        SuiteId::Bn254 => audit_in::<Bn254>(dir, &ledger, options, scope),
        SuiteId::Pasta => audit_in::<Pasta>(dir, &ledger, options, scope),
    }
}

fn audit_in<S: AuditSuite>(dir: &PublicDir, ledger: &LedgerDoc, options: &Options, scope: Scope) -> Report {
    match S::load_keys(dir, ledger, options) {
        Ok(ring) => audit_with(dir, ledger, &ring, scope),
        Err(error) => Report::of_error(error),
    }
}

/// The ledger's `public/` and the number of an epoch in it.
fn locate_epoch(path: &Path, ledger: Option<&Path>) -> Result<(PublicDir, u32), AuditError> {
    let full = path.canonicalize().map_err(|error| InputError::new(path, Fault::Io(error)))?;
    let epoch_dir = if full.is_dir() { full.as_path() } else { full.parent().unwrap_or(&full) };
    let number = epoch_dir
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.parse::<u32>().ok().filter(|n| format!("{n:06}") == name && *n > 0))
        .ok_or_else(|| InputError::value(path, "not an epoch's directory (epochs/000001 and so on)"))?;
    let public = match (ledger, epoch_dir.parent().and_then(Path::parent)) {
        (Some(ledger), _) => PublicDir::of_ledger(ledger),
        (None, Some(public)) => PublicDir::new(public),
        (None, None) => return Err(InputError::value(path, "there is no ledger above this epoch").into()),
    };
    let expected = public.epoch(number);
    let same = expected.canonicalize().is_ok_and(|expected| expected == epoch_dir);
    if same {
        return Ok((public, number));
    }
    let text = format!("not epoch {number} of the ledger in {}", public.root().display());
    Err(InputError::value(path, text).into())
}
