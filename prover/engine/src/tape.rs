//! Prepared randomness: how a linked column keeps its commitment in every proof.
//!
//! halo2_proofs and halo2-axiom overwrite the last `blinding_rows` rows of every advice column with field elements that they
//! draw from the generator they are given, column by column, and then draw one blinding scalar per column, all
//! before they draw anything else. A field element is eight words of 64 bits, reduced modulo the field's order.
//! The tape plays these draws, a linked column's from the column itself and all others from the caller's generator,
//! and then turns into that generator. Blinding values are all that the provers draw from it. Whoever gives an engine that is
//! not deterministic the same generator twice has both proofs blind the same columns alike and open them at two points.

use std::fmt;

use apportion_circuits::{
    field::SuiteField,
    plonkish::{Layout, Table},
};
use apportion_suite::SuiteError;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, Error, RngCore};
use zeroize::Zeroize;

const WORDS_PER_ELEMENT: usize = 8;

/// A generator that plays prepared words and then the caller's. Secret; overwritten when dropped.
pub struct Tape<'a> {
    words: Vec<u64>,
    next: usize,
    /// Something else than whole words was drawn before the tape had ended.
    misread: bool,
    rng: &'a mut ChaCha20Rng,
}

impl<'a> Tape<'a> {
    /// The tape of a table that fits its layout.
    pub fn new<F: SuiteField>(layout: &Layout<F>, table: &Table<F>, rng: &'a mut ChaCha20Rng) -> Self {
        let columns = layout.advice.len();
        let words = Vec::with_capacity(columns * (layout.blinding_rows() + 1) * WORDS_PER_ELEMENT);
        let mut tape = Self { words, next: 0, misread: false, rng };
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
                let word = self.rng.next_u64();
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
    ///
    /// # Errors
    /// If not: the prover draws in another order than it used to.
    pub fn finish(&self) -> Result<(), SuiteError> {
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
}

impl RngCore for Tape<'_> {
    fn next_u32(&mut self) -> u32 {
        self.misread |= self.playing();
        self.rng.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        if !self.playing() {
            return self.rng.next_u64();
        }
        self.next += 1;
        self.words[self.next - 1]
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.misread |= self.playing();
        self.rng.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.misread |= self.playing();
        self.rng.try_fill_bytes(bytes)
    }
}

impl CryptoRng for Tape<'_> {}

impl Drop for Tape<'_> {
    fn drop(&mut self) {
        self.words.zeroize();
    }
}

/// Says how far the tape was played, never what is on it.
impl fmt::Debug for Tape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} words played", self.next, self.words.len())?;
        if self.misread { f.write_str(", other than word by word") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::{
        column::{Mask, MaskedColumn},
        relation::RelationId,
        types::Tier,
    };
    use halo2_axiom::halo2curves::bn256::Fr;
    use pasta_curves::Fp;
    use rand_core::{OsRng, SeedableRng};

    fn layout<F: SuiteField>() -> Layout<F> {
        let mut layout = Layout::new(RelationId::Split, Tier::T64, 4);
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
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut tape = Tape::new(&layout, &table, &mut rng);
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
        let draws: [fn(&mut Tape<'_>); 3] = [
            |tape| _ = tape.next_u32(),
            |tape| tape.fill_bytes(&mut [0; 8]),
            |tape| tape.try_fill_bytes(&mut [0; 8]).unwrap(),
        ];
        for draw in draws {
            let mut rng = ChaCha20Rng::seed_from_u64(1);
            let mut tape = Tape::new(&layout, &table, &mut rng);
            draw(&mut tape);
            while tape.playing() {
                tape.next_u64();
            }
            let error = tape.finish().unwrap_err().to_string();
            assert!(error.ends_with("112 of 112 words played, other than word by word"), "{error}");
            // Afterwards they are anyone's.
            let mut rng = ChaCha20Rng::seed_from_u64(1);
            let mut tape = Tape::new(&layout, &table, &mut rng);
            while tape.playing() {
                tape.next_u64();
            }
            draw(&mut tape);
            tape.finish().unwrap();
        }
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let tape = Tape::new(&layout, &table, &mut rng);
        assert_eq!(format!("{tape:?}"), "0 of 112 words played");
        assert!(tape.finish().is_err());
    }
}
