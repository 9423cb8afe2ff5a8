//! Calls to a verifier contract.

use apportion_circuits::{
    field::{from_bytes, to_bytes},
    plonkish::Layout,
};
use halo2_axiom::halo2curves::bn256::Fr;
use serde::Serialize;

use super::{SolidityError, errors::selector};
use apportion_suite::{Bn254, Commitment, Suite};

/// The function that checks a proof.
pub const VERIFY_SIGNATURE: &str = "verify(bytes,uint256[])";

/// A call to `verify`, ready to be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyCall {
    proof: Vec<u8>,
    inputs: Vec<[u8; 32]>,
}

/// The JSON form: arguments as `cast call ADDRESS SIGNATURE PROOF INPUTS` takes them, and the encoded call.
#[derive(Serialize)]
struct Json {
    signature: &'static str,
    proof: String,
    inputs: Vec<String>,
    calldata: String,
}

impl VerifyCall {
    /// A call for a proof of a layout's relation. Lengths are checked here, all else by the contract.
    ///
    /// # Errors
    /// If the proof or the inputs have other lengths than the contract requires.
    pub fn new(layout: &Layout<Fr>, public: &[Fr], proof: &[u8]) -> Result<Self, SolidityError> {
        let exact = |what, have, want| {
            if have == want { Ok(()) } else { Err(SolidityError::Length { what, have, want }) }
        };
        exact("length of the proof", proof.len(), Bn254::proof_bytes(layout))?;
        exact("number of public inputs", public.len(), layout.public.len())?;
        Ok(Self::unchecked(proof.to_vec(), public.iter().map(to_bytes).collect()))
    }

    /// A call with anything in it.
    pub fn unchecked(proof: Vec<u8>, inputs: Vec<[u8; 32]>) -> Self {
        Self { proof, inputs }
    }

    /// The canonical ABI encoding, selector first.
    pub fn encode(&self) -> Vec<u8> {
        let padded = self.proof.len().next_multiple_of(32);
        let word = |value: usize| {
            let mut word = [0; 32];
            word[24..].copy_from_slice(&(value as u64).to_be_bytes());
            word
        };
        let mut call = selector(VERIFY_SIGNATURE).to_be_bytes().to_vec();
        call.extend(word(0x40));
        call.extend(word(0x60 + padded));
        call.extend(word(self.proof.len()));
        call.extend(&self.proof);
        call.resize(call.len() + padded - self.proof.len(), 0);
        call.extend(word(self.inputs.len()));
        self.inputs.iter().for_each(|input| call.extend(input));
        call
    }

    /// The encoded call as 0x-prefixed hexadecimal.
    pub fn to_hex(&self) -> String {
        format!("0x{}", hex::encode(self.encode()))
    }

    /// The call as JSON: signature, arguments, calldata.
    pub fn to_json(&self) -> serde_json::Value {
        let json = Json {
            signature: VERIFY_SIGNATURE,
            proof: format!("0x{}", hex::encode(&self.proof)),
            inputs: self.inputs.iter().map(|input| format!("0x{}", hex::encode(input))).collect(),
            calldata: self.to_hex(),
        };
        serde_json::to_value(json).unwrap_or_default()
    }
}

/// The commitments that `verify` returned; `None` unless the answer is the canonical encoding of `linked` points.
pub fn decode_linked(answer: &[u8], linked: usize) -> Option<Vec<Commitment>> {
    let (offset, rest) = answer.split_first_chunk::<32>()?;
    let (length, points) = rest.split_first_chunk::<32>()?;
    let is = |word: &[u8; 32], value: u64| from_bytes::<Fr>(word) == Some(Fr::from(value));
    if !is(offset, 32) || !is(length, 2 * linked as u64) || points.len() != 64 * linked {
        return None;
    }
    points.chunks_exact(64).map(|point| Bn254::check_commitment(point).ok()).collect()
}
