//! How fast is a proof made and verified? Parameters and keys are made beforehand and not timed.

#![allow(clippy::expect_used, reason = "a bench")]

use std::sync::Arc;

use apportion_benches::{epoch, tiers, tree};
use apportion_circuits::{relation::Relation, split::Split, tree::Tree, types::Tier};
use apportion_engine::Engine;
use apportion_suite::{Bn254, Pasta, params::Srs};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use halo2_proofs::poly::commitment::Params;
use pasta_curves::EqAffine;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

fn proof<S: Engine, R: Relation<S::F>>(
    c: &mut Criterion,
    params: fn(u32) -> S::Params,
    sample: fn(Tier) -> (R::Instance, R::Witness),
) {
    let mut group = c.benchmark_group(format!("{}/{}", R::ID, S::ID));
    group.sample_size(10);
    let mut rng = ChaCha20Rng::from_rng(OsRng).expect("the system's generator");
    for tier in tiers() {
        let layout = Arc::new(R::layout(*tier));
        let params = params(layout.k);
        let key = S::proving_key(&params, layout.clone()).expect("the layout is sound");
        let (instance, witness) = sample(*tier);
        let table = R::assign(&layout, &instance, &witness);
        group.bench_function(BenchmarkId::new("prove", tier), |b| {
            b.iter(|| S::prove(&params, &key, &table, &mut rng))
        });
        let bytes = S::prove(&params, &key, &table, &mut rng).expect("an honest witness");
        let verifier = S::verifier_params(&params);
        let public = R::public_inputs(&instance);
        group.bench_function(BenchmarkId::new("verify", tier), |b| {
            b.iter(|| S::verify(&verifier, S::key_of(&key), &public, &bytes).is_ok())
        });
    }
}

fn all(c: &mut Criterion) {
    let kzg = |k| Srs::insecure_dev(k).expect("in range").kzg().clone();
    proof::<Bn254, Split>(c, kzg, epoch);
    proof::<Bn254, Tree>(c, kzg, tree);
    proof::<Pasta, Split>(c, Params::<EqAffine>::new, epoch);
    proof::<Pasta, Tree>(c, Params::<EqAffine>::new, tree);
}

criterion_group!(benches, all);
criterion_main!(benches);
