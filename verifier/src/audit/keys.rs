//! Where keys and parameters come from, and when they can be trusted.

use std::path::Path;

use super::{KeyRing, Options, pinned_key};
use crate::report::AuditError;
use apportion_statement::Relation;
use apportion_statement::files::{InputError, LedgerDoc, PublicDir, read_exact, read_file};
use apportion_suite::params::{ParamsCache, PastaParams, Srs, VerifierParams};
use apportion_suite::{Bn254, Pasta, Suite, SuiteError};

/// More bytes than any verifying key of our tables has.
const MAX_KEY_BYTES: u64 = 1 << 16;

/// A suite whose keys an auditor can get hold of.
pub trait AuditSuite: Suite {
    /// Loads the keys of a ledger and decides whether they can be trusted.
    fn load_keys(dir: &PublicDir, ledger: &LedgerDoc, options: &Options)
    -> Result<KeyRing<Self>, AuditError>;
}

impl AuditSuite for Pasta {
    /// There is no setup and no key to be trusted: both are derived from source.
    fn load_keys(_: &PublicDir, ledger: &LedgerDoc, options: &Options) -> Result<KeyRing<Self>, AuditError> {
        let setup = &ledger.setup;
        if setup.insecure || setup.digest.is_some() || setup.provenance != HASH_TO_CURVE {
            return Err(AuditError::NotCheckable(format!(
                "ledger.json states the setup '{}', suite pasta has only {HASH_TO_CURVE}",
                setup.provenance
            )));
        }
        let given = match options.params.as_deref() {
            Some(file) if !file.is_dir() => Some(PastaParams::read(file)?),
            _ => None,
        };
        KeyRing::build(ledger, |_, layout| {
            let made;
            let params = match (&given, options.params.as_deref()) {
                (Some(given), _) if given.k() == layout.k => given,
                (_, Some(dir)) if dir.is_dir() && pasta_file(dir, layout.k).exists() => {
                    made = PastaParams::read(&pasta_file(dir, layout.k))?;
                    &made
                }
                _ => {
                    made = PastaParams::make(layout.k)?;
                    &made
                }
            };
            let params = params.params();
            let key = Pasta::verifying_key(params, layout).map_err(not_checkable)?;
            Ok((Pasta::verifier_params(params), key))
        })
    }
}

/// The provenance of pasta's generators.
const HASH_TO_CURVE: &str = "hash_to_curve";

/// As `ParamsCache` names it. The cache itself would write into the auditor's directory.
fn pasta_file(dir: &Path, k: u32) -> std::path::PathBuf {
    dir.join(format!("pasta-k{k}.params"))
}

impl AuditSuite for Bn254 {
    /// The setup is recognised by its own points. The keys are files of the ledger: trusted if their digests are
    /// pinned in this build, or if they follow from the auditor's own parameters.
    fn load_keys(
        dir: &PublicDir,
        ledger: &LedgerDoc,
        options: &Options,
    ) -> Result<KeyRing<Self>, AuditError> {
        let setup = read_setup(dir, ledger)?;
        let provenance = setup.provenance();
        let label = provenance.label();
        if provenance.is_insecure() && !options.allow_insecure_params {
            return Err(AuditError::NotCheckable(format!(
                "the secret of setup '{label}' is public: anyone can forge these proofs \
                 (--allow-insecure-params to check them all the same)"
            )));
        }
        if options.rederive_keys && options.params.is_none() {
            return Err(AuditError::NotCheckable("--rederive-keys needs --params".into()));
        }
        let mut notes = Vec::new();
        let ring = KeyRing::build(ledger, |relation, layout| {
            let verifier =
                setup.kzg(layout.k).map_err(|reason| AuditError::NotCheckable(reason.to_string()))?;
            if options.rederive_keys {
                let srs = load_srs(options, &label, layout.k)?;
                if srs.verifier().digest() != setup.digest() {
                    let text = format!("the given parameters are of setup '{}'", srs.provenance().label());
                    return Err(AuditError::NotCheckable(format!("{text}, the ledger's are of '{label}'")));
                }
                let key = Bn254::verifying_key(srs.kzg(), layout).map_err(not_checkable)?;
                return Ok((verifier, key));
            }
            let file = dir.key(relation, ledger.tier);
            let bytes = read_file(&file, MAX_KEY_BYTES)?;
            let key = Bn254::key_from_bytes(layout.clone(), &bytes)
                .map_err(|error| InputError::value(&file, error.to_string()))?;
            let pinned = pinned_key(&label, relation, ledger.tier);
            trust(relation, &label, pinned.map(|pin| pin.key_digest.0), Bn254::key_digest(&key)).or_else(
                |error| {
                    if provenance.is_insecure() { Ok(()) } else { Err(error) }
                },
            )?;
            Ok((verifier, key))
        });
        if provenance.is_insecure() {
            notes.push(format!(
                "INSECURE: the secret of setup '{label}' is public, this verdict proves nothing"
            ));
        } else {
            notes
                .push(format!("rests on setup '{label}': somebody in it destroyed their part of the secret"));
        }
        ring.map(|mut ring| {
            ring.notes = notes;
            ring
        })
    }
}

/// `keys/setup.bin`, which must be what `ledger.json` says. Its provenance follows from its points.
fn read_setup(dir: &PublicDir, ledger: &LedgerDoc) -> Result<VerifierParams, AuditError> {
    let file = dir.setup();
    let bytes = read_exact(&file, VerifierParams::LEN as u64)?;
    let setup =
        VerifierParams::from_bytes(&bytes).map_err(|reason| InputError::value(&file, reason.to_string()))?;
    let (label, insecure) = (setup.provenance().label(), setup.provenance().is_insecure());
    let stated = &ledger.setup;
    let digest = stated.digest.map(|digest| digest.0);
    if digest != Some(setup.digest()) || stated.provenance != label || stated.insecure != insecure {
        return Err(AuditError::NotCheckable(format!(
            "{}: setup '{label}' (insecure: {insecure}), ledger.json states '{}' (insecure: {}) or another digest",
            file.display(),
            stated.provenance,
            stated.insecure
        )));
    }
    Ok(setup)
}

fn trust(
    relation: Relation,
    label: &str,
    pinned: Option<[u8; 32]>,
    found: [u8; 32],
) -> Result<(), AuditError> {
    let name = relation.name();
    match pinned {
        Some(pinned) if pinned == found => Ok(()),
        Some(_) => Err(AuditError::NotCheckable(format!(
            "the ledger's {name} key is not the one that this build knows for setup '{label}'"
        ))),
        None => Err(AuditError::NotCheckable(format!(
            "this build knows no {name} key for setup '{label}' and does not trust the ledger's: derive it with \
             --rederive-keys --params FILE"
        ))),
    }
}

fn load_srs(options: &Options, label: &str, k: u32) -> Result<Srs, AuditError> {
    let path = options.params.as_deref().unwrap_or(Path::new("."));
    if path.is_dir() {
        return Ok(ParamsCache::new(path).load_bn254_labelled(label, k)?);
    }
    let srs = Srs::read(path)?;
    if srs.k() == k {
        return Ok(srs);
    }
    srs.downsize(k).map_err(|reason| AuditError::NotCheckable(format!("{}: {reason}", path.display())))
}

fn not_checkable(error: SuiteError) -> AuditError {
    AuditError::NotCheckable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pinned_key_is_trusted() {
        let verdict = |pinned, found| trust(Relation::Tree, "challenge_0085", pinned, found);
        assert!(verdict(Some([1; 32]), [1; 32]).is_ok());
        let exit = |pinned, found| verdict(pinned, found).unwrap_err().exit();
        assert_eq!(exit(Some([1; 32]), [2; 32]), crate::report::Exit::NotCheckable);
        assert_eq!(exit(None, [1; 32]), crate::report::Exit::NotCheckable);
    }
}
