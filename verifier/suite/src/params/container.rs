//! The file format of cached parameters, the same for both suites.
//!
//! | offset | bytes | content |
//! | --- | --- | --- |
//! | 0 | 16 | magic `apportion-params` |
//! | 16 | 4 | format version, little-endian like every integer here: 2 |
//! | 20 | 4 | suite id: 1 bn254, 2 pasta |
//! | 24 | 4 | k |
//! | 28 | 4 | provenance code (a claim; recomputed from the points when read) |
//! | 32 | 32 | SHA-256 of the file it was imported from, or zeros |
//! | 64 | | body, its length fixed by suite and k |
//! | end - 32 | 32 | SHA-256 of everything before |

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::Reason;
use super::{Suite, check_k};

pub(crate) const MAGIC: &[u8; 16] = b"apportion-params";
pub(crate) const VERSION: u32 = 2;
pub(crate) const HEADER_LEN: usize = 64;
pub(crate) const DIGEST_LEN: usize = 32;

/// The first 64 bytes, after magic and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) suite: Suite,
    pub(crate) k: u32,
    pub(crate) provenance: u32,
    pub(crate) source: Option<[u8; 32]>,
}

/// A file whose header, length and digest are in order. Its points are not checked yet.
pub(crate) struct Contents {
    pub(crate) header: Header,
    bytes: Vec<u8>,
}

impl Contents {
    pub(crate) fn body(&self) -> &[u8] {
        self.bytes.get(HEADER_LEN..self.bytes.len() - DIGEST_LEN).unwrap_or_default()
    }
}

impl Header {
    fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        out[..16].copy_from_slice(MAGIC);
        for (i, word) in [VERSION, self.suite.id(), self.k, self.provenance].into_iter().enumerate() {
            out[16 + 4 * i..20 + 4 * i].copy_from_slice(&word.to_le_bytes());
        }
        out[32..].copy_from_slice(&self.source.unwrap_or_default());
        out
    }

    fn from_bytes(bytes: &[u8; HEADER_LEN]) -> Result<Self, Reason> {
        if bytes[..16] != MAGIC[..] {
            return Err(Reason::Magic { expected: "apportion-params" });
        }
        let word = |i: usize| u32::from_le_bytes([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
        if word(16) != VERSION {
            return Err(Reason::Version { found: word(16), supported: VERSION });
        }
        let suite = Suite::from_id(word(20))?;
        let k = check_k(word(24))?;
        let mut source = [0; 32];
        source.copy_from_slice(&bytes[32..]);
        let source = (source != [0; 32]).then_some(source);
        Ok(Self { suite, k, provenance: word(28), source })
    }
}

/// Opens a regular file for reading and returns its length. Refuses pipes and directories, which have no
/// length to hold a header against.
pub(crate) fn open(path: &Path) -> Result<(File, u64), Reason> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(Reason::NotAFile);
    }
    Ok((file, meta.len()))
}

/// Reads a file of the given suite (any suite if `None`). Nothing is allocated before the real length is
/// known to be the one that the declared `k` needs.
pub(crate) fn read(path: &Path, suite: Option<Suite>) -> Result<Contents, Reason> {
    let (mut file, found) = open(path)?;
    let overhead = (HEADER_LEN + DIGEST_LEN) as u64;
    if found < overhead {
        return Err(Reason::Length { expected: overhead, found });
    }
    let mut head = [0; HEADER_LEN];
    file.read_exact(&mut head)?;
    let header = Header::from_bytes(&head)?;
    if let Some(suite) = suite
        && suite != header.suite
    {
        return Err(Reason::Suite { found: header.suite.id(), expected: suite.id() });
    }
    let expected = overhead + header.suite.body_len(header.k);
    if found != expected {
        return Err(Reason::Length { expected, found });
    }
    let mut bytes = vec![0; expected as usize];
    bytes[..HEADER_LEN].copy_from_slice(&head);
    file.read_exact(&mut bytes[HEADER_LEN..])?;
    let (content, digest) = bytes.split_at(bytes.len() - DIGEST_LEN);
    if Sha256::digest(content).as_slice() != digest {
        return Err(Reason::Digest);
    }
    Ok(Contents { header, bytes })
}

/// Writes a file so that a reader sees either the old or the whole new one. Returns the digest.
pub(crate) fn write(
    path: &Path,
    header: Header,
    body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<[u8; 32], Reason> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    fs::create_dir_all(dir)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".params-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Parameters are public; the default of a temporary file would hide them from other users.
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut temp = builder.tempfile_in(dir)?;
    let mut out = HashingWriter { inner: BufWriter::new(temp.as_file_mut()), hash: Sha256::new() };
    let digest = seal(&mut out, header, body)?;
    out.inner.write_all(&digest)?;
    out.inner.flush()?;
    drop(out);
    temp.as_file().sync_all()?;
    temp.persist(path).map_err(|e| Reason::Io(e.error))?;
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    Ok(digest)
}

/// The digest that [`write`] would store.
pub(crate) fn digest(
    header: Header,
    body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<[u8; 32], Reason> {
    seal(&mut HashingWriter { inner: io::sink(), hash: Sha256::new() }, header, body)
}

fn seal<W: Write>(
    out: &mut HashingWriter<W>,
    header: Header,
    body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<[u8; 32], Reason> {
    out.write_all(&header.to_bytes())?;
    body(out)?;
    Ok(out.hash.clone().finalize().into())
}

struct HashingWriter<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buf)?;
        self.hash.update(&buf[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// SHA-256 of a whole open file, in constant memory.
pub(crate) fn sha256_of(file: &mut File) -> io::Result<[u8; 32]> {
    use std::io::Seek;
    file.rewind()?;
    let mut hash = Sha256::new();
    io::copy(file, &mut hash)?;
    Ok(hash.finalize().into())
}
