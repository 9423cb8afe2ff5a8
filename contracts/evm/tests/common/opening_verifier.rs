//! Calls to `OpeningVerifier`, and why it refuses.

use sha3::{Digest, Keccak256};

/// Everything that it reverts with.
const ERRORS: [&str; 8] = [
    "InvalidScalar(uint256)",
    "InvalidPoint(uint256,uint256)",
    "UnknownSlots(uint256)",
    "InvalidSlot(uint256,uint256)",
    "NothingToCheck()",
    "Invalid()",
    "MalformedCalldata()",
    "PrecompileFailed()",
];

/// One opening, as the contract takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub index: [u8; 32],
    pub gamma: [u8; 32],
    pub value: [u8; 32],
    pub proof: [u8; 64],
}

/// Openings of one pair of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    pub slots: [u8; 32],
    pub a: [u8; 64],
    pub b: [u8; 64],
    pub openings: Vec<Opening>,
}

pub fn word(value: usize) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&(value as u64).to_be_bytes());
    word
}

pub fn selector(signature: &str) -> [u8; 4] {
    *Keccak256::digest(signature.as_bytes()).first_chunk().unwrap()
}

pub const CHECK: &str = "check((uint256,uint256[2],uint256[2],(uint256,uint256,uint256,uint256[2])[])[])";
pub const CHECK_PAIRS: &str = "checkPairs(uint256[4][],bytes32)";

pub fn check(columns: &[Columns]) -> Vec<u8> {
    let mut call = selector(CHECK).to_vec();
    call.extend(word(32));
    call.extend(word(columns.len()));
    let mut offset = 32 * columns.len();
    for columns in columns {
        call.extend(word(offset));
        offset += 32 * (7 + 5 * columns.openings.len());
    }
    for Columns { slots, a, b, openings } in columns {
        call.extend(slots);
        call.extend(a);
        call.extend(b);
        call.extend(word(6 * 32));
        call.extend(word(openings.len()));
        for Opening { index, gamma, value, proof } in openings {
            call.extend([&index[..], gamma, value, proof].concat());
        }
    }
    call
}

pub fn check_pairs(pairs: &[[[u8; 32]; 4]], transcript: [u8; 32]) -> Vec<u8> {
    let mut call = selector(CHECK_PAIRS).to_vec();
    call.extend(word(64));
    call.extend(transcript);
    call.extend(word(pairs.len()));
    pairs.iter().flatten().for_each(|word| call.extend(word));
    call
}

/// The name of the error that it reverted with, arguments left out.
pub fn error(revert: &[u8]) -> Option<&'static str> {
    let signature = ERRORS.into_iter().find(|error| revert.starts_with(&selector(error)))?;
    let (name, arguments) = signature.split_once('(')?;
    (revert.len() == 4 + 32 * arguments.matches("uint256").count()).then_some(name)
}
