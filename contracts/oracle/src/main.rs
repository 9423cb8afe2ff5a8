//! Renders snark-verifier's contracts for our circuits and the insecure development setup: `apportion-oracle DIRECTORY`.
//!
//! Ours are compared with them on the same proofs (contracts/evm/tests/differential.rs). Both are made of the same
//! verifying key, by generators that share no code.

use std::{error::Error, fs, path::PathBuf, rc::Rc, sync::Arc};

use apportion_circuits::{plonkish::Layout, relation::Relation, split::Split, tree::Tree, types::Tier};
use apportion_suite::params::Srs;
use apportion_generator::contract_name;
use apportion_suite::{Bn254, Suite, bn254::VerifyingKey};
use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fq, Fr, G1Affine},
    poly::{commitment::ParamsProver, kzg::commitment::ParamsKZG},
};
use snark_verifier::{
    loader::evm::EvmLoader,
    pcs::kzg::{Bdfg21, KzgAs},
    system::halo2::{Config, compile, transcript::evm::EvmTranscript},
    verifier::{SnarkVerifier, plonk::PlonkVerifier},
};

type Verifier = PlonkVerifier<KzgAs<Bn256, Bdfg21>>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [directory] = arguments.as_slice() else { return Err("usage: apportion-oracle DIRECTORY".into()) };
    for tier in [Tier::T64, Tier::T1024] {
        let layouts: [Layout<Fr>; 2] = [Split::layout(tier), Tree::layout(tier)];
        for layout in layouts {
            let setup = Srs::insecure_dev(layout.k)?;
            let key = Bn254::verifying_key(setup.kzg(), Arc::new(layout))?;
            fs::write(
                directory.join(contract_name(&key)?).with_extension("sol"),
                render(setup.kzg(), &key)?,
            )?;
        }
    }
    Ok(())
}

/// The Solidity that snark-verifier makes of a key.
fn render(params: &ParamsKZG<Bn256>, key: &VerifyingKey) -> Result<String, String> {
    let inputs = vec![key.layout().public.len()];
    let protocol = compile(params, key.inner(), Config::kzg().with_num_instance(inputs.clone()));
    let loader = EvmLoader::new::<Fq, Fr>();
    let protocol = protocol.loaded(&loader);
    let mut transcript = EvmTranscript::<G1Affine, Rc<EvmLoader>, _, _>::new(&loader);
    let setup = (params.get_g()[0], params.g2(), params.s_g2()).into();
    let inputs = transcript.load_instances(inputs);
    let failed = |error| format!("{error:?}");
    let proof = Verifier::read_proof(&setup, &protocol, &inputs, &mut transcript).map_err(failed)?;
    Verifier::verify(&setup, &protocol, &inputs, &proof).map_err(failed)?;
    Ok(loader.solidity_code())
}
