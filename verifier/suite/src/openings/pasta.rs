//! Openings on Vesta: the inner product argument of halo2_proofs' own polynomial commitment.
//!
//! The transcript absorbs the statement before the argument begins: a domain, the tier, the point, gamma, every
//! commitment and every value. Each argument leaves one equation between group elements; those of a batch are
//! added up, each times its randomiser, and evaluated once.

use std::io;

use apportion_circuits::{field::from_short_bytes, types::Tier};
use ff::Field;
use group::GroupEncoding;
use halo2_proofs::{
    poly::{
        Error,
        commitment::{MSM, Params, verify_proof},
    },
    transcript::{Blake2bRead, Challenge255, Transcript},
};
use pasta_curves::{EqAffine, Fp};

use super::{
    super::{Commitment, Pasta, Suite, SuiteError},
    OpeningClaim, OpeningTerm, Openings, OpeningsError, check_all, malformed, opening_k,
};

/// Bytes of a group element or scalar.
const WORD: usize = 32;

/// Separates the transcripts of openings from those of proofs.
const DOMAIN: &[u8] = b"apportion.opening.v1";

impl Openings for Pasta {
    fn opening_bytes(tier: Tier) -> usize {
        // A masking polynomial, two group elements a round, two scalars.
        WORD * (1 + 2 * opening_k(tier) as usize + 2)
    }

    fn check_openings(params: &Self::VerifierParams, terms: &[OpeningTerm<Fp>]) -> Result<(), OpeningsError> {
        check_all::<Self, _>(
            terms,
            // An equation is as large as the setup. It is made again when it is needed rather than kept.
            |term| equation(params, term).map(|_| term),
            |terms, randomisers| {
                let sum = terms.iter().zip(randomisers).try_fold(
                    params.empty_msm(),
                    |mut sum, (term, randomiser)| {
                        let mut equation = equation(params, term).ok()?;
                        equation.scale(*randomiser);
                        sum.add_msm(&equation);
                        Some(sum)
                    },
                );
                sum.is_some_and(MSM::eval)
            },
        )
    }
}

/// What must sum to the identity for this term to be right.
fn equation<'a>(
    params: &'a Params<EqAffine>,
    OpeningTerm { claim, proof }: &OpeningTerm<Fp>,
) -> Result<MSM<'a, EqAffine>, SuiteError> {
    check_size(params, claim.tier)?;
    let mut unread = proof.as_slice();
    let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(&mut unread);
    absorb(&mut transcript, claim)?;
    let mut combination = params.empty_msm();
    let mut power = Fp::ONE;
    for column in &claim.columns {
        combination.append_term(power, decode(column)?);
        power *= claim.gamma;
    }
    let guard = verify_proof(params, combination, &mut transcript, claim.point(), claim.value()).map_err(
        |error| {
            malformed(match error {
                Error::OpeningError => "a proof element that is no point",
                Error::SamplingError => "a proof element that is no scalar",
            })
        },
    )?;
    let equation = guard.use_challenges();
    if unread.is_empty() { Ok(equation) } else { Err(malformed("bytes left over")) }
}

/// Openings take parameters of exactly one size: it decides how long a proof is.
///
/// # Errors
/// On any other size.
pub fn check_size(params: &Params<EqAffine>, tier: Tier) -> Result<(), SuiteError> {
    let k = opening_k(tier);
    if params.k() == k {
        return Ok(());
    }
    let size = params.k();
    Err(SuiteError::Params(format!("of size 2^{size}, where openings of tier {tier} take 2^{k}")))
}

/// Puts a claim into a transcript, before the argument that proves it begins: whoever makes a proof and whoever
/// checks it.
///
/// # Errors
/// If a commitment is malformed.
pub fn absorb(
    transcript: &mut impl Transcript<EqAffine, Challenge255<EqAffine>>,
    claim: &OpeningClaim<Fp>,
) -> Result<(), SuiteError> {
    let io = |error: io::Error| malformed(error.to_string());
    let sizes = [claim.tier.slots(), claim.columns.len()].map(|size| Fp::from(size as u64));
    for scalar in [from_short_bytes(DOMAIN)].iter().chain(&sizes).chain([&claim.point(), &claim.gamma]) {
        transcript.common_scalar(*scalar).map_err(io)?;
    }
    for column in &claim.columns {
        transcript.common_point(decode(column)?).map_err(io)?;
    }
    claim.values.iter().try_for_each(|value| transcript.common_scalar(*value)).map_err(io)
}

fn decode(commitment: &Commitment) -> Result<EqAffine, SuiteError> {
    let Commitment(bytes) = Pasta::check_commitment(&commitment.0)?;
    let point = bytes.try_into().ok().and_then(|bytes| EqAffine::from_bytes(&bytes).into());
    point.ok_or_else(|| malformed("a commitment that is no point"))
}
