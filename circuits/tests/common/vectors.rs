//! The vectors of the reference model, and the inputs that they give by rule.

use std::path::PathBuf;

use apportion_circuits::{
    field::{SuiteField, from_bytes},
    types::{ContentDigest, Payee, Record, Tier},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

pub(crate) fn load(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(directory().join(name)).unwrap()).unwrap()
}

/// The cases of a list, of which there must be `count` for this suite where the list is by suite.
pub(crate) fn cases<F: SuiteField>(list: &Value, count: usize) -> Vec<&Value> {
    let cases: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["suite"].as_str().is_none_or(|suite| suite == F::SUITE.name()))
        .collect();
    assert_eq!(cases.len(), count);
    cases
}

pub(crate) fn word(value: &Value) -> [u8; 32] {
    let mut bytes = [0; 32];
    hex::decode_to_slice(value.as_str().unwrap().strip_prefix("0x").unwrap(), &mut bytes).unwrap();
    bytes
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap().strip_prefix("0x").unwrap()).unwrap()
}

pub(crate) fn element<F: SuiteField>(value: &Value) -> F {
    from_bytes(&word(value)).unwrap()
}

pub(crate) fn element_list<F: SuiteField>(values: &Value) -> Vec<F> {
    values.as_array().unwrap().iter().map(element).collect()
}

pub(crate) fn elements<F: SuiteField, const N: usize>(values: &Value) -> [F; N] {
    element_list(values).try_into().unwrap()
}

pub(crate) fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap()
}

pub(crate) fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(values: &Value) -> Vec<T> {
    values.as_array().unwrap().iter().map(number).collect()
}

pub(crate) fn index(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

pub(crate) fn tier(case: &Value) -> Tier {
    Tier::from_slots(index(&case["tier"])).unwrap()
}

// Inputs by rule.

pub(crate) fn digest(text: &str, i: usize) -> [u8; 32] {
    Sha256::digest(format!("{text}{i}")).into()
}

pub(crate) fn leading(text: &str, i: usize, bytes: usize) -> u128 {
    digest(text, i)[..bytes].iter().fold(0, |acc, byte| acc << 8 | u128::from(*byte))
}

pub(crate) fn payee(i: usize) -> Payee {
    Payee(digest("payee", i)[..20].try_into().unwrap())
}

pub(crate) fn records(count: usize) -> Vec<Record> {
    (0..count).map(record).collect()
}

pub(crate) fn record(i: usize) -> Record {
    Record { payee: payee(i), content: ContentDigest(digest("content", i)) }
}

pub(crate) fn list_digest(numbers: &[u128]) -> String {
    let text: Vec<String> = numbers.iter().map(u128::to_string).collect();
    hex::encode(Sha256::digest(text.join(",")))
}
