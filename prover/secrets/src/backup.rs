//! Backups: one file that holds many, and that can be checked without being unpacked.
//!
//! The container is a tar file of the plainest kind (POSIX.1-1988 `ustar`), so that whoever has lost this
//! program still gets at the files: `age --decrypt -i KEY BACKUP | tar x && sha256sum --check SHA256SUMS`. In
//! it lie, in this order: `backup.json`, a [`BackupHeader`]; the files, their names ascending; `SHA256SUMS`,
//! a line for each of the others; two empty blocks. Nothing follows.
//!
//! It is written and read here, not by a crate for tar files: those read links, devices, sparse files,
//! extended headers and several spellings of each field, all of which would have to be refused one by one.
//! Here a header is compared with the one that its name and size have, and so every byte of a backup is
//! determined by the names and contents of its files.
//!
//! The digests find accidents. That nobody else changed the backup is what encryption shows
//! ([`crate::wrap`]), as far as only trusted people know the public key; the seed's id in the header says
//! whose it is.

mod format;
mod read;

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use self::format::{BLOCK, HEADER_NAME, SUMS_NAME};
pub use self::read::{check, unpack};
use crate::{
    files,
    keys::{Identity, Recipient},
    names::LedgerId,
    seed::{MAX_FILE_BYTES as MAX_SEED_BYTES, Seed, SeedError, SeedId, SeedTextError},
    wrap::{Opener, Sealer, WrapError},
};

/// The version of the container that this code writes and reads.
pub const BACKUP_VERSION: u32 = 1;
/// A backup holds no more files.
pub const MAX_FILES: usize = 1 << 20;
/// No file in a backup is longer: 4 GiB.
pub const MAX_FILE_BYTES: u64 = 1 << 32;
/// The files of a backup are not longer together: 1 TiB.
pub const MAX_TOTAL_BYTES: u64 = 1 << 40;
const MAX_HEADER_BYTES: u64 = 1 << 16;
const MAX_CREATOR_CHARACTERS: usize = 100;
const PIECE: usize = 1 << 16;

/// What a backup is of. The first entry, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupHeader {
    /// [`BACKUP_VERSION`].
    pub version: u32,
    /// The ledger.
    pub ledger: LedgerId,
    /// The ledger's last epoch.
    pub epoch: u32,
    /// The tool that made the backup and its version, at most 100 printable characters.
    pub created_by: String,
    /// The seed that the ledger's secrets follow from.
    pub seed_id: SeedId,
    /// The file that holds this seed; `None` where the seed is not in the backup and must be kept elsewhere.
    pub seed_file: Option<String>,
}

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// What it is of.
    pub header: BackupHeader,
    /// Its files, names ascending.
    pub files: Vec<PackedFile>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedFile {
    /// Its path below the directory that was packed, with slashes.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
}

/// Why a backup could not be made, checked or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or directory could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The container could not be written.
    #[error("cannot write the backup: {0}")]
    Output(io::Error),
    /// The container could not be read, or its encryption is damaged.
    #[error("{file}, byte {offset} of the backup: {source}")]
    Input {
        /// The entry that was being read.
        file: String,
        /// Where, in bytes from the start of the container.
        offset: u64,
        /// Why it failed.
        source: io::Error,
    },
    /// The container could not be encrypted or decrypted.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// A file that no backup may hold.
    #[error("{name:?} cannot be in a backup: it {reason}")]
    Unfit {
        /// Its name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// The header says what cannot be.
    #[error("the backup's header: {0}")]
    Header(String),
    /// A container that no [`pack`] made, or that was damaged since.
    #[error("{file:?}, byte {offset} of the backup: {reason}")]
    Corrupt {
        /// The entry.
        file: String,
        /// Where, in bytes from the start of the container.
        offset: u64,
        /// What is wrong.
        reason: String,
    },
    /// The seed in the backup is not the one that the header names, or is none.
    #[error("the seed in the backup: {0}")]
    Seed(#[from] SeedError),
    /// Nothing is overwritten.
    #[error("{} exists already; nothing is overwritten", path.display())]
    Exists {
        /// What exists.
        path: PathBuf,
    },
}

impl BackupError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.into(), source }
    }
}

impl BackupHeader {
    fn check(&self) -> Result<(), BackupError> {
        check_version(self.version)?;
        let printable = self.created_by.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if !printable || self.created_by.len() > MAX_CREATOR_CHARACTERS {
            return Err(BackupError::Header("its creator is not 100 printable characters".into()));
        }
        Ok(())
    }

    /// That a file whose content may be a seed is one if and only if the header says so.
    fn check_seed(&self, name: &str, content: Option<&[u8]>) -> Result<(), BackupError> {
        let path = Path::new(name);
        match (self.seed_file.as_deref() == Some(name), content) {
            (true, Some(content)) => Seed::from_file_content(path, content)?.expect(self.seed_id)?,
            (true, None) => {
                return Err(SeedError::Text { path: path.into(), reason: SeedTextError::TooLong }.into());
            }
            (false, Some(content)) => {
                let seed = Seed::from_file_content(path, content);
                if seed.is_ok_and(|seed| seed.id() == self.seed_id) {
                    return Err(BackupError::Header(format!("{name} holds the seed, which it does not say")));
                }
            }
            (false, None) => {}
        }
        Ok(())
    }
}

/// Writes a backup of files below a directory: their paths relative to it, with slashes, in any order.
///
/// Nothing but plain files is packed, and a file that changes while it is read is noticed. The container is
/// not encrypted: see [`save`].
///
/// # Errors
/// The file and what is wrong with it; what was written until then is no backup.
pub fn pack(
    root: &Path,
    names: &[impl AsRef<str>],
    header: &BackupHeader,
    output: &mut impl Write,
) -> Result<Contents, BackupError> {
    header.check()?;
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    let unfit = |name: &str, reason| BackupError::Unfit { name: name.into(), reason };
    if names.len() > MAX_FILES {
        return Err(BackupError::Header(format!("{} files: at most {MAX_FILES} are allowed", names.len())));
    }
    for name in &names {
        format::check_name(name).map_err(|reason| unfit(name, reason))?;
    }
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(unfit(twice[0], "is listed twice"));
    }
    if let Some(seed) = header.seed_file.as_deref().filter(|seed| names.binary_search(seed).is_err()) {
        return Err(BackupError::Header(format!("{seed}, the file of the seed, is not in the backup")));
    }
    let json = serde_json::to_vec_pretty(header).map_err(|error| BackupError::Header(error.to_string()))?;
    let mut sums = String::new();
    let digest = write_entry(output, HEADER_NAME, &json)?;
    sums.push_str(&format::sums_line(HEADER_NAME, &digest));
    let mut contents = Contents { header: header.clone(), files: Vec::with_capacity(names.len()) };
    let mut total = 0;
    for name in names {
        let file = pack_file(root, name, header, output)?;
        total += file.bytes;
        if total > MAX_TOTAL_BYTES {
            return Err(unfit(name, "makes the backup larger than 1 TiB"));
        }
        sums.push_str(&format::sums_line(name, &file.sha256));
        contents.files.push(file);
    }
    write_entry(output, SUMS_NAME, sums.as_bytes())?;
    output.write_all(&[0; 2 * BLOCK]).map_err(BackupError::Output)?;
    Ok(contents)
}

/// Writes an encrypted backup as a new file, mode 0600, whole or not at all.
///
/// # Errors
/// [`BackupError::Exists`] where something has that name, or those of [`pack`] and [`Sealer::new`].
pub fn save(
    path: &Path,
    recipients: &[Recipient],
    root: &Path,
    names: &[impl AsRef<str>],
    header: &BackupHeader,
) -> Result<Contents, BackupError> {
    refuse_existing(path)?;
    let mut file = files::begin_new(path).map_err(BackupError::io("create", path))?;
    let mut sealer = Sealer::new(io::BufWriter::with_capacity(PIECE, &mut file), recipients)?;
    let contents = pack(root, names, header, &mut sealer)?;
    sealer.finish().map_err(BackupError::Output)?;
    files::finish_new(file, path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path: path.into() },
        _ => BackupError::Io { action: "create", path: path.into(), source },
    })?;
    Ok(contents)
}

/// Unpacks an encrypted backup into a new directory: [`unpack`] of what [`Opener`] reads.
///
/// # Errors
/// Those of [`unpack`] and [`Opener::new`].
pub fn restore(path: &Path, identities: &[Identity], target: &Path) -> Result<Contents, BackupError> {
    unpack(Opener::new(open(path)?, identities)?, target)
}

/// Reads an encrypted backup to its end and checks every byte of it; nothing is written. A backup that was
/// never read is a hope.
///
/// # Errors
/// Those of [`check`] and [`Opener::new`].
pub fn verify(path: &Path, identities: &[Identity]) -> Result<Contents, BackupError> {
    check(Opener::new(open(path)?, identities)?)
}

/// The names of all plain files below a directory, as [`pack`] takes them, ascending. What interrupted
/// commands left (`.tmp-`) is passed over.
///
/// # Errors
/// [`BackupError::Unfit`] for links and for everything else that is neither file nor directory, or
/// [`BackupError::Io`].
pub fn list(root: &Path) -> Result<Vec<String>, BackupError> {
    let mut names = Vec::new();
    list_below(root, "", &mut names)?;
    names.sort_unstable();
    Ok(names)
}

fn list_below(dir: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), BackupError> {
    for entry in fs::read_dir(dir).map_err(BackupError::io("read", dir))? {
        let entry = entry.map_err(BackupError::io("read", dir))?;
        let kind = entry.file_type().map_err(BackupError::io("read", &entry.path()))?;
        let component = entry.file_name();
        let name = format!("{prefix}{}", component.to_string_lossy());
        if component.to_string_lossy().starts_with(files::TEMP_PREFIX) {
            continue;
        }
        if kind.is_dir() {
            list_below(&entry.path(), &format!("{name}/"), names)?;
        } else if kind.is_file() {
            names.push(name);
        } else {
            return Err(BackupError::Unfit { name, reason: "is a link, or no plain file" });
        }
    }
    Ok(())
}

fn pack_file(
    root: &Path,
    name: &str,
    header: &BackupHeader,
    output: &mut impl Write,
) -> Result<PackedFile, BackupError> {
    let unfit = |reason| BackupError::Unfit { name: name.into(), reason };
    let mut path = root.to_path_buf();
    for component in name.split('/') {
        path.push(component);
        let kind = fs::symlink_metadata(&path).map_err(BackupError::io("read", &path))?;
        if kind.is_symlink() {
            return Err(unfit("is a link, or lies behind one"));
        }
    }
    let mut file = File::open(&path).map_err(BackupError::io("read", &path))?;
    let metadata = file.metadata().map_err(BackupError::io("read", &path))?;
    if !metadata.is_file() {
        return Err(unfit("is no plain file"));
    }
    let bytes = metadata.len();
    if bytes > MAX_FILE_BYTES {
        return Err(unfit("is longer than 4 GiB"));
    }
    let block = format::block(name, bytes).map_err(unfit)?;
    output.write_all(&block).map_err(BackupError::Output)?;
    let mut small = Small::new(bytes);
    let mut hash = Sha256::new();
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    let mut left = bytes;
    loop {
        // At the end one byte is asked for, to notice a file that has grown.
        let room = left.clamp(1, PIECE as u64) as usize;
        let read = match file.read(&mut piece[..room]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(BackupError::io("read", &path))?,
        };
        match (left, read) {
            (0, 0) => break,
            (0, _) | (_, 0) => return Err(unfit("changed while it was being read")),
            _ => {}
        }
        hash.update(&piece[..read]);
        small.take(&piece[..read]);
        output.write_all(&piece[..read]).map_err(BackupError::Output)?;
        left -= read as u64;
    }
    output.write_all(&[0; BLOCK][..format::padding(bytes)]).map_err(BackupError::Output)?;
    header.check_seed(name, small.content())?;
    Ok(PackedFile { name: name.into(), bytes, sha256: hash.finalize().into() })
}

fn write_entry(output: &mut impl Write, name: &str, content: &[u8]) -> Result<[u8; 32], BackupError> {
    let size = content.len() as u64;
    let block =
        format::block(name, size).map_err(|reason| BackupError::Unfit { name: name.into(), reason })?;
    for bytes in [&block, content, &[0; BLOCK][..format::padding(size)]] {
        output.write_all(bytes).map_err(BackupError::Output)?;
    }
    Ok(Sha256::digest(content).into())
}

/// The content of a file that is short enough to be a seed's.
struct Small(Option<Zeroizing<Vec<u8>>>);

impl Small {
    fn new(bytes: u64) -> Self {
        let room = usize::try_from(bytes).ok().filter(|bytes| *bytes <= MAX_SEED_BYTES);
        Self(room.map(|room| Zeroizing::new(Vec::with_capacity(room))))
    }

    fn take(&mut self, bytes: &[u8]) {
        if let Some(content) = &mut self.0 {
            content.extend_from_slice(bytes);
        }
    }

    fn content(&self) -> Option<&[u8]> {
        self.0.as_ref().map(|content| content.as_slice())
    }
}

fn open(path: &Path) -> Result<File, BackupError> {
    File::open(path).map_err(BackupError::io("read", path))
}

fn check_version(version: u32) -> Result<(), BackupError> {
    if version == BACKUP_VERSION {
        return Ok(());
    }
    Err(BackupError::Header(format!("version {version}, this program knows {BACKUP_VERSION}")))
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(BackupError::Exists { path: path.into() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(BackupError::Io { action: "look at", path: path.into(), source }),
    }
}
