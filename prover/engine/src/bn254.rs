//! The engine of the suite `bn254`.

use std::sync::Arc;

use apportion_circuits::plonkish::{Layout, Table};
use apportion_suite::{Bn254, SuiteError, bn254::VerifyingKey};
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
        kzg::prove(params, key, table, &mut Drawn(rng))
    }
}
