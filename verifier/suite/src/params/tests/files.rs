//! Writers of ceremony files in every format.

use std::path::PathBuf;

use ff::Field;
use group::Curve;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G2Affine};
use halo2_axiom::poly::commitment::ParamsProver;
use tempfile::TempDir;

use super::{Setup, big_endian, modulus, put, raw};
use crate::params::bn254::{insecure, lagrange_points};
use crate::params::{ImportSource, ParamsError, Provenance, Srs};

pub(super) fn section(id: u32, content: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &(content.len() as u64).to_le_bytes(), content].concat()
}

pub(super) fn ptau_header(power: u32, ceremony: u32) -> Vec<u8> {
    let mut q = modulus();
    q.reverse();
    [&32u32.to_le_bytes()[..], &q, &power.to_le_bytes(), &ceremony.to_le_bytes()].concat()
}

/// A `.ptau` file of the given power: twice the G1 powers that a setup of this k has.
pub(super) fn ptau(tau: &Fr, power: u32, prepared: bool) -> Vec<u8> {
    let (g, _, s_g2) = insecure::points(tau, power + 1);
    let g2: Vec<G2Affine> =
        (0..1u64 << power).map(|i| (G2Affine::generator() * tau.pow_vartime([i])).to_affine()).collect();
    assert_eq!(g2[1], s_g2);
    let mut sections = vec![
        section(1, &ptau_header(power, 28)),
        section(2, &raw(&g[..g.len() - 2])),
        section(3, &raw(&g2)),
        section(4, b"alpha"),
        section(7, b"contributions"),
    ];
    if prepared {
        sections.extend((12..16).map(|id| section(id, b"not read")));
    }
    ptau_file(1, &sections)
}

pub(super) fn ptau_file(version: u32, sections: &[Vec<u8>]) -> Vec<u8> {
    let count = (sections.len() as u32).to_le_bytes();
    [b"ptau", &version.to_le_bytes()[..], &count, &sections.concat()].concat()
}

pub(super) fn halo2(s: &Setup) -> Vec<u8> {
    let g2 = [G2Affine::generator(), s.s_g2];
    [s.k.to_le_bytes().to_vec(), raw(&s.g[..1 << s.k]), raw(&s.lagrange), raw(&g2)].concat()
}

pub(super) fn gnark_g1(p: &G1Affine) -> [u8; 32] {
    let mut bytes = big_endian(&p.x);
    bytes[0] |= if big_endian(&p.y) > big_endian(&-p.y) { 0xc0 } else { 0x80 };
    bytes
}

pub(super) fn gnark_g2(p: &G2Affine) -> [u8; 64] {
    let mut bytes: [u8; 64] = [big_endian(&p.x.c1), big_endian(&p.x.c0)].concat().try_into().unwrap();
    bytes[0] |= if big_endian(&p.y.c1) > big_endian(&-p.y.c1) { 0xc0 } else { 0x80 };
    bytes
}

pub(super) fn gnark(s: &Setup) -> (Vec<u8>, Vec<u8>) {
    (s.g.iter().flat_map(gnark_g1).collect(), gnark_g2(&s.s_g2).to_vec())
}

/// A directory for one file at a time.
pub(super) struct Dir(pub(super) TempDir);

impl Dir {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn file(&self, bytes: &[u8]) -> PathBuf {
        put(self.0.path(), "file", bytes)
    }

    pub(super) fn ptau(&self, bytes: &[u8], k: Option<u32>) -> (PathBuf, Result<Srs, ParamsError>) {
        let file = self.file(bytes);
        (file.clone(), Srs::import(&ImportSource::Ptau(file), k))
    }

    pub(super) fn halo2(&self, bytes: &[u8], k: Option<u32>) -> (PathBuf, Result<Srs, ParamsError>) {
        let file = self.file(bytes);
        (file.clone(), Srs::import(&ImportSource::Halo2(file), k))
    }

    pub(super) fn gnark(&self, g1: &[u8], g2: &[u8]) -> (PathBuf, PathBuf, Result<Srs, ParamsError>) {
        let (g1, g2) = (self.file(g1), put(self.0.path(), "g2", g2));
        let result = Srs::import(&ImportSource::Gnark { g1: g1.clone(), g2: g2.clone() }, None);
        (g1, g2, result)
    }
}

/// The import is this setup, down to the Lagrange basis.
pub(super) fn assert_same(srs: &Srs, tau: &Fr, k: u32) {
    let expected = Setup::of(tau, k);
    assert_eq!(srs.k(), k);
    assert_eq!(srs.kzg().get_g(), expected.g);
    assert_eq!(srs.verifier().s_g2(), expected.s_g2);
    assert!(matches!(srs.provenance(), Provenance::Imported(_)));
    assert_eq!(srs.kzg().get_g().len(), (1 << k) + 1);
    assert!(lagrange_points(srs.kzg()).unwrap() == expected.lagrange);
}
