//! IPA parameters over Vesta: generators hashed to the curve, no secret and no ceremony.
//!
//! The body of a cached file is what `Params::write` writes after k: g and g_lagrange (2^k points each), w and u,
//! compressed. Whoever is handed such a file need not trust it: the generators are hashed again.

use std::path::Path;

use ff::PrimeField;
use group::{Curve, GroupEncoding};
use halo2_proofs::arithmetic::CurveExt;
use halo2_proofs::poly::EvaluationDomain;
use halo2_proofs::poly::commitment::{Blind, Params};
use pasta_curves::{Eq, EqAffine, Fp};
use rand_core::{OsRng, RngCore};
use rayon::prelude::*;

use super::container::{self, Contents, Header};
use super::error::{InFile, ParamsError, PointFault, Reason};
use super::lagrange::lagrange_basis;
use super::{Suite, bn254::known, check_k};

const POINT: usize = 32;
/// Generators per parallel task.
const CHUNK: usize = 64;

/// Parameters of size `2^k`.
#[derive(Clone, Debug)]
pub struct PastaParams {
    params: Params<EqAffine>,
}

impl PastaParams {
    /// Derives the parameters, equal to `Params::new(k)` but in a fraction of its time.
    ///
    /// # Errors
    /// If `k` is out of range.
    pub fn make(k: u32) -> Result<Self, ParamsError> {
        let make = || {
            let mut g = vec![EqAffine::default(); 1 << check_k(k)?];
            g.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| derive(chunk * CHUNK, out));
            let basis = lagrange_basis::<Eq>(&g);
            let points: Vec<_> = g.iter().chain(&basis).chain(&w_u()).map(|p| p.to_bytes()).collect();
            Self::assemble(k, &points)
        };
        make().in_file(Path::new("<memory>"))
    }

    /// Reads a file of [`Self::write`].
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, ParamsError> {
        let contents = container::read(path, Some(Suite::Pasta)).in_file(path)?;
        Self::decode(&contents).in_file(path)
    }

    pub(super) fn decode(contents: &Contents) -> Result<Self, Reason> {
        let Header { k, provenance, source, .. } = contents.header;
        // There is no ceremony and no file that these could come from, and a file has one encoding.
        if provenance != 0 || source.is_some() {
            let claimed = if provenance == 0 { "imported" } else { known::code_name(provenance) }.to_owned();
            return Err(Reason::Provenance { claimed, found: "hash_to_curve".into() });
        }
        let (points, _) = contents.body().as_chunks::<POINT>();
        // The container has checked the body's length against k.
        let (g, rest) = points.split_at(1 << k);
        let (lagrange, stored_w_u) = rest.split_at(1 << k);
        encodings("g", g)?;
        encodings("g_lagrange", lagrange)?;
        generators(g)?;
        for ((stored, expected), what) in stored_w_u.iter().zip(w_u()).zip(["w", "u"]) {
            if *stored != expected.to_bytes() {
                return Err(Reason::HashToCurve { what, index: 0 });
            }
        }
        Self::assemble(k, points)
    }

    /// From g, g_lagrange, w and u: all but the basis are known to be right.
    fn assemble(k: u32, points: &[[u8; POINT]]) -> Result<Self, Reason> {
        // `Params::read` does not bound k and stops where it likes: it gets exactly what has been checked.
        let mut bytes = k.to_le_bytes().to_vec();
        bytes.extend_from_slice(points.as_flattened());
        let params = Params::read(&mut bytes.as_slice()).map_err(|e| culprit(points).unwrap_or(e.into()))?;
        check_basis(&params)?;
        Ok(Self { params })
    }

    /// Writes the file that [`Self::read`] reads; an existing file is replaced as a whole or not at all.
    /// Returns the file's digest.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn write(&self, path: &Path) -> Result<[u8; 32], ParamsError> {
        let body = self.body().in_file(path)?;
        container::write(path, self.header(), |out| out.write_all(&body)).in_file(path)
    }

    pub(super) fn digest(&self) -> Result<[u8; 32], Reason> {
        let body = self.body()?;
        container::digest(self.header(), |out| out.write_all(&body))
    }

    fn header(&self) -> Header {
        Header { suite: Suite::Pasta, k: self.k(), provenance: 0, source: None }
    }

    fn body(&self) -> Result<Vec<u8>, Reason> {
        let mut bytes = Vec::new();
        self.params.write(&mut bytes)?;
        Ok(bytes.split_off(4))
    }

    /// The parameters for proving, key generation and verification.
    pub fn params(&self) -> &Params<EqAffine> {
        &self.params
    }

    /// There are `2^k` generators.
    pub fn k(&self) -> u32 {
        self.params.k()
    }
}

/// Which point `Params::read` refused.
fn culprit(points: &[[u8; POINT]]) -> Option<Reason> {
    let index = points.par_iter().position_first(|p| bool::from(EqAffine::from_bytes(p).is_none()))?;
    // g is as hashed, w and u too.
    Some(PointFault::Encoding.at("g_lagrange", index.checked_sub(points.len() / 2 - 1)?))
}

/// Every point has one encoding (Vesta has no point with x = 0), so decoding in `Params::read` checks both that
/// it is canonical and on the curve. What is left is to refuse infinity.
fn encodings(what: &'static str, points: &[[u8; POINT]]) -> Result<(), Reason> {
    match points.iter().position(|p| *p == [0; POINT]) {
        Some(index) => Err(PointFault::Identity.at(what, index)),
        None => Ok(()),
    }
}

/// Hashes every generator again. That is a third of the time that loading takes and a hundredth of making the
/// parameters; a sample would not find the one generator that an attacker exchanges.
fn generators(g: &[[u8; POINT]]) -> Result<(), Reason> {
    let bad = g.par_chunks(CHUNK).enumerate().find_map_first(|(chunk, stored)| {
        let start = chunk * CHUNK;
        let mut expected = vec![EqAffine::default(); stored.len()];
        derive(start, &mut expected);
        stored.iter().zip(&expected).position(|(s, e)| *s != e.to_bytes()).map(|i| start + i)
    });
    match bad {
        Some(index) => Err(Reason::HashToCurve { what: "g", index }),
        None => Ok(()),
    }
}

/// The generators from index `start` on, as `Params::new` derives them.
fn derive(start: usize, out: &mut [EqAffine]) {
    let hash = Eq::hash_to_curve("Halo2-Parameters");
    let projective: Vec<Eq> = (start..start + out.len())
        .map(|i| {
            let mut message = [0; 5];
            message[1..].copy_from_slice(&(i as u32).to_le_bytes());
            hash(&message)
        })
        .collect();
    Eq::batch_normalize(&projective, out);
}

fn w_u() -> [EqAffine; 2] {
    let hash = Eq::hash_to_curve("Halo2-Parameters");
    [hash(&[1]).to_affine(), hash(&[2]).to_affine()]
}

/// A random vector commits to the same point by its values as by its coefficients.
fn check_basis(params: &Params<EqAffine>) -> Result<(), Reason> {
    let mut bytes = vec![[0u8; 16]; 1 << params.k()];
    OsRng.try_fill_bytes(bytes.as_flattened_mut()).map_err(|_| Reason::Randomness)?;
    let values = bytes.into_iter().map(|b| Fp::from_u128(u128::from_le_bytes(b))).collect();
    let domain = EvaluationDomain::<Fp>::new(1, params.k());
    let values = domain.lagrange_from_vec(values);
    let by_values = params.commit_lagrange(&values, Blind::default());
    let by_coefficients = params.commit(&domain.lagrange_to_coeff(values), Blind::default());
    if by_values == by_coefficients { Ok(()) } else { Err(Reason::Lagrange) }
}
