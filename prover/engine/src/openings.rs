//! Making openings of linked columns: the proofs inside receipts and statements.
//!
//! What an opening is, and what it hides, stands with the code that checks it, [`apportion_suite::openings`].
//! Both suites begin alike: the columns are combined to `F = sum gamma^j f_j`, and a claim that is not true of them is
//! refused before anything is made of it.

mod argument;
mod bn254;
mod pasta;
mod slots;
mod store;

pub use self::slots::{ColumnOpenings, OpeningTable};

use apportion_circuits::{
    column::{MASK_COEFFICIENTS, MaskedColumn},
    field::{SuiteField, wipe},
    types::Tier,
};
use apportion_suite::{OpeningClaim, Openings, SuiteError};
use rand_core::{CryptoRng, RngCore};
use rayon::prelude::*;

/// A suite in which openings can be made.
pub trait Open: Openings {
    /// What openings of all slots take from the setup. Made once for a setup and a tier.
    type Table: Send + Sync;
    /// What is made of one column for all its slots. It stays good as long as the column: that of a payee column can be
    /// kept from epoch to epoch. Secret.
    type Prepared: Send + Sync;

    /// Makes the proof of one claim from the claim's columns, in its order.
    ///
    /// On pasta the argument draws its blinding from `rng`, and `params` must have the size that verifiers take. The
    /// generator must depend on the whole claim and on a secret, or be the system's: two different claims proven
    /// with the same blinding show the difference of the columns. bn254 draws nothing.
    ///
    /// # Errors
    /// If the claim is malformed or not true of these columns, or the parameters do not fit.
    fn open_one(
        params: &Self::Params,
        columns: &[&MaskedColumn<Self::F>],
        claim: &OpeningClaim<Self::F>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, SuiteError>;

    /// Makes the table for columns of a tier.
    ///
    /// # Errors
    /// If the parameters are too small.
    fn table(params: &Self::Params, tier: Tier) -> Result<Self::Table, SuiteError>;

    /// Prepares a column.
    ///
    /// # Errors
    /// If it is of another tier than the table.
    fn prepare(table: &Self::Table, column: &MaskedColumn<Self::F>) -> Result<Self::Prepared, SuiteError>;

    /// Whether preparing columns is the cheaper way to this many openings, given the table.
    fn pays(tier: Tier, openings: usize) -> bool;

    /// Makes the proofs of many claims about columns that have been prepared, on all cores. `rng_of` gives each claim,
    /// by its place in the list, a generator of its own, on which [`Self::open_one`] has its demands.
    ///
    /// # Errors
    /// As [`Self::open_one`], for the first claim that is wrong.
    fn open_prepared<R: RngCore + CryptoRng>(
        params: &Self::Params,
        columns: &[&MaskedColumn<Self::F>],
        prepared: &[&Self::Prepared],
        claims: &[OpeningClaim<Self::F>],
        rng_of: impl Fn(usize) -> R + Sync,
    ) -> Result<Vec<Vec<u8>>, SuiteError>;

    /// Makes the proofs of many claims about the same columns in the cheaper of both ways; without a table, one by one.
    ///
    /// # Errors
    /// As [`Self::open_one`], for the first claim that is wrong.
    fn open_all<R: RngCore + CryptoRng>(
        params: &Self::Params,
        table: Option<&Self::Table>,
        columns: &[&MaskedColumn<Self::F>],
        claims: &[OpeningClaim<Self::F>],
        rng_of: impl Fn(usize) -> R + Sync,
    ) -> Result<Vec<Vec<u8>>, SuiteError> {
        let table =
            table.filter(|_| claims.first().is_some_and(|claim| Self::pays(claim.tier, claims.len())));
        let Some(table) = table else {
            return Self::open_each(params, columns, claims, rng_of);
        };
        let prepared: Vec<_> =
            columns.iter().map(|column| Self::prepare(table, column)).collect::<Result<_, _>>()?;
        Self::open_prepared(params, columns, &prepared.iter().collect::<Vec<_>>(), claims, rng_of)
    }

    /// Makes the proofs of many claims about the same columns one by one, on all cores.
    ///
    /// # Errors
    /// As [`Self::open_one`], for the first claim that is wrong.
    fn open_each<R: RngCore + CryptoRng>(
        params: &Self::Params,
        columns: &[&MaskedColumn<Self::F>],
        claims: &[OpeningClaim<Self::F>],
        rng_of: impl Fn(usize) -> R + Sync,
    ) -> Result<Vec<Vec<u8>>, SuiteError> {
        let proofs: Vec<_> = claims
            .par_iter()
            .enumerate()
            .map(|(index, claim)| Self::open_one(params, columns, claim, &mut rng_of(index)))
            .collect();
        proofs.into_iter().collect()
    }
}

/// `sum gamma^j f_j`, and the same of the blinding scalars. Secret; overwritten when dropped.
struct Combination<F: SuiteField> {
    coefficients: Vec<F>,
    blind: F,
}

impl<F: SuiteField> Combination<F> {
    /// Of columns that fit the claim.
    fn new(columns: &[&MaskedColumn<F>], claim: &OpeningClaim<F>) -> Result<Self, SuiteError> {
        check_columns(columns, claim)?;
        let degree = claim.tier.slots() + MASK_COEFFICIENTS;
        let mut coefficients = Vec::with_capacity(degree.next_power_of_two());
        coefficients.resize(degree, F::ZERO);
        let mut sum = Self { coefficients, blind: F::ZERO };
        for column in columns.iter().rev() {
            for (sum, coefficient) in sum.coefficients.iter_mut().zip(column.coefficients()) {
                *sum = *sum * claim.gamma + coefficient;
            }
            sum.blind = sum.blind * claim.gamma + column.blind();
        }
        Ok(sum)
    }

    /// Divides by `X - z`, where the claim says that the remainder is `y`: the quotient takes the coefficients'
    /// place, its highest last, and one 0 after it.
    fn divide(&mut self, claim: &OpeningClaim<F>) -> Result<(), SuiteError> {
        let z = claim.point();
        let mut carry = F::ZERO;
        for coefficient in self.coefficients.iter_mut().rev() {
            let value = carry * z + *coefficient;
            *coefficient = carry;
            carry = value;
        }
        if carry == claim.value() { Ok(()) } else { Err(untrue()) }
    }

    /// Refuses a claim that is not true.
    fn check(&self, claim: &OpeningClaim<F>) -> Result<(), SuiteError> {
        let z = claim.point();
        let value = self.coefficients.iter().rev().fold(F::ZERO, |sum, coefficient| sum * z + coefficient);
        if value == claim.value() { Ok(()) } else { Err(untrue()) }
    }
}

impl<F: SuiteField> Drop for Combination<F> {
    fn drop(&mut self) {
        wipe(&mut self.coefficients);
        wipe(std::slice::from_mut(&mut self.blind));
    }
}

/// Refuses a claim that is malformed, or of other columns.
fn check_columns<F: SuiteField>(
    columns: &[&MaskedColumn<F>],
    claim: &OpeningClaim<F>,
) -> Result<(), SuiteError> {
    claim.check()?;
    let slots = claim.tier.slots();
    if columns.len() == claim.columns.len() && columns.iter().all(|column| column.slots() == slots) {
        return Ok(());
    }
    Err(SuiteError::Witness("these are not the columns of the claim".into()))
}

fn untrue() -> SuiteError {
    SuiteError::Witness("the columns do not hold the claimed values at this slot".into())
}
