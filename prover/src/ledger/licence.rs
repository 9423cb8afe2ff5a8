//! What a dataset's owner hands to the developers whom it licenses: the records, and the masks of the payee
//! columns.

use std::path::{Path, PathBuf};

use apportion_circuits::{column::Mask, field::SuiteField, types::Record};
use apportion_secrets::Recipient;
use apportion_statement::{Context, EnrollContext, files::DatasetDoc};

use super::{LedgerError, PayeeMask, Recipients, Records, blob, files, private::six};

/// `licence/` of a dataset's own directory, `private/datasets/<n>/` of a ledger's: mode 0700, files 0600.
///
/// ```text
/// records.bin                     the records, in order; those of an extension that was interrupted may
/// follow recipients.bin                  the keys that receipts are encrypted to, where the records name any
/// payees/<segment>-<000000>.bin   the mask of a segment's payee column of that revision
/// ```
#[derive(Clone, Debug)]
pub struct LicenceDir {
    root: PathBuf,
}

impl LicenceDir {
    /// The directory of that path; it need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `records.bin`.
    pub fn records(&self) -> PathBuf {
        self.root.join("records.bin")
    }

    /// `recipients.bin`.
    pub fn recipients(&self) -> PathBuf {
        self.root.join("recipients.bin")
    }

    /// `payees/<segment>-<revision>.bin`.
    pub fn payee_mask(&self, segment: u32, revision: u32) -> PathBuf {
        self.root.join("payees").join(format!("{segment}-{}.bin", six(revision)))
    }

    /// Reads the first `count` records. More may stand there: those of an extension that was interrupted.
    ///
    /// # Errors
    /// If the file cannot be read, is of another dataset, or holds fewer.
    pub fn read_records(&self, doc: &DatasetDoc, count: u64) -> Result<Vec<Record>, LedgerError> {
        let path = self.records();
        let Records(mut records) = blob::read(&path, doc.dataset_id)?;
        if (records.len() as u64) < count {
            let text = format!(
                "holds {} records, the dataset has {count}: these private files are of an earlier state",
                records.len()
            );
            return Err(LedgerError::corrupt(&path, text));
        }
        records.truncate(count as usize);
        Ok(records)
    }

    /// Writes the records: all of them, in order.
    pub fn write_records(&self, doc: &DatasetDoc, records: Vec<Record>) -> Result<(), LedgerError> {
        files::create_private_dir(&self.root)?;
        blob::write(&self.records(), doc.dataset_id, &Records(records))
    }

    /// Reads the first `count` records' recipients; none where the file does not exist.
    pub fn read_recipients(
        &self,
        doc: &DatasetDoc,
        count: u64,
    ) -> Result<Vec<Option<Recipient>>, LedgerError> {
        let path = self.recipients();
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let Recipients(mut recipients) = match blob::read(&path, doc.dataset_id) {
            Err(error) if error.is_not_found() => Recipients(Vec::new()),
            read => read?,
        };
        recipients.resize(count, None);
        Ok(recipients)
    }

    /// Writes the records' recipients, if there are any.
    pub fn write_recipients(
        &self,
        doc: &DatasetDoc,
        recipients: Vec<Option<Recipient>>,
    ) -> Result<(), LedgerError> {
        if recipients.iter().all(Option::is_none) && !self.recipients().exists() {
            return Ok(());
        }
        files::create_private_dir(&self.root)?;
        blob::write(&self.recipients(), doc.dataset_id, &Recipients(recipients))
    }

    /// Reads the mask of a payee column.
    pub fn read_payee_mask<F: SuiteField>(&self, context: &EnrollContext) -> Result<Mask<F>, LedgerError> {
        let path = self.payee_mask(context.segment, context.revision);
        blob::read::<PayeeMask<F>>(&path, context.to_word()).map(|mask| mask.0)
    }

    /// Writes the mask of a payee column.
    pub fn write_payee_mask<F: SuiteField>(
        &self,
        context: &EnrollContext,
        mask: Mask<F>,
    ) -> Result<(), LedgerError> {
        files::create_private_dir(&self.root.join("payees"))?;
        blob::write(&self.payee_mask(context.segment, context.revision), context.to_word(), &PayeeMask(mask))
    }
}
