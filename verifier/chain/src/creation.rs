//! How contracts come to be: an address that says what created what is there.
//!
//! What a contract returns as its code says nothing about what its creation wrote into its storage beforehand. So the
//! registry and the ledger are created by the deterministic deployment proxy: the address is a digest of the creation code
//! with its arguments, and who knows these knows that nothing else ran. It also means that one configuration has one
//! address on a chain, whoever deploys it.

use alloy_primitives::{B256, U256, hex, keccak256};
use alloy_sol_types::SolValue;
use apportion_circuits::types::{Payee, Tier};

use crate::abi::{VerifierOf, address, payee};

/// Where the deterministic deployment proxy is, on every chain that has it.
pub const PROXY: Payee = Payee(hex!("4e59b44847b379578588920cA78FbF26c0B4956C"));

/// Its code. It takes a salt and creation code, and has no storage and no owner.
pub const PROXY_CODE: [u8; 69] = hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// The salt of every contract of ours.
const SALT: B256 = B256::ZERO;

/// The address of what this code creates, its constructor's arguments appended.
pub fn created_at(creation: &[u8]) -> Payee {
    payee(address(PROXY).create2(SALT, keccak256(creation)))
}

/// What the proxy is sent to create it.
pub fn calldata(creation: &[u8]) -> Vec<u8> {
    [SALT.as_slice(), creation].concat()
}

/// The registry's constructor's arguments.
pub fn registry_arguments(openings: Payee, trees: &[(Tier, Payee)]) -> Vec<u8> {
    (address(openings), verifiers(trees)).abi_encode_params()
}

/// The ledger's constructor's arguments.
pub fn ledger_arguments(
    registry: Payee,
    openings: Payee,
    splits: &[(Tier, Payee)],
    max_bond: u128,
) -> Vec<u8> {
    (address(registry), address(openings), verifiers(splits), U256::from(max_bond)).abi_encode_params()
}

/// By slots: another order would be another configuration.
fn verifiers(list: &[(Tier, Payee)]) -> Vec<VerifierOf> {
    let mut ordered = list.to_vec();
    ordered.sort_unstable_by_key(|(tier, _)| *tier);
    let of = |(tier, at): (Tier, Payee)| VerifierOf { slots: tier.slots() as u32, verifier: address(at) };
    ordered.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructors_take_their_arguments_in_order() {
        let at = |n: u8| Payee([n; 20]);
        let encoded = hex::encode(ledger_arguments(at(1), at(2), &[(Tier::T64, at(3))], 5));
        let words: Vec<&str> = (0..encoded.len() / 64).map(|n| &encoded[64 * n..64 * n + 64]).collect();
        assert!(words[0].ends_with(&"01".repeat(20)) && words[1].ends_with(&"02".repeat(20)));
        assert!(words[3].ends_with('5') && words[5].ends_with("40") && words[6].ends_with(&"03".repeat(20)));
        let two = [(Tier::T1024, at(4)), (Tier::T64, at(3))];
        let swapped = [two[1], two[0]];
        assert_eq!(registry_arguments(at(2), &two), registry_arguments(at(2), &swapped));
    }

    /// The first example of EIP-1014: deployer 0, salt 0, code 00.
    #[test]
    fn addresses_follow_from_creation_code() {
        let of = |code: &[u8]| address(Payee([0; 20])).create2(SALT, keccak256(code));
        assert_eq!(of(&[0]), alloy_primitives::address!("4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"));
        assert_ne!(created_at(&[0]), created_at(&[1]));
        assert_eq!(calldata(&[7])[31..], [0, 7]);
    }
}
