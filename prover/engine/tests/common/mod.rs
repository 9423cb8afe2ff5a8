//! A small relation that uses everything a layout can describe, and both proof systems set up for it.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::sync::Arc;

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    plonkish::{
        AdviceColumn, Cell, Expr, FixedColumn, Layout, Lookup, PublicInput, Table, advice, fixed, public,
    },
    relation::RelationId,
    types::Tier,
};
use apportion_engine::Engine;
use apportion_suite::{Bn254, Pasta, params::bn254::lagrange_points};
use ff::Field;
use group::Curve;
use halo2_axiom::{
    halo2curves::bn256::{Fr, G1Affine},
    poly::{commitment::ParamsProver, kzg::commitment::ParamsKZG},
};
use halo2_proofs::poly::commitment::Params;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, RngCore, SeedableRng};

pub const SLOTS: usize = 64;
pub const ACCOUNTS: usize = 62;

/// Which toy relation.
#[derive(Clone, Copy, Debug)]
pub struct Toy {
    pub rows_per_slot: usize,
    pub copies: bool,
    pub fifth_power: bool,
}

pub const PLAIN: Toy = Toy { rows_per_slot: 4, copies: false, fifth_power: false };
pub const COPIES: Toy = Toy { copies: true, ..PLAIN };
pub const FIFTH: Toy = Toy { fifth_power: true, ..PLAIN };
pub const ALL: Toy = Toy { rows_per_slot: 8, copies: true, fifth_power: true };

const A: AdviceColumn = AdviceColumn(0);
const B: AdviceColumn = AdviceColumn(1);
pub const X: AdviceColumn = AdviceColumn(2);
pub const SUM: AdviceColumn = AdviceColumn(3);
pub const Z: AdviceColumn = AdviceColumn(4);
const FIFTH_POWER: AdviceColumn = AdviceColumn(5);
const RANGE: FixedColumn = FixedColumn(0);
const ACCOUNT: FixedColumn = FixedColumn(1);
const PUBLIC: FixedColumn = FixedColumn(2);
const END: FixedColumn = FixedColumn(3);

fn poly<F: SuiteField>(claim: &str, poly: Expr<F>) -> (String, Expr<F>) {
    (claim.into(), poly)
}

impl Toy {
    /// For each account: b = a + x, 0 <= x < 16, and the x sum to the first public input.
    pub fn layout<F: SuiteField>(self) -> Arc<Layout<F>> {
        let r = self.rows_per_slot as i32;
        let mut layout = Layout::new(RelationId::Split, Tier::T64, self.rows_per_slot);
        layout.linked_column("a");
        layout.linked_column("b");
        for name in ["x", "sum", "z"] {
            layout.advice_column(name);
        }
        for name in ["range", "account", "public", "end"] {
            layout.fixed_column(name);
        }
        for value in 0..16 {
            layout.set_fixed(RANGE, value, F::from(value as u64));
        }
        for slot in 0..ACCOUNTS {
            layout.set_fixed(ACCOUNT, slot * self.rows_per_slot, F::ONE);
        }
        layout.set_fixed(PUBLIC, 0, F::ONE);
        layout.set_fixed(PUBLIC, 1, F::ONE);
        layout.set_fixed(END, ACCOUNTS * self.rows_per_slot, F::ONE);
        layout.public = vec![PublicInput { name: "total" }, PublicInput { name: "context" }];

        let two = Expr::Constant(F::from(2));
        let doubled = (advice(A, 0) + advice(X, 0)) * F::from(2) + Expr::Constant(F::from(7));
        layout.gate(
            "accounts",
            fixed(ACCOUNT, 0),
            vec![
                poly("b = a + x", advice(B, 0) - advice(A, 0) - advice(X, 0)),
                poly("2b = 2a + 2x", doubled - two * advice(B, 0) - Expr::Constant(F::from(7))),
            ],
        );
        // Reads a fixed column at a rotation: the sum moves from one account to the next.
        layout.gate(
            "sums",
            fixed(ACCOUNT, 0) * fixed(ACCOUNT, r),
            vec![poly("what is left of the sum", advice(SUM, 0) - advice(X, 0) - advice(SUM, r))],
        );
        layout.gate(
            "end of sums",
            fixed(END, 0),
            vec![poly("the last account takes the rest", advice(SUM, -r) - advice(X, -r))],
        );
        // Reads the lookup's table in a gate.
        layout.gate(
            "public",
            fixed(PUBLIC, 0),
            vec![
                poly("z is public", advice(Z, 0) - public(0)),
                poly("times a table's value", fixed(RANGE, 0) * (public(0) - advice(Z, 0))),
                poly(
                    "the sum is public",
                    (Expr::Constant(F::ONE) - fixed(RANGE, 0)) * (advice(SUM, 0) - public(0)),
                ),
            ],
        );
        layout.lookups.push(Lookup { name: "x is small".into(), input: advice(X, 0), table: RANGE });
        if self.fifth_power {
            let w = layout.advice_column("fifth power");
            let base: Expr<F> = advice(X, 0) + Expr::Constant(F::from(3));
            layout.gate(
                "fifth power",
                fixed(ACCOUNT, 0),
                vec![poly("w = (x + 3)^5", base.pow5() - advice(w, 0))],
            );
        }
        if self.copies {
            layout.equality =
                if self.fifth_power { vec![Z, SUM, X, A, FIFTH_POWER] } else { vec![Z, SUM, X] };
            let cell = |column, row| Cell { column, row };
            layout.copy(cell(Z, 0), cell(SUM, 0));
            layout.copy(cell(Z, 1), cell(Z, 50));
            layout.copy(cell(SUM, 51), cell(Z, 50));
        }
        Arc::new(layout)
    }

    /// A table for the given linked values, with x = b - a.
    pub fn table<F: SuiteField>(
        self,
        layout: &Layout<F>,
        values: &Values<F>,
        masks: &[Mask<F>; 2],
        context: u64,
    ) -> Table<F> {
        let total = values.x.iter().copied().map(F::from).sum();
        let linked = vec![MaskedColumn::new(&values.a, &masks[0]), MaskedColumn::new(&values.b, &masks[1])];
        let mut table = Table::new(layout, vec![total, F::from(context)], linked);
        let mut left = total;
        for (slot, x) in values.x.iter().enumerate() {
            let row = slot * self.rows_per_slot;
            table.set(Cell { column: X, row }, F::from(*x));
            table.set(Cell { column: SUM, row }, left);
            left -= F::from(*x);
            if self.fifth_power {
                table.set(Cell { column: FIFTH_POWER, row }, F::from((*x + 3).pow(5)));
            }
        }
        table.set(Cell { column: Z, row: 0 }, total);
        table.set(Cell { column: Z, row: 1 }, F::from(context));
        if self.copies {
            table.set(Cell { column: Z, row: 50 }, F::from(context));
            table.set(Cell { column: SUM, row: 51 }, F::from(context));
        }
        table
    }
}

/// The linked vectors of a toy, and their differences.
pub struct Values<F> {
    pub a: Vec<F>,
    pub b: Vec<F>,
    pub x: Vec<u64>,
}

impl<F: SuiteField> Values<F> {
    pub fn random() -> Self {
        let x: Vec<_> = (0..ACCOUNTS).map(|_| OsRng.next_u64() % 16).collect();
        let a: Vec<_> = (0..SLOTS).map(|_| F::from(OsRng.next_u64())).collect();
        let b = a.iter().enumerate().map(|(i, a)| *a + F::from(x.get(i).copied().unwrap_or(0))).collect();
        Self { a, b, x }
    }
}

pub fn masks<F: SuiteField>() -> [Mask<F>; 2] {
    [Mask::random(&mut OsRng), Mask::random(&mut OsRng)]
}

/// Parameters for tests: the secret of the KZG ones is drawn and forgotten.
pub trait Setup: Engine {
    fn setup(k: u32) -> Self::Params;
}

impl Setup for Pasta {
    fn setup(k: u32) -> Self::Params {
        Params::new(k)
    }
}

impl Setup for Bn254 {
    /// The same secret for every size, as in a real ceremony, and one power more than a table has rows.
    fn setup(k: u32) -> Self::Params {
        struct Seven;

        impl RngCore for Seven {
            fn next_u32(&mut self) -> u32 {
                7
            }
            fn next_u64(&mut self) -> u64 {
                7
            }
            fn fill_bytes(&mut self, bytes: &mut [u8]) {
                bytes.fill(7);
            }
            fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
                bytes.fill(7);
                Ok(())
            }
        }

        let params = ParamsKZG::setup(k, Seven);
        let secret = Fr::random(Seven);
        let next = G1Affine::generator() * secret.pow_vartime([1u64 << k]);
        let powers = params.get_g().iter().copied().chain([next.to_affine()]).collect();
        let lagrange = lagrange_points(&params).unwrap();
        params.from_parts(k, powers, Some(lagrange), params.g2(), params.s_g2())
    }
}

/// A toy proven and everything around it.
pub struct Proven<S: Setup> {
    pub toy: Toy,
    pub params: S::Params,
    pub verifier: S::VerifierParams,
    pub key: S::ProvingKey,
    pub layout: Arc<Layout<S::F>>,
    pub values: Values<S::F>,
    pub masks: [Mask<S::F>; 2],
    pub table: Table<S::F>,
    pub proof: Vec<u8>,
}

impl<S: Setup> Proven<S> {
    pub fn new(toy: Toy) -> Self {
        Self::with(toy, Values::random(), masks())
    }

    pub fn with(toy: Toy, values: Values<S::F>, masks: [Mask<S::F>; 2]) -> Self {
        let layout = toy.layout::<S::F>();
        let params = S::setup(layout.k);
        let key = S::proving_key(&params, layout.clone()).unwrap();
        let table = toy.table(&layout, &values, &masks, 1234);
        let proof = S::prove(&params, &key, &table, &mut rng()).unwrap();
        let verifier = S::verifier_params(&params);
        Self { toy, params, verifier, key, layout, values, masks, table, proof }
    }
}

/// A fresh generator.
pub fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_rng(OsRng).unwrap()
}
