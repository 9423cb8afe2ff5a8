//! Parameters, keys and proofs of a suite.

use std::{path::Path, sync::Arc};

use apportion_circuits::{column::MaskedColumn, plonkish::Layout, types::Word};
use apportion_statement::files::*;
use apportion_statement::{Relation, Use};
use apportion_suite::params::{PastaParams, Srs};
use apportion_suite::{Bn254, Commitment, Pasta, Suite};
use apportion_verifier::audit::layout;

use super::{TIER, put};

pub trait Setup: Suite {
    fn params(k: u32) -> Self::Params;
    fn setup_doc() -> SetupDoc;
    fn write_keys(_: &PublicDir, _: &[&Self::VerifyingKey; 2]) {}
}

impl Setup for Pasta {
    fn params(k: u32) -> Self::Params {
        PastaParams::make(k).unwrap().params().clone()
    }

    fn setup_doc() -> SetupDoc {
        SetupDoc { provenance: "hash_to_curve".into(), digest: None, insecure: false }
    }
}

impl Setup for Bn254 {
    fn params(k: u32) -> Self::Params {
        Srs::insecure_dev(k).unwrap().kzg().clone()
    }

    fn setup_doc() -> SetupDoc {
        let srs = Srs::insecure_dev(4).unwrap();
        SetupDoc {
            provenance: srs.provenance().label(),
            digest: Some(Word(srs.verifier().digest())),
            insecure: srs.is_insecure(),
        }
    }

    fn write_keys(dir: &PublicDir, keys: &[&Self::VerifyingKey; 2]) {
        put(&dir.setup(), &Srs::insecure_dev(4).unwrap().verifier().to_bytes());
        for (relation, key) in Relation::ALL.into_iter().zip(keys) {
            put(&dir.key(relation, TIER), &Bn254::key_to_bytes(key));
        }
    }
}

pub(super) struct Prover<S: Setup> {
    relation: Relation,
    pub(super) layout: Arc<Layout<S::F>>,
    pub(super) params: S::Params,
    pub(super) key: S::ProvingKey,
}

impl<S: Setup> Prover<S> {
    pub(super) fn new(relation: Relation) -> Self {
        let layout = Arc::new(layout::<S::F>(relation, TIER));
        let params = S::params(layout.k);
        let key = S::proving_key(&params, layout.clone()).unwrap();
        Self { relation, layout, params, key }
    }

    pub(super) fn entry(&self) -> KeyEntry {
        KeyEntry {
            relation: self.relation,
            tier: TIER,
            table_digest: Word(self.layout.digest()),
            key_digest: Word(S::key_digest(S::key_of(&self.key))),
            proof_bytes: S::proof_bytes(&self.layout) as u32,
        }
    }

    pub(super) fn file(&self, path: &Path, purpose: Use, proof: Vec<u8>) -> FileRef {
        let KeyEntry { table_digest, key_digest, .. } = self.entry();
        let blob =
            ProofBlob { suite: S::ID, purpose, tier: TIER, table_digest, key_digest, proof }.to_bytes();
        put(path, &blob);
        FileRef::new(path.file_name().unwrap().to_str().unwrap().parse().unwrap(), &blob)
    }

    pub(super) fn commit(&self, column: &MaskedColumn<S::F>) -> Commitment {
        S::commit(&self.params, column).unwrap()
    }
}
