//! halo2 `.srs` files: what `ParamsKZG::write` writes.
//!
//! k u32 little-endian, g, g_lagrange, g2, s_g2; points uncompressed, little-endian, Montgomery form.
//! `ParamsKZG::read` believes all of it; this does not. A file of size k has `2^k` powers, one too few for that size: it
//! offers k - 1, for which its Lagrange basis is of no use.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use halo2_axiom::halo2curves::bn256::G2Affine;

use super::points::{G1_LEN, G2_LEN, decode_all, g1_from_montgomery, g2_from_montgomery};
use super::{Parsed, choose_k, powers_len, read_exactly};
use crate::params::error::Reason;
use crate::params::{check_k, container};

pub(super) fn parse(path: &Path, k: Option<u32>) -> Result<Parsed, Reason> {
    let (mut file, found) = container::open(path)?;
    if found < 4 {
        return Err(Reason::Length { expected: 4, found });
    }
    let mut declared = [0; 4];
    file.read_exact(&mut declared)?;
    let declared = check_k(u32::from_le_bytes(declared))?;
    let vector = (G1_LEN as u64) << declared;
    let expected = 4 + 2 * vector + 2 * G2_LEN as u64;
    if found != expected {
        return Err(Reason::Length { expected, found });
    }
    let k = choose_k(k, 1 << declared)?;

    let g = decode_all(&read_exactly(&mut file, powers_len(k, G1_LEN as u64))?, "g", g1_from_montgomery)?;
    file.seek(SeekFrom::Start(4 + 2 * vector))?;
    let mut g2 = [[0; G2_LEN]; 2];
    file.read_exact(g2.as_flattened_mut())?;
    if g2_from_montgomery(&g2[0]).map_err(|e| e.at("g2", 0))? != G2Affine::generator() {
        return Err(Reason::Generator { what: "g2" });
    }
    let s_g2 = g2_from_montgomery(&g2[1]).map_err(|e| e.at("s_g2", 0))?;
    Ok(Parsed { g, s_g2, digest: container::sha256_of(&mut file)? })
}
