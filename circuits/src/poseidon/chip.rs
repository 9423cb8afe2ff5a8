//! The permutation as gates: ten columns, ten rows, one committed cell per S-box, and the output below.
//!
//! | row | w0 .. w4 | w5 .. w9 |
//! | --- | --- | --- |
//! | 0 | the state that enters, without constants | S-box inputs of full round 1 |
//! | 1 | of full round 2 | of full round 3 |
//! | 2 .. 7 | of partial rounds 10(r-2) .. 10(r-2)+4 | of the next five |
//! | 8 | of full round 64 | of full round 65 |
//! | 9 | of full round 66 | of full round 67 |
//! | 10 | w1: lane 0 of the state that leaves | |
//!
//! Every gate reads its own row and the row above it. A permutation may be interrupted between two rows, provided
//! that the row above the next one repeats w5 .. w9 of the last (`Rows::carry`): nothing else is read across rows.
//! Degree: a fifth power times a selector, 6.

use super::{HALF, PARTIAL_ROUNDS, Poseidon, Trace, WIDTH, matrix::Vector};
use crate::{
    field::SuiteField,
    plonkish::{AdviceColumn, Cell, Expr, Layout, Table, advice},
};

/// Columns of the permutation.
pub(crate) const COLUMNS: usize = 2 * WIDTH;
/// Rows of S-box inputs.
pub(crate) const ROWS: usize = 10;
/// Partial rounds start in this row.
const PARTIAL_START: usize = 2;
/// The last two rows of full rounds start in this row.
const LAST_START: usize = 8;
/// The column in which a permutation's output stands.
pub(crate) const OUTPUT_COLUMN: usize = 1;

/// Selectors by kind of row, each 1 on its rows and 0 elsewhere: `row[t]` where row `t` of a permutation stands,
/// `output` where an output stands, `carry` where w5 .. w9 repeat those `carry_distance` rows above.
pub(crate) struct Rows<F> {
    pub(crate) row: [Expr<F>; ROWS],
    pub(crate) output: Expr<F>,
    pub(crate) carry: Expr<F>,
    pub(crate) carry_distance: i32,
}

/// The chip's columns.
#[derive(Clone, Debug)]
pub(crate) struct PoseidonChip {
    /// w0 .. w9.
    pub(crate) w: [AdviceColumn; COLUMNS],
}

/// Where the rows of one permutation stand.
pub(crate) struct Place {
    /// Rows 0 .. 9.
    pub(crate) rows: [usize; ROWS],
    /// The output's row.
    pub(crate) output: usize,
}

impl PoseidonChip {
    /// The chip whose columns start at advice column `first`.
    pub(crate) fn at(first: usize) -> Self {
        Self { w: std::array::from_fn(|i| AdviceColumn(first + i)) }
    }

    /// Adds the chip's columns.
    pub(crate) fn add_columns<F: SuiteField>(&self, layout: &mut Layout<F>) {
        for (i, column) in self.w.iter().enumerate() {
            let added = layout.advice_column(format!("w{i}"));
            debug_assert_eq!(added, *column);
        }
    }

    /// Adds the chip's gates. The table's kinds of row are the caller's to place.
    pub(crate) fn gates<F: SuiteField>(&self, layout: &mut Layout<F>, rows: &Rows<F>) {
        let poseidon = F::poseidon();
        let partial = &poseidon.partial;
        let cell = |i: usize, rotation| advice(self.w[i], rotation);
        let lower = |rotation| -> Vec<Expr<F>> { (0..WIDTH).map(|i| cell(i, rotation)).collect() };
        let upper = |rotation| -> Vec<Expr<F>> { (WIDTH..COLUMNS).map(|i| cell(i, rotation)).collect() };
        let fifths = |cells: Vec<Expr<F>>| -> Vec<Expr<F>> { cells.into_iter().map(Expr::pow5).collect() };
        let constants = row_constants(poseidon);
        // What the transitions into column i add, on the rows that the gate is active on: at most one is marked.
        let constant = |active: &[usize], i: usize| match active {
            [row] => Expr::Constant(constants[*row][i]),
            _ => Expr::Sum(active.iter().map(|row| rows.row[*row].clone() * constants[*row][i]).collect()),
        };
        let round = |lane: usize, inputs: &[Expr<F>]| Expr::linear(&poseidon.mds[lane], inputs);
        let sum = |range: std::ops::Range<usize>| Expr::Sum(rows.row[range].to_vec());
        // S-box inputs of the row above and of this one: ten consecutive ones, oldest first.
        let window: Vec<_> = upper(-1).into_iter().chain(lower(0)).chain(upper(0)).collect();
        let step = |to: usize| {
            // `to` counts from the start of `window`; the recurrence reads the five before it.
            let inputs = &window[to - WIDTH..to];
            Expr::linear(&partial.linear, inputs) + Expr::linear(&partial.fifth, &fifths(inputs.to_vec()))
        };

        let entering =
            fifths((0..WIDTH).map(|i| cell(i, 0) + Expr::Constant(poseidon.round_constants[0][i])).collect());
        layout.gate(
            "poseidon first row",
            rows.row[0].clone(),
            (0..WIDTH)
                .map(|i| {
                    let claim = format!("w{} is round 1 of the state that enters", WIDTH + i);
                    (claim, round(i, &entering) + constant(&[0], WIDTH + i) - cell(WIDTH + i, 0))
                })
                .collect(),
        );
        layout.gate(
            "poseidon full round into w0 .. w4",
            rows.row[1].clone() + rows.row[9].clone(),
            (0..WIDTH)
                .map(|i| {
                    let claim = format!("w{i} is the round after w5 .. w9 above");
                    (claim, round(i, &fifths(upper(-1))) + constant(&[1, 9], i) - cell(i, 0))
                })
                .collect(),
        );
        layout.gate(
            "poseidon full round into w5 .. w9",
            rows.row[1].clone() + rows.row[8].clone() + rows.row[9].clone(),
            (0..WIDTH)
                .map(|i| {
                    let claim = format!("w{} is the round after w0 .. w4", WIDTH + i);
                    (
                        claim,
                        round(i, &fifths(lower(0))) + constant(&[1, 8, 9], WIDTH + i) - cell(WIDTH + i, 0),
                    )
                })
                .collect(),
        );
        layout.gate(
            "poseidon into the partial rounds",
            rows.row[PARTIAL_START].clone(),
            (0..WIDTH)
                .map(|j| {
                    let claim = format!("w{j} is partial round {j}");
                    let from_state = Expr::linear(&partial.enter_state[j], &fifths(upper(-1)));
                    let h: Vec<F> = (0..j).map(|i| partial.h[j - i]).collect();
                    let h_negated: Vec<F> = h.iter().map(|h| -*h).collect();
                    let before: Vec<_> = (0..j).map(|i| cell(i, 0)).collect();
                    let from_d =
                        Expr::linear(&h, &fifths(before.clone())) + Expr::linear(&h_negated, &before);
                    (claim, from_state + from_d + constant(&[PARTIAL_START], j) - cell(j, 0))
                })
                .collect(),
        );
        layout.gate(
            "poseidon partial rounds into w0 .. w4",
            sum(PARTIAL_START + 1..LAST_START),
            (0..WIDTH)
                .map(|i| {
                    let claim = format!("w{i} follows from the five S-box inputs before it");
                    (claim, step(WIDTH + i) + constant(&[3, 4, 5, 6, 7], i) - cell(i, 0))
                })
                .collect(),
        );
        layout.gate(
            "poseidon partial rounds into w5 .. w9",
            sum(PARTIAL_START..LAST_START),
            (WIDTH..COLUMNS)
                .map(|i| {
                    let claim = format!("w{i} follows from the five S-box inputs before it");
                    (claim, step(WIDTH + i) + constant(&[2, 3, 4, 5, 6, 7], i) - cell(i, 0))
                })
                .collect(),
        );
        layout.gate(
            "poseidon out of the partial rounds",
            rows.row[LAST_START].clone(),
            (0..WIDTH)
                .map(|i| {
                    let claim = format!("w{i} is full round 64 of the last partial ones above");
                    let leaving = Expr::linear(&partial.exit_linear[i], &upper(-1))
                        + Expr::linear(&partial.exit_fifth[i], &fifths(upper(-1)));
                    (claim, leaving + constant(&[LAST_START], i) - cell(i, 0))
                })
                .collect(),
        );
        layout.gate(
            "poseidon output",
            rows.output.clone(),
            vec![(
                "w1 is lane 0 of the state that leaves".into(),
                round(0, &fifths(upper(-1))) - cell(OUTPUT_COLUMN, 0),
            )],
        );
        layout.gate(
            "poseidon carry",
            rows.carry.clone(),
            (WIDTH..COLUMNS)
                .map(|i| {
                    (format!("w{i} repeats the interrupted row"), cell(i, 0) - cell(i, -rows.carry_distance))
                })
                .collect(),
        );
    }

    /// The cells of one permutation with their values.
    pub(crate) fn cells<F: SuiteField>(&self, place: &Place, trace: &Trace<F>) -> Vec<(Cell, F)> {
        let mut cells = Vec::with_capacity(ROWS * COLUMNS + 1);
        let mut put = |t: usize, half: usize, values: &[F]| {
            for (i, value) in values.iter().enumerate() {
                cells.push((Cell { column: self.w[half * WIDTH + i], row: place.rows[t] }, *value));
            }
        };
        for r in 0..HALF {
            put(r / 2, r % 2, &trace.first[r]);
            put(LAST_START + r / 2, r % 2, &trace.last[r]);
        }
        for (i, u) in trace.partial.chunks(WIDTH).enumerate() {
            put(PARTIAL_START + i / 2, i % 2, u);
        }
        cells.push((Cell { column: self.w[OUTPUT_COLUMN], row: place.output }, trace.output));
        cells
    }

    /// Repeats w5 .. w9 of row `from` in row `to`.
    pub(crate) fn carry<F: SuiteField>(&self, table: &mut Table<F>, from: usize, to: usize) {
        for column in &self.w[WIDTH..] {
            let value = table.get(Cell { column: *column, row: from });
            table.set(Cell { column: *column, row: to }, value);
        }
    }
}

/// The constants that the transition into each cell of each row adds.
fn row_constants<F: SuiteField>(poseidon: &Poseidon<F>) -> [[F; COLUMNS]; ROWS] {
    let mut rows = [[F::ZERO; COLUMNS]; ROWS];
    let mut put = |t: usize, half: usize, values: &Vector<F>| {
        rows[t][half * WIDTH..][..WIDTH].copy_from_slice(values);
    };
    let rc = &poseidon.round_constants;
    let last = HALF + PARTIAL_ROUNDS;
    // Row 0 holds the entering state itself; its own constants are part of the first row's gate.
    put(0, 1, &rc[1]);
    put(1, 0, &rc[2]);
    put(1, 1, &rc[3]);
    put(PARTIAL_START, 0, &poseidon.partial.enter_constants);
    for (i, step) in poseidon.partial.step_constants.chunks(WIDTH).enumerate() {
        let mut constants = [F::ZERO; WIDTH];
        constants.copy_from_slice(step);
        put(PARTIAL_START + i.div_ceil(2), (i + 1) % 2, &constants);
    }
    put(LAST_START, 0, &poseidon.partial.exit_constants);
    put(LAST_START, 1, &rc[last + 1]);
    put(LAST_START + 1, 0, &rc[last + 2]);
    put(LAST_START + 1, 1, &rc[last + 3]);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poseidon::pow5;
    use halo2curves_axiom::bn256::Fr;

    #[test]
    fn the_expressions_use_the_same_sbox_as_the_native_code() {
        let x = Fr::from(7);
        let expr: Expr<Fr> = Expr::Constant(x).pow5();
        assert_eq!(expr.evaluate(&|_| x), pow5(x));
    }
}
