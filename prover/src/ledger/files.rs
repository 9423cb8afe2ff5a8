//! Files and directories that are never seen half-written, and secrets that only their owner reads.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use apportion_secrets::leftovers;
use apportion_statement::files::Document;
use zeroize::Zeroizing;

use super::LedgerError;

/// How temporary files and directories begin, ours and those of others; a crash may leave one behind.
pub const TEMP_PREFIX: &str = ".tmp-";

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The owner alone: mode 0600.
    Private,
    /// Everybody: mode 0644.
    Public,
}

/// Creates a directory that only its owner enters (mode 0700), if it is not there.
pub fn create_private_dir(path: &Path) -> Result<(), LedgerError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    create_durably(path, &builder)
}

/// Creates a directory, and those above it, if it is not there.
pub fn create_dir(path: &Path) -> Result<(), LedgerError> {
    create_durably(path, fs::DirBuilder::new().recursive(true))
}

/// Creates what is missing of a path and makes it durable: a synced file in a directory that a power failure
/// takes away is lost all the same.
fn create_durably(path: &Path, builder: &fs::DirBuilder) -> Result<(), LedgerError> {
    let missing: Vec<_> =
        path.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists()).collect();
    builder.create(path).map_err(|source| LedgerError::io("create", path, source))?;
    missing.into_iter().rev().try_for_each(|dir| sync_dir(&parent(dir)))
}

/// Writes a file at once: a temporary file in the same directory, synced, renamed, directory synced.
pub fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<(), LedgerError> {
    let io = |source| LedgerError::io("write", path, source);
    let parent = parent(path);
    let mut builder = leftovers::builder();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(match access {
        Access::Private => 0o600,
        Access::Public => 0o644,
    }));
    #[cfg(not(unix))]
    let _ = access;
    let mut file = leftovers::file_in(&builder, &parent).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    sync_dir(&parent)
}

/// Moves a directory, or a file, to a place where nothing is: the step that commits. All inside must be
/// synced.
pub fn commit(from: &Path, to: &Path) -> Result<(), LedgerError> {
    fs::rename(from, to).map_err(|source| LedgerError::io("create", to, source))?;
    sync_dir(&parent(to))?;
    sync_dir(&parent(from))
}

/// Copies a directory of secrets and all below it into another: what is there already is replaced file by
/// file, and nothing is removed. Links are refused: who hands the directory over may let them lead anywhere.
pub fn copy_secrets(from: &Path, to: &Path) -> Result<(), LedgerError> {
    create_private_dir(to)?;
    copy(from, to, Access::Private)
}

/// Copies a directory for everybody and all below it into another, replacing file by file. Links are refused, as in
/// [`copy_secrets`].
pub fn copy_public(from: &Path, to: &Path) -> Result<(), LedgerError> {
    create_dir(to)?;
    copy(from, to, Access::Public)
}

/// No file of a ledger or a licence is longer.
const MAX_COPIED_BYTES: u64 = 1 << 30;

fn copy(from: &Path, to: &Path, access: Access) -> Result<(), LedgerError> {
    let io = |source| LedgerError::io("read", from, source);
    for entry in fs::read_dir(from).map_err(io)? {
        let entry = entry.map_err(io)?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(io)?;
        match access {
            _ if !kind.is_dir() && !kind.is_file() => {
                let reason = "is a link or a special file: what it leads to is not copied";
                return Err(LedgerError::corrupt(&path, reason));
            }
            Access::Private if kind.is_dir() => copy_secrets(&path, &place)?,
            Access::Public if kind.is_dir() => copy_public(&path, &place)?,
            _ => write_atomic(&place, &read_limited(&path, MAX_COPIED_BYTES)?, access)?,
        }
    }
    Ok(())
}

/// Removes a directory and all in it, if it is there.
pub fn remove_dir(path: &Path) -> Result<(), LedgerError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(|source| LedgerError::io("remove", path, source)),
    }
}

/// Removes a file.
pub fn remove_file(path: &Path) -> Result<(), LedgerError> {
    fs::remove_file(path).map_err(|source| LedgerError::io("remove", path, source))?;
    sync_dir(&parent(path))
}

/// Makes the entries of a directory durable.
pub fn sync_dir(path: &Path) -> Result<(), LedgerError> {
    if cfg!(unix) {
        let io = |source| LedgerError::io("sync", path, source);
        File::open(path).map_err(io)?.sync_all().map_err(io)?;
    }
    Ok(())
}

/// Reads a whole file of at most `limit` bytes; a longer one is refused before it is read.
pub fn read_limited(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, LedgerError> {
    let io = |source| LedgerError::io("read", path, source);
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let too_long =
        || LedgerError::Corrupt { path: path.into(), reason: format!("longer than {limit} bytes") };
    if length > limit {
        return Err(too_long());
    }
    // Room for all of it at once: a growing buffer would leave copies of secrets behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length as usize + 1));
    file.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit { Err(too_long()) } else { Ok(bytes) }
}

/// The entries of a directory with names of text; none where it does not exist.
pub fn entries(dir: &Path) -> Result<Vec<(String, PathBuf)>, LedgerError> {
    let io = |source| LedgerError::io("read", dir, source);
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(io)?;
        found.extend(entry.file_name().into_string().ok().map(|name| (name, entry.path())));
    }
    Ok(found)
}

/// The directory in which a path lies.
pub fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => PathBuf::from("."),
    }
}

/// Directories in the making, which an interruption removes: they may hold secrets.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every directory in the making. For a program that is about to end.
pub fn remove_unfinished() {
    for path in unfinished().drain(..) {
        // Whoever fills it may still be at work.
        for _ in 0..3 {
            if fs::remove_dir_all(&path).is_ok() || !path.exists() {
                break;
            }
        }
    }
}

/// A temporary directory that is removed when it is dropped, by an interruption, and after a kill by the next command.
#[derive(Debug)]
pub struct Unfinished {
    dir: tempfile::TempDir,
    _held: leftovers::Held,
}

impl Unfinished {
    /// Makes one in a directory, and removes those that killed commands left there; `target` is what it will be, for
    /// the message.
    ///
    /// # Errors
    /// Those of the system.
    pub fn in_dir(above: &Path, target: &Path, access: Access) -> Result<Self, LedgerError> {
        leftovers::remove(above);
        let mut builder = leftovers::builder();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(match access {
            Access::Private => 0o700,
            Access::Public => 0o755,
        }));
        #[cfg(not(unix))]
        let _ = access;
        // Held over both steps: an interruption in between would miss it.
        let mut list = unfinished();
        let made = leftovers::dir_in(&builder, above);
        let (dir, held) = made.map_err(|source| LedgerError::io("create", target, source))?;
        list.push(dir.path().to_owned());
        Ok(Self { dir, _held: held })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// It was moved to its place: there is nothing to remove any more.
    pub fn moved(mut self) {
        self.dir.disable_cleanup(true);
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| path != self.dir.path());
    }
}

/// A directory in the making: it stands under a temporary name beside its place and takes it by one rename.
/// Dropped before that, it is removed.
#[derive(Debug)]
pub struct NewDir {
    temporary: Unfinished,
    target: PathBuf,
}

impl NewDir {
    /// Starts a directory that will stand at `target`, where nothing is or an empty directory.
    ///
    /// # Errors
    /// [`LedgerError::Exists`] where something is there.
    pub fn begin(target: &Path) -> Result<Self, LedgerError> {
        if !is_free(target) {
            return Err(LedgerError::exists(target, "exists already"));
        }
        let above = parent(target);
        create_dir(&above)?;
        Ok(Self { temporary: Unfinished::in_dir(&above, target, Access::Public)?, target: target.to_owned() })
    }

    /// Where it is filled.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Puts it in its place, at once.
    ///
    /// # Errors
    /// [`LedgerError::Exists`] where another command was faster: its directory stays, this one is removed.
    pub fn commit(self) -> Result<(), LedgerError> {
        if !is_free(&self.target) {
            return Err(LedgerError::exists(&self.target, "was made by another command meanwhile"));
        }
        // On every system an empty directory may be replaced, and one that is not empty is never.
        if cfg!(not(unix)) {
            let _ = fs::remove_dir(&self.target);
        }
        fs::rename(self.temporary.path(), &self.target).map_err(|source| {
            if is_free(&self.target) {
                LedgerError::io("create", &self.target, source)
            } else {
                LedgerError::exists(&self.target, "was made by another command meanwhile")
            }
        })?;
        self.temporary.moved();
        sync_dir(&parent(&self.target))
    }
}

/// Whether nothing is there, or an empty directory.
fn is_free(target: &Path) -> bool {
    match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound && fs::symlink_metadata(target).is_err(),
    }
}

/// Refuses to write over anything but an older document of the same kind, which `is_kind` tells by its bytes.
///
/// # Errors
/// [`LedgerError::Exists`] names the file and what it should be.
pub fn refuse_overwrite(path: &Path, kind: &str, is_kind: impl Fn(&[u8]) -> bool) -> Result<(), LedgerError> {
    /// No document that is overwritten is longer.
    const MAX_BYTES: u64 = 256 << 20;
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(LedgerError::io("read", path, error)),
        Ok(meta) if meta.is_file() => {
            let same = read_limited(path, MAX_BYTES).is_ok_and(|bytes| is_kind(&bytes));
            if same { Ok(()) } else { Err(not_ours(path, kind)) }
        }
        Ok(_) => Err(not_ours(path, kind)),
    }
}

fn not_ours(path: &Path, kind: &str) -> LedgerError {
    LedgerError::exists(path, format!("exists and is no {kind}: give another name, or move it away"))
}

/// Writes a file where a user asks for it, over nothing or an older one of the same kind. What killed commands left in
/// that directory is removed.
///
/// # Errors
/// Those of [`refuse_overwrite`] and of the system.
pub fn write_over(
    path: &Path,
    kind: &str,
    is_kind: impl Fn(&[u8]) -> bool,
    bytes: &[u8],
    access: Access,
) -> Result<(), LedgerError> {
    refuse_overwrite(path, kind, is_kind)?;
    leftovers::remove(&parent(path));
    write_atomic(path, bytes, access)
}

/// Writes a document for everybody over nothing or an older one of its kind.
///
/// # Errors
/// Those of [`write_over`].
pub fn write_document<D: Document>(path: &Path, document: &D) -> Result<(), LedgerError> {
    write_over(path, D::NAME, |bytes| D::from_json(bytes).is_ok(), &document.to_json(), Access::Public)
}

/// Removes what interrupted writes left in a directory and those below it. Only under the ledger's lock.
pub fn remove_temporary(dir: &Path) -> Result<(), LedgerError> {
    let io = |source| LedgerError::io("read", dir, source);
    for entry in fs::read_dir(dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        let path = entry.path();
        let is_dir = entry.file_type().map_err(io)?.is_dir();
        if entry.file_name().to_string_lossy().starts_with(TEMP_PREFIX) {
            if is_dir {
                remove_dir(&path)?;
            } else {
                fs::remove_file(&path).map_err(|source| LedgerError::io("remove", &path, source))?;
            }
        } else if is_dir {
            remove_temporary(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o7777
    }

    #[test]
    #[cfg(unix)]
    fn modes_are_those_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let private = dir.path().join("private");
        create_private_dir(&private).unwrap();
        assert_eq!(mode(&private), 0o700);
        write_atomic(&private.join("secret"), b"s", Access::Private).unwrap();
        assert_eq!(mode(&private.join("secret")), 0o600);
        write_atomic(&dir.path().join("public"), b"p", Access::Public).unwrap();
        assert_eq!(mode(&dir.path().join("public")) & 0o600, 0o600);
    }

    #[test]
    fn a_write_replaces_the_file_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        write_atomic(&path, b"one", Access::Private).unwrap();
        write_atomic(&path, b"two", Access::Private).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        // What a crash leaves is removed.
        fs::write(dir.path().join(".tmp-x"), b"half").unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::create_dir(dir.path().join("sub/.tmp-d")).unwrap();
        remove_temporary(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        assert_eq!(fs::read_dir(dir.path().join("sub")).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn what_links_lead_to_is_never_copied() {
        let dir = tempfile::tempdir().unwrap();
        let (from, secret) = (dir.path().join("from"), dir.path().join("secret"));
        fs::create_dir_all(from.join("sub")).unwrap();
        fs::write(&secret, b"secret").unwrap();
        fs::write(from.join("sub/file"), b"file").unwrap();
        for (number, target) in [&secret, dir.path(), &dir.path().join("nowhere")].into_iter().enumerate() {
            let link = from.join("sub/link");
            std::os::unix::fs::symlink(target, &link).unwrap();
            for copy in [copy_public, copy_secrets] {
                let to = dir.path().join(format!("to-{number}"));
                let error = copy(&from, &to).unwrap_err().to_string();
                assert!(error.contains("sub/link") && error.contains("link"), "{error}");
                assert!(!to.join("sub/link").exists());
            }
            fs::remove_file(link).unwrap();
        }
        copy_public(&from, &dir.path().join("fine")).unwrap();
        assert_eq!(fs::read(dir.path().join("fine/sub/file")).unwrap(), b"file");
        // Longer than anything that belongs there.
        File::create(from.join("huge")).unwrap().set_len(1 << 40).unwrap();
        assert!(copy_secrets(&from, &dir.path().join("huge")).is_err());
    }

    #[test]
    fn a_longer_file_than_allowed_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read_limited(&path, 5).unwrap().as_slice(), b"12345");
        assert!(matches!(read_limited(&path, 4), Err(LedgerError::Corrupt { .. })));
    }

    #[test]
    fn of_two_commands_that_make_a_directory_one_wins() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("deep/dataset");
        let (first, second) = (NewDir::begin(&target).unwrap(), NewDir::begin(&target).unwrap());
        fs::write(first.path().join("file"), b"first").unwrap();
        fs::write(second.path().join("file"), b"second").unwrap();
        first.commit().unwrap();
        assert!(matches!(second.commit(), Err(LedgerError::Exists { .. })));
        assert_eq!(fs::read(target.join("file")).unwrap(), b"first");
        // Neither leaves anything else.
        assert_eq!(fs::read_dir(dir.path().join("deep")).unwrap().count(), 1);
        assert!(matches!(NewDir::begin(&target), Err(LedgerError::Exists { .. })));
        // An empty directory is no obstacle.
        fs::create_dir(dir.path().join("empty")).unwrap();
        let third = NewDir::begin(&dir.path().join("empty")).unwrap();
        fs::write(third.path().join("file"), b"third").unwrap();
        third.commit().unwrap();
    }

    #[test]
    fn an_interruption_removes_what_is_in_the_making_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (done, half) = (dir.path().join("done"), dir.path().join("half"));
        NewDir::begin(&done).unwrap().commit().unwrap();
        let making = NewDir::begin(&half).unwrap();
        fs::write(making.path().join("opening"), b"secret").unwrap();
        let path = making.path().to_owned();
        assert!(unfinished().contains(&path) && !unfinished().contains(&done));
        drop(making);
        assert!(!path.exists() && done.exists() && !unfinished().contains(&path));
    }

    #[test]
    fn only_documents_of_the_same_kind_are_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("receipt.json");
        let is_kind = |bytes: &[u8]| bytes.starts_with(b"{");
        refuse_overwrite(&path, "receipt.json", is_kind).unwrap();
        fs::write(&path, b"{}").unwrap();
        refuse_overwrite(&path, "receipt.json", is_kind).unwrap();
        fs::write(&path, b"payee,content\n").unwrap();
        let error = refuse_overwrite(&path, "receipt.json", is_kind).unwrap_err();
        assert!(error.to_string().contains("exists and is no receipt.json"), "{error}");
        assert!(refuse_overwrite(dir.path(), "receipt.json", is_kind).is_err());
    }
}
