//! Two score vectors under one seed. With masks that leave the values out, an outsider computes by how much
//! they differ; with masks as they are derived here, the same computation finds nothing.
#![allow(clippy::unwrap_used, reason = "tests")]

use apportion_circuits::{
    column::{Mask, MaskedColumn},
    field::SuiteField,
    types::{Payee, Tier, Word},
};
use apportion_secrets::{Derivation, Role, Seed, mask};
use ff::Field;
use group::{Curve, Group};
use halo2curves_axiom::bn256::{Fr, G1, G1Affine};

const TIER: Tier = Tier::T64;
const SLOTS: usize = TIER.slots();

fn place() -> Derivation {
    Derivation {
        tier: TIER,
        role: Role::Score,
        chain_id: 1,
        contract: Payee([1; 20]),
        subject: Word([2; 32]),
        dataset: 0,
        segment: 0,
        number: 9,
    }
}

/// A derivation as it must not be: the values do not enter.
fn insecure_mask_without_values(seed: &Seed) -> Mask<Fr> {
    mask(seed, &place(), &[0u64; 0]).unwrap()
}

/// The scores that the attributor posted, and those that it posted instead: one account has 137 more.
fn scores() -> ([u64; SLOTS], [u64; SLOTS]) {
    let first = std::array::from_fn(|i| 1_000_003 * i as u64 + 17);
    let mut second = first;
    second[23] += 137;
    (first, second)
}

fn column(scores: &[u64], mask: &Mask<Fr>) -> MaskedColumn<Fr> {
    let values: Vec<_> = scores.iter().map(|score| Fr::from(*score)).collect();
    MaskedColumn::new(&values, mask)
}

fn broken_and_real() -> [[MaskedColumn<Fr>; 2]; 2] {
    let seed = Seed::from_bytes(&[5; 32]);
    let (first, second) = scores();
    let broken = [&first, &second].map(|scores| column(scores, &insecure_mask_without_values(&seed)));
    let real = [&first, &second].map(|scores| column(scores, &mask(&seed, &place(), scores).unwrap()));
    [broken, real]
}

#[test]
fn the_difference_of_the_polynomials_is_that_of_the_values_only_where_the_values_do_not_enter() {
    let [broken, real] = broken_and_real();
    let difference = |[first, second]: &[MaskedColumn<Fr>; 2]| -> Vec<Fr> {
        second.coefficients().iter().zip(first.coefficients()).map(|(b, a)| *b - a).collect()
    };
    // The mask cancels: degree below C, and f_v - f_w at every slot.
    let bare = difference(&broken);
    assert!(bare[SLOTS..].iter().all(|coefficient| *coefficient == Fr::ZERO));
    let omega = Fr::root_of_unity(TIER.log_slots());
    for slot in 0..SLOTS {
        let x = omega.pow_vartime([slot as u64]);
        let value = bare.iter().rev().fold(Fr::ZERO, |sum, coefficient| sum * x + coefficient);
        assert_eq!(value, Fr::from(if slot == 23 { 137 } else { 0 }));
    }
    // Nothing cancels: not one coefficient of the two masks is the same.
    assert!(difference(&real)[SLOTS..].iter().all(|coefficient| *coefficient != Fr::ZERO));
}

/// What everybody has: the powers of tau in the group. Only `setup` knows tau.
fn setup() -> Vec<G1Affine> {
    let tau = Fr::from(0x5eed_cafe_f00d);
    let powers = std::iter::successors(Some(Fr::ONE), |power| Some(*power * tau)).take(SLOTS + 128);
    powers.map(|power| (G1::generator() * power).to_affine()).collect()
}

fn commit(powers: &[G1Affine], coefficients: &[Fr]) -> G1 {
    coefficients.iter().zip(powers).map(|(coefficient, power)| power * coefficient).sum()
}

/// The commitment to a vector that is 1 in one slot, for every slot.
fn units(powers: &[G1Affine]) -> Vec<G1> {
    let none = Mask::from_elements(&[Fr::ZERO; 129]).unwrap();
    let unit = |slot| std::array::from_fn::<_, SLOTS, _>(|i| u64::from(i == slot));
    (0..SLOTS).map(|slot| commit(powers, column(&unit(slot), &none).coefficients())).collect()
}

/// Looks for one account whose score was raised by less than 256: two commitments and the setup are all it is
/// given.
fn attack(units: &[G1], first: G1, second: G1) -> Option<(usize, u64)> {
    units.iter().enumerate().find_map(|(slot, unit)| {
        let mut guess = G1::identity();
        let change = (1..256).find(|_| {
            guess += unit;
            guess == second - first
        });
        change.map(|change| (slot, change))
    })
}

#[test]
fn an_outsider_reads_a_changed_score_off_two_commitments_only_where_the_values_do_not_enter() {
    let powers = setup();
    let units = units(&powers);
    let [broken, real] = broken_and_real();
    let commitments =
        |columns: &[MaskedColumn<Fr>; 2]| columns.each_ref().map(|c| commit(&powers, c.coefficients()));
    let [first, second] = commitments(&broken);
    assert_eq!(attack(&units, first, second), Some((23, 137)));
    let [first, second] = commitments(&real);
    assert_eq!(attack(&units, first, second), None);
}
