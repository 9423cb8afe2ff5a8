//! The keys that an audit's proofs are verified with: one per relation and tier.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use apportion_circuits::{
    field::SuiteField,
    plonkish::Layout,
    relation::Relation as _,
    split::Split,
    tree::Tree,
    types::{Tier, Word},
};
use apportion_statement::{
    RelationId,
    files::{Document, InputError, KeyDoc, KeysDir},
};
use apportion_suite::Suite;

use super::{AuditSuite, Options, findings::StatedKey, job::Job};
use crate::report::{AuditError, Subject};

/// A relation's table.
pub fn layout<F: SuiteField>(relation: RelationId, tier: Tier) -> Layout<F> {
    match relation {
        RelationId::Tree => Tree::layout(tier),
        RelationId::Split => Split::layout(tier),
    }
}

/// What verifying the proofs of one relation and tier takes.
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
}

impl<S: Suite> Verifying<S> {
    /// A key with what follows from its table.
    pub fn new(params: S::VerifierParams, key: S::VerifyingKey, layout: &Layout<S::F>) -> Self {
        Self {
            params,
            table_digest: Word(layout.digest()),
            key_digest: Word(S::key_digest(&key)),
            key,
            proof_bytes: S::proof_bytes(layout),
        }
    }
}

/// The keys of an audit.
pub struct KeyRing<S: Suite> {
    keys: BTreeMap<(RelationId, Tier), Verifying<S>>,
}

impl<S: AuditSuite> KeyRing<S> {
    /// Loads the keys that the jobs need and those that are stated, each once, and compares it with every `keys/` that
    /// states one: a key that differs leaves nothing to check.
    pub(super) fn load<'a>(
        jobs: impl Iterator<Item = &'a Job<S::F>>,
        stated: &'a [StatedKey],
        setup: &S::Setup,
        options: &Options,
    ) -> Result<Self, AuditError> {
        let mut needed: BTreeMap<_, BTreeMap<&'a Path, &'a KeysDir>> = BTreeMap::new();
        for job in jobs {
            needed.entry((job.relation, job.tier)).or_default().insert(job.keys.root(), &job.keys);
        }
        for (relation, tier, keys) in stated {
            needed.entry((*relation, *tier)).or_default().insert(keys.root(), keys);
        }
        let mut keys = BTreeMap::new();
        for ((relation, tier), dirs) in needed {
            let mut first: Option<(&KeysDir, Verifying<S>)> = None;
            for dir in dirs.into_values() {
                let ours = match &first {
                    Some((like, ours)) => {
                        S::check_copy(setup, like, dir, relation, tier)?;
                        ours
                    }
                    None => {
                        options.say(|| format!("preparing the key of {relation}-{tier}"));
                        let layout = Arc::new(layout::<S::F>(relation, tier));
                        let (params, key) = S::load_key(setup, dir, layout.clone(), options)?;
                        &first.insert((dir, Verifying::new(params, key, &layout))).1
                    }
                };
                compare(dir, relation, tier, ours)?;
            }
            if let Some((_, verifying)) = first {
                keys.insert((relation, tier), verifying);
            }
        }
        Ok(Self { keys })
    }
}

impl<S: Suite> KeyRing<S> {
    /// The key of a relation and tier.
    ///
    /// # Errors
    /// If none was loaded.
    pub fn of(&self, relation: RelationId, tier: Tier) -> Result<&Verifying<S>, AuditError> {
        self.keys
            .get(&(relation, tier))
            .ok_or_else(|| AuditError::NotCheckable(format!("no key of {relation}-{tier} is at hand")))
    }

    /// Names the keys.
    pub(super) fn describe(&self, subject: &mut Subject) {
        for ((relation, tier), key) in &self.keys {
            subject.add(format!("key {relation}-{tier}"), key.key_digest);
        }
    }
}

fn compare<S: Suite>(
    dir: &KeysDir,
    relation: RelationId,
    tier: Tier,
    ours: &Verifying<S>,
) -> Result<(), AuditError> {
    let file = dir.doc(relation, tier);
    let theirs = KeyDoc::read(&file)?;
    if (theirs.suite, theirs.relation, theirs.tier) != (S::ID, relation, tier) {
        return Err(InputError::value(&file, "the key of another suite, relation or tier").into());
    }
    let differs = |what: &str, theirs: String, ours: String| {
        let file = file.display();
        Err(AuditError::NotCheckable(format!("{file}: its {what} is {theirs}, this build has {ours}")))
    };
    if theirs.table_digest != ours.table_digest {
        return differs("table digest", theirs.table_digest.to_string(), ours.table_digest.to_string());
    }
    if theirs.key_digest != ours.key_digest {
        return differs("key digest", theirs.key_digest.to_string(), ours.key_digest.to_string());
    }
    if theirs.proof_bytes as usize != ours.proof_bytes {
        return differs("proof length", theirs.proof_bytes.to_string(), ours.proof_bytes.to_string());
    }
    Ok(())
}
