//! Temporary files and directories, and what is left of them where a command is killed.
//!
//! What is in the making may hold secrets, and nobody can tidy up after a kill. So whoever makes a temporary entry holds a
//! lock on it until it has taken its place. The system gives the lock back when the process ends, however it ends: an entry
//! that is called as ours are, and that nobody holds, is a leftover, and the next command in that directory removes it.
//! Where a file system has no locks nothing can be told, and nothing is removed.

use std::{
    ffi::OsStr,
    fs::{self, File, Metadata, TryLockError},
    io,
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile, TempDir};

/// How temporary entries begin, followed by something random.
pub const PREFIX: &str = ".tmp-apportion-";

/// A builder of temporary entries, with their prefix.
pub fn builder<'a>() -> Builder<'a, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    builder
}

/// Keeps a temporary entry from being taken for a leftover, until it is dropped.
#[derive(Debug)]
pub struct Held {
    _file: Option<File>,
}

/// Makes a temporary file in a directory. It is held as long as it is open, so until it takes its place.
///
/// # Errors
/// Those of the system.
pub fn file_in(builder: &Builder<'_, '_>, dir: &Path) -> io::Result<NamedTempFile> {
    loop {
        let file = builder.tempfile_in(dir)?;
        if hold(file.as_file(), file.path())? {
            return Ok(file);
        }
    }
}

/// Makes a temporary directory in a directory.
///
/// # Errors
/// Those of the system.
pub fn dir_in(builder: &Builder<'_, '_>, dir: &Path) -> io::Result<(TempDir, Held)> {
    loop {
        let made = builder.tempdir_in(dir)?;
        if !cfg!(unix) {
            // Elsewhere a directory cannot be opened.
            return Ok((made, Held { _file: None }));
        }
        let file = match File::open(made.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        if hold(&file, made.path())? {
            return Ok((made, Held { _file: Some(file) }));
        }
    }
}

/// Locks a new entry; `false` where another command took it for a leftover before it was locked.
fn hold(file: &File, path: &Path) -> io::Result<bool> {
    // Waits for that command, if for anybody. Without locks there are no leftovers either.
    _ = file.lock();
    Ok(is_at(&file.metadata()?, path))
}

/// Removes what killed commands left in a directory, and gives its paths. What cannot be removed stays: it keeps nobody
/// from working.
pub fn remove(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let ours = |name: &OsStr| name.to_string_lossy().starts_with(PREFIX);
    entries
        .filter(|entry| ours(&entry.file_name()))
        .map(|entry| entry.path())
        .filter(|path| remove_if_left(path).unwrap_or(false))
        .collect()
}

fn remove_if_left(path: &Path) -> io::Result<bool> {
    let kind = fs::symlink_metadata(path)?.file_type();
    if !kind.is_dir() && !kind.is_file() {
        return Ok(false);
    }
    let file = File::open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // It may have taken its place since it was listed: then nothing of that name is there.
    if !is_at(&file.metadata()?, path) {
        return Ok(false);
    }
    if kind.is_dir() {
        fs::remove_dir_all(path)?
    } else {
        fs::remove_file(path)?
    }
    Ok(true)
}

/// Whether an open file is the one at a path, and not one that was there before.
fn is_at(open: &Metadata, path: &Path) -> bool {
    let Ok(there) = fs::symlink_metadata(path) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        (open.dev(), open.ino()) == (there.dev(), there.ino())
    }
    #[cfg(not(unix))]
    {
        open.file_type() == there.file_type()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let (dir, at) = (place.path(), |name: &str| place.path().join(name));
        let file = file_in(&builder(), dir).unwrap();
        let (made, held) = dir_in(&builder(), dir).unwrap();
        fs::write(made.path().join("seed"), "secret").unwrap();
        fs::write(at(".tmp-apportion-file"), "secret").unwrap();
        fs::create_dir_all(at(".tmp-apportion-dir/private")).unwrap();
        fs::write(at(".tmp-apportion-dir/private/seed"), "secret").unwrap();
        // Not ours: other names, and a link of ours with all that it leads to.
        fs::write(at(".tmp-other"), "").unwrap();
        fs::write(at("records.csv"), "").unwrap();
        fs::create_dir(at("elsewhere")).unwrap();
        std::os::unix::fs::symlink(at("elsewhere"), at(".tmp-apportion-link")).unwrap();

        let mut removed = remove(dir);
        removed.sort();
        assert_eq!(removed, [at(".tmp-apportion-dir"), at(".tmp-apportion-file")]);
        assert!(!at(".tmp-apportion-dir").exists() && !at(".tmp-apportion-file").exists());
        assert!(file.path().exists() && made.path().join("seed").exists());
        assert!(at(".tmp-apportion-link").exists() && at("elsewhere").exists() && at(".tmp-other").exists());
        assert_eq!(remove(dir), [] as [PathBuf; 0]);

        // A file that has taken its place is no leftover; one that is let go of without that is.
        let path = file.path().to_owned();
        file.persist(at("receipt.json")).unwrap();
        assert!(!path.exists());
        let left = made.keep();
        assert_eq!(remove(dir), [] as [PathBuf; 0]);
        drop(held);
        assert_eq!(remove(dir), [left]);
        assert!(at("receipt.json").exists());
        assert_eq!(remove(&at("nowhere")), [] as [PathBuf; 0]);
    }

    /// Many commands make and remove at once: none loses what it is making.
    #[test]
    fn nobody_loses_what_is_in_the_making() {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path();
        std::thread::scope(|scope| {
            for worker in 0..4 {
                scope.spawn(move || {
                    for round in 0..200 {
                        remove(dir);
                        let file = file_in(&builder(), dir).unwrap();
                        file.persist(dir.join(format!("{worker}-{round}"))).unwrap();
                        let (made, _held) = dir_in(&builder(), dir).unwrap();
                        fs::write(made.path().join("file"), "").unwrap();
                        fs::rename(made.path(), dir.join(format!("{worker}-{round}-dir"))).unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(dir).unwrap().count(), 4 * 200 * 2);
    }
}
