//! One relation at one tier, ready to prove: layout, parameters and key.

mod memory;
mod segments;

use std::sync::Arc;

use apportion_circuits::{
    column::MaskedColumn,
    plonkish::{AdviceColumn, Layout},
    relation::Relation,
    split::Split,
    tree::Tree,
    types::{Tier, Word},
};
use apportion_statement::files::{KeyEntry, LedgerDoc, ProofBlob, SetupDoc};
use apportion_statement::{Relation as RelationName, Use};
use apportion_suite::params::ParamsCache;
use apportion_suite::{Commitment, Suite, SuiteError};

pub use self::{
    memory::{available_memory, predicted_memory, text as memory_text},
    segments::{Segment, Statement, prove_segments},
};
use crate::{
    error::Error,
    setup::{Choice, Loaded, ProverSuite},
};

/// What a linked column must commit to; `None` for a column that nothing else refers to, under a mask of its own.
pub type Link = Option<Commitment>;

/// A relation that has a name in the public formats.
pub trait Named {
    /// Its name.
    const RELATION: RelationName;
}

impl Named for Tree {
    const RELATION: RelationName = RelationName::Tree;
}

impl Named for Split {
    const RELATION: RelationName = RelationName::Split;
}

/// A relation, ready to prove.
pub struct Prover<S: Suite, R> {
    tier: Tier,
    layout: Arc<Layout<S::F>>,
    params: S::Params,
    key: S::ProvingKey,
    verifier: S::VerifierParams,
    setup: SetupDoc,
    setup_bytes: Option<Vec<u8>>,
    relation: std::marker::PhantomData<fn() -> R>,
}

impl<S: ProverSuite, R: Relation<S::F> + Named> Prover<S, R> {
    /// Loads parameters and derives the key.
    pub fn load(cache: &ParamsCache, tier: Tier, choice: Choice<'_>) -> Result<Self, Error> {
        let layout = Arc::new(R::layout(tier));
        let Loaded { params, setup, verifier_bytes } = S::load(cache, layout.k, choice)?;
        let key = S::proving_key(&params, layout.clone())?;
        let verifier = S::verifier_params(&params);
        Ok(Self {
            tier,
            layout,
            params,
            key,
            verifier,
            setup,
            setup_bytes: verifier_bytes,
            relation: std::marker::PhantomData,
        })
    }

    /// As [`Self::load`], with a ledger's setup; fails unless the key is the ledger's.
    pub fn for_ledger(cache: &ParamsCache, ledger: &LedgerDoc) -> Result<Self, Error> {
        let prover = Self::load(cache, ledger.tier, Choice::Label(&ledger.setup.provenance))?;
        if prover.setup != ledger.setup {
            return Err(Error::Mismatch("the parameters are not those that the ledger was made with".into()));
        }
        let entry = prover.key_entry();
        if !ledger.keys.contains(&entry) {
            return Err(Error::Mismatch(format!(
                "this build's {} key is not the ledger's: the ledger was made by another version",
                R::NAME
            )));
        }
        Ok(prover)
    }

    /// What a ledger says about this relation's key.
    pub fn key_entry(&self) -> KeyEntry {
        KeyEntry {
            relation: R::RELATION,
            tier: self.tier,
            table_digest: Word(self.layout.digest()),
            key_digest: Word(S::key_digest(S::key_of(&self.key))),
            proof_bytes: u32::try_from(S::proof_bytes(&self.layout)).unwrap_or(u32::MAX),
        }
    }

    /// The key's bytes, in suites whose keys are written down.
    pub fn key_bytes(&self) -> Option<Vec<u8>> {
        S::key_bytes(S::key_of(&self.key))
    }

    /// The setup.
    pub fn setup(&self) -> &SetupDoc {
        &self.setup
    }

    /// What a verifier needs of the setup, in suites where it is written down.
    pub fn setup_bytes(&self) -> Option<&[u8]> {
        self.setup_bytes.as_deref()
    }

    /// The table.
    pub fn layout(&self) -> &Layout<S::F> {
        &self.layout
    }

    /// Bytes of memory that one proof is expected to take.
    pub fn predicted_memory(&self) -> u64 {
        predicted_memory::<S>(&self.layout)
    }

    /// At how many points the linked columns are opened by one proof.
    pub fn points(&self) -> Vec<usize> {
        points(&self.layout)
    }

    /// The commitment to a linked column.
    pub fn commit(&self, column: &MaskedColumn<S::F>) -> Result<Commitment, SuiteError> {
        S::commit(&self.params, column)
    }

    /// Proves, and verifies what was proven.
    pub fn prove(
        &self,
        instance: &R::Instance,
        witness: &R::Witness,
        links: &[Link],
    ) -> Result<Vec<u8>, Error> {
        let table = R::assign(&self.layout, self.tier, instance, witness);
        let proof = S::prove(&self.params, &self.key, &table)?;
        self.verify(instance, links, &proof)?;
        Ok(proof)
    }

    /// Verifies a proof, and that its linked columns are `links`.
    pub fn verify(&self, instance: &R::Instance, links: &[Link], proof: &[u8]) -> Result<(), Error> {
        let public = R::public_inputs(instance);
        let found = S::verify(&self.verifier, S::key_of(&self.key), &public, proof)?;
        let linked = found.len() == links.len()
            && links.iter().zip(&found).all(|(link, found)| link.as_ref().is_none_or(|link| link == found));
        if linked {
            Ok(())
        } else {
            Err(SuiteError::Invalid("a linked column is not the one expected".into()).into())
        }
    }

    /// A proof as a file.
    pub fn blob(&self, purpose: Use, proof: Vec<u8>) -> ProofBlob {
        let KeyEntry { table_digest, key_digest, .. } = self.key_entry();
        ProofBlob { suite: S::ID, purpose, tier: self.tier, table_digest, key_digest, proof }
    }
}

/// At how many points the linked columns of a table are opened by one proof.
pub fn points<F: apportion_circuits::field::SuiteField>(layout: &Layout<F>) -> Vec<usize> {
    (0..layout.linked).map(|column| layout.rotations(AdviceColumn(column)).len()).collect()
}
