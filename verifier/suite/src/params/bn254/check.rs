//! The algebraic checks that a setup must pass, whatever its origin. Each errs with probability 2^-128.

use ff::PrimeField;
use group::Curve;
use halo2_axiom::arithmetic::best_multiexp;
use halo2_axiom::halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine, G2Prepared};
use halo2_axiom::halo2curves::group::Group;
use halo2_axiom::halo2curves::pairing::{MillerLoopResult, MultiMillerLoop};
use halo2_axiom::poly::EvaluationDomain;
use rand_core::{OsRng, RngCore};

use crate::params::error::Reason;

/// `g[i] = [tau^i]1` for the tau in `s_g2`: `g[0]` is the generator and one random combination of all
/// neighbours has the right ratio. `s_g2` is known to be in the subgroup and not infinity.
pub(crate) fn powers(g: &[G1Affine], s_g2: &G2Affine) -> Result<(), Reason> {
    if g.first() != Some(&G1Affine::generator()) {
        return Err(Reason::Generator { what: "g[0]" });
    }
    let steps = g.len() - 1;
    let r = random(steps)?;
    let left = best_multiexp(&r, &g[1..]).to_affine();
    let right = (-best_multiexp(&r, &g[..steps])).to_affine();
    let g2 = G2Prepared::from(G2Affine::generator());
    let pairing = Bn256::multi_miller_loop(&[(&left, &g2), (&right, &G2Prepared::from(*s_g2))]);
    if bool::from(pairing.final_exponentiation().is_identity()) { Ok(()) } else { Err(Reason::Powers) }
}

/// `lagrange` is the Lagrange basis of `g`: a random vector commits to the same point by its values as by its
/// coefficients. Two multi-scalar multiplications, against n log n / 2 scalar multiplications to recompute it
/// (at k = 16: well under a second against ten).
pub(crate) fn lagrange(g: &[G1Affine], lagrange: &[G1Affine]) -> Result<(), Reason> {
    if g.len() != lagrange.len() {
        return Err(Reason::Lagrange);
    }
    let domain = EvaluationDomain::<Fr>::new(1, g.len().trailing_zeros());
    let values = random(g.len())?;
    let by_values = best_multiexp(&values, lagrange);
    let coefficients = domain.lagrange_to_coeff(domain.lagrange_from_vec(values));
    if by_values == best_multiexp(&coefficients, g) { Ok(()) } else { Err(Reason::Lagrange) }
}

/// Random scalars of 128 bits, which halve the cost of the sums they go into.
fn random<F: PrimeField>(n: usize) -> Result<Vec<F>, Reason> {
    let mut bytes = vec![[0u8; 16]; n];
    OsRng.try_fill_bytes(bytes.as_flattened_mut()).map_err(|_| Reason::Randomness)?;
    Ok(bytes.into_iter().map(|b| F::from_u128(u128::from_le_bytes(b))).collect())
}
