//! Points and scalars as the EVM has them.

use apportion_circuits::field::from_bytes;
use halo2_axiom::halo2curves::{
    CurveAffine,
    bn256::{Bn256, Fq, Fr, G1, G1Affine, G2Affine},
    group::Curve,
    pairing::Engine,
};

/// r and p, big-endian.
pub const R: &str = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
pub const P: &str = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

pub fn word(digits: &str) -> [u8; 32] {
    hex::decode(digits).unwrap().try_into().unwrap()
}

/// a + b modulo 2^256.
pub fn add(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let mut sum = [0; 32];
    let mut carry = 0;
    for i in (0..32).rev() {
        let s = u16::from(a[i]) + u16::from(b[i]) + carry;
        sum[i] = s as u8;
        carry = s >> 8;
    }
    sum
}

/// -a modulo 2^256.
pub fn negated(a: &[u8; 32]) -> [u8; 32] {
    let mut one = [0; 32];
    one[31] = 1;
    add(&a.map(|byte| !byte), &one)
}

/// Decodes affine coordinates.
pub fn point(bytes: &[u8]) -> G1Affine {
    let coordinate = |bytes: &[u8]| {
        let mut repr: [u8; 32] = bytes.try_into().unwrap();
        repr.reverse();
        Fq::from_bytes(&repr).unwrap()
    };
    G1Affine::from_xy(coordinate(&bytes[..32]), coordinate(&bytes[32..])).unwrap()
}

/// Affine coordinates, big-endian.
pub fn encode(point: &G1Affine) -> [u8; 64] {
    let mut bytes = [0; 64];
    for (half, coordinate) in bytes.chunks_mut(32).zip([point.x, point.y]) {
        half.copy_from_slice(&coordinate.to_bytes());
        half.reverse();
    }
    bytes
}

/// The point plus a multiple of the generator.
pub fn shift(bytes: &[u8], by: Fr) -> [u8; 64] {
    encode(&(G1::generator() * by + point(bytes)).to_affine())
}

/// A number below 2^128, at the end of a hash.
pub fn low_128(hash: &[u8]) -> Fr {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&hash[16..]);
    from_bytes(&word).unwrap()
}

/// A pair as `accumulate` returns it.
pub type Pair = [[u8; 32]; 4];

pub fn left(pair: &Pair) -> [u8; 64] {
    pair[..2].concat().try_into().unwrap()
}

pub fn right(pair: &Pair) -> [u8; 64] {
    pair[2..].concat().try_into().unwrap()
}

pub fn pair(left: &[u8; 64], right: &[u8; 64]) -> Pair {
    let words: Vec<[u8; 32]> =
        [&left[..], right].concat().chunks(32).map(|w| w.try_into().unwrap()).collect();
    words.try_into().unwrap()
}

/// Whether a weighted sum of pairs holds.
pub fn sum_holds(pairs: &[Pair], weights: &[Fr], s_g2: &G2Affine) -> bool {
    let sum = |part: fn(&Pair) -> [u8; 64]| {
        let terms = pairs.iter().zip(weights).map(|(pair, weight)| G1::from(point(&part(pair))) * weight);
        terms.sum::<G1>().to_affine()
    };
    Bn256::pairing(&sum(left), s_g2) == Bn256::pairing(&sum(right), &G2Affine::generator())
}
