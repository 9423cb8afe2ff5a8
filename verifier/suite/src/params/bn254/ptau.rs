//! snarkjs `.ptau` files.
//!
//! `"ptau"`, version u32, number of sections u32; a section is type u32, length u64, content. Section 1: bytes
//! per field element u32, prime, power u32, ceremony power u32. Section 2: `[tau^i]1` for i < 2^(power+1) - 1.
//! Section 3: `[tau^i]2` for i < 2^power. All little-endian, points uncompressed in Montgomery form. Files
//! prepared for phase 2 have more sections; those are not read.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::{Fq, G2Affine};

use super::points::{G1_LEN, G2_LEN, decode_all, g1_from_montgomery, g2_from_montgomery};
use super::{Parsed, choose_k, powers_len, read_exactly};
use crate::params::container;
use crate::params::error::Reason;

/// The format knows 15 section types.
const MAX_SECTIONS: u32 = 32;
/// The two-adicity of the scalar field: no ceremony for this curve is larger.
const MAX_POWER: u32 = 28;
const HEADER_SECTION: u64 = 4 + 32 + 4 + 4;

#[derive(Clone, Copy)]
struct Section {
    start: u64,
    len: u64,
}

pub(super) fn parse(path: &Path, k: Option<u32>) -> Result<Parsed, Reason> {
    let (mut file, len) = container::open(path)?;
    let [header, tau_g1, tau_g2] = sections(&mut file, len)?;
    let power = power(&mut file, header)?;
    exact(tau_g1, G1_LEN as u64 * ((2 << power) - 1))?;
    exact(tau_g2, G2_LEN as u64 * (1 << power))?;
    let k = choose_k(k, (2 << power) - 1)?;

    file.seek(SeekFrom::Start(tau_g1.start))?;
    let g = decode_all(&read_exactly(&mut file, powers_len(k, G1_LEN as u64))?, "tauG1", g1_from_montgomery)?;
    file.seek(SeekFrom::Start(tau_g2.start))?;
    let mut g2 = [[0; G2_LEN]; 2];
    file.read_exact(g2.as_flattened_mut())?;
    let first = g2_from_montgomery(&g2[0]).map_err(|e| e.at("tauG2", 0))?;
    if first != G2Affine::generator() {
        return Err(Reason::Generator { what: "tauG2[0]" });
    }
    let s_g2 = g2_from_montgomery(&g2[1]).map_err(|e| e.at("tauG2", 1))?;
    Ok(Parsed { g, s_g2, digest: container::sha256_of(&mut file)? })
}

/// Sections 1, 2 and 3. Walks the whole table, so that the file ends exactly where the last section does.
fn sections(file: &mut File, len: u64) -> Result<[Section; 3], Reason> {
    let mut head = [0; 12];
    if len < head.len() as u64 {
        return Err(Reason::Length { expected: head.len() as u64, found: len });
    }
    file.read_exact(&mut head)?;
    if head[..4] != *b"ptau" {
        return Err(Reason::Magic { expected: ".ptau" });
    }
    let version = le32(&head[4..]);
    if version != 1 {
        return Err(Reason::Version { found: version, supported: 1 });
    }
    let count = le32(&head[8..]);
    if count > MAX_SECTIONS {
        return Err(Reason::Ptau("too many sections"));
    }
    let mut found = [None; 3];
    let mut pos = head.len() as u64;
    for _ in 0..count {
        let mut entry = [0; 12];
        if len - pos < entry.len() as u64 {
            return Err(Reason::Ptau("the section table runs past the end of the file"));
        }
        file.seek(SeekFrom::Start(pos))?;
        file.read_exact(&mut entry)?;
        pos += entry.len() as u64;
        let (id, size) = (le32(&entry), u64::from(le32(&entry[4..])) | u64::from(le32(&entry[8..])) << 32);
        if size > len - pos {
            return Err(Reason::Ptau("a section runs past the end of the file"));
        }
        if let Some(slot) = (id as usize).checked_sub(1).and_then(|i| found.get_mut(i))
            && slot.replace(Section { start: pos, len: size }).is_some()
        {
            return Err(Reason::Ptau("a section occurs twice"));
        }
        pos += size;
    }
    if pos != len {
        return Err(Reason::Length { expected: pos, found: len });
    }
    match found {
        [Some(header), Some(tau_g1), Some(tau_g2)] => Ok([header, tau_g1, tau_g2]),
        _ => Err(Reason::Ptau("section 1, 2 or 3 is missing")),
    }
}

fn power(file: &mut File, header: Section) -> Result<u32, Reason> {
    exact(header, HEADER_SECTION)?;
    file.seek(SeekFrom::Start(header.start))?;
    let mut bytes = [0; HEADER_SECTION as usize];
    file.read_exact(&mut bytes)?;
    let (q, minus_one) = (&bytes[4..36], (-Fq::one()).to_repr());
    // The prime is one more than -1, and odd, so that only the lowest byte differs.
    let is_prime = q[1..] == minus_one.as_ref()[1..] && q[0] == minus_one.as_ref()[0] + 1;
    if le32(&bytes) != 32 || !is_prime {
        return Err(Reason::Ptau("the field is not that of BN254"));
    }
    let (power, ceremony) = (le32(&bytes[36..]), le32(&bytes[40..]));
    if power == 0 || power > ceremony || ceremony > MAX_POWER {
        return Err(Reason::Ptau("power and ceremony power are impossible"));
    }
    Ok(power)
}

fn exact(section: Section, expected: u64) -> Result<(), Reason> {
    if section.len == expected { Ok(()) } else { Err(Reason::Length { expected, found: section.len }) }
}

fn le32(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |b| u32::from_le_bytes(*b))
}
