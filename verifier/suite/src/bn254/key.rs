//! Keys of the suite, and the one encoding of a verifying key.

use std::sync::Arc;

use apportion_circuits::plonkish::Layout;
use halo2_axiom::{
    SerdeFormat,
    halo2curves::bn256::{Fr, G1Affine},
    plonk,
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
    inner: Inner,
    digest: [u8; 32],
}

/// halo2-axiom's key carries tables for transforms: a proving key's is not copied.
#[derive(Clone, Debug)]
enum Inner {
    Alone(Arc<plonk::VerifyingKey<G1Affine>>),
    WithProvingKey(Arc<plonk::ProvingKey<G1Affine>>),
}

impl VerifyingKey {
    pub(super) fn new(
        layout: Arc<Layout<Fr>>,
        vk: plonk::VerifyingKey<G1Affine>,
    ) -> Result<Self, SuiteError> {
        Self::of(layout, Inner::Alone(Arc::new(vk)))
    }

    /// The verifying key inside a proving key.
    pub fn sharing(
        layout: Arc<Layout<Fr>>,
        pk: Arc<plonk::ProvingKey<G1Affine>>,
    ) -> Result<Self, SuiteError> {
        Self::of(layout, Inner::WithProvingKey(pk))
    }

    fn of(layout: Arc<Layout<Fr>>, inner: Inner) -> Result<Self, SuiteError> {
        let mut key = Self { layout, inner, digest: [0; 32] };
        let vk = key.inner();
        check_prediction(&key.layout, vk.cs().degree(), vk.cs().blinding_factors())?;
        key.digest = key_digest(&key.layout, &vk.transcript_repr(), vk.pinned());
        Ok(key)
    }

    /// halo2-axiom's key: for other software that reads it, such as the generator that our contracts are compared with.
    pub fn inner(&self) -> &plonk::VerifyingKey<G1Affine> {
        match &self.inner {
            Inner::Alone(vk) => vk,
            Inner::WithProvingKey(pk) => pk.get_vk(),
        }
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
