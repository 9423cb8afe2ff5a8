//! Proofs of the suite `pasta` by halo2_proofs.

use std::sync::Arc;

use apportion_circuits::plonkish::{Layout, Table};
use apportion_suite::{
    Pasta, Suite, SuiteError,
    lowering::{
        check_shape,
        pasta::{TableCircuit, check_params, flat_layout, with_layout},
    },
    pasta::VerifyingKey,
};
use halo2_proofs::{
    plonk::{self, Error, create_proof, keygen_pk},
    transcript::{Blake2bWrite, Challenge255},
};
use pasta_curves::{EqAffine, Fp};
use rand_chacha::ChaCha20Rng;

use crate::{Engine, check_head, tape::Tape};

/// A proving key, with its verifying key inside.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    pk: plonk::ProvingKey<EqAffine>,
    flat: Arc<Layout<Fp>>,
    key: VerifyingKey,
}

impl Engine for Pasta {
    type ProvingKey = ProvingKey;

    const ENGINE_VERSION: &'static str = "halo2_proofs 0.3.5";
    const DETERMINISTIC: bool = true;

    fn proving_key(params: &Self::Params, layout: Arc<Layout<Fp>>) -> Result<ProvingKey, SuiteError> {
        let key = Self::verifying_key(params, layout.clone())?;
        let flat = flat_layout(params, &layout)?;
        let circuit = TableCircuit { layout: &flat, table: None };
        let pk = with_layout(flat.clone(), || keygen_pk(params, key.inner().clone(), &circuit))
            .map_err(backend)?;
        Ok(ProvingKey { pk, flat, key })
    }

    fn key_of(proving_key: &ProvingKey) -> &VerifyingKey {
        &proving_key.key
    }

    fn prove_unchecked(
        params: &Self::Params,
        key: &ProvingKey,
        table: &Table<Fp>,
        rng: &mut ChaCha20Rng,
    ) -> Result<Vec<u8>, SuiteError> {
        let layout = key.key.layout();
        check_params(params, layout)?;
        check_shape(layout, table)?;
        let mut tape = Tape::new(layout, table, rng);
        let proof = Vec::with_capacity(Self::proof_bytes(layout));
        let mut transcript = Blake2bWrite::<_, EqAffine, Challenge255<_>>::init(proof);
        let circuit = TableCircuit { layout: &key.flat, table: Some(table) };
        with_layout(key.flat.clone(), || {
            create_proof(params, &key.pk, &[circuit], &[&[&table.public]], &mut tape, &mut transcript)
        })
        .map_err(backend)?;
        tape.finish()?;
        let proof = transcript.finalize();
        check_head::<Self>(params, layout, table, &proof)?;
        Ok(proof)
    }
}

fn backend(error: Error) -> SuiteError {
    SuiteError::Backend(error.to_string())
}
