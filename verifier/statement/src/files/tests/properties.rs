use proptest::prelude::*;

use crate::files::*;
use crate::policy::Policy;
use crate::samples::receipt;

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes: Vec<u8>, header in any::<bool>()) {
        let bytes = if header { [&BLOB_MAGIC[..], &[0, 1], &bytes].concat() } else { bytes };
        let _ = ProofBlob::from_bytes(&bytes);
        let _ = LedgerDoc::from_json(&bytes);
        let _ = RevisionDoc::from_json(&bytes);
        let _ = EpochDoc::from_json(&bytes);
        let _ = ReceiptDoc::from_json(&bytes);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let _ = Policy::from_toml(text);
        }
    }

    #[test]
    fn flipped_receipts_are_refused_or_say_something_else(position: prop::sample::Index, bit in 0u8..8) {
        let mut bytes = receipt().to_json();
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        if let Ok(other) = ReceiptDoc::from_json(&bytes) {
            // White space and the case of hex digits carry nothing.
            let blank = receipt().to_json()[position].is_ascii_whitespace();
            prop_assert!(other != receipt() || blank || bit == 5);
        }
    }
}
