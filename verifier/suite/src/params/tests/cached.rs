//! Our own bn254 files: a round trip, and every corruption refused for the right reason.

use std::fs;

use halo2_axiom::halo2curves::bn256::G1Affine;
use halo2_axiom::poly::commitment::ParamsProver;
use tempfile::TempDir;

use super::{Setup, assert_refused, modulus, read, reseal};
use crate::params::bn254::points::g1_to_bytes;
use crate::params::bn254::{insecure, known};
use crate::params::container::HEADER_LEN;
use crate::params::{PastaParams, PointFault, Provenance, Reason, Srs, VerifierParams};

const K: u32 = 5;

/// The bytes of a file made from the development setup.
fn good() -> (TempDir, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("good.params");
    Srs::insecure_dev(K).unwrap().write(&path).unwrap();
    let bytes = fs::read(path).unwrap();
    (dir, bytes)
}

fn edit(bytes: &[u8], at: usize, with: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + with.len()].copy_from_slice(with);
    reseal(bytes)
}

fn g(i: usize) -> usize {
    HEADER_LEN + 64 * i
}

fn lagrange(i: usize) -> usize {
    g(i + (1 << K) + 1)
}

#[test]
fn what_is_written_is_read() {
    let (dir, bytes) = good();
    assert_eq!(bytes.len(), 64 + 64 * (2 * 32 + 1) + 2 * 128 + 32);
    let (path, srs) = read(dir.path(), &bytes);
    let srs = srs.unwrap();
    let dev = Srs::insecure_dev(K).unwrap();
    assert_eq!(srs.kzg().get_g(), dev.kzg().get_g());
    assert_eq!(srs.provenance(), Provenance::InsecureDev);
    assert_eq!(srs.info().unwrap(), dev.info().unwrap());
    assert_eq!(srs.info().unwrap(), crate::params::info(&path).unwrap());
    assert_eq!(srs.info().unwrap().digest, hex::encode(&bytes[bytes.len() - 32..]));
    srs.write(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no temporary file is left");
}

#[test]
fn every_size_is_consistent() {
    for k in 1..8 {
        let (large, small) = (Srs::insecure_dev(8).unwrap(), Srs::insecure_dev(k).unwrap());
        assert_eq!(large.downsize(k).unwrap().info().unwrap(), small.info().unwrap());
    }
    for k in [0, 23, 64, u32::MAX] {
        assert!(matches!(Srs::insecure_dev(k).unwrap_err().reason, Reason::SizeRange { .. }));
    }
    let srs = Srs::insecure_dev(3).unwrap();
    assert!(matches!(srs.downsize(4).unwrap_err(), Reason::TooSmall { wanted: 4, largest: 3 }));
}

#[test]
fn any_flipped_bit_is_found() {
    let (dir, good) = good();
    for at in (0..good.len()).step_by(37).chain(good.len() - 32..good.len()) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        let (path, result) = read(dir.path(), &bytes);
        match at {
            0..16 => assert_refused!(result, path, Reason::Magic { .. }),
            16..20 => assert_refused!(result, path, Reason::Version { .. }),
            20..24 => assert_refused!(result, path, Reason::Suite { .. }),
            24..28 => assert_refused!(result, path, Reason::SizeRange { .. } | Reason::Length { .. }),
            _ => assert_refused!(result, path, Reason::Digest),
        }
    }
}

#[test]
fn wrong_headers_are_refused() {
    let (dir, good) = good();
    let check = |at: usize, with: u32| read(dir.path(), &edit(&good, at, &with.to_le_bytes()));
    for version in [0, 1, 3, u32::MAX] {
        let (path, result) = check(16, version);
        assert_refused!(result, path, Reason::Version { found, .. } if found == version);
    }
    for suite in [0, 2, 3, u32::MAX] {
        let (path, result) = check(20, suite);
        assert_refused!(result, path, Reason::Suite { found, .. } if found == suite);
    }
    for k in [0, 23, 32, 64, u32::MAX] {
        let (path, result) = check(24, k);
        assert_refused!(result, path, Reason::SizeRange { k: found } if found == k);
    }
    for k in [1, K - 1, K + 1, 22] {
        let (path, result) = check(24, k);
        assert_refused!(result, path, Reason::Length { .. });
    }
    for (len, bytes) in [0, 63, 95, good.len() - 1].map(|len| (len, &good[..len])) {
        let (path, result) = read(dir.path(), bytes);
        assert_refused!(result, path, Reason::Length { found, .. } if found == len as u64);
    }
    let (path, result) = read(dir.path(), &[&good[..], &[0]].concat());
    assert_refused!(result, path, Reason::Length { .. });

    let path = dir.path().join("pasta.params");
    PastaParams::make(3).unwrap().write(&path).unwrap();
    assert_refused!(Srs::read(&path), path, Reason::Suite { found: 2, expected: 1 });
}

#[test]
fn bad_points_are_refused_under_a_right_digest() {
    let (dir, good) = good();
    let on_no_curve = [[0; 31].as_slice(), &[1], &[0; 31], &[1]].concat();
    let mut aliased = good[g(3)..g(4)].to_vec();
    add(&mut aliased[..32], &modulus());
    for (with, expected) in [
        (vec![0; 64], PointFault::Identity),
        (vec![0xff; 64], PointFault::NonCanonical),
        (aliased, PointFault::NonCanonical),
        (on_no_curve, PointFault::NotOnCurve),
    ] {
        for (at, what) in [(g(3), "g"), (lagrange(3), "g_lagrange")] {
            let (path, result) = read(dir.path(), &edit(&good, at, &with));
            assert_refused!(result, path, Reason::Point { what: w, index: 3, fault } if (w, fault) == (what, expected));
        }
    }
    let swap = |a: usize, b: usize| [&good[b..b + 64], &good[a..a + 64]].concat();
    let (path, result) = read(dir.path(), &edit(&good, g(7), &swap(g(7), g(8))));
    assert_refused!(result, path, Reason::Powers);
    let (path, result) = read(dir.path(), &edit(&good, lagrange(7), &swap(lagrange(7), lagrange(8))));
    assert_refused!(result, path, Reason::Lagrange);
    let (path, result) = read(dir.path(), &edit(&good, g(0), &good[g(1)..g(2)]));
    assert_refused!(result, path, Reason::Generator { what: "g[0]" });
    let g2 = lagrange(1 << K);
    let (path, result) = read(dir.path(), &edit(&good, g2, &good[g2 + 128..g2 + 256]));
    assert_refused!(result, path, Reason::Generator { what: "g2" });
    let (path, result) = read(dir.path(), &edit(&good, g2 + 128, &[0; 128]));
    assert_refused!(result, path, Reason::Point { what: "s_g2", fault: PointFault::Identity, .. });
    // The other y of the last power only: nothing but the pairing can tell.
    let last = -Srs::insecure_dev(K).unwrap().kzg().get_g()[32];
    let (path, result) = read(dir.path(), &edit(&good, g(32), &g1_to_bytes(&last)));
    assert_refused!(result, path, Reason::Powers);
}

/// `a += b`, big-endian.
fn add(a: &mut [u8], b: &[u8]) {
    let mut carry = 0;
    for (a, b) in a.iter_mut().zip(b).rev() {
        carry += u16::from(*a) + u16::from(*b);
        *a = carry as u8;
        carry >>= 8;
    }
    assert_eq!(carry, 0);
}

#[test]
fn provenance_is_not_believed() {
    let (dir, good) = good();
    // 3 is the truth: the development secret.
    for claimed in [0u32, 1, 2, 4, 9] {
        let (path, result) = read(dir.path(), &edit(&good, 28, &claimed.to_le_bytes()));
        assert_refused!(result, path, Reason::Provenance { ref found, .. } if found == "insecure_dev");
    }
    // A file with the points of a fresh secret, but [tau]2 and claim of a better one, and the reverse.
    let other = Setup::new(K);
    let g2 = lagrange(1 << K) + 128;
    let s_g2 = crate::params::bn254::points::g2_to_bytes(&other.s_g2);
    let (path, result) = read(dir.path(), &edit(&good, g2, &s_g2));
    assert_refused!(result, path, Reason::Provenance { .. });
    let bytes = edit(&edit(&good, g2, &s_g2), 28, &2u32.to_le_bytes());
    let (path, result) = read(dir.path(), &bytes);
    assert_refused!(result, path, Reason::Powers);
}

#[test]
fn verifier_points_round_trip() {
    let srs = Srs::insecure_dev(2).unwrap();
    let bytes = srs.verifier().to_bytes();
    let read = VerifierParams::from_bytes(&bytes).unwrap();
    assert_eq!(read.to_bytes(), bytes);
    assert_eq!(read.digest(), srs.verifier().digest());
    assert_eq!(read.provenance(), Provenance::InsecureDev);
    assert_eq!(hex::encode(read.tau_g2_digest()), srs.info().unwrap().tau_g2_digest.unwrap());
    for len in [0, 63, 64, 192, 319] {
        assert!(matches!(VerifierParams::from_bytes(&bytes[..len]), Err(Reason::Length { .. })));
    }
    assert!(matches!(VerifierParams::from_bytes(&[&bytes[..], &[0]].concat()), Err(Reason::Length { .. })));
    for at in 0..bytes.len() {
        let mut bytes = bytes;
        bytes[at] ^= 1;
        assert!(VerifierParams::from_bytes(&bytes).is_err());
    }
    for k in [0, 23, 64] {
        assert!(matches!(read.kzg(k), Err(Reason::SizeRange { .. })));
    }
    let (g, _, _) = insecure::points(&known::insecure_dev_tau(), 1);
    let mut other = bytes;
    other[..64].copy_from_slice(&g1_to_bytes(&g[1]));
    assert!(matches!(VerifierParams::from_bytes(&other), Err(Reason::Generator { what: "g1" })));
    let mut other = bytes;
    other.copy_within(192..320, 64);
    assert!(matches!(VerifierParams::from_bytes(&other), Err(Reason::Generator { what: "g2" })));
}

#[test]
fn encodings_are_the_evm_ones() {
    assert_eq!(g1_to_bytes(&G1Affine::generator())[31], 1);
    assert_eq!(g1_to_bytes(&G1Affine::generator())[63], 2);
    let bytes = Srs::insecure_dev(1).unwrap().verifier().to_bytes();
    // The generator of G2 as EIP-197 gives it, imaginary part first.
    assert!(hex::encode(&bytes[64..]).starts_with(
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2\
         1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
    ));
}
