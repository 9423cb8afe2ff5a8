//! Layouts with tables that satisfy them: both relations', and random ones.

use std::sync::Arc;

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    plonkish::{
        AdviceColumn, Cell, Checker, Expr, FixedColumn, Layout, Lookup, PublicInput, Query, Table, advice,
        fixed, public,
    },
    relation::{Relation, RelationId},
    split::{self, Split, SplitInstance, SplitWitness},
    tree::{Tree, TreeInstance, TreeWitness, record_tree},
    types::{ContentDigest, Payee, Record, Tier},
};
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::{OsRng, RngCore};

pub(super) type Sample = (Arc<Layout<Fr>>, Table<Fr>);

pub(super) fn split(tier: Tier) -> Sample {
    let accounts = tier.accounts() as u64;
    let scores: Vec<u64> = (0..accounts).map(|i| u64::MAX / (1 + i * i) + i).collect();
    let old: Vec<u128> = (0..accounts).map(|i| u128::from(i) << 90).collect();
    let total_score = scores.iter().map(|score| u128::from(*score)).sum();
    let pool = (1u128 << 120) - 12_345;
    let outcome = split::split(pool, total_score, &old, &scores).unwrap();
    let column = |values: &mut dyn Iterator<Item = u128>| {
        let mut values: Vec<_> = values.map(Fr::from_u128).collect();
        values.resize(tier.slots(), Fr::ZERO);
        MaskedColumn::new(&values, &Mask::random(&mut OsRng))
    };
    let witness = SplitWitness {
        old: column(&mut old.iter().copied()),
        new: column(&mut outcome.new.iter().copied()),
        score: column(&mut scores.iter().map(|score| u128::from(*score))),
    };
    let instance = SplitInstance {
        context: Fr::from(9),
        genesis: false,
        pool,
        total_score,
        segment_score: outcome.segment_score,
        segment_paid: outcome.segment_paid,
        records: tier.accounts(),
    };
    let layout = <Split as Relation<Fr>>::layout(tier);
    let table = Split::assign(&layout, &instance, &witness);
    (Arc::new(layout), table)
}

pub(super) fn tree(tier: Tier) -> Sample {
    let records: Vec<_> = (0..tier.accounts() - 3)
        .map(|i| Record { payee: Payee([i as u8; 20]), content: ContentDigest([7; 32]) })
        .collect();
    let masks = [Mask::random(&mut OsRng), Mask::random(&mut OsRng)];
    let witness = TreeWitness::enroll(tier, &records, &masks[0], &masks[1]).unwrap();
    let root = record_tree(tier, &records).unwrap().root();
    let layout = <Tree as Relation<Fr>>::layout(tier);
    let table = Tree::assign(&layout, &TreeInstance { context: Fr::from(5), root }, &witness);
    (Arc::new(layout), table)
}

struct Random {
    rng: ChaCha20Rng,
    layout: Layout<Fr>,
    /// Columns that gates read.
    read: Vec<AdviceColumn>,
}

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        (self.rng.next_u64() % bound as u64) as usize
    }

    /// An expression of at most this degree, which reads rows up to 3 away.
    fn expr(&mut self, degree: usize) -> Expr<Fr> {
        match self.below(if degree > 1 { 8 } else { 5 }) {
            0 => Expr::Constant(Fr::from(self.rng.next_u64())),
            1 => fixed(FixedColumn(0), self.below(3) as i32 - 1),
            2 => self.expr(degree) + self.expr(degree),
            3 => self.expr(degree) * -Fr::from(self.below(4) as u64),
            4 => {
                let column = self.below(self.read.len());
                let column = self.read[column];
                let rotation = self.below(6) as i32 - 2;
                // A linked column is opened at one point.
                advice(column, if column.0 < self.layout.linked { 0 } else { rotation })
            }
            5 => self.expr(degree / 2) - self.expr(degree),
            _ => {
                let of_first = 1 + self.below(degree - 1);
                self.expr(of_first) * self.expr(degree - of_first)
            }
        }
    }

    /// A fixed column that is 1 on some rows that reach neither the table's ends nor blinding.
    fn selector(&mut self, name: &str) -> FixedColumn {
        let column = self.layout.fixed_column(name);
        for row in 4..200 {
            if self.below(3) == 0 || row == 4 {
                self.layout.set_fixed(column, row, Fr::ONE);
            }
        }
        column
    }
}

/// A layout with gates of several degrees, rotations, lookups, copies and linked columns, each in random number.
pub(super) fn random(seed: u64) -> Sample {
    let layout = Layout::new(RelationId::Split, Tier::T64, 4);
    let mut r = Random { rng: ChaCha20Rng::seed_from_u64(seed), layout, read: Vec::new() };
    let linked = r.below(3);
    for i in 0..linked {
        let column = r.layout.linked_column(format!("linked {i}"));
        r.read.push(column);
    }
    let free: Vec<_> = (0..1 + r.below(4)).map(|i| r.layout.advice_column(format!("free {i}"))).collect();
    let small: Vec<_> = (0..1 + r.below(3)).map(|i| r.layout.advice_column(format!("small {i}"))).collect();
    r.read.extend(free.iter().chain(&small));
    let range = r.layout.fixed_column("range");
    for value in 0..16 {
        r.layout.set_fixed(range, value, Fr::from(value as u64));
    }
    r.layout.public = vec![PublicInput { name: "one" }, PublicInput { name: "two" }];
    let shown = r.layout.advice_column("shown");
    let on = r.layout.fixed_column("public");
    (0..2).for_each(|row| r.layout.set_fixed(on, row, Fr::ONE));
    r.layout.gate("public", fixed(on, 0), vec![("shown".into(), advice(shown, 0) - public(0))]);
    let mut outputs = Vec::new();
    for gate in 0..1 + r.below(3) {
        let on = r.selector(&format!("on {gate}"));
        let polys = (0..1 + r.below(3))
            .map(|poly| {
                let out = r.layout.advice_column(format!("out {gate} {poly}"));
                let degree = 1 + r.below(5);
                let mut expr = r.expr(degree);
                if poly == 0 {
                    // Every column is read.
                    expr = expr + Expr::Sum(r.read.iter().map(|column| advice(*column, 0)).collect());
                }
                outputs.push((on, out, expr.clone()));
                ("an output".into(), expr - advice(out, 0))
            })
            .collect();
        r.layout.gate(format!("gate {gate}"), fixed(on, 0), polys);
    }
    let squared = r.below(2) == 0;
    for (i, column) in small.iter().enumerate() {
        let value = advice(*column, 0);
        let input = if squared { value.clone() * value } else { value * Fr::from(2) };
        r.layout.lookups.push(Lookup { name: format!("lookup {i}"), input, table: range });
    }
    let usable = r.layout.usable_rows();
    let mut copies = Vec::new();
    if r.below(4) > 0 {
        r.layout.equality = free.clone();
        for i in 0..r.below(12) {
            // Cells of one group are equal, and groups have no cell in common.
            let (first, second) = (r.below(free.len()), r.below(free.len()));
            let group =
                [(first, 10 * i), (second, 10 * i + 1 + r.below(4)), (first, 10 * i + 5 + r.below(4))];
            let [a, b, c] = group.map(|(column, row)| Cell { column: free[column], row });
            copies.extend([(a, b), (a, c)]);
            r.layout.copy(a, b);
            r.layout.copy(c, b);
        }
    }

    let columns = (0..linked)
        .map(|_| {
            let values: Vec<_> = (0..64).map(|_| Fr::from(r.rng.next_u64())).collect();
            MaskedColumn::new(&values, &Mask::random(&mut r.rng))
        })
        .collect();
    let shown_values = vec![Fr::random(&mut r.rng), Fr::random(&mut r.rng)];
    let mut table = Table::new(&r.layout, shown_values.clone(), columns);
    for row in 0..usable {
        for column in &free {
            table.set(Cell { column: *column, row }, Fr::random(&mut r.rng));
        }
        for column in &small {
            table.set(Cell { column: *column, row }, Fr::from(r.rng.next_u64() % 4));
        }
    }
    for (a, b) in copies {
        let value = table.get(a);
        table.set(b, value);
    }
    for (row, value) in shown_values.into_iter().enumerate() {
        table.set(Cell { column: shown, row }, value);
    }
    for (on, out, expr) in outputs {
        for row in 0..usable {
            if r.layout.fixed_values[on.0][row] == Fr::ZERO {
                continue;
            }
            let at = |rotation: i32| (row as i32 + rotation) as usize;
            let value = expr.evaluate(&|query| match query {
                Query::Advice(column, rotation) => table.advice[column][at(rotation)],
                Query::Fixed(column, rotation) => r.layout.fixed_values[column][at(rotation)],
                Query::Public(_) => Fr::ZERO,
            });
            table.set(Cell { column: out, row }, value);
        }
    }
    let checker = Checker::new(&r.layout);
    assert!(checker.defects().is_empty(), "{:?}", checker.defects());
    assert!(checker.check(&table).is_ok(), "{:?}", checker.check(&table));
    (Arc::new(r.layout), table)
}
