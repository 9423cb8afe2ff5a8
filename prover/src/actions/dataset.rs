//! `dataset commit|prove|extend|receipt`: what a dataset's owner does.

mod extend;
mod prove;
mod receipt;

use std::path::Path;

use apportion_circuits::{
    field::SuiteField,
    relation::Relation,
    tree::Tree,
    types::{Payee, Record, Tier, Word},
};
use apportion_secrets::{Recipient, Seed, SeedId};
use apportion_statement::{
    Violation,
    context::{check_dataset, dataset_id},
    dataset::{check_extension, check_revision, revision},
    files::{DatasetBundle, DatasetDir, DatasetDoc, Document, FORMAT_VERSION, MAX_URI_BYTES, RevisionDoc},
    text::is_printable,
};
use apportion_suite::params::ParamsCache;
use rand_core::OsRng;

pub use self::{
    extend::{Extended, extend},
    prove::{Proven, prove, restore_masks},
    receipt::{Wanted, content_digest, receipt},
};
use crate::{
    dataset_dir::OwnDataset,
    error::Error,
    ledger::{
        LicenceDir, PrivateDir,
        files::{self, Access, NewDir},
    },
    setup::{Choice, ProverSuite, write_setup},
};

/// What a new dataset is.
#[derive(Clone, Debug, Default)]
pub struct NewDataset {
    /// Its records, in order.
    pub records: Vec<Record>,
    /// To whom the receipts of each are encrypted.
    pub recipients: Vec<Option<Recipient>>,
    /// The chain on which it is registered, 0 for none.
    pub chain_id: u64,
    /// The registry contract, zero for none.
    pub registry: Payee,
    /// Who registers it, zero for nobody.
    pub owner: Payee,
    /// Where a description can be found.
    pub uri: String,
}

/// A dataset as [`commit`] leaves it.
#[derive(Clone, Debug)]
pub struct Committed {
    /// What it is.
    pub doc: DatasetDoc,
    /// Revision 0.
    pub revision: RevisionDoc,
    /// The owner's seed.
    pub seed_id: SeedId,
}

/// Makes a dataset's directory with revision 0; it appears at once or not at all. With a seed at hand, that
/// one is taken; else a fresh one is made.
///
/// # Errors
/// If something is there already, a record has payee 0, registry and owner do not go together, or the setup
/// is not at hand.
pub fn commit<S: ProverSuite>(
    new: NewDataset,
    tier: Tier,
    seed: Option<Seed>,
    cache: &ParamsCache,
    choice: Choice<'_>,
    out: &Path,
) -> Result<Committed, Error> {
    if new.registry.is_zero() != new.owner.is_zero() || (!new.registry.is_zero() && new.chain_id == 0) {
        return Err(Error::usage("a registered dataset needs all of --chain-id, --registry and --owner"));
    }
    if new.uri.len() > MAX_URI_BYTES || !new.uri.chars().all(is_printable) {
        return Err(Error::usage(format!("--uri must be printable and of at most {MAX_URI_BYTES} bytes")));
    }
    check_payees(&new.records)?;
    let made = NewDir::begin(out)?;
    let (setup, verifier_bytes) = S::setup(cache, <Tree as Relation<S::F>>::layout(tier).k, choice)?;
    let mut first = revision::<S::F>(tier, Word::default(), None, &new.records).ok_or_else(too_many)?;
    let mut doc = DatasetDoc {
        version: FORMAT_VERSION,
        suite: S::ID,
        tier,
        chain_id: new.chain_id,
        registry: new.registry,
        owner: new.owner,
        uri: new.uri,
        dataset_id: Word::default(),
        setup,
    };
    doc.dataset_id = dataset_id(&doc.origin(&first));
    first.dataset_id = doc.dataset_id;
    check_revision::<S::F>(tier, &first)?;
    let seed = seed.map_or_else(|| Seed::generate(&mut OsRng), Ok)?;

    let private = PrivateDir::new(made.path().join("private"));
    private.create()?;
    seed.write_new(&private.seed())?;
    let licence = LicenceDir::new(made.path().join("licence"));
    licence.write_records(&doc, new.records)?;
    licence.write_recipients(&doc, new.recipients)?;
    let public = DatasetDir::new(made.path().join("public"));
    write_setup(&public.keys(), verifier_bytes.as_deref())?;
    files::create_dir(&public.revision(0))?;
    files::write_atomic(&public.revision(0).join("revision.json"), &first.to_json(), Access::Public)?;
    files::write_atomic(&public.dataset(), &doc.to_json(), Access::Public)?;
    files::write_atomic(&made.path().join(".gitattributes"), b"* -text\n", Access::Public)?;
    made.commit()?;
    Ok(Committed { doc, revision: first, seed_id: seed.id() })
}

/// What everybody can check of a dataset without its records: id, roots, counts, extensions (V2.dataset,
/// dataset.*).
///
/// # Errors
/// The first check that does not hold, by name.
pub fn check_public<F: SuiteField>(bundle: &DatasetBundle) -> Result<(), Violation> {
    let doc = &bundle.doc;
    if let Some(first) = bundle.revisions.first() {
        check_dataset(dataset_id(&doc.origin(&first.doc)), doc.dataset_id)?;
    }
    for revision in &bundle.revisions {
        check_revision::<F>(doc.tier, &revision.doc)?;
    }
    for pair in bundle.revisions.windows(2) {
        if let [old, new] = pair {
            check_extension::<F>(doc.tier, &old.doc, &new.doc)?;
        }
    }
    Ok(())
}

/// A record with payee 0 counts and could never be claimed.
fn check_payees(records: &[Record]) -> Result<(), Error> {
    match records.iter().position(|record| record.payee.is_zero()) {
        Some(row) => Err(Error::Unreadable(format!(
            "record {row} has the zero address as payee: nobody could ever be paid for it"
        ))),
        None => Ok(()),
    }
}

/// The suite of a dataset must be the one that a function is called for.
fn check_suite<S: ProverSuite>(dataset: &OwnDataset) -> Result<(), Error> {
    let suite = dataset.bundle.doc.suite;
    if suite == S::ID {
        Ok(())
    } else {
        Err(Error::Mismatch(format!("the dataset is of suite {suite}, not {}", S::ID)))
    }
}

fn too_many() -> Error {
    Error::Unreadable("the records do not fit a dataset".into())
}
