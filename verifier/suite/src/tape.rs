//! Prepared randomness: how a linked column keeps its commitment in every proof.
//!
//! Both provers overwrite the last `blinding_rows` rows of every advice column with field elements that they
//! draw from the generator they are given, column by column, and then draw one blinding scalar per column, all
//! before they draw anything else. A field element is eight words of 64 bits, reduced modulo the field's order.
//! The tape plays these draws, a linked column's from the column itself and all others at random, and
//! then turns into the system's generator.

use std::fmt;

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Layout, Table},
};
use rand_core::{CryptoRng, Error, OsRng, RngCore};
use zeroize::Zeroize;

use super::SuiteError;

const WORDS_PER_ELEMENT: usize = 8;
const POOL: usize = 512;

/// A generator that plays prepared words and then the system's. Secret; overwritten when dropped.
pub(super) struct Tape {
    words: Vec<u64>,
    next: usize,
    /// Something else than whole words was drawn before the tape had ended.
    misread: bool,
    /// The system's words, drawn many at a time.
    pool: Vec<u64>,
}

impl Tape {
    /// The tape of a table that fits its layout.
    pub(super) fn new<F: SuiteField>(layout: &Layout<F>, table: &Table<F>) -> Self {
        let columns = layout.advice.len();
        let words = Vec::with_capacity(columns * (layout.blinding_rows() + 1) * WORDS_PER_ELEMENT);
        let mut tape = Self { words, next: 0, misread: false, pool: Vec::with_capacity(POOL) };
        for (index, column) in table.advice.iter().enumerate() {
            for value in &column[layout.usable_rows()..] {
                tape.record((index < layout.linked).then_some(value));
            }
        }
        for index in 0..columns {
            let blind = table.linked.get(index).map(|column| column.blind());
            tape.record(blind.as_ref());
        }
        tape
    }

    fn record<F: SuiteField>(&mut self, element: Option<&F>) {
        let Some(element) = element else {
            for _ in 0..WORDS_PER_ELEMENT {
                let word = self.system_word();
                self.words.push(word);
            }
            return;
        };
        let mut repr = element.to_repr();
        for chunk in repr.chunks_exact(8) {
            self.words.push(chunk.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
        }
        self.words.extend([0; WORDS_PER_ELEMENT / 2]);
        repr.zeroize();
    }

    /// Whether the tape was played to its end, word by word.
    pub(super) fn finish(&self) -> Result<(), SuiteError> {
        if self.next == self.words.len() && !self.misread {
            return Ok(());
        }
        Err(SuiteError::Backend(format!(
            "the prover drew its blinding in another order than expected: {self:?}"
        )))
    }

    fn playing(&self) -> bool {
        self.next < self.words.len()
    }

    fn system_word(&mut self) -> u64 {
        if self.pool.is_empty() {
            let mut bytes = [0; POOL * 8];
            OsRng.fill_bytes(&mut bytes);
            self.pool.extend(
                bytes
                    .chunks_exact(8)
                    .map(|chunk| chunk.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte))),
            );
            bytes.zeroize();
        }
        // Refilled just above. Used words are overwritten, not only forgotten.
        let word = self.pool.last_mut().map(std::mem::take).unwrap_or_default();
        self.pool.pop();
        word
    }
}

impl RngCore for Tape {
    fn next_u32(&mut self) -> u32 {
        self.misread |= self.playing();
        self.system_word() as u32
    }

    fn next_u64(&mut self) -> u64 {
        if !self.playing() {
            return self.system_word();
        }
        self.next += 1;
        self.words[self.next - 1]
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.misread |= self.playing();
        OsRng.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.misread |= self.playing();
        OsRng.try_fill_bytes(bytes)
    }
}

impl CryptoRng for Tape {}

impl Drop for Tape {
    fn drop(&mut self) {
        self.words.zeroize();
        self.pool.zeroize();
    }
}

/// Says how far the tape was played, never what is on it.
impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} words played", self.next, self.words.len())?;
        if self.misread { f.write_str(", other than word by word") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::column::{Mask, MaskedColumn};
    use halo2_axiom::halo2curves::bn256::Fr;
    use pasta_curves::Fp;

    fn layout<F: SuiteField>() -> Layout<F> {
        let mut layout = Layout::new("tape", 64, 4);
        layout.linked_column("linked");
        layout.advice_column("other");
        layout
    }

    fn table<F: SuiteField>(layout: &Layout<F>) -> Table<F> {
        let values: Vec<_> = (0..64).map(|i| -F::from(i)).collect();
        let column = MaskedColumn::new(&values, &Mask::random(&mut OsRng));
        let mut table = Table::new(layout, Vec::new(), vec![column]);
        table.advice[1].fill(F::from(3));
        table
    }

    fn plays_the_linked_columns<F: SuiteField>() {
        let layout = layout::<F>();
        let table = table(&layout);
        let mut tape = Tape::new(&layout, &table);
        for row in layout.usable_rows()..layout.rows() {
            assert_eq!(F::random(&mut tape), table.advice[0][row]);
        }
        // What stands in another column's last rows is never used.
        for _ in 0..layout.blinding_rows() {
            assert!(F::random(&mut tape) != F::from(3));
        }
        assert_eq!(F::random(&mut tape), table.linked[0].blind());
        assert!(tape.finish().is_err());
        assert!(F::random(&mut tape) != F::ZERO);
        tape.finish().unwrap();
        // More than a pool's worth of the system's words, none of them twice.
        let drawn: std::collections::HashSet<_> = (0..3 * POOL).map(|_| tape.next_u64()).collect();
        assert_eq!(drawn.len(), 3 * POOL);
        tape.finish().unwrap();
    }

    #[test]
    fn the_tape_plays_the_linked_columns_and_then_the_system() {
        plays_the_linked_columns::<Fr>();
        plays_the_linked_columns::<Fp>();
    }

    #[test]
    fn other_draws_are_noticed() {
        let layout = layout::<Fr>();
        let table = table(&layout);
        let draws: [fn(&mut Tape); 3] = [
            |tape| _ = tape.next_u32(),
            |tape| tape.fill_bytes(&mut [0; 8]),
            |tape| tape.try_fill_bytes(&mut [0; 8]).unwrap(),
        ];
        for draw in draws {
            let mut tape = Tape::new(&layout, &table);
            draw(&mut tape);
            while tape.playing() {
                tape.next_u64();
            }
            let error = tape.finish().unwrap_err().to_string();
            assert!(error.ends_with("112 of 112 words played, other than word by word"), "{error}");
            // Afterwards they are anyone's.
            let mut tape = Tape::new(&layout, &table);
            while tape.playing() {
                tape.next_u64();
            }
            draw(&mut tape);
            tape.finish().unwrap();
        }
        let tape = Tape::new(&layout, &table);
        assert_eq!(format!("{tape:?}"), "0 of 112 words played");
        assert!(tape.finish().is_err());
    }
}
