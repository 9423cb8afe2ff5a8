//! `ledger init`.

use std::path::Path;

use apportion_circuits::{
    split::Split,
    tree::Tree,
    types::{Payee, Tier, Word},
};
use apportion_statement::files::{Document, FORMAT_VERSION, LedgerDoc, PublicDir};
use apportion_statement::policy::{MAX_NAME_BYTES, MAX_POLICY_BYTES, Policy, PolicyError, is_name};
use apportion_statement::{Relation, model_id};
use apportion_suite::params::ParamsCache;

use crate::{
    error::Error,
    ledger::{
        Config, Paths, PrivateDir,
        files::{self, Access},
    },
    prove::Prover,
    setup::{Choice, ProverSuite},
};

/// What a new ledger is.
#[derive(Clone, Debug)]
pub struct NewLedger {
    /// The model's name.
    pub model: String,
    /// Slots of every segment.
    pub tier: Tier,
    /// How revenue is split.
    pub policy: Policy,
    /// The chain, 0 for none.
    pub chain_id: u64,
    /// The ledger contract, zero for none.
    pub contract: Payee,
    /// The id that the contract gives the model (`chain::model_id`); derived from the name where there is no contract.
    pub model_id: Option<Word>,
}

/// Reads a `policy.toml`.
pub fn read_policy(path: &Path) -> Result<Policy, Error> {
    let bytes = apportion_statement::files::read_file(path, MAX_POLICY_BYTES)?;
    let policy = |source| Error::Policy { path: path.into(), source };
    let text = std::str::from_utf8(&bytes).map_err(|_| policy(PolicyError::Toml("not UTF-8 text".into())))?;
    // Editors on some systems begin a file with a byte order mark.
    Policy::from_toml(text.trim_start_matches('\u{feff}')).map_err(policy)
}

/// Makes a ledger. The directory must not hold one; it appears at once or not at all.
pub fn init<S: ProverSuite>(
    dir: &Path,
    new: NewLedger,
    cache: &ParamsCache,
    choice: Choice<'_>,
) -> Result<LedgerDoc, Error> {
    let paths = Paths::of(dir);
    if paths.config.exists() {
        return Err(Error::usage(format!("{} holds a ledger already", dir.display())));
    }
    if !is_name(&new.model) {
        let text = format!("the model's name must be printable and of 1 to {MAX_NAME_BYTES} bytes");
        return Err(Error::usage(text));
    }
    if new.model_id.is_some() && new.contract.is_zero() {
        return Err(Error::usage("only a ledger that is bound to a contract takes a model id"));
    }
    if !new.contract.is_zero() && (new.chain_id == 0 || new.model_id.is_none()) {
        let text = "a ledger that is bound to a contract needs its chain's id and the model's: give --chain-id, and \
                    --developer, from which the model's id follows, or --model-id";
        return Err(Error::usage(text));
    }
    let id = new.model_id.unwrap_or_else(|| model_id(new.chain_id, new.contract, &new.model));
    new.policy.check().map_err(apportion_statement::Violation::from)?;
    let tree = Prover::<S, Tree>::load(cache, new.tier, choice)?;
    let split = Prover::<S, Split>::load(cache, new.tier, choice)?;
    if tree.setup() != split.setup() {
        return Err(Error::Mismatch("the two tables' parameters are of different setups".into()));
    }
    let doc = LedgerDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        tier: new.tier,
        model_id: id,
        model: new.model,
        chain_id: new.chain_id,
        contract: new.contract,
        policy: new.policy,
        setup: tree.setup().clone(),
        keys: vec![tree.key_entry(), split.key_entry()],
    };
    files::create_dir(dir)?;
    PrivateDir::new(&paths.private).create()?;
    let public = PublicDir::new(&paths.public);
    files::create_dir(&public.root().join("keys"))?;
    for (relation, bytes) in [(Relation::Tree, tree.key_bytes()), (Relation::Split, split.key_bytes())] {
        if let Some(bytes) = bytes {
            files::write_atomic(&public.key(relation, doc.tier), &bytes, Access::Public)?;
        }
    }
    if let Some(bytes) = tree.setup_bytes() {
        files::write_atomic(&public.setup(), bytes, Access::Public)?;
    }
    files::write_atomic(&public.ledger(), &doc.to_json(), Access::Public)?;
    // Last: a directory without it holds no ledger.
    Config::of(&doc).write(&paths.config)?;
    Ok(doc)
}
