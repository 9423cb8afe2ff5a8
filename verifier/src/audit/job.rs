//! One proof to verify: what it must prove, and which commitments must stand in it.

use std::path::PathBuf;

use apportion_circuits::{
    merkle,
    types::{Tier, Word},
};

use super::{KeyRing, Verifying};
use crate::report::{AuditError, Check};
use apportion_statement::files::{Document, InputError, LeavesDoc, ProofBlob, read_file, sha256};
use apportion_statement::{CheckId, Use, Violation, check_link};
use apportion_suite::{Commitment, Suite};

/// A proof to verify.
pub(super) struct Job<F> {
    /// Where it belongs, for people.
    pub(super) place: String,
    /// What it is for.
    pub(super) purpose: Use,
    /// The tier.
    pub(super) tier: Tier,
    /// The public inputs.
    pub(super) public: Vec<F>,
    /// The proof's file and the digest that its header names.
    pub(super) file: PathBuf,
    pub(super) sha256: Word,
    /// What the linked columns must be, where anything is known of them; in the columns' order.
    pub(super) links: Vec<Option<(CheckId, Commitment)>>,
    /// The leaves of a publication.
    pub(super) leaves: Option<Leaves>,
}

/// A list of account leaves and the root that they must have.
pub(super) struct Leaves {
    pub(super) file: PathBuf,
    pub(super) sha256: Word,
    pub(super) root: Word,
    pub(super) dataset: u32,
    pub(super) segment: u32,
}

impl<F: apportion_circuits::field::SuiteField> Job<F> {
    /// Reads and verifies. Everything that fails is a check; only what cannot be read is an error.
    pub(super) fn run<S: Suite<F = F>>(&self, ring: &KeyRing<S>) -> Result<Vec<Check>, AuditError> {
        let verifying = ring.of(self.purpose.relation());
        let (blob, bytes) = ProofBlob::read(&self.file, verifying.proof_bytes)?;
        let mut checks = vec![check_digest(&self.place, &self.file, &bytes, self.sha256)];
        self.check_header::<S>(&blob, verifying)?;
        let id = self.purpose.proof_check();
        match S::verify(&verifying.params, &verifying.key, &self.public, &blob.proof) {
            Err(error) => checks.push(Check::failed(id, &self.place, error)),
            Ok(columns) => {
                checks.push(Check::ok(id, &self.place));
                checks.extend(self.check_links(&columns));
            }
        }
        if let Some(leaves) = &self.leaves {
            self.check_leaves::<S>(leaves, &mut checks)?;
        }
        Ok(checks)
    }

    /// The file is what its place says. Its key is the one in use: a proof under another key says nothing.
    fn check_header<S: Suite>(&self, blob: &ProofBlob, verifying: &Verifying<S>) -> Result<(), AuditError> {
        if (blob.suite, blob.purpose, blob.tier) != (S::ID, self.purpose, self.tier) {
            let text = format!(
                "a proof of {}-{} in suite {} where one of {}-{} in suite {} is expected",
                blob.purpose,
                blob.tier,
                blob.suite,
                self.purpose,
                self.tier,
                S::ID
            );
            return Err(InputError::value(&self.file, text).into());
        }
        let theirs = (blob.table_digest, blob.key_digest);
        if theirs != (verifying.table_digest, verifying.key_digest) {
            let text = format!("{}: made with another key than the ledger's", self.file.display());
            return Err(AuditError::NotCheckable(text));
        }
        Ok(())
    }

    fn check_links(&self, columns: &[Commitment]) -> Vec<Check> {
        let links = self.links.iter().zip(columns);
        links
            .filter_map(|(link, found)| {
                let (id, expected) = link.as_ref()?;
                Some(Check::of(*id, &self.place, check_link(*id, expected, found)))
            })
            .collect()
    }

    fn check_leaves<S: Suite<F = F>>(
        &self,
        leaves: &Leaves,
        checks: &mut Vec<Check>,
    ) -> Result<(), AuditError> {
        let bytes = read_file(&leaves.file, LeavesDoc::MAX_BYTES)?;
        checks.push(check_digest(&self.place, &leaves.file, &bytes, leaves.sha256));
        let doc = LeavesDoc::from_json(&bytes).map_err(|fault| InputError::new(&leaves.file, fault))?;
        let value = |text: &str| InputError::value(&leaves.file, text);
        let at = (doc.suite, doc.tier, doc.dataset, doc.segment);
        if at != (S::ID, self.tier, leaves.dataset, leaves.segment) {
            return Err(value("leaves of another suite, tier or segment").into());
        }
        let hashes: Option<Vec<F>> = doc.leaves.iter().map(|leaf| leaf.to_field()).collect();
        let hashes = hashes.ok_or_else(|| value("a leaf is not below the modulus"))?;
        let id = CheckId::PublicationLeaves;
        // `LeavesDoc` has as many leaves as its tier has accounts.
        let root = merkle::Tree::new(self.tier, hashes).map(|tree| Word::from_field(&tree.root()));
        checks.push(match root {
            Some(root) if root == leaves.root => Check::ok(id, &self.place),
            Some(root) => {
                let why = format!("the leaves' root is {root}, published is {}", leaves.root);
                Check::failed(id, &self.place, why)
            }
            None => Check::failed(id, &self.place, "not one leaf per account"),
        });
        Ok(())
    }
}

/// file.digest.
pub(super) fn check_digest(place: &str, file: &std::path::Path, bytes: &[u8], expected: Word) -> Check {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let found = sha256(bytes);
    let place = format!("{place} {name}");
    if found == expected {
        return Check::ok(CheckId::FileDigest, place);
    }
    Check::failed(CheckId::FileDigest, &place, format!("SHA-256 is {found}, its header names {expected}"))
}

/// A public-input list that cannot be built becomes a failed check.
pub(super) fn inputs_or_check<F>(place: &str, inputs: Result<Vec<F>, Violation>) -> Result<Vec<F>, Check> {
    inputs.map_err(|violation| Check::failed(violation.id(), place, violation))
}
