//! Where parameters come from, per suite, and the keys that they give.

use std::sync::Arc;

use apportion_circuits::{
    field::SuiteId,
    relation::{Relation, RelationId},
    types::{Tier, Word},
};
use apportion_engine::Engine;
use apportion_statement::files::{Document as _, FORMAT_VERSION, KeyDoc, KeysDir, SetupDoc};
use apportion_suite::{
    Bn254, Pasta, Suite, SuiteError,
    params::{ParamsCache, ParamsError, Provenance, Reason, VerifierParams},
};

use crate::{
    error::Error,
    ledger::files::{self, Access},
};

/// Which setup is asked for. Only bn254 has a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// The one that is there, if its secret is not public.
    Any,
    /// The development setup, whose secret everybody knows.
    InsecureDev,
    /// The one with this label: what a ledger was made with.
    Label(&'a str),
}

/// Parameters of some size, and what is public about their setup.
pub struct Loaded<S: Suite> {
    /// The parameters.
    pub params: S::Params,
    /// Their setup.
    pub setup: SetupDoc,
    /// What a verifier needs of it, where it has to be written down (`keys/setup.bin`).
    pub verifier_bytes: Option<Vec<u8>>,
}

/// A suite whose parameters can be loaded and whose keys can be published.
pub trait ProverSuite: Engine {
    /// Loads the parameters for tables of `2^k` rows.
    ///
    /// # Errors
    /// If they are not there: the message says how to get them.
    fn load(cache: &ParamsCache, k: u32, choice: Choice<'_>) -> Result<Loaded<Self>, Error>;

    /// The setup alone, and what a verifier needs of it where that has to be written down.
    ///
    /// # Errors
    /// If it is not there: the message says how to get it.
    fn setup(cache: &ParamsCache, k: u32, choice: Choice<'_>) -> Result<(SetupDoc, Option<Vec<u8>>), Error>;

    /// A verifying key's bytes, where it has to be written down.
    fn key_bytes(key: &Self::VerifyingKey) -> Option<Vec<u8>>;
}

impl ProverSuite for Pasta {
    fn load(cache: &ParamsCache, k: u32, _: Choice<'_>) -> Result<Loaded<Self>, Error> {
        let params = cache.load_or_make_pasta(k)?.params().clone();
        let (setup, verifier_bytes) = Self::setup(cache, k, Choice::Any)?;
        Ok(Loaded { params, setup, verifier_bytes })
    }

    // Public randomness, the same for everybody: there is nothing to load.
    fn setup(_: &ParamsCache, _: u32, _: Choice<'_>) -> Result<(SetupDoc, Option<Vec<u8>>), Error> {
        Ok((SetupDoc { provenance: "hash_to_curve".into(), digest: None, insecure: false }, None))
    }

    fn key_bytes(_: &Self::VerifyingKey) -> Option<Vec<u8>> {
        None
    }
}

impl ProverSuite for Bn254 {
    fn load(cache: &ParamsCache, k: u32, choice: Choice<'_>) -> Result<Loaded<Self>, Error> {
        let srs = match choice.of_bn254() {
            Bn254Setup::InsecureDev => cache.load_or_make_insecure_dev(k),
            Bn254Setup::Label(label) => cache.load_bn254_labelled(label, k),
            Bn254Setup::Only => cache.load_bn254(k),
        };
        let srs = srs.map_err(|error| missing(error, k))?;
        let (setup, verifier_bytes) = written_down(srs.verifier());
        Ok(Loaded { params: srs.kzg().clone(), setup, verifier_bytes })
    }

    // The powers are not looked at: reading and checking 2^18 of them takes longer than hashing all records.
    fn setup(cache: &ParamsCache, k: u32, choice: Choice<'_>) -> Result<(SetupDoc, Option<Vec<u8>>), Error> {
        let verifier = match choice.of_bn254() {
            Bn254Setup::InsecureDev => VerifierParams::insecure_dev(),
            Bn254Setup::Label(label) => cache.bn254_verifier(Some(label), k),
            Bn254Setup::Only => cache.bn254_verifier(None, k),
        };
        Ok(written_down(&verifier.map_err(|error| missing(error, k))?))
    }

    fn key_bytes(key: &Self::VerifyingKey) -> Option<Vec<u8>> {
        Some(Bn254::key_to_bytes(key))
    }
}

/// Which bn254 setup a choice is.
enum Bn254Setup<'a> {
    InsecureDev,
    Label(&'a str),
    /// The one that is there.
    Only,
}

impl<'a> Choice<'a> {
    fn of_bn254(self) -> Bn254Setup<'a> {
        match self {
            Choice::InsecureDev => Bn254Setup::InsecureDev,
            Choice::Label(label) if label == Provenance::InsecureDev.label() => Bn254Setup::InsecureDev,
            Choice::Label(label) => Bn254Setup::Label(label),
            Choice::Any => Bn254Setup::Only,
        }
    }
}

fn written_down(verifier: &VerifierParams) -> (SetupDoc, Option<Vec<u8>>) {
    let provenance = verifier.provenance();
    let setup = SetupDoc {
        provenance: provenance.label(),
        digest: Some(Word(verifier.digest())),
        insecure: provenance.is_insecure(),
    };
    (setup, Some(verifier.to_bytes().to_vec()))
}

/// Writes a relation's verifying key of a tier into `keys/`, with the setup that it needs, where it is not
/// there already.
///
/// # Errors
/// If the parameters are not there or another setup's, or the system refuses.
pub fn write_keys<S: ProverSuite, R: Relation<S::F>>(
    cache: &ParamsCache,
    tier: Tier,
    setup: &SetupDoc,
    keys: &KeysDir,
) -> Result<(), Error> {
    make_key::<S, R>(cache, tier, setup, keys)?.map_or(Ok(()), |key| key.write(keys))
}

/// A verifying key that is not in its `keys/` yet.
pub struct NewKey {
    setup: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    doc: KeyDoc,
}

impl NewKey {
    /// Writes it, with the setup that it needs.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn write(&self, keys: &KeysDir) -> Result<(), Error> {
        let KeyDoc { relation, tier, .. } = self.doc;
        write_setup(keys, self.setup.as_deref())?;
        if let Some(bytes) = &self.key {
            files::write_atomic(&keys.key(relation, tier), bytes, Access::Public)?;
        }
        // Last: the key is there when its document is.
        Ok(files::write_atomic(&keys.doc(relation, tier), &self.doc.to_json(), Access::Public)?)
    }
}

/// Makes a relation's verifying key of a tier; `None` where it is in `keys/` already.
///
/// # Errors
/// If the parameters are not there or another setup's.
pub fn make_key<S: ProverSuite, R: Relation<S::F>>(
    cache: &ParamsCache,
    tier: Tier,
    setup: &SetupDoc,
    keys: &KeysDir,
) -> Result<Option<NewKey>, Error> {
    if keys.doc(R::ID, tier).exists() {
        return Ok(None);
    }
    let layout = Arc::new(R::layout(tier));
    let Loaded { params, setup: found, verifier_bytes } =
        S::load(cache, layout.k, Choice::Label(&setup.provenance))?;
    if found != *setup {
        let text =
            format!("the parameters are of setup {}, not those that were chosen before", found.provenance);
        return Err(Error::Mismatch(text));
    }
    let key = S::verifying_key(&params, layout.clone())?;
    let doc = KeyDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        relation: R::ID,
        tier,
        table_digest: Word(layout.digest()),
        key_digest: Word(S::key_digest(&key)),
        proof_bytes: u32::try_from(S::proof_bytes(&layout)).unwrap_or(u32::MAX),
    };
    Ok(Some(NewKey { setup: verifier_bytes, key: S::key_bytes(&key), doc }))
}

/// Removes keys without a document: what is left where a key was being written, or taken back.
///
/// # Errors
/// If the system refuses.
pub fn remove_unfinished_keys(keys: &KeysDir) -> Result<(), Error> {
    for relation in RelationId::ALL {
        for tier in Tier::ALL {
            let key = keys.key(relation, tier);
            if key.exists() && !keys.doc(relation, tier).exists() {
                files::remove_file(&key)?;
            }
        }
    }
    Ok(())
}

/// Writes what a verifier needs of the setup, where it has to be written down.
///
/// # Errors
/// If the system refuses.
pub fn write_setup(keys: &KeysDir, verifier_bytes: Option<&[u8]>) -> Result<(), Error> {
    files::create_dir(keys.root())?;
    if let Some(bytes) = verifier_bytes {
        files::write_atomic(&keys.setup(), bytes, Access::Public)?;
    }
    Ok(())
}

/// The choice that a command line makes.
///
/// # Errors
/// If it makes no sense for the suite.
pub fn choice(suite: SuiteId, label: Option<&str>, insecure_dev: bool) -> Result<Choice<'_>, Error> {
    let bn254 = suite == SuiteId::Bn254;
    match (label, insecure_dev) {
        (_, true) if !bn254 => {
            Err(Error::usage("--insecure-dev is for bn254: no other suite has a setup with a secret"))
        }
        (None, true) => Ok(Choice::InsecureDev),
        (None, false) => Ok(Choice::Any),
        (Some(label), false) if bn254 && !label.starts_with("insecure") => Ok(Choice::Label(label)),
        (Some(_), _) => Err(Error::usage("--setup names a bn254 setup whose secret is not public")),
    }
}

/// What a suite can do and can't, in a sentence.
pub fn what_it_can(suite: SuiteId) -> &'static str {
    match suite {
        SuiteId::Pasta => {
            "suite pasta needs no trusted setup and no contract can check it: whoever is to be paid on a chain needs a \
             dataset and a ledger of suite bn254"
        }
        SuiteId::Bn254 => {
            "suite bn254 is what a contract on an EVM chain checks; it relies on its setup's ceremony"
        }
    }
}

/// Refuses what no contract can check: a dataset or ledger for contracts, of another suite than theirs.
///
/// # Errors
/// If contracts are named and the suite is not bn254.
pub fn check_suite_of_chain(suite: SuiteId, names_contracts: bool) -> Result<(), Error> {
    if suite == SuiteId::Bn254 || !names_contracts {
        return Ok(());
    }
    Err(Error::usage(format!(
        "contracts are named, and contracts verify suite bn254 only; this would be of suite {suite}. Add --suite bn254; or, for \
         what is never paid on a chain, leave the contracts' addresses out. Suite and chain cannot be changed later"
    )))
}

/// Where parameters are cached unless a user says otherwise: a directory of the user's, not one where they
/// happen to stand. `None` where the user has none.
pub fn default_params_dir() -> Option<std::path::PathBuf> {
    let var =
        |name: &str| std::env::var_os(name).map(std::path::PathBuf::from).filter(|path| path.is_absolute());
    let cache = if cfg!(windows) {
        var("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        var("HOME").map(|home| home.join("Library/Caches"))
    } else {
        var("XDG_CACHE_HOME").or_else(|| var("HOME").map(|home| home.join(".cache")))
    };
    cache.map(|cache| cache.join("apportion").join("params"))
}

/// Says what to do where there are no parameters.
fn missing(error: ParamsError, k: u32) -> Error {
    if !matches!(error.reason, Reason::Missing { .. }) {
        return error.into();
    }
    SuiteError::Params(format!(
        "there is no bn254 setup of size 2^{k} or more in {}: bring one with `apportion params import FILE` (a \
         snarkjs .ptau, a halo2 .srs or gnark points), or, to try things out, make one whose secret everybody \
         knows with `apportion params make --suite bn254 --k {k} --insecure-dev`",
        error.file.display()
    ))
    .into()
}
