//! Openings of a segment's columns: what receipts and statements show, made and checked.

use apportion_circuits::{column::MaskedColumn, types::Tier};
use apportion_engine::openings::Open;
use apportion_secrets::{Seed, WitnessHasher, opening_rng};
use apportion_statement::files::SetupDoc;
use apportion_suite::{
    openings::{OpeningClaim, OpeningTerm, opening_k},
    params::ParamsCache,
};

use crate::{
    error::Error,
    setup::{Choice, Loaded, ProverSuite},
};

/// What openings of one tier's columns are made and checked with.
pub struct Opener<S: ProverSuite + Open> {
    tier: Tier,
    params: S::Params,
    verifier: S::VerifierParams,
    setup: [u8; 32],
    table: Option<S::Table>,
}

impl<S: ProverSuite + Open> Opener<S> {
    /// Loads the parameters that a ledger names.
    ///
    /// # Errors
    /// If they are not there, or are others.
    pub fn load(cache: &ParamsCache, tier: Tier, setup: &SetupDoc) -> Result<Self, Error> {
        let loaded: Loaded<S> = S::load(cache, opening_k(tier), Choice::Label(&setup.provenance))?;
        if loaded.setup != *setup {
            return Err(Error::Mismatch(format!(
                "the parameters at hand are of setup {}, and not those that the ledger was made with",
                loaded.setup.provenance
            )));
        }
        let verifier = S::verifier_params(&loaded.params);
        let setup = loaded.setup.digest.map_or([0; 32], |digest| digest.0);
        Ok(Self { tier, params: loaded.params, verifier, setup, table: None })
    }

    /// Makes what openings of whole segments take from the setup, where that pays for so many openings in all:
    /// the table costs about as much as all openings of a segment.
    ///
    /// # Errors
    /// If the parameters are too small.
    pub fn expect_many(&mut self, openings: usize) -> Result<(), Error> {
        if self.table.is_none() && S::pays(self.tier, openings / 2) {
            self.table = Some(S::table(&self.params, self.tier)?);
        }
        Ok(())
    }

    /// The tier.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// Opens columns of one segment at some of its slots, and checks every opening: none that does not verify
    /// leaves this process. Gives one proof per claim. What randomness a suite's openings take follows from the
    /// seed, the columns and the claim, so an opening made again is the same one.
    ///
    /// # Errors
    /// If a claim is not true of the columns.
    pub fn open(
        &self,
        seed: &Seed,
        columns: &[&MaskedColumn<S::F>],
        claims: Vec<OpeningClaim<S::F>>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let witness = columns.iter().fold(WitnessHasher::new(), |hasher, column| {
            hasher.elements(column.coefficients()).elements(&[column.blind()])
        });
        let witness = witness.finish();
        let rng_of = |index: usize| {
            let statement = statement(&claims[index]);
            opening_rng(seed, self.setup, &statement, &witness, S::ENGINE_VERSION)
        };
        let proofs = S::open_all(&self.params, self.table.as_ref(), columns, &claims, rng_of)?;
        self.check(claims, &proofs)?;
        Ok(proofs)
    }

    /// Checks openings.
    ///
    /// # Errors
    /// Names the first that does not verify.
    pub fn check(&self, claims: Vec<OpeningClaim<S::F>>, proofs: &[Vec<u8>]) -> Result<(), Error> {
        let terms: Vec<_> = claims
            .into_iter()
            .zip(proofs)
            .map(|(claim, proof)| OpeningTerm { claim, proof: proof.clone() })
            .collect();
        if terms.is_empty() {
            return Ok(());
        }
        S::check_openings(&self.verifier, &terms).map_err(|error| Error::Suite(error.into()))
    }
}

/// All that a claim states, in words. The challenge is a hash of where the columns stand and of everything else.
fn statement<F: apportion_circuits::field::SuiteField>(claim: &OpeningClaim<F>) -> Vec<[u8; 32]> {
    let number = |n: usize| {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&(n as u64).to_be_bytes());
        word
    };
    let field = apportion_circuits::field::to_bytes::<F>;
    let mut words = vec![field(&claim.gamma), number(claim.tier.slots()), number(claim.slot)];
    words.push(number(claim.columns.len()));
    for column in &claim.columns {
        // One word on pasta, two on bn254.
        words.extend(column.0.chunks(32).map(|chunk| {
            let mut word = [0; 32];
            word[..chunk.len()].copy_from_slice(chunk);
            word
        }));
    }
    words.extend(claim.values.iter().map(field));
    words
}
