//! Every check of an audit fails alone, on a ledger where nothing else is wrong.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod world;

use std::collections::BTreeSet;

use apportion_circuits::types::{Payee, Tier, Word};
use apportion_statement::{CheckId, context::model_id, files::*};
use apportion_verifier::{
    audit::{Options, Scope, audit_bundle},
    report::{Exit, Report},
};
use pasta_curves::Fp;

use self::world::{Claim, World, column, failing, fake::Fake};

/// Applies a change, and expects exactly these checks to fail.
fn fails(expected: &[&str], change: impl Fn(&mut World)) -> String {
    let mut world = World::new();
    change(&mut world);
    refuses(expected, &world.audit(Scope::Ledger))
}

fn refuses(expected: &[&str], report: &Report) -> String {
    assert!(report.error.is_none(), "{expected:?}: {:?}", report.error);
    let expected: BTreeSet<_> = expected.iter().copied().collect();
    assert_eq!(failing(report), expected, "{:#?}", report.failed());
    assert_eq!(report.exit(), Exit::Invalid);
    report.failed().unwrap().detail.clone()
}

fn forge(world: &mut World, path: &str, forge: impl Fn(&mut Claim) + 'static) {
    world.forge.insert(path.into(), Box::new(forge));
}

#[test]
fn an_honest_ledger_is_valid() {
    let report = World::new().audit(Scope::Ledger);
    assert!(report.valid(), "{:#?} {:?}", report.failed(), report.error);
    let proofs = |report: &Report, id| report.checks.iter().filter(|check| check.id == id).count();
    // Two segments, one that stays, two that change or are new; one; one.
    assert_eq!(proofs(&report, CheckId::ProofEnroll), 2 + 2 + 1 + 1);
    assert_eq!(proofs(&report, CheckId::ProofSplit), 3 + 2 + 4 + 2);
    for (epoch, moves) in [(1, 3), (2, 2), (3, 4), (4, 2)] {
        let report = World::new().audit(Scope::Epoch(epoch));
        assert!(report.valid(), "{:#?} {:?}", report.failed(), report.error);
        assert_eq!(proofs(&report, CheckId::ProofSplit), moves);
        assert_eq!(proofs(&report, CheckId::ProofEnroll), 0);
    }
    // A ledger without an epoch, and one without a dataset.
    let mut young = World::empty();
    young.policy(6_000, 1);
    assert!(young.audit(Scope::Ledger).valid());
    young.dataset(Tier::T64, 3, 1);
    assert!(young.audit(Scope::Ledger).valid());
}

#[test]
fn a_report_names_its_subject_and_what_it_leaves_open() {
    let world = World::new();
    let report = world.audit(Scope::Ledger);
    assert_eq!(report.subject.facts()[0], ("model".to_owned(), "model".to_owned()));
    assert_eq!(report.subject.get("model_id"), Some(world.ledger.model_id.to_string().as_str()));
    assert_eq!(report.subject.get("epochs"), Some("1 to 4"));
    assert_eq!(report.subject.get("revenue"), Some("3005780"));
    assert!(report.subject.get("dataset 2").unwrap().contains("retired from epoch 3"));
    assert!(report.subject.get("key split-1024").is_some());
    let amounts: Vec<_> =
        report.epochs.iter().map(|epoch| (epoch.policy, epoch.segments, epoch.records)).collect();
    assert_eq!(amounts, [(1, 3, 75), (1, 2, 67), (2, 4, 140), (2, 2, 72)]);
    assert_eq!(report.epochs[1].replaced, 1);
    assert!(report.notes.join("\n").contains("1 proven attempt at"), "{:?}", report.notes);
    let open = report.not_checked.join("\n");
    assert!(open.contains("whether scores are honest") && open.contains("any chain"), "{open}");
    // Neither two ledgers, nor two states of one, have the same report.
    let digest =
        |world: &World| world.audit(Scope::Ledger).subject.get("documents_digest").unwrap().to_owned();
    let mut younger = World::new();
    younger.epochs.pop();
    let mut other = World::new();
    other.ledger.receipt_key = Word([4; 32]);
    let digests: BTreeSet<_> = [&world, &younger, &other].map(digest).into();
    assert_eq!(digests.len(), 3);
    assert_eq!(digest(&World::new()), digest(&world));
    // A contract could be asked.
    let mut bound = World::new();
    bound.ledger.contract = Payee([9; 20]);
    bound.ledger.developer = Payee([8; 20]);
    let open = bound.audit(Scope::Ledger).not_checked.join("\n");
    assert!(open.contains(&format!("compare with contract {}", Payee([9; 20]))), "{open}");
}

#[test]
fn ids_and_policies() {
    fails(&["V2.model"], |world| world.ledger.chain_id = 1);
    fails(&["V2.model"], |world| world.ledger.model = "other".into());
    let mut bound = World::new();
    let (contract, developer) = (Payee([9; 20]), Payee([8; 20]));
    (bound.ledger.contract, bound.ledger.developer) = (contract, developer);
    refuses(&["V2.model"], &bound.audit(Scope::Ledger));
    let mut world = World::empty();
    (world.ledger.contract, world.ledger.developer) = (contract, developer);
    world.ledger.model_id = model_id(0, contract, developer, "model");
    world.policy(10, 1);
    assert!(world.audit(Scope::Ledger).valid());
    fails(&["V2.dataset"], |world| world.datasets[1].doc.uri.push('x'));
    fails(&["V2.dataset"], |world| {
        world.datasets[2].name(Word([7; 32]));
        (1..=2).for_each(|epoch| world.post(epoch));
    });
    // Of a policy that splits no epoch.
    let policy = |change: fn(&mut PolicyDoc)| {
        fails(&["V6.policy"], |world| {
            world.policy(1_000, 9);
            change(&mut world.policies[2]);
        })
    };
    policy(|policy| policy.terms.contributors_bps += 1);
    policy(|policy| policy.terms.beneficiaries[0].address = Payee::default());
    policy(|policy| policy.terms.beneficiaries[1].name = "developer".into());
    let mut late = World::empty();
    late.policy(1_000, 2);
    assert!(refuses(&["V6.policy"], &late.audit(Scope::Ledger)).contains("not 1"));
    let mut early = World::empty();
    early.policy(1_000, 1);
    early.policy(2_000, 1);
    assert!(refuses(&["V6.policy"], &early.audit(Scope::Ledger)).contains("it was open already"));
    // One that would split no epoch, since a later one begins as early.
    for first in [8, 9] {
        let text = fails(&["V6.policy"], |world| {
            world.policy(1_000, 9);
            world.policy(2_000, first);
        });
        assert!(text.contains("the one before it with epoch 9"), "{text}");
    }
}

#[test]
fn policies_in_force() {
    let version = |change: fn(&mut World)| fails(&["V6.version"], change);
    version(|world| world.policies[1].first_epoch = 4);
    version(|world| world.policies[1].first_epoch = 2);
    version(|world| world.policy(1_000, 4));
    // A policy that does not exist.
    version(|world| world.last().0.policy = 7);
}

#[test]
fn datasets() {
    fails(&["dataset.roots"], |world| {
        world.dataset(Tier::T64, 10, 5);
        world.datasets[3].revisions[0].doc.records = 70;
        world.datasets[3].rename();
    });
    // One record less than stands there, and a path that is no path.
    fails(&["dataset.count"], |world| {
        world.dataset(Tier::T64, 10, 5);
        world.datasets[3].revisions[0].doc.records = 9;
        world.datasets[3].rename();
    });
    fails(&["dataset.count"], |world| {
        world.dataset(Tier::T64, 10, 5);
        world.datasets[3].revisions[0].doc.count.pop();
    });
    fails(&["V1.canonical"], |world| {
        world.dataset(Tier::T64, 10, 5);
        world.datasets[3].revisions[0].doc.count[0] = Word([0xff; 32]);
    });
    // Enrolled twice; put off for ever; from an epoch before the first.
    fails(&["V3.once"], |world| {
        world.dataset(Tier::T64, 10, 5);
        let like = &world.datasets[1];
        let (doc, revisions) = (like.doc.clone(), like.revisions.clone());
        (world.datasets[3].doc, world.datasets[3].revisions) = (doc, revisions);
        world.datasets[3].rename();
    });
    fails(&["V3.once"], |world| world.dataset(Tier::T64, 10, 6));
    fails(&["V3.once"], |world| world.datasets[0].enrolment.first_epoch = 0);
    let mut next = World::new();
    next.dataset(Tier::T64, 10, 5);
    assert!(next.audit(Scope::Ledger).valid());
    // Committed and not proven yet.
    next.datasets[3].revisions[0].columns = None;
    assert!(next.audit(Scope::Ledger).valid());
}

#[test]
fn extensions() {
    let extended = |change: fn(&mut RevisionDoc)| {
        fails(&["dataset.extension"], |world| {
            world.dataset(Tier::T64, 10, 5);
            world.extend(3, 20);
            change(&mut world.datasets[3].revisions[1].doc);
        })
    };
    extended(|revision| revision.extension = None);
    extended(|revision| revision.extension.as_mut().unwrap().leaf = Word([1; 32]));
    extended(|revision| _ = revision.extension.as_mut().unwrap().left.pop());
    extended(|revision| revision.extension.as_mut().unwrap().right[0] = Word([1; 32]));
    extended(|revision| revision.extension.as_mut().unwrap().left[0] = Word([1; 32]));
    // Another dataset's records in its place: some stay, one moves.
    fails(&["dataset.extension"], |world| {
        world.dataset(Tier::T64, 10, 5);
        world.dataset(Tier::T64, 10, 5);
        world.extend(3, 20);
        world.extend(4, 20);
        let other = world.datasets[4].revisions[1].clone();
        world.datasets[3].revisions[1] = other;
        world.datasets[3].rename();
    });
    // A full segment keeps its root.
    fails(&["dataset.extension"], |world| {
        world.dataset(Tier::T64, 62, 5);
        world.extend(3, 70);
        world.dataset(Tier::T64, 62, 5);
        let other = world.datasets[4].revisions[0].doc.roots[0];
        let revision = &mut world.datasets[3].revisions[1];
        revision.doc.roots[0] = other;
        let columns = revision.columns.as_mut().unwrap();
        let mut first = columns.columns[0].clone();
        (first.segment, first.proof.file) = (0, DatasetDir::enroll_proof(0));
        columns.columns.insert(0, first);
    });
    // No more records than before, in a segment that is full and in one that is not.
    for records in [62, 10] {
        fails(&["dataset.extension"], |world| {
            world.dataset(Tier::T64, records, 5);
            let mut same = world.datasets[3].revisions[0].clone();
            same.doc.revision = 1;
            same.columns = None;
            world.datasets[3].revisions.push(same);
        });
    }
    // Fewer records than before.
    fails(&["dataset.extension"], |world| {
        world.dataset(Tier::T64, 20, 5);
        world.dataset(Tier::T64, 10, 5);
        let mut fewer = world.datasets[4].revisions[0].clone();
        fewer.doc.revision = 1;
        fewer.columns.as_mut().unwrap().revision = 1;
        world.datasets[3].revisions.push(fewer);
        world.datasets[3].rename();
    });
}

#[test]
fn payee_columns() {
    fails(&["V3.payee"], |world| {
        forge(world, "datasets/1/revisions/000000/columns/segment-0.proof", |claim| {
            claim.columns[0] = column("other", 0);
        });
    });
    fails(&["proof.enroll"], |world| {
        forge(world, "datasets/0/revisions/000001/columns/segment-1.proof", |claim| {
            claim.public[0] += Fp::one()
        });
    });
    // The proof of the revision before, whose context is another.
    fails(&["proof.enroll"], |world| {
        forge(world, "datasets/0/revisions/000001/columns/segment-1.proof", |claim| {
            *claim.public.last_mut().unwrap() += Fp::one();
        });
    });
    fails(&["V3.proven"], |world| world.datasets[1].revisions[0].columns = None);
    // A column that was proven before the segment grew says nothing about its newer records.
    let detail = fails(&["V3.proven"], |world| {
        world.extend(2, 9);
        world.datasets[2].revisions[1].columns = None;
        world.at(2).1.segments[1].revision = 1;
        world.post(2);
    });
    assert!(detail.contains("dataset 2 segment 0"), "{detail}");
}

#[test]
fn links() {
    for (index, id) in ["V3.old", "V3.new", "V3.score"].into_iter().enumerate() {
        fails(&[id], move |world| {
            forge(world, "epochs/000003/0-1.proof", move |claim| claim.columns[index] = column("other", 0));
        });
    }
    // A whole epoch replayed from the balances before the ones that it follows; of a segment that stood still between.
    fails(&["V3.old"], |world| {
        forge(world, "epochs/000003/0-0.proof", |claim| claim.columns[0] = column("balance", 100));
    });
    fails(&["V3.new"], |world| {
        forge(world, "epochs/000003/0-1.proof", |claim| claim.columns[1] = column("balance", 101));
    });
    // Genesis once more, more records than there are, another segment's score: the proof says so, history does not.
    for public in 0..7 {
        fails(&["proof.split"], move |world| {
            forge(world, "epochs/000004/0-1.proof", move |claim| claim.public[public] += Fp::one());
        });
    }
}

#[test]
fn epochs_follow_one_another() {
    // The reader refuses a gap before: whoever makes a bundle otherwise is told.
    let mut world = World::empty();
    world.policy(6_000, 1);
    world.dataset(Tier::T64, 10, 1);
    world.settle(1000, &[(0, 0, 0)]);
    let (doc, scores) = world.at(1);
    (doc.epoch, scores.epoch) = (2, 2);
    let temp = tempfile::tempdir().unwrap();
    let dir = PublicDir::new(temp.path());
    world.write(&dir);
    let mut bundle = world.bundle(dir.clone());
    bundle.epochs[0].doc = EpochDoc::read(&dir.epoch(2).join("epoch.json")).unwrap();
    let columns = dir.dataset(0).columns(0).join("columns.json");
    bundle.datasets[0].dataset.revisions[0].columns = Some(ColumnsDoc::read(&columns).unwrap());
    refuses(&["V3.order"], &audit_bundle::<Fake>(&bundle, &Options::default(), &Scope::Ledger));
}

#[test]
fn posted_scores() {
    fails(&["V4.posted"], |world| world.last().1.root = Word([1; 32]));
    fails(&["V3.revision"], |world| {
        world.at(1).1.segments[0].revision = 7;
        world.post(1);
    });
    // Back to fewer records than it moved with before.
    fails(&["V3.revision"], |world| {
        world.last().1.segments[0].revision = 0;
        world.post(4);
    });
    fails(&["V4.posted"], |world| {
        let (doc, scores) = world.last();
        scores.segments[1].score.0 = 0;
        scores.segments[0].score.0 = 20;
        doc.segments[0].paid.0 += 1;
        world.post(4);
    });
    fails(&["V1.total"], |world| {
        let (_, scores) = world.last();
        scores.total_score.0 = 1 << 80;
        scores.segments[0].score.0 = (1 << 80) - 10;
        world.post(4);
    });
    fails(&["V4.moved"], |world| {
        world.epochs.truncate(3);
        let (doc, scores) = world.last();
        let gone = doc.segments.pop().unwrap();
        doc.segments[0].paid.0 += gone.paid.0;
        // Only the sum over segments that move is made to fit.
        scores.total_score.0 -= scores.segments[3].score.0;
        world.post(3);
    });
    fails(&["V4.moved"], |world| {
        let (doc, _) = world.last();
        let mut twice = doc.segments[0].clone();
        (twice.dataset, twice.segment, twice.paid.0) = (0, 0, 0);
        twice.proof.file = PublicDir::split_proof(0, 0);
        doc.segments.push(twice);
    });
    // All of them, and in another order than the scores.
    let text = fails(&["V4.moved"], |world| world.last().0.segments.swap(0, 1));
    assert!(text.contains("order"), "{text}");
}

#[test]
fn segments_take_part_in_order_and_once() {
    let posted = |change: fn(&mut World)| fails(&["V3.once"], change);
    // Before its first epoch, after its last, never enrolled.
    posted(|world| world.datasets[1].enrolment.first_epoch = 4);
    posted(|world| world.datasets[2].retirement.as_mut().unwrap().from_epoch = 2);
    posted(|world| {
        world.last().1.segments[1].segment = 9;
        world.last().0.segments[1].segment = 9;
        world.last().0.segments[1].proof.file = PublicDir::split_proof(1, 9);
        world.post(4);
    });
    // Out of order: what is searched in such a list is not found, so the sums are not those of the segments either.
    fails(&["V3.once", "V5.score"], |world| {
        let (doc, scores) = world.last();
        doc.segments.swap(0, 1);
        scores.segments.swap(0, 1);
        world.post(4);
    });
}

#[test]
fn sums_and_money() {
    fails(&["V5.score"], |world| {
        world.last().1.total_score.0 += 1;
    });
    fails(&["V5.paid"], |world| world.last().0.segments[1].paid.0 += 8);
    fails(&["V5.paid"], |world| world.last().0.segments[1].paid.0 = u128::MAX);
    // 62 and 10 records take part: they lose less than 72 units to rounding.
    fails(&["V5.dust"], |world| world.last().0.segments[1].paid.0 -= 72);
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
        let policy = world.policies[1].terms.clone();
        let (doc, _) = world.last();
        doc.revenue.0 = u128::MAX;
        let split = policy.split(doc.revenue.0, doc.carried.0).unwrap();
        doc.shares = split.shares;
        doc.segments[0].paid.0 += split.pool - doc.pool.0;
        doc.pool.0 = split.pool;
    });
}

#[test]
fn v8_openings() {
    // One score column, used again and again.
    let mut world = World::new();
    for _ in 0..100 {
        world.settle(100, &[(1, 0, 0)]);
    }
    assert!(world.audit(Scope::Ledger).valid());
    for epoch in 5..=104 {
        world.at(epoch).1.segments[0].commitment = column("score", 0);
        world.post(epoch);
    }
    assert!(world.audit(Scope::Ledger).valid());
    world.at(4).1.segments[1].commitment = column("score", 0);
    world.post(4);
    refuses(&["V8.openings"], &world.audit(Scope::Ledger));
    // Attempts that were taken back opened the balances before, too: 98 more than New and Old.
    let attempts = |count: usize| {
        let mut world = World::new();
        let attempt = world.epochs[1].0.replaced[0].clone();
        world.epochs[1].0.replaced = vec![attempt; count];
        let tried = world.epochs[1].0.replaced.iter_mut().enumerate();
        tried.for_each(|(i, attempt)| attempt.segments[0].score_column = column("tried", i as u32));
        world.audit(Scope::Ledger)
    };
    assert!(attempts(98).valid());
    refuses(&["V8.openings"], &attempts(99));
}

#[test]
fn files_are_those_that_documents_name() {
    fails(&["file.digest"], |world| {
        let append = |bytes: &mut Vec<u8>| bytes.push(b'\n');
        world.edit.insert("epochs/000003/scores.json".into(), Box::new(append));
    });
    // Another proof of the same statement is not the one that was announced.
    fails(&["file.digest"], |world| {
        let rename = |bytes: &mut Vec<u8>| {
            let mut doc = EpochDoc::from_json(bytes).unwrap();
            doc.segments[0].proof.sha256 = Word([1; 32]);
            *bytes = doc.to_json();
        };
        world.edit.insert("epochs/000003/epoch.json".into(), Box::new(rename));
    });
    // Not fraud: a tool that converts line ends.
    let detail = fails(&["file.digest"], |world| {
        let crlf = |bytes: &mut Vec<u8>| {
            *bytes = String::from_utf8(bytes.clone()).unwrap().replace('\n', "\r\n").into_bytes();
        };
        world.edit.insert("epochs/000003/scores.json".into(), Box::new(crlf));
    });
    assert!(detail.contains("CRLF") && detail.contains(".gitattributes"), "{detail}");
}

#[test]
fn an_epoch_is_audited_without_those_after_it() {
    let mut world = World::new();
    world.last().0.pool.0 += 1;
    assert!(world.audit(Scope::Epoch(3)).valid());
    assert_eq!(failing(&world.audit(Scope::Epoch(4))), BTreeSet::from(["V6.pool"]));
    // One before it that does not add up is said.
    let mut world = World::new();
    world.at(1).0.shares[0].amount.0 += 1;
    assert_eq!(failing(&world.audit(Scope::Epoch(4))), BTreeSet::from(["V6.shares"]));
    // A forged proof before it is not: the report says so.
    let mut world = World::new();
    forge(&mut world, "epochs/000001/0-0.proof", |claim| claim.public[0] += Fp::one());
    let report = world.audit(Scope::Epoch(4));
    assert!(report.valid() && report.not_checked[0].contains("all other epochs"));
}
