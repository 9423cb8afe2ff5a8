//! Step 2: a lookup's permuted columns.
//!
//! The input is sorted, and the table arranged so that the first of equal inputs stands beside its own value; all that is
//! left of the table follows in order beside the repetitions. Of the many permutations that would do, this one makes the
//! same proof again, and its cost is one look at an index per row.

use std::collections::HashMap;

use apportion_suite::SuiteError;
use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use rayon::prelude::*;
use zeroize::Zeroize as _;

use super::{
    draws::{Draws, scalars},
    key::ProvingKey,
    program::{BLOCK, Columns},
    secret::{Rows, Secret},
};

/// Values below this are found without hashing.
const DENSE: u64 = 1 << 20;

/// A lookup's table, by value.
pub(crate) struct TableIndex {
    /// The distinct values, in the order of the field's elements, and how often each occurs.
    values: Vec<(Fr, u32)>,
    /// One more than the place of small values; 0 for those that are not there.
    dense: Vec<u32>,
    sparse: HashMap<[u8; 32], u32>,
}

/// A lookup's permuted input and table, all rows.
pub(crate) struct Permuted {
    pub(crate) input: Secret,
    pub(crate) table: Secret,
}

impl TableIndex {
    pub(crate) fn new(table: &[Fr]) -> Self {
        let mut sorted = table.to_vec();
        sorted.par_sort_unstable();
        let mut values: Vec<(Fr, u32)> = Vec::new();
        for value in sorted {
            match values.last_mut() {
                Some((last, count)) if *last == value => *count += 1,
                _ => values.push((value, 1)),
            }
        }
        let (mut dense, mut sparse) = (Vec::new(), HashMap::new());
        for (place, (value, _)) in values.iter().enumerate() {
            match small(value) {
                Some(value) => {
                    dense.resize((value as usize + 1).max(dense.len()), 0);
                    dense[value as usize] = place as u32 + 1;
                }
                None => _ = sparse.insert(value.to_repr(), place as u32),
            }
        }
        Self { values, dense, sparse }
    }

    /// The place of a value among the distinct ones.
    fn place(&self, value: &Fr) -> Option<u32> {
        match small(value) {
            Some(value) => self.dense.get(value as usize)?.checked_sub(1),
            None => self.sparse.get(&value.to_repr()).copied(),
        }
    }

    /// Permutes an input of as many values as the table has, leaving room for `rows` in all; `None` where it is not
    /// in the table.
    fn permute(&self, input: &[Fr], rows: usize) -> Option<Permuted> {
        let mut places: Vec<u32> = Vec::new();
        input.par_iter().map(|value| self.place(value).unwrap_or(u32::MAX)).collect_into_vec(&mut places);
        let mut counts = vec![0u32; self.values.len()];
        let permuted = self.count(&places, &mut counts).and_then(|()| self.arrange(&counts, rows));
        // Whether or not all of them were found.
        places.zeroize();
        counts.zeroize();
        permuted
    }

    /// How often each value occurs; `None` where one is not in the table.
    fn count(&self, places: &[u32], counts: &mut [u32]) -> Option<()> {
        for place in places {
            // A miss lies outside.
            *counts.get_mut(*place as usize)? += 1;
        }
        Some(())
    }

    fn arrange(&self, counts: &[u32], rows: usize) -> Option<Permuted> {
        let (mut sorted, mut table) = (Secret::zeros(rows), Secret::zeros(rows));
        // What is left of the table, in order: of each value what its first input does not take.
        let mut left = self.values.iter().zip(counts).flat_map(|((value, count), used)| {
            std::iter::repeat_n(*value, (*count - u32::from(*used > 0)) as usize)
        });
        let mut row = 0;
        for ((value, _), count) in self.values.iter().zip(counts) {
            for repeated in 0..*count {
                sorted[row] = *value;
                table[row] = if repeated == 0 { *value } else { left.next()? };
                row += 1;
            }
        }
        Some(Permuted { input: sorted, table })
    }
}

/// A value as an integer, if it is a small one.
fn small(value: &Fr) -> Option<u64> {
    let repr = value.to_repr();
    let (low, high) = repr.split_first_chunk::<8>()?;
    let low = u64::from_le_bytes(*low);
    (low < DENSE && high.iter().all(|byte| *byte == 0)).then_some(low)
}

/// The input of a lookup on the usable rows.
pub(crate) fn input(key: &ProvingKey, lookup: usize, columns: &Columns<'_>) -> Secret {
    let mut values = Secret::zeros(key.layout().usable_rows());
    values.par_chunks_mut(BLOCK).enumerate().for_each_init(
        || key.program.scratch(),
        |scratch, (block, values)| {
            let input = key.program.input(lookup, columns, block * BLOCK, scratch);
            values.copy_from_slice(&input[..values.len()]);
        },
    );
    values
}

/// Permutes a lookup's columns and blinds them.
pub(crate) fn permute(
    key: &ProvingKey,
    lookup: usize,
    columns: &Columns<'_>,
    draws: &mut impl Draws,
) -> Result<Permuted, SuiteError> {
    let layout = key.layout();
    let input = input(key, lookup, columns);
    let mut permuted = key.tables[lookup].permute(&input, layout.rows()).ok_or_else(|| {
        SuiteError::Witness(format!("lookup '{}': a value is not in its table", layout.lookups[lookup].name))
    })?;
    for column in [&mut permuted.input, &mut permuted.table] {
        let tail = scalars(draws, layout.blinding_rows());
        column[layout.usable_rows()..].copy_from_slice(&tail);
    }
    let permuted = draws.permuted(permuted);
    (0..2).for_each(|_| draws.after_commitment());
    Ok(permuted)
}

impl Permuted {
    pub(crate) fn rows(&self) -> [Rows<'_>; 2] {
        [Rows::whole(&self.input), Rows::whole(&self.table)]
    }
}

/// Permuted columns as places in their table, an eighth of the size: what is kept while the quotient is computed.
pub(crate) struct Packed {
    places: [Vec<u32>; 2],
    tails: [Secret; 2],
}

impl Packed {
    pub(crate) fn new(key: &ProvingKey, lookup: usize, permuted: &Permuted) -> Self {
        let usable = key.layout().usable_rows();
        let columns = [&permuted.input, &permuted.table];
        let index = &key.tables[lookup];
        // Every value is in the table.
        let place = |value: &Fr| index.place(value).unwrap_or_default();
        let places = columns.map(|column| column[..usable].par_iter().map(place).collect());
        let tails = columns.map(|column| Rows::whole(&column[usable..]).to_secret());
        Self { places, tails }
    }

    pub(crate) fn unpack(&self, key: &ProvingKey, lookup: usize) -> Permuted {
        let values = &key.tables[lookup].values;
        let [input, table] = [0, 1].map(|column| {
            let (places, tail) = (&self.places[column], &self.tails[column]);
            let mut rows = Secret::zeros(places.len() + tail.len());
            let (body, end) = rows.split_at_mut(places.len());
            body.par_iter_mut().zip(places).for_each(|(value, place)| *value = values[*place as usize].0);
            end.copy_from_slice(tail);
            rows
        });
        Permuted { input, table }
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        self.places.iter_mut().for_each(|places| places.fill(0));
        std::hint::black_box(&self.places);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;

    #[test]
    fn inputs_stand_beside_their_table() {
        let table: Vec<_> = [0, 5, 7, 7, 0, 9, 0, 0].map(Fr::from).to_vec();
        let mut table = table;
        table.push(-Fr::ONE);
        let index = TableIndex::new(&table);
        let input: Vec<_> = [7, 0, 7, 5, 5, 0, 0, 7].map(Fr::from).into_iter().chain([-Fr::ONE]).collect();
        let Permuted { input: sorted, table: beside } = index.permute(&input, 12).unwrap();
        for row in 0..9 {
            assert!(sorted[row] == beside[row] || sorted[row] == sorted[row - 1]);
        }
        let same = |a: &[Fr], b: &[Fr]| {
            let [mut a, mut b] = [a.to_vec(), b.to_vec()];
            a.sort();
            b.sort();
            a == b
        };
        assert!(same(&sorted[..9], &input) && same(&beside[..9], &table));
        assert_eq!(sorted[9..], [Fr::ZERO; 3]);
        for miss in [Fr::from(6), Fr::from(8), Fr::from(DENSE), -Fr::from(2)] {
            let mut input = input.clone();
            input[4] = miss;
            assert!(index.permute(&input, 12).is_none());
        }
    }
}
