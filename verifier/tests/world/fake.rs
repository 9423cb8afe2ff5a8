//! A proof system without proofs: a "proof" is its linked commitments and a digest of what it says, an "opening" the digest
//! of its claim.

use std::sync::Arc;

use apportion_circuits::{
    column::MaskedColumn,
    field::{SuiteField, SuiteId, to_bytes},
    plonkish::Layout,
    types::Tier,
};
use apportion_statement::{
    RelationId,
    files::{KeysDir, SetupDoc, sha256},
};
use apportion_suite::{Commitment, OpeningClaim, OpeningTerm, Openings, OpeningsError, Suite, SuiteError};
use apportion_verifier::{
    audit::{AuditSuite, Options},
    report::AuditError,
};
use pasta_curves::Fp;

#[derive(Clone, Copy, Debug)]
pub struct Fake;

#[derive(Clone, Copy, Debug)]
pub struct FakeKey(pub RelationId, pub Tier);

pub fn prove(relation: RelationId, public: &[Fp], columns: &[Commitment]) -> Vec<u8> {
    let head: Vec<u8> = columns.iter().flat_map(|column| column.0.clone()).collect();
    let mut said = relation.name().as_bytes().to_vec();
    public.iter().for_each(|x| said.extend(to_bytes(x)));
    said.extend(&head);
    [head, sha256(&said).0.to_vec()].concat()
}

pub fn open(claim: &OpeningClaim<Fp>) -> Vec<u8> {
    let mut said = vec![claim.tier.depth() as u8];
    said.extend((claim.slot as u64).to_be_bytes());
    claim.columns.iter().for_each(|column| said.extend(&column.0));
    claim.values.iter().chain([&claim.gamma]).for_each(|x| said.extend(to_bytes(x)));
    sha256(&said).0.to_vec()
}

const NONE: &str = "the fake suite does not prove";

impl Suite for Fake {
    type F = Fp;
    type Params = ();
    type VerifierParams = ();
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

    fn layout_of(_: &FakeKey) -> &Layout<Fp> {
        unimplemented!()
    }

    fn key_digest(key: &FakeKey) -> [u8; 32] {
        sha256(format!("{}-{}", key.0, key.1).as_bytes()).0
    }

    fn verifier_params(_: &()) {}

    fn proof_bytes(layout: &Layout<Fp>) -> usize {
        32 * (layout.linked + 1)
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

impl Openings for Fake {
    fn opening_bytes(_: Tier) -> usize {
        32
    }

    fn check_openings(_: &(), terms: &[OpeningTerm<Fp>]) -> Result<(), OpeningsError> {
        match terms.iter().position(|term| open(&term.claim) != term.proof) {
            None => Ok(()),
            Some(index) => {
                Err(OpeningsError::Term { index, source: SuiteError::Invalid("does not open".into()) })
            }
        }
    }
}

impl AuditSuite for Fake {
    type Setup = ();

    fn load_setup(_: &KeysDir, stated: &SetupDoc, _: &Options) -> Result<(), AuditError> {
        match stated.insecure {
            true => Err(AuditError::NotCheckable("insecure".into())),
            false => Ok(()),
        }
    }

    fn own_setup(_: &Options) -> Result<Option<()>, AuditError> {
        Ok(Some(()))
    }

    fn rests_on(_: &()) -> apportion_verifier::audit::RestsOn {
        apportion_verifier::audit::RestsOn::default()
    }

    fn load_key(
        _: &(),
        _: &KeysDir,
        layout: Arc<Layout<Fp>>,
        _: &Options,
    ) -> Result<((), FakeKey), AuditError> {
        Ok(((), FakeKey(layout.relation, layout.tier)))
    }

    fn check_copy(_: &(), _: &KeysDir, _: &KeysDir, _: RelationId, _: Tier) -> Result<(), AuditError> {
        Ok(())
    }

    fn opening_params(_: &(), _: Tier) -> Result<(), AuditError> {
        Ok(())
    }
}
