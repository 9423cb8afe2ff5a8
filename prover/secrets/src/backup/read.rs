//! Reading a backup: once, from its start to its end, trusting nothing.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    BackupError, BackupHeader, Contents, MAX_FILE_BYTES, MAX_FILES, MAX_HEADER_BYTES, MAX_TOTAL_BYTES, PIECE,
    PackedFile, Small, check_version,
    format::{self, BLOCK, HEADER_NAME, SUMS_NAME},
    refuse_existing,
};
use crate::{files, leftovers};

/// Reads a container to its end and checks every byte of it; nothing is written.
///
/// # Errors
/// The entry, the place and what is wrong.
pub fn check(input: impl Read) -> Result<Contents, BackupError> {
    Source::new(input).walk(&mut Nowhere)
}

/// Unpacks a container into a new directory, mode 0700, its files 0600: all of it, or nothing.
///
/// Everything is written beside the target, under a temporary name, synced, and moved into place once the last byte
/// was checked; a failure removes it.
///
/// # Errors
/// [`BackupError::Exists`] where the target exists, even as an empty directory; otherwise the entry, the
/// place and what is wrong.
pub fn unpack(input: impl Read, target: &Path) -> Result<Contents, BackupError> {
    refuse_existing(target)?;
    let parent = files::parent(target);
    let mut builder = leftovers::builder();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let (temporary, _held) =
        leftovers::dir_in(&builder, &parent).map_err(BackupError::io("create a directory in", &parent))?;
    let mut directory = Directory { root: temporary.path().into(), dirs: BTreeSet::new(), open: None };
    let contents = Source::new(input).walk(&mut directory)?;
    directory.sync()?;
    // Something may have come to be there since.
    refuse_existing(target)?;
    fs::rename(temporary.path(), target).map_err(BackupError::io("create", target))?;
    // It has moved: there is nothing to remove any more.
    _ = temporary.keep();
    files::sync_dir(&parent).map_err(BackupError::io("sync", &parent))?;
    Ok(contents)
}

/// Takes the files of a container, one after the other.
trait Sink {
    fn begin(&mut self, name: &str) -> Result<(), BackupError>;
    fn take(&mut self, bytes: &[u8]) -> Result<(), BackupError>;
    fn end(&mut self) -> Result<(), BackupError>;
}

struct Nowhere;

impl Sink for Nowhere {
    fn begin(&mut self, _: &str) -> Result<(), BackupError> {
        Ok(())
    }

    fn take(&mut self, _: &[u8]) -> Result<(), BackupError> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), BackupError> {
        Ok(())
    }
}

/// A directory that nobody else writes to: there are no links in it.
struct Directory {
    root: PathBuf,
    dirs: BTreeSet<PathBuf>,
    open: Option<(PathBuf, File)>,
}

impl Sink for Directory {
    fn begin(&mut self, name: &str) -> Result<(), BackupError> {
        let path = self.root.join(name);
        let dir = files::parent(&path);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&dir).map_err(BackupError::io("create", &dir))?;
        let below = dir.ancestors().take_while(|dir| dir.starts_with(&self.root));
        self.dirs.extend(below.map(Path::to_path_buf));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(BackupError::io("create", &path))?;
        self.open = Some((path, file));
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        match &mut self.open {
            Some((path, file)) => file.write_all(bytes).map_err(BackupError::io("write", path)),
            None => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), BackupError> {
        match self.open.take() {
            Some((path, file)) => file.sync_all().map_err(BackupError::io("sync", &path)),
            None => Ok(()),
        }
    }
}

impl Directory {
    fn sync(&self) -> Result<(), BackupError> {
        self.dirs.iter().try_for_each(|dir| files::sync_dir(dir).map_err(BackupError::io("sync", dir)))
    }
}

/// A container that is being read.
struct Source<R> {
    input: R,
    offset: u64,
    /// The entry that is being read.
    file: String,
    piece: Zeroizing<Vec<u8>>,
}

/// The header as far as every version has it.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl<R: Read> Source<R> {
    fn new(input: R) -> Self {
        Self { input, offset: 0, file: HEADER_NAME.into(), piece: Zeroizing::new(vec![0; PIECE]) }
    }

    fn walk(mut self, sink: &mut impl Sink) -> Result<Contents, BackupError> {
        let size =
            self.entry(|name| (name == HEADER_NAME).then_some(()).ok_or("stands where backup.json belongs"))?;
        if size > MAX_HEADER_BYTES {
            return Err(self.corrupt("declares more bytes than it may have"));
        }
        let mut json = Zeroizing::new(Vec::with_capacity(size as usize));
        let digest = self.content(size, |bytes| {
            json.extend_from_slice(bytes);
            Ok(())
        })?;
        let header = self.header(&json)?;
        let mut sums = format::sums_line(HEADER_NAME, &digest);
        let mut contents = Contents { header, files: Vec::new() };
        let mut total = 0;
        loop {
            let size = self.entry(|name| next_name(name, &contents.files))?;
            if self.file == SUMS_NAME {
                self.sums(size, &sums)?;
                break;
            }
            if size > MAX_FILE_BYTES {
                return Err(self.corrupt("declares more than 4 GiB"));
            }
            total += size;
            if total > MAX_TOTAL_BYTES || contents.files.len() == MAX_FILES {
                return Err(self.corrupt("is one file too many, or makes the backup larger than 1 TiB"));
            }
            sink.begin(&self.file)?;
            let mut small = Small::new(size);
            let sha256 = self.content(size, |bytes| {
                small.take(bytes);
                sink.take(bytes)
            })?;
            sink.end()?;
            contents.header.check_seed(&self.file, small.content())?;
            sums.push_str(&format::sums_line(&self.file, &sha256));
            contents.files.push(PackedFile { name: self.file.clone(), bytes: size, sha256 });
        }
        let seed = contents.header.seed_file.as_deref();
        let found = |seed: &str| contents.files.binary_search_by(|file| file.name.as_str().cmp(seed)).is_ok();
        if let Some(seed) = seed.filter(|seed| !found(seed)) {
            return Err(BackupError::Header(format!("{seed}, the file of the seed, is not in the backup")));
        }
        self.end()?;
        Ok(contents)
    }

    fn header(&self, json: &[u8]) -> Result<BackupHeader, BackupError> {
        let invalid = |error: serde_json::Error| BackupError::Header(error.to_string());
        let Versioned { version } = serde_json::from_slice(json).map_err(invalid)?;
        check_version(version)?;
        let header: BackupHeader = serde_json::from_slice(json).map_err(invalid)?;
        header.check()?;
        Ok(header)
    }

    /// The header block of the next entry, whose name must pass; its size.
    fn entry(&mut self, passes: impl FnOnce(&str) -> Result<(), &'static str>) -> Result<u64, BackupError> {
        let start = self.offset;
        let mut block = [0; BLOCK];
        self.exactly(&mut block)?;
        let corrupt = |file: &str, reason: &str| BackupError::Corrupt {
            file: file.into(),
            offset: start,
            reason: reason.into(),
        };
        let place = if start == 0 { self.file.clone() } else { format!("after {}", self.file) };
        if block == [0; BLOCK] {
            return Err(corrupt(&place, "the backup ends before SHA256SUMS"));
        }
        let (name, size) = format::parse_block(&block).map_err(|reason| corrupt(&place, reason))?;
        passes(&name).map_err(|reason| corrupt(&name, reason))?;
        self.file = name;
        Ok(size)
    }

    /// The content of the entry, piece by piece, and its padding; the content's digest.
    fn content(
        &mut self,
        size: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), BackupError>,
    ) -> Result<[u8; 32], BackupError> {
        let mut hash = Sha256::new();
        let mut piece = std::mem::take(&mut self.piece);
        let mut left = size;
        while left > 0 {
            let room = left.min(PIECE as u64) as usize;
            self.exactly(&mut piece[..room])?;
            hash.update(&piece[..room]);
            take(&piece[..room])?;
            left -= room as u64;
        }
        self.piece = piece;
        let mut padding = [0; BLOCK];
        self.exactly(&mut padding[..format::padding(size)])?;
        if padding != [0; BLOCK] {
            return Err(self.corrupt("is not followed by zeros up to the next block"));
        }
        Ok(hash.finalize().into())
    }

    /// The content of the last entry, which is known.
    fn sums(&mut self, size: u64, expected: &str) -> Result<(), BackupError> {
        if size != expected.len() as u64 {
            return Err(self.corrupt("does not have a line for every file"));
        }
        let start = self.offset;
        let mut sums = Vec::with_capacity(expected.len());
        self.content(size, |bytes| {
            sums.extend_from_slice(bytes);
            Ok(())
        })?;
        let lines = expected.lines().zip(sums.split(|byte| *byte == b'\n'));
        let mut offset = start;
        for (expected, found) in lines {
            if expected.as_bytes() != found {
                let (_, name) = expected.split_once("  ").unwrap_or_default();
                let reason = "is damaged, or its digest in SHA256SUMS is".into();
                return Err(BackupError::Corrupt { file: name.into(), offset, reason });
            }
            offset += expected.len() as u64 + 1;
        }
        if sums == expected.as_bytes() { Ok(()) } else { Err(self.corrupt("is damaged")) }
    }

    /// Two empty blocks, and nothing behind them: which is also where encryption shows that nothing was cut
    /// off.
    fn end(&mut self) -> Result<(), BackupError> {
        let mut blocks = [0; 2 * BLOCK];
        self.exactly(&mut blocks)?;
        if blocks != [0; 2 * BLOCK] {
            return Err(self.corrupt("is not followed by two empty blocks"));
        }
        loop {
            match self.input.read(&mut [0]) {
                Ok(0) => return Ok(()),
                Ok(_) => return Err(self.corrupt("is followed by more than the end of the backup")),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(self.input(source)),
            }
        }
    }

    fn exactly(&mut self, mut bytes: &mut [u8]) -> Result<(), BackupError> {
        while !bytes.is_empty() {
            match self.input.read(bytes) {
                Ok(0) => return Err(self.corrupt("the backup is cut off here")),
                Ok(read) => {
                    self.offset += read as u64;
                    bytes = &mut bytes[read..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(self.input(source)),
            }
        }
        Ok(())
    }

    fn input(&self, source: io::Error) -> BackupError {
        BackupError::Input { file: self.file.clone(), offset: self.offset, source }
    }

    fn corrupt(&self, reason: &str) -> BackupError {
        BackupError::Corrupt { file: self.file.clone(), offset: self.offset, reason: reason.into() }
    }
}

/// Whether a name may follow these files.
fn next_name(name: &str, files: &[PackedFile]) -> Result<(), &'static str> {
    if name == SUMS_NAME {
        return Ok(());
    }
    format::check_name(name)?;
    if files.last().is_some_and(|last| last.name.as_str() >= name) {
        return Err("stands there twice, or in the wrong order");
    }
    let is_file = |dir: &str| files.binary_search_by(|file| file.name.as_str().cmp(dir)).is_ok();
    if name.match_indices('/').any(|(at, _)| is_file(&name[..at])) {
        return Err("lies in a directory that is a file");
    }
    Ok(())
}
