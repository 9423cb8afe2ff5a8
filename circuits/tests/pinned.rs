//! Tables, their costs and their copies, pinned: a change must be meant.
//!
//! `APPORTION_REGENERATE=1 cargo test -p apportion-circuits --test pinned` rewrites `pinned/*.json`; the changelog
//! says why.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::{collections::BTreeSet, path::PathBuf};

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Checker, Cost, Layout, Query},
    relation::{Relation, RelationId},
    split::Split,
    tree::Tree,
    types::Tier,
};
use common::{Fp, Fr, read};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Copies and the rows on which every gate is enforced: the wiring, without what the gates say.
fn wiring<F: SuiteField>(layout: &Layout<F>) -> Value {
    let mut hasher = Sha256::new();
    let ends = |(a, b): &(_, _)| if a < b { (*a, *b) } else { (*b, *a) };
    let copies: BTreeSet<_> = layout.copies.iter().map(ends).collect();
    assert_eq!(copies.len(), layout.copies.len(), "a copy twice");
    for (a, b) in &copies {
        hasher.update(format!("copy {} {} {} {}\n", a.column.0, a.row, b.column.0, b.row));
    }
    let mut rows_by_gate = serde_json::Map::new();
    for gate in &layout.gates {
        let rows = read::active_rows(layout, &gate.selector);
        rows_by_gate.insert(gate.name.clone(), json!(rows.len()));
        hasher.update(format!("gate {} {rows:?}\n", gate.name));
    }
    json!({ "copies": copies.len(), "rows": rows_by_gate, "sha256": hex::encode(hasher.finalize()) })
}

fn describe<F: SuiteField, R: Relation<F>>(tier: Tier) -> Value {
    let layout = R::layout(tier);
    assert_eq!((layout.relation, layout.tier), (R::ID, tier));
    assert_eq!(layout.name(), format!("{}/{}", R::ID.name(), tier.slots()));
    assert_eq!(layout.public, R::ID.public_inputs());
    assert_eq!(Checker::new(&layout).defects(), Vec::<String>::new());
    json!({
        "suite": F::SUITE.name(),
        "digest": hex::encode(layout.digest()),
        "cost": Cost::of(&layout),
        "wiring": wiring(&layout),
    })
}

fn compare<R: Relation<Fr> + Relation<Fp>>(name: &str) {
    let tables: Vec<Value> =
        Tier::ALL.into_iter().flat_map(|tier| [describe::<Fr, R>(tier), describe::<Fp, R>(tier)]).collect();
    for pair in tables.chunks(2) {
        // One relation, two fields: the same shape and wiring, other constants.
        assert_eq!((&pair[0]["cost"], &pair[0]["wiring"]), (&pair[1]["cost"], &pair[1]["wiring"]));
        assert_ne!(pair[0]["digest"], pair[1]["digest"]);
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/pinned/{name}.json"));
    let found = serde_json::to_string_pretty(&tables).unwrap() + "\n";
    if std::env::var_os("APPORTION_REGENERATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &found).unwrap();
    }
    let pinned = std::fs::read_to_string(&path).unwrap();
    assert!(pinned == found, "{name}: not what is pinned; see the head of this file. Found:\n{found}");
}

#[test]
fn splits() {
    compare::<Split>("split");
}

#[test]
fn trees() {
    compare::<Tree>("tree");
}

/// The digest sees every part of a layout.
#[test]
fn a_digest_sees_every_change() {
    let layout: Layout<Fr> = Tree::layout(Tier::T64);
    assert_eq!(layout.digest(), <Tree as Relation<Fr>>::layout(Tier::T64).digest());
    let mut seen = BTreeSet::from([layout.digest()]);
    let changes: [fn(&mut Layout<Fr>); 14] = [
        |layout| layout.relation = RelationId::Split,
        |layout| layout.k += 1,
        |layout| layout.linked += 1,
        |layout| layout.tier = Tier::T1024,
        |layout| layout.advice[3].name.push('x'),
        |layout| layout.fixed.swap(0, 1),
        |layout| layout.public.swap(0, 1),
        |layout| _ = layout.gates[2].polys.remove(1),
        |layout| layout.gates[2].polys.swap(0, 1),
        |layout| layout.gates[2].selector = layout.gates[3].selector.clone(),
        |layout| layout.copies.swap(0, 1),
        |layout| _ = layout.equality.pop(),
        |layout| layout.fixed_values[0].swap(16, 17),
        |layout| layout.fixed_values[3][5] += Fr::from(1),
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut altered = layout.clone();
        change(&mut altered);
        assert!(seen.insert(altered.digest()), "change {i}");
    }
    let split: Layout<Fr> = Split::layout(Tier::T64);
    let mut altered = split.clone();
    altered.lookups[0].table.0 += 1;
    assert_ne!(altered.digest(), split.digest());
}

/// The bounds that the design sets on cost.
#[test]
fn costs_are_within_bounds() {
    let split = Cost::of(&<Split as Relation<Fr>>::layout(Tier::T16384));
    let tree = Cost::of(&<Tree as Relation<Fr>>::layout(Tier::T16384));
    assert!(split.committed_cells_per_account <= 160, "{}", split.committed_cells_per_account);
    assert!(tree.committed_cells_per_account <= 230, "{}", tree.committed_cells_per_account);
    assert!(split.degree <= 5 && tree.degree <= 9);
}

/// Defects of a layout that would make it unsound or incomplete are found.
#[test]
fn defects_are_found() {
    let layout: Layout<Fr> = Split::layout(Tier::T64);
    let defects = |change: fn(&mut Layout<Fr>)| {
        let mut layout = layout.clone();
        change(&mut layout);
        Checker::new(&layout).defects().join("; ")
    };
    let account = layout.fixed.iter().position(|fixed| fixed.name == "account").unwrap();
    assert_eq!(account, 1);
    assert_eq!(defects(|_| ()), "");
    assert!(
        defects(|layout| layout.fixed_values[1][1020] = Fr::from(1))
            .contains("is active on blinding row 1020")
    );
    assert!(defects(|layout| layout.fixed_values[1][992] = Fr::from(1)).contains("blinding"));
    assert!(defects(|layout| layout.fixed_values[0].fill(Fr::from(1))).contains("lacks 0"));
    assert!(
        defects(|layout| _ = layout.advice_column("idle"))
            .contains("no polynomial reads advice column 'idle'")
    );
    assert!(
        defects(|layout| layout.lookups[0].input = Query::Advice(4, 1024).into_expr()).contains("coincides"),
        "rotations 0 and 1024 of one column"
    );
}

trait IntoExpr {
    fn into_expr(self) -> apportion_circuits::plonkish::Expr<Fr>;
}

impl IntoExpr for Query {
    fn into_expr(self) -> apportion_circuits::plonkish::Expr<Fr> {
        apportion_circuits::plonkish::Expr::Cell(self)
    }
}
