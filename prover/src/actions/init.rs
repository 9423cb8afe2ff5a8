//! `ledger init`.

use std::path::Path;

use apportion_circuits::{
    relation::Relation,
    split::Split,
    types::{Payee, Tier, Word},
};
use apportion_secrets::{NameKey, Seed, SeedId};
use apportion_statement::{
    Violation,
    context::model_id,
    files::{Document, FORMAT_VERSION, LedgerDoc, PolicyDoc, PublicDir, read_file},
    policy::{MAX_NAME_BYTES, MAX_POLICY_BYTES, Policy, PolicyError, is_name},
};
use apportion_suite::params::ParamsCache;
use rand_core::OsRng;

use crate::{
    error::Error,
    ledger::{
        Config, Paths, PrivateDir,
        files::{self, Access, NewDir},
        ledger_id,
    },
    setup::{Choice, ProverSuite, write_setup},
};

/// What must be kept, whatever happens, in one sentence.
pub const WHAT_TO_KEEP: &str = "keep private/seed (one line, also on paper), every dataset's licence/ and every epoch's \
    directory of scores in a second place: from these and public/ everything private can be made again, and without them \
    nobody can be paid any more";

/// What a new ledger is.
#[derive(Clone, Debug)]
pub struct NewLedger {
    /// The model's name.
    pub model: String,
    /// How revenue is split.
    pub policy: Policy,
    /// The chain, 0 for none.
    pub chain_id: u64,
    /// The ledger contract, zero for none.
    pub contract: Payee,
    /// The model's developer on the chain, zero for none.
    pub developer: Payee,
}

/// Reads a `policy.toml`.
///
/// # Errors
/// If it cannot be read or is no policy: the message says where.
pub fn read_policy(path: &Path) -> Result<Policy, Error> {
    let bytes = read_file(path, MAX_POLICY_BYTES)?;
    let policy = |source| Error::Policy { path: path.into(), source };
    let text = std::str::from_utf8(&bytes).map_err(|_| policy(PolicyError::Toml("not UTF-8 text".into())))?;
    // Editors on some systems begin a file with a byte order mark.
    Policy::from_toml(text.trim_start_matches('\u{feff}')).map_err(policy)
}

/// Makes a ledger; it appears at once or not at all. With a seed at hand, that one is taken; else a fresh one
/// is made.
///
/// # Errors
/// If something is there already, what the ledger is makes no sense, or the setup is not at hand.
pub fn init<S: ProverSuite>(
    dir: &Path,
    new: NewLedger,
    seed: Option<Seed>,
    cache: &ParamsCache,
    choice: Choice<'_>,
) -> Result<(LedgerDoc, SeedId), Error> {
    if !is_name(&new.model) {
        let text = format!("the model's name must be printable and of 1 to {MAX_NAME_BYTES} bytes");
        return Err(Error::usage(text));
    }
    if new.contract.is_zero() != new.developer.is_zero() || (!new.contract.is_zero() && new.chain_id == 0) {
        return Err(Error::usage(
            "a ledger that is bound to a contract needs all of --chain-id, --contract and --developer",
        ));
    }
    new.policy.check().map_err(Violation::from)?;
    // The setup is the same in every size: the smallest table's will do.
    let k = <Split as Relation<S::F>>::layout(Tier::T64).k;
    let (setup, verifier_bytes) = S::setup(cache, k, choice)?;
    let seed = seed.map_or_else(|| Seed::generate(&mut OsRng), Ok)?;
    let mut doc = LedgerDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        model_id: model_id(new.chain_id, new.contract, new.developer, &new.model),
        model: new.model,
        chain_id: new.chain_id,
        contract: new.contract,
        developer: new.developer,
        setup,
        receipt_key: Word::default(),
    };
    doc.receipt_key = NameKey::derive(&seed, ledger_id(&doc)).public().into();
    let policy = PolicyDoc {
        version: FORMAT_VERSION,
        model_id: doc.model_id,
        policy: 1,
        first_epoch: 1,
        terms: new.policy,
    };

    let made = NewDir::begin(dir)?;
    let paths = Paths::of(made.path());
    let private = PrivateDir::new(&paths.private);
    private.create()?;
    seed.write_new(&private.seed())?;
    let public = PublicDir::new(&paths.public);
    for dir in [public.policies(), public.datasets(), public.epochs()] {
        files::create_dir(&dir)?;
    }
    write_setup(&public.keys(), verifier_bytes.as_deref())?;
    files::write_atomic(&public.policy(1), &policy.to_json(), Access::Public)?;
    files::write_atomic(&public.ledger(), &doc.to_json(), Access::Public)?;
    // A checkout that changes line ends would change digests.
    files::write_atomic(&made.path().join(".gitattributes"), b"* -text\n", Access::Public)?;
    Config::of(&doc).write(&paths.config)?;
    made.commit()?;
    Ok((doc, seed.id()))
}
