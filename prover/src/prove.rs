//! One relation at one tier, ready to prove: layout, parameters and key.

mod memory;
mod openings;
mod segments;

use std::{marker::PhantomData, path::Path, sync::Arc};

use apportion_circuits::{
    column::MaskedColumn,
    plonkish::Layout,
    relation::Relation,
    types::{Tier, Word},
};
use apportion_engine::Engine;
use apportion_secrets::{RngSeed, Seed, SeedError, WitnessDigest, proof_seed};
use apportion_statement::files::{Document, FORMAT_VERSION, KeyDoc, KeysDir, ProofBlob, SetupDoc};
use apportion_suite::{Commitment, SuiteError, params::ParamsCache};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::{OsRng, RngCore as _};
use zeroize::Zeroizing;

pub use self::{
    memory::{available_memory, predicted_memory, text as memory_text},
    openings::Opener,
    segments::{Segment, Statement, at_once, prove_segments},
};
use crate::{
    error::Error,
    setup::{Choice, Loaded, ProverSuite},
};

/// Says that a key is made, and how long that takes.
pub fn making_key(tier: Tier) -> String {
    let time = match tier {
        Tier::T64 => "a moment",
        Tier::T1024 => "some seconds",
        Tier::T16384 => "a minute or more",
    };
    format!("making the key of tier {tier}: {time}")
}

/// What a linked column must commit to; `None` for a column that nothing else refers to.
pub type Link = Option<Commitment>;

/// A relation, ready to prove.
pub struct Prover<S: ProverSuite, R> {
    layout: Arc<Layout<S::F>>,
    params: S::Params,
    key: S::ProvingKey,
    verifier: S::VerifierParams,
    setup: SetupDoc,
    setup_bytes: Option<Vec<u8>>,
    // Digests of layout and key take a while: made once.
    doc: KeyDoc,
    relation: PhantomData<fn() -> R>,
}

impl<S: ProverSuite, R: Relation<S::F>> Prover<S, R> {
    /// Loads parameters and derives the key.
    ///
    /// # Errors
    /// If the parameters are not there, or not those that `choice` names.
    pub fn load(cache: &ParamsCache, tier: Tier, choice: Choice<'_>) -> Result<Self, Error> {
        let layout = Arc::new(R::layout(tier));
        let Loaded { params, setup, verifier_bytes } = S::load(cache, layout.k, choice)?;
        let key = S::proving_key(&params, layout.clone())?;
        let verifier = S::verifier_params(&params);
        let doc = KeyDoc {
            version: FORMAT_VERSION,
            suite: S::ID,
            relation: R::ID,
            tier,
            table_digest: Word(layout.digest()),
            key_digest: Word(S::key_digest(S::key_of(&key))),
            proof_bytes: u32::try_from(S::proof_bytes(&layout)).unwrap_or(u32::MAX),
        };
        let setup_bytes = verifier_bytes;
        Ok(Self { layout, params, key, verifier, setup, setup_bytes, doc, relation: PhantomData })
    }

    /// As [`Self::load`], with the setup that public files name; fails unless the key is the one in `keys`.
    ///
    /// # Errors
    /// As [`Self::load`], and if setup or key are those of another version.
    pub fn for_keys(
        cache: &ParamsCache,
        tier: Tier,
        setup: &SetupDoc,
        keys: &KeysDir,
    ) -> Result<Self, Error> {
        let path = keys.doc(R::ID, tier);
        let expected = KeyDoc::read(&path)?;
        let prover = Self::load(cache, tier, Choice::Label(&setup.provenance))?;
        prover.check_setup(setup)?;
        prover.check_key(&expected, &path)?;
        Ok(prover)
    }

    /// Fails unless these are the parameters that public files were made with.
    pub fn check_setup(&self, setup: &SetupDoc) -> Result<(), Error> {
        if self.setup == *setup {
            return Ok(());
        }
        Err(Error::Mismatch(format!(
            "the parameters at hand are of setup {}, and not those that the files were made with",
            self.setup.provenance
        )))
    }

    /// Fails unless a key document is that of this build's key.
    pub fn check_key(&self, expected: &KeyDoc, path: &Path) -> Result<(), Error> {
        if self.doc == *expected {
            return Ok(());
        }
        Err(Error::Mismatch(format!(
            "{}: this build's {} key of tier {} is another one: the files were made by another version",
            path.display(),
            R::ID,
            self.doc.tier
        )))
    }

    /// The key's document, as it stands in `keys/`.
    pub fn key_doc(&self) -> &KeyDoc {
        &self.doc
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

    /// Slots of the segments.
    pub fn tier(&self) -> Tier {
        self.doc.tier
    }

    /// Bytes of memory that one proof is expected to take.
    pub fn predicted_memory(&self) -> u64 {
        predicted_memory::<S>(&self.layout)
    }

    /// The commitment to a linked column.
    pub fn commit(&self, column: &MaskedColumn<S::F>) -> Result<Commitment, SuiteError> {
        S::commit(&self.params, column)
    }

    /// What a proof of a statement draws its randomness from; see `generator` for what that makes of a proof that is
    /// made again.
    pub fn rng_seed(&self, seed: &Seed, instance: &R::Instance, witness: &WitnessDigest) -> RngSeed {
        let public: Vec<[u8; 32]> =
            R::public_inputs(instance).iter().map(|input| Word::from_field(input).0).collect();
        proof_seed(seed, self.doc.key_digest.0, &public, witness, S::ENGINE_VERSION)
    }

    /// Proves, and verifies what was proven: no other proof leaves this process.
    pub fn prove(
        &self,
        instance: &R::Instance,
        witness: &R::Witness,
        links: &[Link],
        rng: &RngSeed,
    ) -> Result<Vec<u8>, Error> {
        let table = R::assign(&self.layout, instance, witness);
        let proof = S::prove(&self.params, &self.key, &table, &mut generator::<S>(rng)?)?;
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
    pub fn blob(&self, proof: Vec<u8>) -> ProofBlob {
        let KeyDoc { suite, relation, tier, table_digest, key_digest, .. } = self.doc;
        ProofBlob { suite, relation, tier, table_digest, key_digest, proof }
    }
}

/// The generator of everything random in a proof but its linked columns, whose masks are in the table.
///
/// Where engine and generator determine the proof, the derived seed makes the same proof again: nobody learns anything
/// from it twice. Any other engine opens the columns at another point in each run. With the derived seed their blinding
/// would be the same in all runs, so every run would add equations on the same unknowns until the witness follows from
/// them. There each run blinds anew; linked columns alone keep their masks, and V8 counts how often they are opened.
fn generator<S: Engine>(derived: &RngSeed) -> Result<ChaCha20Rng, Error> {
    if S::DETERMINISTIC {
        return Ok(ChaCha20Rng::from_seed(*derived.as_bytes()));
    }
    let mut fresh = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(&mut *fresh).map_err(SeedError::Random)?;
    Ok(ChaCha20Rng::from_seed(*derived.mixed_with(&fresh).as_bytes()))
}
