//! Where parameters come from, per suite.

use apportion_circuits::types::Word;
use apportion_statement::files::SetupDoc;
use apportion_suite::params::{ParamsCache, Provenance, Srs};
use apportion_suite::{Bn254, Pasta, Suite, SuiteError};

use crate::error::Error;

/// Which setup is asked for. Only bn254 has a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// The one that is there, if its secret is not public.
    Any,
    /// The development setup, whose secret everybody knows.
    InsecureDev,
    /// The one with this label: what a ledger was made with.
    Label(&'a str),
}

/// Parameters of some size, and what is public about their setup.
pub struct Loaded<S: Suite> {
    /// The parameters.
    pub params: S::Params,
    /// Their setup.
    pub setup: SetupDoc,
    /// What a verifier needs of it, where it has to be written down (`keys/setup.bin`).
    pub verifier_bytes: Option<Vec<u8>>,
}

/// A suite whose parameters can be loaded and whose keys can be published.
pub trait ProverSuite: Suite {
    /// Loads the parameters for tables of `2^k` rows.
    fn load(cache: &ParamsCache, k: u32, choice: Choice<'_>) -> Result<Loaded<Self>, Error>;

    /// A verifying key's bytes, where it has to be written down.
    fn key_bytes(key: &Self::VerifyingKey) -> Option<Vec<u8>>;
}

impl ProverSuite for Pasta {
    fn load(cache: &ParamsCache, k: u32, _: Choice<'_>) -> Result<Loaded<Self>, Error> {
        let params = cache.load_or_make_pasta(k)?.params().clone();
        let setup = SetupDoc { provenance: "hash_to_curve".into(), digest: None, insecure: false };
        Ok(Loaded { params, setup, verifier_bytes: None })
    }

    fn key_bytes(_: &Self::VerifyingKey) -> Option<Vec<u8>> {
        None
    }
}

impl ProverSuite for Bn254 {
    fn load(cache: &ParamsCache, k: u32, choice: Choice<'_>) -> Result<Loaded<Self>, Error> {
        let insecure = Provenance::InsecureDev.label();
        let srs = match choice {
            Choice::InsecureDev => cache.load_or_make_insecure_dev(k),
            Choice::Label(label) if label == insecure => cache.load_or_make_insecure_dev(k),
            Choice::Label(label) => cache.load_bn254_labelled(label, k),
            Choice::Any => cache.load_bn254(k),
        };
        let srs = srs.map_err(|error| missing(error, k))?;
        let bytes = srs.verifier().to_bytes().to_vec();
        let setup = SetupDoc {
            provenance: srs.provenance().label(),
            digest: Some(Word(srs.verifier().digest())),
            insecure: srs.is_insecure(),
        };
        Ok(Loaded { params: kzg(&srs), setup, verifier_bytes: Some(bytes) })
    }

    fn key_bytes(key: &Self::VerifyingKey) -> Option<Vec<u8>> {
        Some(Bn254::key_to_bytes(key))
    }
}

fn kzg(srs: &Srs) -> <Bn254 as Suite>::Params {
    srs.kzg().clone()
}

/// Says what to do where there are no parameters.
fn missing(error: apportion_suite::params::ParamsError, k: u32) -> Error {
    use apportion_suite::params::Reason;
    if !matches!(error.reason, Reason::Missing { .. }) {
        return error.into();
    }
    SuiteError::Params(format!(
        "there is no bn254 setup of size 2^{k} or more in {}: bring one with `apportion params import FILE` (a \
         snarkjs .ptau, a halo2 .srs or gnark points), or, to try things out, make one whose secret everybody \
         knows with `apportion params make --suite bn254 --k {k} --insecure-dev`",
        error.file.display()
    ))
    .into()
}
