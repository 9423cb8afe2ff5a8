//! Why a contract refused, in words: revert data as the name of the error, its arguments, what it means and what to do.

use std::{collections::BTreeMap, sync::OnceLock};

use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_sol_types::{Panic, Revert, SolError, SolValue as _};
use serde::Deserialize;

use crate::remedies;

/// The artifacts whose errors are known: everything that a transaction of ours can run into.
const ARTIFACTS: &[&str] = &[
    include_str!("../../../contracts/artifacts/RevenueLedger.json"),
    include_str!("../../../contracts/artifacts/Models.json"),
    include_str!("../../../contracts/artifacts/Epochs.json"),
    include_str!("../../../contracts/artifacts/Claims.json"),
    include_str!("../../../contracts/artifacts/Demands.json"),
    include_str!("../../../contracts/artifacts/Exits.json"),
    include_str!("../../../contracts/artifacts/DatasetRegistry.json"),
    include_str!("../../../contracts/artifacts/RecordTree.json"),
    include_str!("../../../contracts/generated/OpeningVerifier.json"),
    include_str!("../../../contracts/generated/Split64Verifier.json"),
    // Of the libraries that contracts and tokens are built with.
    r#"{ "abi": [
        { "type": "error", "name": "ReentrancyGuardReentrantCall", "inputs": [] },
        { "type": "error", "name": "SafeERC20FailedOperation", "inputs": [{ "name": "token", "type": "address" }] },
        { "type": "error", "name": "ERC20InsufficientBalance", "inputs": [{ "name": "sender", "type": "address" },
            { "name": "balance", "type": "uint256" }, { "name": "needed", "type": "uint256" }] },
        { "type": "error", "name": "ERC20InsufficientAllowance", "inputs": [{ "name": "spender", "type": "address" },
            { "name": "allowance", "type": "uint256" }, { "name": "needed", "type": "uint256" }] },
        { "type": "error", "name": "ERC20InvalidSender", "inputs": [{ "name": "sender", "type": "address" }] },
        { "type": "error", "name": "ERC20InvalidReceiver", "inputs": [{ "name": "receiver", "type": "address" }] },
        { "type": "error", "name": "ERC20InvalidApprover", "inputs": [{ "name": "approver", "type": "address" }] },
        { "type": "error", "name": "ERC20InvalidSpender", "inputs": [{ "name": "spender", "type": "address" }] }
    ] }"#,
];

#[derive(Deserialize)]
struct Artifact {
    abi: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    inputs: Vec<Input>,
}

#[derive(Clone, Deserialize)]
struct Input {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

struct Known {
    name: String,
    inputs: Vec<Input>,
}

fn known() -> &'static BTreeMap<[u8; 4], Known> {
    static KNOWN: OnceLock<BTreeMap<[u8; 4], Known>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let artifacts = ARTIFACTS.iter().filter_map(|text| serde_json::from_str::<Artifact>(text).ok());
        let errors = artifacts.flat_map(|artifact| artifact.abi).filter(|entry| entry.kind == "error");
        errors
            .map(|Entry { name, inputs, .. }| {
                let types: Vec<_> = inputs.iter().map(|input| input.kind.as_str()).collect();
                let hash = keccak256(format!("{name}({})", types.join(",")));
                let [a, b, c, d, ..] = hash.0;
                ([a, b, c, d], Known { name, inputs })
            })
            .collect()
    })
}

/// What revert data says: `WrongEpoch { expected: 2, given: 1 }: what it means. To do: what to do`. Data that names no error
/// of these contracts is shown as it is.
pub fn reason(data: &[u8]) -> String {
    if data.is_empty() {
        return "no reason given".into();
    }
    if let Ok(Revert { reason }) = Revert::abi_decode(data) {
        return format!("{reason:?}");
    }
    if let Ok(panic) = Panic::abi_decode(data) {
        return panic.to_string();
    }
    named(data).unwrap_or_else(|| format!("0x{}", hex::encode(data)))
}

fn named(data: &[u8]) -> Option<String> {
    let (selector, rest) = data.split_first_chunk::<4>()?;
    let Known { name, inputs } = known().get(selector)?;
    // A proof's or opening's own verifier says why; else errors of these contracts have values of one word only.
    if let ([Input { kind, .. }], Ok((inner,))) = (inputs.as_slice(), <(Bytes,)>::abi_decode_params(rest))
        && kind == "bytes"
    {
        return Some(format!(
            "{name}: {}",
            named(&inner).unwrap_or_else(|| format!("0x{}", hex::encode(&inner)))
        ));
    }
    if rest.len() != 32 * inputs.len() {
        return None;
    }
    let words = rest.chunks(32).map(U256::from_be_slice);
    let listed: Vec<_> = inputs
        .iter()
        .zip(words)
        .map(|(input, word)| format!("{}: {}", input.name, shown(input, word)))
        .collect();
    let listed = if listed.is_empty() { String::new() } else { format!(" {{ {} }}", listed.join(", ")) };
    let remedy = remedies::of(name);
    let remedy =
        remedy.map(|(_, meaning, remedy)| format!(": {meaning}. To do: {remedy}")).unwrap_or_default();
    Some(format!("{name}{listed}{remedy}"))
}

fn shown(input: &Input, word: U256) -> String {
    match input.kind.as_str() {
        "address" => Address::from_word(word.into()).to_string(),
        kind if kind.starts_with("bytes") => format!("0x{}", hex::encode(word.to_be_bytes::<32>())),
        "bool" => (!word.is_zero()).to_string(),
        _ => word.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use alloy_sol_types::SolError;

    use super::*;
    use crate::abi::{IDatasetRegistry as registry, IOpeningVerifier as openings};

    #[test]
    fn revert_data_is_named() {
        assert_eq!(reason(&[]), "no reason given");
        let nothing = reason(&registry::NothingToProve {}.abi_encode());
        assert!(nothing.starts_with("NothingToProve: the list of proofs is empty. To do: "), "{nothing}");
        let wrong = registry::WrongRevision { newest: U256::from(2), given: U256::from(1) };
        let wrong = reason(&wrong.abi_encode());
        assert!(wrong.starts_with("WrongRevision { newest: 2, given: 1 }: the registry's newest"), "{wrong}");
        let invalid = reason(&openings::Invalid {}.abi_encode());
        assert!(invalid.starts_with("Invalid: a proof or opening does not hold"), "{invalid}");
        // A verifier's own reason stands in for that of the contract that asked it.
        let data = [
            &keccak256("ProofRejected(bytes)")[..4],
            &(Bytes::from(openings::Invalid {}.abi_encode()),).abi_encode_params(),
        ];
        let rejected = reason(&data.concat());
        assert!(rejected.starts_with("ProofRejected: Invalid: a proof or opening"), "{rejected}");
        assert_eq!(reason(&Revert::from("too \"late\"").abi_encode()), "\"too \\\"late\\\"\"");
    }

    #[test]
    fn anything_else_is_shown_as_it_is() {
        assert_eq!(reason(&[1, 2, 3]), "0x010203");
        assert_eq!(reason(&[0xff; 8]), "0xffffffffffffffff");
        // A known selector without its arguments.
        let wrong = registry::WrongRevision { newest: U256::from(2), given: U256::from(1) };
        let short = &wrong.abi_encode()[..8];
        assert_eq!(reason(short), format!("0x{}", hex::encode(short)));
    }

    #[test]
    fn every_artifact_is_read() {
        for text in ARTIFACTS {
            assert!(serde_json::from_str::<Artifact>(text).is_ok());
        }
        assert!(known().len() > 20);
    }
}
