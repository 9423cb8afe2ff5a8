//! Columns and openings with the development setup's secret, which is public: a commitment is a multiple of the generator
//! that is known, and an opening of any value follows without a prover. The contract checks them as it checks real ones;
//! the model checks the equation between the numbers.

use std::{collections::HashMap, sync::OnceLock};

use alloy_primitives::U256;
use apportion_circuits::field::{SuiteField, from_bytes};
use ff::{Field, FromUniformBytes, PrimeField};
use halo2_axiom::halo2curves::{
    bn256::{Fq, Fr, G1, G1Affine},
    group::Curve,
};

use crate::model::Point;

/// How many commitments there are: the multiples 2, 3, .. of the generator.
const POINTS: u64 = 4_096;

/// The development setup's secret.
fn tau() -> Fr {
    let hash = blake2b_simd::blake2b(b"apportion insecure development tau v1");
    Fr::from_uniform_bytes(hash.as_array())
}

fn encode(point: G1Affine) -> Point {
    [U256::from_le_bytes(point.x.to_repr()), U256::from_le_bytes(point.y.to_repr())]
}

pub(crate) fn multiple(scalar: Fr) -> Point {
    encode((G1::generator() * scalar).to_affine())
}

fn scalar(value: U256) -> Option<Fr> {
    from_bytes(&value.to_be_bytes())
}

struct Table {
    points: Vec<Point>,
    logarithms: HashMap<Point, Fr>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut sum = G1::generator();
        let next = |_| {
            sum += G1::generator();
            encode(sum.to_affine())
        };
        let points: Vec<_> = (0..POINTS).map(next).collect();
        let logarithms = points.iter().zip(2..).map(|(point, log)| (*point, Fr::from(log))).collect();
        Table { points, logarithms }
    })
}

pub(crate) fn on_curve(point: Point) -> bool {
    let coordinate = |value: U256| -> Option<Fq> { Fq::from_repr(value.to_le_bytes()).into() };
    let Some((x, y)) = coordinate(point[0]).zip(coordinate(point[1])) else { return false };
    y.square() == x.square() * x + Fq::from(3)
}

/// One of the commitments.
pub(crate) fn point(number: usize) -> Point {
    let points = &table().points;
    points[number % points.len()]
}

/// The relation verifiers' last pair where it holds: e(G, [tau]2) = e(tau G, [1]2).
pub(crate) fn good_pair() -> [Point; 2] {
    static PAIR: OnceLock<[Point; 2]> = OnceLock::new();
    *PAIR.get_or_init(|| [multiple(Fr::ONE), multiple(tau())])
}

/// Openings that were made, by their points: the model does no curve arithmetic.
fn made() -> &'static std::sync::Mutex<HashMap<Point, Fr>> {
    static MADE: OnceLock<std::sync::Mutex<HashMap<Point, Fr>>> = OnceLock::new();
    MADE.get_or_init(Default::default)
}

fn column(point: Point) -> Option<Fr> {
    if point == [U256::ZERO; 2] { Some(Fr::ZERO) } else { table().logarithms.get(&point).copied() }
}

fn slot(slots: u64, index: u32) -> Fr {
    Fr::root_of_unity(slots.trailing_zeros()).pow_vartime([u64::from(index)])
}

/// Opens a pair of columns at a slot as holding a value, whatever it is.
pub(crate) fn open(slots: u64, columns: (Point, Point), index: u32, gamma: U256, value: U256) -> Point {
    let [a, b] = [columns.0, columns.1].map(|c| column(c).expect("a known commitment"));
    let (gamma, value) = (scalar(gamma).unwrap(), scalar(value).unwrap());
    let denominator = (tau() - slot(slots, index)).invert().unwrap();
    let pi = (a + gamma * b - value) * denominator;
    let point = multiple(pi);
    made().lock().unwrap().insert(point, pi);
    point
}

/// Whether `proof` opens the pair of columns: a + gamma b - y + w^i pi = tau pi.
pub(crate) fn opening_holds(
    slots: u64,
    columns: (Point, Point),
    index: u32,
    gamma: U256,
    value: U256,
    proof: Point,
) -> bool {
    let known = || {
        if !slots.is_power_of_two() || u64::from(index) >= slots {
            return None;
        }
        let pi = *made().lock().unwrap().get(&proof)?;
        let (a, b) = (column(columns.0)?, column(columns.1)?);
        let left = a + scalar(gamma)? * b - scalar(value)? + slot(slots, index) * pi;
        Some(left == tau() * pi)
    };
    known().unwrap_or(false)
}
