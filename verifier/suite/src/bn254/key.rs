//! Keys of the suite, and the one encoding of a verifying key.

use std::{collections::HashMap, sync::Arc};

use apportion_circuits::plonkish::Layout;
use halo2_axiom::{
    SerdeFormat,
    halo2curves::bn256::{Fr, G1Affine},
    plonk,
    poly::EvaluationDomain,
};

use super::{Bn254, circuit::TableCircuit};
use crate::{
    SuiteError,
    lower::{check_layout, check_prediction, key_digest},
};

/// Bytes before the commitments of an encoded key: version, size, a flag, number of fixed columns.
const KEY_HEADER: usize = 10;

/// A verifying key, with its layout inside.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    layout: Arc<Layout<Fr>>,
    inner: Arc<plonk::VerifyingKey<G1Affine>>,
    digest: [u8; 32],
}

impl VerifyingKey {
    pub(super) fn new(
        layout: Arc<Layout<Fr>>,
        vk: plonk::VerifyingKey<G1Affine>,
    ) -> Result<Self, SuiteError> {
        check_prediction(&layout, vk.cs().degree(), vk.cs().blinding_factors())?;
        let vk = without_tables(&vk);
        let digest = key_digest(&layout, &vk.transcript_repr(), vk.pinned());
        Ok(Self { layout, inner: Arc::new(vk), digest })
    }

    /// halo2-axiom's key: for other software that reads it, such as the generator that our contracts are compared with.
    pub fn inner(&self) -> &plonk::VerifyingKey<G1Affine> {
        &self.inner
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The layout.
    pub fn layout(&self) -> &Layout<Fr> {
        &self.layout
    }

    /// What the transcript absorbs first, for the whole key.
    pub fn transcript_repr(&self) -> Fr {
        self.inner().transcript_repr()
    }

    /// Commitments to the fixed columns, in the layout's order; the identity for a column of zeros.
    pub fn fixed_commitments(&self) -> &[G1Affine] {
        self.inner().fixed_commitments()
    }

    /// Commitments to the permutation's polynomials, in the order of `Layout::equality`.
    pub fn permutation_commitments(&self) -> &[G1Affine] {
        self.inner().permutation().commitments()
    }
}

/// The key without tables for transforms, which take up to 1,000 bytes a row and are of no use to a verifier.
fn without_tables(vk: &plonk::VerifyingKey<G1Affine>) -> plonk::VerifyingKey<G1Affine> {
    let domain = vk.get_domain();
    let domain = EvaluationDomain {
        n: domain.n,
        k: domain.k,
        extended_k: domain.extended_k,
        omega: domain.omega,
        omega_inv: domain.omega_inv,
        extended_omega: domain.extended_omega,
        extended_omega_inv: domain.extended_omega_inv,
        g_coset: domain.g_coset,
        g_coset_inv: domain.g_coset_inv,
        quotient_poly_degree: domain.quotient_poly_degree,
        ifft_divisor: domain.ifft_divisor,
        extended_ifft_divisor: domain.extended_ifft_divisor,
        t_evaluations: domain.t_evaluations.clone(),
        barycentric_weight: domain.barycentric_weight,
        fft_data: HashMap::new(),
    };
    plonk::VerifyingKey::from_parts(
        domain,
        vk.fixed_commitments().clone(),
        vk.permutation().clone(),
        vk.cs().clone(),
        Vec::new(),
        false,
    )
}

impl Bn254 {
    /// A verifying key's encoding. The layout is not part of it: it follows from relation and tier.
    pub fn key_to_bytes(key: &VerifyingKey) -> Vec<u8> {
        key.inner().to_bytes(SerdeFormat::Processed)
    }

    /// Reads a verifying key: exact length, canonical throughout. Whoever did not make the key compares its
    /// digest with a pinned one before use.
    pub fn key_from_bytes(layout: Arc<Layout<Fr>>, bytes: &[u8]) -> Result<VerifyingKey, SuiteError> {
        let malformed = |reason: &str| SuiteError::Malformed { what: "key", reason: reason.into() };
        check_layout(&layout)?;
        // halo2-axiom allocates what the header asks for: it must ask for what the layout has.
        let mut header = vec![2];
        header.extend(layout.k.to_le_bytes());
        header.push(0);
        header.extend((layout.fixed.len() as u32).to_le_bytes());
        if !bytes.starts_with(&header) {
            return Err(malformed("not a key of this layout"));
        }
        if bytes.len() != KEY_HEADER + 32 * (layout.fixed.len() + layout.equality.len()) {
            return Err(malformed("wrong length"));
        }
        let vk = plonk::VerifyingKey::from_bytes::<TableCircuit>(
            bytes,
            SerdeFormat::Processed,
            Some(layout.clone()),
        )
        .map_err(|error| malformed(&error.to_string()))?;
        if vk.to_bytes(SerdeFormat::Processed) != bytes {
            return Err(malformed("not canonical"));
        }
        VerifyingKey::new(layout, vk)
    }
}
