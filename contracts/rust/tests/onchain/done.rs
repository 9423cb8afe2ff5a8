//! What a sender finds done already, and in which order a chain wants scores.

use std::{fs, path::Path};

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use apportion::{actions::scores::Posted, ledger::Ledger};
use apportion_circuits::types::{Payee, Word};
use apportion_verifier::{
    bundle::{Document, EnrolmentDoc},
    chain::{
        Call, ChainError, ReadChain, Sender,
        abi::{IRevenueLedger, coordinates},
        already_done,
    },
};

use crate::{
    audit::Node,
    world::{RECORDS, World},
};

#[test]
fn what_another_run_did_is_not_taken_for_done() {
    let mut world = World::enrolled(RECORDS);
    let sender = Sender { from: world.life.roles.developer, renewal: 0 };
    let done = |world: &World, call: &Call| already_done(call, sender, &mut Node(world.life.chain.clone()));
    let other = |call: &Call| Call { column: Some(Word([7; 32])), ..call.clone() };
    let enrolled = world.life.source().unwrap().enroll(0, 0).unwrap();
    for call in &enrolled {
        assert!(done(&world, call).unwrap());
        let refused = done(&world, &other(call)).unwrap_err();
        assert!(matches!(refused, ChainError::Refused(_)) && refused.to_string().contains("other payees"));
    }
    world.close(1);
    let first = world.life.source().unwrap().settle(1).unwrap();
    assert!(!done(&world, &first[0]).unwrap());
    world.life.settle(1).unwrap();
    for call in &first {
        assert!(done(&world, call).unwrap());
        assert!(done(&world, &other(call)).unwrap_err().to_string().contains("other balances"));
    }
    world.close(2);
    world.life.settle(2).unwrap();
    assert!(done(&world, &world.life.source().unwrap().settle(2).unwrap()[0]).unwrap());
    assert!(done(&world, &first[0]).unwrap_err().to_string().contains("balances of epoch 2"));
}

/// Two datasets of two segments, the second of which was enrolled first.
struct Swapped {
    second: Word,
    enrolled: u16,
}

impl ReadChain for Swapped {
    fn chain_id(&mut self) -> Result<u64, String> {
        Ok(crate::world::CHAIN_ID)
    }

    fn code(&mut self, _: Payee) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }

    fn call(&mut self, _: Payee, data: Vec<u8>) -> Result<Vec<u8>, String> {
        let call = IRevenueLedger::getEnrolmentCall::abi_decode(&data).map_err(|error| error.to_string())?;
        let first = if call.datasetId.0 == self.second.0 { 0 } else { 2 };
        let found = IRevenueLedger::Enrolment { tier: 3, segments: 2, enrolled: self.enrolled, first };
        Ok(IRevenueLedger::getEnrolmentCall::abi_encode_returns(&found))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, to) = (entry.unwrap().path(), to);
        let to = to.join(entry.file_name().unwrap());
        if entry.is_dir() { copy(&entry, &to) } else { assert!(fs::copy(&entry, &to).is_ok()) }
    }
}

#[test]
fn scores_go_where_the_chain_has_the_segments() {
    let mut world = World::enrolled(RECORDS);
    world.close(1);
    let state = Ledger::open(&world.life.ledger_dir()).unwrap().state;
    let mut scores = Posted::read(&world.life.dir.join("scores-1"), &state, 1).unwrap().doc;
    let source = world.life.source().unwrap();
    // In any order in the file.
    let (points, at): (Vec<_>, _) = (
        scores.segments.iter().map(|s| coordinates(&s.commitment).unwrap()).collect(),
        scores.segments.clone(),
    );
    scores.segments.reverse();
    let given = |call: Call| IRevenueLedger::commitScoresCall::abi_decode(&call.data).unwrap().points;
    assert_eq!(given(source.commit_scores(&scores).unwrap()), points);
    let mut node = Node(world.life.chain.clone());
    assert_eq!(given(source.commit_scores_on(&scores, &mut node).unwrap()), points);
    // Not all, and one twice.
    let mut few = scores.clone();
    few.segments.pop();
    assert!(source.commit_scores(&few).is_err());
    few.segments.push(few.segments[0].clone());
    assert!(source.commit_scores(&few).is_err());

    // A second dataset.
    let dir = source.dir();
    copy(&dir.dataset(0), &dir.dataset(1));
    let path = dir.enrolment(1, 0).join("enrolment.json");
    let mut doc = EnrolmentDoc::read(&path).unwrap();
    (doc.dataset, doc.dataset_id) = (1, Word([5; 32]));
    fs::write(&path, doc.to_json()).unwrap();
    assert!(source.commit_scores(&scores).is_err(), "two segments have no scores");
    scores.segments = at.clone();
    for (number, segment) in (0u32..).zip(at.iter().rev()) {
        let mut segment = segment.clone();
        (segment.dataset, segment.segment) = (1, number);
        scores.segments.push(segment);
    }
    let [a, b]: [[U256; 2]; 2] = points.try_into().unwrap();
    assert_eq!(given(source.commit_scores(&scores).unwrap()), [a, b, b, a]);
    let mut chain = Swapped { second: doc.dataset_id, enrolled: 2 };
    assert_eq!(given(source.commit_scores_on(&scores, &mut chain).unwrap()), [b, a, a, b]);
    chain.enrolled = 1;
    assert!(
        source.commit_scores_on(&scores, &mut chain).unwrap_err().to_string().contains("1 of 2 are enrolled")
    );
    // Both would be first.
    let mut chain = Swapped { second: Word::default(), enrolled: 2 };
    assert!(source.commit_scores_on(&scores, &mut chain).is_err());
}
