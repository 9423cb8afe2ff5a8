//! What checking a KZG proof needs: three points instead of the whole setup.

use std::path::Path;

use group::Curve;
use halo2_axiom::SerdeFormat;
use halo2_axiom::halo2curves::bn256::{Bn256, G1Affine, G2Affine};
use halo2_axiom::halo2curves::serde::SerdeObject;
use halo2_axiom::poly::kzg::commitment::ParamsKZG;
use sha2::{Digest, Sha256};

use super::known::{self, Provenance};
use super::points::{G1_LEN, G2_LEN, g1_from_bytes, g1_to_bytes, g2_from_bytes, g2_to_bytes};
use super::s_g2_of;
use crate::params::error::{InFile, ParamsError, Reason};
use crate::params::{Suite, check_k, container};

/// `g1`, `g2` and `s_g2`, enough to verify proofs of any size. The first two are always the standard
/// generators; `s_g2` is in the prime-order subgroup and not infinity.
#[derive(Clone, Debug)]
pub struct VerifierParams {
    seed: ParamsKZG<Bn256>,
}

impl VerifierParams {
    /// Length of [`Self::to_bytes`].
    pub const LEN: usize = G1_LEN + 2 * G2_LEN;

    pub(super) fn new(s_g2: &G2Affine) -> Result<Self, Reason> {
        // The only way to a `ParamsKZG` without an instance at hand or a secret to forget is through bytes.
        let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
        let mut bytes = 0u32.to_le_bytes().to_vec();
        g1.write_raw(&mut bytes)?;
        g1.write_raw(&mut bytes)?;
        g2.write_raw(&mut bytes)?;
        s_g2.write_raw(&mut bytes)?;
        let seed = ParamsKZG::read_custom(&mut bytes.as_slice(), SerdeFormat::RawBytes)?;
        Ok(Self { seed })
    }

    /// Those of the development setup, whose secret is public: for tests and demonstrations.
    ///
    /// # Errors
    /// Never, in practice: there is one such setup.
    pub fn insecure_dev() -> Result<Self, ParamsError> {
        let s_g2 = (G2Affine::generator() * known::insecure_dev_tau()).to_affine();
        Self::new(&s_g2).in_file(Path::new("<memory>"))
    }

    /// Those of a file of [`Srs::write`](super::Srs::write), and the file's size. Its digest is checked, its powers
    /// are not.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub(in crate::params) fn read(path: &Path) -> Result<(u32, Self), ParamsError> {
        let contents = container::read(path, Some(Suite::Bn254)).in_file(path)?;
        let verifier = s_g2_of(&contents).and_then(|s_g2| Self::new(&s_g2)).in_file(path)?;
        Ok((contents.header.k, verifier))
    }

    /// Reads the encoding of [`Self::to_bytes`].
    ///
    /// # Errors
    /// On any other length, point encoding or generator.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Reason> {
        let wrong = || Reason::Length { expected: Self::LEN as u64, found: bytes.len() as u64 };
        let (g1, rest) = bytes.split_first_chunk::<G1_LEN>().ok_or_else(wrong)?;
        let (g2, rest) = rest.split_first_chunk::<G2_LEN>().ok_or_else(wrong)?;
        let s_g2: &[u8; G2_LEN] = rest.try_into().map_err(|_| wrong())?;
        if g1_from_bytes(g1).map_err(|e| e.at("g1", 0))? != G1Affine::generator() {
            return Err(Reason::Generator { what: "g1" });
        }
        if g2_from_bytes(g2).map_err(|e| e.at("g2", 0))? != G2Affine::generator() {
            return Err(Reason::Generator { what: "g2" });
        }
        Self::new(&g2_from_bytes(s_g2).map_err(|e| e.at("s_g2", 0))?)
    }

    /// The canonical bytes: g1, g2, s_g2, uncompressed and big-endian as the EVM's precompiles take them.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        out[..G1_LEN].copy_from_slice(&g1_to_bytes(&G1Affine::generator()));
        out[G1_LEN..G1_LEN + G2_LEN].copy_from_slice(&g2_to_bytes(&self.seed.g2()));
        out[G1_LEN + G2_LEN..].copy_from_slice(&g2_to_bytes(&self.seed.s_g2()));
        out
    }

    /// SHA-256 of [`Self::to_bytes`]: the identity of the setup, the same for every k.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }

    /// SHA-256 of the 128 bytes of `s_g2`.
    pub fn tau_g2_digest(&self) -> [u8; 32] {
        Sha256::digest(g2_to_bytes(&self.s_g2())).into()
    }

    /// Where the setup comes from, by `s_g2`.
    pub fn provenance(&self) -> Provenance {
        Provenance::of(&self.s_g2())
    }

    /// `[tau]2`.
    pub fn s_g2(&self) -> G2Affine {
        self.seed.s_g2()
    }

    /// The generator of G2.
    pub fn g2(&self) -> G2Affine {
        self.seed.g2()
    }

    /// Parameters for `verify_proof` of circuits with `2^k` rows. They hold a single G1 point: committing
    /// with them panics, verifying works.
    ///
    /// # Errors
    /// If `k` is out of range.
    pub fn kzg(&self, k: u32) -> Result<ParamsKZG<Bn256>, Reason> {
        Ok(self.with_points(check_k(k)?, vec![G1Affine::generator()], vec![]))
    }

    pub(super) fn with_points(&self, k: u32, g: Vec<G1Affine>, lagrange: Vec<G1Affine>) -> ParamsKZG<Bn256> {
        self.seed.from_parts(k, g, Some(lagrange), self.seed.g2(), self.seed.s_g2())
    }
}
