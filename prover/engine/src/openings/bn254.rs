//! KZG openings on BN254: `pi = [q(tau)]1` for the quotient `q = (F - y) / (X - w^i)`.

use apportion_circuits::{column::MaskedColumn, field::wipe, types::Tier};
use apportion_suite::{Bn254, OpeningClaim, Suite, SuiteError};
use group::Curve;
use halo2_axiom::{
    arithmetic::best_multiexp,
    halo2curves::{
        CurveAffine,
        bn256::{Fr, G1, G1Affine},
    },
    poly::commitment::ParamsProver,
};
use rand_core::{CryptoRng, RngCore};

use super::{ColumnOpenings, Combination, Open, OpeningTable, check_columns, untrue};
use crate::curve::{add_all, products};

impl Open for Bn254 {
    type Table = OpeningTable;
    type Prepared = ColumnOpenings;

    fn open_one(
        params: &Self::Params,
        columns: &[&MaskedColumn<Fr>],
        claim: &OpeningClaim<Fr>,
        _: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, SuiteError> {
        let mut quotient = Combination::new(columns, claim)?;
        quotient.divide(claim)?;
        let scalars = &quotient.coefficients[..quotient.coefficients.len() - 1];
        let bases = params
            .get_g()
            .get(..scalars.len())
            .ok_or_else(|| SuiteError::Params("too small for openings of this tier".into()))?;
        let pi: G1 = best_multiexp(scalars, bases);
        encode(&pi.to_affine())
    }

    fn table(params: &Self::Params, tier: Tier) -> Result<OpeningTable, SuiteError> {
        OpeningTable::new(params, tier)
    }

    fn prepare(table: &OpeningTable, column: &MaskedColumn<Fr>) -> Result<ColumnOpenings, SuiteError> {
        table.open(column)
    }

    fn pays(tier: Tier, openings: usize) -> bool {
        openings >= threshold(tier)
    }

    /// By linearity: `sum gamma^j pi_j` opens `sum gamma^j f_j`.
    fn open_prepared<R: RngCore + CryptoRng>(
        _: &Self::Params,
        columns: &[&MaskedColumn<Fr>],
        prepared: &[&ColumnOpenings],
        claims: &[OpeningClaim<Fr>],
        _: impl Fn(usize) -> R + Sync,
    ) -> Result<Vec<Vec<u8>>, SuiteError> {
        let mut values: Vec<_> = columns.iter().map(|column| column.values()).collect();
        let checked = claims.iter().try_for_each(|claim| {
            check_columns(columns, claim)?;
            if prepared.len() != columns.len() || prepared.iter().any(|column| column.tier() != claim.tier) {
                return Err(SuiteError::Witness("other columns than these were prepared".into()));
            }
            let held = values.iter().map(|values| &values[claim.slot]);
            if held.eq(&claim.values) { Ok(()) } else { Err(untrue()) }
        });
        values.iter_mut().for_each(|values| wipe(values));
        checked?;
        let of_column = |column: &ColumnOpenings| -> Vec<G1Affine> {
            claims.iter().map(|claim| column.points()[claim.slot]).collect()
        };
        let gammas: Vec<_> = claims.iter().map(|claim| claim.gamma).collect();
        let mut columns = prepared.iter().rev().map(|column| of_column(column));
        let mut proofs = columns.next().unwrap_or_default();
        for column in columns {
            proofs = products([&proofs], [&gammas]);
            add_all(&mut proofs, &column);
        }
        proofs.iter().map(encode).collect()
    }
}

/// From how many openings of two columns on it is cheaper to prepare both: that takes as long as about 20, 38 and 134
/// multi-exponentiations. If one of the columns was kept, it is half.
fn threshold(tier: Tier) -> usize {
    match tier.slots() {
        0..=64 => 24,
        65..=1024 => 40,
        _ => 130,
    }
}

/// The point as a receipt has it: affine x and y, big-endian.
fn encode(point: &G1Affine) -> Result<Vec<u8>, SuiteError> {
    let identity = || SuiteError::Backend("an opening of a column that is the same everywhere".into());
    let coordinates = Option::from(point.coordinates()).ok_or_else(identity)?;
    let coordinates: halo2_axiom::halo2curves::Coordinates<G1Affine> = coordinates;
    let bytes: Vec<u8> = [coordinates.x(), coordinates.y()]
        .into_iter()
        .flat_map(|coordinate| coordinate.to_bytes().into_iter().rev())
        .collect();
    Bn254::check_commitment(&bytes).map(|point| point.0)
}
