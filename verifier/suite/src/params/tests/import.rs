//! Synthetic ceremony files of every format: accepted as they are, refused in every corrupted form.

use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::{Fq, Fq2, Fr, G2Affine};
use halo2_axiom::halo2curves::serde::SerdeObject;
use halo2_axiom::halo2curves::{CurveAffine, CurveExt};
use rand_core::OsRng;
use sha2::{Digest, Sha256};

use super::files::{Dir, assert_same, gnark, gnark_g2, halo2, ptau};
use super::{Setup, assert_refused, big_endian, modulus};
use crate::params::{ImportSource, PointFault, Reason, Srs};

#[test]
fn ptau_files_are_imported() {
    let (dir, tau) = (Dir::new(), Fr::random(OsRng));
    for prepared in [false, true] {
        let bytes = ptau(&tau, 6, prepared);
        for (k, expected) in [(None, 6), (Some(6), 6), (Some(3), 3)] {
            let srs = dir.ptau(&bytes, k).1.unwrap();
            assert_same(&srs, &tau, expected);
            assert_eq!(srs.source_sha256().unwrap(), <[u8; 32]>::from(Sha256::digest(&bytes)));
        }
    }
}

#[test]
fn ptau_files_are_refused() {
    let (dir, tau) = (Dir::new(), Fr::random(OsRng));
    let good = ptau(&tau, 5, false);
    let refuse = |bytes: &[u8]| {
        let (file, result) = dir.ptau(bytes, None);
        let error = result.map(|_| ()).expect_err("accepted");
        assert!(error.to_string().starts_with(&format!("{}: ", file.display())));
        error.reason
    };
    let edit = |at: usize, with: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    };
    for k in [6, 23, u32::MAX, 0] {
        assert!(matches!(
            dir.ptau(&good, Some(k)).1.unwrap_err().reason,
            Reason::TooSmall { wanted: 6, largest: 5 } | Reason::SizeRange { .. }
        ));
    }
    for cut in [1, 100, good.len() - 30] {
        assert!(matches!(refuse(&good[..good.len() - cut]), Reason::Ptau(_)));
    }
    assert!(matches!(refuse(&good[..11]), Reason::Length { .. }));
    assert!(matches!(refuse(&[&good[..], &[0]].concat()), Reason::Length { .. }));
    assert!(matches!(refuse(&edit(0, b"zkey")), Reason::Magic { .. }));
    assert!(matches!(refuse(&edit(4, &[2])), Reason::Version { found: 2, .. }));
    assert!(matches!(refuse(&edit(8, &[0xff; 4])), Reason::Ptau("too many sections")));
    // Section 1 starts at 12: id, length, content from 24: n8, prime, power, ceremony power.
    assert!(matches!(refuse(&edit(16, &[0xff; 8])), Reason::Ptau(_)));
    assert!(matches!(refuse(&edit(12, &[2])), Reason::Ptau("a section occurs twice")));
    assert!(matches!(refuse(&edit(12, &[9])), Reason::Ptau("section 1, 2 or 3 is missing")));
    assert!(matches!(refuse(&edit(30, &[0])), Reason::Ptau("the field is not that of BN254")));
    for power in [4u32, 6, 28] {
        assert!(matches!(refuse(&edit(60, &power.to_le_bytes())), Reason::Length { .. }));
    }
    for power in [0u32, 29, u32::MAX] {
        assert!(matches!(refuse(&edit(60, &power.to_le_bytes())), Reason::Ptau(_)));
    }
    // Section 2 starts at 68, its points at 80.
    let point = |i: usize| 80 + 64 * i;
    let at = |index: usize, fault: PointFault| move |r: Reason| matches!(r, Reason::Point { index: i, fault: f, .. } if (i, f) == (index, fault));
    assert!(at(3, PointFault::NotOnCurve)(refuse(&edit(point(3), &[good[point(3)] ^ 1]))));
    assert!(at(3, PointFault::NonCanonical)(refuse(&edit(point(3), &[0xff; 32]))));
    assert!(at(3, PointFault::Identity)(refuse(&edit(point(3), &[0; 64]))));
    let swapped = [&good[point(4)..point(5)], &good[point(3)..point(4)]].concat();
    assert!(matches!(refuse(&edit(point(3), &swapped)), Reason::Powers));
    assert!(matches!(refuse(&edit(point(0), &good[point(1)..point(2)])), Reason::Generator { what: "g[0]" }));
    let g2 = point(63) + 12;
    assert!(matches!(refuse(&edit(g2, &good[g2 + 128..g2 + 256])), Reason::Generator { what: "tauG2[0]" }));
    assert!(matches!(refuse(&edit(g2 + 128, &good[g2 + 256..g2 + 384])), Reason::Powers));
    assert!(at(1, PointFault::Identity)(refuse(&edit(g2 + 128, &[0; 128]))));
    let outside = outside_the_subgroup().to_raw_bytes();
    assert!(at(1, PointFault::Subgroup)(refuse(&edit(g2 + 128, &outside))));
}

/// A point of the twist that is not in the group of prime order, as almost all are.
fn outside_the_subgroup() -> G2Affine {
    loop {
        let x = Fq2::random(OsRng);
        let y = (x.square() * x + <G2Affine as CurveAffine>::CurveExt::b()).sqrt();
        if let Some(y) = Option::from(y) {
            return G2Affine::from_xy(x, y).unwrap();
        }
    }
}

#[test]
fn halo2_files_are_imported() {
    let (dir, tau) = (Dir::new(), Fr::random(OsRng));
    let bytes = halo2(&Setup::of(&tau, 7));
    // It has 2^7 powers, and size 7 needs one more.
    for (k, expected) in [(None, 6), (Some(6), 6), (Some(4), 4)] {
        assert_same(&dir.halo2(&bytes, k).1.unwrap(), &tau, expected);
    }
    assert_refused!(dir.halo2(&bytes, Some(7)).1, dir.0.path().join("file"), Reason::NoNextPower { k: 7 });
    assert_refused!(dir.halo2(&bytes, Some(8)).1, dir.0.path().join("file"), Reason::TooSmall { .. });
}

#[test]
fn halo2_files_are_refused() {
    let dir = Dir::new();
    let setup = Setup::new(5);
    let good = halo2(&setup);
    let refuse = |bytes: &[u8]| dir.halo2(bytes, None).1.map(|_| ()).expect_err("accepted").reason;
    for k in [0u32, 23, 31, 32, 64, u32::MAX] {
        let bytes = [&k.to_le_bytes()[..], &good[4..]].concat();
        assert!(matches!(refuse(&bytes), Reason::SizeRange { .. }));
    }
    for bytes in [&good[..good.len() - 1], &[&good[..], &[0]].concat(), &good[..3], &[]] {
        assert!(matches!(refuse(bytes), Reason::Length { .. }));
    }
    let huge = [&22u32.to_le_bytes()[..], &good[4..]].concat();
    assert!(matches!(refuse(&huge), Reason::Length { .. }));
    let (g, lagrange) = (4, 4 + 64 * 32);
    {
        let (start, what) = (g, "g");
        for (with, fault) in [
            (vec![0; 64], PointFault::Identity),
            (vec![0xff; 64], PointFault::NonCanonical),
            (Fq::one().to_raw_bytes(), PointFault::NotOnCurve),
        ] {
            let mut bytes = good.clone();
            bytes[start + 128..start + 128 + with.len()].copy_from_slice(&with);
            let reason = refuse(&bytes);
            assert!(
                matches!(reason, Reason::Point { what: w, index: 2, fault: f } if (w, f) == (what, fault)),
                "{reason}"
            );
        }
    }
    let mut bytes = good.clone();
    bytes.copy_within(g + 64 * 5..g + 64 * 6, g + 64 * 9);
    assert!(matches!(refuse(&bytes), Reason::Powers));
    let mut bytes = good.clone();
    let g2 = lagrange + 64 * 32;
    bytes.copy_within(g2 + 128.., g2);
    assert!(matches!(refuse(&bytes), Reason::Generator { what: "g2" }));
    // Powers of one secret, [tau]2 of another.
    let other = halo2(&Setup { s_g2: Setup::new(1).s_g2, ..setup });
    assert!(matches!(refuse(&other), Reason::Powers));
}

#[test]
fn gnark_files_are_imported() {
    let (dir, tau) = (Dir::new(), Fr::random(OsRng));
    let (g1, g2) = gnark(&Setup::of(&tau, 8));
    assert_same(&dir.gnark(&g1, &g2).2.unwrap(), &tau, 8);
    // One power less than size 8 needs.
    assert_same(&dir.gnark(&g1[..32 * 256], &g2).2.unwrap(), &tau, 7);
    // Not a power of two: the largest that fits. And a G2 file that starts with the generator.
    let g2 = [&gnark_g2(&G2Affine::generator())[..], &g2].concat();
    assert_same(&dir.gnark(&g1[..32 * 255], &g2).2.unwrap(), &tau, 7);
}

#[test]
fn gnark_files_are_refused() {
    let dir = Dir::new();
    let (g1, g2) = gnark(&Setup::new(5));
    for bytes in [&g1[..g1.len() - 1], &[&g1[..], &[0]].concat(), &[]] {
        let (file, _, result) = dir.gnark(bytes, &g2);
        assert_refused!(result, file, Reason::Length { .. });
    }
    for bytes in [&g2[..63], &[&g2[..], &[0]].concat(), &[]] {
        let (_, file, result) = dir.gnark(&g1, bytes);
        assert_refused!(result, file, Reason::Length { .. });
    }
    let (file, _, result) = dir.gnark(&g1[..32], &g2);
    assert_refused!(result, file, Reason::TooSmall { largest: 0, .. });
    let no_root = (0..).map(Fq::from).find(|x| bool::from((x.square() * x + Fq::from(3)).sqrt().is_none()));
    let mut off_curve = big_endian(&no_root.unwrap());
    off_curve[0] |= 0x80;
    let mut too_large = modulus();
    too_large[0] |= 0x80;
    let mut infinity = [0; 32];
    infinity[0] = 0x40;
    for (with, expected) in [
        (off_curve, PointFault::NotOnCurve),
        (too_large, PointFault::NonCanonical),
        (infinity, PointFault::Identity),
        ([0; 32], PointFault::Flags),
    ] {
        let mut bytes = g1.clone();
        bytes[32 * 7..32 * 8].copy_from_slice(&with);
        let (file, _, result) = dir.gnark(&bytes, &g2);
        assert_refused!(result, file, Reason::Point { index: 7, fault, .. } if fault == expected);
    }
    // The other y of one point; and two points exchanged.
    let mut bytes = g1.clone();
    bytes[32 * 7] ^= 0x40;
    assert_refused!(dir.gnark(&bytes, &g2).2, file, Reason::Powers);
    let mut bytes = g1.clone();
    bytes.copy_within(32 * 5..32 * 6, 32 * 6);
    bytes[32 * 5..32 * 6].copy_from_slice(&g1[32 * 6..32 * 7]);
    assert_refused!(dir.gnark(&bytes, &g2).2, file, Reason::Powers);
    let (_, file, result) = dir.gnark(&g1, &[0x40; 64]);
    assert_refused!(result, file, Reason::Point { fault: PointFault::Identity, .. });
}

#[test]
fn a_root_of_unity_is_no_secret() {
    let dir = Dir::new();
    let k = 5;
    let tau = Fr::ROOT_OF_UNITY.pow_vartime([1u64 << (Fr::S - k)]);
    let (g1, g2) = gnark(&Setup::of(&tau, k));
    let (file, _, result) = dir.gnark(&g1, &g2);
    assert_refused!(result, file, Reason::Point { what: "g_lagrange", fault: PointFault::Identity, .. });
}

#[test]
fn only_regular_files_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let source = ImportSource::Ptau(dir.path().to_path_buf());
    assert_refused!(Srs::import(&source, None), dir.path(), Reason::NotAFile);
    assert_refused!(Srs::read(&dir.path().join("none")), dir.path().join("none"), Reason::Io(_));
}
