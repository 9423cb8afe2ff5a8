//! What a proof draws, in the order in which it draws it.
//!
//! A generator that is derived from what is proven makes the same proof again; the order is part of the engine's version.

use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use rand_chacha::ChaCha20Rng;

use super::{lookups::Permuted, secret::Secret};

/// A source of blinding. What ships is [`Drawn`] alone; tests have one that plays what halo2-axiom's prover did, to compare
/// proofs byte by byte, and only tests can have it.
pub(crate) trait Draws {
    /// A blinding value.
    fn scalar(&mut self) -> Fr;

    /// A commitment has no blinding of its own; halo2-axiom's prover draws one nevertheless.
    fn after_commitment(&mut self) {}

    /// A lookup's permuted columns: these, or the ones of another prover.
    fn permuted(&mut self, permuted: Permuted) -> Permuted {
        permuted
    }

    /// The coefficients of the random polynomial.
    fn random_polynomial(&mut self) -> Secret;

    /// What hides the pieces of the quotient from one another, one less than there are pieces.
    fn quotient(&mut self, pieces: usize) -> Secret;
}

/// Everything from one generator.
pub(crate) struct Drawn<'a>(pub(crate) &'a mut ChaCha20Rng);

impl Draws for Drawn<'_> {
    fn scalar(&mut self) -> Fr {
        Fr::random(&mut *self.0)
    }

    /// Of degree 1: it has to hide two things, its commitment and its value at x, and costs next to nothing so.
    fn random_polynomial(&mut self) -> Secret {
        Secret::new(vec![self.scalar(), self.scalar()])
    }

    fn quotient(&mut self, pieces: usize) -> Secret {
        let mut blinds = Secret::zeros(pieces.saturating_sub(1));
        blinds.iter_mut().for_each(|blind| *blind = self.scalar());
        blinds
    }
}

/// So many blinding values.
pub(crate) fn scalars(draws: &mut impl Draws, count: usize) -> Secret {
    let mut values = Secret::zeros(count);
    values.iter_mut().for_each(|value| *value = draws.scalar());
    values
}
