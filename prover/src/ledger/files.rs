//! Files that are never seen half-written, and secrets that only their owner reads.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::LedgerError;

/// How temporary files and directories begin; a crash may leave one behind.
pub(crate) const TEMP_PREFIX: &str = ".tmp-";

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The owner alone: mode 0600.
    Private,
    /// Everybody: mode 0644.
    Public,
}

/// Creates a directory that only its owner enters (mode 0700), if it is not there.
pub(crate) fn create_private_dir(path: &Path) -> Result<(), LedgerError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    create_durably(path, &builder)
}

/// Creates a directory, and those above it, if it is not there.
pub(crate) fn create_dir(path: &Path) -> Result<(), LedgerError> {
    create_durably(path, fs::DirBuilder::new().recursive(true))
}

/// Creates what is missing of a path and makes it durable: a synced file in a directory that a power failure takes
/// away is lost all the same.
fn create_durably(path: &Path, builder: &fs::DirBuilder) -> Result<(), LedgerError> {
    let missing: Vec<_> =
        path.ancestors().take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists()).collect();
    builder.create(path).map_err(|source| LedgerError::io("create", path, source))?;
    missing.into_iter().rev().try_for_each(|dir| sync_dir(&parent(dir)))
}

/// Writes a file at once: a temporary file in the same directory, synced, renamed, directory synced.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<(), LedgerError> {
    let io = |source| LedgerError::io("write", path, source);
    let parent = parent(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMP_PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(match access {
        Access::Private => 0o600,
        Access::Public => 0o644,
    }));
    #[cfg(not(unix))]
    let _ = access;
    let mut file = builder.tempfile_in(&parent).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    sync_dir(&parent)
}

/// Moves a directory, or a file, to a place where nothing is: the step that commits. All inside must be synced.
pub(crate) fn commit(from: &Path, to: &Path) -> Result<(), LedgerError> {
    fs::rename(from, to).map_err(|source| LedgerError::io("create", to, source))?;
    sync_dir(&parent(to))?;
    sync_dir(&parent(from))
}

/// Copies every file of a directory into another; all of them secrets.
pub(crate) fn copy_secrets(from: &Path, to: &Path) -> Result<(), LedgerError> {
    let io = |source| LedgerError::io("read", from, source);
    for entry in fs::read_dir(from).map_err(io)? {
        let entry = entry.map_err(io)?;
        let bytes = read_limited(&entry.path(), u64::MAX - 1)?;
        write_atomic(&to.join(entry.file_name()), &bytes, Access::Private)?;
    }
    Ok(())
}

/// Removes a directory and all in it, if it is there.
pub(crate) fn remove_dir(path: &Path) -> Result<(), LedgerError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(|source| LedgerError::io("remove", path, source)),
    }
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), LedgerError> {
    if cfg!(unix) {
        let io = |source| LedgerError::io("sync", path, source);
        File::open(path).map_err(io)?.sync_all().map_err(io)?;
    }
    Ok(())
}

/// Reads a whole file of at most `limit` bytes; a longer one is refused before it is read.
pub(crate) fn read_limited(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, LedgerError> {
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

/// The directory in which a path lies.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => PathBuf::from("."),
    }
}

/// Keeps other commands from changing a ledger; released when dropped, also by a crash.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock that a file stands for, or fails at once where another command holds it.
    pub(crate) fn take(path: &Path) -> Result<Self, LedgerError> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|source| LedgerError::io("open", path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LedgerError::Locked),
            Err(TryLockError::Error(source)) => Err(LedgerError::io("lock", path, source)),
        }
    }
}

/// Removes what interrupted writes left in a directory and those below it. Only under the ledger's lock.
pub(crate) fn remove_temporary(dir: &Path) -> Result<(), LedgerError> {
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

    #[test]
    fn a_longer_file_than_allowed_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read_limited(&path, 5).unwrap().as_slice(), b"12345");
        assert!(matches!(read_limited(&path, 4), Err(LedgerError::Corrupt { .. })));
    }

    #[test]
    fn one_command_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = Lock::take(&path).unwrap();
        assert!(matches!(Lock::take(&path), Err(LedgerError::Locked)));
        drop(held);
        Lock::take(&path).unwrap();
    }
}
