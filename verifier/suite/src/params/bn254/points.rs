//! Encodings of BN254 points. Every decoder accepts exactly one byte string per point and never infinity.
//!
//! Our own encoding is that of the EVM precompiles: uncompressed, coordinates as 32 big-endian bytes, an
//! element `c0 + c1 u` of Fq2 as `c1` then `c0`.

use ff::{Field, PrimeField};
use group::cofactor::CofactorGroup;
use group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::CurveAffine;
use halo2_axiom::halo2curves::bn256::{Fq, Fq2, G1Affine, G2, G2Affine};
use halo2_axiom::halo2curves::serde::SerdeObject;
use rayon::prelude::*;

use crate::params::error::{PointFault, Reason};

/// Bytes of a G1 point: x and y, big-endian.
pub const G1_LEN: usize = 64;
/// Bytes of a G2 point.
pub const G2_LEN: usize = 128;

/// Decodes a vector of fixed-size encodings in parallel; the error names the first bad index.
pub(crate) fn decode_all<const N: usize>(
    bytes: &[u8],
    what: &'static str,
    decode: impl Fn(&[u8; N]) -> Result<G1Affine, PointFault> + Sync,
) -> Result<Vec<G1Affine>, Reason> {
    let (chunks, _) = bytes.as_chunks::<N>();
    let decoded: Result<Vec<_>, _> = chunks.par_iter().map(&decode).collect();
    decoded
        .or_else(|_| chunks.iter().enumerate().map(|(i, c)| decode(c).map_err(|e| e.at(what, i))).collect())
}

/// A G1 point as the EVM precompiles read it; infinity is not for callers to encode.
pub fn g1_to_bytes(p: &G1Affine) -> [u8; G1_LEN] {
    join(&[p.x, p.y])
}

pub(crate) fn g1_from_bytes(bytes: &[u8; G1_LEN]) -> Result<G1Affine, PointFault> {
    let [x, y] = split(bytes)?;
    admit(G1Affine { x, y })
}

/// A G2 point as the EVM precompiles read it.
pub fn g2_to_bytes(p: &G2Affine) -> [u8; G2_LEN] {
    join(&[p.x.c1, p.x.c0, p.y.c1, p.y.c0])
}

pub(crate) fn g2_from_bytes(bytes: &[u8; G2_LEN]) -> Result<G2Affine, PointFault> {
    let [x1, x0, y1, y0] = split(bytes)?;
    admit_g2(G2Affine { x: Fq2 { c0: x0, c1: x1 }, y: Fq2 { c0: y0, c1: y1 } })
}

/// Uncompressed little-endian Montgomery form: snarkjs's "LEM" and halo2's `RawBytes`.
pub(crate) fn g1_from_montgomery(bytes: &[u8; G1_LEN]) -> Result<G1Affine, PointFault> {
    let [x, y] = montgomery(bytes)?;
    admit(G1Affine { x, y })
}

/// As [`g1_from_montgomery`], an Fq2 element as `c0` then `c1`.
pub(crate) fn g2_from_montgomery(bytes: &[u8; G2_LEN]) -> Result<G2Affine, PointFault> {
    let [x0, x1, y0, y1] = montgomery(bytes)?;
    admit_g2(G2Affine { x: Fq2 { c0: x0, c1: x1 }, y: Fq2 { c0: y0, c1: y1 } })
}

/// gnark's compressed form: big-endian x, the top two bits 10 for the smaller y and 11 for the larger.
pub(crate) fn g1_from_gnark(bytes: &[u8; 32]) -> Result<G1Affine, PointFault> {
    let (mut bytes, larger) = (*bytes, gnark_flag(bytes[0])?);
    bytes[0] &= 0x3f;
    let [x] = split::<1>(&bytes)?;
    let y = root(x.square() * x + G1Affine::b())?;
    admit(G1Affine { x, y: if is_larger(&y) == larger { y } else { -y } })
}

/// As [`g1_from_gnark`], x as `c1` then `c0`; y is compared by `c1` first.
pub(crate) fn g2_from_gnark(bytes: &[u8; 64]) -> Result<G2Affine, PointFault> {
    let (mut bytes, larger) = (*bytes, gnark_flag(bytes[0])?);
    bytes[0] &= 0x3f;
    let [c1, c0] = split(&bytes)?;
    let x = Fq2 { c0, c1 };
    let y = root(x.square() * x + G2Affine::b())?;
    let leading = if bool::from(y.c1.is_zero()) { y.c0 } else { y.c1 };
    admit_g2(G2Affine { x, y: if is_larger(&leading) == larger { y } else { -y } })
}

fn gnark_flag(first: u8) -> Result<bool, PointFault> {
    match first >> 6 {
        0b10 => Ok(false),
        0b11 => Ok(true),
        0b01 => Err(PointFault::Identity),
        _ => Err(PointFault::Flags),
    }
}

/// Whether `y > -y` as integers: whether y exceeds (q - 1) / 2.
fn is_larger(y: &Fq) -> bool {
    y.to_repr().as_ref().iter().rev().gt((-y).to_repr().as_ref().iter().rev())
}

fn root<F: Field>(square: F) -> Result<F, PointFault> {
    Option::from(square.sqrt()).ok_or(PointFault::NotOnCurve)
}

/// Infinity is written as (0, 0), which no curve equation here accepts: told apart for the message only.
fn admit<P: CurveAffine>(p: P) -> Result<P, PointFault> {
    if bool::from(PrimeCurveAffine::is_identity(&p)) {
        return Err(PointFault::Identity);
    }
    if !bool::from(p.is_on_curve()) {
        return Err(PointFault::NotOnCurve);
    }
    Ok(p)
}

/// G1 has prime order; the twist has not.
fn admit_g2(p: G2Affine) -> Result<G2Affine, PointFault> {
    let p = admit(p)?;
    if !bool::from(G2::from(p).is_torsion_free()) {
        return Err(PointFault::Subgroup);
    }
    Ok(p)
}

fn join<const N: usize>(coordinates: &[Fq]) -> [u8; N] {
    let mut out = [0; N];
    for (slot, c) in out.as_chunks_mut::<32>().0.iter_mut().zip(coordinates) {
        slot.copy_from_slice(c.to_repr().as_ref());
        slot.reverse();
    }
    out
}

fn split<const M: usize>(bytes: &[u8]) -> Result<[Fq; M], PointFault> {
    coordinates(bytes, |mut chunk| {
        chunk.reverse();
        Option::from(Fq::from_bytes(&chunk))
    })
}

fn montgomery<const M: usize>(bytes: &[u8]) -> Result<[Fq; M], PointFault> {
    coordinates(bytes, |chunk| Fq::from_raw_bytes(&chunk))
}

fn coordinates<const M: usize>(
    bytes: &[u8],
    read: impl Fn([u8; 32]) -> Option<Fq>,
) -> Result<[Fq; M], PointFault> {
    let mut out = [Fq::ZERO; M];
    for (c, chunk) in out.iter_mut().zip(bytes.as_chunks::<32>().0) {
        *c = read(*chunk).ok_or(PointFault::NonCanonical)?;
    }
    Ok(out)
}
