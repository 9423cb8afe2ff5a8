//! Known setups: recognised by `[tau]2`, and nothing else is.

use ff::Field;
use group::Curve;
use halo2_axiom::halo2curves::bn256::{Bn256, Fr, G2, G2Affine};
use halo2_axiom::poly::kzg::commitment::ParamsKZG;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

use super::Setup;
use crate::params::bn254::known::{insecure_dev_tau, tau_of, zero_seed_tau};
use crate::params::{Ceremony, Provenance};

fn of(tau: Fr) -> Provenance {
    Provenance::of(&(G2::generator() * tau).to_affine())
}

#[test]
fn public_secrets_are_insecure() {
    assert_eq!(of(insecure_dev_tau()), Provenance::InsecureDev);
    assert_eq!(of(zero_seed_tau()), Provenance::InsecurePublic);
    for small in [0u64, 1, 2, 42, 1024] {
        assert_eq!(of(Fr::from(small)), Provenance::InsecurePublic);
        assert_eq!(of(-Fr::from(small)), Provenance::InsecurePublic);
    }
    for other in [Fr::from(1025), Fr::random(OsRng)] {
        assert!(matches!(of(other), Provenance::Imported(_)));
        assert!(!of(other).is_insecure());
    }
}

/// What `gen_srs` of snark-verifier-sdk does, at two sizes.
#[test]
fn the_zero_seed_is_that_of_snark_verifier() {
    for k in [1, 4] {
        let params = ParamsKZG::<Bn256>::setup(k, ChaCha20Rng::from_seed(Default::default()));
        assert_eq!(Provenance::of(&params.s_g2()), Provenance::InsecurePublic);
        assert_eq!(params.s_g2(), Setup::of(&zero_seed_tau(), k).s_g2);
    }
}

/// The table's constants decode, which includes curve and subgroup, and carry different labels.
#[test]
fn ceremonies_are_recognised() {
    let mut labels = Vec::new();
    for ceremony in Ceremony::ALL {
        let s_g2: G2Affine = tau_of(ceremony);
        assert_eq!(Provenance::of(&s_g2), Provenance::Ceremony(ceremony));
        assert!(matches!(Provenance::of(&-s_g2), Provenance::Imported(_)));
        labels.push(ceremony.label());
    }
    assert_eq!(labels, ["challenge_0085", "hez_final", "ignition"]);
}
