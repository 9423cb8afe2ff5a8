//! gnark points: one file of compressed G1 powers, one of compressed G2 points.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use halo2_axiom::halo2curves::bn256::G2Affine;
use sha2::{Digest, Sha256};

use super::points::{decode_all, g1_from_gnark, g2_from_gnark};
use super::{Parsed, choose_k, powers_len, read_exactly};
use crate::params::container;
use crate::params::error::{InFile, ParamsError, Reason};

const G1: u64 = 32;
const G2: u64 = 64;

pub(super) fn parse(g1: &Path, g2: &Path, k: Option<u32>) -> Result<Parsed, ParamsError> {
    let (s_g2, g2_digest) = tau_g2(g2).in_file(g2)?;
    let (mut file, len) = open(g1, G1).in_file(g1)?;
    let mut read = || {
        let k = choose_k(k, len / G1)?;
        let g = decode_all(&read_exactly(&mut file, powers_len(k, G1))?, "g1", g1_from_gnark)?;
        let digest = container::sha256_of(&mut file)?;
        let digest = Sha256::new().chain_update(digest).chain_update(g2_digest).finalize().into();
        Ok::<_, Reason>(Parsed { g, s_g2, digest })
    };
    read().in_file(g1)
}

/// `[tau]2`. Files of consecutive powers start with the generator, files of `tau^(2^i)` do not.
fn tau_g2(path: &Path) -> Result<(G2Affine, [u8; 32]), Reason> {
    let (mut file, len) = open(path, G2)?;
    let mut point = |index| {
        let mut bytes = [0; G2 as usize];
        file.read_exact(&mut bytes)?;
        g2_from_gnark(&bytes).map_err(|e| e.at("g2", index))
    };
    let mut s_g2 = point(0)?;
    if s_g2 == G2Affine::generator() && len > G2 {
        s_g2 = point(1)?;
    }
    Ok((s_g2, container::sha256_of(&mut file)?))
}

/// Opens a file that holds at least one point and nothing but whole points.
fn open(path: &Path, point: u64) -> Result<(File, u64), Reason> {
    let (file, found) = container::open(path)?;
    let expected = (found / point).max(1) * point;
    if found != expected {
        return Err(Reason::Length { expected, found });
    }
    Ok((file, found))
}
