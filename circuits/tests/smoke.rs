use apportion_circuits::{
    column::*, field::SuiteField, plonkish::*, poseidon::Tag, relation::Relation, tree::*, types::*,
};
use rand_core::OsRng;
fn run<F: SuiteField>(tier: Tier) {
    let t = std::time::Instant::now();
    let layout: Layout<F> = Tree::layout(tier);
    println!("layout {:?}", t.elapsed());
    let checker = Checker::new(&layout);
    println!("checker {:?}", t.elapsed());
    assert_eq!(checker.defects(), Vec::<String>::new());
    println!("{:#?}", Cost::of(&layout));
    let records: Vec<_> = (0..tier.accounts() - 3)
        .map(|i| Record { payee: Payee([i as u8; 20]), content: ContentDigest([7; 32]) })
        .collect();
    let w =
        TreeWitness::enroll(tier, &records, &Mask::random(&mut OsRng), &Mask::random(&mut OsRng)).unwrap();
    let root = record_tree(tier, &records).unwrap().root();
    let inst = TreeInstance { context: F::from(5), tag: Tag::Record, root };
    Tree::check(tier, &inst, &w).unwrap();
    let t = std::time::Instant::now();
    let table = Tree::assign(&layout, tier, &inst, &w);
    println!("assign {:?}", t.elapsed());
    let t = std::time::Instant::now();
    if let Err(e) = checker.check(&table) {
        panic!("{e}");
    }
    println!("check {:?}", t.elapsed());
}
#[test]
fn t64() {
    run::<halo2curves_axiom::bn256::Fr>(Tier::T64);
    run::<pasta_curves::Fp>(Tier::T64);
}
#[test]
fn t1024() {
    run::<halo2curves_axiom::bn256::Fr>(Tier::T1024);
}
use apportion_circuits::split::*;
fn run_split<F: SuiteField>(tier: Tier) {
    let layout: Layout<F> = Split::layout(tier);
    let checker = Checker::new(&layout);
    assert_eq!(checker.defects(), Vec::<String>::new());
    println!("{:?}", Cost::of(&layout));
    let n = tier.accounts();
    let scores: Vec<u64> = (0..n as u64)
        .map(|i| i * i * 77777 % 1000003 + if i == 3 { u64::MAX - 2000000 } else { 0 })
        .collect();
    let total: u128 = scores.iter().map(|x| *x as u128).sum();
    let old: Vec<u128> = (0..n as u128).map(|i| i << 100).collect();
    let pool = (1u128 << 127) - 12345;
    let out = split(pool, total, &old, &scores).unwrap();
    let col = |v: Vec<F>| {
        let mut v = v;
        v.resize(tier.slots(), F::ZERO);
        MaskedColumn::new(&v, &Mask::random(&mut OsRng))
    };
    let w = SplitWitness {
        old: col(old.iter().map(|x| F::from_u128(*x)).collect()),
        new: col(out.new.iter().map(|x| F::from_u128(*x)).collect()),
        score: col(scores.iter().map(|x| F::from(*x)).collect()),
    };
    let inst = SplitInstance {
        context: F::from(9),
        genesis: false,
        pool,
        total_score: total,
        segment_score: out.segment_score,
        segment_paid: out.segment_paid,
    };
    Split::check(tier, &inst, &w).unwrap();
    let t = std::time::Instant::now();
    let table = Split::assign(&layout, tier, &inst, &w);
    println!("assign {:?}", t.elapsed());
    if let Err(e) = checker.check(&table) {
        panic!("{e}");
    }
    println!("check {:?}", t.elapsed());
}
#[test]
fn s64() {
    run_split::<halo2curves_axiom::bn256::Fr>(Tier::T64);
    run_split::<pasta_curves::Fp>(Tier::T64);
}
#[test]
fn s1024() {
    run_split::<halo2curves_axiom::bn256::Fr>(Tier::T1024);
}
#[test]
fn s16384() {
    run_split::<halo2curves_axiom::bn256::Fr>(Tier::T16384);
}
