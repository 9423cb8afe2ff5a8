//! Where keys and parameters come from, and when they can be trusted.

use std::{path::Path, path::PathBuf, sync::Arc};

use apportion_circuits::{
    plonkish::Layout,
    types::{Tier, Word},
};
use apportion_statement::{
    RelationId,
    files::{Fault, InputError, KeysDir, SetupDoc, read_exact, read_file},
};
use apportion_suite::{
    Bn254, Openings, Pasta, Suite, SuiteError,
    openings::opening_k,
    params::{ParamsCache, PastaParams, Srs, VerifierParams},
};

use super::{Options, pinned_key};
use crate::report::{AuditError, Report};

/// More bytes than any verifying key of our tables has.
const MAX_KEY_BYTES: u64 = 1 << 16;

/// What a suite verifies with, and the key.
type Loaded<S> = (<S as Suite>::VerifierParams, <S as Suite>::VerifyingKey);

/// A suite whose setup and keys an auditor can get hold of.
pub trait AuditSuite: Openings {
    /// The setup that proofs rest on, as far as it is at hand.
    type Setup: Send + Sync;

    /// Loads the setup of a ledger or dataset and decides whether it can be trusted.
    ///
    /// # Errors
    /// If it is unreadable, not the one that the document states, or one whose secret is public.
    fn load_setup(keys: &KeysDir, stated: &SetupDoc, options: &Options) -> Result<Self::Setup, AuditError>;

    /// The setup that an auditor has without any ledger; `None` where only the options could name one and do not.
    ///
    /// # Errors
    /// If what the options name is unreadable or insecure.
    fn own_setup(options: &Options) -> Result<Option<Self::Setup>, AuditError>;

    /// What a verdict rests on with this setup.
    fn rests_on(setup: &Self::Setup) -> RestsOn;

    /// Loads the key of a layout and decides whether it can be trusted.
    ///
    /// # Errors
    /// If it is unreadable, or cannot be trusted.
    fn load_key(
        setup: &Self::Setup,
        keys: &KeysDir,
        layout: Arc<Layout<Self::F>>,
        options: &Options,
    ) -> Result<Loaded<Self>, AuditError>;

    /// Checks that another `keys/` holds the same setup, and the same key as the one from which it was loaded.
    ///
    /// # Errors
    /// If it does not.
    fn check_copy(
        setup: &Self::Setup,
        like: &KeysDir,
        keys: &KeysDir,
        relation: RelationId,
        tier: Tier,
    ) -> Result<(), AuditError>;

    /// The parameters that openings of a tier's columns are checked with.
    ///
    /// # Errors
    /// If they cannot be made.
    fn opening_params(setup: &Self::Setup, tier: Tier) -> Result<Self::VerifierParams, AuditError>;
}

/// What a verdict rests on with a setup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestsOn {
    /// In words, where it rests on anything.
    pub note: Option<String>,
    /// Whether the setup's secret is public.
    pub insecure: bool,
}

impl RestsOn {
    /// Puts it into a report.
    pub(crate) fn say(self, report: &mut Report) {
        report.insecure |= self.insecure;
        report.notes.extend(self.note);
    }
}

/// The provenance of pasta's generators.
const HASH_TO_CURVE: &str = "hash_to_curve";

/// Pasta has no setup and no key to be trusted: both are derived from source. A parameter file saves time only.
impl AuditSuite for Pasta {
    type Setup = Option<PathBuf>;

    fn load_setup(_: &KeysDir, stated: &SetupDoc, options: &Options) -> Result<Self::Setup, AuditError> {
        if stated.insecure || stated.digest.is_some() || stated.provenance != HASH_TO_CURVE {
            return Err(AuditError::NotCheckable(format!(
                "the setup is stated as '{}', suite pasta has only {HASH_TO_CURVE}",
                stated.provenance
            )));
        }
        Ok(options.params.clone())
    }

    fn own_setup(options: &Options) -> Result<Option<Self::Setup>, AuditError> {
        Ok(Some(options.params.clone()))
    }

    fn rests_on(_: &Self::Setup) -> RestsOn {
        RestsOn::default()
    }

    fn load_key(
        setup: &Self::Setup,
        _: &KeysDir,
        layout: Arc<Layout<Self::F>>,
        _: &Options,
    ) -> Result<Loaded<Self>, AuditError> {
        let params = pasta_params(setup.as_deref(), layout.k)?;
        let key = Pasta::verifying_key(params.params(), layout).map_err(not_checkable)?;
        Ok((Pasta::verifier_params(params.params()), key))
    }

    fn check_copy(
        _: &Self::Setup,
        _: &KeysDir,
        _: &KeysDir,
        _: RelationId,
        _: Tier,
    ) -> Result<(), AuditError> {
        Ok(())
    }

    fn opening_params(setup: &Self::Setup, tier: Tier) -> Result<Self::VerifierParams, AuditError> {
        Ok(Pasta::verifier_params(pasta_params(setup.as_deref(), opening_k(tier))?.params()))
    }
}

/// From the auditor's file or directory where it holds this size, else derived.
fn pasta_params(given: Option<&Path>, k: u32) -> Result<PastaParams, AuditError> {
    match given {
        Some(dir) if dir.is_dir() => {
            // As `ParamsCache` names it. The cache itself would write into the auditor's directory.
            let file = dir.join(format!("pasta-k{k}.params"));
            if file.exists() {
                return Ok(PastaParams::read(&file)?);
            }
        }
        Some(file) => {
            let params = PastaParams::read(file)?;
            if params.k() == k {
                return Ok(params);
            }
        }
        None => {}
    }
    Ok(PastaParams::make(k)?)
}

/// The setup is recognised by its own points. The keys are files: trusted if their digests are pinned in this build, or
/// if they follow from the auditor's own parameters.
impl AuditSuite for Bn254 {
    type Setup = VerifierParams;

    fn load_setup(keys: &KeysDir, stated: &SetupDoc, options: &Options) -> Result<Self::Setup, AuditError> {
        let setup = read_setup(keys)?;
        let (label, insecure) = (setup.provenance().label(), setup.provenance().is_insecure());
        let digest = stated.digest.map(|digest| digest.0);
        if digest != Some(setup.digest()) || stated.provenance != label || stated.insecure != insecure {
            return Err(AuditError::NotCheckable(format!(
                "{}: setup '{label}' (insecure: {insecure}, digest {}), stated is '{}' (insecure: {}, digest {})",
                keys.setup().display(),
                Word(setup.digest()),
                stated.provenance,
                stated.insecure,
                stated.digest.map_or("none".into(), |digest| digest.to_string()),
            )));
        }
        if options.rederive_keys && options.params.is_none() {
            return Err(AuditError::NotCheckable("--rederive-keys needs --params".into()));
        }
        allow(setup, options)
    }

    fn own_setup(options: &Options) -> Result<Option<Self::Setup>, AuditError> {
        let Some(path) = options.params.as_deref() else { return Ok(None) };
        // Any size will do: openings need the points of a verifier only.
        let srs = if path.is_dir() { Srs::read(&smallest_file(path)?)? } else { Srs::read(path)? };
        allow(srs.verifier().clone(), options).map(Some)
    }

    fn rests_on(setup: &Self::Setup) -> RestsOn {
        let (label, insecure) = (setup.provenance().label(), setup.provenance().is_insecure());
        let note = if insecure {
            format!("INSECURE: the secret of setup '{label}' is public, this verdict proves nothing")
        } else {
            format!("rests on setup '{label}': somebody in it destroyed their part of the secret")
        };
        RestsOn { note: Some(note), insecure }
    }

    fn load_key(
        setup: &Self::Setup,
        keys: &KeysDir,
        layout: Arc<Layout<Self::F>>,
        options: &Options,
    ) -> Result<Loaded<Self>, AuditError> {
        same_setup(setup, keys)?;
        let label = setup.provenance().label();
        let verifier = kzg(setup, layout.k)?;
        if options.rederive_keys {
            let srs = load_srs(options, &label, layout.k)?;
            if srs.verifier().digest() != setup.digest() {
                return Err(AuditError::NotCheckable(format!(
                    "the given parameters are of setup '{}', the proofs rest on '{label}'",
                    srs.provenance().label()
                )));
            }
            let key = Bn254::verifying_key(srs.kzg(), layout).map_err(not_checkable)?;
            return Ok((verifier, key));
        }
        let (relation, tier) = (layout.relation, layout.tier);
        let file = keys.key(relation, tier);
        let bytes = read_file(&file, MAX_KEY_BYTES)?;
        let key = Bn254::key_from_bytes(layout, &bytes)
            .map_err(|error| InputError::value(&file, error.to_string()))?;
        let pinned = pinned_key(&label, relation, tier).map(|pin| pin.key_digest);
        match trust(relation, tier, &label, pinned, Word(Bn254::key_digest(&key))) {
            // Nothing is to be lost where the secret is public.
            Err(error) if !setup.provenance().is_insecure() => Err(error),
            _ => Ok((verifier, key)),
        }
    }

    fn check_copy(
        setup: &Self::Setup,
        like: &KeysDir,
        keys: &KeysDir,
        relation: RelationId,
        tier: Tier,
    ) -> Result<(), AuditError> {
        same_setup(setup, keys)?;
        let file = keys.key(relation, tier);
        if read_file(&file, MAX_KEY_BYTES)? == read_file(&like.key(relation, tier), MAX_KEY_BYTES)? {
            return Ok(());
        }
        let like = like.key(relation, tier);
        Err(AuditError::NotCheckable(format!("{}: not the key in {}", file.display(), like.display())))
    }

    fn opening_params(setup: &Self::Setup, tier: Tier) -> Result<Self::VerifierParams, AuditError> {
        kzg(setup, opening_k(tier))
    }
}

fn kzg(setup: &VerifierParams, k: u32) -> Result<<Bn254 as Suite>::VerifierParams, AuditError> {
    setup.kzg(k).map_err(|reason| AuditError::NotCheckable(reason.to_string()))
}

fn allow(setup: VerifierParams, options: &Options) -> Result<VerifierParams, AuditError> {
    if setup.provenance().is_insecure() && !options.allow_insecure_params {
        return Err(AuditError::NotCheckable(format!(
            "the secret of setup '{}' is public: anyone can forge these proofs (--allow-insecure-params to check them \
             all the same)",
            setup.provenance().label()
        )));
    }
    Ok(setup)
}

/// `keys/setup.bin`. Its provenance follows from its points.
fn read_setup(keys: &KeysDir) -> Result<VerifierParams, AuditError> {
    let file = keys.setup();
    let bytes = read_exact(&file, VerifierParams::LEN as u64)?;
    Ok(VerifierParams::from_bytes(&bytes).map_err(|reason| InputError::value(&file, reason.to_string()))?)
}

/// A dataset's proofs rest on the ledger's setup: the reader has compared what documents state, this the points.
fn same_setup(setup: &VerifierParams, keys: &KeysDir) -> Result<(), AuditError> {
    if read_setup(keys)?.digest() == setup.digest() {
        return Ok(());
    }
    Err(AuditError::NotCheckable(format!("{}: not the setup that is stated", keys.setup().display())))
}

/// The smallest file of the one setup that a directory of parameters holds.
fn smallest_file(dir: &Path) -> Result<PathBuf, AuditError> {
    let io = |error| InputError::new(dir, Fault::Io(error));
    let mut found: Vec<(String, u64, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let label = name.to_str().and_then(|name| name.strip_prefix("bn254-")?.strip_suffix(".params"));
        if let Some((label, _)) = label.and_then(|label| label.rsplit_once("-k")) {
            found.push((label.to_owned(), entry.metadata().map_err(io)?.len(), entry.path()));
        }
    }
    found.sort();
    let of = |text: &str| AuditError::NotCheckable(format!("{}: {text}", dir.display()));
    match (found.first(), found.last()) {
        (Some((first, _, path)), Some((last, ..))) if first == last => Ok(path.clone()),
        (Some(_), Some(_)) => Err(of("parameters of several setups, name the file to use")),
        _ => Err(of("no parameters of suite bn254")),
    }
}

fn trust(
    relation: RelationId,
    tier: Tier,
    label: &str,
    pinned: Option<Word>,
    found: Word,
) -> Result<(), AuditError> {
    let name = format!("{relation}-{tier}");
    match pinned {
        Some(pinned) if pinned == found => Ok(()),
        Some(_) => Err(AuditError::NotCheckable(format!(
            "the {name} key in keys/ is not the one that this build knows for setup '{label}'"
        ))),
        None => Err(AuditError::NotCheckable(format!(
            "this build knows no {name} key for setup '{label}' and does not trust the one in keys/: derive it with \
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
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;
    use crate::report::Verdict;

    #[test]
    fn only_the_pinned_key_is_trusted() {
        let verdict = |pinned: Option<[u8; 32]>, found| {
            trust(RelationId::Tree, Tier::T64, "challenge_0085", pinned.map(Word), Word(found))
        };
        assert!(verdict(Some([1; 32]), [1; 32]).is_ok());
        let ends = |pinned, found| verdict(pinned, found).unwrap_err().verdict();
        assert_eq!(ends(Some([1; 32]), [2; 32]), Verdict::NotCheckable);
        assert_eq!(ends(None, [1; 32]), Verdict::NotCheckable);
    }
}
