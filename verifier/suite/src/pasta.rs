//! The suite `pasta`: halo2_proofs with the inner product argument on Vesta, whose scalars are Pallas' Fp.

pub(crate) mod circuit;
mod flat;
mod reduce;

use std::{collections::BTreeSet, io, sync::Arc};

use apportion_circuits::{
    column::MaskedColumn,
    field::{SuiteId, wipe},
    plonkish::{Cost, Layout, Query},
};
use ff::Field;
use group::{Curve, GroupEncoding, prime::PrimeCurveAffine};
use halo2_proofs::{
    plonk::{self, Error, SingleVerifier, keygen_vk, verify_proof},
    poly::{
        EvaluationDomain,
        commitment::{Blind, Params},
    },
    transcript::{Blake2bRead, Challenge255, EncodedChallenge, Transcript},
};
use pasta_curves::{EqAffine, Fp};

use self::{
    circuit::{TableCircuit, constraint_system, with_layout},
    flat::{flat_values, flatten},
};
use super::{
    Commitment, Suite, SuiteError,
    lower::{check_layout, check_prediction, check_sizes, key_digest},
};

/// Bytes of a group element or scalar.
const WORD: usize = 32;

/// The inner product argument on Vesta: no trusted setup.
#[derive(Clone, Copy, Debug)]
pub struct Pasta;

/// A verifying key, with its layout inside.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    layout: Arc<Layout<Fp>>,
    vk: plonk::VerifyingKey<EqAffine>,
    digest: [u8; 32],
}

impl VerifyingKey {
    /// halo2_proofs' key.
    pub fn inner(&self) -> &plonk::VerifyingKey<EqAffine> {
        &self.vk
    }

    /// The layout.
    pub fn layout(&self) -> &Layout<Fp> {
        &self.layout
    }
}

impl Suite for Pasta {
    type F = Fp;
    type Params = Params<EqAffine>;
    type VerifierParams = Params<EqAffine>;
    type VerifyingKey = VerifyingKey;

    const ID: SuiteId = SuiteId::Pasta;
    const COMMITMENT_BYTES: usize = WORD;

    fn commit(params: &Self::Params, column: &MaskedColumn<Fp>) -> Result<Commitment, SuiteError> {
        let coefficients = column.coefficients();
        let mut poly = EvaluationDomain::new(1, params.k()).empty_coeff();
        match poly.get_mut(..coefficients.len()) {
            Some(low) => low.copy_from_slice(coefficients),
            None => return Err(SuiteError::Params("too small for this column".into())),
        }
        let point = params.commit(&poly, Blind(column.blind())).to_affine();
        wipe(&mut poly);
        Self::check_commitment(&point.to_bytes())
    }

    fn check_commitment(bytes: &[u8]) -> Result<Commitment, SuiteError> {
        let malformed = |reason: &str| SuiteError::Malformed { what: "commitment", reason: reason.into() };
        let encoding: [u8; WORD] = bytes.try_into().map_err(|_| malformed("not 32 bytes"))?;
        let point: Option<EqAffine> = EqAffine::from_bytes(&encoding).into();
        match point {
            Some(point) if bool::from(point.is_identity()) => Err(malformed("the identity")),
            Some(point) if point.to_bytes() == encoding => Ok(Commitment(bytes.into())),
            _ => Err(malformed("not the encoding of a point")),
        }
    }

    fn verifying_key(params: &Self::Params, layout: Arc<Layout<Fp>>) -> Result<VerifyingKey, SuiteError> {
        let flat = flat_layout(params, &layout)?;
        verifying_key(params, layout, flat)
    }

    fn layout_of(key: &VerifyingKey) -> &Layout<Fp> {
        &key.layout
    }

    fn key_digest(key: &VerifyingKey) -> [u8; 32] {
        key.digest
    }

    fn verifier_params(params: &Self::Params) -> Self::VerifierParams {
        params.clone()
    }

    fn proof_bytes(layout: &Layout<Fp>) -> usize {
        let (flat, _) = flatten(layout);
        let cost = Cost::of(&flat);
        let public_evaluations =
            flat.queries().iter().filter(|query| matches!(query, Query::Public(_))).count();
        // The opening: a quotient, an evaluation for each set of points, a masking polynomial, two group
        // elements a round, two scalars.
        let opening = 1 + point_sets(&flat) + 1 + 2 * flat.k as usize + 2;
        WORD * (cost.commitments + cost.evaluations + public_evaluations + opening)
    }

    fn fixed_columns(layout: &Layout<Fp>) -> usize {
        flatten(layout).0.fixed.len()
    }

    fn verify(
        params: &Self::VerifierParams,
        key: &VerifyingKey,
        public: &[Fp],
        proof: &[u8],
    ) -> Result<Vec<Commitment>, SuiteError> {
        let layout = &key.layout;
        check_params(params, layout)?;
        check_sizes(layout, public.len(), proof.len(), Self::proof_bytes(layout))?;
        let mut unread = proof;
        let mut transcript = Blake2bRead::<_, EqAffine, Challenge255<_>>::init(&mut unread);
        verify_proof(params, &key.vk, SingleVerifier::new(params), &[&[public]], &mut transcript).map_err(
            |error| match error {
                Error::Transcript(error) => {
                    SuiteError::Malformed { what: "proof", reason: error.to_string() }
                }
                error => SuiteError::Invalid(error.to_string()),
            },
        )?;
        if !unread.is_empty() {
            return Err(SuiteError::Malformed { what: "proof", reason: "bytes left over".into() });
        }
        proof.chunks_exact(WORD).take(layout.linked).map(Self::check_commitment).collect()
    }
}

fn verifying_key(
    params: &Params<EqAffine>,
    layout: Arc<Layout<Fp>>,
    flat: Arc<Layout<Fp>>,
) -> Result<VerifyingKey, SuiteError> {
    let cs = constraint_system(flat.clone());
    check_prediction(&layout, cs.degree(), cs.blinding_factors())?;
    let circuit = TableCircuit { layout: &flat, table: None };
    let vk = with_layout(flat.clone(), || keygen_vk(params, &circuit)).map_err(backend)?;
    let digest = key_digest(&layout, &transcript_repr(&vk)?, vk.pinned());
    Ok(VerifyingKey { layout, vk, digest })
}

/// Checks layout and parameters, and makes the layout that is lowered.
pub fn flat_layout(params: &Params<EqAffine>, layout: &Layout<Fp>) -> Result<Arc<Layout<Fp>>, SuiteError> {
    check_layout(layout)?;
    check_params(params, layout)?;
    let (mut flat, appended) = flatten(layout);
    flat.fixed_values = flat_values(layout, &appended);
    check_layout(&flat)?;
    circuit::check_tables(&flat)?;
    Ok(Arc::new(flat))
}

/// Keys and proofs take parameters of exactly the table's size.
pub fn check_params(params: &Params<EqAffine>, layout: &Layout<Fp>) -> Result<(), SuiteError> {
    if params.k() == layout.k {
        return Ok(());
    }
    Err(SuiteError::Params(format!("of size 2^{}, where the table has 2^{} rows", params.k(), layout.k)))
}

/// How many distinct sets of points the committed polynomials are opened at.
fn point_sets(layout: &Layout<Fp>) -> usize {
    let queries = layout.queries();
    let rows = 1i64 << layout.k;
    let set = |rotations: &mut dyn Iterator<Item = i32>| -> BTreeSet<i64> {
        rotations.map(|rotation| i64::from(rotation).rem_euclid(rows)).collect()
    };
    // The quotient and the random polynomial, and whatever else is opened at the point itself.
    let mut sets = BTreeSet::from([BTreeSet::from([0])]);
    for column in 0..layout.advice.len() {
        sets.insert(set(&mut queries.iter().filter_map(|query| match query {
            Query::Advice(index, rotation) if *index == column => Some(*rotation),
            _ => None,
        })));
    }
    sets.insert(set(&mut queries.iter().filter_map(|query| match query {
        Query::Public(rotation) => Some(*rotation),
        _ => None,
    })));
    let products = Cost::of(layout).permutation_products;
    if products > 0 || !layout.lookups.is_empty() {
        sets.insert(set(&mut [0, 1].into_iter()));
    }
    if products > 1 {
        sets.insert(set(&mut [0, 1, -(layout.blinding_rows() as i32)].into_iter()));
    }
    if !layout.lookups.is_empty() {
        sets.insert(set(&mut [0, -1].into_iter()));
    }
    sets.remove(&BTreeSet::new());
    sets.len()
}

/// What a key puts into a transcript first. halo2_proofs shows it to transcripts only.
fn transcript_repr(vk: &plonk::VerifyingKey<EqAffine>) -> Result<Fp, SuiteError> {
    struct Recorder(Fp);

    impl Transcript<EqAffine, Challenge255<EqAffine>> for Recorder {
        fn squeeze_challenge(&mut self) -> Challenge255<EqAffine> {
            Challenge255::new(&[0; 64])
        }

        fn common_point(&mut self, _: EqAffine) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn common_scalar(&mut self, scalar: Fp) -> io::Result<()> {
            self.0 = scalar;
            Ok(())
        }
    }

    let mut recorder = Recorder(Fp::ZERO);
    vk.hash_into(&mut recorder).map_err(|error| SuiteError::Backend(error.to_string()))?;
    Ok(recorder.0)
}

fn backend(error: Error) -> SuiteError {
    SuiteError::Backend(error.to_string())
}
