//! How fast are hashes, roots and column commitments natively?

use std::hint::black_box;

use apportion_benches::{epoch, records, tiers};
use apportion_circuits::{field::SuiteField, tree::record_tree, types::Tier};
use apportion_suite::{Bn254, Pasta, Suite};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr},
    poly::kzg::commitment::ParamsKZG,
};
use halo2_proofs::poly::commitment::Params;
use pasta_curves::{EqAffine, Fp};
use rand_core::OsRng;

fn poseidon<F: SuiteField>(c: &mut Criterion) {
    let inputs = [1, 2, 3, 4].map(F::from);
    let hash = F::poseidon();
    c.bench_function(&format!("poseidon/{}", F::SUITE), |b| {
        b.iter(|| hash.hash(F::from(7), black_box(inputs)))
    });
    c.bench_function(&format!("poseidon by definition/{}", F::SUITE), |b| {
        b.iter(|| hash.permute_reference(black_box([F::from(7), inputs[0], inputs[1], inputs[2], inputs[3]])))
    });
}

fn root<F: SuiteField>(c: &mut Criterion) {
    let mut group = c.benchmark_group(format!("dataset root/{}", F::SUITE));
    group.sample_size(10);
    for tier in tiers() {
        let records = records(*tier);
        group.bench_with_input(BenchmarkId::from_parameter(tier), &records, |b, records| {
            b.iter(|| record_tree::<F>(*tier, records).map(|tree| tree.root()))
        });
    }
}

fn commitment<S: Suite>(c: &mut Criterion, params: &S::Params) {
    let mut group = c.benchmark_group(format!("column commitment/{}", S::ID));
    group.sample_size(10);
    for tier in [Tier::T64, Tier::T1024] {
        let (_, witness) = epoch::<S::F>(tier);
        group.bench_function(BenchmarkId::from_parameter(tier), |b| {
            b.iter(|| S::commit(params, &witness.new))
        });
    }
}

fn all(c: &mut Criterion) {
    poseidon::<Fr>(c);
    poseidon::<Fp>(c);
    root::<Fr>(c);
    root::<Fp>(c);
    commitment::<Bn254>(c, &ParamsKZG::<Bn256>::setup(11, OsRng));
    commitment::<Pasta>(c, &Params::<EqAffine>::new(11));
}

criterion_group!(benches, all);
criterion_main!(benches);
