//! Encryption with age (<https://c2sp.org/age>): every file that leaves the machine and is not public.
//!
//! An age file shows its size and how many can open it, not who. It authenticates no sender: whoever knows a
//! public key can write to it. Files are encrypted and opened in pieces of 64 KiB, so that a backup need not
//! lie in memory; what is read of a file before its end was not reached is genuine, but perhaps not all.

use std::io::{self, BufRead, BufReader, Cursor, Read, Write};

use age::{DecryptError, Decryptor, Encryptor, stream};
use zeroize::Zeroizing;

use crate::keys::{Identity, Recipient};

/// A file is encrypted to no more than this many keys.
pub const MAX_RECIPIENTS: usize = 256;

/// An age header is not longer: a recipient takes about 110 bytes.
const MAX_HEADER_BYTES: usize = 1 << 16;

/// Why a file could not be encrypted or opened.
#[derive(Debug, thiserror::Error)]
pub enum WrapError {
    /// Nobody could open the file.
    #[error("no key to encrypt to")]
    NoRecipients,
    /// More than [`MAX_RECIPIENTS`].
    #[error("{found} keys to encrypt to: at most {MAX_RECIPIENTS} are allowed")]
    TooManyRecipients {
        /// How many there are.
        found: usize,
    },
    /// Not written by age, or by a later version of it.
    #[error("not a file that age encrypted")]
    NotAge,
    /// An age file whose header is damaged, or longer than 64 KiB.
    #[error("the header of this age file is damaged")]
    Header,
    /// Encrypted to other keys.
    #[error("none of the keys given opens this file")]
    NotForUs,
    /// Changed after it was encrypted.
    #[error("damaged: this file was changed after it was encrypted")]
    Damaged,
    /// Cut off.
    #[error("cut off: this file is not whole")]
    Truncated,
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Encrypts what is written to it. Must be finished: what is dropped before cannot be opened.
pub struct Sealer<W: Write>(stream::StreamWriter<W>);

impl<W: Write> Sealer<W> {
    /// Starts a file that any of these keys opens.
    ///
    /// # Errors
    /// [`WrapError::NoRecipients`], [`WrapError::TooManyRecipients`] or those of the writer.
    pub fn new(output: W, recipients: &[Recipient]) -> Result<Self, WrapError> {
        if recipients.len() > MAX_RECIPIENTS {
            return Err(WrapError::TooManyRecipients { found: recipients.len() });
        }
        let keys = recipients.iter().map(|recipient| recipient.as_age() as &dyn age::Recipient);
        // Keys of one kind can always be combined; there being none is all that can be wrong.
        let encryptor = Encryptor::with_recipients(keys).map_err(|_| WrapError::NoRecipients)?;
        Ok(Self(encryptor.wrap_output(output)?))
    }

    /// Ends the file, and gives the writer back, flushed.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(self) -> io::Result<W> {
        let mut output = self.0.finish()?;
        output.flush()?;
        Ok(output)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Reads what a file holds. All of it is genuine once the end was reached, which a reader must therefore do.
pub struct Opener<R: Read> {
    stream: stream::StreamReader<io::Chain<Cursor<Vec<u8>>, BufReader<R>>>,
    failed: Option<io::ErrorKind>,
}

impl<R: Read> Opener<R> {
    /// Opens a file with whichever of these keys fits.
    ///
    /// # Errors
    /// [`WrapError::NotAge`], [`WrapError::Header`], [`WrapError::NotForUs`], [`WrapError::Damaged`],
    /// [`WrapError::Truncated`] or those of the reader.
    pub fn new(input: R, identities: &[Identity]) -> Result<Self, WrapError> {
        let mut input = BufReader::new(input);
        // age reads a header of any length, and parses it again for every line.
        let header = read_header(&mut input)?;
        let decryptor = Decryptor::new_buffered(Cursor::new(header).chain(input)).map_err(opening)?;
        if decryptor.is_scrypt() {
            return Err(WrapError::NotForUs);
        }
        let keys = identities.iter().map(|identity| identity.as_age() as &dyn age::Identity);
        Ok(Self { stream: decryptor.decrypt(keys).map_err(opening)?, failed: None })
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        // What comes after a piece that was changed is never given out.
        if let Some(kind) = self.failed {
            return Err(kind.into());
        }
        self.stream.read(bytes).map_err(|error| {
            self.failed = Some(error.kind());
            match error.kind() {
                io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), WrapError::Truncated),
                io::ErrorKind::InvalidData => io::Error::new(error.kind(), WrapError::Damaged),
                _ => error,
            }
        })
    }
}

/// Encrypts bytes in memory, for any of these keys to open.
///
/// # Errors
/// [`WrapError::NoRecipients`] or [`WrapError::TooManyRecipients`].
pub fn encrypt(bytes: &[u8], recipients: &[Recipient]) -> Result<Vec<u8>, WrapError> {
    let mut sealer = Sealer::new(Vec::new(), recipients)?;
    sealer.write_all(bytes)?;
    Ok(sealer.finish()?)
}

/// Opens bytes in memory; what they hold is overwritten when dropped.
///
/// # Errors
/// Those of [`Opener::new`], and [`WrapError::Damaged`] or [`WrapError::Truncated`] for what follows the
/// header.
pub fn decrypt(bytes: &[u8], identities: &[Identity]) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    let mut opener = Opener::new(bytes, identities)?;
    // Room for all of it at once, which is less than the file: a growing buffer would leave copies behind.
    let mut opened = Zeroizing::new(Vec::with_capacity(bytes.len()));
    opener.read_to_end(&mut opened).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => WrapError::Truncated,
        io::ErrorKind::InvalidData => WrapError::Damaged,
        _ => WrapError::Io(error),
    })?;
    Ok(opened)
}

/// The header's lines: the last one starts with `---`, as no other does.
fn read_header(input: &mut impl BufRead) -> Result<Vec<u8>, WrapError> {
    const MAGIC: &[u8] = b"age-encryption.org/v1\n";
    let mut header = Vec::new();
    loop {
        let start = header.len();
        // One byte more than allowed, to tell a longer header from one that ends there.
        let room = (MAX_HEADER_BYTES + 1 - start) as u64;
        input.by_ref().take(room).read_until(b'\n', &mut header)?;
        if !MAGIC.starts_with(&header) && !header.starts_with(MAGIC) {
            return Err(WrapError::NotAge);
        }
        if header.len() > MAX_HEADER_BYTES {
            return Err(WrapError::Header);
        }
        if header.last() != Some(&b'\n') || header.len() == start {
            return Err(WrapError::Truncated);
        }
        if header[start..].starts_with(b"---") {
            return Ok(header);
        }
    }
}

fn opening(error: DecryptError) -> WrapError {
    match error {
        DecryptError::NoMatchingKeys => WrapError::NotForUs,
        DecryptError::InvalidMac | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
            WrapError::Damaged
        }
        DecryptError::UnknownFormat => WrapError::NotAge,
        DecryptError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => WrapError::Truncated,
        DecryptError::Io(error) => WrapError::Io(error),
        _ => WrapError::Header,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_core::OsRng;

    fn identity() -> Identity {
        Identity::generate(&mut OsRng).unwrap()
    }

    #[test]
    fn what_is_encrypted_opens_with_each_key_and_no_other() {
        let identities: Vec<_> = std::iter::repeat_with(identity).take(3).collect();
        let recipients: Vec<_> = identities.iter().map(Identity::recipient).collect();
        // Around the size of a piece, and several.
        for length in [0, 1, 65_535, 65_536, 65_537, 200_000] {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 7 % 251) as u8).collect();
            let file = encrypt(&bytes, &recipients[..2]).unwrap();
            for identity in &identities[..2] {
                assert_eq!(*decrypt(&file, std::slice::from_ref(identity)).unwrap(), bytes);
            }
            assert!(matches!(decrypt(&file, &identities[2..]), Err(WrapError::NotForUs)));
            assert_eq!(*decrypt(&file, &identities).unwrap(), bytes);
            assert!(matches!(decrypt(&file, &[]), Err(WrapError::NotForUs)));
            // Encrypted again it is another file.
            assert_ne!(encrypt(&bytes, &recipients[..2]).unwrap(), file);
        }
    }

    #[test]
    fn numbers_of_recipients_have_bounds() {
        assert!(matches!(encrypt(b"", &[]), Err(WrapError::NoRecipients)));
        let identity = identity();
        let recipients = vec![identity.recipient(); MAX_RECIPIENTS + 1];
        assert!(matches!(encrypt(b"", &recipients), Err(WrapError::TooManyRecipients { found: 257 })));
        let file = encrypt(b"to many", &recipients[1..]).unwrap();
        assert_eq!(&*decrypt(&file, &[identity]).unwrap(), b"to many");
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_refused() {
        let identities = [identity()];
        let file = encrypt(b"forty-two units to each of them", &[identities[0].recipient()]).unwrap();
        for i in 0..file.len() {
            let mut changed = file.clone();
            changed[i] ^= 1;
            assert!(decrypt(&changed, &identities).is_err(), "byte {i}");
            let cut = decrypt(&file[..i], &identities).unwrap_err();
            let ending = matches!(cut, WrapError::Truncated | WrapError::Damaged | WrapError::Header);
            assert!(ending, "length {i}: {cut:?}");
        }
        let longer = [file.as_slice(), b"x"].concat();
        assert!(matches!(decrypt(&longer, &identities), Err(WrapError::Damaged)));
    }

    #[test]
    fn a_file_cut_between_two_pieces_is_refused() {
        let identities = [identity()];
        let file = encrypt(&[9; 200_000], &[identities[0].recipient()]).unwrap();
        let header = file.len() - 200_000 - 4 * 16;
        for pieces in [1, 2] {
            let cut = &file[..header + pieces * (65_536 + 16)];
            assert!(matches!(decrypt(cut, &identities), Err(WrapError::Truncated)));
            let mut opener = Opener::new(cut, &identities).unwrap();
            let error = io::copy(&mut opener, &mut io::sink()).unwrap_err();
            assert_eq!(error.to_string(), "cut off: this file is not whole");
            assert!(opener.read(&mut [0; 8]).is_err());
        }
        // Two pieces that changed places.
        let mut swapped = file.clone();
        let (first, second) = swapped[header..].split_at_mut(65_552);
        first.swap_with_slice(&mut second[..65_552]);
        let mut opener = Opener::new(&*swapped, &identities).unwrap();
        let error = opener.read(&mut [0; 8]).unwrap_err();
        assert_eq!(error.to_string(), "damaged: this file was changed after it was encrypted");
    }

    #[test]
    fn other_files_and_endless_headers_are_refused() {
        let identities = [identity()];
        for bytes in [&b"#!/bin/sh\n"[..], b"age-encryption.org/v2\n", b"age-encryption.org/v1"] {
            let error = decrypt(bytes, &identities).unwrap_err();
            let expected = bytes.ends_with(b"v1");
            assert!(matches!(error, WrapError::Truncated) == expected, "{error:?}");
            assert!(matches!(error, WrapError::NotAge) != expected, "{error:?}");
        }
        let start = Cursor::new(b"age-encryption.org/v1\n".to_vec());
        let endless = start.chain(io::repeat(b'a'));
        assert!(matches!(Opener::new(endless, &identities), Err(WrapError::Header)));
        let lines = io::repeat(b'\n');
        let endless = Cursor::new(b"age-encryption.org/v1\n".to_vec()).chain(lines);
        assert!(matches!(Opener::new(endless, &identities), Err(WrapError::Header)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let identities = [identity()];
            prop_assert!(decrypt(&bytes, &identities).is_err());
            let header = [b"age-encryption.org/v1\n".as_slice(), &bytes].concat();
            prop_assert!(decrypt(&header, &identities).is_err());
            let header = [b"age-encryption.org/v1\n-> X25519 ".as_slice(), &bytes, b"\n--- "].concat();
            prop_assert!(decrypt(&header, &identities).is_err());
        }
    }
}
