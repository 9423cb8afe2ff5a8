//! Tests of the parameter files, and what they share.

mod cache;
mod cached;
mod ceremony;
mod files;
mod garbage;
mod import;
mod known;
mod pasta;
mod timings;
mod verify;

use std::fs;
use std::path::{Path, PathBuf};

use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine, G2Affine};
use halo2_axiom::halo2curves::serde::SerdeObject;
use rand_core::OsRng;
use sha2::{Digest, Sha256};

use super::bn254::insecure;
use super::{ParamsError, Srs};

/// Asserts that a result is an error with this reason, whose message starts with the file's name.
macro_rules! assert_refused {
    ($result:expr, $file:expr, $($reason:tt)+) => {{
        let error = $result.map(|_| ()).expect_err("accepted");
        assert!(matches!(error.reason, $($reason)+), "{error}");
        assert!(error.to_string().starts_with(&format!("{}: ", $file.display())), "{error}");
    }};
}
pub(crate) use assert_refused;

/// A setup made with a fresh secret.
struct Setup {
    k: u32,
    g: Vec<G1Affine>,
    lagrange: Vec<G1Affine>,
    s_g2: G2Affine,
}

impl Setup {
    fn new(k: u32) -> Self {
        Self::of(&Fr::random(OsRng), k)
    }

    fn of(tau: &Fr, k: u32) -> Self {
        let (g, lagrange, s_g2) = insecure::points(tau, k);
        Self { k, g, lagrange, s_g2 }
    }
}

fn raw(points: &[impl SerdeObject]) -> Vec<u8> {
    points.iter().flat_map(|p| p.to_raw_bytes()).collect()
}

fn big_endian(c: &Fq) -> [u8; 32] {
    let mut bytes: [u8; 32] = c.to_repr().as_ref().try_into().unwrap();
    bytes.reverse();
    bytes
}

/// The integer `q`, big-endian: the smallest number that is no canonical coordinate.
fn modulus() -> [u8; 32] {
    let mut q = big_endian(&-Fq::one());
    q[31] += 1;
    q
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Replaces the trailing digest of a cached file by the right one for its changed content.
fn reseal(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 32;
    let digest = Sha256::digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&digest);
    bytes
}

fn read(dir: &Path, bytes: &[u8]) -> (PathBuf, Result<Srs, ParamsError>) {
    let path = put(dir, "changed.params", bytes);
    let result = Srs::read(&path);
    (path, result)
}
