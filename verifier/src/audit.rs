//! Auditing a ledger's public history: every check of the statement, every proof, from files alone.
//!
//! A first pass replays the documents in the order of history and makes every check that needs no proof. It leaves one
//! job per proof, which says what the proof must prove and which commitments must stand in it. Then the keys that the
//! jobs need are loaded, the jobs run in parallel, and their outcomes take their places in the report.

mod datasets;
mod epochs;
mod extends;
mod findings;
mod job;
mod keys;
mod pinned;
mod replay;
mod ring;
mod scope;
mod subject;

use std::path::{Path, PathBuf};

use apportion_circuits::field::SuiteId;
use apportion_statement::{
    counted,
    files::{Bundle, Fault, InputError, PublicDir},
};
use apportion_suite::{Bn254, Pasta};

use crate::{
    chain::ChainOptions,
    report::{AuditError, Report},
};

pub(crate) use self::{
    datasets::{replay_dataset, unproven},
    findings::Findings,
    pinned::pinned_setup,
    subject::dataset_facts,
};
pub use self::{
    keys::{AuditSuite, RestsOn},
    pinned::{PinnedKey, pinned_key},
    ring::{KeyRing, Verifying, layout},
    scope::{Claims, Scope},
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
    /// Told what is being done, where that may take a while.
    pub progress: Option<fn(&str)>,
}

impl Options {
    /// Says what is being done.
    pub(crate) fn say(&self, text: impl FnOnce() -> String) {
        if let Some(progress) = self.progress {
            progress(&text());
        }
    }
}

/// Audits a whole ledger: a ledger directory, or its `public/`. With `since`, an older copy of either, also whether every
/// file of that copy is still there, byte for byte (bundle.extends).
/// With a chain, what its contracts have is compared too.
pub fn audit_ledger(
    dir: &Path,
    since: Option<&Path>,
    chain: Option<&ChainOptions>,
    options: &Options,
) -> Report {
    let read = |dir: &Path| {
        options.say(|| format!("reading {}", dir.display()));
        Bundle::read(PublicDir::of_ledger(dir))
    };
    let (bundle, old) = match (read(dir), since.map(read).transpose()) {
        (Ok(bundle), Ok(old)) => (bundle, old),
        (Err(error), _) | (_, Err(error)) => return Report::of_error(error),
    };
    let mut report = audit(&bundle, options, &Scope::Ledger);
    if let Some(old) = &old {
        compare_with(old, &bundle, &mut report);
    }
    if let Some(chain) = chain {
        crate::chain::audit_chain(&bundle, chain, &mut report);
    }
    report
}

/// Adds to a report whether a ledger extends an older copy of it (bundle.extends).
pub fn compare_with(old: &Bundle, bundle: &Bundle, report: &mut Report) {
    match extends::check_extends(old, bundle) {
        Ok((facts, checks)) => {
            report.subject.append(facts);
            report.checks.extend(checks);
        }
        Err(error) => {
            report.error.get_or_insert(error.into());
        }
    }
}

/// Audits one epoch: its directory in a ledger's `public/epochs/`, or the `epoch.json` in it. The ledger is found above
/// it unless given.
pub fn audit_epoch(path: &Path, ledger: Option<&Path>, options: &Options) -> Report {
    let (dir, epoch) = match locate_epoch(path, ledger) {
        Ok(found) => found,
        Err(error) => return Report::of_error(error),
    };
    match Bundle::read(dir) {
        Ok(bundle) => audit(&bundle, options, &Scope::Epoch(epoch)),
        Err(error) => Report::of_error(error),
    }
}

/// Audits a ledger's history as far as the scope says, in the ledger's own suite.
pub(crate) fn audit(bundle: &Bundle, options: &Options, scope: &Scope) -> Report {
    match bundle.ledger.suite {
        SuiteId::Bn254 => audit_bundle::<Bn254>(bundle, options, scope),
        SuiteId::Pasta => audit_bundle::<Pasta>(bundle, options, scope),
    }
}

/// Audits a ledger's history as far as the scope says.
pub fn audit_bundle<S: AuditSuite>(bundle: &Bundle, options: &Options, scope: &Scope) -> Report {
    let mut report = Report::default();
    options.say(|| format!("replaying {}", counted(bundle.epochs.len(), "epoch")));
    if let Err(error) = subject::describe(&mut report, bundle, scope) {
        report.error = Some(error.into());
        return report;
    }
    let findings = match replay::replay::<S::F>(bundle, scope) {
        Ok(findings) => findings,
        Err(error) => {
            report.error = Some(error);
            return report;
        }
    };
    options.say(|| "loading setup and keys".into());
    match S::load_setup(&bundle.dir.keys(), &bundle.ledger.setup, options) {
        Ok(setup) => {
            S::rests_on(&setup).say(&mut report);
            findings.verify::<S>(&setup, options, &mut report);
        }
        Err(error) => findings.without_proofs(error, &mut report),
    }
    report
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
    let same = public.epoch(number).canonicalize().is_ok_and(|expected| expected == epoch_dir);
    if same {
        return Ok((public, number));
    }
    let text = format!("not epoch {number} of the ledger in {}", public.root().display());
    Err(InputError::value(path, text).into())
}
