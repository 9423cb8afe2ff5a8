//! Calls to a relation's verifier, and its answers.

use apportion_circuits::{
    field::{from_bytes, to_bytes},
    plonkish::Layout,
};
use halo2_axiom::halo2curves::bn256::Fr;

use super::{SolidityError, errors::selector};
use apportion_suite::{Bn254, Commitment, Suite};

/// The function that checks a proof up to its last pairing.
pub const ACCUMULATE_SIGNATURE: &str = "accumulate(bytes,uint256[])";

/// A call to `accumulate`, ready to be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccumulateCall {
    proof: Vec<u8>,
    inputs: Vec<[u8; 32]>,
}

impl AccumulateCall {
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
        let mut call = selector(ACCUMULATE_SIGNATURE).to_be_bytes().to_vec();
        call.extend(word(0x40));
        call.extend(word(0x60 + padded));
        call.extend(word(self.proof.len()));
        call.extend(&self.proof);
        call.resize(call.len() + padded - self.proof.len(), 0);
        call.extend(word(self.inputs.len()));
        self.inputs.iter().for_each(|input| call.extend(input));
        call
    }
}

/// What `accumulate` returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accumulated {
    /// The linked columns' commitments.
    pub linked: Vec<Commitment>,
    /// left.x, left.y, right.x, right.y: the proof is valid if and only if `e(left, [tau]2) = e(right, [1]2)`.
    pub pair: [[u8; 32]; 4],
}

/// The answer of `accumulate`; `None` unless it is the canonical encoding of `linked` points and a pair.
pub fn decode_accumulated(answer: &[u8], linked: usize) -> Option<Accumulated> {
    let (offset, rest) = answer.split_first_chunk::<32>()?;
    let (length, points) = rest.split_first_chunk::<32>()?;
    let is = |word: &[u8; 32], value: u64| from_bytes::<Fr>(word) == Some(Fr::from(value));
    if !is(offset, 32) || !is(length, 2 * linked as u64 + 4) || points.len() != 64 * (linked + 2) {
        return None;
    }
    let checked = points.chunks_exact(64).map(|point| Bn254::check_commitment(point).ok());
    let mut linked: Vec<_> = checked.collect::<Option<_>>()?;
    let mut pair = [[0; 32]; 4];
    for words in pair.rchunks_exact_mut(2) {
        let (x, y) = linked.pop()?.0.split_first_chunk::<32>().map(|(x, y)| (*x, y.to_vec()))?;
        words.copy_from_slice(&[x, y.try_into().ok()?]);
    }
    Some(Accumulated { linked, pair })
}
