//! The engine of the suite `bn254`.

use std::sync::Arc;

use apportion_circuits::plonkish::{Layout, Table};
use apportion_suite::{Bn254, Suite, SuiteError, bn254::VerifyingKey};
use halo2_axiom::halo2curves::bn256::Fr;
use rand_chacha::ChaCha20Rng;

use crate::{
    Engine,
    kzg::{self, Drawn},
};

pub use crate::kzg::ProvingKey;

impl Engine for Bn254 {
    type ProvingKey = ProvingKey;

    const ENGINE_VERSION: &'static str = "apportion kzg 1";
    const DETERMINISTIC: bool = true;

    fn proving_key(params: &Self::Params, layout: Arc<Layout<Fr>>) -> Result<ProvingKey, SuiteError> {
        ProvingKey::new(params, layout)
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
        prove_in_steps(params, key, table, rng, &mut |_| ())
    }
}

/// [`Engine::prove_unchecked`] that says when each of its steps begins: for whoever measures.
///
/// # Errors
/// As the engine's.
pub fn prove_in_steps(
    params: &<Bn254 as Suite>::Params,
    key: &ProvingKey,
    table: &Table<Fr>,
    rng: &mut ChaCha20Rng,
    step: &mut dyn FnMut(&'static str),
) -> Result<Vec<u8>, SuiteError> {
    kzg::prove(params, key, table, &mut Drawn(rng), step)
}
