//! Openings on Vesta, by halo2_proofs' own argument. It has no shortcut for many: they are made one by one, an account a
//! thread.

use apportion_circuits::{column::MaskedColumn, types::Tier};
use apportion_suite::{
    OpeningClaim, Openings, Pasta, Suite, SuiteError,
    openings::{
        opening_k,
        pasta::{absorb, check_size},
    },
};
use ff::Field;
use halo2_proofs::transcript::{Blake2bWrite, Challenge255};
use pasta_curves::{EqAffine, Fp};
use rand_core::{CryptoRng, RngCore};
use rayon::prelude::*;

use super::{Combination, Open, argument::Argument};

impl Open for Pasta {
    type Table = ();
    type Prepared = ();

    fn open_one(
        params: &Self::Params,
        columns: &[&MaskedColumn<Fp>],
        claim: &OpeningClaim<Fp>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, SuiteError> {
        open(&Argument::new(params)?, params, columns, claim, rng)
    }

    fn table(params: &Self::Params, tier: Tier) -> Result<(), SuiteError> {
        check_size(params, tier)
    }

    fn prepare((): &(), _: &MaskedColumn<Fp>) -> Result<(), SuiteError> {
        Ok(())
    }

    fn pays(_: Tier, _: usize) -> bool {
        false
    }

    fn open_prepared<R: RngCore + CryptoRng>(
        params: &Self::Params,
        columns: &[&MaskedColumn<Fp>],
        _: &[&()],
        claims: &[OpeningClaim<Fp>],
        rng_of: impl Fn(usize) -> R + Sync,
    ) -> Result<Vec<Vec<u8>>, SuiteError> {
        Self::open_each(params, columns, claims, rng_of)
    }

    fn open_each<R: RngCore + CryptoRng>(
        params: &Self::Params,
        columns: &[&MaskedColumn<Fp>],
        claims: &[OpeningClaim<Fp>],
        rng_of: impl Fn(usize) -> R + Sync,
    ) -> Result<Vec<Vec<u8>>, SuiteError> {
        let argument = Argument::new(params)?;
        let one = |(index, claim)| open(&argument, params, columns, claim, &mut rng_of(index));
        let proofs: Vec<_> = claims.par_iter().enumerate().map(one).collect();
        proofs.into_iter().collect()
    }
}

fn open(
    argument: &Argument,
    params: &<Pasta as Suite>::Params,
    columns: &[&MaskedColumn<Fp>],
    claim: &OpeningClaim<Fp>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<u8>, SuiteError> {
    check_size(params, claim.tier)?;
    let mut sum = Combination::new(columns, claim)?;
    sum.check(claim)?;
    let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(Vec::with_capacity(
        Pasta::opening_bytes(claim.tier),
    ));
    absorb(&mut transcript, claim)?;
    // Room was made for as many as there are generators; secrets move nowhere else.
    sum.coefficients.resize(1 << opening_k(claim.tier), Fp::ZERO);
    argument
        .write(rng, &mut transcript, &sum.coefficients, sum.blind, claim.point())
        .map_err(|error| SuiteError::Backend(error.to_string()))?;
    Ok(transcript.finalize())
}
