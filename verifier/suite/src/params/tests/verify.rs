//! A KZG proof made with a whole setup verifies with the three points of `VerifierParams`, and only with those
//! of its own setup.

use ff::Field;
use halo2_axiom::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_axiom::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_axiom::plonk::{
    Advice, Circuit, Column, ConstraintSystem, Error, Fixed, Instance, create_proof, keygen_pk, keygen_vk,
    verify_proof,
};
use halo2_axiom::poly::Rotation;
use halo2_axiom::poly::commitment::ParamsProver;
use halo2_axiom::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_axiom::poly::kzg::multiopen::{ProverGWC, ProverSHPLONK, VerifierGWC, VerifierSHPLONK};
use halo2_axiom::poly::kzg::strategy::SingleStrategy;
use halo2_axiom::transcript::{
    Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer,
};
use rand_core::OsRng;

use super::Setup;
use crate::params::bn254::points::g2_to_bytes;
use crate::params::{Srs, VerifierParams};

/// In row 0, a^2 equals the public input.
#[derive(Clone, Default)]
struct Square(Fr);

impl Circuit<Fr> for Square {
    type Config = (Column<Advice>, Column<Fixed>, Column<Instance>);
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self::default()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        let config = (meta.advice_column(), meta.fixed_column(), meta.instance_column());
        meta.create_gate("a^2 is the public input", |meta| {
            let a = meta.query_advice(config.0, Rotation::cur());
            let on = meta.query_fixed(config.1, Rotation::cur());
            let square = meta.query_instance(config.2, Rotation::cur());
            [on * (a.clone() * a - square)]
        });
        config
    }

    fn synthesize(&self, (a, on, _): Self::Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "row",
            |mut region| {
                region.assign_advice(a, 0, Value::known(self.0));
                region.assign_fixed(on, 0, Fr::ONE);
                Ok(())
            },
        )
    }
}

macro_rules! roundtrip {
    ($prover:ident, $verifier:ident) => {{
        const K: u32 = 5;
        type Scheme = KZGCommitmentScheme<Bn256>;
        let srs = Srs::insecure_dev(K).unwrap();
        let a = Fr::random(OsRng);
        let vk = keygen_vk(srs.kzg(), &Square::default()).unwrap();
        let pk = keygen_pk(srs.kzg(), vk, &Square::default()).unwrap();
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        create_proof::<Scheme, $prover<'_, _>, _, _, _, _>(
            srs.kzg(),
            &pk,
            &[Square(a)],
            &[&[&[a.square()]]],
            OsRng,
            &mut transcript,
        )
        .unwrap();
        let proof = transcript.finalize();
        let verifies = |verifier: &VerifierParams, square: Fr| {
            let params = verifier.kzg(K).unwrap();
            assert_eq!(params.get_g().len(), 1);
            let mut transcript = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof.as_slice());
            verify_proof::<Scheme, $verifier<'_, _>, _, _, _>(
                &params,
                pk.get_vk(),
                SingleStrategy::new(&params),
                &[&[&[square]]],
                &mut transcript,
            )
            .is_ok()
        };
        let verifier = VerifierParams::from_bytes(&srs.verifier().to_bytes()).unwrap();
        assert!(verifies(&verifier, a.square()));
        assert!(!verifies(&verifier, a.square() + Fr::ONE));
        let mut other = verifier.to_bytes();
        other[192..].copy_from_slice(&g2_to_bytes(&Setup::new(1).s_g2));
        assert!(!verifies(&VerifierParams::from_bytes(&other).unwrap(), a.square()));
    }};
}

#[test]
fn shplonk_verifies_with_three_points() {
    roundtrip!(ProverSHPLONK, VerifierSHPLONK);
}

#[test]
fn gwc_verifies_with_three_points() {
    roundtrip!(ProverGWC, VerifierGWC);
}
