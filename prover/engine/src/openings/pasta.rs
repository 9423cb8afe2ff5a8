//! Openings on Vesta, by halo2_proofs' own argument. It has no shortcut for many: they are made one by one.

use apportion_circuits::{column::MaskedColumn, field::wipe, types::Tier};
use apportion_suite::{
    OpeningClaim, Openings, Pasta, SuiteError,
    openings::pasta::{absorb, check_size},
};
use halo2_proofs::{
    poly::{
        EvaluationDomain,
        commitment::{Blind, create_proof},
    },
    transcript::{Blake2bWrite, Challenge255},
};
use pasta_curves::{EqAffine, Fp};
use rand_core::{CryptoRng, RngCore};

use super::{Combination, Open};

impl Open for Pasta {
    type Table = ();
    type Prepared = ();

    fn open_one(
        params: &Self::Params,
        columns: &[&MaskedColumn<Fp>],
        claim: &OpeningClaim<Fp>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, SuiteError> {
        check_size(params, claim.tier)?;
        let sum = Combination::new(columns, claim)?;
        sum.check(claim)?;
        let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(Vec::with_capacity(
            Self::opening_bytes(claim.tier),
        ));
        absorb(&mut transcript, claim)?;
        let mut poly = EvaluationDomain::new(1, params.k()).empty_coeff();
        for (to, from) in poly.iter_mut().zip(&sum.coefficients) {
            *to = *from;
        }
        let made = create_proof(params, rng, &mut transcript, &poly, Blind(sum.blind), claim.point());
        wipe(&mut poly);
        made.map_err(|error| SuiteError::Backend(error.to_string()))?;
        Ok(transcript.finalize())
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
}
