//! Pasta files: a round trip, and every corruption refused for the right reason.

use std::fs;
use std::path::PathBuf;

use ff::{Field, PrimeField};
use halo2_proofs::poly::EvaluationDomain;
use halo2_proofs::poly::commitment::{Blind, Params};
use pasta_curves::{EqAffine, Fp, Fq};
use rand_core::OsRng;
use tempfile::TempDir;

use super::{assert_refused, put, reseal};
use crate::params::container::HEADER_LEN;
use crate::params::{ParamsError, PastaParams, PointFault, Reason, Srs};

const K: u32 = 7;

fn good() -> (TempDir, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("good.params");
    PastaParams::make(K).unwrap().write(&path).unwrap();
    let bytes = fs::read(path).unwrap();
    (dir, bytes)
}

fn read(dir: &TempDir, bytes: &[u8]) -> (PathBuf, Result<PastaParams, ParamsError>) {
    let path = put(dir.path(), "changed.params", bytes);
    let result = PastaParams::read(&path);
    (path, result)
}

fn at(i: usize) -> usize {
    HEADER_LEN + 32 * i
}

#[test]
fn what_is_written_is_read() {
    let (dir, bytes) = good();
    assert_eq!(bytes.len(), 64 + 2 * 32 * 128 + 2 * 32 + 32);
    let (path, params) = read(&dir, &bytes);
    let params = params.unwrap();
    let fresh = Params::<EqAffine>::new(K);
    let domain = EvaluationDomain::<Fp>::new(1, K);
    let values = domain.lagrange_from_vec((0..1 << K).map(|_| Fp::random(OsRng)).collect());
    let blind = Blind(Fp::random(OsRng));
    assert_eq!(params.params().commit_lagrange(&values, blind), fresh.commit_lagrange(&values, blind));
    assert_eq!(params.params().get_g(), fresh.get_g());
    assert_eq!(params.info().unwrap(), crate::params::info(&path).unwrap());
    assert!(!params.info().unwrap().insecure);
    for k in [0, 23, 31, 32, u32::MAX] {
        assert!(matches!(PastaParams::make(k).unwrap_err().reason, Reason::SizeRange { .. }));
    }
}

#[test]
fn made_parameters_are_those_of_the_library() {
    for k in 1..=8 {
        let [mut ours, mut theirs] = [vec![], vec![]];
        PastaParams::make(k).unwrap().params().write(&mut ours).unwrap();
        Params::<EqAffine>::new(k).write(&mut theirs).unwrap();
        assert!(ours == theirs, "k = {k}");
    }
}

/// What `encodings` relies on.
#[test]
fn no_point_has_x_zero() {
    assert!(bool::from(Fq::from(5).sqrt().is_none()));
}

#[test]
fn damaged_files_are_refused() {
    let (dir, good) = good();
    for cut in [1, 32, good.len() - 95, good.len()] {
        let (path, result) = read(&dir, &good[..good.len() - cut]);
        assert_refused!(result, path, Reason::Length { .. });
    }
    let (path, result) = read(&dir, &[&good[..], &[0]].concat());
    assert_refused!(result, path, Reason::Length { .. });
    for i in (HEADER_LEN..good.len()).step_by(101) {
        let mut bytes = good.clone();
        bytes[i] ^= 0x10;
        let (path, result) = read(&dir, &bytes);
        assert_refused!(result, path, Reason::Digest);
    }
    let word = |at: usize, value: u32| {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        read(&dir, &reseal(bytes))
    };
    let (path, result) = word(0, 7);
    assert_refused!(result, path, Reason::Magic { .. });
    let (path, result) = word(16, 3);
    assert_refused!(result, path, Reason::Version { found: 3, supported: 2 });
    let (path, result) = word(20, 1);
    assert_refused!(result, path, Reason::Suite { found: 1, expected: 2 });
    for k in [0, 23, 31, 40, u32::MAX] {
        let (path, result) = word(24, k);
        assert_refused!(result, path, Reason::SizeRange { .. });
    }
    let (path, result) = word(24, 22);
    assert_refused!(result, path, Reason::Length { .. });

    let path = dir.path().join("bn254.params");
    Srs::insecure_dev(K).unwrap().write(&path).unwrap();
    assert_refused!(PastaParams::read(&path), path, Reason::Suite { found: 1, expected: 2 });
}

#[test]
fn exchanged_points_are_refused_under_a_right_digest() {
    let (dir, good) = good();
    let n = 1 << K;
    let with = |i: usize, point: &[u8]| {
        let mut bytes = good.clone();
        bytes[at(i)..at(i + 1)].copy_from_slice(point);
        read(&dir, &reseal(bytes))
    };
    // A generator that is another one, at both ends of the vector: no sample would be sure to find it.
    for i in [0, 1, 77, n - 1] {
        let (path, result) = with(i, &good[at((i + 1) % n)..at((i + 1) % n + 1)]);
        assert_refused!(result, path, Reason::HashToCurve { what: "g", index } if index == i);
    }
    let (path, result) = with(n + 5, &good[at(n + 6)..at(n + 7)]);
    assert_refused!(result, path, Reason::Lagrange);
    let (path, result) = with(2 * n, &good[at(2 * n + 1)..at(2 * n + 2)]);
    assert_refused!(result, path, Reason::HashToCurve { what: "w", .. });
    let (path, result) = with(2 * n + 1, &good[at(2 * n)..at(2 * n + 1)]);
    assert_refused!(result, path, Reason::HashToCurve { what: "u", .. });
    for (i, what) in [(3, "g"), (n + 3, "g_lagrange")] {
        let (path, result) = with(i, &[0; 32]);
        assert_refused!(
            result,
            path,
            Reason::Point { what: w, index: 3, fault: PointFault::Identity } if w == what
        );
    }
    // Not canonical, and no curve point: the Lagrange points are decoded by the library.
    let off_curve =
        (1u64..).map(Fq::from).find(|x| bool::from((x.square() * x + Fq::from(5)).sqrt().is_none())).unwrap();
    for point in [[0x7f; 32], off_curve.to_repr()] {
        let (path, result) = with(n + 3, &point);
        assert_refused!(
            result,
            path,
            Reason::Point { what: "g_lagrange", index: 3, fault: PointFault::Encoding }
        );
    }
}
