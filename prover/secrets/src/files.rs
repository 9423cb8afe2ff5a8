//! Files that only their owner reads, written whole or not at all.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::leftovers;

/// How temporary files and directories begin, ours and those of others; a crash may leave one behind.
pub(crate) const TEMP_PREFIX: &str = ".tmp-";

/// Reads a whole file of at most `limit` bytes; `None` where it is longer. Nothing beyond the limit is read.
pub(crate) fn read_limited(path: &Path, limit: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // Room for all of it at once: a growing buffer would leave copies of secrets behind.
    let mut bytes = Zeroizing::new(vec![0; limit + 1]);
    let mut file = File::open(path)?;
    let mut length = 0;
    while length <= limit {
        match file.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok((length <= limit).then_some(bytes))
}

/// Writes a file, mode 0600, where none is: whole or not at all. Fails with [`io::ErrorKind::AlreadyExists`]
/// where something is.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = begin_new(path)?;
    file.write_all(bytes)?;
    finish_new(file, path)
}

/// A temporary file beside the one that it becomes, mode 0600; removed when dropped. What killed commands left there
/// is removed.
pub(crate) fn begin_new(path: &Path) -> io::Result<NamedTempFile> {
    let parent = parent(path);
    leftovers::remove(&parent);
    let mut builder = leftovers::builder();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    leftovers::file_in(&builder, &parent)
}

/// Syncs a temporary file and moves it to where nothing is.
pub(crate) fn finish_new(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_dir(&parent(path))
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// The directory in which a path lies.
pub(crate) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => PathBuf::from("."),
    }
}
