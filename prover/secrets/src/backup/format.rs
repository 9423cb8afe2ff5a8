//! The container's bytes: names that it may hold, and the one header block that a name and a size have.

use crate::files::TEMP_PREFIX;

/// Everything in a tar file comes in blocks of 512 bytes.
pub(super) const BLOCK: usize = 512;
/// The first entry: a [`super::BackupHeader`].
pub(super) const HEADER_NAME: &str = "backup.json";
/// The last entry: the digests of all others, as `sha256sum --check` reads them.
pub(super) const SUMS_NAME: &str = "SHA256SUMS";

const NAME_BYTES: usize = 100;
const PREFIX_BYTES: usize = 155;

/// Whether a file in a backup may have that name, and why not.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() {
        return Err("is empty");
    }
    if name.starts_with('/') {
        return Err("is an absolute path");
    }
    if !name.bytes().all(|byte| plain(byte) || byte == b'/') {
        return Err("holds a character other than letters, digits, dot, hyphen and underscore");
    }
    for component in name.split('/') {
        match component {
            "" => return Err("has an empty component"),
            "." | ".." => return Err("has a component . or .."),
            _ if component.starts_with(TEMP_PREFIX) => return Err("is that of a temporary file"),
            _ => {}
        }
    }
    if [HEADER_NAME, SUMS_NAME].iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err("is kept for the backup itself");
    }
    split(name).map(|_| ())
}

/// The header block of a file: POSIX.1-1988 `ustar`, a regular file of mode 0600 that belongs to user and
/// group 0, last changed in 1970. Two files of the same name and size have the same header.
pub(super) fn block(name: &str, size: u64) -> Result<[u8; BLOCK], &'static str> {
    let (prefix, rest) = split(name)?;
    // Eleven octal digits.
    if size >= 1 << 33 {
        return Err("is longer than 8 GiB");
    }
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, rest.as_bytes());
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    put(345, prefix.as_bytes());
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

/// The name and the size in a header block, provided that it is, byte for byte, the block which they have:
/// links, other owners and modes, extended headers and second spellings are all refused at once.
pub(super) fn parse_block(found: &[u8; BLOCK]) -> Result<(String, u64), &'static str> {
    const REASON: &str = "is not the header of a plain file as a backup writes it";
    let text = |range: std::ops::Range<usize>| {
        let field = found[range].split(|byte| *byte == 0).next().unwrap_or_default();
        std::str::from_utf8(field).map_err(|_| REASON)
    };
    let (rest, prefix) = (text(0..100)?, text(345..500)?);
    let name = if prefix.is_empty() { rest.to_owned() } else { format!("{prefix}/{rest}") };
    let size = u64::from_str_radix(text(124..136)?, 8).map_err(|_| REASON)?;
    if block(&name, size) == Ok(*found) { Ok((name, size)) } else { Err(REASON) }
}

/// The two fields that hold a name: one of 100 bytes, before which stands one of 155 if it must.
fn split(name: &str) -> Result<(&str, &str), &'static str> {
    if name.len() <= NAME_BYTES {
        return Ok(("", name));
    }
    let fits = |at: &usize| name.len() - at - 1 <= NAME_BYTES;
    name.match_indices('/')
        .map(|(at, _)| at)
        .find(fits)
        .filter(|at| *at <= PREFIX_BYTES)
        .map(|at| (&name[..at], &name[at + 1..]))
        .ok_or("is too long")
}

/// Zero bytes between the end of a file of that size and the next block.
pub(super) fn padding(size: u64) -> usize {
    // Below 512.
    (size.wrapping_neg() % BLOCK as u64) as usize
}

/// A file's line in [`SUMS_NAME`].
pub(super) fn sums_line(name: &str, digest: &[u8; 32]) -> String {
    format!("{}  {name}\n", hex::encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_relative_names_pass() {
        let long = format!("{}/{}", "d".repeat(155), "f".repeat(100));
        for name in ["a", "balances/000007/0-61.bin", ".gitignore", "a..b/c-d_e", &long] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for (name, reason) in [
            ("", "is empty"),
            ("/etc/passwd", "absolute"),
            ("../up", ". or .."),
            ("a/../../b", ". or .."),
            ("a/./b", ". or .."),
            ("a//b", "empty component"),
            ("a/", "empty component"),
            ("a\\..\\b", "other than letters"),
            ("C:evil", "other than letters"),
            ("a\0b", "other than letters"),
            ("a\nb", "other than letters"),
            ("\u{fc}ber", "other than letters"),
            ("x/.tmp-1/y", "temporary"),
            ("backup.json", "kept for the backup"),
            ("Sha256sums", "kept for the backup"),
            (&"f".repeat(101), "too long"),
            (&format!("{}/{}", "d".repeat(156), "f".repeat(100)), "too long"),
            (&"a/".repeat(200), "empty component"),
        ] {
            assert!(check_name(name).unwrap_err().contains(reason), "{name}");
        }
    }

    #[test]
    fn a_block_is_read_back_and_no_other_block_is() {
        for (name, size) in
            [("a", 0), ("private/seed.txt", 75), (&*format!("{}/x", "d/".repeat(70)), (1 << 33) - 1)]
        {
            let good = block(name, size).unwrap();
            assert_eq!(parse_block(&good), Ok((name.to_owned(), size)));
            for i in 0..BLOCK {
                for bit in [1, 0x20, 0x80] {
                    let mut changed = good;
                    changed[i] ^= bit;
                    assert!(parse_block(&changed).is_err(), "byte {i}");
                }
            }
        }
        assert!(block("a", 1 << 33).is_err());
        assert_eq!([0, 1, 511, 512, 513].map(padding), [0, 511, 1, 0, 511]);
        // Other ways to write the same, each with a checksum that fits.
        let mut link = block("a", 0).unwrap();
        link[156] = b'2';
        link[157] = b'b';
        let mut blank = block("a", 0).unwrap();
        blank[135] = b' ';
        for mut other in [link, blank] {
            other[148..156].fill(b' ');
            let sum: u32 = other.iter().map(|byte| u32::from(*byte)).sum();
            other[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            assert!(parse_block(&other).is_err());
        }
    }
}
