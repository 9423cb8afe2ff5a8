//! The suite `bn254`: halo2-axiom with KZG on BN254, SHPLONK openings, and a transcript for the EVM.

pub(crate) mod circuit;
mod key;

use std::sync::Arc;

use apportion_circuits::{
    column::MaskedColumn,
    field::SuiteId,
    plonkish::{Cost, Layout},
};
use group::Curve;
use halo2_axiom::{
    arithmetic::best_multiexp,
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{Error, keygen_vk, verify_proof},
    poly::{
        commitment::{Params as _, ParamsProver},
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            multiopen::VerifierSHPLONK,
            strategy::SingleStrategy,
        },
    },
};

use self::circuit::TableCircuit;
pub use self::key::VerifyingKey;
use super::{
    Commitment, Suite, SuiteError,
    keccak::{EvmTranscript, POINT, decode_point, encode_point},
    lower::{check_layout, check_sizes},
};

/// KZG on BN254.
#[derive(Clone, Copy, Debug)]
pub struct Bn254;

impl Suite for Bn254 {
    type F = Fr;
    type Params = ParamsKZG<Bn256>;
    /// Of any size: only the generators and the secret's power in G2 matter.
    type VerifierParams = ParamsKZG<Bn256>;
    type VerifyingKey = VerifyingKey;

    const ID: SuiteId = SuiteId::Bn254;
    const COMMITMENT_BYTES: usize = POINT;

    fn commit(params: &Self::Params, column: &MaskedColumn<Fr>) -> Result<Commitment, SuiteError> {
        let coefficients = column.coefficients();
        let bases = params
            .get_g()
            .get(..coefficients.len())
            .ok_or_else(|| SuiteError::Params("too small for this column".into()))?;
        let point: G1Affine = best_multiexp(coefficients, bases).to_affine();
        let bytes = encode_point(&point);
        Ok(Commitment(bytes.ok_or_else(|| SuiteError::Backend("commitment to a zero column".into()))?.into()))
    }

    fn check_commitment(bytes: &[u8]) -> Result<Commitment, SuiteError> {
        let malformed = |reason: &str| SuiteError::Malformed { what: "commitment", reason: reason.into() };
        let point = bytes.try_into().map_err(|_| malformed("not 64 bytes"))?;
        decode_point(point).ok_or_else(|| malformed("not a point of the curve, or the identity"))?;
        Ok(Commitment(bytes.into()))
    }

    fn verifying_key(params: &Self::Params, layout: Arc<Layout<Fr>>) -> Result<VerifyingKey, SuiteError> {
        check_layout(&layout)?;
        check_params(params, &layout)?;
        let vk = keygen_vk(params, &TableCircuit(layout.clone())).map_err(backend)?;
        VerifyingKey::new(layout, vk)
    }

    fn layout_of(key: &VerifyingKey) -> &Layout<Fr> {
        key.layout()
    }

    fn key_digest(key: &VerifyingKey) -> [u8; 32] {
        key.digest()
    }

    fn verifier_params(params: &Self::Params) -> Self::VerifierParams {
        at_size(params, 0)
    }

    fn proof_bytes(layout: &Layout<Fr>) -> usize {
        let cost = Cost::of(layout);
        // The opening argument is two group elements.
        POINT * (cost.commitments + 2) + 32 * cost.evaluations
    }

    fn verify(
        params: &Self::VerifierParams,
        key: &VerifyingKey,
        public: &[Fr],
        proof: &[u8],
    ) -> Result<Vec<Commitment>, SuiteError> {
        let layout = key.layout();
        check_sizes(layout, public.len(), proof.len(), Self::proof_bytes(layout))?;
        if params.get_g().is_empty() {
            return Err(SuiteError::Params("no generator".into()));
        }
        let params = at_size(params, layout.k);
        let mut transcript = EvmTranscript::new(proof);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, SingleStrategy<'_, Bn256>>(
            &params,
            key.inner(),
            SingleStrategy::new(&params),
            &[&[public]],
            &mut transcript,
        )
        .map_err(|error| match error {
            Error::Transcript(error) => SuiteError::Malformed { what: "proof", reason: error.to_string() },
            error => SuiteError::Invalid(error.to_string()),
        })?;
        if !transcript.into_stream().is_empty() {
            return Err(SuiteError::Malformed { what: "proof", reason: "bytes left over".into() });
        }
        proof.chunks_exact(POINT).take(layout.linked).map(Self::check_commitment).collect()
    }
}

/// Provers and keys take the generators of exactly their size: the Lagrange ones, and the monomial ones with or without the
/// next one.
pub fn check_params(params: &ParamsKZG<Bn256>, layout: &Layout<Fr>) -> Result<(), SuiteError> {
    let powers = params.get_g().len();
    if params.k() == layout.k && (powers == layout.rows() || powers == layout.rows() + 1) {
        return Ok(());
    }
    Err(SuiteError::Params(format!("of size 2^{}, where the table has 2^{} rows", params.k(), layout.k)))
}

/// The verifier's part of parameters, labelled with a size: halo2-axiom reads the number of rows from them.
fn at_size(params: &ParamsKZG<Bn256>, k: u32) -> ParamsKZG<Bn256> {
    let generator = params.get_g().first().copied().into_iter().collect::<Vec<_>>();
    params.from_parts(k, generator.clone(), Some(generator), params.g2(), params.s_g2())
}

fn backend(error: Error) -> SuiteError {
    SuiteError::Backend(error.to_string())
}
