//! halo2-axiom's prover for the suite `bn254`: what the engine's own is measured against.
//!
//! It makes proofs that verify, with quotient pieces that are not blinded, and draws from the thread's generator besides the one
//! that it is given. Nothing that ships depends on this crate (a test asks cargo).

use std::{fmt, sync::Arc};

use apportion_circuits::plonkish::{Layout, Table};
use apportion_engine::tape::Tape;
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
    plonk::{self, Error, create_proof_from_advice, keygen_pk},
    poly::kzg::{commitment::KZGCommitmentScheme, multiopen::ProverSHPLONK},
};
use rand_chacha::ChaCha20Rng;

/// halo2-axiom's proving key, and the verifying key as our verifier takes it.
pub struct ReferenceKey {
    inner: plonk::ProvingKey<G1Affine>,
    key: VerifyingKey,
}

impl fmt::Debug for ReferenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReferenceKey({})", self.key.layout().name())
    }
}

impl ReferenceKey {
    /// Derives the key of a layout.
    ///
    /// # Errors
    /// As the engine's.
    pub fn new(params: &<Bn254 as Suite>::Params, layout: Arc<Layout<Fr>>) -> Result<Self, SuiteError> {
        check_layout(&layout)?;
        check_params(params, &layout)?;
        let circuit = TableCircuit(layout.clone());
        let vk = plonk::keygen_vk(params, &circuit).map_err(backend)?;
        let inner = keygen_pk(params, vk, &circuit).map_err(backend)?;
        let key = Bn254::verifying_key(params, layout)?;
        Ok(Self { inner, key })
    }

    /// The verifying key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

/// Proves a table that satisfies its layout.
///
/// # Errors
/// As the engine's.
///
/// # Panics
/// In halo2-axiom, where a lookup misses.
pub fn prove(
    params: &<Bn254 as Suite>::Params,
    key: &ReferenceKey,
    table: &Table<Fr>,
    rng: &mut ChaCha20Rng,
) -> Result<Vec<u8>, SuiteError> {
    let layout = key.key.layout();
    check_params(params, layout)?;
    check_shape(layout, table)?;
    let mut tape = Tape::new(layout, table, rng);
    let mut transcript = EvmTranscript::new(Vec::with_capacity(Bn254::proof_bytes(layout)));
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
    Ok(transcript.into_stream())
}

fn backend(error: Error) -> SuiteError {
    SuiteError::Backend(error.to_string())
}
