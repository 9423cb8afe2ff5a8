//! One command at a time changes a directory.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
    time::{Duration, Instant},
};

use super::{LedgerError, files};

/// How long a command waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Keeps other commands from changing a directory; released when dropped, also by a crash.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock that a file stands for. Waits up to five seconds for another command to end.
    ///
    /// # Errors
    /// [`LedgerError::Locked`] names the process that holds it.
    pub fn take(path: &Path) -> Result<Self, LedgerError> {
        Self::take_within(path, PATIENCE)
    }

    pub(crate) fn take_within(path: &Path, patience: Duration) -> Result<Self, LedgerError> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|source| {
            // `<dir>/private/lock`
            LedgerError::io("change", &files::parent(&files::parent(path)), source)
        })?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < patience => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    // `<dir>/private/lock`
                    let dir = files::parent(&files::parent(path));
                    return Err(LedgerError::Locked { path: dir, holder: holder(&mut file) });
                }
                Err(TryLockError::Error(source)) => return Err(LedgerError::io("lock", path, source)),
            }
        }
        // Only for the message of whoever is refused: a full disk must not keep anybody from reading on.
        let _ = file.set_len(0).and_then(|()| file.rewind());
        let _ = writeln!(file, "{}", std::process::id());
        Ok(Self { _file: file })
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_command_at_a_time_and_the_holder_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = Lock::take(&path).unwrap();
        let refused = Lock::take_within(&path, Duration::ZERO).unwrap_err();
        assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
        drop(held);
        Lock::take(&path).unwrap();
    }

    #[test]
    fn a_command_waits_for_a_short_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = Lock::take(&path).unwrap();
        let other = std::thread::spawn({
            let path = path.clone();
            move || Lock::take_within(&path, Duration::from_secs(5)).is_ok()
        });
        std::thread::sleep(Duration::from_millis(200));
        drop(held);
        assert!(other.join().unwrap());
    }
}
