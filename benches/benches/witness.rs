//! How fast is a witness table filled, and checked natively?

use apportion_benches::{epoch, tiers, tree};
use apportion_circuits::{
    field::SuiteField, plonkish::Checker, relation::Relation, split::Split, tree::Tree, types::Tier,
};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use halo2_axiom::halo2curves::bn256::Fr;

fn table<F: SuiteField, R: Relation<F>>(c: &mut Criterion, sample: fn(Tier) -> (R::Instance, R::Witness)) {
    let mut group = c.benchmark_group(format!("{} table/{}", R::ID, F::SUITE));
    group.sample_size(10);
    for tier in tiers() {
        let layout = R::layout(*tier);
        let (instance, witness) = sample(*tier);
        group.bench_function(BenchmarkId::new("fill", tier), |b| {
            b.iter(|| R::assign(&layout, &instance, &witness))
        });
        let checker = Checker::new(&layout);
        let table = R::assign(&layout, &instance, &witness);
        group.bench_function(BenchmarkId::new("check", tier), |b| b.iter(|| checker.check(&table).is_ok()));
    }
}

fn all(c: &mut Criterion) {
    table::<Fr, Split>(c, epoch);
    table::<Fr, Tree>(c, tree);
}

criterion_group!(benches, all);
criterion_main!(benches);
