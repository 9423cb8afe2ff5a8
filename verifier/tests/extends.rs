//! `--since`: a ledger extends an older copy of itself, or it is said what does not.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod world;

use std::{collections::BTreeSet, fs, path::Path};

use apportion_circuits::types::Tier;
use apportion_statement::files::*;
use apportion_verifier::{
    audit::{Scope, compare_with},
    report::{Exit, Report},
};
use tempfile::TempDir;

use self::world::{World, audit, failing};

/// The ledger after two epochs: before dataset 0 grew, before dataset 1 and policy 2, before dataset 2 retired.
fn young() -> World {
    let mut world = World::empty();
    world.dataset(Tier::T64, 70, 1);
    world.policy(6_000, 1);
    world
}

fn older() -> World {
    let mut world = young();
    world.settle(1_000_000, &[(0, 0, 0), (0, 1, 0)]);
    world.settle(777, &[(0, 0, 0)]);
    world
}

fn newer() -> World {
    let mut world = older();
    world.extend(0, 130);
    world.dataset(Tier::T1024, 10, 3);
    world.policy(5_000, 4);
    world.settle(5_000, &[(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 0, 0)]);
    world.retire(1, 4);
    world.settle(5_000, &[(0, 1, 1)]);
    world
}

fn written(world: &World) -> (TempDir, PublicDir) {
    let temp = tempfile::tempdir().unwrap();
    let dir = PublicDir::new(temp.path());
    world.write(&dir);
    (temp, dir)
}

/// Audits a ledger, and compares it with an older copy.
fn since(old: &World, new: &World, damage: impl Fn(&Path)) -> Report {
    let ((_old, before), (_new, after)) = (written(old), written(new));
    damage(after.root());
    let mut report = audit(&after, Scope::Ledger);
    compare_with(&Bundle::read(before).unwrap(), &Bundle::read(after).unwrap(), &mut report);
    report
}

fn refuses(report: &Report) -> String {
    assert_eq!(failing(report), BTreeSet::from(["bundle.extends"]), "{:#?}", report.failed());
    report.failed().unwrap().detail.clone()
}

#[test]
fn no_file_of_the_older_copy_is_read_beyond_its_bound() {
    for file in ["epochs/000001/0-0.proof", "datasets/0/revisions/000000/columns/segment-0.proof"] {
        let ((_old, before), (_new, after)) = (written(&older()), written(&newer()));
        let huge = before.root().join(file);
        fs::File::options().write(true).open(&huge).unwrap().set_len(1 << 40).unwrap();
        let mut report = audit(&after, Scope::Ledger);
        compare_with(&Bundle::read(before).unwrap(), &Bundle::read(after).unwrap(), &mut report);
        assert_eq!(report.exit(), Exit::Input);
        assert!(report.error.unwrap().to_string().contains(file));
    }
}

#[test]
fn a_grown_ledger_extends_every_earlier_state() {
    for old in [young(), older(), newer()] {
        let report = since(&old, &newer(), |_| {});
        assert!(report.valid(), "{:#?} {:?}", report.failed(), report.error);
    }
    let report = since(&older(), &newer(), |_| {});
    let text = report.subject.get("since").unwrap();
    assert!(text.starts_with("epoch 2: ") && !text.contains(" 0 new"), "{text}");
    // A revision that was committed, and is proven now.
    let mut old = older();
    old.extend(0, 130);
    old.datasets[0].revisions[1].columns = None;
    assert!(since(&old, &newer(), |_| {}).valid());
}

#[test]
fn a_rolled_back_ledger_does_not() {
    assert!(refuses(&since(&newer(), &older(), |_| {})).contains("is gone"));
    assert!(refuses(&since(&older(), &young(), |_| {})).contains("is gone"));
}

#[test]
fn a_rewritten_one_does_not() {
    // Other amounts in an epoch that was audited before: valid in itself.
    let mut other = older();
    other.epochs.pop();
    other.settle(778, &[(0, 0, 0)]);
    assert!(other.audit(Scope::Ledger).valid());
    assert!(refuses(&since(&older(), &other, |_| {})).contains("epochs/000002/epoch.json"));
    // Another ledger altogether.
    let mut stranger = newer();
    stranger.ledger.receipt_key.0[0] ^= 1;
    assert!(refuses(&since(&older(), &stranger, |_| {})).contains("ledger.json"));
    // One byte of white space.
    let detail = refuses(&since(&older(), &newer(), |root| {
        let file = root.join("policies/000001.json");
        fs::write(&file, [fs::read(&file).unwrap(), b"\n".to_vec()].concat()).unwrap();
    }));
    assert!(detail.contains("is another file now") && !detail.contains("CRLF"), "{detail}");
    // Line ends that a tool converted: damage, and said to be.
    let detail = refuses(&since(&older(), &newer(), |root| {
        let file = root.join("epochs/000001/epoch.json");
        fs::write(&file, fs::read_to_string(&file).unwrap().replace('\n', "\r\n")).unwrap();
    }));
    assert!(detail.contains("CRLF"), "{detail}");
}

#[test]
fn nothing_new_reaches_back() {
    let mut policy = older();
    policy.policy(5_000, 2);
    policy.at(2).0.policy = 2;
    let report = since(&older(), &policy, |_| {});
    assert!(report.checks.iter().any(|check| !check.ok && check.detail.contains("policy 2")), "{report:#?}");
    let mut dataset = older();
    dataset.dataset(Tier::T64, 3, 2);
    assert!(refuses(&since(&older(), &dataset, |_| {})).contains("dataset 1"));
    let mut grown = older();
    grown.dataset(Tier::T64, 3, 1);
    let mut retired = older();
    retired.dataset(Tier::T64, 3, 1);
    retired.retire(1, 2);
    assert!(refuses(&since(&grown, &retired, |_| {})).contains("retirement of dataset 1"));
}
