//! `ledger backup` and `ledger restore`: a ledger directory in one encrypted file, and back.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use apportion_circuits::types::Word;
use apportion_secrets::{
    Identity, Recipient,
    backup::{self, BACKUP_VERSION, BackupError, BackupHeader},
};
use apportion_statement::files::{Bundle, Document as _, PublicDir};
use serde::Serialize;

use crate::{
    error::Error,
    jobs::Inputs,
    ledger::{
        Ledger, LedgerError, Paths, PrivateDir,
        files::{self, Access},
        ledger_id,
    },
    progress::Progress,
};

/// Where the seed is in a ledger directory.
const SEED: &str = "private/seed";
/// The longest list of backups that is read.
const MAX_LIST_BYTES: u64 = 1 << 20;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// The ledger's last epoch.
    pub epoch: u32,
    /// Files in it.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Writes a new file that holds the whole ledger directory, encrypted to everybody in `to`: each of their keys
/// opens it. Unfinished work is left out.
///
/// # Errors
/// If `out` exists, there is no key, or the ledger is damaged.
pub fn backup(ledger: &Ledger, to: &[Recipient], out: &Path) -> Result<BackedUp, Error> {
    let missing = ledger.missing_private();
    if let Some(path) = missing.first() {
        return Err(ledger.explain_missing(path).into());
    }
    let (seed, epoch) = (ledger.seed()?, ledger.history.last_epoch());
    let header = BackupHeader {
        version: BACKUP_VERSION,
        ledger: ledger.ledger_id(),
        epoch,
        created_by: concat!("apportion ", env!("CARGO_PKG_VERSION")).into(),
        seed_id: seed.id(),
        seed_file: Some(SEED.into()),
    };
    let unneeded = |name: &String| {
        name == "private/lock" || name == "private/backups" || name.starts_with("private/jobs/")
    };
    let mut names = backup::list(&ledger.dir).map_err(failed)?;
    names.retain(|name| !unneeded(name));
    files::create_dir(&files::parent(out))?;
    let contents = backup::save(out, to, &ledger.dir, &names, &header).map_err(failed)?;
    remember(&ledger.private, &ledger.bundle, Origin::Made)?;
    Ok(BackedUp {
        epoch,
        files: contents.files.len(),
        bytes: contents.files.iter().map(|file| file.bytes).sum(),
    })
}

/// How a note about a backup came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A backup was made.
    Made,
    /// The private files were restored from one.
    Restored,
}

impl Origin {
    const fn name(self) -> &'static str {
        match self {
            Origin::Made => "made",
            Origin::Restored => "restored",
        }
    }
}

/// What is known of the last backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LastBackup {
    /// The last epoch in it.
    pub epoch: u32,
    /// When it was made, or restored from, in seconds since 1970.
    pub seconds: u64,
    /// Whether it was made here, or what is here was restored from it.
    pub origin: Origin,
    /// Whether the ledger is as it was then.
    pub current: bool,
}

/// Notes a backup, of which the ledger is as `bundle` says.
fn remember(private: &PrivateDir, bundle: &Bundle, origin: Origin) -> Result<(), Error> {
    let path = private.backups();
    let mut text = read_list(&path);
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    text += &format!("{} {seconds} {} {}\n", bundle.epochs.len(), origin.name(), state(bundle));
    Ok(files::write_atomic(&path, text.as_bytes(), Access::Private)?)
}

/// A digest of everything that a backup would hold more of: datasets, revisions, retirements, policies, epochs.
fn state(bundle: &Bundle) -> Word {
    let mut inputs = Inputs::default();
    for policy in &bundle.policies {
        inputs.add(&policy.to_json());
    }
    for enrolled in &bundle.datasets {
        inputs.add(&enrolled.dataset.doc.dataset_id.0);
        inputs.add(&(enrolled.dataset.revisions.len() as u64).to_be_bytes());
        inputs.add(&enrolled.retirement.as_ref().map_or(0, |retired| retired.from_epoch).to_be_bytes());
    }
    for epoch in &bundle.epochs {
        inputs.add(&epoch.doc.to_json());
    }
    inputs.digest()
}

fn read_list(path: &Path) -> String {
    let bytes = files::read_limited(path, MAX_LIST_BYTES).unwrap_or_default();
    String::from_utf8(bytes.to_vec()).unwrap_or_default()
}

/// What is known of the last backup; `None` where no note of one is in `private/`.
pub fn last_backup(private: &PrivateDir, bundle: &Bundle) -> Option<LastBackup> {
    let text = read_list(&private.backups());
    let mut words = text.lines().last()?.split(' ');
    let (epoch, seconds) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let origin = if words.next()? == Origin::Restored.name() { Origin::Restored } else { Origin::Made };
    Some(LastBackup { epoch, seconds, origin, current: words.next()? == state(bundle).to_string() })
}

/// Says after a change what a backup lacks.
pub fn remind(ledger: &Ledger, epoch: u32, progress: &dyn Progress) {
    let what = match last_backup(&ledger.private, &ledger.bundle) {
        Some(last) => format!("the last backup is of epoch {}", last.epoch),
        None => "no backup of this ledger is noted".to_owned(),
    };
    progress.warn(&format!(
        "epoch {epoch} is in private/ now, and {what}: `apportion ledger backup` makes one; the seed, the \
         records and the scores must be kept somewhere else, with them `apportion ledger recover` makes the rest again"
    ));
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The epoch that the backup is of.
    pub epoch: u32,
    /// The last epoch of the ledger as it stands now.
    pub last_epoch: u32,
    /// Whether only the private files were taken, beside a `public/` that was there.
    pub private_only: bool,
    /// Private files that the ledger needs and the backup did not have.
    pub missing: Vec<PathBuf>,
}

/// Restores a backup: into a new directory all of it, and beside a `public/` that is at hand only `private/`.
/// Nothing that is there is overwritten.
///
/// # Errors
/// If no key fits, the backup is damaged or of another ledger, or private files are there already.
pub fn restore(from: &Path, identities: &[Identity], dir: &Path) -> Result<Restored, Error> {
    let above = files::parent(dir);
    files::create_dir(&above)?;
    let temporary = files::Unfinished::in_dir(&above, dir, Access::Private)?;
    let unpacked = temporary.path().join("ledger");
    let contents = backup::restore(from, identities, &unpacked).map_err(failed)?;
    set_modes(&unpacked)?;
    let restored = Bundle::read(PublicDir::new(Paths::of(&unpacked).public))?;
    let header = contents.header;
    if header.ledger != ledger_id(&restored.ledger) || header.epoch != restored.epochs.len() as u32 {
        return Err(Error::Unreadable(format!(
            "{}: its header is not that of the ledger in it",
            from.display()
        )));
    }
    let paths = Paths::of(dir);
    let private_only = paths.public.exists();
    if private_only {
        beside_public(from, &restored, dir)?;
        if !paths.config.exists() {
            files::commit(&Paths::of(&unpacked).config, &paths.config)?;
        }
        files::commit(&Paths::of(&unpacked).private, &paths.private)?;
    } else {
        fs::rename(&unpacked, dir).map_err(|source| match source.kind() {
            std::io::ErrorKind::DirectoryNotEmpty
            | std::io::ErrorKind::AlreadyExists
            | std::io::ErrorKind::NotADirectory => {
                LedgerError::exists(dir, "exists and holds no ledger's public/: give a new directory")
            }
            _ => LedgerError::io("create", dir, source),
        })?;
        files::sync_dir(&above)?;
    }
    let ledger = Ledger::read(dir)?;
    ledger.seed()?;
    // The state that the backup has, which may be older than the one that `public/` has.
    remember(&ledger.private, &restored, Origin::Restored)?;
    Ok(Restored {
        epoch: header.epoch,
        last_epoch: ledger.history.last_epoch(),
        private_only,
        missing: ledger.missing_private(),
    })
}

/// Whether the private files of a backup may stand beside a `public/`: of the same ledger, whose history goes
/// on from the backup's.
fn beside_public(from: &Path, backup: &Bundle, dir: &Path) -> Result<(), Error> {
    let paths = Paths::of(dir);
    if paths.private.exists() {
        let text = "exists already, and nothing is overwritten: move it away first";
        return Err(LedgerError::exists(&paths.private, text).into());
    }
    let here = Bundle::read(PublicDir::new(&paths.public))?;
    let refused = |text: String| Err(Error::Unreadable(format!("{}: {text}", from.display())));
    if here.ledger != backup.ledger {
        return refused(format!(
            "a backup of model {}, {}, and not of {}",
            backup.ledger.model,
            backup.ledger.model_id,
            paths.public.display()
        ));
    }
    if backup.epochs.len() > here.epochs.len() {
        return refused(format!(
            "a backup of epoch {}, and {} ends with epoch {}: restore it into a new directory, it has public/ too",
            backup.epochs.len(),
            paths.public.display(),
            here.epochs.len()
        ));
    }
    let same = |(a, b): &(&apportion_statement::files::Epoch, &apportion_statement::files::Epoch)| {
        a.doc.segments == b.doc.segments && a.doc.pool == b.doc.pool && a.doc.scores == b.doc.scores
    };
    if let Some((other, _)) = here.epochs.iter().zip(&backup.epochs).find(|pair| !same(pair)) {
        return refused(format!(
            "its epoch {} is not the one in {}: that epoch was taken back and proven again since; restore it \
             into a new directory",
            other.doc.epoch,
            paths.public.display()
        ));
    }
    Ok(())
}

/// A backup keeps no modes: `public/` is for everybody again, `private/` its owner's alone.
fn set_modes(dir: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fn walk(path: &Path, dirs: u32, files: u32) -> std::io::Result<()> {
            let is_dir = fs::symlink_metadata(path)?.is_dir();
            let mode = if is_dir { dirs } else { files };
            fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
            if is_dir {
                fs::read_dir(path)?.try_for_each(|entry| walk(&entry?.path(), dirs, files))?;
            }
            Ok(())
        }
        let set = || {
            walk(dir, 0o755, 0o644)?;
            walk(&Paths::of(dir).private, 0o700, 0o600)
        };
        set().map_err(|source| LedgerError::io("set the modes of", dir, source))?;
    }
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

fn failed(error: BackupError) -> Error {
    match error {
        BackupError::Exists { path } => LedgerError::exists(&path, "exists already").into(),
        BackupError::Io { action, path, source } => LedgerError::Io { action, path, source }.into(),
        BackupError::Wrap(error) => error.into(),
        BackupError::Seed(error) => error.into(),
        error => Error::Unreadable(error.to_string()),
    }
}
