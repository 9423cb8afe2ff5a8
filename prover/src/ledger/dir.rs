//! A ledger directory as commands see it.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    types::{Payee, Record, Score, Tier, Word},
};
use apportion_secrets::{LedgerId, NameKey, Recipient, Seed};
use apportion_statement::{
    Context, History, SegmentId, SplitContext,
    files::{Bundle, EnrolledDataset, PolicyDoc, PublicDir},
    sums::Lifetime,
};
use zeroize::Zeroizing;

use super::{
    Balances, Config, LedgerError, LicenceDir, Lock, Opening, Places, PrivateDir, blob, column_of, files,
    private::segment_file, secrets::padded,
};
use crate::{error::Error, hint};

/// A ledger: its public files, where its private ones are, and what happened so far.
#[derive(Debug)]
pub struct Ledger {
    /// The ledger's directory.
    pub dir: PathBuf,
    /// `public/`.
    pub public: PublicDir,
    /// `private/`.
    pub private: PrivateDir,
    /// Every public document.
    pub bundle: Bundle,
    /// What happened so far.
    pub history: History,
    seed: OnceLock<Seed>,
    _lock: Option<Lock>,
}

/// The paths of a ledger directory.
#[derive(Clone, Debug)]
pub struct Paths {
    /// `ledger.toml`.
    pub config: PathBuf,
    /// `public/`.
    pub public: PathBuf,
    /// `private/`.
    pub private: PathBuf,
}

impl Paths {
    /// The paths in a ledger directory.
    pub fn of(dir: &Path) -> Self {
        Self { config: dir.join("ledger.toml"), public: dir.join("public"), private: dir.join("private") }
    }
}

impl Ledger {
    /// Opens the ledger in a directory for a command that may change it. A second such command waits some
    /// seconds and is then refused. What interrupted commands left under temporary names is removed.
    ///
    /// # Errors
    /// If there is no ledger, it cannot be read or is in use, or `private/` is missing or another ledger's:
    /// the message says how to get it back.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let config = config(dir)?;
        let paths = Paths::of(dir);
        let private = PrivateDir::new(&paths.private);
        if !private.root().exists() {
            return Err(missing_private(private.root()).into());
        }
        let lock = Lock::take(&private.lock())?;
        files::remove_temporary(private.root())?;
        files::remove_temporary(&paths.public)?;
        crate::setup::remove_unfinished_keys(&PublicDir::new(&paths.public).keys())?;
        let ledger = Self::load(dir, &config, Some(lock))?;
        ledger.seed()?;
        ledger.remove_finished_jobs()?;
        Ok(ledger)
    }

    /// Reads the ledger in a directory: takes no lock and writes nothing, so that a read-only copy will do,
    /// and one that another command is changing. `private/` may be missing where nothing of it is asked for.
    ///
    /// # Errors
    /// If there is no ledger or it cannot be read.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        Self::load(dir, &config(dir)?, None)
    }

    fn load(dir: &Path, config: &Config, lock: Option<Lock>) -> Result<Self, Error> {
        let paths = Paths::of(dir);
        let bundle = Bundle::read(PublicDir::new(&paths.public))?;
        if *config != Config::of(&bundle.ledger) {
            let reason =
                "does not say what public/ledger.json says: put back the one that `ledger init` wrote";
            return Err(LedgerError::corrupt(&paths.config, reason).into());
        }
        let history = History::of(&bundle)?;
        Ok(Self {
            dir: dir.to_owned(),
            public: PublicDir::new(&paths.public),
            private: PrivateDir::new(&paths.private),
            bundle,
            history,
            seed: OnceLock::new(),
            _lock: lock,
        })
    }

    /// Removes what a command that was interrupted after its last step did not: its job.
    fn remove_finished_jobs(&self) -> Result<(), LedgerError> {
        let next = self.next_epoch();
        for (path, epoch) in numbered(&self.private.jobs(), "epoch-")? {
            if epoch < next {
                files::remove_dir(&path)?;
            }
        }
        Ok(())
    }

    /// The epoch that comes next.
    pub fn next_epoch(&self) -> u32 {
        self.history.last_epoch().saturating_add(1)
    }

    /// What the last epoch left of its pool, which the next one's takes over.
    pub fn carried(&self) -> u128 {
        self.bundle.epochs.last().map_or(0, |epoch| {
            let paid = epoch.doc.segments.iter().fold(0u128, |sum, s| sum.saturating_add(s.paid.0));
            epoch.doc.pool.0.saturating_sub(paid)
        })
    }

    /// What entered the pools so far (V7).
    ///
    /// # Errors
    /// V7.lifetime.
    pub fn lifetime(&self) -> Result<Lifetime, Error> {
        let mut lifetime = Lifetime::default();
        for epoch in &self.bundle.epochs {
            lifetime.add(epoch.doc.pool.0, epoch.doc.carried.0)?;
        }
        Ok(lifetime)
    }

    /// The policy that is in force in an epoch.
    ///
    /// # Errors
    /// If none is.
    pub fn policy(&self, epoch: u32) -> Result<&PolicyDoc, Error> {
        self.bundle
            .policy_in(epoch)
            .ok_or_else(|| Error::usage(format!("no policy is in force in epoch {epoch}: they begin later")))
    }

    /// A dataset by number.
    ///
    /// # Errors
    /// If the ledger has none of that number.
    pub fn dataset(&self, number: u32) -> Result<&EnrolledDataset, Error> {
        self.bundle.datasets.get(number as usize).ok_or_else(|| {
            let count = self.bundle.datasets.len();
            Error::usage(format!("the ledger has no dataset {number}: it has {count}, numbered from 0"))
        })
    }

    /// Slots of a segment.
    ///
    /// # Errors
    /// If the segment's dataset is unknown.
    pub fn tier(&self, id: SegmentId) -> Result<Tier, Error> {
        Ok(self.dataset(id.dataset)?.dataset.doc.tier)
    }

    /// The place of a segment's move in an epoch.
    ///
    /// # Errors
    /// If the segment's dataset is unknown.
    pub fn segment_context(&self, id: SegmentId, epoch: u32) -> Result<SplitContext, Error> {
        let dataset = self.dataset(id.dataset)?.dataset.doc.dataset_id;
        Ok(self.bundle.ledger.context(dataset, id.segment, epoch))
    }

    /// The newest revision of a dataset up to which every column is proven: the one that scores are posted
    /// under. `None` where revision 0 is not proven.
    ///
    /// # Errors
    /// If the dataset is unknown.
    pub fn proven_revision(&self, dataset: u32) -> Result<Option<u32>, Error> {
        Ok(proven_revision(&self.dataset(dataset)?.dataset))
    }

    /// What the ledger is for encrypted receipts and backups.
    pub fn ledger_id(&self) -> LedgerId {
        ledger_id(&self.bundle.ledger)
    }

    /// The ledger's seed.
    ///
    /// # Errors
    /// If the file is missing, damaged, or holds the seed of another ledger.
    pub fn seed(&self) -> Result<&Seed, Error> {
        if let Some(seed) = self.seed.get() {
            return Ok(seed);
        }
        let path = self.private.seed();
        if !path.exists() {
            return Err(self.explain_missing(&path).into());
        }
        let seed = Seed::read(&path)?;
        self.check_seed(&path, &seed)?;
        Ok(self.seed.get_or_init(|| seed))
    }

    /// Makes sure that a seed is this ledger's: the ledger publishes a key that follows from it.
    ///
    /// # Errors
    /// If it is another ledger's.
    pub fn check_seed(&self, path: &Path, seed: &Seed) -> Result<(), Error> {
        let key = Word::from(NameKey::derive(seed, self.ledger_id()).public());
        if key == self.bundle.ledger.receipt_key {
            return Ok(());
        }
        let reason = format!(
            "is the seed {} of another ledger: this one's gives the key {} that public/ledger.json names",
            seed.id(),
            self.bundle.ledger.receipt_key
        );
        Err(LedgerError::corrupt(path, reason).into())
    }

    /// The private files of an enrolled dataset.
    pub fn licence(&self, dataset: u32) -> LicenceDir {
        self.private.dataset(dataset)
    }

    /// The records of a dataset, those of its newest revision.
    ///
    /// # Errors
    /// If they are missing or damaged.
    pub fn records(&self, dataset: u32) -> Result<Vec<Record>, Error> {
        let enrolled = &self.dataset(dataset)?.dataset;
        let (licence, count) = (self.licence(dataset), enrolled.newest().records);
        licence.read_records(&enrolled.doc, count).map_err(|error| self.explained(error))
    }

    /// To whom the receipts of a dataset's records are encrypted, in the records' order.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn recipients(&self, dataset: u32) -> Result<Vec<Option<Recipient>>, Error> {
        let enrolled = &self.dataset(dataset)?.dataset;
        Ok(self.licence(dataset).read_recipients(&enrolled.doc, enrolled.newest().records)?)
    }

    /// The mask of a segment's payee column; `revision` is that of the
    /// [`apportion_statement::history::PayeeColumn`].
    ///
    /// # Errors
    /// If it is missing or damaged.
    pub fn payee_mask<F: SuiteField>(&self, id: SegmentId, revision: u32) -> Result<Mask<F>, Error> {
        let context = self.dataset(id.dataset)?.dataset.doc.context(id.segment, revision);
        self.licence(id.dataset).read_payee_mask(&context).map_err(|error| self.explained(error))
    }

    /// The payees of a segment's accounts as of a revision, in order.
    ///
    /// # Errors
    /// If the records are missing or damaged, or the revision is unknown.
    pub fn payees(&self, id: SegmentId, revision: u32) -> Result<Vec<Payee>, Error> {
        let records = self.records(id.dataset)?;
        self.payees_of(&records, id, revision)
    }

    /// As [`Self::payees`], from records at hand.
    ///
    /// # Errors
    /// If the revision is unknown.
    pub fn payees_of(&self, records: &[Record], id: SegmentId, revision: u32) -> Result<Vec<Payee>, Error> {
        let count = self.history.records(id, revision);
        let count = count.ok_or_else(|| Error::usage(format!("{id} has no revision {revision}")))?;
        let start = (id.segment as usize).saturating_mul(self.tier(id)?.accounts());
        Ok(records.iter().skip(start).take(count as usize).map(|record| record.payee).collect())
    }

    /// A segment's payee column, as it was proven for that revision.
    ///
    /// # Errors
    /// If records or mask are missing or damaged.
    pub fn payee_column<F: SuiteField>(
        &self,
        id: SegmentId,
        revision: u32,
    ) -> Result<MaskedColumn<F>, Error> {
        let payees = self.payees(id, revision)?;
        column_of(self.tier(id)?, &payees, &self.payee_mask(id, revision)?)
    }

    /// A segment's balances after an epoch in which it moved, one an account.
    ///
    /// # Errors
    /// If they are missing or damaged: the message says of which state the private files are.
    pub fn balances(&self, epoch: u32, id: SegmentId) -> Result<Zeroizing<Vec<u128>>, Error> {
        let path = self.private.balances(epoch).join(segment_file(id));
        let place = self.segment_context(id, epoch)?.to_word();
        let Balances(values) = blob::read(&path, place).map_err(|error| self.explained(error))?;
        self.check_size(&path, id, values.len())?;
        Ok(values)
    }

    /// Writes a segment's balances after an epoch, one an account; what an interrupted run wrote there is
    /// replaced.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn write_balances(&self, epoch: u32, id: SegmentId, values: &[u128]) -> Result<(), Error> {
        let dir = self.private.balances(epoch);
        files::create_private_dir(&dir)?;
        let place = self.segment_context(id, epoch)?.to_word();
        let balances = Balances(padded(self.tier(id)?, values));
        Ok(blob::write(&dir.join(segment_file(id)), place, &balances)?)
    }

    /// A segment's balances before its next move: those after its last one, zeros before the first.
    ///
    /// # Errors
    /// Those of [`Self::balances`].
    pub fn old_balances(&self, id: SegmentId) -> Result<Zeroizing<Vec<u128>>, Error> {
        match self.history.moves(id).last() {
            Some(last) => self.balances(last.epoch, id),
            None => Ok(padded(self.tier(id)?, &[])),
        }
    }

    /// The column of a segment's balances after an epoch, under the mask that follows from seed and balances.
    /// Epoch 0 stands for the zeros before the first move.
    ///
    /// # Errors
    /// If the seed is missing, or there are more values than accounts.
    pub fn balance_column<F: SuiteField>(
        &self,
        id: SegmentId,
        epoch: u32,
        values: &[u128],
    ) -> Result<MaskedColumn<F>, Error> {
        column_of(self.tier(id)?, values, &self.balance_mask(id, epoch, values)?)
    }

    /// The mask of [`Self::balance_column`].
    ///
    /// # Errors
    /// As there.
    pub fn balance_mask<F: SuiteField>(
        &self,
        id: SegmentId,
        epoch: u32,
        values: &[u128],
    ) -> Result<Mask<F>, Error> {
        let place = Places::of_ledger(&self.bundle.ledger).balance(self.tier(id)?, id, epoch);
        Ok(apportion_secrets::mask(self.seed()?, &place, values)?)
    }

    /// A segment's Old column and its balances: New of its last move, or zeros.
    ///
    /// # Errors
    /// Those of [`Self::old_balances`] and [`Self::balance_column`].
    pub fn old_column<F: SuiteField>(
        &self,
        id: SegmentId,
    ) -> Result<(Zeroizing<Vec<u128>>, MaskedColumn<F>), Error> {
        let epoch = self.history.moves(id).last().map_or(0, |last| last.epoch);
        let values = self.old_balances(id)?;
        let column = self.balance_column(id, epoch, &values)?;
        Ok((values, column))
    }

    /// A segment's scores in an epoch in which it moved, one an account, and their column.
    ///
    /// # Errors
    /// If they are missing or damaged.
    pub fn score_opening<F: SuiteField>(
        &self,
        epoch: u32,
        id: SegmentId,
    ) -> Result<(Zeroizing<Vec<Score>>, MaskedColumn<F>), Error> {
        let opening = self.read_score_opening(epoch, id)?;
        let column = opening.column(self.tier(id)?)?;
        Ok((Zeroizing::new(opening.values().to_vec()), column))
    }

    /// The opening of a segment's scores in an epoch in which it moved: one score an account, and the mask.
    ///
    /// # Errors
    /// If it is missing or damaged.
    pub fn read_score_opening<F: SuiteField>(&self, epoch: u32, id: SegmentId) -> Result<Opening<F>, Error> {
        let path = self.private.scores(epoch).join(segment_file(id));
        let place = self.segment_context(id, epoch)?.to_word();
        let opening: Opening<F> = blob::read(&path, place).map_err(|error| self.explained(error))?;
        self.check_size(&path, id, opening.values().len())?;
        Ok(opening)
    }

    /// Writes the opening of a segment's scores in an epoch; what an interrupted run wrote there is replaced.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn write_score_opening<F: SuiteField>(
        &self,
        epoch: u32,
        id: SegmentId,
        opening: &Opening<F>,
    ) -> Result<(), Error> {
        let dir = self.private.scores(epoch);
        files::create_private_dir(&dir)?;
        let place = self.segment_context(id, epoch)?.to_word();
        Ok(blob::write(&dir.join(segment_file(id)), place, opening)?)
    }

    /// The newest epoch of which a file of balances is there, as far as the ledger went; 0 where there is
    /// none.
    pub fn private_epoch(&self) -> u32 {
        let has =
            |epoch: &u32| self.private.balances(*epoch).read_dir().is_ok_and(|mut d| d.next().is_some());
        (1..=self.history.last_epoch()).rev().find(has).unwrap_or(0)
    }

    /// Every private file that the ledger needs and that is not there.
    pub fn missing_private(&self) -> Vec<PathBuf> {
        let mut expected = vec![self.private.seed()];
        for (number, enrolled) in (0u32..).zip(&self.bundle.datasets) {
            let licence = self.licence(number);
            expected.push(licence.records());
            for revision in &enrolled.dataset.revisions {
                let columns = revision.columns.iter().flat_map(|columns| &columns.columns);
                expected.extend(columns.map(|c| licence.payee_mask(c.segment, revision.doc.revision)));
            }
        }
        for epoch in &self.bundle.epochs {
            for id in epoch.doc.segments.iter().map(|segment| segment.id()) {
                expected.push(self.private.balances(epoch.doc.epoch).join(segment_file(id)));
                expected.push(self.private.scores(epoch.doc.epoch).join(segment_file(id)));
            }
        }
        expected.retain(|path| !path.exists());
        expected
    }

    /// Says of a private file that is not there what it is, of which state the others are, and how to get it
    /// back.
    pub fn explain_missing(&self, path: &Path) -> LedgerError {
        if !self.private.root().exists() {
            return missing_private(self.private.root());
        }
        let (last, kept) = (self.history.last_epoch(), self.private_epoch());
        let state = if kept < last {
            let state = if kept == 0 { "before epoch 1".to_owned() } else { format!("after epoch {kept}") };
            format!("these private files are of the state {state}, the ledger's last epoch is {last}")
        } else {
            format!("the other private files are of the ledger's last epoch, {last}")
        };
        let explanation = format!(
            "{state}. `apportion ledger restore` takes a backup, `apportion ledger recover` makes everything again \
             from the seed, the records and the scores"
        );
        LedgerError::Missing { path: path.to_owned(), explanation }
    }

    fn explained(&self, error: LedgerError) -> Error {
        match error {
            LedgerError::Io { path, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                self.explain_missing(&path).into()
            }
            error => error.into(),
        }
    }

    fn check_size(&self, path: &Path, id: SegmentId, found: usize) -> Result<(), Error> {
        let accounts = self.tier(id)?.accounts();
        if found == accounts {
            return Ok(());
        }
        let text = format!("holds {found} values, the segment has {accounts} accounts");
        Err(LedgerError::corrupt(path, text).into())
    }
}

/// The newest revision of a dataset up to which every column is proven.
pub fn proven_revision(dataset: &apportion_statement::files::DatasetBundle) -> Option<u32> {
    let proven = dataset.revisions.iter().take_while(|revision| revision.columns.is_some()).count() as u32;
    proven.checked_sub(1)
}

/// What a ledger is for encrypted receipts and backups.
pub fn ledger_id(doc: &apportion_statement::files::LedgerDoc) -> LedgerId {
    LedgerId { chain_id: doc.chain_id, contract: doc.contract, model: doc.model_id }
}

fn config(dir: &Path) -> Result<Config, Error> {
    let path = Paths::of(dir).config;
    if !path.exists() {
        return Err(hint::absent(dir, hint::Kind::Ledger));
    }
    Ok(Config::read(&path)?)
}

fn missing_private(root: &Path) -> LedgerError {
    let explanation = "it holds the seed, the records, scores and balances, without which no epoch can be proven and no \
                       receipt made. `apportion ledger restore` takes a backup, `apportion ledger recover` makes it \
                       again from the seed, the records and the scores";
    LedgerError::Missing { path: root.to_owned(), explanation: explanation.into() }
}

/// The entries of a directory whose names are a prefix and a number.
fn numbered(dir: &Path, prefix: &str) -> Result<Vec<(PathBuf, u32)>, LedgerError> {
    let number = |name: &str| name.strip_prefix(prefix).and_then(|number| number.parse().ok());
    let entries = files::entries(dir)?.into_iter();
    Ok(entries.filter_map(|(name, path)| Some((path, number(&name)?))).collect())
}
