//! A proof system without proofs: a "proof" is its linked commitments and a digest of what it says.

use std::sync::Arc;

use apportion_circuits::{
    column::MaskedColumn,
    field::{SuiteField, SuiteId, to_bytes},
    plonkish::{Layout, Table},
};
use apportion_statement::Relation;
use apportion_statement::files::sha256;
use apportion_suite::{Commitment, Suite, SuiteError};
use pasta_curves::Fp;

#[derive(Clone, Copy, Debug)]
pub struct Fake;

#[derive(Clone, Copy, Debug)]
pub struct FakeKey(pub Relation);

pub fn prove(relation: Relation, public: &[Fp], columns: &[Commitment]) -> Vec<u8> {
    let head: Vec<u8> = columns.iter().flat_map(|column| column.0.clone()).collect();
    let mut said = relation.name().as_bytes().to_vec();
    public.iter().for_each(|x| said.extend(to_bytes(x)));
    said.extend(&head);
    [head, sha256(&said).0.to_vec()].concat()
}

const NONE: &str = "the fake suite does not prove";

impl Suite for Fake {
    type F = Fp;
    type Params = ();
    type VerifierParams = ();
    type ProvingKey = FakeKey;
    type VerifyingKey = FakeKey;

    const ID: SuiteId = Fp::SUITE;
    const COMMITMENT_BYTES: usize = 32;

    fn commit(_: &(), _: &MaskedColumn<Fp>) -> Result<Commitment, SuiteError> {
        Err(SuiteError::Backend(NONE.into()))
    }

    fn check_commitment(bytes: &[u8]) -> Result<Commitment, SuiteError> {
        Ok(Commitment(bytes.to_vec()))
    }

    fn verifying_key(_: &(), _: Arc<Layout<Fp>>) -> Result<FakeKey, SuiteError> {
        Err(SuiteError::Backend(NONE.into()))
    }

    fn proving_key(_: &(), _: Arc<Layout<Fp>>) -> Result<FakeKey, SuiteError> {
        Err(SuiteError::Backend(NONE.into()))
    }

    fn key_of(key: &FakeKey) -> &FakeKey {
        key
    }

    fn layout_of(_: &FakeKey) -> &Layout<Fp> {
        unimplemented!()
    }

    fn key_digest(key: &FakeKey) -> [u8; 32] {
        sha256(key.0.name().as_bytes()).0
    }

    fn verifier_params(_: &()) {}

    fn proof_bytes(layout: &Layout<Fp>) -> usize {
        32 * (layout.linked + 1)
    }

    fn prove_unchecked(_: &(), _: &FakeKey, _: &Table<Fp>) -> Result<Vec<u8>, SuiteError> {
        Err(SuiteError::Backend(NONE.into()))
    }

    fn verify(_: &(), key: &FakeKey, public: &[Fp], proof: &[u8]) -> Result<Vec<Commitment>, SuiteError> {
        let (head, _) = proof.split_at(proof.len() - 32);
        let columns: Vec<_> = head.chunks(32).map(|bytes| Commitment(bytes.to_vec())).collect();
        if prove(key.0, public, &columns) != proof {
            return Err(SuiteError::Invalid("not what the proof says".into()));
        }
        Ok(columns)
    }
}
