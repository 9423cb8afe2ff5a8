//! The keys that a ledger's proofs are verified with.

use std::sync::Arc;

use apportion_circuits::{
    field::SuiteField,
    plonkish::{AdviceColumn, Layout},
    relation::Relation as _,
    split::Split,
    tree::Tree,
    types::{Tier, Word},
};

use crate::report::AuditError;
use apportion_statement::Relation;
use apportion_statement::files::LedgerDoc;
use apportion_suite::Suite;

/// A relation's table.
pub fn layout<F: SuiteField>(relation: Relation, tier: Tier) -> Layout<F> {
    match relation {
        Relation::Tree => Tree::layout(tier),
        Relation::Split => Split::layout(tier),
    }
}

/// What verifying one relation's proofs takes.
pub struct Verifying<S: Suite> {
    /// The setup.
    pub params: S::VerifierParams,
    /// The key.
    pub key: S::VerifyingKey,
    /// Digest of the table's description.
    pub table_digest: Word,
    /// Digest of the key.
    pub key_digest: Word,
    /// Length of any proof.
    pub proof_bytes: usize,
    /// At how many points each linked column is opened (V8).
    pub points: Vec<usize>,
}

impl<S: Suite> Verifying<S> {
    /// A key with what follows from its table.
    pub fn new(params: S::VerifierParams, key: S::VerifyingKey, layout: &Layout<S::F>) -> Self {
        let points = (0..layout.linked).map(|i| layout.rotations(AdviceColumn(i)).len()).collect();
        Self {
            params,
            table_digest: Word(layout.digest()),
            key_digest: Word(S::key_digest(&key)),
            key,
            proof_bytes: S::proof_bytes(layout),
            points,
        }
    }
}

/// The keys of both relations.
pub struct KeyRing<S: Suite> {
    tree: Verifying<S>,
    split: Verifying<S>,
    /// What the verdict rests on.
    pub notes: Vec<String>,
}

impl<S: Suite> KeyRing<S> {
    /// Builds both keys with `make` and compares them with what the ledger was made with: a key that differs
    /// leaves nothing to check.
    pub fn build(
        ledger: &LedgerDoc,
        mut make: impl FnMut(
            Relation,
            Arc<Layout<S::F>>,
        ) -> Result<(S::VerifierParams, S::VerifyingKey), AuditError>,
    ) -> Result<Self, AuditError> {
        let mut one = |relation| {
            let layout = Arc::new(layout::<S::F>(relation, ledger.tier));
            let (params, key) = make(relation, layout.clone())?;
            let verifying = Verifying::<S>::new(params, key, &layout);
            compare(ledger, relation, &verifying)?;
            Ok::<_, AuditError>(verifying)
        };
        Ok(Self { tree: one(Relation::Tree)?, split: one(Relation::Split)?, notes: Vec::new() })
    }

    /// The key of a relation.
    pub fn of(&self, relation: Relation) -> &Verifying<S> {
        match relation {
            Relation::Tree => &self.tree,
            Relation::Split => &self.split,
        }
    }
}

fn compare<S: Suite>(ledger: &LedgerDoc, relation: Relation, ours: &Verifying<S>) -> Result<(), AuditError> {
    let name = format!("{}-{}", relation.name(), ledger.tier);
    let Some(theirs) = ledger.key(relation) else {
        return Err(AuditError::NotCheckable(format!("ledger.json lists no key {name}")));
    };
    let differs = |what: &str, ours: String, theirs: String| {
        let text = format!("the ledger's {what} of {name} is {theirs}, this build has {ours}");
        Err(AuditError::NotCheckable(text))
    };
    if theirs.table_digest != ours.table_digest {
        return differs("table digest", ours.table_digest.to_string(), theirs.table_digest.to_string());
    }
    if theirs.key_digest != ours.key_digest {
        return differs("key digest", ours.key_digest.to_string(), theirs.key_digest.to_string());
    }
    if theirs.proof_bytes as usize != ours.proof_bytes {
        return differs("proof length", ours.proof_bytes.to_string(), theirs.proof_bytes.to_string());
    }
    Ok(())
}
