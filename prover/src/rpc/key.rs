//! Private keys, from files that only their owner can read.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use alloy_signer_local::PrivateKeySigner;
use zeroize::Zeroizing;

use super::RpcError;

/// More bytes than a key, `0x` and a line's end have.
const MAX_BYTES: usize = 80;

/// Reads a private key: 64 hexadecimal digits, `0x` before them or not. What is read is wiped; the signer wipes its own.
pub fn read_key(path: &Path) -> Result<PrivateKeySigner, RpcError> {
    let failed = |source: io::Error| RpcError::KeyFile { path: path.to_owned(), source };
    // Opened once: what is checked is what is read.
    let mut file = File::open(path).map_err(failed)?;
    check_mode(path, &file.metadata().map_err(failed)?)?;
    let mut bytes = Zeroizing::new([0u8; MAX_BYTES + 1]);
    let mut length = 0;
    while let Some(rest) = bytes.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(failed)? {
            0 => break,
            read => length += read,
        }
    }
    let content = || RpcError::KeyFileContent { path: path.to_owned() };
    let text = bytes.get(..length).filter(|text| text.len() <= MAX_BYTES).ok_or_else(content)?;
    let digits = text.trim_ascii();
    let digits = digits.strip_prefix(b"0x").unwrap_or(digits);
    let mut key = Zeroizing::new([0u8; 32]);
    // The errors of both would quote the key's digits, or say nothing more.
    hex::decode_to_slice(digits, key.as_mut()).map_err(|_| content())?;
    PrivateKeySigner::from_slice(key.as_ref()).map_err(|_| content())
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &std::fs::Metadata) -> Result<(), RpcError> {
    use std::os::unix::fs::MetadataExt;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(RpcError::KeyFileOpen { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &std::fs::Metadata) -> Result<(), RpcError> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn read(content: &[u8], mode: u32) -> Result<String, RpcError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        read_key(&path).map(|key| key.address().to_string())
    }

    /// The first key that every development node has.
    const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    #[test]
    fn a_key_is_read_of_a_file_that_only_its_owner_can_read() {
        let address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        for text in [format!("0x{KEY}\n"), KEY.to_owned(), format!("  {KEY}\r\n")] {
            assert_eq!(read(text.as_bytes(), 0o600).unwrap(), address);
            assert_eq!(read(text.as_bytes(), 0o400).unwrap(), address);
        }
        for mode in [0o640, 0o604, 0o644, 0o620, 0o610, 0o601] {
            let error = read(KEY.as_bytes(), mode).unwrap_err();
            assert!(matches!(error, RpcError::KeyFileOpen { mode: found, .. } if found == mode), "{error}");
        }
    }

    #[test]
    fn anything_else_is_refused_without_showing_it() {
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        let two = format!("{KEY}\n{KEY}\n");
        for text in
            ["", "0x", &KEY[1..], &format!("{KEY}0"), &"0".repeat(64), order, &two, &KEY.replace('a', "g")]
        {
            let error = read(text.as_bytes(), 0o600).unwrap_err();
            assert!(matches!(error, RpcError::KeyFileContent { .. }), "{error}");
            assert!(!error.to_string().contains("0974bec3"));
        }
        assert!(matches!(read_key(Path::new("/nowhere/key")), Err(RpcError::KeyFile { .. })));
    }
}
