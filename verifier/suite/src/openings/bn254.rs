//! KZG openings on BN254.
//!
//! The proof of `F(z) = y` at `z = w^i` is one point, `pi = [(F(tau) - y) / (tau - z)]1`. It is right if
//! `e([F] - y G + z pi, G2) = e(pi, [tau]2)`. Both sides are linear in the term, so many are checked by one
//! product of two pairings over a random combination. Terms of one segment share their commitments: one more
//! term adds two multiplications, those of its `pi`.

use std::{collections::BTreeMap, iter};

use apportion_circuits::types::Tier;
use ff::Field;
use group::{Curve, Group};
use halo2_axiom::{
    arithmetic::best_multiexp,
    halo2curves::{
        bn256::{Bn256 as Curves, Fr, G1, G1Affine, G2Prepared},
        pairing::{MillerLoopResult, MultiMillerLoop},
    },
};

use super::{
    super::{
        Bn254, Commitment, Suite, SuiteError,
        keccak::{POINT, decode_point},
    },
    OpeningTerm, Openings, OpeningsError, check_all, malformed,
};

impl Openings for Bn254 {
    fn opening_bytes(_: Tier) -> usize {
        POINT
    }

    fn check_openings(params: &Self::VerifierParams, terms: &[OpeningTerm<Fr>]) -> Result<(), OpeningsError> {
        let [g2, s_g2] = [params.g2(), params.s_g2()].map(G2Prepared::from);
        check_all::<Self, _>(terms, Decoded::new, |terms, randomisers| holds(terms, randomisers, &g2, &s_g2))
    }
}

/// A term as the equation needs it.
struct Decoded<'a> {
    /// Every column, decoded, with the power of gamma that it is multiplied by.
    columns: Vec<(&'a Commitment, G1Affine, Fr)>,
    point: Fr,
    value: Fr,
    pi: G1Affine,
}

impl<'a> Decoded<'a> {
    fn new(OpeningTerm { claim, proof }: &'a OpeningTerm<Fr>) -> Result<Self, SuiteError> {
        let powers = iter::successors(Some(Fr::ONE), |power| Some(power * claim.gamma));
        let columns = claim.columns.iter().zip(powers).map(|(column, power)| {
            Bn254::check_commitment(&column.0)?;
            let point = decode(&column.0).ok_or_else(|| malformed("a commitment that is no point"))?;
            Ok((column, point, power))
        });
        Ok(Self {
            columns: columns.collect::<Result<_, SuiteError>>()?,
            point: claim.point(),
            value: claim.value(),
            pi: decode(proof).ok_or_else(|| malformed("the proof is no point, or the identity"))?,
        })
    }
}

fn decode(bytes: &[u8]) -> Option<G1Affine> {
    bytes.try_into().ok().and_then(decode_point)
}

/// Whether `e(sum r_t ([F_t] - y_t G + z_t pi_t), G2) = e(sum r_t pi_t, [tau]2)`.
fn holds(terms: &[Decoded<'_>], randomisers: &[Fr], g2: &G2Prepared, s_g2: &G2Prepared) -> bool {
    let mut of_columns = BTreeMap::new();
    let mut of_generator = Fr::ZERO;
    let (mut scalars, mut points) = (Vec::new(), Vec::new());
    for (term, randomiser) in terms.iter().zip(randomisers) {
        for (column, point, power) in &term.columns {
            of_columns.entry(*column).or_insert((Fr::ZERO, *point)).0 += randomiser * power;
        }
        of_generator -= randomiser * term.value;
        scalars.push(randomiser * term.point);
        points.push(term.pi);
    }
    let right: G1 = best_multiexp(randomisers, &points);
    scalars.extend(of_columns.values().map(|(scalar, _)| *scalar).chain([of_generator]));
    points.extend(of_columns.values().map(|(_, point)| *point).chain([G1Affine::generator()]));
    let left: G1 = best_multiexp(&scalars, &points);
    let product = Curves::multi_miller_loop(&[(&left.to_affine(), g2), (&(-right).to_affine(), s_g2)]);
    bool::from(product.final_exponentiation().is_identity())
}
