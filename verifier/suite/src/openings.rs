//! Openings of linked columns at a slot: what a receipt and a line of a statement show.
//!
//! A linked column is `f = f_v + (X^C - 1) * rho`. With `w` of order `C`, `f(w^i) = v_i` whatever `rho` is. One
//! opening shows the values of several columns at one slot: of `F = sum gamma^j f_j` it proves that
//! `F(w^i) = sum gamma^j v_j`. The challenge `gamma` has to be a hash of everything that is claimed: the columns'
//! commitments, the slot, every value. Then no column has another value there, but with a probability of about
//! `columns / r`. Whoever checks derives it; it is never taken from the one who claims.
//!
//! **What it hides.** On bn254 the proof is one group element that follows from commitments, slot, values, gamma
//! and the setup's secret. So a simulator that knows the secret makes the very same bytes from what the receipt says
//! in the clear, and any other values of other slots are explained by some `rho`: nothing is shown but the values
//! themselves. On pasta the opening is halo2_proofs' own, which is zero-knowledge. Neither is a secret of its own
//! values: who guesses them can confirm the guess. None of it counts against the mask (V8): an opening at `w^i`
//! never involves `rho`.
//!
//! A slot is one of the first `C - 2`; what stands in the reserved ones was never constrained.

mod bn254;
pub mod pasta;

use std::slice;

use apportion_circuits::{
    column::MASK_COEFFICIENTS,
    field::{SuiteField, to_bytes},
    types::Tier,
};
use ff::Field;
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use super::{Commitment, Suite, SuiteError};

/// Separates the randomisers of batches from every other hash.
const BATCH_DOMAIN: &[u8] = b"apportion.openings.batch.v1";

/// What an opening says: columns of one segment have these values at this slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningClaim<F> {
    /// The segment's tier, from whoever keeps the columns: slot `16 i` of tier 1,024 is the same point as slot `i`
    /// of tier 64.
    pub tier: Tier,
    /// The slot, one of the first `C - 2`.
    pub slot: usize,
    /// The columns, by their commitments: payee and balance for a receipt, and the score for a statement's line.
    pub columns: Vec<Commitment>,
    /// What each of them is said to hold at the slot.
    pub values: Vec<F>,
    /// The challenge that combines them: a hash of all of the above.
    pub gamma: F,
}

impl<F: SuiteField> OpeningClaim<F> {
    /// `w^i`, where the slot's values stand.
    pub fn point(&self) -> F {
        F::root_of_unity(self.tier.log_slots()).pow_vartime([self.slot as u64])
    }

    /// `sum gamma^j v_j`, what the combination of the columns has to be there.
    pub fn value(&self) -> F {
        self.values.iter().rev().fold(F::ZERO, |sum, value| sum * self.gamma + value)
    }

    /// Refuses a slot that holds no account, and another number of values than of columns.
    ///
    /// # Errors
    /// Says which.
    pub fn check(&self) -> Result<(), SuiteError> {
        let accounts = self.tier.accounts();
        if self.slot >= accounts {
            return Err(malformed(format!("slot {} is none of the {accounts} accounts", self.slot)));
        }
        if self.columns.is_empty() || self.columns.len() != self.values.len() {
            return Err(malformed(format!(
                "{} columns and {} values",
                self.columns.len(),
                self.values.len()
            )));
        }
        Ok(())
    }
}

/// A claim with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningTerm<F> {
    /// What is claimed.
    pub claim: OpeningClaim<F>,
    /// The proof, exactly as long as [`Openings::opening_bytes`] says.
    pub proof: Vec<u8>,
}

/// Why openings were refused.
#[derive(Debug, thiserror::Error)]
pub enum OpeningsError {
    /// There was none. A check of nothing would pass and mean nothing.
    #[error("there is no opening to check")]
    Empty,
    /// This one is wrong; it is the first that is.
    #[error("opening {index}: {source}")]
    Term {
        /// Its place in the list, counted from 0.
        index: usize,
        /// What is wrong with it.
        source: SuiteError,
    },
}

impl From<OpeningsError> for SuiteError {
    fn from(error: OpeningsError) -> Self {
        let what = "opening";
        match error {
            OpeningsError::Empty => Self::Malformed { what, reason: error.to_string() },
            OpeningsError::Term { index, source: Self::Malformed { what, reason } } => {
                Self::Malformed { what, reason: format!("{reason} (opening {index})") }
            }
            OpeningsError::Term { index, source: Self::Params(reason) } => {
                Self::Params(format!("{reason} (opening {index})"))
            }
            error => Self::Invalid(error.to_string()),
        }
    }
}

/// A suite whose linked columns can be opened at their slots.
pub trait Openings: Suite {
    /// Exact length in bytes of the proof of one opening.
    fn opening_bytes(tier: Tier) -> usize;

    /// Checks openings, many for little more than the price of one: a random combination of them is checked, whose
    /// randomness is a hash of all of them, and one by one only if that fails, to name the first that is wrong.
    ///
    /// On bn254 any tiers mix. On pasta `params` must have size `2^opening_k(tier)`, so a list has one tier.
    ///
    /// # Errors
    /// Names the first opening that is malformed, or else the first that does not verify. An empty list is refused.
    fn check_openings(
        params: &Self::VerifierParams,
        terms: &[OpeningTerm<Self::F>],
    ) -> Result<(), OpeningsError>;
}

/// log2 of the size of parameters that openings of a tier's columns take: the smallest power of two that holds the
/// `C + 128` coefficients. A larger setup of bn254 does as well; on pasta the proof depends on the size.
pub const fn opening_k(tier: Tier) -> u32 {
    (tier.slots() + MASK_COEFFICIENTS).next_power_of_two().trailing_zeros()
}

fn malformed(reason: impl Into<String>) -> SuiteError {
    SuiteError::Malformed { what: "opening", reason: reason.into() }
}

fn does_not_open() -> SuiteError {
    SuiteError::Invalid("the columns do not hold these values at this slot".into())
}

/// What no suite accepts, found before anything is decoded.
fn check_shape<S: Openings>(term: &OpeningTerm<S::F>) -> Result<(), SuiteError> {
    term.claim.check()?;
    let expected = S::opening_bytes(term.claim.tier);
    if term.proof.len() != expected {
        return Err(malformed(format!("a proof of {} bytes instead of {expected}", term.proof.len())));
    }
    Ok(())
}

/// Decodes every term, then checks them together, then, if that fails, singly.
fn check_all<'a, S: Openings, T: Sync>(
    terms: &'a [OpeningTerm<S::F>],
    mut decode: impl FnMut(&'a OpeningTerm<S::F>) -> Result<T, SuiteError>,
    holds: impl Fn(&[T], &[S::F]) -> bool + Sync,
) -> Result<(), OpeningsError> {
    if terms.is_empty() {
        return Err(OpeningsError::Empty);
    }
    let wrong = |index| move |source| OpeningsError::Term { index, source };
    let mut decoded = Vec::with_capacity(terms.len());
    for (index, term) in terms.iter().enumerate() {
        check_shape::<S>(term).map_err(wrong(index))?;
        decoded.push(decode(term).map_err(wrong(index))?);
    }
    if holds(&decoded, &randomisers(terms)) {
        return Ok(());
    }
    let bad = decoded.par_iter().position_first(|term| !holds(slice::from_ref(term), &[S::F::ONE]));
    // If each holds, so does every combination of them: the index is always found.
    Err(wrong(bad.unwrap_or_default())(does_not_open()))
}

/// The coefficients of a batch: 1, d, d^2, .. for d a hash of every term and of how many there are. Each field is
/// preceded by its length, or has a fixed one.
fn randomisers<F: SuiteField>(terms: &[OpeningTerm<F>]) -> Vec<F> {
    let count = |hash: &mut Keccak256, n: usize| hash.update((n as u64).to_be_bytes());
    let mut hash = Keccak256::new_with_prefix(BATCH_DOMAIN);
    count(&mut hash, terms.len());
    for OpeningTerm { claim, proof } in terms {
        count(&mut hash, claim.tier.slots());
        count(&mut hash, claim.slot);
        count(&mut hash, claim.columns.len());
        for Commitment(bytes) in &claim.columns {
            count(&mut hash, bytes.len());
            hash.update(bytes);
        }
        count(&mut hash, claim.values.len());
        for value in claim.values.iter().chain([&claim.gamma]) {
            hash.update(to_bytes(value));
        }
        count(&mut hash, proof.len());
        hash.update(proof);
    }
    let seed = hash.finalize();
    let mut wide = [0; 64];
    for (half, number) in wide.chunks_exact_mut(32).zip([0u8, 1]) {
        half.copy_from_slice(&Keccak256::new_with_prefix(seed).chain_update([number]).finalize());
    }
    let d = F::from_uniform_bytes(&wide);
    std::iter::successors(Some(F::ONE), |power| Some(*power * d)).take(terms.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use apportion_circuits::types::RESERVED_SLOTS;
    use halo2_axiom::halo2curves::bn256::Fr;
    use pasta_curves::Fp;

    fn term<F: SuiteField>() -> OpeningTerm<F> {
        let columns = vec![Commitment(vec![1; 4]), Commitment(vec![2; 4])];
        let values = vec![F::from(3), F::from(4)];
        let claim = OpeningClaim { tier: Tier::T64, slot: 5, columns, values, gamma: F::from(6) };
        OpeningTerm { claim, proof: vec![7; 8] }
    }

    fn everything_enters<F: SuiteField>() {
        let base = randomisers(&[term::<F>(), term()]);
        assert_eq!(base[0], F::ONE);
        assert_eq!(randomisers(&[term::<F>(), term()]), base);
        let changes: [fn(&mut OpeningTerm<F>); 9] = [
            |term| term.claim.tier = Tier::T1024,
            |term| term.claim.slot += 1,
            |term| term.claim.columns[1].0[3] += 1,
            // A byte moves from one field to the next.
            |term| {
                let byte = term.claim.columns[0].0.pop().unwrap();
                term.claim.columns[1].0.insert(0, byte);
            },
            |term| _ = term.claim.columns.pop(),
            |term| term.claim.values[0] += F::ONE,
            |term| {
                term.claim.gamma = term.claim.values[1];
                term.claim.values.pop();
            },
            |term| term.claim.gamma += F::ONE,
            |term| term.proof[0] += 1,
        ];
        let mut seen = vec![base[1], randomisers(&[term::<F>(), term(), term()])[1]];
        for change in changes {
            for place in 0..2 {
                let mut terms = [term::<F>(), term()];
                change(&mut terms[place]);
                seen.push(randomisers(&terms)[1]);
            }
        }
        for (i, one) in seen.iter().enumerate() {
            assert!(!seen[..i].contains(one), "{i}");
        }
    }

    #[test]
    fn a_batch_is_weighed_by_everything_in_it() {
        everything_enters::<Fr>();
        everything_enters::<Fp>();
    }

    #[test]
    fn points_and_sizes() {
        assert_eq!(Tier::ALL.map(opening_k), [8, 11, 15]);
        let at = |slot| {
            let OpeningTerm { mut claim, .. } = term::<Fr>();
            claim.slot = slot;
            claim
        };
        assert_eq!(at(0).point(), Fr::ONE);
        assert_eq!(at(32).point(), -Fr::ONE);
        assert_eq!(at(3).point(), at(1).point().cube());
        assert_eq!(at(3).value(), Fr::from(3 + 6 * 4));
        for slot in 0..70 {
            assert_eq!(at(slot).check().is_ok(), slot < 64 - RESERVED_SLOTS);
        }
    }

    #[test]
    fn errors_keep_their_kind() {
        let of = |source| SuiteError::from(OpeningsError::Term { index: 3, source });
        assert!(
            matches!(of(malformed("x")), SuiteError::Malformed { reason, .. } if reason == "x (opening 3)")
        );
        assert!(matches!(of(does_not_open()), SuiteError::Invalid(_)));
        assert!(matches!(of(SuiteError::Params("x".into())), SuiteError::Params(_)));
        assert!(matches!(OpeningsError::Empty.into(), SuiteError::Malformed { .. }));
    }
}
