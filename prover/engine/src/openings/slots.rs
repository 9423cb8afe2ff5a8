//! KZG openings of a column at every slot at once, in the way of Feist and Khovratovich ("Fast amortized KZG proofs",
//! 2020): transforms of points instead of a multi-exponentiation a slot.
//!
//! They transform coefficients to twice or four times the column's length. Between Lagrange bases everything stays at
//! length C. Let `L_j` be the Lagrange polynomials over the subgroup of order C. Of `f = f_v + (X^C - 1) rho`
//!
//! ```text
//! q_i = (f - v_i) / (X - w^i)
//!     = sum_(j != i) (v_j - v_i) / (w^j - w^i) L_j  +  f_v'(w^i) L_i  +  rho (X^C - 1) / (X - w^i)
//! ```
//!
//! Both sums over j are convolutions, because `1 / (x - 1) = 1/C sum_m m x^m` where `x^C = 1` and `x` is not 1. So
//! with `l_j = [L_j(tau)]1 / C` and `p_m = sum_j w^(jm) v_j l_j`, a transform,
//!
//! ```text
//! sum_(j != i) v_j / (w^j - w^i) [L_j] = sum_m w^(-i(m+1)) m p_m  -  (C - 1)/2 w^(-i) v_i [L_i],
//! ```
//!
//! another one, after multiplications by small numbers. The sum with `v_i` in `v_j`'s place is `v_i` times points
//! that belong to the setup: the same with 1 for every value, where `p_m = [tau^m]1 / C`. Its last term is
//! the same too, so these cancel. Of `rho`'s part, by `(X^C - 1) / (X - w^i) = C w^(-i) L_i`,
//!
//! ```text
//! [rho(tau) C w^(-i) L_i(tau)] = C w^(-i) rho(w^i) [L_i]  +  sum_(m < 127) w^(im) u_m,
//! u_m = sum_(l > m) rho_l [tau^(l-1-m) (tau^C - 1)]1.
//! ```
//!
//! The first summand turns `f_v'(w^i)` into `f'(w^i)`. The u are a product of a Toeplitz matrix with rho, a cyclic
//! convolution of length 256. Altogether, with n for -(m + 1) modulo C,
//!
//! ```text
//! pi_i = sum_n w^(in) ((C - 1 - n) p_(C-1-n) + u_n)  +  C f'(w^i) l_i  -  v_i m_i,
//! m_i  = sum_n w^(in) (C - 1 - n) / C [tau^(C-1-n)]1.
//! ```
//!
//! What a slot costs is two transforms of length C, and products with the fixed points l_i (twice) and m_i.

use apportion_circuits::{
    column::{MASK_COEFFICIENTS, MaskedColumn},
    field::{SuiteField, wipe},
    types::Tier,
};
use apportion_suite::SuiteError;
use ff::{Field, PrimeField};
use halo2_axiom::{
    halo2curves::{
        bn256::{Bn256, Fr, G1Affine},
        fft::best_fft,
    },
    poly::{commitment::ParamsProver, kzg::commitment::ParamsKZG},
};

use crate::curve::{Batch, FixedPoints, Transform, add_all, products};

/// log2 of the length of the mask's convolution, whose indices reach from -126 to 126.
pub(super) const MASK_K: u32 = (2 * MASK_COEFFICIENTS).trailing_zeros();

/// What openings of all slots take from the setup, for columns of one tier.
pub struct OpeningTable {
    pub(super) tier: Tier,
    /// `l_j`.
    pub(super) lagrange: FixedPoints,
    /// `m_i`.
    pub(super) means: FixedPoints,
    /// The transform of `[tau^p (tau^C - 1)]1`, in bit-reversed order.
    pub(super) mask: FixedPoints,
    transform: Transform,
}

/// The openings of one column at every slot. Not a receipt's proof yet, and secret: each confirms a guess of the value
/// at its slot.
#[derive(Clone, PartialEq, Eq)]
pub struct ColumnOpenings {
    pub(super) tier: Tier,
    pub(super) points: Vec<G1Affine>,
}

impl OpeningTable {
    /// Makes the table of a setup. It takes about as long as opening one column.
    ///
    /// # Errors
    /// If the setup is too small.
    pub fn new(params: &ParamsKZG<Bn256>, tier: Tier) -> Result<Self, SuiteError> {
        let slots = tier.slots();
        let powers = powers(params, tier)?;
        let transform = Self::transform(tier);
        let c_inv = Fr::TWO_INV.pow_vartime([u64::from(tier.log_slots())]);

        // The sum over w^(-jm) is the one over w^(jm) with the points after the first turned round.
        let mut lagrange = products([&powers[..slots]], [&vec![c_inv.square(); slots]]);
        lagrange[1..].reverse();
        reverse_bits(&mut lagrange);
        transform.gather(&mut lagrange);

        let weights: Vec<_> = (0..slots as u64).map(|m| c_inv * Fr::from(m)).collect();
        let mut means = products([&powers[..slots]], [&weights]);
        means.reverse();
        reverse_bits(&mut means);
        transform.gather(&mut means);

        let mut mask = powers[slots..].to_vec();
        let low: Vec<_> = powers[..mask.len()].iter().map(|point| -point).collect();
        Batch::default().add(&mut mask, &low);
        mask.resize(1 << MASK_K, G1Affine::default());
        transform.scatter(&mut mask);
        Ok(Self::assemble(tier, [lagrange, means, mask], transform))
    }

    pub(super) fn assemble(tier: Tier, points: [Vec<G1Affine>; 3], transform: Transform) -> Self {
        let [lagrange, means, mask] = points.map(FixedPoints::new);
        Self { tier, lagrange, means, mask, transform }
    }

    /// The roots of unity of a tier's transforms and of the mask's.
    pub(super) fn transform(tier: Tier) -> Transform {
        Transform::new(tier.log_slots().max(MASK_K))
    }

    /// Opens a column at every slot, the reserved ones too.
    ///
    /// # Errors
    /// If the column is of another tier.
    pub fn open(&self, column: &MaskedColumn<Fr>) -> Result<ColumnOpenings, SuiteError> {
        let slots = self.tier.slots();
        if column.slots() != slots {
            return Err(SuiteError::Witness("the column is of another tier than the table".into()));
        }
        let mut values = column.values();
        let mut points = FixedPoints::products([&self.lagrange], [&values]);
        self.transform.scatter(&mut points);
        // Place r holds p_m of the m that is r with its bits reversed, so turning round takes m to C - 1 - m.
        points.reverse();
        let weights: Vec<_> = (0..slots).map(|r| Fr::from((slots - 1 - reversed(r, slots)) as u64)).collect();
        points = products([&points], [&weights]);
        self.add_mask(column, &mut points);
        self.transform.gather(&mut points);

        let mut slopes = slopes(column);
        values.iter_mut().for_each(|value| *value = -*value);
        let own = FixedPoints::products([&self.lagrange, &self.means], [&slopes, &values]);
        add_all(&mut points, &own);
        wipe(&mut slopes);
        wipe(&mut values);
        Ok(ColumnOpenings { tier: self.tier, points })
    }

    /// Adds `u_n` at the place of n.
    fn add_mask(&self, column: &MaskedColumn<Fr>, points: &mut [G1Affine]) {
        let slots = self.tier.slots();
        let mut rho = mask_of(column);
        let scale = Fr::TWO_INV.pow_vartime([u64::from(MASK_K)]);
        // From rho_1 on, turned round like the points of the Lagrange table.
        rho.remove(0);
        rho.resize(1 << MASK_K, Fr::ZERO);
        rho.iter_mut().for_each(|rho| *rho *= scale);
        rho[1..].reverse();
        best_fft(&mut rho, Fr::root_of_unity(MASK_K), MASK_K);
        reverse_bits(&mut rho);
        let mut convolution = FixedPoints::products([&self.mask], [&rho]);
        wipe(&mut rho);
        self.transform.gather(&mut convolution);
        let (masks, _) = convolution.split_at(MASK_COEFFICIENTS - 1);
        // With 64 slots, n goes round once.
        for masks in masks.chunks(slots) {
            let mut sums: Vec<_> = (0..masks.len()).map(|n| points[reversed(n, slots)]).collect();
            Batch::default().add(&mut sums, masks);
            for (n, sum) in sums.into_iter().enumerate() {
                points[reversed(n, slots)] = sum;
            }
        }
    }
}

impl ColumnOpenings {
    /// The tier of the column.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// One point a slot.
    pub(super) fn points(&self) -> &[G1Affine] {
        &self.points
    }
}

impl Drop for ColumnOpenings {
    fn drop(&mut self) {
        self.points.fill(G1Affine::default());
        std::hint::black_box(&mut self.points);
    }
}

/// `[tau^j]1` up to the highest that openings take.
pub(super) fn powers(params: &ParamsKZG<Bn256>, tier: Tier) -> Result<&[G1Affine], SuiteError> {
    let too_small = || SuiteError::Params("too small for openings of this tier".into());
    params.get_g().get(..tier.slots() + MASK_COEFFICIENTS - 1).ok_or_else(too_small)
}

/// rho, the quotient of the column's polynomial by `X^C - 1`.
fn mask_of(column: &MaskedColumn<Fr>) -> Vec<Fr> {
    let slots = column.slots();
    let mut rho = column.coefficients()[slots..].to_vec();
    for i in (slots..rho.len()).rev() {
        let high = rho[i];
        rho[i - slots] += high;
    }
    rho
}

/// `C f'(w^i)`.
fn slopes(column: &MaskedColumn<Fr>) -> Vec<Fr> {
    let slots = column.slots();
    let mut slopes = vec![Fr::ZERO; slots];
    for (k, coefficient) in column.coefficients().iter().enumerate().skip(1) {
        slopes[(k - 1) % slots] += coefficient * Fr::from((k * slots) as u64);
    }
    let k = slots.trailing_zeros();
    best_fft(&mut slopes, Fr::root_of_unity(k), k);
    slopes
}

/// i with its bits in reverse, below n.
fn reversed(i: usize, n: usize) -> usize {
    i.reverse_bits() >> (usize::BITS - n.trailing_zeros())
}

pub(super) fn reverse_bits<T>(values: &mut [T]) {
    for i in 0..values.len() {
        let j = reversed(i, values.len());
        if i < j {
            values.swap(i, j);
        }
    }
}
