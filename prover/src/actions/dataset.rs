//! `dataset commit`: Merkle roots of a dataset's records.

use std::path::Path;

use apportion_circuits::{
    field::SuiteField,
    tree::dataset_roots,
    types::{Record, Tier, Word},
};
use apportion_statement::dataset_id;
use apportion_statement::files::{DatasetDoc, Document, FORMAT_VERSION};

use crate::{
    error::Error,
    ledger::{
        PrivateDir, Records,
        files::{self, Access},
    },
};

/// A dataset's public file in its directory.
pub const DATASET_FILE: &str = "dataset.json";

/// A dataset as `dataset commit` leaves it.
pub struct Committed {
    /// The public part.
    pub doc: DatasetDoc,
    /// Its id.
    pub id: Word,
    /// The private part.
    pub records: Records,
}

/// The roots of records.
pub fn describe<F: SuiteField>(tier: Tier, records: &[Record]) -> DatasetDoc {
    DatasetDoc {
        version: FORMAT_VERSION,
        suite: F::SUITE,
        tier,
        records: records.len() as u64,
        roots: dataset_roots::<F>(tier, records).iter().map(Word::from_field).collect(),
    }
}

/// The id of a dataset.
pub fn id_of(doc: &DatasetDoc) -> Word {
    dataset_id(doc.tier, doc.records, &doc.roots)
}

/// Writes a dataset's directory: `dataset.json` for everybody, the records for their owner.
pub fn commit<F: SuiteField>(records: Vec<Record>, tier: Tier, out: &Path) -> Result<Committed, Error> {
    let path = out.join(DATASET_FILE);
    if path.exists() {
        return Err(Error::usage(format!("{} exists already", path.display())));
    }
    let doc = describe::<F>(tier, &records);
    let (id, records) = (id_of(&doc), Records(records));
    files::create_dir(out)?;
    PrivateDir::new(out).write_records(id, &records)?;
    files::write_atomic(&path, &doc.to_json(), Access::Public)?;
    Ok(Committed { doc, id, records })
}

/// Reads a directory of `commit`, and recomputes its roots.
pub fn read<F: SuiteField>(dir: &Path) -> Result<Committed, Error> {
    let doc = DatasetDoc::read(&dir.join(DATASET_FILE))?;
    if doc.suite != F::SUITE {
        let text = format!("the dataset's roots are of suite {}, the ledger is of {}", doc.suite, F::SUITE);
        return Err(Error::Mismatch(text));
    }
    let id = id_of(&doc);
    let records = PrivateDir::new(dir).read_records(id)?;
    check_roots::<F>(&doc, &records.0)?;
    Ok(Committed { doc, id, records })
}

/// Checks that records are those of a dataset.
pub fn check_roots<F: SuiteField>(doc: &DatasetDoc, records: &[Record]) -> Result<(), Error> {
    if describe::<F>(doc.tier, records) == *doc {
        Ok(())
    } else {
        Err(Error::Claim("the records are not those of dataset.json: they have other roots".into()))
    }
}
