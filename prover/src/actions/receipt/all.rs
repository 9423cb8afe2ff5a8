//! `receipt --all`: a directory with everybody's receipts. Long work: what an interruption leaves is gone on with.

use std::{
    collections::HashMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use apportion_circuits::types::{Payee, Tier};
use apportion_engine::openings::Open;
use apportion_secrets::{NameKey, Recipient, encrypt, leftovers};
use apportion_statement::{
    counted,
    files::{Document as _, ReceiptAccount, ReceiptDoc},
};
use apportion_suite::{openings::opening_k, params::ParamsCache};
use rayon::prelude::*;

use super::{Book, RecordName, Shown, document, is_age, open, openers, shown, up_to};
use crate::{
    error::Error,
    jobs::Inputs,
    ledger::{
        Ledger, LedgerError, Lock,
        files::{self, Access},
        segment_file,
    },
    progress::Progress,
    setup::ProverSuite,
};

/// Accounts of a part of a segment, where they are opened one by one.
const PART: usize = 62;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files: one a payee, or one a payee and key.
    pub files: usize,
    /// Accounts that they show.
    pub accounts: usize,
    /// What they show in all, in the token's base units.
    pub total: u128,
    /// Records that took part in no epoch yet: no column shows them.
    pub not_yet: usize,
    /// Accounts whose records name no key, and which are in no encrypted file.
    pub without_key: usize,
}

/// Writes the receipts of all payees into a directory, which is new or holds older receipts: `<payee>.json`
/// each, or with `encrypted` one file for each payee and key that the datasets name, under names that only key
/// holders can tell. A file for a key shows the accounts of the records that name it, and no others.
///
/// # Errors
/// If no epoch is proven, or the directory holds anything but receipts.
pub fn write_all<S: ProverSuite + Open>(
    ledger: &Ledger,
    epoch: Option<u32>,
    out: &Path,
    encrypted: bool,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<Written, Error> {
    let epoch = up_to(ledger, epoch)?;
    let existing = existing(out, encrypted)?;
    let book = Book::read(ledger)?;
    let names = names(&book);
    let shown = pieces::<S>(shown(ledger, &names, epoch)?);
    if encrypted && !any_key(ledger)? {
        return Err(Error::usage(
            "no record of any dataset names a key to encrypt to (column `recipient` of records.csv): there is no file to \
             write. Leave --encrypt away, or let the datasets' owners name keys with `apportion dataset extend`",
        ));
    }
    // What killed commands left, of single files in the directory too.
    leftovers::remove(&files::parent(out));
    leftovers::remove(out);
    let work = Work::open(out, inputs::<S>(ledger, epoch, &shown))?;
    let mut written = Written { not_yet: names.len(), ..Written::default() };

    let groups = open_all::<S>(ledger, &book, &shown, &work, encrypted, cache, progress)?;
    let key = NameKey::derive(ledger.seed()?, ledger.ledger_id());
    let mut receipts: Vec<(String, Option<Recipient>, ReceiptDoc)> = Vec::new();
    for ((payee, recipient), accounts) in groups {
        written.not_yet -= accounts.len();
        let name = match &recipient {
            Some(recipient) => key.file_name(recipient, payee)?,
            None if encrypted => {
                written.without_key += accounts.len();
                continue;
            }
            None => format!("{payee}.json").to_lowercase(),
        };
        written.accounts += accounts.len();
        let doc = document(ledger, payee, accounts)?;
        written.total = written.total.saturating_add(super::total(&doc));
        receipts.push((name, recipient, doc));
    }
    written.files = receipts.len();
    let to = if existing { out.to_owned() } else { work.receipts()? };
    progress.note(&format!("writing {}", counted(receipts.len(), "file")));
    receipts.par_iter().try_for_each(|(name, recipient, doc)| {
        let bytes = match recipient {
            Some(recipient) => encrypt(&doc.to_json(), std::slice::from_ref(recipient))?,
            None => doc.to_json(),
        };
        if existing {
            refuse_others(&to.join(name), doc, encrypted)?;
            Ok(files::write_atomic(&to.join(name), &bytes, Access::Private)?)
        } else {
            // The whole directory takes its place at once.
            write_new(&to.join(name), &bytes)
        }
    })?;
    work.finish(&to, out)?;
    Ok(written)
}

/// Whether any record names a key.
fn any_key(ledger: &Ledger) -> Result<bool, Error> {
    for number in 0..ledger.bundle.datasets.len() as u32 {
        if ledger.recipients(number)?.iter().any(Option::is_some) {
            return Ok(true);
        }
    }
    Ok(false)
}

type Groups = HashMap<(Payee, Option<Recipient>), Vec<ReceiptAccount>>;

/// Opens every account, segment by segment.
fn open_all<S: ProverSuite + Open>(
    ledger: &Ledger,
    book: &Book,
    shown: &[Shown<'_>],
    work: &Work,
    encrypted: bool,
    cache: &ParamsCache,
    progress: &dyn Progress,
) -> Result<Groups, Error> {
    let mut openers = openers::<S>(ledger, cache, shown.iter().map(|shown| shown.tier))?;
    for (tier, opener) in &mut openers {
        let due = shown.iter().filter(|shown| shown.tier == *tier && !work.opening(shown).exists());
        opener.expect_many(due.map(|shown| shown.slots.len()).sum())?;
    }
    let mut keys: HashMap<u32, Vec<Option<Recipient>>> = HashMap::new();
    if encrypted {
        for number in 0..ledger.bundle.datasets.len() as u32 {
            keys.insert(number, ledger.recipients(number)?);
        }
    }
    if let Some(text) = estimate::<S>(shown.iter().filter(|shown| !work.opening(shown).exists())) {
        progress.warn(&text);
    }
    let done = shown.iter().filter(|shown| work.opening(shown).exists()).count();
    progress.begin("parts of segments with receipts", shown.len(), done);
    let mut groups = Groups::new();
    for shown in shown {
        let Some(opener) = openers.get(&shown.tier) else { continue };
        let kept = work.read(shown, S::opening_bytes(shown.tier));
        let again = kept.is_some();
        let accounts = open(ledger, book, opener, shown, kept)?;
        work.write(shown, &accounts)?;
        let count = accounts.len();
        for (payee, account) in accounts {
            let record = shown.id.segment as usize * shown.tier.accounts() + account.index as usize;
            let key = keys.get(&shown.id.dataset).and_then(|keys| keys.get(record).cloned().flatten());
            groups.entry((payee, key)).or_default().push(account);
        }
        let how = if again { "openings of the interrupted run checked again" } else { "opened and checked" };
        progress.step(&format!("{}: {} {how}", shown.id, counted(count, "account")));
    }
    progress.end();
    Ok(groups)
}

/// Where a suite opens accounts one by one, a segment takes minutes: it is cut into parts, so that progress shows and an
/// interruption costs little.
fn pieces<'a, S: ProverSuite + Open>(shown: Vec<Shown<'a>>) -> Vec<Shown<'a>> {
    let cut = |shown: Shown<'a>| -> Vec<Shown<'a>> {
        if S::pays(shown.tier, usize::MAX) {
            return vec![shown];
        }
        let part = |slots: &[u32]| Shown { slots: slots.to_vec(), ..shown.clone() };
        shown.slots.chunks(PART).map(part).collect()
    };
    shown.into_iter().flat_map(cut).collect()
}

/// How long it takes to open accounts one by one, where that is longer than a minute.
fn estimate<'a, S: ProverSuite + Open>(due: impl Iterator<Item = &'a Shown<'a>>) -> Option<String> {
    let (mut accounts, mut seconds) = (0, 0);
    for shown in due.filter(|shown| !S::pays(shown.tier, usize::MAX)) {
        let count = shown.slots.len() as u64;
        accounts += count;
        seconds += seconds_one_by_one(shown.tier, count, rayon::current_num_threads());
    }
    let minutes = seconds / 60;
    (minutes > 0).then(|| {
        format!(
            "suite {} opens accounts one by one: {} take about {}. An interruption loses little, and --payee writes one \
             receipt at once",
            S::ID,
            counted(accounts, "account"),
            counted(minutes, "minute")
        )
    })
}

/// The time of an opening grows with its table: 95 microseconds a row and core, measured (benches/README.md).
fn seconds_one_by_one(tier: Tier, accounts: u64, threads: usize) -> u64 {
    const MICROSECONDS_A_ROW: u64 = 95;
    let rows = 1u64 << opening_k(tier);
    accounts.saturating_mul(rows * MICROSECONDS_A_ROW) / (1_000_000 * threads.max(1) as u64)
}

/// Every record of the ledger.
fn names(book: &Book) -> Vec<RecordName> {
    let of = |(dataset, records): (u32, &Vec<_>)| {
        (0..records.len() as u64).map(move |record| RecordName { dataset, record })
    };
    (0u32..).zip(&book.datasets).flat_map(of).collect()
}

/// What the openings depend on.
fn inputs<S: ProverSuite + Open>(ledger: &Ledger, epoch: u32, shown: &[Shown<'_>]) -> [u8; 32] {
    let mut inputs = Inputs::default();
    inputs.add(b"receipts");
    inputs.add(S::ENGINE_VERSION.as_bytes());
    inputs.add(&ledger.bundle.ledger.to_json());
    inputs.add(&epoch.to_be_bytes());
    for Shown { id, payees, moved, slots, .. } in shown {
        inputs.add(&id.dataset.to_be_bytes());
        inputs.add(&id.segment.to_be_bytes());
        inputs.add(&payees.column.0);
        inputs.add(&moved.balance.0);
        inputs.add(&(slots.len() as u64).to_be_bytes());
    }
    inputs.digest().0
}

/// Whether receipts stand in the directory already, of the same kind; `false` where nothing is there.
fn existing(out: &Path, encrypted: bool) -> Result<bool, Error> {
    let entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            return Err(LedgerError::exists(out, "is a file, and receipts go into a directory").into());
        }
        Err(error) => return Err(LedgerError::io("read", out, error).into()),
    };
    let mut any = false;
    for entry in entries {
        let name = entry.map_err(|error| LedgerError::io("read", out, error))?.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(files::TEMP_PREFIX) {
            continue;
        }
        let (plain, sealed) = (is_plain(&name), is_sealed(&name));
        if !plain && !sealed {
            let text = format!("holds {name}, which is no receipt: give another directory");
            return Err(LedgerError::exists(out, text).into());
        }
        if plain == encrypted {
            let kind = if plain { "readable receipts" } else { "encrypted receipts" };
            let text = format!("holds {kind}: give another directory for the other kind");
            return Err(LedgerError::exists(out, text).into());
        }
        any = true;
    }
    Ok(any)
}

fn is_plain(name: &str) -> bool {
    name.strip_suffix(".json").is_some_and(|payee| payee.parse::<Payee>().is_ok())
}

fn is_sealed(name: &str) -> bool {
    let hex = |digits: &str| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.strip_suffix(".age").is_some_and(hex)
}

/// Only an older receipt of the same model is written over.
fn refuse_others(path: &Path, doc: &ReceiptDoc, encrypted: bool) -> Result<(), Error> {
    let same = |bytes: &[u8]| {
        if encrypted {
            return is_age(bytes);
        }
        ReceiptDoc::from_json(bytes).is_ok_and(|old| (old.model, old.payee) == (doc.model, doc.payee))
    };
    Ok(files::refuse_overwrite(path, "receipt of this model", same)?)
}

/// Writes a file of its owner's in a directory that is not in its place yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let io = |source| LedgerError::io("write", path, source);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    Ok(file.sync_all().map_err(io)?)
}

/// Unfinished work, in `.<name>.unfinished` beside the directory that is made.
struct Work {
    root: PathBuf,
    _lock: Lock,
}

impl Work {
    /// Opens the work on inputs; what was left of other inputs is removed.
    fn open(out: &Path, inputs: [u8; 32]) -> Result<Self, Error> {
        let name = out
            .file_name()
            .ok_or_else(|| Error::usage(format!("{} is no name for a new directory", out.display())))?;
        let root = files::parent(out).join(format!(".{}.unfinished", name.to_string_lossy()));
        files::create_private_dir(&root)?;
        let lock = Lock::take(&root.join("lock"))?;
        let (path, openings) = (root.join("inputs"), root.join("openings"));
        let same = files::read_limited(&path, 32).is_ok_and(|found| found.as_slice() == inputs);
        if !same {
            files::remove_dir(&openings)?;
            files::create_private_dir(&openings)?;
            files::write_atomic(&path, &inputs, Access::Private)?;
        }
        files::create_private_dir(&openings)?;
        Ok(Self { root, _lock: lock })
    }

    /// Of a whole segment, or of a part of it, named by its first slot.
    fn opening(&self, shown: &Shown<'_>) -> PathBuf {
        let name = match shown.slots.first() {
            None | Some(0) => segment_file(shown.id),
            Some(first) => format!("from-{first}-{}", segment_file(shown.id)),
        };
        self.root.join("openings").join(name)
    }

    /// The openings of a segment that an earlier run made; they are checked before they are used.
    fn read(&self, shown: &Shown<'_>, size: usize) -> Option<Vec<Vec<u8>>> {
        let length = size.checked_mul(shown.slots.len())?;
        let bytes = files::read_limited(&self.opening(shown), length as u64).ok()?;
        (bytes.len() == length).then(|| bytes.chunks(size.max(1)).map(<[u8]>::to_vec).collect())
    }

    fn write(&self, shown: &Shown<'_>, accounts: &[(Payee, ReceiptAccount)]) -> Result<(), Error> {
        let bytes: Vec<u8> = accounts.iter().flat_map(|(_, account)| &account.proof.0).copied().collect();
        Ok(files::write_atomic(&self.opening(shown), &bytes, Access::Private)?)
    }

    /// Where a new directory is filled.
    fn receipts(&self) -> Result<PathBuf, Error> {
        let dir = self.root.join("receipts");
        files::remove_dir(&dir)?;
        files::create_private_dir(&dir)?;
        Ok(dir)
    }

    /// Puts a new directory in its place, at once, and removes what is not needed any more.
    fn finish(self, from: &Path, out: &Path) -> Result<(), Error> {
        if from != out {
            files::sync_dir(from)?;
            fs::rename(from, out).map_err(|source| match source.kind() {
                std::io::ErrorKind::DirectoryNotEmpty | std::io::ErrorKind::AlreadyExists => {
                    LedgerError::exists(out, "was made by another command meanwhile")
                }
                _ => LedgerError::io("create", out, source),
            })?;
            files::sync_dir(&files::parent(out))?;
        }
        Ok(files::remove_dir(&self.root)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1,022 accounts took 103 seconds on two cores.
    #[test]
    fn long_work_is_estimated_as_measured() {
        assert!((90..110).contains(&seconds_one_by_one(Tier::T1024, 1022, 2)));
        assert!((180..220).contains(&seconds_one_by_one(Tier::T1024, 1022, 1)));
    }

    #[test]
    fn only_receipts_are_told_by_name() {
        let payee = format!("0x{}.json", "ab".repeat(20));
        assert!(is_plain(&payee) && !is_sealed(&payee));
        let sealed = format!("{}.age", "0f".repeat(16));
        assert!(is_sealed(&sealed) && !is_plain(&sealed));
        for name in ["records.csv", "x.json", "0x11.json", ".age", "a.age", "receipt.json"] {
            assert!(!is_plain(name) && !is_sealed(name), "{name}");
        }
    }
}
