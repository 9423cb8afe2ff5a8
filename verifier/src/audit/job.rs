//! One proof to verify: what it must prove, and which commitments must stand in it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use apportion_circuits::types::{Tier, Word};
use apportion_statement::{
    CheckId, Commitment, RelationId,
    files::{BLOB_OVERHEAD, Fault, InputError, KeysDir, ProofBlob, read_file, sha256},
    history::check_link,
};

use super::{AuditSuite, KeyRing, Verifying};
use crate::report::{AuditError, Check};

/// A proof to verify.
pub(super) struct Job<F> {
    /// Where it belongs, for people.
    pub(super) place: String,
    /// The check that it makes.
    pub(super) id: CheckId,
    /// The relation.
    pub(super) relation: RelationId,
    /// The tier.
    pub(super) tier: Tier,
    /// Where its key is.
    pub(super) keys: Arc<KeysDir>,
    /// The public inputs.
    pub(super) public: Vec<F>,
    /// The proof's file.
    pub(super) file: PathBuf,
    /// The digest that its document names.
    pub(super) sha256: Word,
    /// What the linked columns must be, where anything is known of them; in the columns' order.
    pub(super) links: Vec<Option<(CheckId, Commitment)>>,
}

impl<F: apportion_circuits::field::SuiteField> Job<F> {
    /// Reads and verifies. Everything that fails is a check; only what cannot be read or judged is an error.
    pub(super) fn run<S: AuditSuite<F = F>>(&self, ring: &KeyRing<S>) -> (Vec<Check>, Option<AuditError>) {
        let mut checks = Vec::new();
        let error = self.checks(ring, &mut checks).err();
        (checks, error)
    }

    fn checks<S: AuditSuite<F = F>>(
        &self,
        ring: &KeyRing<S>,
        checks: &mut Vec<Check>,
    ) -> Result<(), AuditError> {
        let verifying = ring.of(self.relation, self.tier)?;
        let blob = self.read(verifying.proof_bytes, checks)?;
        self.check_header(&blob, verifying)?;
        match S::verify(&verifying.params, &verifying.key, &self.public, &blob.proof) {
            Err(error) => checks.push(Check::failed(self.id, &self.place, error)),
            Ok(columns) => {
                checks.push(Check::ok(self.id, &self.place));
                let links = self.links.iter().zip(&columns);
                checks.extend(links.filter_map(|(link, found)| {
                    let (id, expected) = link.as_ref()?;
                    Some(Check::of(*id, &self.place, check_link(*id, expected, found)))
                }));
            }
        }
        Ok(())
    }

    /// The file, whose digest is checked on the way.
    fn read(&self, proof_bytes: usize, checks: &mut Vec<Check>) -> Result<ProofBlob, AuditError> {
        let expected = (proof_bytes + BLOB_OVERHEAD) as u64;
        // Room for a file whose line ends were converted, so that this can be told from any other damage.
        let bytes = read_file(&self.file, 2 * expected)?;
        let found = bytes.len() as u64;
        if found != expected {
            let fault = Fault::Length { found, expected };
            return Err(match line_ends(&bytes, self.sha256) {
                Some(hint) => InputError::value(&self.file, format!("{fault}: {hint}")),
                None => InputError::new(&self.file, fault),
            }
            .into());
        }
        checks.push(check_digest(&self.place, &self.file, &bytes, self.sha256));
        Ok(ProofBlob::from_bytes(&bytes).map_err(|error| InputError::new(&self.file, error.into()))?)
    }

    /// The file is what its place says. Its key is the one in use: a proof under another key says nothing.
    fn check_header<S: AuditSuite>(
        &self,
        blob: &ProofBlob,
        verifying: &Verifying<S>,
    ) -> Result<(), AuditError> {
        if (blob.suite, blob.relation, blob.tier) != (S::ID, self.relation, self.tier) {
            let text = format!(
                "a proof of {}-{} in suite {} where one of {}-{} in suite {} is expected",
                blob.relation,
                blob.tier,
                blob.suite,
                self.relation,
                self.tier,
                S::ID
            );
            return Err(InputError::value(&self.file, text).into());
        }
        if (blob.table_digest, blob.key_digest) != (verifying.table_digest, verifying.key_digest) {
            let text = format!("{}: made with another key than the one in keys/", self.file.display());
            return Err(AuditError::NotCheckable(text));
        }
        Ok(())
    }
}

/// file.digest.
pub(super) fn check_digest(place: &str, file: &Path, bytes: &[u8], expected: Word) -> Check {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let found = sha256(bytes);
    let place = format!("{place} {name}");
    if found == expected {
        return Check::ok(CheckId::FileDigest, place);
    }
    let hint = line_ends(bytes, expected).map_or(String::new(), |hint| format!(" ({hint})"));
    Check::failed(
        CheckId::FileDigest,
        &place,
        format!("SHA-256 is {found}, its document names {expected}{hint}"),
    )
}

/// Says so where bytes have the expected digest but for line ends that some tool converted.
pub(super) fn line_ends(bytes: &[u8], expected: Word) -> Option<&'static str> {
    (sha256(&without_returns(bytes)) == expected).then_some(
        "its line ends were converted to CRLF, nothing else: check the files out as they are, with the line \
         `* -text` in .gitattributes",
    )
}

/// The bytes with every CRLF as LF.
pub(super) fn without_returns(bytes: &[u8]) -> Vec<u8> {
    let mut next = bytes.iter().skip(1).map(Some).chain([None]);
    bytes.iter().filter(|byte| next.next() != Some(Some(&b'\n')) || **byte != b'\r').copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converted_line_ends_are_told_from_other_damage() {
        let honest = b"{\n  \"a\": 1\n}\n";
        let converted = b"{\r\n  \"a\": 1\r\n}\r\n";
        assert!(line_ends(converted, sha256(honest)).is_some());
        assert!(line_ends(b"{\r\n  \"a\": 2\r\n}\r\n", sha256(honest)).is_none());
        assert_eq!(without_returns(b"\r\r\n\n\r"), b"\r\n\n\r");
        assert_eq!(without_returns(b""), b"");
    }
}
