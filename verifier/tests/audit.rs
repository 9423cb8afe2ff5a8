//! Every check of an audit fails alone, on a ledger where nothing else is wrong.
#![allow(clippy::unwrap_used)]

mod world;

use std::collections::BTreeSet;

use apportion_circuits::types::{Payee, Word};
use apportion_statement::files::*;
use apportion_statement::{dataset_id, model_id};
use apportion_verifier::audit::Scope;
use apportion_verifier::report::{Exit, Report};
use pasta_curves::Fp;

use self::world::{World, column};

fn failing(report: &Report) -> BTreeSet<&'static str> {
    report.checks.iter().filter(|check| !check.ok).map(|check| check.id.name()).collect()
}

#[test]
fn an_honest_ledger_is_valid() {
    let report = World::new().audit(Scope::Ledger);
    assert!(report.valid(), "{report:#?}");
    // 5 enrolments, 2 + 3 + 3 moves, 6 publications.
    let proofs = report.checks.iter().filter(|check| check.id.name().starts_with("proof.")).count();
    assert_eq!(proofs, 5 + 8 + 6);
    for epoch in 1..=4 {
        assert!(World::new().audit(Scope::Epoch(epoch)).valid());
    }
    assert!(World::new().audit(Scope::Publication { number: 2, dataset: 1, segment: 0 }).valid());
}

/// Applies a change, and expects exactly these checks to fail.
fn fails(expected: &[&str], change: impl Fn(&mut World)) {
    let mut world = World::new();
    change(&mut world);
    let report = world.audit(Scope::Ledger);
    assert!(report.error.is_none(), "{expected:?}: {:?}", report.error);
    let failing = failing(&report);
    assert_eq!(failing, expected.iter().copied().collect(), "{:#?}", report.failed());
    assert_eq!(report.exit(), Exit::Invalid);
}

#[test]
fn ids_and_policy() {
    fails(&["V6.policy"], |world| world.ledger.policy.contributors_bps += 1);
    fails(&["V2.model"], |world| {
        let other = model_id(0, Payee::default(), "other");
        world.ledger.model_id = other;
        world.datasets.iter_mut().flat_map(|(_, docs)| docs).for_each(|doc| doc.model_id = other);
        for (doc, scores) in &mut world.epochs {
            doc.model_id = other;
            scores.iter_mut().for_each(|scores| scores.model_id = other);
        }
        world.publications.iter_mut().for_each(|(doc, _)| doc.model_id = other);
    });
    fails(&["V2.model"], |world| world.last().0.model_id = Word([7; 32]));
    fails(&["V2.model"], |world| world.last().1.model_id = Word([7; 32]));
    fails(&["V2.model"], |world| world.publications[0].0.model_id = Word([7; 32]));
    fails(&["V2.model"], |world| world.datasets[1].1[0].model_id = Word([7; 32]));
    fails(&["V2.dataset"], |world| world.datasets[1].1[0].dataset_id = Word([7; 32]));
    fails(&["V2.dataset"], |world| world.datasets[0].1[1].dataset_id = Word([7; 32]));
    // A chain without a contract gave no ids: they are derived.
    fails(&["V2.dataset"], |world| {
        world.on_chain(1);
        world.datasets[1].1[0].dataset_id = Word([7; 32]);
    });
    fails(&["V2.model"], |world| world.ledger.chain_id = 1);
    let mut unbound = World::new();
    unbound.on_chain(1);
    assert!(unbound.audit(Scope::Ledger).valid());
    // A ledger that is bound to a contract has the contract's ids.
    let mut bound = World::new();
    bound.ledger.chain_id = 1;
    bound.ledger.contract = Payee([9; 20]);
    bound.datasets[1].1[0].dataset_id = Word([7; 32]);
    assert!(bound.audit(Scope::Ledger).valid());
}

#[test]
fn datasets() {
    fails(&["dataset.roots"], |world| {
        let (doc, enrolments) = &mut world.datasets[0];
        doc.records = 200;
        let id = dataset_id(doc.tier, doc.records, &doc.roots);
        enrolments.iter_mut().for_each(|enrolment| enrolment.dataset_id = id);
    });
    fails(&["V1.canonical"], |world| {
        let (doc, enrolments) = &mut world.datasets[1];
        doc.roots[0] = Word([0xff; 32]);
        enrolments[0].dataset_id = dataset_id(doc.tier, doc.records, &doc.roots);
    });
    fails(&["V3.once"], |world| {
        world.dataset(10, 99);
        world.datasets[2].0 = world.datasets[1].0.clone();
        world.datasets[2].1[0].dataset_id = world.datasets[1].1[0].dataset_id;
    });
    // Enrolled, and put off for ever.
    fails(&["V3.once"], |world| world.dataset(10, 6));
    let mut next = World::new();
    next.dataset(10, 5);
    assert!(next.audit(Scope::Ledger).valid());
    fails(&["V3.payee"], |world| {
        let forge = |claim: &mut world::Claim| claim.columns[0] = column("other", 0);
        world.forge.insert("datasets/1/segment-0.proof".into(), Box::new(forge));
    });
    fails(&["proof.enroll"], |world| {
        let forge = |claim: &mut world::Claim| claim.public[0] += Fp::one();
        world.forge.insert("datasets/0/renewals/000001/segment-1.proof".into(), Box::new(forge));
    });
    fails(&["V3.payee"], |world| world.publications[1].0.segments[0].renewal = 2);
}

#[test]
fn links() {
    for (index, id) in ["V3.old", "V3.new", "V3.score"].into_iter().enumerate() {
        fails(&[id], move |world| {
            let forge = move |claim: &mut world::Claim| claim.columns[index] = column("other", 0);
            world.forge.insert("epochs/000003/0-1.proof".into(), Box::new(forge));
        });
    }
    for (index, id) in ["V3.payee", "V3.balance"].into_iter().enumerate() {
        fails(&[id], move |world| {
            let forge = move |claim: &mut world::Claim| claim.columns[index] = column("other", 0);
            world.forge.insert("publications/000001/1-0.proof".into(), Box::new(forge));
        });
    }
    // A whole epoch replayed from the balances before the one that it follows.
    fails(&["V3.old"], |world| {
        let forge = |claim: &mut world::Claim| claim.columns[0] = column("balance", 100);
        world.forge.insert("epochs/000004/0-0.proof".into(), Box::new(forge));
    });
    fails(&["V3.genesis"], |world| world.last().0.segments[0].genesis = true);
    fails(&["V3.genesis"], |world| world.epochs[0].0.segments[0].genesis = false);
    // Genesis once more: the proof says so, history does not.
    fails(&["proof.split"], |world| {
        let forge = |claim: &mut world::Claim| claim.public[4] = Fp::one();
        world.forge.insert("epochs/000004/0-0.proof".into(), Box::new(forge));
    });
}

#[test]
fn every_segment_moves_exactly_once() {
    // The last epoch's publication is left out: it rests on the segments that the changes remove.
    let fails = |expected: &[&str], change: &dyn Fn(&mut EpochDoc)| {
        fails(expected, |world| {
            world.publications.pop();
            change(world.last().0);
        });
    };
    fails(&["V3.once"], &|doc| {
        let gone = doc.segments.pop().unwrap();
        doc.segments[0].segment_score.0 += gone.segment_score.0;
        doc.segments[0].segment_paid.0 += gone.segment_paid.0;
    });
    fails(&["V3.once"], &|doc| {
        let mut twice = doc.segments[0].clone();
        twice.segment_score.0 = 0;
        twice.segment_paid.0 = 0;
        twice.proof.file = "again.proof".parse().unwrap();
        doc.segments.push(twice);
    });
    fails(&["V3.once", "V3.genesis", "V4.posted"], &|doc| {
        let mut other = doc.segments[0].clone();
        other.dataset = 7;
        other.segment_score.0 = 0;
        other.segment_paid.0 = 0;
        other.proof.file = "other.proof".parse().unwrap();
        doc.segments.push(other);
    });
}

#[test]
fn posted_scores() {
    fails(&["V4.posted"], |world| world.last().0.segments[1].score_column = column("other", 0));
    fails(&["V4.posted"], |world| world.last().1.segments[1].commitment = column("other", 0));
    fails(&["V4.total"], |world| world.last().1.total_score.0 += 1);
    fails(&["V3.once", "V4.posted"], |world| _ = world.last().1.segments.pop());
    fails(&["V1.total"], |world| {
        let (doc, scores) = world.last();
        doc.total_score.0 = 1 << 80;
        scores.total_score.0 = 1 << 80;
        doc.segments[0].segment_score.0 = (1 << 80) - 20;
    });
    // Scores that were posted, and an epoch that pretends they sum to nothing.
    fails(&["V4.total"], |world| {
        world.publications.pop();
        let (doc, _) = world.last();
        doc.total_score.0 = 0;
        doc.carried_only = true;
        doc.segments.clear();
    });
}

#[test]
fn what_files_cannot_show_is_noted() {
    let notes = |change: &dyn Fn(&mut World)| {
        let mut world = World::new();
        change(&mut world);
        world.audit(Scope::Ledger).notes.join("\n")
    };
    // Epoch 2 was carried without scores.
    let unbound = notes(&|_| {});
    assert!(unbound.contains("epoch 2: carried without posted scores"), "{unbound}");
    assert!(unbound.contains("revenue, policy and posted scores are taken as stated"), "{unbound}");
    let bound = notes(&|world| world.ledger.contract = Payee([9; 20]));
    assert!(bound.contains("compare them with contract"), "{bound}");
}

#[test]
fn sums_and_money() {
    fails(&["V5.score"], |world| world.last().0.segments[2].segment_score.0 += 1);
    fails(&["V5.paid"], |world| world.last().0.segments[2].segment_paid.0 += 8);
    fails(&["V5.paid"], |world| world.last().0.segments[2].segment_paid.0 = u128::MAX);
    fails(&["V5.dust"], |world| world.last().0.segments[2].segment_paid.0 -= 3 * 62);
    fails(&["V6.carried"], |world| {
        world.last().0.carried.0 += 1;
        world.last().0.pool.0 += 1;
    });
    fails(&["V6.shares"], |world| world.last().0.shares[0].amount.0 += 1);
    fails(&["V6.shares"], |world| world.last().0.shares[1].address = Payee([9; 20]));
    fails(&["V6.shares"], |world| _ = world.last().0.shares.pop());
    fails(&["V6.pool"], |world| world.last().0.pool.0 += 1);
    fails(&["V6.pool"], |world| world.last().0.pool.0 -= 1);
    fails(&["V7.lifetime"], |world| {
        let policy = world.ledger.policy.clone();
        let (doc, _) = world.last();
        doc.revenue.0 = u128::MAX;
        let split = policy.split(doc.revenue.0, doc.carried.0).unwrap();
        doc.shares = split.shares;
        doc.segments[0].segment_paid.0 += split.pool - doc.pool.0;
        doc.pool.0 = split.pool;
    });
}

/// An epoch with scores whose pool is carried: only a contract can decide that.
#[test]
fn abandoned_epochs() {
    fails(&["V6.carried"], |world| {
        world.publications.pop();
        let (doc, _) = world.last();
        (doc.abandoned, doc.carried_only) = (true, true);
        doc.segments.clear();
    });
}

#[test]
fn v8_openings() {
    fails(&["V8.openings"], |world| (0..120).for_each(|_| world.publish(4, 1)));
    // One score column, used again and again by all segments.
    fails(&["V8.openings"], |world| {
        (5..40).for_each(|epoch| world.settle(epoch, 100, &[(0, 0), (0, 1), (1, 0)]));
        for (doc, scores) in world.epochs.iter_mut().skip(3) {
            doc.segments.iter_mut().for_each(|s| s.score_column = column("score", 0));
            let scores = scores.as_mut().unwrap();
            scores.segments.iter_mut().for_each(|s| s.commitment = column("score", 0));
        }
    });
}

#[test]
fn publications() {
    fails(&["publication.leaves"], |world| {
        world.publications[0].0.segments[0].root = Word::from_field(&Fp::from(5));
    });
    fails(&["publication.leaves"], |world| world.publications[0].1[0].leaves.swap(3, 4));
    fails(&["V1.canonical"], |world| world.publications[0].0.segments[0].root = Word([0xff; 32]));
    fails(&["V3.balance"], |world| world.publications[0].0.epoch = 2);
    // Balances that a publication before has superseded.
    fails(&["V3.balance"], |world| world.publish(3, 0));
    fails(&["V3.once"], |world| {
        let (doc, lists) = &mut world.publications[0];
        doc.segments.push(doc.segments[0].clone());
        lists.push(lists[0].clone());
    });
    fails(&["V3.once"], |world| {
        let (doc, lists) = &mut world.publications[0];
        doc.segments.clear();
        lists.clear();
    });
    fails(&["proof.publish"], |world| {
        let forge = |claim: &mut world::Claim| claim.public[1] += Fp::one();
        world.forge.insert("publications/000001/1-0.proof".into(), Box::new(forge));
    });
}

#[test]
fn files_are_those_that_headers_name() {
    for file in ["epochs/000003/scores.json", "publications/000002/0-0.leaves.json"] {
        fails(&["file.digest"], move |world| {
            _ = world.edit.insert(file.into(), Box::new(|bytes| bytes.push(b'\n')));
        });
    }
    // Another proof of the same statement is not the one that was announced.
    let digest_only = |world: &mut World| {
        world.edit.insert(
            "epochs/000003/epoch.json".into(),
            Box::new(|bytes| {
                let mut doc = EpochDoc::from_json(bytes).unwrap();
                doc.segments[0].proof.sha256 = Word([1; 32]);
                *bytes = doc.to_json();
            }),
        );
    };
    fails(&["file.digest"], digest_only);
}
