//! Proofs of the suite `bn254` by halo2-axiom.

use std::sync::Arc;

use apportion_circuits::plonkish::{Layout, Table};
use apportion_suite::{
    Bn254, Suite, SuiteError,
    bn254::VerifyingKey,
    lowering::{
        bn254::{EvmTranscript, TableCircuit, check_params},
        check_layout, check_shape,
    },
};
use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{self, Error, create_proof_from_advice, keygen_pk2},
    poly::kzg::{commitment::KZGCommitmentScheme, multiopen::ProverSHPLONK},
};
use rand_chacha::ChaCha20Rng;

use crate::{Engine, check_head, tape::Tape};

/// A proving key, with its verifying key inside.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    inner: Arc<plonk::ProvingKey<G1Affine>>,
    key: VerifyingKey,
}

impl Engine for Bn254 {
    type ProvingKey = ProvingKey;

    const ENGINE_VERSION: &'static str = "halo2-axiom 0.5.3";
    const DETERMINISTIC: bool = false;

    fn proving_key(params: &Self::Params, layout: Arc<Layout<Fr>>) -> Result<ProvingKey, SuiteError> {
        check_layout(&layout)?;
        check_params(params, &layout)?;
        let pk = keygen_pk2(params, &TableCircuit(layout.clone()), false).map_err(backend)?;
        let inner = Arc::new(pk);
        let key = VerifyingKey::sharing(layout, inner.clone())?;
        Ok(ProvingKey { inner, key })
    }

    fn key_of(proving_key: &ProvingKey) -> &VerifyingKey {
        &proving_key.key
    }

    fn prove_unchecked(
        params: &Self::Params,
        key: &ProvingKey,
        table: &Table<Fr>,
        rng: &mut ChaCha20Rng,
    ) -> Result<Vec<u8>, SuiteError> {
        let layout = key.key.layout();
        check_params(params, layout)?;
        check_shape(layout, table)?;
        let mut tape = Tape::new(layout, table, rng);
        let mut transcript = EvmTranscript::new(Vec::with_capacity(Self::proof_bytes(layout)));
        create_proof_from_advice::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _>(
            params,
            &key.inner,
            &[&table.public],
            table.advice.clone(),
            &mut tape,
            &mut transcript,
        )
        .map_err(backend)?;
        tape.finish()?;
        let proof = transcript.into_stream();
        check_head::<Self>(params, layout, table, &proof)?;
        Ok(proof)
    }
}

fn backend(error: Error) -> SuiteError {
    SuiteError::Backend(error.to_string())
}
