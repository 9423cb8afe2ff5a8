//! S7 on the chain: a segment moves with the number of records that the registry has for the posted revision, whatever
//! a developer and an attributor agree on.

use apportion_chain::{abi::IRevenueLedger as abi, calls};
use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::to_bytes,
    relation::Relation,
    split::{Split, SplitInstance, SplitWitness, split},
    types::Word,
};
use apportion_engine::Engine;
use apportion_statement::{
    Context, SplitContext,
    scores::{ScoreLeaf, ScoreTree},
};
use apportion_suite::{Bn254, Suite};
use halo2curves_axiom::bn256::Fr;
use rand_core::{OsRng, SeedableRng};
use std::sync::Arc;

use crate::world::{CHAIN_ID, Invalid, TIER, World, cache};

/// Scores of slots behind the last record: a proof can be made with a larger number of records, and no contract takes
/// it; with the registered number there is none.
#[test]
fn scores_of_empty_slots_cannot_be_settled() {
    const RECORDS: usize = 10;
    let mut world = World::enrolled(RECORDS);
    let revenue = world.revenue(1);
    world.life.deposit(1, revenue).unwrap();
    let pool = revenue - revenue * 4_500 / 10_000 - revenue * 500 / 10_000;
    let bundle = world.life.files().unwrap().bundle;
    let dataset = bundle.datasets[0].dataset.doc.dataset_id;

    // Half of all goes to slot 40, where nobody is.
    let mut scores = vec![0u64; TIER.accounts()];
    (scores[1], scores[40]) = (500, 500);
    let old = vec![0u128; TIER.accounts()];
    let outcome = split(pool, 1_000, &old, &scores).unwrap();
    let column = |values: Vec<Fr>| {
        let mut values = values;
        values.resize(TIER.slots(), Fr::zero());
        MaskedColumn::new(&values, &Mask::random(&mut OsRng))
    };
    let amounts = |values: &[u128]| -> Vec<Fr> {
        values.iter().map(|value| Fr::from_raw([*value as u64, (*value >> 64) as u64, 0, 0])).collect()
    };
    let witness = SplitWitness {
        old: column(amounts(&old)),
        new: column(amounts(&outcome.new)),
        score: column(scores.iter().map(|score| Fr::from(*score)).collect()),
    };
    let context = SplitContext {
        chain_id: CHAIN_ID,
        contract: world.life.ledger(),
        model: bundle.ledger.model_id,
        epoch: 1,
        dataset,
        segment: 0,
    };
    let instance = |records: usize| SplitInstance::<Fr> {
        context: context.to_field(),
        genesis: true,
        pool,
        total_score: 1_000,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records,
    };
    // The relation itself refuses the registered number.
    assert!(<Split as Relation<Fr>>::check(TIER, &instance(RECORDS), &witness).is_err());
    let instance = instance(TIER.accounts());
    assert!(<Split as Relation<Fr>>::check(TIER, &instance, &witness).is_ok());
    let layout = Arc::new(<Split as Relation<Fr>>::layout(TIER));
    let srs = cache().load_or_make_insecure_dev(layout.k).unwrap();
    let key = Bn254::proving_key(srs.kzg(), layout.clone()).unwrap();
    let table = Split::assign(&layout, &instance, &witness);
    let mut rng = rand_chacha::ChaCha20Rng::from_rng(OsRng).unwrap();
    let proof = Bn254::prove(srs.kzg(), &key, &table, &mut rng).unwrap();
    let inputs: Vec<Fr> = Split::public_inputs(&instance);
    assert_eq!(to_bytes(&inputs[5])[31], TIER.accounts() as u8);
    let linked =
        Bn254::verify(&Bn254::verifier_params(srs.kzg()), Bn254::key_of(&key), &inputs, &proof).unwrap();

    // Posted and closed as any scores are.
    let leaf = ScoreLeaf { dataset, segment: 0, revision: 0, score: 1_000, commitment: &linked[2] }.hash();
    let root = alloy_primitives::B256::from(ScoreTree::of(&[leaf]).root().0);
    let model = world.life.model().unwrap();
    let commit = abi::commitScoresCall {
        modelId: model,
        epoch: 1,
        root,
        totalScore: alloy_primitives::Uint::<96, 2>::from(1_000),
        count: 1,
    };
    world.must(world.life.roles.attributor, &commit);
    world.must(world.developer(), &abi::closeEpochCall { modelId: model, epoch: 1, scoreRoot: root });
    let moved = abi::Move {
        datasetId: apportion_chain::abi::bytes32(dataset),
        segment: 0,
        revision: 0,
        position: 0,
        segmentScore: alloy_primitives::Uint::<96, 2>::from(1_000),
        segmentPaid: outcome.segment_paid,
        path: vec![],
        proof: proof.into(),
    };
    let settle = abi::settleCall { modelId: model, epoch: 1, moves: vec![moved] };
    world.refuses::<Invalid>(world.customer(), &settle);
    assert_ne!(Word(root.0), Word::default());
    assert!(calls::dissolve(&bundle.ledger).is_ok());
}
