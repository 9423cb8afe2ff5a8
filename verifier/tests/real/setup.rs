//! What differs between the suites, and proving.

use std::{path::Path, sync::Arc};

use apportion_circuits::{
    column::MaskedColumn,
    plonkish::{Layout, Table},
    types::Word,
};
use apportion_engine::{Engine, openings::Open};
use apportion_statement::{RelationId, files::*};
use apportion_suite::{
    Bn254, Commitment, Pasta,
    params::{PastaParams, Srs},
};
use apportion_verifier::audit::layout;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::{TIER, put};

pub trait Setup: Engine + Open {
    fn params(k: u32) -> Self::Params;
    fn setup_doc() -> SetupDoc;
    fn write_key(_: &KeysDir, _: RelationId, _: &Self::VerifyingKey) {}
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

    fn write_key(dir: &KeysDir, relation: RelationId, key: &Self::VerifyingKey) {
        put(&dir.setup(), &Srs::insecure_dev(4).unwrap().verifier().to_bytes());
        put(&dir.key(relation, TIER), &Bn254::key_to_bytes(key));
    }
}

pub(super) struct Prover<S: Setup> {
    relation: RelationId,
    pub(super) layout: Arc<Layout<S::F>>,
    params: S::Params,
    key: S::ProvingKey,
}

impl<S: Setup> Prover<S> {
    pub(super) fn new(relation: RelationId) -> Self {
        let layout = Arc::new(layout::<S::F>(relation, TIER));
        let params = S::params(layout.k);
        let key = S::proving_key(&params, layout.clone()).unwrap();
        Self { relation, layout, params, key }
    }

    fn doc(&self) -> KeyDoc {
        KeyDoc {
            version: 1,
            suite: S::ID,
            relation: self.relation,
            tier: TIER,
            table_digest: Word(self.layout.digest()),
            key_digest: Word(S::key_digest(S::key_of(&self.key))),
            proof_bytes: S::proof_bytes(&self.layout) as u32,
        }
    }

    pub(super) fn write_keys(&self, dir: &KeysDir) {
        put(&dir.doc(self.relation, TIER), &self.doc().to_json());
        S::write_key(dir, self.relation, S::key_of(&self.key));
    }

    /// Proves a table and writes the proof into a directory.
    pub(super) fn prove(&self, dir: &Path, file: FileName, table: &Table<S::F>) -> FileRef {
        let mut rng = ChaCha20Rng::from_seed(sha256(file.as_str().as_bytes()).0);
        let proof = S::prove(&self.params, &self.key, table, &mut rng).unwrap();
        let KeyDoc { relation, tier, table_digest, key_digest, .. } = self.doc();
        let blob = ProofBlob { suite: S::ID, relation, tier, table_digest, key_digest, proof }.to_bytes();
        put(&dir.join(&file), &blob);
        FileRef::new(file, &blob)
    }

    pub(super) fn commit(&self, column: &MaskedColumn<S::F>) -> Commitment {
        S::commit(&self.params, column).unwrap()
    }
}
