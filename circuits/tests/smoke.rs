use apportion_circuits::{column::*, field::SuiteField, plonkish::*, poseidon::Tag, relation::Relation, tree::*, types::*};
use rand_core::OsRng;
fn run<F: SuiteField>(tier: Tier) {
    let t=std::time::Instant::now();
    let layout: Layout<F> = Tree::layout(tier);
    println!("layout {:?}", t.elapsed());
    let checker = Checker::new(&layout);
    println!("checker {:?}", t.elapsed());
    assert_eq!(checker.defects(), Vec::<String>::new());
    println!("{:#?}", Cost::of(&layout));
    let records: Vec<_> = (0..tier.accounts()-3).map(|i| Record { payee: Payee([i as u8; 20]), content: ContentDigest([7; 32]) }).collect();
    let w = TreeWitness::enroll(tier, &records, &Mask::random(&mut OsRng), &Mask::random(&mut OsRng)).unwrap();
    let root = record_tree(tier, &records).unwrap().root();
    let inst = TreeInstance { context: F::from(5), tag: Tag::Record, root };
    Tree::check(tier, &inst, &w).unwrap();
    let t=std::time::Instant::now();
    let table = Tree::assign(&layout, tier, &inst, &w);
    println!("assign {:?}", t.elapsed());
    let t=std::time::Instant::now();
    if let Err(e) = checker.check(&table) { panic!("{e}"); }
    println!("check {:?}", t.elapsed());
}
#[test] fn t64() { run::<halo2curves_axiom::bn256::Fr>(Tier::T64); run::<pasta_curves::Fp>(Tier::T64); }
#[test] fn t1024() { run::<halo2curves_axiom::bn256::Fr>(Tier::T1024); }
