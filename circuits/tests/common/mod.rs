//! What the integration tests share: seeded randomness, honest cases, a second checker and a cheater's tools.
//!
//! Nothing here uses a relation's chip: where a cell stands is written down again from the documentation, so that
//! the tests and the code can disagree.
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test helpers")]

pub(crate) mod read;
pub(crate) mod solver;
pub(crate) mod split;
pub(crate) mod tree;
pub(crate) mod vectors;

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    plonkish::{AdviceColumn, Cell, Checker, Failure, Layout, Table},
};
use rand_core::{CryptoRng, RngCore};

pub(crate) use halo2curves_axiom::bn256::Fr;
pub(crate) use pasta_curves::Fp;

/// Runs a generic check for both fields.
#[macro_export]
macro_rules! both_fields {
    ($($(#[$attr:meta])* $name:ident => $check:ident($($arg:expr),*);)*) => {
        mod bn254 {
            use super::*;
            $($(#[$attr])* #[test] fn $name() { $check::<$crate::common::Fr>($($arg),*); })*
        }
        mod pasta {
            use super::*;
            $($(#[$attr])* #[test] fn $name() { $check::<$crate::common::Fp>($($arg),*); })*
        }
    };
}

/// SplitMix64: every test is reproducible. "Crypto" in name only, so that masks can be drawn from it.
#[derive(Clone, Debug)]
pub(crate) struct TestRng(pub(crate) u64);

impl CryptoRng for TestRng {}

impl RngCore for TestRng {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        for chunk in dest.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl TestRng {
    /// Below `bound`, which is not 0. The bias does not matter here.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next_u64() % bound as u64) as usize
    }

    /// A number of at most `bits` bits.
    pub(crate) fn bits(&mut self, bits: u32) -> u128 {
        let x = u128::from(self.next_u64()) << 64 | u128::from(self.next_u64());
        if bits == 0 { 0 } else { x >> (128 - bits) }
    }
}

/// A masked column, its mask drawn from `rng`.
pub(crate) fn masked<F: SuiteField>(values: &[F], rng: &mut TestRng) -> MaskedColumn<F> {
    MaskedColumn::new(values, &Mask::random(rng))
}

/// The cell of the column with this name.
pub(crate) fn cell<F: SuiteField>(layout: &Layout<F>, column: &str, row: usize) -> Cell {
    Cell { column: column_named(layout, column), row }
}

/// The column with this name.
pub(crate) fn column_named<F: SuiteField>(layout: &Layout<F>, name: &str) -> AdviceColumn {
    AdviceColumn(layout.advice.iter().position(|column| column.name == name).unwrap())
}

/// The row in which a failure was found; for copies the first cell's.
pub(crate) fn row_of<F>(failure: &Failure<F>) -> usize {
    match failure {
        Failure::Shape { what } => panic!("shape: {what}"),
        Failure::Gate { row, .. } | Failure::Lookup { row, .. } | Failure::Link { row, .. } => *row,
        Failure::Copy { a, .. } => a.row,
    }
}

/// The table is accepted, by the checker and by the second one.
#[track_caller]
pub(crate) fn accepted<F: SuiteField>(layout: &Layout<F>, table: &Table<F>) {
    if let Err(failure) = Checker::new(layout).check(table) {
        panic!("refused: {failure}");
    }
    assert_eq!(read::failures(layout, table), vec![]);
}

/// The table is refused first for `place` in `row`.
#[track_caller]
pub(crate) fn refused<F: SuiteField>(layout: &Layout<F>, table: &Table<F>, place: &str, row: usize) {
    let failure = Checker::new(layout).check(table).expect_err("accepted");
    assert_eq!((failure.place().as_str(), row_of(&failure)), (place, row));
}

/// The table is refused for `place` in `row` and satisfies every other constraint: a cheat repaired as far as can
/// be.
#[track_caller]
pub(crate) fn refused_only<F: SuiteField>(layout: &Layout<F>, table: &Table<F>, place: &str, row: usize) {
    assert_eq!(read::failures(layout, table), vec![(place.to_string(), row)]);
    refused(layout, table, place, row);
}
