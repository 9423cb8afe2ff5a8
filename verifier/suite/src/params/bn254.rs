//! KZG parameters over BN254.

mod check;
mod gnark;
mod halo2;
pub(super) mod insecure;
pub(super) mod known;
pub mod points;
mod ptau;
mod verifier;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use group::prime::PrimeCurveAffine;
use halo2_axiom::SerdeFormat;
use halo2_axiom::halo2curves::bn256::{Bn256, G1, G1Affine, G2Affine};
use halo2_axiom::halo2curves::serde::SerdeObject;
use halo2_axiom::poly::commitment::{Params, ParamsProver};
use halo2_axiom::poly::kzg::commitment::ParamsKZG;

pub use self::known::{Ceremony, Provenance};
pub use self::verifier::VerifierParams;

use self::points::{G1_LEN, G2_LEN};
use super::container::{self, Header};
use super::error::{InFile, ParamsError, PointFault, Reason};
use super::lagrange::lagrange_basis;
use super::{MAX_K, MIN_K, Suite, check_k};

/// A file in a ceremony's own format.
#[derive(Clone, Debug)]
pub enum ImportSource {
    /// snarkjs `.ptau`, prepared for phase 2 or not.
    Ptau(PathBuf),
    /// halo2 `.srs`: `ParamsKZG` written raw.
    Halo2(PathBuf),
    /// gnark compressed points.
    Gnark {
        /// `[tau^i]1`, 32 bytes each.
        g1: PathBuf,
        /// `[tau]2` first (or after the generator), 64 bytes each.
        g2: PathBuf,
    },
}

/// A checked setup with its first `2^k + 1` powers, and the Lagrange basis of the first `2^k`: one power more than a table
/// has rows, which proofs need to hide their quotient.
#[derive(Clone, Debug)]
pub struct Srs {
    kzg: ParamsKZG<Bn256>,
    verifier: VerifierParams,
    source: Option<[u8; 32]>,
}

/// What a format's parser hands over. Points are valid group elements; how they relate is not checked yet.
struct Parsed {
    g: Vec<G1Affine>,
    s_g2: G2Affine,
    digest: [u8; 32],
}

impl Srs {
    /// Imports a ceremony file, or its first `2^k + 1` powers. Without `k`, as much as the file offers (up to
    /// [`MAX_K`]). Everything is checked; recomputing the Lagrange basis takes most of the time.
    ///
    /// A setup whose secret is publicly known is not refused here: see [`Self::provenance`].
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn import(source: &ImportSource, k: Option<u32>) -> Result<Self, ParamsError> {
        let (file, parsed) = match source {
            ImportSource::Ptau(file) => (file, ptau::parse(file, k).in_file(file)?),
            ImportSource::Halo2(file) => (file, halo2::parse(file, k).in_file(file)?),
            ImportSource::Gnark { g1, g2 } => (g1, gnark::parse(g1, g2, k)?),
        };
        Self::checked(parsed.g, None, &parsed.s_g2, Some(parsed.digest)).in_file(file)
    }

    /// A setup whose secret is public: for tests and demonstrations. It is the same on every machine.
    ///
    /// # Errors
    /// If `k` is out of range.
    pub fn insecure_dev(k: u32) -> Result<Self, ParamsError> {
        let make = || {
            let (g, lagrange, s_g2) = insecure::points(&known::insecure_dev_tau(), check_k(k)?);
            Ok::<_, Reason>(Self::assemble(g, lagrange, VerifierParams::new(&s_g2)?, None))
        };
        make().in_file(Path::new("<memory>"))
    }

    /// Reads a file of [`Self::write`].
    ///
    /// # Errors
    /// Names the file and what is wrong with it. A file that claims a better provenance than its own `s_g2`
    /// has is refused.
    pub fn read(path: &Path) -> Result<Self, ParamsError> {
        Self::decode(&container::read(path, Some(Suite::Bn254)).in_file(path)?).in_file(path)
    }

    pub(super) fn decode(contents: &container::Contents) -> Result<Self, Reason> {
        let Header { k, source, .. } = contents.header;
        let s_g2 = s_g2_of(contents)?;
        // The container has checked the body's length against k.
        let (g, rest) = contents.body().split_at((G1_LEN << k) + G1_LEN);
        let (lagrange, _) = rest.split_at(G1_LEN << k);
        let g = points::decode_all(g, "g", points::g1_from_bytes)?;
        let lagrange = points::decode_all(lagrange, "g_lagrange", points::g1_from_bytes)?;
        Self::checked(g, Some(lagrange), &s_g2, source)
    }

    fn checked(
        g: Vec<G1Affine>,
        basis: Option<Vec<G1Affine>>,
        s_g2: &G2Affine,
        source: Option<[u8; 32]>,
    ) -> Result<Self, Reason> {
        check::powers(&g, s_g2)?;
        let rows = &g[..g.len() - 1];
        let basis = match basis {
            Some(basis) => {
                check::lagrange(rows, &basis)?;
                basis
            }
            None => lagrange_basis::<G1>(rows),
        };
        // A secret that is a root of unity passes the checks, and commitments with its basis panic.
        if let Some(index) = basis.iter().position(|p| bool::from(p.is_identity())) {
            return Err(PointFault::Identity.at("g_lagrange", index));
        }
        Ok(Self::assemble(g, basis, VerifierParams::new(s_g2)?, source))
    }

    fn assemble(
        g: Vec<G1Affine>,
        basis: Vec<G1Affine>,
        verifier: VerifierParams,
        source: Option<[u8; 32]>,
    ) -> Self {
        let kzg = verifier.with_points(basis.len().trailing_zeros(), g, basis);
        Self { kzg, verifier, source }
    }

    /// Writes the file that [`Self::read`] reads; an existing file is replaced as a whole or not at all.
    /// Returns the file's digest.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn write(&self, path: &Path) -> Result<[u8; 32], ParamsError> {
        container::write(path, self.header(), |out| self.write_body(out)).in_file(path)
    }

    /// The digest that [`Self::write`] stores.
    pub(super) fn digest(&self) -> Result<[u8; 32], Reason> {
        container::digest(self.header(), |out| self.write_body(out))
    }

    fn header(&self) -> Header {
        let provenance = self.provenance().code();
        Header { suite: Suite::Bn254, k: self.k(), provenance, source: self.source }
    }

    fn write_body(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut encode = |points: &[G1Affine]| -> io::Result<()> {
            points.chunks(4096).try_for_each(|chunk| {
                let bytes: Vec<_> = chunk.iter().map(points::g1_to_bytes).collect();
                out.write_all(bytes.as_flattened())
            })
        };
        encode(self.kzg.get_g())?;
        encode(&lagrange_points(&self.kzg)?)?;
        out.write_all(&points::g2_to_bytes(&self.kzg.g2()))?;
        out.write_all(&points::g2_to_bytes(&self.kzg.s_g2()))
    }

    /// The same setup with `2^k + 1` powers. Costs a group FFT: keep the result.
    ///
    /// # Errors
    /// If `k` is out of range or larger than this setup.
    pub fn downsize(&self, k: u32) -> Result<Self, Reason> {
        if check_k(k)? > self.k() {
            return Err(Reason::TooSmall { wanted: k, largest: self.k() });
        }
        let g = self.kzg.get_g()[..=1 << k].to_vec();
        let basis = lagrange_basis::<G1>(&g[..1 << k]);
        Ok(Self::assemble(g, basis, self.verifier.clone(), self.source))
    }

    /// The parameters for proving and key generation; `get_g` has `2^k + 1` powers.
    pub fn kzg(&self) -> &ParamsKZG<Bn256> {
        &self.kzg
    }

    /// The three points that verification needs.
    pub fn verifier(&self) -> &VerifierParams {
        &self.verifier
    }

    /// Tables may have `2^k` rows.
    pub fn k(&self) -> u32 {
        self.kzg.k()
    }

    /// Where the setup comes from, by `s_g2`.
    pub fn provenance(&self) -> Provenance {
        self.verifier.provenance()
    }

    /// Whether anyone can forge proofs made with this setup.
    pub fn is_insecure(&self) -> bool {
        self.provenance().is_insecure()
    }

    /// SHA-256 of the file it was imported from; for gnark's two files, of their two digests.
    pub fn source_sha256(&self) -> Option<[u8; 32]> {
        self.source
    }
}

/// `[tau]2` of a file, where its generator is the standard one and its provenance no better than it claims.
fn s_g2_of(contents: &container::Contents) -> Result<G2Affine, Reason> {
    let Header { k, provenance: claimed, .. } = contents.header;
    let (g2, s_g2) = contents.body()[((2 * G1_LEN) << k) + G1_LEN..].split_at(G2_LEN);
    let g2_at = |bytes: &[u8], what| {
        let bytes = bytes.first_chunk().ok_or(Reason::Generator { what })?;
        points::g2_from_bytes(bytes).map_err(|e| e.at(what, 0))
    };
    if g2_at(g2, "g2")? != G2Affine::generator() {
        return Err(Reason::Generator { what: "g2" });
    }
    let s_g2 = g2_at(s_g2, "s_g2")?;
    // A file written before its ceremony was known to us is no lie.
    let found = Provenance::of(&s_g2);
    if claimed != found.code() && !(claimed == 2 && matches!(found, Provenance::Ceremony(_))) {
        let claimed = known::code_name(claimed).to_owned();
        return Err(Reason::Provenance { claimed, found: found.label() });
    }
    Ok(s_g2)
}

/// The size to import from a file with so many powers: with size k, `[tau^(2^k)]1` has to be among them.
fn choose_k(wanted: Option<u32>, powers: u64) -> Result<u32, Reason> {
    let offered = powers.saturating_sub(1).checked_ilog2().unwrap_or(0);
    let k = check_k(wanted.unwrap_or(offered.clamp(MIN_K, MAX_K)))?;
    if k <= offered && powers > 1 << k {
        return Ok(k);
    }
    if powers == 1 << k {
        return Err(Reason::NoNextPower { k });
    }
    Err(Reason::TooSmall { wanted: k, largest: offered })
}

/// Bytes of the `2^k + 1` powers that size k takes.
fn powers_len(k: u32, point: u64) -> u64 {
    (point << k) + point
}

/// The Lagrange points of parameters: `ParamsKZG` shows them to nobody but its own serialiser.
///
/// # Errors
/// If the library cannot serialise its own parameters, which does not happen.
pub fn lagrange_points(params: &ParamsKZG<Bn256>) -> io::Result<Vec<G1Affine>> {
    /// Takes the points from what is written, without keeping the bytes.
    struct Points {
        skip: usize,
        left: usize,
        pending: Vec<u8>,
        points: Vec<G1Affine>,
    }

    impl Write for Points {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (skipped, rest) = bytes.split_at(self.skip.min(bytes.len()));
            self.skip -= skipped.len();
            self.pending.extend_from_slice(rest);
            let (whole, rest) = self.pending.as_chunks::<G1_LEN>();
            let taken = whole.len().min(self.left);
            self.points.extend(whole[..taken].iter().map(|b| G1Affine::from_raw_bytes_unchecked(b)));
            self.left -= taken;
            self.pending = rest.to_vec();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let n = 1 << params.k();
    let skip = 4 + G1_LEN * params.get_g().len();
    let mut points = Points { skip, left: n, pending: Vec::new(), points: Vec::with_capacity(n) };
    params.write_custom(&mut points, SerdeFormat::RawBytesUnchecked)?;
    Ok(points.points)
}

/// Reads exactly `len` bytes; callers have compared `len` with the file's real size.
fn read_exactly(file: &mut File, len: u64) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    if file.take(len).read_to_end(&mut bytes)? as u64 != len {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(bytes)
}
